//! What the fuzz targets share: generated documents and calls, and what must always hold.

pub mod answers;
pub mod bills;
pub mod calls;
pub mod cards;
pub mod checks;
pub mod desks;
pub mod documents;
pub mod doors;
pub mod guests;
pub mod orders;
pub mod scans;
pub mod secrets;
pub mod watches;
pub mod wild;
