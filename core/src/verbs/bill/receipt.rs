//! A receipt divided by its lines: what it spends, earns, counts and gives goes with them.

use super::shares::{ANY, shares};
use super::taxes::{divide_taxes, sum_up};
use crate::allocation::{AllocationPolicy, Part as Portion, allocate};
use crate::amount::Amount;
use crate::answer::{
    EarnedLot, GiftPayment, LimitUse, LineQuote, PointsAmount, PointsQuote, Quote, RewardQuote,
};
use crate::order::{Order, Stage};
use crate::pricing::limit::Covered;
use crate::pricing::offline::{OFFLINE_TILL, is_offline, offline_uses};
use crate::pricing::quote::quote_id;
use crate::pricing::tender::paid_of_lines;
use crate::program::rules::Rules;

/// A part in the making: its order and its lines.
pub(super) struct Part {
    pub order: Order,
    pub lines: Vec<LineQuote>,
}

/// The receipts of the parts of a divided bill, in their order; `payers` says for which lines each
/// gift card may pay.
pub(super) fn divide_receipt(
    rules: &Rules,
    whole: &Quote,
    order: &Order,
    payers: &[(String, Vec<String>)],
    parts: Vec<Part>,
) -> Vec<Quote> {
    let (orders, lines): (Vec<Order>, Vec<Vec<LineQuote>>) =
        parts.into_iter().map(|part| (part.order, part.lines)).unzip();
    let taxes = divide_taxes(order, whole, &lines);
    let bare = |lines: Vec<LineQuote>| Quote {
        codes: Vec::new(),
        coupons: Vec::new(),
        explanation: None,
        gift_cards: Vec::new(),
        granted: Vec::new(),
        limits: Vec::new(),
        lines,
        loads: Vec::new(),
        offers: Vec::new(),
        points: Vec::new(),
        reasons: Vec::new(),
        rewards: Vec::new(),
        spendable: None,
        ..whole.clone()
    };
    let mut quotes: Vec<Quote> = lines.into_iter().map(bare).collect();
    for ((quote, order), taxes) in quotes.iter_mut().zip(&orders).zip(&taxes) {
        sum_up(quote, order, taxes);
    }
    divide_points(whole, &mut quotes);
    divide_rewards(whole, &mut quotes);
    divide_gift_cards(whole, payers, &mut quotes);
    divide_presents(whole, &mut quotes);
    divide_limits(rules, whole, &orders, &mut quotes);
    for quote in &mut quotes {
        quote.quote_id = quote_id(quote);
    }
    quotes
}

/// By part, what its lines have of the points that a card moves.
fn points_of(
    quotes: &[Quote],
    entry: &PointsQuote,
    of: fn(&LineQuote) -> &Vec<PointsAmount>,
) -> Vec<i64> {
    let of_line = |line: &LineQuote| -> i64 {
        let own = of(line).iter().filter(|one| one.is_of(entry));
        own.map(|one| one.amount.units).sum()
    };
    quotes.iter().map(|quote| quote.lines.iter().map(of_line).sum()).collect()
}

/// By part, the money that discounts of some source took off its lines.
fn money_of(quotes: &[Quote], is_own: impl Fn(Stage, &str) -> bool) -> Vec<i64> {
    let of_line = |line: &LineQuote| -> i64 {
        let own = line.discounts.iter().filter(|one| is_own(one.stage, &one.source));
        own.map(|one| one.amount.units).sum()
    };
    quotes.iter().map(|quote| quote.lines.iter().map(of_line).sum()).collect()
}

/// By part, the money that points pay of its lines.
fn paid_by_points(quotes: &[Quote]) -> Vec<i64> {
    let discounts = money_of(quotes, |stage, _| stage == Stage::Points);
    let provisions = quotes.iter().map(|quote| quote.totals.counter_provision.units);
    discounts
        .into_iter()
        .zip(provisions)
        .map(|(discount, provision)| discount + provision)
        .collect()
}

/// Takes shares off the room that is left for more.
fn lower(rooms: &mut [i64], given: &[i64]) {
    rooms.iter_mut().zip(given).for_each(|(room, given)| *room -= given);
}

fn divide_points(whole: &Quote, quotes: &mut [Quote]) {
    let money = paid_by_points(quotes);
    for entry in &whole.points {
        let spend = points_of(quotes, entry, |line| &line.spent);
        let earn = points_of(quotes, entry, |line| &line.earned);
        let spent = shares(entry.spent.units, &spend, &spend);
        let earned = shares(entry.earned.units, &earn, &earn);
        let paid = shares(entry.money.units, &money, &vec![ANY; money.len()]);
        let mut room = earned.clone();
        let lots: Vec<Vec<i64>> = entry
            .lots
            .iter()
            .map(|lot| {
                let given = shares(lot.amount.units, &earned, &room);
                lower(&mut room, &given);
                given
            })
            .collect();
        let own = quotes.iter_mut().zip(spent).zip(earned).zip(paid).enumerate();
        for (part, (((quote, spent), earned), paid)) in own {
            if (spent, earned, paid) == (0, 0, 0) {
                continue;
            }
            let amount = |units| Amount { units, digits: entry.earned.digits };
            let lot = |(lot, shares): (&EarnedLot, &Vec<i64>)| EarnedLot {
                amount: amount(shares.get(part).copied().unwrap_or(0)),
                ..lot.clone()
            };
            let lots = entry.lots.iter().zip(&lots).map(lot);
            quote.points.push(PointsQuote {
                card: entry.card.clone(),
                earned: amount(earned),
                lots: lots.filter(|lot| lot.amount.units > 0).collect(),
                money: Amount { units: paid, digits: entry.money.digits },
                points: entry.points.clone(),
                spent: Amount { units: spent, digits: entry.spent.digits },
            });
        }
    }
}

/// What a part spends of some points on a card.
fn spent_on(quotes: &[Quote], card: &str, points: &str) -> Vec<i64> {
    let own = |quote: &Quote| {
        let own = quote.points.iter().filter(|one| one.card == card && one.points == points);
        own.map(|one| one.spent.units).sum()
    };
    quotes.iter().map(own).collect()
}

/// Rewards that were claimed go with the lines that they lowered; what else could be had stays with
/// the first part.
fn divide_rewards(whole: &Quote, quotes: &mut [Quote]) {
    let mut rooms: Vec<(&str, &str, Vec<i64>)> = Vec::new();
    for reward in &whole.rewards {
        if reward.claimed == 0 && reward.spent.units == 0 {
            quotes.iter_mut().take(1).for_each(|first| first.rewards.push(reward.clone()));
            continue;
        }
        let key = (reward.card.as_str(), reward.points.as_str());
        if !rooms.iter().any(|(card, points, _)| (*card, *points) == key) {
            rooms.push((key.0, key.1, spent_on(quotes, key.0, key.1)));
        }
        let same = |one: &&mut (&str, &str, Vec<i64>)| (one.0, one.1) == key;
        let Some((_, _, room)) = rooms.iter_mut().find(same) else { continue };
        let given =
            money_of(quotes, |stage, source| stage == Stage::Reward && source == reward.reward);
        let weights = if given.iter().all(|money| *money == 0) { room.clone() } else { given };
        let spent = shares(reward.spent.units, &weights, room);
        lower(room, &spent);
        let money = shares(reward.money.units, &weights, &vec![ANY; weights.len()]);
        let has_effect = |place: &usize| {
            [&spent, &money, &weights].iter().any(|list| list.get(*place).is_some_and(|n| *n > 0))
        };
        let first = (0..quotes.len()).find(has_effect).unwrap_or(0);
        for (place, quote) in quotes.iter_mut().enumerate() {
            if !has_effect(&place) && place != first {
                continue;
            }
            let of = |list: &[i64]| list.get(place).copied().unwrap_or(0);
            quote.rewards.push(RewardQuote {
                claimed: if place == first { reward.claimed } else { 0 },
                money: Amount { units: of(&money), ..reward.money },
                spent: Amount { units: of(&spent), ..reward.spent },
                ..reward.clone()
            });
        }
    }
}

/// What gift cards pay is divided by what is to be paid of the lines of each part that the card may
/// pay for.
fn divide_gift_cards(whole: &Quote, payers: &[(String, Vec<String>)], quotes: &mut [Quote]) {
    let to_pay: Vec<Vec<i64>> = quotes.iter().map(money_of_lines).collect();
    let mut open = to_pay.clone();
    for paid in &whole.gift_cards {
        let lines = payers.iter().find(|(card, _)| *card == paid.card).map(|(_, lines)| lines);
        let may_pay = |line: &LineQuote| lines.is_some_and(|lines| lines.contains(&line.id));
        let sums = |money: &[Vec<i64>]| -> Vec<i64> {
            let own = quotes.iter().zip(money).map(|(quote, money)| {
                let lines = quote.lines.iter().zip(money).filter(|(line, _)| may_pay(line));
                lines.map(|(_, money)| *money).sum()
            });
            own.collect()
        };
        let given = shares(paid.amount.units, &sums(&to_pay), &sums(&open));
        for ((quote, open), units) in quotes.iter_mut().zip(&mut open).zip(given) {
            if units == 0 {
                continue;
            }
            let part = |(line, open): (&LineQuote, &i64)| Portion {
                weight: *open,
                quantity: 1,
                capacity: *open,
                eligible: *open > 0 && may_pay(line),
            };
            let parts: Vec<Portion> = quote.lines.iter().zip(open.iter()).map(part).collect();
            lower(open, &allocate(units, &parts, &AllocationPolicy::default()).shares);
            let amount = Amount { units, ..paid.amount };
            quote.gift_cards.push(GiftPayment { amount, ..paid.clone() });
            quote.totals.gift.units += units;
            quote.totals.rest.units -= units;
        }
    }
}

/// What is to be paid for each line.
fn money_of_lines(quote: &Quote) -> Vec<i64> {
    let own = |line: &LineQuote| line.gross.units - line.counter_provision.units;
    let own: Vec<i64> = quote.lines.iter().map(own).collect();
    paid_of_lines(&own, quote.totals.payable.units)
}

/// Coupons go where the rule had its first effect; what is about a line goes with it, everything
/// else with the first part.
fn divide_presents(whole: &Quote, quotes: &mut [Quote]) {
    for coupon in &whole.coupons {
        let place = first_with(quotes, |rule| *rule == coupon.rule);
        quotes.iter_mut().skip(place).take(1).for_each(|one| one.coupons.push(coupon.clone()));
    }
    for code in &whole.codes {
        let place = first_with(quotes, |rule| code.rules.contains(rule));
        quotes.iter_mut().skip(place).take(1).for_each(|one| one.codes.push(code.clone()));
    }
    for load in &whole.loads {
        let own = |quote: &&mut Quote| quote.lines.iter().any(|line| line.id == load.line);
        if let Some(quote) = quotes.iter_mut().find(own) {
            quote.loads.push(load.clone());
        }
    }
    for reason in &whole.reasons {
        let about = |quote: &Quote| match &reason.line {
            Some(id) => quote.lines.iter().any(|line| line.id == *id),
            None => false,
        };
        let any = quotes.iter().any(about);
        for (place, quote) in quotes.iter_mut().enumerate() {
            if about(quote) || (!any && place == 0) {
                quote.reasons.push(reason.clone());
            }
        }
    }
    if let Some(first) = quotes.first_mut() {
        first.granted.clone_from(&whole.granted);
        first.offers.clone_from(&whole.offers);
    }
}

/// The first part that some rule lowers, costs points or lets earn; else the first.
fn first_with(quotes: &[Quote], is_own: impl Fn(&String) -> bool) -> usize {
    let has = |quote: &Quote| {
        let discounts = quote.lines.iter().flat_map(|line| &line.discounts);
        let mut lowered = discounts.filter(|one| {
            matches!(one.stage, Stage::Promotion | Stage::Reward) && is_own(&one.source)
        });
        let mut lots = quote.points.iter().flat_map(|entry| &entry.lots);
        let mut rewards = quote.rewards.iter().filter(|one| one.spent.units > 0);
        lowered.next().is_some()
            || rewards.any(|one| is_own(&one.reward))
            || lots.any(|lot| is_own(&lot.rule))
    };
    quotes.iter().position(has).unwrap_or(0)
}

/// Limits' money and points go with what they counted; the use with its first effect.
fn divide_limits(rules: &Rules, whole: &Quote, orders: &[Order], quotes: &mut [Quote]) {
    // What each part spends offline is told by its own points and gift cards.
    if let Some(offline) = whole.limits.iter().find(|usage| is_offline(usage)) {
        let till = whole.limits.iter().find(|usage| usage.limit == OFFLINE_TILL);
        let till = till.map_or("", |usage| usage.subject.as_str());
        for quote in quotes.iter_mut() {
            let (points, gift_cards) = (&quote.points, &quote.gift_cards);
            let uses = offline_uses(rules, points, gift_cards, till, &offline.period);
            quote.limits.extend(uses);
        }
    }
    for usage in whole.limits.iter().filter(|usage| !is_offline(usage)) {
        let covered = Covered::by(rules, &usage.limit);
        let (money, points) = (weights_of_money(&covered, quotes), {
            let own = |quote: &Quote| points_counted(&covered, quote);
            quotes.iter().map(own).collect::<Vec<i64>>()
        });
        let presents: Vec<i64> = quotes
            .iter()
            .zip(orders)
            .map(|(quote, order)| i64::from(has_present(&covered, quote, order)))
            .collect();
        let any = vec![ANY; quotes.len()];
        let moneys = shares(usage.money.units, &money, &any);
        let given = shares(usage.points.units, &points, &any);
        let has_effect = |place: &usize| {
            [&moneys, &given, &money, &points, &presents]
                .iter()
                .any(|list| list.get(*place).is_some_and(|n| *n > 0))
        };
        let first = (0..quotes.len()).find(has_effect).unwrap_or(0);
        for (place, quote) in quotes.iter_mut().enumerate() {
            if !has_effect(&place) && place != first {
                continue;
            }
            let of = |list: &[i64]| list.get(place).copied().unwrap_or(0);
            quote.limits.push(LimitUse {
                money: Amount { units: of(&moneys), ..usage.money },
                points: Amount { units: of(&given), ..usage.points },
                uses: if place == first { usage.uses } else { 0 },
                ..usage.clone()
            });
        }
    }
}

/// Whether a part has what covered rules gave besides money and points: presents, coupons, claims.
fn has_present(covered: &Covered<'_>, quote: &Quote, order: &Order) -> bool {
    let given = |rule: &String| {
        covered.promotions.contains(&rule.as_str()) || covered.rewards.contains(&rule.as_str())
    };
    let present = |id: &String| {
        let line = order.lines.iter().find(|line| line.id == *id);
        line.and_then(|line| line.gift.as_ref()).is_some_and(given)
    };
    quote.coupons.iter().any(|coupon| given(&coupon.rule))
        || quote.rewards.iter().any(|reward| reward.claimed > 0 && given(&reward.reward))
        || quote.lines.iter().any(|line| present(&line.id))
}

fn weights_of_money(covered: &Covered<'_>, quotes: &[Quote]) -> Vec<i64> {
    let mut sums = money_of(quotes, |stage, source| match stage {
        Stage::Promotion => covered.promotions.contains(&source),
        Stage::Reward => covered.rewards.contains(&source),
        _ => false,
    });
    if covered.redemption {
        sums.iter_mut().zip(paid_by_points(quotes)).for_each(|(sum, paid)| *sum += paid);
    }
    sums
}

/// The points that a limit counts of a part.
fn points_counted(covered: &Covered<'_>, quote: &Quote) -> i64 {
    let lots = quote.points.iter().flat_map(|entry| &entry.lots);
    let earned = lots.filter(|lot| covered.earning.contains(&lot.rule.as_str()));
    let rewards = || quote.rewards.iter();
    let claimed = rewards().filter(|one| covered.rewards.contains(&one.reward.as_str()));
    let mut sum: i64 = earned.map(|lot| lot.amount.units).sum();
    sum += claimed.map(|one| one.spent.units).sum::<i64>();
    if covered.redemption {
        // Of what is spent, rewards take their part; the rest pays.
        let spent = quote.points.iter().filter(|entry| entry.money.units > 0);
        for entry in spent {
            let own =
                rewards().filter(|one| (&one.card, &one.points) == (&entry.card, &entry.points));
            sum += entry.spent.units - own.map(|one| one.spent.units).sum::<i64>();
        }
    }
    sum
}
