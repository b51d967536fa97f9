//! Pauses: time that does not count, given with each question.

use super::{Calendar, Interval};

/// A pause in seconds from the first instant of the calendar.
pub(super) type Pause = (u32, u32);

impl Calendar {
    /// The pauses in order, without overlaps and without what lies outside the years.
    pub(super) fn merged(&self, pauses: &[Interval]) -> Pauses {
        let place = |pause: &Interval| (self.nearest(pause.from), self.nearest(pause.to));
        match pauses {
            [] => Pauses { few: [(0, 0); FEW], count: 0, many: None },
            pauses if pauses.len() <= FEW && is_apart(pauses) => {
                let mut few = [(0, 0); FEW];
                few.iter_mut().zip(pauses).for_each(|(kept, pause)| *kept = place(pause));
                Pauses { few, count: pauses.len(), many: None }
            }
            pauses => {
                let mut many: Vec<Pause> = pauses.iter().map(place).collect();
                many.retain(|(from, to)| from < to);
                many.sort_unstable();
                many.dedup_by(|next, kept| {
                    let together = next.0 <= kept.1;
                    if together {
                        kept.1 = kept.1.max(next.1);
                    }
                    together
                });
                Pauses { few: [(0, 0); FEW], count: 0, many: Some(many) }
            }
        }
    }
}

/// How many pauses are kept without asking for memory.
const FEW: usize = 8;

/// Pauses that follow each other.
pub(super) struct Pauses {
    few: [Pause; FEW],
    count: usize,
    many: Option<Vec<Pause>>,
}

impl Pauses {
    pub fn as_slice(&self) -> &[Pause] {
        match &self.many {
            Some(many) => many,
            None => self.few.get(..self.count).unwrap_or(&[]),
        }
    }
}

/// Whether pauses follow each other already, each of them after the end of the one before.
fn is_apart(pauses: &[Interval]) -> bool {
    let following = pauses.iter().skip(1);
    pauses.iter().all(|pause| pause.from < pause.to)
        && pauses.iter().zip(following).all(|(one, next)| one.to <= next.from)
}
