//! Tickets: who is let in.

use jiff::tz::TimeZone;

use super::draft::{Draft, Place, place_of};
use super::lots::Gone;
use super::state::require_known;
use crate::amount::Amount;
use crate::answer::{Admission, AdmitAnswer, Answer};
use crate::command::Admit;
use crate::error::{Error, ErrorCode};
use crate::number::normalise;
use crate::order::Challenge;
use crate::pricing::linked_view;
use crate::program::rules::{CardRules, HoursRules, Rules, TicketRules};
use crate::reason::{Reason, ReasonCode};
use crate::record::{Effect, LotMove, Record, TicketScanned};
use crate::slice::{CardState, Scan, presentation_of};

/// The most entries of one admission.
const ENTRIES_MAX: u32 = 1_000;
/// How many admissions an answer tells.
const TOLD_MAX: usize = 10;
/// The programme's account of entries that let somebody in.
const ADMITTED: &str = "admitted";

pub(super) fn admit(mut draft: Draft<'_>, input: &Admit) -> Result<Record, Error> {
    if !(1..=ENTRIES_MAX).contains(&input.entries) {
        let message = format!("let 1 to {ENTRIES_MAX} in at once");
        return Err(Error::new(ErrorCode::DocumentRange, "/entries", message));
    }
    let gate = Gate::find(&draft, input)?;
    let (points, digits) = gate.points(draft.rules);
    draft.read(gate.number);
    let place = place_of!(input);
    draft.set_day(place.store);
    let refusal = gate.refusal(&draft, place.store);
    if refusal.is_none() {
        let account = draft.account(gate.number, points);
        let parts = account.map(|account| account.take(gate.wished, draft.at));
        let of = Gone { card: gate.number, points, digits };
        draft.remove(&of, parts.unwrap_or_default(), LotMove::Admitted, ADMITTED);
    }
    let scan = gate.scan(&draft, &place, refusal.is_none());
    draft.push(Effect::TicketScanned(scan));
    let view = draft.view(gate.number).unwrap_or_default();
    let linked = linked_view(draft.rules, draft.slice, gate.asked, draft.at);
    let admissions = admissions(draft.rules, gate.card);
    let answer = Answer::Admitted(Box::new(AdmitAnswer {
        admitted: refusal.is_none(),
        card: crate::answer::CardView { linked: linked.and_then(|view| view.linked), ..view },
        last: admissions.into_iter().next(),
        left: Amount { units: gate.left(&draft), digits },
        reasons: refusal.into_iter().collect(),
        record: draft.id.clone(),
    }));
    draft.finish(answer, &place)
}

/// A ticket at a gate.
struct Gate<'a> {
    /// The number that was scanned, and that of the card that it stands for.
    asked: &'a str,
    number: &'a str,
    card: &'a CardState,
    kind: &'a CardRules,
    ticket: &'a TicketRules,
    input: &'a Admit,
    /// In the smallest units of the ticket's points.
    wished: i64,
}

impl<'a> Gate<'a> {
    fn find(draft: &Draft<'a>, input: &'a Admit) -> Result<Gate<'a>, Error> {
        let asked = normalise(&input.card);
        require_known(draft, asked, "/card")?;
        let number = draft.slice.resolve(asked);
        let card = require_known(draft, number, "/card")?;
        let kind = draft.rules.card_named(&card.kind);
        let Some((kind, ticket)) = kind.and_then(|kind| Some((kind, kind.ticket.as_ref()?))) else {
            let message = format!("the card `{number}` is no ticket; scan another one");
            return Err(Error::new(ErrorCode::CardNotAllowed, "/card", message));
        };
        let digits = draft.rules.points.get(ticket.points).map_or(0, |points| points.digits);
        let wished = i64::from(input.entries).saturating_mul(10i64.pow(u32::from(digits)));
        Ok(Gate { asked, number, card, kind, ticket, input, wished })
    }

    /// What the ticket holds, and its decimals.
    fn points(&self, rules: &'a Rules) -> (&'a str, u8) {
        let points = rules.points.get(self.ticket.points);
        points.map_or(("", 0), |points| (points.id.as_str(), points.digits))
    }

    fn left(&self, draft: &Draft<'a>) -> i64 {
        let (points, _) = self.points(draft.rules);
        draft.account(self.number, points).map_or(0, |account| account.read(draft.at).spendable)
    }

    /// Why nobody is let in, if so: the first reason that holds.
    fn refusal(&self, draft: &Draft<'a>, store: Option<&String>) -> Option<Reason> {
        let at = draft.at;
        let zone = draft.zone(store);
        let about = |code| Reason::new(code).with("card", self.number);
        let link = draft.slice.card(self.asked).filter(|_| self.asked != self.number);
        let state = link.and_then(|link| link.life.refusal(self.asked, at));
        if let Some(state) = state.or_else(|| self.card.life.refusal(self.number, at)) {
            return Some(state);
        }
        if let Some(challenge) = self.unmet_challenge(draft) {
            return Some(about(ReasonCode::CardChallenge).with("challenge", challenge.as_str()));
        }
        if let Some(from) = self.ticket.valid_from.filter(|from| at < *from) {
            return Some(about(ReasonCode::TicketNotYet).with("from", from));
        }
        if let Some(until) = self.ticket.valid_until.filter(|until| at >= *until) {
            return Some(about(ReasonCode::TicketEnded).with("until", until));
        }
        if !is_open(&self.ticket.hours, at, zone) {
            return Some(about(ReasonCode::TicketHours));
        }
        self.too_few(draft).or_else(|| self.too_many_today(draft, zone))
    }

    /// A gate asks nobody for a code, so that only a PIN can be proved there. To be asked online is
    /// no such challenge.
    fn unmet_challenge(&self, draft: &Draft<'a>) -> Option<Challenge> {
        let minutes = draft.rules.document.presenting.valid_minutes;
        let presentation = self.input.presentation.as_deref();
        let proved = presentation_of(self.card, presentation, minutes, draft.at);
        let unmet = self.card.unmet_challenge(Some(self.kind), Challenge::None, proved);
        unmet.filter(|challenge| *challenge != Challenge::Online)
    }

    fn too_few(&self, draft: &Draft<'a>) -> Option<Reason> {
        let (left, digits) = (self.left(draft), self.points(draft.rules).1);
        if left >= self.wished {
            return None;
        }
        let amount = |units| Amount { units, digits };
        match self.card.scans.last().filter(|_| left <= 0) {
            Some(last) => Some(told(ReasonCode::TicketUsed, last)),
            None => {
                let reason = Reason::new(ReasonCode::TicketEntries).with("card", self.number);
                Some(reason.with("left", amount(left)).with("wished", amount(self.wished)))
            }
        }
    }

    fn too_many_today(&self, draft: &Draft<'a>, zone: &TimeZone) -> Option<Reason> {
        let most = self.ticket.per_day?;
        let today = |scan: &&Scan| zone.to_datetime(scan.at).date() == draft.day;
        let seen = self.card.scans.iter().filter(today);
        let seen = seen.fold(0u32, |sum, scan| sum.saturating_add(scan.entries));
        let reason = Reason::new(ReasonCode::TicketDay).with("card", self.number);
        (seen.saturating_add(self.input.entries) > most).then(|| reason.with("limit", most))
    }

    fn scan(&self, draft: &Draft<'a>, place: &Place<'_>, admitted: bool) -> TicketScanned {
        TicketScanned {
            admitted,
            at: draft.at,
            card: self.number.to_owned(),
            entries: self.input.entries,
            gate: self.input.gate.clone(),
            record: draft.id.clone(),
            store: place.store.cloned(),
            till: place.till.cloned(),
        }
    }
}

/// Whether a ticket is good at a local time. What lasts over midnight belongs to the day on which it
/// began.
fn is_open(hours: &[HoursRules], at: jiff::Timestamp, zone: &TimeZone) -> bool {
    let local = zone.to_datetime(at);
    let minute = u16::try_from(i32::from(local.hour()) * 60 + i32::from(local.minute()));
    let minute = minute.unwrap_or(0);
    let today = local.weekday().to_monday_zero_offset();
    let yesterday = (today + 6) % 7;
    let on = |hours: &HoursRules, day: i8| {
        hours.days.is_empty() || hours.days.iter().any(|named| i8::try_from(*named) == Ok(day))
    };
    let holds = |hours: &HoursRules| {
        if hours.from <= hours.until {
            return on(hours, today) && (hours.from..=hours.until).contains(&minute);
        }
        (minute >= hours.from && on(hours, today))
            || (minute <= hours.until && on(hours, yesterday))
    };
    hours.is_empty() || hours.iter().any(holds)
}

/// A reason that names an admission: what of it is known.
fn told(code: ReasonCode, scan: &Scan) -> Reason {
    let reason = Reason::new(code).with("at", scan.at).with("card", &scan.card);
    let known = [("gate", &scan.gate), ("store", &scan.store), ("till", &scan.till)];
    let known = known.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
    known.fold(reason, |reason, (name, value)| reason.with(name, value))
}

/// The admissions of a ticket with those that found nothing left, in the order of their clocks.
fn judged<'c>(rules: &Rules, card: &'c CardState) -> Vec<(&'c Scan, bool)> {
    let ticket = rules.card_named(&card.kind).and_then(|kind| kind.ticket.as_ref());
    let points = ticket.and_then(|ticket| rules.points.get(ticket.points));
    let Some(points) = points else { return Vec::new() };
    let posted = card.account(&points.id).map_or(0, |account| account.posted);
    card.admissions(posted, 10i64.pow(u32::from(points.digits)))
}

/// The last admissions of a ticket, the newest first; none of another card.
pub(super) fn admissions(rules: &Rules, card: &CardState) -> Vec<Admission> {
    let admission = |(scan, double): (&Scan, bool)| Admission {
        at: scan.at,
        double,
        entries: scan.entries,
        gate: scan.gate.clone(),
        record: scan.record.clone(),
        store: scan.store.clone(),
        till: scan.till.clone(),
    };
    judged(rules, card).into_iter().rev().take(TOLD_MAX).map(admission).collect()
}

/// Why a ticket owes entries: the admissions that found nothing left, the newest first.
pub(super) fn doubles(rules: &Rules, card: &CardState) -> Vec<Reason> {
    let doubles = judged(rules, card).into_iter().rev().filter(|(_, double)| *double);
    doubles.take(TOLD_MAX).map(|(scan, _)| told(ReasonCode::TicketDouble, scan)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(hours: &[HoursRules], local: &str) -> bool {
        is_open(hours, format!("{local}:00Z").parse().unwrap(), &TimeZone::UTC)
    }

    #[test]
    fn hours_include_their_last_minute() {
        let hours = [HoursRules { days: Vec::new(), from: 600, until: 1079 }];
        // 10:00 to 17:59.
        assert!(open(&hours, "2025-10-24T10:00") && open(&hours, "2025-10-24T17:59"));
        assert!(!open(&hours, "2025-10-24T09:59") && !open(&hours, "2025-10-24T18:00"));
        assert!(open(&[], "2025-10-24T03:00"));
    }

    #[test]
    fn a_night_belongs_to_the_day_on_which_it_began() {
        // Friday, 24 October 2025, 22:00 to 02:00.
        let hours = [HoursRules { days: vec![4], from: 1320, until: 120 }];
        assert!(open(&hours, "2025-10-24T22:00") && open(&hours, "2025-10-25T02:00"));
        assert!(!open(&hours, "2025-10-25T22:00") && !open(&hours, "2025-10-24T01:00"));
    }
}
