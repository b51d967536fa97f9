//! Policies of the watch, sound and changed, and what may happen under them.

use std::sync::LazyLock;

use arbitrary::{Result, Unstructured};
use jiff::Timestamp;
use kopilka::document::{canonical, from_node};
use kopilka::json::Node;
use kopilka::watch::{
    Counted, Reading, Verdict, Watch, WatchAction, WatchEvent, WatchKind, WatchMark, WatchPlace,
    WatchState, WatchSubject,
};
use kopilka::{Amount, Challenge, PresentOutcome, Presented, ReasonCode, Watched};

use crate::{checks, documents, wild};

/// The whole catalogue, with an own check over each reading and own counters of every kind.
static WHOLE: LazyLock<String> = LazyLock::new(|| {
    let check = |number: usize| match number {
        5 => r#"{"check": "F05", "parameters": {"step": "300", "cap": "500"}}"#.to_owned(),
        6 => r#"{"check": "F06", "parameters": {"limit": "300"}}"#.to_owned(),
        14 => r#"{"check": "F14", "parameters": {"cap": "900"}}"#.to_owned(),
        _ => format!(r#"{{"check": "F{number:02}"}}"#),
    };
    let own = |reading: &Reading| {
        let name = reading.as_str();
        format!(
            r#"{{"check": "own-{}", "points": 1, "mode": "shadow",
            "when": {{"reading": {{"reading": "{name}", "under": "1"}}}}}}"#,
            name.replace('_', "-")
        )
    };
    let measures = ["events", "amount", "earned", "cards", "tills"];
    let counter = |measure: &str| {
        format!(
            r#"{{"id": "{measure}", "of": "store", "counts": "{measure}", "bucket_seconds": 60,
            "buckets": 5, "when": {{"not": {{"mark": ["no_sale"]}}}}}}"#
        )
    };
    let asks = |measure: &str| {
        format!(
            r#"{{"check": "asks-{measure}", "action": "hold",
            "when": {{"counter": {{"counter": "{measure}", "over": "2"}}}}}}"#
        )
    };
    let mut checks: Vec<String> = (1..=52).map(check).collect();
    checks.extend(Reading::ALL.iter().map(own));
    checks.extend(measures.map(asks));
    format!(
        r#"{{"id": "all", "stamps": "stamp", "checks": [{}], "counters": [{}],
        "staff": [{{"cashier": "a", "cards": ["1", "b"]}}],
        "stores": [{{"id": "a", "city": "x", "latitude": "55.7", "longitude": "37.6",
            "hours": [{{"days": ["monday", "sunday"], "from": "20:00", "to": "02:00"}}]}},
            {{"id": "b", "city": "x", "latitude": "-89.9", "longitude": "179.9"}}, {{"id": "c"}}]}}"#,
        checks.join(", "),
        measures.map(counter).join(", ")
    )
});

/// A smaller one whose whole text is soon changed somewhere that matters.
const FEW: &str = r#"{"id": "few", "average_redemption": "150", "hold_days": 7, "errored": "review",
    "actions": ["allow", "review", "hold", "step_up", "deny"],
    "score": {"review": 5, "hold": 10, "step_up": 20, "deny": 40},
    "checks": [
        {"check": "F13", "parameters": {"per_15_minutes": "2"}, "challenge": "code"},
        {"check": "F19", "points": 7, "places": ["centre"]},
        {"check": "F48", "action": "step_up", "earning": "hold", "mode": "shadow"},
        {"check": "mine", "action": "deny", "when": {"all": [{"kind": ["sale", "grant"]},
            {"any": [{"counter": {"counter": "sums", "at_least": "2", "minutes": 30}},
            {"not": {"reading": {"reading": "card_age_hours", "over": "1", "under": "9"}}}]}]}}],
    "counters": [{"id": "sums", "of": "cashier", "bucket_seconds": 600, "buckets": 4,
        "when": {"strength": ["typed"]}}],
    "stores": [{"id": "a", "latitude": "10", "longitude": "20"}]}"#;

static COMPILED: LazyLock<Vec<Watch>> = LazyLock::new(|| {
    let compile = |text: &str| Watch::compile(text).expect("the policy is sound");
    vec![compile(&WHOLE), compile(FEW)]
});

/// A sound policy, or every second time a changed one that still compiles.
fn any_watch(input: &mut Unstructured<'_>) -> Result<Watch> {
    if input.arbitrary()? {
        let text = documents::mutated(input, &[FEW, &WHOLE])?;
        if let Some(watch) = compiled(&text) {
            return Ok(watch);
        }
    }
    Ok(input.choose(&COMPILED)?.clone())
}

/// It compiles, and then again of its own document; or it tells what is wrong and where.
fn compiled(text: &str) -> Option<Watch> {
    match Watch::compile(text) {
        Ok(watch) => {
            let again = Watch::compile(&canonical(watch.document())).expect("its own document");
            assert_eq!(again.document(), watch.document());
            for place in WatchPlace::ALL {
                checks::reads_back(&watch.cost(*place));
            }
            Some(watch)
        }
        Err(error) => {
            checks::error(&error, &text);
            None
        }
    }
}

fn amount(input: &mut Unstructured<'_>) -> Result<Amount> {
    let units = match input.int_in_range(0..=7u8)? {
        0 => input.arbitrary()?,
        1 => *input.choose(&[i64::MIN, i64::MAX, -1])?,
        2..=4 => 0,
        _ => i64::from(input.arbitrary::<u16>()?),
    };
    let digits = if wild::rarely(input, 16)? { input.arbitrary()? } else { 2 };
    Ok(Amount { units, digits })
}

/// Mostly of a few hours, now and then of a year or anywhere.
fn instant(input: &mut Unstructured<'_>) -> Result<Timestamp> {
    let second = match input.int_in_range(0..=15u8)? {
        0 => input.arbitrary()?,
        1 => 1_772_409_600 + i64::from(input.arbitrary::<i32>()?),
        2..=4 => 1_772_409_600 + 300 * i64::from(input.arbitrary::<u16>()?),
        _ => 1_772_409_600 + i64::from(input.arbitrary::<u16>()?),
    };
    let end = if second < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Ok(Timestamp::from_second(second).unwrap_or(end))
}

fn word(input: &mut Unstructured<'_>) -> Result<Option<String>> {
    Ok(match input.int_in_range(0..=15u8)? {
        0 => None,
        1 => Some(String::new()),
        2 => Some(input.arbitrary::<u16>()?.to_string()),
        3 => Some(input.arbitrary::<&str>()?.chars().take(9).collect()),
        4..=6 => Some("b".to_owned()),
        7 => Some("c".to_owned()),
        _ => Some("a".to_owned()),
    })
}

fn some<T: Clone>(input: &mut Unstructured<'_>, of: &[T]) -> Result<Vec<T>> {
    let many = if wild::rarely(input, 3)? { input.int_in_range(1..=3usize)? } else { 0 };
    (0..many).map(|_| Ok(input.choose(of)?.clone())).collect()
}

fn counted(input: &mut Unstructured<'_>) -> Result<Counted> {
    Ok(Counted {
        bucket_seconds: *input.choose(&[0, 1, 60, 3_600, u32::MAX])?,
        buckets: *input.choose(&[0, 1, 4, u32::MAX])?,
        counter: word(input)?.unwrap_or_default(),
        member: word(input)?,
        of: *input.choose(WatchSubject::ALL)?,
        value: amount(input)?.units,
    })
}

/// Anything that may happen, and much that cannot.
fn event(input: &mut Unstructured<'_>) -> Result<WatchEvent> {
    let kind = if input.arbitrary()? { WatchKind::Sale } else { *input.choose(WatchKind::ALL)? };
    let reasons = [ReasonCode::CodeUnknown, ReasonCode::CouponUsed, ReasonCode::RefundDebt];
    let codes = ["", ":", "AB:1", "AB:2", "CD:1"].map(str::to_owned);
    Ok(WatchEvent {
        amount: amount(input)?,
        at: instant(input)?,
        balance: wild::maybe(input, 2, amount)?,
        card: word(input)?,
        cashier: word(input)?,
        confirmed: *input.choose(Challenge::ALL)?,
        counted: if wild::rarely(input, 8)? { vec![counted(input)?] } else { Vec::new() },
        device: word(input)?,
        earned: amount(input)?,
        from: word(input)?,
        gifts: if wild::rarely(input, 8)? { input.arbitrary()? } else { 0 },
        kind,
        local_minute: wild::maybe(input, 2, |input| input.arbitrary())?,
        marks: some(input, WatchMark::ALL)?,
        number: word(input)?,
        offline_minutes: wild::maybe(input, 4, |input| input.arbitrary())?,
        outcome: wild::maybe(input, 2, |i| Ok(*i.choose(PresentOutcome::ALL)?))?,
        reasons: some(input, &reasons)?,
        receipt: word(input)?,
        receipt_at: wild::maybe(input, 4, instant)?,
        shift: word(input)?,
        spent: amount(input)?,
        stamps: amount(input)?,
        store: word(input)?,
        strength: wild::maybe(input, 2, |i| Ok(*i.choose(Presented::ALL)?))?,
        till: word(input)?,
        wrong_codes: some(input, &codes)?,
    })
}

/// One policy and what happens under it, and what must hold.
pub fn run(input: &mut Unstructured<'_>) -> Result<()> {
    let watch = any_watch(input)?;
    let mut events = Vec::new();
    let many = input.int_in_range(1..=60u8)?;
    for _ in 0..many {
        if input.is_empty() {
            break;
        }
        events.push(event(input)?);
    }
    let turn = input.arbitrary()?;
    happen(&watch, events, turn);
    Ok(())
}

/// Judges each event by what those before it come to, and folds it as a record would be.
fn happen(watch: &Watch, events: Vec<WatchEvent>, turn: u64) {
    let mut state = WatchState::default();
    let mut seen = Vec::new();
    for (number, event) in events.into_iter().enumerate() {
        let place = WatchPlace::ALL[number % WatchPlace::ALL.len()];
        let (event, verdict) = watch.judge(&state, place, event);
        judged(watch, &state, place, &event, &verdict);
        let counted = Watched { event, verdict: Some(verdict) }.counted();
        state.fold(&counted);
        seen.push(counted);
    }
    orders(&state, &seen, turn);
}

/// What holds of a verdict.
fn judged(
    watch: &Watch,
    state: &WatchState,
    place: WatchPlace,
    event: &WatchEvent,
    verdict: &Verdict,
) {
    // What a record keeps is judged as it was.
    let (again, same) = watch.judge(state, place, event.clone());
    assert_eq!(&again, event);
    assert_eq!(&same, verdict);
    let steps_up = verdict.spending == WatchAction::StepUp;
    assert_eq!(verdict.challenge != Challenge::None, steps_up, "{verdict:?}");
    assert!(steps_up || !verdict.met, "{verdict:?}");
    assert!(verdict.held_until.is_none() || verdict.earning == WatchAction::Hold);
    assert_eq!(verdict.shown.len(), verdict.fired.len().min(3), "{verdict:?}");
    assert!(Node::parse(&canonical(verdict), usize::MAX).is_ok());
}

/// In whatever order events come, and in however many parts, they add up to the same.
fn orders(state: &WatchState, events: &[WatchEvent], mut turn: u64) {
    let mut shuffled: Vec<&WatchEvent> = events.iter().collect();
    let mut parts = [WatchState::default(), WatchState::default()];
    for place in (1..shuffled.len()).rev() {
        // Knuth's multiplier for 64 bits; only that orders differ matters.
        turn = turn.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        shuffled.swap(place, (turn >> 33) as usize % (place + 1));
    }
    let mut other = WatchState::default();
    for (number, event) in shuffled.into_iter().enumerate() {
        other.fold(event);
        parts[(turn >> (number % 64)) as usize % 2].fold(event);
    }
    assert_eq!(&other, state, "the order of events says something");
    let [mut one, two] = parts;
    one.merge(&two);
    assert_eq!(&one, state, "parts of the events add up to something else");
    for of in WatchSubject::ALL {
        let (subjects, bytes) = state.bytes(*of);
        assert!(bytes >= subjects, "{of:?}");
    }
}

/// A text: the first line is a policy, the others are events.
pub fn run_text(text: &str) {
    let mut lines = text.lines();
    let watch = compiled(lines.next().unwrap_or_default());
    let events = lines.take(40).filter_map(|line| {
        let node = Node::parse(line, 1 << 20).ok()?;
        from_node::<WatchEvent>(&node).map_err(|error| checks::error(&error, &line)).ok()
    });
    let events: Vec<WatchEvent> = events.collect();
    happen(&watch.unwrap_or_else(|| COMPILED[1].clone()), events, text.len() as u64);
}
