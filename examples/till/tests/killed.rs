//! The till as a process: killed at any moment and started again on its ledger.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

fn till(ledger: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_till"));
    command.args(["--language", "en", "--ledger"]).arg(ledger);
    command
}

/// What the till prints when nobody kills it.
fn printed(ledger: &Path) -> String {
    let output = till(ledger).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// From the balances of the cards to the control sums and the last record's hash.
fn closing(printed: &str) -> &str {
    let from = printed.find("The cards at the end of the day").expect(printed);
    &printed[from..]
}

/// A line of what the till prints that stands for one record: where it is in the journal.
fn records(printed: &str) -> Vec<&str> {
    let line = |line: &&str| line.trim_start().starts_with("record till-");
    printed.lines().filter(line).map(str::trim).collect()
}

/// How many kills: 16 unless `KOPILKA_TILL_KILLS` says otherwise.
fn kills() -> u64 {
    let asked = std::env::var("KOPILKA_TILL_KILLS").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(16)
}

#[test]
fn a_till_that_is_killed_goes_on_and_closes_as_if_it_had_not_been() {
    let folder = tempfile::tempdir().unwrap();
    let begun = Instant::now();
    let undisturbed = printed(&folder.path().join("undisturbed.ledger"));
    // So that the kills are spread over a day however fast the machine is.
    let step = begun.elapsed() / 11;
    let all = records(&undisturbed);
    assert!(all.len() >= 5, "{all:?}");
    // Later each time, and from the start again where a run came to its end by itself; each day has a
    // ledger of its own.
    let (mut day, mut wait, mut told, mut ended) = (0, Duration::ZERO, 0, 0);
    for kill in 0..kills() {
        let path = folder.path().join(format!("killed-{day}.ledger"));
        let mut child = till(&path).stdout(Stdio::piped()).spawn().unwrap();
        std::thread::sleep(wait);
        child.kill().unwrap();
        let output = child.wait_with_output().unwrap();
        let acknowledged = String::from_utf8_lossy(&output.stdout).into_owned();
        // What was told before the kill is told of the same records as on a day without kills.
        let whole = acknowledged.rfind('\n').map_or("", |end| &acknowledged[..end]);
        let before = records(whole);
        assert!(all.starts_with(&before), "kill {kill}: {before:?}");
        told += before.len();
        wait += step;
        if output.status.success() || kill % 40 == 39 || kill + 1 == kills() {
            ended += u64::from(output.status.success());
            goes_on(&path, &undisturbed);
            day += 1;
            wait = step * (day * 7 % 13) / 13;
        }
    }
    assert!(told > 0, "nothing was ever told before a kill");
    println!("{} kills on {day} days, {ended} came too late, {told} records told before", kills());
}

/// The day is gone on with, and closes as if nobody had been killed.
fn goes_on(path: &Path, undisturbed: &str) {
    let again = printed(path);
    assert!(!again.contains("DOES NOT AGREE") && again.contains("agrees"), "{again}");
    // Each record is told once, in order: none is lost and none is there twice.
    assert_eq!(records(&again), records(undisturbed));
    // Hash by hash the same records.
    assert_eq!(closing(&again), closing(undisturbed));
    // And once more with nothing left to do.
    let once_more = printed(path);
    assert!(once_more.contains("The ledger is gone on with"), "{once_more}");
    assert_eq!(closing(&once_more), closing(undisturbed));
}
