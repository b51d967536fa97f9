//! Identify: what a scan is, by the programme and the book.

use jiff::Timestamp;

use crate::answer::{Answer, CardView, CouponStatus};
use crate::command::{CardAction, Command, GuestAction, Identify, ImportRow};
use crate::error::{Error, ErrorCode, Mistake};
use crate::identify::{Identified, IdentifiedCoupon, Phone, Reading, ScanKind, is_bank_card, read};
use crate::order::Order;
use crate::pricing::card_view;
use crate::program::code_symbol;
use crate::program::rules::{Rules, Symbol};
use crate::reason::{Reason, ReasonCode};
use crate::slice::{CouponState, Slice};

/// What is said where such a number is refused: it is never repeated.
pub(crate) const BANK_CARD: &str =
    "this is the number of a bank card; do not keep it, and take a card of the programme";

pub(super) fn identify(rules: &Rules, slice: &Slice, input: &Identify, at: Timestamp) -> Answer {
    let mut reading = read(rules, &input.scan.0);
    let card = known_card(rules, slice, &mut reading, at);
    // Whether there is a card with this number is told to nobody without its PIN.
    let guarded = |kind: &String| rules.card_named(kind).is_some_and(|kind| kind.pin.is_some());
    let kind = card.as_ref().map(|card| &card.kind).or(reading.kind.as_ref());
    let guarded = kind.is_some_and(guarded);
    if guarded {
        let asked = Reason::new(ReasonCode::CardChallenge).with("card", &reading.number);
        reading.reasons = vec![asked.with("challenge", "pin")];
    }
    let coupon = match &card {
        None => known_coupon(rules, slice, &mut reading, at),
        Some(_) => None,
    };
    if reading.what == ScanKind::Card && card.is_none() && !guarded {
        let unknown = Reason::new(ReasonCode::CardUnknown).with("card", &reading.number);
        reading.reasons.push(unknown);
    }
    let named = card.as_ref().map(|card| card.kind.clone());
    Answer::Identified(Identified {
        card: card.filter(|_| !guarded),
        coupon,
        kind: named.or(reading.kind),
        label: reading.label,
        number: reading.number,
        pattern: reading.pattern,
        phone: reading.phone.as_ref().map(Phone::masked),
        phone_country: reading.phone.and_then(|phone| phone.country).map(str::to_owned),
        presented: reading.presented,
        reasons: reading.reasons,
        shadowed: reading.shadowed,
        symbology: reading.symbology,
        verified: reading.presented.map(|_| false),
        what: reading.what,
    })
}

/// The first card that the book knows under one of the numbers; then that is what the scan is.
fn known_card(
    rules: &Rules,
    slice: &Slice,
    reading: &mut Reading,
    at: Timestamp,
) -> Option<CardView> {
    let known = |number: &String| Some((number.clone(), slice.card(number)?));
    let (number, card) = reading.cards.iter().find_map(known)?;
    if reading.what != ScanKind::Card {
        reading.what = ScanKind::Card;
        reading.number.clone_from(&number);
        reading.phone = None;
        reading.reasons.clear();
    } else if reading.pattern.is_none() && reading.presented.is_none() {
        reading.number.clone_from(&number);
    }
    let own = slice.resolve(&number);
    let state = slice.card(own).unwrap_or(card);
    let linked = (own != number).then(|| number.clone());
    Some(CardView { linked, ..card_view(rules, own, state, at) })
}

/// The coupon that the book knows under one of the codes; then that is what the scan is.
fn known_coupon(
    rules: &Rules,
    slice: &Slice,
    reading: &mut Reading,
    at: Timestamp,
) -> Option<IdentifiedCoupon> {
    let known = |code: &String| Some((code.clone(), slice.coupon(code)?));
    let Some((code, coupon)) = reading.coupons.iter().find_map(known) else {
        let promo = rules.symbols.find(&code_symbol(&reading.number)) != Symbol::default();
        if reading.what == ScanKind::Coupon && !promo {
            let unknown = Reason::new(ReasonCode::CodeUnknown).with("code", &reading.number);
            reading.reasons.push(unknown);
        }
        return None;
    };
    if reading.what != ScanKind::Coupon {
        reading.what = ScanKind::Coupon;
        reading.number.clone_from(&code);
        reading.reasons.clear();
    }
    let fault = coupon_fault(coupon, at);
    let reason = fault.map(|code| Reason::new(code).with("code", &reading.number));
    reading.reasons.extend(reason);
    Some(IdentifiedCoupon {
        coupon: coupon.coupon.clone(),
        expires_at: coupon.expires_at,
        usable: fault.is_none(),
    })
}

/// What keeps a coupon from being used by its owner. Whether its owner is here is not asked yet.
fn coupon_fault(coupon: &CouponState, at: Timestamp) -> Option<ReasonCode> {
    match coupon.status(at) {
        CouponStatus::Active => None,
        CouponStatus::Pending => Some(ReasonCode::CouponNotYet),
        CouponStatus::Held | CouponStatus::Used => Some(ReasonCode::CouponUsed),
        CouponStatus::Blocked => Some(ReasonCode::CouponBlocked),
        CouponStatus::Expired | CouponStatus::Void => Some(ReasonCode::CouponEnded),
    }
}

/// Refuses numbers of bank cards where a card's number is asked for, without repeating them.
pub(super) fn check_no_bank_cards(command: &Command) -> Result<(), Error> {
    let numbers: Vec<(String, &String)> = match command {
        Command::Activate(input) => vec![("/card".into(), &input.card)],
        Command::Admit(input) => vec![("/card".into(), &input.card)],
        Command::Balance(input) => vec![("/card".into(), &input.card)],
        Command::Batch(input) => {
            let codes = input.codes.iter().enumerate();
            let codes = codes.map(|(index, code)| (format!("/codes/{index}"), code));
            codes.chain(input.card.iter().map(|card| ("/card".into(), card))).collect()
        }
        Command::Card(input) => {
            let to = match &input.action {
                CardAction::Link(link) => Some(("/action/link/to".into(), &link.to)),
                CardAction::Replace(link) => Some(("/action/replace/to".into(), &link.to)),
                _ => None,
            };
            [("/card".into(), &input.card)].into_iter().chain(to).collect()
        }
        Command::Coupon(input) => vec![("/code".into(), &input.code)],
        Command::Guest(input) => match &input.action {
            GuestAction::Register(registration) => {
                let cards = registration.cards.iter().enumerate();
                cards.map(|(at, card)| (format!("/action/register/cards/{at}"), card)).collect()
            }
            _ => Vec::new(),
        },
        Command::Import(input) => {
            let rows = input.rows.iter().enumerate();
            fn card((index, row): (usize, &ImportRow)) -> Option<(String, &String)> {
                Some((format!("/rows/{index}/card"), row.card.as_ref()?))
            }
            rows.filter_map(card).collect()
        }
        Command::Pass(input) => vec![("/card".into(), &input.card)],
        Command::Refund(input) => {
            let order = input.order.as_ref().map(numbers_of).unwrap_or_default();
            order
                .into_iter()
                .chain(input.to_card.iter().map(|to| ("/to_card".into(), to)))
                .collect()
        }
        Command::ClosePeriod(input) => {
            let cards = input.cards.iter().enumerate();
            cards.map(|(index, card)| (format!("/cards/{index}"), card)).collect()
        }
        Command::Grant(input) => vec![("/card".into(), &input.card)],
        Command::Issue(input) => {
            let by = input.referred_by.iter().map(|by| ("/referred_by".into(), by));
            [("/card".into(), &input.card)].into_iter().chain(by).collect()
        }
        Command::Transfer(input) => {
            vec![("/from".into(), &input.from), ("/to".into(), &input.to)]
        }
        _ => command.order().map(numbers_of).unwrap_or_default(),
    };
    let banks = numbers.into_iter().filter(|(_, number)| is_bank_card(number));
    let mistake = |(path, _)| Mistake::new(ErrorCode::CardBankCard, path, BANK_CARD);
    let mistakes: Vec<Mistake> = banks.map(mistake).collect();
    if mistakes.is_empty() { Ok(()) } else { Err(mistakes.into()) }
}

/// The codes and numbers of an order besides those of the cards that are presented, which are
/// looked at with the order.
fn numbers_of(order: &Order) -> Vec<(String, &String)> {
    let codes = order.codes.iter().enumerate();
    let codes = codes.map(|(index, code)| (format!("/order/codes/{index}"), code));
    let gifts = order.gift_cards.iter().enumerate();
    let gifts =
        gifts.map(|(index, gift)| (format!("/order/gift_cards/{index}/number"), &gift.number));
    let lines = order.lines.iter().enumerate();
    let lines = lines.filter_map(|(index, line)| {
        Some((format!("/order/lines/{index}/card"), line.card.as_ref()?))
    });
    codes.chain(gifts).chain(lines).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Key;
    use crate::program::Program;
    use crate::touches::touches;

    fn keys(scan: &str) -> Vec<Key> {
        let text = r#"{
            "id": "t", "currency": "RUB", "zone": "Europe/Moscow",
            "cards": [{ "id": "group", "kind": "discount" }],
            "identify": {
                "phones": "ru",
                "scans": [{ "id": "g", "mask": "777-???", "means": { "card": "group" } }]
            }
        }"#;
        let program = Program::compile(text).unwrap();
        let command = Command::Identify(Identify { scan: scan.into() });
        touches(&program, &Slice::new("till", 1), &command, None)
    }

    #[test]
    fn what_a_scan_may_be_known_as_is_loaded() {
        let card = |number: &str| Key::Card(number.into());
        assert_eq!(keys("777-123\r"), ["777-123", "777-???", "777123"].map(card));
        let code = |text: &str| Key::Coupon(text.into());
        assert_eq!(keys("аb"), [card("аb"), card("ab"), card("AB"), code("аB"), code("AB")]);
    }

    #[test]
    fn nothing_is_loaded_for_a_bank_card() {
        assert_eq!(keys("4111 1111 1111 1111"), []);
        assert_eq!(keys(""), []);
    }
}
