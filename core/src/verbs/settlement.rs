//! Settle: posts what the records of several tills left open when they came together.
//!
//! A record settles one sale, so that a refund finds the sale's receipt where it finds all others.

use super::draft::{Draft, place_of};
use super::sale::{Taken, check_reserved, complete, give_up};
use crate::account::{Account, Part};
use crate::amount::Amount;
use crate::answer::{Answer, SaleStatus, Settled};
use crate::command::{Cancel, Command, Confirm, Settle};
use crate::error::{Error, ErrorCode};
use crate::reason::{Reason, ReasonCode};
use crate::record::{Effect, Entry, LotMove, MatchOutcome, MatchSettled, Record};
use crate::slice::{CONVERTED, CardState, EXPIRED, SaleState, Slice};

/// How many cards one record settles: the next one goes on.
const CARDS_MAX: usize = 500;

pub(super) fn settle(mut draft: Draft<'_>, input: &Settle) -> Result<Record, Error> {
    let place = place_of!(input);
    draft.set_day(place.store);
    let mut settling = Settling { settled: Settled::default() };
    let sales = draft.slice.settleable();
    match sales.first().and_then(|id| draft.slice.sale(id)) {
        Some(sale) => settling.sale(&mut draft, sale),
        None => settling.cards(&mut draft),
    }
    let mut settled = settling.settled;
    let open = sales.len().saturating_sub(1) + open_cards(&draft, &settled.voided).len();
    settled.left = i64::try_from(open).unwrap_or(i64::MAX);
    settled.balances = draft.balance_changes();
    settled.record.clone_from(&draft.id);
    draft.finish(Answer::Settled(Box::new(settled)), &place)
}

struct Settling {
    settled: Settled,
}

impl Settling {
    /// Deals with everything that waits for a sale. A confirm goes before every cancel: the goods
    /// have left the store.
    fn sale(&mut self, draft: &mut Draft<'_>, sale: &SaleState) {
        let slice = draft.slice;
        let mut status = sale.status;
        for entry in slice.awaited(&sale.id) {
            if let Command::Confirm(input) = &entry.record.command {
                let outcome = self.confirm(draft, sale, status, (entry, input));
                status = if outcome == MatchOutcome::Done { SaleStatus::Confirmed } else { status };
                self.end(draft, sale, entry, outcome);
            }
        }
        for entry in slice.awaited(&sale.id) {
            if let Command::Cancel(input) = &entry.record.command {
                let outcome = self.cancel(draft, sale, status, (entry, input));
                status = if outcome == MatchOutcome::Done { SaleStatus::Cancelled } else { status };
                self.end(draft, sale, entry, outcome);
            }
        }
    }

    fn confirm(
        &mut self,
        draft: &mut Draft<'_>,
        sale: &SaleState,
        status: SaleStatus,
        (entry, input): (&Entry, &Confirm),
    ) -> MatchOutcome {
        match status {
            SaleStatus::Reserved | SaleStatus::Cancelled | SaleStatus::Awaiting => {}
            SaleStatus::Confirmed | SaleStatus::Voided => return MatchOutcome::Known,
            SaleStatus::Regrouped => return self.refuse(entry, check_reserved(sale)),
        }
        if input.token != sale.token().to_string() {
            return self.refuse(entry, Err(unknown()));
        }
        // What was held is spent, even if the hold has run out since.
        let taken = Taken { at: entry.record.envelope.logical_at, keeps_hold: true };
        match complete(draft, input, sale, taken) {
            Err(error) => self.refuse(entry, Err(error)),
            Ok(told) => {
                if status == SaleStatus::Cancelled {
                    take_back_cancel(draft, sale);
                }
                self.settled.coupons.extend(told.coupons);
                self.settled.reasons.extend(told.reasons);
                MatchOutcome::Done
            }
        }
    }

    fn cancel(
        &mut self,
        draft: &mut Draft<'_>,
        sale: &SaleState,
        status: SaleStatus,
        (entry, input): (&Entry, &Cancel),
    ) -> MatchOutcome {
        match status {
            SaleStatus::Reserved | SaleStatus::Awaiting => {}
            SaleStatus::Confirmed => return MatchOutcome::Overruled,
            SaleStatus::Cancelled | SaleStatus::Voided => return MatchOutcome::Known,
            SaleStatus::Regrouped => return self.refuse(entry, check_reserved(sale)),
        }
        if input.token != sale.token().to_string() {
            return self.refuse(entry, Err(unknown()));
        }
        match give_up(draft, input, sale) {
            Err(error) => self.refuse(entry, Err(error)),
            Ok(()) => MatchOutcome::Done,
        }
    }

    /// Notes why something that waited cannot be done.
    fn refuse(&mut self, entry: &Entry, why: Result<(), Error>) -> MatchOutcome {
        let code = why.map_or_else(|error| error.code(), |()| ErrorCode::Internal);
        let reason = Reason::new(ReasonCode::SettleRefused).with("code", code.as_str());
        self.settled.reasons.push(reason.with("record", entry.record.envelope.id()));
        MatchOutcome::Refused
    }

    /// Notes what came of something that waited: it waits no longer.
    fn end(
        &mut self,
        draft: &mut Draft<'_>,
        sale: &SaleState,
        entry: &Entry,
        outcome: MatchOutcome,
    ) {
        let record = entry.record.envelope.id().to_string();
        let code = match outcome {
            MatchOutcome::Done | MatchOutcome::Refused => None,
            MatchOutcome::Known => Some(ReasonCode::SettleKnown),
            MatchOutcome::Overruled => Some(ReasonCode::SettleOverruled),
        };
        let reason = code.map(|code| Reason::new(code).with("record", &record));
        self.settled.reasons.extend(reason);
        let verb = entry.record.envelope.verb.clone();
        let settled = MatchSettled { outcome, record, sale: sale.id.clone(), verb };
        self.settled.matches.push(settled.clone());
        draft.push(Effect::MatchSettled(settled));
    }

    /// Settles what tills that did not know of each other took of the same lots.
    fn cards(&mut self, draft: &mut Draft<'_>) {
        for number in open_cards(draft, &[]).into_iter().take(CARDS_MAX) {
            draft.read(&number);
            self.void_coupons(draft, &number);
            for points in draft.kinds_of(&number) {
                self.write_off_once(draft, &number, &points);
            }
        }
    }

    /// Makes unused coupons void, the newest first, into which points were turned that another till
    /// used as well. Their points come back, so that nobody owes them.
    fn void_coupons(&mut self, draft: &mut Draft<'_>, number: &str) {
        let slice = draft.slice;
        let codes = slice.card(number).map_or(&[][..], |card| card.coupons.as_slice());
        for code in codes.iter().rev() {
            let card = draft.card(number);
            let made_of = card.and_then(|card| overdrawn_by(slice, card, code, draft.at));
            let Some(made_of) = made_of else { continue };
            draft.void_coupon(code);
            self.settled.voided.push(code.clone());
            let reason = Reason::new(ReasonCode::SettleCoupon).with("card", number);
            self.settled.reasons.push(reason.with("code", code));
            for (points, lot, units) in made_of {
                let amount = Amount { units: *units, digits: draft.digits_of(points) };
                draft.move_lot(number, points, lot.clone(), amount, LotMove::Converted);
                draft.post(number, points, amount, CONVERTED);
            }
        }
    }

    /// Gives back what was written off of lots that were spent or written off already.
    fn write_off_once(&mut self, draft: &mut Draft<'_>, number: &str, points: &str) {
        let twice = draft.account(number, points).map(Account::written_off_twice);
        let digits = draft.digits_of(points);
        let amount = |units| Amount { units, digits };
        let mut sum: i64 = 0;
        for Part { lot, amount: units } in twice.unwrap_or_default() {
            sum = sum.saturating_add(units);
            draft.move_lot(number, points, lot, amount(units), LotMove::Expired);
        }
        if sum > 0 {
            draft.post(number, points, amount(sum), EXPIRED);
            let reason = Reason::new(ReasonCode::SettleWrittenOff).with("card", number);
            self.settled.reasons.push(reason.with("returned", amount(sum)));
        }
    }
}

/// Gives back what the cancel of a sale used up that is confirmed all the same.
fn take_back_cancel(draft: &mut Draft<'_>, sale: &SaleState) {
    if let Some(opened) = sale.opening() {
        draft.give_back_limits(&opened.quote, |u| !u.give_back.cancel, |amount| amount, true);
        draft.take_back_cancel(&opened.quote, &sale.id);
    }
}

fn unknown() -> Error {
    let message = "no sale has this token; check that the right one was kept with the payment";
    Error::new(ErrorCode::TokenUnknown, "/token", message)
}

/// What an unused coupon is made of, if another till used the same points.
fn overdrawn_by<'a>(
    slice: &'a Slice,
    card: &CardState,
    code: &str,
    at: jiff::Timestamp,
) -> Option<&'a [(String, crate::record::Lot, i64)]> {
    let coupon = slice.coupon(code).filter(|coupon| coupon.is_unused(at))?;
    let owed = |points: &str, lot: &str| card.account(points).map_or(0, |a| a.owed_of(lot));
    let overdrawn = coupon.made_of.iter().any(|(points, lot, _)| owed(points, &lot.id) > 0);
    overdrawn.then_some(&coupon.made_of)
}

/// The cards with lots that are to be settled, in the order of their numbers; coupons that are void
/// by now left aside.
fn open_cards(draft: &Draft<'_>, voided: &[String]) -> Vec<String> {
    let slice = draft.slice;
    let is_open = |number: &String| {
        let Some(card) = draft.card(number).or_else(|| slice.card(number)) else { return false };
        let coupons = card.coupons.iter().filter(|code| !voided.contains(code));
        card.accounts().any(|(_, account)| !account.written_off_twice().is_empty()) || { coupons }
            .any(|code| overdrawn_by(slice, card, code, draft.at).is_some())
    };
    slice.card_numbers().into_iter().filter(is_open).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::book::Book;
    use crate::key::Key;
    use crate::program::Program;
    use crate::touches::touches;

    fn program(percent: u32) -> Program {
        let text = format!(
            r#"{{
                "id": "t", "currency": "RUB", "zone": "Europe/Moscow", "points": [{{"id": "bonus"}}],
                "cards": [{{"id": "bonus", "kind": "bonus", "numbers": [{{"length_max": 4}}]}}],
                "earning": {{"rules": [{{"id": "earn", "give": {{"percent": "{percent}"}}}}]}}
            }}"#
        );
        Program::compile(&text).unwrap()
    }

    fn call(book: &mut Book, minute: u32, key: &str, command: &str) -> Answer {
        let at = format!("2026-11-21T10:{minute:02}:00Z");
        let text = format!(r#"{{"at": "{at}", "key": "{key}", "command": {command}}}"#);
        let node = crate::json::Node::parse(&text, 10_000).unwrap();
        book.call_node(&node).unwrap()
    }

    /// A book in which a sale of 1000.00 is reserved that another till has confirmed.
    fn awaited() -> (Book, String) {
        let mut book = Book::new("main", program(5)).unwrap();
        call(&mut book, 0, "issue", r#"{"issue": {"card": "1001"}}"#);
        let reserve = r#"{"reserve": {"order": {
            "cards": [{"number": "1001"}], "lines": [{"id": "1", "price": "1000.00"}]}}}"#;
        let Answer::Sale(sale) = call(&mut book, 1, "reserve", reserve) else { panic!("a sale") };
        let mut other = Book::new("b", program(5)).unwrap();
        let confirm = format!(r#"{{"confirm": {{"token": "{}"}}}}"#, sale.token.unwrap());
        call(&mut other, 2, "confirm", &confirm);
        book.receive(Arc::clone(&other.entries()[0])).unwrap();
        (book, "main.1.2".to_owned())
    }

    #[test]
    fn a_sale_is_settled_under_the_programme_under_which_it_was_reserved() {
        let (mut book, _) = awaited();
        book.install(program(50)).unwrap();
        let Answer::Settled(settled) = call(&mut book, 3, "settle", r#"{"settle": {}}"#) else {
            panic!("a settlement")
        };
        // 5 % of 1000.00.
        assert_eq!(settled.balances[0].after.spendable.to_string(), "50");
        let record = &book.entries().last().unwrap().record;
        assert_eq!(record.envelope.program.version, program(5).version());
        // With nothing left to settle the programme in force decides.
        call(&mut book, 4, "again", r#"{"settle": {}}"#);
        let record = &book.entries().last().unwrap().record;
        assert_eq!(record.envelope.program.version, program(50).version());
        assert_eq!(record.effects, []);
    }

    #[test]
    fn the_sale_that_waited_longest_is_loaded_with_its_cards() {
        let (book, sale) = awaited();
        let command = Command::Settle(Settle::default());
        let keys = touches(&program(5), book.slice(), &command, Some("settle"));
        let expected = [Key::Command("settle".into()), Key::Card("1001".into()), Key::Sale(sale)];
        assert_eq!(keys, expected);
    }
}
