//! Readings of tills and stores.

use super::{ONE, Reading, Readings, by_member, ratio, share};
use crate::watch::counter::{Counter, OTHERS, above_bin, prefix_range};
use crate::watch::event::{WatchSubject, hundredths};
use crate::watch::state::member_of;

impl Readings<'_> {
    pub(super) fn place_reading(&self, reading: Reading) -> Option<i64> {
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
    pub(super) fn backoff(&self) -> Option<i64> {
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
    pub(super) fn basket_rare(&self) -> Option<i64> {
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
    pub(super) fn quantile(&self, thousandths: i64) -> Option<i64> {
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
}
