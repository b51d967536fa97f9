//! Facts about the programmes of a ledger.

use jiff::Timestamp;

use crate::document::document;
use crate::json::Node;

document! {
    /// A version of the programme, or of a policy of the watch, is known. It is in force nowhere by
    /// that.
    pub struct ProgramInstalled {
        /// The document as it was written.
        pub document: Node,
        /// The SHA-256 of its canonical form, in hexadecimal.
        pub version: String,
    }
}

document! {
    /// A version of the programme, or of a policy of the watch, is valid from an instant on.
    pub struct ProgramActivated {
        /// From when.
        pub from: Timestamp,
        /// For which stores, in order; all for which nothing else was said if empty.
        pub stores: Vec<String>,
        /// The version.
        pub version: String,
    }
}
