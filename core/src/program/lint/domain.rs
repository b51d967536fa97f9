//! Sets of values that a fact may still have: spans of whole numbers, and words.

use std::collections::BTreeSet;

/// Whole numbers as ascending spans that do not touch, both ends included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spans(Vec<(i128, i128)>);

impl Spans {
    pub fn between(from: Option<i128>, to: Option<i128>) -> Spans {
        let (from, to) = (from.unwrap_or(i128::MIN), to.unwrap_or(i128::MAX));
        Spans(if from <= to { vec![(from, to)] } else { Vec::new() })
    }

    pub fn of(numbers: impl IntoIterator<Item = i128>) -> Spans {
        let numbers: BTreeSet<i128> = numbers.into_iter().collect();
        let mut spans: Vec<(i128, i128)> = Vec::new();
        for number in numbers {
            match spans.last_mut() {
                Some((_, to)) if to.checked_add(1) == Some(number) => *to = number,
                _ => spans.push((number, number)),
            }
        }
        Spans(spans)
    }

    /// The numbers from `0` to below `count`: the places of a list.
    pub fn places(count: usize) -> Spans {
        Spans::between(Some(0), i128::try_from(count).ok().map(|count| count - 1))
    }

    /// Everything else.
    pub fn complement(&self) -> Spans {
        let mut spans = Vec::with_capacity(self.0.len() + 1);
        let mut next = Some(i128::MIN);
        for (from, to) in &self.0 {
            if let (Some(begin), Some(end)) = (next, from.checked_sub(1))
                && begin <= end
            {
                spans.push((begin, end));
            }
            next = to.checked_add(1);
        }
        spans.extend(next.map(|begin| (begin, i128::MAX)));
        Spans(spans)
    }

    /// What is in both.
    pub fn meet(&self, other: &Spans) -> Spans {
        let mut spans = Vec::new();
        for (from, to) in &self.0 {
            for (other_from, other_to) in &other.0 {
                let (from, to) = (*from.max(other_from), *to.min(other_to));
                if from <= to {
                    spans.push((from, to));
                }
            }
        }
        Spans(spans)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn has(&self, number: i128) -> bool {
        self.0.iter().any(|(from, to)| (*from..=*to).contains(&number))
    }

    /// Whether a multiple of `step`, which is above zero, is in it.
    pub fn has_multiple_of(&self, step: i128) -> bool {
        self.0.iter().any(|(from, to)| to.div_euclid(step).checked_mul(step) >= Some(*from))
    }

    /// The numbers, if there are at most so many.
    pub fn few(&self, most: usize) -> Option<Vec<i128>> {
        let mut numbers = Vec::new();
        for (from, to) in &self.0 {
            for number in *from..=*to {
                if numbers.len() == most {
                    return None;
                }
                numbers.push(number);
            }
        }
        Some(numbers)
    }
}

/// The values that one fact may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Domain {
    Numbers(Spans),
    /// One of these words.
    Words(BTreeSet<String>),
    /// Any word but these.
    OtherWords(BTreeSet<String>),
}

impl Domain {
    pub fn words(words: &[String], positive: bool) -> Domain {
        let words = words.iter().cloned().collect();
        if positive { Domain::Words(words) } else { Domain::OtherWords(words) }
    }

    /// What is in both; two sorts of values never meet in one fact.
    pub fn meet(&self, other: &Domain) -> Domain {
        match (self, other) {
            (Domain::Numbers(left), Domain::Numbers(right)) => Domain::Numbers(left.meet(right)),
            (Domain::Words(left), Domain::Words(right)) => {
                Domain::Words(left.intersection(right).cloned().collect())
            }
            (Domain::OtherWords(left), Domain::OtherWords(right)) => {
                Domain::OtherWords(left.union(right).cloned().collect())
            }
            (Domain::Words(words), Domain::OtherWords(without))
            | (Domain::OtherWords(without), Domain::Words(words)) => {
                Domain::Words(words.difference(without).cloned().collect())
            }
            (Domain::Numbers(_), _) | (_, Domain::Numbers(_)) => self.clone(),
        }
    }

    pub fn is_empty(&self) -> bool {
        match self {
            Domain::Numbers(spans) => spans.is_empty(),
            Domain::Words(words) => words.is_empty(),
            Domain::OtherWords(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(from: i128, to: i128) -> Spans {
        Spans::between(Some(from), Some(to))
    }

    #[test]
    fn spans_meet_where_both_are() {
        assert_eq!(span(1, 5).meet(&span(5, 9)), span(5, 5));
        assert!(span(1, 4).meet(&span(5, 9)).is_empty());
        assert!(Spans::between(Some(5), None).meet(&Spans::between(None, Some(4))).is_empty());
    }

    #[test]
    fn a_complement_leaves_nothing_out_and_takes_nothing_twice() {
        for spans in
            [span(1, 5), Spans::of([1, 2, 3, 7]), Spans::of([]), Spans::between(None, None)]
        {
            assert!(spans.meet(&spans.complement()).is_empty());
            assert_eq!(spans.complement().complement(), spans);
        }
        assert!(Spans::of([3]).complement().has(2) && !Spans::of([3]).complement().has(3));
    }

    #[test]
    fn a_multiple_is_found_at_either_end_of_a_span() {
        assert!(span(10, 12).has_multiple_of(10) && span(8, 10).has_multiple_of(10));
        assert!(!span(11, 19).has_multiple_of(10));
        assert!(Spans::between(Some(1), None).has_multiple_of(7));
    }

    #[test]
    fn words_leave_out_what_is_excluded() {
        let words = |list: &[&str]| list.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        let both = Domain::words(&words(&["a", "b"]), true);
        assert!(!both.meet(&Domain::words(&words(&["a"]), false)).is_empty());
        assert!(both.meet(&Domain::words(&words(&["a", "b", "c"]), false)).is_empty());
        assert!(both.meet(&Domain::words(&words(&["c"]), true)).is_empty());
    }

    #[test]
    fn only_few_numbers_are_listed() {
        assert_eq!(Spans::of([2, 3, 9]).few(3), Some(vec![2, 3, 9]));
        assert_eq!(Spans::of([2, 3, 9]).few(2), None);
        assert_eq!(Spans::between(None, None).few(6), None);
    }
}
