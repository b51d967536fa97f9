//! The desk: support tickets, their clocks, and business time.
//!
//! A desk's policy is a document, and everything here is pure: instants are arguments, tickets are
//! lists of events, and answers say how they came about.

mod calendar;
mod components;
mod evaluate;
mod lint;
mod local;
mod log;
mod maintenance;
mod numbering;
mod outcomes;
mod policy;
mod problems;
mod report;
mod rotation;
mod scores;
mod share;
mod stages;
pub mod texts;
mod ticket;
mod verbs;
mod words;

pub use calendar::*;
pub use components::*;
pub use evaluate::*;
pub use lint::*;
pub use local::LocalHours;
pub use log::*;
pub use maintenance::*;
pub use numbering::*;
pub use outcomes::*;
pub use policy::*;
pub use problems::*;
pub use report::*;
pub use rotation::*;
pub use scores::*;
pub use share::Share;
pub use stages::*;
pub use ticket::*;
pub use verbs::*;

/// The guide, whose examples run as tests.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/desk.md")]
struct Guide;
