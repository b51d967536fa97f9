//! The host's clock as a book sees it: it may run ahead or stand back, and neither may make anything
//! expire or live longer.

use jiff::{SignedDuration, Timestamp};

use crate::answer::Answer;
use crate::command::NoDetails;
use crate::document::{document, is_in_range, union};
use crate::reason::{Reason, ReasonCode};
use crate::slice::Slice;

/// How far the host's clock may be ahead of the newest known instant of a book that guards it.
const AHEAD_HOURS_MAX: i64 = 24;
/// How far it may be behind without being told.
const BEHIND_HOURS_MAX: i64 = 1;

union! {
    /// What a book makes of the host's clock.
    pub enum Clock {
        /// It is more than an hour before the newest known instant; the book's own time does not go
        /// back with it.
        Behind(ClockBehind) = "behind",
        /// It can be believed.
        Ok(NoDetails) = "ok",
        /// It is more than 24 hours after the newest known instant; the book's own time stands still.
        Suspect(ClockSuspect) = "suspect",
    }
}

document! {
    /// The host's clock is behind.
    pub struct ClockBehind {
        /// By how many seconds, rounded down.
        pub seconds: i64,
    }
}

document! {
    /// The host's clock is not believed.
    pub struct ClockSuspect {
        /// The newest known instant, at which the book's own time stands.
        pub since: Timestamp,
    }
}

impl Slice {
    /// What the book makes of an instant of the host's clock. A book without records knows nothing
    /// to compare it with, and only one that guards its clock suspects it.
    #[must_use]
    pub fn clock(&self, at: Timestamp) -> Clock {
        let since = self.head().logical_at;
        if since == Timestamp::MIN {
            return Clock::Ok(NoDetails::default());
        }
        let ahead = at.duration_since(since);
        if self.head().guards_clock && ahead > SignedDuration::from_hours(AHEAD_HOURS_MAX) {
            return Clock::Suspect(ClockSuspect { since });
        }
        if -ahead > SignedDuration::from_hours(BEHIND_HOURS_MAX) {
            return Clock::Behind(ClockBehind { seconds: (-ahead).as_secs() });
        }
        Clock::Ok(NoDetails::default())
    }

    /// The book's own time for something that happens at `at` by the host's clock: it never goes
    /// back, and stands still while that clock is suspect.
    #[must_use]
    pub fn logical(&self, at: Timestamp) -> Timestamp {
        match self.clock(at) {
            Clock::Suspect(suspect) => suspect.since,
            Clock::Behind(_) | Clock::Ok(_) => at.max(self.head().logical_at),
        }
    }

    /// Why an answer goes by another instant than the host's, if it does because that is suspect.
    pub(crate) fn suspicion(&self, at: Timestamp) -> Option<Reason> {
        let Clock::Suspect(suspect) = self.clock(at) else { return None };
        let reason = Reason::new(ReasonCode::ClockSuspect).with("at", at);
        Some(reason.with("since", suspect.since))
    }
}

/// The book's own time after a record of another till: what is recorded here from now on comes after
/// it in the order of all records, however the tills are called.
pub(crate) fn after_foreign(logical_at: Timestamp) -> Timestamp {
    let later = logical_at.checked_add(SignedDuration::from_nanos(1));
    later.ok().filter(|later| is_in_range(*later)).unwrap_or(logical_at)
}

/// Adds a reason to an answer that has a place for reasons and depends on time.
pub(crate) fn tell(answer: &mut Answer, reason: Option<Reason>) {
    let reasons = match answer {
        Answer::Admitted(answer) => &mut answer.reasons,
        Answer::Card(answer) => &mut answer.reasons,
        Answer::Changed(answer) => &mut answer.reasons,
        Answer::Guest(answer) => &mut answer.reasons,
        Answer::Presented(answer) => &mut answer.reasons,
        Answer::Quote(answer) => &mut answer.reasons,
        Answer::Refund(answer) => &mut answer.reasons,
        Answer::Sale(answer) => &mut answer.reasons,
        Answer::Settled(answer) => &mut answer.reasons,
        Answer::Allocated(_)
        | Answer::Batch(_)
        | Answer::Bill(_)
        | Answer::Coupon(_)
        | Answer::Explanation(_)
        | Answer::Found(_)
        | Answer::History(_)
        | Answer::Identified(_)
        | Answer::Imported(_)
        | Answer::Linted(_)
        | Answer::Passed(_)
        | Answer::Program(_)
        | Answer::Report(_) => return,
    };
    reasons.extend(reason);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn guarding(newest: &str) -> Slice {
        let mut slice = Slice::new("till", 1);
        slice.head.guards_clock = true;
        slice.head.logical_at = instant(newest);
        slice
    }

    fn is_suspect(slice: &Slice, at: &str) -> bool {
        matches!(slice.clock(instant(at)), Clock::Suspect(_))
    }

    #[test]
    fn twenty_four_hours_exactly_are_believed_and_a_nanosecond_more_is_not() {
        let slice = guarding("2026-11-21T10:00:00Z");
        assert!(!is_suspect(&slice, "2026-11-22T10:00:00Z"));
        let later = "2026-11-22T10:00:00.000000001Z";
        assert!(is_suspect(&slice, later));
        assert_eq!(slice.logical(instant(later)), instant("2026-11-21T10:00:00Z"));
        assert_eq!(slice.logical(instant("2026-11-22T10:00:00Z")), instant("2026-11-22T10:00:00Z"));
    }

    #[test]
    fn a_day_with_the_change_of_the_clocks_in_it_is_24_hours_too() {
        // Berlin, 2026-10-25: 25 hours lie between noon of the 24th and noon of the 25th.
        let slice = guarding("2026-10-24T12:00:00+02:00");
        assert!(!is_suspect(&slice, "2026-10-25T11:00:00+01:00"));
        assert!(is_suspect(&slice, "2026-10-25T12:00:00+01:00"));
    }

    #[test]
    fn leap_days_and_the_end_of_32_bit_seconds_are_days_as_any_other() {
        let leap = guarding("2028-02-28T12:00:00Z");
        assert!(!is_suspect(&leap, "2028-02-29T12:00:00Z"));
        assert!(is_suspect(&leap, "2028-03-01T12:00:00Z"));
        let end = guarding("2038-01-19T03:14:07Z");
        assert!(!is_suspect(&end, "2038-01-19T03:14:08Z"));
        assert_eq!(end.logical(instant("2038-01-19T03:14:08Z")).as_second(), 2_147_483_648);
        assert!(is_suspect(&end, "2038-01-20T03:14:08Z"));
    }

    #[test]
    fn a_clock_that_is_set_back_takes_no_time_with_it() {
        let slice = guarding("2026-11-21T10:00:00Z");
        let (hour, more) = (instant("2026-11-21T09:00:00Z"), instant("2026-11-21T08:59:59Z"));
        assert_eq!(slice.clock(hour), Clock::Ok(NoDetails::default()));
        assert_eq!(slice.clock(more), Clock::Behind(ClockBehind { seconds: 3_601 }));
        assert_eq!(slice.logical(more), instant("2026-11-21T10:00:00Z"));
    }

    #[test]
    fn a_book_without_records_or_guard_suspects_nothing() {
        let mut slice = Slice::new("till", 1);
        slice.head.guards_clock = true;
        assert!(!is_suspect(&slice, "2199-01-01T00:00:00Z"));
        let mut open = guarding("2026-11-21T10:00:00Z");
        open.head.guards_clock = false;
        assert!(!is_suspect(&open, "2036-11-21T10:00:00Z"));
        assert_eq!(open.logical(instant("2036-11-21T10:00:00Z")), instant("2036-11-21T10:00:00Z"));
    }

    #[test]
    fn the_last_instant_of_all_has_none_after_it() {
        let last = instant("2199-12-31T23:59:59.999999999Z");
        assert_eq!(after_foreign(last), last);
        let foreign = instant("2026-11-21T10:00:00Z");
        assert_eq!(after_foreign(foreign), instant("2026-11-21T10:00:00.000000001Z"));
    }
}
