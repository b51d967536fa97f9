//! A reserved receipt taken up again at confirm: its discounts stand, its earning is computed anew.

use jiff::Timestamp;

use super::{HostPart, PresentCard, Pricing, Spend, part};
use crate::allocation::AllocationPolicy;
use crate::answer::Quote;
use crate::order::{Order, Prepared, Stage};
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
    quote: &Quote,
    cards: &'a [(String, CardState)],
    at: Timestamp,
) -> Pricing<'a> {
    let mut pricing = Pricing::new(rules, order, source, at, true);
    for (number, state) in cards {
        if let Some(card) = rules.card_named(&state.kind) {
            pricing.cards.push(PresentCard { number, state, rules: card });
        }
    }
    pricing.start();
    for (place, line) in quote.lines.iter().enumerate() {
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
                    pricing.host_parts.push(HostPart { line: place, discount: number, amount });
                }
                Stage::Card => {
                    state.card += amount;
                    let by = pricing.cards.iter().position(|card| card.number == discount.source);
                    pricing.discount_card = by;
                }
                Stage::Points | Stage::Earning => state.points_money += amount,
            }
        }
        if let Some(state) = pricing.lines.get_mut(place) {
            state.points_money += line.counter_provision.units;
            state.points_spent = line.spent.iter().map(|spent| spent.amount.units).sum();
            state.remaining = line.due.units;
        }
    }
    pricing.spend = reserved_spend(&pricing, quote);
    pricing
}

fn reserved_spend(pricing: &Pricing<'_>, quote: &Quote) -> Option<Spend> {
    let spent = quote.points.iter().find(|points| points.spent.units > 0)?;
    Some(Spend {
        card: pricing.cards.iter().position(|card| card.number == spent.card)?,
        points: pricing.rules.points_named(&spent.points)?,
        amount: spent.spent.units,
        money: spent.money.units,
    })
}

impl Pricing<'_> {
    /// Earns on a receipt that was taken up again.
    pub fn earn(&mut self) {
        self.earning_stage();
    }

    /// Spends fewer points than were reserved, in proportion on every line.
    pub fn lessen_points(&mut self, points: i64) {
        let Some(spend) = self.spend.clone() else {
            return;
        };
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
        self.spend = (points > 0).then_some(Spend { amount: points, money, ..spend });
        self.split_points(points);
    }
}
