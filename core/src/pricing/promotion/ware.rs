//! What a benefit sees of the lines, and which of their units it is about.

use std::cmp::Reverse;

use crate::amount::QUANTITY_ONE;
use crate::order::Stage;
use crate::order::prepare::{Giver, PreparedLine};
use crate::pricing::{LineState, Pricing, facts};
use crate::program::benefit::{BenefitRules, FormRules, SelectRules};
use crate::program::rules::Symbol;
use crate::program::{Basis, UnitChoice};
use crate::rounding::{Rounding, divide_to_amount};

/// A line as a benefit sees it, and what the benefit makes of it. Units are counted for each line,
/// so that the work does not grow with quantities.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Ware {
    pub line: usize,
    pub sku: Option<Symbol>,
    pub price: i64,
    /// The thousandths that make one unit: all of them where the quantity is not whole.
    pub size: i64,
    pub units: i64,
    /// The units that earlier promotions have not closed.
    pub open: i64,
    /// What all units are worth.
    pub base: i64,
    /// The same as the benefit's `of` counts it.
    pub counted: i64,
    /// The most that the line can give.
    pub capacity: i64,
    /// Whether `select` names it, or `get_lines`, or it is a present of this benefit.
    pub selected: bool,
    pub target: bool,
    pub present: bool,

    /// The units that are selected.
    pub picked: i64,
    /// The units that the form is about, and what they are worth.
    pub taken: i64,
    pub value: i64,
    /// The units of which the worth is given in full.
    pub freed: i64,
    /// The units that are closed to later promotions, besides those that are lowered.
    pub used: i64,
    /// What the form would take off the line by itself.
    pub wish: i64,
    /// What the line gives.
    pub share: i64,
}

impl Ware {
    /// What some of its units are worth.
    pub fn worth(&self, units: i64) -> i64 {
        part_up(self.base, units, self.units)
    }

    /// The same as the benefit's `of` counts it.
    pub fn counted_worth(&self, units: i64) -> i64 {
        part_up(self.counted, units, self.units)
    }

    /// Takes what is selected as what the form is about.
    pub fn take(&mut self, units: i64) {
        self.taken = units;
        self.value = self.worth(units);
    }

    pub fn quantity(&self, units: i64) -> i64 {
        units.saturating_mul(self.size)
    }
}

/// So many of all parts of an amount, rounded up.
fn part_up(amount: i64, parts: i64, all: i64) -> i64 {
    if parts >= all {
        return amount;
    }
    let product = i128::from(amount) * i128::from(parts.max(0));
    divide_to_amount(product, i128::from(all), Rounding::Ceil)
}

/// How many units a quantity has, and how many thousandths each is.
pub(crate) fn units_of(quantity: i64) -> (i64, i64) {
    if quantity % QUANTITY_ONE == 0 {
        (quantity / QUANTITY_ONE, QUANTITY_ONE)
    } else {
        (1, quantity)
    }
}

/// What the free units of a line are worth of an amount of it.
pub(crate) fn free_part(amount: i64, line: &PreparedLine, state: &LineState) -> i64 {
    let (units, size) = units_of(line.quantity);
    part_up(amount.max(0), state.free_units / size.max(1), units)
}

impl Pricing<'_> {
    /// The lines that a benefit may be about, as they stand now.
    pub(super) fn wares(&self, giver: Giver, benefit: &BenefitRules) -> Vec<Ware> {
        let places = 0..self.order.lines.len();
        places.filter_map(|place| self.ware(place, giver, benefit)).collect()
    }

    fn ware(&self, place: usize, giver: Giver, benefit: &BenefitRules) -> Option<Ware> {
        let (line, state) = self.order.lines.get(place).zip(self.lines.get(place))?;
        let stage = stage_of(giver);
        let select = &benefit.select;
        let takes = |lines| self.takes_part(place, stage, select.kinds, lines);
        let selected = takes(select.lines.as_ref());
        let target = match &benefit.form {
            FormRules::BuyGet(rules) => {
                rules.get_lines.is_some() && takes(rules.get_lines.as_ref())
            }
            _ => false,
        };
        let present = match &benefit.form {
            FormRules::Gift(gift) => {
                line.gift == Some(giver)
                    && gift.added
                    && !state.excluded.has(stage)
                    && line.sku.is_some_and(|sku| gift.skus.contains(&sku))
            }
            _ => false,
        };
        if !(selected || target || present) {
            return None;
        }
        let ware = Ware {
            line: place,
            sku: line.sku,
            price: line.price,
            capacity: (state.remaining - state.floor).max(0),
            selected,
            target,
            present,
            ..Ware::default()
        };
        Some(self.valued(ware, line, state, giver, benefit))
    }

    /// A line with its units and what they are worth.
    fn valued(
        &self,
        ware: Ware,
        line: &PreparedLine,
        state: &LineState,
        giver: Giver,
        benefit: &BenefitRules,
    ) -> Ware {
        let stacking = &self.rules.stacking;
        let promoted = matches!(giver, Giver::Promotion(_));
        let initial = promoted && stacking.initial;
        let due = if initial { line.amount - state.host } else { state.remaining };
        let mut base = (due - state.fixed).max(0);
        let mut counted = match benefit.of {
            Basis::Price => base,
            Basis::Net => facts::in_basis(self.rules, line, due, Basis::Net),
            Basis::Gross => {
                (facts::in_basis(self.rules, line, due, Basis::Gross) - state.fixed).max(0)
            }
        };
        let (mut units, size) = units_of(line.quantity);
        let mut open = units;
        if promoted && stacking.once {
            open -= state.used / size.max(1);
        }
        if initial && benefit.form.is_percentage() && !stacking.free_units_touched {
            // Percentages of the prices before promotions leave out what is free already.
            base -= free_part(base, line, state);
            counted -= free_part(counted, line, state);
            units -= state.free_units / size.max(1);
            open = open.min(units);
        }
        Ware { size, units, open: open.max(0), base, counted, ..ware }
    }
}

pub(super) fn stage_of(giver: Giver) -> Stage {
    match giver {
        Giver::Promotion(_) => Stage::Promotion,
        Giver::Reward(_) => Stage::Reward,
    }
}

/// Puts the lines in the order in which their units are chosen.
pub(super) fn sort_by_choice(wares: &mut [Ware], choice: UnitChoice) {
    match choice {
        UnitChoice::AsListed => {}
        UnitChoice::Cheapest => wares.sort_by_key(|ware| ware.price),
        UnitChoice::Dearest => wares.sort_by_key(|ware| Reverse(ware.price)),
    }
}

/// The lines that a filter lets through, in an order of choice that need not be that of the list.
pub(super) fn by_choice(
    wares: &mut [Ware],
    choice: UnitChoice,
    filter: impl Fn(&Ware) -> bool,
) -> Vec<&mut Ware> {
    let mut chosen: Vec<&mut Ware> = wares.iter_mut().filter(|ware| filter(ware)).collect();
    match choice {
        UnitChoice::AsListed => chosen.sort_by_key(|ware| ware.line),
        UnitChoice::Cheapest => chosen.sort_by_key(|ware| (ware.price, ware.line)),
        UnitChoice::Dearest => chosen.sort_by_key(|ware| (Reverse(ware.price), ware.line)),
    }
    chosen
}

/// Selects units: puts the lines into the order of `select`, and says how many of each stay.
/// `most` bounds the units further, where each must be paid for.
pub(super) fn select(wares: &mut [Ware], select: &SelectRules, most: Option<i64>) {
    sort_by_choice(wares, select.order);
    let selected = wares.iter_mut().filter(|ware| ware.selected);
    if select.units.is_none() && most.is_none() {
        selected.for_each(|ware| ware.picked = ware.open);
        return;
    }
    let units = select.units.unwrap_or_default();
    let mut room = units.per_receipt.min(most.unwrap_or(i64::MAX));
    let mut position = -units.skip;
    for ware in selected {
        let next = position + ware.open.min(units.per_line);
        let whole = |position: i64| position.max(0) / units.every;
        ware.picked = (whole(next) - whole(position)).min(room);
        room -= ware.picked;
        position = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::benefit::UnitRules;

    /// Lines of so many units at a price.
    fn wares(lines: &[(i64, i64)]) -> Vec<Ware> {
        let ware = |(line, (units, price)): (usize, &(i64, i64))| Ware {
            line,
            price: *price,
            units: *units,
            open: *units,
            size: QUANTITY_ONE,
            base: units * price,
            selected: true,
            ..Ware::default()
        };
        lines.iter().enumerate().map(ware).collect()
    }

    /// What stays of each line, in the order of the lines.
    fn picked(lines: &[(i64, i64)], order: UnitChoice, units: Option<UnitRules>) -> Vec<i64> {
        let mut wares = wares(lines);
        select(&mut wares, &SelectRules { order, units, ..SelectRules::default() }, None);
        wares.sort_by_key(|ware| ware.line);
        wares.iter().map(|ware| ware.picked).collect()
    }

    #[test]
    fn without_a_choice_of_units_whole_lines_are_selected() {
        assert_eq!(picked(&[(3, 100), (1, 50)], UnitChoice::Cheapest, None), [3, 1]);
    }

    #[test]
    fn per_line_comes_before_skip_then_every_then_per_receipt() {
        let lines = [(5, 100), (1, 50), (4, 70)];
        let units = UnitRules { per_line: 3, skip: 1, every: 2, per_receipt: 2 };
        // As listed: A A A B C C C; after one is passed over A A B C C C; every second: A C C; two.
        assert_eq!(picked(&lines, UnitChoice::AsListed, Some(units)), [1, 0, 1]);
        // From the dearest: A A A C C C B; A A C C C B; the second and the fourth.
        assert_eq!(picked(&lines, UnitChoice::Dearest, Some(units)), [1, 0, 1]);
        // From the cheapest: B C C C A A A; C C C A A A; the second and the fourth.
        assert_eq!(picked(&lines, UnitChoice::Cheapest, Some(units)), [1, 0, 1]);
        let units = UnitRules { per_receipt: 9, ..units };
        assert_eq!(picked(&lines, UnitChoice::Cheapest, Some(units)), [2, 0, 1]);
    }

    #[test]
    fn the_worth_of_a_part_of_the_units_is_rounded_up() {
        let line = Ware { base: 10_000, units: 3, ..Ware::default() };
        assert_eq!(
            [line.worth(0), line.worth(1), line.worth(2), line.worth(3)],
            [0, 3334, 6667, 10_000]
        );
    }

    #[test]
    fn a_quantity_that_is_not_whole_is_one_unit() {
        assert_eq!(units_of(3000), (3, 1000));
        assert_eq!(units_of(2500), (1, 2500));
        assert_eq!(units_of(400), (1, 400));
    }
}
