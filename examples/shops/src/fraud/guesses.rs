//! What is guessed: numbers, PINs, codes of coupons.

use super::actor::{Actor, Spot};
use super::careful::Careful;
use super::receipts::COUPON;
use crate::draft::Harm;
use crate::happening::{Kind, Outcome, Scan};
use crate::knowledge::Pace;
use crate::number_hash;

/// Shows a number at a till.
fn show(
    actor: &mut Actor<'_, '_>,
    (at, place): Spot,
    card: Option<u32>,
    how: Scan,
    outcome: Outcome,
) {
    let number_hash = card.map_or_else(|| actor.stage.dice.bits(), number_hash);
    actor.stage.tell(at, place, Kind::Present { card, number_hash, outcome, how }, Harm::None);
}

pub(super) fn coupons(actor: &mut Actor<'_, '_>) {
    let store = actor.store;
    let days = actor.days(actor.by(2, 6, 12));
    let tries = actor.by(20, 6, 3);
    for spot in actor.visits(&[store], &days, actor.by(3, 1, 1)) {
        let codes = (0..tries).map(|_| actor.stage.dice.bits()).collect();
        coupon(actor, spot, codes);
    }
}

pub(super) fn sweep(actor: &mut Actor<'_, '_>) {
    let store = actor.store;
    let days = actor.days(actor.by(2, 6, 12));
    let (tries, mut code) = (actor.by(30, 8, 3), actor.stage.dice.bits() >> 20 << 20);
    for spot in actor.visits(&[store], &days, actor.by(3, 1, 1)) {
        let codes = (code..code + tries).collect();
        code += tries + 1;
        coupon(actor, spot, codes);
    }
}

/// One of the codes tried was there.
fn coupon(actor: &mut Actor<'_, '_>, spot: Spot, codes: Vec<u64>) {
    let card = actor.stage.dice.chance(5_000).then(|| actor.sleeping());
    actor.buy(spot, card, Harm::Of(2 * COUPON), |sale| {
        (sale.wrong_codes, sale.coupons) = (codes, 1);
        sale.total = sale.total.max(25_000);
    });
}

pub(super) fn numbers(actor: &mut Actor<'_, '_>) {
    let store = actor.store;
    let days = actor.days(actor.by(2, 6, 14));
    let (tries, pause) = (actor.by(150, 30, 8), actor.by(6, 20, 45));
    for (at, place) in actor.visits(&[store], &days, 1) {
        for number in 0..tries {
            show(actor, (at + number * pause, place), None, Scan::Typed, Outcome::Refused);
        }
        let card = actor.sleeping();
        let end = at + tries * pause;
        actor.spend((end, place), card, 150, Scan::Typed, Harm::Spent);
    }
}

pub(super) fn pins(actor: &mut Actor<'_, '_>) {
    let store = actor.store;
    let days = actor.days(actor.by(2, 6, 14));
    let (tries, pause) = (actor.by(40, 8, 3), actor.by(8, 60, 1_200));
    for _ in 0..actor.by(3, 2, 2) {
        let card = actor.sleeping();
        let mut last = None;
        for (at, place) in actor.visits(&[store], &days, 1) {
            for number in 0..tries {
                let outcome =
                    if number > 0 && number % 10 == 0 { Outcome::Locked } else { Outcome::Refused };
                show(actor, (at + number * pause, place), Some(card), Scan::Pin, outcome);
            }
            last = Some((at + tries * pause, place));
        }
        if let Some(spot) = last {
            actor.spend(spot, card, 150, Scan::Pin, Harm::Spent);
        }
    }
}

pub(super) fn probing(actor: &mut Actor<'_, '_>) {
    let store = actor.store;
    let days = actor.days(actor.by(2, 6, 14));
    let (asked, pause) = (actor.by(60, 12, 5), actor.by(7, 40, 200));
    for (at, place) in actor.visits(&[store], &days, 1) {
        let mut richest = 0;
        for number in 0..asked {
            let card = actor.sleeping();
            show(actor, (at + number * pause, place), Some(card), Scan::Typed, Outcome::Accepted);
            richest = card;
        }
        let later = actor.soon(store, at + asked * pause + actor.by(60, 7_200, 80_000));
        actor.spend(later, richest, 150, Scan::Typed, Harm::Spent);
    }
}

pub(super) fn careful_numbers(actor: &mut Actor<'_, '_>) {
    let (store, days) = (actor.store, actor.every_day());
    let mut wrong = Pace::below(&[(actor.know.wrong_codes_per_10_minutes, 600)]);
    let (most, per_hit) = (actor.by(120, 40, 15), actor.by(30, 20, 15));
    let till = actor.stage.chain.store(store).tills[0];
    let mut tried = 0;
    for day in days {
        let (opens, closes) = actor.stage.chain.store(store).opening(day);
        let mut at = opens + actor.stage.dice.between(600, (closes - opens) / 2);
        let mut today = 0;
        while today < most && at < closes - 600 {
            let spot = (at, actor.stage.chain.place(till, at));
            if wrong.take(at, 1) {
                show(actor, spot, None, Scan::Typed, Outcome::Refused);
                (today, tried) = (today + 1, tried + 1);
                if tried % per_hit == 0 {
                    let card = actor.sleeping();
                    let mut careful = Careful::new(actor.know);
                    let points = careful.spendable(at).min(150);
                    if careful.may(actor.stage.chain, at + 45, spot.1, points / 20 + 5, points) {
                        actor.spend((at + 45, spot.1), card, points, Scan::Typed, Harm::Spent);
                    }
                }
            }
            at += actor.stage.dice.between(60, 180);
        }
    }
}
