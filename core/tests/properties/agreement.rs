//! Properties of agreement: quote, reserve and confirm, and sell say the same; what is decided again
//! from its record is the same record; and what only the host knows is in none.

use kopilka::document::canonical;
use kopilka::*;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestCaseResult;
use rust_decimal::Decimal;

use crate::book::{cases, refund_with};
use crate::offer::rewarded;
use crate::order::{Case, after, quote_of, sold};

const SECRETS: [&str; 4] = ["1987-10-25", "1990-02-28", "secret-vip", "secret-crew"];

/// A case whose rules also ask for the guest, and of which limits count.
fn personal() -> BoxedStrategy<Case> {
    let leaf = prop_oneof![
        (18u32..40).prop_map(|from| OrderCondition::Age(Whole { from: Some(from), to: None })),
        (0u32..3)
            .prop_map(|before| { OrderCondition::Birthday(BirthdayWindow { after: 1, before }) }),
        select(SECRETS[2..].to_vec()).prop_map(|value| {
            let values = vec![value.into()];
            OrderCondition::GuestAttribute(AttributeIs { name: "status".into(), values })
        }),
    ];
    let leaves = prop::collection::vec((leaf, any::<bool>(), 0u8..4, 0usize..4), 1..4);
    let birthday = prop::option::of(select(SECRETS[..2].to_vec()));
    let status = prop::option::of(select(SECRETS[2..].to_vec()));
    let limits = prop::collection::vec((0u8..4, 0usize..4, 1u32..3, 100i64..9_000), 0..3);
    (rewarded(), leaves, birthday, status, limits)
        .prop_map(|(mut case, leaves, birthday, status, limits)| {
            for (leaf, negated, list, place) in leaves {
                let leaf = if negated { OrderCondition::Not(Box::new(leaf)) } else { leaf };
                ask(&mut case.program, list, place, leaf);
            }
            let attribute = |value: &str| Attribute { name: "status".into(), value: value.into() };
            if birthday.is_some() || status.is_some() {
                case.order.guest = Some(GuestFacts {
                    attributes: status.into_iter().map(attribute).collect(),
                    birthday: birthday.map(Into::into),
                });
            }
            case.program.limits = limits
                .into_iter()
                .enumerate()
                .filter_map(|(id, limit)| limit_over(&case.program, id, limit))
                .collect();
            case
        })
        .boxed()
}

/// Lets a rule ask for one thing more.
fn ask(program: &mut ProgramDocument, list: u8, place: usize, leaf: OrderCondition) {
    let (rules, rewards) = (&mut program.earning.rules, &mut program.rewards);
    let (earns, buys) = (rules.len().max(1), rewards.len().max(1));
    let when = match list {
        0 => rules.get_mut(place % earns).map(|rule| &mut rule.when),
        1 => rewards.get_mut(place % buys).map(|reward| &mut reward.when),
        2 => program.redemption.as_mut().map(|redemption| &mut redemption.when),
        _ => None,
    };
    let count = program.promotions.len();
    let when = match when {
        Some(when) => when,
        None => &mut program.promotions[place % count].when,
    };
    let parts = when.take().into_iter().chain([leaf]);
    *when = Some(OrderCondition::All(parts.collect()));
}

fn limit_over(
    program: &ProgramDocument,
    id: usize,
    (list, place, uses, money): (u8, usize, u32, i64),
) -> Option<Limit> {
    let nth = |ids: Vec<&String>| ids.get(place % ids.len().max(1)).map(|id| id.to_string());
    let covers = match list {
        0 => nth(program.promotions.iter().map(|one| &one.id).collect()),
        1 => nth(program.rewards.iter().map(|one| &one.id).collect()),
        2 => nth(program.earning.rules.iter().map(|one| &one.id).collect()),
        _ => program.redemption.as_ref().map(|_| "redemption".to_owned()),
    };
    let per = [LimitPer::Programme, LimitPer::Card, LimitPer::Guest, LimitPer::Code];
    let earns = list == 2;
    Some(Limit {
        covers: vec![covers?],
        id: format!("l{id}"),
        money: (!earns && place % 2 == 0).then(|| Decimal::from(money / 100)),
        per: per[place % per.len()],
        points: (earns && place % 2 == 0).then(|| Decimal::from(money / 100)),
        remainder: if uses == 1 { Remainder::Refuse } else { Remainder::Trim },
        uses: Some(uses),
        ..Limit::default()
    })
}

/// A receipt without what a confirm says otherwise: the cards are read anew, and why less happened
/// than hoped before earning, and what might have been spent, was told when it was reserved.
fn receipt(quote: &Quote) -> Quote {
    Quote {
        cards: Vec::new(),
        explanation: None,
        reasons: Vec::new(),
        spendable: None,
        ..quote.clone()
    }
}

fn confirm(token: String) -> Request {
    let confirm = Confirm { token, ..Confirm::default() };
    Request::new(after(1), Command::Confirm(confirm)).with_key("confirm")
}

/// A sale at once or reserved and confirmed, and what came back of it.
fn live(case: &Case, path: u8) -> (Book, Vec<Request>) {
    let mut book = case.book();
    let mut asked = vec![if path.is_multiple_of(2) { case.sell() } else { case.reserve() }];
    let sale = sold(&mut book, &asked[0]);
    let token = sale.token.unwrap();
    let mut call = |book: &mut Book, request: Request| {
        let answer = book.call(&request);
        asked.push(request);
        answer.is_ok()
    };
    if path % 2 == 1 {
        call(&mut book, confirm(token.clone()));
    }
    let quoted = sale.quote.unwrap();
    if let Some(line) = quoted.lines.first().filter(|_| !path.is_multiple_of(3)) {
        let quantity = Some(Decimal::new(1, 3));
        let lines = vec![RefundLine { line: line.id.clone(), quantity }];
        let refund = Command::Refund(Refund { lines, ..refund_with(&token) });
        call(&mut book, Request::new(after(2), refund).with_key("part"));
    }
    let request = if path.is_multiple_of(3) {
        let void = Void { token, ..Void::default() };
        Request::new(after(3), Command::Void(void)).with_key("void")
    } else {
        Request::new(after(3), Command::Refund(refund_with(&token))).with_key("rest")
    };
    call(&mut book, request);
    // The record of such a refund has no receipt, and so keeps nothing of the guest.
    let order = Order { guest: None, ..case.order.clone() };
    let unlinked = Refund { order: Some(order), ..Refund::default() };
    call(&mut book, Request::new(after(4), Command::Refund(unlinked)).with_key("unlinked"));
    let again = case.sell();
    call(&mut book, Request { at: after(30), ..again }.with_key("again"));
    (book, asked)
}

/// Decides every record anew from its command alone.
fn check_replay(case: &Case, book: &Book) -> TestCaseResult {
    let program = case.compiled();
    let mut slice = Slice::new("till-1", 1);
    for entry in book.entries() {
        let Record { command, envelope, .. } = &entry.record;
        let judged = entry.quote().map(|quote| quote.judged.clone()).unwrap_or_default();
        let request = Request {
            correlation: envelope.correlation.clone(),
            judged,
            ..Request::new(envelope.at, command.clone()).with_key(envelope.key.clone())
        };
        let again = match decide(&program, &slice, &request) {
            Ok(Decision::Record(record)) => Entry::seal(*record),
            other => return Err(TestCaseError::fail(format!("not decided again: {other:?}"))),
        };
        prop_assert_eq!(canonical(&again.record), canonical(&entry.record));
        prop_assert_eq!(again.hash, entry.hash);
        apply(&mut slice, entry);
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(600))]

    #[test]
    fn quote_reserve_confirm_and_sell_give_the_same_receipt(case in personal()) {
        let quote = receipt(&case.quote());
        let (mut at_once, mut in_two) = (case.book(), case.book());
        let sale = sold(&mut at_once, &case.sell());
        prop_assert_eq!(&receipt(sale.quote.as_ref().unwrap()), &quote);
        let told = Quote { explanation: None, ..case.quote() };
        prop_assert_eq!(sale.quote.as_ref(), Some(&told));
        let held = sold(&mut in_two, &case.reserve());
        prop_assert_eq!(held.quote.as_ref(), Some(&told));
        let confirmed = sold(&mut in_two, &confirm(held.token.unwrap()));
        prop_assert_eq!(&receipt(confirmed.quote.as_ref().unwrap()), &quote);
        let kinds = |sale: &SaleAnswer| -> Vec<String> {
            sale.coupons.iter().map(|coupon| coupon.coupon.clone()).collect()
        };
        prop_assert_eq!(kinds(&sale), kinds(&confirmed));
        for issue in &case.cards {
            let balances = |book: &mut Book| {
                let view = crate::book::card(book, after(1), &issue.card);
                (view.balances, view.spent, view.purchases, view.tier)
            };
            prop_assert_eq!(balances(&mut at_once), balances(&mut in_two));
        }
        // What limits counted is the same too: the next quote cannot tell the books apart.
        let next = |book: &mut Book| Quote { quote_id: String::new(), ..quote_of(book, &case.order) };
        prop_assert_eq!(next(&mut at_once), next(&mut in_two));
    }

    #[test]
    fn a_record_decided_again_from_its_command_has_the_same_hash(case in personal(), path in 0u8..12) {
        let (book, _) = live(&case, path);
        check_replay(&case, &book)?;
    }

    #[test]
    fn the_json_door_and_the_typed_door_agree(case in personal(), path in 0u8..12) {
        let (book, asked) = live(&case, path);
        let mut other = case.book();
        for request in &asked {
            let mut typed = other.clone();
            let answer = typed.call(request);
            let written = other.call_json(&canonical(request));
            match (answer, written) {
                (Ok(answer), Ok(written)) => prop_assert_eq!(canonical(&answer), written),
                (Err(error), Err(other)) => prop_assert_eq!(error.code(), other.code()),
                (one, two) => prop_assert!(false, "{:?} and {:?}", one, two),
            }
            prop_assert_eq!(typed.slice().head().hash, other.slice().head().hash);
        }
        prop_assert_eq!(other.slice().head().hash, book.slice().head().hash);
    }

    #[test]
    fn what_only_the_host_knows_of_the_guest_is_in_no_record(case in personal(), path in 0u8..12) {
        let (book, _) = live(&case, path);
        for entry in book.entries() {
            let text = canonical(&entry.record);
            for secret in SECRETS {
                prop_assert!(!text.contains(secret), "{} in {}", secret, text);
            }
            let told = text.contains("\"guest\":{");
            prop_assert!(!told, "{}", text);
        }
    }

    #[test]
    fn a_sale_judged_before_needs_no_facts_of_the_guest(case in personal()) {
        let told = case.quote();
        let mut silent = case.order.clone();
        silent.guest = None;
        let sell = Command::Sell(SellOrder { order: silent, ..SellOrder::default() });
        let judged = told.judged.clone();
        let request = Request { judged, ..Request::new(after(1), sell).with_key("sale") };
        let sale = sold(&mut case.book(), &request);
        prop_assert_eq!(sale.quote, Some(Quote { explanation: None, ..told }));
    }

    #[test]
    fn without_facts_of_the_guest_no_rule_that_asks_for_them_holds(mut case in personal()) {
        case.order.guest = None;
        let quote = case.quote();
        prop_assert!(quote.judged.iter().all(|one| one.truth == Truth::Unknown), "{:?}", quote.judged);
    }
}
