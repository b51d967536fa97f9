//! From a receipt of the file to an order of the engine.

use kopilka::{Line, LineKind, Order, PresentedCard, Program, Spend, SpendMode};

use crate::receipts::{Receipt, Row};

/// What a receipt asks of the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Goods leave the shop.
    Sale,
    /// Goods come back: the number begins with `C`. Nothing says which sale they are of.
    Return,
}

/// What the receipt asks.
pub fn wish(receipt: &Receipt) -> Wish {
    if receipt.number.starts_with('C') { Wish::Return } else { Wish::Sale }
}

/// Whether the guest wants to spend points: those with a card whose receipt's number is divisible
/// by five. One receipt in five is enough to make every verb work.
pub fn spends(receipt: &Receipt) -> bool {
    let divisible = receipt.number.parse::<u64>().is_ok_and(|number| number % 5 == 0);
    divisible && !receipt.customer.is_empty()
}

/// The order of a receipt: one line for each row, with ids from 1.
pub fn order(receipt: &Receipt, program: &Program) -> Order {
    let wish = wish(receipt);
    let line = |(index, row)| line(index, row, wish);
    let mode = if spends(receipt) { SpendMode::Max } else { SpendMode::None };
    Order {
        cards: card(receipt).into_iter().collect(),
        lines: receipt.rows.iter().enumerate().map(line).collect(),
        receipt: Some(receipt.number.clone()),
        spend: Spend { mode, points: None },
        store: program.document().stores.first().map(|store| store.id.clone()),
        ..Order::default()
    }
}

fn card(receipt: &Receipt) -> Option<PresentedCard> {
    (!receipt.customer.is_empty()).then(|| PresentedCard::from(receipt.customer.as_str()))
}

fn line(index: usize, row: &Row, wish: Wish) -> Line {
    let quantity = match wish {
        Wish::Sale => row.quantity,
        Wish::Return => -row.quantity,
    };
    Line {
        id: (index + 1).to_string(),
        kind: kind(&row.stock_code),
        name: (!row.description.is_empty()).then(|| row.description.clone()),
        price: row.price,
        quantity,
        sku: Some(row.stock_code.clone()),
        ..Line::default()
    }
}

/// What kind of line a stock code is: postage and carriage are delivery, vouchers are stored value,
/// and what the bookkeeper typed in by hand (manual, bad debt, discount, samples, fees, bank
/// charges, commission) is an adjustment, which earns nothing and may be below zero.
fn kind(stock_code: &str) -> LineKind {
    match stock_code {
        "POST" | "DOT" | "C2" => LineKind::Delivery,
        "M" | "m" | "B" | "D" | "S" | "AMAZONFEE" | "BANK CHARGES" | "CRUK" => LineKind::Adjustment,
        code if code.starts_with("gift_") => LineKind::StoredValue,
        _ => LineKind::Goods,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt(number: &str, customer: &str) -> Receipt {
        Receipt {
            number: number.into(),
            customer: customer.into(),
            at: jiff::civil::DateTime::default(),
            rows: Vec::new(),
            fault: None,
        }
    }

    #[test]
    fn a_guest_with_a_card_spends_at_every_fifth_number() {
        assert!(spends(&receipt("536365", "17850")));
        assert!(!spends(&receipt("536366", "17850")));
        assert!(!spends(&receipt("536365", "")));
        assert!(!spends(&receipt("C536365", "17850")));
    }

    #[test]
    fn stock_codes_tell_the_kind_of_line() {
        let kinds = ["85123A", "POST", "gift_0001_20", "M", "PADS"].map(kind);
        let expected = [
            LineKind::Goods,
            LineKind::Delivery,
            LineKind::StoredValue,
            LineKind::Adjustment,
            LineKind::Goods,
        ];
        assert_eq!(kinds, expected);
    }
}
