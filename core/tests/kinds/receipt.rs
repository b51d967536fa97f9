//! Receipts of the model: what lines cost, what pays them, and what they earn. All money is in
//! kopeks, all quantities are whole.

use crate::shares::divide;

/// The goods that are sold: their ids, prices and categories.
pub const GOODS: [(&str, i64, &str); 4] = [
    ("espresso", 10_000, "coffee"),
    ("latte", 20_000, "coffee"),
    ("cake", 30_000, "cake"),
    ("tea", 15_000, "other"),
];
pub const TICKET_PRICE: i64 = 50_000;
/// Entries of a sold ticket.
pub const ENTRIES: i64 = 2;
/// Stamps for a free coffee.
pub const GOAL: i64 = 3;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    pub id: String,
    pub pieces: i64,
    pub amount: i64,
    /// What each stage took off.
    pub promotion: i64,
    pub card: i64,
    pub reward: i64,
    pub points: i64,
    /// Points and stamps spent on it, and earned by it.
    pub spent: [i64; 2],
    pub earned: [i64; 2],
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    pub lines: Vec<Line>,
    /// By the card's place, what gift cards pay.
    pub gifts: Vec<(usize, i64)>,
    /// The coupons that lowered it.
    pub codes: Vec<String>,
}

impl Line {
    pub fn category(&self) -> Option<&'static str> {
        GOODS.iter().find(|goods| goods.0 == self.id).map(|goods| goods.2)
    }

    pub fn is_goods(&self) -> bool {
        self.category().is_some()
    }

    pub fn due(&self) -> i64 {
        self.amount - self.promotion - self.card - self.reward - self.points
    }

    /// What the first pieces cost: the dearer ones come first.
    pub fn cost(&self, pieces: i64) -> i64 {
        let (price, dearer) = (self.due() / self.pieces, self.due() % self.pieces);
        price * pieces + dearer.min(pieces)
    }

    /// Every figure that is divided with the line.
    pub fn figures(&self) -> [i64; 10] {
        let ([spent, stamps], [earned, stamped]) = (self.spent, self.earned);
        let own = [self.pieces, self.amount, self.promotion, self.card, self.reward, self.points];
        let [pieces, amount, promotion, card, reward, points] = own;
        [pieces, amount, promotion, card, reward, points, spent, stamps, earned, stamped]
    }
}

impl Receipt {
    pub fn payable(&self) -> i64 {
        self.lines.iter().map(Line::due).sum()
    }

    pub fn goods_due(&self) -> i64 {
        self.lines.iter().filter(|line| line.is_goods()).map(Line::due).sum()
    }

    pub fn gift(&self) -> i64 {
        self.gifts.iter().map(|(_, amount)| amount).sum()
    }

    /// What is spent of points (0) or stamps (1).
    pub fn spent(&self, what: usize) -> i64 {
        self.lines.iter().map(|line| line.spent[what]).sum()
    }

    pub fn earned(&self, what: usize) -> i64 {
        self.lines.iter().map(|line| line.earned[what]).sum()
    }

    /// A coupon takes half off every cake.
    pub fn lower_by_coupon(&mut self, code: &str) {
        for line in self.lines.iter_mut().filter(|line| line.category() == Some("cake")) {
            line.promotion = line.amount / 2;
            self.codes = vec![code.to_owned()];
        }
    }

    /// A discount card takes a tenth off every line.
    pub fn lower_by_card(&mut self) {
        for line in self.lines.iter_mut().filter(|line| line.is_goods()) {
            line.card = line.due() / 10;
        }
    }

    /// Stamps buy the cheapest coffee.
    pub fn buy_coffee(&mut self) {
        let coffees = self.lines.iter_mut().filter(|line| line.category() == Some("coffee"));
        if let Some(line) = coffees.min_by_key(|line| line.amount / line.pieces) {
            line.reward = line.due() / line.pieces;
            line.spent[1] = GOAL;
        }
    }

    /// Points pay of every line in proportion to these parts.
    pub fn pay_with_points(&mut self, points: i64, parts: &[i64]) {
        let most: i64 = parts.iter().sum();
        let money = divide((points * 100).min(most), parts);
        let spent = divide(points, &money);
        for ((line, money), spent) in self.lines.iter_mut().zip(money).zip(spent) {
            (line.points, line.spent[0]) = (money, spent);
        }
    }

    /// A point for each whole 100.00 that is paid for goods; a stamp for each coffee on a line that
    /// costs anything.
    pub fn earn(&mut self, points: bool, stamps: bool) {
        let dues: Vec<i64> =
            self.lines.iter().map(|line| if line.is_goods() { line.due() } else { 0 }).collect();
        let earned = if points { dues.iter().sum::<i64>() / 10_000 } else { 0 };
        for ((line, earned), due) in self.lines.iter_mut().zip(divide(earned, &dues)).zip(&dues) {
            let coffee = stamps && line.category() == Some("coffee") && *due > 0;
            line.earned = [earned, if coffee { line.pieces } else { 0 }];
        }
    }

    /// Adds what another bill has.
    pub fn add(&mut self, more: &Receipt) {
        for line in &more.lines {
            match self.lines.iter_mut().find(|own| own.id == line.id) {
                None => self.lines.push(line.clone()),
                Some(own) => {
                    own.pieces += line.pieces;
                    own.amount += line.amount;
                    own.promotion += line.promotion;
                    own.card += line.card;
                    own.reward += line.reward;
                    own.points += line.points;
                    for what in 0..2 {
                        own.spent[what] += line.spent[what];
                        own.earned[what] += line.earned[what];
                    }
                }
            }
        }
        for (card, amount) in &more.gifts {
            match self.gifts.iter_mut().find(|(own, _)| own == card) {
                Some((_, own)) => *own += amount,
                None => self.gifts.push((*card, *amount)),
            }
        }
        let new = more.codes.iter().filter(|code| !self.codes.contains(code));
        let new: Vec<String> = new.cloned().collect();
        self.codes.extend(new);
    }
}
