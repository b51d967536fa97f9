//! Records: what happened, in a form that explains itself and links to the record before it.

mod life;
mod program;
mod watch;

pub use life::*;
pub use program::*;
pub use watch::*;

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::amount::Amount;
use crate::answer::{Answer, CardView, ProgramVersion, Quote, TraceStep};
use crate::command::Command;
use crate::document::{Document, Reader, canonical, choice, document, union};
use crate::error::{Error, ErrorCode};
use crate::json::{Node, Writer};
use crate::order::Order;
use crate::program::{Life, LotOnly, RefundPolicy, Term};

/// The format of records that this version writes.
pub const RECORD_FORMAT: u32 = 1;
/// The version of the rules: raised by every change that can alter an answer.
pub const RULES_VERSION: u32 = 4;

document! {
    /// One thing that happened: the command, what was read, what came of it, and the answer.
    /// Every amount in it is final; applying it reads the effects and nothing else.
    pub struct Record {
        /// The answer as stored. Its receipt stands in the effects and its token is made of the
        /// record's hash; [`Entry::answer`] puts both back.
        pub answer: Answer,
        /// The command as given.
        pub command: Command,
        /// The facts that it made.
        pub effects: Vec<Effect>,
        /// When, where, by whom and under which rules.
        pub envelope: Envelope,
        /// The cards as they were read; those of a receipt stand in the receipt.
        pub read: Vec<CardView>,
        /// How the numbers came about.
        pub trace: Vec<TraceStep>,
    }
}

document! {
    /// When, where, by whom and under which rules a record was made.
    pub struct Envelope {
        /// The instant by the host's clock.
        pub at: Timestamp,
        /// The cashier.
        pub cashier: Option<String>,
        /// The host's id of the call.
        pub correlation: Option<String>,
        /// The chance that the host gave, where anything was made of it.
        pub entropy: Option<String>,
        /// The format of the record.
        pub format: u32,
        /// How many times the book of this till was begun anew.
        pub incarnation: u32,
        /// The key of the call.
        pub key: String,
        /// The instant by the book's own time, which never goes back.
        pub logical_at: Timestamp,
        /// Since when the ledger had had no word from the backend, if it was offline.
        pub offline_since: Option<Timestamp>,
        /// The hash of the record before, in hexadecimal; zeros for the first.
        pub previous: String,
        /// The programme that decided.
        pub program: ProgramVersion,
        /// The version of the rules that decided.
        pub rules_version: u32,
        /// The number of the record in its book, from 1 without gaps.
        pub sequence: u64,
        /// The shift.
        pub shift: Option<String>,
        /// The store.
        pub store: Option<String>,
        /// The till that keeps the book.
        pub till: String,
        /// The verb.
        pub verb: String,
        /// The till at which the order stood, where it was named.
        pub workplace: Option<String>,
        /// The time zone in which its local dates were reckoned.
        pub zone: String,
    }
}

impl Envelope {
    /// The record's id.
    #[must_use]
    pub fn id(&self) -> RecordId {
        RecordId { till: self.till.clone(), incarnation: self.incarnation, sequence: self.sequence }
    }

    /// Whether the host's clock was suspect: the book's own time goes after it unless it stands
    /// still. To decide such a record again, the book must guard its clock; so it must for the verb
    /// `clock`, which only a suspect clock makes.
    #[must_use]
    pub fn suspected_clock(&self) -> bool {
        self.logical_at < self.at || self.verb == "clock"
    }
}

union! {
    /// A fact. Facts are added, never changed; a correction is a new fact.
    pub enum Effect {
        /// Failed attempts at a card are forgotten.
        AttemptsCleared(CardNamed) = "attempts_cleared",
        /// Coupons of one batch exist.
        BatchIssued(BatchIssued) = "batch_issued",
        /// A bill moved to another till or table.
        BillMoved(BillMoved) = "bill_moved",
        /// A card that was issued inactive can be used.
        CardActivated(CardActivated) = "card_activated",
        /// A card cannot be used.
        CardBlocked(CardBlocked) = "card_blocked",
        /// A card belongs to a guest, or to nobody.
        CardBound(CardBound) = "card_bound",
        /// A card can never be used again.
        CardClosed(CardClosed) = "card_closed",
        /// Value leaves a card only after a challenge was met.
        CardDemanded(CardDemanded) = "card_demanded",
        /// A card ends at another instant.
        CardExtended(CardExtended) = "card_extended",
        /// A card exists.
        CardIssued(CardIssued) = "card_issued",
        /// The number of a card stands for another card.
        CardLinked(CardLinked) = "card_linked",
        /// A card has a PIN, or none.
        CardPinSet(CardPinSet) = "card_pin_set",
        /// A card was presented.
        CardPresented(CardPresented) = "card_presented",
        /// A further guest may use a card, or no longer.
        CardShared(CardShared) = "card_shared",
        /// A blocked card can be used again.
        CardUnblocked(CardNamed) = "card_unblocked",
        /// A suspect clock was accepted: time goes on from its instant.
        ClockAccepted(ClockAccepted) = "clock_accepted",
        /// A guest agreed to something, or no longer does.
        ConsentGiven(ConsentGiven) = "consent_given",
        /// A coupon exists.
        CouponIssued(CouponIssued) = "coupon_issued",
        /// A coupon was used, given back or made void.
        CouponMoved(CouponMoved) = "coupon_moved",
        /// A debt grew or was paid.
        DebtMoved(DebtMoved) = "debt_moved",
        /// What is not personal about a guest changed.
        GuestChanged(GuestChanged) = "guest_changed",
        /// Everything personal of a guest was forgotten.
        GuestErased(GuestErased) = "guest_erased",
        /// A guest was the same person as another.
        GuestMerged(GuestMerged) = "guest_merged",
        /// A guest became known.
        GuestRegistered(GuestRegistered) = "guest_registered",
        /// A hold no longer reserves anything.
        HoldEnded(HoldEnded) = "hold_ended",
        /// Points are reserved.
        HoldPlaced(HoldPlaced) = "hold_placed",
        /// A limit counted something, or it was given back.
        LimitCounted(LimitCounted) = "limit_counted",
        /// A part of a limit is reserved.
        LimitHeld(LimitHeld) = "limit_held",
        /// A part of a limit is no longer reserved.
        LimitHoldEnded(LimitHoldEnded) = "limit_hold_ended",
        /// The dates of a lot changed: its event happened, or a purchase began its life anew.
        LotDated(LotDated) = "lot_dated",
        /// Points in a lot were eaten or came back.
        LotMoved(LotMoved) = "lot_moved",
        /// A lot of new points exists.
        LotOpened(LotOpened) = "lot_opened",
        /// A confirm or cancel waits for a sale that is not known here yet.
        MatchAwaited(MatchAwaited) = "match_awaited",
        /// A period was closed for a card.
        PeriodClosed(PeriodClosed) = "period_closed",
        /// A confirm or cancel that waited was dealt with.
        MatchSettled(MatchSettled) = "match_settled",
        /// Points moved between accounts; the amounts add up to zero.
        Posted(Posted) = "posted",
        /// A version of the programme is valid from an instant on.
        ProgramActivated(ProgramActivated) = "program_activated",
        /// A version of the programme is known.
        ProgramInstalled(ProgramInstalled) = "program_installed",
        /// A guest was brought by another.
        Referred(Referred) = "referred",
        /// A referral was rewarded.
        ReferralPaid(ReferralPaid) = "referral_paid",
        /// Goods and points of a sale came back.
        RefundMade(RefundMade) = "refund_made",
        /// A sale was given up.
        SaleCancelled(SaleEnded) = "sale_cancelled",
        /// A sale is complete.
        SaleConfirmed(SaleConfirmed) = "sale_confirmed",
        /// A sale is disputed, or that was settled.
        SaleDisputed(SaleDisputed) = "sale_disputed",
        /// A sale exists.
        SaleOpened(SaleOpened) = "sale_opened",
        /// A reserved sale ended because others hold its lines now.
        SaleRegrouped(SaleRegrouped) = "sale_regrouped",
        /// A sale was undone.
        SaleVoided(SaleEnded) = "sale_voided",
        /// Something was spent with a card, or came back.
        SpendCounted(SpendCounted) = "spend_counted",
        /// Somebody asked to be let in.
        TicketScanned(TicketScanned) = "ticket_scanned",
        /// A tier was reached, kept or lost.
        TierHeld(TierHeld) = "tier_held",
        /// A policy of the watch is valid from an instant on.
        WatchActivated(ProgramActivated) = "watch_activated",
        /// Somebody or something is frozen, or free again.
        WatchFrozen(WatchFrozen) = "watch_frozen",
        /// A policy of the watch is known.
        WatchInstalled(ProgramInstalled) = "watch_installed",
        /// The watch saw something.
        Watched(Watched) = "watched",
    }
}

document! {
    /// A card exists.
    pub struct CardIssued {
        /// Its number.
        pub card: String,
        /// When it ends; absent if never, or not before it is activated.
        pub expires_at: Option<Timestamp>,
        /// The host's id of the guest.
        pub guest: Option<String>,
        /// Whether it cannot be used before it is activated.
        pub inactive: bool = false,
        /// Its kind, by the id in the programme.
        pub kind: String,
        /// The seat, for a ticket.
        pub seat: Option<String>,
    }
}

document! {
    /// A suspect clock was accepted.
    pub struct ClockAccepted {
        /// The instant from which time goes on.
        pub at: Timestamp,
        /// The instant at which it had stood.
        pub since: Timestamp,
    }
}

document! {
    /// A coupon exists.
    pub struct CouponIssued {
        /// The card that it was issued to, if any.
        pub card: Option<String>,
        /// Its code.
        pub code: String,
        /// Its kind, by the id in the programme.
        pub coupon: String,
        /// The event that makes it usable; absent if none is needed.
        pub event: Option<String>,
        /// When it ends; absent if never.
        pub expires_at: Option<Timestamp>,
        /// The points that were turned into it, where an automatic redemption made it.
        pub made_of: Vec<ConvertedPart> = Vec::new(),
        /// When it becomes usable; absent if at once.
        pub opens_at: Option<Timestamp>,
        /// Whether only that card's guest may use it.
        pub personal: bool,
        /// The rule that gave it.
        pub rule: String,
        /// The sale that gave it, if any.
        pub sale: Option<String>,
        /// How often it may be used.
        pub uses: u32 = 1,
    }
}

document! {
    /// Points of one lot that were turned into a coupon.
    pub struct ConvertedPart {
        /// How many.
        pub amount: Amount,
        /// The lot, with its dates, so that they can come back to it.
        pub lot: Lot,
        /// The kind of points.
        pub points: String,
    }
}

choice! {
    /// What happened to a coupon.
    pub enum CouponMove {
        /// It became usable: its event happened.
        Activated = "activated",
        /// It is set aside for a sale that is not confirmed yet.
        Held = "held",
        /// It is no longer set aside.
        Freed = "freed",
        /// It was used.
        Used = "used",
        /// It can be used again.
        GivenBack = "given_back",
        /// The sale that gave it was undone, or the back office voided it.
        Voided = "voided",
        /// It cannot be used.
        Blocked = "blocked",
        /// It can be used again.
        Unblocked = "unblocked",
    }
}

document! {
    /// A coupon was used, given back or made void.
    pub struct CouponMoved {
        /// Who used it: the guest of the first card of the sale, or `card:` and its number.
        pub by: Option<String>,
        /// Its code.
        pub code: String,
        /// The sale.
        pub sale: Option<String>,
        /// Until when it is set aside; where its event happened, when it ends now.
        pub until: Option<Timestamp>,
        /// What happened.
        pub why: CouponMove,
    }
}

document! {
    /// A debt grew (above zero) or was paid (below zero).
    pub struct DebtMoved {
        /// By how much.
        pub amount: Amount,
        /// The card.
        pub card: String,
        /// The kind of points.
        pub points: String,
    }
}

document! {
    /// A hold no longer reserves anything.
    pub struct HoldEnded {
        /// The card.
        pub card: String,
        /// The kind of points.
        pub points: String,
        /// The sale that it was for.
        pub sale: String,
    }
}

document! {
    /// A limit counted something (above zero), or it was given back (below zero).
    pub struct LimitCounted {
        /// The limit's id.
        pub limit: String,
        /// Money, in the programme's currency.
        pub money: Amount,
        /// The period in which it counts; empty if it has none.
        pub period: String,
        /// Points.
        pub points: Amount,
        /// Whose limit it is; empty if everybody's.
        pub subject: String,
        /// Uses.
        pub uses: i64,
    }
}

document! {
    /// A part of a limit is reserved.
    pub struct LimitHeld {
        /// The sale.
        pub sale: String,
        /// Until when.
        pub until: Timestamp,
        /// What is reserved.
        pub usage: LimitCounted,
    }
}

document! {
    /// What a sale reserved of a limit is no longer reserved.
    pub struct LimitHoldEnded {
        /// The limit's id.
        pub limit: String,
        /// The period in which it counts; empty if it has none.
        pub period: String,
        /// The sale.
        pub sale: String,
        /// Whose limit it is; empty if everybody's.
        pub subject: String,
    }
}

document! {
    /// The dates of a lot changed.
    pub struct LotDated {
        /// The card.
        pub card: String,
        /// The lot as it is now.
        pub lot: Lot,
        /// The kind of points.
        pub points: String,
    }
}

document! {
    /// A period was closed for a card.
    pub struct PeriodClosed {
        /// Up to when.
        pub at: Timestamp,
        /// The card.
        pub card: String,
    }
}

document! {
    /// A guest was brought by another.
    pub struct Referred {
        /// The card of the one who brought.
        pub by: String,
        /// The newcomer's card.
        pub card: String,
    }
}

document! {
    /// A referral was rewarded, or the reward was undone.
    pub struct ReferralPaid {
        /// The newcomer's card.
        pub card: String,
        /// Whether it stands.
        pub paid: bool,
    }
}

document! {
    /// A tier was reached, kept or lost.
    pub struct TierHeld {
        /// The card.
        pub card: String,
        /// Since when.
        pub since: Timestamp,
        /// The tier.
        pub tier: String,
        /// Until when it is kept at least; absent if nothing keeps it.
        pub until: Option<Timestamp>,
    }
}

document! {
    /// Points are reserved in the lots that they would be eaten from.
    pub struct HoldPlaced {
        /// The card.
        pub card: String,
        /// The parts.
        pub parts: Vec<LotPart>,
        /// The kind of points.
        pub points: String,
        /// The sale.
        pub sale: String,
        /// Until when.
        pub until: Timestamp,
    }
}

document! {
    /// A part of a lot.
    pub struct LotPart {
        /// How many points.
        pub amount: Amount,
        /// The lot.
        pub lot: String,
    }
}

choice! {
    /// Why points in a lot moved.
    pub enum LotMove {
        /// They were spent.
        Spent = "spent",
        /// They came back from a refund or a void.
        Restored = "restored",
        /// They were taken back because what earned them came back.
        ClawedBack = "clawed_back",
        /// They paid a debt.
        Repaid = "repaid",
        /// They were written off at the close of a period.
        Expired = "expired",
        /// They moved to another card, or came from one.
        Transferred = "transferred",
        /// They were turned into a coupon.
        Converted = "converted",
        /// They let somebody in.
        Admitted = "admitted",
        /// They were paid out in money.
        PaidOut = "paid_out",
        /// They were written off when the card was closed.
        Forfeited = "forfeited",
    }
}

document! {
    /// Points in a lot were eaten (below zero) or came back (above zero).
    pub struct LotMoved {
        /// By how much.
        pub amount: Amount,
        /// The card.
        pub card: String,
        /// The lot, with its dates, so that it can come back after it was eaten up.
        pub lot: Lot,
        /// The kind of points.
        pub points: String,
        /// Why.
        pub why: LotMove,
    }
}

document! {
    /// A lot: points that became usable and end together.
    pub struct Lot {
        /// When they were earned.
        pub earned_at: Timestamp,
        /// The event that makes them usable; absent if none is awaited.
        pub event: Option<String>,
        /// When they end; absent if never.
        pub expires_at: Option<Timestamp>,
        /// Its id: the record that opened it and its number there.
        pub id: String,
        /// How long they live from the event, where one is awaited.
        pub life: Option<Life>,
        /// For what only they may be used.
        pub only: Option<LotOnly>,
        /// When they become usable; absent if at once.
        pub opens_at: Option<Timestamp>,
        /// How long they live from each later purchase.
        pub rolling: Option<Term>,
    }
}

document! {
    /// A lot of new points exists.
    pub struct LotOpened {
        /// How many points.
        pub amount: Amount,
        /// The card.
        pub card: String,
        /// The lot.
        pub lot: Lot,
        /// The kind of points.
        pub points: String,
        /// The rule that gave them; `opening` for those that a card starts with.
        pub rule: String,
        /// The sale that earned them.
        pub sale: Option<String>,
    }
}

document! {
    /// A confirm or cancel waits for a sale that is not known here yet.
    pub struct MatchAwaited {
        /// The token of the sale.
        pub token: String,
        /// The verb.
        pub verb: String,
    }
}

document! {
    /// A confirm or cancel that waited for its sale was dealt with.
    pub struct MatchSettled {
        /// What came of it.
        pub outcome: MatchOutcome,
        /// The id of the record that waited.
        pub record: String,
        /// The id of the sale.
        pub sale: String,
        /// The verb that waited.
        pub verb: String,
    }
}

choice! {
    /// What came of a confirm or cancel that waited for its sale.
    pub enum MatchOutcome {
        /// It was done.
        Done = "done",
        /// The sale had been completed or given up already, so that nothing was left to do.
        Known = "known",
        /// A cancel gave way to a confirm: the goods have left the store.
        Overruled = "overruled",
        /// It cannot be done as it was given; the reasons of the answer say why.
        Refused = "refused",
    }
}

document! {
    /// Points moved between accounts.
    pub struct Posted {
        /// The kind of points.
        pub points: String,
        /// The postings; they add up to zero.
        pub postings: Vec<Posting>,
    }
}

document! {
    /// One side of a movement.
    pub struct Posting {
        /// `card:` and a number, or one of the programme's own: `issued`, `spent`, `clawed_back`,
        /// `expired`, `converted`; for stored value `loaded`, `tendered`, `paid_out`, for tickets
        /// `admitted`.
        pub account: String,
        /// How much it got (above zero) or gave (below zero).
        pub amount: Amount,
    }
}

document! {
    /// Goods and points of a sale came back.
    pub struct RefundMade {
        /// The lines.
        pub lines: Vec<LineReturned>,
        /// The points.
        pub points: Vec<PointsReturned>,
        /// The sale; absent where goods came back without one.
        pub sale: Option<String>,
        /// What gift cards got back.
        pub tenders: Vec<TenderReturned> = Vec::new(),
    }
}

document! {
    /// What of a sale's tenders came back.
    pub struct TenderReturned {
        /// How much.
        pub amount: Amount,
        /// The gift card that had paid.
        pub card: String,
        /// The gift card that got it.
        pub to: String,
    }
}

document! {
    /// What came back of a line.
    pub struct LineReturned {
        /// The money that was given back by amount rather than by quantity.
        pub by_amount: Amount,
        /// The line's id.
        pub line: String,
        /// The money given back in all.
        pub money: Amount,
        /// The quantity that came back, in thousandths.
        pub quantity: i64,
    }
}

document! {
    /// What moved of a sale's points on one card.
    pub struct PointsReturned {
        /// The card.
        pub card: String,
        /// Earned points that were due to be taken back, whether they were there or not.
        pub clawed_back: Amount,
        /// The kind of points.
        pub points: String,
        /// Spent points given back.
        pub restored: Amount,
    }
}

document! {
    /// A sale was given up or undone.
    pub struct SaleEnded {
        /// Why, in the host's words.
        pub reason: Option<String>,
        /// The sale.
        pub sale: String,
    }
}

document! {
    /// A sale is complete.
    pub struct SaleConfirmed {
        /// Whether its hold had run out.
        pub late: bool,
        /// The receipt as confirmed, where it differs from the one reserved.
        pub quote: Option<Quote>,
        /// The sale.
        pub sale: String,
    }
}

document! {
    /// A sale exists.
    pub struct SaleOpened {
        /// Until when its points are reserved; absent if it is complete at once.
        pub hold_until: Option<Timestamp>,
        /// The order, where the command does not hold it: of a bill that was divided or joined.
        pub order: Option<Order>,
        /// What a refund does.
        pub policy: RefundPolicy,
        /// The receipt.
        pub quote: Quote,
        /// The sale's id: that of the record that opened it, with `/` and a number where one record
        /// opened several.
        pub sale: String,
    }
}

document! {
    /// Something was spent with a card (above zero), or came back (below zero).
    pub struct SpendCounted {
        /// The money, in the programme's currency.
        pub amount: Amount,
        /// The instant for which it counts: that of the sale, also when it comes back later.
        pub at: Timestamp,
        /// The card.
        pub card: String,
        /// The day on which it counts, by the calendar of the sale's store: YYYY-MM-DD.
        pub day: String,
        /// By how much the number of purchases changed.
        pub purchases: i64,
    }
}

/// The id of a record: the till that keeps the book, its incarnation, and the sequence number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId {
    /// The till.
    pub till: String,
    /// The incarnation.
    pub incarnation: u32,
    /// The sequence number.
    pub sequence: u64,
}

impl fmt::Display for RecordId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}.{}", self.till, self.incarnation, self.sequence)
    }
}

impl RecordId {
    /// Reads an id as written by `Display`; `None` if it is not one.
    #[must_use]
    pub fn parse(text: &str) -> Option<RecordId> {
        let mut parts = text.rsplitn(3, '.');
        let sequence = whole_number(parts.next()?)?;
        let incarnation = u32::try_from(whole_number(parts.next()?)?).ok()?;
        let till = parts.next()?.to_owned();
        is_till_name(&till).then_some(RecordId { till, incarnation, sequence })
    }
}

/// A number as `Display` writes it: no sign, no leading zeros.
fn whole_number(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

/// Whether a till may be called so: 1 to 32 of ASCII letters, digits, `-` and `_`, so that ids and
/// tokens fit into a host's payment field.
#[must_use]
pub fn is_till_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=32).contains(&name.len()) && name.bytes().all(allowed)
}

/// What a host keeps with its payment: the sale's id and half of its record's hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The record that opened the sale.
    pub record: RecordId,
    /// Which of the sales that the record opened, from 1; absent where it opened one.
    pub part: Option<u32>,
    /// The first 16 bytes of the record's hash, in hexadecimal.
    pub check: String,
}

impl fmt::Display for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "k1.{}.{}", self.sale(), self.check)
    }
}

/// The number of one of the sales that a record opened.
fn part_number(text: &str) -> Option<u32> {
    u32::try_from(whole_number(text)?).ok().filter(|part| *part > 0)
}

impl Token {
    /// The id of the sale: that of its record, with `/` and a number where the record opened
    /// several.
    #[must_use]
    pub fn sale(&self) -> String {
        match self.part {
            None => self.record.to_string(),
            Some(part) => format!("{}/{part}", self.record),
        }
    }

    /// Reads a token as written by `Display`.
    ///
    /// # Errors
    /// `token.syntax`, with no path.
    pub fn parse(text: &str) -> Result<Token, Error> {
        let parsed = text.strip_prefix("k1.").and_then(|rest| rest.rsplit_once('.'));
        let token = parsed.and_then(|(record, check)| {
            let hexadecimal = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
            let sound = check.len() == 32 && check.bytes().all(hexadecimal);
            let (record, part) = match record.split_once('/') {
                None => (record, None),
                Some((record, part)) => (record, Some(part_number(part)?)),
            };
            let record = RecordId::parse(record)?;
            sound.then(|| Token { record, part, check: check.to_owned() })
        });
        token.ok_or_else(|| {
            let message = "this is no token of a sale; pass the one that reserve or sell gave";
            Error::new(ErrorCode::TokenSyntax, "", message)
        })
    }
}

/// A hash of a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct RecordHash(pub [u8; 32]);

impl RecordHash {
    /// The SHA-256 of some bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> RecordHash {
        RecordHash(Sha256::digest(bytes).into())
    }

    /// The six characters that stand for the record on a slip, by which it is later seen whether a
    /// ledger still has that very record: the first digits of the hash, in capitals.
    #[must_use]
    pub fn check_code(&self) -> String {
        let digits = self.0.iter().take(3).map(|byte| format!("{byte:02X}"));
        digits.collect()
    }
}

impl fmt::Display for RecordHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl Record {
    /// Writes the canonical form as [`Document::write`] does, and notes where the command stands in
    /// it, so that it need not be written once more to be compared by its key.
    fn write_noting_command(&self, writer: &mut Writer) {
        let Record { answer, command, effects, envelope, read, trace } = self;
        writer.open_sorted();
        writer.field("\"answer\":");
        answer.write(writer);
        writer.field("\"command\":");
        writer.noting(|writer| command.write(writer));
        writer.field("\"effects\":");
        effects.write(writer);
        writer.field("\"envelope\":");
        envelope.write(writer);
        writer.field("\"read\":");
        read.write(writer);
        writer.field("\"trace\":");
        trace.write(writer);
        writer.close_sorted();
    }
}

/// A record together with the hash of its canonical form, which the next record names.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// What is compared when the key comes again: the hash of the command.
    pub content: RecordHash,
    /// The hash.
    pub hash: RecordHash,
    /// The record.
    pub record: Record,
}

/// The hashes of a record and of its command, and what was written to find them.
fn sealed(record: &Record) -> (RecordHash, RecordHash, Writer) {
    let mut writer = Writer::default();
    record.write_noting_command(&mut writer);
    let (text, command) = writer.bytes();
    let (hash, content) = (RecordHash::of(text), RecordHash::of(command));
    (hash, content, writer)
}

impl Entry {
    /// Seals a record: from here on it is named by its hash.
    #[must_use]
    pub fn seal(record: Record) -> Arc<Entry> {
        let (hash, content, _) = sealed(&record);
        Arc::new(Entry { content, hash, record })
    }

    /// The same with the canonical text, for those who keep it: it need not be made twice.
    #[must_use]
    pub fn seal_with_text(record: Record) -> (Arc<Entry>, String) {
        let (hash, content, writer) = sealed(&record);
        (Arc::new(Entry { content, hash, record }), writer.finish())
    }

    /// The canonical text of the record, of which its hash is made.
    #[must_use]
    pub fn text(&self) -> String {
        canonical(&self.record)
    }

    /// Reads the canonical text of a record, as [`Entry::text`] gave it. Lists and texts may be
    /// longer here than in a request: what was recorded can be read.
    ///
    /// # Errors
    /// `record.chain` if the text is not the canonical form of a record: another text would have
    /// another hash.
    pub fn read(text: &str) -> Result<Arc<Entry>, Error> {
        let refuse = |why: &str| {
            let message = format!("this is not the text of a record ({why}); fetch it again");
            Error::new(ErrorCode::RecordChain, "", message)
        };
        let node = Node::parse(text, usize::MAX).map_err(|error| refuse(&error.to_string()))?;
        let (record, mistakes) = Reader::recorded::<Record>(&node);
        if let Some(mistake) = mistakes.first() {
            return Err(refuse(&mistake.to_string()));
        }
        let entry = Entry::seal(record);
        if entry.hash != RecordHash::of(text.as_bytes()) {
            return Err(refuse("it is not in canonical form"));
        }
        Ok(entry)
    }

    /// The token of the sale that this record opened; of several, of none of them.
    #[must_use]
    pub fn token(&self) -> Token {
        let check = self.hash.to_string().chars().take(32).collect();
        Token { record: self.record.envelope.id(), part: None, check }
    }

    /// The token of one of the sales that this record opened, by the sale's id.
    #[must_use]
    pub fn token_of(&self, sale: &str) -> Token {
        let part = sale.rsplit_once('/').and_then(|(_, part)| part_number(part));
        Token { part, ..self.token() }
    }

    /// The fact that opened a sale, by the sale's id.
    #[must_use]
    pub fn opening(&self, sale: &str) -> Option<&SaleOpened> {
        self.openings().find(|opened| opened.sale == sale)
    }

    fn openings(&self) -> impl Iterator<Item = &SaleOpened> {
        self.record.effects.iter().filter_map(|effect| match effect {
            Effect::SaleOpened(opened) => Some(opened),
            _ => None,
        })
    }

    /// The receipt of the record, if it opened or confirmed a sale.
    #[must_use]
    pub fn quote(&self) -> Option<&Quote> {
        let confirmed = self.record.effects.iter().find_map(|effect| match effect {
            Effect::SaleConfirmed(confirmed) => confirmed.quote.as_ref(),
            _ => None,
        });
        confirmed.or_else(|| self.openings().map(|opened| &opened.quote).next())
    }

    /// The answer as the caller got it: with the receipt and the token.
    #[must_use]
    pub fn answer(&self) -> Answer {
        let mut answer = self.record.answer.clone();
        if let Answer::Sale(sale) = &mut answer {
            sale.quote = self.quote().cloned();
            if sale.token.is_none() {
                sale.token = Some(self.token().to_string());
            }
        }
        if let Answer::Bill(bill) = &mut answer {
            // The bills stand in the order of the sales that the record opened.
            for (view, opened) in bill.bills.iter_mut().zip(self.openings()) {
                view.quote = Some(opened.quote.clone());
                view.token = Some(self.token_of(&opened.sale).to_string());
            }
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_sealed_over_its_canonical_form_and_its_command() {
        let record = Record { command: Command::Issue(Default::default()), ..Record::default() };
        let entry = Entry::seal(record.clone());
        assert_eq!(entry.hash, RecordHash::of(canonical(&record).as_bytes()));
        assert_eq!(entry.content, RecordHash::of(canonical(&record.command).as_bytes()));
    }

    #[test]
    fn a_record_is_read_from_its_own_text_only() {
        let issue = crate::Issue { card: "1001".into(), ..Default::default() };
        let record = Record { command: Command::Issue(issue), ..Record::default() };
        let entry = Entry::seal(record);
        let text = entry.text();
        assert_eq!(Entry::read(&text), Ok(entry));
        let spaced = text.replacen(':', ": ", 1);
        let cut = text.get(..text.len() - 1).unwrap().to_owned();
        let unknown = text.replacen('{', "{\"a\":1,", 1);
        for wrong in [String::new(), "{}".into(), spaced, cut, unknown] {
            assert_eq!(Entry::read(&wrong).unwrap_err().code(), ErrorCode::RecordChain, "{wrong}");
        }
    }

    #[test]
    fn a_record_may_have_more_facts_and_longer_texts_than_a_request_may() {
        // An account is named `card:` and a number, and that may have 1,024 bytes.
        let posting = Posting { account: "x".repeat(1_029), amount: Amount::default() };
        let posted = Posted { points: "bonus".into(), postings: vec![posting] };
        let effects = vec![Effect::Posted(posted); 10_001];
        let entry = Entry::seal(Record { effects, ..Record::default() });
        assert_eq!(Entry::read(&entry.text()), Ok(entry));
    }

    #[test]
    fn the_check_code_is_the_beginning_of_the_hash_in_capitals() {
        // The SHA-256 of nothing begins with e3b0c442.
        assert_eq!(RecordHash::of(b"").check_code(), "E3B0C4");
    }

    #[test]
    fn ids_and_tokens_survive_being_written_and_read() {
        let record = RecordId { till: "till-1".into(), incarnation: 2, sequence: 17 };
        assert_eq!(record.to_string(), "till-1.2.17");
        assert_eq!(RecordId::parse("till-1.2.17"), Some(record.clone()));
        for wrong in
            ["till-1.2", "till 1.2.3", ".1.2", "a.01.2", "a.1.+2", "a.1.-2", "a.4294967296.1"]
        {
            assert_eq!(RecordId::parse(wrong), None, "{wrong}");
        }
        let check = "0123456789abcdef0123456789abcdef";
        let token = Token { record, part: None, check: check.into() };
        assert_eq!(token.to_string(), "k1.till-1.2.17.0123456789abcdef0123456789abcdef");
        assert_eq!(token.sale(), "till-1.2.17");
        assert_eq!(Token::parse(&token.to_string()), Ok(token.clone()));
        let part = Token { part: Some(2), ..token };
        assert_eq!(part.to_string(), "k1.till-1.2.17/2.0123456789abcdef0123456789abcdef");
        assert_eq!(part.sale(), "till-1.2.17/2");
        assert_eq!(Token::parse(&part.to_string()), Ok(part));
        let parts = ["0", "02", "x", "", "1/2"].map(|part| format!("k1.a.1.2/{part}.{check}"));
        let wrongs = ["", "k1.", "k2.a.1.2.0123456789abcdef0123456789abcdef", "k1.a.1.2.0123"];
        for wrong in wrongs.into_iter().chain(parts.iter().map(String::as_str)) {
            assert_eq!(Token::parse(wrong).unwrap_err().code(), ErrorCode::TokenSyntax, "{wrong}");
        }
    }
}
