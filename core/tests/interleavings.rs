//! Every order in which the calls of several tills can reach one book: no limit or budget is ever
//! passed, whichever comes first.

use jiff::{SignedDuration, Timestamp};
use kopilka::{
    Answer, Book, Cancel, Command, Confirm, Line, Order, Program, ReasonCode, Request,
    ReserveOrder, SaleStatus, SellOrder, Void,
};
use rust_decimal::Decimal;

/// What a till does, in its own order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Call {
    Reserve,
    Confirm,
    Cancel,
    Sell,
    Void,
}

/// The tills: one completes its sale, one gives up, one never comes back, one sells at once, and one
/// undoes what it sold.
const TILLS: [&[Call]; 5] = [
    &[Call::Reserve, Call::Confirm],
    &[Call::Reserve, Call::Cancel],
    &[Call::Reserve],
    &[Call::Sell],
    &[Call::Sell, Call::Void],
];

/// What a sale has of the limit: its discount in smallest units, while it holds or keeps it.
#[derive(Clone, Copy, Debug, Default)]
struct Share {
    discount: i64,
    /// Until when it only holds it; `None` once it keeps it.
    until: Option<Timestamp>,
    counts: bool,
}

#[derive(Clone)]
struct Walk {
    book: Book,
    at: Timestamp,
    /// How many calls each till has made.
    made: [usize; TILLS.len()],
    tokens: [String; TILLS.len()],
    shares: [Share; TILLS.len()],
    calls: usize,
}

impl Walk {
    fn new(limit: &str) -> Walk {
        let document = format!(
            r#"{{
                "id": "t", "currency": "RUB", "zone": "Europe/Moscow",
                "hold": {{ "minutes": 3 }},
                "promotions": [{{ "id": "ten", "then": {{ "amount": {{ "amount": "10.00" }} }} }}],
                "limits": [{{ "id": "l", "covers": ["ten"], {limit} }}]
            }}"#
        );
        let program = Program::compile(&document).unwrap();
        Walk {
            book: Book::new("t", program).unwrap(),
            at: "2026-11-21T12:00:00+03:00".parse().unwrap(),
            made: [0; TILLS.len()],
            tokens: Default::default(),
            shares: [Share::default(); TILLS.len()],
            calls: 0,
        }
    }

    /// What is held and kept at this instant: how many sales have a discount, and their sum.
    fn used(&self) -> (usize, i64) {
        let live = self.shares.iter().filter(|share| {
            share.counts && share.discount > 0 && share.until.is_none_or(|until| until > self.at)
        });
        live.fold((0, 0), |(count, sum), share| (count + 1, sum + share.discount))
    }

    /// The next call of a till, a minute after the last one.
    fn step(&mut self, till: usize) {
        let call = TILLS[till][self.made[till]];
        self.made[till] += 1;
        self.calls += 1;
        self.at = self.at.checked_add(SignedDuration::from_mins(1)).unwrap();
        let order =
            Order { lines: vec![Line::new("1", Decimal::new(10_000, 2))], ..Order::default() };
        let token = self.tokens[till].clone();
        let command = match call {
            Call::Reserve => Command::Reserve(ReserveOrder { order, ..ReserveOrder::default() }),
            Call::Confirm => Command::Confirm(Confirm { token, ..Confirm::default() }),
            Call::Cancel => Command::Cancel(Cancel { token, ..Cancel::default() }),
            Call::Sell => Command::Sell(SellOrder { order, ..SellOrder::default() }),
            Call::Void => Command::Void(Void { token, ..Void::default() }),
        };
        let key = format!("{till}-{}", self.made[till]);
        let answer = self.book.call(&Request::new(self.at, command).with_key(key)).unwrap();
        let Answer::Sale(sale) = answer else { panic!("{call:?} answers a sale") };
        let late = sale.reasons.iter().any(|reason| reason.code == ReasonCode::ConfirmLate);
        let discount = sale.quote.as_ref().map(|quote| quote.totals.discount.units);
        let share = &mut self.shares[till];
        share.discount = discount.unwrap_or(share.discount);
        share.until = sale.hold_until;
        // What is confirmed past its deadline is flagged and stands, whatever the limit.
        share.counts = matches!(sale.status, SaleStatus::Reserved | SaleStatus::Confirmed) && !late;
        self.tokens[till] = sale.token.unwrap_or_default();
    }

    /// Goes on in every way there is; gives how many ways.
    fn every_way(&self, check: &impl Fn(&Walk)) -> usize {
        let open: Vec<usize> =
            (0..TILLS.len()).filter(|till| self.made[*till] < TILLS[*till].len()).collect();
        if open.is_empty() {
            return 1;
        }
        let mut ways = 0;
        for till in open {
            let mut next = self.clone();
            next.step(till);
            check(&next);
            ways += next.every_way(check);
        }
        ways
    }
}

/// 8 calls, of which three pairs stand in a fixed order: 8! / (2! · 2! · 2!).
const WAYS: usize = 5_040;

#[test]
fn a_limit_of_uses_is_not_passed_by_any_interleaving_of_tills() {
    let check = |walk: &Walk| assert!(walk.used().0 <= 2, "{:?}", walk.shares);
    assert_eq!(Walk::new(r#""uses": 2"#).every_way(&check), WAYS);
}

#[test]
fn a_budget_that_trims_is_spent_to_the_last_and_not_further() {
    let check = |walk: &Walk| assert!(walk.used().1 <= 2_500, "{:?}", walk.shares);
    assert_eq!(Walk::new(r#""money": "25.00""#).every_way(&check), WAYS);
}

#[test]
fn a_budget_that_refuses_gives_only_whole_discounts() {
    let check = |walk: &Walk| {
        assert!(walk.used().1 <= 2_500, "{:?}", walk.shares);
        assert!(walk.shares.iter().all(|share| [0, 1_000].contains(&share.discount)));
    };
    let limit = r#""money": "25.00", "remainder": "refuse""#;
    assert_eq!(Walk::new(limit).every_way(&check), WAYS);
}
