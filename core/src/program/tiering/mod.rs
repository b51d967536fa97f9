//! Which tier a card is in: what counts for it, and how long it stays.

mod course;
mod window;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::compile::Check;
use super::document::{Counts, Downgrade, DowngradeStep, Measure, Term, Window};
use super::rules::{LifeRules, Rules};
use crate::account::AsOf;
use crate::amount::Amount;
use crate::answer::NextTier;
use crate::error::ErrorCode;
use crate::history::History;
use crate::slice::{CardState, HeldTier};
use crate::term::{last_instant, life_end};

/// How tiers are reached, kept and lost.
#[derive(Debug)]
pub(crate) struct TieringRules {
    measure: Measure,
    /// The points that are counted.
    points: usize,
    /// The decimals of what is counted.
    digits: u8,
    window: Option<Window>,
    kept: Option<LifeRules>,
    grace: Option<Term>,
    at_period_end: bool,
    one_step: bool,
}

/// The tier that a card is in, and until when it is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    pub tier: Option<usize>,
    pub until: Option<Timestamp>,
}

/// The decimals in which tiers are counted.
fn counted_digits(check: &Check<'_>) -> u8 {
    let tiering = &check.document.tiering;
    match tiering.measure {
        Measure::Spend => check.currency_digits,
        Measure::Visits => 0,
        Measure::Earned | Measure::Balance => {
            check.digits_of(check.points_if_known(tiering.points.as_ref()).unwrap_or(0))
        }
    }
}

/// From how much on a tier holds.
pub(super) fn compile_from(check: &mut Check<'_>, from: Decimal, path: &str) -> i64 {
    let digits = counted_digits(check);
    let units = check.units(from, digits, path);
    if units < 0 {
        check.mistake(ErrorCode::AmountSign, path, format!("`{from}` must not be negative"));
    }
    units
}

pub(super) fn compile_tiering(check: &mut Check<'_>) -> TieringRules {
    let tiering = &check.document.tiering;
    let named = tiering.points.as_ref();
    let of_points = matches!(tiering.measure, Measure::Earned | Measure::Balance);
    let points = match (of_points, named) {
        (false, None) => 0,
        _ => check.points(named, "/tiering/points"),
    };
    if tiering.measure == Measure::Balance && tiering.window.is_some() {
        let message = "a balance is that of now and needs no window";
        check.mistake(ErrorCode::ProgramContradiction, "/tiering/window", message);
    }
    if of_points && tiering.counts == Counts::Including {
        let message = "a receipt counts for its own tier only by `spend` or `visits`";
        check.mistake(ErrorCode::ProgramContradiction, "/tiering/counts", message);
    }
    if let Some(Window::Rolling(term @ (Term::Days(0) | Term::Months(0) | Term::Hours(0)))) =
        &tiering.window
    {
        let path = format!("/tiering/window/rolling/{}", term.name());
        check.mistake(ErrorCode::ProgramNotPositive, &path, "the window must last some time");
    }
    if let Some(term @ (Term::Months(0) | Term::Hours(0))) = &tiering.grace {
        let path = format!("/tiering/grace/{}", term.name());
        check.mistake(ErrorCode::ProgramNotPositive, &path, "the grace must last some time");
    }
    TieringRules {
        measure: tiering.measure,
        points,
        digits: counted_digits(check),
        window: tiering.window.clone(),
        kept: check.life(tiering.kept.as_ref(), "/tiering/kept"),
        grace: tiering.grace.clone(),
        at_period_end: tiering.downgrade == Downgrade::AtPeriodEnd,
        one_step: tiering.step == DowngradeStep::One,
    }
}

impl TieringRules {
    /// Whether a card is always in the tier that it deserves.
    fn is_plain(&self) -> bool {
        self.kept.is_none() && self.grace.is_none() && !self.at_period_end
    }

    /// Until when a tier is kept that is held from an instant on.
    fn kept_from(&self, at: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let kept = self.kept.as_ref()?;
        Some(life_end(at, kept, zone).unwrap_or_else(last_instant))
    }
}

impl Rules {
    /// The tier of a card at an instant; `more` is what this receipt adds to what is counted.
    pub fn standing(
        &self,
        card: &CardState,
        at: Timestamp,
        zone: &TimeZone,
        more: i64,
    ) -> Standing {
        let tiering = &self.tiering;
        if tiering.is_plain() || self.tiers.is_empty() {
            let counted = self.measured(card, at.into(), zone).saturating_add(more);
            return self.kept_standing(card, at, self.tier_for(counted));
        }
        let course = self.course(card, at.into(), zone);
        let counted = self.measured(card, at.into(), zone).saturating_add(more);
        let deserved = self.tier_for(counted).unwrap_or(0);
        if deserved > course.tier {
            return Standing { tier: Some(deserved), until: None };
        }
        let kept = course.kept.filter(|kept| *kept > at);
        let end = course.end(tiering, zone).filter(|_| !tiering.at_period_end);
        Standing { tier: Some(course.tier), until: kept.or(end.filter(|end| *end > at)) }
    }

    /// Where nothing but an import holds a tier: the tier that is deserved, or the one that was
    /// imported, as long as that is kept.
    fn kept_standing(&self, card: &CardState, at: Timestamp, deserved: Option<usize>) -> Standing {
        let held = card.held.as_ref().filter(|held| held.until.is_some_and(|until| until > at));
        let place = held.and_then(|held| self.tiers.iter().position(|tier| tier.id == held.tier));
        let kept = place.filter(|kept| deserved.is_none_or(|deserved| *kept >= deserved));
        match held.zip(kept) {
            Some((held, tier)) => Standing { tier: Some(tier), until: held.until },
            None => Standing { tier: deserved, until: None },
        }
    }

    /// The tier that a sale or a close holds: the deserved one, if that is the card's or a higher
    /// one; or the lower one to which a close lets it fall. `None` if that changes nothing.
    pub fn tier_to_hold(
        &self,
        card: &CardState,
        at: AsOf,
        zone: &TimeZone,
        closes: bool,
    ) -> Option<HeldTier> {
        let tiering = &self.tiering;
        if tiering.is_plain() || self.tiers.is_empty() {
            return None;
        }
        let course = self.course(card, at, zone);
        // What was held just now does not fall again at once, however often one closes.
        let may_fall = card.held.as_ref().is_none_or(|held| held.since < at.now);
        let falls = closes && tiering.at_period_end && may_fall;
        let tier = match course.end(tiering, zone) {
            None => course.tier,
            Some(end) if falls && end <= at.now => course.below(tiering),
            Some(_) => return None,
        };
        let id = &self.tiers.get(tier)?.id;
        let held = card.held.as_ref().filter(|held| held.tier == *id);
        let since = held.map_or(at.now, |held| held.since);
        let until = tiering.kept_from(at.now, zone);
        let changes = held.is_none_or(|held| held.until != until);
        changes.then(|| HeldTier { tier: id.clone(), since, until })
    }

    /// What is missing to the tier above the one that a card is in.
    pub fn next_tier(&self, card: &CardState, at: Timestamp, zone: &TimeZone) -> Option<NextTier> {
        let above = self.standing(card, at, zone, 0).tier.map_or(0, |tier| tier + 1);
        let next = self.tiers.get(above)?;
        let counted = self.measured(card, at.into(), zone).max(0);
        let units = next.from.saturating_sub(counted).max(0);
        let missing = Amount { units, digits: self.tiering.digits };
        Some(NextTier { missing, tier: next.id.clone() })
    }

    /// What counts for a card's tier.
    fn measured(&self, card: &CardState, at: AsOf, zone: &TimeZone) -> i64 {
        let tiering = &self.tiering;
        if tiering.measure == Measure::Balance {
            let points = self.points.get(tiering.points);
            let account = points.and_then(|points| card.account(&points.id));
            return account.map_or(0, |account| account.read(at).spendable);
        }
        if let Some(window) = &tiering.window {
            let reach = window.reach(at.now, zone);
            let oldest = at.now.checked_sub(window.longest()).unwrap_or(Timestamp::MIN);
            let sum = |history: &History| history.sum(oldest, |moment| reach.has(moment));
            return self.counted(card).map_or(0, sum);
        }
        match tiering.measure {
            Measure::Spend => card.spent,
            Measure::Visits => card.purchases,
            Measure::Earned | Measure::Balance => {
                self.counted(card).map_or(0, |history| history.total)
            }
        }
    }

    /// What counts, over time; a balance has no history.
    fn counted<'c>(&self, card: &'c CardState) -> Option<&'c History> {
        match self.tiering.measure {
            Measure::Spend => Some(&card.spending),
            Measure::Visits => Some(&card.visits),
            Measure::Earned => {
                let points = self.points.get(self.tiering.points)?;
                card.account(&points.id).map(|account| &account.earned)
            }
            Measure::Balance => None,
        }
    }

    /// The highest tier that is reached by so much.
    fn tier_for(&self, counted: i64) -> Option<usize> {
        self.tiers.iter().rposition(|tier| tier.from <= counted.max(0))
    }
}

#[cfg(test)]
mod tests;
