//! Every developer command of Kopilka: `cargo xtask help`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::{Parser, Subcommand};

mod books;
mod c;
mod commands;
mod conformance;
mod coverage;
mod desks;
mod dotnet;
mod examples;
mod generate;
mod header;
mod ledgers;
mod lint_program;
mod parts;
#[cfg(test)]
mod tested;
mod tools;
mod transcript;
#[cfg(test)]
mod validate;
mod verbs;
mod watch_eval;
mod watches;

#[derive(Parser)]
#[command(bin_name = "cargo xtask", about = "Every developer command of Kopilka")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Everything that must pass: tests, doc tests, conformance, freshness
    Test {
        /// Fewer random cases and no trial run of the benchmarks
        #[arg(long)]
        quick: bool,
    },
    /// Formatting, clippy and documentation, each without a single warning
    Lint,
    /// What is wrong or doubtful in a programme's document; fails if anything is
    LintProgram {
        /// The document
        file: PathBuf,
    },
    /// The conformance vectors and the examples of the reference page
    Conformance {
        /// In another language, whose answers must be the same bytes
        #[arg(long)]
        lang: Option<commands::Tongue>,
        /// Folders or files of vectors; all of them if left out
        folders: Vec<PathBuf>,
    },
    /// The C# assembly, built, tested and its examples run with Mono
    Dotnet {
        /// What a quote costs in Rust, through the C functions and in C#, instead
        #[arg(long)]
        bench: bool,
    },
    /// Build the C library, and lay it out in a folder as it is installed; or test it
    C {
        /// The folder; without one the tests of C run
        folder: Option<PathBuf>,
        /// With debug assertions, quickly built, and with symbols
        #[arg(long)]
        debug: bool,
    },
    /// Write the schemas, the header of C and the reference page anew
    Generate {
        /// Write nothing, and fail if a committed file is stale
        #[arg(long)]
        check: bool,
    },
    /// The benchmarks
    Bench {
        /// What is handed to the benchmarks: a filter, or options of criterion
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Feed random input to a fuzz target, or to each in turn (needs a nightly toolchain)
    Fuzz {
        /// How many minutes each target runs
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        minutes: u32,
        /// The target; all of them if left out
        target: Option<String>,
    },
    /// The long suites: the model, crashes, killed processes, flipped bits, merges; hours of them.
    /// How much of each: KOPILKA_MODEL_SEQUENCES, KOPILKA_CRASH_WORKLOADS, KOPILKA_KILLS,
    /// KOPILKA_TILL_KILLS, KOPILKA_FLIPS, KOPILKA_MERGES
    Torture {
        /// A tenth of each
        #[arg(long)]
        quick: bool,
    },
    /// How good the watch is, on worlds of shops that know nothing of its checks
    WatchEval {
        /// How many worlds are tested; three others are for tuning
        #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=1_000))]
        seeds: u64,
        /// How many days each has
        #[arg(long, default_value_t = 180, value_parser = clap::value_parser!(u32).range(20..=365))]
        days: u32,
        /// How many receipts a store has on a day
        #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(20..=5_000))]
        receipts: u32,
        /// The policy
        #[arg(long, default_value = "presets/watch/standard-restaurant.json")]
        policy: PathBuf,
        /// One world of twenty days: seconds
        #[arg(long)]
        quick: bool,
        /// Test the seeds on which policies are tuned, at the centre alone
        #[arg(long)]
        tune: bool,
        /// Write docs/watch-evaluation.md
        #[arg(long)]
        write: bool,
    },
    /// What must pass before a change is taken: lint and test
    Ci,
}

fn main() -> ExitCode {
    let passed = run(Arguments::parse().command);
    match passed {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<bool> {
    let given = std::env::current_dir().context("there is no current folder")?;
    std::env::set_current_dir(root()).context("the project's folder cannot be entered")?;
    match command {
        Command::Test { quick } => Ok(parts::run(&commands::test(quick))),
        Command::Lint => Ok(parts::run(&commands::lint())),
        Command::LintProgram { file } => lint_program::run(&given.join(file)),
        Command::Conformance { lang: None, folders } if folders.is_empty() => {
            commands::conformance()
        }
        Command::Conformance { lang, folders } => {
            let folders: Vec<PathBuf> = folders.iter().map(|folder| given.join(folder)).collect();
            if let Some(missing) = folders.iter().find(|folder| !folder.exists()) {
                bail!("there is no {}", missing.display());
            }
            match lang {
                Some(tongue) => commands::conformance_in(tongue, &folders),
                None => Ok(conformance::run(&folders)?),
            }
        }
        Command::Dotnet { bench: true } => dotnet::bench(),
        Command::Dotnet { bench: false } => dotnet::test(),
        Command::C { folder: Some(folder), debug } => c::lay_out(&given.join(folder), !debug),
        Command::C { folder: None, .. } => c::test(),
        Command::Generate { check: true } => generate::check(),
        Command::Generate { check: false } => generate::write(),
        Command::Bench { arguments } => commands::bench(&arguments),
        Command::Fuzz { minutes, target } => commands::fuzz(minutes, target.as_deref()),
        Command::Torture { quick } => Ok(parts::run(&commands::torture(quick))),
        Command::WatchEval { quick: true, policy, .. } => {
            watch_eval::run(&watch_eval::Options::quick(policy))
        }
        Command::WatchEval { seeds, days, receipts, policy, tune, write, .. } => {
            let (write, cost) = (write && !tune, !tune);
            let options = watch_eval::Options {
                seeds,
                training: watch_eval::TRAINING.len(),
                days,
                receipts,
                policy,
                tune,
                write,
                cost,
            };
            watch_eval::run(&options)
        }
        Command::Ci => Ok(parts::run(&commands::ci())),
    }
}

/// The project's folder.
fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}
