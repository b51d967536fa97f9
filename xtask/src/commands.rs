//! What each command runs.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::parts::{Part, Work};
use crate::{c, conformance, coverage, dotnet, generate, transcript};

/// The parts of `lint`.
pub fn lint() -> Vec<Part> {
    let format = &["cargo", "fmt", "--all", "--check"];
    let clippy = &["cargo", "clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"];
    let doc = Work::Run {
        line: &["cargo", "doc", "--workspace", "--no-deps"],
        environment: vec![("RUSTDOCFLAGS", "--deny warnings".to_owned())],
    };
    vec![
        Part { name: "format", work: line(format) },
        Part { name: "clippy", work: line(clippy) },
        Part { name: "doc", work: doc },
    ]
}

/// The parts of `test`.
pub fn test(quick: bool) -> Vec<Part> {
    let tests = if quick {
        Work::Run {
            line: &[
                "cargo",
                "test",
                "--workspace",
                "--no-fail-fast",
                "--lib",
                "--bins",
                "--tests",
                "--examples",
            ],
            environment: vec![("PROPTEST_CASES", "32".to_owned())],
        }
    } else {
        line(&["cargo", "test", "--workspace", "--no-fail-fast", "--all-targets"])
    };
    vec![
        Part { name: "tests", work: tests },
        Part { name: "doc tests", work: line(&["cargo", "test", "--workspace", "--doc"]) },
        Part { name: "conformance", work: Work::Own(self::conformance) },
        Part { name: "C", work: Work::Own(c::test) },
        Part { name: "C#", work: Work::Own(dotnet::test) },
        Part { name: "freshness", work: Work::Own(generate::check) },
    ]
}

/// The parts of `ci`.
pub fn ci() -> Vec<Part> {
    let mut parts = lint();
    parts.extend(test(false));
    parts
}

/// A long suite: its name, the variable that says how much of it runs, how much that is if nothing is
/// said, and where its tests are.
type Suite = (&'static str, &'static str, u64, &'static [&'static str]);

/// The line that runs tests in release.
macro_rules! tests {
    ($($word:literal),*) => { &["cargo", "test", "--release", $($word),*] };
}

/// What takes hours. A tenth of it is left with `--quick`. What a suite prints says how much it did.
const SUITES: [Suite; 7] = [
    (
        "model",
        "KOPILKA_MODEL_SEQUENCES",
        100_000,
        tests!("-p", "kopilka-store", "--test", "model", "--", "--nocapture"),
    ),
    (
        "crashes",
        "KOPILKA_CRASH_WORKLOADS",
        200,
        tests!("-p", "kopilka-store", "--test", "crashes", "--", "--nocapture"),
    ),
    (
        "kills",
        "KOPILKA_KILLS",
        500,
        tests!("-p", "kopilka-store", "--test", "processes", "--", "--nocapture", "killed"),
    ),
    (
        "till kills",
        "KOPILKA_TILL_KILLS",
        500,
        tests!("-p", "till", "--test", "killed", "--", "--nocapture"),
    ),
    (
        "bit flips",
        "KOPILKA_FLIPS",
        // More than the small ledger of the test has: all of them.
        100_000_000,
        tests!("-p", "kopilka-store", "--test", "files_of_ledgers", "--", "--nocapture", "flipped"),
    ),
    (
        "merges",
        "KOPILKA_MERGES",
        5_000,
        tests!("-p", "kopilka-store", "--lib", "--", "--nocapture", "merge::"),
    ),
    (
        "walks",
        "KOPILKA_WALKS",
        100_000,
        tests!("-p", "kopilka", "--lib", "--", "--nocapture", "calendar::walk"),
    ),
];

/// The parts of `torture`.
pub fn torture(quick: bool) -> Vec<Part> {
    let part = |(name, variable, number, line): Suite| {
        let number = if quick { number / 10 } else { number };
        // What the caller says goes before.
        let number = std::env::var(variable).unwrap_or_else(|_| number.to_string());
        Part { name, work: Work::Run { line, environment: vec![(variable, number)] } }
    };
    SUITES.map(part).into()
}

fn line(line: &'static [&'static str]) -> Work {
    Work::Run { line, environment: Vec::new() }
}

/// Where vectors are.
pub const VECTORS: [&str; 3] = ["conformance", "docs/examples", "presets/samples"];

/// A language in which the vectors run too.
#[derive(Clone, Copy, clap::ValueEnum)]
pub enum Tongue {
    /// C, by `ffi/tests/transcript.c`
    C,
    /// C#, by `bindings/dotnet/tests/Transcripts.cs`
    Dotnet,
}

/// The vectors of some folders, or all, in another language: what Rust answers is written down, and
/// compared there.
pub fn conformance_in(tongue: Tongue, folders: &[PathBuf]) -> Result<bool> {
    let transcript = match folders {
        [] => transcript::of_all()?,
        some => transcript::write(some)?,
    };
    match tongue {
        Tongue::C => c::transcripts(&[transcript]),
        Tongue::Dotnet => dotnet::transcripts(&[transcript]),
    }
}

/// Every conformance vector, every example of the reference page, every sample day of a preset, and whether the vectors name
/// everything that a programme may say.
pub fn conformance() -> Result<bool> {
    let folders = VECTORS.map(PathBuf::from);
    let passed = conformance::run(&folders)?;
    let [vectors, _, _] = folders;
    Ok(coverage::run(&[vectors])? && passed)
}

/// The benchmarks of the whole workspace.
pub fn bench(arguments: &[String]) -> Result<bool> {
    let mut command = Command::new("cargo");
    command.args(["bench", "--workspace", "--bench", "*"]);
    if !arguments.is_empty() {
        command.arg("--").args(arguments);
    }
    succeeds(&mut command)
}

/// Fuzzes one target or each in turn.
pub fn fuzz(minutes: u32, target: Option<&str>) -> Result<bool> {
    let known = fuzz_targets(Path::new("fuzz/fuzz_targets"))?;
    let targets = match target {
        None => known,
        Some(target) if known.iter().any(|name| name == target) => vec![target.to_owned()],
        Some(target) => bail!("`{target}` is no fuzz target; the targets are {}", known.join(", ")),
    };
    install_cargo_fuzz()?;
    let limit = format!("-max_total_time={}", u64::from(minutes) * 60);
    for target in targets {
        println!("\n== {target} ==");
        let line = ["+nightly", "fuzz", "run", &target, "--", &limit];
        if !succeeds(Command::new("cargo").args(line))? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The targets by name: one for each Rust file in the folder.
fn fuzz_targets(folder: &Path) -> Result<Vec<String>> {
    let entries = fs::read_dir(folder)
        .with_context(|| format!("there are no fuzz targets in {}", folder.display()))?;
    let mut targets = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension() == Some(OsStr::new("rs"))
            && let Some(name) = path.file_stem().and_then(OsStr::to_str)
        {
            targets.push(name.to_owned());
        }
    }
    if targets.is_empty() {
        bail!("there are no fuzz targets in {}", folder.display());
    }
    targets.sort();
    Ok(targets)
}

fn install_cargo_fuzz() -> Result<()> {
    let found = Command::new("cargo").args(["+nightly", "fuzz", "--version"]).output()?;
    if found.status.success() {
        return Ok(());
    }
    println!("cargo-fuzz is not there: installing it");
    if !succeeds(Command::new("cargo").args(["install", "cargo-fuzz", "--locked"]))? {
        bail!("cargo-fuzz could not be installed; a nightly toolchain and a network are needed");
    }
    Ok(())
}

fn succeeds(command: &mut Command) -> Result<bool> {
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command
        .status()
        .with_context(|| format!("`{program}` cannot be started; is it installed?"))?;
    Ok(status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quick_torture_is_a_tenth_of_each_suite() {
        let number = |part: &Part| match &part.work {
            Work::Run { environment, .. } => environment[0].1.parse::<u64>().unwrap(),
            Work::Own(_) => panic!("{} is no suite", part.name),
        };
        let (whole, quick) = (torture(false), torture(true));
        assert_eq!(whole.len(), 7);
        for (whole, quick) in whole.iter().zip(&quick) {
            assert_eq!(number(whole), number(quick) * 10, "{}", whole.name);
        }
        assert_eq!(number(&whole[2]), 500);
    }
}
