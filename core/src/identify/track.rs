//! Magnetic tracks: where their number stands, by the programme's rules.

use super::mask::Mask;
use crate::program::TrackNumber;

/// How a number is taken from a track.
#[derive(Debug)]
pub(crate) struct TrackTest {
    pub track: TrackNumber,
    pub after: String,
    pub before: String,
    pub prefix: String,
    pub last: Option<usize>,
    pub mask: Option<Mask>,
}

/// Whether a text is one or several tracks: from a start sentinel to an end sentinel.
pub(super) fn is_track(text: &str) -> bool {
    text.starts_with(['%', ';', '+']) && text.ends_with('?')
}

/// The number that the tracks hold, by the first rule that finds one.
pub(super) fn number(text: &str, rules: &[TrackTest]) -> Option<String> {
    let tracks = tracks(text);
    if rules.is_empty() {
        let whole = |body: &&str| !body.is_empty() && !body.contains(['=', '^']);
        return tracks.iter().map(|(_, body)| *body).find(whole).map(str::to_owned);
    }
    rules.iter().find_map(|rule| {
        let own = tracks.iter().filter(|(track, _)| *track == rule.track);
        own.filter_map(|(_, body)| rule.number(body)).next().map(str::to_owned)
    })
}

/// Each track without its sentinels. A reader sends all tracks of a card one after the other.
fn tracks(text: &str) -> Vec<(TrackNumber, &str)> {
    let track = |part: &'_ str| -> Option<TrackNumber> {
        match part.chars().next()? {
            '%' => Some(TrackNumber::First),
            ';' => Some(TrackNumber::Second),
            '+' => Some(TrackNumber::Third),
            _ => None,
        }
    };
    let parts = text.split('?').map(str::trim);
    parts.filter_map(|part| Some((track(part)?, part.get(1..)?))).collect()
}

impl TrackTest {
    fn number<'t>(&self, body: &'t str) -> Option<&'t str> {
        let mut number = body;
        if !self.after.is_empty() {
            number = number.split_once(&self.after)?.1;
        }
        if !self.before.is_empty() {
            number = number.split_once(&self.before)?.0;
        }
        number = number.strip_prefix(&self.prefix)?;
        if let Some(last) = self.last {
            let skipped = number.chars().count().checked_sub(last)?;
            let start = number.char_indices().nth(skipped).map_or(number.len(), |(start, _)| start);
            number = number.get(start..)?;
        }
        let fits = self.mask.as_ref().is_none_or(|mask| mask.parts(number).is_some());
        (fits && !number.is_empty()).then_some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(track: TrackNumber) -> TrackTest {
        let none = String::new;
        TrackTest { track, after: none(), before: none(), prefix: none(), last: None, mask: None }
    }

    #[test]
    fn a_rule_takes_what_is_between_separators_strips_a_prefix_and_keeps_the_last_digits() {
        let between = TrackTest { before: "=".into(), ..rule(TrackNumber::Second) };
        assert_eq!(number(";990000123=0001?", &[between]), Some("990000123".into()));
        let strip = TrackTest { prefix: "99".into(), ..rule(TrackNumber::Second) };
        assert_eq!(number(";990000123?", &[strip]), Some("0000123".into()));
        let last = TrackTest { last: Some(5), ..rule(TrackNumber::Second) };
        assert_eq!(number(";990000123?", &[last]), Some("00123".into()));
        let all = TrackTest {
            after: "^".into(),
            before: "^".into(),
            prefix: "CARD".into(),
            last: Some(4),
            mask: Some(Mask::new("####")),
            ..rule(TrackNumber::First)
        };
        assert_eq!(number("%X^CARD001234^?", &[all]), Some("1234".into()));
    }

    #[test]
    fn the_first_rule_that_finds_a_number_is_taken() {
        let masked = TrackTest { mask: Some(Mask::new("7####")), ..rule(TrackNumber::Second) };
        let third = rule(TrackNumber::Third);
        let tracks = "%NAME?;12345?+678?";
        assert_eq!(number(tracks, &[masked, third]), Some("678".into()));
        assert_eq!(number(tracks, &[rule(TrackNumber::First)]), Some("NAME".into()));
        let long = TrackTest { last: Some(6), ..rule(TrackNumber::Second) };
        assert_eq!(number(tracks, &[long]), None);
    }

    #[test]
    fn without_rules_a_track_without_separators_is_the_number() {
        assert_eq!(number("%A^B?;123?", &[]), Some("123".into()));
        assert_eq!(number(";123=4?", &[]), None);
        assert!(is_track(";123?") && is_track("+123?"));
        assert!(!is_track("+79936971005") && !is_track("123?") && !is_track(";123"));
    }
}
