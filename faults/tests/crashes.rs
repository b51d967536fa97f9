//! The crash tests on small journals: a sound one passes, and each usual mistake is found.

use kopilka_faults::{Disk, Fault, Loss, Run, Snapshot, Subject, Workload};
use rusqlite::{Connection, OpenFlags, OptionalExtension};

/// What a journal does wrong.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mistake {
    None,
    /// It does not sync at a commit.
    NoSync,
    /// Record and state are two transactions.
    TwoCommits,
    /// It does not know a call again.
    NoKeys,
    /// It tries again on the same connection as if nothing had happened, and takes a failure for done.
    FailureIsDone,
}

/// A journal of calls, and as state how long they are in all.
struct Journal<const MISTAKE: u8> {
    connection: Connection,
}

impl<const MISTAKE: u8> Journal<MISTAKE> {
    fn mistake() -> Mistake {
        use Mistake::*;
        [None, NoSync, TwoCommits, NoKeys, FailureIsDone][MISTAKE as usize]
    }

    fn take(&mut self, call: &str) -> rusqlite::Result<String> {
        let answer = format!("{{\"token\":\"{}\"}}", call.len());
        let known = "SELECT 1 FROM records WHERE call = ?1";
        let known = self.connection.query_row(known, [call], |_| Ok(())).optional()?.is_some();
        if known && Self::mistake() != Mistake::NoKeys {
            return Ok(answer);
        }
        let split = Self::mistake() == Mistake::TwoCommits;
        let transaction = self.connection.transaction()?;
        transaction.execute("INSERT INTO records (call) VALUES (?1)", [call])?;
        let update = "UPDATE states SET length = length + ?1";
        if split {
            transaction.commit()?;
            self.connection.execute(update, [call.len() as i64])?;
        } else {
            transaction.execute(update, [call.len() as i64])?;
            transaction.commit()?;
        }
        Ok(answer)
    }
}

impl<const MISTAKE: u8> Subject for Journal<MISTAKE> {
    fn open(disk: &Disk) -> Result<Self, String> {
        let open = || {
            let flags = OpenFlags::default();
            let path = disk.path("journal.db");
            let connection = Connection::open_with_flags_and_vfs(path, flags, Disk::VFS)?;
            let sync = if Self::mistake() == Mistake::NoSync { "NORMAL" } else { "FULL" };
            connection.execute_batch(&format!(
                "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous={sync};
                PRAGMA wal_autocheckpoint=0;
                BEGIN;
                CREATE TABLE IF NOT EXISTS records (number INTEGER PRIMARY KEY, call TEXT);
                CREATE TABLE IF NOT EXISTS states (id INTEGER PRIMARY KEY, length);
                INSERT OR IGNORE INTO states VALUES (1, 0);
                COMMIT;"
            ))?;
            Ok(Journal { connection })
        };
        open().map_err(|error: rusqlite::Error| error.to_string())
    }

    fn call(&mut self, call: &str) -> Result<String, String> {
        match self.take(call) {
            Err(_) if Self::mistake() == Mistake::FailureIsDone => {
                Ok(format!("{{\"token\":\"{}\"}}", call.len()))
            }
            taken => taken.map_err(|error| error.to_string()),
        }
    }

    fn rest(&mut self) -> Result<(), String> {
        let done = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        done.map_err(|error| error.to_string())
    }

    fn snapshot(&mut self) -> Result<Snapshot, String> {
        let read = || {
            let check: String =
                self.connection.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
            assert_eq!(check, "ok");
            let mut records =
                self.connection.prepare("SELECT call FROM records ORDER BY number")?;
            let records = records.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
            let length = "SELECT length FROM states";
            let length: i64 = self.connection.query_row(length, [], |row| row.get(0))?;
            Ok(Snapshot { records, states: length.to_string() })
        };
        read().map_err(|error: rusqlite::Error| error.to_string())
    }
}

fn workload() -> Workload {
    Workload::new(7, 20)
}

/// Crashes after each operation of a run; the first thing that was found wrong.
fn crashes<S: Subject>() -> Result<usize, String> {
    let run = Run::of::<S>(&workload())?;
    let mut images = 0;
    for operations in 0..=run.disk().operations() {
        for (seed, loss) in (operations..).zip(Loss::ALL) {
            run.crash::<S>(operations, (loss, seed), operations % 5 == 0)?;
            images += 1;
        }
    }
    Ok(images)
}

#[test]
fn a_sound_journal_outlives_a_crash_at_every_operation() {
    let images = crashes::<Journal<0>>().expect("SQLite keeps what it synced");
    assert!(images > 300, "{images}");
}

#[test]
fn a_sound_journal_outlives_a_crash_in_the_recovery_from_a_crash() {
    let run = Run::of::<Journal<0>>(&workload()).expect("nothing fails");
    let mut images = 0;
    for operations in (0..=run.disk().operations()).step_by(9) {
        let (loss, seed) = (Loss::ALL[operations as usize % 4], operations);
        images += run
            .crash_again::<Journal<0>>(operations, (loss, seed), 1)
            .expect("SQLite keeps what it synced");
    }
    assert!(images > 50, "{images}");
}

#[test]
fn a_journal_that_does_not_sync_is_found_out() {
    let found = crashes::<Journal<1>>().expect_err("acknowledged records are gone");
    assert!(found.contains("wanted"), "{found}");
}

#[test]
fn a_record_without_its_state_is_found_out() {
    let found = crashes::<Journal<2>>().expect_err("a record is half there");
    assert!(found.contains("wanted"), "{found}");
}

#[test]
fn a_call_that_is_done_twice_is_found_out() {
    crashes::<Journal<3>>().expect_err("the repeated call is there twice");
}

#[test]
fn a_sound_journal_lives_through_faults_at_every_operation() {
    let run = Run::of::<Journal<0>>(&workload()).expect("nothing fails");
    for fault in [Fault::Error, Fault::FailedSync, Fault::Full] {
        let mut came = 0;
        for number in 0..run.disk().operations() {
            let suffered = run.suffer::<Journal<0>>(number, fault);
            came += u32::from(suffered.expect("what failed was not done, and was done again"));
        }
        assert!(came > 100, "{fault:?}: {came}");
    }
}

#[test]
fn a_failure_that_is_taken_for_done_is_found_out() {
    let run = Run::of::<Journal<4>>(&workload()).expect("nothing fails");
    run.suffer::<Journal<4>>(20, Fault::Error).expect_err("a record is missing");
}
