//! Parts of a longer run: each passes or fails, and says how long it took.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result};

/// One part. Another language is another entry in the lists of `commands.rs`.
pub struct Part {
    /// What the part is called.
    pub name: &'static str,
    /// What it does.
    pub work: Work,
}

/// What a part does.
pub enum Work {
    /// A program, which passes if it exits with zero.
    Run {
        /// The program and its arguments.
        line: &'static [&'static str],
        /// What is added to its environment.
        environment: Vec<(&'static str, String)>,
    },
    /// A function of this crate, which says whether it passed.
    Own(fn() -> Result<bool>),
}

struct Outcome {
    name: &'static str,
    passed: bool,
    minutes: f64,
    tests: u64,
}

/// Runs every part, whatever the others did; false if any failed.
pub fn run(parts: &[Part]) -> bool {
    let mut outcomes = Vec::new();
    for part in parts {
        println!("\n== {} ==", part.name);
        let start = Instant::now();
        let done = match &part.work {
            Work::Run { line, environment } => run_line(line, environment),
            Work::Own(work) => work().map(|passed| (passed, 0)),
        };
        // A part that cannot even start has failed; the others still run.
        let (passed, tests) = done.unwrap_or_else(|error| {
            eprintln!("{error:#}");
            (false, 0)
        });
        let minutes = start.elapsed().as_secs_f64() / 60.0;
        outcomes.push(Outcome { name: part.name, passed, minutes, tests });
    }
    summarise(&outcomes)
}

fn summarise(outcomes: &[Outcome]) -> bool {
    println!();
    for outcome in outcomes {
        let word = if outcome.passed { "passed" } else { "FAILED" };
        let tests = match outcome.tests {
            0 => String::new(),
            tests => format!("  {tests} tests"),
        };
        println!("{:<12} {word} {:>6.1} min{tests}", outcome.name, outcome.minutes);
    }
    let failed = outcomes.iter().filter(|outcome| !outcome.passed).count();
    println!("{} passed, {failed} failed", outcomes.len() - failed);
    failed == 0
}

/// Runs a program, shows what it prints, and counts the tests that it reports as passed.
fn run_line(line: &[&str], environment: &[(&str, String)]) -> Result<(bool, u64)> {
    let Some((program, arguments)) = line.split_first() else {
        anyhow::bail!("a part has nothing to run");
    };
    println!("$ {}", line.join(" "));
    let mut child = Command::new(program)
        .args(arguments)
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("`{program}` cannot be started; is it installed?"))?;
    let mut tests = 0;
    if let Some(output) = child.stdout.take() {
        for printed in BufReader::new(output).split(b'\n') {
            let printed = printed?;
            let printed = String::from_utf8_lossy(&printed);
            writeln!(std::io::stdout(), "{printed}")?;
            tests += tests_passed(&printed);
        }
    }
    Ok((child.wait()?.success(), tests))
}

/// The number in `test result: ok. 12 passed; 0 failed; …`.
fn tests_passed(printed: &str) -> u64 {
    let counted = || {
        let (_, rest) = printed.strip_prefix("test result: ")?.split_once(". ")?;
        rest.split_once(" passed;")?.0.parse().ok()
    };
    counted().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_counted_from_the_closing_line_of_each_binary() {
        let line = "test result: ok. 117 passed; 0 failed; 0 ignored; 0 measured; 2 filtered out";
        assert_eq!(tests_passed(line), 117);
        assert_eq!(tests_passed("test result: FAILED. 3 passed; 1 failed; 0 ignored"), 3);
        assert_eq!(tests_passed("test rounding::half_up ... ok"), 0);
    }

    #[test]
    fn one_failed_part_fails_the_run() {
        let part = |passed| Outcome { name: "part", passed, minutes: 0.0, tests: 0 };
        assert!(summarise(&[part(true), part(true)]));
        assert!(!summarise(&[part(true), part(false)]));
    }
}
