//! What happens to a bill between reserve and confirm, and disputes after it.

use rust_decimal::Decimal;

use crate::document::{choice, document, union};

document! {
    /// Changes a reserved sale as restaurants change bills. Holds and discounts go with the lines.
    pub struct ChangeBill {
        /// What is done.
        pub action: BillAction,
        /// The cashier.
        pub cashier: Option<String>,
        /// The shift.
        pub shift: Option<String>,
        /// The store.
        pub store: Option<String>,
        /// The till.
        pub till: Option<String>,
        /// The token that reserve gave.
        pub token: String,
    }
}

union! {
    /// What is done with a bill.
    pub enum BillAction {
        /// Other reserved sales are added to it: they end, and one new sale holds everything.
        Join(JoinBills) = "join",
        /// It moves to another till or table; its token stays.
        Move(MoveBill) = "move",
        /// It is divided into several: it ends, and each part is a sale of its own.
        Split(SplitBill) = "split",
    }
}

document! {
    /// The bills that are added.
    pub struct JoinBills {
        /// Their tokens.
        pub tokens: Vec<String>,
    }
}

document! {
    /// Where a bill is now.
    pub struct MoveBill {
        /// The table, in the merchant's words.
        pub table: Option<String>,
        /// The till.
        pub till: Option<String>,
    }
}

document! {
    /// How a bill is divided.
    pub struct SplitBill {
        /// The parts but the last: what no part names is the last part.
        pub parts: Vec<BillPart>,
    }
}

document! {
    /// A part of a divided bill.
    pub struct BillPart {
        /// Its lines. Children whose parent comes as a whole come with it, unless another part
        /// names them.
        pub lines: Vec<BillLine>,
    }
}

document! {
    /// A line of a part.
    pub struct BillLine {
        /// The line's id.
        pub line: String,
        /// How much of it; all that is left of it if left out.
        pub quantity: Option<Decimal>,
    }
}

document! {
    /// Flags a confirmed sale, or settles that.
    pub struct Dispute {
        /// What is done.
        pub action: DisputeAction,
        /// The cashier.
        pub cashier: Option<String>,
        /// Why, in the host's words.
        pub reason: Option<String>,
        /// The shift.
        pub shift: Option<String>,
        /// The store.
        pub store: Option<String>,
        /// The till.
        pub till: Option<String>,
        /// The token of the sale.
        pub token: String,
    }
}

choice! {
    /// What is done about a disputed sale.
    pub enum DisputeAction {
        /// It is disputed: what it earned and loaded is frozen.
        Open = "open",
        /// The dispute is settled for the guest: what was frozen can be used again.
        Release = "release",
        /// The dispute is settled against the guest: what was earned is taken back.
        ClawBack = "claw_back",
    }
}
