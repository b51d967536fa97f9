//! Desks, sound and changed, and what may happen to their tickets.

use std::sync::LazyLock;

use arbitrary::{Result, Unstructured};
use jiff::Timestamp;
use kopilka::desk::{
    After, Assignment, Author, CategoryChange, Desk, DeskQuery, DeskTicket, Escalated, Estimate,
    EvaluateQuery, GroupBy, IntakeAnswer, ManualDue, Message, Metric, PolicyChange, PriorityChange,
    Registered, StateChange, StepDone, TestResult, TicketEvent, TicketFact, TicketMerge,
    TicketView, TimerView, WhatIfQuery, lint_desk,
};
use kopilka::json::Node;

use crate::{checks, documents, wild};

/// The shipped policies.
pub const DESKS: &[&str] = &[
    include_str!("../../presets/desks/loona.json"),
    include_str!("../../presets/desks/ton18.json"),
    include_str!("../../presets/desks/cashier.json"),
];

static COMPILED: LazyLock<Vec<Desk>> = LazyLock::new(|| {
    let compile = |text: &&str| Desk::compile(text).expect("the policy is sound");
    DESKS.iter().map(compile).collect()
});

/// The shipped policies, compiled.
pub fn shipped() -> &'static [Desk] {
    &COMPILED
}

/// A shipped policy, or every second time a changed one that still compiles.
pub fn any_desk(input: &mut Unstructured<'_>) -> Result<Desk> {
    if input.arbitrary()? {
        let text = documents::mutated(input, DESKS)?;
        match Desk::compile(&text) {
            Ok(desk) => return Ok(desk),
            Err(error) => checks::error(&error, &text),
        }
    }
    Ok(input.choose(shipped())?.clone())
}

/// An instant: mostly of a few weeks of 2026, now and then anywhere.
fn instant(input: &mut Unstructured<'_>) -> Result<Timestamp> {
    let start = 1_770_000_000;
    let second = match input.int_in_range(0..=15u8)? {
        0 => input.arbitrary()?,
        1 => start + i64::from(input.arbitrary::<i32>()?),
        2..=5 => start + 3_600 * input.int_in_range(0..=600i64)?,
        _ => start + input.int_in_range(0..=2_000_000i64)?,
    };
    let found = Timestamp::from_second(second).ok();
    Ok(found.unwrap_or(if second < 0 { Timestamp::MIN } else { Timestamp::MAX }))
}

/// A word of a list of the policy, or now and then one that is nowhere.
fn word<'a>(
    input: &mut Unstructured<'_>,
    words: impl Iterator<Item = &'a String>,
) -> Result<String> {
    let words: Vec<&String> = words.collect();
    if words.is_empty() || wild::rarely(input, 40)? {
        return Ok("nowhere".to_owned());
    }
    Ok((*input.choose(&words)?).clone())
}

fn metric(input: &mut Unstructured<'_>) -> Result<Metric> {
    Ok(*input.choose(Metric::ALL)?)
}

fn registered(input: &mut Unstructured<'_>, desk: &Desk) -> Result<Registered> {
    let document = desk.document();
    let texts =
        ["", "не работает для всех", "the API is down", "1C", "утечка", "how to", "Kommo sync"];
    let mut answers = Vec::new();
    for question in ["system_down", "workaround", "only_my_store"] {
        if document.intake.iter().any(|known| known.id == question) && input.arbitrary()? {
            let value = if input.arbitrary()? { "yes" } else { "no" };
            answers.push(IntakeAnswer { question: question.into(), value: value.into() });
        }
    }
    Ok(Registered {
        answers,
        category: wild::maybe(input, 4, |i| word(i, document.categories.iter().map(|c| &c.id)))?,
        channel: wild::maybe(input, 2, |i| word(i, document.channels.iter().map(|c| &c.id)))?,
        number: None,
        plan: wild::maybe(input, 4, |i| word(i, document.plans.iter().map(|plan| &plan.id)))?,
        priority: wild::maybe(input, 2, |i| word(i, document.priorities.iter().map(|p| &p.id)))?,
        queue: wild::maybe(input, 4, |i| word(i, document.queues.iter().map(|queue| &queue.id)))?,
        store: wild::maybe(input, 4, |i| word(i, document.stores.iter().map(|store| &store.id)))?,
        subject: (*input.choose(&texts)?).to_owned(),
        text: String::new(),
    })
}

fn message(input: &mut Unstructured<'_>) -> Result<Message> {
    let authors = [Author::Customer, Author::Agent, Author::Bot];
    Ok(Message {
        author: *input.choose(&authors)?,
        automatic: wild::rarely(input, 8)?,
        public: !wild::rarely(input, 8)?,
        stops: wild::maybe(input, 8, |input| Ok(vec![metric(input)?]))?,
    })
}

fn estimate(input: &mut Unstructured<'_>, desk: &Desk) -> Result<Estimate> {
    let calendars = || desk.document().calendars.iter().map(|calendar| &calendar.id);
    let hours = if wild::rarely(input, 10)? { u32::MAX } else { input.int_in_range(0..=40)? };
    let calendar = wild::maybe(input, 2, |input| word(input, calendars()))?;
    let after = After { calendar, hours, ..After::default() };
    Ok(Estimate { after, promised: input.arbitrary()? })
}

/// Anything that may happen to a ticket of this desk.
fn fact(input: &mut Unstructured<'_>, desk: &Desk) -> Result<TicketFact> {
    let document = desk.document();
    let steps = || {
        let closing = document.closing.iter().map(|closing| &closing.id);
        closing.chain(document.life.steps.iter().map(|step| &step.id))
    };
    let reasons = || {
        let levels = document.ladders.iter().flat_map(|ladder| &ladder.levels);
        levels.flat_map(|level| &level.reasons)
    };
    Ok(match input.int_in_range(0..=30u8)? {
        0..=7 => TicketFact::Message(message(input)?),
        8..=14 => {
            let to = word(input, document.life.states.iter().map(|state| &state.id))?;
            TicketFact::State(StateChange { to })
        }
        15..=17 => {
            let to = word(input, document.priorities.iter().map(|priority| &priority.id))?;
            TicketFact::Priority(PriorityChange { to })
        }
        18 => TicketFact::Acknowledged(Default::default()),
        19 => TicketFact::Assignment(Assignment {
            agent: wild::maybe(input, 2, |_| Ok("Anna".to_owned()))?,
            queue: wild::maybe(input, 2, |i| word(i, document.queues.iter().map(|q| &q.id)))?,
        }),
        20 => TicketFact::Category(CategoryChange {
            to: word(input, document.categories.iter().map(|category| &category.id))?,
        }),
        21 => TicketFact::Confirmed(Default::default()),
        22 => TicketFact::Done(StepDone { step: word(input, steps())? }),
        23 => TicketFact::Escalated(Escalated { reason: word(input, reasons())? }),
        24 => TicketFact::Estimate(estimate(input, desk)?),
        25 => TicketFact::Installed(Default::default()),
        26 => TicketFact::ManualDue(ManualDue {
            due: wild::maybe(input, 2, instant)?,
            metric: metric(input)?,
        }),
        27 => TicketFact::TestResult(TestResult { passed: input.arbitrary()? }),
        28 => TicketFact::Reopened(Default::default()),
        29 => {
            let version = input.choose(shipped())?.version().to_owned();
            TicketFact::Policy(PolicyChange { id: None, version })
        }
        _ => TicketFact::Merge(TicketMerge { into: "7".to_owned() }),
    })
}

/// What happens to a ticket. What the desk refuses is mostly left out again, so that it goes on.
fn events(input: &mut Unstructured<'_>, desk: &Desk) -> Result<Vec<TicketEvent>> {
    let fact = |event, at| TicketEvent { at, by: None, event };
    let mut events = vec![fact(TicketFact::Registered(registered(input, desk)?), instant(input)?)];
    let others: Vec<&Desk> = shipped().iter().collect();
    for _ in 0..input.int_in_range(0..=20u8)? {
        if input.is_empty() {
            break;
        }
        let at = instant(input)?;
        events.push(fact(self::fact(input, desk)?, at));
        if desk.evaluate_with(&others, &events, Timestamp::MAX, false).is_err()
            && !wild::rarely(input, 20)?
            && desk.evaluate_with(&others, &events, at, false).is_err()
        {
            events.pop();
        }
    }
    Ok(events)
}

/// One desk and its tickets, and what must hold for them.
pub fn run(input: &mut Unstructured<'_>) -> Result<()> {
    let desk = any_desk(input)?;
    for warning in lint_desk(&desk) {
        assert!(warning.path.starts_with('/') && !warning.message.is_empty());
    }
    for _ in 0..3 {
        let events = events(input, &desk)?;
        let (one, other) = (instant(input)?, instant(input)?);
        let explain = wild::rarely(input, 8)?;
        evaluate(&desk, &events, one.min(other), one.max(other), explain);
        report(&desk, events, one.max(other));
    }
    Ok(())
}

/// A ticket at two instants.
fn evaluate(desk: &Desk, events: &[TicketEvent], early: Timestamp, late: Timestamp, explain: bool) {
    let others: Vec<&Desk> = shipped().iter().collect();
    let early = desk.evaluate_with(&others, events, early, explain);
    let known = desk.evaluate_with(&others, events, late, explain);
    let mut turned = events.to_vec();
    turned.reverse();
    let again = desk.evaluate_with(&others, &turned, late, explain);
    match (&known, again) {
        (Ok(known), again) => {
            checks::reads_back(known);
            assert_eq!(again.as_ref(), Ok(known), "the order of events says something");
            known.timers.iter().for_each(timer);
        }
        (Err(error), again) => {
            checks::error(error, &events);
            assert!(again.is_err(), "the order of events decides whether they are allowed");
        }
    }
    if let (Ok(early), Ok(known)) = (early, known) {
        frozen(&early, &known);
    }
}

/// What ended stays as it was.
fn frozen(early: &TicketView, late: &TicketView) {
    for ended in early.timers.iter().filter(|timer| timer.finished_at.is_some()) {
        let kept = late.timers.iter().any(|timer| timer == ended);
        assert!(kept, "{ended:?} changed: {:?}", late.timers);
    }
}

fn timer(timer: &TimerView) {
    assert!(timer.worked_seconds >= 0, "{timer:?}");
    assert_eq!(timer.due.is_some(), timer.margin_seconds.is_some(), "{timer:?}");
    assert!(timer.warnings.is_sorted(), "{timer:?}");
}

/// Under its own policy a ticket is what it is.
fn report(desk: &Desk, events: Vec<TicketEvent>, now: Timestamp) {
    let tickets = vec![DeskTicket { events, id: "1".to_owned() }];
    match desk.attainment(&tickets, GroupBy::Week, now) {
        Ok(attainment) => {
            checks::reads_back(&attainment);
            let what_if = desk.what_if(desk, &tickets, GroupBy::Week, now).expect("it is told");
            assert!(what_if.differences.is_empty() && what_if.refused.is_empty());
            assert_eq!(what_if.attainment, what_if.attainment_then);
        }
        Err(error) => checks::error(&error, &tickets),
    }
}

/// A text: the first line is a policy, the others are questions.
pub fn run_text(text: &str) {
    let mut lines = text.lines();
    let policy = lines.next().unwrap_or_default();
    let desk = match Desk::compile(policy) {
        Ok(desk) => desk,
        Err(error) => {
            checks::error(&error, &policy);
            shipped()[0].clone()
        }
    };
    for line in lines.take(10) {
        match desk.call_json(line) {
            Ok(answer) => assert!(Node::parse(&answer, usize::MAX).is_ok()),
            Err(error) => checks::error(&error, &line),
        }
    }
    // Whatever it is, a ticket can come in.
    let at: Timestamp = "2026-02-10T10:00:00Z".parse().expect("an instant");
    let registered = TicketFact::Registered(Registered::default());
    let events = vec![TicketEvent { at, by: None, event: registered }];
    evaluate(&desk, &events, at, at, true);
    let question = EvaluateQuery { events: events.clone(), now: at, ..EvaluateQuery::default() };
    let _ = desk.call(DeskQuery::Evaluate(question));
    let tickets = vec![DeskTicket { events, id: "1".to_owned() }];
    let policy = Node::parse(DESKS[1], usize::MAX).expect("it is JSON");
    let other = WhatIfQuery { by: GroupBy::All, now: at, policy, tickets };
    let _ = desk.call(DeskQuery::WhatIf(other));
}
