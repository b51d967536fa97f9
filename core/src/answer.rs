//! What the verbs answer: codes, amounts and ids, never text.

mod guest;
mod office;

pub use guest::*;
pub use office::*;

use jiff::Timestamp;
use rust_decimal::Decimal;

use crate::amount::Amount;
use crate::document::{choice, document, union};
use crate::identify::Identified;
use crate::order::{Challenge, Stage};
use crate::program::{CardUse, GiftItem, GiveBack, Life, LotOnly, Term, TicketRefund};
use crate::reason::Reason;
use crate::record::Watched;
use crate::rounding::Rounding;
use crate::term::held_opening;
use crate::watch::WatchAction;

union! {
    /// The answer to a call.
    pub enum Answer {
        /// To `admit`.
        Admitted(Box<AdmitAnswer>) = "admitted",
        /// To `allocate`.
        Allocated(Allocated) = "allocated",
        /// To `batch`.
        Batch(BatchAnswer) = "batch",
        /// To `bill`.
        Bill(Box<BillAnswer>) = "bill",
        /// To `balance`, `card` and `issue`.
        Card(CardAnswer) = "card",
        /// To `activate`, `clock`, `close_period`, `dispute`, `grant` and `transfer`.
        Changed(Box<Changed>) = "changed",
        /// To `coupon`.
        Coupon(CouponAnswer) = "coupon",
        /// To `explain`.
        Explanation(Explanation) = "explanation",
        /// To `search`.
        Found(Found) = "found",
        /// To `guest`.
        Guest(GuestAnswer) = "guest",
        /// To `history`.
        History(HistoryAnswer) = "history",
        /// To `identify`.
        Identified(Identified) = "identified",
        /// To `import`.
        Imported(Imported) = "imported",
        /// To `lint`.
        Linted(Linted) = "linted",
        /// To `pass`.
        Passed(Passed) = "passed",
        /// To `present`.
        Presented(Box<PresentAnswer>) = "presented",
        /// To `program`.
        Program(Box<ProgramAnswer>) = "program",
        /// To `quote`.
        Quote(Box<Quote>) = "quote",
        /// To `refund`.
        Refund(Box<RefundAnswer>) = "refund",
        /// To `report`.
        Report(Box<ReportAnswer>) = "report",
        /// To `reserve`, `confirm`, `cancel`, `sell` and `void`.
        Sale(Box<SaleAnswer>) = "sale",
        /// To `settle`.
        Settled(Box<Settled>) = "settled",
    }
}

document! {
    /// An amount divided over lines.
    pub struct Allocated {
        /// What no line could take.
        pub clipped: Amount,
        /// The lines, in their order.
        pub lines: Vec<AllocatedLine>,
    }
}

document! {
    /// What one line took.
    pub struct AllocatedLine {
        /// What is still due on the line.
        pub due: Amount,
        /// Its share.
        pub share: Amount,
        /// Prices times quantities that give exactly what is due.
        pub sub_lines: Vec<SubLineQuote>,
    }
}

document! {
    /// What an order costs, spends and earns.
    pub struct Quote {
        /// The cards presented, as they were when this was computed.
        pub cards: Vec<CardView>,
        /// What must be met before the receipt can spend what it wishes, by card.
        pub challenges: Vec<CardChallenge>,
        /// The codes that had an effect.
        pub codes: Vec<CodeUse>,
        /// The coupons that the guest gets for a later visit when the sale is confirmed.
        pub coupons: Vec<CouponQuote>,
        /// The currency of all money here.
        pub currency: String,
        /// How every number came about, where that was asked for.
        pub explanation: Option<Vec<TraceStep>>,
        /// What gift cards pay, in the order of the order.
        pub gift_cards: Vec<GiftPayment>,
        /// Points given besides those that lines earn: for bringing a guest.
        pub granted: Vec<Granted>,
        /// What conditions made of facts that are not recorded, in the order of the document.
        pub judged: Vec<Judged>,
        /// The instant at which conditions about time were judged.
        pub judged_at: Timestamp,
        /// What limits and budgets count of this receipt.
        pub limits: Vec<LimitUse>,
        /// The lines, in the order of the receipt.
        pub lines: Vec<LineQuote>,
        /// What cards are loaded with when the sale is confirmed.
        pub loads: Vec<Load>,
        /// Goods that the guest may be given: add a line that names the promotion in `gift`.
        pub offers: Vec<Offer>,
        /// What is spent and earned, for each card and kind of points.
        pub points: Vec<PointsQuote>,
        /// The programme that computed it.
        pub program: ProgramVersion,
        /// A hash of the effects below, not of what led to them: two orders with the same effects
        /// have the same id.
        pub quote_id: String,
        /// Why less happened than hoped.
        pub reasons: Vec<Reason>,
        /// What points and stamps can buy on this order, and what is not affordable yet.
        pub rewards: Vec<RewardQuote>,
        /// The version of the engine's rules that computed it.
        pub rules_version: u32,
        /// How many points could be spent on this order, if a card holds any.
        pub spendable: Option<Spendable>,
        /// The taxes of the receipt, added up by name and size.
        pub taxes: Vec<TaxTotal>,
        /// The sums of the receipt.
        pub totals: Totals,
        /// What the watch makes of it, card by card; absent where no policy is in force.
        pub watch: Option<Vec<WatchAdvice>>,
    }
}

document! {
    /// What the watch makes of a receipt for one card.
    pub struct WatchAdvice {
        /// The gravest action.
        pub action: WatchAction,
        /// The card; absent for a receipt without one.
        pub card: Option<String>,
        /// What must be met before value leaves the card.
        pub challenge: Challenge,
        /// What follows for points that are earned.
        pub earning: WatchAction,
        /// Until when those wait, where they do.
        pub held_until: Option<Timestamp>,
        /// Whether the challenge was met.
        pub met: bool,
        /// The gravest checks, at most three, by their ids: for whoever looks into it, not for the
        /// guest.
        pub shown: Vec<String>,
        /// What follows for value that is spent.
        pub spending: WatchAction,
    }
}

document! {
    /// What must be met before value leaves a card.
    pub struct CardChallenge {
        /// The card's number.
        pub card: String,
        /// The challenge.
        pub challenge: Challenge,
    }
}

document! {
    /// What a gift card pays.
    pub struct GiftPayment {
        /// How much.
        pub amount: Amount,
        /// The card's number.
        pub card: String,
        /// What will be left on it.
        pub left: Amount,
    }
}

document! {
    /// What a card is loaded with: stored value, entries or units.
    pub struct Load {
        /// How much.
        pub amount: Amount,
        /// The currency or the kind of points.
        pub asset: String,
        /// What is added as a present.
        pub bonus: Amount,
        /// The card's number.
        pub card: String,
        /// When it ends; absent if never.
        pub expires_at: Option<Timestamp>,
        /// Whether the card does not exist yet and is issued with the sale.
        pub issues: bool,
        /// The card's kind, by its id.
        pub kind: String,
        /// The line that sells it.
        pub line: String,
        /// The price of one entry alone, for a ticket that names one.
        pub list_price: Option<Amount>,
        /// What a refund of a ticket gives back; absent for stored value.
        pub refund: Option<TicketRefund>,
    }
}

document! {
    /// A code that had an effect.
    pub struct CodeUse {
        /// The code as the programme writes it.
        pub code: String,
        /// The kind of coupon that it is, by its id; absent if it is none.
        pub coupon: Option<String>,
        /// The rules that asked for it and had an effect.
        pub rules: Vec<String>,
    }
}

document! {
    /// A coupon that the guest will get.
    pub struct CouponQuote {
        /// Its kind, by its id.
        pub coupon: String,
        /// The event that makes it usable; absent if none is needed.
        pub event: Option<String>,
        /// When it ends; absent if never.
        pub expires_at: Option<Timestamp>,
        /// When it becomes usable; absent if at once.
        pub opens_at: Option<Timestamp>,
        /// The promotion or reward that gives it.
        pub rule: String,
    }
}

document! {
    /// A coupon that was issued.
    pub struct IssuedCoupon {
        /// What is presented as a code on a later order.
        pub code: String,
        /// Its kind, by its id.
        pub coupon: String,
        /// When it ends; absent if never.
        pub expires_at: Option<Timestamp>,
        /// When it becomes usable; absent if at once.
        pub opens_at: Option<Timestamp>,
    }
}

document! {
    /// Points given besides those that lines earn.
    pub struct Granted {
        /// The card's number.
        pub card: String,
        /// What is given.
        pub lot: EarnedLot,
        /// Which kind of points.
        pub points: String,
    }
}

document! {
    /// What a condition made of facts that are not recorded.
    pub struct Judged {
        /// The condition's place in the programme, as a JSON Pointer.
        pub path: String,
        /// What it came to.
        pub truth: Truth,
    }
}

choice! {
    /// What a condition comes to.
    pub enum Truth {
        /// It does not hold.
        False = "false",
        /// The order does not tell.
        Unknown = "unknown",
        /// It holds.
        True = "true",
    }
}

document! {
    /// What a limit counts of a receipt.
    pub struct LimitUse {
        /// What gives it back.
        pub give_back: GiveBack,
        /// The limit's id.
        pub limit: String,
        /// Money, in the programme's currency.
        pub money: Amount,
        /// The period in which it counts, such as `2026-11`; empty if it has none.
        pub period: String,
        /// Points.
        pub points: Amount,
        /// Whose limit it is: a card's number, a guest, a store, a code; empty if everybody's.
        pub subject: String,
        /// Uses: 1.
        pub uses: i64,
    }
}

document! {
    /// Goods that the guest may be given.
    pub struct Offer {
        /// What may be chosen.
        pub items: Vec<GiftItem>,
        /// How many units.
        pub quantity: u32,
        /// The promotion or reward that gives them.
        pub rule: String,
    }
}

document! {
    /// What a reward would cost, and whether the card can pay for it.
    pub struct RewardQuote {
        /// Whether it can be claimed on this order now.
        pub available: bool,
        /// The card that would pay.
        pub card: String,
        /// How many times, or for how many units, it was claimed and had an effect.
        pub claimed: u32,
        /// What it costs: in all for a flat price, else for each block or unit.
        pub cost: Amount,
        /// How many points are missing for it; zero if the card holds enough.
        pub missing: Amount,
        /// The money that it gave, where it was claimed.
        pub money: Amount,
        /// Which kind of points.
        pub points: String,
        /// Why it is not available.
        pub reasons: Vec<Reason>,
        /// The reward's id.
        pub reward: String,
        /// The points debited for it.
        pub spent: Amount,
    }
}

document! {
    /// Which programme.
    pub struct ProgramVersion {
        /// Its stable id.
        pub id: String,
        /// The SHA-256 of its canonical document, in hexadecimal.
        pub version: String,
    }
}

document! {
    /// What became of one line.
    pub struct LineQuote {
        /// Price times quantity, before any discount.
        pub amount: Amount,
        /// What points pay of this line without lowering its price.
        pub counter_provision: Amount,
        /// The sum of the discounts on this line.
        pub discount: Amount,
        /// The discounts one by one, in the order of the stages.
        pub discounts: Vec<LineDiscount>,
        /// The amount less the discount: what the line costs.
        pub due: Amount,
        /// The points that this line earns.
        pub earned: Vec<PointsAmount>,
        /// What is paid for the line with all taxes.
        pub gross: Amount,
        /// The line's id in the order.
        pub id: String,
        /// What is paid for the line without any tax.
        pub net: Amount,
        /// The quantity.
        pub quantity: Decimal,
        /// The points spent on this line.
        pub spent: Vec<PointsAmount>,
        /// The line for a fiscal register: prices times quantities that give exactly `due`.
        pub sub_lines: Vec<SubLineQuote>,
        /// The sum of the taxes on this line.
        pub tax: Amount,
        /// The taxes one by one, in the order of the line.
        pub taxes: Vec<NamedAmount>,
    }
}

document! {
    /// One discount on one line.
    pub struct LineDiscount {
        /// How much.
        pub amount: Amount,
        /// The host's name for the discount, the promotion's or reward's id, or the card's number.
        pub source: String,
        /// The stage that gave it.
        pub stage: Stage,
    }
}

document! {
    /// A part of a line whose unit price times quantity rounds to exactly its sum.
    pub struct SubLineQuote {
        /// The price of one unit.
        pub price: Amount,
        /// The quantity.
        pub quantity: Decimal,
        /// The sum.
        pub sum: Amount,
    }
}

document! {
    /// An amount with a name.
    pub struct NamedAmount {
        /// How much.
        pub amount: Amount,
        /// The name.
        pub name: String,
    }
}

document! {
    /// An amount of one kind of points.
    pub struct PointsAmount {
        /// How many.
        pub amount: Amount,
        /// The card, where several cards of the receipt move such points.
        pub card: Option<String>,
        /// Which kind.
        pub points: String,
    }
}

impl PointsAmount {
    /// Whether it is a part of what a card moves.
    #[must_use]
    pub fn is_of(&self, moved: &PointsQuote) -> bool {
        let card = self.card.as_ref();
        self.points == moved.points && card.is_none_or(|card| *card == moved.card)
    }
}

document! {
    /// What a receipt spends and earns on one card in one kind of points.
    pub struct PointsQuote {
        /// The card's number.
        pub card: String,
        /// The points earned.
        pub earned: Amount,
        /// The lots that the earned points go into, one for each rule.
        pub lots: Vec<EarnedLot>,
        /// The money that the spent points are worth.
        pub money: Amount,
        /// Which kind of points.
        pub points: String,
        /// The points spent.
        pub spent: Amount,
    }
}

document! {
    /// Points earned by one rule.
    pub struct EarnedLot {
        /// How many.
        pub amount: Amount,
        /// The event that makes them usable; absent if none is needed.
        pub event: Option<String>,
        /// When they end; absent if never, or not before the event.
        pub expires_at: Option<Timestamp>,
        /// How long they live from the event, where one is awaited.
        pub life: Option<Life>,
        /// For what only they may be used.
        pub only: Option<LotOnly>,
        /// When they become usable; absent if at once.
        pub opens_at: Option<Timestamp>,
        /// How long they live from each later purchase.
        pub rolling: Option<Term>,
        /// The rule's id.
        pub rule: String,
    }
}

impl EarnedLot {
    /// Lets it become usable at an instant at the earliest, unless it awaits an event.
    pub(crate) fn hold(&mut self, until: Option<Timestamp>) {
        self.opens_at = held_opening(self.event.as_ref(), self.opens_at, until);
    }
}

document! {
    /// How many points could be spent on an order.
    pub struct Spendable {
        /// The card's number.
        pub card: String,
        /// The most that can be spent.
        pub maximum: Amount,
        /// The least that can be spent, if any is.
        pub minimum: Amount,
        /// The money that the most is worth.
        pub money: Amount,
        /// Which kind of points.
        pub points: String,
        /// What limits it, most binding first.
        pub reasons: Vec<Reason>,
        /// What it must be a multiple of.
        pub step: Amount,
    }
}

document! {
    /// One tax of a receipt.
    pub struct TaxTotal {
        /// Net and this tax together.
        pub gross: Amount,
        /// The tax's name.
        pub name: String,
        /// What is paid on its lines, without any tax.
        pub net: Amount,
        /// The tax.
        pub tax: Amount,
    }
}

document! {
    /// The sums of a receipt.
    pub struct Totals {
        /// The lines before any discount.
        pub amount: Amount,
        /// What points pay without lowering prices.
        pub counter_provision: Amount,
        /// All discounts.
        pub discount: Amount,
        /// The lines after all discounts.
        pub due: Amount,
        /// What gift cards pay.
        pub gift: Amount,
        /// What is paid with all taxes.
        pub gross: Amount,
        /// What is paid without any tax.
        pub net: Amount,
        /// What is left to pay with tenders: gross less counter-provision.
        pub payable: Amount,
        /// What is left to pay when gift cards have paid: payable less gift.
        pub rest: Amount,
        /// All taxes.
        pub tax: Amount,
    }
}

document! {
    /// A card and what it holds.
    pub struct CardView {
        /// What it holds, for each kind of points; stored value under the currency.
        pub balances: Vec<Balance>,
        /// Why it is blocked, if it is and the host said why.
        pub blocked: Option<String>,
        /// Its number.
        pub card: String,
        /// What must be met before value leaves it.
        pub challenge: Challenge,
        /// When it ends; absent if never, or not before it is activated.
        pub expires_at: Option<Timestamp>,
        /// The host's id of the guest who has it.
        pub guest: Option<String>,
        /// Its kind, by the id in the programme.
        pub kind: String,
        /// The number under which it was asked for, where that stands for this card.
        pub linked: Option<String>,
        /// What is missing to the next tier, if there is one.
        pub next_tier: Option<NextTier>,
        /// How many purchases were made with it so far.
        pub purchases: i64,
        /// The seat, for a ticket.
        pub seat: Option<String>,
        /// The further guests who may use it.
        pub shared: Vec<String>,
        /// What was spent with it so far.
        pub spent: Amount,
        /// Whether it can be used.
        pub status: CardStatus,
        /// The tier that it is in, if the programme has tiers.
        pub tier: Option<String>,
        /// Until when it keeps that tier at least; absent if nothing keeps it.
        pub tier_until: Option<Timestamp>,
        /// What it is for.
        pub usage: CardUse,
    }
}

document! {
    /// What is missing to a tier.
    pub struct NextTier {
        /// How much of what tiers count: money, purchases or points.
        pub missing: Amount,
        /// The tier.
        pub tier: String,
    }
}

choice! {
    /// Where a card is in its life.
    pub enum CardStatus {
        /// It can be used.
        Active = "active",
        /// It was issued and is not activated yet.
        Issued = "issued",
        /// It cannot be used until it is unblocked.
        Blocked = "blocked",
        /// Its time is over.
        Expired = "expired",
        /// It can never be used again.
        Closed = "closed",
    }
}

choice! {
    /// Where a coupon is in its life.
    pub enum CouponStatus {
        /// It can be used.
        Active = "active",
        /// It is not usable yet.
        Pending = "pending",
        /// It is set aside for a sale that is not confirmed yet, and no use is left besides.
        Held = "held",
        /// Every use of it was made.
        Used = "used",
        /// It cannot be used until it is unblocked.
        Blocked = "blocked",
        /// Its time is over.
        Expired = "expired",
        /// It can never be used again.
        Void = "void",
    }
}

document! {
    /// What a card holds of one kind of points, read at one instant:
    /// posted = spendable + held + pending + expired − debt.
    pub struct Balance {
        /// What is owed: points that were taken back after they had been spent.
        pub debt: Amount,
        /// What has expired and is still to be written off at the close of the period.
        pub expired: Amount,
        /// What is left by the instant at which it ends, the nearest first; it adds up to
        /// spendable + held + pending.
        pub expiring: Vec<Expiring>,
        /// What is reserved for sales that are not confirmed yet.
        pub held: Amount,
        /// What is not usable yet.
        pub pending: Amount,
        /// Which kind of points.
        pub points: String,
        /// The sum of all postings.
        pub posted: Amount,
        /// What can be spent now.
        pub spendable: Amount,
    }
}

document! {
    /// Points that end at one instant.
    pub struct Expiring {
        /// How many.
        pub amount: Amount,
        /// When; absent if never.
        pub at: Option<Timestamp>,
    }
}

document! {
    /// A balance before and after a call.
    pub struct BalanceChange {
        /// After.
        pub after: Balance,
        /// Before.
        pub before: Balance,
        /// The card's number.
        pub card: String,
    }
}

document! {
    /// A card, after `balance` or `issue`.
    pub struct CardAnswer {
        /// The last admissions, the newest first and at most ten, for a ticket.
        pub admissions: Vec<Admission>,
        /// The card.
        pub card: CardView,
        /// The money paid out by this call.
        pub paid_out: Option<Amount>,
        /// What is to be known about the card: the admissions that a ticket owes.
        pub reasons: Vec<Reason>,
        /// The id of this call's record; absent after `balance`.
        pub record: Option<String>,
    }
}

document! {
    /// What a call changed that is no sale.
    pub struct Changed {
        /// The balances.
        pub balances: Vec<BalanceChange>,
        /// The coupons that were issued.
        pub coupons: Vec<IssuedCoupon>,
        /// Why less happened than hoped.
        pub reasons: Vec<Reason>,
        /// The id of this call's record.
        pub record: String,
        /// The tiers that changed.
        pub tiers: Vec<TierChange>,
    }
}

document! {
    /// A tier before and after a call.
    pub struct TierChange {
        /// After.
        pub after: Option<String>,
        /// Before.
        pub before: Option<String>,
        /// The card's number.
        pub card: String,
        /// Until when the tier is kept at least; absent if nothing keeps it.
        pub until: Option<Timestamp>,
    }
}

document! {
    /// What is doubtful in a programme that is correct in form.
    pub struct Linted {
        /// What was found, in the order of the document.
        pub findings: Vec<Finding>,
    }
}

document! {
    /// Something doubtful.
    pub struct Finding {
        /// What kind of doubt.
        pub code: LintCode,
        /// One sentence that says what is wrong and what to do.
        pub message: String,
        /// The place, as a JSON Pointer.
        pub path: String,
    }
}

choice! {
    /// A kind of doubt about a programme.
    pub enum LintCode {
        /// A rule that can never apply, or never before another one that always does.
        RuleUnreachable = "rule.unreachable",
        /// A cap below the smallest step that could be given or spent.
        CapBelowStep = "cap.below_step",
        /// Exclusive promotions of the same priority that may meet.
        ExclusiveEqual = "promotion.exclusive_equal",
        /// A window of time that never opens.
        WindowNeverOpens = "window.never_opens",
        /// A limit that can never bind.
        LimitNeverBinds = "limit.never_binds",
        /// Points that nobody can spend.
        PointsNotSpendable = "points.not_spendable",
    }
}

document! {
    /// What became of a sale.
    pub struct SaleAnswer {
        /// The balances that the call changed.
        pub balances: Vec<BalanceChange>,
        /// The coupons that were issued.
        pub coupons: Vec<IssuedCoupon>,
        /// Until when the points are reserved, while they are.
        pub hold_until: Option<Timestamp>,
        /// The receipt; absent after `cancel`, `void`, and where the sale is not known yet.
        pub quote: Option<Quote>,
        /// Why something happened otherwise than hoped, besides the reasons of the receipt.
        pub reasons: Vec<Reason>,
        /// The id of this call's record.
        pub record: String,
        /// Where the sale is now.
        pub status: SaleStatus,
        /// The token under which confirm, cancel, refund and void find the sale.
        pub token: Option<String>,
    }
}

choice! {
    /// Where a sale is in its life.
    pub enum SaleStatus {
        /// Its points are held.
        Reserved = "reserved",
        /// It is complete.
        Confirmed = "confirmed",
        /// It was given up before it was complete.
        Cancelled = "cancelled",
        /// It was undone as a whole.
        Voided = "voided",
        /// Other sales hold its lines: the bill was divided or joined.
        Regrouped = "regrouped",
        /// It is not known here yet: the call waits for its record.
        Awaiting = "awaiting",
    }
}

document! {
    /// What a refund gave back.
    pub struct RefundAnswer {
        /// The balances that it changed.
        pub balances: Vec<BalanceChange>,
        /// The part of the money that is given back in money, by the tenders that are no gift cards.
        pub cash: Amount,
        /// The currency of the money.
        pub currency: String,
        /// The parts of the money that gift cards get back.
        pub gift_cards: Vec<GiftReturn>,
        /// The lines that came back.
        pub lines: Vec<RefundedLine>,
        /// The money given back.
        pub money: Amount,
        /// The points moved: spent ones given back, earned ones taken back.
        pub points: Vec<RefundedPoints>,
        /// Why something happened otherwise than hoped.
        pub reasons: Vec<Reason>,
        /// The id of this call's record.
        pub record: String,
        /// The token of the sale; absent for a refund without one.
        pub token: Option<String>,
    }
}

document! {
    /// Money that a gift card gets back.
    pub struct GiftReturn {
        /// How much.
        pub amount: Amount,
        /// The card that had paid.
        pub card: String,
        /// The card that gets it.
        pub to: String,
    }
}

document! {
    /// A line that came back.
    pub struct RefundedLine {
        /// The line's id in the sale.
        pub line: String,
        /// The money for it.
        pub money: Amount,
        /// How much of it came back; zero where only money was given back.
        pub quantity: Decimal,
    }
}

document! {
    /// Points moved by a refund on one card.
    pub struct RefundedPoints {
        /// The card's number.
        pub card: String,
        /// Earned points taken back.
        pub clawed_back: Amount,
        /// Which kind of points.
        pub points: String,
        /// Spent points given back.
        pub restored: Amount,
    }
}

document! {
    /// What happened to a card.
    pub struct HistoryAnswer {
        /// The card's number.
        pub card: String,
        /// The entries, newest first.
        pub entries: Vec<HistoryEntry>,
    }
}

document! {
    /// One thing that happened to a card.
    pub struct HistoryEntry {
        /// How much the posted balance changed.
        pub amount: Amount,
        /// When.
        pub at: Timestamp,
        /// Which kind of points.
        pub points: String,
        /// The posted balance after it.
        pub posted: Amount,
        /// The host's number of the receipt, if it was given.
        pub receipt: Option<String>,
        /// The record's id.
        pub record: String,
        /// The store.
        pub store: Option<String>,
        /// The verb.
        pub verb: String,
    }
}

document! {
    /// How the numbers of a record came about.
    pub struct Explanation {
        /// When the record was made.
        pub at: Timestamp,
        /// The programme under which it was made.
        pub program: ProgramVersion,
        /// The receipt, where the record is one.
        pub quote: Option<Quote>,
        /// The record's id.
        pub record: String,
        /// The steps in the order in which they were taken.
        pub steps: Vec<TraceStep>,
        /// The verb.
        pub verb: String,
        /// What the watch saw and made of it; absent where no policy was in force.
        pub watched: Option<Vec<Watched>>,
    }
}

document! {
    /// One step on the way to a number, or a rule that was not applied and why.
    pub struct TraceStep {
        /// What came of it.
        pub amount: Amount,
        /// The currency or the kind of points of the amount.
        pub asset: String,
        /// What it was taken of.
        pub base: Option<Amount>,
        /// What it was limited to, where a limit was met.
        pub cap: Option<Amount>,
        /// The card that it was for.
        pub card: Option<String>,
        /// What happened.
        pub outcome: Outcome,
        /// The percentage.
        pub percent: Option<Decimal>,
        /// Why it was trimmed or skipped.
        pub reasons: Vec<Reason>,
        /// The lines that got one smallest unit more than their exact share rounded down.
        pub residue: Vec<String>,
        /// How it was rounded.
        pub rounding: Option<Rounding>,
        /// The rule's id, the host's name for a discount, or the card's number.
        pub rule: String,
        /// The stage.
        pub stage: Stage,
    }
}

choice! {
    /// What happened to a rule.
    pub enum Outcome {
        /// It was applied in full.
        Applied = "applied",
        /// It was applied up to a limit.
        Trimmed = "trimmed",
        /// It was not applied.
        Skipped = "skipped",
    }
}
