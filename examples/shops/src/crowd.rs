//! Everyday life: guests, their visits, and what goes wrong without anybody's fault.

use jiff::civil::Date;

use crate::chain::DAY;
use crate::dice::mark_below;
use crate::draft::{Claim, Harm, Origin, Spend};
use crate::happening::{Confirmation, Kind, Lockable, Outcome, Proof, Scan};
use crate::mishaps::wrong_till;
use crate::population::Cards;
use crate::stage::Stage;

/// Points that a new card gets.
pub const WELCOME: i64 = 200;
/// Points for bringing a new guest.
pub const REWARD: i64 = 300;

/// Whether a day is one of a rush: before holidays, and once early in the world, when the town celebrates.
fn rush(day: i64, first_day: i64) -> bool {
    let date = Date::constant(1970, 1, 1).checked_add(jiff::Span::new().days(day));
    let holiday = date.is_ok_and(|date| date.month() == 12 && matches!(date.day(), 24 | 31));
    holiday || day == first_day + 9
}

/// Everything that happens in one store on one day in everyday life.
pub(crate) fn day(stage: &mut Stage<'_>, cards: &Cards, store: u32, day: i64, plan: &crate::Plan) {
    let usual = i64::from(plan.receipts_per_store_day);
    let weekday = [96, 92, 94, 100, 116, 112, 90][crate::chain::weekday(day)];
    let receipts = (usual * weekday / 100) * stage.dice.between(92, 108) / 100;
    let crowd = if rush(day, plan.first_day) { receipts * 5 / 2 } else { receipts };
    let (wrong, [from, to]) = wrong_till(stage.chain, plan.seed, plan.first_day);
    for number in 0..crowd.max(1) {
        let extra = number >= receipts.max(1);
        visit(stage, cards, store, day, |till| {
            if till == wrong && (from..=to).contains(&day) {
                Origin::Persona("wrong-clock-till")
            } else if extra {
                Origin::Persona("holiday-rush")
            } else {
                Origin::Everyday
            }
        });
        stage.origin = Origin::Everyday;
    }
    if day == to + 1 && stage.chain.store(store).tills.contains(&wrong) {
        let at = stage.chain.store(store).opening(day).0;
        let place = stage.chain.place(wrong, at);
        stage.origin = Origin::Persona("wrong-clock-till");
        stage.tell(at, place, Kind::ClockStep { seconds: -3 * 3600 }, Harm::None);
        stage.origin = Origin::Everyday;
    }
    besides(stage, cards, store, day, receipts);
}

/// A receipt and what follows of it.
fn visit(
    stage: &mut Stage<'_>,
    cards: &Cards,
    store: u32,
    day: i64,
    origin: impl Fn(u32) -> Origin,
) {
    let mut at = stage.moment(store, day);
    let (mut card, mut back) = (None, false);
    if stage.dice.chance(3_500) {
        let home = if stage.dice.chance(600) && stage.chain.has_neighbour(store) {
            stage.chain.another(store, true, &mut stage.dice)
        } else {
            store
        };
        let (mut guest, tier) = cards.guest(home, stage);
        back = stage.dice.chance(40);
        if back {
            guest = cards.returning(stage);
        }
        card = Some(guest);
        if !back && tier < 2 && stage.dice.chance(7_000) {
            let usual = mark_below(stage.seed, &[80, u64::from(guest)], 12 * 60);
            at = stage.near(store, day, 8 * 60 + usual, 25);
        }
    }
    let mut place = stage.till(store, at);
    place.shift_open = !stage.dice.chance(15);
    stage.origin = origin(place.till);
    let mut sale = stage.sale(store, card);
    if card.is_some() {
        if stage.dice.chance(if back { 5_000 } else { 1_000 }) {
            sale.spend = Spend::Half;
            sale.confirmed = match stage.dice.below(20) {
                0..4 => Confirmation::Code,
                4 => Confirmation::Manager,
                _ => Confirmation::None,
            };
        }
        sale.after_total = stage.dice.chance(250);
    }
    if stage.dice.chance(450) {
        sale.coupons = if stage.dice.chance(800) { 2 } else { 1 };
    }
    if stage.dice.chance(20) {
        let wrong = if stage.dice.chance(2_000) { 2 } else { 1 };
        sale.wrong_codes = (0..wrong).map(|_| stage.dice.bits()).collect();
    }
    if stage.dice.chance(60) {
        sale.manual_discount = sale.total * stage.dice.pick(&[5, 10, 10, 15]) / 100;
        sale.total -= sale.manual_discount;
    }
    let lag = if stage.dice.chance(40) { stage.dice.between(60, 3_600) } else { 0 };
    let fate = stage.dice.below(10_000);
    sale.remember = fate < 250;
    let (total, guest) = (sale.total, sale.card);
    if (250..280).contains(&fate) {
        gift(stage, cards, &mut sale, store, at, day);
    }
    let receipt = stage.ring_up(at, place, sale, Harm::None);
    if let Some(draft) = stage.last() {
        draft.lag = lag;
    }
    match fate {
        // Undone at once.
        0..95 => {
            let minutes = stage.dice.between(1, 9);
            stage.void(at + minutes * 60, place, receipt, Harm::None);
        }
        // Returned some days later, wholly or in part.
        95..250 => {
            let days = stage.dice.between(0, 11);
            let back = later(stage, store, at, day, days);
            let till = stage.till(store, back);
            let percent = stage.dice.pick(&[100, 100, 60, 35, 20]);
            stage.refund(back, till, receipt, percent, Harm::None);
        }
        // Claimed later: the card was at home.
        280..300 if guest.is_none() => {
            let days = stage.dice.between(1, 5);
            let later = stage.moment(store, day + days);
            let till = stage.till(store, later);
            let owner = cards.rare(store, stage);
            let mut claim = stage.sale(store, Some(owner));
            claim.claim = Claim::Of { number: receipt, bought: at };
            claim.total = total;
            claim.stamps = 0;
            stage.ring_up(later, till, claim, Harm::None);
        }
        _ => {}
    }
}

/// Half an hour later if the store is still open then, or some days later.
fn later(stage: &mut Stage<'_>, store: u32, at: i64, day: i64, days: i64) -> i64 {
    let soon = at + 1_800;
    if days == 0 && soon < stage.chain.store(store).opening(day).1 {
        soon
    } else {
        stage.moment(store, day + days.max(1))
    }
}

/// A gift card is loaded with the sale, and somebody spends it some days later.
fn gift(
    stage: &mut Stage<'_>,
    cards: &Cards,
    sale: &mut crate::draft::SaleDraft,
    store: u32,
    at: i64,
    day: i64,
) {
    let gift = stage.ids.gift_card();
    let money = stage.dice.pick(&[50_000, 100_000, 100_000, 200_000, 300_000]);
    sale.loads.push((gift, money));
    sale.total += money;
    let days = stage.dice.between(0, 25);
    let spent_at = later(stage, store, at, day, days);
    let till = stage.till(store, spent_at);
    let guest = stage.dice.chance(4_000).then(|| cards.rare(store, stage));
    let mut spent = stage.sale(store, guest);
    spent.gift_spent.push((gift, money.min(spent.total)));
    stage.ring_up(spent_at, till, spent, Harm::None);
}

/// What happens beside sales: cards refused, new guests, grants, changes.
fn besides(stage: &mut Stage<'_>, cards: &Cards, store: u32, day: i64, receipts: i64) {
    for _ in 0..receipts {
        let at = stage.moment(store, day);
        match stage.dice.below(10_000) {
            0..14 => refused(stage, cards, store, at, Scan::Pin),
            14..30 => refused(stage, cards, store, at, Scan::Typed),
            30..42 => refused(stage, cards, store, at, Scan::Rotating),
            42..70 => {
                let (guest, _) = cards.guest(store, stage);
                present(stage, store, at, Some(guest), Outcome::Accepted);
            }
            70..130 => newcomer(stage, cards, store, at, day),
            130..133 => {
                let (card, _) = cards.guest(store, stage);
                let (points, by) = (stage.dice.pick(&[50, 100, 100, 200, 300]), agent(stage));
                stage.away(at, Kind::Grant { card, points, by }, Harm::None);
            }
            133..135 => {
                let ((from, _), (to, _)) = (cards.guest(store, stage), cards.guest(store, stage));
                let points = stage.dice.between(20, 300);
                if from != to {
                    stage.away(at, Kind::Transfer { from, to, points }, Harm::None);
                }
            }
            135..145 => {
                let (card, _) = cards.guest(store, stage);
                let what =
                    stage.dice.pick(&[Proof::Phone, Proof::Pin, Proof::Device, Proof::Device]);
                stage.away(at, Kind::Credential { card, what }, Harm::None);
            }
            145..149 => {
                let (card, _) = cards.guest(store, stage);
                let device = stage.dice.bits();
                stage.away(at, Kind::Shared { card, device }, Harm::None);
            }
            149..151 => lost_card(stage, cards, store, at),
            _ => {}
        }
    }
}

/// One of the three agents of the office.
pub(crate) fn agent(stage: &mut Stage<'_>) -> u32 {
    9_000 + u32::try_from(stage.dice.between(1, 3)).unwrap_or(1)
}

fn present(stage: &mut Stage<'_>, store: u32, at: i64, card: Option<u32>, outcome: Outcome) {
    let place = stage.till(store, at);
    let how = stage.scan(card);
    let number_hash = card.map_or_else(|| stage.dice.bits(), crate::number_hash);
    stage.tell(at, place, Kind::Present { card, number_hash, outcome, how }, Harm::None);
}

/// A card is refused, once or twice, and then the sale goes on.
fn refused(stage: &mut Stage<'_>, cards: &Cards, store: u32, at: i64, how: Scan) {
    let (guest, _) = cards.guest(store, stage);
    let place = stage.till(store, at);
    let (card, outcome) = match how {
        Scan::Typed => (None, Outcome::Refused),
        Scan::Rotating => (
            Some(guest),
            stage.dice.pick(&[Outcome::OutOfTime, Outcome::OutOfTime, Outcome::Replayed]),
        ),
        _ => (Some(guest), Outcome::Refused),
    };
    let times = if stage.dice.chance(2_500) { 2 } else { 1 };
    for time in 0..times {
        let number_hash = card.map_or_else(|| stage.dice.bits(), crate::number_hash);
        let kind = Kind::Present { card, number_hash, outcome, how };
        stage.tell(at + time * 20, place, kind, Harm::None);
    }
    let mut sale = stage.sale(store, Some(guest));
    sale.how = how;
    stage.ring_up(at + times * 20 + 15, place, sale, Harm::None);
}

/// A new guest, who may come again.
fn newcomer(stage: &mut Stage<'_>, cards: &Cards, store: u32, at: i64, day: i64) {
    let card = stage.ids.new_card();
    let referrer = stage.dice.chance(1_500).then(|| cards.guest(store, stage).0);
    let device = stage.dice.chance(8_000).then(|| stage.dice.bits());
    let phone = Some(stage.dice.bits());
    let reward = if referrer.is_some() { REWARD } else { 0 };
    let place = stage.till(store, at);
    let kind = Kind::Issue { card, referrer, device, phone, welcome: WELCOME, reward };
    stage.tell(at, place, kind, Harm::None);
    let sale = stage.sale(store, Some(card));
    stage.ring_up(at + 60, place, sale, Harm::None);
    for visit in 0..stage.dice.between(0, 3) {
        let days = 3 + visit * 8 + stage.dice.below(7);
        let back = stage.moment(store, day + days);
        let place = stage.till(store, back);
        let mut sale = stage.sale(store, Some(card));
        sale.spend = if stage.dice.chance(3_000) { Spend::Half } else { Spend::None };
        stage.ring_up(back, place, sale, Harm::None);
    }
}

/// A card was lost and found: locked, and free again the day after.
fn lost_card(stage: &mut Stage<'_>, cards: &Cards, store: u32, at: i64) {
    let (id, by) = (cards.rare(store, stage), agent(stage));
    for (when, locked) in [(at, true), (at + DAY, false)] {
        let kind = Kind::LockToggle { what: Lockable::Card, id, locked, by };
        stage.away(when, kind, Harm::None);
    }
    if stage.dice.chance(3_000) {
        // Found already, and not yet free.
        present(stage, store, at + 1_800, Some(id), Outcome::Locked);
    }
}
