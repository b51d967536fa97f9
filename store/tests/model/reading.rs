//! A balance, counted naively from sums over records.

use jiff::Timestamp;
use serde_json::Value;

use crate::facts::{Purse, Sums, amount};

/// In hundredths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    pub spendable: i128,
    pub held: i128,
    pub pending: i128,
    pub expired: i128,
    pub debt: i128,
    pub posted: i128,
}

impl Reading {
    /// As it is told in an answer.
    pub fn of(balance: &Value) -> Reading {
        Reading {
            spendable: amount(&balance["spendable"]),
            held: amount(&balance["held"]),
            pending: amount(&balance["pending"]),
            expired: amount(&balance["expired"]),
            debt: amount(&balance["debt"]),
            posted: amount(&balance["posted"]),
        }
    }
}

/// What stands on a card at an instant. Of each lot is left what was opened and moved; what a live
/// hold reserves of it is held; the rest waits, is usable or has ended by the lot's dates. What was
/// taken though it was not there is owed, and what is usable pays that first.
pub fn read(sums: &Sums, purse: &Purse, now: Timestamp) -> Reading {
    let nothing = std::collections::BTreeMap::new();
    let lots = sums.lots.get(purse).unwrap_or(&nothing);
    let mut reading = Reading {
        debt: sums.debts.get(purse).copied().unwrap_or_default(),
        posted: sums.posted(purse),
        ..Reading::default()
    };
    let mut usable = 0;
    for (id, lot) in lots {
        if lot.remaining <= 0 {
            reading.debt += -lot.remaining - lot.excess();
            continue;
        }
        let live = sums.holds.iter().filter(|((_, own), hold)| own == purse && hold.is_live(now));
        let held: i128 =
            live.map(|(_, hold)| hold.parts.get(id).copied().unwrap_or_default()).sum();
        let held = held.min(lot.remaining);
        reading.held += held;
        let free = lot.remaining - held;
        if lot.has_ended(now) {
            reading.expired += free;
        } else if lot.is_open(now) {
            usable += free;
        } else {
            reading.pending += free;
        }
    }
    let paid = usable.min(reading.debt);
    reading.debt -= paid;
    reading.spendable = usable - paid;
    reading
}
