//! Windows of time that never open: conditions, and lives that end before they begin.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::Finder;
use super::claims::{day, minutes};
use super::domain::Spans;
use crate::answer::LintCode;
use crate::program::{Life, LifeFrom, OrderCondition, Start};

const DATES: &str = "dates";
const WEEKDAY: &str = "weekday";

/// What the windows so far leave open, by what they are about.
type Open = BTreeMap<&'static str, Spans>;

/// Finds the windows of a condition that leave nothing open; whether there are any.
pub(super) fn find(finder: &mut Finder<'_>, condition: &OrderCondition, path: &str) -> bool {
    let before = finder.findings.len();
    together(finder, &[(condition, path.to_owned())], Open::new());
    finder.findings.len() > before
}

/// Parts that must all be true. Plain windows come first, so that those inside an `any` are
/// measured by all of them.
fn together(finder: &mut Finder<'_>, parts: &[(&OrderCondition, String)], mut open: Open) {
    let mut flat: Vec<(&OrderCondition, String)> = Vec::new();
    for (part, path) in parts {
        flatten(part, path, &mut flat);
    }
    for (leaf, path) in &flat {
        if let Some((about, spans)) = window(leaf) {
            narrow(finder, &mut open, about, spans, path);
        }
    }
    for (part, path) in &flat {
        if let OrderCondition::Any(branches) = part {
            for (index, branch) in branches.iter().enumerate() {
                together(finder, &[(branch, format!("{path}/{index}"))], open.clone());
            }
        }
    }
}

fn flatten<'c>(part: &'c OrderCondition, path: &str, flat: &mut Vec<(&'c OrderCondition, String)>) {
    let path = format!("{path}/{}", part.name());
    match part {
        OrderCondition::All(parts) => {
            for (index, part) in parts.iter().enumerate() {
                flatten(part, &format!("{path}/{index}"), flat);
            }
        }
        _ => flat.push((part, path)),
    }
}

fn window(leaf: &OrderCondition) -> Option<(&'static str, Spans)> {
    Some(match leaf {
        OrderCondition::Dates(window) => {
            (DATES, Spans::between(day(window.from.as_ref()), day(window.until.as_ref())))
        }
        OrderCondition::Instants(window) => {
            let [from, until] = [window.from, window.until].map(|i| i.map(|i| i.as_nanosecond()));
            ("instants", Spans::between(from, until))
        }
        OrderCondition::Time(window) => ("time", minutes(window)),
        OrderCondition::Weekday(days) => (WEEKDAY, Spans::of(days.iter().map(|day| *day as i128))),
        _ => return None,
    })
}

/// A window that closes what is open is told and then left out, so that it is told once.
fn narrow(finder: &mut Finder<'_>, open: &mut Open, about: &'static str, spans: Spans, path: &str) {
    let left = open.get(about).map_or_else(|| spans.clone(), |known| known.meet(&spans));
    if left.is_empty() {
        let message = format!(
            "this `{about}` and another one of the same `all` never hold together; correct one of \
             them, or join them with `any`"
        );
        return finder.find(LintCode::WindowNeverOpens, path, message);
    }
    let earlier = open.insert(about, left);
    if about_days(about) && !some_weekday(open) {
        let message = "the dates hold none of the listed days of the week; widen the dates, or list \
                       the days that they hold";
        finder.find(LintCode::WindowNeverOpens, path, message);
        match earlier {
            Some(earlier) => open.insert(about, earlier),
            None => open.remove(about),
        };
    }
}

fn about_days(about: &str) -> bool {
    about == DATES || about == WEEKDAY
}

/// Whether the open dates hold one of the open days of the week; more than six hold all.
fn some_weekday(open: &Open) -> bool {
    let (Some(dates), Some(weekdays)) = (open.get(DATES), open.get(WEEKDAY)) else { return true };
    dates.few(6).is_none_or(|days| days.iter().any(|day| weekdays.has(weekday_of(*day))))
}

/// The day of the week of a day as [`day`] counts them, from Monday.
fn weekday_of(day: i128) -> i128 {
    let first = Date::default().weekday().to_monday_zero_offset();
    (day + i128::from(first)).rem_euclid(7)
}

/// Finds a life that ends before what it belongs to is usable.
pub(super) fn find_life(
    finder: &mut Finder<'_>,
    delay: Option<&Start>,
    life: Option<&Life>,
    from: LifeFrom,
    path: &str,
) {
    let (Some(delay), Some(life)) = (delay, life) else { return };
    let is_short = match (delay, life) {
        (Start::Date(begin), Life::Date(end)) => day(Some(end)) < day(Some(begin)),
        (Start::Days(delay), Life::Days(life))
        | (Start::Months(delay), Life::Months(life))
        | (Start::Hours(delay), Life::Hours(life)) => from == LifeFrom::Earned && life < delay,
        _ => false,
    };
    if is_short {
        let message = "this life ends before the delay is over, so that it can never be used; \
                       lengthen the life or shorten the delay";
        finder.find(LintCode::WindowNeverOpens, path, message);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{NONE, found, found_with_points, one};
    use super::*;

    fn when(condition: &str) -> Vec<(LintCode, String)> {
        found(&format!(
            r#""promotions": [{{"id": "p", "then": {{"percent": "5"}}, "when": {condition}}}]"#
        ))
    }

    fn closed(path: &str) -> Vec<(LintCode, String)> {
        one(LintCode::WindowNeverOpens, &format!("/promotions/0/when{path}"))
    }

    #[test]
    fn windows_that_do_not_meet_are_told_at_the_later_one_and_not_as_out_of_reach() {
        for (condition, path) in [
            (
                r#"{"all": [{"dates": {"until": "2026-03-31"}}, {"dates": {"from": "2026-04-01"}}]}"#,
                "/all/1/dates",
            ),
            (
                r#"{"all": [{"time": {"from": "09:00", "until": "11:59"}}, {"till": ["1"]},
                            {"time": {"from": "12:00", "until": "08:59"}}]}"#,
                "/all/2/time",
            ),
            (
                r#"{"all": [{"weekday": ["monday", "tuesday"]}, {"all": [{"weekday": ["sunday"]}]}]}"#,
                "/all/1/all/0/weekday",
            ),
            (
                r#"{"all": [{"instants": {"until": "2026-01-01T00:00:00+03:00"}},
                            {"instants": {"from": "2026-01-01T00:00:01+03:00"}}]}"#,
                "/all/1/instants",
            ),
            // 2026-11-21 is a Saturday.
            (
                r#"{"all": [{"weekday": ["friday", "monday"]},
                            {"dates": {"from": "2026-11-21", "until": "2026-11-22"}}]}"#,
                "/all/1/dates",
            ),
            (
                r#"{"all": [{"any": [{"till": ["1"]}, {"weekday": ["sunday"]}]}, {"weekday": ["monday"]}]}"#,
                "/all/0/any/1/weekday",
            ),
        ] {
            assert_eq!(when(condition), closed(path), "{condition}");
        }
    }

    #[test]
    fn windows_that_meet_in_one_moment_are_left_alone() {
        for condition in [
            r#"{"all": [{"dates": {"until": "2026-04-01"}}, {"dates": {"from": "2026-04-01"}}]}"#,
            r#"{"all": [{"time": {"from": "09:00", "until": "12:00"}},
                        {"time": {"from": "12:00", "until": "08:59"}}]}"#,
            r#"{"all": [{"time": {"from": "22:00", "until": "02:00"}},
                        {"time": {"from": "02:00", "until": "03:00"}}]}"#,
            r#"{"all": [{"weekday": ["friday", "saturday"]},
                        {"dates": {"from": "2026-11-21", "until": "2026-11-22"}}]}"#,
            r#"{"all": [{"weekday": ["friday"]}, {"dates": {"from": "2026-11-21", "until": "2026-11-27"}}]}"#,
            r#"{"any": [{"weekday": ["monday"]}, {"weekday": ["sunday"]}]}"#,
            r#"{"not": {"all": [{"weekday": ["monday"]}, {"weekday": ["sunday"]}]}}"#,
        ] {
            assert_eq!(when(condition), NONE, "{condition}");
        }
    }

    #[test]
    fn days_of_the_week_are_counted_as_in_the_calendar() {
        let saturday = "2026-11-21".to_owned();
        assert_eq!(weekday_of(day(Some(&saturday)).unwrap()), 5);
        let monday = "1969-07-21".to_owned();
        assert_eq!(weekday_of(day(Some(&monday)).unwrap()), 0);
    }

    #[test]
    fn a_life_that_ends_before_the_delay_is_told() {
        let lives = |more: &str| {
            found_with_points(&format!(
                r#""earning": {{"rules": [{{"id": "e", "give": {{"percent": "5"}}, {more}}}]}}"#
            ))
        };
        let told = one(LintCode::WindowNeverOpens, "/earning/rules/0/life");
        let dates = r#""delay": {"date": "2026-02-01"}, "life": {"date": "2026-01-31"}"#;
        assert_eq!(lives(dates), told);
        let days = r#""delay": {"days": 14}, "life": {"days": 13}"#;
        assert_eq!(lives(&format!(r#"{days}, "life_from": "earned""#)), told);
        assert_eq!(lives(days), NONE);
        let same = r#""delay": {"date": "2026-02-01"}, "life": {"date": "2026-02-01"}"#;
        assert_eq!(lives(same), NONE);
    }
}
