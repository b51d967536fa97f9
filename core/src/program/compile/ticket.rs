//! Tickets and stamp cards: what they are good for, how they are filled.

use super::Check;
use crate::error::ErrorCode;
use crate::program::document::*;
use crate::program::rules::*;

/// `points` is what the card holds, where that could be made out.
pub(super) fn compile_ticket(
    check: &mut Check<'_>,
    card: &CardKind,
    points: Option<usize>,
    path: &str,
) -> Option<TicketRules> {
    let path = format!("{path}/ticket");
    if card.kind != CardUse::Ticket {
        return None;
    }
    let ticket = card.ticket.clone().unwrap_or_default();
    let counts =
        [("per_day", ticket.per_day), ("quota", ticket.quota), ("units", Some(ticket.units))];
    for (key, _) in counts.iter().filter(|(_, count)| *count == Some(0)) {
        let message = format!("`{key}` must be above zero");
        check.mistake(ErrorCode::ProgramNotPositive, &format!("{path}/{key}"), message);
    }
    if ticket.refund == TicketRefund::ListPrice && ticket.list_price.is_none() {
        let message = "a refund by `list_price` needs the price of one entry";
        check.mistake(ErrorCode::ProgramContradiction, &format!("{path}/list_price"), message);
    }
    let (from, until) = (ticket.valid_from, ticket.valid_until);
    if from.zip(until).is_some_and(|(from, until)| until <= from) {
        let message = "the ticket ends before it begins";
        check.mistake(ErrorCode::ProgramContradiction, &format!("{path}/valid_until"), message);
    }
    let points = points.unwrap_or(0);
    let one = 10i64.pow(u32::from(check.digits_of(points)));
    let digits = check.currency_digits;
    Some(TicketRules {
        hours: compile_hours(check, &ticket.hours, &format!("{path}/hours")),
        list_price: ticket
            .list_price
            .map(|price| check.positive(price, digits, &format!("{path}/list_price"))),
        per_day: ticket.per_day,
        points,
        quota: ticket.quota,
        refund: ticket.refund,
        transfer: ticket.transfer,
        units: i64::from(ticket.units).saturating_mul(one),
        valid_from: ticket.valid_from,
        valid_until: ticket.valid_until,
    })
}

fn compile_hours(check: &mut Check<'_>, hours: &[AdmissionHours], path: &str) -> Vec<HoursRules> {
    let compile = |(index, hours): (usize, &AdmissionHours)| HoursRules {
        days: hours.days.iter().map(|day| *day as u8).collect(),
        from: check.time_of_day(&hours.from, &format!("{path}/{index}/from")),
        until: check.time_of_day(&hours.until, &format!("{path}/{index}/until")),
    };
    hours.iter().enumerate().map(compile).collect()
}

pub(super) fn compile_stamp(
    check: &mut Check<'_>,
    card: &CardKind,
    points: Option<usize>,
    path: &str,
) -> Option<StampRules> {
    let path = format!("{path}/stamp");
    let stamp = card.stamp.as_ref()?;
    if card.kind != CardUse::Stamp {
        return None;
    }
    for (key, count) in [("goal", Some(stamp.goal)), ("per_visit", stamp.per_visit)] {
        if count == Some(0) {
            let message = format!("`{key}` must be above zero");
            check.mistake(ErrorCode::ProgramNotPositive, &format!("{path}/{key}"), message);
        }
    }
    let points = points?;
    let one = 10i64.pow(u32::from(check.digits_of(points)));
    let units = |count: u32| i64::from(count).saturating_mul(one);
    Some(StampRules {
        carry_over: stamp.carry_over,
        goal: units(stamp.goal),
        per_visit: stamp.per_visit.map(units),
        points,
    })
}

#[cfg(test)]
mod tests {
    use crate::program::compile::cards::tests::{found, mistakes};

    #[test]
    fn a_ticket_needs_no_section_of_its_own() {
        assert_eq!(mistakes(r#"{"id": "pass", "kind": "ticket"}"#), []);
    }

    #[test]
    fn a_ticket_by_list_price_needs_one_and_ends_after_it_begins() {
        let card = r#"{"id": "pass", "kind": "ticket", "ticket": {"refund": "list_price", "units": 0,
            "valid_from": "2026-01-02T00:00:00Z", "valid_until": "2026-01-01T00:00:00Z",
            "hours": [{"from": "25:00"}]}}"#;
        let expected = found(&[
            ("program.not_positive", "ticket/units"),
            ("program.contradiction", "ticket/list_price"),
            ("program.contradiction", "ticket/valid_until"),
            ("time.of_day", "ticket/hours/0/from"),
        ]);
        assert_eq!(mistakes(card), expected);
    }

    #[test]
    fn a_stamp_card_has_a_goal_above_zero_and_nothing_else_is_filled() {
        let card = r#"{"id": "coffee", "kind": "stamp", "stamp": {"goal": 0, "per_visit": 0}}"#;
        let expected =
            [("program.not_positive", "stamp/goal"), ("program.not_positive", "stamp/per_visit")];
        assert_eq!(mistakes(card), found(&expected));
        let card = r#"{"id": "points", "kind": "bonus", "stamp": {"goal": 6}, "ticket": {}}"#;
        let expected = [("program.contradiction", "stamp"), ("program.contradiction", "ticket")];
        assert_eq!(mistakes(card), found(&expected));
    }
}
