//! A sale of the model: its lines, what points pay of them, and what came back.

use crate::shares::divide;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Reserved,
    Confirmed,
    Cancelled,
    Voided,
}

#[derive(Clone, Debug, Default)]
pub struct Line {
    pub pieces: i64,
    pub amount: i64,
    /// Money that points pay of it.
    pub paid_by_points: i64,
    pub spent: i64,
    pub earned: i64,
    pub back: i64,
    pub back_money: i64,
    pub by_amount: i64,
}

impl Line {
    pub fn due(&self) -> i64 {
        self.amount - self.paid_by_points
    }

    /// What the first pieces cost: the dearer ones come first.
    pub fn cost(&self, pieces: i64) -> i64 {
        let (price, dearer) = (self.due() / self.pieces, self.due() % self.pieces);
        price * pieces + dearer.min(pieces)
    }

    /// How much of `points` has moved.
    pub fn moved(&self, points: i64) -> i64 {
        let by_pieces = points * self.back / self.pieces;
        if self.by_amount == 0 || self.due() == 0 {
            return by_pieces;
        }
        by_pieces.max(points * self.back_money / self.due())
    }
}

#[derive(Clone, Debug)]
pub struct Sale {
    pub status: Status,
    pub card: Option<usize>,
    pub lines: Vec<Line>,
    pub spent: i64,
    pub earned: i64,
    pub until: i64,
    pub eaten: Vec<(usize, i64)>,
    pub owed: i64,
    pub own: Option<usize>,
    pub restored: i64,
    pub clawed: i64,
    pub refunded: bool,
}

impl Sale {
    /// Points pay of every line in proportion to these parts.
    pub fn pay_with_points(&mut self, points: i64, parts: &[i64]) {
        self.spent = points;
        let money = divide(points * 100, parts);
        let spent = divide(points, &money);
        for ((line, money), spent) in self.lines.iter_mut().zip(money).zip(spent) {
            (line.paid_by_points, line.spent) = (money, spent);
        }
    }

    /// 5 % of what is paid with money, in whole points.
    pub fn earn(&mut self) {
        let dues: Vec<i64> = self.lines.iter().map(Line::due).collect();
        let earned = if self.card.is_some() { dues.iter().sum::<i64>() * 5 / 100 / 100 } else { 0 };
        self.earned = earned;
        for (line, earned) in self.lines.iter_mut().zip(divide(earned, &dues)) {
            line.earned = earned;
        }
    }
}
