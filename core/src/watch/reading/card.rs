//! Readings of a card, of the number by which it was called, and of the receipt.

use super::{FOREVER, ONE, Reading, Readings, by_member, percent, ratio, share, total, value_of};
use crate::watch::counter::{Counter, member};
use crate::watch::event::{WatchSubject, hundredths};
use crate::watch::state::Recent;

impl Readings<'_> {
    pub(super) fn card_reading(&self, reading: Reading) -> Option<i64> {
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
    pub(super) fn travel(&self) -> Option<(i64, i64)> {
        let here = self.event.store.as_deref()?;
        let known = self.state(WatchSubject::Card)?;
        let seen = |one: &&Recent| one.at <= self.second && one.is(Recent::THERE);
        let Some(last) = known.recent.iter().rev().find(seen) else { return Some((0, 0)) };
        let metres = self.places.metres(last.store, here)?;
        let seconds = i64::from(self.second - last.at).max(1);
        Some((metres / 10, metres.saturating_mul(360) / seconds))
    }

    pub(super) fn history_reading(&self, reading: Reading) -> Option<i64> {
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
    pub(super) fn days_unspent(&self) -> Option<i64> {
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
    pub(super) fn with_cashier(&self, counter: Counter) -> Option<i64> {
        let cashier = member(self.event.cashier.as_deref()?);
        Some(value_of(&self.members(counter, counter.spec().buckets)?, cashier) * ONE)
    }
}
