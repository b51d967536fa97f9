//! A ledger whose files were full, read-only, cut off, flipped, swapped, copied or put back.

mod selling;

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::Timestamp;
use kopilka::{ErrorCode, FindingKind};
use kopilka_store::{ExportOptions, Ledger};
use rusqlite::Connection;

use selling::{Chance, TILL, balances, chain, found, how_many, request, sell_quietly};

/// The files of a ledger.
const FILES: [&str; 3] = ["", "-wal", ".head"];
/// What a part of a test ends with if this machine cannot do it.
const IMPOSSIBLE: i32 = 77;
const MEDIUM: &str = "KOPILKA_MEDIUM";
const TILL_TEST: &str = "a_till_issues_cards_until_it_is_told_that_it_cannot";

fn with(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn copy(from: &Path, to: &Path) {
    for ending in FILES {
        if with(from, ending).exists() {
            fs::copy(with(from, ending), with(to, ending)).unwrap();
        }
    }
}

fn open(path: &Path) -> Ledger {
    Ledger::open(path, TILL).unwrap()
}

fn refused(path: &Path) -> ErrorCode {
    match Ledger::open(path, TILL) {
        Ok(ledger) => panic!("it opened: {:?}", ledger.opening()),
        Err(error) => error.code(),
    }
}

fn kinds(ledger: &Ledger) -> Vec<FindingKind> {
    ledger.opening().found.iter().map(|finding| finding.kind).collect()
}

fn now() -> Timestamp {
    "2026-03-02T12:00:00Z".parse().unwrap()
}

/// Records and balances, as they are answered.
type Content = (Vec<String>, BTreeMap<String, String>);

fn content(ledger: &Ledger, last: u64) -> Content {
    (chain(ledger), balances(ledger, last))
}

/// A ledger with receipts, closed, with all of it in the main file or all in the log.
fn closed(path: &Path, receipts: u64, checkpoint: bool) -> Content {
    let ledger = open(path);
    sell_quietly(&ledger, 0..receipts);
    if checkpoint {
        ledger.checkpoint().unwrap();
    }
    content(&ledger, receipts - 1)
}

/// Opens a ledger that was tampered with: something is told, or everything is as it was.
fn told_or_unchanged(path: &Path, last: u64, expected: &Content) -> bool {
    let Ok(ledger) = Ledger::open(path, TILL) else { return true };
    let opening = ledger.opening();
    if !opening.found.is_empty() {
        return true;
    }
    match ledger.verify() {
        Ok(verification) if verification.found.is_empty() => content(&ledger, last) == *expected,
        _ => true,
    }
}

/// Runs the test of this name once more on a medium of so many kibibytes that nothing else uses; its folder
/// is given there. Where this machine allows none, it says so.
fn on_own_medium(test: &str, kibibytes: u32) -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os(MEDIUM) {
        return Some(folder.into());
    }
    let folder = tempfile::tempdir().unwrap();
    let script = format!(
        "mount -t tmpfs -o size={kibibytes}k tmpfs \"$1\" || exit {IMPOSSIBLE}; shift; exec \"$@\""
    );
    let output = Command::new("unshare")
        .args(["-rm", "sh", "-c", &script, "sh"])
        .arg(folder.path())
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(MEDIUM, folder.path())
        .output();
    let output = match output {
        Ok(output) => output,
        Err(error) => {
            println!(
                "skipped: no medium of its own can be mounted here, there is no unshare: {error}"
            );
            return None;
        }
    };
    let [out, error] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    if output.status.code() == Some(IMPOSSIBLE) || error.starts_with("unshare:") {
        println!("skipped: no medium of its own can be mounted here: {error}");
        return None;
    }
    assert!(output.status.success() && out.contains("1 passed"), "{out}\n{error}");
    None
}

/// Fills a medium up to so many bytes.
fn fill(folder: &Path, left: u64) -> PathBuf {
    let filler = folder.join("filler");
    fs::write(&filler, []).unwrap();
    let mut file = OpenOptions::new().append(true).open(&filler).unwrap();
    let block = vec![b'x'; 4096];
    while std::io::Write::write_all(&mut file, &block).is_ok() {}
    let length = file.metadata().unwrap().len();
    file.set_len(length.saturating_sub(left)).unwrap();
    filler
}

#[test]
fn a_disk_that_is_full_loses_nothing_and_the_till_goes_on_once_there_is_space() {
    let name = "a_disk_that_is_full_loses_nothing_and_the_till_goes_on_once_there_is_space";
    let Some(folder) = on_own_medium(name, 3_000) else { return };
    let path = folder.join("till.ledger");
    let ledger = open(&path);
    sell_quietly(&ledger, 0..3);
    let mut next = 0;
    let mut full = 0;
    // Wherever the space ends: at each page of a transaction.
    for left in (0..48).map(|pages| pages * 4096) {
        let filler = fill(&folder, left);
        let error = loop {
            match ledger.call_json(&card(next)) {
                Ok(_) => next += 1,
                Err(error) => break error,
            }
            assert!(next < 5_000, "the disk never filled");
        };
        assert_eq!(error.code(), ErrorCode::StoreFull, "{error} with {left} bytes");
        full += 1;
        fs::remove_file(filler).unwrap();
        // The same call, with the same key.
        ledger.call_json(&card(next)).unwrap();
        next += 1;
        ledger.checkpoint().unwrap();
    }
    assert_eq!(full, 48);
    assert_eq!(found(&ledger), Vec::<String>::new());
    let held = chain(&ledger);
    let undisturbed = Ledger::in_memory(TILL).unwrap();
    sell_quietly(&undisturbed, 0..3);
    (0..next).for_each(|number| drop(undisturbed.call_json(&card(number)).unwrap()));
    assert_eq!(held, chain(&undisturbed));
    drop(ledger);
    assert_eq!(chain(&open(&path)), held);
}

#[test]
fn a_disk_that_is_full_at_a_checkpoint_loses_nothing() {
    let name = "a_disk_that_is_full_at_a_checkpoint_loses_nothing";
    let Some(folder) = on_own_medium(name, 12_000) else { return };
    let path = folder.join("till.ledger");
    let ledger = open(&path);
    sell_quietly(&ledger, 0..30);
    let expected = content(&ledger, 29);
    let mut refusals = 0;
    for left in [0, 4096, 8 * 4096] {
        let filler = fill(&folder, left);
        match ledger.checkpoint() {
            Err(error) => {
                assert_eq!(error.code(), ErrorCode::StoreFull, "{error}");
                refusals += 1;
            }
            Ok(()) => println!("{left} bytes were enough"),
        }
        fs::remove_file(filler).unwrap();
        assert_eq!(content(&ledger, 29), expected);
    }
    assert!(refusals > 0, "the disk was never full");
    ledger.checkpoint().unwrap();
    assert_eq!(found(&ledger), Vec::<String>::new());
    assert_eq!(content(&ledger, 29), expected);
}

#[test]
fn a_medium_that_became_read_only_is_told_and_what_is_there_is_whole() {
    let name = "a_medium_that_became_read_only_is_told_and_what_is_there_is_whole";
    let Some(folder) = on_own_medium(name, 3_000) else { return };
    let path = folder.join("till.ledger");
    let expected = closed(&path, 3, false);
    let mount = |how: &str| {
        let done =
            Command::new("mount").args(["-o", &format!("remount,{how}")]).arg(&folder).status();
        assert!(done.unwrap().success(), "remount,{how}");
    };
    mount("ro");
    assert_eq!(refused(&path), ErrorCode::StoreReadOnly);
    assert_eq!(refused(&folder.join("new.ledger")), ErrorCode::StoreReadOnly);
    mount("rw");
    let ledger = open(&path);
    assert!(ledger.opening().found.is_empty());
    assert_eq!(content(&ledger, 2), expected);
}

/// Run by the tests below in a process with other rights; by itself on a file of its own.
#[test]
fn a_till_issues_cards_until_it_is_told_that_it_cannot() {
    let limited = std::env::var_os("KOPILKA_LIMITED");
    let own = limited.is_none().then(|| tempfile::tempdir().unwrap());
    let path = match (&limited, &own) {
        (Some(path), _) => PathBuf::from(path),
        (None, own) => own.as_ref().unwrap().path().join("own.ledger"),
    };
    let cards = how_many("KOPILKA_LIMITED_CARDS", 5);
    let ledger = open(&path);
    sell_quietly(&ledger, 0..1);
    let refused =
        (0..cards).find_map(|number| Some((number, ledger.call_json(&card(number)).err()?)));
    let (issued, told) = match refused {
        None => (cards, "none"),
        Some((issued, error)) => (issued, error.code().as_str()),
    };
    println!("\nissued {issued} until {told}");
    assert!(limited.is_some() || told == "none");
}

/// Issues a card.
fn card(number: u64) -> String {
    let (key, card) = (format!("card-{number}"), 5_000 + number);
    request(number, &key, &format!(r#"{{"issue":{{"card":"{card}"}}}}"#))
}

/// How many cards the till issued, and why it ended.
fn issued(out: &[u8]) -> (u64, String) {
    let out = String::from_utf8_lossy(out);
    let told = out.lines().find_map(|line| line.strip_prefix("issued ")).expect(&out);
    let (cards, code) = told.split_once(" until ").unwrap();
    (cards.parse().unwrap(), code.to_owned())
}

#[test]
fn a_quota_that_is_reached_at_run_time_is_told_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("till.ledger");
    // So many blocks of 512 bytes; a process that writes more is not killed, its writing fails.
    let script = "trap '' XFSZ; ulimit -f 1500 || exit 77; exec \"$@\"";
    let output = Command::new("sh")
        .args(["-c", script, "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", TILL_TEST, "--nocapture"])
        .env("KOPILKA_LIMITED", &path)
        .env("KOPILKA_LIMITED_CARDS", "2000")
        .current_dir(folder.path())
        .output();
    let output = match output {
        Ok(output) if output.status.code() != Some(IMPOSSIBLE) => output,
        refused => {
            println!("skipped: no limit of the length of files can be set here: {refused:?}");
            return;
        }
    };
    let (cards, code) = issued(&output.stdout);
    assert!(["store.failed", "store.full"].contains(&code.as_str()), "{cards} until {code}");
    assert!(cards > 5, "{cards}");
    let ledger = open(&path);
    assert!(ledger.opening().found.is_empty(), "{:?}", ledger.opening());
    for number in 0..cards {
        assert!(
            ledger.recorded(&format!("card-{number}")).unwrap().is_some(),
            "{number} of {cards}"
        );
    }
    ledger.call_json(&card(cards)).unwrap();
    assert_eq!(found(&ledger), Vec::<String>::new());
}

#[test]
fn a_till_whose_own_folder_is_read_only_keeps_its_data_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("till.ledger");
    // Nobody can write there, whatever rights he has.
    let own = Path::new("/proc");
    if !own.is_dir() {
        println!("skipped: there is no folder here that nobody can write to");
        return;
    }
    assert!(File::create(own.join("x")).is_err());
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", TILL_TEST, "--nocapture"])
        .envs([("TMPDIR", own), ("SQLITE_TMPDIR", own), ("HOME", own), ("KOPILKA_LIMITED", &path)])
        .current_dir(own)
        .output()
        .unwrap();
    assert_eq!(issued(&output.stdout), (5, "none".to_owned()));
    assert_eq!(found(&open(&path)), Vec::<String>::new());
}

#[test]
fn a_folder_that_may_no_longer_be_written_is_told_when_it_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("till.ledger");
    let expected = closed(&path, 3, false);
    let files: Vec<PathBuf> =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    let allow = |allowed: bool| {
        let (file, own) = if allowed { ("0666", "0777") } else { ("0444", "0555") };
        let set = |mode: &str, path: &Path| {
            assert!(Command::new("chmod").arg(mode).arg(path).status().unwrap().success());
        };
        files.iter().for_each(|path| set(file, path));
        set(own, folder.path());
    };
    allow(false);
    // The superuser may write everywhere: the till runs as somebody else then.
    let superuser = File::create(folder.path().join("x")).is_ok();
    drop(fs::remove_file(folder.path().join("x")));
    let exe = std::env::current_exe().unwrap();
    let mut command = match superuser {
        false => Command::new(&exe),
        true => {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(&exe);
            command
        }
    };
    let output = command
        .args(["--exact", "an_opening_tells_its_code", "--nocapture"])
        .env("KOPILKA_LIMITED", &path)
        .current_dir("/")
        .output();
    allow(true);
    let printed = match output {
        Ok(output) => String::from_utf8_lossy(&output.stdout).into_owned(),
        Err(error) => format!("setpriv cannot be run: {error}"),
    };
    match printed.lines().find_map(|line| line.strip_prefix("opened ")) {
        Some(told) => assert_eq!(told, "store.read_only"),
        // The program itself may lie where nobody else can run it.
        None => println!("skipped: no till can be run with fewer rights here: {printed}"),
    }
    let ledger = open(&path);
    assert!(ledger.opening().found.is_empty(), "{:?}", ledger.opening());
    assert_eq!(content(&ledger, 2), expected);
}

/// Run by the test above in a process with fewer rights; by itself on a file of its own.
#[test]
fn an_opening_tells_its_code() {
    let limited = std::env::var_os("KOPILKA_LIMITED");
    let own = limited.is_none().then(|| tempfile::tempdir().unwrap());
    let path = match (&limited, &own) {
        (Some(path), _) => PathBuf::from(path),
        (None, own) => own.as_ref().unwrap().path().join("own.ledger"),
    };
    let code = Ledger::open(&path, TILL).map_or_else(|error| error.code().as_str(), |_| "well");
    println!("\nopened {code}");
    assert!(limited.is_some() || code == "well");
}

#[test]
fn a_ledger_may_have_any_name_that_the_system_allows() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["касса 1", "till [east] (2)", "50% #1?mode=memory", "file:x&y", "a'b\"c", "%2e"]
    {
        let own = folder.path().join(name);
        fs::create_dir(&own).unwrap();
        let path = own.join(format!("{name}.ledger"));
        let expected = closed(&path, 2, false);
        assert!(path.exists() && with(&path, ".head").exists(), "{name}");
        let ledger = open(&path);
        assert!(ledger.opening().found.is_empty(), "{name}: {:?}", ledger.opening());
        assert_eq!(content(&ledger, 1), expected, "{name}");
        assert_eq!(found(&ledger), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn a_program_that_holds_the_file_is_told_and_once_it_lets_go_all_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("till.ledger");
    let expected = closed(&path, 3, true);
    let other = Connection::open(&path).unwrap();
    other.execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE").unwrap();
    assert_eq!(refused(&path), ErrorCode::StoreLocked);
    other.execute_batch("ROLLBACK").unwrap();
    drop(other);
    let ledger = open(&path);
    assert!(ledger.opening().found.is_empty(), "{:?}", ledger.opening());
    assert_eq!(content(&ledger, 2), expected);
}

#[test]
fn an_old_copy_that_was_put_back_begins_a_new_incarnation_and_says_what_it_lacks() {
    let folder = tempfile::tempdir().unwrap();
    let (path, backup) = (folder.path().join("till.ledger"), folder.path().join("backup"));
    let old = closed(&path, 3, true);
    copy(&path, &backup);
    let ledger = open(&path);
    sell_quietly(&ledger, 3..5);
    let records = chain(&ledger).len() as u64;
    drop(ledger);
    // The head file stays as it is: only the ledger is put back.
    fs::copy(&backup, &path).unwrap();
    drop(fs::remove_file(with(&path, "-wal")));
    let ledger = open(&path);
    let opening = ledger.opening();
    assert_eq!(kinds(&ledger), [FindingKind::TailLost]);
    assert_eq!(opening.incarnation, 2);
    let [missing] = opening.missing.as_slice() else { panic!("{opening:?}") };
    assert_eq!((missing.from, missing.until), (old.0.len() as u64 + 1, records));
    assert_eq!((missing.till.as_str(), missing.incarnation), (TILL, 1));
    assert_eq!(content(&ledger, 2), old);
    // What was lost is entered again under its old keys, and is told once only.
    sell_quietly(&ledger, 3..5);
    drop(ledger);
    let ledger = open(&path);
    assert!(ledger.opening().found.is_empty(), "{:?}", ledger.opening());
    assert_eq!(ledger.opening().incarnation, 2);
    assert_eq!(found(&ledger), Vec::<String>::new());
    let whole = Ledger::in_memory(TILL).unwrap();
    sell_quietly(&whole, 0..5);
    assert_eq!(spendable(&ledger), spendable(&whole));
}

/// What the cards have, without the ids of records in it.
fn spendable(ledger: &Ledger) -> Vec<String> {
    let parts = balances(ledger, 4).into_values();
    let of = |text: String| {
        let from = text.find("\"spendable\"").unwrap();
        text[from..].chars().take_while(|letter| *letter != ',').collect()
    };
    parts.map(of).collect()
}

#[test]
fn a_head_file_that_was_deleted_is_told_and_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("till.ledger");
    let expected = closed(&path, 3, false);
    fs::remove_file(with(&path, ".head")).unwrap();
    let ledger = open(&path);
    assert_eq!(kinds(&ledger), [FindingKind::HeadFile]);
    assert_eq!(content(&ledger, 2), expected);
    drop(ledger);
    assert_eq!(kinds(&open(&path)), []);
}

#[test]
fn the_files_of_two_tills_that_were_swapped_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    let expected = closed(&one, 3, true);
    let other = Ledger::open(&two, "till-2").unwrap();
    sell_quietly(&other, 0..2);
    other.checkpoint().unwrap();
    drop(other);
    let aside = folder.path().join("aside");
    let swap = |endings: &[&str]| {
        for ending in endings {
            fs::rename(with(&one, ending), &aside).unwrap();
            fs::rename(with(&two, ending), with(&one, ending)).unwrap();
            fs::rename(&aside, with(&two, ending)).unwrap();
        }
    };
    swap(&["", ".head"]);
    assert_eq!(refused(&one), ErrorCode::StoreOtherTill);
    swap(&["", ".head"]);
    // The head files alone.
    swap(&[".head"]);
    let ledger = open(&one);
    assert_eq!(kinds(&ledger), [FindingKind::HeadFile]);
    assert_eq!(content(&ledger, 2), expected);
}

#[test]
fn a_file_that_was_cloned_to_a_second_till_is_found_at_the_first_upload() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (folder.path().join("one.ledger"), folder.path().join("two.ledger"));
    let common = closed(&one, 3, false).0.len() as u64;
    copy(&one, &two);
    let (one, two) = (open(&one), open(&two));
    assert!(two.opening().found.is_empty(), "a copy is as good as the first");
    sell_quietly(&one, 3..5);
    sell_quietly(&two, 6..8);
    let office = Ledger::in_memory("office").unwrap();
    let upload = |till: &Ledger| {
        let mut lines = Vec::new();
        till.export(&[], &mut lines, &ExportOptions::default()).unwrap();
        office.import(&mut lines.as_slice(), now()).unwrap()
    };
    let first = upload(&one);
    assert_eq!((first.quarantined, first.acknowledgement.forks.len()), (0, 0));
    assert_eq!(first.accepted, chain(&one).len() as u64);
    let second = upload(&two);
    assert_eq!(second.accepted, 0);
    assert_eq!(second.quarantined, chain(&two).len() as u64 - common);
    let [fork] = second.acknowledgement.forks.as_slice() else { panic!("{second:?}") };
    assert_eq!((fork.till.as_str(), fork.incarnation, fork.sequence), (TILL, 1, common + 1));
}

/// Cuts, flips or removes, and sees that it is told or harmless.
fn tampered(
    original: &Path,
    last: u64,
    expected: &Content,
    what: &str,
    tamper: &mut dyn FnMut(&Path),
) {
    let folder = tempfile::tempdir_in(original.parent().unwrap()).unwrap();
    let path = folder.path().join("till.ledger");
    copy(original, &path);
    tamper(&path);
    assert!(told_or_unchanged(&path, last, expected), "{what}: nothing was told");
}

fn cut_off(path: &Path, length: u64) {
    OpenOptions::new().write(true).open(path).unwrap().set_len(length).unwrap();
}

/// Lengths at page and frame borders, beside them, and anywhere.
fn lengths(whole: u64, chance: &mut Chance) -> Vec<u64> {
    let borders = (0..8).flat_map(|part| [whole * part / 8, whole * part / 8 + 1]);
    let headers = [1, 24, 31, 32, 33, 56, 100, 4096, 4096 + 32, whole.saturating_sub(1)];
    let any = (0..10).map(|_| chance.below(whole)).collect::<Vec<_>>();
    borders.chain(headers).chain(any).filter(|length| *length < whole).collect()
}

#[test]
fn a_file_that_was_cut_off_anywhere_is_told() {
    let folder = quick_folder();
    let path = folder.path().join("original");
    let expected = closed(&path, 4, true);
    let whole = fs::metadata(&path).unwrap().len();
    for length in lengths(whole, &mut Chance(26)) {
        let what = format!("{length} of {whole} bytes");
        tampered(&path, 3, &expected, &what, &mut |path| cut_off(path, length));
    }
    tampered(&path, 3, &expected, "no file", &mut |path| fs::remove_file(path).unwrap());
}

#[test]
fn a_log_that_was_cut_off_anywhere_or_deleted_is_told() {
    let folder = quick_folder();
    let path = folder.path().join("original");
    let expected = closed(&path, 4, false);
    let whole = fs::metadata(with(&path, "-wal")).unwrap().len();
    assert!(whole > 4096, "the log holds {whole} bytes");
    for length in lengths(whole, &mut Chance(27)) {
        let what = format!("{length} of {whole} bytes");
        tampered(&path, 3, &expected, &what, &mut |path| cut_off(&with(path, "-wal"), length));
    }
    tampered(&path, 3, &expected, "no log", &mut |path| {
        fs::remove_file(with(path, "-wal")).unwrap();
    });
}

#[test]
fn a_ledger_whose_log_was_deleted_says_which_records_are_to_be_entered_again() {
    let folder = quick_folder();
    let path = folder.path().join("till.ledger");
    let old = closed(&path, 3, true);
    let ledger = open(&path);
    sell_quietly(&ledger, 3..6);
    let records = chain(&ledger).len() as u64;
    drop(ledger);
    fs::remove_file(with(&path, "-wal")).unwrap();
    let ledger = open(&path);
    let opening = ledger.opening();
    assert_eq!(opening.incarnation, 2);
    let [missing] = opening.missing.as_slice() else { panic!("{opening:?}") };
    assert_eq!((missing.from, missing.until), (old.0.len() as u64 + 1, records));
    assert_eq!(content(&ledger, 2), old);
}

/// Flips single bits, evenly spread, and sees each time that it is told or harmless.
fn flips(ending: &str, checkpoint: bool, bits: u64) {
    let folder = quick_folder();
    let path = folder.path().join("original");
    let expected = closed(&path, 3, checkpoint);
    let bytes = fs::read(with(&path, ending)).unwrap();
    let all = bytes.len() as u64 * 8;
    let bits = bits.min(all);
    for part in 0..bits {
        // Odd steps meet every bit of a byte and every place of a page.
        let bit = part * all / bits + part % (all / bits).max(1);
        let (place, mask) = ((bit / 8) as usize, 1_u8 << (bit % 8));
        let what = format!("bit {} of byte {place} of {}", bit % 8, bytes.len());
        tampered(&path, 2, &expected, &what, &mut |path| {
            let mut flipped = bytes.clone();
            flipped[place] ^= mask;
            fs::write(with(path, ending), flipped).unwrap();
        });
    }
    println!("{bits} of {all} bits of the file `NAME{ending}` flipped");
}

#[test]
fn a_bit_that_was_flipped_in_the_file_is_told_or_changes_nothing() {
    flips("", true, how_many("KOPILKA_FLIPS", 300));
}

#[test]
fn a_bit_that_was_flipped_in_the_log_is_told_or_changes_nothing() {
    flips("-wal", false, how_many("KOPILKA_FLIPS", 300));
}

#[test]
fn a_bit_that_was_flipped_in_the_head_file_is_told_or_changes_nothing() {
    flips(".head", true, how_many("KOPILKA_FLIPS", 300).min(2_000));
}

/// A folder in memory where there is one: what is tested there does not hang on the disk.
fn quick_folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").unwrap_or_else(|_| tempfile::tempdir().unwrap())
}
