//! Ledgers to be measured, and a plain SQLite loop that writes the same rows.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use kopilka::json::Node;
use kopilka::{
    ActivateProgram, Answer, ChangeProgram, Command, InstallProgram, Issue, Line, Order, Request,
    SellOrder,
};
use kopilka_store::Ledger;
use rusqlite::{Connection, params};
use rust_decimal::Decimal;

use crate::now;

/// The programme of six shops, as every newcomer sees it.
const SIX_STORES: &str = include_str!("../../presets/six-stores.json");
/// A programme of which records are as small as a sale's can be.
const SMALL: &str = r#"{"id": "small", "currency": "RUB", "zone": "Europe/Moscow",
    "points": [{"id": "bonus"}],
    "cards": [{"id": "bonus", "kind": "bonus", "numbers": [{"length_max": 8}]}],
    "grants": [{"id": "thanks", "amount": "1"}]}"#;
/// How many cards of six shops take turns.
const CARDS: usize = 500;
/// How many cards take turns where journals are long: fifty visits of each make a million records.
const MANY_CARDS: usize = 20_000;

/// The instant of the nth call: a second after the one before it.
#[must_use]
pub fn instant(n: u64) -> Timestamp {
    now() + SignedDuration::from_secs(i64::try_from(n).expect("few calls"))
}

/// A call under its own key.
#[must_use]
pub fn keyed(n: u64, key: &str, command: Command) -> Request {
    Request::new(instant(n), command).with_key(format!("{key}-{n}"))
}

fn number(n: usize) -> String {
    format!("1{:03}", n % CARDS)
}

fn long_number(n: usize) -> String {
    format!("1{:07}", n % MANY_CARDS)
}

/// A new ledger with a programme in force and bonus cards.
fn begun(path: &Path, document: &str, cards: impl Iterator<Item = String>) -> Ledger {
    let ledger = Ledger::open(path, "till-1").expect("the folder is there");
    let document = Node::parse(document, 1 << 20).expect("the programme is JSON");
    let install = InstallProgram { document, ..InstallProgram::default() };
    let install = keyed(0, "install", Command::Program(ChangeProgram::Install(install)));
    let installed = match ledger.call(&install) {
        Ok(Answer::Program(installed)) => installed,
        other => panic!("{other:?}"),
    };
    let activate = ActivateProgram { version: installed.version, ..ActivateProgram::default() };
    let activate = keyed(0, "activate", Command::Program(ChangeProgram::Activate(activate)));
    all(&ledger, &[activate]);
    let issue = |card: String| {
        keyed(0, &card, Command::Issue(Issue { card: card.clone(), ..Issue::default() }))
    };
    let issues: Vec<_> = cards.map(issue).collect();
    issues.chunks(1_000).for_each(|issues| all(&ledger, issues));
    ledger
}

/// A new ledger of six shops.
#[must_use]
pub fn six_stores(path: &Path) -> Ledger {
    begun(path, SIX_STORES, (0..CARDS).map(number))
}

/// A new ledger of small records.
#[must_use]
pub fn small(path: &Path) -> Ledger {
    begun(path, SMALL, (0..MANY_CARDS).map(long_number))
}

/// Calls that must succeed, in one transaction.
pub fn all(ledger: &Ledger, requests: &[Request]) {
    for answer in ledger.call_all(requests) {
        answer.unwrap_or_else(|error| panic!("{error}"));
    }
}

/// The nth sale: ten lines with one card.
#[must_use]
pub fn sale(n: u64) -> Request {
    let index = usize::try_from(n).expect("few calls");
    let line = |place: usize| {
        let price = i64::try_from(5_000 + (index + place) * 3_719 % 70_000).expect("a price");
        Line {
            category: Some(format!("c{}", place % 7)),
            quantity: Decimal::from(1 + place % 3),
            ..Line::new((place + 1).to_string(), Decimal::new(price, 2))
        }
    };
    let order = Order {
        cards: vec![number(index).as_str().into()],
        lines: (0..10).map(line).collect(),
        receipt: Some(n.to_string()),
        store: Some("almaz".into()),
        ..Order::default()
    };
    keyed(n, "sale", Command::Sell(SellOrder { order, expect: None }))
}

/// The nth present of one point.
#[must_use]
pub fn present(n: u64) -> Request {
    let card = long_number(usize::try_from(n).expect("few calls"));
    let grant = kopilka::GrantPoints { card, grant: "thanks".into(), ..Default::default() };
    keyed(n, "present", Command::Grant(grant))
}

/// The rows that one sale writes, by what stands in a ledger that was closed.
#[derive(Clone, Debug)]
pub struct Rows {
    /// The length of the record.
    pub record: i64,
    /// The kinds and ids of the states that it touched.
    pub touches: Vec<(String, String)>,
    /// The kinds, ids and lengths of these states.
    pub states: Vec<(String, String, i64)>,
}

impl Rows {
    /// Those of the last record.
    #[must_use]
    pub fn of_last_sale(path: &Path) -> Rows {
        let file = Connection::open(path).expect("the ledger is closed");
        let (id, record): (i64, i64) = file
            .query_row(
                "SELECT id, length(CAST(text AS BLOB)) FROM records ORDER BY id DESC LIMIT 1",
                [],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .expect("there are records");
        let mut touched = file
            .prepare("SELECT kind, id FROM touches WHERE record = ?1")
            .expect("the index is there");
        let touches: Vec<(String, String)> = touched
            .query_map([id], |row| Ok((row.get(0)?, row.get(1)?)))
            .and_then(Iterator::collect)
            .expect("the index is sound");
        let mut stored = file
            .prepare("SELECT length(CAST(text AS BLOB)) FROM states WHERE kind = ?1 AND id = ?2")
            .expect("the states are there");
        let states = touches.iter().filter_map(|(kind, id)| {
            let length = stored.query_row([kind, id], |row| row.get(0)).ok()?;
            Some((kind.clone(), id.clone(), length))
        });
        let states = states.collect();
        drop(stored);
        drop(touched);
        Rows { record, touches, states }
    }
}

fn text_of(length: i64) -> String {
    "x".repeat(usize::try_from(length).expect("a length"))
}

/// A file of SQLite under the pragmas of a ledger, into which rows of the same number and length are
/// written as plainly as it can be done.
pub struct Raw {
    connection: Connection,
    rows: Rows,
    written: i64,
}

impl Raw {
    /// An empty file.
    #[must_use]
    pub fn begin(path: &Path, rows: Rows) -> Raw {
        let connection = Connection::open(path).expect("the folder is there");
        connection
            .execute_batch(
                "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;
                 PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;
                 PRAGMA foreign_keys = ON; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0;
                 PRAGMA secure_delete = ON; PRAGMA trusted_schema = OFF;
                 CREATE TABLE records (id INTEGER PRIMARY KEY, at INTEGER NOT NULL,
                     hash BLOB NOT NULL, text TEXT NOT NULL) STRICT;
                 CREATE INDEX records_by_time ON records (at);
                 CREATE TABLE states (kind TEXT NOT NULL, id TEXT NOT NULL, text TEXT NOT NULL,
                     checksum BLOB NOT NULL, PRIMARY KEY (kind, id)) STRICT;
                 CREATE TABLE touches (kind TEXT NOT NULL, id TEXT NOT NULL, at INTEGER NOT NULL,
                     record INTEGER NOT NULL, PRIMARY KEY (kind, id, at, record))
                     STRICT, WITHOUT ROWID;
                 CREATE TABLE digest (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;",
            )
            .expect("the file is empty");
        Raw { connection, rows, written: 0 }
    }

    /// Writes the rows of so many sales in one transaction.
    pub fn write(&mut self, sales: u64) {
        let transaction = self.connection.transaction().expect("nobody else writes");
        for _ in 0..sales {
            self.written += 1;
            let (id, rows) = (self.written, &self.rows);
            let statement = |sql: &str| transaction.prepare_cached(sql).expect("the SQL is sound");
            let text = text_of(rows.record);
            statement("INSERT INTO records VALUES (?1, ?2, ?3, ?4)")
                .execute(params![id, id, [7_u8; 32], text])
                .expect("there is room");
            for (kind, name) in &rows.touches {
                statement("INSERT INTO touches VALUES (?1, ?2, ?3, ?4)")
                    .execute(params![kind, Raw::id(kind, name, id), id, id])
                    .expect("there is room");
            }
            for (kind, name, length) in &rows.states {
                statement("INSERT OR REPLACE INTO states VALUES (?1, ?2, ?3, ?4)")
                    .execute(params![kind, Raw::id(kind, name, id), text_of(*length), [7_u8; 8]])
                    .expect("there is room");
            }
            statement("INSERT OR REPLACE INTO digest VALUES (1, ?1)")
                .execute([format!("{id:064}")])
                .expect("there is room");
        }
        transaction.commit().expect("there is room");
    }

    /// Cards take turns; sales and keys are new each time.
    fn id(kind: &str, name: &str, sale: i64) -> String {
        match kind {
            "card" => number(usize::try_from(sale).expect("a sale")),
            "sale" | "command" => format!("{kind}-{sale:08}"),
            _ => name.to_owned(),
        }
    }

    /// Brings the log into the file, as a ledger does now and then.
    pub fn checkpoint(&self) {
        let sql = "PRAGMA wal_checkpoint(TRUNCATE)";
        self.connection.query_row(sql, [], |_| Ok(())).expect("nobody reads");
    }
}
