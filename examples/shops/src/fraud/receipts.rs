//! What is done with receipts.

use super::actor::{Actor, Spot};
use super::careful::Careful;
use super::staff::STAMP;
use crate::chain::{DAY, Trade};
use crate::draft::{Claim, Harm, Spend};
use crate::knowledge::Pace;

/// What a coupon is worth, in hundredths.
pub(super) const COUPON: i64 = 5_000;

/// Claims a receipt that lay around in a store.
fn claim_found(actor: &mut Actor<'_, '_>, spot: Spot, card: u32, store: u32, most: i64) {
    actor.buy(spot, Some(card), Harm::Earned, |sale| {
        (sale.claim, sale.stamps, sale.after_total) = (Claim::Found { store, most }, 0, false);
    });
}

pub(super) fn discarded(actor: &mut Actor<'_, '_>) {
    let (card, found_in) = (actor.old_card(90), actor.store);
    let branch = actor.stage.chain.another(found_in, true, &mut actor.stage.dice);
    let days = actor.days(actor.by(2, 5, 8));
    for spot in actor.visits(&[branch], &days, actor.by(10, 3, 1)) {
        claim_found(actor, spot, card, found_in, i64::MAX);
    }
    actor.harvest(card, 200);
}

pub(super) fn twice_same(actor: &mut Actor<'_, '_>) {
    twice(actor, |_, first| first);
}

pub(super) fn twice_other(actor: &mut Actor<'_, '_>) {
    twice(actor, |actor, _| actor.old_card(20));
}

/// A receipt earns at the till, and is claimed again on some card.
fn twice(actor: &mut Actor<'_, '_>, other: impl Fn(&mut Actor<'_, '_>, u32) -> u32) {
    let (card, store) = (actor.old_card(150), actor.store);
    let second = other(actor, card);
    let days = actor.days(actor.by(2, 5, 9));
    for spot in actor.visits(&[store], &days, actor.by(6, 2, 1)) {
        let total = actor.stage.dice.between(200, 1_500) * 100;
        let number = actor.buy(spot, Some(card), Harm::None, |sale| sale.total = total);
        let days = actor.by(0, 1, 2);
        let branch = actor.stage.dice.pick(&actor.city());
        let again = actor.soon(branch, spot.0 + days * DAY + 1_500);
        actor.buy(again, Some(second), Harm::Earned, |sale| {
            (sale.claim, sale.total) = (Claim::Of { number, bought: spot.0 }, total);
            sale.stamps = 0;
        });
    }
}

pub(super) fn split_basket(actor: &mut Actor<'_, '_>) {
    let (card, store) = (actor.old_card(70), actor.store_of(Trade::Coffee));
    let days = actor.days(actor.by(2, 5, 10));
    let parts = actor.by(9, 5, 3);
    for (at, place) in actor.visits(&[store], &days, actor.by(2, 1, 1)) {
        for part in 0..parts {
            let harm = if part == 0 { Harm::None } else { Harm::Of(STAMP + COUPON) };
            let spot = (at + part * actor.stage.dice.between(20, 60), place);
            actor.buy(spot, Some(card), harm, |sale| {
                (sale.total, sale.items, sale.stamps, sale.coupons) = (21_000, 1, 100, 1);
            });
        }
    }
}

/// Buys, spends what was earned, and brings the goods back.
fn round(actor: &mut Actor<'_, '_>, spot: Spot, card: u32, money: i64, days: i64) {
    let receipt = actor.buy(spot, Some(card), Harm::None, |sale| {
        (sale.total, sale.spend, sale.remember) = (money, Spend::None, true);
    });
    let second = actor.soon(spot.1.store, spot.0 + 2_400);
    actor.buy(second, Some(card), Harm::None, |sale| {
        (sale.total, sale.spend) = (money / 10, Spend::Half);
    });
    let back = actor.soon(spot.1.store, second.0 + days * DAY + 1_800);
    actor.stage.refund(back.0, back.1, receipt, 100, Harm::Shortfall);
}

pub(super) fn earn_spend_return(actor: &mut Actor<'_, '_>) {
    let (card, store) = (actor.old_card(0), actor.store);
    let days = actor.days(actor.by(2, 3, 5));
    for spot in actor.visits(&[store], &days, actor.by(3, 1, 1)) {
        let money = actor.stage.dice.between(3_000, 9_000) * 100;
        let wait = actor.by(0, 1, 2);
        round(actor, spot, card, money, wait);
    }
}

pub(super) fn refund_ratio(actor: &mut Actor<'_, '_>) {
    let (card, store) = (actor.old_card(50), actor.store_of(Trade::Grocery));
    actor.past(card);
    let days = actor.days(actor.by(3, 8, 16));
    for (number, spot) in actor.visits(&[store], &days, actor.by(3, 2, 1)).into_iter().enumerate() {
        let total = actor.stage.dice.between(1_500, 8_000) * 100;
        let receipt = actor.buy(spot, Some(card), Harm::None, |sale| {
            (sale.total, sale.remember) = (total, true);
        });
        if number % 5 < 4 {
            let days = actor.stage.dice.between(0, actor.by(1, 2, 4));
            let back = actor.soon(store, spot.0 + days * DAY + 3_600);
            // What was used sells for a quarter less.
            actor.stage.refund(back.0, back.1, receipt, 100, Harm::Of(total / 4));
        }
    }
}

pub(super) fn careful_claims(actor: &mut Actor<'_, '_>) {
    let (found_in, days) = (actor.store, actor.every_day());
    let branch = actor.stage.chain.another(found_in, true, &mut actor.stage.dice);
    for _ in 0..actor.by(6, 4, 2) {
        let card = actor.old_card(40);
        let mut careful = Careful::new(actor.know);
        let mut claims = Pace::below(&[(actor.know.late_claims_per_30_days, 30 * DAY)]);
        for spot in actor.visits(&[branch], &days, 1) {
            if claims.room(spot.0) >= 1 && careful.may(actor.stage.chain, spot.0, spot.1, 25, 0) {
                claims.take(spot.0, 1);
                claim_found(actor, spot, card, found_in, 50_000);
            }
        }
    }
}

pub(super) fn careful_returns(actor: &mut Actor<'_, '_>) {
    let (store, days) = (actor.store, actor.every_day());
    for _ in 0..actor.by(4, 3, 2) {
        let card = actor.old_card(0);
        let mut careful = Careful::new(actor.know);
        let mut refunds = Pace::below(&[(actor.know.refunds_per_30_days, 30 * DAY)]);
        let mut free_from = 0;
        for spot in actor.visits(&[store], &days, 1) {
            let room = careful.spendable(spot.0 + DAY).min(250);
            let money = room * 2_000;
            let soon = spot.0 + 2_400;
            let place = actor.stage.chain.store(store);
            let open = soon + 5_000 < place.opening(place.local_day(spot.0)).1;
            if !open || room < 20 || spot.0 < free_from || refunds.room(spot.0) < 1 {
                continue;
            }
            let chain = actor.stage.chain;
            if careful.may(chain, spot.0, spot.1, room, 0)
                && careful.may(chain, soon, spot.1, room / 20 + 1, room)
            {
                refunds.take(spot.0, 1);
                free_from = spot.0 + DAY;
                let receipt = actor.buy(spot, Some(card), Harm::None, |sale| {
                    (sale.total, sale.stamps, sale.remember) = (money, 0, true);
                });
                actor.spend((soon, spot.1), card, room, crate::Scan::Static, Harm::None);
                let back = actor.soon(store, soon + 3_600);
                actor.stage.refund(back.0, back.1, receipt, 100, Harm::Shortfall);
            }
        }
    }
}
