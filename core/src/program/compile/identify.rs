//! Rules for scans: forms, tracks, links, and numbers of customers.

use super::Check;
use crate::error::ErrorCode;
use crate::identify::{
    MASK_MAX, Mask, ScanForm, ScanRules, TrackTest, VALUE_DIGITS_MAX, is_prefix_of_banks, knows,
};
use crate::program::document::*;

pub(super) fn compile_identify(check: &mut Check<'_>) -> ScanRules {
    let Some(document) = &check.document.identify else {
        return ScanRules::default();
    };
    check.unique(document.scans.iter().map(|scan| &scan.id), "/identify/scans");
    if let Some(numbers) = &document.customer_numbers {
        check_customers(check, numbers);
    }
    for (index, key) in document.json_keys.iter().enumerate() {
        if key.is_empty() {
            let path = format!("/identify/json_keys/{index}");
            check.mistake(ErrorCode::DocumentTextEmpty, &path, "name the key");
        }
    }
    for (index, link) in document.links.iter().enumerate() {
        check_link(check, link, &format!("/identify/links/{index}"));
    }
    let forms = document.scans.iter().enumerate();
    let forms = forms.map(|(index, scan)| form(check, scan, &format!("/identify/scans/{index}")));
    let forms = forms.collect();
    let tracks = document.tracks.iter().enumerate();
    let tracks =
        tracks.map(|(index, rule)| track(check, rule, &format!("/identify/tracks/{index}")));
    let tracks = tracks.collect();
    ScanRules {
        customers: document.customer_numbers.clone(),
        json_keys: document.json_keys.clone(),
        links: document.links.clone(),
        phones: document.phones,
        forms,
        tracks,
    }
}

/// Whether every number of a range would be refused as that of a bank card.
pub(super) fn check_no_banks(check: &mut Check<'_>, range: &NumberRange, path: &str) {
    let least = range.length_min.unwrap_or(range.length_max);
    let refused = range.check == CheckDigit::Luhn
        && least >= 14
        && range.length_max <= 19
        && is_prefix_of_banks(&range.prefix);
    if refused {
        let message = "these are numbers of bank cards, which are refused; take another prefix";
        check.mistake(ErrorCode::CardBankCard, &format!("{path}/prefix"), message);
    }
}

fn check_customers(check: &mut Check<'_>, numbers: &CustomerNumbers) {
    let (least, most) = (numbers.length_min, numbers.length_max);
    let path = "/identify/customer_numbers";
    if most == 0 || most > 18 {
        let message = "a customer's number has 1 to 18 digits";
        check.mistake(ErrorCode::DocumentRange, &format!("{path}/length_max"), message);
    } else if least == 0 || least > most {
        let message = "`length_min` must be from 1 to `length_max`";
        check.mistake(ErrorCode::ProgramContradiction, &format!("{path}/length_min"), message);
    }
}

fn check_link(check: &mut Check<'_>, link: &LinkRule, path: &str) {
    let host = link.prefix.split_once("://").map_or("", |(_, host)| host);
    // Without what ends the host, another host that begins with it would be allowed too.
    if host.starts_with(['/', '?', '#']) || !host.contains(['/', '?']) {
        let message = "begin with the scheme and the whole host, as in `https://example.com/`";
        check.mistake(ErrorCode::ProgramContradiction, &format!("{path}/prefix"), message);
    }
    if link.parameter.as_ref().is_some_and(String::is_empty) {
        let message = "name the parameter, or leave it out";
        check.mistake(ErrorCode::DocumentTextEmpty, &format!("{path}/parameter"), message);
    }
}

fn mask(check: &mut Check<'_>, text: &str, path: &str) -> Mask {
    let mask = Mask::new(text);
    if text.is_empty() {
        check.mistake(ErrorCode::DocumentTextEmpty, path, "write the form of the number");
    } else if mask.length() > MASK_MAX {
        let message = format!("a mask has at most {MASK_MAX} characters");
        check.mistake(ErrorCode::DocumentRange, path, message);
    }
    mask
}

fn form(check: &mut Check<'_>, scan: &ScanPattern, path: &str) -> ScanForm {
    let place = format!("{path}/mask");
    let mask = mask(check, &scan.mask, &place);
    let (places, items, values) = mask.counts();
    let contradiction = match &scan.means {
        ScanMeaning::ScaleLabel(_) if items == 0 || values == 0 => {
            Some("a scale label needs `i` for the item and `w` for the weight or price")
        }
        ScanMeaning::ScaleLabel(_) if values > VALUE_DIGITS_MAX => {
            Some("a weight or price has at most 12 digits")
        }
        ScanMeaning::ScaleLabel(_) => None,
        _ if items > 0 || values > 0 => Some("only a scale label has `i` and `w`"),
        ScanMeaning::Coupon(ScanPart::Places)
        | ScanMeaning::Goods(ScanPart::Places)
        | ScanMeaning::Guest(ScanPart::Places)
            if places == 0 =>
        {
            Some("the mask has neither `#` nor `?`, so that no place is left for the number")
        }
        _ => None,
    };
    if let Some(message) = contradiction {
        check.mistake(ErrorCode::ProgramContradiction, &place, message);
    }
    if !knows(scan.check, &mask.prefix()) {
        let message = "the check digit is reckoned over characters that the mask does not have";
        check.mistake(ErrorCode::ProgramContradiction, &format!("{path}/check"), message);
    }
    if let ScanMeaning::Card(kind) = &scan.means {
        let known: Vec<&str> = check.document.cards.iter().map(|card| card.id.as_str()).collect();
        check.reference(kind, &known, "card", &format!("{path}/means/card"));
    }
    ScanForm {
        id: scan.id.clone(),
        check: scan.check,
        mask,
        group: scan.mask.clone(),
        means: scan.means.clone(),
    }
}

fn track(check: &mut Check<'_>, rule: &TrackRule, path: &str) -> TrackTest {
    let own = rule.mask.as_ref().map(|text| mask(check, text, &format!("{path}/mask")));
    if own.as_ref().is_some_and(|mask| mask.counts().1 + mask.counts().2 > 0) {
        let message = "only a scale label has `i` and `w`";
        check.mistake(ErrorCode::ProgramContradiction, &format!("{path}/mask"), message);
    }
    if rule.last == Some(0) {
        let message = "take at least one character, or leave `last` out";
        check.mistake(ErrorCode::ProgramNotPositive, &format!("{path}/last"), message);
    }
    let between = rule.between.clone().unwrap_or_default();
    TrackTest {
        track: rule.track,
        after: between.after,
        before: between.before,
        prefix: rule.prefix.clone().unwrap_or_default(),
        last: rule.last.map(usize::from),
        mask: own,
    }
}
