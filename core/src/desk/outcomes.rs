//! Triggers over the outcomes of transactions: "fewer than 90 % succeed", "3 failed in 10 minutes".

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::local::{checked, second};
use super::share::Share;
use crate::document::{Collector, choice, document, union};
use crate::error::{Error, ErrorCode};

/// The most that triggers times outcomes may come to, so that no query takes long.
const WORK_MAX: usize = 10_000_000;

document! {
    /// What became of one transaction at a till.
    pub struct TransactionOutcome {
        /// When it ended. Fractions of a second do not count.
        pub at: Timestamp,
        /// The error code that the till showed, if it failed.
        pub code: Option<String>,
        /// The component that did the work, as the desk's policy names it.
        pub component: Option<String>,
        /// Whether it succeeded.
        pub ok: bool,
        /// The store.
        pub store: Option<String>,
        /// The till.
        pub till: Option<String>,
    }
}

choice! {
    /// Which outcomes a trigger counts together.
    pub enum OutcomeScope {
        /// All of them.
        All = "all",
        /// Those of one store.
        Store = "store",
        /// Those of one till.
        Till = "till",
    }
}

union! {
    /// When a trigger fires.
    pub enum OutcomeCondition {
        /// At least so many of the counted transactions failed.
        FailedAtLeast(u32) = "failed_at_least",
        /// Fewer than so many percent of them succeeded. Exactly that share does not fire.
        SuccessBelow(Decimal) = "success_below",
    }
}

document! {
    /// Opens a ticket, or raises one, when too many transactions fail.
    pub struct OutcomeTrigger {
        /// The category of the ticket.
        pub category: Option<String>,
        /// Only outcomes of this component count; all if left out.
        pub component: Option<String>,
        /// When it fires.
        pub condition: OutcomeCondition,
        /// Its id.
        pub id: String,
        /// Only so many of the newest outcomes count, of those in the window.
        pub last: Option<u32>,
        /// It does not fire on fewer outcomes than this: one failure at dawn is no trend.
        pub min_count: u32 = 1,
        /// Its name.
        pub name: Option<String>,
        /// Which outcomes are counted together.
        pub per: OutcomeScope = OutcomeScope::All,
        /// The priority of the ticket.
        pub priority: Option<String>,
        /// How far back outcomes count, in minutes. An outcome counts from its own second until the
        /// window has passed, that second no longer included: of ten minutes, for 600 seconds.
        pub window_minutes: Option<u32>,
    }
}

document! {
    /// Asks which triggers have fired.
    pub struct OutcomesQuery {
        /// At which instant; outcomes after it do not count.
        pub at: Timestamp,
        /// The outcomes, in any order.
        pub outcomes: Vec<TransactionOutcome>,
        /// The triggers; those of the desk if left out.
        pub triggers: Vec<OutcomeTrigger> = Vec::new(),
    }
}

document! {
    /// What the triggers came to.
    pub struct OutcomesAnswer {
        /// Each trigger, in the order of the query.
        pub triggers: Vec<TriggerState>,
    }
}

document! {
    /// What one trigger came to.
    pub struct TriggerState {
        /// The category of the ticket, if it fired.
        pub category: Option<String>,
        /// The component of the ticket, if it fired.
        pub component: Option<String>,
        /// Whether any of its groups fired.
        pub fired: bool,
        /// The groups that have an outcome in the window, by store and till; all outcomes together
        /// are always there.
        pub groups: Vec<OutcomeGroup>,
        /// The priority of the ticket, if it fired.
        pub priority: Option<String>,
        /// The trigger's id.
        pub trigger: String,
    }
}

document! {
    /// Outcomes that a trigger counts together.
    pub struct OutcomeGroup {
        /// How many failed.
        pub failed: u64,
        /// Whether the trigger fired.
        pub fired: bool,
        /// Since when it has been firing without a break.
        pub since: Option<Timestamp>,
        /// The store, if the trigger counts by store or till.
        pub store: Option<String>,
        /// How many succeeded, of how many.
        pub succeeded: Share,
        /// The till, if the trigger counts by till.
        pub till: Option<String>,
    }
}

/// Evaluates triggers over the outcomes of transactions at an instant.
///
/// # Errors
/// Everything that is wrong with the triggers; more than 10 million triggers times outcomes.
pub fn answer_outcomes(query: &OutcomesQuery) -> Result<OutcomesAnswer, Error> {
    let tests = checked(|collector| {
        if query.triggers.len().saturating_mul(query.outcomes.len()) > WORK_MAX {
            let message = "too many triggers with too many outcomes; ask for fewer of them at once";
            collector.mistake(ErrorCode::DocumentListTooLong, "/triggers", message);
        }
        compile_triggers(&query.triggers, collector, "/triggers")
    })?;
    let states = query.triggers.iter().zip(&tests);
    let triggers = states.map(|(trigger, test)| trigger.state(test, query)).collect();
    Ok(OutcomesAnswer { triggers })
}

/// Checks triggers; what comes back stands in their order.
pub(crate) fn compile_triggers(
    list: &[OutcomeTrigger],
    collector: &mut Collector,
    path: &str,
) -> Vec<TriggerTest> {
    collector.unique(list.iter().map(|trigger| &trigger.id), path);
    let compile = |(index, trigger): (usize, &OutcomeTrigger)| {
        trigger.compile(collector, &format!("{path}/{index}"))
    };
    list.iter().enumerate().map(compile).collect()
}

/// When a trigger fires, in whole numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TriggerTest {
    condition: Test,
    /// The most outcomes that count.
    last: usize,
    min_count: u64,
    /// How long an outcome counts, in seconds.
    window: Option<i64>,
}

/// A store and a till, as far as a trigger counts by them.
type Place<'a> = (Option<&'a str>, Option<&'a str>);

#[derive(Clone, Copy, Debug)]
enum Test {
    Failed(u64),
    /// The percentage as a fraction.
    Below(i128, i128),
}

impl OutcomeTrigger {
    fn compile(&self, collector: &mut Collector, path: &str) -> TriggerTest {
        if self.window_minutes.is_none() && self.last.is_none() {
            collector.contradiction(path, "say `window_minutes`, `last` or both");
        }
        for (value, key) in [(self.window_minutes, "window_minutes"), (self.last, "last")] {
            if value == Some(0) {
                let message = format!("`{key}` must be at least 1");
                collector.mistake(ErrorCode::DocumentRange, &format!("{path}/{key}"), message);
            }
        }
        let least = self.min_count.max(1);
        if self.last.is_some_and(|last| last < least) {
            let message = "`min_count` is more than `last`, so that it never fires";
            collector.contradiction(&format!("{path}/min_count"), message);
        }
        TriggerTest {
            condition: self.compile_condition(collector, &format!("{path}/condition")),
            last: self.last.map_or(usize::MAX, |last| usize::try_from(last).unwrap_or(usize::MAX)),
            min_count: u64::from(least),
            window: self.window_minutes.map(|minutes| i64::from(minutes) * 60),
        }
    }

    fn compile_condition(&self, collector: &mut Collector, path: &str) -> Test {
        match &self.condition {
            OutcomeCondition::FailedAtLeast(count) => {
                let path = format!("{path}/failed_at_least");
                if *count == 0 {
                    let message = "at least 1 must fail, or it fires always";
                    collector.mistake(ErrorCode::DocumentRange, &path, message);
                }
                if self.last.is_some_and(|last| last < *count) {
                    let message = "more must fail than `last` counts, so that it never fires";
                    collector.contradiction(&path, message);
                }
                Test::Failed(u64::from(*count))
            }
            OutcomeCondition::SuccessBelow(percent) => {
                let percent = percent.normalize();
                if percent <= Decimal::ZERO || percent > Decimal::ONE_HUNDRED || percent.scale() > 9
                {
                    let message = "the percentage must be above 0, at most 100, with nine decimals";
                    let path = format!("{path}/success_below");
                    collector.mistake(ErrorCode::DocumentRange, &path, message);
                    return Test::Below(0, 1);
                }
                Test::Below(percent.mantissa(), 100 * 10_i128.pow(percent.scale()))
            }
        }
    }

    fn state(&self, test: &TriggerTest, query: &OutcomesQuery) -> TriggerState {
        let now = second(query.at);
        let mut sorted: BTreeMap<Place<'_>, Vec<(i64, bool)>> = BTreeMap::new();
        if self.per == OutcomeScope::All {
            sorted.insert((None, None), Vec::new());
        }
        for outcome in &query.outcomes {
            let wanted = self.component.is_none() || self.component == outcome.component;
            let at = second(outcome.at);
            if wanted && at <= now {
                sorted.entry(self.group_of(outcome)).or_default().push((at, outcome.ok));
            }
        }
        let mut groups = Vec::new();
        for ((store, till), mut outcomes) in sorted {
            // Of outcomes of one second a failure counts as the newer: any order gives one answer.
            outcomes.sort_unstable_by_key(|(at, ok)| (*at, !ok));
            let group = test.group(&outcomes, now);
            if self.per == OutcomeScope::All || group.succeeded.of > 0 {
                let (store, till) = (store.map(str::to_owned), till.map(str::to_owned));
                groups.push(OutcomeGroup { store, till, ..group });
            }
        }
        let fired = groups.iter().any(|group| group.fired);
        let given = |value: &Option<String>| value.clone().filter(|_| fired);
        TriggerState {
            category: given(&self.category),
            component: given(&self.component),
            fired,
            groups,
            priority: given(&self.priority),
            trigger: self.id.clone(),
        }
    }

    fn group_of<'a>(&self, outcome: &'a TransactionOutcome) -> Place<'a> {
        let (store, till) = (outcome.store.as_deref(), outcome.till.as_deref());
        match self.per {
            OutcomeScope::All => (None, None),
            OutcomeScope::Store => (store, None),
            OutcomeScope::Till => (store, till),
        }
    }
}

impl TriggerTest {
    fn fires(&self, failed: u64, total: u64) -> bool {
        let succeeded = i128::from(total.saturating_sub(failed));
        total >= self.min_count
            && match self.condition {
                Test::Failed(least) => failed >= least,
                Test::Below(share, one) => {
                    succeeded.saturating_mul(one) < share.saturating_mul(i128::from(total))
                }
            }
    }

    /// Goes once over the sorted outcomes and keeps since when the trigger has been firing: it can
    /// change only where an outcome comes in or falls out of the window.
    fn group(&self, outcomes: &[(i64, bool)], now: i64) -> OutcomeGroup {
        let mut failures = vec![0_u64];
        let mut sum = 0;
        for (_, ok) in outcomes {
            sum += u64::from(!ok);
            failures.push(sum);
        }
        // How many failed and how many there are, of those from `first` to `end` that count.
        let counted = |first: usize, end: usize| {
            let begin = first.max(end - self.last.min(end));
            let before = |place: usize| failures.get(place).copied().unwrap_or(sum);
            (before(end) - before(begin), (end - begin) as u64)
        };
        let ends = |at: i64| self.window.map(|window| at.saturating_add(window));
        let (mut first, mut end) = (0, 0);
        let mut since = None;
        loop {
            let comes = outcomes.get(end).map(|(at, _)| *at);
            let oldest = outcomes.get(first).filter(|_| first < end);
            let falls = oldest.and_then(|(at, _)| ends(*at));
            let next = [comes, falls].into_iter().flatten().min().filter(|next| *next <= now);
            let Some(next) = next else { break };
            while outcomes.get(end).is_some_and(|(at, _)| *at <= next) {
                end += 1;
            }
            let is_past = |at: i64| ends(at).is_some_and(|over| over <= next);
            while first < end && outcomes.get(first).is_some_and(|(at, _)| is_past(*at)) {
                first += 1;
            }
            let (failed, total) = counted(first, end);
            since = if self.fires(failed, total) { since.or(Some(next)) } else { None };
        }
        let (failed, total) = counted(first, end);
        OutcomeGroup {
            failed,
            fired: since.is_some(),
            since: since.and_then(|since| Timestamp::from_second(since).ok()),
            store: None,
            succeeded: Share::new(total - failed, total),
            till: None,
        }
    }
}

#[cfg(test)]
mod tests;
