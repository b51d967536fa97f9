//! What a record changes, for stores that keep states beside the records.
//!
//! The states are those of all records in the order of their [`Position`](crate::Position). A record
//! that comes after all that are applied is only applied. One that comes late changes the states that
//! it touches as if it had come in its place:
//!
//! * States that [adds up](Key::adds_up) tells of are loaded, and the late record is applied to them
//!   as it comes.
//! * All others are made anew: an empty slice is given the records that touch them, in order, and
//!   also those that touch what they were read from. [`fold_together`] says what that is; ask it of
//!   every record that touches one of the keys, until it adds nothing. Of such a slice only the states
//!   of those keys are whole.
//! * What is personal of the guests touched, and of those into whom they were merged
//!   ([`Slice::merged_into`](crate::Slice::merged_into)), is that after the late record was applied as
//!   it comes: no record holds it, so that it cannot be made anew.

use std::collections::BTreeSet;

use crate::key::Key;
use crate::record::{CardClosed, Effect, Entry, RefundMade, Token};
use crate::slice::{CLAWED_BACK, subject_of, subject_of_till};

/// Every state that applying a record may change, each once and in order, with the key of its
/// command. A slice must have all of them before the record is applied to it, if they are to be
/// stored afterwards.
///
/// A confirm or cancel that waits for a sale names the sale, though it does not change it, so that
/// it is found when the sale comes.
#[must_use]
pub fn touched(entry: &Entry) -> Vec<Key> {
    let mut keys = vec![Key::Command(entry.record.envelope.key.clone())];
    for effect in &entry.record.effects {
        keys.extend(card_of(effect).map(|card| Key::Card(card.to_owned())));
        further_keys(effect, &mut keys);
    }
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// The card that a fact is about, if it is about one before others.
pub(crate) fn card_of(effect: &Effect) -> Option<&str> {
    let card = match effect {
        Effect::BatchIssued(fact) => return fact.card.as_deref(),
        Effect::CardActivated(fact) => &fact.card,
        Effect::CardBlocked(fact) => &fact.card,
        Effect::CardBound(fact) => &fact.card,
        Effect::CardClosed(fact) => &fact.card,
        Effect::CardDemanded(fact) => &fact.card,
        Effect::CardExtended(fact) => &fact.card,
        Effect::CardIssued(fact) => &fact.card,
        Effect::CardLinked(fact) => &fact.card,
        Effect::CardPinSet(fact) => &fact.card,
        Effect::CardPresented(fact) => return fact.card.as_deref(),
        Effect::CardShared(fact) => &fact.card,
        Effect::CardUnblocked(fact) => &fact.card,
        Effect::CouponIssued(fact) => return fact.card.as_deref(),
        Effect::DebtMoved(fact) => &fact.card,
        Effect::HoldEnded(fact) => &fact.card,
        Effect::HoldPlaced(fact) => &fact.card,
        Effect::LotDated(fact) => &fact.card,
        Effect::LotMoved(fact) => &fact.card,
        Effect::LotOpened(fact) => &fact.card,
        Effect::PeriodClosed(fact) => &fact.card,
        Effect::Referred(fact) => &fact.card,
        Effect::ReferralPaid(fact) => &fact.card,
        Effect::SpendCounted(fact) => &fact.card,
        Effect::TicketScanned(fact) => &fact.card,
        Effect::TierHeld(fact) => &fact.card,
        Effect::AttemptsCleared(_)
        | Effect::BillMoved(_)
        | Effect::ConsentGiven(_)
        | Effect::CouponMoved(_)
        | Effect::GuestChanged(_)
        | Effect::GuestErased(_)
        | Effect::GuestMerged(_)
        | Effect::GuestRegistered(_)
        | Effect::LimitCounted(_)
        | Effect::LimitHeld(_)
        | Effect::LimitHoldEnded(_)
        | Effect::ClockAccepted(_)
        | Effect::MatchAwaited(_)
        | Effect::MatchSettled(_)
        | Effect::Posted(_)
        | Effect::ProgramActivated(_)
        | Effect::ProgramInstalled(_)
        | Effect::RefundMade(_)
        | Effect::SaleCancelled(_)
        | Effect::SaleConfirmed(_)
        | Effect::SaleDisputed(_)
        | Effect::SaleOpened(_)
        | Effect::SaleRegrouped(_)
        | Effect::SaleVoided(_)
        | Effect::WatchActivated(_)
        | Effect::WatchFrozen(_)
        | Effect::WatchInstalled(_)
        | Effect::Watched(_) => return None,
    };
    Some(card)
}

/// What a fact changes besides the card that it is about. Whoever adds a fact says here what it
/// changes, also if nothing.
fn further_keys(effect: &Effect, keys: &mut Vec<Key>) {
    let card = |number: &String| Key::Card(number.clone());
    let coupon = |code: &String| Key::Coupon(code.to_ascii_uppercase());
    let guest = |id: &String| Key::Guest(id.clone());
    let limit = |limit: &String, subject: &String| Key::Limit(limit.clone(), subject.clone());
    let sale = |id: &String| Key::Sale(id.clone());
    match effect {
        Effect::AttemptsCleared(fact) => keys.push(Key::Attempts(subject_of(&fact.card))),
        Effect::BatchIssued(fact) => keys.extend(fact.codes.iter().map(coupon)),
        Effect::BillMoved(fact) => keys.push(sale(&fact.sale)),
        Effect::CardBound(fact) => keys.extend(fact.guest.as_ref().map(guest)),
        Effect::CardClosed(fact) => keys.extend(fact.replaced_by.as_ref().map(card)),
        Effect::CardIssued(fact) => keys.extend(fact.guest.as_ref().map(guest)),
        Effect::CardLinked(fact) => keys.extend(fact.to.as_ref().map(card)),
        Effect::CardPresented(fact) => {
            keys.push(Key::Attempts(fact.subject.clone()));
            keys.extend(fact.till.iter().map(|till| Key::Attempts(subject_of_till(till))));
        }
        Effect::CardShared(fact) => keys.push(guest(&fact.guest)),
        Effect::ConsentGiven(fact) => keys.push(guest(&fact.guest)),
        Effect::CouponIssued(fact) => keys.push(coupon(&fact.code)),
        Effect::CouponMoved(fact) => keys.push(coupon(&fact.code)),
        Effect::GuestChanged(fact) => keys.push(guest(&fact.guest)),
        Effect::GuestErased(fact) => keys.push(guest(&fact.guest)),
        Effect::GuestMerged(fact) => keys.extend([guest(&fact.double), guest(&fact.guest)]),
        Effect::GuestRegistered(fact) => keys.push(guest(&fact.guest)),
        Effect::LimitCounted(fact) => keys.push(limit(&fact.limit, &fact.subject)),
        Effect::LimitHeld(fact) => keys.push(limit(&fact.usage.limit, &fact.usage.subject)),
        Effect::LimitHoldEnded(fact) => keys.push(limit(&fact.limit, &fact.subject)),
        Effect::MatchAwaited(fact) => {
            keys.extend(Token::parse(&fact.token).ok().map(|token| Key::Sale(token.sale())));
        }
        Effect::MatchSettled(fact) => keys.push(sale(&fact.sale)),
        Effect::Posted(fact) => {
            let accounts = fact.postings.iter().map(|posting| &posting.account);
            let cards = accounts.filter_map(|account| account.strip_prefix("card:"));
            keys.extend(cards.map(|number| Key::Card(number.to_owned())));
        }
        Effect::ProgramActivated(_) => keys.push(Key::Schedule),
        Effect::ProgramInstalled(fact) => keys.push(Key::Program(fact.version.clone())),
        Effect::RefundMade(fact) => keys.extend(fact.sale.as_ref().map(sale)),
        Effect::SaleCancelled(fact) | Effect::SaleVoided(fact) => keys.push(sale(&fact.sale)),
        Effect::SaleConfirmed(fact) => keys.push(sale(&fact.sale)),
        Effect::SaleDisputed(fact) => keys.push(sale(&fact.sale)),
        Effect::SaleOpened(fact) => keys.push(sale(&fact.sale)),
        Effect::SaleRegrouped(fact) => keys.push(sale(&fact.sale)),
        Effect::WatchActivated(_) => keys.push(Key::WatchSchedule),
        Effect::WatchFrozen(fact) => {
            keys.push(Key::Watch(fact.subject.of, fact.subject.id.clone()));
        }
        Effect::WatchInstalled(fact) => keys.push(Key::WatchPolicy(fact.version.clone())),
        Effect::Watched(fact) => {
            let subjects = fact.event.subjects().into_iter();
            keys.extend(subjects.map(|(of, id)| Key::Watch(of, id.to_owned())));
        }
        Effect::CardActivated(_)
        | Effect::CardBlocked(_)
        | Effect::CardDemanded(_)
        | Effect::CardExtended(_)
        | Effect::CardPinSet(_)
        | Effect::CardUnblocked(_)
        | Effect::ClockAccepted(_)
        | Effect::DebtMoved(_)
        | Effect::HoldEnded(_)
        | Effect::HoldPlaced(_)
        | Effect::LotDated(_)
        | Effect::LotMoved(_)
        | Effect::LotOpened(_)
        | Effect::PeriodClosed(_)
        | Effect::Referred(_)
        | Effect::ReferralPaid(_)
        | Effect::SpendCounted(_)
        | Effect::TicketScanned(_)
        | Effect::TierHeld(_) => {}
    }
}

/// What a record reads to change something else: of each pair, the second state is read to change
/// the first. A card that takes another's place takes over what that one counted; points that are
/// taken back lower the day of their sale. Nothing is read to change a limit.
#[must_use]
pub fn folded_with(entry: &Entry) -> Vec<(Key, Key)> {
    let effects = &entry.record.effects;
    let mut pairs = Vec::new();
    for effect in effects {
        match effect {
            Effect::CardClosed(CardClosed { card, replaced_by: Some(new), .. }) => {
                pairs.push((Key::Card(new.clone()), Key::Card(card.clone())));
            }
            Effect::RefundMade(RefundMade { sale: Some(sale), .. }) => {
                let taken = effects.iter().flat_map(cards_taken_back_from);
                let pair = |card: &str| (Key::Card(card.to_owned()), Key::Sale(sale.clone()));
                pairs.extend(taken.map(pair));
            }
            _ => {}
        }
    }
    pairs
}

fn cards_taken_back_from(effect: &Effect) -> impl Iterator<Item = &str> {
    let posted = match effect {
        Effect::Posted(posted) => Some(posted),
        _ => None,
    };
    let back = |posting: &crate::record::Posting| posting.account == CLAWED_BACK;
    let posted = posted.filter(|posted| posted.postings.iter().any(back));
    let accounts = posted.into_iter().flat_map(|posted| &posted.postings);
    accounts.filter_map(|posting| posting.account.strip_prefix("card:"))
}

/// Adds to the keys of states that are to be made anew what belongs with them because of one of their
/// records: states that were read to change them, and states that they were read to change. Tells
/// whether anything was added.
pub fn fold_together(keys: &mut BTreeSet<Key>, entry: &Entry) -> bool {
    let before = keys.len();
    for (changed, read) in folded_with(entry) {
        if keys.contains(&changed) || keys.contains(&read) {
            keys.extend([changed, read]);
        }
    }
    keys.len() > before
}
