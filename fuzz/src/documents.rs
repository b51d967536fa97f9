//! Programmes: sound ones, and changed ones.

use std::sync::LazyLock;

use arbitrary::{Result, Unstructured};
use kopilka::Program;
use serde_json::{Map, Value};

use crate::wild;

/// Three that have a bit of everything, whose policies differ, the shipped programmes, and two
/// with all six kinds of card.
pub const PROGRAMS: &[&str] = &[
    include_str!("rich.json"),
    include_str!("wide.json"),
    include_str!("best.json"),
    include_str!("../../presets/restaurant.json"),
    include_str!("../../presets/six-stores.json"),
    include_str!("../../presets/coffee-house.json"),
    include_str!("../../presets/online-retail.json"),
    include_str!("full.json"),
    include_str!("strict.json"),
];

/// Programmes as they stand, compiled once.
static COMPILED: LazyLock<Vec<Program>> = LazyLock::new(|| {
    let compile = |text: &&str| Program::compile(text).expect("the programme is sound");
    PROGRAMS.iter().map(compile).collect()
});

/// The programme that has a bit of everything.
pub fn rich() -> Program {
    COMPILED[0].clone()
}

/// A sound programme, or now and then a changed one that still compiles.
pub fn any_program(input: &mut Unstructured<'_>) -> Result<Program> {
    let choice = usize::from(input.arbitrary::<u8>()?);
    if choice >= 192
        && let Ok(program) = Program::compile(&mutated_program(input)?)
    {
        return Ok(program);
    }
    // Those with all six kinds as often as the others together.
    let place = if choice % 2 == 0 { PROGRAMS.len() - 1 - choice / 2 % 2 } else { choice / 2 };
    Ok(COMPILED[place % PROGRAMS.len()].clone())
}

/// A shipped programme in which some values were replaced, added or left out.
pub fn mutated_program(input: &mut Unstructured<'_>) -> Result<String> {
    mutated(input, PROGRAMS)
}

/// One of some documents in which some values were replaced, added or left out; the first one gives
/// away parts.
pub fn mutated(input: &mut Unstructured<'_>, documents: &[&str]) -> Result<String> {
    let text = wild::pick(input, documents)?;
    let mut value: Value = serde_json::from_str(text).expect("it is JSON");
    let donor: Value = serde_json::from_str(documents[0]).expect("it is JSON");
    for _ in 0..input.int_in_range(1..=6u8)? {
        change(input, &mut value, &donor, 0)?;
    }
    Ok(value.to_string())
}

/// Walks down a random path and changes what is there.
fn change(input: &mut Unstructured<'_>, value: &mut Value, donor: &Value, depth: u8) -> Result<()> {
    let stop = depth > 0 && input.int_in_range(0..=5u8)? == 0;
    match value {
        Value::Object(map) if !map.is_empty() && !stop => {
            let place = input.choose_index(map.len())?;
            let (key, inner) = map.iter_mut().nth(place).expect("a key");
            let key = key.clone();
            match input.int_in_range(0..=11u8)? {
                0 => drop(map.remove(&key)),
                1 => {
                    let (key, value) = any_entry(input, donor)?;
                    map.insert(key, value);
                }
                _ => {
                    let donor = donor.get(&key).unwrap_or(donor);
                    change(input, inner, donor, depth + 1)?;
                }
            }
        }
        Value::Array(items) if !items.is_empty() && !stop => {
            let place = input.choose_index(items.len())?;
            let donor = donor.get(place % items.len()).unwrap_or(donor);
            match input.int_in_range(0..=9u8)? {
                0 => drop(items.remove(place)),
                1 => items.push(items[place].clone()),
                2 => items.push(some_part(input, donor)?),
                _ => change(input, &mut items[place], donor, depth + 1)?,
            }
        }
        other => *other = replacement(input, donor, other)?,
    }
    Ok(())
}

fn replacement(input: &mut Unstructured<'_>, donor: &Value, before: &Value) -> Result<Value> {
    let words = [
        "host",
        "card",
        "points",
        "earning",
        "goods",
        "child",
        "delivery",
        "tip",
        "adjustment",
        "bonus",
        "star",
        "base",
        "gold",
        "floor",
        "ceil",
        "half_up",
        "half_even",
        "sum",
        "best",
        "first",
        "last",
        "largest",
        "largest_remainder",
        "by_value",
        "by_quantity",
        "equally",
        "moves_on",
        "lost",
        "per_line",
        "of_sum",
        "initial",
        "running",
        "receipt",
        "eligible_lines",
        "whole",
        "proportional",
        "discount",
        "counter_provision",
        "debt",
        "balance",
        "pending",
        "renewed",
        "claw_back",
        "no_points",
        "RUB",
        "JPY",
        "KWD",
        "USD",
        "Europe/Moscow",
        "America/New_York",
        "Pacific/Apia",
        "Asia/Kolkata",
        "luhn",
        "damm",
        "gs1",
        "none",
        "2026-01-01",
        "9999-12-31",
        "0001-01-01",
        "2024-02-30",
        "promotion",
        "reward",
        "once",
        "again",
        "all_or_nothing",
        "each",
        "touched",
        "untouched",
        "opened",
        "paid",
        "first_by_document",
        "first_by_request",
        "newest",
        "product",
        "trim",
        "reject",
        "refuse",
        "excluded",
        "only",
        "earn",
        "programme",
        "guest",
        "store",
        "till",
        "code",
        "ever",
        "day",
        "week",
        "month",
        "quarter",
        "year",
        "keep",
        "restart",
        "spend",
        "visits",
        "earned",
        "before",
        "including",
        "at_once",
        "at_period_end",
        "full",
        "one",
        "net",
        "gross",
        "price",
        "cheapest",
        "dearest",
        "as_listed",
        "cheapest_of_all",
        "cheapest_of_each",
        "free_units",
        "all_units",
        "added",
        "found",
        "either",
        "selection",
        "line",
        "unit",
        "amount",
        "quantity",
        "kept",
        "discounted",
        "given_back",
        "uncounted",
        "counts",
        "next_order",
        "visit",
        "next",
        "later",
        "own",
        "welcome",
        "redemption",
        "stamp",
        "activation",
        "auto_redemption",
        "tiers",
        "expiry",
        "spared",
        "monday",
        "sunday",
        "static",
        "pin",
        "00:00",
        "23:59",
        "2026-02-28",
        "X",
        "ALONE",
        "tea",
        "s1",
        "promo",
        "gift",
        "stamp",
        "ticket",
        "at_issue",
        "later",
        "auto",
        "chosen",
        "manager",
        "online",
        "pro_rata",
        "gift_first",
        "cash_first",
        "list_price",
        "unused",
        "never",
        "taken_back",
        "stored_value",
        "service_charge",
        "7",
        "70",
        "90",
    ];
    Ok(match (before, input.int_in_range(0..=9u8)?) {
        (Value::String(_), 0..=3) => (*wild::pick(input, wild::NUMBERS)?).into(),
        (Value::String(_), 4..=6) => (*wild::pick(input, &words)?).into(),
        (Value::Number(_), 0..=6) => {
            let numbers = [0i64, 1, 2, 3, 6, 7, 9, 18, 64, 255, 256, 4_294_967_295, -1, (1 << 53)];
            if input.arbitrary()? {
                (*wild::pick(input, &numbers)?).into()
            } else {
                input.arbitrary::<u16>()?.into()
            }
        }
        (Value::Bool(before), 0..=6) => (!before).into(),
        (_, 7) => wild::word(input, &words)?.into(),
        (_, 8) => {
            let (key, value) = any_entry(input, donor)?;
            Value::Object(Map::from_iter([(key, value)]))
        }
        _ => some_part(input, donor)?,
    })
}

/// A key with its value, from somewhere in a document.
fn any_entry(input: &mut Unstructured<'_>, donor: &Value) -> Result<(String, Value)> {
    match some_part(input, donor)? {
        Value::Object(map) if !map.is_empty() => {
            let place = input.choose_index(map.len())?;
            Ok(map.into_iter().nth(place).expect("a key"))
        }
        other => {
            let keys = [
                "all",
                "any",
                "not",
                "percent",
                "days",
                "months",
                "hours",
                "when",
                "lines",
                "amount",
                "price",
                "then",
                "select",
                "per_unit",
                "per_visit",
                "multiply",
                "per_block",
                "flat",
                "event",
                "date",
                "end_of",
                "code",
                "coupon",
                "age",
                "birthday",
                "guest_attribute",
                "attribute",
                "schedule",
                "gift",
                "buy_get",
                "n_for_m",
                "bundle",
                "tiered",
                "cap",
            ];
            Ok(((*wild::pick(input, &keys)?).to_owned(), other))
        }
    }
}

/// A part of a document.
fn some_part(input: &mut Unstructured<'_>, donor: &Value) -> Result<Value> {
    let mut part = donor;
    while input.int_in_range(0..=3u8)? > 0 {
        part = match part {
            Value::Object(map) if !map.is_empty() => {
                map.values().nth(input.choose_index(map.len())?).expect("a value")
            }
            Value::Array(items) if !items.is_empty() => wild::pick(input, items)?,
            _ => break,
        };
    }
    Ok(part.clone())
}
