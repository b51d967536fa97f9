//! What a fraud knows of the checks, and how it stays below them.

/// The limits at which the checks speak, as plain numbers. An adaptive fraud stays at nine tenths of each.
/// Each should be 2 or more: a fraud that may do nothing does nothing.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Knowledge {
    /// Receipts that earn on one card in 30 minutes.
    pub earns_per_30_minutes: i64,
    /// Receipts that earn on one card in a day.
    pub earns_per_day: i64,
    /// Points that one card earns in 30 days.
    pub points_earned_per_30_days: i64,
    /// Receipts that spend from one card in 15 minutes.
    pub redemptions_per_15_minutes: i64,
    /// Receipts that spend from one card in a day.
    pub redemptions_per_day: i64,
    /// Points that are spent from one card in a day.
    pub points_spent_per_day: i64,
    /// Receipts of one card with one cashier in a shift.
    pub receipts_with_cashier_per_shift: i64,
    /// Receipts of one card with one cashier in 30 days.
    pub receipts_with_cashier_per_30_days: i64,
    /// Voids after points were spent, by one cashier in 30 days.
    pub voids_after_spend_per_30_days: i64,
    /// Refunds of one card in 30 days.
    pub refunds_per_30_days: i64,
    /// Coupon codes or numbers that do not exist, at one till in 10 minutes.
    pub wrong_codes_per_10_minutes: i64,
    /// Receipts claimed late for one card in 30 days.
    pub late_claims_per_30_days: i64,
    /// Grants by one agent in a day.
    pub grants_per_day: i64,
    /// Points granted to one card in 30 days.
    pub points_granted_per_30_days: i64,
    /// New guests brought by one card in 7 days.
    pub referees_per_7_days: i64,
    /// Cards issued on one device in 30 days.
    pub cards_per_device: i64,
    /// Transfers into one card in 30 days.
    pub transfers_in_per_30_days: i64,
    /// Stamps given to one card in a day, in hundredths.
    pub stamps_per_day: i64,
    /// Gift cards loaded by one cashier's receipts in a day.
    pub gift_loads_per_day: i64,
    /// How fast a card may travel between two stores, in kilometres an hour.
    pub travel_km_per_hour: i64,
}

impl Default for Knowledge {
    fn default() -> Self {
        Self {
            earns_per_30_minutes: 4,
            earns_per_day: 8,
            points_earned_per_30_days: 1_500,
            redemptions_per_15_minutes: 2,
            redemptions_per_day: 4,
            points_spent_per_day: 1_000,
            receipts_with_cashier_per_shift: 3,
            receipts_with_cashier_per_30_days: 12,
            voids_after_spend_per_30_days: 3,
            refunds_per_30_days: 4,
            wrong_codes_per_10_minutes: 5,
            late_claims_per_30_days: 4,
            grants_per_day: 10,
            points_granted_per_30_days: 1_000,
            referees_per_7_days: 5,
            cards_per_device: 3,
            transfers_in_per_30_days: 4,
            stamps_per_day: 600,
            gift_loads_per_day: 10,
            travel_km_per_hour: 150,
        }
    }
}

/// Nine tenths of a limit, rounded down, and at least one below it.
pub(crate) fn below(limit: i64) -> i64 {
    (limit * 9 / 10).min(limit - 1).max(0)
}

/// How much one may do in each span of time without reaching a limit.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pace {
    /// The most in so many seconds.
    limits: Vec<(i64, i64)>,
    done: Vec<(i64, i64)>,
}

impl Pace {
    /// Stays below these limits, each with its span in seconds.
    pub(crate) fn below(limits: &[(i64, i64)]) -> Self {
        let limits = limits.iter().map(|&(limit, span)| (below(limit), span)).collect();
        Self { limits, done: Vec::new() }
    }

    /// How much may be done at a moment. Ask in order of time.
    pub(crate) fn room(&self, at: i64) -> i64 {
        let room = self.limits.iter().map(|&(limit, span)| {
            let done: i64 =
                self.done.iter().filter(|(when, _)| at - when <= span).map(|(_, much)| much).sum();
            limit - done
        });
        room.min().unwrap_or(i64::MAX)
    }

    /// Does so much if there is room for it.
    pub(crate) fn take(&mut self, at: i64, much: i64) -> bool {
        let fits = self.room(at) >= much;
        if fits {
            self.done.push((at, much));
        }
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nine_tenths_are_rounded_down_and_at_least_one_below() {
        assert_eq!([100, 10, 5, 2, 1, 0].map(below), [90, 9, 4, 1, 0, 0]);
    }

    #[test]
    fn a_pace_holds_in_every_window() {
        let mut pace = Pace::below(&[(4, 1800), (6, 86_400)]);
        let done: Vec<i64> =
            (0..100).map(|step| step * 300).filter(|&at| pace.take(at, 1)).collect();
        assert_eq!(done, [0, 300, 600, 2100, 2400]);
        assert!(pace.take(86_701, 1));
    }
}
