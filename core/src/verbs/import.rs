//! Import from another system: from a plan of what its rows bring to the facts of a record.

mod coupon;
mod guest;
mod plan;

pub(crate) use plan::plan;
use plan::{Plan, PlannedCard};

use super::draft::{Draft, Place};
use crate::amount::Amount;
use crate::answer::{Answer, Imported};
use crate::command::Import;
use crate::document::LIST_MAX;
use crate::error::{Error, ErrorCode};
use crate::record::{
    BatchIssued, CardBlocked, CardIssued, Effect, GuestChanged, GuestRegistered, Lot, LotOpened,
    Posted, Posting, Record, SpendCounted, TierHeld,
};
use crate::slice::OPENING;

pub(super) fn import(mut draft: Draft<'_>, input: &Import) -> Result<Record, Error> {
    if input.rows.len() > LIST_MAX {
        let message = format!("a call takes at most {LIST_MAX} rows; import longer files in parts");
        return Err(Error::new(ErrorCode::DocumentListTooLong, "/rows", message));
    }
    let plan = plan(draft.rules, draft.slice, &input.rows, draft.at)?;
    tell_guests(&mut draft, &plan);
    for card in &plan.cards {
        tell_card(&mut draft, card);
    }
    tell_sums(&mut draft, &plan);
    tell_coupons(&mut draft, &plan);
    let count = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
    let answer = Imported {
        cards: count(plan.cards.len()),
        coupons: count(plan.coupons.len()),
        guests: count(plan.guests.count_new()),
        known: plan.known.clone(),
        record: draft.id.clone(),
        rows: count(input.rows.len()),
        sums: plan.sums(),
    };
    let place = Place { cashier: None, shift: None, store: None, till: None };
    draft.finish(Answer::Imported(answer), &place)
}

fn tell_guests(draft: &mut Draft<'_>, plan: &Plan<'_>) {
    for guest in plan.guests.iter() {
        let id = guest.id.to_owned();
        if guest.is_new {
            draft.push(Effect::GuestRegistered(GuestRegistered { guest: id.clone() }));
        }
        if guest.language.is_some() {
            let language = guest.language.cloned();
            let changed = GuestChanged { guest: id, language, ..GuestChanged::default() };
            draft.push(Effect::GuestChanged(changed));
        }
    }
}

/// The facts about one card, except for what its lots add up to.
fn tell_card(draft: &mut Draft<'_>, card: &PlannedCard<'_>) {
    let number = || card.number.to_owned();
    draft.push(Effect::CardIssued(CardIssued {
        card: number(),
        expires_at: card.expires_at,
        guest: card.guest.map(str::to_owned),
        inactive: card.inactive,
        kind: card.kind.id.clone(),
        seat: None,
    }));
    if card.spent > 0 || card.purchases > 0 {
        draft.push(Effect::SpendCounted(SpendCounted {
            amount: Amount { units: card.spent, digits: draft.rules.currency_digits },
            at: draft.at,
            card: number(),
            day: draft.day.to_string(),
            purchases: card.purchases,
        }));
    }
    for lot in &card.lots {
        let opened = LotOpened {
            amount: Amount { units: lot.units, digits: lot.asset.digits },
            card: number(),
            lot: Lot {
                earned_at: draft.at,
                expires_at: lot.expires_at,
                id: draft.new_lot_id(),
                opens_at: lot.opens_at,
                ..Lot::default()
            },
            points: lot.asset.id.to_owned(),
            rule: OPENING.into(),
            sale: None,
        };
        draft.push(Effect::LotOpened(opened));
    }
    if let Some((tier, until)) = card.tier {
        let (tier, since) = (tier.to_owned(), draft.at);
        draft.push(Effect::TierHeld(TierHeld { card: number(), since, tier, until }));
    }
    if card.blocked {
        draft.push(Effect::CardBlocked(CardBlocked { card: number(), reason: None }));
    }
}

/// What the new lots add up to: one fact for each asset, however many cards there are.
fn tell_sums(draft: &mut Draft<'_>, plan: &Plan<'_>) {
    for (asset, sum) in plan.totals() {
        let amount = |units| Amount { units, digits: asset.digits };
        let mut postings: Vec<Posting> = Vec::new();
        for card in &plan.cards {
            let lots = card.lots.iter().filter(|lot| lot.asset == *asset);
            let units: i64 = lots.map(|lot| lot.units).sum();
            if units > 0 {
                let account = format!("card:{}", card.number);
                postings.push(Posting { account, amount: amount(units) });
            }
        }
        let account = if asset.is_money { "loaded" } else { "issued" };
        postings.push(Posting { account: account.to_owned(), amount: amount(-sum) });
        draft.push(Effect::Posted(Posted { points: asset.id.to_owned(), postings }));
    }
}

fn tell_coupons(draft: &mut Draft<'_>, plan: &Plan<'_>) {
    for coupon in &plan.coupons {
        draft.push(Effect::BatchIssued(BatchIssued {
            event: None,
            batch: draft.id.clone(),
            card: coupon.card.map(str::to_owned),
            codes: vec![coupon.code.to_owned()],
            coupon: coupon.kind.id.clone(),
            expires_at: coupon.expires_at,
            guest: coupon.guest.map(str::to_owned),
            opens_at: coupon.opens_at,
            personal: coupon.kind.personal,
            used: coupon.used,
            uses: coupon.kind.uses,
        }));
    }
}

/// The texts of a call, to be looked at one by one.
pub(super) fn texts(input: &Import) -> Vec<&String> {
    let mut texts: Vec<&String> = input.source.iter().collect();
    for row in &input.rows {
        let plain = [
            &row.card,
            &row.code,
            &row.coupon,
            &row.guest,
            &row.kind,
            &row.language,
            &row.points,
            &row.tier,
        ];
        texts.extend(plain.into_iter().flatten());
        texts.extend(super::guest::personal_texts(&row.personal));
    }
    texts
}
