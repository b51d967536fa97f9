//! Disputed sales: what they gave is frozen until the dispute is settled.

use super::draft::{Draft, place_of};
use super::find_sale;
use super::refund::{confirmed, take_back_earned};
use crate::answer::{Answer, Changed};
use crate::command::{Dispute, DisputeAction};
use crate::document::latest_instant;
use crate::error::{Error, ErrorCode};
use crate::record::{
    CardBlocked, DisputeState, Effect, HoldEnded, HoldPlaced, LotPart, Record, SaleDisputed,
};
use crate::slice::SaleState;

/// Why cards that a lost sale loaded are blocked.
const REASON: &str = "dispute";

pub(super) fn dispute(mut draft: Draft<'_>, input: &Dispute) -> Result<Record, Error> {
    let place = place_of!(input);
    let Some((_, sale)) = find_sale(draft.slice, &input.token)? else {
        let message = "the sale is not known here yet; try again when its till has sent it";
        return Err(Error::new(ErrorCode::TokenUnknown, "/token", message));
    };
    confirmed(sale)?;
    check(sale, input.action)?;
    for (card, _) in given(sale) {
        draft.read(card);
    }
    let mut reasons = Vec::new();
    let state = match input.action {
        DisputeAction::Open => {
            freeze(&mut draft, sale);
            DisputeState::Open
        }
        DisputeAction::Release => {
            free(&mut draft, sale);
            DisputeState::Released
        }
        DisputeAction::ClawBack => {
            free(&mut draft, sale);
            take_back_earned(&mut draft, sale, &mut reasons)?;
            block(&mut draft, sale);
            DisputeState::ClawedBack
        }
    };
    let (reason, id) = (input.reason.clone(), sale.id.clone());
    draft.push(Effect::SaleDisputed(SaleDisputed { reason, sale: id, state }));
    let answer = Changed {
        balances: draft.balance_changes(),
        coupons: Vec::new(),
        reasons,
        record: draft.id.clone(),
        tiers: Vec::new(),
    };
    draft.finish(Answer::Changed(Box::new(answer)), &place)
}

fn check(sale: &SaleState, action: DisputeAction) -> Result<(), Error> {
    let (code, message) = match (action, sale.dispute) {
        (DisputeAction::Open, None | Some(DisputeState::Released))
        | (DisputeAction::Release | DisputeAction::ClawBack, Some(DisputeState::Open)) => {
            return Ok(());
        }
        (DisputeAction::Open, Some(DisputeState::Open)) => {
            (ErrorCode::SaleDisputed, "the sale is disputed already; release it or claw it back")
        }
        (DisputeAction::Open, Some(DisputeState::ClawedBack)) => {
            (ErrorCode::SaleDisputed, "the sale was clawed back; it cannot be disputed again")
        }
        (DisputeAction::Release | DisputeAction::ClawBack, _) => {
            (ErrorCode::SaleNotDisputed, "the sale is not disputed; open the dispute first")
        }
    };
    Err(Error::new(code, "/token", message))
}

/// The cards that got anything of a sale, and the points or the currency of it.
fn given(sale: &SaleState) -> Vec<(&str, &str)> {
    let mut given = Vec::new();
    for effect in &sale.completed().record.effects {
        if let Effect::LotOpened(opened) = effect {
            let pair = (opened.card.as_str(), opened.points.as_str());
            if !given.contains(&pair) {
                given.push(pair);
            }
        }
    }
    given
}

/// The name of the hold that freezes what a sale gave.
fn hold_of(sale: &SaleState) -> String {
    format!("dispute:{}", sale.id)
}

/// Reserves what is still there of the lots that a sale opened.
fn freeze(draft: &mut Draft<'_>, sale: &SaleState) {
    for (card, points) in given(sale) {
        let Some(account) = draft.account(card, points) else { continue };
        let mut parts = Vec::new();
        for effect in &sale.completed().record.effects {
            let Effect::LotOpened(opened) = effect else { continue };
            if (opened.card.as_str(), opened.points.as_str()) != (card, points) {
                continue;
            }
            let mut amount = opened.amount;
            amount.units = account.free_of(&opened.lot.id, draft.at);
            if amount.units > 0 {
                parts.push(LotPart { amount, lot: opened.lot.id.clone() });
            }
        }
        if !parts.is_empty() {
            draft.push(Effect::HoldPlaced(HoldPlaced {
                card: card.to_owned(),
                parts,
                points: points.to_owned(),
                sale: hold_of(sale),
                until: latest_instant(),
            }));
        }
    }
}

fn free(draft: &mut Draft<'_>, sale: &SaleState) {
    let id = hold_of(sale);
    for (card, points) in given(sale) {
        let account = draft.account(card, points);
        if account.is_some_and(|account| !account.held_parts(&id).is_empty()) {
            draft.push(Effect::HoldEnded(HoldEnded {
                card: card.to_owned(),
                points: points.to_owned(),
                sale: id.clone(),
            }));
        }
    }
}

/// Blocks the cards that the sale loaded.
fn block(draft: &mut Draft<'_>, sale: &SaleState) {
    for load in sale.quote().into_iter().flat_map(|quote| &quote.loads) {
        draft.read(&load.card);
        let card = draft.card(&load.card);
        if card.is_some_and(|card| !card.life.blocked && !card.life.closed) {
            let (card, reason) = (load.card.clone(), Some(REASON.to_owned()));
            draft.push(Effect::CardBlocked(CardBlocked { card, reason }));
        }
    }
}
