//! Properties of taxes.

use kopilka::*;
use proptest::prelude::*;

use crate::book::cases;
use crate::order::case;

proptest! {
    #![proptest_config(cases(400))]

    // 18
    #[test]
    fn taxes_of_lines_and_of_the_receipt_are_less_than_a_unit_apart_for_each(mut case in case()) {
        case.program.tax.per = TaxScope::PerReceipt;
        let quote = case.quote();
        let mut tolerance = 0;
        let mut shown = 0;
        for (line, sold) in case.live_lines().into_iter().zip(&quote.lines) {
            let taxes: i64 = sold.taxes.iter().map(|tax| tax.amount.units).sum();
            prop_assert_eq!(sold.tax.units, taxes);
            prop_assert_eq!(sold.net.units + taxes, sold.gross.units);
            if sold.due.units > 0 {
                tolerance += i64::try_from(line.taxes.len()).unwrap();
                shown += taxes;
            }
        }
        let apart = (shown - quote.totals.tax.units).abs();
        prop_assert!(if tolerance == 0 { apart == 0 } else { apart < tolerance }, "{apart} of {tolerance}");
    }

    // 18
    #[test]
    fn taxes_rounded_on_lines_add_up_to_the_receipt(mut case in case()) {
        case.program.tax.per = TaxScope::PerLine;
        let quote = case.quote();
        let sum = |of: fn(&LineQuote) -> i64| -> i64 { quote.lines.iter().map(of).sum() };
        prop_assert_eq!(sum(|line| line.tax.units), quote.totals.tax.units);
        prop_assert_eq!(sum(|line| line.net.units), quote.totals.net.units);
        prop_assert_eq!(sum(|line| line.gross.units), quote.totals.gross.units);
        let taxes: i64 = quote.taxes.iter().map(|tax| tax.tax.units).sum();
        prop_assert_eq!(taxes, quote.totals.tax.units);
    }

    // 3, 18
    #[test]
    fn a_full_discount_leaves_nothing_anywhere(mut case in case()) {
        case.program.exclusions.clear();
        case.order.lines.retain(|line| line.kind != LineKind::Adjustment);
        prop_assume!(!case.live_lines().is_empty());
        for line in &mut case.order.lines {
            line.excluded_from.clear();
        }
        case.program.allocation.blocked = Blocked::MovesOn;
        let amount = rust_decimal::Decimal::from(1_000_000_000);
        case.order.discounts = vec![HostDiscount { amount, line: None, name: "h0".into() }];
        let quote = case.quote();
        for line in &quote.lines {
            let left = [line.due, line.net, line.tax, line.gross, line.counter_provision];
            prop_assert!(left.iter().all(|left| left.units == 0), "{:?}", line);
            prop_assert!(line.taxes.iter().all(|tax| tax.amount.units == 0));
        }
        let totals = quote.totals;
        let left = [totals.due, totals.net, totals.tax, totals.gross, totals.payable];
        prop_assert!(left.iter().all(|left| left.units == 0));
        for tax in quote.taxes {
            prop_assert_eq!((tax.net.units, tax.tax.units, tax.gross.units), (0, 0, 0));
        }
    }
}
