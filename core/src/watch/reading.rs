//! Readings: what a check may ask of the states and of the event that is being decided.
//!
//! Every reading is a whole number of hundredths: three receipts read 300, 12.50 points 1250. What
//! is being decided is counted in, except where the name of a reading says what was before. A
//! reading that lacks data is absent, and the check that asks it is told as not evaluated.

use super::counter::{Counter, Increment, OTHERS, above_bin, member, prefix_range};
use super::event::{WatchEvent, WatchKind, WatchMark, WatchSubject, hundredths};
use super::place::Places;
use super::state::{Recent, SubjectState, WatchState, member_of, second_of};

/// One, in hundredths.
const ONE: i64 = 100;

macro_rules! readings {
    ($( $(#[doc = $doc:literal])* $name:ident = $word:literal, )*) => {
        /// A reading that checks may ask.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Reading { $( $(#[doc = $doc])* $name, )* }

        impl Reading {
            /// Every reading.
            pub const ALL: &'static [Reading] = &[$(Reading::$name),*];

            /// The name, as documents write it.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $( Reading::$name => $word, )* }
            }

            /// What it tells.
            #[must_use]
            pub fn doc(self) -> &'static str {
                match self { $( Reading::$name => concat!($($doc),*), )* }
            }
        }
    };
}

readings! {
    /// The money of the event.
    Amount = "amount",
    /// The points that it earns, or that are given by hand.
    Earned = "earned",
    /// The points that it spends.
    Spent = "spent",
    /// How many gift cards it sells or loads.
    Gifts = "gifts",
    /// How many hours the ledger has had no word from the backend; 0 if it has.
    OfflineHours = "offline_hours",
    /// By how many minutes the store is closed; 0 while it is open.
    ClosedMinutes = "closed_minutes",
    /// 1 if the cashier is not clocked in, 0 if so.
    NotClockedIn = "not_clocked_in",
    /// How many of shared device, shared phone, shared payment card, and one till within ten minutes
    /// two cards have in common of which one brought the other.
    ReferralEvidence = "referral_evidence",
    /// How often the receipt was claimed with this card.
    ReceiptTimes = "receipt_times",
    /// With how many other cards the receipt was claimed before.
    ReceiptOtherCards = "receipt_other_cards",
    /// Receipts of the card that earned within 30 minutes, at most 8.
    CardEarns30m = "card_earns_30m",
    /// Receipts of the card that earned within 24 hours, at most 8.
    CardEarns24h = "card_earns_24h",
    /// Points that the card earned within 24 hours.
    CardEarned24h = "card_earned_24h",
    /// The same against what it earned on average of the last 90 days: how many times that.
    CardEarnedTimesMean = "card_earned_times_mean",
    /// Receipts of the card at this till within 10 minutes, at most 8.
    CardReceipts10mTill = "card_receipts_10m_till",
    /// Those of them that are just below a cap or step.
    CardNearStep10mTill = "card_near_step_10m_till",
    /// What they cost together.
    CardAmount10mTill = "card_amount_10m_till",
    /// Redemptions of the card within 15 minutes, at most 8.
    CardSpends15m = "card_spends_15m",
    /// Redemptions of the card within 24 hours, at most 8.
    CardSpends24h = "card_spends_24h",
    /// Points that the card spent within 24 hours.
    CardSpent24h = "card_spent_24h",
    /// Redemptions of the card within 30 days.
    CardSpends30d = "card_spends_30d",
    /// The points that the card could spend 24 hours ago, as far as they are there or were spent since.
    CardBalance = "card_balance",
    /// Which percentage of them was spent since.
    CardDrainedPercent = "card_drained_percent",
    /// Days since the card last spent, more than 24 hours ago; since it was issued, or half a year, if
    /// it did not within half a year.
    CardDaysUnspent = "card_days_unspent",
    /// Days since the card was last issued, loaded or on a receipt before this.
    CardDaysSilent = "card_days_silent",
    /// Hours since a phone, PIN or device of the guest changed; very many if none did.
    CardCredentialHours = "card_credential_hours",
    /// Hours since the card was issued.
    CardAgeHours = "card_age_hours",
    /// Hours since a further guest was let use the card; very many if none was.
    CardMemberHours = "card_member_hours",
    /// Kilometres from where the card was last seen.
    CardTravelKm = "card_travel_km",
    /// How fast it must have come from there, in kilometres an hour.
    CardTravelKmh = "card_travel_kmh",
    /// Seconds from when it was seen at another till, before or after; very many if not within a day.
    CardOtherTillSeconds = "card_other_till_seconds",
    /// 1 if the card did not earn in this city within one to two years, 0 if it did. Of more than 16
    /// stores in a year no more are known, and it is absent where that matters.
    CardNewCity = "card_new_city",
    /// One-time codes of the number that came once more within 10 minutes.
    NumberReplays10m = "number_replays_10m",
    /// Tills at which the card was presented as a copy can be, within an hour, at most 8.
    CardStaticTills1h = "card_static_tills_1h",
    /// Receipts claimed late within 30 days.
    CardLateClaims30d = "card_late_claims_30d",
    /// The stores of those, at most 4 in five days.
    CardLateStores30d = "card_late_stores_30d",
    /// Receipts with this cashier within 12 hours.
    CardCashierShift = "card_cashier_shift",
    /// Receipts with this cashier within 30 days.
    CardCashier30d = "card_cashier_30d",
    /// The percentage of the card's receipts within 30 days that were with this cashier.
    CardCashierPercent = "card_cashier_percent",
    /// By how many standard deviations the receipts of this card with this cashier exceed those of
    /// the cashier's other cards.
    CardCashierSigma = "card_cashier_sigma",
    /// Sales undone or given back within 30 days, shortly after they had spent points.
    CardVoids30d = "card_voids_30d",
    /// Returns within 180 days whose points were spent already.
    CardSpentReturns180d = "card_spent_returns_180d",
    /// Returns within 90 days.
    CardReturns90d = "card_returns_90d",
    /// The percentage of the points earned within 90 days that was taken back.
    CardReturnedPercent = "card_returned_percent",
    /// Cards from which points came within 7 days.
    CardSources7d = "card_sources_7d",
    /// Hours since points came from another card; very many if none did.
    CardTransferHours = "card_transfer_hours",
    /// Stores at which the card spent offline within 30 days, at most 4 in five days.
    CardOfflineStores30d = "card_offline_stores_30d",
    /// Redemptions offline within 30 days.
    CardOfflineSpends30d = "card_offline_spends_30d",
    /// The percentage of its redemptions within 30 days that were offline.
    CardOfflinePercent = "card_offline_percent",
    /// Guests whom the card brought within 7 days, at most 8 a day. For an event that names the card
    /// that brought its guest, of that card.
    CardBrought7d = "card_brought_7d",
    /// The same within 30 days.
    CardBrought30d = "card_brought_30d",
    /// The percentage of those who were brought more than a week ago that did not come a second time;
    /// 0 if there are none yet.
    CardBroughtLostPercent = "card_brought_lost_percent",
    /// The percentage of what was loaded onto the gift card within an hour that it has paid since.
    GiftDrainedPercent = "gift_drained_percent",
    /// 1 if it was loaded at another store, 0 if at this one.
    GiftOtherStore = "gift_other_store",
    /// Failed attempts to prove the number within 15 minutes.
    NumberFailures15m = "number_failures_15m",
    /// Failed attempts to prove the number within 30 days.
    NumberFailures30d = "number_failures_30d",
    /// Cards that the device was seen with within 30 days, at most 8 in five days.
    DeviceCards30d = "device_cards_30d",
    /// Wrong codes at the till within 10 minutes.
    TillWrongCodes10m = "till_wrong_codes_10m",
    /// Wrong codes at the till within an hour.
    TillWrongCodes1h = "till_wrong_codes_1h",
    /// For how many more minutes the till takes no codes: 15 after five wrong ones within 24 hours,
    /// twice as long after each five more, since the last one.
    TillBackoffMinutes = "till_backoff_minutes",
    /// Tokens and one-time codes at the till within 10 minutes that were not genuine.
    TillForged10m = "till_forged_10m",
    /// Gift cards sold or loaded at the till within an hour.
    TillGifts1h = "till_gifts_1h",
    /// Cards presented at the till within an hour without a receipt.
    TillInquiries1h = "till_inquiries_1h",
    /// The percentage of what was presented there that nothing knows.
    TillUnknownPercent = "till_unknown_percent",
    /// Different wrong codes with the same first characters within an hour.
    PrefixCodes1h = "prefix_codes_1h",
    /// Receipts of the store within 30 days.
    StoreReceipts30d = "store_receipts_30d",
    /// How many times the middle receipt of the store within 30 days this one is.
    BasketTimesMedian = "basket_times_median",
    /// 1 if it is larger than all but one in a thousand of them, 0 if not.
    BasketRare = "basket_rare",
    /// Receipts of the cashier in the store within 30 days.
    CashierReceipts30d = "cashier_receipts_30d",
    /// The cashier's share of receipts just below the limit of approval, how many times that of the
    /// others in the store within 30 days.
    CashierNearLimitTimes = "cashier_near_limit_times",
    /// Stamps that the cashier gave in the store within 7 days.
    CashierStamps7d = "cashier_stamps_7d",
    /// Stamps for the money taken, how many times that of the others in the store within 7 days.
    CashierStampsTimes = "cashier_stamps_times",
    /// Cards that the cashier rang up in the store within 7 days.
    CashierScans7d = "cashier_scans_7d",
    /// The share of cards that the cashier typed in, how many times that of the others.
    CashierTypedTimes = "cashier_typed_times",
    /// The share of receipts whose card was attached after the total, how many times that of the
    /// others in the store within 30 days.
    CashierAfterTotalTimes = "cashier_after_total_times",
    /// Receipts of the cashier within 12 hours.
    CashierReceiptsShift = "cashier_receipts_shift",
    /// The percentage of them that was undone.
    CashierVoidPercent = "cashier_void_percent",
    /// By how many standard deviations the sales undone by the cashier exceed those of the others in
    /// the store within 30 days.
    CashierVoidSigma = "cashier_void_sigma",
    /// The same of returns onto gift cards.
    CashierGiftReturnSigma = "cashier_gift_return_sigma",
    /// Returns within 30 days of the cashier's own sales.
    CashierOwnReturns30d = "cashier_own_returns_30d",
    /// Sales undone or given back by the cashier within 30 days, shortly after they had spent points.
    CashierVoids30d = "cashier_voids_30d",
    /// Cards long silent that the cashier let spend within 7 days, at most 8 a day.
    CashierDormantCards7d = "cashier_dormant_cards_7d",
    /// How often the cashier gave points by hand within 24 hours.
    CashierGrants24h = "cashier_grants_24h",
    /// How many those were.
    CashierGranted24h = "cashier_granted_24h",
    /// Cards that the cashier froze, blocked or thawed within 24 hours.
    CashierToggles24h = "cashier_toggles_24h",
    /// Challenges that were met at the cashier's word within 24 hours.
    CashierOverrides24h = "cashier_overrides_24h",
}

impl Reading {
    /// Whether it counts whole things, and does not measure.
    pub(crate) fn is_count(self) -> bool {
        let name = self.as_str();
        let measured = [
            "percent", "times", "sigma", "hours", "days_", "minutes", "seconds", "_km", "earned",
            "spent", "amount", "balance", "granted",
        ];
        let counted = ["receipt_times", "spent_returns"];
        counted.iter().any(|word| name.contains(word))
            || !measured.iter().any(|word| name.contains(word))
    }

    /// The most that it can come to, where there is such a bound: a threshold above it cannot fire.
    pub(crate) fn maximum(self) -> Option<i64> {
        let count = match self {
            Reading::CardEarns30m
            | Reading::CardEarns24h
            | Reading::CardReceipts10mTill
            | Reading::CardNearStep10mTill
            | Reading::CardSpends15m
            | Reading::CardSpends24h
            | Reading::CardStaticTills1h => 8,
            Reading::NotClockedIn
            | Reading::CardNewCity
            | Reading::GiftOtherStore
            | Reading::BasketRare => 1,
            Reading::ReferralEvidence => 4,
            Reading::ReceiptOtherCards => 8,
            Reading::CardLateStores30d | Reading::CardOfflineStores30d => 24,
            Reading::CardSources7d => 112,
            Reading::CardBrought7d | Reading::CashierDormantCards7d => 56,
            Reading::CardBrought30d => 240,
            Reading::DeviceCards30d => 48,
            Reading::PrefixCodes1h => 512,
            Reading::CardCashierPercent
            | Reading::CardOfflinePercent
            | Reading::CardBroughtLostPercent
            | Reading::CardDrainedPercent
            | Reading::TillUnknownPercent => 100,
            Reading::ClosedMinutes => 10_080,
            Reading::CardEarnedTimesMean => 90,
            _ => return None,
        };
        Some(count * ONE)
    }
}

/// What readings are taken of: the states, the event, and what it adds to them.
pub(crate) struct Readings<'a> {
    event: &'a WatchEvent,
    second: u32,
    places: &'a Places,
    states: [Option<&'a SubjectState>; WatchSubject::ALL.len()],
    /// The state of the card that the event names besides its own.
    from: Option<&'a SubjectState>,
    added: Vec<Increment<'a>>,
    recent: Option<Recent>,
}

impl<'a> Readings<'a> {
    pub fn new(state: &'a WatchState, event: &'a WatchEvent, places: &'a Places) -> Readings<'a> {
        let mut states = [None; WatchSubject::ALL.len()];
        for (of, slot) in WatchSubject::ALL.iter().zip(&mut states) {
            *slot = event.subject(*of).and_then(|id| state.get(*of, id));
        }
        let from = event.from.as_ref().and_then(|from| state.get(WatchSubject::Card, from));
        let mut added = Vec::with_capacity(24);
        super::counter::increments(event, |increment| added.push(increment));
        let recent = Recent::of(event);
        Readings { event, second: second_of(event), places, states, from, added, recent }
    }

    fn state(&self, of: WatchSubject) -> Option<&'a SubjectState> {
        self.states.get(of as usize).copied().flatten()
    }

    /// Whether the event names a subject of a kind.
    fn names(&self, of: WatchSubject) -> bool {
        self.event.subject(of).is_some()
    }

    /// What the event adds to a counter of its own subject.
    fn own(&self, counter: Counter, member: Option<u32>) -> i64 {
        let same = |one: &&Increment<'_>| {
            one.counter == counter && one.of.is_none() && member.is_none_or(|m| m == one.member)
        };
        total(self.added.iter().filter(same).map(|one| one.value))
    }

    /// The sum of a counter's last buckets, this event with it; `None` if the event names no such
    /// subject.
    fn sum(&self, counter: Counter, buckets: u32) -> Option<i64> {
        let of = counter.spec().of;
        self.names(of).then_some(())?;
        let cells = self.state(of).map_or(&[][..], |s| s.window(counter, self.second, buckets));
        let before = total(cells.iter().map(|cell| cell.value));
        Some(before.saturating_add(self.own(counter, None)))
    }

    fn all(&self, counter: Counter) -> Option<i64> {
        self.sum(counter, counter.spec().buckets)
    }

    fn count(&self, counter: Counter, buckets: u32) -> Option<i64> {
        Some(self.sum(counter, buckets)?.saturating_mul(ONE))
    }

    /// The members of a counter with their sums, this event with it, in the order of the members.
    fn members(&self, counter: Counter, buckets: u32) -> Option<Vec<(u32, i64)>> {
        let of = counter.spec().of;
        self.names(of).then_some(())?;
        let cells = self.state(of).map_or(&[][..], |s| s.window(counter, self.second, buckets));
        let before = cells.iter().map(|cell| (member_of(cell.key), cell.value));
        let before = before.filter(|(member, _)| *member != OTHERS);
        let own = self.added.iter().filter(|one| one.counter == counter && one.of.is_none());
        Some(by_member(before.chain(own.map(|one| (one.member, one.value)))))
    }

    fn different(&self, counter: Counter) -> Option<i64> {
        let spec = counter.spec();
        let mut members = self.members(counter, spec.buckets)?;
        let known = self.state(spec.of).map_or(&[][..], |s| s.window(counter, self.second, 1));
        let known: Vec<u32> = known.iter().map(|cell| member_of(cell.key)).collect();
        if known.len() >= spec.members {
            // The present bucket is full: one more is not told apart.
            let own = |one: u32| self.own(counter, Some(one)) > 0 && !known.contains(&one);
            members.retain(|(one, _)| !own(*one));
        }
        // What was not named stands as no member.
        Some(members.iter().filter(|(one, value)| *one != 0 && *value > 0).count() as i64 * ONE)
    }

    fn instant(&self, counter: Counter) -> Option<i64> {
        self.state(counter.spec().of)?.instant(counter)
    }

    /// The time since an instant, in units of so many seconds; very long if there is none.
    fn since(&self, counter: Counter, unit: i64) -> Option<i64> {
        self.names(counter.spec().of).then_some(())?;
        self.instant(counter).map_or(Some(FOREVER), |at| self.ago(at, unit))
    }

    /// How long ago an instant is; absent if it is still to come: only the latest one is known, and
    /// this event came late.
    fn ago(&self, at: i64, unit: i64) -> Option<i64> {
        let seconds = i64::from(self.second) - at;
        (seconds >= 0).then(|| seconds.saturating_mul(ONE) / unit)
    }

    /// The last events of the card within some seconds, this one with them.
    fn recent(&self, within: u32) -> Option<impl Iterator<Item = Recent> + '_> {
        self.names(WatchSubject::Card).then_some(())?;
        let known = self.state(WatchSubject::Card).map_or(&[][..], |state| &state.recent);
        let near = move |one: &Recent| one.at <= self.second && self.second - one.at < within;
        Some(known.iter().copied().filter(near).chain(self.recent))
    }

    fn recent_count(&self, within: u32, is: impl Fn(&Recent) -> bool) -> Option<i64> {
        let count = self.recent(within)?.filter(|one| is(one)).count();
        Some((count as i64).min(8) * ONE)
    }

    fn at_this_till(&self) -> impl Fn(&Recent) -> bool + use<> {
        let till = self.event.till.as_deref().map_or(0, member);
        move |one| one.till == till && one.is(Recent::SALE)
    }

    fn flag(truth: bool) -> i64 {
        i64::from(truth) * ONE
    }

    /// A reading in hundredths; `None` if data is lacking.
    pub fn value(&self, reading: Reading) -> Option<i64> {
        let event = self.event;
        match reading {
            Reading::Amount => Some(hundredths(event.amount)),
            Reading::Earned => Some(hundredths(event.earned)),
            Reading::Spent => Some(hundredths(event.spent)),
            Reading::Gifts => Some(i64::from(event.gifts) * ONE),
            Reading::OfflineHours => {
                Some(event.offline_minutes.map_or(0, |m| i64::from(m) * ONE / 60))
            }
            Reading::ClosedMinutes => {
                let closed =
                    self.places.closed_minutes(event.store.as_deref()?, event.local_minute)?;
                Some(i64::from(closed) * ONE)
            }
            Reading::NotClockedIn => {
                event.cashier.as_ref()?;
                Some(Self::flag(event.shift.is_none()))
            }
            Reading::ReferralEvidence => self.referral_evidence(),
            _ => self
                .card_reading(reading)
                .or_else(|| self.history_reading(reading))
                .or_else(|| self.place_reading(reading))
                .or_else(|| self.staff_reading(reading)),
        }
    }

    fn card_reading(&self, reading: Reading) -> Option<i64> {
        const MINUTE: u32 = 60;
        const DAY: u32 = 86_400;
        match reading {
            Reading::CardEarns30m => self.recent_count(30 * MINUTE, |one| one.is(Recent::EARNED)),
            Reading::CardEarns24h => self.recent_count(DAY, |one| one.is(Recent::EARNED)),
            Reading::CardEarned24h => self.all(Counter::EarnedHours),
            Reading::CardEarnedTimesMean => {
                let (day, days) = (self.all(Counter::EarnedHours)?, self.all(Counter::EarnedDays)?);
                Some(ratio(day.saturating_mul(90), days)?.min(90 * ONE))
            }
            Reading::CardReceipts10mTill => {
                self.event.till.as_ref()?;
                self.recent_count(10 * MINUTE, self.at_this_till())
            }
            Reading::CardNearStep10mTill => {
                self.event.till.as_ref()?;
                let here = self.at_this_till();
                self.recent_count(10 * MINUTE, |one| one.is(Recent::NEAR_STEP) && here(one))
            }
            Reading::CardAmount10mTill => {
                self.event.till.as_ref()?;
                let here = self.at_this_till();
                Some(total(self.recent(10 * MINUTE)?.filter(here).map(|one| i64::from(one.amount))))
            }
            Reading::CardSpends15m => self.recent_count(15 * MINUTE, |one| one.is(Recent::SPENT)),
            Reading::CardSpends24h => self.recent_count(DAY, |one| one.is(Recent::SPENT)),
            Reading::CardSpent24h => self.all(Counter::SpentHours),
            Reading::CardStaticTills1h => {
                let copied = self.recent(60 * MINUTE)?.filter(|one| one.is(Recent::STATIC));
                let named = copied.filter(|one| one.till != 0);
                let tills = by_member(named.map(|one| (one.till, 1)));
                Some(tills.len() as i64 * ONE)
            }
            Reading::CardOtherTillSeconds => {
                let till = member(self.event.till.as_deref()?);
                let others = self.state(WatchSubject::Card).map_or(&[][..], |one| &one.recent);
                let other =
                    |one: &&Recent| one.is(Recent::THERE) && one.till != 0 && one.till != till;
                // The clocks of two tills differ: the other one may be a little ahead.
                let apart = others.iter().filter(other).map(|one| one.at.abs_diff(self.second));
                let seconds = apart.min().filter(|seconds| *seconds < DAY);
                Some(seconds.map_or(FOREVER, |seconds| i64::from(seconds) * ONE))
            }
            Reading::GiftOtherStore => {
                let store = member(self.event.store.as_deref()?);
                let known = self.state(WatchSubject::Card)?;
                let load = known.recent.iter().rev().find(|one| one.is(Recent::LOADED))?;
                Some(Self::flag(load.store != store))
            }
            Reading::GiftDrainedPercent => {
                let (paid, loaded) = (self.all(Counter::GiftPaid)?, self.all(Counter::Loaded)?);
                match loaded {
                    // What was loaded long ago is no matter; of what never was, nothing is known.
                    0 => self.state(WatchSubject::Card)?.instant(Counter::SeenAt).map(|_| 0),
                    _ => percent(paid, loaded),
                }
            }
            Reading::CardTravelKm => Some(self.travel()?.0),
            Reading::CardTravelKmh => Some(self.travel()?.1),
            _ => None,
        }
    }

    /// How far the card has come since it was last seen, and how fast, in hundredths.
    fn travel(&self) -> Option<(i64, i64)> {
        let here = self.event.store.as_deref()?;
        let known = self.state(WatchSubject::Card)?;
        let seen = |one: &&Recent| one.at <= self.second && one.is(Recent::THERE);
        let Some(last) = known.recent.iter().rev().find(seen) else { return Some((0, 0)) };
        let metres = self.places.metres(last.store, here)?;
        let seconds = i64::from(self.second - last.at).max(1);
        Some((metres / 10, metres.saturating_mul(360) / seconds))
    }

    fn history_reading(&self, reading: Reading) -> Option<i64> {
        const HOUR: i64 = 3_600;
        match reading {
            Reading::CardSpends30d => self.count(Counter::Spends, 6),
            Reading::CardBalance => {
                let balance = hundredths(self.event.balance?);
                let since = self.all(Counter::SpentHours)?;
                let before = since.saturating_sub(self.own(Counter::SpentHours, None));
                Some(balance.saturating_add(before))
            }
            Reading::CardDrainedPercent => {
                let held = self.history_reading(Reading::CardBalance)?;
                share(self.all(Counter::SpentHours)?, held)
            }
            Reading::CardDaysUnspent => self.days_unspent(),
            Reading::CardDaysSilent => {
                let since = self.instant(Counter::SeenAt)?;
                self.ago(since, 24 * HOUR)
            }
            Reading::CardCredentialHours => self.since(Counter::CredentialAt, HOUR),
            Reading::CardAgeHours => self.ago(self.instant(Counter::IssuedAt)?, HOUR),
            Reading::CardMemberHours => self.since(Counter::MemberAt, HOUR),
            Reading::CardTransferHours => self.since(Counter::TransferAt, HOUR),
            Reading::NumberReplays10m => self.count(Counter::Replays, 2),
            Reading::CardLateClaims30d => self.count(Counter::LateClaims, 6),
            Reading::CardLateStores30d => {
                self.event.store.as_ref()?;
                self.different(Counter::LateClaims)
            }
            Reading::CardCashierShift => self.with_cashier(Counter::ByCashierShift),
            Reading::CardCashier30d => self.with_cashier(Counter::ByCashier),
            Reading::CardCashierPercent => {
                let own = self.with_cashier(Counter::ByCashier)? / ONE;
                percent(own, self.all(Counter::ByCashier)?)
            }
            Reading::CardVoids30d => self.count(Counter::CardVoids, 6),
            Reading::CardSpentReturns180d => self.count(Counter::SpentReturns, 12),
            Reading::CardReturns90d => self.count(Counter::Returns, 6),
            Reading::CardReturnedPercent => {
                percent(self.all(Counter::TakenBack)?, self.all(Counter::EarnedDays)?)
            }
            Reading::CardSources7d => self.different(Counter::Sources),
            Reading::CardOfflineStores30d => {
                self.event.store.as_ref()?;
                self.different(Counter::OfflineSpends)
            }
            Reading::CardOfflineSpends30d => self.count(Counter::OfflineSpends, 6),
            Reading::CardOfflinePercent => {
                share(self.all(Counter::OfflineSpends)?, self.all(Counter::Spends)?)
            }
            Reading::CardBrought7d => Some(self.brought(7)? * ONE),
            Reading::CardBrought30d => Some(self.brought(30)? * ONE),
            Reading::CardBroughtLostPercent => self.brought_lost(),
            Reading::NumberFailures15m => self.count(Counter::Failures, 3),
            Reading::NumberFailures30d => self.count(Counter::FailuresDays, 6),
            Reading::DeviceCards30d => self.different(Counter::DeviceCards),
            Reading::ReceiptTimes => {
                let card = member(self.event.card.as_deref()?);
                let members = self.members(Counter::Claimed, 1)?;
                Some(value_of(&members, card) * ONE)
            }
            Reading::ReceiptOtherCards => {
                let card = member(self.event.card.as_deref()?);
                let members = self.members(Counter::Claimed, 1)?;
                let others = members.iter().filter(|(one, _)| *one != card && *one != 0);
                Some(others.count() as i64 * ONE)
            }
            _ => None,
        }
    }

    /// Days since the card last spent, not counting the last 24 hours.
    fn days_unspent(&self) -> Option<i64> {
        const DAY: i64 = 86_400;
        let state = self.state(WatchSubject::Card)?;
        let cells = state.window(Counter::SpentAt, self.second, 182);
        let before = i64::from(self.second) - DAY;
        let last = cells.iter().rev().map(|cell| cell.value).find(|at| *at <= before);
        let earlier = self.instant(Counter::LastSpentAt).filter(|at| *at <= before);
        match last.or(earlier).or_else(|| self.instant(Counter::IssuedAt)) {
            Some(at) => self.ago(at, DAY),
            None => Some(181 * ONE),
        }
    }

    /// What a counter of the card says of the present cashier.
    fn with_cashier(&self, counter: Counter) -> Option<i64> {
        let cashier = member(self.event.cashier.as_deref()?);
        Some(value_of(&self.members(counter, counter.spec().buckets)?, cashier) * ONE)
    }

    fn brought(&self, days: u32) -> Option<i64> {
        self.of_bringer(Counter::Brought, days)
    }

    /// How many different guests a counter names of the card that brings guests.
    fn of_bringer(&self, counter: Counter, days: u32) -> Option<i64> {
        let state = self.bringer()?;
        let cells = state.map_or(&[][..], |state| state.window(counter, self.second, days));
        let before = cells.iter().map(|cell| (member_of(cell.key), cell.value));
        let before = before.filter(|(member, _)| *member != OTHERS);
        let own = self.added.iter().filter(|one| one.counter == counter);
        Some(by_member(before.chain(own.map(|one| (one.member, one.value)))).len() as i64)
    }

    /// Of the guests who were brought more than a week ago, the percentage that never came again.
    fn brought_lost(&self) -> Option<i64> {
        const WEEK: u32 = 7 * 86_400;
        let state = self.bringer()?;
        let members = |counter: Counter, second: u32, days: u32| {
            let cells = state.map_or(&[][..], |state| state.window(counter, second, days));
            by_member(cells.iter().map(|cell| (member_of(cell.key), cell.value)))
        };
        let brought = members(Counter::Brought, self.second.saturating_sub(WEEK), 23);
        if brought.is_empty() {
            return Some(0);
        }
        let mut came = members(Counter::CameAgain, self.second, 30);
        let own = self.added.iter().filter(|one| one.counter == Counter::CameAgain);
        came.extend(own.map(|one| (one.member, one.value)));
        let again = |one: &&(u32, i64)| came.iter().any(|(member, _)| *member == one.0);
        let lost = brought.iter().filter(|one| !again(one)).count();
        percent(lost as i64, brought.len() as i64)
    }

    /// The state of the card that brings guests: of the one that the event names as such, else of its
    /// own. Absent if the event names no card.
    fn bringer(&self) -> Option<Option<&'a SubjectState>> {
        match &self.event.from {
            Some(_) => Some(self.from),
            None => {
                self.names(WatchSubject::Card).then_some(())?;
                Some(self.state(WatchSubject::Card))
            }
        }
    }

    fn referral_evidence(&self) -> Option<i64> {
        self.event.from.as_ref()?;
        let marks = [WatchMark::SameDevice, WatchMark::SamePhone, WatchMark::SamePayer];
        let shared = marks.iter().filter(|mark| self.event.has(**mark)).count() as i64;
        let till = self.event.till.as_deref().map(member);
        let known = self.from.map_or(&[][..], |state| &state.recent);
        let near = |one: &Recent| {
            Some(one.till) == till && one.at <= self.second && self.second - one.at < 600
        };
        Some((shared + i64::from(known.iter().any(near))) * ONE)
    }

    fn place_reading(&self, reading: Reading) -> Option<i64> {
        match reading {
            Reading::CardNewCity => {
                let city = self.places.stores_of_city(self.event.store.as_deref()?)?;
                let cells = self
                    .state(WatchSubject::Card)
                    .map_or(&[][..], |state| state.window(Counter::EarnedAtStore, self.second, 2));
                let known = cells.iter().any(|cell| city.contains(&member_of(cell.key)));
                self.event.card.as_ref()?;
                let forgot = cells.iter().any(|cell| member_of(cell.key) == OTHERS);
                (known || !forgot).then(|| Self::flag(!known))
            }
            Reading::TillWrongCodes10m => self.count(Counter::WrongCodes, 2),
            Reading::TillWrongCodes1h => self.count(Counter::WrongCodes, 12),
            Reading::TillBackoffMinutes => self.backoff(),
            Reading::TillForged10m => self.count(Counter::Forged, 2),
            Reading::TillGifts1h => self.count(Counter::TillLoads, 12),
            Reading::TillInquiries1h => {
                let presented = self.sum(Counter::Presented, 12)?;
                Some((presented - self.sum(Counter::TillCards, 12)?).max(0) * ONE)
            }
            Reading::TillUnknownPercent => {
                share(self.all(Counter::UnknownPresented)?, self.all(Counter::Presented)?)
            }
            Reading::PrefixCodes1h => {
                let members = self.members(Counter::Prefixes, 2)?;
                let same = |code: &String| {
                    let (least, most) = prefix_range(code);
                    members.iter().filter(|(one, _)| (least..=most).contains(one)).count()
                };
                let most = self.event.wrong_codes.iter().map(same).max()?;
                Some(most as i64 * ONE)
            }
            Reading::StoreReceipts30d => self.count(Counter::Baskets, 6),
            Reading::BasketTimesMedian => {
                let median = self.quantile(500)?;
                ratio(hundredths(self.event.amount), median)
            }
            Reading::BasketRare => self.basket_rare(),
            _ => None,
        }
    }

    /// For how long the till takes no codes: the last one is left out of what is waited for, since
    /// it is being decided.
    fn backoff(&self) -> Option<i64> {
        let till = self.state(WatchSubject::Till);
        self.names(WatchSubject::Till).then_some(())?;
        let Some(state) = till else { return Some(0) };
        let cells = state.window(Counter::WrongCodesHours, self.second, 24);
        let wrong: i64 = cells.iter().map(|cell| cell.value).sum();
        let last = state.instant(Counter::WrongCodeAt);
        let doublings = u32::try_from(wrong / 5).unwrap_or(0);
        if doublings == 0 {
            return Some(0);
        }
        let minutes = 15_i64 << doublings.saturating_sub(1).min(6);
        let passed = last.map_or(i64::MAX, |at| i64::from(self.second) - at);
        Some((minutes.min(1_440) * 60 - passed).max(0).saturating_mul(ONE) / 60)
    }

    /// Whether all but one in a thousand of the store's receipts before this one are in bins that end
    /// below it.
    fn basket_rare(&self) -> Option<i64> {
        let state = self.state(WatchSubject::Store)?;
        let cells = state.window(Counter::Baskets, self.second, 6);
        let named = cells.iter().filter(|cell| member_of(cell.key) != OTHERS);
        let amount = hundredths(self.event.amount);
        let (mut all, mut below) = (0_i64, 0_i64);
        for cell in named {
            all = all.saturating_add(cell.value);
            if above_bin(member_of(cell.key)) <= amount {
                below = below.saturating_add(cell.value);
            }
        }
        let rank = all.saturating_mul(999).saturating_add(999) / 1_000;
        (all > 0).then(|| Self::flag(below >= rank.max(1)))
    }

    /// The least amount above the bin in which a quantile of the store's receipts before this one
    /// falls, in thousandths.
    fn quantile(&self, thousandths: i64) -> Option<i64> {
        let state = self.state(WatchSubject::Store)?;
        let cells = state.window(Counter::Baskets, self.second, 6);
        let bins = cells.iter().map(|cell| (member_of(cell.key), cell.value));
        let bins = by_member(bins.filter(|(bin, _)| *bin != OTHERS));
        let all: i64 = bins.iter().map(|(_, count)| count).sum();
        let rank = (all * thousandths + 999) / 1_000;
        let mut passed = 0;
        for (bin, count) in bins {
            passed += count;
            if passed >= rank.max(1) {
                return Some(above_bin(bin));
            }
        }
        None
    }

    fn staff_reading(&self, reading: Reading) -> Option<i64> {
        match reading {
            Reading::CashierReceipts30d => self.count_of_cashier(Counter::Receipts),
            Reading::CashierNearLimitTimes => {
                self.times_peers(Counter::NearLimit, Counter::Receipts)
            }
            Reading::CashierStamps7d => self.of_cashier(Counter::Stamps),
            Reading::CashierStampsTimes => self.times_peers(Counter::Stamps, Counter::Turnover),
            Reading::CashierScans7d => self.count_of_cashier(Counter::Scans),
            Reading::CashierTypedTimes => self.times_peers(Counter::Typed, Counter::Scans),
            Reading::CashierAfterTotalTimes => {
                self.times_peers(Counter::AfterTotal, Counter::Receipts)
            }
            Reading::CashierReceiptsShift => self.count(Counter::ShiftReceipts, 12),
            Reading::CashierVoidPercent => {
                percent(self.all(Counter::ShiftVoids)?, self.all(Counter::ShiftReceipts)?)
            }
            Reading::CashierVoidSigma => self.sigma_over_peers(Counter::Voids, Counter::Receipts),
            Reading::CashierGiftReturnSigma => {
                self.sigma_over_peers(Counter::GiftReturns, Counter::Receipts)
            }
            Reading::CashierOwnReturns30d => self.count(Counter::OwnReturns, 6),
            Reading::CashierVoids30d => self.count(Counter::CashierVoids, 6),
            Reading::CashierDormantCards7d => self.different(Counter::DormantCards),
            Reading::CashierGrants24h => self.count(Counter::Grants, 24),
            Reading::CashierGranted24h => self.all(Counter::Granted),
            Reading::CashierToggles24h => self.count(Counter::Toggles, 24),
            Reading::CashierOverrides24h => self.count(Counter::Overrides, 24),
            Reading::CardCashierSigma => {
                let own = self.with_cashier(Counter::ByCashier)? / ONE;
                let card = member(self.event.card.as_deref()?);
                let cards = self.members(Counter::CashierCards, 6)?;
                let others = cards.into_iter().filter(|(one, _)| *one != card);
                sigma(own, &others.map(|(_, count)| count).collect::<Vec<_>>())
            }
            _ => None,
        }
    }

    /// What a counter of the store says of the present cashier.
    fn of_cashier(&self, counter: Counter) -> Option<i64> {
        let cashier = member(self.event.cashier.as_deref()?);
        Some(value_of(&self.members(counter, counter.spec().buckets)?, cashier))
    }

    /// The same, of whole things.
    fn count_of_cashier(&self, counter: Counter) -> Option<i64> {
        Some(self.of_cashier(counter)?.saturating_mul(ONE))
    }

    /// A cashier's share of something, how many times that of all others in the store. Absent while
    /// there is nobody to compare with.
    fn times_peers(&self, of: Counter, among: Counter) -> Option<i64> {
        let cashier = member(self.event.cashier.as_deref()?);
        let one = if of == Counter::Stamps { ONE } else { 1 };
        let of = self.members(of, of.spec().buckets)?;
        let among = self.members(among, among.spec().buckets)?;
        let sum = |members: &[(u32, i64)]| total(members.iter().map(|(_, value)| *value));
        let (own, base) = (value_of(&of, cashier), value_of(&among, cashier));
        let (others, peers) = (sum(&of).saturating_sub(own), sum(&among).saturating_sub(base));
        if base <= 0 || peers <= 0 {
            return None;
        }
        // Where the others have none, they count as if they had one.
        let (own, others) = (i128::from(own), i128::from(others.max(one)));
        let times = (own * i128::from(peers)).saturating_mul(i128::from(ONE));
        Some(i64::try_from(times / (others * i128::from(base))).unwrap_or(i64::MAX))
    }

    /// By how many standard deviations a cashier's count exceeds those of the others who work in the
    /// store. Absent with fewer than three others.
    fn sigma_over_peers(&self, of: Counter, among: Counter) -> Option<i64> {
        let cashier = member(self.event.cashier.as_deref()?);
        let of = self.members(of, of.spec().buckets)?;
        let among = self.members(among, among.spec().buckets)?;
        let others = among.iter().filter(|(one, _)| *one != cashier);
        let counts: Vec<i64> = others.map(|(one, _)| value_of(&of, *one)).collect();
        sigma(value_of(&of, cashier), &counts)
    }

    /// What an own counter stands at, with this event counted in.
    pub fn own_counter(&self, own: &super::check::OwnTest) -> Option<i64> {
        self.names(own.of).then_some(())?;
        let last = self.second.checked_div(own.bucket_seconds)?;
        let first = last.saturating_sub(own.window.saturating_sub(1));
        let known = self.state(own.of).and_then(|state| {
            let mut counters = state.own().iter();
            counters.find(|one| {
                one.counter == own.counter
                    && one.bucket_seconds == own.bucket_seconds
                    && one.buckets == own.buckets
            })
        });
        let cells = known.map_or(&[][..], |known| known.cells.as_slice());
        let within = cells.iter().filter(|(bucket, ..)| (first..=last).contains(bucket));
        let before = within.map(|(_, member, value)| (*member, *value));
        let added = self.event.counted.iter().filter(|one| one.counter == own.counter);
        let added = added.map(|one| (one.member.as_deref().map_or(0, member), one.value));
        let all = before.clone().chain(added);
        Some(match own.different {
            true => {
                let present = cells.iter().filter(|(bucket, ..)| *bucket == last).count();
                let full = present >= super::state::OWN_MEMBERS;
                let known = by_member(before.clone()).len();
                (if full { known } else { by_member(all).len() }) as i64 * ONE
            }
            false => total(all.map(|(_, value)| value)),
        })
    }

    pub fn event(&self) -> &'a WatchEvent {
        self.event
    }
}

/// Whether a card has been silent for more than so many hundredths of a day.
pub(crate) fn is_dormant(state: &WatchState, event: &WatchEvent, days: i64) -> bool {
    let card = event.card.as_ref().filter(|_| event.kind == WatchKind::Sale);
    let known = card.and_then(|card| state.get(WatchSubject::Card, card));
    let seen = known.and_then(|known| known.instant(Counter::SeenAt));
    let silent = seen.map(|seen| i64::from(second_of(event)) - seen);
    silent.is_some_and(|silent| silent.saturating_mul(ONE) / 86_400 > days)
}

/// What "very long ago" reads: more than any threshold.
pub(crate) const FOREVER: i64 = 1_000_000_000 * ONE;

/// A sum that stays within bounds, whatever is added.
fn total(values: impl Iterator<Item = i64>) -> i64 {
    values.fold(0, i64::saturating_add)
}

/// Members with their sums, in order.
fn by_member(values: impl Iterator<Item = (u32, i64)>) -> Vec<(u32, i64)> {
    let mut members: Vec<(u32, i64)> = values.collect();
    members.sort_unstable_by_key(|(member, _)| *member);
    members.dedup_by(|later, earlier| {
        let same = later.0 == earlier.0;
        if same {
            earlier.1 = earlier.1.saturating_add(later.1);
        }
        same
    });
    members
}

fn value_of(members: &[(u32, i64)], member: u32) -> i64 {
    let place = members.binary_search_by_key(&member, |(one, _)| *one).ok();
    place.and_then(|place| members.get(place)).map_or(0, |(_, value)| *value)
}

/// How many times one is the other, in hundredths, rounded down.
fn ratio(value: i64, base: i64) -> Option<i64> {
    let times = (i128::from(value) * i128::from(ONE)).checked_div(i128::from(base))?;
    (base > 0).then(|| i64::try_from(times).unwrap_or(i64::MAX))
}

/// How many percent one is of the other, in hundredths, rounded down.
fn percent(value: i64, base: i64) -> Option<i64> {
    ratio(value.saturating_mul(100), base)
}

/// How many percent a part is of the whole, which is never more than all of it: of an event that comes
/// late the window of the whole may have moved on already.
fn share(part: i64, whole: i64) -> Option<i64> {
    percent(part, whole).map(|share| share.min(100 * ONE))
}

/// By how many standard deviations a value exceeds the mean of others, in hundredths, rounded down;
/// 0 if it does not. Equal others count as if they spread by one. At least three others are needed.
fn sigma(value: i64, others: &[i64]) -> Option<i64> {
    let n = others.len() as i128;
    if n < 3 {
        return None;
    }
    let sum: i128 = others.iter().map(|one| i128::from(*one)).sum();
    let squares: i128 = others.iter().map(|one| i128::from(*one) * i128::from(*one)).sum();
    // With everything times n: the excess is n·x − Σ, the variance n·Σx² − Σ².
    let excess = n * i128::from(value) - sum;
    if excess <= 0 {
        return Some(0);
    }
    let variance = (n * squares - sum * sum).max(n * n);
    let hundred = excess * i128::from(ONE);
    let root = (u128::try_from(hundred).ok()?.pow(2) / u128::try_from(variance).ok()?).isqrt();
    i64::try_from(root).ok()
}

#[cfg(test)]
mod tests;
