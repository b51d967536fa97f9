//! The names of readings, and what is known of each.

use super::ONE;

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
