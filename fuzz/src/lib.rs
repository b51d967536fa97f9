//! What the fuzz targets share: generated documents and calls, and what must always hold.

pub mod calls;
pub mod checks;
pub mod documents;
pub mod orders;
pub mod wild;
