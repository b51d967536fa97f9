//! Close of a period: points are turned into coupons, tiers are assessed, what has ended is written
//! off.

use jiff::tz::TimeZone;

use super::draft::{Draft, Place, place_of};
use super::limits::Limited;
use super::lots::Gone;
use crate::account::{AsOf, Part};
use crate::amount::Amount;
use crate::answer::{Answer, Changed, IssuedCoupon, TierChange};
use crate::command::ClosePeriod;
use crate::error::{Error, ErrorCode, Mistake};
use crate::number::normalise;
use crate::program::CloseStep;
use crate::program::rules::{AutoRedemptionRules, PointsRules};
use crate::reason::Reason;
use crate::record::{ConvertedPart, Effect, LotMove, PeriodClosed, Record};
use crate::slice::{CONVERTED, EXPIRED};

/// How many coupons one close issues to a card by one rule: the next close goes on.
const COUPONS_MAX: usize = 100;

pub(super) fn close_period(mut draft: Draft<'_>, input: &ClosePeriod) -> Result<Record, Error> {
    let cards = chosen_cards(&draft, input)?;
    let place = place_of!(input);
    let mut closing =
        Closing { zone: draft.zone(place.store), place: &place, changed: Changed::default() };
    for card in &cards {
        draft.read(card);
        closing.close(&mut draft, card);
    }
    let mut changed = closing.changed;
    changed.balances = draft.balance_changes();
    changed.record.clone_from(&draft.id);
    draft.finish(Answer::Changed(Box::new(changed)), &place)
}

/// The cards to be closed, each once, in the order of their numbers.
fn chosen_cards<'a>(draft: &Draft<'a>, input: &'a ClosePeriod) -> Result<Vec<String>, Error> {
    if input.cards.is_empty() {
        return Ok(draft.slice.card_numbers());
    }
    let resolved = |card: &'a String| draft.slice.resolve(normalise(card));
    let numbers: Vec<&str> = input.cards.iter().map(resolved).collect();
    let unknown = |(index, number): (usize, &&str)| {
        let message = format!("there is no card `{number}`");
        let mistake =
            || Mistake::new(ErrorCode::CardUnknown, format!("/cards/{index}"), message.clone());
        draft.slice.card(number).is_none().then(mistake)
    };
    let mistakes: Vec<Mistake> = numbers.iter().enumerate().filter_map(unknown).collect();
    if !mistakes.is_empty() {
        return Err(mistakes.into());
    }
    let mut numbers: Vec<String> = numbers.into_iter().map(str::to_owned).collect();
    numbers.sort_unstable();
    numbers.dedup();
    Ok(numbers)
}

struct Closing<'a> {
    zone: &'a TimeZone,
    place: &'a Place<'a>,
    changed: Changed,
}

impl Closing<'_> {
    fn close(&mut self, draft: &mut Draft<'_>, card: &str) {
        let before = self.tier(draft, card);
        let steps = &draft.rules.close;
        for (number, step) in steps.iter().enumerate() {
            let later = steps.get(number + 1..).unwrap_or_default();
            let seen = seen(draft, card, later);
            match step {
                // From here on the other steps see it; nothing is posted.
                CloseStep::Activation => {}
                CloseStep::AutoRedemption => self.redeem(draft, card, seen),
                CloseStep::Tiers => self.assess(draft, card, seen),
                CloseStep::Expiry => write_off(draft, card),
            }
        }
        let (at, number) = (draft.at, card.to_owned());
        draft.push(Effect::PeriodClosed(PeriodClosed { at, card: number }));
        let after = self.tier(draft, card);
        if before.0 != after.0 {
            let ((before, _), (after, until)) = (before, after);
            self.changed.tiers.push(TierChange { after, before, card: card.to_owned(), until });
        }
    }

    fn tier(&self, draft: &Draft<'_>, card: &str) -> (Option<String>, Option<jiff::Timestamp>) {
        let rules = draft.rules;
        let standing = draft.card(card).map(|card| rules.standing(card, draft.at, self.zone, 0));
        let standing = standing.unwrap_or_default();
        let tier = standing.tier.and_then(|tier| rules.tiers.get(tier));
        (tier.map(|tier| tier.id.clone()), standing.until)
    }

    fn assess(&self, draft: &mut Draft<'_>, card: &str, seen: AsOf) {
        let state = draft.card(card);
        let held = state.and_then(|c| draft.rules.tier_to_hold(c, seen, self.zone, true));
        if let Some(held) = held {
            draft.hold_tier(card, held);
        }
    }

    fn redeem(&mut self, draft: &mut Draft<'_>, card: &str, seen: AsOf) {
        let rules = draft.rules;
        for auto in &rules.auto_redemption {
            let kind = draft.card(card).and_then(|card| rules.card_named(&card.kind));
            let holds = kind.is_some_and(|kind| kind.holds(auto.points));
            let Some(points) = rules.points.get(auto.points).filter(|_| holds) else { continue };
            let mut made = 0;
            while self.may_redeem(draft, card, auto, points, seen) {
                if made == COUPONS_MAX {
                    self.changed.reasons.push(used_up(None, auto));
                    break;
                }
                made += 1;
                let limited = self.limited(auto, card);
                let allowed = draft.let_points(limited, auto.threshold);
                if allowed.points < auto.threshold {
                    self.changed.reasons.push(used_up(allowed.reason, auto));
                    break;
                }
                draft.count_points(limited, auto.threshold);
                self.redeem_once(draft, card, auto, points, seen);
            }
        }
    }

    fn limited<'l>(&'l self, auto: &'l AutoRedemptionRules, card: &'l str) -> Limited<'l> {
        Limited { id: &auto.id, limits: &auto.limits, card, place: self.place }
    }

    /// Whether enough usable points are there and today may see one coupon more.
    fn may_redeem(
        &self,
        draft: &Draft<'_>,
        card: &str,
        auto: &AutoRedemptionRules,
        points: &PointsRules,
        seen: AsOf,
    ) -> bool {
        let account = draft.account(card, &points.id);
        let usable = account.map_or(0, |account| account.read(seen).spendable);
        let day = |at| self.zone.to_datetime(at).date();
        let today = day(draft.at);
        let converted = draft.card(card).map_or(&[][..], |card| card.converted.as_slice());
        let made = converted.iter().filter(|(rule, at)| *rule == auto.id && day(*at) == today);
        let full = auto
            .per_day
            .is_some_and(|most| usize::try_from(most).is_ok_and(|most| made.count() >= most));
        usable >= auto.threshold && !full
    }

    fn redeem_once(
        &mut self,
        draft: &mut Draft<'_>,
        card: &str,
        auto: &AutoRedemptionRules,
        points: &PointsRules,
        seen: AsOf,
    ) {
        let account = draft.account(card, &points.id);
        let parts = account.map(|account| account.take(auto.threshold, seen)).unwrap_or_default();
        let of = Gone { card, points: &points.id, digits: points.digits };
        let amount = |units| Amount { units, digits: points.digits };
        let part = |part: &Part| ConvertedPart {
            amount: amount(part.amount),
            lot: part.lot.clone(),
            points: points.id.clone(),
        };
        let made_of = parts.iter().map(part).collect();
        draft.remove(&of, parts, LotMove::Converted, CONVERTED);
        let issued = issue(draft, card, auto, made_of, self.zone);
        self.changed.coupons.extend(issued);
    }
}

/// As of when a step sees points, by the steps that are still to come: what they will do has not
/// happened for it since the last close.
fn seen(draft: &Draft<'_>, card: &str, later: &[CloseStep]) -> AsOf {
    let closed_at = draft.card(card).and_then(|card| card.closed_at);
    let last = closed_at.unwrap_or(jiff::Timestamp::MIN);
    let before = |step| if later.contains(&step) { last } else { draft.at };
    let (opened, ended) = (before(CloseStep::Activation), before(CloseStep::Expiry));
    AsOf { now: draft.at, opened, ended }
}

/// A whole coupon or none: what is left of a limit is never enough for a part of one.
fn used_up(reason: Option<Reason>, auto: &AutoRedemptionRules) -> Reason {
    use crate::reason::ReasonCode;
    let reason = reason.unwrap_or_else(|| {
        let reason = Reason::new(ReasonCode::LimitUsedUp);
        reason.with("limit", &auto.id).with("rule", &auto.id)
    });
    match reason.code {
        ReasonCode::LimitTrimmed => Reason { code: ReasonCode::LimitUsedUp, ..reason },
        _ => reason,
    }
}

fn issue(
    draft: &mut Draft<'_>,
    card: &str,
    auto: &AutoRedemptionRules,
    made_of: Vec<ConvertedPart>,
    zone: &TimeZone,
) -> Option<IssuedCoupon> {
    let kind = draft.rules.coupons.get(auto.coupon)?;
    let coupon = kind.promise(&auto.id, draft.at, zone);
    Some(draft.issue_coupon(&coupon, Some(card), None, made_of))
}

/// Writes off what has ended and is not held.
fn write_off(draft: &mut Draft<'_>, card: &str) {
    for points in draft.kinds_of(card) {
        let ended = draft.account(card, &points).map(|account| account.ended(draft.at));
        let of = Gone { card, points: &points, digits: draft.digits_of(&points) };
        draft.remove(&of, ended.unwrap_or_default(), LotMove::Expired, EXPIRED);
    }
}
