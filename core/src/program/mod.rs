//! Programmes: documents compiled once into a handle.

pub(crate) mod benefit;
mod compile;
pub(crate) mod condition;
mod document;
mod lint;
pub(crate) mod rules;
pub(crate) mod tiering;

pub(crate) use compile::{CODE_MAX, REDEMPTION, USES_MAX, code_symbol};
pub use compile::{PROGRAM_BYTES_MAX, Program};
pub use condition::{
    AmountBetween, AttributeIs, Between, BirthdayWindow, DateWindow, InstantWindow, LineCondition,
    LinesTotal, Nth, OrderCondition, TimeWindow, Weekday, Whole,
};
pub use document::*;
pub use lint::lint;
