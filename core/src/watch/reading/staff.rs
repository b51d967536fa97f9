//! Readings of cashiers, beside those who work in the same store.

use super::{ONE, Reading, Readings, percent, sigma, total, value_of};
use crate::watch::counter::{Counter, member};

impl Readings<'_> {
    pub(super) fn staff_reading(&self, reading: Reading) -> Option<i64> {
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
    pub(super) fn of_cashier(&self, counter: Counter) -> Option<i64> {
        let cashier = member(self.event.cashier.as_deref()?);
        Some(value_of(&self.members(counter, counter.spec().buckets)?, cashier))
    }

    /// The same, of whole things.
    pub(super) fn count_of_cashier(&self, counter: Counter) -> Option<i64> {
        Some(self.of_cashier(counter)?.saturating_mul(ONE))
    }

    /// A cashier's share of something, how many times that of all others in the store. Absent while
    /// there is nobody to compare with.
    pub(super) fn times_peers(&self, of: Counter, among: Counter) -> Option<i64> {
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
    pub(super) fn sigma_over_peers(&self, of: Counter, among: Counter) -> Option<i64> {
        let cashier = member(self.event.cashier.as_deref()?);
        let of = self.members(of, of.spec().buckets)?;
        let among = self.members(among, among.spec().buckets)?;
        let others = among.iter().filter(|(one, _)| *one != cashier);
        let counts: Vec<i64> = others.map(|(one, _)| value_of(&of, *one)).collect();
        sigma(value_of(&of, cashier), &counts)
    }
}
