//! What a command needs of the book, for hosts that load only that.

use crate::command::Command;
use crate::number::normalise;
use crate::order::Order;
use crate::program::rules::{LimitRules, Rules};
use crate::program::{LimitPer, Program};
use crate::record::{Effect, Token};
use crate::slice::{SaleState, Slice};

/// What must be loaded before a command can be decided.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// A card, by its number.
    Card(String),
    /// What was answered under a command's key.
    Command(String),
    /// A coupon, by its code in capitals. Not every code on an order is one.
    Coupon(String),
    /// A limit, by its id, and whose it is: a card's number, a guest (or `card:` and the number of
    /// a card without one), a store, a till, a code; empty if everybody's.
    Limit(String, String),
    /// A sale, by the id of the record that opened it.
    Sale(String),
}

/// The keys that must be loaded before a command can be decided. A sale names its cards, a card the
/// one that brought it, so ask again after loading until nothing new is named.
///
/// A `close_period` without any cards closes all those that the slice holds, so that it must hold
/// every card that is to be closed, with its coupons and limits.
#[must_use]
pub fn touches(program: &Program, slice: &Slice, command: &Command, key: Option<&str>) -> Vec<Key> {
    let mut asked = Asked { rules: program.rules(), slice, keys: Vec::new() };
    asked.keys.extend(key.map(|key| Key::Command(key.to_owned())));
    match command {
        Command::Activate(input) => {
            asked.card(&input.card);
            asked.coupons_of(&input.card);
            asked.sale(input.sale.as_ref());
        }
        Command::Balance(input) => asked.card(&input.card),
        Command::Cancel(input) => asked.sale(Some(&input.token)),
        Command::ClosePeriod(input) => {
            let cards: Vec<&String> = input.cards.iter().collect();
            asked.cards_with_limits(&cards, input.store.as_ref(), input.till.as_ref());
        }
        Command::Confirm(input) => asked.sale(Some(&input.token)),
        Command::Grant(input) => {
            asked.cards_with_limits(&[&input.card], input.store.as_ref(), input.till.as_ref());
        }
        Command::History(input) => asked.card(&input.card),
        Command::Identify(input) => asked.card(&input.scan),
        Command::Issue(input) => {
            asked.cards_with_limits(&[&input.card], input.store.as_ref(), input.till.as_ref());
            if let Some(by) = &input.referred_by {
                asked.card(by);
            }
        }
        Command::Quote(input) => asked.order(&input.order),
        Command::Refund(input) => {
            asked.sale(input.token.as_ref());
            if let Some(order) = &input.order {
                asked.order(order);
            }
        }
        Command::Reserve(input) => asked.order(&input.order),
        Command::Sell(input) => asked.order(&input.order),
        Command::Transfer(input) => {
            asked.card(&input.from);
            asked.card(&input.to);
        }
        Command::Void(input) => asked.sale(Some(&input.token)),
        Command::Allocate(_) | Command::Explain(_) | Command::Lint(_) => {}
    }
    asked.keys
}

struct Asked<'a> {
    rules: &'a Rules,
    slice: &'a Slice,
    keys: Vec<Key>,
}

impl Asked<'_> {
    fn push(&mut self, key: Key) {
        if !self.keys.contains(&key) {
            self.keys.push(key);
        }
    }

    fn card(&mut self, number: &str) {
        self.push(Key::Card(normalise(number).to_owned()));
    }

    /// Whose limit per guest a card counts under.
    fn guest(&self, number: &str) -> String {
        let card = self.slice.card(number);
        card.map_or_else(|| format!("card:{number}"), |card| card.guest_or_card(number))
    }

    fn coupons_of(&mut self, number: &str) {
        let card = self.slice.card(normalise(number));
        for code in card.into_iter().flat_map(|card| &card.coupons) {
            self.push(Key::Coupon(code.clone()));
        }
    }

    fn order(&mut self, order: &Order) {
        let cards: Vec<&String> = order.cards.iter().map(|card| &card.number).collect();
        for number in &cards {
            let card = self.slice.card(normalise(number));
            if let Some(by) = card.and_then(|card| card.referred_by.as_ref()) {
                self.card(by);
                self.limits(&[by], &[], None, None);
            }
        }
        self.cards_with_limits(&cards, order.store.as_ref(), order.till.as_ref());
        let codes: Vec<String> =
            order.codes.iter().map(|code| code.trim().to_ascii_uppercase()).collect();
        self.limits(&[], &codes, None, None);
        for code in codes {
            // A personal coupon is compared with the guest of the card that it was issued to.
            let owner = self.slice.coupon(&code).and_then(|coupon| coupon.card.as_ref());
            if let Some(owner) = owner {
                self.card(owner);
            }
            self.push(Key::Coupon(code));
        }
    }

    fn cards_with_limits(
        &mut self,
        cards: &[&String],
        store: Option<&String>,
        till: Option<&String>,
    ) {
        for card in cards {
            self.card(card);
        }
        self.limits(cards, &[], store, till);
    }

    /// The limits of everybody and of those that are named.
    fn limits(
        &mut self,
        cards: &[&String],
        codes: &[String],
        store: Option<&String>,
        till: Option<&String>,
    ) {
        for limit in &self.rules.limits {
            let subjects: Vec<String> = match limit.per {
                LimitPer::Programme => vec![String::new()],
                LimitPer::Card => cards.iter().map(|card| normalise(card).to_owned()).collect(),
                LimitPer::Guest => cards.iter().map(|card| self.guest(normalise(card))).collect(),
                LimitPer::Store => store.into_iter().cloned().collect(),
                LimitPer::Till => till.into_iter().cloned().collect(),
                LimitPer::Code => codes.to_vec(),
            };
            self.limits_of(limit, subjects);
        }
    }

    fn limits_of(&mut self, limit: &LimitRules, subjects: Vec<String>) {
        for subject in subjects {
            self.push(Key::Limit(limit.id.clone(), subject));
        }
    }

    /// A sale with everything that its receipt names.
    fn sale(&mut self, token: Option<&String>) {
        let Some(token) = token.and_then(|token| Token::parse(token).ok()) else {
            return;
        };
        let id = token.record.to_string();
        if let Some(sale) = self.slice.sale(&id) {
            self.sale_parts(sale);
        }
        self.push(Key::Sale(id));
    }

    fn sale_parts(&mut self, sale: &SaleState) {
        match &sale.opened.record.command {
            Command::Reserve(reserve) => self.order(&reserve.order),
            Command::Sell(sell) => self.order(&sell.order),
            _ => {}
        }
        for entry in [Some(&sale.opened), sale.confirmed.as_ref()].into_iter().flatten() {
            for effect in &entry.record.effects {
                if let Effect::CouponIssued(issued) = effect {
                    self.push(Key::Coupon(issued.code.to_ascii_uppercase()));
                }
            }
        }
        let Some(quote) = sale.quote() else { return };
        for card in &quote.cards {
            self.card(&card.card);
        }
        for granted in &quote.granted {
            self.card(&granted.card);
        }
        for code in quote.codes.iter().filter(|code| code.coupon.is_some()) {
            self.push(Key::Coupon(code.code.to_ascii_uppercase()));
        }
        for counted in &quote.limits {
            self.push(Key::Limit(counted.limit.clone(), counted.subject.clone()));
        }
    }
}
