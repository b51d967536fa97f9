//! Properties of limits and budgets: several tills call one book in any order, and a naive count of
//! what was decided says what the next call may still give.

use kopilka::*;
use proptest::prelude::*;

use crate::book::cases;
use crate::tills::{CARDS, Guest, Step, Tills, limits, program, steps};

proptest! {
    #![proptest_config(cases(1_500))]

    #[test]
    fn whoever_calls_first_no_limit_is_exceeded_and_nothing_allowed_is_kept_back(limits in limits(), steps in steps()) {
        let mut tills = Tills::new(&limits);
        for (number, step) in steps.iter().enumerate() {
            if let Err(TestCaseError::Fail(why)) = tills.take(step) {
                prop_assert!(false, "step {}, {:?}: {}", number, step, why);
            }
        }
    }

    #[test]
    fn a_book_rebuilt_counts_the_same(limits in limits(), steps in steps(), price in 2_000i64..20_000) {
        let mut tills = Tills::new(&limits);
        for step in &steps {
            tills.take(step)?;
        }
        let entries = tills.book.entries().iter().map(|one| (one.hash, one.record.clone()));
        let entries: Vec<(RecordHash, Record)> = entries.collect();
        let rebuilt = Book::rebuild("till-1", program(&limits), entries).unwrap();
        tills.book = rebuilt;
        for card in 0..CARDS.len() {
            for till in 0..3 {
                let guest = Guest { card, till, store: Some(till % 2), price };
                tills.take(&Step::Quote(guest))?;
            }
        }
    }
}
