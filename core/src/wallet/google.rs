//! Google Wallet: a class and an object of its REST API.

use super::{Holding, Pass, PassState, PassStyle, Row, instant, list, object, text};
use crate::amount::Amount;
use crate::command::PassLanguage;
use crate::json::Node;

/// An object with `class` and `object`. The host puts its issuer's id and a dot before the `id` of
/// both and before `classId`.
pub(super) fn class_and_object(pass: &Pass) -> Node {
    object(vec![("class", Some(class(pass))), ("object", Some(card_object(pass)))])
}

fn class(pass: &Pass) -> Node {
    let mut entries = vec![
        ("id", text(&pass.class)),
        ("issuerName", pass.merchant.as_ref().and_then(text)),
        ("reviewStatus", text("UNDER_REVIEW")),
    ];
    entries.extend(match pass.style {
        PassStyle::Loyalty => {
            vec![("programName", text(pass.programme.as_ref().unwrap_or(&pass.title)))]
        }
        PassStyle::Gift => vec![("merchantName", pass.merchant.as_ref().and_then(text))],
        PassStyle::Ticket => vec![("eventName", Some(localized(&pass.title, pass.language)))],
        PassStyle::Coupon => vec![
            ("provider", pass.merchant.as_ref().and_then(text)),
            ("redemptionChannel", text("BOTH")),
            ("title", text(&pass.title)),
        ],
    });
    object(entries)
}

fn card_object(pass: &Pass) -> Node {
    let state = match pass.state {
        PassState::Active => "ACTIVE",
        PassState::Completed => "COMPLETED",
        PassState::Expired => "EXPIRED",
        PassState::Inactive => "INACTIVE",
    };
    let mut entries = vec![
        ("barcode", Some(barcode(&pass.number))),
        ("classId", text(&pass.class)),
        ("id", text(&pass.serial)),
        ("state", text(state)),
        ("validTimeInterval", interval(pass)),
    ];
    // What has a place of its own is not said twice.
    let shown: Vec<&Row> = match pass.style {
        PassStyle::Loyalty => {
            pass.header.iter().skip(1).chain(&pass.primary).chain(&pass.secondary).collect()
        }
        PassStyle::Gift => pass.secondary.iter().collect(),
        PassStyle::Ticket | PassStyle::Coupon => {
            pass.header.iter().chain(&pass.secondary).collect()
        }
    };
    let own = |row: &&&Row| match (&pass.holding, pass.style) {
        (Some(held), PassStyle::Loyalty) => row.label != held.label,
        (_, PassStyle::Ticket) => row.key != "seat",
        _ => true,
    };
    let rows: Vec<Node> = shown.iter().filter(own).map(|row| module(row)).collect();
    entries.push(("textModulesData", list(rows)));
    entries.extend(match pass.style {
        PassStyle::Loyalty => vec![
            ("accountId", text(&pass.number)),
            ("loyaltyPoints", pass.holding.as_ref().map(loyalty_points)),
            ("secondaryLoyaltyPoints", pass.header.first().map(labelled)),
        ],
        PassStyle::Gift => vec![
            ("balance", pass.holding.as_ref().and_then(money)),
            ("balanceUpdateTime", Some(object(vec![("date", instant(pass.at))]))),
            ("cardNumber", text(&pass.number)),
        ],
        PassStyle::Ticket => {
            let seat = |seat: &String| object(vec![("seat", Some(localized(seat, pass.language)))]);
            vec![("seatInfo", pass.seat.as_ref().map(seat)), ("ticketNumber", text(&pass.number))]
        }
        PassStyle::Coupon => Vec::new(),
    });
    object(entries)
}

fn barcode(number: &str) -> Node {
    object(vec![
        ("alternateText", text(number)),
        ("type", text("QR_CODE")),
        ("value", text(number)),
    ])
}

fn interval(pass: &Pass) -> Option<Node> {
    let date = |at: Option<_>| at.map(|at| object(vec![("date", instant(at))]));
    let (start, end) = (date(pass.opens_at), date(pass.expires_at));
    let known = start.is_some() || end.is_some();
    known.then(|| object(vec![("end", end), ("start", start)]))
}

fn module(row: &Row) -> Node {
    object(vec![("body", text(&row.value)), ("header", text(&row.label)), ("id", text(&row.key))])
}

fn labelled(row: &Row) -> Node {
    let balance = object(vec![("string", text(&row.value))]);
    object(vec![("balance", Some(balance)), ("label", text(&row.label))])
}

/// A number where Google has one: whole and within 32 bits; else a text, as `7/10` is.
fn loyalty_points(held: &Holding) -> Node {
    let plain = !held.text.contains('/');
    let whole = held.amount.digits == 0 && plain && i32::try_from(held.amount.units).is_ok();
    let balance = match whole {
        true => object(vec![("int", Some(Node::Integer(held.amount.units)))]),
        false => object(vec![("string", text(&held.text))]),
    };
    object(vec![("balance", Some(balance)), ("label", text(&held.label))])
}

/// Money in millionths, as a text: so JSON carries 64 bits.
fn money(held: &Holding) -> Option<Node> {
    let Amount { units, digits } = held.amount;
    let scale = 10_i128.pow(6_u32.saturating_sub(u32::from(digits)));
    let micros = i128::from(units) * scale;
    let currency = held.currency.as_ref()?;
    Some(object(vec![("currencyCode", text(currency)), ("micros", text(micros.to_string()))]))
}

fn localized(value: &str, language: PassLanguage) -> Node {
    let value = object(vec![("language", text(language.as_str())), ("value", text(value))]);
    object(vec![("defaultValue", Some(value))])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(units: i64, digits: u8, text: &str) -> Holding {
        let amount = Amount { units, digits };
        Holding {
            label: "x".to_owned(),
            amount,
            currency: Some("RUB".to_owned()),
            text: text.into(),
        }
    }

    #[test]
    fn money_is_in_millionths() {
        for (units, digits, micros) in
            [(123_450, 2, "1234500000"), (7, 0, "7000000"), (1, 4, "100"), (0, 2, "0")]
        {
            let money = money(&held(units, digits, "")).unwrap();
            assert_eq!(money.get("micros").and_then(Node::text), Some(micros));
        }
    }

    #[test]
    fn points_are_a_number_where_one_fits() {
        let balance = |held: Holding| loyalty_points(&held).get("balance").unwrap().canonical();
        assert_eq!(balance(held(1_500, 0, "1 500")), r#"{"int":1500}"#);
        assert_eq!(balance(held(7, 0, "7/10")), r#"{"string":"7/10"}"#);
        assert_eq!(balance(held(15, 1, "1,5")), r#"{"string":"1,5"}"#);
        assert_eq!(balance(held(1 << 31, 0, "2 147 483 648")), r#"{"string":"2 147 483 648"}"#);
    }
}
