//! Receipts added up.

use super::lines::add_line;
use super::taxes::{Tax, sum_up};
use crate::answer::{CodeUse, GiftPayment, LimitUse, LineQuote, PointsQuote, Quote, RewardQuote};
use crate::order::{LineKind, Order};
use crate::pricing::quote::quote_id;
use crate::subline::UnitOrder;

/// Whether a line of one bill may be added to that of the same id of another.
pub(super) fn contradicts(order: &Order, more: &Order) -> bool {
    more.lines.iter().any(|line| {
        let own = order.lines.iter().find(|own| own.id == line.id);
        own.is_some_and(|own| {
            own.kind == LineKind::StoredValue
                || (own.kind, own.price) != (line.kind, line.price)
                || own.taxes != line.taxes
        })
    })
}

/// Adds a receipt to another; `order` is the joined one. Sums are written when all are there.
pub(super) fn add_receipt(quote: &mut Quote, more: &Quote, order: &Order, units: UnitOrder) {
    for line in &more.lines {
        let source = order.lines.iter().find(|source| source.id == line.id);
        let own = quote.lines.iter_mut().find(|own: &&mut LineQuote| own.id == line.id);
        match own.zip(source) {
            Some((own, source)) => add_line(own, line, source, units),
            None => quote.lines.push(line.clone()),
        }
    }
    more.points.iter().for_each(|entry| add_points(&mut quote.points, entry));
    more.rewards.iter().for_each(|reward| add_reward(&mut quote.rewards, reward));
    more.limits.iter().for_each(|usage| add_limit(&mut quote.limits, usage));
    more.codes.iter().for_each(|code| add_code(&mut quote.codes, code));
    more.gift_cards.iter().for_each(|paid| add_gift(&mut quote.gift_cards, paid));
    quote.coupons.extend(more.coupons.iter().cloned());
    quote.loads.extend(more.loads.iter().cloned());
    add_missing(&mut quote.granted, &more.granted);
    add_missing(&mut quote.offers, &more.offers);
    add_missing(&mut quote.reasons, &more.reasons);
    add_missing(&mut quote.challenges, &more.challenges);
    for judged in &more.judged {
        if !quote.judged.iter().any(|own| own.path == judged.path) {
            quote.judged.push(judged.clone());
        }
    }
}

/// Writes the sums of a receipt that others were added to.
pub(super) fn finish(quote: &mut Quote, order: &Order, taxes: &[Tax<'_>]) {
    sum_up(quote, order, taxes);
    let gift: i64 = quote.gift_cards.iter().map(|paid| paid.amount.units).sum();
    quote.totals.gift.units = gift;
    quote.totals.rest.units -= gift;
    (quote.spendable, quote.explanation) = (None, None);
    quote.quote_id = quote_id(quote);
}

fn add_missing<T: Clone + PartialEq>(list: &mut Vec<T>, more: &[T]) {
    for one in more {
        if !list.contains(one) {
            list.push(one.clone());
        }
    }
}

fn add_points(points: &mut Vec<PointsQuote>, more: &PointsQuote) {
    let same = |own: &&mut PointsQuote| own.card == more.card && own.points == more.points;
    let Some(own) = points.iter_mut().find(same) else {
        points.push(more.clone());
        return;
    };
    own.earned.units += more.earned.units;
    own.money.units += more.money.units;
    own.spent.units += more.spent.units;
    for lot in &more.lots {
        let same = own.lots.iter_mut().find(|one| {
            let amount = lot.amount;
            crate::answer::EarnedLot { amount, ..(**one).clone() } == *lot
        });
        match same {
            Some(one) => one.amount.units += lot.amount.units,
            None => own.lots.push(lot.clone()),
        }
    }
}

fn add_reward(rewards: &mut Vec<RewardQuote>, more: &RewardQuote) {
    let same = |own: &&mut RewardQuote| own.reward == more.reward && own.card == more.card;
    match rewards.iter_mut().find(same) {
        Some(own) => {
            own.claimed = own.claimed.saturating_add(more.claimed);
            own.money.units += more.money.units;
            own.spent.units += more.spent.units;
        }
        None => rewards.push(more.clone()),
    }
}

fn add_limit(limits: &mut Vec<LimitUse>, more: &LimitUse) {
    let same = |own: &&mut LimitUse| {
        own.limit == more.limit && own.subject == more.subject && own.period == more.period
    };
    match limits.iter_mut().find(same) {
        Some(own) => {
            own.money.units += more.money.units;
            own.points.units += more.points.units;
            own.uses += more.uses;
        }
        None => limits.push(more.clone()),
    }
}

fn add_code(codes: &mut Vec<CodeUse>, more: &CodeUse) {
    match codes.iter_mut().find(|own| own.code == more.code) {
        Some(own) => add_missing(&mut own.rules, &more.rules),
        None => codes.push(more.clone()),
    }
}

fn add_gift(gift_cards: &mut Vec<GiftPayment>, more: &GiftPayment) {
    match gift_cards.iter_mut().find(|own| own.card == more.card) {
        Some(own) => own.amount.units += more.amount.units,
        None => gift_cards.push(more.clone()),
    }
}
