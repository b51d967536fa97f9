//! What holds for every calendar.

use proptest::prelude::*;

use super::random::{Numbers, case};
use super::*;

/// A random calendar, and an instant in the middle of its years.
fn any_calendar(seed: u64) -> (Calendar, CalendarDocument, i64) {
    let (case, calendar) = case(&mut Numbers(seed));
    let document = case.calendars.last().cloned().unwrap_or_default();
    (calendar, document, case.around.as_second())
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// A few weeks of work at most; a calendar may have little of it, so that the end is far away.
fn sum() -> impl Strategy<Value = i64> {
    prop_oneof![Just(0), 1..100i64, 1..90_000i64, (0..20i64).prop_map(|hours| hours * 3_600)]
}

const MONTH: i64 = 30 * 86_400;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_time_to_what_was_added_is_what_was_added(seed: u64, into in 0..MONTH, seconds in sum()) {
        let (calendar, _, around) = any_calendar(seed);
        let start = at(around + into);
        for edge in [Edge::Closing, Edge::Opening] {
            let Ok(due) = calendar.add(start, seconds, &[], edge) else { return Ok(()) };
            prop_assert_eq!(calendar.between(start, due, &[]).unwrap(), seconds);
        }
    }

    #[test]
    fn sums_may_be_added_and_taken_away_in_parts(
        seed: u64, into in 0..MONTH, first in sum(), second in sum(),
    ) {
        let (calendar, _, around) = any_calendar(seed);
        let (start, second) = (at(around + into), second + 1);
        let whole = calendar.add(start, first + second, &[], Edge::Closing);
        let Ok(whole) = whole else { return Ok(()) };
        let part = calendar.add(start, first, &[], Edge::Closing).unwrap();
        prop_assert_eq!(calendar.add(part, second, &[], Edge::Closing).unwrap(), whole);
        let Ok(whole) = calendar.subtract(start, first + second, &[], Edge::Closing) else {
            return Ok(());
        };
        let part = calendar.subtract(start, first, &[], Edge::Closing).unwrap();
        prop_assert_eq!(calendar.subtract(part, second, &[], Edge::Closing).unwrap(), whole);
    }

    #[test]
    fn time_adds_up_over_any_instant_between(
        seed: u64, first in 0..MONTH, second in 0..MONTH, third in 0..MONTH,
    ) {
        let (calendar, _, around) = any_calendar(seed);
        let (a, b, c) = (at(around + first), at(around + second), at(around + third));
        let time = |from, to| calendar.signed_between(from, to, &[]).unwrap();
        prop_assert_eq!(time(a, b) + time(b, c), time(a, c));
        prop_assert_eq!(time(a, b), -time(b, a));
    }

    #[test]
    fn who_starts_later_is_never_due_earlier(
        seed: u64, into in 0..MONTH, later in 0..200_000i64, seconds in sum(),
    ) {
        let (calendar, _, around) = any_calendar(seed);
        let (start, later) = (at(around + into), at(around + into + later));
        for edge in [Edge::Closing, Edge::Opening] {
            let Ok(second) = calendar.add(later, seconds, &[], edge) else { return Ok(()) };
            prop_assert!(calendar.add(start, seconds, &[], edge).unwrap() <= second);
            let Ok(first) = calendar.subtract(start, seconds, &[], edge) else { return Ok(()) };
            prop_assert!(first <= calendar.subtract(later, seconds, &[], edge).unwrap());
        }
    }

    #[test]
    fn taking_away_what_was_added_comes_back_to_the_same_working_time(
        seed: u64, into in 0..MONTH, seconds in sum(),
    ) {
        let (calendar, _, around) = any_calendar(seed);
        let start = at(around + into);
        let Ok(due) = calendar.add(start, seconds, &[], Edge::Closing) else { return Ok(()) };
        let Ok(back) = calendar.subtract(due, seconds, &[], Edge::Closing) else { return Ok(()) };
        prop_assert_eq!(calendar.between(back, start, &[]).unwrap(), 0);
        // Nothing added may move on to the next opening, which is its own last worked instant.
        prop_assert!(back <= start || seconds == 0);
    }

    #[test]
    fn only_the_working_part_of_pauses_counts_however_they_are_cut_and_mixed(
        seed: u64, into in 0..MONTH, seconds in sum(), long in 1..300_000i64, cut in 0..300_000i64,
    ) {
        let (calendar, _, around) = any_calendar(seed);
        let start = at(around + into);
        let from = around + into + cut / 2;
        let pause = |from, to| Interval { from: at(from), to: at(to) };
        let whole = [pause(from, from + long)];
        let middle = from + cut.min(long);
        let parts = [pause(middle, from + long), pause(from, from), pause(from, middle)];
        let mixed = [pause(from + long, from), whole[0], parts[0], parts[2]];
        let working = calendar.spans(at(from), at(from + long)).unwrap();
        for edge in [Edge::Closing, Edge::Opening] {
            let Ok(due) = calendar.add(start, seconds, &whole, edge) else { return Ok(()) };
            for pauses in [&parts[..], &mixed, &working] {
                prop_assert_eq!(calendar.add(start, seconds, pauses, edge).unwrap(), due);
            }
            prop_assert_eq!(calendar.between(start, due, &parts).unwrap(), seconds);
            let paused = calendar.between(start, due, &whole[..]).unwrap();
            let all = calendar.between(start, due, &[]).unwrap();
            let within = calendar.between(start.max(at(from)), due.min(at(from + long)), &[]);
            prop_assert_eq!(paused, all - within.unwrap());
        }
    }

    #[test]
    fn a_holiday_more_never_makes_anything_due_earlier(
        seed: u64, into in 0..MONTH, day in 0..40i64, seconds in sum(),
    ) {
        let (calendar, mut document, around) = any_calendar(seed);
        prop_assume!(document.union.is_empty() && document.intersection.is_empty());
        let date = calendar.date_of(at(around + day * 86_400)).unwrap().to_string();
        prop_assume!(document.holidays.iter().all(|holiday| holiday.date != date));
        document.days = None;
        let before = Calendar::compile(&document, &[]);
        document.holidays.push(Holiday { date, ..Holiday::default() });
        let (Ok(before), Ok(after)) = (before, Calendar::compile(&document, &[])) else {
            return Ok(());
        };
        let start = at(around + into);
        for edge in [Edge::Closing, Edge::Opening] {
            let Ok(later) = after.add(start, seconds, &[], edge) else { return Ok(()) };
            prop_assert!(before.add(start, seconds, &[], edge).unwrap() <= later);
        }
    }
}
