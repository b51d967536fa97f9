//! A naive model of one programme with all six kinds: plain integers, minutes for time, no call into
//! the engine. It says after every call what every card and coupon holds, and what is refused.

use std::collections::BTreeMap;

use crate::account::{Account, Eaten, Owner};
use crate::receipt::{ENTRIES, GOAL, Line, Receipt, TICKET_PRICE};
use crate::step::{CardDeed, CouponDeed, DisputeDeed, Order};

pub const HOLD: i64 = 30;
pub const FOR_EVER: i64 = i64::MAX;
/// How often a coupon may be used.
pub const USES: i64 = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Bonus,
    Discount,
    Gift,
    Stamp,
    Ticket,
}

/// The cards: their numbers and kinds.
pub const CARDS: [(&str, Kind); 8] = [
    ("11", Kind::Bonus),
    ("12", Kind::Bonus),
    ("21", Kind::Discount),
    ("31", Kind::Gift),
    ("32", Kind::Gift),
    ("41", Kind::Stamp),
    ("51", Kind::Ticket),
    ("52", Kind::Ticket),
];
pub const CODES: [&str; 2] = ["HALF1", "HALF2"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardState {
    Active,
    Blocked,
    Closed,
}

#[derive(Clone, Debug)]
pub struct Card {
    pub state: CardState,
    pub account: Account,
    pub admitted: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Coupon {
    pub voided: bool,
    pub blocked: bool,
    pub used: i64,
    /// The sales that set a use aside, and until when.
    pub held: Vec<(usize, i64)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Reserved,
    Confirmed,
    Cancelled,
    Voided,
    Regrouped,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dispute {
    Open,
    Released,
    ClawedBack,
}

/// What came back of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Back {
    pub pieces: i64,
    pub money: i64,
}

#[derive(Clone, Debug)]
pub struct Sale {
    pub status: Status,
    pub dispute: Option<Dispute>,
    pub receipt: Receipt,
    /// The cards that the order named, and those of them that took part.
    pub presented: Vec<usize>,
    pub cards: Vec<usize>,
    pub until: i64,
    pub back: Vec<Back>,
    pub refunded: bool,
    /// By card, what was spent, in lots.
    pub eaten: BTreeMap<usize, Eaten>,
    /// By card, the lots that it opened.
    pub lots: BTreeMap<usize, Vec<usize>>,
    /// By card, what it earned and what of that was taken back.
    pub clawed: BTreeMap<usize, i64>,
    /// The cards that it issued.
    pub issued: Vec<usize>,
}

/// What a call gives: the money of a refund, and what of it each gift card gets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given {
    pub money: i64,
    pub gifts: Vec<(usize, i64)>,
    /// Why nobody was let in.
    pub refused: Option<&'static str>,
}

pub type Outcome = Result<Given, &'static str>;

#[derive(Clone, Debug, Default)]
pub struct Model {
    pub now: i64,
    pub cards: Vec<Option<Card>>,
    pub coupons: Vec<Coupon>,
    pub sales: Vec<Sale>,
}

/// What the number at the end of a line's id loads: `load31`, `ticket51`.
fn load_of(line: &Line) -> Option<usize> {
    let number = line.id.strip_prefix("load").or_else(|| line.id.strip_prefix("ticket"))?;
    CARDS.iter().position(|card| card.0 == number)
}

fn is_ticket(card: usize) -> bool {
    CARDS[card].1 == Kind::Ticket
}

/// Units that a line loads.
fn loaded(card: usize, line: &Line) -> i64 {
    if is_ticket(card) { ENTRIES } else { line.amount }
}

impl Card {
    fn new() -> Card {
        Card { state: CardState::Active, account: Account::default(), admitted: false }
    }
}

impl Coupon {
    pub fn status(&self, now: i64) -> &'static str {
        let held = self.held.iter().filter(|(_, until)| *until > now).count();
        let left = (USES - self.used).max(0);
        match () {
            () if self.voided => "void",
            () if left == 0 => "used",
            () if self.blocked => "blocked",
            () if left <= i64::try_from(held).unwrap() => "held",
            () => "active",
        }
    }
}

impl Sale {
    fn card(&self, kind: Kind) -> Option<usize> {
        self.cards.iter().copied().find(|card| CARDS[*card].1 == kind)
    }

    /// The cards that spend anything for it, and how much: points, stamps, money.
    fn spends(&self) -> Vec<(usize, i64)> {
        let own = [(Kind::Bonus, 0), (Kind::Stamp, 1)];
        let points = own.into_iter().filter_map(|(kind, what)| {
            self.card(kind).map(|card| (card, self.receipt.spent(what)))
        });
        points.chain(self.receipt.gifts.iter().copied()).filter(|(_, units)| *units > 0).collect()
    }

    fn is_all_back(&self) -> bool {
        self.receipt.lines.iter().zip(&self.back).all(|(line, back)| back.pieces >= line.pieces)
    }
}

impl Model {
    pub fn new() -> Model {
        Model {
            cards: vec![None; CARDS.len()],
            coupons: vec![Coupon::default(); CODES.len()],
            ..Model::default()
        }
    }

    fn account(&mut self, card: usize) -> &mut Account {
        &mut self.cards[card].as_mut().unwrap().account
    }

    fn is_active(&self, card: usize) -> bool {
        self.cards[card].as_ref().is_some_and(|card| card.state == CardState::Active)
    }

    fn spendable(&self, card: usize) -> i64 {
        self.cards[card].as_ref().map_or(0, |card| card.account.read(self.now).spendable)
    }

    fn usable(&self, card: usize) -> Result<(), &'static str> {
        match self.cards[card].as_ref().map(|card| card.state) {
            None => Err("card.unknown"),
            Some(CardState::Active) => Ok(()),
            Some(CardState::Blocked) => Err("card.blocked"),
            Some(CardState::Closed) => Err("card.closed"),
        }
    }

    pub fn issue(&mut self, card: usize, units: i64) -> Outcome {
        if self.cards[card].is_some() {
            return Err("card.exists");
        }
        let mut new = Card::new();
        if units > 0 && CARDS[card].1 != Kind::Discount {
            new.account.earn(units);
        }
        self.cards[card] = Some(new);
        Ok(Given::default())
    }

    /// Prices an order.
    fn price(&mut self, order: &Order) -> Result<usize, &'static str> {
        let mut receipt = Receipt::default();
        for (goods, pieces) in order.goods() {
            let amount = goods.1 * pieces;
            let id = goods.0.to_owned();
            receipt.lines.push(Line { id, pieces, amount, ..Line::default() });
        }
        for (card, line) in order.loads() {
            let (id, price) = line;
            if self.cards[card].as_ref().is_some_and(|card| card.state != CardState::Active) {
                return Err("load.card");
            }
            let amount = if is_ticket(card) { TICKET_PRICE } else { price };
            receipt.lines.push(Line { id, pieces: 1, amount, ..Line::default() });
        }
        let presented = order.cards();
        let cards: Vec<usize> =
            presented.iter().copied().filter(|card| self.is_active(*card)).collect();
        let of = |kind| cards.iter().copied().find(|card| CARDS[*card].1 == kind);
        let code = order.code.filter(|code| self.coupons[*code].status(self.now) == "active");
        if let Some(code) = code {
            receipt.lower_by_coupon(CODES[code]);
        }
        if of(Kind::Discount).is_some() {
            receipt.lower_by_card();
        }
        if of(Kind::Stamp).is_some_and(|card| self.spendable(card) >= GOAL) {
            receipt.buy_coffee();
        }
        let most = receipt.goods_due() / 100;
        let most = of(Kind::Bonus).map_or(0, |card| self.spendable(card).min(most));
        let goods = |line: &Line| if line.is_goods() { line.due() } else { 0 };
        let dues: Vec<i64> = receipt.lines.iter().map(goods).collect();
        receipt.pay_with_points(order.spend.min(most), &dues);
        let mut rest = receipt.goods_due();
        for card in order.gifts() {
            let pays = if self.is_active(card) { self.spendable(card).min(rest) } else { 0 };
            if pays > 0 {
                rest -= pays;
                receipt.gifts.push((card, pays));
            }
        }
        receipt.earn(of(Kind::Bonus).is_some(), of(Kind::Stamp).is_some());
        Ok(self.open(receipt, presented, cards))
    }

    fn open(&mut self, receipt: Receipt, presented: Vec<usize>, cards: Vec<usize>) -> usize {
        self.sales.push(Sale {
            status: Status::Reserved,
            dispute: None,
            back: vec![Back::default(); receipt.lines.len()],
            receipt,
            presented,
            cards,
            until: self.now + HOLD,
            refunded: false,
            eaten: BTreeMap::new(),
            lots: BTreeMap::new(),
            clawed: BTreeMap::new(),
            issued: Vec::new(),
        });
        self.sales.len() - 1
    }

    pub fn reserve(&mut self, order: &Order) -> Outcome {
        let sale = self.price(order)?;
        let (now, until) = (self.now, self.sales[sale].until);
        for (card, units) in self.sales[sale].spends() {
            let account = self.account(card);
            let parts = account.choose(units, now);
            account.hold(Owner::Sale(sale), parts, until);
        }
        self.hold_coupons(sale);
        Ok(Given::default())
    }

    pub fn sell(&mut self, order: &Order) -> Outcome {
        let sale = self.price(order)?;
        self.complete(sale, &BTreeMap::new());
        Ok(Given::default())
    }

    fn hold_coupons(&mut self, sale: usize) {
        let until = self.sales[sale].until;
        self.coupons_of(sale).for_each(|coupon| coupon.held.push((sale, until)));
    }

    fn free_coupons(&mut self, sale: usize) {
        self.coupons_of(sale).for_each(|coupon| coupon.held.retain(|(owner, _)| *owner != sale));
    }

    fn coupons_of(&mut self, sale: usize) -> impl Iterator<Item = &mut Coupon> {
        let codes = &self.sales[sale].receipt.codes;
        let coupons = self.coupons.iter_mut().zip(CODES);
        coupons.filter(|(_, code)| codes.iter().any(|own| own == code)).map(|(coupon, _)| coupon)
    }

    /// The money was taken: spends from what was held, earns, loads.
    fn complete(&mut self, sale: usize, held: &BTreeMap<usize, Vec<(usize, i64)>>) {
        let now = self.now;
        self.sales[sale].status = Status::Confirmed;
        for (card, units) in self.sales[sale].spends() {
            let held = held.get(&card).cloned().unwrap_or_default();
            let eaten = self.account(card).spend(units, held, now);
            self.sales[sale].eaten.insert(card, eaten);
        }
        for (kind, what) in [(Kind::Bonus, 0), (Kind::Stamp, 1)] {
            let earned = self.sales[sale].receipt.earned(what);
            if let Some(card) = self.sales[sale].card(kind).filter(|_| earned > 0) {
                let lot = self.account(card).earn(earned);
                self.sales[sale].lots.entry(card).or_default().push(lot);
            }
        }
        for line in self.sales[sale].receipt.lines.clone() {
            let Some(card) = load_of(&line) else { continue };
            if self.cards[card].is_none() {
                self.cards[card] = Some(Card::new());
                self.sales[sale].issued.push(card);
            }
            let lot = self.account(card).earn(loaded(card, &line));
            self.sales[sale].lots.entry(card).or_default().push(lot);
        }
        self.free_coupons(sale);
        self.coupons_of(sale).for_each(|coupon| coupon.used += 1);
    }

    fn reserved(&self, sale: usize) -> Result<(), &'static str> {
        match self.sales[sale].status {
            Status::Reserved => Ok(()),
            Status::Confirmed => Err("sale.confirmed"),
            Status::Cancelled => Err("sale.cancelled"),
            Status::Voided => Err("sale.voided"),
            Status::Regrouped => Err("sale.regrouped"),
        }
    }

    fn release(&mut self, sale: usize) -> BTreeMap<usize, Vec<(usize, i64)>> {
        let spends = self.sales[sale].spends();
        let cards = spends.into_iter().map(|(card, _)| card);
        cards.map(|card| (card, self.account(card).release(Owner::Sale(sale)))).collect()
    }

    /// `gift` is what is taken of the first gift card.
    pub fn confirm(&mut self, sale: usize, points: Option<i64>, gift: Option<i64>) -> Outcome {
        self.reserved(sale)?;
        let before = &self.sales[sale].receipt;
        let held = before.spent(0);
        if points.is_some_and(|points| points > held) {
            return Err("hold.exceeded");
        }
        let first = before.gifts.first().map_or(0, |(_, amount)| *amount);
        if gift.is_some_and(|gift| gift > first) {
            return Err("hold.exceeded");
        }
        let late = self.sales[sale].until <= self.now;
        let mut parts = self.release(sale);
        if late {
            parts.clear();
        }
        let (bonus, stamp) = (Kind::Bonus, Kind::Stamp);
        let earns =
            (self.sales[sale].card(bonus).is_some(), self.sales[sale].card(stamp).is_some());
        let receipt = &mut self.sales[sale].receipt;
        if let Some(points) = points.filter(|points| *points < held) {
            let shares: Vec<i64> = receipt.lines.iter().map(|line| line.points).collect();
            receipt.pay_with_points(points, &shares);
        }
        if let Some((taken, (_, amount))) = gift.zip(receipt.gifts.first_mut()) {
            *amount = taken;
        }
        receipt.gifts.retain(|(_, amount)| *amount > 0);
        receipt.earn(earns.0, earns.1);
        self.complete(sale, &parts);
        Ok(Given::default())
    }

    pub fn cancel(&mut self, sale: usize) -> Outcome {
        self.reserved(sale)?;
        self.release(sale);
        self.free_coupons(sale);
        self.sales[sale].status = Status::Cancelled;
        Ok(Given::default())
    }

    fn confirmed(&self, sale: usize) -> Result<(), &'static str> {
        match self.sales[sale].status {
            Status::Confirmed => Ok(()),
            Status::Reserved => Err("sale.not_confirmed"),
            Status::Cancelled => Err("sale.cancelled"),
            Status::Voided => Err("sale.voided"),
            Status::Regrouped => Err("sale.regrouped"),
        }
    }

    fn settled(&self, sale: usize) -> Result<(), &'static str> {
        self.confirmed(sale)?;
        let open = self.sales[sale].dispute == Some(Dispute::Open);
        if open { Err("sale.disputed") } else { Ok(()) }
    }

    pub fn void(&mut self, sale: usize) -> Outcome {
        self.settled(sale)?;
        if self.sales[sale].refunded {
            return Err("sale.refunded");
        }
        let all: Vec<i64> = self.sales[sale].receipt.lines.iter().map(|line| line.pieces).collect();
        let before = self.clone();
        let given = self.give_back(sale, &all, true);
        match given {
            Ok(given) => {
                self.sales[sale].status = Status::Voided;
                Ok(Given { money: 0, gifts: Vec::new(), ..given })
            }
            Err(code) => {
                *self = before;
                Err(code)
            }
        }
    }

    /// Lines and pieces; everything that is left if none are named.
    pub fn refund(&mut self, sale: usize, wished: &[(usize, i64)]) -> Outcome {
        self.settled(sale)?;
        let own = &self.sales[sale];
        let left: Vec<i64> = own
            .receipt
            .lines
            .iter()
            .zip(&own.back)
            .map(|(line, back)| line.pieces - back.pieces)
            .collect();
        let mut chosen = if wished.is_empty() { left.clone() } else { vec![0; left.len()] };
        for (line, pieces) in wished {
            if *pieces > left[*line] || left[*line] == 0 {
                return Err("refund.exceeds");
            }
            chosen[*line] = *pieces;
        }
        if chosen.iter().all(|pieces| *pieces == 0) {
            return Err("refund.exceeds");
        }
        let before = self.clone();
        let given = self.give_back(sale, &chosen, false);
        if given.is_err() {
            *self = before;
        }
        given
    }

    fn give_back(&mut self, sale: usize, chosen: &[i64], void: bool) -> Outcome {
        let was_back = self.sales[sale].is_all_back();
        let lines = self.sales[sale].receipt.lines.clone();
        let mut money = 0;
        for (place, (line, pieces)) in lines.iter().zip(chosen).enumerate() {
            if *pieces == 0 {
                continue;
            }
            let mut back = self.sales[sale].back[place];
            back.pieces += pieces;
            let mut cost = line.cost(back.pieces);
            if let Some(card) = load_of(line) {
                let (unused, sold) = (self.unload(sale, card, line)?, loaded(card, line));
                if void && is_ticket(card) && unused < sold {
                    return Err("load.spent");
                }
                cost = cost * unused / sold;
            }
            money += cost.max(back.money) - back.money;
            back.money = cost.max(back.money);
            self.sales[sale].back[place] = back;
        }
        let gifts = self.return_money(sale, money, void)?;
        self.return_points(sale);
        self.sales[sale].refunded = true;
        if self.sales[sale].is_all_back() && !was_back {
            self.coupons_of(sale).for_each(|coupon| coupon.used = (coupon.used - 1).max(0));
        }
        Ok(Given { money, gifts, refused: None })
    }

    /// Takes a load off its card. How much of it was not used.
    fn unload(&mut self, sale: usize, card: usize, line: &Line) -> Result<i64, &'static str> {
        let now = self.now;
        let own = self.sales[sale].lots[&card].clone();
        let wanted = loaded(card, line);
        let unused = if is_ticket(card) {
            let account = self.account(card);
            own.iter().map(|lot| account.free(*lot, now)).sum()
        } else {
            if self.spendable(card) < wanted {
                return Err("load.spent");
            }
            wanted
        };
        self.account(card).claw(unused, &own, now);
        let made = is_ticket(card) || self.sales[sale].issued.contains(&card);
        if made && self.account(card).is_empty() {
            self.cards[card].as_mut().unwrap().state = CardState::Closed;
        }
        Ok(unused)
    }

    /// Gift cards get their money first, in the order in which they paid. A void gives back
    /// everything.
    fn return_money(
        &mut self,
        sale: usize,
        money: i64,
        void: bool,
    ) -> Result<Vec<(usize, i64)>, &'static str> {
        let mut left = if void { i64::MAX } else { money };
        let mut given = Vec::new();
        for (card, paid) in self.sales[sale].receipt.gifts.clone() {
            let back = (paid - self.sales[sale].eaten[&card].given_back).min(left);
            if back > 0 {
                left -= back;
                given.push((card, back));
            }
        }
        let closed = |card: usize| self.cards[card].as_ref().unwrap().state == CardState::Closed;
        if given.iter().any(|(card, _)| closed(*card)) {
            return Err("card.closed");
        }
        given.iter().for_each(|(card, back)| self.restore(sale, *card, *back));
        Ok(given)
    }

    fn restore(&mut self, sale: usize, card: usize, units: i64) {
        let mut eaten = self.sales[sale].eaten.remove(&card).unwrap();
        self.account(card).restore(&mut eaten, units);
        self.sales[sale].eaten.insert(card, eaten);
    }

    /// Points go by a cumulative floor of the share of each line that came back.
    fn return_points(&mut self, sale: usize) {
        for (kind, what) in [(Kind::Bonus, 0), (Kind::Stamp, 1)] {
            let own = &self.sales[sale];
            let Some(card) = own.card(kind) else { continue };
            let share = |units: fn(&Line, usize) -> i64| -> i64 {
                let lines = own.receipt.lines.iter().zip(&own.back);
                lines.map(|(line, back)| units(line, what) * back.pieces / line.pieces).sum()
            };
            let restored = share(|line, what| line.spent[what]);
            let clawed = share(|line, what| line.earned[what]);
            let before = own.eaten.get(&card).map_or(0, |eaten| eaten.given_back);
            let taken = (clawed - own.clawed.get(&card).copied().unwrap_or(0)).max(0);
            if restored > before {
                self.restore(sale, card, restored - before);
            }
            self.claw(sale, card, taken);
        }
    }

    fn claw(&mut self, sale: usize, card: usize, units: i64) {
        let now = self.now;
        let own = self.sales[sale].lots.get(&card).cloned().unwrap_or_default();
        self.account(card).claw(units, &own, now);
        *self.sales[sale].clawed.entry(card).or_default() += units;
    }

    pub fn dispute(&mut self, sale: usize, deed: DisputeDeed) -> Outcome {
        self.confirmed(sale)?;
        let now = self.now;
        let lots = self.sales[sale].lots.clone();
        match (deed, self.sales[sale].dispute) {
            (DisputeDeed::Open, None | Some(Dispute::Released)) => {
                for (card, lots) in lots {
                    let account = self.account(card);
                    let parts = lots.iter().map(|lot| (*lot, account.free(*lot, now)));
                    let parts: Vec<(usize, i64)> = parts.filter(|part| part.1 > 0).collect();
                    if !parts.is_empty() {
                        account.hold(Owner::Dispute(sale), parts, FOR_EVER);
                    }
                }
                self.sales[sale].dispute = Some(Dispute::Open);
            }
            (DisputeDeed::Open, _) => return Err("sale.disputed"),
            (_, Some(Dispute::Open)) => {
                lots.keys()
                    .for_each(|card| drop(self.account(*card).release(Owner::Dispute(sale))));
                self.sales[sale].dispute = Some(Dispute::Released);
                if deed == DisputeDeed::ClawBack {
                    self.lose(sale);
                }
            }
            _ => return Err("sale.not_disputed"),
        }
        Ok(Given::default())
    }

    /// A lost dispute: what was earned goes back, what was loaded is blocked.
    fn lose(&mut self, sale: usize) {
        self.sales[sale].dispute = Some(Dispute::ClawedBack);
        for (kind, what) in [(Kind::Bonus, 0), (Kind::Stamp, 1)] {
            if let Some(card) = self.sales[sale].card(kind) {
                let before = self.sales[sale].clawed.get(&card).copied().unwrap_or(0);
                self.claw(sale, card, self.sales[sale].receipt.earned(what) - before);
            }
        }
        for line in self.sales[sale].receipt.lines.clone() {
            let card = load_of(&line).and_then(|card| self.cards[card].as_mut());
            if let Some(card) = card.filter(|card| card.state == CardState::Active) {
                card.state = CardState::Blocked;
            }
        }
    }

    /// Another table changes nothing but where the bill is.
    pub fn move_bill(&self, sale: usize) -> Outcome {
        self.reserved(sale).map(|()| Given::default())
    }

    /// Which pieces of each line each part gets.
    pub fn divide(
        &self,
        sale: usize,
        parts: &[Vec<(usize, i64)>],
    ) -> Result<Vec<Vec<i64>>, &'static str> {
        self.reserved(sale)?;
        let lines = &self.sales[sale].receipt.lines;
        let mut left: Vec<i64> = lines.iter().map(|line| line.pieces).collect();
        let mut taken = Vec::new();
        for part in parts {
            let mut own = vec![0; left.len()];
            for (line, pieces) in part {
                left[*line] -= pieces;
                own[*line] = *pieces;
            }
            taken.push(own);
        }
        let fits = left.iter().all(|left| *left >= 0) && left.iter().any(|left| *left > 0);
        if parts.is_empty() || parts.iter().any(Vec::is_empty) || !fits {
            return Err("bill.contradiction");
        }
        taken.push(left);
        Ok(taken)
    }

    /// Sales end, and others begin with all that they held.
    pub fn regroup(&mut self, sales: &[usize], receipts: Vec<Receipt>) {
        let (presented, cards) =
            (self.sales[sales[0]].presented.clone(), self.sales[sales[0]].cards.clone());
        let until = sales.iter().map(|sale| self.sales[*sale].until).min().unwrap();
        let mut pools: BTreeMap<usize, Vec<(usize, i64)>> = BTreeMap::new();
        for sale in sales {
            for (card, parts) in self.release(*sale) {
                pools.entry(card).or_default().extend(parts);
            }
            self.free_coupons(*sale);
            self.sales[*sale].status = Status::Regrouped;
        }
        for receipt in receipts {
            let sale = self.open(receipt, presented.clone(), cards.clone());
            self.sales[sale].until = until;
            for (card, units) in self.sales[sale].spends() {
                let mut left = units;
                let mut own: Vec<(usize, i64)> = Vec::new();
                for part in pools.get_mut(&card).into_iter().flatten() {
                    let taken = part.1.min(left);
                    (part.1, left) = (part.1 - taken, left - taken);
                    match own.iter_mut().find(|known| known.0 == part.0) {
                        Some(known) => known.1 += taken,
                        None if taken > 0 => own.push((part.0, taken)),
                        None => {}
                    }
                }
                self.account(card).hold(Owner::Sale(sale), own, until);
            }
            self.hold_coupons(sale);
        }
    }

    pub fn join(&mut self, sales: &[usize]) -> Outcome {
        for (place, sale) in sales.iter().enumerate() {
            self.reserved(*sale)?;
            if place == 0 {
                continue;
            }
            if sales[..place].contains(sale) {
                return Err("bill.contradiction");
            }
            let of = |sale: usize| &self.sales[sale];
            if of(sales[0]).presented != of(*sale).presented {
                return Err("bill.mismatch");
            }
            let loads = |sale: usize, id: &String| {
                of(sale).receipt.lines.iter().any(|line| line.id == *id && !line.is_goods())
            };
            let lines = &of(*sale).receipt.lines;
            if lines.iter().any(|line| sales[..place].iter().any(|own| loads(*own, &line.id))) {
                return Err("bill.contradiction");
            }
        }
        let mut receipt = self.sales[sales[0]].receipt.clone();
        sales[1..].iter().for_each(|sale| receipt.add(&self.sales[*sale].receipt));
        self.regroup(sales, vec![receipt]);
        Ok(Given::default())
    }

    pub fn change_card(&mut self, card: usize, deed: CardDeed) -> Outcome {
        use CardState::{Active, Blocked, Closed};
        let now = self.now;
        let Some(card) = self.cards[card].as_mut() else { return Err("card.unknown") };
        card.state = match (deed, card.state) {
            (CardDeed::Close { .. }, Closed) => return Err("card.state"),
            (_, Closed) => return Err("card.closed"),
            (CardDeed::Block, Active) => Blocked,
            (CardDeed::Unblock, Blocked) => Active,
            (CardDeed::Block | CardDeed::Unblock, _) => return Err("card.state"),
            (CardDeed::Close { forfeit }, _) => {
                let account = &mut card.account;
                let holds = account.lots.iter().any(|left| *left > 0);
                if account.read(now).held > 0 || (holds && !forfeit) {
                    return Err("card.not_empty");
                }
                let all = account.choose(i64::MAX, now);
                account.posted -= account.eat(&all);
                Closed
            }
        };
        Ok(Given::default())
    }

    pub fn change_coupon(&mut self, coupon: usize, deed: CouponDeed) -> Outcome {
        let coupon = &mut self.coupons[coupon];
        match (deed, coupon.status(self.now)) {
            (CouponDeed::Block, "active" | "held") => coupon.blocked = true,
            (CouponDeed::Unblock, "blocked") => coupon.blocked = false,
            (CouponDeed::Void, "active" | "blocked") => coupon.voided = true,
            _ => return Err("coupon.state"),
        }
        Ok(Given::default())
    }

    /// Money moves from gift card to gift card.
    pub fn transfer(&mut self, from: usize, to: usize, units: i64) -> Outcome {
        if from == to {
            return Err("transfer.not_allowed");
        }
        self.usable(from)?;
        self.usable(to)?;
        if units > self.spendable(from) {
            return Err("transfer.exceeds");
        }
        let now = self.now;
        let account = self.account(from);
        let parts = account.choose(units, now);
        account.posted -= account.eat(&parts);
        self.account(to).earn(units);
        Ok(Given::default())
    }

    pub fn admit(&mut self, card: usize, entries: i64) -> Outcome {
        let (now, left) = (self.now, self.spendable(card));
        let refused = match self.usable(card) {
            Err("card.unknown") => return Err("card.unknown"),
            Err(code) => Some(code),
            Ok(()) if left >= entries => None,
            Ok(()) if left == 0 && self.cards[card].as_ref().unwrap().admitted => {
                Some("ticket.used")
            }
            Ok(()) => Some("ticket.entries"),
        };
        if refused.is_none() {
            let account = self.account(card);
            let parts = account.choose(entries, now);
            account.posted -= account.eat(&parts);
            self.cards[card].as_mut().unwrap().admitted = true;
        }
        Ok(Given { refused, ..Given::default() })
    }
}
