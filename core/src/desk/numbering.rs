//! Numbers of tickets, such as INC-2025-00001.

use jiff::Timestamp;

use super::local::{checked, in_years};
use crate::document::{Collector, document};
use crate::error::{Error, ErrorCode};

/// The most digits that a sequence may be filled up to.
const DIGITS_MAX: u8 = 15;
/// The greatest sequence that JSON holds exactly.
const SEQUENCE_MAX: u64 = 9_007_199_254_740_991;

document! {
    /// How tickets are numbered.
    pub struct Numbering {
        /// To how many digits the sequence is filled up with zeros, 1 to 15. Sequences with more
        /// digits are written in full.
        pub digits: u8 = 5,
        /// What numbers begin with: letters and digits.
        pub prefix: String = "INC".to_owned(),
        /// Whether the year is a part of the number, and every year begins at 1.
        pub yearly: bool = true,
    }
}

document! {
    /// Asks for the number of a ticket.
    pub struct NumberingQuery {
        /// When the ticket was registered: its year is that of the local date.
        pub at: Timestamp,
        /// How tickets are numbered; as the desk says if left out.
        pub numbering: Option<Numbering>,
        /// The sequence, from 1; the one after the highest of `taken` if left out.
        pub sequence: Option<u64>,
        /// Numbers that are taken, in any order. Those of other years or kinds do not count.
        pub taken: Vec<String> = Vec::new(),
        /// The time zone of the desk: an IANA name. That of the desk if left out.
        pub zone: String = String::new(),
    }
}

document! {
    /// Asks what a ticket's number says.
    pub struct NumberQuery {
        /// The number.
        pub number: String,
        /// How tickets are numbered; as the desk says if left out.
        pub numbering: Option<Numbering>,
    }
}

document! {
    /// The number of a ticket and what it says.
    pub struct TicketNumber {
        /// The number as written.
        pub number: String,
        /// Which ticket it is, of the year or of all.
        pub sequence: u64,
        /// The year; absent if numbers have none.
        pub year: Option<u32>,
    }
}

/// The number of a ticket.
///
/// # Errors
/// A wrong numbering or zone, an instant outside the years of documents, and a sequence of 0 or
/// beyond what JSON holds exactly.
pub fn answer_numbering(query: &NumberingQuery) -> Result<TicketNumber, Error> {
    let numbering = query.numbering.clone().unwrap_or_default();
    let zone = checked(|collector| {
        numbering.check(collector, "/numbering");
        collector.zone(&query.zone, "/zone")
    })?;
    in_years(query.at, "/at")?;
    let year = u32::try_from(zone.to_datetime(query.at).year()).unwrap_or(0);
    let year = Some(year).filter(|_| numbering.yearly);
    let taken = query.taken.iter().filter_map(|number| numbering.parse(number));
    let highest = taken.filter(|taken| taken.year == year).map(|taken| taken.sequence).max();
    let sequence = query.sequence.unwrap_or_else(|| highest.unwrap_or(0).saturating_add(1));
    if !(1..=SEQUENCE_MAX).contains(&sequence) {
        let message = format!("the sequence is not between 1 and {SEQUENCE_MAX}");
        return Err(Error::new(ErrorCode::DocumentRange, "/sequence", message));
    }
    Ok(numbering.number(year, sequence))
}

/// What a ticket's number says.
///
/// # Errors
/// A wrong numbering, and a text that is no number of this kind: `ticket.reference`.
pub fn answer_number(query: &NumberQuery) -> Result<TicketNumber, Error> {
    let numbering = query.numbering.clone().unwrap_or_default();
    checked(|collector| numbering.check(collector, "/numbering"))?;
    numbering.parse(&query.number).ok_or_else(|| {
        let shown: String = query.number.chars().take(40).collect();
        let example = numbering.number(Some(2025).filter(|_| numbering.yearly), 1);
        let message = format!("`{shown}` is no ticket's number such as {}", example.number);
        Error::new(ErrorCode::TicketReference, "/number", message)
    })
}

impl Numbering {
    /// Checks a numbering.
    pub(crate) fn check(&self, collector: &mut Collector, path: &str) {
        if !(1..=DIGITS_MAX).contains(&self.digits) {
            let message = format!("{} is not between 1 and {DIGITS_MAX}", self.digits);
            collector.mistake(ErrorCode::DocumentRange, &format!("{path}/digits"), message);
        }
        let path = format!("{path}/prefix");
        collector.id(&self.prefix, &path);
        if !self.prefix.chars().all(char::is_alphanumeric) {
            collector.contradiction(&path, "the prefix may have letters and digits only");
        }
    }

    fn number(&self, year: Option<u32>, sequence: u64) -> TicketNumber {
        let digits = usize::from(self.digits.min(DIGITS_MAX));
        let middle = year.map(|year| format!("{year:04}-")).unwrap_or_default();
        let number = format!("{}-{middle}{sequence:0digits$}", self.prefix);
        TicketNumber { number, sequence, year }
    }

    /// What a number says; `None` unless it is written exactly as this numbering writes it.
    #[must_use]
    pub fn parse(&self, text: &str) -> Option<TicketNumber> {
        let rest = text.strip_prefix(self.prefix.as_str())?.strip_prefix('-')?;
        let (year, sequence) = match rest.split_once('-') {
            Some((year, sequence)) if self.yearly => (Some(year), sequence),
            None if !self.yearly => (None, rest),
            _ => return None,
        };
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(sequence) || !year.is_none_or(|year| year.len() == 4 && digits(year)) {
            return None;
        }
        let year = year.map(str::parse).transpose().ok()?;
        let sequence = sequence.parse().ok().filter(|it| (1..=SEQUENCE_MAX).contains(it))?;
        Some(self.number(year, sequence)).filter(|parsed| parsed.number == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn asked(at: &str, sequence: Option<u64>, taken: &[&str]) -> NumberingQuery {
        NumberingQuery {
            at: at.parse().unwrap(),
            sequence,
            taken: taken.iter().map(|it| (*it).to_owned()).collect(),
            zone: "Europe/Moscow".into(),
            ..NumberingQuery::default()
        }
    }

    #[test]
    fn the_year_is_that_of_the_local_date() {
        for (at, number) in
            [("2024-12-31T21:00:00Z", "INC-2025-00001"), ("2024-12-31T20:59:59Z", "INC-2024-00001")]
        {
            assert_eq!(answer_numbering(&asked(at, Some(1), &[])).unwrap().number, number);
        }
    }

    #[test]
    fn a_sequence_grows_past_five_digits() {
        let at = "2025-06-01T12:00:00Z";
        for (sequence, number) in [
            (99_999, "INC-2025-99999"),
            (100_000, "INC-2025-100000"),
            (SEQUENCE_MAX, "INC-2025-9007199254740991"),
        ] {
            let answer = answer_numbering(&asked(at, Some(sequence), &[])).unwrap();
            assert_eq!(answer.number, number);
        }
        for sequence in [0, SEQUENCE_MAX + 1] {
            let error = answer_numbering(&asked(at, Some(sequence), &[])).unwrap_err();
            assert_eq!((error.path(), error.code()), ("/sequence", ErrorCode::DocumentRange));
        }
    }

    #[test]
    fn every_year_begins_at_one_and_goes_on_after_the_highest() {
        let taken = ["INC-2024-00107", "INC-2025-00002", "REQ-2025-00009", "INC-2025-00001"];
        let next = |at| answer_numbering(&asked(at, None, &taken)).unwrap().number;
        assert_eq!(next("2024-06-01T12:00:00Z"), "INC-2024-00108");
        assert_eq!(next("2025-06-01T12:00:00Z"), "INC-2025-00003");
        assert_eq!(next("2026-06-01T12:00:00Z"), "INC-2026-00001");
    }

    #[test]
    fn numbers_without_a_year_go_on_for_ever() {
        let numbering = Numbering { digits: 3, prefix: "ЗАЯВКА".into(), yearly: false };
        let taken = vec!["ЗАЯВКА-041".into()];
        let query = NumberingQuery {
            numbering: Some(numbering.clone()),
            taken,
            ..asked("2025-06-01T12:00:00Z", None, &[])
        };
        let answer = answer_numbering(&query).unwrap();
        assert_eq!((answer.number.as_str(), answer.year), ("ЗАЯВКА-042", None));
        assert_eq!(numbering.parse("ЗАЯВКА-2025-042"), None);
    }

    #[test]
    fn only_what_is_written_exactly_so_is_a_number() {
        let numbering = Numbering::default();
        let parsed = numbering.parse("INC-2025-00042").unwrap();
        assert_eq!((parsed.sequence, parsed.year), (42, Some(2025)));
        for text in [
            "INC-2025-42",
            "INC-2025-000042",
            "INC-2025-00000",
            "INC-25-00042",
            "INC-2025-",
            "INC-2025",
            "inc-2025-00042",
            "INC-2025-+0042",
            "INC-2025-00042 ",
            "INC-2025-99999999999999999999",
            "",
        ] {
            assert_eq!(numbering.parse(text), None, "{text}");
        }
        let query = NumberQuery { number: "INC-1".into(), numbering: Some(numbering) };
        assert_eq!(answer_number(&query).unwrap_err().code(), ErrorCode::TicketReference);
    }

    #[test]
    fn a_prefix_that_could_not_be_read_back_is_refused() {
        let query = NumberQuery {
            numbering: Some(Numbering { digits: 0, prefix: "A-B".into(), yearly: true }),
            ..NumberQuery::default()
        };
        let error = answer_number(&query).unwrap_err();
        let found: Vec<_> = error.mistakes().iter().map(|it| it.path.as_str()).collect();
        assert_eq!(found, ["/numbering/digits", "/numbering/prefix"]);
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_back(
            year in 1900u32..2200,
            sequence in 1u64..=SEQUENCE_MAX,
            digits in 1u8..=15,
            yearly in any::<bool>(),
        ) {
            let numbering = Numbering { digits, prefix: "INC".into(), yearly };
            let number = numbering.number(Some(year).filter(|_| yearly), sequence);
            prop_assert_eq!(numbering.parse(&number.number), Some(number));
        }
    }
}
