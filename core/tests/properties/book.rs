//! What tests ask of a book.

use jiff::Timestamp;
use kopilka::document::canonical;
use kopilka::*;
use proptest::test_runner::{Config, RngSeed};

/// So many cases, the same in every run; or as many as `PROPTEST_CASES` says, others each time.
pub fn cases(quick: u32) -> Config {
    let asked = std::env::var_os("PROPTEST_CASES").is_some();
    let config = Config { failure_persistence: None, ..Config::default() };
    let rng_seed = RngSeed::Fixed(2026);
    if asked { config } else { Config { cases: quick, rng_seed, ..config } }
}

pub fn card(book: &mut Book, at: Timestamp, number: &str) -> CardView {
    let query = CardQuery { card: number.into(), ..CardQuery::default() };
    match book.call(&Request::new(at, Command::Balance(query))).unwrap() {
        Answer::Card(answer) => answer.card,
        other => panic!("a card answers a balance, not {other:?}"),
    }
}

/// Every card of the book as it is at an instant, in canonical form.
pub fn cards(book: &mut Book, at: Timestamp, issued: &[Issue]) -> Vec<String> {
    issued.iter().map(|issue| canonical(&card(book, at, &issue.card))).collect()
}

pub fn refund_with(token: &str) -> Refund {
    Refund { token: Some(token.into()), ..Refund::default() }
}
