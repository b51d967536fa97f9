//! Quote, reserve and confirm, sell, and the same commands decided again: all say the same.

use kopilka::document::canonical;
use kopilka::*;
use proptest::prelude::*;

use crate::book::cases;
use crate::offer::{promoted, rewarded};
use crate::order::{Case, after, sold};

/// What nobody but the host may know of the guest.
const SECRET: &str = "only-the-host-knows";

/// What a receipt does, without what only the moment of asking tells.
fn outcome(quote: &Quote) -> Quote {
    Quote { cards: Vec::new(), explanation: None, spendable: None, ..quote.clone() }
}

/// The receipt of a sale that was reserved and then confirmed at the same instant.
fn confirmed(case: &Case) -> Quote {
    let mut book = case.book();
    let reserved = sold(&mut book, &case.reserve());
    let token = reserved.token.unwrap_or_default();
    let confirm = Command::Confirm(Confirm { token, ..Confirm::default() });
    let request = Request::new(after(1), confirm).with_key("confirm");
    sold(&mut book, &request).quote.unwrap_or_default()
}

/// The case with a guest of whom conditions ask.
fn with_guest(mut case: Case) -> Case {
    let asked = AttributeIs { name: "status".into(), values: vec![SECRET.into()] };
    for (number, promotion) in case.program.promotions.iter_mut().enumerate() {
        promotion.when = Some(match number % 3 {
            0 => OrderCondition::GuestAttribute(asked.clone()),
            1 => OrderCondition::Birthday(BirthdayWindow { before: 30, after: 30 }),
            _ => OrderCondition::Age(Whole { from: Some(18), to: None }),
        });
    }
    let status = Attribute { name: "status".into(), value: SECRET.into() };
    let birthday = Some("1990-10-30".into());
    case.order.guest = Some(GuestFacts { attributes: vec![status], birthday });
    case
}

/// Whether deciding the commands of a book again gives the same records.
fn replays(case: &Case, book: &Book) -> bool {
    let mut again = Book::new("till-1", case.compiled()).unwrap();
    book.entries().iter().all(|entry| {
        let envelope = &entry.record.envelope;
        let request = Request {
            at: envelope.at,
            command: entry.record.command.clone(),
            judged: entry.quote().map(|quote| quote.judged.clone()).unwrap_or_default(),
            ..Request::default()
        };
        let outcome = again.call(&request.with_key(envelope.key.clone()));
        outcome.is_ok() && again.entries().last().is_some_and(|last| last.hash == entry.hash)
    })
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn a_quote_a_confirmed_sale_and_a_sale_at_once_say_the_same(case in prop_oneof![promoted(), rewarded()]) {
        let quote = case.quote();
        let at_once = sold(&mut case.book(), &case.sell()).quote.unwrap_or_default();
        prop_assert_eq!(outcome(&quote), outcome(&at_once));
        let confirmed = confirmed(&case);
        prop_assert_eq!(&confirmed.quote_id, &quote.quote_id);
        prop_assert_eq!(&confirmed.lines, &quote.lines);
        prop_assert_eq!(&confirmed.points, &quote.points);
        prop_assert_eq!(&confirmed.totals, &quote.totals);
        prop_assert_eq!(&confirmed.taxes, &quote.taxes);
        prop_assert_eq!(&confirmed.coupons, &quote.coupons);
        prop_assert_eq!(&confirmed.codes, &quote.codes);
        prop_assert_eq!(&confirmed.limits, &quote.limits);
        prop_assert_eq!(&confirmed.judged, &quote.judged);
    }

    #[test]
    fn what_only_the_host_knows_is_judged_and_never_recorded(case in promoted()) {
        let case = with_guest(case);
        let mut book = case.book();
        let quote = sold(&mut book, &case.reserve()).quote.unwrap_or_default();
        prop_assert!(quote.judged.iter().all(|one| one.truth != Truth::Unknown));
        let token = book.entries().last().unwrap().token().to_string();
        let confirm = Command::Confirm(Confirm { token, ..Confirm::default() });
        let done = sold(&mut book, &Request::new(after(1), confirm).with_key("confirm"));
        prop_assert_eq!(done.quote.unwrap_or_default().quote_id, quote.quote_id);
        for entry in book.entries() {
            let text = canonical(&entry.record);
            prop_assert!(!text.contains(SECRET) && !text.contains("1990-10-30"));
        }
        prop_assert!(replays(&case, &book));
    }

    #[test]
    fn the_same_order_as_text_and_as_types_has_the_same_answer(case in prop_oneof![promoted(), rewarded()]) {
        let request = case.sell();
        let typed = case.book().call(&request).unwrap();
        let text = case.book().call_json(&canonical(&request)).unwrap();
        prop_assert_eq!(canonical(&typed), text);
    }
}
