//! The ledger of [Kopilka](kopilka), an embeddable loyalty engine, on disk.
//!
//! A [`Ledger`] answers the verbs of the core and keeps what they do in one file: what was answered is
//! never lost, nothing is counted twice, and ledgers that have the same records have the same states. What a
//! host does with one, and what holds in every case, stands in `docs/ledger.md`.
//!
//! ```
//! use kopilka_store::Ledger;
//!
//! let folder = tempfile::tempdir()?;
//! let path = folder.path().join("till-1.ledger");
//! let install = r#"{
//!     "at": "2026-03-02T09:00:00+03:00", "key": "install-1",
//!     "command": {"program": {"install": {"document": {
//!         "id": "corner-shop", "currency": "RUB", "zone": "Europe/Moscow"
//!     }}}}
//! }"#;
//! let answer = Ledger::open(&path, "till-1")?.call_json(install)?;
//! // Another run of the till: the same call gets the stored answer.
//! let ledger = Ledger::open(&path, "till-1")?;
//! assert!(ledger.opening().found.is_empty());
//! assert_eq!(ledger.call_json(install)?, answer);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A [`Store`] keeps records, the states that they add up to, and what stands beside them: it knows
//! nothing of loyalty. [`MemoryStore`] forgets all when it is dropped; [`SqliteStore`] is one file.
//! Both hold to one suite of tests.
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

#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct ReadmeExamples;

#[cfg(doctest)]
#[doc = include_str!("../../docs/ledger.md")]
struct LedgerExamples;

mod copy;
mod digest;
mod error;
mod files;
mod head_file;
mod ledger;
mod location;
mod memory;
mod merge;
mod sqlite;
mod store;
mod upload;

pub use digest::Digest;
pub use error::{StoreError, StoreFault};
pub use files::{Files, SystemFiles};
pub use head_file::{HeadFile, HeadMedium, KnownHead};
pub use ledger::{CALLS_TOGETHER_MAX, Ledger, Listener, Options, ReplayOptions, Together};
pub use memory::MemoryStore;
pub use sqlite::{SqliteOptions, SqliteStore};
pub use store::*;
pub use upload::{ExportOptions, LINE_BYTES_MAX};
