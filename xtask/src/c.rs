//! The C library: laid out as it is installed, and tested by programs in C.
//!
//! What is tested is what a C host gets: the shared library, the header and the pkg-config file in a
//! folder of their own. The programs are built twice, for the sanitizers and for valgrind, since
//! neither finds what the other does in code that it did not compile.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result, bail};
use kopilka::json::Node;

use crate::ledgers::empty_folder;
use crate::tools::ensure;
use crate::{root, tools, transcript};

/// The library, its header and what finds them.
pub struct Layout {
    folder: PathBuf,
}

/// What a build makes of the crate.
struct Built {
    shared: PathBuf,
    archive: PathBuf,
}

/// What the sanitizers are to find, and how.
const SANITIZERS: [&str; 4] =
    ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer", "-O1"];

const WARNINGS: [&str; 5] = ["-std=c11", "-pedantic", "-Wall", "-Wextra", "-Werror"];

impl Layout {
    /// Builds the library and lays it out in a folder.
    pub fn make(folder: &Path, release: bool, features: &str) -> Result<Layout> {
        let built = build(release, features)?;
        let library = folder.join("lib");
        fs::create_dir_all(library.join("pkgconfig"))?;
        fs::create_dir_all(folder.join("include"))?;
        let (name, names) = shared_names();
        let shared = library.join(name);
        fs::copy(&built.shared, &shared).context("the shared library is not there")?;
        for link in names {
            let link = library.join(link);
            let _ = fs::remove_file(&link);
            #[cfg(unix)]
            std::os::unix::fs::symlink(name, &link)?;
            #[cfg(not(unix))]
            fs::copy(&shared, &link)?;
        }
        fs::copy(&built.archive, library.join("libkopilka.a"))?;
        fs::copy("ffi/include/kopilka.h", folder.join("include/kopilka.h"))?;
        let form = fs::read_to_string("ffi/kopilka.pc.in")?;
        let described = form.replace("@VERSION@", env!("CARGO_PKG_VERSION"));
        fs::write(library.join("pkgconfig/kopilka.pc"), described)?;
        Ok(Layout { folder: fs::canonicalize(folder)? })
    }

    pub fn shared(&self) -> PathBuf {
        self.folder.join("lib").join(shared_names().0)
    }

    /// Builds a program with the shared library.
    fn program(&self, source: &str, name: &str, options: &[&str]) -> Result<PathBuf> {
        let program = self.folder.join(name);
        let mut command = Command::new("cc");
        command.args(WARNINGS).arg("-g").args(options).arg(source).arg("-o").arg(&program);
        command.arg("-I").arg(self.folder.join("include"));
        command.arg("-L").arg(self.folder.join("lib")).args(["-lkopilka", "-pthread"]);
        command.arg(format!("-Wl,-rpath,{}", self.folder.join("lib").display()));
        run(&mut command)?;
        Ok(program)
    }
}

/// `cargo xtask c`: the library in a folder, ready to be installed or packed.
pub fn lay_out(folder: &Path, release: bool) -> Result<bool> {
    let layout = Layout::make(folder, release, "")?;
    let shared = layout.shared();
    let size = fs::metadata(&shared)?.len();
    println!("{} has {size} bytes", shared.display());
    Ok(true)
}

/// The part of `test` that is about C.
pub fn test() -> Result<bool> {
    if !cfg!(target_os = "linux") {
        println!("skipped: the sanitizers and valgrind are used on Linux alone");
        return Ok(true);
    }
    ensure(&[
        ("cc", "gcc"),
        ("nm", "binutils"),
        ("pkg-config", "pkg-config"),
        ("valgrind", "valgrind"),
    ])?;
    let layout = Layout::make(&work_folder()?, false, "panic-verb")?;
    symbols(&layout)?;
    header(&layout)?;
    sanitized(&layout)?;
    under_valgrind(&layout)?;
    linked_statically(&layout)?;
    examples(&layout)?;
    Ok(true)
}

/// Reads transcripts in C: `cargo xtask conformance --lang c`. False if an answer differs.
pub fn transcripts(files: &[PathBuf]) -> Result<bool> {
    ensure(&[("cc", "gcc")])?;
    let layout = Layout::make(&work_folder()?, false, "")?;
    let program = layout.program("ffi/tests/transcript.c", "transcript", &["-O1"])?;
    let mut runner = Command::new(program);
    let status = runner.args(files).current_dir(empty_folder()?).status();
    let status = status.context("the runner cannot start")?;
    Ok(status.success())
}

/// The shared library exports what the header declares, and nothing else.
fn symbols(layout: &Layout) -> Result<()> {
    let mut nm = Command::new("nm");
    let listed = run(nm.args(["-D", "--defined-only", "--format=posix"]).arg(layout.shared()))?;
    let exported: BTreeSet<&str> =
        listed.lines().filter_map(|line| line.split(' ').next()).collect();
    let header = fs::read_to_string("ffi/include/kopilka.h")?;
    let declared = declared(&header);
    if exported != declared {
        let more: Vec<_> = exported.difference(&declared).collect();
        let fewer: Vec<_> = declared.difference(&exported).collect();
        bail!("exported but not declared: {more:?}; declared but not exported: {fewer:?}");
    }
    println!("{} functions are exported, and nothing else", exported.len());
    Ok(())
}

/// The functions of the header.
fn declared(header: &str) -> BTreeSet<&str> {
    let code = header.lines().filter(|line| !line.starts_with("//") && !line.starts_with(' '));
    code.filter_map(|line| {
        let (before, _) = line.split_once('(')?;
        let name = before.rsplit([' ', '*']).next()?;
        name.starts_with("kopilka_").then_some(name)
    })
    .collect()
}

/// The header alone is C99, and C++.
fn header(layout: &Layout) -> Result<()> {
    let header = layout.folder.join("include/kopilka.h");
    let check = ["-fsyntax-only", "-pedantic", "-Wall", "-Wextra", "-Werror"];
    run(Command::new("cc").args(check).args(["-std=c99", "-x", "c"]).arg(&header))?;
    if tools::is_there("c++") {
        run(Command::new("c++").args(check).args(["-std=c++11", "-x", "c++"]).arg(&header))?;
    } else {
        println!("skipped: there is no C++ compiler to read the header with");
    }
    Ok(())
}

/// Sells, refunds and goes wrong under AddressSanitizer and UndefinedBehaviorSanitizer.
fn sanitized(layout: &Layout) -> Result<()> {
    let door = layout.program("ffi/tests/door.c", "door-sanitized", &SANITIZERS)?;
    // A sanitizer that was not linked finds nothing.
    let symbols = run(Command::new("nm").arg(&door))?;
    for needed in ["__asan_init", "__ubsan_handle"] {
        if !symbols.contains(needed) {
            bail!("{} was built without the sanitizer that has {needed}", door.display());
        }
    }
    print!("{}", run(&mut Command::new(&door))?);
    // That a leak is found is shown by making one.
    let leak = Command::new(&door).arg("leak").output()?;
    if leak.status.success() || !String::from_utf8_lossy(&leak.stderr).contains("LeakSanitizer") {
        bail!("a leak was not found by the sanitizer");
    }
    let runner = layout.program("ffi/tests/transcript.c", "transcript-sanitized", &SANITIZERS)?;
    let vectors = transcript::of_all()?;
    let mut runner = Command::new(runner);
    runner.arg(root().join("ffi/tests/transcript.txt")).arg(vectors).current_dir(empty_folder()?);
    print!("{}", run(&mut runner)?);
    Ok(())
}

/// The same, fewer times, in a machine that looks at each access of the library too.
fn under_valgrind(layout: &Layout) -> Result<()> {
    let door = layout.program("ffi/tests/door.c", "door", &["-O1"])?;
    let valgrind = |argument: &str| {
        let mut command = Command::new("valgrind");
        // What is reachable at the end is made once for the process, as the table of features.
        command.args(["--quiet", "--leak-check=full", "--error-exitcode=9", "--fair-sched=yes"]);
        command.arg("--suppressions=ffi/tests/valgrind.supp");
        command.arg("--errors-for-leak-kinds=definite,indirect,possible");
        command.arg("--show-leak-kinds=definite,indirect,possible");
        command.arg(&door).arg(argument);
        command
    };
    print!("{}", run(&mut valgrind("3"))?);
    if valgrind("leak").output()?.status.code() != Some(9) {
        bail!("a leak was not found by valgrind");
    }
    Ok(())
}

/// A program that has the library within itself.
fn linked_statically(layout: &Layout) -> Result<()> {
    let program = layout.folder.join("transcript-static");
    let flags = pkg_config(layout, &["--static", "--libs-only-l"])?;
    let others = flags.split_whitespace().filter(|flag| *flag != "-lkopilka");
    let mut command = Command::new("cc");
    command.args(WARNINGS).arg("ffi/tests/transcript.c").arg("-o").arg(&program);
    command.arg("-I").arg(layout.folder.join("include"));
    command.arg(layout.folder.join("lib/libkopilka.a")).args(others);
    run(&mut command)?;
    print!("{}", run(Command::new(program).arg("ffi/tests/transcript.txt"))?);
    Ok(())
}

/// The examples, built as docs/c.md says.
fn examples(layout: &Layout) -> Result<()> {
    let flags = pkg_config(layout, &["--cflags", "--libs"])?;
    let built = |name: &str| -> Result<PathBuf> {
        let program = layout.folder.join(name);
        let mut command = Command::new("cc");
        command.args(WARNINGS).arg(format!("examples/c/{name}.c")).arg("-o").arg(&program);
        command.args(flags.split_whitespace());
        command.arg(format!("-Wl,-rpath,{}", layout.folder.join("lib").display()));
        run(&mut command)?;
        Ok(program)
    };
    let program = built("till")?;
    let first = fs::read_to_string("examples/c/first.c")?;
    if !fs::read_to_string("docs/c.md")?.contains(&format!("```c\n{first}```\n")) {
        bail!("docs/c.md does not show examples/c/first.c as it is");
    }
    let journal = layout.folder.join("Касса [Алмаз]");
    let _ = fs::remove_dir_all(&journal);
    fs::create_dir_all(&journal)?;
    let ledger = journal.join("касса 1.ledger");
    println!("{}", run(Command::new(&program).arg("presets/six-stores.json").arg(ledger))?);
    let ledger = journal.join("first.ledger");
    // The second time everything is there already.
    for _ in 0..2 {
        let said = run(Command::new(built("first")?).arg(&ledger))?;
        if !said.contains("\"spendable\":\"100\"") {
            bail!("the first steps of docs/c.md came to {said}");
        }
    }
    Ok(())
}

fn pkg_config(layout: &Layout, asked: &[&str]) -> Result<String> {
    let folder = layout.folder.join("lib/pkgconfig");
    let mut command = Command::new("pkg-config");
    run(command.args(asked).arg("kopilka").env("PKG_CONFIG_PATH", folder))
}

/// Builds the crate, and says where cargo put what it made.
fn build(release: bool, features: &str) -> Result<Built> {
    let mut command = Command::new("cargo");
    command.args(["rustc", "--package", "kopilka-ffi", "--message-format=json-render-diagnostics"]);
    command.args(["--lib", "--crate-type", "cdylib,staticlib", "--features", features]);
    command.stderr(std::process::Stdio::inherit());
    if release {
        command.args(["--profile", "shipped"]);
        // A frame pointer says in few bytes what tables of unwinding else say in many.
        let given = std::env::var("RUSTFLAGS").unwrap_or_default();
        command.env("RUSTFLAGS", format!("{given} -Cforce-frame-pointers=yes"));
    }
    // The name by which programs find the library again.
    let (name, _) = shared_names();
    let option = match std::env::consts::OS {
        "windows" => None,
        "macos" => Some(format!("-install_name,@rpath/{name}")),
        _ => Some(format!("-soname,{name}")),
    };
    if let Some(option) = option {
        command.arg("--").arg(format!("-Clink-arg=-Wl,{option}"));
    }
    let output = command.output().context("cargo cannot be started")?;
    if !output.status.success() {
        bail!("the C library cannot be built");
    }
    let mut built = (None, None);
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let Ok(message) = Node::parse(line, usize::MAX) else { continue };
        let target = message.get("target").and_then(|target| target.get("name"));
        if target.and_then(Node::text) != Some("kopilka_ffi") {
            continue;
        }
        let Some(Node::List(names)) = message.get("filenames") else { continue };
        for name in names.iter().filter_map(Node::text).map(PathBuf::from) {
            match name.extension().and_then(OsStr::to_str) {
                Some("so" | "dylib" | "dll") => built.0 = Some(name),
                Some("a" | "lib") => built.1 = Some(name),
                _ => {}
            }
        }
    }
    let (Some(shared), Some(archive)) = built else { bail!("cargo names no library") };
    Ok(Built { shared, archive })
}

/// The file of the shared library, whose number is that of the ABI, and the names by which it is also
/// found.
fn shared_names() -> (&'static str, &'static [&'static str]) {
    match std::env::consts::OS {
        "windows" => ("kopilka.dll", &[]),
        "macos" => ("libkopilka.1.dylib", &["libkopilka.dylib"]),
        _ => ("libkopilka.so.1", &["libkopilka.so"]),
    }
}

/// Where the library and the programs of the tests are put.
pub fn work_folder() -> Result<PathBuf> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let folder = target.unwrap_or_else(|| root().join("target")).join("c");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}

/// What a program prints; an error with all of it if it fails.
pub fn run(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    // The verb that panics would fill the page.
    let Output { status, stdout, stderr } = command
        .env("RUST_BACKTRACE", "0")
        .output()
        .with_context(|| format!("`{name}` cannot be started"))?;
    let text = String::from_utf8_lossy(&stdout).into_owned();
    if !status.success() {
        bail!("`{name}` failed: {status}\n{text}{}", String::from_utf8_lossy(&stderr));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_told_from_comments_constants_and_their_own_parameters() {
        let header = "// See kopilka_old(1).\n#define KOPILKA_OK 0\nuint32_t kopilka_a(void);\n\
                      const uint8_t *kopilka_b(const kopilka_text *text,\n    \
                      uint64_t kopilka_no(x));\nvoid kopilka_c(int);\n";
        let found: Vec<&str> = declared(header).into_iter().collect();
        assert_eq!(found, ["kopilka_a", "kopilka_b", "kopilka_c"]);
    }
}
