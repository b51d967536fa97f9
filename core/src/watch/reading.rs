//! Readings: what a check may ask of the states and of the event that is being decided.
//!
//! Every reading is a whole number of hundredths: three receipts read 300, 12.50 points 1250. What
//! is being decided is counted in, except where the name of a reading says what was before. A
//! reading that lacks data is absent, and the check that asks it is told as not evaluated.

mod card;
mod name;
mod place;
mod referral;
mod staff;

pub use name::Reading;

use super::counter::{Counter, Increment, OTHERS, member};
use super::event::{WatchEvent, WatchKind, WatchSubject, hundredths};
use super::place::Places;
use super::state::{Recent, SubjectState, WatchState, member_of, second_of};

/// One, in hundredths.
const ONE: i64 = 100;

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

    /// What an own counter stands at, with this event counted in.
    pub fn own_counter(&self, own: &super::check::OwnTest) -> Option<i64> {
        self.names(own.of).then_some(())?;
        let last = self.second.checked_div(own.bucket_seconds)?;
        let first = last.saturating_sub(own.window.saturating_sub(1));
        let known = self.state(own.of).and_then(|state| {
            let mut counters = state.own().iter();
            counters.find(|one| one.is(&own.counter, own.bucket_seconds, own.buckets))
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
