//! Kopilka is an embeddable loyalty engine.
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
mod command;
pub mod document;
mod error;
pub mod json;
mod number;
mod order;
mod pricing;
mod program;
mod reason;
mod record;
mod rounding;
pub mod schema;
mod slice;
mod subline;
mod tax;
mod term;
mod verbs;

pub use allocation::{Blocked, Residue, Spread};
pub use amount::{AMOUNT_MAX, Amount, currency_digits};
pub use answer::*;
pub use book::{Book, REQUEST_BYTES_MAX, explanation};
pub use command::*;
pub use error::{Error, ErrorClass, ErrorCode, Mistake};
pub use order::*;
pub use program::*;
pub use reason::{Arguments, Reason, ReasonCode};
pub use record::*;
pub use rounding::Rounding;
pub use slice::{Head, Key, Slice, apply, touches};
pub use subline::UnitOrder;
pub use tax::TaxScope;
pub use verbs::{Decision, PreparedOrder, decide, pinned_version};
