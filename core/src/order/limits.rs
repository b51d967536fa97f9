//! The limits that a reader of JSON keeps as it reads, for orders that were built in code.

use super::document::{Attribute, Line, Order};
use crate::document::{LIST_MAX, text_fault};
use crate::error::{ErrorCode, Mistake};

/// The most cards, codes, tenders and discounts on the whole receipt that one order may have.
const EXTRAS_MAX: usize = 100;

/// What goes beyond a limit. Beyond one nothing else is looked at, so that work stays bounded.
pub(super) fn mistakes(order: &Order) -> Vec<Mistake> {
    let mut mistakes = too_many(order);
    if !mistakes.is_empty() {
        return mistakes;
    }
    let mut check = |text: &String, path: String| {
        if let Some((code, message)) = text_fault(text) {
            mistakes.push(Mistake::new(code, path, message));
        }
    };
    let own = [
        (&order.cashier, "/cashier"),
        (&order.channel, "/channel"),
        (&order.currency, "/currency"),
        (&order.receipt, "/receipt"),
        (&order.shift, "/shift"),
        (&order.store, "/store"),
        (&order.till, "/till"),
    ];
    for (text, path) in own {
        if let Some(text) = text {
            check(text, path.into());
        }
    }
    if let Some(paper) = &order.paper {
        check(&paper.by, "/paper/by".into());
        check(&paper.number, "/paper/number".into());
    }
    for (index, card) in order.cards.iter().enumerate() {
        check(&card.number, format!("/cards/{index}/number"));
        if let Some(presentation) = &card.presentation {
            check(presentation, format!("/cards/{index}/presentation"));
        }
    }
    for (index, card) in order.gift_cards.iter().enumerate() {
        check(&card.number, format!("/gift_cards/{index}/number"));
        if let Some(record) = &card.presentation {
            check(record, format!("/gift_cards/{index}/presentation"));
        }
    }
    for (index, code) in order.codes.iter().enumerate() {
        check(code, format!("/codes/{index}"));
    }
    for (index, tender) in order.tenders.iter().enumerate() {
        check(&tender.kind, format!("/tenders/{index}/kind"));
    }
    for (index, claim) in order.rewards.iter().enumerate() {
        check(&claim.reward, format!("/rewards/{index}/reward"));
    }
    let attributes = |list: &[Attribute], path: &str, check: &mut dyn FnMut(&String, String)| {
        for (index, one) in list.iter().enumerate() {
            check(&one.name, format!("{path}/{index}/name"));
            check(&one.value, format!("{path}/{index}/value"));
        }
    };
    attributes(&order.attributes, "/attributes", &mut check);
    if let Some(guest) = &order.guest {
        attributes(&guest.attributes, "/guest/attributes", &mut check);
    }
    for (index, discount) in order.discounts.iter().enumerate() {
        check(&discount.name, format!("/discounts/{index}/name"));
    }
    for (index, line) in order.lines.iter().enumerate() {
        if let Some((code, message)) = line_fault(line) {
            mistakes.push(Mistake::new(code, format!("/lines/{index}"), message));
        }
    }
    mistakes
}

fn line_fault(line: &Line) -> Option<(ErrorCode, String)> {
    let words = [&line.card, &line.name, &line.sku, &line.category, &line.parent, &line.gift];
    let words = words.into_iter().filter_map(Option::as_ref).chain(&line.tags).chain([&line.id]);
    let attributes = line.attributes.iter().flat_map(|one| [&one.name, &one.value]);
    let taxes = line.taxes.iter().map(|tax| &tax.name);
    words.chain(attributes).chain(taxes).find_map(|text| text_fault(text))
}

fn too_many(order: &Order) -> Vec<Mistake> {
    let on_receipt = order.discounts.iter().filter(|discount| discount.line.is_none()).count();
    let guest = order.guest.as_ref().map_or(0, |guest| guest.attributes.len());
    let counts = [
        ("/cards", order.cards.len(), EXTRAS_MAX),
        ("/attributes", order.attributes.len(), EXTRAS_MAX),
        ("/codes", order.codes.len(), EXTRAS_MAX),
        ("/gift_cards", order.gift_cards.len(), EXTRAS_MAX),
        ("/guest/attributes", guest, EXTRAS_MAX),
        ("/rewards", order.rewards.len(), EXTRAS_MAX),
        ("/tenders", order.tenders.len(), EXTRAS_MAX),
        ("/discounts", on_receipt, EXTRAS_MAX),
        ("/discounts", order.discounts.len(), LIST_MAX),
        ("/lines", order.lines.len(), LIST_MAX),
    ];
    let beyond = counts.iter().filter(|(_, count, most)| count > most);
    let mistake = |(path, count, most): &(&str, usize, usize)| {
        let message = format!("{count} are more than {most}");
        Mistake::new(ErrorCode::DocumentListTooLong, *path, message)
    };
    beyond.map(mistake).collect()
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;
    use crate::order::HostDiscount;

    fn found(order: &Order) -> Vec<(ErrorCode, String)> {
        mistakes(order).into_iter().map(|mistake| (mistake.code, mistake.path)).collect()
    }

    #[test]
    fn an_order_built_in_code_keeps_the_limits_of_a_document() {
        let lines =
            vec![Line::new("1\u{0}", Decimal::ONE), Line::new("x".repeat(1025), Decimal::ONE)];
        let order = Order { cards: vec!["1\n".into()], lines, ..Order::default() };
        let expected = [
            (ErrorCode::DocumentControlCharacter, "/cards/0/number"),
            (ErrorCode::DocumentControlCharacter, "/lines/0"),
            (ErrorCode::DocumentTextTooLong, "/lines/1"),
        ];
        assert_eq!(found(&order), expected.map(|(code, path)| (code, path.to_owned())));
    }

    #[test]
    fn a_hundred_discounts_on_the_receipt_are_the_most() {
        let discounts = vec![HostDiscount::default(); 101];
        let order = Order { discounts, ..Order::default() };
        assert_eq!(found(&order), [(ErrorCode::DocumentListTooLong, "/discounts".to_owned())]);
    }
}
