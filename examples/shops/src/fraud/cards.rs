//! What is done with cards of others.

use super::actor::Actor;
use super::careful::Careful;
use crate::chain::DAY;
use crate::draft::{Harm, Spend};
use crate::happening::{Kind, Outcome, Proof, Scan};
use crate::mishaps::outage;
use crate::number_hash;

/// How the points of a card are spent: in so many parts, after so many seconds, so many seconds apart.
struct Drain {
    points: i64,
    parts: i64,
    wait: i64,
    apart: i64,
    how: Scan,
}

/// Spends the points of a card, faster than wished if the world ends before.
fn drain(actor: &mut Actor<'_, '_>, card: u32, from: i64, drain: Drain) {
    let Drain { points, parts, wait, apart, how } = drain;
    let left = (actor.to + 1) * DAY - from;
    let wait = wait.min(left / 2).max(300);
    let apart = apart.min((left - wait) / parts).max(240);
    let stores = actor.city();
    for part in 0..parts {
        let store = actor.stage.dice.pick(&stores);
        let spot = actor.soon(store, from + wait + part * apart);
        actor.spend(spot, card, points / parts, how, Harm::Spent);
    }
}

pub(super) fn two_tills(actor: &mut Actor<'_, '_>) {
    let store = actor.store;
    let tills = actor.stage.chain.store(store).tills.clone();
    let days = actor.days(actor.by(2, 4, 8));
    for (at, _) in actor.visits(&[store], &days, actor.by(3, 1, 1)) {
        let card = actor.old_card(600);
        let first = (at, actor.stage.chain.place(tills[0], at));
        actor.spend(first, card, 500, Scan::Static, Harm::None);
        let at = at + actor.stage.dice.between(1, actor.by(4, 20, 50));
        let second = (at, actor.stage.chain.place(tills[1], at));
        let points = actor.by(600, 450, 300);
        actor.buy(second, Some(card), Harm::Beyond, |sale| {
            (sale.total, sale.spend) = (points * 200, Spend::Believed(600));
            sale.how = Scan::Static;
        });
        if let Some(draft) = actor.stage.last() {
            draft.lag = 240;
        }
    }
}

pub(super) fn stolen(actor: &mut Actor<'_, '_>) {
    for _ in 0..actor.by(3, 2, 2) {
        let card = actor.old_card(2_000);
        actor.past(card);
        let day = actor.early();
        let from = actor.spot(actor.store, day).0;
        let (parts, apart) = actor.by((5, 400), (5, 9_000), (8, 3 * DAY));
        let way = Drain { points: 2_000, parts, wait: 0, apart, how: Scan::Static };
        drain(actor, card, from, way);
    }
}

pub(super) fn takeover(actor: &mut Actor<'_, '_>) {
    for _ in 0..actor.by(4, 2, 2) {
        let card = actor.old_card(1_800);
        actor.past(card);
        let day = actor.early();
        let from = actor.spot(actor.store, day).0;
        for (number, what) in [Proof::Phone, Proof::Pin, Proof::Device].into_iter().enumerate() {
            let at = from + number as i64 * actor.by(30, 400, 5_000);
            actor.stage.away(at, Kind::Credential { card, what }, Harm::None);
        }
        let (parts, wait, apart) =
            actor.by((3, 600, 500), (4, 20_000, 12_000), (5, 5 * DAY, 2 * DAY));
        let way = Drain { points: 1_800, parts, wait, apart, how: Scan::Rotating };
        drain(actor, card, from, way);
    }
}

pub(super) fn screenshot(actor: &mut Actor<'_, '_>) {
    let (card, home, stores) = (actor.old_card(400), actor.city(), actor.anywhere());
    actor.past(card);
    let days = actor.days(actor.by(3, 8, 14));
    for spot in actor.visits(&stores, &days, actor.by(10, 4, 2)) {
        let (at, place) = spot;
        if actor.stage.dice.chance(2_500) {
            let outcome = actor.stage.dice.pick(&[Outcome::Replayed, Outcome::OutOfTime]);
            let (number_hash, how) = (number_hash(card), Scan::Rotating);
            let kind = Kind::Present { card: Some(card), number_hash, outcome, how };
            actor.stage.tell(at - 20, place, kind, Harm::None);
        }
        let harm = if home.contains(&place.store) { Harm::None } else { Harm::Earned };
        let spends = harm == Harm::None && actor.stage.dice.chance(2_000);
        actor.buy(spot, Some(card), harm, |sale| {
            sale.how = Scan::Static;
            sale.spend = if spends { Spend::Half } else { Spend::None };
        });
    }
}

pub(super) fn static_leak(actor: &mut Actor<'_, '_>) {
    let (card, stores) = (actor.old_card(1_500), actor.anywhere());
    actor.past(card);
    let days = actor.days(actor.by(3, 10, 25));
    for (number, spot) in actor.visits(&stores, &days, actor.by(25, 6, 3)).into_iter().enumerate() {
        let payer = actor.stage.dice.bits();
        let (harm, spend) =
            if number % 2 == 0 { (Harm::Spent, Spend::Half) } else { (Harm::Earned, Spend::None) };
        actor.buy(spot, Some(card), harm, |sale| {
            (sale.how, sale.spend, sale.payer) = (Scan::Static, spend, Some(payer));
        });
    }
}

pub(super) fn typed(actor: &mut Actor<'_, '_>) {
    let store = actor.store;
    let days = actor.days(actor.by(2, 6, 12));
    for spot in actor.visits(&[store], &days, actor.by(8, 2, 1)) {
        let card = actor.sleeping();
        actor.spend(spot, card, 150, Scan::Typed, Harm::Spent);
    }
}

pub(super) fn offline_cherry(actor: &mut Actor<'_, '_>) {
    let chain = actor.stage.chain;
    let (seed, wanted) = (actor.stage.seed, actor.by(6, 4, 3));
    // Whatever outages there are from its first day on, and if there are none, earlier ones.
    let days = (actor.from..=actor.last).chain(actor.first + 1..actor.from);
    let mut outages = Vec::new();
    for day in days {
        for store in actor.anywhere() {
            outages.extend(outage(chain, seed, store, day).map(|(from, to)| (store, from, to)));
        }
        if outages.len() >= wanted {
            break;
        }
    }
    outages.truncate(wanted);
    outages.sort_by_key(|&(_, from, _)| from);
    let card = actor.old_card(800);
    for (store, from, to) in outages {
        let (opens, closes) = chain.store(store).opening(chain.store(store).local_day(from));
        let (from, to) = (from.max(opens), to.min(closes));
        for (part, &till) in chain.store(store).tills.iter().take(actor.by(3, 2, 2)).enumerate() {
            let part = part as i64;
            let at = from + (to - from) * (part + 1) / 6 + actor.stage.dice.below(300);
            let points = actor.by(800, 500, 450);
            actor.buy((at, chain.place(till, at)), Some(card), Harm::Beyond, |sale| {
                (sale.total, sale.spend) = (points * 200, Spend::Believed(800));
                sale.how = Scan::Static;
            });
        }
    }
}

pub(super) fn household(actor: &mut Actor<'_, '_>) {
    let card = actor.old_card(2_200);
    actor.past(card);
    let day = actor.from;
    let (at, device) = (actor.spot(actor.store, day).0, actor.stage.dice.bits());
    actor.stage.away(at, Kind::Shared { card, device }, Harm::None);
    let (parts, wait, apart) = actor.by((3, 900, 700), (5, DAY, DAY / 2), (6, 9 * DAY, 3 * DAY));
    let way = Drain { points: 2_200, parts, wait, apart, how: Scan::Rotating };
    drain(actor, card, at, way);
}

pub(super) fn careful_drain(actor: &mut Actor<'_, '_>) {
    let (stores, days) = (actor.city(), actor.every_day());
    for _ in 0..actor.by(4, 3, 2) {
        let card = actor.old_card(2_600);
        let mut careful = Careful::new(actor.know);
        // The owner's last visits count as well.
        let before: Vec<i64> = (actor.first..actor.from).step_by(6).collect();
        for spot in actor.visits(&stores, &before, 1) {
            let total = actor.stage.dice.between(150, 900) * 100;
            if careful.may(actor.stage.chain, spot.0, spot.1, total / 2_000, 0) {
                actor.buy(spot, Some(card), Harm::None, |sale| {
                    (sale.total, sale.stamps) = (total, 0);
                });
            }
        }
        let mut left = 2_600;
        for spot in actor.visits(&stores, &days, 8) {
            let points =
                careful.spendable(spot.0).min(left).min(actor.stage.dice.between(150, 400));
            // A receipt of twice the points earns a twentieth of them.
            if points > 0 && careful.may(actor.stage.chain, spot.0, spot.1, points / 20 + 5, points)
            {
                left -= points;
                actor.spend(spot, card, points, Scan::Static, Harm::Spent);
            }
        }
    }
}

pub(super) fn careful_travel(actor: &mut Actor<'_, '_>) {
    let (card, days) = (actor.old_card(300), actor.every_day());
    let mut careful = Careful::new(actor.know);
    let (home, mut away) = (actor.city(), actor.anywhere());
    away.retain(|store| !home.contains(store));
    for (number, day) in days.into_iter().enumerate() {
        // A friend's turn in another city every other day, else whoever comes first.
        let stores = if number % 2 == 1 { away.clone() } else { actor.anywhere() };
        for spot in actor.visits(&stores, &[day], actor.by(20, 12, 6)) {
            let total = actor.stage.dice.between(150, 600) * 100;
            if careful.may(actor.stage.chain, spot.0, spot.1, total / 2_000, 0) {
                let harm = if home.contains(&spot.1.store) { Harm::None } else { Harm::Earned };
                actor.buy(spot, Some(card), harm, |sale| {
                    (sale.total, sale.how, sale.stamps) = (total, Scan::Static, 0);
                });
            }
        }
    }
}
