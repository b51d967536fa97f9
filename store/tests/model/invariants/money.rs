//! I1 to I12: postings, lots, balances, bounds.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{Check, ensure, may_overdraw, spent};
use crate::deeds::CARDS;
use crate::facts::{Fact, Purse, Sums, amount, list, text};
use crate::programs::{GIFT_MAXIMUM, OFFLINE_CARD, OFFLINE_TILL};
use crate::reading::{Reading, read};
use crate::world::Place;

pub fn i01_per_asset_the_sum_of_all_postings_is_zero(sums: &Sums) -> Check {
    let mut assets: BTreeMap<&str, i128> = BTreeMap::new();
    for ((asset, _), units) in &sums.accounts {
        *assets.entry(asset).or_default() += units;
    }
    ensure!(assets.values().all(|sum| *sum == 0), "{assets:?}");
    Ok(())
}

pub fn i02_every_movement_adds_up_to_zero(fact: &Fact) -> Check {
    for posted in fact.all("posted") {
        let sum: i128 = list(posted, "postings").iter().map(|one| amount(&one["amount"])).sum();
        ensure!(sum == 0, "{} posts {sum}: {posted}", fact.id);
    }
    Ok(())
}

/// I3 with I10: what is asked of a card is what its postings, lots, debts and holds add up to.
pub fn i03_a_balance_is_what_the_records_add_up_to(
    place: &Place,
    at: Timestamp,
    card: &str,
) -> Check {
    let now = place.time_at(at);
    let told = match place.balance(at, card) {
        Ok(told) => told,
        Err(error) => {
            let unknown = error.code().as_str() == "card.unknown";
            ensure!(unknown && !place.sums.cards.contains(card), "no balance of {card}: {error}");
            return Ok(());
        }
    };
    for balance in list(&told["card"]["card"], "balances") {
        let purse: Purse = (card.to_owned(), text(balance, "points").to_owned());
        let expected = read(&place.sums, &purse, now);
        let told = Reading::of(balance);
        ensure!(
            told == expected,
            "i03_a_balance_is_what_the_records_add_up_to: {} at {now} says of {purse:?} {told:?}, \
             the records {expected:?}",
            place.till
        );
    }
    Ok(())
}

/// I3 by another door: what the report says is owed to all cards.
pub fn i03_the_report_is_what_the_records_add_up_to(place: &Place, at: Timestamp) -> Check {
    let now = place.time_at(at);
    let told = place.ask(at, json!({"report": {"kind": {"liability": {}}}}));
    let told = told.map_err(|error| format!("no report: {error}"))?;
    for asset in list(&told["report"]["liability"], "assets") {
        let name = text(asset, "asset");
        let purses = place.sums.lots.keys().chain(place.sums.debts.keys());
        let mut purses: Vec<&Purse> = purses.filter(|purse| purse.1 == name).collect();
        purses.sort();
        purses.dedup();
        let mut sum = Reading::default();
        for purse in purses {
            let one = read(&place.sums, purse, now);
            sum.debt += one.debt;
            sum.held += one.held;
            sum.pending += one.pending;
            sum.expired += one.expired;
        }
        let own = ["debt", "held", "pending", "expired"].map(|name| amount(&asset[name]));
        let expected = [sum.debt, sum.held, sum.pending, sum.expired];
        ensure!(
            own == expected,
            "i03_the_report_is_what_the_records_add_up_to: {name} at {}: told {own:?}, is {expected:?}",
            place.till
        );
    }
    Ok(())
}

/// What live holds reserve of a lot.
fn held_of(sums: &Sums, purse: &Purse, lot: &str, now: Timestamp) -> i128 {
    let own = sums.holds.iter().filter(|((_, own), hold)| own == purse && hold.is_live(now));
    own.map(|(_, hold)| hold.parts.get(lot).copied().unwrap_or_default()).sum()
}

pub fn i04_nobody_spends_what_is_not_there(before: &Sums, after: &Sums, fact: &Fact) -> Check {
    if may_overdraw(fact) {
        return Ok(());
    }
    for moved in fact.all("lot_moved").filter(|moved| amount(&moved["amount"]) < 0) {
        let purse = (text(moved, "card").to_owned(), text(moved, "points").to_owned());
        let id = text(&moved["lot"], "id");
        let left = after.lots[&purse][id].remaining;
        let held = held_of(after, &purse, id, fact.logical);
        let was = before.lots.get(&purse).and_then(|lots| lots.get(id));
        let was = was.map_or(0, |lot| lot.remaining);
        // What tills held apart from each other may be more than there is.
        ensure!(
            left >= held.min(was) && left >= 0,
            "{} takes of {id} of {purse:?} until {left} are left and {held} held",
            fact.id
        );
    }
    if fact.verb == "bill" {
        return no_more_is_held_of_a_bill_than_before(before, fact);
    }
    for placed in fact.all("hold_placed") {
        let purse = (text(placed, "card").to_owned(), text(placed, "points").to_owned());
        let read = read(before, &purse, fact.logical);
        let held: i128 = list(placed, "parts").iter().map(|part| amount(&part["amount"])).sum();
        ensure!(held <= read.spendable, "{} holds {held} of {purse:?} of which {read:?}", fact.id);
        for part in list(placed, "parts") {
            let (id, units) = (text(part, "lot"), amount(&part["amount"]));
            let lot = before.lots.get(&purse).and_then(|lots| lots.get(id));
            let there =
                lot.map_or(0, |lot| lot.remaining) - held_of(before, &purse, id, fact.logical);
            ensure!(units <= there, "{} holds {units} of {there} of {id} of {purse:?}", fact.id);
        }
    }
    Ok(())
}

/// What a divided or joined bill holds is what was held of its purse before.
fn no_more_is_held_of_a_bill_than_before(before: &Sums, fact: &Fact) -> Check {
    let mut held: BTreeMap<Purse, i128> = BTreeMap::new();
    for ended in fact.all("hold_ended") {
        let purse = (text(ended, "card").to_owned(), text(ended, "points").to_owned());
        let hold = before.holds.get(&(text(ended, "sale").to_owned(), purse.clone()));
        let units = hold.map_or(0, |hold| hold.parts.values().sum());
        *held.entry(purse).or_default() += units;
    }
    for placed in fact.all("hold_placed") {
        let purse = (text(placed, "card").to_owned(), text(placed, "points").to_owned());
        let parts = list(placed, "parts").iter();
        let units: i128 = parts.map(|part| amount(&part["amount"])).sum();
        *held.entry(purse).or_default() -= units;
    }
    ensure!(held.values().all(|left| *left >= 0), "{} holds more: {held:?}", fact.id);
    Ok(())
}

/// I5 without leases: what a till on its own gives away of a card is there by what it knows.
pub fn i05_a_till_on_its_own_spends_no_more_than_it_knows_of(
    before: &Sums,
    _after: &Sums,
    fact: &Fact,
) -> Check {
    if fact.envelope()["offline_since"].is_null()
        || !matches!(fact.verb.as_str(), "sell" | "reserve")
    {
        return Ok(());
    }
    for opened in fact.all("sale_opened") {
        for (purse, spent) in spent(&opened["quote"]) {
            let there = read(before, &purse, fact.logical).spendable;
            ensure!(spent <= there, "{} spends {spent} of {purse:?}, {there} is there", fact.id);
        }
    }
    Ok(())
}

/// I5 without leases: in a planned time without a network a till decides as one on its own.
pub fn i05_a_planned_window_is_offline(fact: &Fact) -> Check {
    let name = "i05_a_planned_window_is_offline";
    ensure!(!fact.envelope()["offline_since"].is_null(), "{name}: {}", fact.id);
    Ok(())
}

/// I6 without leases: `sum` of the programme bounds each card and the till, while it is offline.
pub fn i06_a_till_on_its_own_keeps_within_its_bounds(after: &Sums, fact: &Fact) -> Check {
    let Some(since) = fact.envelope()["offline_since"].as_str() else { return Ok(()) };
    // What a bill held before it was divided or joined was bounded then.
    if fact.verb == "bill" {
        return Ok(());
    }
    let own: Vec<&Value> = fact.all("sale_opened").collect();
    let own: Vec<BTreeMap<Purse, i128>> =
        own.iter().map(|opened| spent(&opened["quote"])).collect();
    if own.iter().all(BTreeMap::is_empty) {
        return Ok(());
    }
    let end = since.parse::<Timestamp>().unwrap() + SignedDuration::from_hours(72);
    ensure!(fact.logical < end, "{} spends after the last hour", fact.id);
    let mut cards: BTreeMap<String, i128> = BTreeMap::new();
    for sale in after.sales.values() {
        let counts = sale.opened_by == fact.chain.0 && sale.offline_since.as_deref() == Some(since);
        let live = sale.hold_until.is_none_or(|until| until > fact.logical);
        let ended = sale.cancelled + sale.voided + sale.regrouped;
        let stands = ended == 0 && (sale.confirmed > 0 || live);
        if !counts || !stands {
            continue;
        }
        // What came back of gift cards is counted as if it were of each.
        let mut returned = sale.tendered_back;
        for (purse, units) in spent(&sale.quote) {
            let restored = sale.restored.get(&purse).copied().unwrap_or_default();
            let back = if purse.1 == "RUB" { returned.min(units) } else { restored };
            returned -= if purse.1 == "RUB" { back } else { 0 };
            // The bound is given back with the money, points only as whole ones: less than one of
            // each line may be free again before it is back.
            let part = 100 * sale.back.len() as i128;
            *cards.entry(purse.0).or_default() += (units - back - part).max(0);
        }
    }
    for (card, _) in own.iter().flat_map(BTreeMap::keys) {
        let units = cards.get(card).copied().unwrap_or_default();
        ensure!(units <= OFFLINE_CARD, "{} spends {units} of {card} since {since}", fact.id);
    }
    let all: i128 = cards.values().sum();
    ensure!(all <= OFFLINE_TILL, "{} spends {all} in all since {since}", fact.id);
    Ok(())
}

/// I7: what is missing is owed by the card, and is never more than tills gave away apart.
pub fn i07_what_was_given_away_twice_is_a_debt_and_no_balance_is_below_zero(
    place: &Place,
    at: Timestamp,
) -> Check {
    let now = place.time_at(at);
    for purse in place.sums.lots.keys() {
        let one = read(&place.sums, purse, now);
        let parts = [one.spendable, one.held, one.pending, one.expired, one.debt];
        ensure!(parts.iter().all(|part| *part >= 0), "{purse:?} at {}: {one:?}", place.till);
        let excess: i128 = place.sums.lots[purse].values().map(|lot| lot.excess()).sum();
        let sum = one.spendable + one.held + one.pending + one.expired - one.debt - excess;
        ensure!(sum == one.posted, "{purse:?} at {}: {one:?}", place.till);
    }
    Ok(())
}

pub fn i08_no_sum_is_beyond_what_can_be_counted(fact: &Fact) -> Check {
    for posted in fact.all("posted") {
        for posting in list(posted, "postings") {
            let units = amount(&posting["amount"]);
            ensure!(units.abs() <= 900_000_000_000_000 * 100, "{} posts {units}", fact.id);
        }
    }
    Ok(())
}

pub fn i08_what_cannot_be_counted_is_refused(too_much: bool) -> Check {
    ensure!(!too_much, "i08_what_cannot_be_counted_is_refused: an order beyond all sums was sold");
    Ok(())
}

pub fn i09_what_is_given_or_held_is_above_zero(fact: &Fact) -> Check {
    for opened in fact.all("lot_opened") {
        ensure!(amount(&opened["amount"]) > 0, "{} opens {opened}", fact.id);
    }
    for placed in fact.all("hold_placed") {
        let parts = list(placed, "parts");
        let above = parts.iter().all(|part| amount(&part["amount"]) > 0);
        // Of a divided bill a part may find that another till took what it held.
        ensure!(above && (!parts.is_empty() || fact.verb == "bill"), "{} holds {placed}", fact.id);
    }
    for moved in fact.all("lot_moved") {
        ensure!(amount(&moved["amount"]) != 0, "{} moves nothing: {moved}", fact.id);
    }
    Ok(())
}

/// A record changes what a card has by what it changes in its lots, less what is owed.
pub fn i10_what_is_posted_to_a_card_is_in_its_lots_or_owed(fact: &Fact) -> Check {
    let mut alone = Sums::default();
    alone.add(fact);
    let cards = alone.accounts.keys().filter_map(|(points, account)| {
        account.strip_prefix("card:").map(|card| (card.to_owned(), points.clone()))
    });
    for purse in cards.chain(alone.lots.keys().cloned()).chain(alone.debts.keys().cloned()) {
        let lots: i128 =
            alone.lots.get(&purse).map_or(0, |lots| lots.values().map(|lot| lot.remaining).sum());
        let debt = alone.debts.get(&purse).copied().unwrap_or_default();
        let posted = alone.posted(&purse);
        ensure!(
            posted == lots - debt,
            "{} posts {posted} to {purse:?}, its lots change by {lots}, its debt by {debt}",
            fact.id
        );
    }
    Ok(())
}

/// First in, first out: what ends first is eaten first, of equals the older.
pub fn i10_lots_are_eaten_in_their_order(after: &Sums, fact: &Fact) -> Check {
    // A confirm eats what was held, and a paper receipt is judged by its own time.
    if fact.verb != "sell" || fact.text.contains("\"paper\":") {
        return Ok(());
    }
    let spent = fact.all("lot_moved").filter(|moved| text(moved, "why") == "spent");
    for moved in spent {
        let purse = (text(moved, "card").to_owned(), text(moved, "points").to_owned());
        let lots = &after.lots[&purse];
        let id = text(&moved["lot"], "id");
        let key = |id: &str| {
            let lot = &lots[id];
            (lot.ends.unwrap_or(Timestamp::MAX), lot.earned)
        };
        for (other, lot) in lots {
            let own = fact.all("lot_opened").any(|opened| text(&opened["lot"], "id") == other);
            if own || !lot.is_open(fact.logical) || key(other) >= key(id) {
                continue;
            }
            let held = held_of(after, &purse, other, fact.logical);
            ensure!(
                lot.remaining <= held,
                "{} eats of {id} while {} of {other} are there",
                fact.id,
                lot.remaining
            );
        }
    }
    Ok(())
}

/// I11: earned + restored = spent + expired + taken back + moved + what is left; so what each kind
/// of movement took, one till alone, is no more than was in it.
pub fn i11_of_every_lot_no_more_left_than_was_in_it(sums: &Sums) -> Check {
    for (purse, lots) in &sums.lots {
        for (id, lot) in lots {
            let moved: i128 = lot.moved.values().sum();
            ensure!(lot.opened + moved == lot.remaining, "{purse:?} {id}: {lot:?}");
            if lot.tills.len() > 1 {
                continue;
            }
            ensure!(
                lot.remaining >= 0,
                "one till took more of {purse:?} {id} than was there: {lot:?}"
            );
            let of = |why: &str| lot.moved.get(why).copied().unwrap_or_default();
            ensure!(of("restored") <= -of("spent") || lot.opened == 0, "{purse:?} {id}: {lot:?}");
        }
    }
    Ok(())
}

pub fn i12_a_gift_card_holds_one_currency(fact: &Fact) -> Check {
    for name in ["lot_opened", "lot_moved", "hold_placed"] {
        for body in fact.all(name).filter(|body| text(body, "card").starts_with('3')) {
            ensure!(text(body, "points") == "RUB", "{} holds other money: {body}", fact.id);
        }
    }
    for opened in fact.all("sale_opened") {
        ensure!(text(&opened["quote"], "currency") == "RUB", "{}: {opened}", fact.id);
    }
    Ok(())
}

pub fn i12_no_more_is_spent_of_a_gift_card_than_was_loaded(
    before: &Sums,
    after: &Sums,
    fact: &Fact,
) -> Check {
    for card in CARDS.iter().filter(|card| card.starts_with('3')) {
        let purse = ((*card).to_owned(), "RUB".to_owned());
        let (was, is) = (before.posted(&purse), after.posted(&purse));
        ensure!(
            is >= was.min(0) || may_overdraw(fact),
            "{} leaves {is} on {card} of which there were {was}",
            fact.id
        );
        let loads = matches!(fact.verb.as_str(), "sell" | "transfer");
        ensure!(!loads || is <= GIFT_MAXIMUM.max(was), "{} leaves {is} on {card}", fact.id);
    }
    Ok(())
}
