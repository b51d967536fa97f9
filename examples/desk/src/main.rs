//! A support desk in a terminal.
//!
//! Without arguments it shows a built-in week of tickets at six stores, as the cashiers' desk sees them
//! on Saturday at noon. With `--policy` and `--tickets` it shows any others.

use std::error::Error;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use jiff::Timestamp;
use kopilka::desk::Desk;

mod board;
mod tickets;

use board::Board;

/// The instant at which the built-in week is seen.
const SATURDAY_NOON: &str = "2026-03-07T12:00:00+03:00";

/// Shows a board of tickets, what is due next, and how promises were kept
#[derive(Debug, Parser)]
#[command(version, max_term_width = 80)]
struct Arguments {
    /// A preset (cashier, loona or ton18) or a file with a policy
    #[arg(long, value_name = "NAME|FILE.json", default_value = "cashier")]
    policy: String,
    /// A file of tickets; a built-in week at six stores if left out
    #[arg(long, value_name = "FILE.json", requires = "policy")]
    tickets: Option<PathBuf>,
    /// The instant at which they are seen, such as 2026-03-07T12:00:00+03:00; that of the last
    /// event if left out
    #[arg(long, value_name = "INSTANT")]
    at: Option<Timestamp>,
    /// A ticket whose every clock is to be explained
    #[arg(long, value_name = "TICKET")]
    explain: Option<String>,
    /// Another policy, to see what it would have changed
    #[arg(long, value_name = "NAME|FILE.json")]
    what_if: Option<String>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut out = io::BufWriter::new(io::stdout().lock());
    let shown = run(&arguments, &mut out).and_then(|()| Ok(out.flush()?));
    match shown {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if is_broken_pipe(error.as_ref()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("desk: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether somebody stopped reading, which is no failure.
fn is_broken_pipe(error: &(dyn Error + 'static)) -> bool {
    let found = error.downcast_ref::<io::Error>();
    found.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let desk = policy(&arguments.policy)?;
    let tickets = match &arguments.tickets {
        None => tickets::built_in()?,
        Some(path) => tickets::read(path)?,
    };
    let noon = SATURDAY_NOON.parse().ok().filter(|_| arguments.tickets.is_none());
    let last = tickets.iter().flat_map(|ticket| &ticket.events).map(|event| event.at).max();
    let now = arguments.at.or(noon).or(last).ok_or("the file has no events")?;
    let board = Board::new(&desk, &tickets, now, arguments.explain.is_some())?;
    if let Some(id) = &arguments.explain {
        return board.explain(out, id);
    }
    board.show(out)?;
    board.upcoming(out)?;
    board.report(out)?;
    match &arguments.what_if {
        None => Ok(()),
        Some(name) => board.what_if(out, &policy(name)?),
    }
}

/// A preset by its name, or a file.
fn policy(name: &str) -> Result<Desk, Box<dyn Error>> {
    let text = match name {
        "cashier" => include_str!("../../../presets/desks/cashier.json").to_owned(),
        "loona" => include_str!("../../../presets/desks/loona.json").to_owned(),
        "ton18" => include_str!("../../../presets/desks/ton18.json").to_owned(),
        path => read(Path::new(path))?,
    };
    Ok(Desk::compile(&text)?)
}

fn read(path: &Path) -> Result<String, Box<dyn Error>> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()).into())
}
