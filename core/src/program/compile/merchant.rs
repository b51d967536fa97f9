//! Who runs the programme: legal entities, their taxpayer numbers, and the plans of guests.

use std::collections::HashSet;

use super::Check;
use crate::error::ErrorCode;

pub(super) fn check_merchant(check: &mut Check<'_>) {
    let document = check.document;
    let entities = document.merchant.as_ref().map_or(&[][..], |one| &one.legal_entities);
    check.unique(entities.iter().map(|entity| &entity.id), "/merchant/legal_entities");
    for (index, entity) in entities.iter().enumerate() {
        if !is_taxpayer_number(&entity.inn) {
            let message = format!(
                "`{}` is no taxpayer number: 10 or 12 digits, the last of which check the others",
                entity.inn
            );
            let path = format!("/merchant/legal_entities/{index}/inn");
            check.mistake(ErrorCode::ProgramInn, &path, message);
        }
    }
    let known: Vec<&str> = entities.iter().map(|entity| entity.id.as_str()).collect();
    for (index, store) in document.stores.iter().enumerate() {
        if let Some(entity) = &store.legal_entity {
            let path = format!("/stores/{index}/legal_entity");
            check.reference(entity, &known, "legal entity", &path);
        }
    }
    check_plans(check);
}

fn check_plans(check: &mut Check<'_>) {
    let mut seen = HashSet::new();
    for (index, plan) in check.document.plans.iter().enumerate() {
        let path = format!("/plans/{index}");
        check.id(plan, &path);
        if !seen.insert(plan) {
            let message = format!("the plan `{plan}` is listed twice");
            check.mistake(ErrorCode::ProgramDuplicate, &path, message);
        }
    }
}

/// The weights of the digits before a check digit: one for companies, two for persons.
const COMPANY: [u32; 9] = [2, 4, 10, 3, 5, 9, 4, 6, 8];
const PERSON_FIRST: [u32; 10] = [7, 2, 4, 10, 3, 5, 9, 4, 6, 8];
const PERSON_SECOND: [u32; 11] = [3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8];

/// Whether a text is a Russian taxpayer number (INN) with right check digits.
fn is_taxpayer_number(text: &str) -> bool {
    let digits: Option<Vec<u32>> = text
        .chars()
        .map(|letter| letter.to_digit(10).filter(|_| letter.is_ascii_digit()))
        .collect();
    let Some(digits) = digits else { return false };
    let checks = |weights: &[u32]| {
        let sum: u32 = digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum();
        digits.get(weights.len()) == Some(&(sum % 11 % 10))
    };
    match digits.len() {
        10 => checks(&COMPANY),
        12 => checks(&PERSON_FIRST) && checks(&PERSON_SECOND),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_digits_of_a_taxpayer_number_check_the_others() {
        // 2×7 + 4×8 + 10×1 + 3×4 + 5×8 + 9×4 + 4×7 + 6×8 + 8×6 = 268 = 24×11 + 4.
        assert!(is_taxpayer_number("7814847864"));
        // 148 = 13×11 + 5, then 141 = 12×11 + 9.
        assert!(is_taxpayer_number("500100732259"));
        for wrong in ["7814847865", "500100732258", "500100732249", "", "781484786", "781484786x"] {
            assert!(!is_taxpayer_number(wrong), "{wrong}");
        }
    }
}
