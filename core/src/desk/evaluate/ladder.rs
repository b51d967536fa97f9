//! Where a ticket stands on a ladder.

use jiff::{SignedDuration, Timestamp};

use super::fold::Fold;
use super::view::LadderView;
use crate::desk::policy::LadderRules;
use crate::error::Error;

/// Where a ticket stands on a ladder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    pub ladder: usize,
    pub level: Option<usize>,
    /// When the level began.
    pub since: Timestamp,
    /// The next level, of this ladder or the one after it, and when it begins.
    pub next: Option<(usize, usize, Timestamp)>,
    pub stopped: bool,
    /// When the people of the level are told again.
    pub repeat: Option<Timestamp>,
}

impl Fold<'_> {
    /// Where the ticket stands at an instant.
    pub fn standing(&self, now: Timestamp) -> Result<Option<Standing>, Error> {
        let rules = self.rules;
        let meant = |ladder: &&LadderRules| ladder.when.matches(&self.marks);
        let Some(mut place) = rules.ladders.iter().position(|ladder| meant(&ladder)) else {
            return Ok(None);
        };
        let stop = self.stopped_at(place);
        let until = stop.map_or(now, |stop| stop.min(now));
        let mut begun = self.registered_at;
        let mut standing = self.on(place, begun, until)?;
        // One ladder after another: none comes twice, so that this ends.
        for _ in 0..rules.ladders.len() {
            let Some(ladder) = rules.ladders.get(place) else { break };
            let over = standing.next.is_none() && standing.level.is_some();
            let Some(next) = ladder.next.filter(|_| over) else { break };
            begun = standing.since;
            let further = self.on(next, begun, until)?;
            match (further.level, further.next) {
                (Some(_), _) => {
                    place = next;
                    standing = further;
                }
                (None, following) => {
                    standing.next = following;
                    break;
                }
            }
        }
        standing.stopped = stop.is_some_and(|stop| stop <= now);
        if standing.stopped {
            standing.next = None;
        } else {
            standing.repeat = self.repeat(&standing, now)?;
        }
        Ok(Some(standing))
    }

    fn stopped_at(&self, place: usize) -> Option<Timestamp> {
        let ladder = self.rules.document.ladders.get(place);
        let acknowledged = ladder.is_some_and(|ladder| ladder.acknowledged_stops);
        let acknowledged = self.acknowledged_at.filter(|_| acknowledged);
        let stops = [acknowledged, self.solved_at, self.merged_at];
        stops.into_iter().flatten().min()
    }

    /// Where it stands on one ladder that began at an instant.
    fn on(&self, place: usize, begun: Timestamp, until: Timestamp) -> Result<Standing, Error> {
        let rules = self.rules;
        let mut standing = Standing {
            ladder: place,
            level: None,
            since: begun,
            next: None,
            stopped: false,
            repeat: None,
        };
        let Some(ladder) = rules.ladders.get(place) else { return Ok(standing) };
        let starts = ladder.starts.iter();
        let start = starts.filter(|(priority, _)| self.most_urgent == Some(*priority));
        let start = start.map(|(_, level)| *level).max();
        for (index, level) in ladder.levels.iter().enumerate() {
            let timed = match level.after {
                None => None,
                Some((seconds, calendar)) => {
                    let edge = rules.document.edge;
                    Some(rules.calendar(calendar).add(begun, seconds, &[], edge)?)
                }
            };
            let started = start.filter(|start| *start >= index).map(|_| begun);
            let reasoned = self.reasoned(place, index, until);
            let since = [timed, started, reasoned].into_iter().flatten().min();
            match since {
                Some(since) if since <= until => {
                    standing.level = Some(index);
                    standing.since = since;
                    standing.next = None;
                }
                Some(since) if standing.next.is_none_or(|(.., known)| since < known) => {
                    standing.next = Some((place, index, since));
                }
                _ => {}
            }
        }
        Ok(standing)
    }

    /// When a reason brought the ticket to a level.
    fn reasoned(&self, ladder: usize, level: usize, until: Timestamp) -> Option<Timestamp> {
        let document = self.rules.document.ladders.get(ladder)?.levels.get(level)?;
        let reasons = self.reasons.iter().filter(|(_, at)| *at <= until);
        let named =
            reasons.filter(|(reason, _)| document.reasons.iter().any(|known| known == reason));
        named.map(|(_, at)| *at).min()
    }

    /// When the people of the level are told again: as often as it says, in its calendar.
    fn repeat(&self, standing: &Standing, now: Timestamp) -> Result<Option<Timestamp>, Error> {
        let rules = self.rules;
        let ladder = rules.document.ladders.get(standing.ladder);
        let Some((document, place)) = ladder.zip(standing.level) else { return Ok(None) };
        let Some(level) = document.levels.get(place).filter(|level| level.repeat_minutes > 0)
        else {
            return Ok(None);
        };
        let minutes = i64::from(level.repeat_minutes);
        let passed = now.duration_since(standing.since).as_secs() / 60;
        let next = passed.max(0) / minutes + 1;
        if next > i64::from(level.repeats) {
            return Ok(None);
        }
        let later = SignedDuration::from_mins(minutes.saturating_mul(next));
        let at = standing.since.checked_add(later).unwrap_or(standing.since);
        let in_hours =
            rules.ladders.get(standing.ladder).and_then(|ladder| ladder.levels.get(place));
        match in_hours.and_then(|level| level.notify_in) {
            None => Ok(Some(at)),
            Some(calendar) => rules.calendar(Some(calendar)).next_open(at).map(Some),
        }
    }

    /// The same in words.
    pub fn ladder_view(&self, standing: &Standing) -> LadderView {
        let ladder = self.rules.document.ladders.get(standing.ladder);
        let level = |ladder: usize, place: usize| {
            self.rules.document.ladders.get(ladder)?.levels.get(place)
        };
        let here = standing.level.and_then(|place| level(standing.ladder, place));
        let next = standing.next.and_then(|(ladder, place, _)| level(ladder, place));
        LadderView {
            contacts: here
                .map(|level| self.rules.contacts_for(&level.contacts, self.marks.store))
                .unwrap_or_default(),
            ladder: ladder.map(|ladder| ladder.id.clone()).unwrap_or_default(),
            level: here.map(|level| level.id.clone()),
            next_at: standing.next.map(|(.., at)| at),
            next_level: next.map(|level| level.id.clone()),
            stopped: standing.stopped,
        }
    }
}
