//! Admissions of tickets: who was let in, when and where.

use jiff::Timestamp;

use super::{CardState, Slice};
use crate::record::{Effect, TicketScanned};

/// One scan, as its record told it.
pub(crate) type Scan = TicketScanned;

/// How many admissions of one ticket are kept in its state; older ones stay in the records.
const SCANS_MAX: usize = 1_000;

impl CardState {
    /// The admissions in the order of their clocks, and whether each found nothing left. `posted`
    /// is what the ticket held in all less all that it let in, so that with the admissions it tells
    /// how many there could be; `one` is an entry in the smallest units of its points.
    pub fn admissions(&self, posted: i64, one: i64) -> Vec<(&Scan, bool)> {
        let entries = |scan: &Scan| i64::from(scan.entries).saturating_mul(one);
        let mut left: i64 = self.scans.iter().map(entries).sum::<i64>().saturating_add(posted);
        let admission = |scan| {
            left = left.saturating_sub(entries(scan));
            (scan, left < 0)
        };
        self.scans.iter().map(admission).collect()
    }
}

/// Applies what a fact does to tickets, if anything. Admissions stand in the order of their clocks,
/// so that it does not matter in which order the records of several gates come in. Refused scans
/// change nothing: they stay in the records.
pub(super) fn apply_to_tickets(slice: &mut Slice, effect: &Effect) {
    let Effect::TicketScanned(scan) = effect else { return };
    let Some(card) = slice.cards.get_mut(&scan.card).filter(|_| scan.admitted) else { return };
    let key = |scan: &Scan| -> (Timestamp, String) { (scan.at, scan.record.clone()) };
    let place = card.scans.partition_point(|other| key(other) <= key(scan));
    card.scans.insert(place, scan.clone());
    if card.scans.len() > SCANS_MAX {
        card.scans.remove(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(second: i64, entries: u32, record: &str) -> Effect {
        Effect::TicketScanned(TicketScanned {
            admitted: true,
            at: Timestamp::from_second(second).unwrap(),
            card: "T1".into(),
            entries,
            record: record.into(),
            ..TicketScanned::default()
        })
    }

    fn doubles(scans: &[Effect], posted: i64) -> Vec<(String, bool)> {
        let mut slice = Slice::default();
        slice.insert_card("T1", CardState::default());
        scans.iter().for_each(|scan| apply_to_tickets(&mut slice, scan));
        let card = slice.card("T1").unwrap();
        let admissions = card.admissions(posted, 1).into_iter();
        admissions.map(|(scan, double)| (scan.record.clone(), double)).collect()
    }

    #[test]
    fn the_later_of_two_gates_is_the_double_whatever_the_order() {
        // It held 1 and let in 2: 1 − 2 = −1.
        let (first, second) = (scan(10, 1, "a.1.1"), scan(20, 1, "b.1.1"));
        let expected = vec![("a.1.1".to_owned(), false), ("b.1.1".to_owned(), true)];
        assert_eq!(doubles(&[first.clone(), second.clone()], -1), expected);
        assert_eq!(doubles(&[second, first], -1), expected);
    }

    #[test]
    fn nothing_is_double_while_there_was_enough() {
        let scans = [scan(10, 2, "a.1.1"), scan(20, 1, "b.1.1")];
        assert!(doubles(&scans, 0).iter().all(|(_, double)| !double));
        // It held 2: the second entry of the first scan is paid for, the second scan is not.
        assert_eq!(doubles(&scans, -1).iter().filter(|(_, double)| *double).count(), 1);
    }
}
