//! A reserved receipt taken up again at confirm: its discounts stand, its earning is computed anew.

use jiff::Timestamp;

use super::PresentCode;
use super::quote::quote_id;
use super::{DiscountPart, PresentCard, Pricing, Spend, part};
use crate::allocation::{AllocationPolicy, allocate_into};
use crate::answer::{GiftPayment, LineQuote, PointsQuote, Quote};
use crate::order::{Order, Prepared, Stage, prepare};
use crate::program::code_symbol;
use crate::program::rules::Rules;
use crate::slice::{CardState, Slice};

/// The cards of a reserved receipt, with the spend that they had then: a tier does not change
/// between quote and confirm.
pub(crate) fn reserved_cards(slice: &Slice, quote: &Quote) -> Vec<(String, CardState)> {
    let reserved = |view: &crate::answer::CardView| {
        let mut card = slice.card(&view.card)?.clone();
        card.spent = view.spent.units;
        Some((view.card.clone(), card))
    };
    quote.cards.iter().filter_map(reserved).collect()
}

/// The receipt as it was reserved, ready to earn.
pub(crate) fn resume<'a>(
    rules: &'a Rules,
    order: &'a Prepared,
    source: &'a Order,
    slice: &'a Slice,
    quote: &Quote,
    cards: &'a [(String, CardState)],
    at: Timestamp,
) -> Pricing<'a> {
    let mut pricing = Pricing::new(rules, order, source, slice, at, true);
    pricing.judged_at = quote.judged_at;
    pricing.gather_facts();
    for (number, state) in cards {
        let view = quote.cards.iter().find(|view| view.card == *number);
        if let Some((card, view)) = rules.card_named(&state.kind).zip(view) {
            let tier = view.tier.as_ref();
            let named = tier.and_then(|id| rules.tiers.iter().position(|tier| tier.id == *id));
            pricing.cards.push(PresentCard {
                number,
                state,
                rules: card,
                tier: named,
                purchases: view.purchases,
            });
        }
    }
    pricing.resume_codes(&quote.codes);
    pricing.start();
    pricing.recall_guest(&quote.judged);
    pricing.resume_gifts(quote);
    // Lines that took no part were left out of the receipt.
    let ids: Vec<String> = (0..order.lines.len()).map(|place| pricing.line_id(place)).collect();
    for (place, id) in ids.iter().enumerate() {
        let Some(line) = quote.lines.iter().find(|line| line.id == *id) else {
            if let Some(state) = pricing.lines.get_mut(place) {
                state.withdraw();
            }
            continue;
        };
        let mut numbers = 0..order.discounts.len();
        for discount in &line.discounts {
            let amount = discount.amount.units;
            let Some(state) = pricing.lines.get_mut(place) else {
                continue;
            };
            match discount.stage {
                Stage::Host => {
                    state.host += amount;
                    // The discounts of a line stand in the order of the host's list.
                    let same = |number: &usize| {
                        let found = order.discounts.get(*number);
                        let named = found.and_then(|d| source.discounts.get(d.index));
                        named.is_some_and(|named| named.name == discount.source)
                    };
                    let number = numbers.find(same).unwrap_or(0);
                    pricing.given.push(DiscountPart {
                        line: place,
                        stage: Stage::Host,
                        source: number,
                        amount,
                    });
                }
                Stage::Promotion | Stage::Reward => {
                    let promotion = discount.stage == Stage::Promotion;
                    let source = match promotion {
                        true => rules.promotions.iter().position(|p| p.id == discount.source),
                        false => rules.rewards.iter().position(|r| r.id == discount.source),
                    };
                    *(if promotion { &mut state.promotion } else { &mut state.reward }) += amount;
                    pricing.given.push(DiscountPart {
                        line: place,
                        stage: discount.stage,
                        source: source.unwrap_or(0),
                        amount,
                    });
                }
                Stage::Card => {
                    state.card += amount;
                    let by = pricing.cards.iter().position(|card| card.number == discount.source);
                    pricing.discount_card = by;
                }
                Stage::Points | Stage::Tender | Stage::Earning => state.points_money += amount,
            }
        }
        if let Some(state) = pricing.lines.get_mut(place) {
            state.points_money += line.counter_provision.units;
            state.remaining = line.due.units;
        }
    }
    pricing.resume_spends(quote);
    pricing
}

/// The order of a bill that was divided or joined: what its lines come to stands in its receipt.
pub(crate) fn prepare_regrouped(order: &Order, rules: &Rules, quote: &Quote) -> Prepared {
    let mut prepared = prepare::prepare_regrouped(order, rules);
    for line in &mut prepared.lines {
        let id = order.lines.get(line.index).map(|line| line.id.as_str());
        let own = quote.lines.iter().find(|own| Some(own.id.as_str()) == id);
        if let Some(own) = own {
            line.amount = own.amount.units;
        }
    }
    prepared
}

/// Keeps what was divided exactly and is not the same when it is computed from the part alone:
/// taxes, their sums, the lines for the register, the names of the host's discounts. Where fewer points lowered the prices than
/// were reserved, what is due changed and they are computed.
pub(crate) fn keep_divided(quote: &mut Quote, divided: &Quote) {
    let same = |(line, own): (&LineQuote, &LineQuote)| line.id == own.id && line.due == own.due;
    let lines = || quote.lines.iter().zip(&divided.lines);
    if quote.lines.len() != divided.lines.len() || !lines().all(same) {
        return;
    }
    for (line, own) in quote.lines.iter_mut().zip(&divided.lines) {
        (line.gross, line.net, line.tax) = (own.gross, own.net, own.tax);
        line.discounts.clone_from(&own.discounts);
        line.taxes.clone_from(&own.taxes);
        line.sub_lines.clone_from(&own.sub_lines);
    }
    quote.taxes.clone_from(&divided.taxes);
    let (totals, own) = (&mut quote.totals, &divided.totals);
    (totals.gross, totals.net, totals.tax) = (own.gross, own.net, own.tax);
    totals.payable.units = own.gross.units - totals.counter_provision.units;
    totals.rest.units = totals.payable.units - totals.gift.units;
    quote.quote_id = quote_id(quote);
}

impl<'a> Pricing<'a> {
    /// Presentations prove what they proved when the sale was reserved.
    pub fn prove_as_of(&mut self, at: Timestamp) {
        self.proved_at = at;
        self.gather_cards();
    }

    /// Earns on a receipt that was taken up again, on what gift cards leave of it.
    pub fn earn(&mut self, reserved: &[GiftPayment], taken: &'a [(String, i64)]) {
        self.resume_gift_cards(reserved, taken);
        self.tender_stage();
        self.count_resumed();
        if self.regrouped {
            self.count_as_held();
        }
        self.earning_stage();
        self.finish();
    }

    /// The codes that were presented, as they were known then.
    fn resume_codes(&mut self, codes: &[crate::answer::CodeUse]) {
        for code in &self.source.codes {
            let code = code.trim();
            let used = codes.iter().find(|used| used.code.eq_ignore_ascii_case(code));
            let coupon =
                self.slice.coupon(&code.to_ascii_uppercase()).map(|state| state.coupon.as_str());
            let coupon = used.and_then(|used| used.coupon.as_deref()).or(coupon);
            let kinds = &self.rules.coupons;
            let symbol = self.rules.symbols.find(&code_symbol(code));
            self.codes.push(PresentCode {
                code: used.map_or_else(
                    || self.rules.codes.get(&symbol).map_or(code, String::as_str).to_owned(),
                    |used| used.code.clone(),
                ),
                symbol,
                coupon: coupon.and_then(|id| kinds.iter().position(|kind| kind.id == id)),
                rules: Vec::new(),
            });
        }
    }

    fn resume_spends(&mut self, quote: &Quote) {
        // A small part of a line may cost less than a point that pays it, and have none of them.
        let pays = |points: &&PointsQuote| points.spent.units > 0 || points.money.units > 0;
        for entry in quote.points.iter().filter(pays) {
            let card = self.cards.iter().position(|card| card.number == entry.card);
            let Some((card, points)) = card.zip(self.rules.points_named(&entry.points)) else {
                continue;
            };
            let mut left = entry.spent.units;
            for claimed in &quote.rewards {
                let same = claimed.card == entry.card && claimed.points == entry.points;
                if same && claimed.spent.units > 0 {
                    let rewards = &self.rules.rewards;
                    let reward = rewards.iter().position(|one| one.id == claimed.reward);
                    let (amount, money) = (claimed.spent.units, claimed.money.units);
                    left -= amount;
                    self.spends.push(Spend { card, points, amount, money, reward });
                }
            }
            if left > 0 || entry.money.units > 0 {
                let money = entry.money.units;
                self.spends.push(Spend { card, points, amount: left, money, reward: None });
            }
            let of_line = |id: &String| {
                let line = quote.lines.iter().find(|line| line.id == *id)?;
                let spent = line.spent.iter().find(|spent| spent.is_of(entry))?;
                Some(spent.amount.units)
            };
            let ids = (0..self.lines.len()).map(|place| self.line_id(place));
            let shares: Vec<i64> = ids.map(|id| of_line(&id).unwrap_or(0)).collect();
            self.line_spent.push(((card, points), shares));
        }
    }

    /// Takes the part of the points that paid off what each line spends. Points of a bill that was
    /// divided or joined do not stand on its lines as they would if it had been one from the start.
    fn unspend_lines(&mut self, spend: &Spend) {
        let of = (spend.card, spend.points);
        self.split(spend.amount);
        let Some((_, sums)) = self.line_spent.iter_mut().find(|(known, _)| *known == of) else {
            return;
        };
        // All of them are taken, or what rewards cost is left.
        if sums.iter().sum::<i64>() <= spend.amount {
            return sums.fill(0);
        }
        for (part, sum) in self.parts.iter_mut().zip(sums.iter()) {
            part.capacity = *sum;
        }
        let (policy, shares) = (AllocationPolicy::default(), &mut self.shares);
        allocate_into(spend.amount, &self.parts, &policy, &mut self.scratch, shares);
        sums.iter_mut().zip(shares.iter()).for_each(|(sum, share)| *sum -= share);
    }

    /// Spends fewer points than were reserved, in proportion on every line.
    pub fn lessen_points(&mut self, points: i64) {
        let Some(place) = self.spends.iter().position(|spend| spend.reward.is_none()) else {
            return;
        };
        let spend = self.spends.remove(place);
        self.unspend_lines(&spend);
        let (points, money) = self.worth_of_points(points);
        self.parts.clear();
        for (state, line) in self.lines.iter().zip(&self.order.lines) {
            let share = state.points_money;
            self.parts.push(part(line, share, share, share > 0));
        }
        self.divide(money, &AllocationPolicy::default());
        let lowers = self.lowers_prices();
        for (state, share) in self.lines.iter_mut().zip(&self.shares) {
            if lowers {
                state.remaining += state.points_money - share;
            }
            state.points_money = *share;
        }
        self.split_points((spend.card, spend.points), points);
        if points > 0 {
            self.spends.push(Spend { amount: points, money, ..spend });
        }
    }
}
