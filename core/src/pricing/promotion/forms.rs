//! What a form of benefit would take off each line, before anybody asks what the lines can give.

use super::sets;
use super::ware::{Ware, by_choice};
use crate::allocation::{Spread, percent_of};
use crate::amount::RATE_ONE;
use crate::order::Prepared;
use crate::pricing::money_of;
use crate::program::benefit::{BenefitRules, FormRules, GiftRules, GiveOnUnit, TieredRules};
use crate::program::rules::Rules;
use crate::program::{Basis, Each, PercentMethod, TieredBy, UnitChoice};
use crate::rounding::{Rounding, divide_to_amount, to_amount};

/// A benefit on its way.
#[derive(Clone, Copy)]
pub(super) struct Deal<'a> {
    pub benefit: &'a BenefitRules,
    pub rules: &'a Rules,
    pub order: &'a Prepared,
    /// How many times over an amount off is given.
    pub times: i64,
}

/// How what is wished becomes what lines give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// Each line gives its own; what it cannot give is not given.
    Own,
    /// A sum is divided over the lines by the values of what is taken of them.
    Divided(i64, Spread),
    /// Each line gives its own; what it cannot give moves on to the others, by their values.
    Moved,
}

/// What a form wishes, besides what stands in the lines.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wished {
    pub how: How,
    pub percent: Option<i64>,
    /// The presents that may still be added.
    pub missing: i64,
}

impl From<How> for Wished {
    fn from(how: How) -> Wished {
        Wished { how, percent: None, missing: 0 }
    }
}

/// Works out the form for lines whose units are selected.
pub(super) fn wish(deal: Deal<'_>, wares: &mut [Ware]) -> Wished {
    let mut wished: Wished = match &deal.benefit.form {
        FormRules::Percent(percent) => {
            wares.iter_mut().for_each(|ware| ware.take(ware.picked));
            deal.percent(*percent, wares).into()
        }
        FormRules::Amount(amount, each) => {
            wares.iter_mut().for_each(|ware| ware.take(ware.picked));
            deal.amount(*amount, *each, wares).into()
        }
        FormRules::Price(price) => {
            wares.iter_mut().for_each(|ware| ware.take(ware.picked));
            deal.price(*price, wares).into()
        }
        FormRules::Bundle(rules) => sets::bundle(deal, rules, wares).into(),
        FormRules::NForM(rules) => sets::n_for_m(*rules, wares).into(),
        FormRules::BuyGet(rules) => {
            sets::choose_targets(rules, wares);
            deal.on_units(rules.give, wares).into()
        }
        FormRules::Tiered(rules) => return deal.tiered(rules, wares),
        FormRules::Schedule(steps) => sets::schedule(deal, steps, wares).into(),
        FormRules::Gift(rules) => return gift(rules, wares),
        FormRules::Coupon(_) => How::Own.into(),
    };
    wished.percent = deal.benefit.form.percent();
    wished
}

impl Deal<'_> {
    /// A sum of the programme, counted as `of` says, in prices of the order. The proportion is
    /// that of the lines that are taken.
    pub fn in_prices(&self, amount: i64, wares: &[Ware]) -> i64 {
        let amount = self.order.money_from_program(amount);
        if self.benefit.of == Basis::Price {
            return amount;
        }
        let taken = || wares.iter().filter(|ware| ware.taken > 0);
        let base: i128 = taken().map(|ware| i128::from(ware.base)).sum();
        let counted: i128 = taken().map(|ware| i128::from(ware.counted)).sum();
        if counted <= 0 {
            return amount;
        }
        divide_to_amount(i128::from(amount) * base, counted, Rounding::HalfUp)
    }

    fn price_of(&self, price: i64) -> i64 {
        self.order.price_from_program(price, self.rules.currency_digits)
    }

    /// A percentage off what is taken.
    pub fn percent(&self, percent: i64, wares: &mut [Ware]) -> How {
        let rounding = self.benefit.rounding;
        if percent == RATE_ONE {
            wares.iter_mut().for_each(|ware| ware.freed = ware.taken);
        }
        match self.benefit.method {
            PercentMethod::OfSum => {
                let sum: i128 = wares.iter().map(|ware| i128::from(ware.value)).sum();
                let total = percent_of(percent, to_amount(sum), rounding);
                How::Divided(total, self.rules.allocation.spread)
            }
            PercentMethod::PerLine => {
                for ware in wares {
                    ware.wish = percent_of(percent, ware.value, rounding);
                }
                How::Own
            }
        }
    }

    fn amount(&self, amount: i64, each: Each, wares: &mut [Ware]) -> How {
        let amount = product(self.in_prices(amount, wares), self.times);
        let taken = wares.iter_mut().filter(|ware| ware.taken > 0);
        match each {
            Each::Selection => return How::Divided(amount, self.rules.allocation.spread),
            Each::Line => taken.for_each(|ware| ware.wish = amount),
            Each::Unit => taken.for_each(|ware| ware.wish = product(amount, ware.taken)),
        }
        How::Own
    }

    /// A new price of what is taken; what costs less stays.
    fn price(&self, price: i64, wares: &mut [Ware]) -> How {
        let price = self.price_of(price);
        for ware in wares {
            let new = money_of(price, ware.quantity(ware.taken), self.order.digits);
            ware.wish = (ware.value - new).max(0);
        }
        How::Own
    }

    fn on_units(&self, give: GiveOnUnit, wares: &mut [Ware]) -> How {
        match give {
            GiveOnUnit::Percent(percent) => self.percent(percent, wares),
            GiveOnUnit::Amount(amount) => self.amount(amount, Each::Unit, wares),
            GiveOnUnit::Price(price) => self.price(price, wares),
        }
    }

    fn tiered(&self, rules: &TieredRules, wares: &mut [Ware]) -> Wished {
        let picked = wares.iter_mut().filter(|ware| ware.picked > 0);
        let count: i64 = match rules.by {
            TieredBy::Amount => {
                let sum = picked.map(|ware| ware.counted_worth(ware.picked)).sum();
                self.order.money_to_program(sum)
            }
            TieredBy::Quantity => picked.map(|ware| ware.quantity(ware.picked)).sum(),
        };
        let reached = rules.steps.iter().rev().find(|(from, _)| *from <= count);
        let Some((_, give)) = reached else { return How::Own.into() };
        wares.iter_mut().for_each(|ware| ware.take(ware.picked));
        let percent = match give {
            GiveOnUnit::Percent(percent) => Some(*percent),
            _ => None,
        };
        Wished { how: self.on_units(*give, wares), percent, missing: 0 }
    }
}

pub(super) fn product(amount: i64, count: i64) -> i64 {
    to_amount(i128::from(amount) * i128::from(count))
}

/// Presents: those on the order, then those that were added for it; what is missing may be.
fn gift(rules: &GiftRules, wares: &mut [Ware]) -> Wished {
    let mut left = rules.quantity;
    if rules.found {
        let named = |ware: &Ware| ware.sku.is_some_and(|sku| rules.skus.contains(&sku));
        for ware in by_choice(wares, UnitChoice::Cheapest, |ware| ware.picked > 0 && named(ware)) {
            left -= free(ware, ware.picked.min(left));
        }
    }
    if rules.added {
        for ware in by_choice(wares, UnitChoice::AsListed, |ware| ware.present) {
            left -= free(ware, ware.units.min(left));
        }
    }
    let missing = if rules.added { left } else { 0 };
    Wished { how: How::Own, percent: None, missing }
}

/// Makes units of a line free; gives how many.
fn free(ware: &mut Ware, units: i64) -> i64 {
    ware.take(units);
    ware.freed = units;
    ware.wish = ware.value;
    units
}
