//! Transfer: points move from card to card.

use super::draft::{Draft, place_of};
use super::gift::transfer_money;
use super::grant::{changed, require_holder};
use super::state::require_usable;
use crate::account::Part;
use crate::amount::{Amount, to_units};
use crate::command::Transfer;
use crate::error::{Error, ErrorCode};
use crate::number::normalise;
use crate::pricing::offline::Asset;
use crate::program::TransferClock;
use crate::program::rules::{PointsRules, TransferRules};
use crate::reason::Reason;
use crate::record::{Effect, Lot, LotMove, LotOpened, Record};
use crate::slice::TRANSFER;
use crate::term::life_end;
use crate::watch::{WatchEvent, WatchKind};

pub(super) fn transfer(mut draft: Draft<'_>, input: &Transfer) -> Result<Record, Error> {
    let rules = draft.rules;
    if input.points.as_deref() == Some(rules.currency()) {
        return transfer_money(draft, input);
    }
    let numbers = (normalise(&input.from), normalise(&input.to));
    let (from, to) = (draft.slice.resolve(numbers.0), draft.slice.resolve(numbers.1));
    let entries = entries_between(&draft, from, to)?;
    let keeping = TransferRules { clock: TransferClock::Keep, life: None, minimum: None };
    let own = entries.map(|_| &keeping);
    let Some(policy) = own.or(rules.transfer.as_ref()) else {
        let message = "the programme lets no points move between cards";
        return Err(Error::new(ErrorCode::TransferNotAllowed, "", message));
    };
    draft.check_moves_offline(Asset::Points)?;
    if from == to {
        let message = "points move to another card, not to the same";
        return Err(Error::new(ErrorCode::TransferNotAllowed, "/to", message));
    }
    let (place, kind) = named_points(&draft, input, entries)?;
    require_usable(&draft, numbers.0, "/from")?;
    require_usable(&draft, numbers.1, "/to")?;
    require_holder(&draft, from, place, "/from")?;
    require_holder(&draft, to, place, "/to")?;
    draft.refuse_frozen(from, "/from")?;
    draft.refuse_frozen(to, "/to")?;
    draft.read(from);
    draft.read(to);
    let units = wished(input, policy, kind)?;
    let parts = movable(&draft, from, kind, units)?;
    let way = Way { from, to, kind, units };
    let place = place_of!(input);
    let amount = Amount { units, digits: kind.digits };
    draft.show_watch(&place, |base| WatchEvent {
        card: Some(to.to_owned()),
        earned: amount,
        from: Some(from.to_owned()),
        kind: WatchKind::Transfer,
        ..base
    });
    let reasons = match policy.clock {
        TransferClock::Keep => keep(&mut draft, &way, parts),
        TransferClock::Restart => {
            let zone = draft.zone(place.store);
            let life = policy.life.as_ref();
            let expires_at = life.and_then(|life| life_end(draft.at, life, zone));
            restart(&mut draft, &way, parts, expires_at)
        }
    };
    let answer = changed(&draft, reasons);
    draft.finish(answer, &place)
}

impl Draft<'_> {
    /// What two ledgers could each move away is moved offline only where all that is known here may
    /// be spent: no sum counts what moves.
    pub(super) fn check_moves_offline(&self, asset: Asset) -> Result<(), Error> {
        let offline = self.rules.offline.as_ref().zip(self.request.offline_since);
        match offline {
            Some((rules, since)) if !rules.lets_move(asset, since, self.at) => {
                let message = "nothing moves between cards offline; do it when the backend answers";
                Err(Error::new(ErrorCode::TransferNotAllowed, "", message))
            }
            _ => Ok(()),
        }
    }
}

/// What tickets hold, where entries are to move from one or to one: that is between tickets of one
/// kind that may be handed on, whatever the programme says of points.
fn entries_between(draft: &Draft<'_>, from: &str, to: &str) -> Result<Option<usize>, Error> {
    let kind = |number| {
        let card = draft.slice.card(number)?;
        draft.rules.card_named(&card.kind)
    };
    let (Some(giving), Some(getting)) = (kind(from), kind(to)) else { return Ok(None) };
    if giving.ticket.is_none() && getting.ticket.is_none() {
        return Ok(None);
    }
    if giving.id != getting.id {
        let message = "entries move between tickets of one kind only";
        return Err(Error::new(ErrorCode::TransferNotAllowed, "/to", message));
    }
    match giving.ticket.as_ref().filter(|ticket| ticket.transfer) {
        Some(ticket) => Ok(Some(ticket.points)),
        None => {
            let message = "such tickets are not handed on";
            Err(Error::new(ErrorCode::TransferNotAllowed, "", message))
        }
    }
}

/// What moves between whom.
struct Way<'a> {
    from: &'a str,
    to: &'a str,
    kind: &'a PointsRules,
    units: i64,
}

impl Way<'_> {
    fn amount(&self, units: i64) -> Amount {
        Amount { units, digits: self.kind.digits }
    }
}

fn named_points<'a>(
    draft: &Draft<'a>,
    input: &Transfer,
    entries: Option<usize>,
) -> Result<(usize, &'a PointsRules), Error> {
    let rules = draft.rules;
    let place = match &input.points {
        Some(id) => rules.points_named(id),
        None => entries.or((rules.points.len() == 1).then_some(0)),
    };
    let found = place.and_then(|place| Some((place, rules.points.get(place)?)));
    found.ok_or_else(|| {
        let message = match &input.points {
            Some(id) => format!("the programme has no points `{id}`"),
            None => "the programme has several kinds of points; say which".to_owned(),
        };
        Error::new(ErrorCode::ProgramReference, "/points", message)
    })
}

fn wished(input: &Transfer, policy: &TransferRules, kind: &PointsRules) -> Result<i64, Error> {
    let units = to_units(input.amount, kind.digits);
    let units = units.map_err(|(code, message)| Error::new(code, "/amount", message))?;
    if units <= 0 {
        let message = "the amount must be above zero";
        return Err(Error::new(ErrorCode::AmountSign, "/amount", message));
    }
    match policy.minimum {
        Some(minimum) if input.amount < minimum => {
            let message = format!("at least {} points are moved at once", minimum.normalize());
            Err(Error::new(ErrorCode::TransferNotAllowed, "/amount", message))
        }
        _ => Ok(units),
    }
}

/// The parts of lots that move: usable, not held, not owed, not bound to the next sale.
fn movable(
    draft: &Draft<'_>,
    card: &str,
    kind: &PointsRules,
    units: i64,
) -> Result<Vec<Part>, Error> {
    let account = draft.account(card, &kind.id);
    let usable = account.map_or(0, |account| account.read(draft.at).spendable);
    let all = account.map(|account| account.movable(i64::MAX, draft.at)).unwrap_or_default();
    let most = all.iter().map(|part| part.amount).sum::<i64>().min(usable);
    if units > most {
        let most = Amount { units: most, digits: kind.digits };
        let message = format!("only {most} points of the card can be moved");
        return Err(Error::new(ErrorCode::TransferExceeds, "/amount", message));
    }
    Ok(account.map(|account| account.movable(units, draft.at)).unwrap_or_default())
}

fn take_out(draft: &mut Draft<'_>, way: &Way<'_>, parts: &[Part]) {
    for part in parts {
        let (lot, amount) = (part.lot.clone(), way.amount(-part.amount));
        draft.move_lot(way.from, &way.kind.id, lot, amount, LotMove::Transferred);
    }
    let to = format!("card:{}", way.to);
    draft.post(way.from, &way.kind.id, way.amount(-way.units), &to);
}

fn put_in(draft: &mut Draft<'_>, way: &Way<'_>, lot: Lot, units: i64) -> Option<Reason> {
    draft.push(Effect::LotOpened(LotOpened {
        amount: way.amount(units),
        card: way.to.to_owned(),
        lot: lot.clone(),
        points: way.kind.id.clone(),
        rule: TRANSFER.to_owned(),
        sale: None,
    }));
    draft.repay(way.to, &way.kind.id, lot, way.amount(units))
}

/// The points keep their dates: each part is a lot of its own.
fn keep(draft: &mut Draft<'_>, way: &Way<'_>, parts: Vec<Part>) -> Vec<Reason> {
    take_out(draft, way, &parts);
    let mut reasons = Vec::new();
    for part in parts {
        let lot = Lot { id: draft.new_lot_id(), ..part.lot };
        reasons.extend(put_in(draft, way, lot, part.amount));
    }
    reasons
}

/// The points begin anew, as one lot.
fn restart(
    draft: &mut Draft<'_>,
    way: &Way<'_>,
    parts: Vec<Part>,
    expires_at: Option<jiff::Timestamp>,
) -> Vec<Reason> {
    take_out(draft, way, &parts);
    let id = draft.new_lot_id();
    let lot = Lot { earned_at: draft.at, expires_at, id, ..Lot::default() };
    put_in(draft, way, lot, way.units).into_iter().collect()
}
