//! What sales count under limits and budgets.

use jiff::Timestamp;

use super::draft::Draft;
use crate::amount::Amount;
use crate::answer::{LimitUse, Quote};
use crate::record::{Effect, LimitCounted, LimitHeld, LimitHoldEnded};

impl Draft<'_> {
    /// Reserves what a receipt counts.
    pub fn hold_limits(&mut self, quote: &Quote, sale: &str, until: Timestamp) {
        for usage in &quote.limits {
            let usage = counted(usage);
            let sale = sale.to_owned();
            self.push(Effect::LimitHeld(LimitHeld { sale, until, usage }));
        }
    }

    /// Frees what a receipt reserved.
    pub fn free_limits(&mut self, quote: &Quote, sale: &str) {
        for usage in &quote.limits {
            self.push(Effect::LimitHoldEnded(LimitHoldEnded {
                limit: usage.limit.clone(),
                period: usage.period.clone(),
                sale: sale.to_owned(),
                subject: usage.subject.clone(),
            }));
        }
    }

    /// Counts what a receipt counts.
    pub fn count_limits(&mut self, quote: &Quote) {
        for usage in &quote.limits {
            self.push(Effect::LimitCounted(counted(usage)));
        }
    }

    /// Counts what a cancelled receipt reserved, where a cancel does not give it back.
    pub fn keep_limits(&mut self, quote: &Quote) {
        for usage in quote.limits.iter().filter(|usage| !usage.give_back.cancel) {
            self.push(Effect::LimitCounted(counted(usage)));
        }
    }

    /// Gives back what a receipt counted: of its amounts the part `share` tells of each, and its use
    /// where everything has come back.
    pub fn give_back_limits(
        &mut self,
        quote: &Quote,
        gives: impl Fn(&LimitUse) -> bool,
        share: impl Fn(i64) -> i64,
        whole: bool,
    ) {
        for usage in quote.limits.iter().filter(|usage| gives(usage)) {
            let back = |amount: Amount| Amount { units: -share(amount.units), ..amount };
            let mut counted = counted(usage);
            counted.money = back(usage.money);
            counted.points = back(usage.points);
            counted.uses = if whole { -usage.uses } else { 0 };
            if counted.money.units != 0 || counted.points.units != 0 || counted.uses != 0 {
                self.push(Effect::LimitCounted(counted));
            }
        }
    }
}

fn counted(usage: &LimitUse) -> LimitCounted {
    LimitCounted {
        limit: usage.limit.clone(),
        money: usage.money,
        period: usage.period.clone(),
        points: usage.points,
        subject: usage.subject.clone(),
        uses: usage.uses,
    }
}
