//! What is done about time and about what several tills left open.

use jiff::Timestamp;

use crate::document::{document, union};

document! {
    /// Deals with a suspect clock.
    pub struct ChangeClock {
        /// What is done.
        pub action: ClockAction,
        /// The cashier.
        pub cashier: Option<String>,
        /// The shift.
        pub shift: Option<String>,
        /// The store.
        pub store: Option<String>,
        /// The till.
        pub till: Option<String>,
    }
}

union! {
    /// What is done with a suspect clock.
    pub enum ClockAction {
        /// It is right: time goes on from the instant of the call.
        Accept(AcceptClock) = "accept",
    }
}

document! {
    /// Accepts the instant of the call.
    pub struct AcceptClock {
        /// The time that a person read elsewhere and confirmed, if anybody did. It may differ from
        /// the instant of the call by an hour at most.
        pub confirmed: Option<Timestamp>,
    }
}

document! {
    /// Posts what the records of several tills left open when they came together. One call posts one
    /// sale, or all points that were written off twice; call it again, under another key, while the
    /// answer says that anything is left.
    pub struct Settle {
        /// The cashier.
        pub cashier: Option<String>,
        /// The shift.
        pub shift: Option<String>,
        /// The store.
        pub store: Option<String>,
        /// The till.
        pub till: Option<String>,
    }
}
