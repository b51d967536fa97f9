//! The catalogue as tables in Markdown, for the guide.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{
    About, Act, DENY, Entry, FAMILIES, HOLD, Level, On, Reading, STEP_UP, Test, Thresholds,
    WatchAction, WatchPlace,
};
use crate::amount::Amount;
use crate::order::Challenge;

/// The checks of the catalogue as one table for each family: thresholds, places, what follows.
#[must_use]
pub fn catalogue_table() -> String {
    let mut page = String::new();
    for (title, entries) in FAMILIES {
        line(&mut page, &format!("### {title}\n"));
        line(&mut page, "| check | looks for | thresholds | asks | where | what follows |");
        line(&mut page, "| --- | --- | --- | --- | --- | --- |");
        for entry in entries {
            let levels = levels(entry);
            let cells = [
                entry.id.to_owned(),
                entry.name.0.to_owned(),
                thresholds(entry),
                asks(&levels),
                place(entry).to_owned(),
                follows(entry, &levels),
            ];
            line(&mut page, &format!("| {} |", cells.join(" | ")));
        }
        page.push('\n');
    }
    page
}

/// Every reading with what it tells, as one table.
#[must_use]
pub fn readings_table() -> String {
    let mut page = "| reading | tells |\n| --- | --- |\n".to_owned();
    for reading in Reading::ALL {
        line(&mut page, &format!("| `{}` | {} |", reading.as_str(), reading.doc().trim()));
    }
    page
}

/// The levels with every threshold given, so that those are seen that are off otherwise.
fn levels(entry: &Entry) -> Vec<Level> {
    let given: BTreeMap<_, _> = entry.parameters.iter().map(|one| (one.name, 100)).collect();
    (entry.levels)(&Thresholds { entry, given: &given, average: 100 })
}

fn thresholds(entry: &Entry) -> String {
    let one = |one: &super::Parameter| {
        let units = one.default.map(|units| Amount { units, digits: 2 }.decimal().normalize());
        let default = units.map_or("none".to_owned(), |units| format!("`{units}`"));
        format!("`{}` {default}: {}", one.name, one.doc)
    };
    listed(entry.parameters.iter().map(one))
}

fn listed(parts: impl Iterator<Item = String>) -> String {
    let parts: Vec<String> = parts.collect();
    if parts.is_empty() { "–".to_owned() } else { parts.join("<br>") }
}

/// What a check goes by, each once.
fn asks(levels: &[Level]) -> String {
    let mut words = Vec::new();
    levels.iter().for_each(|level| asked(&level.when, &mut words));
    let mut seen: Vec<String> = Vec::new();
    for word in words {
        if !seen.contains(&word) {
            seen.push(word);
        }
    }
    listed(seen.into_iter())
}

fn asked(test: &Test, words: &mut Vec<String>) {
    let of = |kind: &str, word: &str| format!("{kind} `{word}`");
    match test {
        Test::All(parts) | Test::Any(parts) => parts.iter().for_each(|part| asked(part, words)),
        Test::Not(part) => asked(part, words),
        Test::Reading(reading, _) => words.push(format!("`{}`", reading.as_str())),
        Test::Own(own, _) => words.push(format!("`{}`", own.counter)),
        Test::Kind(kinds) => words.extend(kinds.iter().map(|one| of("kind", one.as_str()))),
        Test::Mark(marks) => words.extend(marks.iter().map(|one| of("mark", one.as_str()))),
        Test::Outcome(all) => words.extend(all.iter().map(|one| of("outcome", one.as_str()))),
        Test::Reason(all) => words.extend(all.iter().map(|one| of("reason", one.as_str()))),
        Test::Strength(all) => words.extend(all.iter().map(|one| of("presented", one.as_str()))),
        Test::Offline => words.push("being offline".to_owned()),
        Test::Brought => words.push("who brought the guest".to_owned()),
    }
}

fn place(entry: &Entry) -> &'static str {
    let least = |place: WatchPlace| entry.places.contains(&place);
    match (least(WatchPlace::Till), least(WatchPlace::Hub)) {
        (true, _) => "till",
        (false, true) => "hub",
        (false, false) => "centre",
    }
}

fn follows(entry: &Entry, levels: &[Level]) -> String {
    let mut told: Vec<String> = Vec::new();
    for level in levels {
        let text = format!("{}: {}", on(level.on), act(level.act, entry.challenge));
        if !told.contains(&text) {
            told.push(text);
        }
    }
    let freezes = entry.freezes.map(|of| format!("it freezes the {}", of.as_str()));
    listed(told.into_iter().chain(freezes))
}

fn on(on: On) -> String {
    let text = match on {
        On::Sale => "receipt",
        On::Carded => "receipt with a card",
        On::Stamping => "receipt that gives stamps",
        On::WrongCodes => "receipt with unknown codes",
        On::Gifts => "receipt that sells or loads gift cards",
        On::Earning => "receipt that earns",
        On::Spending => "receipt that spends points",
        On::Paying => "points or a gift card pay",
        On::Everything => "everything",
        On::Kind(kind) => return format!("`{}`", kind.as_str()),
    };
    text.to_owned()
}

fn act(act: Act, challenge: Challenge) -> String {
    let with = |action: WatchAction| match action {
        WatchAction::StepUp if challenge != Challenge::None => {
            format!("step up ({})", challenge.as_str())
        }
        action => action.as_str().replace('_', " "),
    };
    match act {
        Act::Hard(WatchAction::Allow, WatchAction::Allow) => "tells".to_owned(),
        Act::Hard(spending, earning) if spending == earning => with(spending),
        Act::Hard(spending, WatchAction::Allow) => format!("spending: {}", with(spending)),
        Act::Hard(WatchAction::Allow, earning) => format!("earning: {}", with(earning)),
        Act::Hard(spending, earning) => {
            format!("spending: {}, earning: {}", with(spending), with(earning))
        }
        Act::Soft(about, points) => {
            let alone = with(match points {
                DENY.. => WatchAction::Deny,
                STEP_UP.. => WatchAction::StepUp,
                HOLD.. => WatchAction::Hold,
                _ => WatchAction::Review,
            });
            let about = match about {
                About::Spending => "against spending",
                About::Earning => "against earning",
                About::Both if points >= STEP_UP => {
                    return format!("{points} points against both: spending {alone}, earning hold");
                }
                About::Both => "against both",
                About::Afterwards => "to be looked at",
            };
            format!("{points} points {about}: {alone}")
        }
    }
}

fn line(page: &mut String, text: &str) {
    // Writing to a string never fails.
    let _ = writeln!(page, "{text}");
}
