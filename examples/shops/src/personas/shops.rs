//! Staff, tills and orders that look like fraud.

use super::Scene;
use crate::chain::Place;
use crate::crowd::agent;
use crate::draft::{Harm, Spend};
use crate::happening::{Confirmation, Kind, Scan};

/// The cashier of the store who stands for a run, with the turn of the day.
fn turn(scene: &Scene<'_, '_>) -> Option<(Place, i64, i64)> {
    let tills = &scene.stage.chain.store(scene.store).tills;
    // Whoever has the first till on the first day of the world.
    let first = scene.day - scene.nth;
    let opens = scene.stage.chain.store(scene.store).opening(first).0;
    let cashier = scene.stage.chain.on_duty(tills[0], opens)?;
    let shift = scene.stage.chain.shift(cashier, scene.day)?;
    Some((scene.stage.chain.place(shift.till, shift.from + 60), shift.from, shift.to))
}

pub(super) fn staff_purchases(scene: &mut Scene<'_, '_>) {
    let Some((place, from, to)) = turn(scene) else { return };
    // A colleague rings it up where there is one.
    let tills = scene.stage.chain.store(place.store).tills.clone();
    let colleague = tills.iter().copied().find(|&till| till != place.till).unwrap_or(place.till);
    for at in [from + 1_200, to - 1_500] {
        if scene.stage.dice.chance(7_000) {
            let till = if scene.stage.dice.chance(8_000) { colleague } else { place.till };
            let here = scene.stage.chain.place(till, at);
            let mut sale = scene.stage.sale(place.store, Some(scene.cards[0]));
            (sale.how, sale.after_total) = (Scan::Typed, scene.stage.dice.chance(2_000));
            sale.spend = if scene.stage.dice.chance(1_500) { Spend::Half } else { Spend::None };
            scene.stage.ring_up(at, here, sale, Harm::None);
        }
    }
}

pub(super) fn price_error(scene: &mut Scene<'_, '_>) {
    if !scene.is_day(5, 8) {
        return;
    }
    let from = scene.stage.near(scene.store, scene.day, 10 * 60, 20);
    let till = scene.stage.chain.store(scene.store).tills[0];
    for number in 0..scene.stage.dice.between(8, 16) {
        let at = from + number * 300;
        let guest =
            scene.stage.dice.chance(5_000).then(|| scene.everyone.rare(scene.store, scene.stage));
        let place = scene.stage.chain.place(till, at);
        let mut sale = scene.stage.sale(scene.store, guest);
        sale.remember = true;
        let receipt = scene.stage.ring_up(at, place, sale, Harm::None);
        let place = scene.stage.chain.place(till, at + 150);
        scene.stage.refund(at + 150, place, receipt, 15, Harm::None);
    }
}

pub(super) fn recall(scene: &mut Scene<'_, '_>) {
    if !scene.is_day(4, 8) {
        return;
    }
    let till = scene.stage.chain.store(scene.store).tills[0];
    let back = scene.stage.near(scene.store, scene.day + 4, 16 * 60, 10);
    for number in 0..scene.stage.dice.between(15, 30) {
        let at = scene.stage.moment(scene.store, scene.day + number % 3);
        let guest =
            scene.stage.dice.chance(4_000).then(|| scene.everyone.rare(scene.store, scene.stage));
        let receipt = scene.buy(scene.store, at, guest, |sale| sale.remember = true);
        let when = back + number * 240;
        let place = scene.stage.chain.place(till, when);
        scene.stage.refund(when, place, receipt, 100, Harm::None);
    }
}

pub(super) fn catering(scene: &mut Scene<'_, '_>) {
    if !scene.every(6) {
        return;
    }
    let at = scene.stage.near(scene.store, scene.day, 9 * 60 + 30, 20);
    let place = scene.stage.till(scene.store, at);
    for number in 0..scene.stage.dice.between(2, 4) {
        let mut sale = scene.stage.sale(scene.store, Some(scene.cards[0]));
        sale.total = scene.stage.dice.between(15_000, 60_000) * 100;
        sale.items = 60;
        (sale.spend, sale.confirmed) = if number == 0 && scene.stage.dice.chance(3_000) {
            (Spend::Half, Confirmation::Manager)
        } else {
            (Spend::None, Confirmation::None)
        };
        scene.stage.ring_up(at + number * 400, place, sale, Harm::None);
    }
}

pub(super) fn company_gifts(scene: &mut Scene<'_, '_>) {
    if !scene.is_day(6, 8) {
        return;
    }
    let at = scene.stage.near(scene.store, scene.day, 11 * 60, 60);
    let place = scene.stage.till(scene.store, at);
    let payer = Some(scene.stage.dice.bits());
    for part in 0..2 {
        let gifts: Vec<(u32, i64)> =
            (0..20).map(|_| (scene.stage.ids.gift_card(), 300_000)).collect();
        for &(gift, money) in gifts.iter().take(10) {
            let day = scene.day + scene.stage.dice.between(1, 20);
            let spent_at = scene.stage.moment(scene.store, day);
            scene.buy(scene.store, spent_at, None, |sale| {
                sale.gift_spent.push((gift, money.min(sale.total)));
            });
        }
        let mut sale = scene.stage.sale(scene.store, None);
        (sale.total, sale.items, sale.payer) = (20 * 300_000, 20, payer);
        (sale.loads, sale.confirmed) = (gifts, Confirmation::Manager);
        scene.stage.ring_up(at + part * 500, place, sale, Harm::None);
    }
}

pub(super) fn goodwill(scene: &mut Scene<'_, '_>) {
    if !scene.is_day(5, 10) {
        return;
    }
    let from = scene.stage.near(scene.store, scene.day, 18 * 60, 30);
    let by = agent(scene.stage);
    for number in 0..scene.stage.dice.between(12, 25) {
        let card = scene.everyone.rare(scene.store, scene.stage);
        let kind = Kind::Grant { card, points: 100, by };
        scene.stage.away(from + number * 130, kind, Harm::None);
    }
}

pub(super) fn offline(scene: &mut Scene<'_, '_>) {
    let at = scene.stage.moment(scene.store, scene.day);
    let spends = scene.every(3);
    scene.buy(scene.store, at, Some(scene.cards[0]), |sale| {
        sale.spend = if spends { Spend::Half } else { Spend::None };
    });
}

pub(super) fn inventory(scene: &mut Scene<'_, '_>) {
    if !scene.is_day(7, 9) {
        return;
    }
    let closes = scene.stage.chain.store(scene.store).opening(scene.day).1;
    let before = scene.stage.till(scene.store, closes - 600);
    for (number, card) in scene.cards.iter().copied().enumerate() {
        // Clocked in, but long after the doors were closed.
        let mut sale = scene.stage.sale(scene.store, Some(card));
        (sale.how, sale.spend) = (Scan::Typed, Spend::Half);
        scene.stage.ring_up(closes + 5_400 + 300 * number as i64, before, sale, Harm::None);
    }
}

pub(super) fn trainee(scene: &mut Scene<'_, '_>) {
    if !(4..7).contains(&(scene.nth - scene.whim % 8)) {
        return;
    }
    let till = *scene.stage.chain.store(scene.store).tills.last().unwrap_or(&1);
    for _ in 0..scene.stage.dice.between(4, 8) {
        let at = scene.stage.moment(scene.store, scene.day);
        let place = scene.stage.chain.place(till, at);
        let guest =
            scene.stage.dice.chance(4_000).then(|| scene.everyone.rare(scene.store, scene.stage));
        let mut sale = scene.stage.sale(scene.store, guest);
        (sale.remember, sale.spend) = (true, Spend::Half);
        let receipt = scene.stage.ring_up(at, place, sale, Harm::None);
        scene.stage.void(at + 70, place, receipt, Harm::None);
    }
}
