//! A preset tried out: its sample day is sold, and every answer is shown as a cashier would see it.

use std::collections::HashMap;

use kopilka::document::{canonical, to_node};
use kopilka::json::Node;
use kopilka::texts;
use kopilka::{Amount, Answer, Command, Error, Order, Quote, Request};

use crate::control::Control;
use crate::journal::Journal;
use crate::page::Page;
use crate::report;
use crate::till::{Outcome, Till};

/// The name of a preset, its programme and its sample day.
macro_rules! preset {
    ($name:literal) => {
        (
            $name,
            include_str!(concat!("../../../presets/", $name, ".json")),
            include_str!(concat!("../../../presets/samples/", $name, ".json")),
        )
    };
}

/// A programme and its sample day, by name.
const PRESETS: &[(&str, &str, &str)] = &[preset!("services"), preset!("shop"), preset!("training")];

/// The names of the presets that have a sample day.
pub fn names() -> Vec<&'static str> {
    PRESETS.iter().map(|(name, ..)| *name).collect()
}

/// Sells the sample day of a preset on a ledger. What is done already is not done again.
pub fn sell(page: &mut Page<'_>, name: &str, journal: &Journal) -> Outcome<Control> {
    let found = PRESETS.iter().find(|(preset, ..)| *preset == name);
    let (_, program, sample) = found.ok_or_else(|| {
        format!("there is no preset `{name}` with a sample; there are {}", names().join(", "))
    })?;
    let sample = Node::parse(sample, usize::MAX)?;
    let mut answers: Vec<(String, Node)> = Vec::new();
    let mut sold: HashMap<String, Order> = HashMap::new();
    let steps = match sample.get("steps") {
        Some(Node::List(steps)) => steps.as_slice(),
        _ => &[],
    };
    let begin = steps.first().map(|step| request(step, &[])).transpose()?;
    let begin = begin.map(|request| request.at).unwrap_or_default();
    let program = journal.install(program, begin)?;
    let mut till = Till::new(journal, program, page);
    for (place, step) in steps.iter().enumerate() {
        // A question is part of what it led to: it is not asked anew once that is done.
        if step.get("key").is_none() && is_done(journal, steps.get(place..).unwrap_or_default())? {
            continue;
        }
        let request = request(step, &answers)?;
        let outcome = match request.key.as_deref().map(|key| journal.answered(key)).transpose()? {
            Some(Some(answer)) => Ok(answer),
            _ => journal.ledger.call(&request),
        };
        if let (Ok(answer), Some(name)) = (&outcome, step.get("name").and_then(Node::text)) {
            answers.push((name.to_owned(), inner(answer)));
        }
        if let (Ok(Answer::Sale(sale)), Some(order)) = (&outcome, request.command.order()) {
            sold.extend(sale.token.iter().map(|token| (token.clone(), order.clone())));
        }
        show(&mut till, &request, &outcome, &sold)?;
        outcome?;
    }
    let control = Control::of(journal)?;
    report::control(till.page, &control, &till.program)?;
    Ok(control)
}

/// Whether the next of some steps that changes something is done.
fn is_done(journal: &Journal, steps: &[Node]) -> Outcome<bool> {
    let mut keys = steps.iter().filter_map(|step| step.get("key").and_then(Node::text));
    Ok(match keys.next() {
        Some(key) => journal.answered(key)?.is_some(),
        None => false,
    })
}

/// The request of a step, with what earlier answers gave put into it.
fn request(step: &Node, answers: &[(String, Node)]) -> Outcome<Request> {
    let verb = step.get("verb").and_then(Node::text).unwrap_or_default();
    let input = step.get("input").map(|input| filled(input, answers)).unwrap_or_default();
    let mut entries = vec![("command".to_owned(), Node::Map(vec![(verb.to_owned(), input)]))];
    for key in ["at", "entropy", "key"] {
        entries.extend(step.get(key).map(|value| (key.to_owned(), value.clone())));
    }
    Ok(kopilka::document::from_node(&Node::Map(entries))?)
}

/// The same value with every `${name/pointer}` replaced.
fn filled(node: &Node, answers: &[(String, Node)]) -> Node {
    match node {
        Node::Text(text) => {
            let named = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
            let parts = named.and_then(|named| named.split_once('/'));
            let found = parts.and_then(|(name, path)| {
                let (_, answer) = answers.iter().find(|(known, _)| known == name)?;
                path.split('/').try_fold(answer, |node, key| node.get(key)).cloned()
            });
            found.unwrap_or_else(|| node.clone())
        }
        Node::List(items) => Node::List(items.iter().map(|item| filled(item, answers)).collect()),
        Node::Map(entries) => {
            let entry = |(key, value): &(String, Node)| (key.clone(), filled(value, answers));
            Node::Map(entries.iter().map(entry).collect())
        }
        other => other.clone(),
    }
}

fn inner(answer: &Answer) -> Node {
    match to_node(answer) {
        Node::Map(mut entries) => entries.pop().map(|(_, inner)| inner).unwrap_or_default(),
        other => other,
    }
}

fn show(
    till: &mut Till<'_, '_>,
    request: &Request,
    outcome: &Result<Answer, Error>,
    sold: &HashMap<String, Order>,
) -> Outcome<()> {
    let zone = till.program.document().zone.clone();
    let at = texts::date_time(request.at, &zone, till.page.language.engine());
    let what = about(&request.command);
    till.page.line(format!("{at}  {}  {what}", request.command.name()))?;
    match outcome {
        Err(error) => till.page.text(2, texts::error(error.code(), till.page.language.engine()))?,
        Ok(Answer::Sale(sale)) => {
            if let Some(order) = request.command.order() {
                till.print(sale, order)?;
            }
        }
        Ok(Answer::Refund(refund)) => {
            let order = refund.token.as_ref().and_then(|token| sold.get(token));
            till.print_refund(refund, order.unwrap_or(&Order::default()))?;
        }
        Ok(Answer::Quote(quote)) => show_quote(till, quote)?,
        Ok(Answer::Admitted(gate)) => {
            let (yes, no) =
                till.page.language.pick(("проходит", "не проходит"), ("let in", "refused"));
            let word = if gate.admitted { yes } else { no };
            let left = till.page.language.pick("осталось", "left");
            till.page.text(2, &format!("{word}, {left} {}", gate.left))?;
            show_reasons(till, &gate.reasons)?;
        }
        Ok(Answer::Presented(presented)) => {
            let (yes, no) =
                till.page.language.pick(("принято", "отказано"), ("accepted", "refused"));
            till.page.text(2, if presented.accepted { yes } else { no })?;
            show_reasons(till, &presented.reasons)?;
        }
        Ok(Answer::Card(_) | Answer::Batch(_)) => {}
        Ok(other) => till.page.text(2, &canonical(other))?,
    }
    Ok(())
}

/// What a command is about: a card, a receipt, a code.
fn about(command: &Command) -> String {
    let Node::Map(mut entries) = to_node(command) else { return String::new() };
    let input = entries.pop().map(|(_, input)| input).unwrap_or_default();
    let text = |node: &Node, key: &str| node.get(key).and_then(Node::text).map(str::to_owned);
    let own =
        text(&input, "card").or_else(|| text(&input, "scan")).or_else(|| text(&input, "coupon"));
    let Some(order) = command.order() else { return own.unwrap_or_default() };
    let cards = order.cards.iter().map(|card| card.number.clone());
    let gifts = order.gift_cards.iter().map(|card| card.number.clone());
    let receipt = order.receipt.iter().cloned();
    receipt
        .chain(cards)
        .chain(gifts)
        .chain(order.codes.iter().cloned())
        .collect::<Vec<_>>()
        .join(", ")
}

fn show_quote(till: &mut Till<'_, '_>, quote: &Quote) -> Outcome<()> {
    let totals = &quote.totals;
    let language = till.page.language;
    let shown = [
        (language.pick("сумма", "amount"), totals.amount),
        (language.pick("скидка", "discount"), totals.discount),
        (language.pick("подарочные карты", "gift cards"), totals.gift),
        (language.pick("к оплате", "to pay"), totals.rest),
    ];
    let figure = |amount: Amount| language.figure(i128::from(amount.units), amount.digits);
    let shown = shown.map(|(name, amount)| format!("{name} {}", figure(amount)));
    till.page.text(2, &shown.join(", "))?;
    show_reasons(till, &quote.reasons)
}

fn show_reasons(till: &mut Till<'_, '_>, reasons: &[kopilka::Reason]) -> Outcome<()> {
    let style = till.style();
    for reason in reasons {
        let text = texts::reason(reason, till.page.language.engine(), &style);
        till.page.text(4, &text)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Time;
    use crate::page::Language;

    #[test]
    fn every_sample_day_is_sold_and_adds_up_in_both_languages() {
        for name in names() {
            for language in [Language::Ru, Language::En] {
                let mut printed = Vec::new();
                let journal = Journal::open(None, "till-1", Time::File).unwrap();
                let mut page = Page::new(&mut printed, language);
                let control = sell(&mut page, name, &journal).unwrap();
                assert!(control.balances(), "{name}");
                assert_eq!(sell(&mut page, name, &journal).unwrap(), control, "{name}");
                assert!(!printed.is_empty());
            }
        }
    }

    #[test]
    fn a_preset_without_a_sample_day_is_told_with_those_that_have_one() {
        let mut printed = Vec::new();
        let journal = Journal::open(None, "till-1", Time::File).unwrap();
        let error = sell(&mut Page::new(&mut printed, Language::En), "six", &journal).unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no preset `six` with a sample; there are services, shop, training"
        );
    }
}
