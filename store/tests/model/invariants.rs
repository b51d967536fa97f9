//! The invariants of a ledger, each as what can be seen of it from outside: over the JSON of records
//! and over public answers. Nothing here calls the engine's rules.
//!
//! There are no leases here: a till that has no word from the backend spends within bounds of the
//! programme instead. Where an invariant speaks of leases (I5, I6, I35), the nearest that is promised
//! is checked. The checks of invariant 4 begin with `i04_`, and so on:
//!
//! | | what must hold | checked by |
//! | --- | --- | --- |
//! | 1 | per asset all postings add up to nothing | `i01_per_asset_…` over all that is known, after each step |
//! | 2 | each movement does | `i02_every_movement_…` of each record |
//! | 3 | a balance is the fold of postings | `i03_a_balance_…` of each card, `i03_the_report_…`, after each step |
//! | 4 | nobody spends or holds what is not there | `i04_nobody_…` of each decision, lot by lot |
//! | 5 | leases are covered: a till on its own spends what it knows of | `i05_a_till_on_its_own_…`; `i05_a_planned_window_…`: it knows that it is on its own |
//! | 6 | no more than the lease: than the bounds of `offline` | `i06_a_till_on_its_own_…` |
//! | 7 | what is missing is owed, nothing is below zero | `i07_what_was_given_away_…` after each step |
//! | 8 | no overflow | `i08_no_sum_…` of each record, `i08_what_cannot_be_counted_…` of each such call |
//! | 9 | amounts are above zero | `i09_what_is_given_…`; the maximum of a gift card is in I12 |
//! | 10 | lots add up and are eaten in order | `i10_what_is_posted_…`, `i10_lots_are_eaten_…`, I3 for what is held |
//! | 11 | of a lot: earned = spent + expired + left | `i11_of_every_lot_…` |
//! | 12 | gift cards: one currency, no more than was loaded | `i12_a_gift_card_…`, `i12_no_more_…` |
//! | 13 | stamps within the card | `i13_a_stamp_card_…` |
//! | 14 | coupon uses within the limit | `i14_a_coupon_…`, by all that the till knows |
//! | 15 | a ticket lets in once | `i15_no_ticket_…`, the same |
//! | 16 | no more comes back than was sold | `i16_no_more_comes_back_…` line by line |
//! | 17 | points come back as they were spent | `i17_points_come_back_…` |
//! | 18 | discounts of lines add up | `i18_discounts_of_lines_…` |
//! | 19 | limits hold | `i19_no_limit_…` |
//! | 20, 21 | a key has one outcome; other content is refused | `i20_one_key_…`, `i21_a_key_…` |
//! | 22 | a hold ends once | `i22_a_hold_…` |
//! | 23, 24 | no gaps; the hashes verify | `i23_a_chain_…`, `i24_a_record_is_named_…`, `i24_a_record_names_…` |
//! | 25 | records do not change | `i25_a_record_never_…`, `i25_no_record_…` |
//! | 26, 27 | answered: kept; not answered: whole or absent | `i26_what_was_acknowledged_…`, `i27_what_was_cut_off_…`, `i27_what_was_refused_…` |
//! | 28 | the order of uploads does not matter | `i28_the_order_…` at the end, `i28_a_merge_…` of each |
//! | 29 | the same bytes | `i29_the_same_calls_…` with another memory; other platforms are not tried here |
//! | 30 | states made anew are those that were kept | `i30_what_is_made_anew_…` at `rebuild`, after a cut upload and at the end |
//! | 31 | logical time never goes back | `i31_time_…`, `i31_a_till_decides_…` |
//! | 32 | a clock that goes back extends nothing | `i32_a_clock_…` |
//! | 33 | what was closed opens as it was | `i33_a_ledger_opens_…`; other versions: the golden files |
//! | 34 | decisions name a known programme, sales keep theirs | `i34_…` |
//! | 35 | nothing outlives an incarnation | `i35_a_chain_ends_…`; of copied tills `i35_…`, see `copied` |
//! | 36 | nothing personal in records, and it can be erased | `i36_…` |
//!
//! That each can fail is shown in `mutations`.

mod money;
mod order;
mod sales;
mod secrets;

pub use money::*;
pub use order::*;
pub use sales::*;
pub use secrets::*;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use crate::facts::{Fact, Purse, Sums, amount, list, text};
use crate::world::Place;

/// What was found wrong, in words.
pub type Check = Result<(), String>;

macro_rules! ensure {
    ($holds:expr, $($words:tt)*) => {
        if !$holds {
            return Err(format!($($words)*));
        }
    };
}

pub(crate) use ensure;

/// Says which invariant it was.
macro_rules! all {
    ($($check:ident($($argument:expr),*);)*) => {
        $($check($($argument),*).map_err(|why| format!("{}: {why}", stringify!($check)))?;)*
    };
}

/// What every record says for itself.
pub fn every_record(fact: &Fact) -> Check {
    all! {
        i02_every_movement_adds_up_to_zero(fact);
        i08_no_sum_is_beyond_what_can_be_counted(fact);
        i09_what_is_given_or_held_is_above_zero(fact);
        i10_what_is_posted_to_a_card_is_in_its_lots_or_owed(fact);
        i12_a_gift_card_holds_one_currency(fact);
        i18_discounts_of_lines_add_up_to_the_discount(fact);
        i24_a_record_is_named_by_its_hash(fact);
        i34_a_version_is_the_hash_of_its_document(fact);
        i36_no_secret_stands_in_a_record(fact);
    }
    Ok(())
}

/// What a record and the one before it in its chain say together.
pub fn in_its_chain(before: Option<&Fact>, fact: &Fact) -> Check {
    all! {
        i23_a_chain_has_no_gaps(before, fact);
        i24_a_record_names_the_hash_before_it(before, fact);
        i31_time_never_goes_back_in_a_chain(before, fact);
    }
    Ok(())
}

/// What a till decided, by all that it knew. What several tills did apart from each other is judged
/// only as far as the one that decides knew of it.
pub fn every_decision(before: &Sums, after: &Sums, fact: &Fact) -> Check {
    all! {
        i04_nobody_spends_what_is_not_there(before, after, fact);
        i05_a_till_on_its_own_spends_no_more_than_it_knows_of(before, after, fact);
        i06_a_till_on_its_own_keeps_within_its_bounds(after, fact);
        i10_lots_are_eaten_in_their_order(after, fact);
        i12_no_more_is_spent_of_a_gift_card_than_was_loaded(before, after, fact);
        i13_a_stamp_card_holds_no_more_than_its_goal(before, after, fact);
        i14_a_coupon_is_used_no_more_often_than_it_may_be(before, after, fact);
        i15_no_ticket_lets_in_more_often_than_it_holds(before, after, fact);
        i16_no_more_comes_back_than_was_sold(before, after, fact);
        i17_points_come_back_as_they_were_spent(before, after, fact);
        i19_no_limit_is_passed(before, after, fact);
        i22_a_hold_ends_once(before, after, fact);
        i31_a_till_decides_after_all_that_it_knows(before, fact);
        i34_a_sale_keeps_the_programme_that_it_began_under(before, fact);
        i35_a_chain_ends_where_the_next_begins(before, fact);
    }
    Ok(())
}

/// What a place answers after a step.
pub fn every_answer(place: &Place, at: Timestamp) -> Check {
    all! {
        i01_per_asset_the_sum_of_all_postings_is_zero(&place.sums);
        i07_what_was_given_away_twice_is_a_debt_and_no_balance_is_below_zero(place, at);
        i11_of_every_lot_no_more_left_than_was_in_it(&place.sums);
    }
    Ok(())
}

/// Whether a record may take what is not there: the goods have left the store, or the guest's side
/// of a sale is undone.
fn may_overdraw(fact: &Fact) -> bool {
    fact.is_late() || matches!(fact.verb.as_str(), "confirm" | "settle" | "refund" | "void")
}

/// What a receipt takes of each purse.
fn spent(quote: &Value) -> BTreeMap<Purse, i128> {
    let mut spent = BTreeMap::new();
    for points in list(quote, "points") {
        let purse = (text(points, "card").to_owned(), text(points, "points").to_owned());
        *spent.entry(purse).or_default() += amount(&points["spent"]);
    }
    for paid in list(quote, "gift_cards") {
        let purse = (text(paid, "card").to_owned(), "RUB".to_owned());
        *spent.entry(purse).or_default() += amount(&paid["amount"]);
    }
    spent.retain(|_, units| *units > 0);
    spent
}
