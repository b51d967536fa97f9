//! Activate: an event happened for which points and coupons waited.

use jiff::tz::TimeZone;

use super::draft::{Draft, place_of};
use super::grant::changed;
use super::state::require_living;
use crate::command::Activate;
use crate::error::{Error, ErrorCode};
use crate::number::normalise;
use crate::program::rules::{LifeRules, Rules, StartRules};
use crate::record::{CouponMove, CouponMoved, Effect, Lot, Record, Token};
use crate::slice::{CouponState, SaleState};
use crate::term::life_end;

pub(super) fn activate(mut draft: Draft<'_>, input: &Activate) -> Result<Record, Error> {
    if !is_awaited(draft.rules, &input.event) {
        let message = format!("nothing in the programme waits for the event `{}`", input.event);
        return Err(Error::new(ErrorCode::EventUnknown, "/event", message));
    }
    let asked = normalise(&input.card);
    let number = draft.slice.resolve(asked);
    for number in [asked, number] {
        require_living(&draft, number, "/card")?;
    }
    let sale = input.sale.as_ref().map(|token| named_sale(&draft, token)).transpose()?;
    draft.read(number);
    let place = place_of!(input);
    let zone = draft.zone(place.store);
    activate_lots(&mut draft, number, &input.event, sale.as_ref(), zone);
    activate_coupons(&mut draft, number, &input.event, sale.as_ref(), zone);
    let answer = changed(&draft, Vec::new());
    draft.finish(answer, &place)
}

/// Whether any rule gives something that waits for an event.
fn is_awaited(rules: &Rules, event: &str) -> bool {
    let earning = rules.earning.rules.iter().map(|rule| &rule.dates);
    let grants = rules.grants.iter().map(|grant| &grant.dates);
    let coupons = rules.coupons.iter().map(|coupon| &coupon.dates);
    let mut delays = earning.chain(grants).chain(coupons).map(|dates| &dates.delay);
    delays.any(|delay| matches!(delay, Some(StartRules::Event(named)) if named == event))
}

/// A sale by its id, and the beginning of the ids of its lots.
struct NamedSale {
    id: String,
    lots: String,
}

fn named_sale(draft: &Draft<'_>, token: &str) -> Result<NamedSale, Error> {
    let token = Token::parse(token).map_err(|error| error.under("/sale"))?;
    let id = token.sale();
    let sale: Option<&SaleState> = draft.slice.sale(&id);
    let Some(sale) = sale.filter(|sale| sale.token() == token) else {
        let message = "no sale has this token; check that the right one was kept with the payment";
        return Err(Error::new(ErrorCode::TokenUnknown, "/sale", message));
    };
    let lots = format!("{}/", sale.completed().record.envelope.id());
    Ok(NamedSale { id, lots })
}

fn activate_lots(
    draft: &mut Draft<'_>,
    card: &str,
    event: &str,
    sale: Option<&NamedSale>,
    zone: &TimeZone,
) {
    for points in draft.kinds_of(card) {
        let Some(account) = draft.account(card, &points) else { continue };
        let waits = |lot: &&Lot| {
            lot.event.as_deref() == Some(event)
                && sale.is_none_or(|sale| lot.id.starts_with(&sale.lots))
        };
        let begin = |lot: &Lot| {
            let life = lot.life.as_ref().and_then(LifeRules::recorded);
            let ends = life.map(|life| life_end(draft.at, &life, zone));
            Lot {
                event: None,
                expires_at: ends.unwrap_or(lot.expires_at),
                life: None,
                // The next close of a period must know that it became usable only now.
                opens_at: Some(draft.at),
                ..lot.clone()
            }
        };
        let begun: Vec<Lot> = account.alive(draft.at).filter(waits).map(begin).collect();
        for lot in begun {
            draft.date_lot(card, &points, lot);
        }
    }
}

fn activate_coupons(
    draft: &mut Draft<'_>,
    card: &str,
    event: &str,
    sale: Option<&NamedSale>,
    zone: &TimeZone,
) {
    let slice = draft.slice;
    for code in slice.card(card).into_iter().flat_map(|card| &card.coupons) {
        let Some(coupon) = slice.coupon(code) else { continue };
        let meant = sale.is_none_or(|sale| coupon.sale.as_deref() == Some(&sale.id));
        if coupon.event.as_deref() == Some(event) && meant && !coupon.voided {
            let until = coupon_end(draft, coupon, zone);
            draft.push(Effect::CouponMoved(CouponMoved {
                by: None,
                code: code.clone(),
                sale: None,
                until,
                why: CouponMove::Activated,
            }));
        }
    }
}

/// When a coupon ends whose life begins now.
fn coupon_end(draft: &Draft<'_>, coupon: &CouponState, zone: &TimeZone) -> Option<jiff::Timestamp> {
    let kind = draft.rules.coupons.iter().find(|kind| kind.id == coupon.coupon)?;
    life_end(draft.at, kind.dates.life.as_ref()?, zone)
}
