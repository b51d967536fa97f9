//! The C door of [Kopilka](kopilka): `libkopilka` with the header `include/kopilka.h`.
//!
//! Everything crosses as UTF-8 JSON through a few opaque handles, so that a new verb of the engine is no
//! new function. [`door`] is what C sees; the functions there do nothing but turn pointers into types
//! that say whose they are (`pointer`), inside the one boundary that no panic passes (`boundary`).
//!
//! No other crate that is shipped has `unsafe` code: `pointer` holds what is done with pointers, `door`
//! the promises of the caller under which it is done.
#![deny(clippy::expect_used, clippy::indexing_slicing, clippy::unreachable, clippy::unwrap_used)]
#![cfg_attr(test, allow(clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used))]

mod boundary;
#[cfg(any(test, feature = "caller"))]
pub mod caller;
pub mod door;
mod error;
mod features;
mod handle;
mod pointer;
mod text;

pub use door::*;
pub use error::KopilkaError;
pub use handle::KopilkaHandle;
pub use text::KopilkaText;
