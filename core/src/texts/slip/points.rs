//! What a slip says about cards and their points.

use super::Slip;
use crate::answer::{
    BalanceChange, CardView, EarnedLot, PointsQuote, RefundAnswer, SaleAnswer, SaleStatus,
};
use crate::texts::capitalised;

impl Slip<'_> {
    pub(super) fn sale_points(&mut self, answer: &SaleAnswer) {
        let quote = answer.quote.as_ref();
        let presented = quote.map_or(&[] as &[CardView], |quote| &quote.cards);
        let done = answer.status == SaleStatus::Confirmed;
        for card in presented {
            self.card(&card.card, Some(&card.kind));
            let points = quote.iter().flat_map(|quote| &quote.points);
            let mut told: Vec<&str> = Vec::new();
            for moved in points.filter(|moved| moved.card == card.card) {
                told.push(&moved.points);
                self.moved(moved, done);
                let change = answer.balances.iter().find(|change| {
                    change.card == moved.card && change.after.points == moved.points
                });
                self.balance(change, &moved.lots);
            }
            let others = answer.balances.iter().filter(|change| {
                change.card == card.card && !told.contains(&change.after.points.as_str())
            });
            for change in others {
                self.points_name(&change.after.points);
                self.balance(Some(change), &[]);
            }
        }
        if quote.is_none() {
            self.balances_alone(&answer.balances);
        }
        if let Some(until) = answer.hold_until.filter(|_| !answer.balances.is_empty()) {
            let until = self.zone.date_time(until, self.language);
            self.row("Баллы в резерве до", "Points reserved until", &until);
        }
    }

    /// The coupons for a later visit: with their codes once they are issued.
    pub(super) fn coupons(&mut self, answer: &SaleAnswer) {
        let promised = answer.quote.iter().flat_map(|quote| &quote.coupons);
        if answer.status == SaleStatus::Reserved {
            for coupon in promised {
                let name = self.coupon_name(&coupon.coupon);
                self.row("Купон после оплаты", "Coupon once paid", &name);
            }
        }
        for coupon in &answer.coupons {
            let name = self.coupon_name(&coupon.coupon);
            self.row("Купон", "Coupon", &name);
            self.inner("Код", "Code", &coupon.code);
            if let Some(opens) = coupon.opens_at {
                let opens = self.zone.date(opens, self.language);
                self.inner("Действует с", "Valid from", &opens);
            }
            if let Some(ends) = coupon.expires_at {
                let until = self.zone.until(ends, self.language);
                self.inner("Действует", "Valid", &until);
            }
        }
    }

    fn coupon_name(&self, id: &str) -> String {
        let kinds = &self.program.document().coupons;
        let name = kinds.iter().find(|kind| kind.id == id).and_then(|kind| kind.name.as_ref());
        name.map_or(id, |name| self.language.of(name)).to_owned()
    }

    /// Where the sale's receipt is not at hand, the cards whose balances changed.
    fn balances_alone(&mut self, balances: &[BalanceChange]) {
        for change in balances {
            self.card(&change.card, None);
            self.points_name(&change.after.points);
            self.balance(Some(change), &[]);
        }
    }

    pub(super) fn refund_points(&mut self, answer: &RefundAnswer) {
        for moved in &answer.points {
            self.card(&moved.card, None);
            self.points_name(&moved.points);
            if moved.restored.units != 0 {
                let restored = self.count(moved.restored);
                self.inner("Возвращено", "Given back", &restored);
            }
            if moved.clawed_back.units != 0 {
                let taken = self.count(moved.clawed_back);
                self.inner("Снято начисленное", "Taken back", &taken);
            }
            let change = answer
                .balances
                .iter()
                .find(|change| change.card == moved.card && change.after.points == moved.points);
            self.balance(change, &[]);
        }
    }

    /// The card's name, and of its number what tells it from the guest's other cards: slips are
    /// thrown away where anybody may pick them up.
    fn card(&mut self, number: &str, kind: Option<&str>) {
        self.paper.rule();
        let cards = &self.program.document().cards;
        let kind = cards.iter().find(|card| Some(card.id.as_str()) == kind);
        let name = kind.and_then(|kind| kind.name.as_ref());
        let name = name.map_or(self.say("Карта", "Card"), |name| self.language.of(name));
        self.paper.row(0, name, &masked(number));
    }

    fn points_name(&mut self, id: &str) {
        let document = self.program.document();
        let kind = document.points.iter().find(|kind| kind.id == id);
        let name = kind.and_then(|kind| kind.name.as_ref());
        let money = id == document.currency;
        let other = if money {
            self.say("Деньги", "Money")
        } else {
            self.say("Баллы", "Points")
        };
        let name = name.map_or(other, |name| self.language.of(name));
        self.paper.left(&capitalised(name));
    }

    fn moved(&mut self, moved: &PointsQuote, done: bool) {
        self.points_name(&moved.points);
        let (spent, earned) = (self.count(moved.spent), self.count(moved.earned));
        if moved.spent.units != 0 && done {
            self.inner("Списано", "Spent", &spent);
        } else if moved.spent.units != 0 {
            self.inner("Будет списано", "To be spent", &spent);
        }
        if moved.earned.units != 0 && done {
            self.inner("Начислено", "Earned", &earned);
        } else if moved.earned.units != 0 {
            self.inner("Будет начислено", "To be earned", &earned);
        }
    }

    fn balance(&mut self, change: Option<&BalanceChange>, lots: &[EarnedLot]) {
        let Some(BalanceChange { after, before, .. }) = change else {
            return;
        };
        let spendable = if after.spendable == before.spendable {
            self.count(after.spendable)
        } else {
            format!("{} → {}", self.count(before.spendable), self.count(after.spendable))
        };
        self.inner("Доступно", "Available", &spendable);
        if after.held.units != 0 {
            let held = self.count(after.held);
            self.inner("В резерве", "Reserved", &held);
        }
        let pending = after.pending.units != 0;
        let mut opening = 0;
        for lot in lots.iter().filter(|_| pending) {
            if let Some(opens) = lot.opens_at {
                opening += lot.amount.units;
                let date = self.zone.date(opens, self.language);
                let label = format!("{} {date}", self.say("Станут доступны", "Available from"));
                let amount = self.count(lot.amount);
                self.paper.row(1, &label, &amount);
            }
        }
        if pending && opening != after.pending.units {
            let all = self.count(after.pending);
            self.inner("Ещё не доступны, всего", "Not available yet, in all", &all);
        }
        if after.debt.units != 0 {
            let debt = self.count(after.debt);
            self.inner("Долг", "Debt", &debt);
        }
        self.expiring(change);
    }

    /// The points that end next.
    fn expiring(&mut self, change: Option<&BalanceChange>) {
        let ending = change.and_then(|change| {
            let mut ending = change.after.expiring.iter();
            ending.find_map(|part| part.at.map(|at| (at, part.amount)))
        });
        if let Some((end, amount)) = ending {
            let until = self.zone.until(end, self.language);
            let label = format!("{} {until}", self.say("Действуют", "Valid"));
            let amount = self.count(amount);
            self.paper.row(1, &label, &amount);
        }
    }
}

/// The last four characters of a number; shorter numbers as they are.
pub(super) fn masked(number: &str) -> String {
    let length = number.chars().count();
    if length <= 4 {
        return number.to_owned();
    }
    let end: String = number.chars().skip(length - 4).collect();
    format!("****{end}")
}
