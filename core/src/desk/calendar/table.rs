//! Spans with their prefix sums: worked seconds at an instant, and the instant of a sum.

use super::Edge;
use super::sets::Span;

/// The spans of a calendar. Seconds are counted from its first instant, so that four bytes hold
/// them; both ways of asking take the same time whatever the distance.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    starts: Vec<u32>,
    ends: Vec<u32>,
    /// The seconds that were worked before each span.
    before: Vec<u32>,
    total: u32,
    by_start: Steps,
    by_worked: Steps,
}

impl Table {
    /// A table of sorted spans that do not touch, in seconds from `base`.
    pub fn new(spans: &[Span], base: i64) -> Table {
        let from_base = |second: i64| u32::try_from(second - base).unwrap_or(0);
        let starts: Vec<u32> = spans.iter().map(|span| from_base(span.0)).collect();
        let ends: Vec<u32> = spans.iter().map(|span| from_base(span.1)).collect();
        let mut total = 0;
        let mut before = Vec::with_capacity(spans.len());
        for (start, end) in starts.iter().zip(&ends) {
            before.push(total);
            total += end.saturating_sub(*start);
        }
        let (by_start, by_worked) = (Steps::new(&starts), Steps::new(&before));
        Table { starts, ends, before, total, by_start, by_worked }
    }

    pub fn total(&self) -> u32 {
        self.total
    }

    pub fn len(&self) -> usize {
        self.starts.len()
    }

    pub fn get(&self, place: usize) -> Option<(u32, u32)> {
        Some((*self.starts.get(place)?, *self.ends.get(place)?))
    }

    /// How many spans begin at or before a second.
    #[inline]
    pub fn begun(&self, second: u32) -> usize {
        self.by_start.at_most(&self.starts, second)
    }

    /// The last span that begins at or before a second, with its place.
    #[inline]
    pub fn last_begun(&self, second: u32) -> Option<(usize, u32, u32)> {
        let place = self.begun(second).checked_sub(1)?;
        let (start, end) = self.get(place)?;
        Some((place, start, end))
    }

    /// The seconds that were worked before a second.
    #[inline]
    pub fn worked(&self, second: u32) -> u32 {
        let Some((place, start, end)) = self.last_begun(second) else { return 0 };
        let before = self.before.get(place).copied().unwrap_or(0);
        before.saturating_add(second.min(end).saturating_sub(start))
    }

    /// The second at which so many have been worked: of all that qualify the first, which ends a
    /// span, or the last, which begins one. `None` if it is not within the table.
    #[inline]
    pub fn at(&self, worked: u32, edge: Edge) -> Option<u32> {
        let begun = match edge {
            Edge::Closing => self.by_worked.below(&self.before, worked),
            Edge::Opening if worked < self.total => self.by_worked.at_most(&self.before, worked),
            Edge::Opening => return None,
        };
        let place = begun.checked_sub(1).filter(|_| worked <= self.total)?;
        let into = worked.checked_sub(*self.before.get(place)?)?;
        self.starts.get(place)?.checked_add(into)
    }
}

/// Where keys of each step of a power of two begin in a sorted list, so that looking one up is a
/// look at one short piece of it.
#[derive(Clone, Debug, Default)]
struct Steps {
    shift: u32,
    /// How many keys come before each step.
    first: Vec<u32>,
}

impl Steps {
    fn new(keys: &[u32]) -> Steps {
        let last = keys.last().copied().unwrap_or(0);
        let mut shift = 0;
        while shift < 31 && usize::try_from(last >> shift).unwrap_or(usize::MAX) > keys.len() {
            shift += 1;
        }
        let mut first = Vec::with_capacity(keys.len() + 3);
        let mut place = 0_u32;
        let mut keys = keys.iter().peekable();
        for step in 0..=(last >> shift) {
            while keys.next_if(|key| **key >> shift < step).is_some() {
                place += 1;
            }
            first.push(place);
        }
        first.push(place + u32::try_from(keys.count()).unwrap_or(0));
        Steps { shift, first }
    }

    /// How many keys are not above `key`.
    #[inline]
    fn at_most(&self, keys: &[u32], key: u32) -> usize {
        self.count(keys, key, |other| other <= key)
    }

    /// How many keys are below `key`.
    #[inline]
    fn below(&self, keys: &[u32], key: u32) -> usize {
        self.count(keys, key, |other| other < key)
    }

    #[inline]
    fn count(&self, keys: &[u32], key: u32, counts: impl Fn(u32) -> bool) -> usize {
        let step = usize::try_from(key >> self.shift).unwrap_or(usize::MAX);
        let found = |place: usize| self.first.get(place).map(|first| *first as usize);
        let (Some(from), Some(to)) = (found(step), found(step.saturating_add(1))) else {
            return keys.len();
        };
        let piece = keys.get(from..to).unwrap_or(&[]);
        from + piece.partition_point(|other| counts(*other))
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::btree_set;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_empty_table_has_nothing() {
        let table = Table::new(&[], 0);
        assert_eq!((table.worked(9), table.total(), table.begun(9)), (0, 0, 0));
        assert_eq!((table.at(0, Edge::Closing), table.at(0, Edge::Opening)), (None, None));
    }

    #[test]
    fn a_sum_used_up_at_the_end_of_a_span_has_two_instants() {
        let table = Table::new(&[(110, 120), (150, 160)], 100);
        assert_eq!(table.at(10, Edge::Closing), Some(20));
        assert_eq!(table.at(10, Edge::Opening), Some(50));
        assert_eq!(table.at(0, Edge::Opening), Some(10));
        assert_eq!(table.at(0, Edge::Closing), None);
        assert_eq!(table.at(20, Edge::Closing), Some(60));
        assert_eq!(table.at(20, Edge::Opening), None);
        assert_eq!(table.at(21, Edge::Closing), None);
    }

    proptest! {
        #[test]
        fn steps_count_as_a_look_at_every_key(
            keys in btree_set(prop_oneof![0..40u32, any::<u32>()], 0..40),
            key in prop_oneof![0..40u32, any::<u32>()],
        ) {
            let keys: Vec<u32> = keys.into_iter().collect();
            let steps = Steps::new(&keys);
            for key in keys.iter().copied().chain([key, 0, u32::MAX]) {
                let count = |counts: &dyn Fn(u32) -> bool| keys.iter().filter(|k| counts(**k)).count();
                prop_assert_eq!(steps.at_most(&keys, key), count(&|other| other <= key));
                prop_assert_eq!(steps.below(&keys, key), count(&|other| other < key));
            }
        }
    }
}
