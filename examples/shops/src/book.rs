//! The points of each card, and how a draft becomes a happening.

use std::collections::{HashMap, VecDeque};

use crate::chain::Place;
use crate::draft::{Act, Back, Claim, Draft, Harm, Origin, SaleDraft, Spend};
use crate::happening::{Happening, Kind, Label, Refund, Sale, Truth, Void};
use crate::mishaps::Mishaps;

/// How many receipts that guests left behind are kept in mind for each store.
const LEFT_BEHIND: usize = 48;

/// A receipt that may come back.
struct Remembered {
    card: Option<u32>,
    at: i64,
    cashier: Option<u32>,
    due: i64,
    earned: i64,
    spent: i64,
    loads: Vec<u32>,
}

/// A receipt that a guest left behind.
#[derive(Clone, Copy)]
struct LeftBehind {
    number: u64,
    at: i64,
    due: i64,
}

/// The points of each card.
pub(crate) struct Book {
    balances: Vec<i64>,
    receipts: HashMap<u64, Remembered>,
    left_behind: Vec<VecDeque<LeftBehind>>,
}

impl Book {
    /// A book that opens with these balances, by card.
    pub(crate) fn new(balances: Vec<i64>) -> Self {
        Self { balances, receipts: HashMap::new(), left_behind: vec![VecDeque::new(); 7] }
    }

    /// The points of each card, by its number.
    pub(crate) fn into_balances(self) -> Vec<i64> {
        self.balances
    }

    fn balance(&mut self, card: u32) -> &mut i64 {
        let card = card as usize;
        if card >= self.balances.len() {
            self.balances.resize(card + 1024, 0);
        }
        &mut self.balances[card]
    }

    /// Adds points and takes points; what cannot be taken is the answer.
    fn settle(&mut self, card: Option<u32>, added: i64, taken: i64) -> i64 {
        let Some(card) = card else { return 0 };
        let balance = self.balance(card);
        let after = *balance + added - taken;
        *balance = after.max(0);
        (-after).max(0)
    }

    /// Makes a happening of a draft; none if there is nothing to do it with.
    pub(crate) fn enact(&mut self, draft: Draft, mishaps: &Mishaps) -> Option<Happening> {
        let Draft { at, place, act, clock, lag, harm, origin } = draft;
        let outage = mishaps.outage(place.store, at);
        let (offline_since, arrives) = match outage {
            Some((from, until)) => (Some(from), until + 120 + (at - from) / 100),
            None if lag > 0 => (Some(at - lag / 4), at + lag),
            None => (None, at),
        };
        let (kind, beyond) = match act {
            Act::Sale(sale) => self.sale(sale, at, place, origin)?,
            Act::Back(back) => (self.back(back, at, place.cashier)?, 0),
            Act::Plain(kind) => (self.plain(kind)?, 0),
        };
        let truth = truth(origin, harm, &kind, beyond);
        Some(Happening {
            at,
            clock: at + mishaps.clock(place.till) + clock,
            arrives,
            store: place.store,
            till: place.till,
            cashier: place.cashier,
            shift_open: place.shift_open,
            offline_since,
            kind,
            truth,
        })
    }

    /// A sale, and the points that were spent beyond what there was.
    fn sale(
        &mut self,
        draft: SaleDraft,
        at: i64,
        place: Place,
        origin: Origin,
    ) -> Option<(Kind, i64)> {
        let (receipt_number, receipt_at, total) = match draft.claim {
            Claim::None => (draft.number, at, draft.total),
            Claim::Of { number, bought } => (number, bought, draft.total),
            Claim::Found { store, most } => {
                let left = self.left_behind.get_mut(store as usize)?;
                let found = left.remove(left.iter().position(|it| it.due <= most)?)?;
                (found.number, found.at, found.due)
            }
        };
        let known = draft.card.map_or(0, |card| *self.balance(card));
        let half = total / 200;
        let (spent, balance) = match draft.spend {
            Spend::None => (0, known),
            Spend::Half => (half.min(known), known),
            Spend::Points(points) => (half.min(known).min(points), known),
            Spend::Believed(points) => (half.min(points), points),
        };
        let due = total - spent * 100;
        let loaded: i64 = draft.loads.iter().map(|(_, money)| money).sum();
        let earned = if draft.card.is_some() { (due - loaded).max(0) / 2000 } else { 0 };
        let beyond = self.settle(draft.card, 0, spent);
        self.settle(draft.card, earned, 0);
        if draft.remember {
            let loads = draft.loads.iter().map(|(card, _)| *card).collect();
            let Place { cashier, .. } = place;
            let kept = Remembered { card: draft.card, at, cashier, due, earned, spent, loads };
            self.receipts.insert(receipt_number, kept);
        } else if draft.card.is_none()
            && origin == Origin::Everyday
            && let Some(left) = self.left_behind.get_mut(place.store as usize)
        {
            if left.len() == LEFT_BEHIND {
                left.pop_front();
            }
            left.push_back(LeftBehind { number: receipt_number, at, due });
        }
        let sale = Sale {
            card: draft.card,
            receipt_number,
            receipt_at,
            due,
            earned,
            spent,
            balance,
            stamps: draft.stamps,
            items: draft.items,
            how: draft.how,
            confirmed: draft.confirmed,
            wrong_codes: draft.wrong_codes,
            coupons: draft.coupons,
            loads: draft.loads,
            gift_spent: draft.gift_spent,
            payer: draft.payer,
            card_attached_after_total: draft.after_total,
            manual_discount: draft.manual_discount,
        };
        Some((Kind::Sale(sale), beyond))
    }

    /// A receipt that comes back, once.
    fn back(&mut self, back: Back, at: i64, cashier: Option<u32>) -> Option<Kind> {
        let sale = self.receipts.remove(&back.receipt)?;
        let part = |whole: i64| whole * back.percent / 100;
        let (money, earned, restored) = (part(sale.due), part(sale.earned), part(sale.spent));
        let shortfall = self.settle(sale.card, restored, earned);
        let clawed_back = earned - shortfall;
        if back.void {
            return Some(Kind::Void(Void {
                card: sale.card,
                receipt: back.receipt,
                minutes_after: (at - sale.at) / 60,
                had_spend: sale.spent > 0,
                money,
                clawed_back,
                restored,
                shortfall,
                loads: sale.loads,
            }));
        }
        Some(Kind::Refund(Refund {
            card: sale.card,
            receipt: Some(back.receipt),
            money,
            clawed_back,
            restored,
            shortfall,
            own: cashier.is_some() && cashier == sale.cashier,
            to_gift_card: back.gift,
        }))
    }

    /// What is known already, with what it does to the points.
    fn plain(&mut self, kind: Kind) -> Option<Kind> {
        match &kind {
            Kind::Issue { card, referrer, welcome, reward, .. } => {
                self.settle(Some(*card), *welcome, 0);
                self.settle(*referrer, *reward, 0);
            }
            Kind::Grant { card, points, .. } => {
                self.settle(Some(*card), *points, 0);
            }
            Kind::Transfer { from, to, points } => {
                let points = (*points).min(*self.balance(*from));
                if points <= 0 {
                    return None;
                }
                self.settle(Some(*from), 0, points);
                self.settle(Some(*to), points, 0);
                return Some(Kind::Transfer { from: *from, to: *to, points });
            }
            _ => {}
        }
        Some(kind)
    }
}

/// The truth of a happening, with its loss.
fn truth(origin: Origin, harm: Harm, kind: &Kind, beyond: i64) -> Truth {
    let (scenario, intensity, actor) = match origin {
        Origin::Everyday => return Truth::default(),
        Origin::Persona(persona) => return Truth { label: None, persona: Some(persona) },
        Origin::Fraud(scenario, intensity, actor) => (scenario, intensity, actor),
    };
    let loss = match (harm, kind) {
        (Harm::Of(loss), _) => loss,
        (Harm::Earned, Kind::Sale(sale)) => sale.earned * 100,
        (Harm::Spent, Kind::Sale(sale)) => sale.spent * 100,
        (Harm::Beyond, Kind::Sale(_)) => beyond * 100,
        (Harm::Points, Kind::Issue { welcome, reward, .. }) => (welcome + reward) * 100,
        (Harm::Points, Kind::Grant { points, .. } | Kind::Transfer { points, .. }) => points * 100,
        (Harm::Money, Kind::Refund(refund)) => refund.money,
        (Harm::Money, Kind::Void(void)) => void.money + void.restored * 100,
        (Harm::Shortfall, Kind::Refund(refund)) => refund.shortfall * 100,
        _ => 0,
    };
    let label = Label { scenario, intensity, actor, harmful: loss > 0, loss: loss.max(0) };
    Truth { label: Some(label), persona: None }
}
