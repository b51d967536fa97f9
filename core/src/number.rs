//! Card numbers: the ranges of the programme's cards.

use crate::identify::is_checked;
use crate::program::{CheckDigit, NumberRange};

/// Whether a number lies in a range, and if not, whether only one thing keeps it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fit {
    Yes,
    CheckDigitWrong,
    Length,
    Prefix,
    No,
}

/// The number as read: without white space around it.
pub(crate) fn normalise(scan: &str) -> &str {
    scan.trim()
}

pub(crate) fn fit(number: &str, range: &NumberRange) -> Fit {
    let length = number.chars().count();
    let min = usize::from(range.length_min.unwrap_or(range.length_max));
    let begins = number.starts_with(&range.prefix);
    let long_enough = (min..=usize::from(range.length_max)).contains(&length);
    let checked = match range.check {
        CheckDigit::None => Some(true),
        check => is_checked(number, check),
    };
    match (begins, long_enough, checked) {
        (true, true, Some(true)) => Fit::Yes,
        (true, true, Some(false)) => Fit::CheckDigitWrong,
        (true, false, Some(_)) if !range.prefix.is_empty() => Fit::Length,
        (false, true, Some(true)) => Fit::Prefix,
        _ => Fit::No,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_wants_its_prefix_its_length_and_its_check_digit() {
        let range = NumberRange {
            check: CheckDigit::Gs1,
            length_max: 13,
            length_min: None,
            prefix: "29".into(),
        };
        assert_eq!(fit("2990000000019", &range), Fit::Yes);
        assert_eq!(fit("2990000000018", &range), Fit::CheckDigitWrong);
        assert_eq!(fit("2890000000012", &range), Fit::Prefix);
        assert_eq!(fit("2890000000010", &range), Fit::No);
        assert_eq!(fit("299000000001", &range), Fit::Length);
        assert_eq!(fit("29900000000١٩", &range), Fit::No);
    }
}
