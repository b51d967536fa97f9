//! Properties of records: keys, chains, postings, replay, and what explains itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kopilka::document::{canonical, from_node};
use kopilka::json::Node;
use kopilka::*;
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use rust_decimal::Decimal;

use crate::book::{card, cards, cases, refund_with};
use crate::order::{Case, after, case, opening, sold};

/// A life of a sale: reserved or sold, then refunded, voided or cancelled.
fn live(case: &Case, path: u8) -> (Book, Vec<Request>) {
    let mut book = case.book();
    let mut asked = Vec::new();
    let mut call = |book: &mut Book, at: i64, command: Command, key: &str| {
        let request = Request::new(after(at), command).with_key(key);
        let answer = book.call(&request).unwrap();
        asked.push(request);
        answer
    };
    let sell = case.sell().command;
    let reserve = case.reserve().command;
    let token = |answer: Answer| match answer {
        Answer::Sale(sale) => sale.token.unwrap(),
        other => panic!("not a sale: {other:?}"),
    };
    let first =
        token(call(&mut book, 1, if path.is_multiple_of(2) { sell } else { reserve }, "first"));
    if path % 2 == 1 {
        if path % 8 == 7 {
            let cancel = Cancel { token: first.clone(), ..Cancel::default() };
            call(&mut book, 2, Command::Cancel(cancel), "cancel");
            return (book, asked);
        }
        let confirm = Confirm { token: first.clone(), ..Confirm::default() };
        let late = if path % 4 == 1 { 5 } else { 1 };
        call(&mut book, late, Command::Confirm(confirm), "confirm");
    }
    if path.is_multiple_of(3) {
        let void = Void { token: first, ..Void::default() };
        call(&mut book, 6, Command::Void(void), "void");
        return (book, asked);
    }
    let line = case.live_lines().first().map(|line| line.id.clone()).unwrap();
    let lines = vec![RefundLine { line, quantity: Some(Decimal::new(1, 3)) }];
    let refund = Refund { lines, ..refund_with(&first) };
    call(&mut book, 7, Command::Refund(refund), "refund");
    call(&mut book, 8, Command::Refund(refund_with(&first)), "rest");
    let unlinked = Refund { order: Some(case.order.clone()), ..Refund::default() };
    call(&mut book, 9, Command::Refund(unlinked), "unlinked");
    (book, asked)
}

fn has_lines(case: &Case) -> bool {
    !case.live_lines().is_empty()
}

pub fn check_postings(record: &Record) -> TestCaseResult {
    for effect in &record.effects {
        if let Effect::Posted(posted) = effect {
            let sum: i64 = posted.postings.iter().map(|posting| posting.amount.units).sum();
            prop_assert_eq!(sum, 0, "{:?}", posted);
            prop_assert!(posted.postings.iter().all(|posting| posting.amount.units != 0));
        }
    }
    Ok(())
}

pub fn check_balance(balance: &Balance) -> TestCaseResult {
    let Balance { debt, expired, expiring, held, pending, posted, spendable, .. } = balance;
    let left = spendable.units + held.units + pending.units;
    prop_assert_eq!(posted.units, left + expired.units - debt.units, "{:?}", balance);
    prop_assert_eq!(expiring.iter().map(|one| one.amount.units).sum::<i64>(), left);
    let parts = [debt, expired, held, pending, spendable];
    prop_assert!(parts.iter().all(|part| part.units >= 0), "{:?}", balance);
    prop_assert!(expiring.iter().all(|one| one.amount.units > 0), "{:?}", balance);
    prop_assert!(spendable.units == 0 || debt.units == 0, "{:?}", balance);
    Ok(())
}

/// Reads back what was written, and writes it again.
fn round_trip<T: kopilka::document::Document + PartialEq + std::fmt::Debug>(
    value: &T,
) -> TestCaseResult {
    let text = canonical(value);
    let node = Node::parse(&text, usize::MAX).unwrap();
    prop_assert_eq!(&node.canonical(), &text);
    match from_node::<T>(&node) {
        Ok(read) => prop_assert_eq!(&canonical(&read), &text),
        Err(error) => prop_assert!(false, "{} in {}", error, text),
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(150))]

    // 14
    #[test]
    fn the_same_key_gets_the_same_bytes_and_another_content_a_conflict(case in case(), path in 0u8..24) {
        prop_assume!(has_lines(&case));
        let (mut book, asked) = live(&case, path);
        let count = book.entries().len();
        let before = cards(&mut book, after(20), &case.cards);
        for request in asked.iter().rev() {
            let key = request.key.as_ref().unwrap();
            let entries = book.entries().iter();
            let entry = entries.clone().find(|e| e.record.envelope.key == *key).unwrap();
            let first = canonical(&entry.answer());
            let mut again = request.clone();
            again.at = after(30);
            again.correlation = Some("again".into());
            prop_assert_eq!(first, canonical(&book.call(&again).unwrap()));
            let mut other = request.clone();
            other.command = Command::Issue(Issue { card: "1777".into(), ..Issue::default() });
            let error = book.call(&other).unwrap_err();
            prop_assert_eq!((error.code(), error.path()), (ErrorCode::KeyConflict, "/key"));
        }
        prop_assert_eq!(book.entries().len(), count);
        prop_assert_eq!(before, cards(&mut book, after(20), &case.cards));
    }

    // 15
    #[test]
    fn records_of_two_tills_that_earn_give_one_balance_in_any_order(one in case(), two in case(), turns in any::<u64>()) {
        // Both tills know the card; each sells on its own, and a third reads both journals.
        let mut one = one;
        one.order.spend = Spend::default();
        let program = one.compiled();
        let mut two = Case { program: one.program.clone(), cards: one.cards.clone(), ..two };
        two.order.spend = Spend::default();
        two.order.currency.clone_from(&one.order.currency);
        two.order.rate = one.order.rate;
        two.order.discounts.clear();
        two.order.tenders.clear();
        let first = one.book();
        let sales = |till: &str, case: &Case| {
            let mut slice = Slice::new(till, 1);
            for entry in first.entries() {
                apply(&mut slice, entry);
            }
            let mut made = Vec::new();
            for number in 0..2 {
                let request = case.sell().with_key(format!("{till}-{number}"));
                let Decision::Record(record) = decide(&program, &slice, &request).unwrap() else {
                    panic!("a sale makes a record")
                };
                let mut record = *record;
                record.envelope.till = till.into();
                made.push(Entry::seal(record));
                apply(&mut slice, made.last().unwrap());
            }
            made
        };
        let (left, right) = (sales("till-a", &one), sales("till-b", &two));
        let read = |entries: &[Arc<Entry>]| {
            let mut slice = Slice::new("centre", 1);
            for entry in first.entries().iter().chain(entries) {
                apply(&mut slice, entry);
            }
            let read = |issue: &Issue| {
                let query = CardQuery { card: issue.card.clone(), ..CardQuery::default() };
                let request = Request::new(after(30), Command::Balance(query));
                match decide(&program, &slice, &request).unwrap() {
                    Decision::Answer(answer) => canonical(&*answer),
                    other => panic!("a balance changes nothing: {other:?}"),
                }
            };
            one.cards.iter().map(read).collect::<Vec<_>>()
        };
        let mut mixed = Vec::new();
        let (mut own, mut other) = (left.iter().cloned(), right.iter().cloned());
        for turn in 0..4 {
            let next = if turns >> turn & 1 == 0 { own.next() } else { other.next() };
            mixed.extend(next);
        }
        mixed.extend(own.chain(other));
        let straight: Vec<_> = left.iter().chain(&right).cloned().collect();
        prop_assert_eq!(read(&straight), read(&mixed));
    }

    // 19
    #[test]
    fn requests_answers_and_records_survive_being_written_and_read(case in case(), path in 0u8..24) {
        prop_assume!(has_lines(&case));
        let (book, asked) = live(&case, path);
        round_trip(&case.program)?;
        for request in &asked {
            round_trip(request)?;
        }
        for entry in book.entries() {
            round_trip(&entry.record)?;
            round_trip(&entry.answer())?;
            round_trip(&explanation(entry))?;
        }
        round_trip(&Answer::Quote(Box::new(case.quote())))?;
    }

    #[test]
    fn the_postings_of_every_record_add_up_to_zero(case in case(), path in 0u8..24) {
        prop_assume!(has_lines(&case));
        let (book, _) = live(&case, path);
        let mut posted: BTreeMap<(String, String), i64> = BTreeMap::new();
        for entry in book.entries() {
            check_postings(&entry.record)?;
            for effect in &entry.record.effects {
                if let Effect::Posted(effect) = effect {
                    for posting in &effect.postings {
                        let key = (effect.points.clone(), posting.account.clone());
                        *posted.entry(key).or_default() += posting.amount.units;
                    }
                }
            }
        }
        // The posted balance is the fold of the postings.
        let mut book = book;
        for issue in &case.cards {
            for balance in card(&mut book, after(20), &issue.card).balances {
                let key = (balance.points.clone(), format!("card:{}", issue.card));
                let sum = posted.get(&key).copied().unwrap_or(0);
                prop_assert_eq!(sum, balance.posted.units);
            }
        }
    }

    #[test]
    fn a_balance_is_what_its_parts_and_its_schedule_add_up_to(case in case(), path in 0u8..24) {
        prop_assume!(has_lines(&case));
        let (book, _) = live(&case, path);
        let mut replayed = Slice::new("till-1", 1);
        let program = case.compiled();
        for entry in book.entries() {
            apply(&mut replayed, entry);
            for hours in [1, 2, 9, 40, 1_000] {
                for issue in &case.cards {
                    let query = CardQuery { card: issue.card.clone(), ..CardQuery::default() };
                    let request = Request::new(after(hours), Command::Balance(query));
                    // Cards are issued one by one.
                    let Ok(Decision::Answer(answer)) = decide(&program, &replayed, &request) else {
                        continue;
                    };
                    let Answer::Card(answer) = *answer else { panic!("not a card") };
                    for balance in &answer.card.balances {
                        check_balance(balance)?;
                    }
                }
            }
        }
    }

    #[test]
    fn every_record_continues_the_chain_and_time_never_goes_back(case in case(), path in 0u8..24) {
        prop_assume!(has_lines(&case));
        let (book, _) = live(&case, path);
        let mut previous = RecordHash::default();
        let mut time = opening();
        let program = case.compiled();
        for (place, entry) in book.entries().iter().enumerate() {
            let envelope = &entry.record.envelope;
            prop_assert_eq!(envelope.sequence, u64::try_from(place).unwrap() + 1);
            prop_assert_eq!(&envelope.previous, &previous.to_string());
            prop_assert_eq!(RecordHash::of(canonical(&entry.record).as_bytes()), entry.hash);
            prop_assert!(envelope.logical_at >= time && envelope.logical_at >= envelope.at);
            prop_assert_eq!(&envelope.program.version, program.version());
            (previous, time) = (entry.hash, envelope.logical_at);
        }
    }

    #[test]
    fn records_read_back_and_replayed_give_the_live_balances(case in case(), path in 0u8..24) {
        prop_assume!(has_lines(&case));
        let (mut book, _) = live(&case, path);
        let mut replayed = Slice::new("till-1", 1);
        let read = |entry: &Arc<Entry>| {
            let node = Node::parse(&canonical(&entry.record), usize::MAX).unwrap();
            Entry::seal(from_node::<Record>(&node).unwrap())
        };
        for entry in book.entries() {
            let again = read(entry);
            prop_assert_eq!(again.hash, entry.hash);
            prop_assert_eq!(again.answer(), entry.answer());
            apply(&mut replayed, &again);
        }
        let program = case.compiled();
        for issue in &case.cards {
            let query = CardQuery { card: issue.card.clone(), ..CardQuery::default() };
            let request = Request::new(after(20), Command::Balance(query));
            let live = book.call(&request).unwrap();
            let Decision::Answer(answer) = decide(&program, &replayed, &request).unwrap() else {
                panic!("a balance changes nothing")
            };
            prop_assert_eq!(canonical(&live), canonical(&*answer));
        }
        let entries = book.entries().iter().map(|entry| (entry.hash, read(entry).record.clone()));
        let entries: Vec<(RecordHash, Record)> = entries.collect();
        let rebuilt = Book::rebuild("till-1", program, entries).unwrap();
        prop_assert_eq!(rebuilt.slice().head().hash, book.slice().head().hash);
        let now = cards(&mut book, after(20), &case.cards);
        prop_assert_eq!(cards(&mut rebuilt.clone(), after(20), &case.cards), now);
    }

    #[test]
    fn a_preview_tells_the_effects_and_changes_nothing(case in case(), reserved in any::<bool>()) {
        let mut book = case.book();
        let request = if reserved { case.reserve() } else { case.sell() };
        let before = (book.entries().len(), cards(&mut book, after(1), &case.cards));
        for key in [None, request.key.clone()] {
            let preview = sold(&mut book, &Request { preview: true, key, ..request.clone() });
            prop_assert!(preview.token.is_none());
            prop_assert_eq!(&before, &(book.entries().len(), cards(&mut book, after(1), &case.cards)));
            let mut fresh = book.clone();
            let real = sold(&mut fresh, &request);
            prop_assert_eq!(preview.quote, real.quote);
            prop_assert_eq!(preview.balances, real.balances);
            prop_assert_eq!(preview.reasons, real.reasons);
        }
    }

    #[test]
    fn what_is_quoted_is_what_is_sold_reserved_and_confirmed(case in case()) {
        let quote = Quote { explanation: None, ..case.quote() };
        let expect = Some(quote.quote_id.clone());
        let order = case.order.clone();
        let sell = SellOrder { expect: expect.clone(), order: order.clone() };
        let request = Request::new(after(1), Command::Sell(sell)).with_key("sale");
        let sale = sold(&mut case.book(), &request);
        prop_assert_eq!(sale.quote.as_ref(), Some(&quote));
        let mut book = case.book();
        let reserve = ReserveOrder { expect, order, ..ReserveOrder::default() };
        let request = Request::new(after(1), Command::Reserve(reserve)).with_key("sale");
        let held = sold(&mut book, &request);
        prop_assert_eq!(held.quote.as_ref(), Some(&quote));
        let confirm = Confirm { token: held.token.unwrap(), ..Confirm::default() };
        let request = Request::new(after(1), Command::Confirm(confirm)).with_key("confirm");
        let confirmed = sold(&mut book, &request).quote.unwrap();
        prop_assert_eq!(&confirmed.quote_id, &quote.quote_id);
        prop_assert_eq!(&confirmed.lines, &quote.lines);
        prop_assert_eq!(&confirmed.points, &quote.points);
        prop_assert_eq!((&confirmed.totals, &confirmed.taxes), (&quote.totals, &quote.taxes));
        // The same effects, and so the same balances as a sale at once.
        let mut at_once = case.book();
        sold(&mut at_once, &case.sell());
        let own = |book: &mut Book| -> Vec<Vec<Balance>> {
            case.cards.iter().map(|i| card(book, after(1), &i.card).balances).collect()
        };
        prop_assert_eq!(own(&mut book), own(&mut at_once));
    }

    #[test]
    fn another_quote_than_expected_is_refused_and_holds_nothing(case in case()) {
        let mut book = case.book();
        let reserve = ReserveOrder { expect: Some("other".into()), order: case.order.clone(), ..ReserveOrder::default() };
        let request = Request::new(after(1), Command::Reserve(reserve)).with_key("sale");
        let before = cards(&mut book, after(1), &case.cards);
        let error = book.call(&request).unwrap_err();
        prop_assert_eq!(error.code(), ErrorCode::OrderChanged);
        prop_assert_eq!(before, cards(&mut book, after(1), &case.cards));
    }

    #[test]
    fn the_slice_that_a_command_touches_decides_as_the_whole_book_does(case in case(), path in 0u8..24) {
        prop_assume!(has_lines(&case));
        let (book, asked) = live(&case, path);
        let program = case.compiled();
        // The book as it was before each request.
        for (place, request) in asked.iter().enumerate() {
            let earlier = book.entries().len() - asked.len() + place;
            let entries = &book.entries()[..earlier];
            let mut whole = Slice::new("till-1", 1);
            entries.iter().for_each(|entry| apply(&mut whole, entry));
            let part = partial(&program, entries, request);
            prop_assert_eq!(part.head().hash, whole.head().hash);
            let record = |slice: &Slice| match decide(&program, slice, request).unwrap() {
                Decision::Record(record) => canonical(&*record),
                other => panic!("not a record: {other:?}"),
            };
            prop_assert_eq!(record(&part), record(&whole));
        }
    }
}

/// What a record is about.
fn keys_of(entry: &Entry) -> BTreeSet<Key> {
    let mut keys = BTreeSet::from([Key::Command(entry.record.envelope.key.clone())]);
    for effect in &entry.record.effects {
        let (card, sale) = match effect {
            Effect::CardActivated(one) => (Some(&one.card), None),
            Effect::CardClosed(one) => (Some(&one.card), None),
            Effect::CardIssued(one) => (Some(&one.card), None),
            Effect::CouponIssued(one) => (one.card.as_ref(), one.sale.as_ref()),
            Effect::CouponMoved(one) => (None, one.sale.as_ref()),
            Effect::DebtMoved(one) => (Some(&one.card), None),
            Effect::HoldEnded(one) => (Some(&one.card), Some(&one.sale)),
            Effect::HoldPlaced(one) => (Some(&one.card), Some(&one.sale)),
            Effect::LimitHeld(one) => (None, Some(&one.sale)),
            Effect::LimitHoldEnded(one) => (None, Some(&one.sale)),
            Effect::LotDated(one) => (Some(&one.card), None),
            Effect::LotMoved(one) => (Some(&one.card), None),
            Effect::LotOpened(one) => (Some(&one.card), one.sale.as_ref()),
            Effect::PeriodClosed(one) => (Some(&one.card), None),
            Effect::Referred(one) => (Some(&one.card), None),
            Effect::ReferralPaid(one) => (Some(&one.card), None),
            Effect::SpendCounted(one) => (Some(&one.card), None),
            Effect::TierHeld(one) => (Some(&one.card), None),
            Effect::RefundMade(one) => (None, one.sale.as_ref()),
            Effect::SaleCancelled(one) | Effect::SaleVoided(one) => (None, Some(&one.sale)),
            Effect::SaleConfirmed(one) => (None, Some(&one.sale)),
            Effect::SaleOpened(one) => (None, Some(&one.sale)),
            Effect::BillMoved(one) => (None, Some(&one.sale)),
            Effect::SaleDisputed(one) => (None, Some(&one.sale)),
            Effect::SaleRegrouped(one) => (None, Some(&one.sale)),
            // No sale moves anything else.
            _ => (None, None),
        };
        let coupon = match effect {
            Effect::CouponIssued(one) => Some(&one.code),
            Effect::CouponMoved(one) => Some(&one.code),
            _ => None,
        };
        let limit = match effect {
            Effect::LimitCounted(one) => Some((&one.limit, &one.subject)),
            Effect::LimitHeld(one) => Some((&one.usage.limit, &one.usage.subject)),
            Effect::LimitHoldEnded(one) => Some((&one.limit, &one.subject)),
            _ => None,
        };
        keys.extend(card.map(|card| Key::Card(card.clone())));
        keys.extend(coupon.map(|code| Key::Coupon(code.to_ascii_uppercase())));
        keys.extend(limit.map(|(limit, subject)| Key::Limit(limit.clone(), subject.clone())));
        keys.extend(sale.map(|sale| Key::Sale(sale.clone())));
    }
    keys
}

/// A slice of only the records about what a command touches, and the last one for the head.
fn partial(program: &Program, entries: &[Arc<Entry>], request: &Request) -> Slice {
    let mut wanted: BTreeSet<Key> = BTreeSet::new();
    loop {
        let mut slice = Slice::new("till-1", 1);
        for (place, entry) in entries.iter().enumerate() {
            let about = !keys_of(entry).is_disjoint(&wanted);
            if about || place + 1 == entries.len() {
                apply(&mut slice, entry);
            }
        }
        let touched: BTreeSet<Key> =
            touches(program, &slice, &request.command, request.key.as_deref())
                .into_iter()
                .collect();
        if touched.is_subset(&wanted) {
            return slice;
        }
        wanted.extend(touched);
    }
}
