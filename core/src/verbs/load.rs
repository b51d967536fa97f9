//! What lines sell, on the cards: loaded with the sale, taken off when the line comes back.

use super::draft::{Draft, Place};
use super::grant;
use crate::account::Part;
use crate::amount::Amount;
use crate::answer::{Load, Quote};
use crate::error::{Error, ErrorCode};
use crate::program::rules::CardRules;
use crate::reason::Reason;
use crate::record::{CardActivated, CardClosed, CardIssued, Effect, Lot, LotMove, LotOpened};
use crate::slice::{CLAWED_BACK, LOAD, LOAD_BONUS, LOADED, SaleState};

impl Draft<'_> {
    /// Puts onto the cards what the lines of a receipt sold. The money was taken: it is loaded
    /// whatever became of the card since it was quoted.
    pub fn load_cards(&mut self, quote: &Quote, sale: &str, place: &Place<'_>) -> Vec<Reason> {
        let mut reasons = Vec::new();
        for load in &quote.loads {
            self.read(&load.card);
            let Some(kind) = self.rules.card_named(&load.kind) else { continue };
            self.open_card(load, kind, place);
            let parts = [(load.amount, LOAD, LOADED), (load.bonus, LOAD_BONUS, "issued")];
            for (amount, rule, account) in parts {
                if amount.units > 0 {
                    reasons.extend(self.load_lot(load, amount, rule, account, sale));
                }
            }
        }
        reasons
    }

    /// Issues the card or activates it, where that is still to be done.
    fn open_card(&mut self, load: &Load, kind: &CardRules, place: &Place<'_>) {
        let expires_at = kind.end(self.at, self.zone(place.store));
        match self.card(&load.card).map(|card| card.life.inactive) {
            Some(false) => {}
            Some(true) => {
                let card = load.card.clone();
                self.push(Effect::CardActivated(CardActivated { card, expires_at }));
            }
            None => {
                self.push(Effect::CardIssued(CardIssued {
                    card: load.card.clone(),
                    expires_at,
                    guest: None,
                    inactive: false,
                    kind: kind.id.clone(),
                    seat: None,
                }));
                let welcome = kind.welcome.and_then(|grant| self.rules.grants.get(grant));
                if let Some(grant) = welcome.filter(|grant| kind.holds(grant.points)) {
                    grant::give(self, grant, &load.card, place, None);
                }
            }
        }
    }

    /// Opens a lot of what was loaded, which ends with its card; a debt is paid first.
    fn load_lot(
        &mut self,
        load: &Load,
        amount: Amount,
        rule: &str,
        account: &str,
        sale: &str,
    ) -> Option<Reason> {
        let lot = Lot {
            earned_at: self.at,
            expires_at: self.card_ends(&load.card),
            id: self.new_lot_id(),
            ..Lot::default()
        };
        self.push(Effect::LotOpened(LotOpened {
            amount,
            card: load.card.clone(),
            lot: lot.clone(),
            points: load.asset.clone(),
            rule: rule.to_owned(),
            sale: Some(sale.to_owned()),
        }));
        self.post(&load.card, &load.asset, amount, account);
        self.repay(&load.card, &load.asset, lot, amount)
    }

    /// When a card ends; what it is loaded with ends with it.
    pub fn card_ends(&self, card: &str) -> Option<jiff::Timestamp> {
        self.card(card).and_then(|card| card.life.expires_at)
    }

    /// Takes a load off its card again: money only if all of it is there, unused entries of a
    /// ticket as many as there are.
    pub fn unload(
        &mut self,
        load: &Load,
        sale: &SaleState,
        why: Option<&String>,
    ) -> Result<(), Error> {
        self.read(&load.card);
        let amount = |units| Amount { units, digits: load.amount.digits };
        let parts = match load.refund {
            Some(_) => self.unused(load, sale),
            None => self.money_of(load, sale)?,
        };
        let mut sum = 0;
        for part in parts {
            sum += part.amount;
            let (lot, units) = (part.lot, amount(-part.amount));
            self.move_lot(&load.card, &load.asset, lot, units, LotMove::ClawedBack);
        }
        let bonus = load.bonus.units.min(sum);
        for (units, account) in [(sum - bonus, LOADED), (bonus, CLAWED_BACK)] {
            if units > 0 {
                self.post(&load.card, &load.asset, amount(-units), account);
            }
        }
        self.close_emptied(load, sale, why);
        Ok(())
    }

    /// The entries of a load that were not used.
    pub fn unused(&mut self, load: &Load, sale: &SaleState) -> Vec<Part> {
        self.read(&load.card);
        let own = loaded_lots(sale, &load.card);
        let account = self.account(&load.card, &load.asset);
        account.map(|account| account.free_parts_of(&own, self.at)).unwrap_or_default()
    }

    /// The money of a load, its own lots first.
    fn money_of(&self, load: &Load, sale: &SaleState) -> Result<Vec<Part>, Error> {
        let wanted = load.amount.units + load.bonus.units;
        let account = self.account(&load.card, &load.asset);
        let usable = account.map_or(0, |account| account.read(self.at).spendable);
        if usable < wanted {
            return Err(spent());
        }
        let own = loaded_lots(sale, &load.card);
        Ok(account.map(|account| account.take_usable(wanted, self.at, &own)).unwrap_or_default())
    }

    /// Closes a card that is empty now and that the sale had made: by issuing it, by activating it,
    /// or because it is a ticket.
    fn close_emptied(&mut self, load: &Load, sale: &SaleState, why: Option<&String>) {
        let Some(card) = self.card(&load.card) else { return };
        let empty = card.accounts().all(|(_, account)| account.is_empty());
        let made = sale.completed().record.effects.iter().any(|effect| match effect {
            Effect::CardIssued(issued) => issued.card == load.card,
            Effect::CardActivated(activated) => activated.card == load.card,
            _ => false,
        });
        let ticket = load.refund.is_some();
        if empty && (made || ticket) && !card.life.closed {
            let (card, reason) = (load.card.clone(), why.cloned());
            self.push(Effect::CardClosed(CardClosed { card, reason, replaced_by: None }));
        }
    }
}

/// What a sale loaded can no longer be taken off.
pub(super) fn spent() -> Error {
    let message = "what the sale loaded was used meanwhile; it cannot be undone";
    Error::new(ErrorCode::LoadSpent, "/token", message)
}

/// The lots that a sale loaded onto a card.
fn loaded_lots<'a>(sale: &'a SaleState, card: &str) -> Vec<&'a str> {
    let opened = sale.completed().record.effects.iter().filter_map(|effect| match effect {
        Effect::LotOpened(opened)
            if opened.card == card && [LOAD, LOAD_BONUS].contains(&opened.rule.as_str()) =>
        {
            Some(opened.lot.id.as_str())
        }
        _ => None,
    });
    opened.collect()
}

/// The money of a receipt that only loads gift cards: it counts as spent when they pay.
pub(super) fn loaded_money(quote: &Quote) -> i64 {
    let loads = quote.loads.iter().filter(|load| load.refund.is_none());
    let lines = loads.filter_map(|load| quote.lines.iter().find(|line| line.id == load.line));
    lines.map(|line| line.due.units - line.counter_provision.units).sum()
}
