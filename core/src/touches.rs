//! What a command needs of the book, for hosts that load only that.

use std::collections::HashSet;

use crate::command::{
    BillAction, CardAction, ChangeCard, ChangeGuest, Command, GuestAction, ImportRow, MakeBatch,
};
use crate::identify::{canonical_phone, phone_region};
use crate::number::normalise;
use crate::order::Order;
use crate::program::rules::{LimitRules, Rules};
use crate::program::{LimitPer, Program};
use crate::record::{Effect, Token};
use crate::scanned;
use crate::slice::{SaleState, Slice, subject_of_till};

/// What must be loaded before a command can be decided.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// A card, by its number.
    Card(String),
    /// What was answered under a command's key.
    Command(String),
    /// Failed attempts to prove a card: the SHA-256 of its number in hexadecimal, `till:` and a
    /// till, or a word for scans that are no number.
    Attempts(String),
    /// A coupon, by its code in capitals. Not every code on an order is one.
    Coupon(String),
    /// A guest, by the host's id, with what is personal, and every card that is the guest's own or
    /// shared.
    Guest(String),
    /// A limit, by its id, and whose it is: a card's number, a guest (or `card:` and the number of
    /// a card without one), a store, a till, a code; empty if everybody's.
    Limit(String, String),
    /// The guests with a telephone number, in E.164.
    Phone(String),
    /// A sale, by the id of the record that opened it.
    Sale(String),
}

/// The keys that must be loaded before a command can be decided. A sale names its cards, a card the
/// one that brought it, so ask again after loading until nothing new is named.
///
/// A `close_period` without any cards closes all those that the slice holds, so that it must hold
/// every card that is to be closed, with its coupons and limits. Where tickets have a quota, it must
/// hold all tickets of that kind to issue or sell one, and the reserved sales that sell them.
///
/// The number that an `issue` makes is known only when it was decided: if the book has such a card
/// that was not loaded, load it and decide again.
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
        Command::Identify(input) => asked.scan(&input.scan.0),
        Command::Issue(input) => {
            asked.cards_with_limits(&[&input.card], input.store.as_ref(), input.till.as_ref());
            asked.named_guest(input.guest.as_ref());
            if let Some(by) = &input.referred_by {
                asked.card(by);
            }
        }
        Command::Quote(input) => asked.order(&input.order),
        Command::Refund(input) => {
            asked.sale(input.token.as_ref());
            if let Some(card) = &input.to_card {
                asked.card(card);
            }
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
        Command::Admit(input) => asked.card(&input.card),
        Command::Batch(input) => asked.batch(input),
        Command::Bill(input) => {
            asked.sale(Some(&input.token));
            if let BillAction::Join(join) = &input.action {
                join.tokens.iter().for_each(|token| asked.sale(Some(token)));
            }
        }
        Command::Card(input) => asked.card_action(input),
        Command::Coupon(input) => asked.coupon(&input.code),
        Command::Dispute(input) => asked.sale(Some(&input.token)),
        Command::Guest(input) => asked.guest_call(input),
        Command::Import(input) => asked.rows(&input.rows),
        Command::Pass(input) => asked.pass(&input.card),
        Command::Present(input) => asked.presented(&input.scan.0, input.till.as_ref()),
        Command::Search(input) => {
            asked.card(&input.text);
            asked.guest_and_cards(input.text.trim());
            asked.phone(Some(&input.text));
        }
        Command::Report(_) => {}
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

    /// A card, the one that its number stands for, and the one whose place that took: what was
    /// counted with it is read from there.
    fn card(&mut self, number: &str) {
        let number = normalise(number);
        let own = self.slice.resolve(number);
        for number in [number, own] {
            self.push(Key::Card(number.to_owned()));
        }
        let mut replaced = self.slice.card(own).and_then(|card| card.replaces.as_ref());
        while let Some(number) = replaced {
            let key = Key::Card(number.clone());
            if self.keys.contains(&key) {
                return;
            }
            self.keys.push(key);
            replaced = self.slice.card(number).and_then(|card| card.replaces.as_ref());
        }
    }

    /// A guest whom a card may get, and the one into whom that guest was merged.
    fn named_guest(&mut self, id: Option<&String>) {
        let Some(id) = id else { return };
        let stays = self.slice.guest(id).map(|(stays, _)| stays.to_owned());
        for id in [Some(id.clone()), stays].into_iter().flatten() {
            self.push(Key::Guest(id));
        }
    }

    /// What is done with a card may be about others too: those that it is linked with, the one that
    /// takes its place, a guest, and what an inactive card starts with.
    fn card_action(&mut self, input: &ChangeCard) {
        self.cards_with_limits(&[&input.card], input.store.as_ref(), input.till.as_ref());
        let card = self.slice.card(normalise(&input.card));
        let links: Vec<String> = card.map(|card| card.links.clone()).unwrap_or_default();
        for link in links {
            self.card(&link);
        }
        match &input.action {
            CardAction::Link(link) | CardAction::Replace(link) => self.card(&link.to),
            CardAction::Bind(to) | CardAction::Share(to) | CardAction::Unshare(to) => {
                self.named_guest(Some(&to.guest));
            }
            _ => {}
        }
    }

    /// Whose limit per guest a card counts under.
    fn guest(&self, number: &str) -> String {
        let number = self.slice.resolve(number);
        let card = self.slice.card(number);
        card.map_or_else(|| format!("card:{number}"), |card| card.guest_or_card(number))
    }

    /// What a scan may be known as. The owner of a coupon is asked for as well: it may be personal.
    fn scan(&mut self, scan: &str) {
        let reading = crate::identify::read(self.rules, scan);
        for number in reading.cards {
            self.push(Key::Card(number));
        }
        for code in reading.coupons {
            let owner = self.slice.coupon(&code).and_then(|coupon| coupon.card.clone());
            self.push(Key::Coupon(code));
            if let Some(owner) = owner {
                self.push(Key::Card(owner));
            }
        }
    }

    /// A guest, and the one into whom that one was merged.
    fn guest_and_cards(&mut self, id: &str) {
        self.push(Key::Guest(id.to_owned()));
        if let Some((into, _)) = self.slice.guest(id) {
            self.push(Key::Guest(into.to_owned()));
        }
    }

    fn phone(&mut self, text: Option<&String>) {
        let region = phone_region(self.rules);
        if let Some(phone) = text.and_then(|text| canonical_phone(text, region)) {
            self.push(Key::Phone(phone));
        }
    }

    fn guest_call(&mut self, input: &ChangeGuest) {
        if let Some(id) = &input.guest {
            self.guest_and_cards(id);
        }
        match &input.action {
            GuestAction::Merge(merge) => self.guest_and_cards(&merge.double),
            GuestAction::Register(registration) => {
                self.phone(registration.details.personal.phone.as_ref());
                for number in &registration.cards {
                    self.card(number);
                    self.card(self.slice.resolve(normalise(number)));
                }
            }
            GuestAction::Update(details) => self.phone(details.personal.phone.as_ref()),
            GuestAction::Consent(_) | GuestAction::Erase(_) => {}
        }
    }

    /// Whatever the rows of an import name. There may be very many of them.
    fn rows(&mut self, rows: &[ImportRow]) {
        let mut seen: HashSet<Key> = self.keys.iter().cloned().collect();
        for row in rows {
            let mut own = Asked { rules: self.rules, slice: self.slice, keys: Vec::new() };
            if let Some(card) = &row.card {
                own.card(card);
            }
            if let Some(code) = &row.code {
                own.push(Key::Coupon(code.trim().to_ascii_uppercase()));
            }
            if let Some(guest) = &row.guest {
                own.guest_and_cards(guest);
            }
            own.phone(row.personal.phone.as_ref());
            for key in own.keys {
                if seen.insert(key.clone()) {
                    self.keys.push(key);
                }
            }
        }
    }

    /// A card or a coupon, whichever has the number.
    fn pass(&mut self, number: &str) {
        self.card(number);
        let linked = self.slice.resolve(normalise(number)).to_owned();
        self.card(&linked);
        self.push(Key::Coupon(normalise(number).to_ascii_uppercase()));
    }

    /// What a scan is proved by, with the attempts that failed.
    fn presented(&mut self, scan: &str, till: Option<&String>) {
        let reading = crate::identify::read(self.rules, scan);
        reading.cards.iter().for_each(|number| self.card(number));
        let scanned = scanned::read(self.rules, self.slice, scan);
        if let Some(number) = scanned.number() {
            let linked = self.slice.resolve(number).to_owned();
            self.card(number);
            self.card(&linked);
        }
        self.push(Key::Attempts(crate::verbs::attempts_subject(self.slice, &scanned)));
        if let Some(till) = till {
            self.push(Key::Attempts(subject_of_till(till)));
        }
    }

    fn coupons_of(&mut self, number: &str) {
        let card = self.slice.card(self.slice.resolve(normalise(number)));
        for code in card.into_iter().flat_map(|card| &card.coupons) {
            self.push(Key::Coupon(code.clone()));
        }
    }

    /// A coupon, with the card and the guest to whom it may belong.
    fn coupon(&mut self, code: &str) {
        let code = code.trim().to_ascii_uppercase();
        // A personal coupon is compared with the guest of the card that it was issued to.
        let coupon = self.slice.coupon(&code);
        if let Some(owner) = coupon.and_then(|coupon| coupon.card.as_ref()) {
            self.card(owner);
        }
        if let Some(guest) = coupon.and_then(|coupon| coupon.guest.as_ref()) {
            self.push(Key::Guest(guest.clone()));
        }
        self.push(Key::Coupon(code));
    }

    /// A batch: codes that are made are not known before, and are hardly those of other coupons.
    fn batch(&mut self, input: &MakeBatch) {
        if let Some(card) = &input.card {
            self.card(card);
        }
        for code in &input.codes {
            self.push(Key::Coupon(code.trim().to_ascii_uppercase()));
        }
    }

    fn order(&mut self, order: &Order) {
        let cards: Vec<&String> = order.cards.iter().map(|card| &card.number).collect();
        for number in &cards {
            let card = self.slice.card(self.slice.resolve(normalise(number)));
            if let Some(by) = card.and_then(|card| card.referred_by.as_ref()) {
                self.card(by);
                self.limits(&[by], &[], None, None);
            }
        }
        if self.rules.asks_guest {
            let slice = self.slice;
            let states = cards.iter().filter_map(|number| slice.card(normalise(number)));
            for guest in states.filter_map(|card| card.guest.as_ref()) {
                self.guest_and_cards(guest);
            }
        }
        self.cards_with_limits(&cards, order.store.as_ref(), order.till.as_ref());
        for gift in &order.gift_cards {
            self.card(&gift.number);
        }
        for card in order.lines.iter().filter_map(|line| line.card.as_ref()) {
            self.card(card);
        }
        let codes: Vec<String> =
            order.codes.iter().map(|code| code.trim().to_ascii_uppercase()).collect();
        self.limits(&[], &codes, None, None);
        for code in codes {
            self.coupon(&code);
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
                LimitPer::Card => {
                    let own = |card: &&String| self.slice.resolve(normalise(card)).to_owned();
                    cards.iter().map(own).collect()
                }
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
        let id = token.sale();
        if let Some(sale) = self.slice.sale(&id) {
            self.sale_parts(sale);
        }
        self.push(Key::Sale(id));
    }

    fn sale_parts(&mut self, sale: &SaleState) {
        if let Some(order) = sale.order() {
            self.order(order);
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
            // Coupons that its points were turned into may have to become points again.
            if !self.rules.auto_redemption.is_empty() {
                self.coupons_of(&card.card);
            }
        }
        for granted in &quote.granted {
            self.card(&granted.card);
        }
        for paid in &quote.gift_cards {
            self.card(&paid.card);
        }
        for load in &quote.loads {
            self.card(&load.card);
        }
        for code in quote.codes.iter().filter(|code| code.coupon.is_some()) {
            self.push(Key::Coupon(code.code.to_ascii_uppercase()));
        }
        for counted in &quote.limits {
            self.push(Key::Limit(counted.limit.clone(), counted.subject.clone()));
        }
    }
}
