//! What is done with gift cards.

use std::collections::BTreeMap;

use super::actor::{Actor, Spot};
use crate::chain::DAY;
use crate::draft::Harm;
use crate::knowledge::Pace;

/// Loads gift cards; answers with the receipt.
fn load(
    actor: &mut Actor<'_, '_>,
    spot: Spot,
    gifts: &[(u32, i64)],
    payer: Option<u64>,
    harm: Harm,
) -> u64 {
    let money = gifts.iter().map(|(_, money)| money).sum();
    actor.buy(spot, None, harm, |sale| {
        (sale.total, sale.items, sale.payer) = (money, gifts.len() as u32, payer);
        (sale.loads, sale.remember) = (gifts.to_vec(), true);
    })
}

/// Spends a gift card.
fn spend(actor: &mut Actor<'_, '_>, spot: Spot, gift: u32, money: i64, harm: Harm) {
    actor.buy(spot, None, harm, |sale| {
        (sale.total, sale.payer, sale.gift_spent) = (money, None, vec![(gift, money)]);
    });
}

pub(super) fn void(actor: &mut Actor<'_, '_>) {
    let cashier = actor.insider(0);
    let days = actor.days(actor.by(2, 5, 10));
    for spot in actor.turns(cashier, &days, actor.by(4, 1, 1)) {
        let (gift, money) = (actor.stage.ids.gift_card(), actor.by(500_000, 300_000, 150_000));
        let receipt = load(actor, spot, &[(gift, money)], None, Harm::None);
        let minutes = actor.stage.dice.between(1, actor.by(4, 15, 40));
        actor.stage.void(spot.0 + minutes * 60, spot.1, receipt, Harm::None);
        let elsewhere = actor.stage.chain.another(actor.store, true, &mut actor.stage.dice);
        let wait = actor.by(1_800, 20_000, DAY);
        let later = actor.soon(elsewhere, spot.0 + minutes * 60 + wait);
        spend(actor, later, gift, money, Harm::Of(money));
    }
}

pub(super) fn stolen_money(actor: &mut Actor<'_, '_>) {
    let store = actor.store;
    let days = actor.days(actor.by(2, 5, 10));
    for spot in actor.visits(&[store], &days, actor.by(4, 2, 1)) {
        let (gift, money) = (actor.stage.ids.gift_card(), actor.by(500_000, 300_000, 200_000));
        let payer = Some(actor.stage.dice.bits());
        load(actor, spot, &[(gift, money)], payer, Harm::Of(money));
        let elsewhere = actor.stage.chain.another(store, true, &mut actor.stage.dice);
        let parts = actor.by(1, 2, 3);
        for part in 0..parts {
            let wait = actor.by(1_500, 5_400, 30_000) * (part + 1);
            let later = actor.soon(elsewhere, spot.0 + wait);
            spend(actor, later, gift, money / parts, Harm::None);
        }
    }
}

pub(super) fn bulk(actor: &mut Actor<'_, '_>) {
    let store = actor.store;
    let days = actor.days(actor.by(1, 4, 10));
    for spot in actor.visits(&[store], &days, actor.by(4, 2, 1)) {
        let payer = Some(actor.stage.dice.bits());
        let money = actor.by(300_000, 200_000, 200_000);
        let gifts: Vec<(u32, i64)> =
            (0..actor.by(10, 4, 2)).map(|_| (actor.stage.ids.gift_card(), money)).collect();
        load(actor, spot, &gifts, payer, Harm::Of(money * gifts.len() as i64));
    }
}

pub(super) fn careful_loads(actor: &mut Actor<'_, '_>) {
    let (store, days) = (actor.store, actor.every_day());
    let mut with: BTreeMap<Option<u32>, Pace> = BTreeMap::new();
    let limit = actor.know.gift_loads_per_day;
    let (each, money) = (actor.by(12, 4, 1), 100_000);
    for spot in actor.visits(&[store], &days, each) {
        let pace = with.entry(spot.1.cashier).or_insert_with(|| Pace::below(&[(limit, DAY)]));
        if pace.take(spot.0, 1) {
            let (gift, payer) = (actor.stage.ids.gift_card(), Some(actor.stage.dice.bits()));
            load(actor, spot, &[(gift, money)], payer, Harm::Of(money));
            let later = actor.soon(store, spot.0 + 2 * DAY);
            spend(actor, later, gift, money, Harm::None);
        }
    }
}
