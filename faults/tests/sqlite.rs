//! The disk under plain SQLite: that what is synced stays, that what is not goes, and that each fault is
//! seen by the program as the real one would be.

use kopilka_faults::{Disk, Fault, Loss, Operation};
use rusqlite::{Connection, ErrorCode, OpenFlags};

const NAME: &str = "till 1.db";

/// The pragmas of the ledger, in the order that a write-ahead log without shared memory needs.
fn open(disk: &Disk, synchronous: &str) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::default();
    let connection = Connection::open_with_flags_and_vfs(disk.path(NAME), flags, Disk::VFS)?;
    connection.execute_batch("PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL;")?;
    connection.execute_batch(&format!("PRAGMA synchronous={synchronous};"))?;
    connection
        .execute_batch("PRAGMA wal_autocheckpoint=0; CREATE TABLE IF NOT EXISTS t (n, pad);")?;
    Ok(connection)
}

fn insert(connection: &Connection, n: i64) -> rusqlite::Result<()> {
    let pad = "x".repeat(3000);
    connection.execute("INSERT INTO t VALUES (?1, ?2)", (n, pad)).map(|_| ())
}

fn checkpoint(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
}

fn numbers(connection: &Connection) -> rusqlite::Result<Vec<i64>> {
    let check: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    assert_eq!(check, "ok");
    let mut statement = connection.prepare("SELECT n FROM t ORDER BY n")?;
    statement.query_map([], |row| row.get(0))?.collect()
}

fn numbers_on(disk: &Disk) -> Vec<i64> {
    let connection = open(disk, "FULL").expect("the file opens after a crash");
    numbers(&connection).expect("the file is sound after a crash")
}

/// Inserts 1 to `last`, with a checkpoint after every fourth. Gives after each how many operations were
/// done when it was acknowledged.
fn workload(disk: &Disk, synchronous: &str, last: i64) -> Vec<u64> {
    let connection = open(disk, synchronous).expect("an empty disk takes a file");
    let one = |n: i64| {
        insert(&connection, n).expect("a sound disk takes a row");
        let acknowledged = disk.operations();
        if n % 4 == 0 {
            checkpoint(&connection).expect("a sound disk takes a checkpoint");
        }
        acknowledged
    };
    (1..=last).map(one).collect()
}

#[test]
fn what_was_committed_outlives_a_loss_of_power_at_every_operation() {
    let disk = Disk::new();
    let acknowledged = workload(&disk, "FULL", 10);
    let mut images = 0;
    for done in acknowledged[0]..=disk.operations() {
        let least = acknowledged.iter().filter(|at| **at <= done).count() as i64;
        for (loss, seed) in Loss::ALL.into_iter().zip([1, 2, 3, 4]) {
            let found = disk.at(done).after_power_loss(loss, done * 8 + seed);
            let numbers = numbers_on(&found);
            let wanted: Vec<i64> = (1..=numbers.len() as i64).collect();
            assert_eq!(numbers, wanted, "{loss:?} after {done} operations");
            let most = least + 1;
            assert!((least..=most).contains(&(numbers.len() as i64)), "{loss:?} after {done}");
            images += 1;
        }
    }
    assert!(images > 200, "{images}");
}

#[test]
fn without_a_sync_at_each_commit_the_harness_finds_acknowledged_rows_lost() {
    for synchronous in ["NORMAL", "OFF"] {
        let disk = Disk::new();
        let connection = open(&disk, synchronous).expect("an empty disk takes a file");
        insert(&connection, 1).expect("a sound disk takes a row");
        let before = disk.operations();
        insert(&connection, 2).expect("a sound disk takes a row");
        assert_eq!(disk.syncs_since(before), 0, "{synchronous}");
        let found = disk.after_power_loss(Loss::Everything, 0);
        assert_eq!(numbers_on(&found), Vec::<i64>::new(), "{synchronous}");
        // The program's death alone takes nothing.
        assert_eq!(numbers_on(&disk.after_power_loss(Loss::Nothing, 0)), [1, 2]);
    }
}

#[test]
fn without_any_sync_the_harness_finds_broken_files() {
    let disk = Disk::new();
    workload(&disk, "OFF", 12);
    let broken = (0..200).filter(|seed| {
        let found = disk.after_power_loss(Loss::Some, *seed);
        let read = open(&found, "FULL").and_then(|connection| {
            let text = "SELECT integrity_check FROM pragma_integrity_check";
            let check: String = connection.query_row(text, [], |row| row.get(0))?;
            let count: i64 =
                connection.query_row("SELECT count(*) FROM t", [], |row| row.get(0))?;
            Ok(check == "ok" && count == 12)
        });
        read != Ok(true)
    });
    assert!(broken.count() > 100);
}

#[test]
fn a_commit_is_one_sync() {
    let disk = Disk::new();
    let connection = open(&disk, "FULL").expect("an empty disk takes a file");
    insert(&connection, 1).expect("a sound disk takes a row");
    for n in 2..30 {
        let before = disk.operations();
        insert(&connection, n).expect("a sound disk takes a row");
        assert_eq!(disk.syncs_since(before), 1, "row {n}");
    }
    // The first commit after the log begins anew syncs its header too.
    checkpoint(&connection).expect("a sound disk takes a checkpoint");
    let before = disk.operations();
    insert(&connection, 30).expect("a sound disk takes a row");
    assert_eq!(disk.syncs_since(before), 2);
}

#[test]
fn a_log_without_an_exclusive_lock_first_is_refused() {
    let disk = Disk::new();
    let flags = OpenFlags::default();
    let connection = Connection::open_with_flags_and_vfs(disk.path(NAME), flags, Disk::VFS)
        .expect("an empty disk takes a file");
    let mode: String = connection
        .query_row("PRAGMA journal_mode=WAL", [], |row| row.get(0))
        .expect("a refused mode is no error");
    assert_eq!(mode, "delete");
}

#[test]
fn a_second_opener_is_shut_out_until_the_first_has_closed() {
    let disk = Disk::new();
    let first = open(&disk, "FULL").expect("an empty disk takes a file");
    insert(&first, 1).expect("a sound disk takes a row");
    let refused = open(&disk, "FULL").expect_err("the file is locked");
    assert_eq!(refused.sqlite_error_code(), Some(ErrorCode::DatabaseBusy));
    drop(first);
    assert_eq!(numbers_on(&disk), [1]);
}

#[test]
fn after_a_crash_every_call_fails_and_the_disk_holds_what_was_done_before() {
    for fault in [Fault::Crash, Fault::TornWrite] {
        let disk = Disk::new();
        let connection = open(&disk, "FULL").expect("an empty disk takes a file");
        insert(&connection, 1).expect("a sound disk takes a row");
        disk.fail_at(disk.operations() + 2, fault);
        let failed = insert(&connection, 2).expect_err("the disk is gone");
        assert_eq!(failed.sqlite_error_code(), Some(ErrorCode::SystemIoFailure));
        assert!(disk.has_failed());
        insert(&connection, 3).expect_err("the disk is still gone");
        drop(connection);
        assert_eq!(numbers_on(&disk.after_power_loss(Loss::Nothing, 0)), [1], "{fault:?}");
    }
}

#[test]
fn an_error_of_one_write_fails_one_commit() {
    let disk = Disk::new();
    let connection = open(&disk, "FULL").expect("an empty disk takes a file");
    insert(&connection, 1).expect("a sound disk takes a row");
    disk.fail_at(disk.operations() + 1, Fault::Error);
    insert(&connection, 2).expect_err("a write fails");
    insert(&connection, 3).expect("the next does not");
    drop(connection);
    assert_eq!(numbers_on(&disk), [1, 3]);
}

#[test]
fn a_full_disk_says_so_and_goes_on_when_there_is_room() {
    let disk = Disk::new();
    let connection = open(&disk, "FULL").expect("an empty disk takes a file");
    insert(&connection, 1).expect("a sound disk takes a row");
    disk.fail_at(disk.operations(), Fault::Full);
    let full = insert(&connection, 2).expect_err("the log cannot grow");
    assert_eq!(full.sqlite_error_code(), Some(ErrorCode::DiskFull));
    insert(&connection, 3).expect_err("it still cannot");
    disk.make_room();
    insert(&connection, 4).expect("now it can");
    drop(connection);
    assert_eq!(numbers_on(&disk), [1, 4]);
}

/// A disk on which the sync of row 2 failed and whose program was killed before it could close.
fn after_a_failed_sync() -> (Disk, Connection) {
    let disk = Disk::new();
    let connection = open(&disk, "FULL").expect("an empty disk takes a file");
    insert(&connection, 1).expect("a sound disk takes a row");
    disk.fail_at(disk.operations(), Fault::FailedSync);
    let failed = insert(&connection, 2).expect_err("the sync fails");
    assert_eq!(failed.sqlite_error_code(), Some(ErrorCode::SystemIoFailure));
    assert!(matches!(disk.history().last(), Some(Operation::FailedSync { .. })));
    (disk, connection)
}

#[test]
fn who_closes_after_a_failed_sync_and_opens_anew_keeps_what_is_acknowledged_then() {
    let (disk, connection) = after_a_failed_sync();
    connection.close().expect("closing puts the log into the file without the failed row");
    let connection = open(&disk, "FULL").expect("the file opens");
    assert_eq!(numbers(&connection).expect("the file is sound"), [1]);
    insert(&connection, 3).expect("the sync succeeds again");
    assert_eq!(numbers_on(&disk.after_power_loss(Loss::Everything, 0)), [1, 3]);
}

/// What SQLite cannot know: the log is read from the cache with frames that no sync will ever write.
#[test]
fn who_is_killed_after_a_failed_sync_and_writes_on_loses_what_is_acknowledged_then() {
    for (checkpointed, wanted) in [(false, vec![1]), (true, vec![1, 2, 3])] {
        let (disk, killed) = after_a_failed_sync();
        std::mem::forget(killed);
        disk.release_locks();
        let connection = open(&disk, "FULL").expect("the file opens");
        assert_eq!(numbers(&connection).expect("the cache has it"), [1, 2]);
        if checkpointed {
            checkpoint(&connection).expect("what is read from the cache is written to the file");
        }
        insert(&connection, 3).expect("the sync succeeds again");
        assert_eq!(numbers_on(&disk.after_power_loss(Loss::Everything, 0)), wanted);
    }
}

#[test]
fn reads_can_fail_and_fall_short() {
    let disk = Disk::new();
    drop(workload(&disk, "FULL", 8));
    for fault in [Fault::ReadError, Fault::ShortRead] {
        let image = disk.at(disk.operations());
        let mut seen = 0;
        for n in 0..image.reads().max(40) {
            let image = image.at(image.operations());
            image.fail_at(n, fault);
            let flags = OpenFlags::default();
            let read = Connection::open_with_flags_and_vfs(image.path(NAME), flags, Disk::VFS)
                .and_then(|connection| {
                    connection
                        .execute_batch("PRAGMA locking_mode=EXCLUSIVE; PRAGMA cache_size=0;")?;
                    let text = "SELECT count(*) FROM t WHERE length(pad) = 3000";
                    connection.query_row(text, [], |row| row.get::<_, i64>(0))
                });
            seen += i32::from(image.has_failed() && read != Ok(8));
        }
        assert!(seen > 0, "{fault:?}");
    }
}

#[test]
fn a_write_protected_disk_is_read_and_not_written() {
    let disk = Disk::new();
    drop(open(&disk, "FULL").map(|connection| insert(&connection, 1)));
    disk.write_protect(true);
    let flags = OpenFlags::default();
    let connection = Connection::open_with_flags_and_vfs(disk.path(NAME), flags, Disk::VFS)
        .expect("it opens to be read");
    connection.execute_batch("PRAGMA locking_mode=EXCLUSIVE").expect("a mode is not written");
    let refused = insert(&connection, 2).expect_err("it is protected");
    let code = refused.sqlite_error_code();
    assert!(matches!(code, Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen)), "{code:?}");
}

#[test]
fn a_file_can_be_flipped_cut_copied_and_taken_away_from_outside() {
    let disk = Disk::new();
    drop(workload(&disk, "FULL", 5));
    assert!(disk.copy(NAME, "copy.db"));
    let content = disk.content(NAME).expect("it is there");
    assert!(disk.flip_bit(NAME, 8 * 100 + 3));
    let flipped = disk.content(NAME).expect("it is there");
    assert_eq!(content[100] ^ flipped[100], 1 << 3);
    assert!(disk.truncate(NAME, 512));
    assert_eq!(disk.content(NAME).expect("it is there").len(), 512);
    assert!(!disk.truncate(NAME, 512));
    disk.remove(NAME);
    assert_eq!(disk.files(), ["copy.db"]);
    assert_eq!(disk.content("copy.db"), Some(content));
    assert!(!disk.flip_bit(NAME, 0));
}
