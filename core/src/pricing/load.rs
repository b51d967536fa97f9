//! What lines sell: stored value, entries, units.

use jiff::Timestamp;

use crate::amount::{Amount, QUANTITY_ONE};
use crate::answer::{CardStatus, Load, SaleStatus};
use crate::error::{ErrorCode, Mistake};
use crate::number::normalise;
use crate::order::prepare::PreparedLine;
use crate::order::{Line, LineKind, Order, Prepared};
use crate::program::rules::{CardRules, Rules, StoredValueRules, TicketRules};
use crate::slice::{CardState, Slice};

/// What an order is asked against.
struct Loading<'a> {
    rules: &'a Rules,
    slice: &'a Slice,
    prepared: &'a Prepared,
    at: Timestamp,
    mistakes: Vec<Mistake>,
    loads: Vec<Load>,
}

/// What the lines of an order load when it is sold; paths are those within the order.
pub(crate) fn loads(
    rules: &Rules,
    slice: &Slice,
    order: &Order,
    prepared: &Prepared,
    at: Timestamp,
) -> Result<Vec<Load>, Vec<Mistake>> {
    let (mistakes, loads) = (Vec::new(), Vec::new());
    let mut loading = Loading { rules, slice, prepared, at, mistakes, loads };
    loading.check_gift_cards(order);
    for line in &prepared.lines {
        let source = order.lines.get(line.index).filter(|_| line.kind == LineKind::StoredValue);
        if let Some((source, card)) = source.and_then(|line| Some((line, line.card.as_ref()?))) {
            loading.load(line, source, normalise(card));
        }
    }
    if loading.mistakes.is_empty() { Ok(loading.loads) } else { Err(loading.mistakes) }
}

impl<'a> Loading<'a> {
    fn mistake(&mut self, code: ErrorCode, path: String, message: impl Into<String>) {
        if self.mistakes.len() < crate::document::MISTAKES_MAX {
            self.mistakes.push(Mistake::new(code, path, message));
        }
    }

    /// A card and a number that stands for it pay once.
    fn check_gift_cards(&mut self, order: &Order) {
        let slice = self.slice;
        let resolved = |place: usize| {
            let number = order.gift_cards.get(place).map(|one| normalise(&one.number));
            number.map(|number| slice.resolve(number))
        };
        for place in 0..order.gift_cards.len() {
            let own = order.gift_cards.get(place).map(|one| normalise(&one.number));
            let twice = (0..place).any(|earlier| {
                resolved(earlier) == resolved(place)
                    && order.gift_cards.get(earlier).map(|one| normalise(&one.number)) != own
            });
            if twice {
                let path = format!("/gift_cards/{place}/number");
                let message = "this number stands for a gift card that pays already";
                self.mistake(ErrorCode::OrderGiftCard, path, message);
            }
        }
    }

    fn load(&mut self, line: &PreparedLine, source: &Line, number: &str) {
        let index = line.index;
        let slice: &'a Slice = self.slice;
        let state = slice.card(number);
        let Some(kind) = self.kind(state, number) else {
            let message = format!("`{number}` is no card that can be sold or topped up");
            return self.mistake(ErrorCode::LoadCard, format!("/lines/{index}/card"), message);
        };
        if let Some(message) = state.and_then(|state| self.refusal(state, kind)) {
            return self.mistake(ErrorCode::LoadCard, format!("/lines/{index}/card"), message);
        }
        let quantity = || format!("/lines/{index}/quantity");
        let loaded = match (&kind.stored_value, &kind.ticket) {
            (Some(_), _) if line.quantity != QUANTITY_ONE => {
                let message = "each card is loaded by a line of its own, with the quantity 1";
                return self.mistake(ErrorCode::OrderQuantity, quantity(), message);
            }
            (Some(value), _) => self.money(line, value, state),
            (_, Some(_)) if line.quantity % QUANTITY_ONE != 0 => {
                let message = "tickets are sold in whole numbers";
                return self.mistake(ErrorCode::OrderQuantity, quantity(), message);
            }
            (_, Some(ticket)) => self.entries(line, ticket, kind, state.is_none()),
            _ => None,
        };
        let Some(loaded) = loaded else { return };
        let ticket = kind.ticket.as_ref();
        let own = state.filter(|state| !state.life.inactive);
        let zone = self.prepared.zone(self.rules);
        self.loads.push(Load {
            amount: loaded.amount,
            asset: loaded.asset,
            bonus: loaded.bonus,
            card: number.to_owned(),
            expires_at: own.map_or_else(|| kind.end(self.at, zone), |own| own.life.expires_at),
            issues: state.is_none(),
            kind: kind.id.clone(),
            line: source.id.clone(),
            list_price: ticket.and_then(|ticket| ticket.list_price).map(|units| self.coin(units)),
            refund: ticket.map(|ticket| ticket.refund),
        });
    }

    fn coin(&self, units: i64) -> Amount {
        Amount { units, digits: self.rules.currency_digits }
    }

    /// The kind of a card that is there, or that such a number would be.
    fn kind(&self, state: Option<&CardState>, number: &str) -> Option<&'a CardRules> {
        let rules: &'a Rules = self.rules;
        let kind = match state {
            Some(state) => rules.card_named(&state.kind),
            None => rules.card_of_number(number).ok(),
        };
        kind.filter(|kind| kind.stored_value.is_some() || kind.ticket.is_some())
    }

    /// Why a card cannot be loaded in its state.
    fn refusal(&self, state: &CardState, kind: &CardRules) -> Option<&'static str> {
        if state.linked.is_some() {
            return Some("the number stands for another card; load that one");
        }
        match state.life.status(self.at) {
            CardStatus::Blocked => return Some("the card is blocked"),
            CardStatus::Closed => return Some("the card is closed"),
            CardStatus::Expired => return Some("the card has expired"),
            CardStatus::Active | CardStatus::Issued => {}
        }
        let once = kind.stored_value.as_ref().is_some_and(|value| !value.top_up);
        let held_once = state.account(self.rules.currency()).is_some();
        (once && held_once).then_some("the card was loaded once already and is not topped up")
    }

    /// The money that a line loads, with what is added as a present.
    fn money(
        &mut self,
        line: &PreparedLine,
        value: &StoredValueRules,
        state: Option<&CardState>,
    ) -> Option<Loaded> {
        let currency = self.rules.currency();
        let amount = line.amount;
        let step = value.bonus.iter().rev().find(|(from, _)| *from <= amount);
        let bonus = step.map_or(0, |(_, bonus)| *bonus);
        let account = state.and_then(|state| state.account(currency));
        let reading = account.map(|account| account.read(self.at)).unwrap_or_default();
        let after = (reading.posted - reading.expired).saturating_add(amount).saturating_add(bonus);
        let faces = &value.face_values;
        let fault = if self.prepared.exchange.is_some() {
            Some(format!("money is loaded in {currency} only"))
        } else if amount <= 0 {
            Some("the amount to be loaded must be above zero".to_owned())
        } else if !faces.is_empty() && !faces.contains(&amount) {
            Some("the card is sold for its face values only".to_owned())
        } else if value.minimum.is_some_and(|minimum| amount < minimum) {
            Some(format!("at least {} is loaded", self.coin(value.minimum.unwrap_or(0))))
        } else if value.maximum.is_some_and(|maximum| after > maximum) {
            Some(format!("the card may hold {} at most", self.coin(value.maximum.unwrap_or(0))))
        } else {
            None
        };
        if let Some(message) = fault {
            let path = format!("/lines/{}/price", line.index);
            self.mistake(ErrorCode::LoadAmount, path, message);
            return None;
        }
        let (amount, bonus) = (self.coin(amount), self.coin(bonus));
        Some(Loaded { amount, asset: currency.to_owned(), bonus })
    }

    /// The entries that a line sells.
    fn entries(
        &mut self,
        line: &PreparedLine,
        ticket: &TicketRules,
        kind: &CardRules,
        is_new: bool,
    ) -> Option<Loaded> {
        let points = self.rules.points.get(ticket.points)?;
        let promised = self.loads.iter().filter(|load| load.issues && load.kind == kind.id);
        let more = promised.count();
        if is_new && has_no_room(self.slice, kind, self.at, more) {
            let path = format!("/lines/{}/card", line.index);
            self.mistake(ErrorCode::TicketQuota, path, QUOTA);
            return None;
        }
        let units = ticket.units.checked_mul(line.quantity / QUANTITY_ONE);
        let units = units.filter(|units| *units <= crate::amount::AMOUNT_MAX);
        let Some(units) = units else {
            let path = format!("/lines/{}/quantity", line.index);
            self.mistake(ErrorCode::AmountRange, path, "the ticket would hold too much");
            return None;
        };
        let amount = |units| Amount { units, digits: points.digits };
        Some(Loaded { amount: amount(units), asset: points.id.clone(), bonus: amount(0) })
    }
}

/// How much of what is loaded.
struct Loaded {
    amount: Amount,
    asset: String,
    bonus: Amount,
}

/// What is said where a quota is used up.
pub(crate) const QUOTA: &str = "as many of these tickets as there may be exist already";

/// Whether one ticket more, besides `more`, would be above the quota of its kind. Tickets that a
/// reserved sale is about to issue count too.
pub(crate) fn has_no_room(slice: &Slice, kind: &CardRules, at: Timestamp, more: usize) -> bool {
    let Some(quota) = kind.ticket.as_ref().and_then(|ticket| ticket.quota) else { return false };
    let there = slice
        .cards()
        .filter(|(_, card)| card.kind == kind.id && !card.life.closed && card.linked.is_none());
    let reserved = slice.sales().filter(|(_, sale)| sale.status == SaleStatus::Reserved);
    let live = reserved.filter(|(_, sale)| sale.hold_until().is_some_and(|until| until > at));
    let promised = live.filter_map(|(_, sale)| sale.quote()).flat_map(|quote| &quote.loads);
    let promised = promised
        .filter(|load| load.issues && load.kind == kind.id && slice.card(&load.card).is_none());
    let count = there.count().saturating_add(promised.count()).saturating_add(more);
    count >= usize::try_from(quota).unwrap_or(usize::MAX)
}
