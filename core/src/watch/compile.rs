//! From a policy as written to one that is evaluated, with every mistake.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::catalogue::{Entry, Thresholds, entries, entry};
use super::check::{About, Act, Check, Compare, Level, On, OwnTest, Test};
use super::counter::Counter;
use super::document::{
    CheckEntry, CheckMode, CounterDocument, CounterMeasure, CounterTest, ReadingTest, WatchAction,
    WatchCondition, WatchDocument, WatchPlace, WatchStore,
};
use super::event::{WatchMark, WatchSubject};
use super::place::{Place, Places, WEEK};
use super::reading::Reading;
use super::state::{Cell, OWN_MEMBERS, RECENT_MAX, Rare, Recent};
use crate::amount::AMOUNT_MAX;
use crate::desk::LocalHours;
use crate::document::{Codes, Collector};
use crate::error::{ErrorCode, Mistake};
use crate::program::Weekday;

/// The most checks that a policy may have, and the most own counters.
const CHECKS_MAX: usize = 500;
const COUNTERS_MAX: usize = 50;
/// The deepest that a condition may be nested, and the most parts that it may have.
const DEPTH_MAX: usize = 32;
const PARTS_MAX: usize = 256;
/// The most buckets that an own counter may keep.
const BUCKETS_MAX: u32 = 400;

const CODES: Codes = Codes {
    duplicate: ErrorCode::WatchDuplicate,
    reference: ErrorCode::WatchReference,
    contradiction: ErrorCode::WatchContradiction,
    document: "policy",
};

/// A policy as it is evaluated.
#[derive(Debug)]
pub(crate) struct Rules {
    pub document: WatchDocument,
    pub version: String,
    pub checks: Vec<Check>,
    pub places: Places,
    pub counters: Vec<OwnRules>,
    pub marks: MarkRules,
    /// How grave an action is: the place in the policy's order.
    pub gravity: Vec<WatchAction>,
}

/// An own counter with the events that it counts.
#[derive(Debug)]
pub(crate) struct OwnRules {
    pub document: CounterDocument,
    pub when: Option<Test>,
}

/// What the thresholds of checks make true of an event.
#[derive(Clone, Debug, Default)]
pub(crate) struct MarkRules {
    /// In hundredths.
    pub late_hours: i64,
    pub near_limit: Option<(i64, i64)>,
    pub near_step: Option<(i64, i64)>,
    /// In hundredths.
    pub dormant_days: i64,
}

pub(super) fn compile(document: WatchDocument, version: String) -> (Rules, Vec<Mistake>) {
    let mut collector = Collector::new(CODES);
    let check = &mut collector;
    check.id(&document.id, "/id");
    let gravity = gravity(check, &document);
    at_most(check, CHECKS_MAX, document.checks.len(), "/checks");
    at_most(check, COUNTERS_MAX, document.counters.len(), "/counters");
    check.unique(document.counters.iter().map(|one| &one.id), "/counters");
    check.unique(document.stores.iter().map(|one| &one.id), "/stores");
    let average = hundredths(check, document.average_redemption, "/average_redemption");
    if !(1..=365).contains(&document.hold_days) {
        let message = "points wait from 1 to 365 days";
        check.mistake(ErrorCode::DocumentRange, "/hold_days", message);
    }
    if average.is_some_and(|average| average <= 0) {
        let message = "the average redemption must be above zero";
        check.mistake(ErrorCode::WatchThreshold, "/average_redemption", message);
    }
    let places = stores(check, &document.stores);
    let counters: Vec<OwnRules> =
        document.counters.iter().enumerate().map(|(i, one)| counter(check, one, i)).collect();
    let mut checks = Vec::new();
    let mut given = BTreeMap::new();
    for (index, one) in document.checks.iter().enumerate().take(CHECKS_MAX) {
        let path = format!("/checks/{index}");
        if document.checks.iter().take(index).any(|earlier| earlier.check == one.check) {
            let message = format!("the check `{}` stands here twice", one.check);
            check.mistake(ErrorCode::WatchDuplicate, &format!("{path}/check"), message);
        }
        checks.extend(match &one.when {
            Some(when) => own_check(check, one, when, &document, &path),
            None => catalogued(check, one, average.unwrap_or(1), &mut given, &path),
        });
    }
    let marks = marks(&given);
    let Collector { mistakes, .. } = collector;
    (Rules { document, version, checks, places, counters, marks, gravity }, mistakes)
}

fn at_most(check: &mut Collector, most: usize, length: usize, path: &str) {
    if length > most {
        let message = format!("the list has {length} items, more than {most}");
        check.mistake(ErrorCode::DocumentListTooLong, path, message);
    }
}

/// A decimal in hundredths; finer ones are refused.
fn hundredths(check: &mut Collector, value: Decimal, path: &str) -> Option<i64> {
    let units = value.checked_mul(Decimal::ONE_HUNDRED).map(|units| units.normalize());
    let Some(units) = units.filter(|units| units.abs() <= Decimal::from(AMOUNT_MAX)) else {
        let message = "the value is too large";
        check.mistake(ErrorCode::AmountRange, path, message);
        return None;
    };
    if units.scale() > 0 {
        check.mistake(ErrorCode::AmountDigits, path, "give at most two decimals");
    }
    units.to_i64().filter(|_| units.scale() == 0)
}

/// The actions from the mildest to the gravest, each once.
fn gravity(check: &mut Collector, document: &WatchDocument) -> Vec<WatchAction> {
    let given = &document.actions;
    let whole = WatchAction::ALL.iter().all(|action| given.contains(action));
    if !whole || given.len() != WatchAction::ALL.len() || given.first() != Some(&WatchAction::Allow)
    {
        let message = "name each of the five actions once, beginning with `allow`";
        check.contradiction("/actions", message);
    }
    let score = &document.score;
    let steps = [score.review, score.hold, score.step_up, score.deny];
    let known: Vec<u32> = steps.into_iter().flatten().collect();
    if !known.is_sorted() || known.first() == Some(&0) {
        let message =
            "the thresholds must be above zero and rise from review to hold, step up, deny";
        check.mistake(ErrorCode::WatchThreshold, "/score", message);
    }
    given.clone()
}

fn stores(check: &mut Collector, stores: &[WatchStore]) -> Places {
    let mut compiled = Vec::new();
    for (index, store) in stores.iter().enumerate() {
        let path = format!("/stores/{index}");
        let latitude = degrees(check, store.latitude, 90, &format!("{path}/latitude"));
        let longitude = degrees(check, store.longitude, 180, &format!("{path}/longitude"));
        if store.latitude.is_some() != store.longitude.is_some() {
            check.contradiction(&path, "give both latitude and longitude, or neither");
        }
        let mut open = Vec::new();
        for (place, hours) in store.hours.iter().enumerate() {
            open.extend(week_minutes(check, hours, &format!("{path}/hours/{place}")));
        }
        open.retain(|(from, until)| from != until);
        let open = Some(open).filter(|_| !store.hours.is_empty());
        let place = Place { city: store.city.clone(), at: latitude.zip(longitude), open };
        compiled.push((store.id.clone(), place));
    }
    Places::new(compiled)
}

/// Degrees in millionths.
fn degrees(check: &mut Collector, value: Option<Decimal>, most: i64, path: &str) -> Option<i64> {
    let value = value?;
    let units = value.checked_mul(Decimal::new(1_000_000, 0)).map(|units| units.normalize());
    let units = units.filter(|units| units.scale() == 0).and_then(|units| units.to_i64());
    let units = units.filter(|units| units.unsigned_abs() <= most.unsigned_abs() * 1_000_000);
    if units.is_none() {
        let message = format!("give degrees from -{most} to {most} with at most six decimals");
        check.mistake(ErrorCode::DocumentRange, path, message);
    }
    units
}

/// Opening hours in minutes of the week.
fn week_minutes(check: &mut Collector, hours: &LocalHours, path: &str) -> Vec<(u32, u32)> {
    let from = u32::from(check.time_of_day(&hours.from, &format!("{path}/from")));
    let to = match hours.to.as_str() {
        "24:00" => 1_440,
        text => u32::from(check.time_of_day(text, &format!("{path}/to"))),
    };
    let to = if to < from { to + 1_440 } else { to };
    let day = |day: &Weekday| {
        let place = Weekday::ALL.iter().position(|one| one == day).unwrap_or(0);
        let start = u32::try_from(place).unwrap_or(0) * 1_440;
        (start + from, (start + to).min(2 * WEEK))
    };
    hours.days.iter().map(day).collect()
}

fn counter(check: &mut Collector, document: &CounterDocument, index: usize) -> OwnRules {
    let path = format!("/counters/{index}");
    if document.bucket_seconds < 60 || document.bucket_seconds > 31 * 86_400 {
        let message = "a bucket holds from 60 seconds to 31 days";
        check.mistake(ErrorCode::DocumentRange, &format!("{path}/bucket_seconds"), message);
    }
    if !(1..=BUCKETS_MAX).contains(&document.buckets) {
        let message = format!("keep from 1 to {BUCKETS_MAX} buckets");
        check.mistake(ErrorCode::DocumentRange, &format!("{path}/buckets"), message);
    }
    if matches!(document.of, WatchSubject::Number | WatchSubject::Receipt) {
        let message = "count of a card, a cashier, a till, a store, a device or the programme";
        check.contradiction(&format!("{path}/of"), message);
    }
    let mut size = Size::default();
    let when = document.when.as_ref();
    let when = when.map(|when| condition(check, when, None, &mut size, &format!("{path}/when")));
    OwnRules { document: document.clone(), when }
}

/// A check of the catalogue with the thresholds of the policy.
fn catalogued(
    check: &mut Collector,
    one: &CheckEntry,
    average: i64,
    all: &mut BTreeMap<&'static str, BTreeMap<&'static str, i64>>,
    path: &str,
) -> Option<Check> {
    let known: Vec<&str> = entries().map(|entry| entry.id).collect();
    check.reference(&one.check, &known, "check", &format!("{path}/check"))?;
    let found = entry(&one.check)?;
    let given = thresholds(check, found, one, path);
    let levels = (found.levels)(&Thresholds { entry: found, given: &given, average });
    all.insert(found.id, given);
    if one.mode == CheckMode::Off {
        return None;
    }
    if levels.iter().any(|level| level.when == Test::Any(Vec::new())) || lacks_limit(found, one) {
        let names: Vec<&str> = found
            .parameters
            .iter()
            .filter(|one| one.default.is_none())
            .map(|one| one.name)
            .collect();
        let message = format!("this check cannot fire without `{}`", names.join("` or `"));
        check.mistake(ErrorCode::WatchThreshold, &format!("{path}/parameters"), message);
    }
    let before = check.mistakes.len();
    for level in &levels {
        refuse_unreachable(check, &level.when, &format!("{path}/parameters"));
    }
    // Several levels may hang on one threshold.
    let mut told = check.mistakes.split_off(before);
    told.dedup();
    check.mistakes.extend(told);
    let places = match one.places.is_empty() {
        true => found.places.to_vec(),
        false => one.places.clone(),
    };
    let levels = levels.into_iter().map(|level| overridden(level, one)).collect();
    Some(Check {
        id: one.check.clone(),
        levels,
        mode: one.mode,
        places,
        challenge: one.challenge.unwrap_or(found.challenge),
        freezes: found.freezes.filter(|_| one.freezes.unwrap_or(true)),
    })
}

/// A check whose only way to fire is a limit that the catalogue cannot know.
fn lacks_limit(found: &Entry, one: &CheckEntry) -> bool {
    found.id == "F06" && !one.parameters.0.contains_key("limit")
}

fn thresholds(
    check: &mut Collector,
    found: &Entry,
    one: &CheckEntry,
    path: &str,
) -> BTreeMap<&'static str, i64> {
    let names: Vec<&str> = found.parameters.iter().map(|one| one.name).collect();
    let mut given = BTreeMap::new();
    for (name, value) in &one.parameters.0 {
        let place = format!("{path}/parameters/{name}");
        let known = check.reference(name, &names, "parameter", &place);
        let Some(units) = hundredths(check, *value, &place) else { continue };
        if units < 0 {
            check.mistake(ErrorCode::WatchThreshold, &place, "a threshold is not negative");
        }
        if let Some(parameter) = known.and_then(|known| found.parameters.get(known)) {
            given.insert(parameter.name, units);
        }
    }
    given
}

/// What follows from a level as the policy says.
fn overridden(level: Level, one: &CheckEntry) -> Level {
    let act = match (one.points, one.action, one.earning) {
        (Some(points), ..) => {
            let about = match level.act {
                Act::Soft(about, _) => about,
                Act::Hard(WatchAction::Allow, _) => About::Earning,
                Act::Hard(_, WatchAction::Allow) => About::Spending,
                Act::Hard(..) => About::Both,
            };
            Act::Soft(about, points)
        }
        (None, None, None) => level.act,
        (None, spending, earning) => {
            let (own_spending, own_earning) = match level.act {
                Act::Hard(spending, earning) => (spending, earning),
                Act::Soft(..) => (WatchAction::Allow, WatchAction::Allow),
            };
            Act::Hard(spending.unwrap_or(own_spending), earning.unwrap_or(own_earning))
        }
    };
    Level { act, ..level }
}

/// An own check.
fn own_check(
    check: &mut Collector,
    one: &CheckEntry,
    when: &WatchCondition,
    document: &WatchDocument,
    path: &str,
) -> Option<Check> {
    check.id(&one.check, &format!("{path}/check"));
    if entry(&one.check).is_some() {
        let message = format!("`{}` is a check of the catalogue; leave `when` out", one.check);
        check.contradiction(&format!("{path}/when"), message);
    }
    if !one.parameters.0.is_empty() {
        let message = "an own check has its thresholds in `when`";
        check.contradiction(&format!("{path}/parameters"), message);
    }
    if one.points.is_some() == (one.action.is_some() || one.earning.is_some()) {
        let message = "give either `points`, or `action` and `earning`";
        check.contradiction(path, message);
    }
    let counters = Some(document.counters.as_slice());
    let mut size = Size::default();
    let when = condition(check, when, counters, &mut size, &format!("{path}/when"));
    refuse_unreachable(check, &when, &format!("{path}/when"));
    let act = match one.points {
        Some(points) => Act::Soft(About::Both, points),
        None => {
            let or_allow = |action: Option<WatchAction>| action.unwrap_or(WatchAction::Allow);
            Act::Hard(or_allow(one.action), or_allow(one.earning))
        }
    };
    let places = match one.places.is_empty() {
        true => WatchPlace::ALL.to_vec(),
        false => one.places.clone(),
    };
    (one.mode != CheckMode::Off).then(|| Check {
        id: one.check.clone(),
        levels: vec![Level { on: On::Everything, when, act }],
        mode: one.mode,
        places,
        challenge: one.challenge.unwrap_or(crate::order::Challenge::Manager),
        freezes: None,
    })
}

#[derive(Default)]
struct Size {
    depth: usize,
    parts: usize,
    refused: bool,
}

/// Compiles a condition; without counters it may ask the event alone.
fn condition(
    check: &mut Collector,
    one: &WatchCondition,
    counters: Option<&[CounterDocument]>,
    size: &mut Size,
    path: &str,
) -> Test {
    let path = format!("{path}/{}", one.name());
    size.depth += 1;
    size.parts += 1;
    if size.depth > DEPTH_MAX || size.parts > PARTS_MAX {
        if !size.refused {
            size.refused = true;
            let message = format!(
                "the condition is nested deeper than {DEPTH_MAX} or has more than {PARTS_MAX} parts"
            );
            check.mistake(ErrorCode::WatchTooLarge, &path, message);
        }
        size.depth -= 1;
        return Test::Any(Vec::new());
    }
    let mut parts = |check: &mut Collector, list: &[WatchCondition]| -> Vec<Test> {
        if list.is_empty() {
            check.contradiction(&path, "name at least one part");
        }
        let part = |(i, one)| condition(check, one, counters, size, &format!("{path}/{i}"));
        list.iter().enumerate().map(part).collect()
    };
    let test = match one {
        WatchCondition::All(list) => Test::All(parts(check, list)),
        WatchCondition::Any(list) => Test::Any(parts(check, list)),
        WatchCondition::Not(one) => {
            Test::Not(Box::new(condition(check, one, counters, size, &path)))
        }
        WatchCondition::Counter(test) => counter_test(check, test, counters, &path),
        WatchCondition::Reading(test) => reading_test(check, test, counters, &path),
        WatchCondition::Kind(list) => Test::Kind(list.clone()),
        WatchCondition::Mark(list) => Test::Mark(list.clone()),
        WatchCondition::Outcome(list) => Test::Outcome(list.clone()),
        WatchCondition::Reason(list) => Test::Reason(list.clone()),
        WatchCondition::Strength(list) => Test::Strength(list.clone()),
    };
    let empty = match &test {
        Test::Kind(list) => list.is_empty(),
        Test::Mark(list) => list.is_empty(),
        Test::Outcome(list) => list.is_empty(),
        Test::Reason(list) => list.is_empty(),
        Test::Strength(list) => list.is_empty(),
        _ => false,
    };
    if empty {
        check.contradiction(&path, "name at least one word");
    }
    size.depth -= 1;
    test
}

fn counter_test(
    check: &mut Collector,
    test: &CounterTest,
    counters: Option<&[CounterDocument]>,
    path: &str,
) -> Test {
    let Some(counters) = counters else {
        check.contradiction(path, "what a counter counts is told by the event alone");
        return Test::Any(Vec::new());
    };
    let names: Vec<&str> = counters.iter().map(|one| one.id.as_str()).collect();
    let found = check.reference(&test.counter, &names, "counter", &format!("{path}/counter"));
    let Some(known) = found.and_then(|place| counters.get(place)) else {
        return Test::Any(Vec::new());
    };
    let kept = u64::from(known.bucket_seconds) * u64::from(known.buckets);
    let seconds = test.minutes.map_or(kept, |minutes| u64::from(minutes) * 60);
    if seconds > kept || seconds == 0 {
        let message = format!(
            "the counter `{}` keeps {} minutes, and at least one is asked",
            known.id,
            kept / 60
        );
        check.mistake(ErrorCode::WatchWindow, &format!("{path}/minutes"), message);
    }
    let window = seconds.div_ceil(u64::from(known.bucket_seconds.max(1)));
    let different = matches!(
        known.counts,
        CounterMeasure::Cards
            | CounterMeasure::Cashiers
            | CounterMeasure::Tills
            | CounterMeasure::Stores
    );
    let own = OwnTest {
        counter: known.id.clone(),
        of: known.of,
        bucket_seconds: known.bucket_seconds,
        buckets: known.buckets,
        window: u32::try_from(window).unwrap_or(1),
        different,
        counts: different || known.counts == CounterMeasure::Events,
    };
    let most = window * OWN_MEMBERS as u64 * 100;
    let bounds = [test.over, test.at_least, test.under];
    bounded(check, bounds, path, |check, compare| {
        let beyond = i64::try_from(most).is_ok_and(|most| !compare.holds(most));
        if different && beyond && !matches!(compare, Compare::Under(_)) {
            let message =
                format!("the counter cannot tell more than {} different ones", most / 100);
            check.mistake(ErrorCode::WatchThreshold, path, message);
        }
        Test::Own(own.clone(), compare)
    })
}

fn reading_test(
    check: &mut Collector,
    test: &ReadingTest,
    counters: Option<&[CounterDocument]>,
    path: &str,
) -> Test {
    if counters.is_none() {
        check.contradiction(path, "what a counter counts is told by the event alone");
        return Test::Any(Vec::new());
    }
    let names: Vec<&str> = Reading::ALL.iter().map(|one| one.as_str()).collect();
    let found = check.reference(&test.reading, &names, "reading", &format!("{path}/reading"));
    let Some(reading) = found.and_then(|place| Reading::ALL.get(place)) else {
        return Test::Any(Vec::new());
    };
    bounded(check, [test.over, test.at_least, test.under], path, |_, compare| {
        Test::Reading(*reading, compare)
    })
}

/// The bounds of a test: one or two of `over`, `at_least` and `under`.
fn bounded(
    check: &mut Collector,
    bounds: [Option<Decimal>; 3],
    path: &str,
    mut make: impl FnMut(&mut Collector, Compare) -> Test,
) -> Test {
    let [over, at_least, under] = bounds;
    let mut value = |given: Option<Decimal>, name: &str| {
        given.and_then(|given| hundredths(check, given, &format!("{path}/{name}")))
    };
    let none = bounds == [None; 3];
    let (over, at_least, under) =
        (value(over, "over"), value(at_least, "at_least"), value(under, "under"));
    if over.is_some() && at_least.is_some() || none {
        check
            .contradiction(path, "give `over` or `at_least`, `under`, or one of them with `under`");
    }
    let least = over.map(|over| over + 1).or(at_least);
    if least.zip(under).is_some_and(|(least, under)| least >= under) {
        let message = "no value is both above the lower bound and under the upper one";
        check.mistake(ErrorCode::WatchThreshold, path, message);
    }
    let compares =
        [over.map(Compare::Over), at_least.map(Compare::AtLeast), under.map(Compare::Under)];
    let mut tests: Vec<Test> =
        compares.into_iter().flatten().map(|compare| make(check, compare)).collect();
    if tests.len() == 1 { tests.remove(0) } else { Test::All(tests) }
}

/// Refuses thresholds that no value can reach.
fn refuse_unreachable(check: &mut Collector, test: &Test, path: &str) {
    match test {
        Test::All(parts) | Test::Any(parts) => {
            parts.iter().for_each(|part| refuse_unreachable(check, part, path));
        }
        Test::Not(part) => refuse_unreachable(check, part, path),
        Test::Reading(reading, compare) => {
            let never = match compare {
                Compare::Under(bound) => *bound <= 0,
                _ => reading.maximum().is_some_and(|most| !compare.holds(most)),
            };
            if never {
                let name = reading.as_str();
                let message = match reading.maximum() {
                    Some(most) if !matches!(compare, Compare::Under(_)) => {
                        format!("this cannot fire: `{name}` reads at most {}", most / 100)
                    }
                    _ => format!("this cannot fire: `{name}` is never under zero"),
                };
                check.mistake(ErrorCode::WatchThreshold, path, message);
            }
        }
        _ => {}
    }
}

/// What the thresholds of F05, F06, F10 and F51 make true of events.
fn marks(given: &BTreeMap<&'static str, BTreeMap<&'static str, i64>>) -> MarkRules {
    let empty = BTreeMap::new();
    let threshold = |id: &str, name: &str| {
        let found = entry(id)?;
        let given = given.get(id).unwrap_or(&empty);
        Thresholds { entry: found, given, average: 0 }.optional(name)
    };
    let share = |limit: i64, percent: i64| (limit.saturating_mul(percent) + 99) / 100;
    MarkRules {
        late_hours: threshold("F10", "hours").unwrap_or(0),
        near_limit: threshold("F06", "limit").map(|limit| (share(limit, 95), limit)),
        near_step: threshold("F05", "step").map(|step| (share(step, 80), step)),
        dormant_days: threshold("F51", "days").unwrap_or(i64::MAX),
    }
}

impl Rules {
    /// How many readings are taken at most for one event at one place.
    pub fn leaves(&self, place: WatchPlace) -> usize {
        let here = self.checks.iter().filter(|check| check.places.contains(&place));
        here.flat_map(|check| &check.levels).map(|level| level.when.leaves()).sum()
    }

    /// The most bytes that the state of one subject can take.
    pub fn bytes(&self, of: WatchSubject) -> usize {
        let cells = |counter: &Counter| {
            let spec = counter.spec();
            // Beside its members a bucket keeps what the others came to.
            let members = if spec.members > 0 { spec.members + 1 } else { 1 };
            if spec.of == of { spec.buckets as usize * members * size_of::<Cell>() } else { 0 }
        };
        // As many that spend as others.
        let recent =
            if of == WatchSubject::Card { 2 * RECENT_MAX * size_of::<Recent>() } else { 0 };
        let own = self.counters.iter().filter(|own| own.document.of == of).map(|own| {
            let different = own.document.counts as u8 >= CounterMeasure::Cards as u8;
            let members = if different { OWN_MEMBERS } else { 1 };
            64 + own.document.id.len() + own.document.buckets as usize * members * 16
        });
        size_of::<super::state::SubjectState>()
            + size_of::<Rare>()
            + Counter::ALL.iter().map(cells).sum::<usize>()
            + recent
            + own.sum::<usize>()
    }
}

/// Marks that decide how an event is counted are found when it is seen, and nobody may give them.
pub(super) const FOUND_MARKS: &[WatchMark] =
    &[WatchMark::Dormant, WatchMark::LateClaim, WatchMark::NearLimit, WatchMark::NearStep];
