//! The format of uploads and of exported journals.

pub(crate) mod line;
pub(crate) mod read;
pub(crate) mod write;

pub use line::LINE_BYTES_MAX;
pub use write::ExportOptions;
