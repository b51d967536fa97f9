//! Orders: what a host hands over, and the whole numbers that the engine makes of it.

mod document;
mod limits;
pub(crate) mod prepare;

pub use document::*;
pub(crate) use prepare::Prepared;
