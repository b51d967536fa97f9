//! An embeddable loyalty engine: the same answer, to the kopek, at the till, in the backend, on the
//! phone and in the notebook.
//!
//! A [`Program`] is compiled once from a document. A [`Book`] keeps what happened and answers
//! [`Request`]s: what an order costs and earns (`quote`), holding points for it (`reserve`),
//! completing it (`confirm`, or `sell` for both at once), giving back (`refund`, `void`), and what a
//! card holds (`balance`).
//!
//! ```
//! use kopilka::{Book, Program};
//!
//! let program = Program::compile(r#"{
//!     "id": "corner-shop", "currency": "RUB", "zone": "Europe/Moscow",
//!     "points": [{"id": "bonus"}],
//!     "cards": [{"id": "bonus", "kind": "bonus", "numbers": [{"length_max": 4}]}],
//!     "earning": {"rules": [{"id": "five", "give": {"percent": "5"}}]}
//! }"#)?;
//! let mut book = Book::new("till-1", program)?;
//! book.call_json(r#"{
//!     "at": "2025-10-24T14:29:00+03:00", "key": "card-1001",
//!     "command": {"issue": {"card": "1001"}}
//! }"#)?;
//! let answer = book.call_json(r#"{
//!     "at": "2025-10-24T14:30:00+03:00",
//!     "command": {"quote": {"order": {
//!         "cards": [{"number": "1001"}],
//!         "lines": [{"id": "coffee", "price": "250.00"}]
//!     }}}
//! }"#)?;
//! // 5 % of 250.00 is 12.5, rounded down to whole points.
//! assert!(answer.contains(r#""earned":"12""#));
//! # Ok::<(), kopilka::Error>(())
//! ```
//!
//! Underneath, [`decide`] and [`apply`] are pure functions over a [`Slice`] of the book, for hosts
//! that keep their own store; [`touches`] says what the slice must hold.
//!
//! What this crate does not do: it has no I/O, clock, randomness, threads or globals. Instants are
//! arguments, ids are derived, time zones come from a database that is compiled in.
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![deny(
    clippy::expect_used,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unreachable,
    clippy::unwrap_used
)]
#![cfg_attr(
    test,
    allow(
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::string_slice,
        clippy::unwrap_used
    )
)]

mod account;
mod allocation;
mod amount;
mod answer;
mod book;
mod catalogue;
mod chance;
mod clock;
mod code;
mod command;
pub mod desk;
pub mod document;
pub mod door;
mod error;
mod history;
mod identify;
mod import;
pub mod json;
mod key;
mod ledger;
mod link;
mod number;
mod operations;
mod order;
mod pin;
mod position;
mod pricing;
mod program;
mod reason;
mod record;
mod report;
mod rotating;
mod rounding;
mod scanned;
pub mod schema;
mod signed;
mod slice;
mod statement;
mod subline;
mod tax;
mod term;
pub mod texts;
mod touched;
mod touches;
pub mod upload;
mod verbs;
mod wallet;
pub mod watch;

pub use allocation::{Blocked, Residue, Spread};
pub use amount::{AMOUNT_MAX, Amount, currency_digits};
pub use answer::*;
pub use book::{Book, REQUEST_BYTES_MAX};
pub use clock::{Clock, ClockBehind, ClockSuspect};
pub use command::*;
pub use error::{Error, ErrorClass, ErrorCode, Mistake};
pub use identify::{
    Identified, IdentifiedCoupon, SCAN_BYTES_MAX, ScaleLabel, Scan, ScanKind, check_character,
    is_bank_card,
};
pub use import::{read_csv, read_json_lines};
pub use key::Key;
pub use ledger::*;
pub use link::Link;
pub use operations::*;
pub use order::*;
pub use position::Position;
pub use program::*;
pub use reason::{Arguments, Reason, ReasonCode};
pub use record::*;
pub use report::{Tally, reads_records};
pub use rounding::Rounding;
pub use slice::{Head, ProgramActivation, Schedule, Slice, apply};
pub use statement::{Statement, explained, explained_record, explanation};
pub use subline::UnitOrder;
pub use tax::TaxScope;
pub use touched::{fold_together, folded_with, touched};
pub use touches::{needs_all, order_needs_all, order_touches, touches};
pub use verbs::{
    Decision, PreparedOrder, check, decide, first_program, pinned_version, previewed, profiles_of,
    program_missing, version_in_force, version_in_store,
};
