//! The taxes of a receipt: per line as shown, or exact and rounded once.

use super::fractions::Fractions;
use super::{LineTax, Tax, TaxRule, UNIT, one_and_inside_rates, split_line};
use crate::allocation::ONE;
use crate::document::choice;
use crate::rounding::Rounding;

choice! {
    /// Where the fractions of taxes are rounded.
    pub enum TaxScope {
        /// On every line; the receipt sums what the lines show.
        PerLine = "line",
        /// Once per tax on the receipt; the lines show their own rounding, which may differ.
        PerReceipt = "receipt",
    }
}

/// One row of a receipt's taxes; `net + tax = gross`.
///
/// Where a line has several inside taxes, a row's gross is its net with this tax alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct GroupTotal {
    pub group: usize,
    pub inside: bool,
    pub net: i64,
    pub tax: i64,
    pub gross: i64,
}

/// A receipt's taxes: rows in the order of group ids, and sums over all lines, taxed or not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ReceiptTax {
    pub net: i64,
    pub tax: i64,
    pub gross: i64,
    pub groups: Vec<GroupTotal>,
}

/// Gathers the taxes of a receipt line by line.
#[derive(Debug)]
pub(crate) struct TaxTotals {
    scope: TaxScope,
    rounding: Rounding,
    due: i64,
    groups: Vec<Group>,
}

#[derive(Debug)]
struct Group {
    id: usize,
    inside: bool,
    /// Sums of what the lines show.
    net: i64,
    tax: i64,
    exact_net: Fractions,
    exact_tax: Fractions,
}

impl TaxTotals {
    pub(crate) fn new(scope: TaxScope, rounding: Rounding) -> Self {
        Self { scope, rounding, due: 0, groups: Vec::new() }
    }

    /// Adds a line and returns its own split.
    ///
    /// `groups` holds one id for each of `taxes`; an id stands for one tax wherever it appears. A
    /// tax left without an id is on the line but not in the totals.
    pub(crate) fn add(
        &mut self,
        due: i64,
        quantity: i64,
        taxes: &[Tax],
        groups: &[usize],
    ) -> LineTax {
        let line = split_line(due, quantity, taxes, self.rounding);
        if due <= 0 {
            return line;
        }
        self.due = self.due.saturating_add(due);
        let exact = ExactLine::new(due, quantity, taxes);
        for (((tax, &id), &amount), &numerator) in
            taxes.iter().zip(groups).zip(&line.taxes).zip(&exact.taxes)
        {
            let at = self.place(id, tax.inside);
            if let Some(group) = self.groups.get_mut(at) {
                group.net = group.net.saturating_add(line.net);
                group.tax = group.tax.saturating_add(amount);
                group.exact_net.add(exact.net, exact.denominator);
                group.exact_tax.add(numerator, exact.denominator);
            }
        }
        line
    }

    /// Where the group is, made if it is new; groups stay in the order of their ids.
    fn place(&mut self, id: usize, inside: bool) -> usize {
        let key = (id, inside);
        let found = self.groups.binary_search_by_key(&key, |group| (group.id, group.inside));
        found.unwrap_or_else(|at| {
            let (exact_net, exact_tax) = (Fractions::default(), Fractions::default());
            self.groups.insert(at, Group { id, inside, net: 0, tax: 0, exact_net, exact_tax });
            at
        })
    }

    pub(crate) fn finish(&self) -> ReceiptTax {
        let mut receipt = ReceiptTax { net: self.due, tax: 0, gross: self.due, groups: Vec::new() };
        for group in &self.groups {
            let row = match self.scope {
                TaxScope::PerLine => group.row(group.net, group.tax),
                TaxScope::PerReceipt => group.rounded_once(self.rounding, receipt.net),
            };
            if row.inside {
                receipt.net -= row.tax;
            } else {
                receipt.gross = receipt.gross.saturating_add(row.tax);
            }
            receipt.tax = receipt.tax.saturating_add(row.tax);
            receipt.groups.push(row);
        }
        receipt
    }
}

impl Group {
    fn row(&self, net: i64, tax: i64) -> GroupTotal {
        let gross = net.saturating_add(tax);
        GroupTotal { group: self.id, inside: self.inside, net, tax, gross }
    }

    /// The tax is rounded, and of net and gross the one that is whole when the tax is alone on its
    /// lines: what was due for an inside tax, what it is counted on for an outside one.
    fn rounded_once(&self, rounding: Rounding, most: i64) -> GroupTotal {
        let tax = self.exact_tax.rounded(rounding);
        if !self.inside {
            return self.row(self.exact_net.rounded(rounding), tax);
        }
        let tax = tax.min(most);
        let mut gross = self.exact_net.clone();
        gross.add_all(&self.exact_tax);
        self.row(gross.rounded(rounding).saturating_sub(tax).max(0), tax)
    }
}

/// A line's unrounded split, all over one denominator.
///
/// With amounts to 9·10¹⁴ and rates to 10¹¹ (10 000 %) a numerator stays below 10³⁰; beyond its
/// bounds arithmetic stops at the edge instead of overflowing.
struct ExactLine {
    denominator: i128,
    net: i128,
    taxes: Vec<i128>,
}

impl ExactLine {
    fn new(due: i64, quantity: i64, taxes: &[Tax]) -> Self {
        let whole = one_and_inside_rates(taxes);
        let fixed = |amount: i64| i128::from(amount.max(0)) * i128::from(quantity.max(0));
        let mut part = i128::from(due) * UNIT;
        let mut numerators = vec![0; taxes.len()];
        for (tax, slot) in taxes.iter().zip(&mut numerators) {
            if let (true, TaxRule::PerUnit(amount)) = (tax.inside, tax.rule) {
                let taken = fixed(amount).min(part);
                part -= taken;
                *slot = whole.saturating_mul(taken);
            }
        }
        for (tax, slot) in taxes.iter().zip(&mut numerators) {
            match (tax.inside, tax.rule) {
                // An outside rate of the net `part / whole` meets the same denominator.
                (_, TaxRule::Rate(rate)) => *slot = part.saturating_mul(i128::from(rate.max(0))),
                (false, TaxRule::PerUnit(amount)) => *slot = whole.saturating_mul(fixed(amount)),
                (true, TaxRule::PerUnit(_)) => {}
            }
        }
        let net = part.saturating_mul(i128::from(ONE));
        Self { denominator: whole * UNIT, net, taxes: numerators }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::{ALL, PERCENT, due, inside, outside, per_unit, tax};
    use super::*;
    use crate::rounding::divide;

    fn receipt(scope: TaxScope, dues: &[i64], taxes: &[Tax], groups: &[usize]) -> ReceiptTax {
        let mut totals = TaxTotals::new(scope, Rounding::HalfUp);
        for &due in dues {
            totals.add(due, 1000, taxes, groups);
        }
        totals.finish()
    }

    #[test]
    fn nothing_due_has_no_tax_under_any_rounding() {
        let taxes = [inside(22), per_unit(true, 5), outside(PERCENT), per_unit(false, 5)];
        for rounding in ALL {
            for scope in [TaxScope::PerLine, TaxScope::PerReceipt] {
                let mut totals = TaxTotals::new(scope, rounding);
                let line = totals.add(0, 3000, &taxes, &[0, 1, 2, 3]);
                assert_eq!(line, LineTax { net: 0, gross: 0, taxes: vec![0; 4] });
                assert_eq!(totals.finish(), ReceiptTax::default());
            }
        }
    }

    #[test]
    fn three_lines_round_apart_or_together() {
        let of = |scope| receipt(scope, &[101; 3], &[inside(22)], &[0]);
        let row = |net, tax| GroupTotal { group: 0, inside: true, net, tax, gross: 303 };
        let per_line = of(TaxScope::PerLine);
        assert_eq!((per_line.net, per_line.tax, per_line.gross), (249, 54, 303));
        assert_eq!(per_line.groups, [row(249, 54)]);
        let per_receipt = of(TaxScope::PerReceipt);
        assert_eq!((per_receipt.net, per_receipt.tax, per_receipt.gross), (248, 55, 303));
        assert_eq!(per_receipt.groups, [row(248, 55)]);
    }

    #[test]
    fn one_tax_in_unlike_sets_is_still_summed_exactly() {
        // A half comes from thirds and sixths: 100/(1+1+1) + 50/(1+1+2) is 33⅓ + 12½ = 45⅚.
        let mut totals = TaxTotals::new(TaxScope::PerReceipt, Rounding::HalfUp);
        totals.add(100, 1000, &[inside(100), inside(100)], &[7, 1]);
        totals.add(50, 1000, &[inside(100), inside(200)], &[7, 2]);
        let sums = totals.finish();
        let taxes: Vec<_> = sums.groups.iter().map(|row| (row.group, row.tax)).collect();
        assert_eq!(taxes, [(1, 33), (2, 25), (7, 46)]);
        assert_eq!((sums.net, sums.tax, sums.gross), (46, 104, 150));
    }

    #[test]
    fn half_to_even_on_a_receipt_sees_the_whole_units() {
        for (due, tax) in [(1, 0), (3, 2), (5, 2), (7, 4)] {
            let mut totals = TaxTotals::new(TaxScope::PerReceipt, Rounding::HalfEven);
            totals.add(due, 1000, &[outside(ONE / 2)], &[0]);
            assert_eq!(totals.finish().tax, tax);
        }
    }

    #[test]
    fn several_outside_taxes_each_have_their_row() {
        let taxes = [outside(88_750_000), outside(4 * PERCENT)];
        let sums = receipt(TaxScope::PerReceipt, &[105, 105], &taxes, &[4, 2]);
        let rows: Vec<_> = sums.groups.iter().map(|r| (r.group, r.net, r.tax, r.gross)).collect();
        assert_eq!(rows, [(2, 210, 8, 218), (4, 210, 19, 229)]);
        assert_eq!((sums.net, sums.tax, sums.gross), (210, 27, 237));
    }

    #[test]
    fn the_last_inside_tax_of_a_receipt_yields_when_rounding_takes_too_much() {
        let mut totals = TaxTotals::new(TaxScope::PerReceipt, Rounding::Ceil);
        totals.add(1, 1000, &[inside(100), inside(100)], &[0, 1]);
        let sums = totals.finish();
        let taxes: Vec<_> = sums.groups.iter().map(|row| row.tax).collect();
        assert_eq!((taxes, sums.net, sums.gross), (vec![1, 0], 0, 1));
    }

    #[test]
    fn a_fixed_inside_tax_leaves_the_base_of_rates_on_a_receipt_too() {
        let taxes = [inside(20), per_unit(true, 300)];
        let sums = receipt(TaxScope::PerReceipt, &[1500, 1500], &taxes, &[0, 1]);
        let rows: Vec<_> = sums.groups.iter().map(|r| (r.net, r.tax, r.gross)).collect();
        assert_eq!(rows, [(2000, 400, 2400), (2000, 600, 2600)]);
        assert_eq!((sums.net, sums.tax, sums.gross), (2000, 1000, 3000));
    }

    #[test]
    fn an_untaxed_line_counts_towards_the_receipt() {
        let sums = receipt(TaxScope::PerReceipt, &[500], &[], &[]);
        assert_eq!(sums, ReceiptTax { net: 500, tax: 0, gross: 500, groups: vec![] });
    }

    #[test]
    fn extreme_arguments_stop_at_the_edge() {
        let taxes = [true, false].map(|inside| {
            [TaxRule::Rate(i64::MAX), TaxRule::PerUnit(i64::MAX)].map(|rule| Tax { inside, rule })
        });
        for rounding in ALL {
            let mut totals = TaxTotals::new(TaxScope::PerReceipt, rounding);
            for denominator in 0..40 {
                let set = [taxes.as_flattened(), &[inside(denominator)]].concat();
                totals.add(i64::MAX, i64::MAX, &set, &[0, 1, 2, 3, 4]);
                totals.add(i64::MAX, 1, &[inside(1), inside(denominator)], &[4, 5]);
                totals.add(7, 1, &[inside(1), inside(denominator + 7)], &[4, 5]);
            }
            totals.finish();
        }
    }

    proptest! {
        #[test]
        fn lines_and_receipt_differ_by_less_than_a_unit_per_line(
            dues in prop::collection::vec(1_i64..1_000_000, 1..40),
            rate in 0..=ONE,
            is_inside in any::<bool>(),
            rounding in prop::sample::select(&ALL[..]),
        ) {
            let taxes = [Tax { inside: is_inside, rule: TaxRule::Rate(rate) }];
            let of = |scope| {
                let mut totals = TaxTotals::new(scope, rounding);
                dues.iter().for_each(|&due| drop(totals.add(due, 1000, &taxes, &[0])));
                totals.finish()
            };
            let (lines, once) = (of(TaxScope::PerLine), of(TaxScope::PerReceipt));
            let lines_count = i64::try_from(dues.len()).unwrap();
            prop_assert!((lines.tax - once.tax).abs() < lines_count);
            for sums in [&lines, &once] {
                prop_assert_eq!(sums.net + sums.tax, sums.gross);
            }
            let due: i64 = dues.iter().sum();
            prop_assert_eq!(if is_inside { once.gross } else { once.net }, due);
            let whole = i128::from(if is_inside { ONE + rate } else { ONE });
            let exact = divide(i128::from(due) * i128::from(rate), whole, rounding).unwrap();
            prop_assert_eq!(i128::from(once.tax), exact);
        }

        #[test]
        fn every_row_and_the_receipt_add_up(
            lines in prop::collection::vec((due(), prop::collection::vec(0..6_usize, 0..4)), 0..9),
            rates in prop::collection::vec(tax(), 6),
            per_line in any::<bool>(),
            rounding in prop::sample::select(&ALL[..]),
        ) {
            let scope = if per_line { TaxScope::PerLine } else { TaxScope::PerReceipt };
            let mut totals = TaxTotals::new(scope, rounding);
            let mut shown = (0, 0);
            for (due, ids) in &lines {
                let taxes: Vec<Tax> = ids.iter().map(|&id| rates[id]).collect();
                let line = totals.add(*due, 1000, &taxes, ids);
                shown = (shown.0 + line.net, shown.1 + line.gross);
            }
            let sums = totals.finish();
            prop_assert_eq!(sums.net + sums.tax, sums.gross);
            prop_assert!(sums.net >= 0);
            for row in &sums.groups {
                prop_assert!(row.net >= 0 && row.tax >= 0);
                prop_assert_eq!(row.net + row.tax, row.gross);
            }
            if per_line {
                prop_assert_eq!(shown, (sums.net, sums.gross));
            }
        }
    }
}
