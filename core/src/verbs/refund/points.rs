//! The points that a refund moves: spent ones back to their lots, earned ones taken back.

use super::lines::{SoldLine, all_is_back, brings_back_the_last, scaled};
use super::no_receipt;
use crate::account::TakeBack;
use crate::amount::Amount;
use crate::answer::{
    GiftPayment, LineQuote, PointsAmount, PointsQuote, Quote, RefundedPoints, RewardQuote,
};
use crate::error::Error;
use crate::program::{Clawback, Converted, Expired, PurchaseBack, RefundPolicy, RewardBack};
use crate::reason::{Reason, ReasonCode};
use crate::record::{
    DisputeState, Effect, LineReturned, Lot, LotMove, PointsReturned, ReferralPaid, RefundMade,
    SpendCounted, Token,
};
use crate::slice::{CLAWED_BACK, CONVERTED, SaleState, TENDERED};
use crate::verbs::draft::Draft;
use crate::verbs::gift::GiftShare;

/// Moves the points of what comes back, and notes it all as facts.
pub(super) fn give_back(
    draft: &mut Draft<'_>,
    sale: &SaleState,
    quote: &Quote,
    lines: &[SoldLine<'_>],
    (token, shares): (&Token, &[GiftShare<'_>]),
    reasons: &mut Vec<Reason>,
) -> Result<Vec<RefundedPoints>, Error> {
    for card in &quote.cards {
        draft.read(&card.card);
    }
    let policy = policy(sale)?;
    let mut moved = Vec::new();
    for (entry, (restored_before, taken_before)) in quote.points.iter().zip(&sale.points) {
        let of_line = |list: &[PointsAmount]| {
            list.iter().find(|one| one.is_of(entry)).map_or(0, |one| one.amount.units)
        };
        let sum = |list: fn(&LineQuote) -> &Vec<PointsAmount>| -> i64 {
            lines.iter().map(|line| line.moved(of_line(list(line.quote)), &line.after)).sum()
        };
        let spent = sum(|line| &line.spent) * i64::from(entry.spent.units > 0);
        let restored = restorable(quote, entry, policy, spent) - restored_before;
        let taken = sum(|line| &line.earned) * i64::from(entry.earned.units > 0) - taken_before;
        // After a lost dispute everything was taken back already.
        let taken = taken.max(0);
        let way = (*restored_before, restored);
        restore(draft, sale, entry, way, (policy.expired, "spent"), reasons);
        let before = lines.iter().map(|line| line.moved(of_line(&line.quote.spent), &line.before));
        let kept = spent - before.sum::<i64>() * i64::from(entry.spent.units > 0) - restored;
        reasons.extend(reward_kept(entry, kept));
        let posted = claw_back(draft, sale, quote, entry, taken, policy, reasons);
        moved.push(Moved { entry, restored, taken, posted });
    }
    count_back(draft, sale, lines);
    let all_back = brings_back_the_last(lines);
    let granted = match all_back && sale.dispute != Some(DisputeState::ClawedBack) {
        true => take_back_granted(draft, sale, quote, policy.clawback, reasons),
        false => Vec::new(),
    };
    let money = |units| Amount { units, digits: quote.totals.payable.digits };
    let returned = |line: &SoldLine<'_>| LineReturned {
        by_amount: money(line.after.by_amount - line.before.by_amount),
        line: line.quote.id.clone(),
        money: money(line.after.money - line.before.money),
        quantity: line.after.quantity - line.before.quantity,
    };
    let came_back = |line: &&SoldLine<'_>| line.before != line.after;
    let points = |moved: &Moved<'_>| PointsReturned {
        card: moved.entry.card.clone(),
        clawed_back: Amount { units: moved.taken, digits: moved.entry.earned.digits },
        points: moved.entry.points.clone(),
        restored: Amount { units: moved.restored, digits: moved.entry.spent.digits },
    };
    draft.push(Effect::RefundMade(RefundMade {
        lines: lines.iter().filter(came_back).map(returned).collect(),
        points: moved.iter().map(points).collect(),
        sale: Some(token.sale()),
        tenders: shares.iter().map(GiftShare::returned).collect(),
    }));
    let told = |moved: &Moved<'_>| RefundedPoints {
        card: moved.entry.card.clone(),
        clawed_back: Amount { units: moved.posted, digits: moved.entry.earned.digits },
        points: moved.entry.points.clone(),
        restored: Amount { units: moved.restored, digits: moved.entry.spent.digits },
    };
    let moved = moved.iter().filter(|moved| moved.restored + moved.posted > 0);
    let mut told: Vec<RefundedPoints> = moved.map(told).collect();
    granted.into_iter().for_each(|points| add_to(&mut told, points));
    Ok(told)
}

/// How many of so many spent points that are due come back: where what bought rewards stays spent,
/// the others in proportion.
fn restorable(quote: &Quote, entry: &PointsQuote, policy: &RefundPolicy, due: i64) -> i64 {
    if policy.reward == RewardBack::Restored {
        return due;
    }
    let own = |reward: &&RewardQuote| reward.card == entry.card && reward.points == entry.points;
    let bought: i64 = quote.rewards.iter().filter(own).map(|reward| reward.spent.units).sum();
    scaled(entry.spent.units - bought, due, entry.spent.units)
}

/// Tells of points that stay spent, if any do.
fn reward_kept(entry: &PointsQuote, kept: i64) -> Option<Reason> {
    let kept = Amount { units: kept, digits: entry.spent.digits };
    let reason = Reason::new(ReasonCode::RefundRewardKept).with("card", &entry.card);
    (kept.units > 0).then(|| reason.with("kept", kept))
}

/// Takes back everything that a sale earned and that was not taken back before; what it sold and
/// spent stays.
pub(in crate::verbs) fn take_back_earned(
    draft: &mut Draft<'_>,
    sale: &SaleState,
    reasons: &mut Vec<Reason>,
) -> Result<(), Error> {
    let quote = sale.quote().ok_or_else(no_receipt)?;
    let policy = policy(sale)?;
    let mut returned = Vec::new();
    for (entry, (_, before)) in quote.points.iter().zip(&sale.points) {
        let taken = entry.earned.units - before;
        draft.read(&entry.card);
        claw_back(draft, sale, quote, entry, taken, policy, reasons);
        if taken > 0 {
            returned.push(PointsReturned {
                card: entry.card.clone(),
                clawed_back: Amount { units: taken, digits: entry.earned.digits },
                points: entry.points.clone(),
                restored: Amount { units: 0, digits: entry.spent.digits },
            });
        }
    }
    // What was granted goes with the last goods that come back, so that it may be gone already.
    if !all_is_back(quote, sale) {
        take_back_granted(draft, sale, quote, policy.clawback, reasons);
    }
    draft.push(Effect::RefundMade(RefundMade {
        lines: Vec::new(),
        points: returned,
        sale: Some(sale.id.clone()),
        tenders: Vec::new(),
    }));
    Ok(())
}

/// Adds what was taken back to what moved of the same points on the same card.
fn add_to(told: &mut Vec<RefundedPoints>, more: RefundedPoints) {
    let same = |one: &&mut RefundedPoints| one.card == more.card && one.points == more.points;
    match told.iter_mut().find(same) {
        Some(one) => one.clawed_back.units += more.clawed_back.units,
        None => told.push(more),
    }
}

/// A purchase of which everything came back no longer counts, where the sale's policy says so.
pub(super) fn uncount(
    draft: &mut Draft<'_>,
    sale: &SaleState,
    lines: &[SoldLine<'_>],
) -> Result<(), Error> {
    let all_back = brings_back_the_last(lines);
    if all_back && policy(sale)?.purchase == PurchaseBack::Uncounted {
        uncount_purchase(draft, sale);
    }
    Ok(())
}

/// The purchase counts no longer.
pub(super) fn uncount_purchase(draft: &mut Draft<'_>, sale: &SaleState) {
    for counted in sale.spend_counted() {
        draft.push(Effect::SpendCounted(SpendCounted {
            amount: Amount { units: 0, digits: counted.amount.digits },
            purchases: -counted.purchases,
            ..counted.clone()
        }));
    }
}

/// Takes back what the sale granted for bringing a guest, so that another purchase may earn it.
fn take_back_granted(
    draft: &mut Draft<'_>,
    sale: &SaleState,
    quote: &Quote,
    policy: Clawback,
    reasons: &mut Vec<Reason>,
) -> Vec<RefundedPoints> {
    let mut taken = Vec::new();
    for granted in &quote.granted {
        draft.read(&granted.card);
        let own = own_lots(sale, &granted.card, |rule| rule == granted.lot.rule);
        let earned = (granted.lot.amount.units, granted.lot.amount.digits);
        let (card, points) = (&granted.card, &granted.points);
        let posted = take_back(draft, card, points, earned, &own, policy, reasons);
        let amount = |units| Amount { units, digits: earned.1 };
        if posted > 0 {
            taken.push(RefundedPoints {
                card: card.clone(),
                clawed_back: amount(posted),
                points: points.clone(),
                restored: amount(0),
            });
        }
    }
    if let Some(newcomer) = quote.cards.first().filter(|_| !quote.granted.is_empty()) {
        let card = newcomer.card.clone();
        draft.push(Effect::ReferralPaid(ReferralPaid { card, paid: false }));
    }
    taken
}

/// The lots that a sale opened on a card, of some rules.
fn own_lots<'a>(sale: &'a SaleState, card: &str, of: impl Fn(&str) -> bool) -> Vec<&'a str> {
    let opened = sale.completed().record.effects.iter().filter_map(|effect| match effect {
        Effect::LotOpened(opened) if opened.card == card && of(&opened.rule) => {
            Some(opened.lot.id.as_str())
        }
        _ => None,
    });
    opened.collect()
}

/// What moves of one entry of a receipt's points.
struct Moved<'a> {
    entry: &'a PointsQuote,
    restored: i64,
    /// Earned points that are due to be taken back.
    taken: i64,
    /// Those of them that were taken back or are owed; the rest is forgiven.
    posted: i64,
}

/// The refund policy that the sale copied.
pub(super) fn policy(sale: &SaleState) -> Result<&RefundPolicy, Error> {
    sale.opening().map(|opened| &opened.policy).ok_or_else(no_receipt)
}

/// Gives a gift card its money back, to the lots that it came from.
pub(in crate::verbs) fn restore_money(
    draft: &mut Draft<'_>,
    sale: &SaleState,
    paid: &GiftPayment,
    way: (i64, i64),
    reasons: &mut Vec<Reason>,
) {
    let entry = PointsQuote {
        card: paid.card.clone(),
        points: draft.rules.currency().to_owned(),
        spent: paid.amount,
        ..PointsQuote::default()
    };
    restore(draft, sale, &entry, way, (Expired::Lost, TENDERED), reasons);
}

/// Gives spent points back to the lots they came from, the one eaten last first.
fn restore(
    draft: &mut Draft<'_>,
    sale: &SaleState,
    entry: &PointsQuote,
    (before, now): (i64, i64),
    (policy, account): (Expired, &str),
    reasons: &mut Vec<Reason>,
) {
    if now <= 0 {
        return;
    }
    let (card, points) = (&entry.card, &entry.points);
    let amount = |units| Amount { units, digits: entry.spent.digits };
    let (mut skip, mut left) = (before, now);
    let eaten = eaten_lots(sale, card, points);
    let owed = entry.spent.units - eaten.iter().map(|(_, units)| units).sum::<i64>();
    draft.post(card, points, amount(now), account);
    // What was owed came last, so that it is forgiven first.
    let forgiven = (owed - skip).clamp(0, left);
    skip = (skip - owed).max(0);
    left -= forgiven;
    if forgiven > 0 {
        forgive(draft, entry, forgiven);
    }
    for (lot, units) in eaten.into_iter().rev() {
        let skipped = skip.min(units);
        skip -= skipped;
        let back = (units - skipped).min(left);
        if back == 0 {
            continue;
        }
        left -= back;
        // Money ends with its card, also where that was extended meanwhile.
        let end = if account == TENDERED { draft.card_ends(card) } else { lot.expires_at };
        let lot = &Lot { expires_at: end, ..lot.clone() };
        let expired = end.is_some_and(|end| end <= draft.at);
        let lot = match policy {
            Expired::Renewed if expired => {
                Lot { expires_at: None, id: draft.new_lot_id(), ..lot.clone() }
            }
            Expired::Renewed | Expired::Lost => lot.clone(),
        };
        if expired && policy == Expired::Lost {
            let reason = Reason::new(ReasonCode::RefundExpired).with("card", card);
            reasons.push(reason.with("expired", amount(back)));
        }
        draft.move_lot(card, points, lot, amount(back), LotMove::Restored);
    }
}

/// Takes back a debt that a sale made; where it was paid meanwhile, the points come back instead.
fn forgive(draft: &mut Draft<'_>, entry: &PointsQuote, units: i64) {
    let (card, points) = (&entry.card, &entry.points);
    let amount = |units| Amount { units, digits: entry.spent.digits };
    let debt = draft.account(card, points).map_or(0, |account| account.debt);
    let unpaid = debt.clamp(0, units);
    if unpaid > 0 {
        draft.move_debt(card, points, amount(-unpaid));
    }
    if units > unpaid {
        let id = draft.new_lot_id();
        let lot = Lot { earned_at: draft.at, id, ..Lot::default() };
        draft.move_lot(card, points, lot, amount(units - unpaid), LotMove::Restored);
    }
}

/// The lots that a sale ate, in the order of eating.
fn eaten_lots<'a>(sale: &'a SaleState, card: &str, points: &str) -> Vec<(&'a Lot, i64)> {
    let entry = sale.completed();
    let eaten = entry.record.effects.iter().filter_map(|effect| match effect {
        Effect::LotMoved(moved)
            if moved.why == LotMove::Spent && moved.card == card && moved.points == points =>
        {
            Some((&moved.lot, -moved.amount.units))
        }
        _ => None,
    });
    eaten.collect()
}

/// Takes earned points back: from the sale's own lots first, then as far as the policy goes.
/// Gives what was taken back or is owed.
fn claw_back(
    draft: &mut Draft<'_>,
    sale: &SaleState,
    quote: &Quote,
    entry: &PointsQuote,
    units: i64,
    policy: &RefundPolicy,
    reasons: &mut Vec<Reason>,
) -> i64 {
    let granted = |rule: &str| quote.granted.iter().any(|granted| granted.lot.rule == rule);
    let mut own = own_lots(sale, &entry.card, |rule| !granted(rule));
    let earned = (units, entry.earned.digits);
    let converted = match policy.converted == Converted::TakenBack {
        true => bring_back_converted(draft, entry, units, (&own, policy.clawback), reasons),
        false => Vec::new(),
    };
    own.extend(converted.iter().map(String::as_str));
    take_back(draft, &entry.card, &entry.points, earned, &own, policy.clawback, reasons)
}

/// Makes unused coupons void into which the card's points were turned, the newest first, until what
/// is to be taken back is there. Gives the lots to which their points came back.
fn bring_back_converted(
    draft: &mut Draft<'_>,
    entry: &PointsQuote,
    units: i64,
    (own, clawback): (&[&str], Clawback),
    reasons: &mut Vec<Reason>,
) -> Vec<String> {
    let (card, points) = (&entry.card, &entry.points);
    let mut lots = Vec::new();
    // What is not usable yet was never turned into anything.
    if units <= 0 || clawback == Clawback::Pending {
        return lots;
    }
    let account = draft.account(card, points);
    let there = account.map(|account| account.take_back(units, draft.at, own, TakeBack::Anything));
    let there: i64 = there.iter().flatten().map(|part| part.amount).sum();
    let mut missing = units - there;
    let slice = draft.slice;
    let codes = slice.card(card).map_or(&[][..], |card| card.coupons.as_slice());
    for code in codes.iter().rev() {
        let Some(coupon) = slice.coupon(code).filter(|coupon| coupon.is_unused(draft.at)) else {
            continue;
        };
        if missing <= 0 || !coupon.made_of.iter().any(|(kind, ..)| kind == points) {
            continue;
        }
        draft.void_coupon(code);
        reasons.push(Reason::new(ReasonCode::RefundConverted).with("code", code));
        for (kind, lot, amount) in &coupon.made_of {
            let amount = Amount { units: *amount, digits: draft.digits_of(kind) };
            draft.move_lot(card, kind, lot.clone(), amount, LotMove::Restored);
            draft.post(card, kind, amount, CONVERTED);
            missing -= if kind == points { amount.units } else { 0 };
            lots.push(lot.id.clone());
        }
    }
    lots
}

pub(super) fn take_back(
    draft: &mut Draft<'_>,
    card: &str,
    points: &str,
    (units, digits): (i64, u8),
    own: &[&str],
    policy: Clawback,
    reasons: &mut Vec<Reason>,
) -> i64 {
    if units <= 0 {
        return 0;
    }
    let amount = |units| Amount { units, digits };
    let scope = match policy {
        Clawback::Pending => TakeBack::OwnPending,
        Clawback::Debt | Clawback::Balance => TakeBack::Anything,
    };
    let account = draft.account(card, points);
    let parts = account.map(|account| account.take_back(units, draft.at, own, scope));
    let mut left = units;
    for part in parts.unwrap_or_default() {
        left -= part.amount;
        draft.move_lot(card, points, part.lot, amount(-part.amount), LotMove::ClawedBack);
    }
    let posted = if policy == Clawback::Debt { units } else { units - left };
    if posted > 0 {
        draft.post(card, points, amount(-posted), CLAWED_BACK);
    }
    if left == 0 {
        return posted;
    }
    let code = match policy {
        Clawback::Debt => ReasonCode::RefundDebt,
        Clawback::Balance | Clawback::Pending => ReasonCode::RefundForgiven,
    };
    if policy == Clawback::Debt {
        draft.move_debt(card, points, amount(left));
    }
    reasons.push(Reason::new(code).with("card", card).with("missing", amount(left)));
    posted
}

/// Lowers what was spent with the cards, in proportion to the money that came back in all.
fn count_back(draft: &mut Draft<'_>, sale: &SaleState, lines: &[SoldLine<'_>]) {
    // What gift cards are loaded with was not counted as spent.
    let counts = |line: &&SoldLine<'_>| line.load.is_none_or(|load| load.refund.is_some());
    let sum = |of: fn(&SoldLine<'_>) -> i64| lines.iter().filter(counts).map(of).sum::<i64>();
    let (paid, before) = (sum(|line| line.paid), sum(|line| line.before.money));
    let after = sum(|line| line.after.money);
    for counted in sale.spend_counted() {
        let units = counted.amount.units;
        let back = scaled(units, after, paid) - scaled(units, before, paid);
        if back != 0 {
            draft.push(Effect::SpendCounted(SpendCounted {
                amount: Amount { units: -back, digits: counted.amount.digits },
                at: counted.at,
                card: counted.card.clone(),
                day: counted.day.clone(),
                purchases: 0,
            }));
        }
    }
}
