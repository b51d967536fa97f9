//! Money on gift cards: reserved, taken, given back, moved.

use super::draft::{Draft, place_of};
use super::grant::changed;
use super::sale::end_hold;
use super::state::{require_known, require_usable};
use crate::account::Part;
use crate::allocation::{AllocationPolicy, Part as Portion, allocate};
use crate::amount::{Amount, to_units};
use crate::answer::{GiftPayment, GiftReturn, Quote};
use crate::command::{Confirm, Refund, Transfer};
use crate::error::{Error, ErrorCode, Mistake};
use crate::number::normalise;
use crate::pricing::offline::Asset;
use crate::program::rules::{CardRules, StoredValueRules};
use crate::program::{CardUse, TenderOrder};
use crate::reason::Reason;
use crate::record::{CardIssued, Effect, Lot, LotMove, LotOpened, Record, TenderReturned};
use crate::slice::{CardState, SaleState, TENDERED, TRANSFER};

impl Draft<'_> {
    /// Reserves what gift cards pay.
    pub fn hold_gift_cards(&mut self, quote: &Quote, until: jiff::Timestamp) {
        let currency = self.rules.currency();
        for paid in &quote.gift_cards {
            self.read(&paid.card);
            self.hold(&paid.card, currency, paid.amount, until);
        }
    }

    /// Frees what gift cards were to pay.
    pub fn free_gift_cards(&mut self, quote: &Quote, sale: &str) {
        for paid in &quote.gift_cards {
            self.read(&paid.card);
            end_hold(self, &paid.card, self.rules.currency(), sale, true);
        }
    }

    /// Takes what gift cards pay, from what was reserved of it.
    pub fn capture_gift_cards(
        &mut self,
        reserved: &Quote,
        quote: &Quote,
        sale: &str,
        late: bool,
    ) -> Vec<Reason> {
        let mut reasons = Vec::new();
        for held in &reserved.gift_cards {
            self.read(&held.card);
            let parts = end_hold(self, &held.card, self.rules.currency(), sale, late);
            let paid = quote.gift_cards.iter().find(|paid| paid.card == held.card);
            reasons.extend(paid.and_then(|paid| self.debit_gift_card(paid, parts)));
        }
        reasons
    }

    /// Takes what gift cards pay of a sale that was not reserved.
    pub fn debit_gift_cards(&mut self, quote: &Quote) -> Vec<Reason> {
        let mut reasons = Vec::new();
        for paid in &quote.gift_cards {
            self.read(&paid.card);
            reasons.extend(self.debit_gift_card(paid, Vec::new()));
        }
        reasons
    }

    fn debit_gift_card(&mut self, paid: &GiftPayment, held: Vec<Part>) -> Option<Reason> {
        let currency = self.rules.currency();
        self.debit(&paid.card, currency, paid.amount, held, TENDERED)
    }
}

/// How much is taken of what is held on each gift card, in the order in which they pay.
pub(super) fn captures(input: &Confirm, reserved: &Quote) -> Result<Vec<(String, i64)>, Error> {
    let held = reserved.gift_cards.iter().map(|paid| (paid.card.clone(), paid.amount.units));
    let mut taken: Vec<(String, i64)> = held.collect();
    let mut mistakes = Vec::new();
    let named = input.gift_cards.as_deref().unwrap_or_default();
    for (index, capture) in named.iter().enumerate() {
        let number = normalise(&capture.card);
        let path = || format!("/gift_cards/{index}/amount");
        if named.iter().take(index).any(|earlier| normalise(&earlier.card) == number) {
            let message = "this gift card is named twice";
            let path = format!("/gift_cards/{index}/card");
            mistakes.push(Mistake::new(ErrorCode::OrderGiftCard, path, message));
            continue;
        }
        let place = taken.iter().position(|(card, _)| card == number);
        let digits = reserved.totals.payable.digits;
        let units = match to_units(capture.amount, digits) {
            Ok(units) => units,
            Err((code, message)) => {
                mistakes.push(Mistake::new(code, path(), message));
                continue;
            }
        };
        let found = place.and_then(|place| taken.get_mut(place));
        let most = found.as_ref().map_or(0, |(_, held)| *held);
        match found {
            _ if units < 0 => {
                let message = "the amount must not be negative";
                mistakes.push(Mistake::new(ErrorCode::AmountSign, path(), message));
            }
            Some((_, held)) if units <= *held => *held = units,
            _ => {
                let most = Amount { units: most, digits };
                let message = format!("only {most} is held on this gift card for the sale");
                mistakes.push(Mistake::new(ErrorCode::HoldExceeded, path(), message));
            }
        }
    }
    if mistakes.is_empty() { Ok(taken) } else { Err(mistakes.into()) }
}

/// What comes back to gift cards of one refund: for each that gets something, which it was, how
/// much, and who gets it.
pub(super) struct GiftShare<'a> {
    paid: &'a GiftPayment,
    /// What had come back to it before.
    before: i64,
    amount: i64,
    to: String,
}

/// Divides what has come back in all over the gift cards that paid; the rest is money.
pub(super) fn divide_refund<'a>(
    quote: &'a Quote,
    sale: &SaleState,
    order: TenderOrder,
    refunded: i64,
) -> Vec<GiftShare<'a>> {
    let paid = quote.totals.payable.units;
    let captured: i64 = quote.gift_cards.iter().map(|one| one.amount.units).sum();
    let all = match order {
        TenderOrder::ProRata => super::refund::scaled(captured, refunded, paid),
        TenderOrder::GiftFirst => refunded.min(captured),
        TenderOrder::CashFirst => (refunded - (paid - captured)).max(0),
    };
    let cards = quote.gift_cards.iter().zip(&sale.tenders);
    let open = cards.clone().map(|(one, before)| (one.amount.units - before).max(0));
    let now = all - sale.tenders.iter().sum::<i64>();
    let amounts = match order {
        TenderOrder::ProRata => in_proportion(now, open),
        TenderOrder::GiftFirst | TenderOrder::CashFirst => in_order(now, open),
    };
    let share = |((paid, before), amount): ((&'a GiftPayment, &i64), i64)| GiftShare {
        paid,
        before: *before,
        amount,
        to: paid.card.clone(),
    };
    cards.zip(amounts).map(share).filter(|share| share.amount > 0).collect()
}

/// What is given now is divided by what each still has to get. Rounding down what each has got in
/// all would now and then give two cards a kopek of one that comes back.
fn in_proportion(now: i64, open: impl Iterator<Item = i64>) -> Vec<i64> {
    let part =
        |open: i64| Portion { weight: open, quantity: 1, capacity: open, eligible: open > 0 };
    let parts: Vec<Portion> = open.map(part).collect();
    allocate(now.max(0), &parts, &AllocationPolicy::default()).shares
}

fn in_order(now: i64, open: impl Iterator<Item = i64>) -> Vec<i64> {
    let mut left = now.max(0);
    let take = |open: i64| {
        let amount = open.min(left);
        left -= amount;
        amount
    };
    open.map(take).collect()
}

/// Names who gets what comes back; a new card is issued for it.
pub(super) fn choose_receiver(
    draft: &mut Draft<'_>,
    shares: &mut [GiftShare<'_>],
    input: &Refund,
) -> Result<(), Error> {
    if shares.is_empty() {
        return Ok(());
    }
    if let Some(to) = &input.to_card {
        let asked = normalise(to);
        let number = draft.slice.resolve(asked);
        let link = draft.slice.card(asked).filter(|_| asked != number);
        if link.is_some_and(|link| link.life.closed) {
            let message = format!("the number `{asked}` was closed; name another in `to_card`");
            return Err(Error::new(ErrorCode::CardClosed, "/to_card", message));
        }
        let to = receiver(draft, number, input)?;
        shares.iter_mut().for_each(|share| share.to.clone_from(&to));
    }
    check_open(draft, shares, "/to_card")
}

/// No money comes back to a closed card.
pub(super) fn check_open(
    draft: &Draft<'_>,
    shares: &[GiftShare<'_>],
    path: &str,
) -> Result<(), Error> {
    let state = |number: &str| draft.card(number).or_else(|| draft.slice.card(number));
    let closed = |share: &&GiftShare<'_>| state(&share.to).is_some_and(|card| card.life.closed);
    match shares.iter().find(closed) {
        None => Ok(()),
        Some(share) => {
            let message = format!("the card `{}` is closed; name another in `to_card`", share.to);
            Err(Error::new(ErrorCode::CardClosed, path, message))
        }
    }
}

fn receiver(draft: &mut Draft<'_>, number: &str, input: &Refund) -> Result<String, Error> {
    let error = |code, message: String| Error::new(code, "/to_card", message);
    let kind = match draft.slice.card(number) {
        Some(card) => draft.rules.card_named(&card.kind),
        None => Some(draft.rules.card_of_number(number).map_err(|_| {
            let message = format!("`{number}` is no card and fits none of the programme's cards");
            error(ErrorCode::CardNumber, message)
        })?),
    };
    let Some(kind) = kind.filter(|kind| kind.usage == CardUse::Gift) else {
        let message = format!("the card `{number}` holds no money");
        return Err(error(ErrorCode::CardAsset, message));
    };
    if draft.slice.card(number).is_none() {
        let expires_at = kind.end(draft.at, draft.zone(input.store.as_ref()));
        draft.push(Effect::CardIssued(CardIssued {
            card: number.to_owned(),
            expires_at,
            guest: None,
            inactive: false,
            kind: kind.id.clone(),
            seat: None,
        }));
    }
    Ok(number.to_owned())
}

/// Gives gift cards their money back: to the lots that it came from, or as a new lot on another
/// card.
pub(super) fn give_back_money(
    draft: &mut Draft<'_>,
    sale: &SaleState,
    shares: &[GiftShare<'_>],
    reasons: &mut Vec<Reason>,
) {
    let currency = draft.rules.currency();
    for share in shares {
        draft.read(&share.to);
        if share.to == share.paid.card {
            super::refund::restore_money(
                draft,
                sale,
                share.paid,
                (share.before, share.amount),
                reasons,
            );
            continue;
        }
        let amount = share.money();
        let lot = Lot {
            earned_at: draft.at,
            expires_at: draft.card_ends(&share.to),
            id: draft.new_lot_id(),
            ..Lot::default()
        };
        draft.move_lot(&share.to, currency, lot, amount, LotMove::Restored);
        draft.post(&share.to, currency, amount, TENDERED);
    }
}

impl GiftShare<'_> {
    fn money(&self) -> Amount {
        Amount { units: self.amount, digits: self.paid.amount.digits }
    }

    /// As the record keeps it.
    pub fn returned(&self) -> TenderReturned {
        let (card, to) = (self.paid.card.clone(), self.to.clone());
        TenderReturned { amount: self.money(), card, to }
    }

    /// As it is answered.
    pub fn told(&self) -> GiftReturn {
        let (card, to) = (self.paid.card.clone(), self.to.clone());
        GiftReturn { amount: self.money(), card, to }
    }
}

/// A gift card with its kind.
fn gift_card<'a>(
    draft: &Draft<'a>,
    number: &str,
    path: &str,
) -> Result<(&'a CardState, &'a CardRules, &'a StoredValueRules), Error> {
    let card = require_known(draft, number, path)?;
    let kind = draft.rules.card_named(&card.kind);
    let found = kind.and_then(|kind| Some((card, kind, kind.stored_value.as_ref()?)));
    found.ok_or_else(|| {
        let message = format!("the card `{number}` holds no money");
        Error::new(ErrorCode::CardAsset, path, message)
    })
}

/// Moves money between gift cards of one kind.
pub(super) fn transfer_money(mut draft: Draft<'_>, input: &Transfer) -> Result<Record, Error> {
    let refused = |path: &str, message: &str| {
        Err(Error::new(ErrorCode::TransferNotAllowed, path, message.to_owned()))
    };
    let currency = draft.rules.currency();
    let from = draft.slice.resolve(normalise(&input.from)).to_owned();
    let to = draft.slice.resolve(normalise(&input.to)).to_owned();
    if from == to {
        return refused("/to", "money moves to another card, not to the same");
    }
    draft.check_moves_offline(Asset::Money)?;
    let (_, kind, value) = gift_card(&draft, &from, "/from")?;
    require_usable(&draft, normalise(&input.from), "/from")?;
    let (receiver, other, _) = gift_card(&draft, &to, "/to")?;
    require_usable(&draft, normalise(&input.to), "/to")?;
    if !value.transfer {
        return refused("", "the programme lets no money move between these cards");
    }
    if kind.id != other.id {
        return refused("/to", "money moves between cards of one kind only");
    }
    let digits = draft.rules.currency_digits;
    let units = to_units(input.amount, digits);
    let units = units.map_err(|(code, message)| Error::new(code, "/amount", message))?;
    let amount = |units| Amount { units, digits };
    if units <= 0 {
        let message = "the amount must be above zero";
        return Err(Error::new(ErrorCode::AmountSign, "/amount", message));
    }
    draft.read(&from);
    draft.read(&to);
    let account = draft.account(&from, currency);
    let usable = account.map_or(0, |account| account.read(draft.at).spendable);
    if units > usable {
        let message = format!("only {} of the card can be moved", amount(usable));
        return Err(Error::new(ErrorCode::TransferExceeds, "/amount", message));
    }
    let holds =
        receiver.account(currency).map(|account| account.read(draft.at)).unwrap_or_default();
    let after = holds.posted - holds.expired + units;
    if value.maximum.is_some_and(|maximum| after > maximum) {
        return refused("/amount", "the card that gets it would hold more than it may");
    }
    let parts = account.map(|account| account.take(units, draft.at)).unwrap_or_default();
    for part in parts {
        let (lot, units) = (part.lot, amount(-part.amount));
        draft.move_lot(&from, currency, lot, units, LotMove::Transferred);
    }
    draft.post(&from, currency, amount(-units), &format!("card:{to}"));
    let reasons = put_in(&mut draft, &to, amount(units)).into_iter().collect();
    let answer = changed(&draft, reasons);
    draft.finish(answer, &place_of!(input))
}

fn put_in(draft: &mut Draft<'_>, to: &str, amount: Amount) -> Option<Reason> {
    let currency = draft.rules.currency();
    let lot = Lot {
        earned_at: draft.at,
        expires_at: draft.card_ends(to),
        id: draft.new_lot_id(),
        ..Lot::default()
    };
    draft.push(Effect::LotOpened(LotOpened {
        amount,
        card: to.to_owned(),
        lot: lot.clone(),
        points: currency.to_owned(),
        rule: TRANSFER.to_owned(),
        sale: None,
    }));
    draft.repay(to, currency, lot, amount)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kopek_that_comes_back_is_given_once() {
        assert_eq!(in_proportion(1, [50, 50].into_iter()).iter().sum::<i64>(), 1);
        assert_eq!(in_proportion(100, [50, 50].into_iter()), [50, 50]);
        assert_eq!(in_proportion(45, [60, 30].into_iter()), [30, 15]);
    }

    #[test]
    fn the_first_card_gets_all_before_the_second_gets_any() {
        assert_eq!(in_order(70, [50, 50].into_iter()), [50, 20]);
    }
}
