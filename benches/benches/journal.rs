//! How long a ledger takes to open and to be verified, and how much memory, by how long its journal
//! is. Each length is measured in a process of its own, whose greatest resident set is told.
//!
//! `cargo bench -p benches --bench journal` measures 10,000 and 100,000 records, with
//! `-- --million` a million too.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use benches::ledgers::{all, instant, present, small};
use kopilka_store::Ledger;

/// How many calls are kept together while the journal is written.
const TOGETHER: u64 = 1_000;

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let says = |word: &str| words.iter().any(|given| given == word);
    if let Some(place) = words.iter().position(|word| word == "--measure") {
        let (step, path) = (&words[place + 1], Path::new(&words[place + 2]));
        return measure(step, path, words.get(place + 3));
    }
    let lengths: &[u64] = match (says("--test"), says("--million")) {
        (true, _) => &[2_000],
        (_, true) => &[10_000, 100_000, 1_000_000],
        _ => &[10_000, 100_000],
    };
    for length in lengths {
        let folder = tempfile::tempdir().expect("a folder for a while");
        let path = folder.path().join("till.ledger");
        for step in ["write", "open", "verify", "call"] {
            run(step, &path, *length);
        }
    }
}

fn run(step: &str, path: &Path, length: u64) {
    let own = std::env::current_exe().expect("this program");
    let mut command = Command::new(own);
    command.arg("--measure").arg(step).arg(path).arg(length.to_string());
    assert!(command.status().expect("it starts").success(), "{step} failed");
}

fn measure(step: &str, path: &Path, length: Option<&String>) {
    let length: u64 = length.and_then(|text| text.parse().ok()).expect("a number");
    let begun = Instant::now();
    match step {
        "write" => write(path, length),
        _ => {
            let ledger = Ledger::open(path, "till-1").expect("it was closed");
            let opened = begun.elapsed();
            let begun = Instant::now();
            match step {
                "verify" => {
                    let verification = ledger.verify().expect("it can be read");
                    assert!(verification.found.is_empty(), "{:?}", verification.found);
                }
                "call" => {
                    all(&ledger, &(length + 1..=length + 1_000).map(present).collect::<Vec<_>>())
                }
                _ => {}
            }
            println!("{length} records: opened in {:.3} s", opened.as_secs_f64());
            let took = begun.elapsed().as_secs_f64();
            match step {
                "verify" => println!(
                    "{length} records: verified in {took:.2} s, {:.0} records/s",
                    length as f64 / took
                ),
                "call" => println!("{length} records: 1,000 further calls in {took:.3} s"),
                _ => {}
            }
        }
    }
    println!("{length} records: {step}, at most {} KiB resident", resident());
}

fn write(path: &Path, length: u64) {
    let begun = Instant::now();
    let ledger = small(path);
    let mut next = 1;
    while next <= length {
        let end = (next + TOGETHER).min(length + 1);
        all(&ledger, &(next..end).map(present).collect::<Vec<_>>());
        next = end;
    }
    ledger.checkpoint().expect("there is room");
    let health = ledger.health(instant(length)).expect("it can be read");
    drop(health);
    let size = std::fs::metadata(path).map_or(0, |file| file.len());
    println!(
        "{length} records: written in {:.1} s, {} MiB",
        begun.elapsed().as_secs_f64(),
        size >> 20
    );
}

/// The greatest resident set so far; 0 where the system does not tell.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or(0)
}
