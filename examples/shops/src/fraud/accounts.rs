//! What is done with new cards, grants and transfers.

use super::actor::{Actor, Spot};
use super::careful::Careful;
use crate::chain::DAY;
use crate::crowd::{REWARD, WELCOME, agent};
use crate::draft::{Harm, Spend};
use crate::happening::{Kind, Scan};
use crate::knowledge::Pace;

/// The first of the agents of the office who have no part in everyday grants.
const OTHER_AGENTS: u32 = 9_100;

/// Issues a card that nobody needs; answers with it.
fn issue(
    actor: &mut Actor<'_, '_>,
    spot: Spot,
    referrer: Option<u32>,
    device: u64,
    phone: u64,
) -> u32 {
    let card = actor.stage.ids.new_card();
    let reward = if referrer.is_some() { REWARD } else { 0 };
    let (device, phone) = (Some(device), Some(phone));
    let kind = Kind::Issue { card, referrer, device, phone, welcome: WELCOME, reward };
    actor.stage.tell(spot.0, spot.1, kind, Harm::Points);
    card
}

pub(super) fn referral_self(actor: &mut Actor<'_, '_>) {
    let (own, device, store) = (actor.old_card(100), actor.stage.dice.bits(), actor.store);
    let days = actor.days(actor.by(2, 4, 6));
    for spot in actor.visits(&[store], &days, actor.by(4, 1, 1)) {
        let phone = actor.stage.dice.bits();
        let card = issue(actor, spot, Some(own), device, phone);
        actor.buy((spot.0 + 60, spot.1), Some(card), Harm::None, |sale| {
            (sale.total, sale.spend) = (40_000, Spend::Half);
        });
    }
    actor.harvest(own, 600);
}

pub(super) fn referral_farm(actor: &mut Actor<'_, '_>) {
    let (own, store) = (actor.old_card(100), actor.store);
    let days = actor.days(actor.by(2, 6, 12));
    let mut phone = actor.stage.dice.bits() >> 8;
    for spot in actor.visits(&[store], &days, actor.by(15, 4, 2)) {
        phone += 1;
        let device = actor.stage.dice.bits();
        let card = issue(actor, spot, Some(own), device, phone);
        actor.buy((spot.0 + 60, spot.1), Some(card), Harm::None, |sale| sale.total = 10_000);
    }
    actor.harvest(own, 2_000);
}

pub(super) fn welcome(actor: &mut Actor<'_, '_>) {
    let (device, store) = (actor.stage.dice.bits(), actor.store);
    let days = actor.days(actor.by(2, 5, 10));
    for spot in actor.visits(&[store], &days, actor.by(8, 2, 1)) {
        let phone = actor.stage.dice.bits();
        let card = issue(actor, spot, None, device, phone);
        actor.spend((spot.0 + 50, spot.1), card, WELCOME, Scan::Rotating, Harm::None);
    }
}

pub(super) fn agent_grants(actor: &mut Actor<'_, '_>) {
    let (card, by) = (actor.old_card(50), agent(actor.stage));
    let (each, points) = actor.by((6, 500), (2, 300), (1, 150));
    for day in actor.days(actor.by(3, 8, 16)) {
        let at = actor.evening(day);
        for number in 0..each {
            let kind = Kind::Grant { card, points, by };
            actor.stage.away(at + number * 45, kind, Harm::Points);
        }
    }
    actor.harvest(card, 800);
}

pub(super) fn transfer_mule(actor: &mut Actor<'_, '_>) {
    let to = actor.old_card(10);
    let each = actor.by(12, 3, 1);
    for day in actor.days(actor.by(2, 6, 14)) {
        let at = actor.evening(day);
        for number in 0..each {
            let from = actor.sleeping();
            let kind = Kind::Transfer { from, to, points: actor.by(5_000, 500, 300) };
            actor.stage.away(at + number * 70, kind, Harm::Points);
        }
    }
    actor.harvest(to, 1_200);
}

pub(super) fn careful_referrals(actor: &mut Actor<'_, '_>) {
    let (store, days, know) = (actor.store, actor.every_day(), actor.know);
    for _ in 0..actor.by(4, 2, 1) {
        let own = actor.old_card(100);
        let mut referees = Pace::below(&[(know.referees_per_7_days, 7 * DAY)]);
        let limit = [(know.cards_per_device, 30 * DAY)];
        let (mut device, mut on_device) = (actor.stage.dice.bits(), Pace::below(&limit));
        for spot in actor.visits(&[store], &days, 2) {
            if on_device.room(spot.0) < 1 {
                (device, on_device) = (actor.stage.dice.bits(), Pace::below(&limit));
            }
            if on_device.room(spot.0) >= 1 && referees.take(spot.0, 1) {
                on_device.take(spot.0, 1);
                let phone = actor.stage.dice.bits();
                let card = issue(actor, spot, Some(own), device, phone);
                actor.buy((spot.0 + 60, spot.1), Some(card), Harm::None, |sale| {
                    (sale.total, sale.stamps) = (20_000, 0);
                });
            }
        }
    }
}

pub(super) fn careful_grants(actor: &mut Actor<'_, '_>) {
    let (days, know) = (actor.every_day(), actor.know);
    let mut by_agent = Pace::below(&[(know.grants_per_day, DAY)]);
    let mut cards: Vec<(u32, Pace)> = (0..actor.by(4, 2, 1))
        .map(|_| (actor.old_card(60), Pace::below(&[(know.points_granted_per_30_days, 30 * DAY)])))
        .collect();
    for day in days {
        let mut at = actor.evening(day);
        for (card, pace) in &mut cards {
            let points = actor.stage.dice.pick(&[50, 100, 100, 150]);
            if by_agent.room(at) >= 1 && pace.take(at, points) {
                by_agent.take(at, 1);
                let kind = Kind::Grant { card: *card, points, by: OTHER_AGENTS + actor.number };
                actor.stage.away(at, kind, Harm::Points);
            }
            at += 400;
        }
    }
}

pub(super) fn careful_transfers(actor: &mut Actor<'_, '_>) {
    let (days, know, stores) = (actor.every_day(), actor.know, actor.city());
    for _ in 0..actor.by(3, 2, 1) {
        let to = actor.old_card(10);
        let mut transfers = Pace::below(&[(know.transfers_in_per_30_days, 30 * DAY)]);
        let mut careful = Careful::new(know);
        for &day in &days {
            let at = actor.evening(day);
            if transfers.take(at, 1) {
                let from = actor.sleeping();
                let kind = Kind::Transfer { from, to, points: 400 };
                actor.stage.away(at, kind, Harm::Points);
            }
        }
        for spot in actor.visits(&stores, &days, 1) {
            let points = careful.spendable(spot.0).min(200);
            // If there are no points yet, all of the receipt earns.
            if points > 0 && careful.may(actor.stage.chain, spot.0, spot.1, points / 10 + 5, points)
            {
                actor.spend(spot, to, points, Scan::Static, Harm::None);
            }
        }
    }
}
