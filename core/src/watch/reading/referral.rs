//! Readings of who brings guests, and of whom they brought.

use super::{ONE, Readings, by_member, percent};
use crate::watch::counter::{Counter, OTHERS, member};
use crate::watch::event::{WatchMark, WatchSubject};
use crate::watch::state::{Recent, SubjectState, member_of};

impl<'a> Readings<'a> {
    pub(super) fn brought(&self, days: u32) -> Option<i64> {
        self.of_bringer(Counter::Brought, days)
    }

    /// How many different guests a counter names of the card that brings guests.
    pub(super) fn of_bringer(&self, counter: Counter, days: u32) -> Option<i64> {
        let state = self.bringer()?;
        let cells = state.map_or(&[][..], |state| state.window(counter, self.second, days));
        let before = cells.iter().map(|cell| (member_of(cell.key), cell.value));
        let before = before.filter(|(member, _)| *member != OTHERS);
        let own = self.added.iter().filter(|one| one.counter == counter);
        Some(by_member(before.chain(own.map(|one| (one.member, one.value)))).len() as i64)
    }

    /// Of the guests who were brought more than a week ago, the percentage that never came again.
    pub(super) fn brought_lost(&self) -> Option<i64> {
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
    pub(super) fn bringer(&self) -> Option<Option<&'a SubjectState>> {
        match &self.event.from {
            Some(_) => Some(self.from),
            None => {
                self.names(WatchSubject::Card).then_some(())?;
                Some(self.state(WatchSubject::Card))
            }
        }
    }

    pub(super) fn referral_evidence(&self) -> Option<i64> {
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
}
