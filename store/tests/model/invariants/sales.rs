//! I13 to I19 and I22: stamps, coupons, tickets, refunds, discounts, limits, holds.

use serde_json::Value;

use super::{Check, ensure, may_overdraw, spent};
use crate::facts::{Fact, Sums, amount, list, text};
use crate::programs::{COUPON_USES, GOAL, LIMITS};
use crate::reading::read;

/// I13: stamps beyond the goal are not kept by a kind without carry-over.
pub fn i13_a_stamp_card_holds_no_more_than_its_goal(
    before: &Sums,
    after: &Sums,
    fact: &Fact,
) -> Check {
    if fact.verb != "sell" {
        return Ok(());
    }
    let purse = ("41".to_owned(), "stamp".to_owned());
    let there = |sums: &Sums| {
        let one = read(sums, &purse, fact.logical);
        one.spendable + one.held - one.debt
    };
    let (was, is) = (there(before), there(after));
    ensure!(is <= was.max(GOAL * 100), "{} leaves {is} stamps of {was}", fact.id);
    Ok(())
}

pub fn i14_a_coupon_is_used_no_more_often_than_it_may_be(
    before: &Sums,
    after: &Sums,
    fact: &Fact,
) -> Check {
    for moved in fact.all("coupon_moved").filter(|moved| text(moved, "why") == "used") {
        let code = text(moved, "code");
        let coupon = &after.coupons[code];
        ensure!(coupon.uses <= COUPON_USES, "{code} has {} uses", coupon.uses);
        let was = before.coupons.get(code).map_or(0, |coupon| coupon.used);
        ensure!(
            coupon.used <= coupon.uses || may_overdraw(fact),
            "{} uses {code} once more after {was} of {}",
            fact.id,
            coupon.uses
        );
    }
    Ok(())
}

pub fn i15_no_ticket_lets_in_more_often_than_it_holds(
    before: &Sums,
    after: &Sums,
    fact: &Fact,
) -> Check {
    for scanned in fact.all("ticket_scanned").filter(|scanned| scanned["admitted"] == true) {
        let purse = (text(scanned, "card").to_owned(), "entry".to_owned());
        let there = read(before, &purse, fact.logical).spendable;
        let entries = (after.admitted[&purse.0]
            - before.admitted.get(&purse.0).copied().unwrap_or_default())
            * 100;
        ensure!(entries <= there, "{} lets {entries} in, {purse:?} has {there}", fact.id);
    }
    Ok(())
}

pub fn i16_no_more_comes_back_than_was_sold(before: &Sums, after: &Sums, fact: &Fact) -> Check {
    for made in fact.all("refund_made") {
        let Some(id) = made["sale"].as_str() else { continue };
        let (was, is) = (before.sales.get(id), &after.sales[id]);
        for line in list(&is.quote, "lines") {
            let name = text(line, "id");
            let (money, quantity) = is.back.get(name).copied().unwrap_or_default();
            let known = was.and_then(|was| was.back.get(name)).copied().unwrap_or_default();
            let sold = thousandths(&line["quantity"]);
            ensure!(
                (money <= amount(&line["due"]) || money == known.0)
                    && (quantity <= sold || quantity == known.1),
                "{} gives back {money} for {quantity} of {line}",
                fact.id
            );
        }
    }
    Ok(())
}

fn thousandths(quantity: &Value) -> i128 {
    let text = quantity.as_str().unwrap_or("1");
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{part:0<3}").parse().unwrap()
}

/// I17: a sale of which everything came back gave back all points that it took, and money for the
/// rest: exactly what was due.
pub fn i17_points_come_back_as_they_were_spent(_: &Sums, after: &Sums, fact: &Fact) -> Check {
    for made in fact.all("refund_made") {
        let Some(id) = made["sale"].as_str() else { continue };
        let sale = &after.sales[id];
        if sale.tills.len() > 1 || sale.confirmed > 1 {
            continue;
        }
        let lines = list(&sale.quote, "lines");
        let back = |name: &str| sale.back.get(name).copied().unwrap_or_default();
        let whole =
            lines.iter().all(|line| back(text(line, "id")).1 == thousandths(&line["quantity"]));
        for (purse, taken) in spent(&sale.quote) {
            if purse.1 == "RUB" {
                continue;
            }
            let restored = sale.restored.get(&purse).copied().unwrap_or_default();
            ensure!(
                restored <= taken && (restored == taken || !whole),
                "{} has given back {restored} of {taken} of {purse:?}",
                fact.id
            );
        }
        let (money, due) = lines.iter().fold((0, 0), |(money, due), line| {
            (money + back(text(line, "id")).0, due + amount(&line["due"]))
        });
        // Of a ticket or a loaded card only what is unused comes back.
        let loads = !list(&sale.quote, "loads").is_empty();
        let right = money == due || (loads && money < due);
        ensure!(!whole || right, "{} has given back {money} of {due}", fact.id);
    }
    Ok(())
}

pub fn i18_discounts_of_lines_add_up_to_the_discount(fact: &Fact) -> Check {
    let opened = fact.all("sale_opened").map(|opened| &opened["quote"]);
    let confirmed = fact.all("sale_confirmed").map(|confirmed| &confirmed["quote"]);
    for quote in opened.chain(confirmed).filter(|quote| quote.is_object()) {
        let (mut discount, mut due) = (0, 0);
        for line in list(quote, "lines") {
            let own: i128 = list(line, "discounts").iter().map(|one| amount(&one["amount"])).sum();
            let (total, left) = (amount(&line["discount"]), amount(&line["due"]));
            ensure!(own == total, "{}: {own} is not {total} of {line}", fact.id);
            ensure!(amount(&line["amount"]) - total == left && left >= 0, "{}: {line}", fact.id);
            let subs: i128 = list(line, "sub_lines").iter().map(|one| amount(&one["sum"])).sum();
            ensure!(subs == left, "{}: parts come to {subs} of {line}", fact.id);
            discount += total;
            due += left;
        }
        let totals = &quote["totals"];
        let told = (amount(&totals["discount"]), amount(&totals["due"]));
        ensure!(told == (discount, due), "{}: {totals} for {discount} and {due}", fact.id);
        let gift: i128 = list(quote, "gift_cards").iter().map(|paid| amount(&paid["amount"])).sum();
        ensure!(amount(&totals["gift"]) == gift, "{}: gift cards pay {gift}", fact.id);
    }
    Ok(())
}

/// I19: by what the one who decides knew, no period's limit is passed.
pub fn i19_no_limit_is_passed(before: &Sums, after: &Sums, fact: &Fact) -> Check {
    if may_overdraw(fact) {
        return Ok(());
    }
    for (key, (uses, points)) in &after.limits {
        let Some((_, most, most_points)) = LIMITS.iter().find(|limit| limit.0 == key.0) else {
            continue;
        };
        let was = before.limits.get(key).copied().unwrap_or_default();
        ensure!(
            (*uses <= *most || *uses <= was.0) && (*points <= *most_points || *points <= was.1),
            "{} brings {key:?} to {uses} uses and {points} points",
            fact.id
        );
    }
    Ok(())
}

pub fn i22_a_hold_ends_once(before: &Sums, after: &Sums, fact: &Fact) -> Check {
    for ended in fact.all("hold_ended") {
        let purse = (text(ended, "card").to_owned(), text(ended, "points").to_owned());
        let key = (text(ended, "sale").to_owned(), purse);
        let was = before.holds.get(&key).cloned().unwrap_or_default();
        // A confirm that goes before a cancel which was done finds the hold ended, and frees nothing.
        let overruled = fact.verb == "settle"
            && before.sales.get(&key.0).is_some_and(|sale| sale.cancelled > 0);
        ensure!(was.placed > was.ended || overruled, "{} ends {key:?} again", fact.id);
        ensure!(after.holds[&key].ended == was.ended + 1, "{} ends {key:?} twice", fact.id);
    }
    let ends = ["sale_confirmed", "sale_cancelled", "sale_voided", "sale_regrouped"];
    for (count, name) in ends.into_iter().enumerate() {
        for done in fact.all(name) {
            let Some(was) = before.sales.get(text(done, "sale")) else { continue };
            let times = [was.confirmed, was.cancelled, was.voided, was.regrouped][count];
            ensure!(times == 0, "{}: {name} again", fact.id);
            let over = was.cancelled + was.regrouped + was.confirmed;
            ensure!(name != "sale_regrouped" || over == 0, "{}: {name} after its end", fact.id);
            ensure!(
                count != 0 || was.cancelled == 0 || fact.verb == "settle",
                "{} confirms what was given up",
                fact.id
            );
        }
    }
    Ok(())
}
