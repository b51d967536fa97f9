//! What a card owes, for hosts that tell what the records of several tills add up to.

use jiff::Timestamp;

use super::Slice;

impl Slice {
    /// What a card owes of each kind of points at an instant, in smallest units and in the order of
    /// the kinds' ids: what its usable points cannot pay. Nothing of a card that is not known.
    #[must_use]
    pub fn owed(&self, card: &str, at: Timestamp) -> Vec<(String, i64)> {
        let accounts = self.card(card).into_iter().flat_map(|card| card.accounts());
        let read = accounts.map(|(points, account)| (points.to_owned(), account.read(at).debt));
        let mut owed: Vec<(String, i64)> = read.filter(|(_, debt)| *debt > 0).collect();
        owed.sort();
        owed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::Account;
    use crate::record::Lot;
    use crate::slice::CardState;

    #[test]
    fn usable_points_pay_a_debt_before_it_is_said() {
        let at: Timestamp = "2026-11-21T09:00:00Z".parse().unwrap();
        let mut card = CardState::default();
        let account = |points: i64| {
            let mut account = Account::default();
            account.debt = 30;
            let lot = Lot { earned_at: at, id: "a.1.1".into(), ..Lot::default() };
            account.add(&lot, points);
            account
        };
        let (paid, unpaid) = (account(40), account(10));
        card.accounts = vec![("stars".into(), unpaid), ("bonus".into(), paid)];
        let mut slice = Slice::default();
        slice.cards.insert("1001".into(), card);
        assert_eq!(slice.owed("1001", at), [("stars".to_owned(), 20)]);
        assert_eq!(slice.owed("1002", at), []);
    }
}
