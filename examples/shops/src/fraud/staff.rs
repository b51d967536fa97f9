//! What cashiers do.

use super::actor::Actor;
use super::careful::Careful;
use crate::chain::{DAY, Trade};
use crate::draft::{Claim, Harm, Spend};
use crate::happening::{Kind, Lockable, Outcome, Scan};
use crate::knowledge::Pace;
use crate::number_hash;

/// What a stamp is worth, in hundredths.
pub(super) const STAMP: i64 = 2_000;

pub(super) fn own_card(actor: &mut Actor<'_, '_>) {
    let (cashier, card) = (actor.insider(0), actor.old_card(120));
    let days = actor.days(actor.by(3, 8, 15));
    for spot in actor.turns(cashier, &days, actor.by(15, 5, 2)) {
        actor.credit(spot, card);
    }
    actor.harvest(card, 400);
}

pub(super) fn family_card(actor: &mut Actor<'_, '_>) {
    let cashier = actor.insider(1);
    let cards = [40, 90, 10].map(|points| actor.old_card(points));
    let days = actor.days(actor.by(3, 8, 15));
    for (number, spot) in actor.turns(cashier, &days, actor.by(15, 6, 2)).into_iter().enumerate() {
        actor.credit(spot, cards[number % 3]);
    }
    for card in cards {
        actor.harvest(card, 200);
    }
}

pub(super) fn ex_cashier(actor: &mut Actor<'_, '_>) {
    // 950 receipts in a year: 800 of others, 150 of the own with the staff's discount.
    let card = actor.old_card(700);
    let (store, days) = (actor.store, actor.every_day());
    let each = actor.by(12, 6, 3);
    for (number, spot) in actor.visits(&[store], &days, each).into_iter().enumerate() {
        if number % 6 == 5 {
            let total = actor.stage.dice.between(200, 900) * 100;
            actor.buy(spot, Some(card), Harm::Of(total * 15 / 100), |sale| {
                (sale.total, sale.manual_discount) = (total * 85 / 100, total * 15 / 100);
                sale.spend = if number % 18 == 17 { Spend::Half } else { Spend::None };
            });
        } else {
            actor.credit(spot, card);
        }
    }
}

pub(super) fn friends_discount(actor: &mut Actor<'_, '_>) {
    let cashier = actor.insider(0);
    let days = actor.days(actor.by(3, 8, 15));
    for spot in actor.turns(cashier, &days, actor.by(8, 3, 1)) {
        let total = actor.stage.dice.between(400, 2_500) * 100;
        let discount = total * actor.by(50, 35, 25) / 100;
        actor.buy(spot, None, Harm::Of(discount), |sale| {
            (sale.total, sale.manual_discount) = (total - discount, discount);
        });
    }
}

pub(super) fn dormant_harvest(actor: &mut Actor<'_, '_>) {
    let cashier = actor.insider(0);
    let days = actor.days(actor.by(2, 8, 15));
    for spot in actor.turns(cashier, &days, actor.by(10, 2, 1)) {
        let card = actor.sleeping();
        let points = actor.stage.dice.between(100, 150);
        actor.spend(spot, card, points, Scan::Typed, Harm::Spent);
    }
}

pub(super) fn void_after_spend(actor: &mut Actor<'_, '_>) {
    let (cashier, card) = (actor.insider(0), actor.old_card(2_500));
    let days = actor.days(actor.by(2, 7, 14));
    for spot in actor.turns(cashier, &days, actor.by(6, 2, 1)) {
        let receipt = spend_and_keep(actor, spot, card, 250);
        let minutes = actor.stage.dice.between(3, 40);
        actor.stage.void(spot.0 + minutes * 60, spot.1, receipt, Harm::Money);
    }
}

/// A receipt with points spent, which will be undone.
fn spend_and_keep(
    actor: &mut Actor<'_, '_>,
    spot: (i64, crate::chain::Place),
    card: u32,
    points: i64,
) -> u64 {
    actor.buy(spot, Some(card), Harm::None, |sale| {
        (sale.total, sale.spend, sale.remember) = (points * 200, Spend::Points(points), true);
        sale.stamps = 0;
    })
}

pub(super) fn refund_to_gift(actor: &mut Actor<'_, '_>) {
    let cashier = actor.insider(0);
    let days = actor.days(actor.by(2, 8, 14));
    let mut gift = actor.stage.ids.gift_card();
    for (number, spot) in actor.turns(cashier, &days, actor.by(7, 2, 1)).into_iter().enumerate() {
        let mut total = 0;
        let receipt = actor.buy(spot, None, Harm::None, |sale| {
            (sale.remember, sale.payer) = (true, None);
            total = sale.total;
        });
        let minutes = actor.stage.dice.between(4, 25);
        actor.stage.refund_to(spot.0 + minutes * 60, spot.1, receipt, gift, Harm::Money);
        if number % 4 == 3 {
            let elsewhere = actor.stage.chain.another(actor.store, true, &mut actor.stage.dice);
            let later = actor.soon(elsewhere, spot.0 + DAY / 4);
            actor.buy(later, None, Harm::None, |sale| {
                sale.gift_spent.push((gift, total.min(sale.total)));
            });
            gift = actor.stage.ids.gift_card();
        }
    }
}

pub(super) fn off_hours(actor: &mut Actor<'_, '_>) {
    let (card, store) = (actor.old_card(60), actor.store);
    for day in actor.days(actor.by(3, 6, 8)) {
        let closes = actor.stage.chain.store(store).opening(day).1;
        let at = closes + actor.stage.dice.between(3_000, 7_000);
        let till = actor.stage.dice.pick(&actor.stage.chain.store(store).tills);
        for number in 0..actor.by(8, 3, 2) {
            let at = at + number * 90;
            let spot = (at, actor.stage.chain.place(till, at));
            if number % 3 == 2 {
                let prey = actor.sleeping();
                actor.spend(spot, prey, 150, Scan::Typed, Harm::Spent);
            } else {
                actor.buy(spot, Some(card), Harm::Earned, |sale| {
                    sale.claim = Claim::Found { store, most: i64::MAX };
                    (sale.how, sale.stamps) = (Scan::Typed, 0);
                });
            }
        }
    }
}

pub(super) fn clock_back(actor: &mut Actor<'_, '_>) {
    let (cashier, card) = (actor.insider(0), actor.old_card(80));
    let back = -actor.by(20, 6, 2) * DAY;
    let days = actor.days(actor.by(2, 4, 8));
    for (at, place) in actor.turns(cashier, &days, 1) {
        actor.stage.tell(at - 40, place, Kind::ClockStep { seconds: back }, Harm::None);
        let receipts = actor.by(6, 3, 1);
        for number in 0..receipts {
            let total = actor.stage.dice.between(300, 1_800) * 100;
            let spot = (at + number * 60, place);
            actor.buy(spot, Some(card), Harm::Of(total / 5), |sale| {
                (sale.total, sale.coupons) = (total * 4 / 5, 1);
            });
            if let Some(draft) = actor.stage.last() {
                draft.clock = back;
            }
        }
        let after = at + receipts * 60;
        actor.stage.tell(after, place, Kind::ClockStep { seconds: -back }, Harm::None);
    }
}

pub(super) fn stamps(actor: &mut Actor<'_, '_>) {
    actor.store = actor.store_of(Trade::Coffee);
    let (cashier, card) = (actor.insider(0), actor.old_card(30));
    let days = actor.days(actor.by(3, 8, 15));
    let stamps = actor.by(10, 4, 2);
    for spot in actor.turns(cashier, &days, actor.by(4, 2, 1)) {
        stamp(actor, spot, card, stamps);
    }
}

/// Stamps without a coffee.
fn stamp(actor: &mut Actor<'_, '_>, spot: (i64, crate::chain::Place), card: u32, stamps: i64) {
    actor.buy(spot, Some(card), Harm::Of(stamps * STAMP), |sale| {
        (sale.total, sale.items, sale.stamps, sale.payer) = (0, 0, stamps * 100, None);
    });
}

pub(super) fn lock_toggle(actor: &mut Actor<'_, '_>) {
    let cashier = actor.insider(0);
    let days = actor.days(actor.by(2, 4, 8));
    for (at, place) in actor.turns(cashier, &days, actor.by(4, 2, 1)) {
        let card = actor.sleeping();
        let what = Lockable::Card;
        let toggle = |locked| Kind::LockToggle { what, id: card, locked, by: cashier };
        // Its owner had it locked.
        let yesterday = actor.evening(actor.first);
        actor.stage.away(
            yesterday,
            Kind::LockToggle { what, id: card, locked: true, by: 9_001 },
            Harm::None,
        );
        if actor.stage.dice.chance(3_000) {
            let (number_hash, outcome) = (number_hash(card), Outcome::Locked);
            let kind = Kind::Present { card: Some(card), number_hash, outcome, how: Scan::Static };
            actor.stage.tell(at - 120, place, kind, Harm::None);
        }
        actor.stage.tell(at - 60, place, toggle(false), Harm::None);
        actor.spend((at, place), card, 150, Scan::Static, Harm::Spent);
        actor.stage.tell(at + 50, place, toggle(true), Harm::None);
    }
}

pub(super) fn careful_own_card(actor: &mut Actor<'_, '_>) {
    let cashier = actor.insider(0);
    let mut cards: Vec<(u32, Careful)> =
        (0..actor.by(4, 2, 1)).map(|_| (actor.old_card(60), Careful::new(actor.know))).collect();
    let days = actor.every_day();
    let (count, mut turn) = (cards.len(), 0);
    for spot in actor.turns(cashier, &days, 12) {
        let total = actor.stage.dice.between(150, 900) * 100;
        let (card, careful) = &mut cards[turn % count];
        turn += 1;
        if careful.may(actor.stage.chain, spot.0, spot.1, total / 2000, 0) {
            let card = *card;
            actor.buy(spot, Some(card), Harm::Earned, |sale| {
                (sale.total, sale.how, sale.stamps) = (total, Scan::Static, 0);
            });
        }
    }
}

pub(super) fn careful_voids(actor: &mut Actor<'_, '_>) {
    let days = actor.every_day();
    for number in 0..actor.by(4, 3, 2) {
        let (cashier, card) = (actor.insider(number), actor.old_card(900));
        let mut careful = Careful::new(actor.know);
        let mut voids = Pace::below(&[(actor.know.voids_after_spend_per_30_days, 30 * DAY)]);
        let points = actor.stage.dice.between(150, 250);
        for spot in actor.turns(cashier, &days, 2) {
            let allowed = voids.room(spot.0) >= 1 && careful.spendable(spot.0) >= points;
            let earned = points / 20;
            if allowed && careful.may(actor.stage.chain, spot.0, spot.1, earned, points) {
                voids.take(spot.0 + 900, 1);
                let receipt = spend_and_keep(actor, spot, card, points);
                actor.stage.void(spot.0 + 900, spot.1, receipt, Harm::Money);
            }
        }
    }
}

pub(super) fn careful_stamps(actor: &mut Actor<'_, '_>) {
    actor.store = actor.store_of(Trade::Coffee);
    let days = actor.every_day();
    for number in 0..actor.by(3, 2, 1) {
        let (cashier, card) = (actor.insider(number), actor.old_card(30));
        let mut careful = Careful::new(actor.know);
        let mut stamps = Pace::below(&[(actor.know.stamps_per_day, DAY)]);
        for spot in actor.turns(cashier, &days, 6) {
            if stamps.room(spot.0) >= 100 && careful.may(actor.stage.chain, spot.0, spot.1, 0, 0) {
                stamps.take(spot.0, 100);
                stamp(actor, spot, card, 1);
            }
        }
    }
}
