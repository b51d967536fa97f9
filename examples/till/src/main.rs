//! A till in a terminal.
//!
//! Without arguments it sells a built-in day at six stores; with `--receipts` it replays a file of
//! real receipts. Either way it sells on a ledger, ends with control sums, and fails if they do not
//! balance. The ledger is a temporary one unless `--ledger` names a file: a run that is cut off at any
//! moment and begun again on that file goes on where it was, with no receipt lost or doubled.

#![allow(clippy::inconsistent_digit_grouping, reason = "money is written 12_50, as it is read")]

use std::error::Error;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use kopilka::Program;

mod control;
mod day;
mod export;
mod journal;
mod order;
mod page;
mod preset;
mod receipts;
mod replay;
mod report;
mod till;

use control::Control;
use export::Export;
use journal::{Journal, Time};
use page::{Language, Page};
use replay::Replay;
use till::Outcome;

/// The programme for receipts, where no other is named.
const ONLINE_RETAIL: &str = include_str!("../../../presets/online-retail.json");

/// Sells a built-in day at six stores, or replays a file of receipts, and proves the control sums
#[derive(Debug, Parser)]
#[command(version, max_term_width = 80)]
struct Arguments {
    /// A table of receipt lines, plain or compressed with gzip, to replay instead of the day
    #[arg(long, value_name = "FILE.csv[.gz]")]
    receipts: Option<PathBuf>,
    /// The programme to replay under; a preset for online retail if left out
    #[arg(long, value_name = "FILE.json", requires = "receipts")]
    program: Option<PathBuf>,
    /// A preset whose sample day is sold instead: services, shop or training
    #[arg(long, value_name = "NAME", conflicts_with = "receipts")]
    preset: Option<String>,
    /// The number of a receipt whose every figure is to be explained
    #[arg(long, value_name = "RECEIPT", requires = "receipts")]
    explain: Option<String>,
    /// A file to write every record to, one in a line, with its hash
    #[arg(long, value_name = "FILE.jsonl", requires = "receipts")]
    export: Option<PathBuf>,
    /// The ledger to sell on, begun if there is none and gone on with if there is; a temporary one
    /// if left out
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
    /// The language of slips, explanations and reports
    #[arg(long, value_enum, default_value_t)]
    language: Language,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut out = io::BufWriter::new(io::stdout().lock());
    let control = run(&mut Page::new(&mut out, arguments.language), &arguments);
    match control.and_then(|control| Ok(out.flush().map(|()| control.balances())?)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        // Whoever read the output has seen enough, as `head` has.
        Err(error) if is_broken_pipe(error.as_ref()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("till: {error}");
            ExitCode::FAILURE
        }
    }
}

fn is_broken_pipe(error: &(dyn Error + 'static)) -> bool {
    let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
    kind == Some(io::ErrorKind::BrokenPipe)
}

fn run(page: &mut Page<'_>, arguments: &Arguments) -> Outcome<Control> {
    match (&arguments.receipts, &arguments.preset) {
        (Some(path), _) => replay_file(page, path, arguments),
        (None, Some(name)) => {
            let journal = open(page, arguments, Time::File)?;
            preset::sell(page, name, &journal)
        }
        (None, None) => {
            let journal = open(page, arguments, Time::Day)?;
            day::sell(page, &journal)
        }
    }
}

/// Opens the ledger, and tells of one that is kept.
fn open(page: &mut Page<'_>, arguments: &Arguments, time: Time) -> Outcome<Journal> {
    let till = if arguments.receipts.is_some() { "replay" } else { day::TILL };
    let path = arguments.ledger.as_deref();
    let journal = Journal::open(path, till, time)?;
    if let Some(path) = path {
        journal.introduce(page, path)?;
    }
    Ok(journal)
}

fn replay_file(page: &mut Page<'_>, path: &Path, arguments: &Arguments) -> Outcome<Control> {
    let program = match &arguments.program {
        Some(path) => std::fs::read_to_string(path).map_err(|error| at(path, &error))?,
        None => ONLINE_RETAIL.to_owned(),
    };
    let export = arguments.export.as_deref().map(Export::create).transpose()?;
    let journal = open(page, arguments, Time::File)?;
    let began = Instant::now();
    let receipts = receipts::read(path).map_err(|error| at(path, &error))?;
    let program = journal.install(&program, replay::first_instant(&receipts))?;
    let mut replay = Replay::new(&journal, program.clone(), arguments.explain.as_deref())?;
    replay.run(&receipts, page.language.pick("чеков", "receipts"))?;
    let took = began.elapsed();
    if let Some(export) = export {
        export.write_all(&journal)?;
    }
    let title = page.language.pick("программа", "programme");
    page.line(format!("{}, {title} {}", path.display(), program.id()))?;
    report::receipts(page, &replay.tally)?;
    if let Some(number) = &arguments.explain {
        explain(page, &journal, &program, &replay, number)?;
    }
    let control = Control::of(&journal)?;
    report::control(page, &control, &program)?;
    report::pace(page, &replay.tally, took)?;
    Ok(control)
}

fn explain(
    page: &mut Page<'_>,
    journal: &Journal,
    program: &Program,
    replay: &Replay<'_>,
    number: &str,
) -> Outcome<()> {
    let title = page.language.pick("Как получились числа чека", "How the figures came about:");
    page.heading(&format!("{title} {number}"))?;
    if replay.tally.explained.is_empty() {
        page.text(2, page.language.pick("Такой чек не продан.", "No such receipt was sold."))?;
    }
    for record in &replay.tally.explained {
        till::explain(journal, program, page, record)?;
    }
    Ok(())
}

fn at(path: &Path, error: &io::Error) -> String {
    format!("{}: {error}", path.display())
}
