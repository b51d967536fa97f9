//! What a slip says about gift cards that paid, and about what was loaded or sold on cards.

use super::Slip;
use super::points::masked;
use crate::answer::{Load, Quote, RefundAnswer};

impl Slip<'_> {
    /// What gift cards paid, each with what is left on it.
    pub(super) fn gift_payments(&mut self, quote: &Quote) {
        for paid in &quote.gift_cards {
            let kind = self.program.rules().card_of_number(&paid.card).ok();
            let kinds = &self.program.document().cards;
            let kind = kind.and_then(|kind| kinds.iter().find(|one| one.id == kind.id));
            let name = kind.and_then(|kind| kind.name.as_ref());
            let own = self.say("Подарочная карта", "Gift card");
            let name = name.map_or(own, |name| self.language.of(name));
            let label = format!("{name} {}", masked(&paid.card));
            let amount = self.less(paid.amount);
            self.paper.row(0, &label, &amount);
            let left = self.sum(paid.left);
            self.inner("Остаток", "Left on it", &left);
        }
    }

    /// What the receipt loads onto cards.
    pub(super) fn loads(&mut self, quote: &Quote) {
        for load in &quote.loads {
            self.load(load);
        }
    }

    fn load(&mut self, load: &Load) {
        self.paper.rule();
        let kinds = &self.program.document().cards;
        let kind = kinds.iter().find(|kind| kind.id == load.kind);
        let name = kind.and_then(|kind| kind.name.as_ref());
        let name = name.map_or(self.say("Карта", "Card"), |name| self.language.of(name));
        self.paper.row(0, name, &masked(&load.card));
        match load.refund {
            None => {
                let amount = self.sum(load.amount);
                self.inner("Сумма на карту", "Put on it", &amount);
            }
            Some(_) => {
                let amount = self.count(load.amount);
                let points = &self.program.document().points;
                let name = points.iter().find(|points| points.id == load.asset);
                let name = name.and_then(|points| points.name.as_ref());
                match name {
                    Some(name) => self.inner(&name.ru, &name.en, &amount),
                    None => self.inner("Единиц", "Units", &amount),
                }
            }
        }
        if load.bonus.units != 0 {
            let bonus = self.sum(load.bonus);
            self.inner("В подарок", "As a present", &bonus);
        }
        if let Some(ends) = load.expires_at {
            let until = self.zone.until(ends, self.language);
            self.inner("Действует", "Valid", &until);
        }
    }

    /// How the money of a refund is divided over gift cards and the other tenders.
    pub(super) fn returns(&mut self, answer: &RefundAnswer) {
        if answer.gift_cards.is_empty() {
            return;
        }
        for back in &answer.gift_cards {
            let name = self.say("на карту", "to card");
            let label = format!("{name} {}", masked(&back.to));
            let amount = self.sum(back.amount);
            self.paper.row(1, &label, &amount);
        }
        if answer.cash.units != 0 {
            let cash = self.sum(answer.cash);
            self.inner("деньгами", "in money", &cash);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::answer::{GiftPayment, GiftReturn, Load, Quote, RefundAnswer, SaleAnswer};
    use crate::texts::{Language, SlipOptions, refund_slip, slip};
    use crate::{Amount, Order, Program, SaleStatus};

    fn rub(units: i64) -> Amount {
        Amount { units, digits: 2 }
    }

    fn program() -> Program {
        let text = r#"{"id": "shop", "currency": "RUB", "zone": "Europe/Moscow",
            "cards": [{"id": "gift", "kind": "gift"}]}"#;
        Program::compile(text).unwrap()
    }

    fn options(language: Language) -> SlipOptions {
        SlipOptions { language, ..SlipOptions::default() }
    }

    fn sale() -> SaleAnswer {
        let mut quote = Quote { currency: "RUB".into(), ..Quote::default() };
        (quote.totals.amount, quote.totals.gross) = (rub(150_000), rub(150_000));
        (quote.totals.payable, quote.totals.rest) = (rub(150_000), rub(70_000));
        let (amount, left) = (rub(80_000), rub(20_000));
        quote.gift_cards.push(GiftPayment { amount, card: "70001234".into(), left });
        quote.loads.push(Load {
            amount: rub(50_000),
            bonus: rub(5000),
            card: "70009876".into(),
            kind: "gift".into(),
            ..Load::default()
        });
        SaleAnswer { quote: Some(quote), status: SaleStatus::Confirmed, ..SaleAnswer::default() }
    }

    /// The rows of a slip without the spaces between label and value.
    fn rows(text: &str) -> Vec<String> {
        text.lines().map(|row| row.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
    }

    #[test]
    fn a_slip_tells_what_gift_cards_paid_and_what_is_left_to_pay() {
        let text = slip(&sale(), &Order::default(), &program(), &options(Language::English));
        let rows = rows(&text);
        let told = ["Gift card ****1234 −800.00", "Left on it 200.00", "Put on it 500.00"];
        for row in told.iter().chain(&["As a present 50.00"]) {
            assert!(rows.iter().any(|one| one == row), "{row}: {rows:?}");
        }
        assert!(rows.iter().any(|row| row.starts_with("TO PAY") && row.contains("700.00")));
    }

    #[test]
    fn a_russian_refund_slip_tells_which_card_got_how_much() {
        let answer = RefundAnswer {
            cash: rub(30_000),
            currency: "RUB".into(),
            gift_cards: vec![GiftReturn {
                amount: rub(20_000),
                card: "70001234".into(),
                to: "70005555".into(),
            }],
            money: rub(50_000),
            ..RefundAnswer::default()
        };
        let text = refund_slip(&answer, &Order::default(), &program(), &options(Language::Russian));
        let rows = rows(&text);
        for row in ["на карту ****5555 200,00", "деньгами 300,00"] {
            assert!(rows.iter().any(|one| one == row), "{row}: {rows:?}");
        }
    }
}
