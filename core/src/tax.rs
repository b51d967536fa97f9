//! Several taxes on a line; their totals on a receipt are in [`totals`].
//!
//! Inside taxes are contained in what is due, outside taxes are added to it. A receipt may round
//! each line's taxes, or sum exact fractions and round once: the answers differ, and the law of
//! the place says which is right.

use crate::allocation::ONE;
use crate::rounding::{Rounding, divide_to_amount};

mod fractions;
mod totals;

pub use totals::TaxScope;
pub(crate) use totals::{GroupTotal, TaxTotals};

/// Thousandths in one unit of quantity.
const UNIT: i128 = 1000;

/// How much a tax is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TaxRule {
    /// A count of 10⁻⁹ of the net: 22 % is 220 000 000.
    Rate(i64),
    /// Smallest money units for one unit of quantity.
    PerUnit(i64),
}

/// One tax of a line; a negative rate or amount counts as zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tax {
    /// Whether what is due contains the tax already.
    pub inside: bool,
    pub rule: TaxRule,
}

/// A line's taxes in the order they were given; `net` and all of them add up to `gross`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LineTax {
    pub net: i64,
    pub gross: i64,
    pub taxes: Vec<i64>,
}

/// Splits what is due for a line after its discounts.
///
/// Fixed inside taxes are taken first, never more than is due; inside rates share what is left as
/// `rate / (1 + Σ rates)`; outside taxes are counted on the net. Where rounding would take more
/// than is due, the later tax yields. A line with nothing due has no taxes at all, not even fixed
/// ones. Neither argument is negative: a refund splits the amount and flips the signs.
pub(crate) fn split_line(due: i64, quantity: i64, taxes: &[Tax], rounding: Rounding) -> LineTax {
    let mut amounts = vec![0; taxes.len()];
    if due <= 0 {
        return LineTax { net: 0, gross: 0, taxes: amounts };
    }
    let mut net = due;
    let fixed = |amount: i64| {
        let product = i128::from(amount.max(0)) * i128::from(quantity.max(0));
        divide_to_amount(product, UNIT, rounding)
    };
    for (tax, slot) in taxes.iter().zip(&mut amounts) {
        if let (true, TaxRule::PerUnit(amount)) = (tax.inside, tax.rule) {
            *slot = fixed(amount).min(net);
            net -= *slot;
        }
    }
    let (part, whole) = (i128::from(net), one_and_inside_rates(taxes));
    for (tax, slot) in taxes.iter().zip(&mut amounts) {
        if let (true, TaxRule::Rate(rate)) = (tax.inside, tax.rule) {
            let product = part * i128::from(rate.max(0));
            *slot = divide_to_amount(product, whole, rounding).min(net);
            net -= *slot;
        }
    }
    let mut gross = due;
    for (tax, slot) in taxes.iter().zip(&mut amounts).filter(|(tax, _)| !tax.inside) {
        *slot = match tax.rule {
            TaxRule::PerUnit(amount) => fixed(amount),
            TaxRule::Rate(rate) => {
                let product = i128::from(net) * i128::from(rate.max(0));
                divide_to_amount(product, i128::from(ONE), rounding)
            }
        };
        gross = gross.saturating_add(*slot);
    }
    LineTax { net, gross, taxes: amounts }
}

fn one_and_inside_rates(taxes: &[Tax]) -> i128 {
    let rate = |tax: &Tax| match (tax.inside, tax.rule) {
        (true, TaxRule::Rate(rate)) => i128::from(rate.max(0)),
        _ => 0,
    };
    i128::from(ONE) + taxes.iter().map(rate).sum::<i128>()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(super) const PERCENT: i64 = ONE / 100;
    pub(super) const ALL: [Rounding; 4] =
        [Rounding::HalfUp, Rounding::HalfEven, Rounding::Floor, Rounding::Ceil];

    pub(super) fn inside(percent: i64) -> Tax {
        Tax { inside: true, rule: TaxRule::Rate(percent * PERCENT) }
    }

    pub(super) fn outside(rate: i64) -> Tax {
        Tax { inside: false, rule: TaxRule::Rate(rate) }
    }

    pub(super) fn per_unit(inside: bool, amount: i64) -> Tax {
        Tax { inside, rule: TaxRule::PerUnit(amount) }
    }

    fn split(due: i64, taxes: &[Tax]) -> LineTax {
        split_line(due, 1000, taxes, Rounding::HalfUp)
    }

    #[test]
    fn a_tax_inside_is_taken_out_of_what_is_due() {
        assert_eq!(
            split(10_980, &[inside(22)]),
            LineTax { net: 9000, gross: 10_980, taxes: vec![1980] }
        );
        assert_eq!(split(9900, &[inside(10)]).taxes, [900]);
    }

    #[test]
    fn a_tax_outside_is_added_to_what_is_due() {
        let sales_tax = [outside(88_750_000)];
        assert_eq!(split(900, &sales_tax), LineTax { net: 900, gross: 980, taxes: vec![80] });
        assert_eq!(split(1000, &sales_tax).taxes, [89]);
    }

    #[test]
    fn several_inside_rates_share_one_whole() {
        let line = split(11_800, &[inside(9), inside(9)]);
        assert_eq!(line, LineTax { net: 10_000, gross: 11_800, taxes: vec![900, 900] });
    }

    #[test]
    fn a_fixed_inside_tax_comes_out_before_the_rates() {
        let taxes = [inside(20), per_unit(true, 150)];
        let line = split_line(1500, 2000, &taxes, Rounding::HalfUp);
        assert_eq!(line, LineTax { net: 1000, gross: 1500, taxes: vec![200, 300] });
    }

    #[test]
    fn a_fixed_inside_tax_never_takes_more_than_is_due() {
        let line = split(100, &[per_unit(true, 150), inside(20), outside(ONE)]);
        assert_eq!(line, LineTax { net: 0, gross: 100, taxes: vec![100, 0, 0] });
    }

    #[test]
    fn outside_taxes_are_counted_on_the_net() {
        let line = split(122, &[outside(10 * PERCENT), inside(22), per_unit(false, 7)]);
        assert_eq!(line, LineTax { net: 100, gross: 139, taxes: vec![10, 22, 7] });
    }

    #[test]
    fn the_last_inside_tax_yields_when_rounding_takes_too_much() {
        let line = split_line(1, 1000, &[inside(100), inside(100)], Rounding::Ceil);
        assert_eq!(line, LineTax { net: 0, gross: 1, taxes: vec![1, 0] });
    }

    pub(super) fn tax() -> impl Strategy<Value = Tax> {
        let rule = prop_oneof![
            (0..=2 * ONE).prop_map(TaxRule::Rate),
            (0_i64..40).prop_map(|percent| TaxRule::Rate(percent * PERCENT)),
            (0_i64..500).prop_map(TaxRule::PerUnit),
        ];
        (any::<bool>(), rule).prop_map(|(inside, rule)| Tax { inside, rule })
    }

    pub(super) fn due() -> impl Strategy<Value = i64> {
        prop_oneof![0_i64..100, 0_i64..1_000_000, 0_i64..=900_000_000_000_000]
    }

    proptest! {
        #[test]
        fn net_and_taxes_add_up_to_gross(
            due in due(),
            quantity in 0_i64..1_000_000,
            taxes in prop::collection::vec(tax(), 0..5),
            rounding in prop::sample::select(&ALL[..]),
        ) {
            let line = split_line(due, quantity, &taxes, rounding);
            prop_assert!(line.net >= 0 && line.taxes.iter().all(|&tax| tax >= 0));
            prop_assert_eq!(line.net + line.taxes.iter().sum::<i64>(), line.gross);
            let kept = |(tax, amount): (&Tax, &i64)| if tax.inside { *amount } else { 0 };
            let contained: i64 = taxes.iter().zip(&line.taxes).map(kept).sum();
            prop_assert_eq!(line.net + contained, due);
        }
    }
}
