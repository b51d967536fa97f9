//! Where a record stands among those of all tills: the one order in which states are folded.

use jiff::Timestamp;

use crate::record::{Envelope, RecordId};

/// Where a record stands among those of all tills. States are what the records add up to in this
/// order, so that it does not matter in which order they became known.
///
/// Within one chain it is the order of the sequence numbers, because logical time never goes back.
/// What was decided by a book that knew a record of another till stands after that record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The instant by the book's own time.
    pub logical_at: Timestamp,
    /// The till that keeps the book.
    pub till: String,
    /// How many times its book was begun anew.
    pub incarnation: u32,
    /// The number of the record in its book.
    pub sequence: u64,
}

impl Position {
    /// The id of the record that stands here.
    #[must_use]
    pub fn id(&self) -> RecordId {
        RecordId { till: self.till.clone(), incarnation: self.incarnation, sequence: self.sequence }
    }
}

impl Envelope {
    /// Where the record stands among those of all tills.
    #[must_use]
    pub fn position(&self) -> Position {
        Position {
            logical_at: self.logical_at,
            till: self.till.clone(),
            incarnation: self.incarnation,
            sequence: self.sequence,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position(nanosecond: i128, till: &str, incarnation: u32, sequence: u64) -> Position {
        let logical_at = Timestamp::from_nanosecond(nanosecond).unwrap();
        Position { logical_at, till: till.into(), incarnation, sequence }
    }

    #[test]
    fn time_weighs_more_than_the_till_that_more_than_its_incarnation_and_that_more_than_the_number()
    {
        let in_order = [
            position(1, "b", 2, 9),
            position(2, "a", 1, 10),
            position(2, "a", 2, 3),
            position(2, "a", 2, 4),
            position(2, "b", 1, 1),
        ];
        assert!(in_order.is_sorted());
        assert!(in_order.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
