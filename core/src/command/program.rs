//! Programmes by record: put into the ledger, and made valid.

use jiff::Timestamp;

use crate::document::{document, union};
use crate::json::Node;

union! {
    /// Installs a programme, or makes an installed one valid.
    pub enum ChangeProgram {
        /// Makes an installed version valid for stores from an instant on; a roll-back is another
        /// one.
        Activate(ActivateProgram) = "activate",
        /// Puts a document into the ledger; nothing is in force by it.
        Install(InstallProgram) = "install",
    }
}

document! {
    /// Which version is valid, from when, and where.
    pub struct ActivateProgram {
        /// The cashier.
        pub cashier: Option<String>,
        /// From when; at once if left out. An instant in the past is the present.
        pub from: Option<Timestamp>,
        /// The shift.
        pub shift: Option<String>,
        /// The store in which this is said.
        pub store: Option<String>,
        /// The stores for which it is valid; all for which nothing else was said if left out.
        pub stores: Vec<String> = Vec::new(),
        /// The till.
        pub till: Option<String>,
        /// The version, as `install` answered it.
        pub version: String,
    }
}

document! {
    /// The document of a programme.
    pub struct InstallProgram {
        /// The cashier.
        pub cashier: Option<String>,
        /// The document, as it is written.
        pub document: Node,
        /// The shift.
        pub shift: Option<String>,
        /// The store in which this is said.
        pub store: Option<String>,
        /// The till.
        pub till: Option<String>,
    }
}
