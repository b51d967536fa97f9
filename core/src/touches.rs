//! What a command needs of the book, for hosts that load only that.
//!
//! A host with its own store keeps the states beside the records and loads of them what a call needs:
//!
//! 1. Take an empty [`Slice`] with the head of the chain ([`Slice::set_head`]). Load every state of the
//!    kinds that [`needs_all`] names.
//! 2. Load what [`touches`] names ([`Slice::restore`], [`Slice::keep_profile`]), and ask again until
//!    nothing new is named. A state that is not there is simply not loaded.
//! 3. [`decide`](crate::decide). If it makes a record, load what [`touched`](crate::touched) names
//!    and is not loaded yet. A card or coupon among it that exists, though the record is to issue it,
//!    has a number that was made by chance and is taken: decide again with it.
//! 4. [`apply`](crate::apply), and in one transaction store the record, and what
//!    [`Slice::stored`] and [`profiles_of`](crate::profiles_of) now say of each key touched.
//!
//! What to do with a record that another till made is told by [`touched`](crate::touched).

use std::collections::HashSet;

use crate::command::{
    BillAction, CardAction, ChangeCard, ChangeGuest, ChangeProgram, ChangeWatch, Command,
    GuestAction, ImportRow, Issue, MakeBatch, Place, ReportKind, Search, place_of,
};
use crate::identify::{canonical_phone, phone_region};
use crate::key::Key;
use crate::number::normalise;
use crate::order::Order;
use crate::pricing::offline::{OFFLINE_CARD, OFFLINE_TILL};
use crate::program::rules::{LimitRules, Rules};
use crate::program::{LimitPer, OfflineSpending, Program};
use crate::record::{Effect, RecordHash, Token};
use crate::scanned;
use crate::slice::{SaleState, Slice, subject_of, subject_of_till};
use crate::verbs::{
    PAPER_NUMBER, PAPER_SUM, candidates, looks_at_everybody, number_subject, payer, receipt_id,
};
use crate::watch::{WatchNamed, WatchSubject};

/// The keys that must be loaded before a command can be decided. A sale names its cards, a card the
/// one that brought it, so ask again after loading until nothing new is named.
///
/// Installed programmes and what was activated of them are named for the verb `program` alone: a
/// host needs them before it can ask, since they say which programme decides.
///
/// A `settle` looks at every card and at every sale that anything waits for, so that the slice must
/// hold them all, with the coupons of the cards.
///
/// Where every state of a kind is needed, [`needs_all`] says so. The number that an `issue` makes is
/// known only when it was decided: if the book has such a card that was not loaded, load it and decide
/// again.
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
        Command::Settle(_) => {
            let sale = slice.settleable().first().and_then(|id| slice.sale(id));
            asked.sale(sale.map(|sale| sale.token().to_string()).as_ref());
        }
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
        Command::Program(input) => {
            asked.push(Key::Program(match input {
                ChangeProgram::Activate(input) => input.version.clone(),
                ChangeProgram::Install(input) => {
                    RecordHash::of(input.document.canonical().as_bytes()).to_string()
                }
            }));
            asked.push(Key::Schedule);
        }
        Command::Search(input) => asked.search(input),
        Command::Watch(input) => asked.watch_call(input),
        Command::Report(_) => {}
        Command::Allocate(_) | Command::Clock(_) | Command::Explain(_) | Command::Lint(_) => {}
    }
    if slice.is_watched() {
        asked.watched(command.place(), command.order());
        if let Command::Issue(Issue { device: Some(device), .. }) = command {
            asked.push(Key::Watch(WatchSubject::Device, device.clone()));
        }
    }
    asked.keys
}

/// The same for the quote of an order.
#[must_use]
pub fn order_touches(program: &Program, slice: &Slice, order: &Order) -> Vec<Key> {
    let mut asked = Asked { rules: program.rules(), slice, keys: Vec::new() };
    asked.order(order);
    if slice.is_watched() {
        asked.watched(place_of!(order), Some(order));
    }
    asked.keys
}

/// The kinds ([`Key::kind`]) of which every state must be loaded before a command can be decided,
/// besides what [`touches`] names:
///
/// * `close_period` without cards closes all of them, with their coupons and limits;
/// * a report tells of all cards, or of all sales, coupons and limits, whose records it reads as well;
/// * a search by a part of a name or of a telephone number looks at everybody, which `phone` stands
///   for: what is personal of every guest;
/// * a `settle` looks at every card, with its coupons, and at every sale that anything waits for;
/// * where tickets have a quota, they and the reserved sales that sell them are counted.
#[must_use]
pub fn needs_all(program: &Program, command: &Command) -> &'static [&'static str] {
    let sells = |order: &Order| order_needs_all(program, order);
    match command {
        Command::ClosePeriod(input) if input.cards.is_empty() => &["card", "coupon", "limit"],
        Command::Issue(_) => needed_by_quotas(program),
        Command::Quote(input) => sells(&input.order),
        Command::Refund(input) => input.order.as_ref().map_or(&[], sells),
        Command::Report(input) => match &input.kind {
            ReportKind::Campaigns(_) => &["coupon", "limit", "sale"],
            ReportKind::Doubles(_) => &["limit"],
            ReportKind::Liability(_) => &["card"],
            ReportKind::Shift(_) => &["sale"],
            ReportKind::Watch(_) => &[],
        },
        Command::Reserve(input) => sells(&input.order),
        Command::Search(input) if looks_at_everybody(input) => &["guest", "phone"],
        Command::Sell(input) => sells(&input.order),
        Command::Settle(_) => &["card", "coupon", "sale"],
        _ => &[],
    }
}

/// The same for the quote of an order.
#[must_use]
pub fn order_needs_all(program: &Program, order: &Order) -> &'static [&'static str] {
    let sells_cards = order.lines.iter().any(|line| line.card.is_some());
    if sells_cards { needed_by_quotas(program) } else { &[] }
}

fn needed_by_quotas(program: &Program) -> &'static [&'static str] {
    let mut tickets = program.rules().cards.iter().filter_map(|kind| kind.ticket.as_ref());
    if tickets.any(|ticket| ticket.quota.is_some()) { &["card", "sale"] } else { &[] }
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
        let mut next = id;
        let mut passed: Vec<&String> = Vec::new();
        while let Some(id) = next.filter(|id| !passed.contains(id)) {
            passed.push(id);
            self.push(Key::Guest(id.clone()));
            next = self.slice.known_guest(id).and_then(|guest| guest.merged_into.as_ref());
        }
    }

    /// What is done with a card may be about others too: those that it is linked with, the one that
    /// takes its place, a guest, and what an inactive card starts with.
    fn card_action(&mut self, input: &ChangeCard) {
        self.cards_with_limits(&[&input.card], input.store.as_ref(), input.till.as_ref());
        for link in self.slice.ever_links_of(normalise(&input.card)) {
            self.card(link);
        }
        match &input.action {
            CardAction::Link(link) | CardAction::Replace(link) => self.card(&link.to),
            CardAction::Bind(to) | CardAction::Share(to) | CardAction::Unshare(to) => {
                self.named_guest(Some(&to.guest));
            }
            _ => {}
        }
    }

    fn watch_call(&mut self, input: &ChangeWatch) {
        match input {
            ChangeWatch::Activate(input) => self.push(Key::WatchPolicy(input.version.clone())),
            ChangeWatch::Install(input) => {
                let version = RecordHash::of(input.document.canonical().as_bytes());
                self.push(Key::WatchPolicy(version.to_string()));
            }
            ChangeWatch::Freeze(input) | ChangeWatch::Thaw(input) => {
                let WatchNamed { id, of } = &input.subject;
                if *of == WatchSubject::Card {
                    self.card(id);
                }
                self.push(Key::Watch(*of, id.clone()));
            }
        }
        self.push(Key::WatchSchedule);
    }

    /// What the watch knows of everybody and everything that a command names.
    fn watched(&mut self, place: Place<'_>, order: Option<&Order>) {
        for key in self.keys.clone() {
            match key {
                Key::Attempts(subject) => self.push(Key::Watch(WatchSubject::Number, subject)),
                Key::Card(number) => {
                    self.push(Key::Watch(WatchSubject::Number, subject_of(&number)));
                    self.push(Key::Watch(WatchSubject::Card, number));
                }
                _ => {}
            }
        }
        let till = place.till.cloned().unwrap_or_else(|| self.slice.head().till.clone());
        self.push(Key::Watch(WatchSubject::Till, till.clone()));
        let named = [(WatchSubject::Cashier, place.cashier), (WatchSubject::Store, place.store)];
        for (of, id) in named {
            if let Some(id) = id {
                self.push(Key::Watch(of, id.clone()));
            }
        }
        self.push(Key::Watch(WatchSubject::Program, String::new()));
        if let Some(receipt) = order.and_then(|order| receipt_id(order, &till)) {
            self.push(Key::Watch(WatchSubject::Receipt, receipt));
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
            self.card(&number);
        }
        for code in reading.coupons {
            let owner = self.slice.coupon(&code).and_then(|coupon| coupon.card.clone());
            self.push(Key::Coupon(code));
            if let Some(owner) = owner {
                self.push(Key::Card(owner));
            }
        }
    }

    /// A guest, and the one into whom that one was merged, with the cards of both.
    fn guest_and_cards(&mut self, id: &str) {
        let id = id.to_owned();
        self.named_guest(Some(&id));
        let stays = self.slice.guest(&id).map(|(stays, _)| stays);
        for guest in [Some(id.as_str()), stays].into_iter().flatten() {
            for number in self.slice.ever_cards_of(guest) {
                self.card(number);
            }
        }
    }

    fn phone(&mut self, text: Option<&String>) {
        let region = phone_region(self.rules);
        if let Some(phone) = text.and_then(|text| canonical_phone(text, region)) {
            self.push(Key::Phone(phone));
        }
    }

    /// Whoever may be meant, and of those who are found what is shown: their cards.
    fn search(&mut self, input: &Search) {
        self.card(&input.text);
        let number = self.slice.resolve(normalise(&input.text));
        let guests = self.slice.card(number).into_iter();
        for guest in guests.flat_map(|card| card.guest.iter().chain(&card.shared)) {
            self.guest_and_cards(guest);
        }
        self.guest_and_cards(normalise(&input.text));
        self.phone(Some(&input.text));
        for guest in candidates(self.rules, self.slice, input) {
            self.guest_and_cards(guest);
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
            self.named_guest(Some(guest));
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
        let slice = self.slice;
        let coupons = order.codes.iter().filter_map(|code| slice.coupon(code.trim()));
        // Whoever was merged into another is that one, whose coupon it may be.
        if self.rules.asks_guest || coupons.into_iter().any(|coupon| coupon.guest.is_some()) {
            let states = cards.iter().map(|number| slice.resolve(normalise(number)));
            let guests = states.filter_map(|number| slice.card(number)?.guest.as_ref());
            guests.for_each(|guest| self.named_guest(Some(guest)));
        }
        self.cards_with_limits(&cards, order.store.as_ref(), order.till.as_ref());
        for gift in &order.gift_cards {
            self.card(&gift.number);
        }
        let gifts = order.gift_cards.iter().map(|gift| &gift.number);
        self.spent_offline(cards.iter().copied().chain(gifts));
        self.paper(order);
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

    /// What cards, and this ledger, have spent without a word from the backend.
    fn spent_offline<'c>(&mut self, cards: impl Iterator<Item = &'c String>) {
        let Some(offline) = &self.rules.offline else { return };
        if ![offline.spending, offline.gift_cards].contains(&OfflineSpending::Sum) {
            return;
        }
        for card in cards {
            let own = self.slice.resolve(normalise(card)).to_owned();
            self.push(Key::Limit(OFFLINE_CARD.to_owned(), own));
        }
        let till = self.slice.head().till.clone();
        self.push(Key::Limit(OFFLINE_TILL.to_owned(), till));
    }

    /// Where a hand-written receipt would be noted if it had been entered before.
    fn paper(&mut self, order: &Order) {
        let Some(paper) = &order.paper else { return };
        let number = number_subject(order.store.as_ref(), &paper.number);
        self.push(Key::Limit(PAPER_NUMBER.to_owned(), number));
        self.push(Key::Limit(PAPER_SUM.to_owned(), payer(None, order)));
        for card in &order.cards {
            let own = payer(Some(self.slice.resolve(normalise(&card.number))), order);
            self.push(Key::Limit(PAPER_SUM.to_owned(), own));
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

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use rust_decimal::Decimal;

    use super::*;
    use crate::command::{QuoteOrder, SellOrder};
    use crate::order::{GiftTender, Line, PaperReceipt};

    fn limits_of(order: Order, offline: &str) -> Vec<(String, String)> {
        let document = format!(
            r#"{{"id": "t", "currency": "RUB", "zone": "Europe/Moscow", "offline": {offline}}}"#
        );
        let program = Program::compile(&document).unwrap();
        let command = Command::Sell(SellOrder { order, ..SellOrder::default() });
        let keys = touches(&program, &Slice::new("till-1", 1), &command, None);
        let limit = |key: Key| match key {
            Key::Limit(limit, subject) => Some((limit, subject)),
            _ => None,
        };
        keys.into_iter().filter_map(limit).collect()
    }

    fn order() -> Order {
        Order {
            cards: vec!["1001".into()],
            gift_cards: vec![GiftTender { number: "2001".into(), ..GiftTender::default() }],
            lines: vec![Line::new("1", Decimal::ONE)],
            store: Some("a".into()),
            till: Some("counter".into()),
            ..Order::default()
        }
    }

    fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        expected.iter().map(|(limit, of)| ((*limit).to_owned(), (*of).to_owned())).collect()
    }

    #[test]
    fn a_sum_offline_is_asked_of_every_card_and_of_the_ledgers_own_till() {
        let sum = r#"{"gift_cards": "sum", "card_maximum": "1"}"#;
        let expected =
            [("offline:card", "1001"), ("offline:card", "2001"), ("offline:till", "till-1")];
        assert_eq!(limits_of(order(), sum), pairs(&expected));
        assert_eq!(limits_of(order(), "{}"), []);
    }

    #[test]
    fn a_hand_written_receipt_is_looked_for_by_number_store_and_card() {
        let paper = PaperReceipt {
            at: Timestamp::UNIX_EPOCH,
            by: "Anna".into(),
            number: "17".into(),
            ..PaperReceipt::default()
        };
        let order = Order { paper: Some(paper), ..order() };
        let expected =
            [("paper:number", "1:a:17"), ("paper:sum", "store:a"), ("paper:sum", "card:1001")];
        assert_eq!(limits_of(order, "{}"), pairs(&expected));
    }

    #[test]
    fn an_order_touches_what_its_quote_does() {
        let sum = r#"{"gift_cards": "sum", "card_maximum": "1"}"#;
        let document = format!(
            r#"{{"id": "t", "currency": "RUB", "zone": "Europe/Moscow", "offline": {sum}}}"#
        );
        let program = Program::compile(&document).unwrap();
        let slice = Slice::new("till-1", 1);
        let command = Command::Quote(QuoteOrder { order: order() });
        let of_order = order_touches(&program, &slice, &order());
        assert_eq!(of_order, touches(&program, &slice, &command, None));
        assert!(of_order.contains(&Key::Card("1001".into())), "{of_order:?}");
    }
}
