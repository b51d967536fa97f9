//! What tests in other languages need of the machine: installed where it is missing and may be.

use std::process::Command;

use anyhow::{Context, Result, bail};

/// A program with the Debian package that has it.
pub type Tool = (&'static str, &'static str);

/// Sees to it that every program is there.
pub fn ensure(tools: &[Tool]) -> Result<()> {
    let missing: Vec<&Tool> = tools.iter().filter(|(tool, _)| !is_there(tool)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<&str> = missing.iter().map(|(_, package)| *package).collect();
    install(&packages)?;
    match missing.iter().find(|(tool, _)| !is_there(tool)) {
        Some((tool, package)) => bail!("`{tool}` is not there although {package} is installed"),
        None => Ok(()),
    }
}

/// Installs Debian packages.
pub fn install(packages: &[&str]) -> Result<()> {
    println!("installing {}", packages.join(", "));
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
        command.output().context("there is no apt-get here")
    };
    // A new machine has no lists of packages yet. Where this fails, the old ones may do.
    apt(&["update", "-qq"])?;
    let mut arguments = vec!["install", "-y", "-qq"];
    arguments.extend(packages);
    let installed = apt(&arguments)?;
    if !installed.status.success() {
        let why = String::from_utf8_lossy(&installed.stderr);
        bail!("install the packages {}: {}", packages.join(", "), why.trim());
    }
    Ok(())
}

/// Whether a program can be run.
pub fn is_there(tool: &str) -> bool {
    Command::new(tool).arg("--version").output().is_ok_and(|output| output.status.success())
}
