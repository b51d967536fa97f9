//! What a card of each kind shows.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::{Holding, Pass, PassState, PassStyle, Row, Speech};
use crate::amount::Amount;
use crate::answer::{Balance, CardStatus, CardView};
use crate::command::PassLanguage;
use crate::program::rules::{PercentRules, Rules};
use crate::program::{CardKind, CardUse};
use crate::texts::{self, MoneySign};

/// The pass of a card under one of its numbers, from what it holds at an instant.
pub(crate) fn card_pass(
    rules: &Rules,
    number: &str,
    card: &CardView,
    at: Timestamp,
    language: PassLanguage,
) -> Pass {
    let speech = Speech { rules, language };
    let kind = rules.document.cards.iter().find(|kind| kind.id == card.kind);
    let style = match card.usage {
        CardUse::Bonus | CardUse::Discount | CardUse::Stamp => PassStyle::Loyalty,
        CardUse::Gift => PassStyle::Gift,
        CardUse::Ticket => PassStyle::Ticket,
    };
    let mut pass = speech.blank(style, &card.kind, number, at);
    let named = speech.name(kind.and_then(|kind| kind.name.as_ref()));
    pass.title = named.unwrap_or_else(|| default_title(&speech, card.usage).to_owned());
    let ticket = kind.and_then(|kind| kind.ticket.as_ref());
    pass.opens_at = ticket.and_then(|ticket| ticket.valid_from);
    let ends = [card.expires_at, ticket.and_then(|ticket| ticket.valid_until)];
    pass.expires_at = ends.into_iter().flatten().min();
    pass.state = state(card.status, pass.expires_at, at);
    pass.seat.clone_from(&card.seat);
    match card.usage {
        CardUse::Bonus => show_points(&mut pass, &speech, card),
        CardUse::Discount => show_discount(&mut pass, &speech, card),
        CardUse::Gift => show_money(&mut pass, &speech, card),
        CardUse::Stamp => show_stamps(&mut pass, &speech, card, kind),
        CardUse::Ticket => show_entries(&mut pass, &speech, card),
    }
    pass.secondary.extend(pass.expires_at.map(|end| speech.until(end)));
    pass.back.push(Row::new("number", speech.pick("Номер карты", "Card number"), number));
    let programme = pass.programme.clone();
    let label = speech.pick("Программа", "Programme");
    pass.back.extend(programme.map(|name| Row::new("programme", label, name)));
    pass
}

fn default_title<'t>(speech: &Speech<'_>, usage: CardUse) -> &'t str {
    match usage {
        CardUse::Bonus => speech.pick("Бонусная карта", "Bonus card"),
        CardUse::Discount => speech.pick("Дисконтная карта", "Discount card"),
        CardUse::Gift => speech.pick("Подарочная карта", "Gift card"),
        CardUse::Stamp => speech.pick("Карта штампов", "Stamp card"),
        CardUse::Ticket => speech.pick("Билет", "Ticket"),
    }
}

fn state(status: CardStatus, end: Option<Timestamp>, at: Timestamp) -> PassState {
    match status {
        CardStatus::Expired => PassState::Expired,
        CardStatus::Active if end.is_some_and(|end| end <= at) => PassState::Expired,
        CardStatus::Active => PassState::Active,
        CardStatus::Issued | CardStatus::Blocked | CardStatus::Closed => PassState::Inactive,
    }
}

/// A kind of points by its name, and an amount of it.
fn holding(speech: &Speech<'_>, balance: &Balance, fallback: &str) -> Holding {
    let document = &speech.rules.document;
    let points = document.points.iter().find(|points| points.id == balance.points);
    let label = speech.name(points.and_then(|points| points.name.as_ref()));
    Holding {
        label: label.unwrap_or_else(|| fallback.to_owned()),
        amount: balance.spendable,
        currency: None,
        text: texts::plain_number(balance.spendable, speech.spoken()),
    }
}

fn show_points(pass: &mut Pass, speech: &Speech<'_>, card: &CardView) {
    let words = speech.pick("Баллы", "Points");
    pass.header.extend(tier(speech, card));
    for (place, balance) in card.balances.iter().enumerate() {
        let held = holding(speech, balance, words);
        let row = Row::new(&balance.points, &held.label, &held.text).told();
        if place > 0 {
            pass.secondary.push(row);
            continue;
        }
        pass.primary.push(row);
        let nearest = balance.expiring.iter().find_map(|part| Some((part.amount, part.at?)));
        pass.secondary.extend(nearest.map(|(amount, end)| {
            let label = format!("{} {}", speech.pick("Действуют", "Valid"), speech.end(end));
            Row::new("expiring", label, texts::plain_number(amount, speech.spoken()))
        }));
        pass.holding = Some(held);
    }
}

fn show_discount(pass: &mut Pass, speech: &Speech<'_>, card: &CardView) {
    pass.header.extend(tier(speech, card));
    let (currency, spoken) = (&speech.rules.document.currency, speech.spoken());
    let spent = texts::money(card.spent, currency, spoken, MoneySign::Symbol);
    let spent = Row::new("spent", speech.pick("Покупки", "Purchases"), spent);
    let Some(percent) = percent(speech.rules, card) else {
        pass.primary.push(spent);
        return;
    };
    let text = texts::plain_percent(percent, spoken);
    pass.primary.push(Row::new("discount", speech.pick("Скидка", "Discount"), text).told());
    pass.secondary.push(spent);
}

/// The percentage that a discount card gives now.
fn percent(rules: &Rules, card: &CardView) -> Option<Decimal> {
    let discount = rules.card_named(&card.kind)?.discount.as_ref()?;
    let share = match &discount.percent {
        PercentRules::Fixed(share) => Some(*share),
        PercentRules::ByTier(steps) => {
            let own = rules.tiers.iter().position(|tier| Some(&tier.id) == card.tier.as_ref());
            steps.iter().find(|(tier, _)| Some(*tier) == own).map(|(_, share)| *share)
        }
        PercentRules::BySpend(steps) => {
            let reached = steps.iter().rev().find(|(from, _)| *from <= card.spent.units);
            reached.map(|(_, share)| *share)
        }
    };
    // A count of 10⁻⁹ of the whole is one of 10⁻⁷ percent.
    Some(Decimal::new(share.unwrap_or(0), 7))
}

fn show_money(pass: &mut Pass, speech: &Speech<'_>, card: &CardView) {
    let currency = &speech.rules.document.currency;
    let balance = card.balances.iter().find(|balance| balance.points == *currency);
    let none = Amount { units: 0, digits: speech.rules.currency_digits };
    let amount = balance.map_or(none, |balance| balance.spendable);
    let text = texts::money(amount, currency, speech.spoken(), MoneySign::Symbol);
    let label = speech.pick("Баланс", "Balance").to_owned();
    pass.primary.push(Row::new("balance", &label, &text).told());
    pass.holding = Some(Holding { label, amount, currency: Some(currency.clone()), text });
}

fn show_stamps(pass: &mut Pass, speech: &Speech<'_>, card: &CardView, kind: Option<&CardKind>) {
    let goal = kind.and_then(|kind| kind.stamp.as_ref()).map(|stamp| stamp.goal);
    let words = speech.pick("Штампы", "Stamps");
    let Some(balance) = card.balances.first() else { return };
    let mut held = holding(speech, balance, words);
    if let Some(goal) = goal {
        held.text = format!("{}/{goal}", held.text);
    }
    pass.header.extend(tier(speech, card));
    pass.primary.push(Row::new(&balance.points, &held.label, &held.text).told());
    pass.holding = Some(held);
}

fn show_entries(pass: &mut Pass, speech: &Speech<'_>, card: &CardView) {
    let words = speech.pick("Осталось", "Left");
    pass.primary.push(Row::new("title", speech.pick("Билет", "Ticket"), &pass.title));
    if let Some(balance) = card.balances.first() {
        let held = holding(speech, balance, words);
        pass.header.push(Row::new(&balance.points, &held.label, &held.text).told());
        pass.holding = Some(held);
    }
    let seat = card.seat.as_ref();
    pass.secondary.extend(seat.map(|seat| Row::new("seat", speech.pick("Место", "Seat"), seat)));
    let from = pass
        .opens_at
        .map(|from| Row::new("from", speech.pick("Действует с", "Valid from"), speech.date(from)));
    pass.secondary.extend(from);
}

fn tier(speech: &Speech<'_>, card: &CardView) -> Option<Row> {
    let id = card.tier.as_ref()?;
    let tier = speech.rules.document.tiers.iter().find(|tier| tier.id == *id);
    let name = speech.name(tier.and_then(|tier| tier.name.as_ref()));
    let label = speech.pick("Уровень", "Level");
    Some(Row::new("tier", label, name.unwrap_or_else(|| id.clone())).told())
}
