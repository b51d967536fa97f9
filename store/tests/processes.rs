//! Processes that are killed, and several of them at one file.
//!
//! A till here is this very program, run anew with the ledger named in its environment: it writes every
//! answer to a pipe after the ledger gave it. What can be read from the pipe was acknowledged.

mod selling;

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use kopilka::json::Node;
use kopilka::{Clock, ErrorCode};
use kopilka_store::Ledger;

use selling::{Chance, TILL, balances, chain, found, how_many, request, sell, sell_quietly};

const LEDGER: &str = "KOPILKA_TILL_LEDGER";
const NUMBERS: &str = "KOPILKA_TILL_NUMBERS";
/// Before an answer on the pipe.
const ANSWERED: &str = "answered\t";
/// Before the code of an opening that was refused.
const REFUSED: &str = "refused\t";

/// A till in a process of its own; without a ledger in its environment one that sells three receipts.
#[test]
fn a_till_tells_each_answer_after_the_ledger_gave_it() {
    let folder = tempfile::tempdir().unwrap();
    let named = std::env::var_os(LEDGER);
    let path = named.map_or_else(|| folder.path().join("own.ledger"), Into::into);
    let numbers = std::env::var(NUMBERS).unwrap_or_else(|_| "0 3".to_owned());
    let (from, until) = numbers.split_once(' ').unwrap();
    let mut out = std::io::stdout();
    let ledger = match Ledger::open(&path, TILL) {
        Ok(ledger) => ledger,
        Err(error) => {
            writeln!(out, "\n{REFUSED}{}\t{error}", error.code().as_str()).unwrap();
            return;
        }
    };
    // What the test's own frame writes before it does not end its line.
    writeln!(out).unwrap();
    let mut answers = 0;
    sell(&ledger, from.parse().unwrap()..until.parse().unwrap(), &mut |key, asked, answer| {
        writeln!(out, "{ANSWERED}{key}\t{asked}\t{answer}").unwrap();
        out.flush().unwrap();
        answers += 1;
    });
    if numbers == "0 3" {
        // The programme twice, three cards; 0 is reserved, confirmed and refunded, 1 and 2 are sold.
        assert_eq!(answers, 2 + 3 + 3 + 2);
    }
}

/// A till that runs, and what it told.
struct Till {
    child: Child,
    lines: Receiver<String>,
}

#[derive(Clone, Debug)]
struct Answered {
    key: String,
    request: String,
    answer: String,
}

impl Till {
    fn start(path: &Path, from: u64, until: u64) -> Till {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "a_till_tells_each_answer_after_the_ledger_gave_it", "--nocapture"])
            .env(LEDGER, path)
            .env(NUMBERS, format!("{from} {until}"))
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let out = child.stdout.take().unwrap();
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            let mut out = BufReader::new(out);
            let mut line = String::new();
            // A line that was cut off by the kill was not told.
            while out.read_line(&mut line).is_ok_and(|read| read > 0) && line.ends_with('\n') {
                if sender.send(line.trim_end_matches('\n').to_owned()).is_err() {
                    return;
                }
                line.clear();
            }
        });
        Till { child, lines }
    }

    /// Waits until it has told so many answers, or until the time is over.
    fn wait_for(&self, answers: u64, time: Duration) -> Vec<Answered> {
        let end = Instant::now() + time;
        let mut told = Vec::new();
        while (told.len() as u64) < answers {
            let left = end.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) => told.extend(answered(&line)),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
            }
        }
        told
    }

    /// Kills it, and gives what it told besides.
    fn kill(mut self) -> Vec<Answered> {
        self.child.kill().unwrap();
        let status = self.child.wait().unwrap();
        assert_ne!(status.code(), Some(101), "it failed before it was killed");
        self.lines.iter().filter_map(|line| answered(&line)).collect()
    }

    /// Waits for its end, and gives all that it wrote.
    fn end(mut self) -> Vec<String> {
        assert!(self.child.wait().unwrap().success());
        self.lines.iter().collect()
    }
}

fn answered(line: &str) -> Option<Answered> {
    let rest = line.strip_prefix(ANSWERED)?;
    let mut parts = rest.split('\t').map(str::to_owned);
    let (key, request, answer) = (parts.next()?, parts.next()?, parts.next()?);
    Some(Answered { key, request, answer })
}

/// The number of the receipt that an answer is about.
fn number(answered: &Answered) -> u64 {
    answered.key.split('-').next().unwrap().parse().unwrap()
}

/// Everything that was acknowledged is answered with the same bytes, and nothing is done for it.
fn answers_the_same(ledger: &Ledger, told: &[Answered], round: u64) {
    let before = chain(ledger).len();
    for one in told {
        let again = ledger.call_json(&one.request).unwrap();
        assert_eq!(again, one.answer, "{} after the kill {round}", one.key);
    }
    assert_eq!(chain(ledger).len(), before, "after the kill {round}");
}

#[test]
fn a_till_that_is_killed_at_any_moment_loses_and_doubles_nothing() {
    let kills = how_many("KOPILKA_KILLS", 50);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("касса 1.ledger");
    let mut chance = Chance(20_251_024);
    let mut told: Vec<Answered> = Vec::new();
    for round in 0..kills {
        let from = told.last().map_or(0, number);
        let till = Till::start(&path, from, u64::MAX);
        // Every third is killed while it starts and opens the file, the others between two answers.
        let mut new = match round % 3 {
            0 => till.wait_for(u64::MAX, Duration::from_micros(chance.below(60_000))),
            _ => {
                let new = till.wait_for(1 + chance.below(20), Duration::from_secs(30));
                std::thread::sleep(Duration::from_micros(chance.below(4_000)));
                new
            }
        };
        new.extend(till.kill());
        if round % 5 == 4 {
            // Opened by nobody but the next till.
            told.extend(new);
            continue;
        }
        let ledger = Ledger::open(&path, TILL).unwrap();
        let opening = ledger.opening();
        assert!(opening.found.is_empty(), "after the kill {round}: {opening:?}");
        assert_eq!(opening.incarnation, 1);
        answers_the_same(&ledger, &new, round);
        // All of it is looked at less often, the longer it is.
        if round < 10 || round % 10 == 0 {
            assert!(found(&ledger).is_empty(), "after the kill {round}: {:?}", found(&ledger));
        }
        told.extend(new);
    }
    let last = told.last().map(number).expect("nothing was ever answered");
    assert!(last > kills / 2, "too little was sold between the kills: {last} receipts");
    let ledger = Ledger::open(&path, TILL).unwrap();
    // What was begun last is ended; then it is as if nobody had been killed.
    sell_quietly(&ledger, last..=last);
    answers_the_same(&ledger, &told, kills);
    let undisturbed = Ledger::in_memory(TILL).unwrap();
    sell_quietly(&undisturbed, 0..=last);
    let expected = chain(&undisturbed);
    let records = chain(&ledger);
    // The kill may have come between an answer and its way through the pipe.
    let further = records.len().saturating_sub(expected.len());
    assert!(records.starts_with(&expected), "{} and {}", records.len(), expected.len());
    sell_quietly(&undisturbed, last + 1..=last + further as u64);
    sell_quietly(&ledger, last + 1..=last + further as u64);
    assert_eq!(chain(&ledger), chain(&undisturbed));
    let numbers = last + further as u64;
    assert_eq!(balances(&ledger, numbers), balances(&undisturbed, numbers));
    assert!(found(&ledger).is_empty(), "{:?}", found(&ledger));
    println!("{kills} kills, {} answers, {} records, nothing lost", told.len(), records.len());
}

#[test]
fn a_second_till_at_the_file_is_refused_at_once_and_told_which_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("касса 1.ledger");
    let ledger = Ledger::open(&path, TILL).unwrap();
    sell_quietly(&ledger, 0..2);
    let begun = Instant::now();
    let lines = Till::start(&path, 2, 3).end();
    let refused = lines.iter().find_map(|line| line.strip_prefix(REFUSED)).unwrap();
    assert!(refused.starts_with("store.locked\t"), "{refused}");
    assert!(refused.contains("касса 1.ledger"), "{refused}");
    assert!(begun.elapsed() < Duration::from_secs(20), "it waited for the file");
    // The first one is not disturbed by it.
    sell_quietly(&ledger, 2..3);
    assert!(found(&ledger).is_empty());
    drop(ledger);
    assert!(Till::start(&path, 3, 4).end().iter().any(|line| line.starts_with(ANSWERED)));
}

#[test]
fn two_processes_with_one_key_get_one_answer_and_do_it_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("till.ledger");
    let of = |lines: Vec<String>| -> Vec<String> {
        lines.into_iter().filter(|line| line.starts_with(ANSWERED)).collect()
    };
    let first = of(Till::start(&path, 0, 4).end());
    let second = of(Till::start(&path, 0, 4).end());
    assert_eq!(first, second);
    let ledger = Ledger::open(&path, TILL).unwrap();
    // Two for the programme, four cards; 0 has three records, 1 and 2 one, and 3 two.
    assert_eq!(chain(&ledger).len(), 2 + 4 + 3 + 1 + 1 + 2);
    let other = request(1, "1-sell", r#"{"issue":{"card":"9999"}}"#);
    assert_eq!(ledger.call_json(&other).unwrap_err().code(), ErrorCode::KeyConflict);
}

#[test]
fn a_clock_that_was_set_back_a_year_between_two_runs_changes_no_order_and_no_expiry() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("till.ledger");
    let open = || Ledger::open(&path, TILL).unwrap();
    let at = |time: &str, key: &str, command: &str| {
        let key = if key.is_empty() { String::new() } else { format!(r#","key":"{key}""#) };
        format!(r#"{{"at":"{time}","command":{command}{key}}}"#)
    };
    let ledger = open();
    sell_quietly(&ledger, 0..1);
    let opening = r#"{"issue":{"card":"7001","opening":[{"amount":"50","expires_at":"2026-03-01T06:00:00Z"}]}}"#;
    ledger.call_json(&at("2026-03-01T05:00:00Z", "opening", opening)).unwrap();
    let balance = r#"{"balance":{"card":"7001"}}"#;
    let spendable = |ledger: &Ledger, time: &str| {
        let answer = ledger.call_json(&at(time, "", balance)).unwrap();
        let node = Node::parse(&answer, usize::MAX).unwrap();
        let balances = node
            .get("card")
            .and_then(|card| card.get("card"))
            .and_then(|card| card.get("balances"));
        let Some(Node::List(balances)) = balances else { panic!("{answer}") };
        balances[0].get("spendable").and_then(Node::text).unwrap().to_owned()
    };
    assert_eq!(spendable(&ledger, "2026-03-01T05:59:59Z"), "50");
    ledger.call_json(&at("2026-03-01T07:00:00Z", "later", r#"{"issue":{"card":"7002"}}"#)).unwrap();
    assert_eq!(spendable(&ledger, "2026-03-01T07:00:00Z"), "0");
    drop(ledger);
    // A year earlier, in another run: the points stay expired, and records stay in order.
    let ledger = open();
    assert_eq!(spendable(&ledger, "2025-03-01T05:30:00Z"), "0");
    ledger.call_json(&at("2025-03-01T07:00:00Z", "back", r#"{"issue":{"card":"7003"}}"#)).unwrap();
    let back = ledger.recorded("back").unwrap().unwrap();
    assert_eq!(back.record.envelope.logical_at.to_string(), "2026-03-01T07:00:00Z");
    assert_eq!(back.record.envelope.at.to_string(), "2025-03-01T07:00:00Z");
    let health = ledger.health("2025-03-01T07:00:00Z".parse().unwrap()).unwrap();
    assert!(matches!(health.clock, Clock::Behind(_)), "{health:?}");
    chain(&ledger);
    assert!(found(&ledger).is_empty());
}
