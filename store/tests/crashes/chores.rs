//! What is done with a till beside its calls. Each can be done again and leaves the same.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use kopilka::{Error, Maintenance};
use kopilka_faults::Workload;
use kopilka_store::{ExportOptions, Ledger, Options};

/// Every chore; uploads come oftener, so that two of one day meet.
pub const ALL: [&str; 11] = [
    "checkpoint",
    "erase",
    "export",
    "import",
    "import",
    "import",
    "import",
    "maintenance",
    "offline",
    "rebuild",
    "shift",
];
/// After these the head file knows the newest record also if the power goes.
pub const SETTLING: [&str; 3] = ["checkpoint", "export", "shift"];

/// How many calls were made at the other till.
const CALLS: usize = 16;

/// Does a chore, if it is one: an answer that is the same if it is done again.
pub fn done(call: &str, ledger: &Ledger) -> Option<Result<String, Error>> {
    let (chore, number) = call.split_once(' ')?;
    let number: u64 = number.parse().ok()?;
    let at = Timestamp::from_second(1_767_225_600 + number as i64 % 1_000 * 60).ok()?;
    let outcome = match chore {
        "checkpoint" => ledger.checkpoint(),
        "erase" => erased(ledger, number, at),
        "export" => ledger.export(&[], &mut Vec::new(), &ExportOptions::default()).map(drop),
        "import" => ledger.import(&mut upload(number).as_slice(), at).map(drop),
        "maintenance" => ledger.plan_maintenance(Some(planned(at))),
        "offline" => ledger.set_offline(at),
        "rebuild" => ledger.rebuild().map(drop),
        "shift" => ledger.shift_report(None, "1", at).map(drop),
        _ => return None,
    };
    Some(outcome.map(|()| chore.to_owned()))
}

/// A guest who is not there was not there before either: that is refused, and leaves nothing.
fn erased(ledger: &Ledger, number: u64, at: Timestamp) -> Result<(), Error> {
    let guest = if number.is_multiple_of(2) { "anna" } else { "boris" };
    let erased = ledger.erase_guest(guest, &format!("erase-{number}"), at);
    match erased {
        Err(error) if error.code().as_str().starts_with("store.") => Err(error),
        _ => Ok(()),
    }
}

/// Two hours without a network.
fn planned(at: Timestamp) -> Maintenance {
    Maintenance { from: at, until: at + jiff::SignedDuration::from_hours(2) }
}

/// What one of two other tills did. One of them was copied: two of the three uploads of a day have its name and
/// do not go together, a fork.
fn upload(number: u64) -> Arc<Vec<u8>> {
    static UPLOADS: Mutex<BTreeMap<u64, Arc<Vec<u8>>>> = Mutex::new(BTreeMap::new());
    let (day, variant) = (number / 1_000, number % 3);
    let number = day * 3 + variant;
    let mut uploads = UPLOADS.lock().unwrap_or_else(PoisonError::into_inner);
    let upload = uploads.entry(number).or_insert_with(|| {
        let options = Options { guards_clock: false, ..Options::default() };
        let store = Box::new(kopilka_store::MemoryStore::new());
        let other = Ledger::on(store, &format!("till-{}", 2 + variant / 2), options);
        let other = other.expect("a new ledger can be begun");
        let workload = Workload::new(1_000_000_000 + number, CALLS);
        let mut answers = Vec::new();
        for call in 0..workload.length() {
            let answer = other.call_json(&workload.call(call, &answers));
            answers.push(answer.unwrap_or_default());
        }
        let mut bytes = Vec::new();
        other.export(&[], &mut bytes, &ExportOptions::default()).expect("it can be written");
        Arc::new(bytes)
    });
    Arc::clone(upload)
}

#[test]
fn every_chore_is_done_on_some_days_and_uploads_bring_records_and_forks() {
    let mut done_so_often: BTreeMap<String, u32> = BTreeMap::new();
    let mut foreign = 0;
    let mut aside = 0;
    for seed in 0..40 {
        let options = Options { guards_clock: false, ..Options::default() };
        let store = Box::new(kopilka_store::MemoryStore::new());
        let ledger = Ledger::on(store, "till-1", options).expect("a new ledger can be begun");
        let workload = Workload::with_chores(seed, crate::CALLS, &ALL);
        let mut answers = Vec::new();
        for number in 0..workload.length() {
            let call = workload.call(number, &answers);
            let answer = match done(&call, &ledger) {
                Some(answer) => {
                    let chore = answer.expect("a chore can be done");
                    *done_so_often.entry(chore.clone()).or_default() += 1;
                    chore
                }
                None => ledger.call_json(&call).unwrap_or_default(),
            };
            answers.push(answer);
        }
        let heads = ledger.heads().expect("it can be read");
        foreign += heads.iter().filter(|head| head.till != "till-1").count();
        let at = "2026-12-01T00:00:00Z".parse().expect("a time");
        aside += ledger.health(at).expect("it can be told").quarantined;
    }
    assert!(ALL.iter().all(|chore| done_so_often.contains_key(*chore)), "{done_so_often:?}");
    println!("{done_so_often:?}, {foreign} chains of other tills, {aside} records kept aside");
    assert!(foreign > 10 && aside > 10, "{foreign} {aside}");
}
