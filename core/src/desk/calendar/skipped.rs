//! Why a calendar was closed: what stands between two instants without counting.

use jiff::Timestamp;

use super::compile::gathered;
use super::hours::{OwnHours, Special};
use super::local::{DAY, Local, date_of};
use super::sets::{self, Span};
use super::{Calendar, instant_of};
use crate::document::{LIST_MAX, choice, document};
use crate::error::{Error, ErrorCode};
use crate::reason::Arguments;

choice! {
    /// Why a calendar is closed.
    pub enum ClosedBecause {
        /// Before the first or after the last hours of a day that has some.
        Night = "night",
        /// Between two windows of a day.
        Between = "between",
        /// The day of the week has no hours.
        Weekend = "weekend",
        /// A holiday: `name`, and `moved_from` if the day off was moved.
        Holiday = "holiday",
        /// The date has hours of its own: `reason`.
        Date = "date",
        /// A short day ends earlier.
        ShortDay = "short_day",
        /// An exclusion: `reason`.
        Exclusion = "exclusion",
    }
}

document! {
    /// A time that does not count, with its reason. Codes and arguments only: the text is made of
    /// them when somebody asks.
    pub struct Skipped {
        /// What the text is filled with.
        pub args: Arguments = Arguments::default(),
        /// Why it is closed.
        pub because: ClosedBecause,
        /// When it begins.
        pub from: Timestamp,
        /// When it ends.
        pub to: Timestamp,
    }
}

/// A reason with its arguments, before it has a place.
type Why = (ClosedBecause, Arguments);

impl Calendar {
    /// What is closed from one instant to another, in order, each with its reason; what follows
    /// without a break for the same reason is one. Nothing if the second instant is not after the
    /// first.
    ///
    /// # Errors
    /// `calendar.years`, and `document.list_too_long` for more than 10,000 closed stretches.
    pub fn skipped(&self, from: Timestamp, to: Timestamp) -> Result<Vec<Skipped>, Error> {
        let (from, to) = (self.place(from)?, self.place(to)?);
        let (from, to) = (self.0.base + i64::from(from), self.0.base + i64::from(to));
        let mut pieces: Vec<(Span, Why)> = Vec::new();
        let closed = match from < to {
            true => sets::difference(&[(from, to)], &self.spans_between(from, to)),
            false => Vec::new(),
        };
        if closed.len() > LIST_MAX {
            let message = format!("it is closed more than {LIST_MAX} times in between");
            return Err(Error::new(ErrorCode::DocumentListTooLong, "", message));
        }
        closed.iter().for_each(|closed| self.explain(*closed, &mut pieces));
        pieces.sort_by_key(|(span, _)| *span);
        pieces.dedup_by(|(span, why), (kept, kept_why)| {
            let together = kept.1 == span.0 && *kept_why == *why;
            if together {
                kept.1 = span.1;
            }
            together
        });
        let skipped = |((from, to), (because, args)): (Span, Why)| Skipped {
            args,
            because,
            from: instant_of(from),
            to: instant_of(to),
        };
        Ok(pieces.into_iter().map(skipped).collect())
    }

    /// The open spans between two instants, clipped to them.
    pub(super) fn spans_between(&self, from: i64, to: i64) -> Vec<Span> {
        let spans = self.spans(instant_of(from), instant_of(to)).unwrap_or_default();
        spans.iter().map(|span| (span.from.as_second(), span.to.as_second())).collect()
    }

    /// The reasons of a time that is closed throughout.
    fn explain(&self, closed: Span, pieces: &mut Vec<(Span, Why)>) {
        let mut rest = self.explain_exclusions(closed, pieces);
        for named in &self.0.intersected {
            for piece in std::mem::take(&mut rest) {
                let open = named.spans_between(piece.0, piece.1);
                let shut = sets::difference(&[piece], &open);
                shut.iter().for_each(|shut| named.explain(*shut, pieces));
                rest.extend(sets::difference(&[piece], &shut));
            }
        }
        for piece in rest {
            match self.0.united.first().filter(|_| !self.0.hours.written) {
                Some(named) => named.explain(piece, pieces),
                None => explain_days(&self.0.hours, &self.0.local, piece, pieces),
            }
        }
    }

    /// Takes out what only an exclusion closes, and gives what is left.
    fn explain_exclusions(&self, closed: Span, pieces: &mut Vec<(Span, Why)>) -> Vec<Span> {
        let mut rest = vec![closed];
        let cuts: Vec<_> = self.0.cuts.between(closed.0, closed.1).collect();
        if cuts.is_empty() {
            return rest;
        }
        let (local, inner) = (&self.0.local, &self.0);
        let days = (local.day(closed.0) - 2, local.day(closed.1));
        let (named, needed) = (&inner.united, &inner.intersected);
        let (otherwise, _) = gathered(&inner.hours, local, named, needed, days, closed);
        for cut in cuts {
            let taken = sets::intersection(&otherwise, &[cut.span]);
            for span in sets::intersection(&rest, &taken) {
                let args = arguments([("reason", cut.reason.as_deref().map(str::to_owned))]);
                pieces.push((span, (ClosedBecause::Exclusion, args)));
            }
            rest = sets::difference(&rest, &taken);
        }
        rest
    }
}

/// The reasons of a closed time by its dates.
fn explain_days(hours: &OwnHours, local: &Local, closed: Span, pieces: &mut Vec<(Span, Why)>) {
    for day in local.day(closed.0)..=local.day(closed.1 - 1) {
        let (start, end) = (local.day_start(day), local.day_start(day + 1));
        // Where the evening before would have gone on, its own reason holds.
        let usual = hours.of_weekday(day - 1).iter().map(|window| window.to).max();
        let overhang = usual.filter(|to| *to > DAY && is_closed(hours.special(day - 1)));
        let turn = overhang.map_or(start, |to| local.instant((day - 1) * DAY + to));
        let within = |from: i64, to: i64| (from.max(closed.0), to.min(closed.1));
        if let Some(special) = hours.special(day - 1) {
            let piece = within(start, turn);
            pieces
                .extend(special_why(special).filter(|_| piece.0 < piece.1).map(|why| (piece, why)));
        }
        let piece = within(start.max(turn), end);
        if piece.0 < piece.1 {
            explain_day(hours, local, day, piece, pieces);
        }
    }
}

fn explain_day(
    hours: &OwnHours,
    local: &Local,
    day: i64,
    piece: Span,
    pieces: &mut Vec<(Span, Why)>,
) {
    let special = hours.special(day);
    if let Some(why) = special.and_then(special_why) {
        return pieces.push((piece, why));
    }
    let usual = hours.of_weekday(special.and_then(|special| special.like).unwrap_or(day));
    let instant = |time: i64| local.instant(day * DAY + time);
    let opening = usual.iter().map(|window| window.from).min().map(instant);
    let closing = usual.iter().map(|window| window.to).max().map(instant);
    let Some((opening, closing)) = opening.zip(closing) else {
        return pieces.push((piece, (ClosedBecause::Weekend, Arguments::default())));
    };
    let mut rest = vec![piece];
    if let Some(special) = special.filter(|special| special.is_short) {
        let span = |from, to| (instant(from), instant(to));
        let spans = |windows: &[super::times::Window]| {
            sets::joined(windows.iter().map(|window| span(window.from, window.to)).collect())
        };
        let shorter = spans(&hours.open_windows(day, special));
        let cut = sets::difference(&spans(usual), &shorter);
        for span in sets::intersection(&rest, &cut) {
            pieces.push((span, (ClosedBecause::ShortDay, Arguments::default())));
        }
        rest = sets::difference(&rest, &cut);
    }
    for piece in rest {
        let between = opening <= piece.0 && piece.1 <= closing;
        let because = if between { ClosedBecause::Between } else { ClosedBecause::Night };
        pieces.push((piece, (because, Arguments::default())));
    }
}

fn is_closed(special: Option<&Special>) -> bool {
    special.is_some_and(|special| special.holiday.is_some() || special.dated.is_some())
}

/// Why a day is closed that differs from an ordinary one.
fn special_why(special: &Special) -> Option<Why> {
    if let Some(holiday) = &special.holiday {
        let moved = holiday.moved_from.map(|day| date_of(day).to_string());
        let args = arguments([("name", holiday.name.clone()), ("moved_from", moved)]);
        return Some((ClosedBecause::Holiday, args));
    }
    let dated = special.dated.as_ref()?;
    Some((ClosedBecause::Date, arguments([("reason", dated.reason.clone())])))
}

fn arguments<const COUNT: usize>(args: [(&'static str, Option<String>); COUNT]) -> Arguments {
    let known = args.into_iter().filter_map(|(name, value)| Some((name.into(), value?)));
    Arguments(known.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::DaysDocument;

    const PRODUCTION: &str = include_str!("../../../../presets/days/ru.json");

    fn skipped(calendar: &str, from: &str, to: &str) -> Vec<String> {
        let days = DaysDocument::from_json(PRODUCTION).unwrap();
        let calendar = Calendar::from_json_with(calendar, &[days]).unwrap();
        let at = |text: &str| format!("{text}+03:00").parse().unwrap();
        let skipped = calendar.skipped(at(from), at(to)).unwrap();
        let local =
            |at: Timestamp| calendar.zone().to_datetime(at).strftime("%d.%m %H:%M").to_string();
        let line = |skipped: &Skipped| {
            let args: Vec<&str> = skipped.args.0.values().map(String::as_str).collect();
            let (from, to) = (local(skipped.from), local(skipped.to));
            format!("{from} – {to} {} {}", skipped.because.as_str(), args.join(", "))
        };
        skipped.iter().map(line).map(|line| line.trim_end().to_owned()).collect()
    }

    #[test]
    fn each_stretch_of_the_holidays_has_its_reason_and_the_same_ones_are_joined() {
        let calendar = r#"{"id": "line", "zone": "Europe/Moscow", "days": {"calendar": "ru"},
            "weekly": [{"days": ["monday", "tuesday", "wednesday", "thursday", "friday"],
                        "from": "10:00", "to": "22:00"}]}"#;
        assert_eq!(
            skipped(calendar, "2025-12-30T21:30:00", "2026-01-12T10:30:00"),
            [
                "30.12 22:00 – 31.12 00:00 night",
                "31.12 00:00 – 01.01 00:00 holiday 2025-01-05",
                "01.01 00:00 – 07.01 00:00 holiday Новогодние каникулы",
                "07.01 00:00 – 08.01 00:00 holiday Рождество Христово",
                "08.01 00:00 – 09.01 00:00 holiday Новогодние каникулы",
                "09.01 00:00 – 10.01 00:00 holiday 2026-01-03",
                "10.01 00:00 – 12.01 00:00 weekend",
                "12.01 00:00 – 12.01 10:00 night",
            ]
        );
    }

    #[test]
    fn lunch_short_days_dates_and_exclusions_are_told_apart() {
        let calendar = r#"{"id": "line", "zone": "Europe/Moscow",
            "days": {"calendar": "ru", "short_days": true},
            "dates": [{"date": "2025-06-10", "reason": "stock-taking",
                       "windows": [{"from": "14:00", "to": "18:00"}]}],
            "exclusions": [
                {"instants": {"from": "2025-06-11T11:00:00+03:00", "to": "2025-06-11T12:00:00+03:00",
                              "reason": "power cut"}},
                {"weekly": {"day": "saturday", "from": "02:00", "to": "04:00"}}],
            "weekly": [{"days": ["tuesday", "wednesday"], "from": "09:00", "to": "13:00"},
                       {"days": ["tuesday", "wednesday"], "from": "14:00", "to": "18:00"}]}"#;
        assert_eq!(
            skipped(calendar, "2025-06-10T12:00:00", "2025-06-14T12:00:00"),
            [
                "10.06 12:00 – 10.06 14:00 date stock-taking",
                "10.06 18:00 – 11.06 00:00 date stock-taking",
                "11.06 00:00 – 11.06 09:00 night",
                "11.06 11:00 – 11.06 12:00 exclusion power cut",
                "11.06 13:00 – 11.06 14:00 between",
                "11.06 17:00 – 11.06 18:00 short_day",
                "11.06 18:00 – 12.06 00:00 night",
                "12.06 00:00 – 13.06 00:00 holiday День России",
                "13.06 00:00 – 14.06 00:00 holiday 2025-03-08",
                "14.06 00:00 – 14.06 12:00 weekend",
            ]
        );
    }

    #[test]
    fn a_night_shift_that_a_holiday_drops_is_the_holidays_until_its_morning() {
        let calendar = r#"{"id": "night", "zone": "Europe/Moscow",
            "holidays": [{"date": "2026-02-24", "name": "ours"}],
            "weekly": [{"days": ["monday", "tuesday", "wednesday"], "from": "22:00", "to": "06:00"}]}"#;
        assert_eq!(
            skipped(calendar, "2026-02-24T00:00:00", "2026-02-25T22:00:00"),
            ["24.02 06:00 – 25.02 06:00 holiday ours", "25.02 06:00 – 25.02 22:00 night",]
        );
    }

    #[test]
    fn nothing_is_skipped_the_wrong_way_round() {
        let calendar = r#"{"id": "line", "zone": "Europe/Moscow",
            "weekly": [{"days": ["tuesday"], "from": "10:00", "to": "22:00"}]}"#;
        assert_eq!(skipped(calendar, "2026-01-12T10:30:00", "2025-12-30T21:30:00"), [""; 0]);
    }

    #[test]
    fn an_intersection_names_the_reason_of_the_calendar_that_is_closed() {
        let both = r#"[
            {"id": "both", "intersection": ["line", "lab"],
             "exclusions": [{"dated": {"date": "2026-02-24", "from": "12:00", "to": "13:00",
                                       "reason": "drill"}}]},
            {"id": "line", "weekly": [{"days": ["monday", "tuesday"], "from": "10:00", "to": "18:00"}]},
            {"id": "lab", "holidays": [{"date": "2026-02-23", "name": "ours"}],
             "weekly": [{"days": ["monday", "tuesday"], "from": "09:00", "to": "15:00"}]}]"#;
        let node = crate::json::Node::parse(both, 10_000).unwrap();
        let documents: Vec<super::super::CalendarDocument> =
            crate::document::from_node(&node).unwrap();
        let zone = crate::document::find_zone("Europe/Moscow").unwrap();
        let (calendars, mistakes) = Calendar::compile_all(&documents, &[], &zone);
        assert_eq!(mistakes, []);
        let at = |text: &str| format!("{text}+03:00").parse().unwrap();
        let (from, to) = (at("2026-02-23T09:00:00"), at("2026-02-24T18:00:00"));
        let skipped = calendars[0].skipped(from, to).unwrap();
        let told = |s: &Skipped| (s.because.as_str(), s.from, s.to);
        assert_eq!(
            skipped.iter().map(told).collect::<Vec<_>>(),
            [
                ("night", at("2026-02-23T09:00:00"), at("2026-02-23T10:00:00")),
                ("holiday", at("2026-02-23T10:00:00"), at("2026-02-23T18:00:00")),
                ("night", at("2026-02-23T18:00:00"), at("2026-02-24T10:00:00")),
                ("exclusion", at("2026-02-24T12:00:00"), at("2026-02-24T13:00:00")),
                ("night", at("2026-02-24T15:00:00"), at("2026-02-24T18:00:00")),
            ]
        );
    }
}
