//! What is counted of whom: every counter of the catalogue with its window, as one table.
//!
//! A window moves on by whole buckets: "the last hour" of twelve buckets of five minutes is the
//! present bucket and the eleven before it.

use super::event::{WatchEvent, WatchKind, WatchMark, WatchSubject, hundredths};
use crate::order::Presented;
use crate::record::PresentOutcome;

const MINUTES: u32 = 60;
const HOURS: u32 = 3_600;
const DAYS: u32 = 86_400;

/// How values of one counter come together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// They are added up in the bucket of their instant.
    Sum,
    /// The latest instant, in seconds since 1970.
    Latest,
    /// The earliest instant, in seconds since 1970.
    Earliest,
}

impl Mode {
    /// Two values of one cell.
    pub fn together(self, one: i64, other: i64) -> i64 {
        match self {
            Mode::Sum => one.saturating_add(other),
            Mode::Latest => one.max(other),
            Mode::Earliest => one.min(other),
        }
    }
}

/// What a counter is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spec {
    pub of: WatchSubject,
    /// How many seconds one bucket holds; none if everything is in one.
    pub seconds: u32,
    pub buckets: u32,
    /// How many different members one bucket keeps: those with the least hashes. None if it has no
    /// members.
    pub members: usize,
    pub mode: Mode,
}

macro_rules! counters {
    ($( $(#[doc = $doc:literal])* $name:ident = $of:ident $mode:ident $seconds:expr, $buckets:expr, $members:expr; )*) => {
        /// A counter of the catalogue.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) enum Counter { $( $(#[doc = $doc])* $name, )* }

        impl Counter {
            pub const ALL: &'static [Counter] = &[$(Counter::$name),*];

            pub const fn spec(self) -> Spec {
                match self { $( Counter::$name => Spec {
                    of: WatchSubject::$of,
                    seconds: $seconds,
                    buckets: $buckets,
                    members: $members,
                    mode: Mode::$mode,
                }, )* }
            }
        }
    };
}

counters! {
    /// When the card was issued.
    IssuedAt = Card Earliest 0, 1, 0;
    /// When the card was last issued, loaded, or on a receipt.
    SeenAt = Card Latest 0, 1, 0;
    /// When the card last spent.
    LastSpentAt = Card Latest 0, 1, 0;
    /// When the card last spent on a day, for half a year.
    SpentAt = Card Latest DAYS, 182, 0;
    /// When a credential last changed.
    CredentialAt = Card Latest 0, 1, 0;
    /// When a further guest was last let use the card.
    MemberAt = Card Latest 0, 1, 0;
    /// When points last came from another card.
    TransferAt = Card Latest 0, 1, 0;
    /// Points earned.
    EarnedHours = Card Sum HOURS, 24, 0;
    /// Points earned.
    EarnedDays = Card Sum 15 * DAYS, 6, 0;
    /// Points spent.
    SpentHours = Card Sum HOURS, 24, 0;
    /// Redemptions.
    Spends = Card Sum 5 * DAYS, 6, 0;
    /// Redemptions offline, by store.
    OfflineSpends = Card Sum 5 * DAYS, 6, 4;
    /// Receipts claimed late, by store.
    LateClaims = Card Sum 5 * DAYS, 6, 4;
    /// Receipts, by cashier.
    ByCashier = Card Sum 5 * DAYS, 6, 4;
    /// Receipts, by cashier, in a shift.
    ByCashierShift = Card Sum HOURS, 12, 4;
    /// Receipts that earned, by store.
    EarnedAtStore = Card Sum 365 * DAYS, 2, 16;
    /// Sales undone or given back shortly after they had spent points.
    CardVoids = Card Sum 5 * DAYS, 6, 0;
    /// Returns whose points were spent already.
    SpentReturns = Card Sum 15 * DAYS, 12, 0;
    /// Earned points that were taken back.
    TakenBack = Card Sum 15 * DAYS, 6, 0;
    /// Returns.
    Returns = Card Sum 15 * DAYS, 6, 0;
    /// Points from other cards, by card.
    Sources = Card Sum DAYS, 7, 16;
    /// Guests who were brought, by card.
    Brought = Card Sum DAYS, 30, 8;
    /// Guests who were brought and came a second time, by card.
    CameAgain = Card Sum DAYS, 30, 8;
    /// Money that was loaded.
    Loaded = Card Sum 5 * MINUTES, 12, 0;
    /// Money that the gift card paid.
    GiftPaid = Card Sum 5 * MINUTES, 12, 0;
    /// Failed attempts to prove a number.
    Failures = Number Sum 5 * MINUTES, 3, 0;
    /// One-time codes of the number that came once more.
    Replays = Number Sum 5 * MINUTES, 3, 0;
    /// Failed attempts to prove a number.
    FailuresDays = Number Sum 5 * DAYS, 6, 0;
    /// The cards under which a receipt was claimed.
    Claimed = Receipt Sum 0, 1, 8;
    /// The cards that a device was seen with.
    DeviceCards = Device Sum 5 * DAYS, 6, 8;
    /// The cards that a cashier rang up.
    CashierCards = Cashier Sum 5 * DAYS, 6, 16;
    /// Cards long silent that a cashier let spend.
    DormantCards = Cashier Sum DAYS, 7, 8;
    /// Sales undone or given back shortly after they had spent points.
    CashierVoids = Cashier Sum 5 * DAYS, 6, 0;
    /// Points given by hand: how often.
    Grants = Cashier Sum HOURS, 24, 0;
    /// Points given by hand: how many.
    Granted = Cashier Sum HOURS, 24, 0;
    /// Cards frozen, blocked and thawed by hand.
    Toggles = Cashier Sum HOURS, 24, 0;
    /// Challenges that were met.
    Overrides = Cashier Sum HOURS, 24, 0;
    /// Receipts.
    ShiftReceipts = Cashier Sum HOURS, 12, 0;
    /// Sales undone.
    ShiftVoids = Cashier Sum HOURS, 12, 0;
    /// Returns of the cashier's own sales.
    OwnReturns = Cashier Sum 5 * DAYS, 6, 0;
    /// Receipts whose card was presented before.
    TillCards = Till Sum 5 * MINUTES, 12, 0;
    /// Codes that nothing knows.
    WrongCodes = Till Sum 5 * MINUTES, 12, 0;
    /// Codes that nothing knows.
    WrongCodesHours = Till Sum HOURS, 24, 0;
    /// When a code was last wrong.
    WrongCodeAt = Till Latest 0, 1, 0;
    /// Tokens and one-time codes that were not genuine.
    Forged = Till Sum 5 * MINUTES, 12, 0;
    /// Gift cards sold or loaded.
    TillLoads = Till Sum 5 * MINUTES, 12, 0;
    /// Cards presented.
    Presented = Till Sum 5 * MINUTES, 12, 0;
    /// Numbers presented that nothing knows.
    UnknownPresented = Till Sum 5 * MINUTES, 12, 0;
    /// Receipts, by cashier.
    Receipts = Store Sum 5 * DAYS, 6, 32;
    /// Receipts just below the limit of approval, by cashier.
    NearLimit = Store Sum 5 * DAYS, 6, 32;
    /// Money taken, by cashier.
    Turnover = Store Sum DAYS, 7, 32;
    /// Stamps given, by cashier.
    Stamps = Store Sum DAYS, 7, 32;
    /// Cards rung up, by cashier.
    Scans = Store Sum DAYS, 7, 32;
    /// Cards typed in by hand, by cashier.
    Typed = Store Sum DAYS, 7, 32;
    /// Cards attached after the total, by cashier.
    AfterTotal = Store Sum 5 * DAYS, 6, 32;
    /// Sales undone, by cashier.
    Voids = Store Sum 5 * DAYS, 6, 32;
    /// Returns onto gift cards, by cashier.
    GiftReturns = Store Sum 5 * DAYS, 6, 32;
    /// Receipts by how large they are: the member is the bin.
    Baskets = Store Sum 5 * DAYS, 6, 256;
    /// Codes that nothing knows, by their first characters and all of them.
    Prefixes = Program Sum 30 * MINUTES, 2, 256;
}

/// One value for one counter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Increment<'e> {
    pub counter: Counter,
    /// Whose, if that is not the event's own subject of the counter's kind.
    pub of: Option<&'e str>,
    pub member: u32,
    pub value: i64,
}

/// The member under which a bucket keeps what its further members came to.
pub(crate) const OTHERS: u32 = (1 << MEMBER_BITS) - 1;

/// How many bits of a cell's key a member has.
pub(crate) const MEMBER_BITS: u32 = 30;

/// A word as a member of a counter: FNV-1a, folded. It only has to tell few words apart, and comes
/// to the same everywhere.
pub(crate) fn member(word: &str) -> u32 {
    let fold = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = word.bytes().fold(0xcbf2_9ce4_8422_2325, fold);
    let folded = (hash ^ (hash >> MEMBER_BITS) ^ (hash >> 34)) & ((1 << MEMBER_BITS) - 1);
    u32::try_from(folded).unwrap_or(0)
}

/// A wrong code as a member: eight bits for its first characters, the rest for all of it.
pub(crate) fn prefixed(code: &str) -> u32 {
    let prefix = code.split_once(':').map_or(code, |(prefix, _)| prefix);
    (member(prefix) & 0xff) << 22 | (member(code) & 0x3f_ffff)
}

/// The first member with the same first characters, and the last.
pub(crate) fn prefix_range(code: &str) -> (u32, u32) {
    let least = prefixed(code) & !0x3f_ffff;
    (least, least | 0x3f_ffff)
}

/// The bin of an amount: eight for each doubling, so that a bin is at most an eighth wide.
pub(crate) fn bin(amount: i64) -> u32 {
    let amount = u64::try_from(amount).unwrap_or(0).max(1);
    let power = amount.ilog2();
    let fine = if power >= 3 { (amount >> (power - 3)) & 7 } else { 0 };
    power * 8 + u32::try_from(fine).unwrap_or(0)
}

/// The least amount above a bin.
pub(crate) fn above_bin(bin: u32) -> i64 {
    let (power, fine) = (bin / 8, bin % 8);
    if power < 3 {
        return 1 << (power + 1);
    }
    i64::from(fine + 9).saturating_mul(1 << (power - 3).min(58))
}

/// What an event adds to the counters. Sums grow only: were anything taken off them, their bounds would
/// make them hang on the order of events.
pub(crate) fn increments<'e>(event: &'e WatchEvent, mut push: impl FnMut(Increment<'e>)) {
    let mut add = |counter: Counter, member: u32, value: i64| {
        let adds = if counter.spec().mode == Mode::Sum { value > 0 } else { value != 0 };
        if adds {
            push(Increment { counter, of: None, member, value });
        }
    };
    let second = event.at.as_second();
    let flag = |mark: WatchMark| i64::from(event.has(mark));
    let of = |word: &Option<String>| word.as_deref().map_or(0, member);
    let (earned, spent) = (hundredths(event.earned), hundredths(event.spent));
    if event.card.is_some() {
        let seen = matches!(
            event.kind,
            WatchKind::Sale | WatchKind::GiftSpend | WatchKind::Issue | WatchKind::Load
        );
        add(Counter::SeenAt, 0, if seen { second } else { 0 });
    }
    match event.kind {
        WatchKind::Sale => sale(event, &mut add),
        WatchKind::Credential => add(Counter::CredentialAt, 0, second),
        WatchKind::Freeze => add(Counter::Toggles, 0, 1),
        WatchKind::GiftSpend => add(Counter::GiftPaid, 0, hundredths(event.amount)),
        WatchKind::Grant => {
            add(Counter::Grants, 0, 1);
            add(Counter::Granted, 0, earned);
        }
        WatchKind::Issue => {
            add(Counter::IssuedAt, 0, second);
            add(Counter::DeviceCards, of(&event.card), 1);
        }
        WatchKind::Load => add(Counter::Loaded, 0, hundredths(event.amount)),
        WatchKind::Present => present(event, &mut add),
        WatchKind::Refund => {
            add(Counter::TakenBack, 0, spent);
            add(Counter::Returns, 0, 1);
            add(Counter::CardVoids, 0, flag(WatchMark::HadSpend));
            add(Counter::CashierVoids, 0, flag(WatchMark::HadSpend));
            add(Counter::SpentReturns, 0, flag(WatchMark::Shortfall));
            add(Counter::OwnReturns, 0, flag(WatchMark::OwnSale));
            add(Counter::GiftReturns, of(&event.cashier), flag(WatchMark::ToGiftCard));
        }
        WatchKind::Share => add(Counter::MemberAt, 0, second),
        WatchKind::Transfer => {
            add(Counter::Sources, of(&event.from), 1);
            add(Counter::TransferAt, 0, second);
        }
        WatchKind::Void => {
            add(Counter::CardVoids, 0, flag(WatchMark::HadSpend));
            add(Counter::CashierVoids, 0, flag(WatchMark::HadSpend));
            add(Counter::ShiftVoids, 0, 1);
            add(Counter::Voids, of(&event.cashier), 1);
        }
    }
    for code in &event.wrong_codes {
        add(Counter::WrongCodes, 0, 1);
        add(Counter::WrongCodesHours, 0, 1);
        add(Counter::WrongCodeAt, 0, second);
        add(Counter::Prefixes, prefixed(code), 1);
    }
    let counter = match event.kind {
        WatchKind::Issue => Some(Counter::Brought),
        WatchKind::Sale if event.has(WatchMark::SecondPurchase) => Some(Counter::CameAgain),
        _ => None,
    };
    if let (Some(counter), Some(from)) = (counter, &event.from) {
        push(Increment { counter, of: Some(from), member: of(&event.card), value: 1 });
    }
}

fn sale(event: &WatchEvent, add: &mut impl FnMut(Counter, u32, i64)) {
    let of = |word: &Option<String>| word.as_deref().map_or(0, member);
    let flag = |mark: WatchMark| i64::from(event.has(mark));
    let (earned, spent) = (hundredths(event.earned), hundredths(event.spent));
    let (cashier, store) = (of(&event.cashier), of(&event.store));
    add(Counter::EarnedHours, 0, earned);
    add(Counter::EarnedDays, 0, earned);
    add(Counter::EarnedAtStore, store, i64::from(earned > 0));
    if spent > 0 {
        add(Counter::SpentAt, 0, event.at.as_second());
        add(Counter::LastSpentAt, 0, event.at.as_second());
        add(Counter::SpentHours, 0, spent);
        add(Counter::Spends, 0, 1);
        add(Counter::OfflineSpends, store, i64::from(event.is_offline()));
        add(Counter::DormantCards, of(&event.card), flag(WatchMark::Dormant));
    }
    add(Counter::LateClaims, store, flag(WatchMark::LateClaim));
    add(Counter::Claimed, of(&event.card), 1);
    let with_card = i64::from(event.card.is_some());
    let proved =
        matches!(event.strength, Some(Presented::Pin | Presented::Rotating | Presented::Signed));
    if event.cashier.is_some() {
        add(Counter::ByCashier, cashier, 1);
        add(Counter::ByCashierShift, cashier, 1);
        add(Counter::CashierCards, of(&event.card), with_card);
        add(Counter::ShiftReceipts, 0, 1);
        add(Counter::Overrides, 0, flag(WatchMark::Overridden));
        add(Counter::Receipts, cashier, 1);
        add(Counter::NearLimit, cashier, flag(WatchMark::NearLimit));
        add(Counter::Turnover, cashier, hundredths(event.amount));
        add(Counter::Stamps, cashier, hundredths(event.stamps));
        add(Counter::Scans, cashier, with_card);
        let typed = event.strength == Some(Presented::Typed);
        add(Counter::Typed, cashier, with_card * i64::from(typed));
        add(Counter::AfterTotal, cashier, flag(WatchMark::AfterTotal));
    }
    add(Counter::TillCards, 0, i64::from(proved));
    if event.device.is_some() {
        add(Counter::DeviceCards, of(&event.card), 1);
    }
    add(Counter::TillLoads, 0, i64::from(event.gifts));
    if hundredths(event.amount) > 0 {
        add(Counter::Baskets, bin(hundredths(event.amount)), 1);
    }
}

fn present(event: &WatchEvent, add: &mut impl FnMut(Counter, u32, i64)) {
    let outcome = event.outcome.unwrap_or_default();
    let failed = outcome == PresentOutcome::Refused;
    let signed = matches!(event.strength, Some(Presented::Signed | Presented::Rotating));
    add(Counter::Presented, 0, 1);
    add(Counter::UnknownPresented, 0, i64::from(event.has(WatchMark::UnknownNumber)));
    add(Counter::Forged, 0, i64::from(failed && signed));
    add(Counter::Replays, 0, i64::from(outcome == PresentOutcome::Replayed));
    add(Counter::Failures, 0, i64::from(failed));
    add(Counter::FailuresDays, 0, i64::from(failed));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bin_ends_where_the_next_begins() {
        for amount in [1, 2, 3, 7, 8, 9, 15, 16, 100, 12_345, 99_999_999] {
            let above = above_bin(bin(amount));
            assert!(above > amount, "{amount} {above}");
            assert!(bin(above) > bin(amount), "{amount} {above}");
            assert_eq!(bin(above - 1), bin(amount), "{amount} {above}");
        }
    }

    #[test]
    fn every_counter_fits_into_a_key() {
        for counter in Counter::ALL {
            let spec = counter.spec();
            assert!((*counter as usize) < 256 && spec.buckets > 0, "{counter:?}");
            assert!(spec.mode == Mode::Sum || spec.members == 0, "{counter:?}");
            assert_eq!(spec.seconds % 300, 0, "{counter:?}: states are cleared by five minutes");
        }
    }

    #[test]
    fn wrong_codes_with_the_same_beginning_stand_together() {
        let (least, most) = prefix_range("AB:1111");
        assert!((least..=most).contains(&prefixed("AB:2222")));
        assert!(!(least..=most).contains(&prefixed("CD:2222")));
        assert_ne!(prefixed("AB:1111"), prefixed("AB:2222"));
    }
}
