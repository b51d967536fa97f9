//! Gift cards: money on cards that pays, after points and before every other tender.

use jiff::{SignedDuration, Timestamp};

use super::offline::Asset;
use super::{Pricing, resume};
use crate::allocation::{AllocationPolicy, Part, allocate};
use crate::amount::Amount;
use crate::answer::{CardChallenge, GiftPayment, Outcome, Quote, TraceStep};
use crate::number::normalise;
use crate::order::{Challenge, GiftTender, Order, Presented, Stage};
use crate::program::rules::{CardRules, Rules, StoredValueRules};
use crate::reason::{Reason, ReasonCode};
use crate::rounding::{Rounding, divide_to_amount};
use crate::slice::{CardState, Slice};
use crate::tax::TaxTotals;

/// A gift card of the order that may pay.
pub(crate) struct GiftCard<'a> {
    pub number: &'a str,
    kind: &'a CardRules,
    rules: &'a StoredValueRules,
    /// What is usable on it, or what is taken of it where that was decided before.
    usable: i64,
    wish: Option<i64>,
    /// What is left on it at the instant, before it pays.
    before: i64,
    /// Whether it pays what was agreed, whatever it holds now.
    agreed: bool,
}

/// What a gift card pays.
pub(crate) struct GiftSpend {
    pub card: String,
    pub amount: i64,
    pub left: i64,
}

/// Divides what is paid for a receipt over its lines. An adjustment below zero lowers what is paid
/// for the others; where taxes are rounded once for the receipt, lines add up to a little more or
/// less than it: the difference is divided over them too.
pub(crate) fn paid_of_lines(own: &[i64], payable: i64) -> Vec<i64> {
    let lowered: i64 = own.iter().map(|own| -(*own).min(0)).sum();
    let part = |own: &i64| Part {
        weight: (*own).max(0),
        quantity: 1,
        capacity: (*own).max(0),
        eligible: *own > 0,
    };
    let parts: Vec<Part> = own.iter().map(part).collect();
    let shares = allocate(lowered, &parts, &AllocationPolicy::default()).shares;
    let mut paid: Vec<i64> =
        own.iter().zip(shares).map(|(own, share)| (*own).max(0) - share).collect();
    spread_rounding(&mut paid, payable);
    paid
}

fn spread_rounding(paid: &mut [i64], payable: i64) {
    let difference = payable - paid.iter().sum::<i64>();
    let part = |paid: &i64| Part {
        weight: *paid,
        quantity: 1,
        capacity: if difference < 0 { *paid } else { i64::MAX },
        eligible: *paid > 0,
    };
    let parts: Vec<Part> = paid.iter().map(part).collect();
    let shares = allocate(difference.abs(), &parts, &AllocationPolicy::default()).shares;
    for (paid, share) in paid.iter_mut().zip(shares) {
        *paid += share * difference.signum();
    }
}

/// By gift card that pays a reserved receipt, the ids of the lines that it may pay for.
pub(crate) fn lines_of_gift_cards(
    rules: &Rules,
    slice: &Slice,
    order: &Order,
    quote: &Quote,
    at: Timestamp,
) -> Vec<(String, Vec<String>)> {
    let prepared = resume::prepare_regrouped(order, rules, quote);
    let pricing = resume::resume(rules, &prepared, order, slice, quote, &[], at);
    let lines_of = |paid: &GiftPayment| {
        let kind = slice.card(&paid.card).and_then(|state| rules.card_named(&state.kind));
        let may_pay = kind?.stored_value.as_ref().map(|value| pricing.lines_for(value))?;
        let places = may_pay.iter().enumerate().filter(|(_, may_pay)| **may_pay);
        Some((paid.card.clone(), places.map(|(place, _)| pricing.line_id(place)).collect()))
    };
    quote.gift_cards.iter().filter_map(lines_of).collect()
}

impl<'a> Pricing<'a> {
    /// Finds the gift cards of the order that may pay, and tells why others may not.
    pub(super) fn find_gift_cards(&mut self) {
        let source = self.source;
        for (index, tender) in source.gift_cards.iter().enumerate() {
            match self.gift_card(index, tender) {
                Ok(card) => {
                    let linked = normalise(&tender.number);
                    if card.number != linked {
                        let reason = Reason::new(ReasonCode::CardLinked).with("card", card.number);
                        self.reasons.push(reason.with("number", linked));
                    }
                    self.gift_cards.push(card);
                }
                Err(reason) => {
                    self.reasons.push((*reason).clone());
                    let card = normalise(&tender.number);
                    self.step(|pricing| TraceStep {
                        amount: pricing.money(0),
                        asset: pricing.order.currency.clone(),
                        card: Some(card.to_owned()),
                        outcome: Outcome::Skipped,
                        reasons: vec![*reason],
                        rule: card.to_owned(),
                        stage: Stage::Tender,
                        ..TraceStep::default()
                    });
                }
            }
        }
    }

    fn gift_card(
        &mut self,
        index: usize,
        tender: &'a GiftTender,
    ) -> Result<GiftCard<'a>, Box<Reason>> {
        let named = normalise(&tender.number);
        let number = self.slice.resolve(named);
        // Whoever tries numbers learns nothing from the answer.
        let refused = || Box::new(Reason::new(ReasonCode::GiftRefused).with("card", named));
        let state = self.slice.card(number).ok_or_else(refused)?;
        let kind = self.rules.card_named(&state.kind).ok_or_else(refused)?;
        let rules = kind.stored_value.as_ref().ok_or_else(refused)?;
        let proved = self.is_proved(state, tender.presentation.as_ref());
        if kind.pin.is_some() && state.pin.is_some() && !proved {
            return Err(refused());
        }
        // A link that was lost must not pay with its card.
        let link = self.slice.card(named).filter(|_| named != number);
        let of_link = link.and_then(|link| link.life.refusal(named, self.at));
        if let Some(reason) = of_link.or_else(|| state.life.refusal(number, self.at)) {
            return Err(Box::new(reason));
        }
        let challenge = state.challenge(Some(kind));
        if !is_met(challenge, tender.confirmed, proved) {
            self.challenges.push(CardChallenge { card: number.to_owned(), challenge });
            let reason = Reason::new(ReasonCode::CardChallenge).with("card", number);
            return Err(Box::new(reason.with("challenge", challenge.as_str())));
        }
        if let Some((challenge, reason)) = self.watch_forbids(number) {
            self.challenges.extend(challenge);
            return Err(Box::new(reason));
        }
        if self.order.exchange.is_some() {
            let reason = Reason::new(ReasonCode::GiftCurrency).with("card", number);
            return Err(Box::new(reason.with("currency", self.rules.currency())));
        }
        if rules.owner_only && !self.is_with_owner(state) {
            return Err(Box::new(Reason::new(ReasonCode::GiftOwner).with("card", number)));
        }
        if let Some(reason) = self.forbids_offline(number) {
            return Err(Box::new(reason));
        }
        let account = state.account(self.rules.currency());
        let usable = account.map_or(0, |account| account.read(self.at).spendable);
        let wish = self.order.gift_wishes.get(index).copied().flatten();
        Ok(GiftCard { number, kind, rules, usable, wish, before: usable, agreed: false })
    }

    /// Why a gift card pays nothing at all while the ledger is offline.
    fn forbids_offline(&self, number: &str) -> Option<Reason> {
        let (offline, since) = self.rules.offline.as_ref().zip(self.offline_since)?;
        let reason = offline.forbids(Asset::Money, since, self.at)?;
        Some(reason.with("card", number))
    }

    /// Whether a card was proved with its PIN a short while ago.
    fn is_proved(&self, state: &CardState, presentation: Option<&String>) -> bool {
        let minutes = i64::from(self.rules.document.presenting.valid_minutes);
        let valid = SignedDuration::from_mins(minutes);
        state.presentations.iter().any(|one| {
            Some(&one.record) == presentation
                && one.strength == Presented::Pin
                && one.at.checked_add(valid).is_ok_and(|until| until >= self.at)
        })
    }

    /// Whether a card of one of the gift card's guests is presented too.
    fn is_with_owner(&self, state: &CardState) -> bool {
        let guests = || state.guest.iter().chain(&state.shared);
        let presented = self.cards.iter().filter_map(|card| card.state.guest.as_ref());
        presented.into_iter().any(|guest| guests().any(|owner| owner == guest))
    }

    /// Tells conditions which kinds of tenders the gift cards are.
    pub(super) fn gather_gift_tenders(&mut self) {
        if self.gift_cards.is_empty() {
            return;
        }
        self.facts.more_tenders = self.facts.tenders.is_none();
        let words = self.gift_cards.iter().map(|card| card.rules.tender);
        self.facts.tenders.get_or_insert_with(Vec::new).extend(words);
    }

    /// Gift cards pay, one after the other.
    pub(super) fn tender_stage(&mut self) {
        if self.gift_cards.is_empty() {
            return;
        }
        let paid = self.lines_to_pay();
        let mut open = paid.clone();
        let mut lowered = vec![0; open.len()];
        let cards = std::mem::take(&mut self.gift_cards);
        for card in &cards {
            let may_pay = self.lines_for(card.rules);
            let shares = self.pay_with(card, &mut open, &may_pay);
            let words = &self.rules.earning.lowered_by_tenders;
            if !card.rules.earns || words.contains(&card.rules.tender) {
                lowered.iter_mut().zip(shares).for_each(|(sum, share)| *sum += share);
            }
        }
        self.gift_cards = cards;
        if open.iter().all(|open| *open == 0) {
            self.facts.more_tenders = false;
        }
        self.gift_lowers = self.in_prices(&lowered, &paid);
    }

    /// The same before points are spent: what is earned first is not earned on what gift cards
    /// would pay then.
    pub(super) fn foresee_tenders(&mut self) {
        let (reasons, trace) = (self.reasons.len(), self.trace.as_ref().map_or(0, Vec::len));
        self.tender_stage();
        self.gift_spends.clear();
        self.reasons.truncate(reasons);
        if let Some(steps) = &mut self.trace {
            steps.truncate(trace);
        }
    }

    /// What is to be paid for each line, taxes included.
    fn lines_to_pay(&self) -> Vec<i64> {
        let mut taxes = TaxTotals::new(self.rules.tax_scope, self.rules.tax_rounding);
        let lowers = self.lowers_prices();
        let (mut own, mut untaxed, mut counter_provision) = (Vec::new(), 0, 0);
        for (state, line) in self.lines.iter().zip(&self.order.lines) {
            let due = state.remaining;
            let gross = match due > 0 {
                true => taxes.add(due, line.quantity, &line.taxes, &line.tax_groups).gross,
                false => due,
            };
            let points = if lowers { 0 } else { state.points_money };
            own.push(gross - points);
            untaxed += due.min(0);
            counter_provision += points;
        }
        paid_of_lines(&own, taxes.finish().gross + untaxed - counter_provision)
    }

    /// Which lines a gift card may pay for.
    fn lines_for(&self, rules: &StoredValueRules) -> Vec<bool> {
        let lines = self.order.lines.iter().zip(&self.lines);
        let may_pay = lines.map(|(line, state)| {
            line.gift.is_none()
                && rules.kinds.has(line.kind)
                && !state.excluded.has(Stage::Tender)
                && rules.lines.as_ref().is_none_or(|test| test.holds(line))
        });
        may_pay.collect()
    }

    /// Lets one gift card pay; gives what it pays of each line.
    fn pay_with(&mut self, card: &GiftCard<'_>, open: &mut [i64], may_pay: &[bool]) -> Vec<i64> {
        self.parts.clear();
        for ((open, may_pay), line) in open.iter().zip(may_pay).zip(&self.order.lines) {
            self.parts.push(super::part(line, *open, *open, *may_pay && *open > 0));
        }
        let rest: i64 = self.eligible().map(|(_, part)| part.weight).sum();
        let mut reasons = Vec::new();
        let amount = match may_pay.contains(&true) {
            true => self.choose_payment(card, rest, &mut reasons),
            false => {
                reasons.push(Reason::new(ReasonCode::GiftNoLines).with("card", card.number));
                0
            }
        };
        self.divide(amount, &AllocationPolicy::default());
        open.iter_mut().zip(&self.shares).for_each(|(open, share)| *open -= share);
        self.step(|pricing| TraceStep {
            amount: pricing.money(amount),
            asset: pricing.order.currency.clone(),
            base: Some(pricing.money(rest)),
            cap: Some(pricing.money(card.usable)),
            card: Some(card.number.to_owned()),
            outcome: match (amount, reasons.is_empty()) {
                (0, _) => Outcome::Skipped,
                (_, false) => Outcome::Trimmed,
                (_, true) => Outcome::Applied,
            },
            reasons: reasons.clone(),
            residue: pricing.residue(amount),
            rule: card.kind.id.clone(),
            stage: Stage::Tender,
            ..TraceStep::default()
        });
        self.reasons.extend(reasons);
        if amount > 0 {
            let (card, left) = (card.number.to_owned(), card.before - amount);
            self.gift_spends.push(GiftSpend { card, amount, left });
        }
        self.shares.clone()
    }

    fn choose_payment(&self, card: &GiftCard<'_>, rest: i64, reasons: &mut Vec<Reason>) -> i64 {
        let amount = card.wish.unwrap_or(card.usable).min(card.usable).min(rest);
        if card.agreed {
            return amount;
        }
        let bounds = self.offline_bounds(Asset::Money, card.number);
        let room = bounds.iter().map(|bound| bound.room).min().unwrap_or(i64::MAX);
        let binding = bounds.iter().filter(|bound| bound.room <= room && room < amount);
        reasons.extend(binding.map(|bound| bound.reason.clone()));
        let amount = amount.min(room);
        let told = |code| Reason::new(code).with("card", card.number);
        let available = self.money(card.usable);
        // Without a wish only what keeps a card from paying at all is told.
        if card.wish.is_some_and(|wish| wish > card.usable) || card.usable == 0 {
            reasons.push(match self.is_bounded_offline() {
                false => told(ReasonCode::GiftBalance).with("available", available),
                true => self.known_only(card.number).with("balance", available),
            });
        }
        if card.wish.is_some_and(|wish| wish > rest) || rest == 0 {
            reasons.push(told(ReasonCode::GiftRest).with("rest", self.money(rest)));
        }
        if !card.rules.partial && amount != card.usable {
            reasons.push(told(ReasonCode::GiftPartial).with("available", available));
            return 0;
        }
        amount
    }

    /// What gift cards pay of each line, as a part of its price rather than of what is paid for it.
    fn in_prices(&self, shares: &[i64], paid: &[i64]) -> Vec<i64> {
        let lowers = self.lowers_prices();
        let lines = self.lines.iter().zip(shares).zip(paid);
        let price = lines.map(|((state, share), paid)| {
            let points = if lowers { 0 } else { state.points_money };
            let due = i128::from(state.remaining - points) * i128::from(*share);
            divide_to_amount(due, i128::from((*paid).max(1)), Rounding::HalfUp)
        });
        price.collect()
    }

    /// Lets gift cards pay again what was reserved on them, or as much of it as is taken.
    pub(super) fn resume_gift_cards(
        &mut self,
        reserved: &[GiftPayment],
        taken: &'a [(String, i64)],
    ) {
        for (number, amount) in taken {
            let found = reserved.iter().find(|one| one.card == *number);
            let state = self.slice.card(number);
            let kind = state.and_then(|state| self.rules.card_named(&state.kind));
            let rules = kind.and_then(|kind| Some((kind, kind.stored_value.as_ref()?)));
            if let Some((found, (kind, rules))) = found.zip(rules).filter(|_| *amount > 0) {
                let (number, usable, wish) = (number.as_str(), *amount, Some(*amount));
                let before = found.left.units + found.amount.units;
                self.gift_cards.push(GiftCard {
                    number,
                    kind,
                    rules,
                    usable,
                    wish,
                    before,
                    agreed: true,
                });
            }
        }
        self.gather_gift_tenders();
    }

    /// What gift cards pay, for the receipt.
    pub(super) fn gift_payments(&self) -> Vec<GiftPayment> {
        let payment = |spend: &GiftSpend| GiftPayment {
            amount: self.money(spend.amount),
            card: spend.card.clone(),
            left: self.money(spend.left),
        };
        self.gift_spends.iter().map(payment).collect()
    }

    /// What gift cards pay in all.
    pub(super) fn gift_total(&self) -> Amount {
        self.money(self.gift_spends.iter().map(|spend| spend.amount).sum())
    }
}

/// Whether a challenge was met. Money is not spent offline where the server must be asked.
fn is_met(challenge: Challenge, confirmed: Challenge, proved: bool) -> bool {
    match challenge {
        Challenge::None => true,
        Challenge::Pin => proved,
        Challenge::Code => matches!(confirmed, Challenge::Code | Challenge::Manager),
        Challenge::Manager | Challenge::Online => confirmed == challenge,
    }
}

#[cfg(test)]
mod tests;
