//! Sets of instants, as sorted spans that neither overlap nor touch.

/// A span of seconds, half-open: from the first to before the last.
pub(super) type Span = (i64, i64);

/// The spans in order; empty and reversed ones are dropped, overlapping and touching ones joined.
pub(super) fn joined(mut spans: Vec<Span>) -> Vec<Span> {
    spans.retain(|(from, to)| from < to);
    if !spans.is_sorted() {
        spans.sort_unstable();
    }
    spans.dedup_by(|next, kept| {
        let together = next.0 <= kept.1;
        if together {
            kept.1 = kept.1.max(next.1);
        }
        together
    });
    spans
}

/// What is in either set.
pub(super) fn union(left: &[Span], right: &[Span]) -> Vec<Span> {
    joined(left.iter().chain(right).copied().collect())
}

/// What is in both sets.
pub(super) fn intersection(left: &[Span], right: &[Span]) -> Vec<Span> {
    let (mut left, mut right) = (left.iter().peekable(), right.iter().peekable());
    let mut both = Vec::new();
    while let (Some(one), Some(other)) = (left.peek(), right.peek()) {
        let (from, to) = (one.0.max(other.0), one.1.min(other.1));
        if from < to {
            both.push((from, to));
        }
        if one.1 <= other.1 {
            left.next()
        } else {
            right.next()
        };
    }
    both
}

/// What is in the first set and not in the second.
pub(super) fn difference(spans: &[Span], cuts: &[Span]) -> Vec<Span> {
    let mut cuts = cuts.iter().peekable();
    let mut kept = Vec::with_capacity(spans.len());
    for (from, to) in spans {
        let mut from = *from;
        while cuts.next_if(|cut| cut.1 <= from).is_some() {}
        while let Some(cut) = cuts.peek().copied().filter(|cut| cut.0 < *to) {
            if from < cut.0 {
                kept.push((from, cut.0));
            }
            from = cut.1;
            if cut.1 > *to {
                break;
            }
            cuts.next();
        }
        if from < *to {
            kept.push((from, *to));
        }
    }
    kept
}

/// The part of the set that lies between two instants.
pub(super) fn clipped(spans: &[Span], from: i64, to: i64) -> Vec<Span> {
    let first = spans.partition_point(|span| span.1 <= from);
    let within = spans.iter().skip(first).take_while(|span| span.0 < to);
    within.map(|span| (span.0.max(from), span.1.min(to))).collect()
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn touching_spans_are_one() {
        assert_eq!(
            joined(vec![(5, 9), (0, 3), (3, 4), (7, 12), (20, 20), (30, 25)]),
            [(0, 4), (5, 12)]
        );
    }

    fn spans() -> impl Strategy<Value = Vec<Span>> {
        vec((0i64..60, -2i64..12).prop_map(|(from, length)| (from, from + length)), 0..8)
    }

    fn has(spans: &[Span], second: i64) -> bool {
        spans.iter().any(|(from, to)| (*from..*to).contains(&second))
    }

    proptest! {
        #[test]
        fn every_second_is_where_the_sets_say(left in spans(), right in spans(), from in 0i64..60) {
            let (a, b) = (joined(left.clone()), joined(right.clone()));
            let (either, both) = (union(&a, &b), intersection(&a, &b));
            let (less, part) = (difference(&a, &b), clipped(&a, from, from + 9));
            for second in -5..80 {
                let (one, other) = (has(&left, second), has(&right, second));
                prop_assert_eq!(has(&a, second), one);
                prop_assert_eq!(has(&either, second), one || other);
                prop_assert_eq!(has(&both, second), one && other);
                prop_assert_eq!(has(&less, second), one && !other);
                prop_assert_eq!(has(&part, second), one && (from..from + 9).contains(&second));
            }
            for set in [a, either, less] {
                prop_assert!(set.iter().zip(set.iter().skip(1)).all(|(one, next)| one.1 < next.0));
            }
        }
    }
}
