//! Guests who look like frauds.

use super::Scene;
use crate::chain::weekday;
use crate::crowd::{REWARD, WELCOME};
use crate::draft::{Claim, Spend};
use crate::happening::{Confirmation, Kind, Outcome, Proof, Scan};
use crate::{draft::Harm, number_hash};

pub(super) fn office_lunch(scene: &mut Scene<'_, '_>) {
    if weekday(scene.day) > 4 {
        return;
    }
    let mut at = scene.stage.near(scene.store, scene.day, 12 * 60 + 20, 20);
    let place = scene.stage.till(scene.store, at);
    for number in 0..scene.stage.dice.between(5, 14) {
        let mut sale = scene.stage.sale(scene.store, Some(scene.cards[0]));
        sale.how = Scan::Rotating;
        if number == 0 && scene.every(4) {
            sale.spend = Spend::Half;
        }
        scene.stage.ring_up(at, place, sale, Harm::None);
        at += scene.stage.dice.between(40, 110);
    }
}

pub(super) fn parents(scene: &mut Scene<'_, '_>) {
    let card = Some(scene.cards[0]);
    if scene.is_day(0, 5) {
        let (at, device) = (scene.stage.moment(scene.store, scene.day), scene.stage.dice.bits());
        scene.stage.away(at, Kind::Shared { card: scene.cards[0], device }, Harm::None);
    }
    if !scene.every(2) {
        return;
    }
    let other = scene.stage.chain.another(scene.store, true, &mut scene.stage.dice);
    let at = scene.stage.near(scene.store, scene.day, 18 * 60 + 30, 40);
    let apart = scene.stage.dice.between(30, 900);
    let spends = scene.stage.dice.chance(1_500);
    scene.buy(scene.store, at, card, |sale| {
        sale.spend = if spends { Spend::Half } else { Spend::None };
    });
    scene.buy(other, at + apart, card, |_| {});
}

pub(super) fn twins(scene: &mut Scene<'_, '_>) {
    if !scene.every(3) {
        return;
    }
    let at = scene.stage.near(scene.store, scene.day, 15 * 60, 60);
    let tills = scene.stage.chain.store(scene.store).tills.clone();
    for (delay, till) in [(0, tills[0]), (scene.stage.dice.between(2, 40), tills[1])] {
        let place = scene.stage.chain.place(till, at + delay);
        let sale = scene.stage.sale(scene.store, Some(scene.cards[0]));
        scene.stage.ring_up(at + delay, place, sale, Harm::None);
    }
}

pub(super) fn commuter(scene: &mut Scene<'_, '_>) {
    // Moscow in the morning, Kazan in the evening, and back two days later.
    let (morning, evening) = match (scene.nth + scene.whim).rem_euclid(7) {
        1 => (1, 4),
        3 => (5, 3),
        _ => return,
    };
    let card = Some(scene.cards[0]);
    let spends = scene.stage.dice.chance(5_000);
    let (first, second) = (
        scene.stage.near(morning, scene.day, 9 * 60, 40),
        scene.stage.near(evening, scene.day, 17 * 60, 60),
    );
    scene.buy(morning, first, card, |_| {});
    scene.buy(evening, second, card, |sale| {
        sale.spend = if spends { Spend::Half } else { Spend::None };
    });
}

pub(super) fn traveller(scene: &mut Scene<'_, '_>) {
    let start = scene.whim % 12;
    if !(start + 2..start + 7).contains(&scene.nth) {
        return;
    }
    let at = scene.stage.moment(scene.store, scene.day);
    let total = scene.stage.dice.between(800, 2_400) * 100;
    scene.buy(scene.store, at, Some(scene.cards[0]), |sale| {
        (sale.total, sale.spend) = (total, Spend::Half);
    });
}

pub(super) fn tourist(scene: &mut Scene<'_, '_>) {
    if !scene.is_day(4, 12) {
        return;
    }
    let card = Some(scene.cards[0]);
    for (visit, store) in [1, 2, 3, 1, 2, 3, 2, 1].into_iter().enumerate() {
        let at = scene.stage.near(store, scene.day, 9 * 60 + 10 + 80 * visit as i64, 25);
        scene.buy(store, at, card, |sale| {
            sale.how = Scan::Static;
            sale.spend = if visit % 3 == 2 { Spend::Half } else { Spend::None };
        });
    }
}

pub(super) fn typed(scene: &mut Scene<'_, '_>) {
    if !scene.every(2) {
        return;
    }
    let at = scene.stage.near(scene.store, scene.day, 10 * 60 + 30, 60);
    let place = scene.stage.till(scene.store, at);
    let card = scene.cards[0];
    if scene.stage.dice.chance(2_000) {
        let number_hash = scene.stage.dice.bits();
        let outcome = Outcome::Refused;
        let kind = Kind::Present { card: None, number_hash, outcome, how: Scan::Typed };
        scene.stage.tell(at - 30, place, kind, Harm::None);
    }
    let mut sale = scene.stage.sale(scene.store, Some(card));
    sale.how = Scan::Typed;
    if scene.stage.dice.chance(3_000) {
        sale.spend = Spend::Half;
    }
    scene.stage.ring_up(at, place, sale, Harm::None);
}

pub(super) fn welcome(scene: &mut Scene<'_, '_>) {
    if !scene.every(6) {
        return;
    }
    let at = scene.stage.moment(scene.store, scene.day);
    let place = scene.stage.till(scene.store, at);
    let (card, device) = (scene.stage.ids.new_card(), Some(scene.stage.dice.bits()));
    let phone = Some(scene.stage.dice.bits());
    let kind = Kind::Issue { card, referrer: None, device, phone, welcome: WELCOME, reward: 0 };
    scene.stage.tell(at, place, kind, Harm::None);
    let mut sale = scene.stage.sale(scene.store, Some(card));
    (sale.total, sale.spend) = (sale.total.max(40_000), Spend::Half);
    scene.stage.ring_up(at + 45, place, sale, Harm::None);
}

pub(super) fn lost_phone(scene: &mut Scene<'_, '_>) {
    if scene.is_day(3, 12) {
        let at = scene.stage.moment(scene.store, scene.day);
        for (delay, what) in [(0, Proof::Phone), (90, Proof::Device), (150, Proof::Pin)] {
            scene.stage.away(
                at + delay,
                Kind::Credential { card: scene.cards[0], what },
                Harm::None,
            );
        }
        let place = scene.stage.till(scene.store, at + 3_000);
        let mut sale = scene.stage.sale(scene.store, Some(scene.cards[0]));
        (sale.total, sale.spend) = (sale.total.max(90_000), Spend::Half);
        (sale.how, sale.confirmed) = (Scan::Rotating, Confirmation::Code);
        scene.stage.ring_up(at + 3_000, place, sale, Harm::None);
    } else if scene.every(4) {
        let at = scene.stage.moment(scene.store, scene.day);
        scene.buy(scene.store, at, Some(scene.cards[0]), |_| {});
    }
}

pub(super) fn new_member(scene: &mut Scene<'_, '_>) {
    let card = scene.cards[0];
    if scene.is_day(3, 12) {
        let (at, device) =
            (scene.stage.near(scene.store, scene.day, 10 * 60, 30), scene.stage.dice.bits());
        scene.stage.away(at, Kind::Shared { card, device }, Harm::None);
        scene.buy(scene.store, at + 7_200, Some(card), |sale| {
            (sale.total, sale.spend) = (sale.total.max(60_000), Spend::Half);
        });
    } else if scene.every(3) {
        let at = scene.stage.moment(scene.store, scene.day);
        scene.buy(scene.store, at, Some(card), |_| {});
    }
}

pub(super) fn split_bill(scene: &mut Scene<'_, '_>) {
    if !scene.every(7) {
        return;
    }
    let mut at = scene.stage.near(scene.store, scene.day, 19 * 60, 30);
    let place = scene.stage.till(scene.store, at);
    for _ in 0..scene.stage.dice.between(4, 7) {
        let payer = Some(scene.stage.dice.bits());
        let mut sale = scene.stage.sale(scene.store, Some(scene.cards[0]));
        (sale.payer, sale.total) = (payer, 45_000);
        scene.stage.ring_up(at, place, sale, Harm::None);
        at += scene.stage.dice.between(25, 70);
    }
}

pub(super) fn clumsy_pin(scene: &mut Scene<'_, '_>) {
    if !scene.every(5) {
        return;
    }
    let at = scene.stage.moment(scene.store, scene.day);
    let place = scene.stage.till(scene.store, at);
    let card = scene.cards[0];
    let (card_shown, number_hash, how) = (Some(card), number_hash(card), Scan::Pin);
    let mistakes = scene.stage.dice.between(1, 4);
    for mistake in 0..mistakes {
        let kind = Kind::Present { card: card_shown, number_hash, outcome: Outcome::Refused, how };
        scene.stage.tell(at + mistake * 15, place, kind, Harm::None);
    }
    let mut sale = scene.stage.sale(scene.store, card_shown);
    (sale.how, sale.spend) = (how, Spend::Half);
    scene.stage.ring_up(at + mistakes * 15 + 30, place, sale, Harm::None);
}

pub(super) fn coupon_typist(scene: &mut Scene<'_, '_>) {
    if !scene.every(6) {
        return;
    }
    let at = scene.stage.moment(scene.store, scene.day);
    let wrong = scene.stage.dice.between(2, 4);
    let codes = (0..wrong).map(|_| scene.stage.dice.bits()).collect();
    scene.buy(scene.store, at, Some(scene.cards[0]), |sale| {
        (sale.wrong_codes, sale.coupons) = (codes, 1);
    });
}

pub(super) fn popular(scene: &mut Scene<'_, '_>) {
    if scene.is_day(2, 10) || scene.is_day(5, 10) {
        for _ in 0..scene.stage.dice.between(4, 8) {
            let at = scene.stage.moment(scene.store, scene.day);
            issue(scene, at, None);
        }
    } else if scene.every(3) {
        let at = scene.stage.moment(scene.store, scene.day);
        scene.buy(scene.store, at, Some(scene.cards[0]), |_| {});
    }
}

pub(super) fn family_device(scene: &mut Scene<'_, '_>) {
    if scene.is_day(3, 14) {
        let device = scene.stage.dice.bits();
        let at = scene.stage.near(scene.store, scene.day, 12 * 60, 120);
        for child in 0..3 {
            issue(scene, at + child * 240, Some(device));
        }
    }
}

/// A friend or a child gets a card and buys at once.
fn issue(scene: &mut Scene<'_, '_>, at: i64, device: Option<u64>) {
    let place = scene.stage.till(scene.store, at);
    let card = scene.stage.ids.new_card();
    let device = Some(device.unwrap_or_else(|| scene.stage.dice.bits()));
    let phone = Some(scene.stage.dice.bits());
    let referrer = Some(scene.cards[0]);
    let kind = Kind::Issue { card, referrer, device, phone, welcome: WELCOME, reward: REWARD };
    scene.stage.tell(at, place, kind, Harm::None);
    let sale = scene.stage.sale(scene.store, Some(card));
    scene.stage.ring_up(at + 50, place, sale, Harm::None);
    for visit in 1..3 {
        let at = scene.stage.moment(scene.store, scene.day + visit * 5);
        scene.buy(scene.store, at, Some(card), |_| {});
    }
}

pub(super) fn asker(scene: &mut Scene<'_, '_>) {
    if !scene.every(2) {
        return;
    }
    let at = scene.stage.moment(scene.store, scene.day);
    let place = scene.stage.till(scene.store, at);
    let card = scene.cards[0];
    let (outcome, how) = (Outcome::Accepted, Scan::Static);
    let kind = Kind::Present { card: Some(card), number_hash: number_hash(card), outcome, how };
    scene.stage.tell(at, place, kind, Harm::None);
    if scene.stage.dice.chance(6_000) {
        let mut sale = scene.stage.sale(scene.store, Some(card));
        sale.how = how;
        scene.stage.ring_up(at + 60, place, sale, Harm::None);
    }
}

pub(super) fn aunt(scene: &mut Scene<'_, '_>) {
    let from = scene.cards[0];
    if scene.is_day(4, 10) || scene.is_day(9, 10) {
        let at = scene.stage.moment(scene.store, scene.day);
        for number in 0..2 {
            let to = scene.everyone.rare(scene.store, scene.stage);
            let kind = Kind::Transfer { from, to, points: 500 };
            scene.stage.away(at + number * 200, kind, Harm::None);
            scene.buy(scene.store, at + 8_000 + number * 3_000, Some(to), |sale| {
                (sale.total, sale.spend) = (sale.total.max(70_000), Spend::Half);
            });
        }
    }
}

pub(super) fn wardrobe(scene: &mut Scene<'_, '_>) {
    if !scene.every(6) {
        return;
    }
    let at = scene.stage.moment(scene.store, scene.day);
    let receipt = scene.buy(scene.store, at, Some(scene.cards[0]), |sale| {
        (sale.total, sale.items, sale.remember) = (sale.total * 3, 3, true);
    });
    let back = scene.stage.moment(scene.store, scene.day + 2);
    let place = scene.stage.till(scene.store, back);
    scene.stage.refund(back, place, receipt, 66, Harm::None);
}

pub(super) fn forgetful(scene: &mut Scene<'_, '_>) {
    if !scene.every(7) {
        return;
    }
    let bought = scene.stage.moment(scene.store, scene.day);
    let mut total = 0;
    let number = scene.buy(scene.store, bought, None, |sale| {
        // Kept, so that it lies around for nobody else.
        sale.remember = true;
        total = sale.total;
    });
    let at = scene.stage.moment(scene.store, scene.day + 1);
    scene.buy(scene.store, at, Some(scene.cards[0]), |sale| {
        (sale.claim, sale.total, sale.stamps) = (Claim::Of { number, bought }, total, 0);
    });
}
