//! A naive model of one simple programme: plain integers, minutes for time, no call into the
//! engine. 5 % earned, 20 % of the receipt payable with points, a point is 1.00, holds of 30
//! minutes; earned points open after `delay` and live for `life`.

use crate::card::{Card, Hold, Lot, NEVER};
use crate::sale::{Line, Sale, Status};
use crate::shares::divide;

pub const HOLD: i64 = 30;

/// What a call gives: codes of reasons, and the money of a refund.
pub type Outcome = Result<(Vec<&'static str>, i64), &'static str>;

#[derive(Clone, Debug, Default)]
pub struct Model {
    pub now: i64,
    pub delay: i64,
    pub life: Option<i64>,
    pub cards: Vec<Option<Card>>,
    pub sales: Vec<Sale>,
}

/// How much of the points the guest wishes to spend.
#[derive(Clone, Copy, Debug)]
pub enum Wish {
    Nothing,
    Most,
    Exactly(i64),
}

impl Model {
    fn card(&mut self, sale: usize) -> Option<&mut Card> {
        let card = self.sales[sale].card?;
        self.cards[card].as_mut()
    }

    pub fn issue(&mut self, card: usize, lots: &[Lot]) -> Outcome {
        if self.cards[card].is_some() {
            return Err("card.exists");
        }
        let mut new = Card::default();
        for lot in lots.iter().filter(|lot| lot.left > 0) {
            new.earn(Lot { earned: self.now, ..lot.clone() });
        }
        self.cards[card] = Some(new);
        Ok((Vec::new(), 0))
    }

    /// Prices an order: what is spent, line by line.
    fn price(&mut self, card: usize, lines: &[(i64, i64)], wish: Wish) -> usize {
        let card = Some(card).filter(|&card| self.cards[card].is_some());
        let lines = lines.iter();
        let lines: Vec<Line> = lines
            .map(|&(price, pieces)| Line { pieces, amount: price * pieces, ..Line::default() })
            .collect();
        let total: i64 = lines.iter().map(|line| line.amount).sum();
        let now = self.now;
        let held = card.and_then(|card| self.cards[card].as_ref());
        let most = held.map_or(0, |card| card.read(now).spendable.min(total / 5 / 100));
        let spent = match wish {
            Wish::Nothing => 0,
            Wish::Most => most,
            Wish::Exactly(points) => points.min(most),
        };
        let mut sale = Sale {
            status: Status::Reserved,
            card,
            lines,
            spent: 0,
            earned: 0,
            until: 0,
            eaten: Vec::new(),
            owed: 0,
            own: None,
            restored: 0,
            clawed: 0,
            refunded: false,
        };
        let amounts: Vec<i64> = sale.lines.iter().map(|line| line.amount).collect();
        sale.pay_with_points(spent, &amounts);
        sale.earn();
        self.sales.push(sale);
        self.sales.len() - 1
    }

    pub fn reserve(&mut self, card: usize, lines: &[(i64, i64)], wish: Wish) -> Outcome {
        let sale = self.price(card, lines, wish);
        let (spent, now) = (self.sales[sale].spent, self.now);
        self.sales[sale].until = now + HOLD;
        if let Some(card) = self.card(sale) {
            let parts = card.choose(spent, now);
            card.holds.push(Hold { sale, parts, until: now + HOLD });
        }
        Ok((Vec::new(), 0))
    }

    pub fn sell(&mut self, card: usize, lines: &[(i64, i64)], wish: Wish) -> Outcome {
        let sale = self.price(card, lines, wish);
        Ok((self.complete(sale, Vec::new()), 0))
    }

    /// Spends from what was held, then from what is usable; the rest is owed. Then earns.
    fn complete(&mut self, sale: usize, held: Vec<(usize, i64)>) -> Vec<&'static str> {
        let now = self.now;
        let opens = now + self.delay;
        let ends = self.life.map_or(NEVER, |life| opens + life);
        let (spent, earned) = (self.sales[sale].spent, self.sales[sale].earned);
        self.sales[sale].status = Status::Confirmed;
        let Some(card) = self.card(sale) else { return Vec::new() };
        let mut reasons = Vec::new();
        let mut left = spent;
        let mut eaten = Vec::new();
        for (lot, units) in held {
            eaten.push((lot, units.min(left)));
            left -= units.min(left);
        }
        card.eat(&eaten);
        let more = card.choose(left, now);
        left -= card.eat(&more);
        eaten.extend(more);
        card.spent += spent;
        card.debt += left;
        if left > 0 {
            reasons.push("confirm.short");
        }
        let own = (earned > 0).then_some(card.lots.len());
        if earned > 0 && card.earn(Lot { earned: now, opens, ends, left: earned }) {
            reasons.push("earning.repaid_debt");
        }
        let sale = &mut self.sales[sale];
        (sale.eaten, sale.owed, sale.own) = (eaten, left, own);
        reasons
    }

    fn release(&mut self, sale: usize) -> Vec<(usize, i64)> {
        let Some(card) = self.card(sale) else { return Vec::new() };
        let place = card.holds.iter().position(|hold| hold.sale == sale);
        place.map_or_else(Vec::new, |place| card.holds.remove(place).parts)
    }

    fn reserved(&self, sale: usize) -> Result<(), &'static str> {
        match self.sales[sale].status {
            Status::Reserved => Ok(()),
            Status::Confirmed => Err("sale.confirmed"),
            Status::Cancelled => Err("sale.cancelled"),
            Status::Voided => Err("sale.voided"),
        }
    }

    pub fn confirm(&mut self, sale: usize, points: Option<i64>) -> Outcome {
        self.reserved(sale)?;
        let spent = points.unwrap_or(self.sales[sale].spent);
        if spent > self.sales[sale].spent {
            return Err("hold.exceeded");
        }
        let late = self.sales[sale].until <= self.now;
        let held = self.release(sale);
        let shares: Vec<i64> =
            self.sales[sale].lines.iter().map(|line| line.paid_by_points).collect();
        if spent < self.sales[sale].spent {
            self.sales[sale].pay_with_points(spent, &shares);
        }
        self.sales[sale].earn();
        let mut reasons = if late { vec!["confirm.late"] } else { Vec::new() };
        // A hold that has run out reserves nothing.
        reasons.extend(self.complete(sale, if late { Vec::new() } else { held }));
        Ok((reasons, 0))
    }

    pub fn cancel(&mut self, sale: usize) -> Outcome {
        self.reserved(sale)?;
        self.release(sale);
        self.sales[sale].status = Status::Cancelled;
        Ok((Vec::new(), 0))
    }

    fn confirmed(&self, sale: usize) -> Result<(), &'static str> {
        match self.sales[sale].status {
            Status::Confirmed => Ok(()),
            Status::Reserved => Err("sale.not_confirmed"),
            Status::Cancelled => Err("sale.cancelled"),
            Status::Voided => Err("sale.voided"),
        }
    }

    pub fn void(&mut self, sale: usize) -> Outcome {
        self.confirmed(sale)?;
        if self.sales[sale].refunded {
            return Err("sale.refunded");
        }
        for line in &mut self.sales[sale].lines {
            line.back = line.pieces;
        }
        let reasons = self.move_points(sale);
        self.sales[sale].status = Status::Voided;
        Ok((reasons, 0))
    }

    /// Lines and pieces; everything that is left if none are named.
    pub fn refund(&mut self, sale: usize, wished: &[(usize, i64)]) -> Outcome {
        self.confirmed(sale)?;
        let lines = &mut self.sales[sale].lines;
        let rest = |(place, line): (usize, &Line)| (place, line.pieces - line.back);
        let mut chosen: Vec<(usize, i64)> = wished.to_vec();
        if wished.is_empty() {
            chosen = lines.iter().enumerate().map(rest).filter(|(_, left)| *left > 0).collect();
        }
        let fits = |&(line, pieces): &(usize, i64)| lines[line].back + pieces <= lines[line].pieces;
        if chosen.is_empty() || !chosen.iter().all(fits) {
            return Err("refund.exceeds");
        }
        let mut money = 0;
        for (line, pieces) in chosen {
            let line = &mut lines[line];
            line.back += pieces;
            let back = line.cost(line.back).max(line.back_money);
            money += back - line.back_money;
            line.back_money = back;
        }
        Ok((self.move_points(sale), money))
    }

    pub fn left(&self, sale: usize) -> i64 {
        self.sales[sale].lines.iter().map(|line| line.due() - line.back_money).sum()
    }

    pub fn refund_amount(&mut self, sale: usize, money: i64) -> Outcome {
        self.confirmed(sale)?;
        if money <= 0 {
            return Err("refund.empty");
        }
        if money > self.left(sale) {
            return Err("refund.exceeds");
        }
        let lines = &mut self.sales[sale].lines;
        let left: Vec<i64> = lines.iter().map(|line| line.due() - line.back_money).collect();
        for (line, share) in lines.iter_mut().zip(divide(money, &left)) {
            line.back_money += share;
            line.by_amount += share;
        }
        Ok((self.move_points(sale), money))
    }

    /// Gives spent points back and takes earned ones, as far as the lines came back.
    fn move_points(&mut self, sale: usize) -> Vec<&'static str> {
        let now = self.now;
        let own = &mut self.sales[sale];
        own.refunded = true;
        let restored: i64 = own.lines.iter().map(|line| line.moved(line.spent)).sum();
        let clawed: i64 = own.lines.iter().map(|line| line.moved(line.earned)).sum();
        let (give, take) = (restored - own.restored, clawed - own.clawed);
        let mut skip = own.restored;
        (own.restored, own.clawed) = (restored, clawed);
        let (eaten, owed, own) = (own.eaten.clone(), own.owed, own.own);
        let Some(card) = self.card(sale) else { return Vec::new() };
        let mut reasons = Vec::new();
        card.restored += give;
        let mut left = give;
        // What was owed came last: it is forgiven first, and given anew if it was paid since.
        let forgiven = (owed - skip).clamp(0, left);
        skip = (skip - owed).max(0);
        left -= forgiven;
        let unpaid = forgiven.min(card.debt);
        card.debt -= unpaid;
        if forgiven > unpaid {
            let lot = Lot { earned: now, opens: now, ends: NEVER, left: forgiven - unpaid };
            card.lots.push(lot);
        }
        for (lot, units) in eaten.into_iter().rev() {
            let skipped = skip.min(units);
            skip -= skipped;
            let back = (units - skipped).min(left);
            left -= back;
            card.lots[lot].left += back;
            if back > 0 && card.lots[lot].ends <= now {
                reasons.push("refund.expired");
            }
        }
        if card.claw(take, own, now) {
            reasons.push("refund.debt");
        }
        reasons
    }
}
