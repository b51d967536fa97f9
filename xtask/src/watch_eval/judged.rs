//! Worlds as the watch judges them: what every check made of every happening.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::time::{Duration, Instant};

use kopilka::watch::{
    Verdict, Watch, WatchAction, WatchEvent, WatchKind, WatchPlace, WatchState, WatchSubject,
};
use shops::{FraudPlan, Happening, Kind, Knowledge, Label, Plan, World};

use super::policy::Policy;
use super::told::{Teller, opening};

/// The first day of every world: 2025-11-10, so that the holidays are in it.
pub const FIRST_DAY: i64 = 20_402;
/// How long a cashier stays frozen before somebody looks.
const FROZEN_SECONDS: i64 = 86_400;

/// From where it is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// At the centre, which knows everything at once.
    Centre,
    /// At the tills, each with what its own store knows and what has arrived of the others.
    Tills,
}

/// The points that a check gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Score {
    pub spending: u32,
    pub earning: u32,
    pub afterwards: u32,
}

/// What one check made of one event of a happening.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Which event of the happening.
    pub event: u8,
    pub check: u8,
    pub spending: WatchAction,
    pub earning: WatchAction,
    pub score: Score,
}

/// A happening of which a check said something, or that belongs to a fraud.
#[derive(Clone, Debug)]
pub struct Row {
    pub label: Option<Label>,
    pub persona: Option<&'static str>,
    /// Whether it is a receipt, and whether points or a gift card pay in it.
    pub receipt: bool,
    pub redeems: bool,
    pub parts: Vec<Part>,
    /// What the policy makes of it.
    pub verdict: WatchAction,
    /// Whether every challenge that it puts was met already.
    pub met: bool,
}

/// How much there was of everything.
#[derive(Clone, Debug, Default)]
pub struct Totals {
    pub happenings: u64,
    pub events: u64,
    pub receipts: u64,
    /// Honest receipts, and those of them of nobody who looks like a fraud.
    pub honest: u64,
    pub everyday: u64,
    pub redemptions: u64,
    /// Points that those spent.
    pub spent: i64,
    pub store_days: u64,
    /// Honest receipts by persona.
    pub personas: BTreeMap<&'static str, u64>,
    /// By check: how often it fired on the honest, and on frauds.
    pub fired: Vec<(u64, u64)>,
    /// By check: how often it lacked data.
    pub errored: Vec<u64>,
    pub judging: Duration,
    pub folding: Duration,
}

/// A world as it was judged.
#[derive(Clone, Debug)]
pub struct Run {
    pub seed: u64,
    pub rows: Vec<Row>,
    pub totals: Totals,
    /// The happenings with an alarm, by their place in the world.
    pub alarms: Vec<u64>,
}

/// The plan of a world with every fraud in it, by what the careful ones know, or with none: its
/// honest part is the same.
pub fn plan(seed: u64, days: u32, receipts: u32, frauds: Option<Knowledge>) -> Plan {
    let fraud = frauds.map_or(FraudPlan::None, |knowledge| FraudPlan::Mixed { knowledge });
    Plan { seed, first_day: FIRST_DAY, days, receipts_per_store_day: receipts, fraud }
}

/// What somebody knows, and what is still on its way to them.
#[derive(Default)]
struct Knower {
    state: WatchState,
    inbox: BTreeMap<(i64, u64), Rc<WatchEvent>>,
}

impl Knower {
    /// Takes in what has arrived until a moment.
    fn receive(&mut self, until: i64) {
        while let Some(entry) = self.inbox.first_entry().filter(|entry| entry.key().0 <= until) {
            self.state.fold(&entry.remove());
        }
    }
}

struct Bench<'p> {
    policy: &'p Policy,
    view: View,
    knowers: Vec<Knower>,
    /// Until when somebody is frozen, and by which check.
    frozen: HashMap<(WatchSubject, String), (i64, u8)>,
    totals: Totals,
    alarms: Vec<u64>,
    sequence: u64,
}

/// Judges a world.
pub fn run(plan: &Plan, policy: &Policy, view: View) -> Run {
    let world = World::new(plan.clone());
    let count = if view == View::Centre { 1 } else { world.stores().len() + 1 };
    let mut first = WatchState::default();
    opening(&world).for_each(|event| first.fold(&event));
    let knower = || Knower { state: first.clone(), inbox: BTreeMap::new() };
    let checks = policy.checks().count();
    let totals =
        Totals { fired: vec![(0, 0); checks], errored: vec![0; checks], ..Totals::default() };
    let mut bench = Bench {
        policy,
        view,
        knowers: (0..count).map(|_| knower()).collect(),
        frozen: HashMap::new(),
        totals,
        alarms: Vec::new(),
        sequence: 0,
    };
    bench.totals.store_days = u64::from(plan.days) * world.stores().len() as u64;
    let mut teller = Teller::new(&world);
    let rows = world.happenings().filter_map(|happening| bench.happen(&mut teller, &happening));
    let rows = rows.collect();
    Run { seed: plan.seed, rows, totals: bench.totals, alarms: bench.alarms }
}

impl Bench<'_> {
    fn happen(&mut self, teller: &mut Teller, happening: &Happening) -> Option<Row> {
        let (label, persona) = (happening.truth.label, happening.truth.persona);
        let sale = match &happening.kind {
            Kind::Sale(sale) => Some(sale),
            _ => None,
        };
        let redeems = sale.is_some_and(|sale| sale.spent > 0 || !sale.gift_spent.is_empty());
        self.count(label.is_some(), persona, sale.is_some(), redeems);
        if label.is_none() {
            self.totals.spent += sale.map_or(0, |sale| sale.spent);
        }
        let (mut parts, mut verdict, mut met) = (Vec::new(), WatchAction::Allow, true);
        for (event, step) in (0_u8..).zip(teller.tell(happening)) {
            let found = match step.judged {
                true => Some(self.judge(happening, event, step.event, &mut parts)),
                false => {
                    self.fold(happening, step.event);
                    None
                }
            };
            if let Some(found) = found {
                verdict = verdict.max(found.action);
                met &= found.met || found.spending != WatchAction::StepUp;
            }
        }
        if verdict != WatchAction::Allow {
            self.alarms.push(self.totals.happenings);
        }
        let kept = label.is_some() || !parts.is_empty();
        let receipt = sale.is_some();
        kept.then_some(Row { label, persona, receipt, redeems, parts, verdict, met })
    }

    fn count(&mut self, fraud: bool, persona: Option<&'static str>, receipt: bool, redeems: bool) {
        let totals = &mut self.totals;
        totals.happenings += 1;
        totals.receipts += u64::from(receipt);
        if !fraud && receipt {
            totals.honest += 1;
            totals.redemptions += u64::from(redeems);
            match persona {
                None => totals.everyday += 1,
                Some(persona) => *totals.personas.entry(persona).or_default() += 1,
            }
        }
    }

    /// Judges an event where it happens, and folds it.
    fn judge(
        &mut self,
        happening: &Happening,
        number: u8,
        event: WatchEvent,
        parts: &mut Vec<Part>,
    ) -> Verdict {
        let place = match (self.view, happening.store) {
            (View::Centre, _) | (_, shops::CENTRE) => WatchPlace::Centre,
            _ => WatchPlace::Till,
        };
        let knower = &mut self.knowers[self.view.knower(happening.store)];
        // What comes while a store has no network comes after it.
        knower.receive(happening.offline_since.unwrap_or(happening.at));
        let began = Instant::now();
        let (event, mut verdict) = self.policy.watch.judge(&knower.state, place, event);
        self.totals.judging += began.elapsed();
        self.totals.events += 1;
        for fired in &verdict.fired {
            let Some((check, alone)) = self.policy.alone(&fired.check) else { continue };
            let part = part(alone, &knower.state, place, &event, (number, check));
            parts.extend((part.weighs()).then_some(part));
            let honest = happening.truth.label.is_none();
            if let Some((on_honest, on_fraud)) = self.totals.fired.get_mut(usize::from(check)) {
                *(if honest { on_honest } else { on_fraud }) += 1;
            }
        }
        for errored in &verdict.errored {
            if let Some((check, _)) = self.policy.alone(&errored.check) {
                self.totals.errored[usize::from(check)] += 1;
            }
        }
        self.freeze(happening.at, number, &event, &mut verdict, parts);
        self.fold(happening, event);
        verdict
    }

    /// What a verdict froze stays frozen, and nothing leaves what is frozen.
    fn freeze(
        &mut self,
        at: i64,
        number: u8,
        event: &WatchEvent,
        verdict: &mut Verdict,
        parts: &mut Vec<Part>,
    ) {
        let pays =
            event.card.is_some() && matches!(event.kind, WatchKind::Sale | WatchKind::GiftSpend);
        for of in [WatchSubject::Card, WatchSubject::Cashier] {
            let id = event.subject(of).filter(|_| pays).map(|id| (of, id.to_owned()));
            let Some((until, check)) = id.and_then(|id| self.frozen.get(&id)).copied() else {
                continue;
            };
            if at < until {
                let (spending, earning) = (WatchAction::Deny, WatchAction::Hold);
                let score = Score::default();
                parts.push(Part { event: number, check, spending, earning, score });
                verdict.action = WatchAction::Deny;
                verdict.spending = WatchAction::Deny;
            }
        }
        for frozen in &verdict.freezes {
            let by = verdict.fired.iter().find(|one| matches!(&*one.check, "F41" | "F51"));
            let check = by.and_then(|one| self.policy.alone(&one.check)).map_or(0, |one| one.0);
            let until = match frozen.of {
                WatchSubject::Card => i64::MAX,
                _ => at + FROZEN_SECONDS,
            };
            self.frozen.entry((frozen.of, frozen.id.clone())).or_insert((until, check)).0 = until;
        }
    }

    /// Counts an event where it happens at once, and elsewhere when it arrives.
    fn fold(&mut self, happening: &Happening, event: WatchEvent) {
        let here = self.view.knower(happening.store);
        let began = Instant::now();
        self.knowers[here].state.fold(&event);
        self.totals.folding += began.elapsed();
        if self.knowers.len() > 1 {
            self.sequence += 1;
            let event = Rc::new(event);
            for (place, knower) in self.knowers.iter_mut().enumerate() {
                if place != here {
                    knower.inbox.insert((happening.arrives, self.sequence), Rc::clone(&event));
                }
            }
        }
    }
}

impl View {
    fn knower(self, store: u32) -> usize {
        if self == View::Centre { 0 } else { store as usize }
    }
}

impl Part {
    /// Whether anything follows from it.
    fn weighs(&self) -> bool {
        self.spending != WatchAction::Allow
            || self.earning != WatchAction::Allow
            || self.score != Score::default()
    }
}

/// What a check makes of an event by itself.
fn part(
    alone: &Watch,
    state: &WatchState,
    place: WatchPlace,
    event: &WatchEvent,
    (number, check): (u8, u8),
) -> Part {
    let (_, verdict) = alone.judge(state, place, event.clone());
    let fired = verdict.fired.first();
    Part {
        event: number,
        check,
        spending: fired.map_or(WatchAction::Allow, |fired| fired.spending),
        earning: fired.map_or(WatchAction::Allow, |fired| fired.earning),
        score: Score {
            spending: verdict.score.spending,
            earning: verdict.score.earning,
            afterwards: verdict.score.afterwards,
        },
    }
}
