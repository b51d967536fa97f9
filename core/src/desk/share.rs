//! Shares as exact fractions, with a percentage for people beside them.

use crate::document::document;

document! {
    /// How many of how many: an exact fraction.
    pub struct Share {
        /// How many.
        pub count: u64,
        /// Of how many.
        pub of: u64,
        /// The same in percent with three decimals, rounded down; absent if it is of nothing.
        pub percent: Option<String>,
    }
}

impl Share {
    /// The share of `count` in `of`.
    ///
    /// # Examples
    /// ```
    /// use kopilka::desk::Share;
    ///
    /// assert_eq!(Share::new(2, 3).percent.as_deref(), Some("66.666"));
    /// assert_eq!(Share::new(0, 0).percent, None);
    /// ```
    #[must_use]
    pub fn new(count: u64, of: u64) -> Share {
        let thousandths = (u128::from(count) * 100_000).checked_div(u128::from(of));
        let text = |value: u128| format!("{}.{:03}", value / 1_000, value % 1_000);
        Share { count, of, percent: thousandths.map(text) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_rounded_down_and_never_up_to_the_whole() {
        // 99,999 of 100,000 are 99.999 %, and 999,999 of 1,000,000 are 99.9999 %.
        for (count, of, percent) in [
            (9, 10, "90.000"),
            (1, 3, "33.333"),
            (99_999, 100_000, "99.999"),
            (999_999, 1_000_000, "99.999"),
            (0, 7, "0.000"),
            (7, 7, "100.000"),
            (u64::MAX, u64::MAX, "100.000"),
        ] {
            assert_eq!(Share::new(count, of).percent.as_deref(), Some(percent));
        }
    }

    #[test]
    fn a_share_of_nothing_has_no_percentage() {
        assert_eq!(Share::new(0, 0), Share { count: 0, of: 0, percent: None });
    }
}
