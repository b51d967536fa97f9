//! Programmes: documents compiled once into a handle.

mod compile;
pub(crate) mod condition;
mod document;
pub(crate) mod rules;

pub(crate) use compile::find_zone;
pub use compile::{PROGRAM_BYTES_MAX, Program};
pub use condition::{Between, LineCondition, OrderCondition};
pub use document::*;
