//! Imports, reports, bills and passes in answers.

use jiff::Timestamp;

use crate::amount::Amount;
use crate::answer::{BalanceChange, IssuedCoupon, LimitUse, SaleStatus};
use crate::document::document;
use crate::json::Node;
use crate::reason::Reason;
use crate::record::MatchSettled;
use crate::watch::{Verdict, WatchAction};

document! {
    /// What an import did.
    pub struct Imported {
        /// How many cards are new.
        pub cards: i64,
        /// How many coupons are new.
        pub coupons: i64,
        /// How many guests are new.
        pub guests: i64,
        /// The rows that were passed over because their card or coupon is there already, by their
        /// places from 0.
        pub known: Vec<u32>,
        /// The id of this call's record.
        pub record: String,
        /// How many rows there were.
        pub rows: i64,
        /// What the new lots hold in all, for each asset.
        pub sums: Vec<AssetSum>,
    }
}

document! {
    /// What the import of a file did.
    pub struct ImportReport {
        /// How many cards are new.
        pub cards: i64,
        /// How many coupons are new.
        pub coupons: i64,
        /// How many guests are new.
        pub guests: i64,
        /// The rows that were passed over because what they are about is there already, by their
        /// places from 0.
        pub known: Vec<u32>,
        /// The ids of the records; none for a preview.
        pub records: Vec<String>,
        /// How many rows there were.
        pub rows: i64,
        /// What the new lots hold in all, for each asset.
        pub sums: Vec<AssetSum>,
    }
}

document! {
    /// A sum of one asset.
    pub struct AssetSum {
        /// How much.
        pub amount: Amount,
        /// The currency or the kind of points.
        pub asset: String,
    }
}

document! {
    /// What a settlement posted.
    pub struct Settled {
        /// The balances that it changed.
        pub balances: Vec<BalanceChange>,
        /// The coupons that a sale gave which it confirmed.
        pub coupons: Vec<IssuedCoupon>,
        /// How many sales and cards are still to be settled: call it again.
        pub left: i64,
        /// The confirms and cancels that had waited for a sale, and what came of them.
        pub matches: Vec<MatchSettled>,
        /// Why something happened otherwise than hoped.
        pub reasons: Vec<Reason>,
        /// The id of this call's record.
        pub record: String,
        /// The codes of the coupons that became void because their points were gone already.
        pub voided: Vec<String>,
    }
}

document! {
    /// The sales that hold the lines of a bill now.
    pub struct BillAnswer {
        /// The bills: the parts in their order, or the one that was joined or moved.
        pub bills: Vec<BillView>,
        /// The id of this call's record.
        pub record: String,
    }
}

document! {
    /// A reserved sale as a bill.
    pub struct BillView {
        /// Until when its points are reserved.
        pub hold_until: Option<Timestamp>,
        /// The receipt.
        pub quote: Option<crate::answer::Quote>,
        /// Where the sale is.
        pub status: SaleStatus,
        /// The table.
        pub table: Option<String>,
        /// The till.
        pub till: Option<String>,
        /// The token under which confirm and cancel find the sale.
        pub token: Option<String>,
    }
}

document! {
    /// A report. The parts that were not asked for are absent.
    pub struct ReportAnswer {
        /// How campaigns are used.
        pub campaigns: Option<CampaignReport>,
        /// Which hand-written receipts seem to be entered more than once.
        pub doubles: Option<DoublesReport>,
        /// What is owed to guests.
        pub liability: Option<LiabilityReport>,
        /// What moved in a shift.
        pub shift: Option<ShiftSummary>,
        /// What the watch makes of the journal.
        pub watch: Option<WatchSummary>,
    }
}

document! {
    /// What the watch makes of the journal.
    pub struct WatchSummary {
        /// How many events came to which action.
        pub actions: Vec<ActionCount>,
        /// The events for which something follows, or would if a check counted, at most 1,000.
        pub alerts: Vec<WatchAlert>,
        /// The checks that fired or could not be evaluated.
        pub checks: Vec<CheckCount>,
        /// The records whose verdict comes out otherwise than it stands in them, at most 1,000: under
        /// another policy or at another place, or because a till did not know then what others did.
        /// From the journal of one till, with the policies that decided, there are none.
        pub differing: Vec<String>,
        /// How many events were judged.
        pub events: u64,
        /// How many alerts more there are.
        pub more_alerts: u64,
    }
}

document! {
    /// How many events came to an action.
    pub struct ActionCount {
        /// The action.
        pub action: WatchAction,
        /// How many.
        pub count: u64,
    }
}

document! {
    /// How a check fared.
    pub struct CheckCount {
        /// The check.
        pub check: String,
        /// How often it could not be evaluated.
        pub errored: u64,
        /// How often it fired and counted.
        pub fired: u64,
        /// How often it fired and did not count.
        pub shadow: u64,
    }
}

document! {
    /// An event for which something follows.
    pub struct WatchAlert {
        /// When.
        pub at: Timestamp,
        /// The card.
        pub card: Option<String>,
        /// The cashier.
        pub cashier: Option<String>,
        /// The record.
        pub record: String,
        /// The store.
        pub store: Option<String>,
        /// The till.
        pub till: Option<String>,
        /// The verdict.
        pub verdict: Verdict,
    }
}

document! {
    /// Hand-written receipts that seem to be entered more than once.
    pub struct DoublesReport {
        /// Each with all records that entered it, those by number first.
        pub receipts: Vec<DoubleReceipt>,
    }
}

document! {
    /// One receipt that several records entered. All but one of them should be voided, if they are
    /// the same indeed.
    pub struct DoubleReceipt {
        /// The card, where the same card, sum and minute make them one.
        pub card: Option<String>,
        /// The number, where it makes them one.
        pub number: Option<String>,
        /// The records, in the order of their ids as texts.
        pub records: Vec<String>,
        /// The store, if it was named.
        pub store: Option<String>,
        /// The sum with its currency, where the same card, sum and minute make them one.
        pub sum: Option<String>,
        /// The local day of the number, or the minute of the sum in UTC.
        pub when: String,
    }
}

document! {
    /// What is owed to guests.
    pub struct LiabilityReport {
        /// For each asset, in the order of the programme; money last.
        pub assets: Vec<AssetLiability>,
        /// The instant for which it is read.
        pub at: Timestamp,
    }
}

document! {
    /// What is owed in one asset.
    pub struct AssetLiability {
        /// By how long ago it was earned or loaded, the newest first.
        pub ages: Vec<AgedSum>,
        /// The currency or the kind of points.
        pub asset: String,
        /// How many cards hold any.
        pub cards: i64,
        /// What guests owe.
        pub debt: Amount,
        /// What has expired and is still to be written off.
        pub expired: Amount,
        /// What is reserved.
        pub held: Amount,
        /// What is usable, reserved or not usable yet, together.
        pub outstanding: Amount,
        /// What is not usable yet.
        pub pending: Amount,
        /// What it is worth in the programme's currency, rounded down; absent for entries and
        /// stamps of a ticket or stamp card.
        pub worth: Option<Amount>,
    }
}

document! {
    /// What was earned or loaded in one span of time and is still owed.
    pub struct AgedSum {
        /// How much.
        pub amount: Amount,
        /// At least so many days ago.
        pub from_days: u32,
        /// Less than so many days ago; absent for the oldest.
        pub until_days: Option<u32>,
    }
}

document! {
    /// What moved in a shift.
    pub struct ShiftSummary {
        /// What moved, by asset and account, such as `issued`, `spent`, `loaded`, `tendered`.
        pub moved: Vec<AccountSum>,
        /// The sales whose holds are open, by their tokens.
        pub open: Vec<OpenHold>,
        /// What all confirmed sales cost, less what was refunded.
        pub sales: Amount,
        /// How often each verb was recorded.
        pub verbs: Vec<VerbCount>,
    }
}

document! {
    /// What one of the programme's accounts gave to cards (above zero) or got from them.
    pub struct AccountSum {
        /// The account.
        pub account: String,
        /// How much.
        pub amount: Amount,
        /// The currency or the kind of points.
        pub asset: String,
    }
}

document! {
    /// A reserved sale.
    pub struct OpenHold {
        /// Until when its holds reserve anything.
        pub hold_until: Option<Timestamp>,
        /// Its token.
        pub token: String,
    }
}

document! {
    /// How often a verb was recorded.
    pub struct VerbCount {
        /// How often.
        pub count: i64,
        /// The verb.
        pub verb: String,
    }
}

document! {
    /// How campaigns are used.
    pub struct CampaignReport {
        /// For each kind of coupon: how many there are and how they stand.
        pub coupons: Vec<CouponUse>,
        /// What limits and budgets counted, and what is left of them in the present period.
        pub limits: Vec<BudgetLeft>,
        /// What rules gave on confirmed sales; what came back is not taken off.
        pub rules: Vec<RuleUse>,
    }
}

document! {
    /// How the coupons of a kind stand.
    pub struct CouponUse {
        /// Their kind.
        pub coupon: String,
        /// How many exist.
        pub issued: i64,
        /// How many uses there were.
        pub used: i64,
        /// How many are void or have ended unused.
        pub void: i64,
    }
}

document! {
    /// What is left of a limit.
    pub struct BudgetLeft {
        /// What it counted.
        pub counted: LimitUse,
        /// The money that is left, if it bounds money.
        pub money: Option<Amount>,
        /// The points that are left, if it bounds points.
        pub points: Option<Amount>,
        /// The uses that are left, if it bounds uses.
        pub uses: Option<i64>,
    }
}

document! {
    /// What a rule gave.
    pub struct RuleUse {
        /// The money that it took off receipts.
        pub money: Amount,
        /// The points that it gave.
        pub points: Vec<AssetSum>,
        /// On how many receipts.
        pub receipts: i64,
        /// The rule.
        pub rule: String,
    }
}

document! {
    /// A version of the programme that was installed or activated.
    pub struct ProgramAnswer {
        /// How many doubts `lint` has about it.
        pub findings: i64,
        /// From when it is valid, where it was activated.
        pub from: Option<Timestamp>,
        /// The programme's stable id.
        pub id: String,
        /// What was done otherwise than asked, and why.
        pub reasons: Vec<Reason>,
        /// The id of this call's record.
        pub record: String,
        /// For which stores it was activated, in order; none if for all, or if it was not.
        pub stores: Vec<String>,
        /// The version: the SHA-256 of the canonical document, in hexadecimal.
        pub version: String,
    }
}

document! {
    /// The content of a wallet pass, unsigned.
    pub struct Passed {
        /// For Apple the content of `pass.json`; for Google an object with `class` and `object`.
        pub pass: Node,
    }
}
