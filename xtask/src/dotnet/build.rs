//! C# built and tested with Mono, whose API is that of .NET Framework: the assembly, its tests, the
//! reader of transcripts and the examples, each compiled by `mcs`.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::c::{Layout, run, work_folder};
use crate::ledgers::empty_folder;
use crate::tools::{ensure, install};
use crate::{root, transcript};

/// What is compiled of which folders and files.
const LIBRARY: &[&str] = &["bindings/dotnet/src"];
const READERS: &[&str] = &["Api", "Builder", "Json", "Written"];
const TESTS: &[&str] = &["BookTests", "NamesTests", "RefusalTests"];

/// The folder in which a till may well stand.
const TILL_FOLDER: &str = "Программы/Касса [Алмаз]";

/// The assembly beside the native library.
pub struct Built {
    folder: PathBuf,
    native: PathBuf,
}

impl Built {
    /// Builds both; tools that are missing are installed where that is allowed.
    pub fn make(release: bool) -> Result<Built> {
        ensure(&[
            ("mcs", "mono-mcs"),
            ("mono", "mono-runtime"),
            ("nunit-console", "nunit-console"),
        ])?;
        let layout = Layout::make(&work_folder()?, release, "")?;
        let folder = work_folder()?.with_file_name("dotnet");
        let native = folder.join("x64").join("libkopilka.so");
        fs::create_dir_all(folder.join("x64"))?;
        fs::copy(layout.shared(), &native)?;
        let built = Built { folder, native };
        // What an SDK makes of the project file.
        let version = built.folder.join("AssemblyInfo.cs");
        let number = concat!(env!("CARGO_PKG_VERSION"), ".0");
        let attributes = ["AssemblyVersion", "AssemblyFileVersion"]
            .map(|name| format!("[assembly: System.Reflection.{name}(\"{number}\")]\n"));
        fs::write(&version, attributes.concat())?;
        let mut all = sources(LIBRARY)?;
        all.push(version);
        built.compile("Kopilka.dll", &all, &["-unsafe", "-doc:Kopilka.xml"])?;
        Ok(built)
    }

    /// Compiles sources; a warning is an error.
    fn compile(&self, name: &str, sources: &[PathBuf], options: &[&str]) -> Result<()> {
        let kind = if name.ends_with(".exe") { "exe" } else { "library" };
        let mut command = Command::new("mcs");
        command.args(["-langversion:7", "-warnaserror", "-optimize+"]).args(options);
        command.arg(format!("-target:{kind}")).arg(format!("-out:{name}"));
        command.args(sources).current_dir(&self.folder);
        run(&mut command)?;
        Ok(())
    }

    /// Compiles a program that uses the assembly.
    fn program(&self, name: &str, sources: &[PathBuf]) -> Result<()> {
        self.compile(name, sources, &["-reference:Kopilka.dll"])
    }

    /// Runs a program of the folder, and gives what it prints.
    fn run(&self, name: &str, arguments: &[&OsStr]) -> Result<String> {
        run(mono(&self.folder.join(name)).args(arguments))
    }
}

/// The part of `test` that is about C#.
pub fn test() -> Result<bool> {
    if !cfg!(target_os = "linux") {
        println!("skipped: C# is tested with Mono on Linux alone");
        return Ok(true);
    }
    let built = Built::make(false)?;
    if !unit_tests(&built)? {
        return Ok(false);
    }
    found_beside_the_assembly(&built)?;
    readme(&built)?;
    examples(&built)?;
    let vectors = transcript::of_all()?;
    read_transcripts(&built, &[vectors])
}

/// `cargo xtask dotnet --bench`: the same quotes in Rust, through the C functions and in C#, one after
/// the other, of the library as it is shipped.
pub fn bench() -> Result<bool> {
    let built = Built::make(true)?;
    let world = built.folder.join("world");
    fs::create_dir_all(&world)?;
    let mut writer = Command::new("cargo");
    writer.args(["run", "--quiet", "--release", "--package", "benches", "--bin", "door-world"]);
    run(writer.arg(&world))?;
    let mut sources = tests(READERS);
    sources.push(root().join("bindings/dotnet/benchmark/Quotes.cs"));
    built.program("Quotes.exe", &sources)?;
    let mut doors = Command::new("cargo");
    doors.args(["bench", "--package", "benches", "--bench", "door", "--profile", "shipped"]);
    if !doors.status().context("cargo cannot be started")?.success() {
        return Ok(false);
    }
    print!("{}", built.run("Quotes.exe", &[world.as_os_str()])?);
    Ok(true)
}

/// Reads transcripts: `cargo xtask conformance --lang dotnet`. False if an answer differs.
pub fn transcripts(files: &[PathBuf]) -> Result<bool> {
    read_transcripts(&Built::make(false)?, files)
}

fn read_transcripts(built: &Built, files: &[PathBuf]) -> Result<bool> {
    let mut read = tests(READERS);
    read.extend(tests(&["Transcripts"]));
    built.program("Conformance.exe", &read)?;
    let mut runner = mono(&built.folder.join("Conformance.exe"));
    let status = runner.args(files).current_dir(empty_folder()?).status()?;
    Ok(status.success())
}

fn unit_tests(built: &Built) -> Result<bool> {
    let mut all = tests(READERS);
    all.extend(tests(TESTS));
    let framework = format!("-reference:{}", nunit()?.display());
    built.compile("Kopilka.Tests.dll", &all, &["-reference:Kopilka.dll", &framework])?;
    let status = Command::new("nunit-console")
        .args(["-nologo", "-xml=TestResult.xml", "Kopilka.Tests.dll"])
        .env("KOPILKA_ROOT", root())
        .current_dir(&built.folder)
        .status()
        .context("nunit-console cannot be started")?;
    Ok(status.success())
}

/// Where Debian puts the framework of the tests.
fn nunit() -> Result<PathBuf> {
    let folder = Path::new("/usr/lib/mono/gac/nunit.framework");
    if !folder.exists() {
        install(&["libnunit-cil-dev"])?;
    }
    let entries = fs::read_dir(folder).context("nunit is not installed")?;
    let mut found: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path().join("nunit.framework.dll")))
        .filter(|path| path.exists())
        .collect();
    found.sort();
    found.pop().context("nunit.framework.dll is nowhere in its package")
}

/// The native library is found in each place that it may have, and where it is in none, one sentence
/// says where it was looked for.
fn found_beside_the_assembly(built: &Built) -> Result<()> {
    built.program("Loading.exe", &tests(&["Loading"]))?;
    let till = built.folder.join(TILL_FOLDER);
    for place in ["x64", "runtimes/linux-x64/native", "."] {
        let _ = fs::remove_dir_all(&till);
        fs::create_dir_all(&till)?;
        fs::create_dir_all(till.join(place))?;
        for file in ["Kopilka.dll", "Loading.exe"] {
            fs::copy(built.folder.join(file), till.join(file))?;
        }
        fs::copy(&built.native, till.join(place).join("libkopilka.so"))?;
        let said = run(&mut mono(&till.join("Loading.exe")))?;
        if said.trim() != "opened shop" {
            bail!("with the library in {place}: {said}");
        }
    }
    fs::remove_file(till.join("libkopilka.so"))?;
    let output = mono(&till.join("Loading.exe")).output()?;
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let named =
        [format!("{TILL_FOLDER}/x64/libkopilka.so"), format!("{TILL_FOLDER}/libkopilka.so")];
    let sentence = output.status.code() == Some(3) && said.lines().count() == 1;
    if !sentence || !named.iter().all(|place| said.contains(place)) {
        bail!("a missing library is told so: {said}");
    }
    println!("the native library is found in 3 places of {TILL_FOLDER}, and missed with: {said}");
    Ok(())
}

/// The first sample of the README, as it stands there.
fn readme(built: &Built) -> Result<()> {
    let readme = fs::read_to_string(root().join("bindings/dotnet/README.md"))?;
    let sample = readme.split("```csharp\n").nth(1).and_then(|rest| rest.split("```").next());
    let sample = sample.context("the README has no sample")?;
    let folder = built.folder.join("readme");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder)?;
    let source = folder.join("Sample.cs");
    let around = "using System;\nusing System.IO;\nusing Kopilka;\n\nstatic class Sample\n{\n\
                  static void Main()\n{\n";
    fs::write(&source, format!("{around}{sample}}}\n}}\n"))?;
    built.program("Sample.exe", &[source])?;
    fs::copy(root().join("presets/six-stores.json"), folder.join("six-stores.json"))?;
    let said = run(mono(&built.folder.join("Sample.exe")).current_dir(&folder))?;
    println!("{said}");
    if !said.contains("ИТОГО                   822,00") {
        bail!("the sample of the README prints no slip");
    }
    Ok(())
}

/// The examples, with the ledger in such a folder, too.
fn examples(built: &Built) -> Result<()> {
    let preset = root().join("presets/six-stores.json");
    for (name, folder, last) in [
        ("Till.exe", "examples/dotnet/till", "К ВОЗВРАТУ"),
        ("Plugin.exe", "examples/dotnet/plugin", "after the restart the payment is completed"),
    ] {
        built.program(name, &sources(&[folder])?)?;
        let work = built.folder.join(format!("{TILL_FOLDER}/{name}-files"));
        let _ = fs::remove_dir_all(&work);
        fs::create_dir_all(&work)?;
        let said = built.run(name, &[preset.as_os_str(), work.as_os_str()])?;
        println!("{said}");
        if !said.contains(last) {
            bail!("{name} did not come to `{last}`");
        }
    }
    Ok(())
}

fn mono(program: &Path) -> Command {
    let mut command = Command::new("mono");
    command.arg(program).env("KOPILKA_ROOT", root());
    command
}

fn tests(names: &[&str]) -> Vec<PathBuf> {
    let folder = root().join("bindings/dotnet/tests");
    names.iter().map(|name| folder.join(format!("{name}.cs"))).collect()
}

/// Every source below some folders, in order.
fn sources(folders: &[&str]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for folder in folders {
        collect(&root().join(folder), &mut found)?;
    }
    found.sort();
    Ok(found)
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("{}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, found)?;
        } else if path.extension() == Some(OsStr::new("cs")) {
            found.push(path);
        }
    }
    Ok(())
}
