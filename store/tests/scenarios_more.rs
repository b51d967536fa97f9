//! More of what goes wrong at the level of whole calls; the rest stands in `scenarios.rs`.

mod selling;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::Timestamp;
use kopilka::json::Node;
use kopilka::upload::Merge;
use kopilka_store::{ExportOptions, Ledger};

use selling::{TILL, chain, found, request, sell_quietly};

const LEDGER: &str = "KOPILKA_SHORT_OF_MEMORY";

fn now() -> Timestamp {
    "2026-03-02T12:00:00Z".parse().unwrap()
}

fn upload(from: &Ledger, to: &Ledger) -> Merge {
    let mut lines = Vec::new();
    from.export(&[], &mut lines, &ExportOptions::default()).unwrap();
    to.import(&mut lines.as_slice(), now()).unwrap()
}

fn text(answer: &str, place: &str) -> String {
    let node = Node::parse(answer, usize::MAX).unwrap();
    node.at(place).and_then(Node::text).unwrap_or_else(|| panic!("{place} in {answer}")).to_owned()
}

/// What card 1001 can spend and owes, as text.
fn points(ledger: &Ledger) -> (String, String) {
    let asked = format!(r#"{{"at":"{}","command":{{"balance":{{"card":"1001"}}}}}}"#, now());
    let answer = ledger.call_json(&asked).unwrap();
    let balance = |name: &str| text(&answer, &format!("/card/card/balances/0/{name}"));
    (balance("spendable"), balance("debt"))
}

#[test]
fn s10_a_sale_that_two_tills_give_back_apart_takes_its_points_back_twice_and_owes_them_once() {
    for first in [0, 1] {
        // The card 1001 has receipt 1, of two at 110.00: 220.00 earn 22.
        let server = Ledger::in_memory("server").unwrap();
        sell_quietly(&server, 0..2);
        assert_eq!(points(&server), ("22".into(), "0".into()));
        let sold = server.recorded("1-sell").unwrap().unwrap().answer();
        let sold = kopilka::document::canonical(&sold);
        let token = text(&sold, "/sale/token");
        let refund = format!(r#"{{"refund":{{"token":"{token}"}}}}"#);
        let tills = ["a", "b"].map(|name| {
            let till = Ledger::in_memory(name).unwrap();
            upload(&server, &till);
            till.call_json(&request(10, &format!("refund {name}"), &refund)).unwrap();
            assert_eq!(points(&till), ("0".into(), "0".into()));
            till
        });
        assert_eq!(upload(&tills[first], &server).debts, []);
        // 22 - 22 - 22: the goods and the money of one refund too many are gone, and are told.
        let debts = upload(&tills[1 - first], &server).debts;
        let debts: Vec<_> = debts.iter().map(|owed| (&*owed.card, owed.debt.to_string())).collect();
        assert_eq!(debts, [("1001", "22".to_owned())]);
        assert_eq!(points(&server), ("0".into(), "22".into()));
        // Whoever knows of both gives nothing back any more.
        let records = chain_lengths(&server);
        let again = server.call_json(&request(20, "refund again", &refund)).unwrap_err();
        assert_eq!(again.code().as_str(), "refund.exceeds");
        assert_eq!(chain_lengths(&server), records);
        upload(&server, &tills[first]);
        assert_eq!(points(&tills[first]), ("0".into(), "22".into()));
        assert_eq!(found(&server), [""; 0]);
    }
}

fn chain_lengths(ledger: &Ledger) -> Vec<u64> {
    ledger.heads().unwrap().iter().map(|head| head.sequence).collect()
}

/// The files of a folder in which some text stands.
fn files_with(folder: &Path, text: &str) -> usize {
    let files = fs::read_dir(folder).unwrap().map(|file| fs::read(file.unwrap().path()).unwrap());
    let holds = |bytes: &Vec<u8>| bytes.windows(text.len()).any(|part| part == text.as_bytes());
    files.filter(holds).count()
}

#[test]
fn a_guest_who_was_erased_at_a_till_leaves_the_files_of_the_backend_by_the_same_call() {
    let folder = tempfile::tempdir().unwrap();
    let server = Ledger::open(&folder.path().join("server"), "server").unwrap();
    sell_quietly(&server, 0..2);
    let register = |guest: &str, name: &str, phone: &str| {
        let personal = format!(r#"{{"personal":{{"name":"{name}","phone":"{phone}"}}}}"#);
        let action = format!(r#"{{"register":{{"details":{personal}}}}}"#);
        let command = format!(r#"{{"guest":{{"guest":"{guest}","action":{action}}}}}"#);
        server.call_json(&request(3, guest, &command)).unwrap();
    };
    // Enough others that pages are divided and filled anew.
    for number in 0..60 {
        register(
            &format!("g{number}"),
            &format!("Guest {number}"),
            &format!("+79160000{number:03}"),
        );
    }
    register("anna", "Anna Akhmatova", "+79161234567");
    let till = Ledger::in_memory("a").unwrap();
    upload(&server, &till);
    let erased = till.erase_guest("anna", "erase anna", now()).unwrap();
    assert!(files_with(folder.path(), "Akhmatova") > 0);
    upload(&till, &server);
    assert_eq!(server.erase_guest("anna", "erase anna", now()).unwrap(), erased);
    for personal in ["Akhmatova", "+79161234567", "9161234567"] {
        assert_eq!(files_with(folder.path(), personal), 0, "{personal}");
    }
    assert!(files_with(folder.path(), "+79160000059") > 0);
    assert_eq!(points(&server), ("22".into(), "0".into()));
    assert_eq!(found(&server), [""; 0]);
}

/// Issues a card.
fn card(number: u64) -> String {
    let (key, card) = (format!("card-{number}"), 5_000 + number);
    request(number, &key, &format!(r#"{{"issue":{{"card":"{card}"}}}}"#))
}

/// Takes all the memory that is left, in ever smaller pieces.
fn eat() -> Vec<Vec<u8>> {
    let mut eaten = Vec::with_capacity(100_000);
    for bits in (6..24).rev() {
        while eaten.len() < eaten.capacity() {
            let mut piece = Vec::new();
            if piece.try_reserve_exact(1 << bits).is_err() {
                break;
            }
            eaten.push(piece);
        }
    }
    eaten
}

/// Run by the test below in a process that may have little memory; by itself with as much as it likes.
#[test]
fn a_till_issues_cards_until_there_is_no_memory_for_another() {
    let own = tempfile::tempdir().unwrap();
    let short = std::env::var_os(LEDGER);
    let path = short.clone().map_or_else(|| own.path().join("own.ledger"), PathBuf::from);
    let ledger = Ledger::open(&path, TILL).unwrap();
    sell_quietly(&ledger, 0..1);
    let mut out = std::io::stdout();
    writeln!(out).unwrap();
    let mut eaten = Vec::new();
    for number in 0..if short.is_some() { 10_000 } else { 20 } {
        if short.is_some() && number == 10 {
            eaten = eat();
        }
        match ledger.call_json(&card(number)) {
            Ok(_) => writeln!(out, "issued {number}").unwrap(),
            Err(error) => {
                drop(eaten);
                writeln!(out, "refused {}", error.code().as_str()).unwrap();
                return;
            }
        }
        out.flush().unwrap();
    }
    assert!(short.is_none(), "memory was never short");
}

#[test]
fn s36_a_till_that_runs_out_of_memory_loses_nothing_that_it_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("till.ledger");
    let test = "a_till_issues_cards_until_there_is_no_memory_for_another";
    let output = Command::new("sh")
        .args(["-c", "ulimit -v 400000 || exit 77; exec \"$@\"", "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(LEDGER, &path)
        .output();
    let output = match output {
        Ok(output) if output.status.code() != Some(77) => output,
        refused => {
            println!("skipped: the memory of a process cannot be limited here: {refused:?}");
            return;
        }
    };
    let out = String::from_utf8_lossy(&output.stdout);
    let issued = out.lines().filter(|line| line.starts_with("issued ")).count() as u64;
    // Either SQLite finds none, and the ledger tells it; or Rust finds none, and the process ends at once.
    let refused = out.lines().find_map(|line| line.strip_prefix("refused "));
    let died = output.status.code().is_none();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(issued >= 10 && (died || refused == Some("store.failed")), "{out}{error}");
    println!("{issued} cards, then {}", refused.unwrap_or("the end of the process"));
    let ledger = Ledger::open(&path, TILL).unwrap();
    assert!(ledger.opening().found.is_empty(), "{:?}", ledger.opening());
    for number in 0..issued {
        assert!(ledger.recorded(&format!("card-{number}")).unwrap().is_some(), "{number}");
    }
    // The next one is there wholly or not at all: after it has been asked again there is one more.
    ledger.call_json(&card(issued)).unwrap();
    // Two for the programme, three of the receipt, its card; the chain is one without a gap.
    assert_eq!(chain(&ledger).len() as u64, 2 + 1 + 3 + issued + 1);
    assert_eq!(found(&ledger), [""; 0]);
}
