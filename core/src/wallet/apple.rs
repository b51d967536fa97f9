//! Apple Wallet: the content of `pass.json`.

use super::{Pass, PassState, PassStyle, Row, instant, list, object, text};
use crate::command::PassLanguage;
use crate::json::Node;

/// The most characters of a Code 128 that a phone's screen can show.
const CODE_128_MAX: usize = 40;

/// The content of `pass.json` without `passTypeIdentifier` and `teamIdentifier`, which belong to the
/// merchant's certificate.
pub(super) fn pass_json(pass: &Pass) -> Node {
    let style = match pass.style {
        PassStyle::Loyalty | PassStyle::Gift => "storeCard",
        PassStyle::Ticket => "eventTicket",
        PassStyle::Coupon => "coupon",
    };
    let fields = |rows: &[Row]| list(rows.iter().map(|row| field(row, pass.language)).collect());
    let content = object(vec![
        ("backFields", fields(&pass.back)),
        ("headerFields", fields(&pass.header)),
        ("primaryFields", fields(&pass.primary)),
        ("secondaryFields", fields(&pass.secondary)),
    ]);
    // Before its time an inactive pass is worth nothing yet; only what is over is crossed out.
    let void = match pass.state {
        PassState::Active | PassState::Inactive => None,
        PassState::Completed | PassState::Expired => Some(Node::Boolean(true)),
    };
    let relevant = pass.opens_at.filter(|_| pass.style == PassStyle::Ticket);
    object(vec![
        ("barcodes", list(barcodes(&pass.number))),
        ("description", text(&pass.title)),
        ("expirationDate", pass.expires_at.and_then(instant)),
        ("formatVersion", Some(Node::Integer(1))),
        ("logoText", pass.merchant.as_ref().or(pass.programme.as_ref()).and_then(text)),
        ("organizationName", pass.merchant.as_ref().and_then(text)),
        ("relevantDate", relevant.and_then(instant)),
        ("serialNumber", text(&pass.serial)),
        (style, Some(content)),
        ("voided", void),
    ])
}

/// The same number in several forms, the best first: systems and scanners take the first that they
/// know.
fn barcodes(number: &str) -> Vec<Node> {
    let encoding = if number.is_ascii() { "iso-8859-1" } else { "utf-8" };
    let barcode = |format: &str| {
        object(vec![
            ("altText", text(number)),
            ("format", text(format)),
            ("message", text(number)),
            ("messageEncoding", text(encoding)),
        ])
    };
    let linear = number.is_ascii() && number.len() <= CODE_128_MAX;
    let linear = linear.then_some("PKBarcodeFormatCode128");
    let formats = ["PKBarcodeFormatQR"].into_iter().chain(linear).chain(["PKBarcodeFormatPDF417"]);
    formats.map(barcode).collect()
}

fn field(row: &Row, language: PassLanguage) -> Node {
    let changed = match language {
        PassLanguage::Ru => format!("{}: теперь %@", row.label),
        PassLanguage::En => format!("{}: now %@", row.label),
    };
    object(vec![
        ("changeMessage", Some(Node::Text(changed)).filter(|_| row.told)),
        ("key", text(&row.key)),
        ("label", text(&row.label)),
        ("value", text(&row.value)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_shown_as_a_line_only_where_a_line_can_have_it() {
        let formats = |number: &str| -> Vec<String> {
            let format = |code: &Node| code.get("format").and_then(Node::text).unwrap().to_owned();
            barcodes(number).iter().map(format).collect()
        };
        let (square, line, wide) =
            ("PKBarcodeFormatQR", "PKBarcodeFormatCode128", "PKBarcodeFormatPDF417");
        assert_eq!(formats("2990000000019"), [square, line, wide]);
        assert_eq!(formats("карта-1"), [square, wide]);
        assert_eq!(formats(&"1".repeat(41)), [square, wide]);
    }
}
