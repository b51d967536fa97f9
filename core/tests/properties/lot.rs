//! Properties of lots over random lives of a few cards: what is there, what ended, what moved.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use kopilka::*;
use proptest::prelude::*;

use crate::book::cases;
use crate::lives::{CARDS, Cards, EVENT, Step, program, steps};
use crate::record::{check_balance, check_postings};

fn sum(balances: &[Balance], of: fn(&Balance) -> i64) -> i64 {
    balances.iter().map(of).sum()
}

/// What is there of several cards, by when it ends.
fn schedule(balances: &[Balance]) -> BTreeMap<Option<Timestamp>, i64> {
    let mut schedule = BTreeMap::new();
    for one in balances.iter().flat_map(|balance| &balance.expiring) {
        *schedule.entry(one.at).or_default() += one.amount.units;
    }
    schedule
}

/// What is left of each lot that is for the next order only, by card: opened, less what moved.
fn next_order_lots(book: &Book, card: &str, before: usize) -> BTreeMap<String, (Lot, i64)> {
    let mut lots: BTreeMap<String, (Lot, i64)> = BTreeMap::new();
    for (place, entry) in book.entries().iter().enumerate() {
        for effect in &entry.record.effects {
            match effect {
                Effect::LotOpened(one)
                    if place < before && one.card == card && one.lot.only.is_some() =>
                {
                    lots.insert(one.lot.id.clone(), (one.lot.clone(), one.amount.units));
                }
                Effect::LotMoved(one) if one.card == card => {
                    if let Some((_, left)) = lots.get_mut(&one.lot.id) {
                        *left += one.amount.units;
                    }
                }
                _ => {}
            }
        }
    }
    lots
}

proptest! {
    #![proptest_config(cases(800))]

    #[test]
    fn a_balance_adds_up_and_postings_come_to_zero_after_every_step(document in program(), steps in steps()) {
        let mut life = Cards::new(&document);
        for step in &steps {
            if life.take(step).is_some() {
                check_postings(&life.book.entries().last().unwrap().record)?;
            }
            for hours in [0, 30, 2_000] {
                for balance in life.balances(hours) {
                    check_balance(&balance)?;
                }
            }
        }
    }

    #[test]
    fn points_that_ended_are_never_spendable(document in program(), steps in steps(), later in 1i64..1_000) {
        let mut life = Cards::new(&document);
        for step in &steps {
            let before = life.balances(0);
            let took = life.take(step);
            if let Some(Answer::Sale(sale)) = took
                && let Some(quote) = sale.quote.filter(|_| sale.status == SaleStatus::Reserved)
            {
                let spent: i64 = quote.points.iter().map(|one| one.spent.units).sum();
                prop_assert!(spent <= sum(&before, |one| one.spendable.units));
            }
            let now = life.now;
            for balance in life.balances(0) {
                let ends = balance.expiring.iter().filter_map(|one| one.at);
                prop_assert!(ends.into_iter().all(|at| at > now), "{:?}", balance);
            }
            // Without any call, time takes away exactly what ends. A debt is read against what is
            // usable at the instant, whichever lots these are.
            let (now, then) = (life.balances(0), life.balances(later));
            if life.debt() == 0 {
                let at = life.now + SignedDuration::from_hours(later);
                let mut left = schedule(&now);
                left.retain(|end, _| end.is_none_or(|end| end > at));
                prop_assert_eq!(left, schedule(&then));
            }
        }
    }

    #[test]
    fn closing_a_period_twice_changes_nothing_more(document in program(), steps in steps()) {
        let mut document = document;
        if document.tiering.measure == Measure::Balance {
            // A tier by what is usable is the same again only where no later step changes that.
            document.close.retain(|step| *step != CloseStep::Tiers);
            document.close.push(CloseStep::Tiers);
        }
        let mut life = Cards::new(&document);
        for step in &steps {
            let closed = life.take(step).is_some() && matches!(step, Step::Close { .. });
            if !closed {
                continue;
            }
            let before = life.views(0);
            let Some(Answer::Changed(again)) = life.take(step) else { panic!("not closed again") };
            prop_assert_eq!(&before, &life.views(0));
            prop_assert!(again.balances.is_empty() && again.coupons.is_empty(), "{:?}", again);
            prop_assert!(again.tiers.is_empty(), "{:?}", again.tiers);
        }
    }

    #[test]
    fn a_close_writes_off_what_ended_and_nothing_else(document in program(), steps in steps()) {
        let mut document = document;
        document.auto_redemption.clear();
        document.close = vec![CloseStep::Activation, CloseStep::Expiry];
        let mut life = Cards::new(&document);
        for step in &steps {
            let before = life.balances(0);
            let closed = life.take(step).is_some() && matches!(step, Step::Close { all: true, .. });
            if closed {
                let after = life.balances(0);
                prop_assert_eq!(sum(&after, |one| one.expired.units), 0);
                let posted = |one: &Balance| one.posted.units + one.debt.units;
                let left = sum(&before, posted) - sum(&before, |one| one.expired.units);
                prop_assert_eq!(sum(&after, posted), left);
                prop_assert_eq!(schedule(&before), schedule(&after));
            }
        }
    }

    #[test]
    fn a_transfer_neither_creates_nor_loses_points(document in program(), steps in steps()) {
        let mut life = Cards::new(&document);
        for step in &steps {
            let (before, debt) = (life.balances(0), life.debt());
            let moved = life.take(step).is_some();
            let Step::Transfer { from, to, amount } = step else { continue };
            let after = life.balances(0);
            prop_assert_eq!(sum(&before, |one| one.posted.units), sum(&after, |one| one.posted.units));
            let keeps = document.transfer.as_ref().unwrap().clock == TransferClock::Keep;
            if !moved || (keeps && debt == 0) {
                prop_assert_eq!(schedule(&before), schedule(&after));
            }
            if moved && from != to {
                let posted = |balances: &[Balance], place: usize| balances[place].posted.units;
                prop_assert_eq!(posted(&after, *from), posted(&before, *from) - amount);
                prop_assert_eq!(posted(&after, *to), posted(&before, *to) + amount);
            }
        }
    }

    #[test]
    fn a_book_rebuilt_from_its_records_is_the_same(document in program(), steps in steps()) {
        let mut life = Cards::new(&document);
        for step in &steps {
            life.take(step);
        }
        let entries = life.book.entries().iter().map(|one| (one.hash, one.record.clone()));
        let rebuilt = Book::rebuild("till-1", life.program.clone(), entries).unwrap();
        prop_assert_eq!(rebuilt.slice().head().hash, life.book.slice().head().hash);
        for hours in [0, 30, 2_000] {
            let live = life.views(hours);
            let mut again = Cards { book: rebuilt.clone(), now: life.now, ..Cards::new(&document) };
            prop_assert_eq!(live, again.views(hours));
        }
    }

    #[test]
    fn usable_points_for_the_next_order_are_gone_after_it(document in program(), steps in steps()) {
        let mut document = document;
        document.earning.rules[0].only = Some(LotOnly::NextOrder);
        document.earning.rules[0].give = Give::PerVisit(25.into());
        let mut life = Cards::new(&document);
        for step in &steps {
            // Points that are held for another sale are not this one's to lose.
            if matches!(step, Step::Reserve { .. }) {
                continue;
            }
            let before = life.book.entries().len();
            let sold = life.take(step).is_some();
            let Step::Sell { card, .. } = step else { continue };
            if !sold {
                continue;
            }
            for (lot, left) in next_order_lots(&life.book, CARDS[*card], before).into_values() {
                let ended = lot.expires_at.is_some_and(|end| end <= life.now);
                let waits = lot.event.is_some() || lot.opens_at.is_some_and(|at| at > life.now);
                prop_assert!(ended || waits || left == 0, "{} left of {:?}", left, lot);
            }
        }
    }

    #[test]
    fn an_event_makes_usable_once_what_waited_for_it(document in program(), steps in steps()) {
        let mut document = document;
        document.earning.rules[0].delay = Some(Start::Event(EVENT.into()));
        let mut life = Cards::new(&document);
        for step in &steps {
            let before = life.balances(0);
            let done = life.take(step).is_some();
            if done && matches!(step, Step::Activate { .. }) {
                let after = life.balances(0);
                prop_assert_eq!(sum(&before, |one| one.posted.units), sum(&after, |one| one.posted.units));
                prop_assert!(sum(&after, |one| one.pending.units) <= sum(&before, |one| one.pending.units));
                life.take(step);
                prop_assert_eq!(after, life.balances(0));
            }
        }
    }
}
