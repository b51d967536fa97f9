//! What is done about the watch: its policies, and what it freezes.

use crate::command::{ActivateProgram, InstallProgram};
use crate::document::{document, union};
use crate::watch::WatchNamed;

union! {
    /// Installs a policy of the watch, makes an installed one valid, freezes and thaws.
    pub enum ChangeWatch {
        /// Makes an installed policy valid for stores from an instant on; a roll-back is another one.
        Activate(ActivateProgram) = "activate",
        /// No points leave it from now on, and what it earns waits.
        Freeze(FreezeWatched) = "freeze",
        /// Puts a policy into the ledger; nothing is in force by it.
        Install(InstallProgram) = "install",
        /// It is free again.
        Thaw(FreezeWatched) = "thaw",
    }
}

document! {
    /// What is frozen or thawed: a card, a cashier, a till, or the whole programme.
    pub struct FreezeWatched {
        /// The cashier, or whoever else says so.
        pub cashier: Option<String>,
        /// Why, in the host's words.
        pub reason: Option<String>,
        /// The shift.
        pub shift: Option<String>,
        /// The store in which this is said.
        pub store: Option<String>,
        /// What; of the programme the id is empty.
        pub subject: WatchNamed,
        /// The till.
        pub till: Option<String>,
    }
}
