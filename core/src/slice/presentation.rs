//! Attempts to prove cards: what was accepted, what failed, what is locked.

use jiff::{SignedDuration, Timestamp};

use super::{CardState, Slice};
use crate::order::Presented;
use crate::record::{CardPresented, Effect, PresentOutcome, RecordHash};

/// A presentation that was accepted.
#[derive(Clone, Debug)]
pub(crate) struct Presentation {
    pub record: String,
    pub at: Timestamp,
    pub strength: Presented,
    /// The time step of a rotating code.
    pub step: Option<i64>,
    /// The mark of a signed token, and until when it could come again.
    pub nonce: Option<(String, Timestamp)>,
}

/// Attempts that failed, the newest last.
#[derive(Clone, Debug, Default)]
pub(crate) struct Attempts {
    pub failed: Vec<Timestamp>,
}

/// No more failed attempts than this are kept: no programme may ask for more.
const FAILED_MAX: usize = 1_000;

impl Attempts {
    /// Until when a lock holds, if one does: it begins with the attempt that is one too many within
    /// its length, and lasts so long from then on, whatever is forgotten of the attempts before.
    pub fn locked_until(&self, most: u32, minutes: u32, at: Timestamp) -> Option<Timestamp> {
        let length = SignedDuration::from_mins(i64::from(minutes));
        let end = |failed: &Timestamp| failed.checked_add(length).unwrap_or(Timestamp::MAX);
        let most = usize::try_from(most.max(1)).unwrap_or(usize::MAX);
        let locking = self.failed.windows(most).rev().find_map(|attempts| {
            let (first, last) = (attempts.first()?, attempts.last()?);
            (end(first) > *last && *last <= at).then(|| end(last))
        });
        locking.filter(|until| *until > at)
    }

    fn add(&mut self, at: Timestamp) {
        // Records of several tills may come in any order.
        let place = self.failed.partition_point(|other| *other <= at);
        self.failed.insert(place, at);
        if self.failed.len() > FAILED_MAX {
            self.failed.remove(0);
        }
    }
}

/// Under what attempts at a number are counted, whether there is such a card or not.
pub(crate) fn subject_of(number: &str) -> String {
    RecordHash::of(number.as_bytes()).to_string()
}

/// Under what attempts at a till are counted.
pub(crate) fn subject_of_till(till: &str) -> String {
    format!("till:{till}")
}

/// How strongly a card was proved by a presentation that was accepted for it, if it was and the
/// presentation is at most so many minutes old.
pub(crate) fn presentation_of(
    card: &CardState,
    id: Option<&str>,
    valid_minutes: u32,
    at: Timestamp,
) -> Option<Presented> {
    let id = id?;
    let found = card.presentations.iter().rev().find(|presentation| presentation.record == id)?;
    let length = SignedDuration::from_mins(i64::from(valid_minutes));
    (at.duration_since(found.at) <= length).then_some(found.strength)
}

/// Applies what a fact does to attempts, if anything.
pub(super) fn apply_to_attempts(slice: &mut Slice, effect: &Effect, at: Timestamp, record: &str) {
    match effect {
        Effect::AttemptsCleared(cleared) => {
            slice.attempts.remove(&subject_of(&cleared.card));
        }
        Effect::CardPresented(presented) => {
            if presented.outcome == PresentOutcome::Accepted {
                accept(slice, presented, at, record);
            } else if presented.outcome != PresentOutcome::Locked {
                let till = presented.till.iter().map(|till| subject_of_till(till));
                for subject in till.chain([presented.subject.clone()]) {
                    slice.attempts.entry(subject).or_default().add(at);
                }
            }
        }
        _ => {}
    }
}

fn accept(slice: &mut Slice, presented: &CardPresented, at: Timestamp, record: &str) {
    // A number that was only read proves nothing: otherwise whoever has it could guess without end.
    if presented.strength != Presented::Static {
        slice.attempts.remove(&presented.subject);
    }
    let card = presented.card.as_ref().and_then(|card| slice.cards.get_mut(card));
    let Some(card) = card else { return };
    let day = SignedDuration::from_hours(24);
    // Old presentations prove nothing any more, but a token could still come again.
    card.presentations.retain(|old| {
        let recent = old.at.checked_add(day).is_ok_and(|until| until > at);
        recent || old.nonce.as_ref().is_some_and(|(_, until)| *until > at)
    });
    card.presentations.push(Presentation {
        record: record.to_owned(),
        at,
        strength: presented.strength,
        step: presented.step,
        nonce: presented.nonce.clone().zip(presented.expires_at),
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_presentation_proves_its_own_card_for_so_many_minutes() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let accepted = Presentation {
            record: "till.1.7".into(),
            at: at(1_000),
            strength: Presented::Pin,
            step: None,
            nonce: None,
        };
        let card = CardState { presentations: vec![accepted], ..CardState::default() };
        let proved = |id, second| presentation_of(&card, id, 15, at(second));
        // Fifteen minutes are 900 seconds.
        assert_eq!(proved(Some("till.1.7"), 1_900), Some(Presented::Pin));
        assert_eq!(proved(Some("till.1.7"), 1_901), None);
        assert_eq!(proved(Some("till.1.8"), 1_000), None);
        assert_eq!(proved(None, 1_000), None);
    }
}
