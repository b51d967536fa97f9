//! A receipt explained line by line, from what its record keeps.

use super::reasons::sentence;
use super::{Language, MoneySign, Style, number, printable};
use crate::amount::Amount;
use crate::answer::{Explanation, LineDiscount, LineQuote, Outcome, TraceStep};
use crate::order::Stage;
use crate::program::Program;
use crate::rounding::Rounding;
use crate::slice::LOAD_BONUS;

/// How the numbers of a record came about: a sentence for each step, with its rule, base,
/// percentage, limit, rounding, residue and outcome; then one for each line of the receipt.
///
/// `program` gives the names of points; any version of the record's programme will do.
#[must_use]
pub fn explain(
    explanation: &Explanation,
    program: &Program,
    language: Language,
    sign: MoneySign,
) -> Vec<String> {
    let style = Style::of(program, sign);
    let style = match &explanation.quote {
        Some(quote) if quote.currency != style.currency => style.in_currency(&quote.currency),
        _ => style,
    };
    let teller = Teller { program, language, style };
    let steps = explanation.steps.iter().map(|step| teller.step(step));
    let lines = explanation.quote.iter().flat_map(|quote| &quote.lines);
    let lines = lines.map(|line| teller.line(line));
    let printable = |text: String| printable(&text, sign);
    steps.chain(lines).map(printable).collect()
}

struct Teller<'a> {
    program: &'a Program,
    language: Language,
    style: Style,
}

impl Teller<'_> {
    fn say<'a>(&self, russian: &'a str, english: &'a str) -> &'a str {
        self.language.pick(russian, english)
    }

    fn quoted(&self, text: &str) -> String {
        let (open, close) = match self.language {
            Language::Russian => ('«', '»'),
            Language::English => ('“', '”'),
        };
        format!("{open}{text}{close}")
    }

    fn money(&self, amount: Amount) -> String {
        number::sum(amount, &self.style.currency, self.language, self.style.sign)
    }

    fn program_money(&self, amount: Amount) -> String {
        let currency = self.style.program_currency();
        number::sum(amount, currency, self.language, self.style.sign)
    }

    /// Points, with the name of their kind where the programme has several.
    fn points(&self, amount: Amount, id: &str) -> String {
        let text = number::counted_points(amount, self.language);
        let kinds = &self.program.document().points;
        if kinds.len() < 2 {
            return text;
        }
        let name = kinds.iter().find(|kind| kind.id == id).and_then(|kind| kind.name.as_ref());
        format!("{text} {}", self.quoted(name.map_or(id, |name| self.language.of(name))))
    }

    /// An amount of the step's asset: points if the programme has such, or else money.
    fn asset(&self, amount: Amount, id: &str) -> String {
        let kinds = &self.program.document().points;
        if kinds.iter().any(|kind| kind.id == id) {
            self.points(amount, id)
        } else {
            self.money(amount)
        }
    }

    fn step(&self, step: &TraceStep) -> String {
        let rule = self.rule(step);
        let reasons: Vec<String> =
            step.reasons.iter().map(|why| sentence(why, self.language, &self.style)).collect();
        let reasons = reasons.join("; ");
        if step.outcome == Outcome::Skipped {
            let skipped = self.say("не применено", "not applied");
            let why = if reasons.is_empty() { "" } else { ": " };
            return format!("{rule}: {skipped}{why}{reasons}");
        }
        let amount = self.asset(step.amount, &step.asset);
        let outcome = match step.outcome {
            Outcome::Trimmed => self.say("применено с ограничением", "applied up to a limit"),
            Outcome::Applied | Outcome::Skipped => {
                self.say("применено полностью", "applied in full")
            }
        };
        let why = if reasons.is_empty() { "" } else { ": " };
        let how = self.how(step);
        format!("{rule}: {amount}{how}; {outcome}{why}{reasons}")
    }

    /// The stage, its rule and the card that it was for.
    fn rule(&self, step: &TraceStep) -> String {
        let rule = &step.rule;
        let head = match step.stage {
            Stage::Host => {
                format!("{} {}", self.say("Скидка кассы", "Till discount"), self.quoted(rule))
            }
            Stage::Promotion => {
                format!("{} {}", self.say("Акция", "Promotion"), self.quoted(rule))
            }
            Stage::Reward => format!("{} {}", self.say("Награда", "Reward"), self.quoted(rule)),
            // The rule of a card's discount is the card.
            Stage::Card => {
                return format!("{} {rule}", self.say("Скидка по карте", "Discount of card"));
            }
            Stage::Points => self.say("Списание баллов", "Points spent").to_owned(),
            Stage::Tender if rule == LOAD_BONUS => {
                self.say("Подарок к пополнению", "Present with the load").to_owned()
            }
            Stage::Tender => self.say("Подарочная карта", "Gift card").to_owned(),
            Stage::Earning => {
                let head = self.say("Начисление по правилу", "Points earned by the rule");
                format!("{head} {}", self.quoted(rule))
            }
        };
        match &step.card {
            Some(card) => format!("{head}, {} {card}", self.say("карта", "card")),
            None => head,
        }
    }

    /// What the amount was taken of, and what was done to it on the way.
    fn how(&self, step: &TraceStep) -> String {
        let base = step.base.map(|base| match step.stage {
            // What is earned on is counted in the programme's own currency.
            Stage::Earning => self.program_money(base),
            _ => self.money(base),
        });
        let percent = step.percent.map(|percent| number::percent(percent, self.language));
        let of = self.say("от", "of");
        // For spending the percentage is a limit, for everything else it is what was given.
        let most = match step.stage {
            Stage::Points => self.say("не больше ", "at most "),
            _ => "",
        };
        let mut text = match (percent, base) {
            (Some(percent), Some(base)) => format!(" ({most}{percent} {of} {base})"),
            (Some(percent), None) => format!(" ({percent})"),
            (None, Some(base)) => format!(" ({of} {base})"),
            (None, None) => String::new(),
        };
        let mut add = |what: &str, value: &str| {
            text.push_str(", ");
            text.push_str(what);
            text.push(' ');
            text.push_str(value);
        };
        if let Some(cap) = step.cap {
            add(self.say("предел", "limit"), &self.asset(cap, &step.asset));
        }
        if let Some(rounding) = step.rounding {
            add(self.say("округление", "rounded"), self.rounding(rounding));
        }
        match step.residue.as_slice() {
            [] => {}
            [line] => add(self.say("остаток деления на позицию", "residue on line"), line),
            lines => {
                let residue = self.say("остаток деления на позиции", "residue on lines");
                add(residue, &lines.join(", "));
            }
        }
        text
    }

    fn rounding(&self, rounding: Rounding) -> &'static str {
        let (russian, english) = match rounding {
            Rounding::HalfUp => ("до ближайшего (половина вверх)", "to the nearest (half up)"),
            Rounding::HalfEven => {
                ("до ближайшего (половина к чётному)", "to the nearest (half to even)")
            }
            Rounding::Floor => ("вниз", "down"),
            Rounding::Ceil => ("вверх", "up"),
        };
        self.language.pick(russian, english)
    }

    fn line(&self, line: &LineQuote) -> String {
        let amount = self.money(line.amount);
        let mut parts = vec![format!("{} {}: {amount}", self.say("Позиция", "Line"), line.id)];
        parts.extend(line.discounts.iter().map(|given| self.discount(given)));
        parts.push(format!("{} {}", self.say("стоимость", "due"), self.money(line.due)));
        if !line.taxes.is_empty() {
            parts.push(format!(
                "{} {}, {} {}, {} {}",
                self.say("без налогов", "net"),
                self.money(line.net),
                self.say("налоги", "tax"),
                self.money(line.tax),
                self.say("с налогами", "gross"),
                self.money(line.gross),
            ));
        }
        if line.counter_provision.units != 0 {
            let paid = self.say("из них оплачено баллами", "of which points pay");
            parts.push(format!("{paid} {}", self.money(line.counter_provision)));
        }
        for spent in &line.spent {
            let points = self.points(spent.amount, &spent.points);
            parts.push(format!("{}: {points}", self.say("списано", "spent")));
        }
        for earned in &line.earned {
            let points = self.points(earned.amount, &earned.points);
            parts.push(format!("{}: {points}", self.say("начислено", "earned")));
        }
        parts.join("; ")
    }

    fn discount(&self, given: &LineDiscount) -> String {
        let amount =
            self.money(Amount { units: given.amount.units.saturating_neg(), ..given.amount });
        match given.stage {
            Stage::Host => {
                let name = self.say("скидка кассы", "till discount");
                format!("{name} {} {amount}", self.quoted(&given.source))
            }
            Stage::Promotion => format!("{} {amount}", self.say("скидка по акции", "promotion")),
            Stage::Reward => format!("{} {amount}", self.say("награда", "reward")),
            Stage::Card => format!("{} {amount}", self.say("скидка по карте", "card discount")),
            Stage::Points | Stage::Tender | Stage::Earning => {
                format!("{} {amount}", self.say("скидка баллами", "points discount"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::slip::tests::small_sale;
    use Language::{English, Russian};
    use MoneySign::{Abbreviation, Symbol};

    fn explained(language: Language, sign: MoneySign) -> Vec<String> {
        let sale = small_sale();
        explain(&sale.explanation, &sale.program, language, sign)
    }

    #[test]
    fn a_receipt_is_explained_step_by_step_and_line_by_line_in_russian() {
        let expected = [
            "Скидка кассы \"Акция\": 10,00 руб. (от 100,00 руб.); применено полностью",
            "Скидка по карте 2800000000040: 39,00 руб. (10 % от 390,00 руб.), \
             округление до ближайшего (половина вверх); применено полностью",
            "Списание баллов, карта 2990000000033: 70 баллов (не больше 20 % от 351,00 руб.), \
             предел 70 баллов, округление вниз; применено с ограничением: \
             Можно списать 70 из 200 баллов; \
             Баллами можно оплатить не больше 70,20 руб. (20 %)",
            "Начисление по правилу \"purchase\", карта 2990000000033: 14 баллов \
             (5 % от 281,00 руб.), округление вниз, остаток деления на позицию 1; \
             применено полностью",
            "Позиция 1: 300,00 руб.; скидка по карте -30,00 руб.; скидка баллами -53,85 руб.; \
             стоимость 216,15 руб.; без налогов 180,12 руб., налоги 36,03 руб., \
             с налогами 216,15 руб.; списано: 54 балла; начислено: 11 баллов",
            "Позиция 2: 100,00 руб.; скидка кассы \"Акция\" -10,00 руб.; \
             скидка по карте -9,00 руб.; скидка баллами -16,15 руб.; стоимость 64,85 руб.; \
             без налогов 54,04 руб., налоги 10,81 руб., с налогами 64,85 руб.; \
             списано: 16 баллов; начислено: 3 балла",
        ];
        assert_eq!(explained(Russian, Abbreviation), expected);
    }

    #[test]
    fn a_receipt_is_explained_step_by_step_and_line_by_line_in_english() {
        let expected = [
            "Till discount “Акция”: 10.00 ₽ (of 100.00 ₽); applied in full",
            "Discount of card 2800000000040: 39.00 ₽ (10% of 390.00 ₽), \
             rounded to the nearest (half up); applied in full",
            "Points spent, card 2990000000033: 70 points (at most 20% of 351.00 ₽), \
             limit 70 points, rounded down; applied up to a limit: \
             70 of 200 points can be spent; Points can pay no more than 70.20 ₽ (20%)",
            "Points earned by the rule “purchase”, card 2990000000033: 14 points \
             (5% of 281.00 ₽), rounded down, residue on line 1; applied in full",
            "Line 1: 300.00 ₽; card discount −30.00 ₽; points discount −53.85 ₽; \
             due 216.15 ₽; net 180.12 ₽, tax 36.03 ₽, gross 216.15 ₽; \
             spent: 54 points; earned: 11 points",
            "Line 2: 100.00 ₽; till discount “Акция” −10.00 ₽; card discount −9.00 ₽; \
             points discount −16.15 ₽; due 64.85 ₽; net 54.04 ₽, tax 10.81 ₽, gross 64.85 ₽; \
             spent: 16 points; earned: 3 points",
        ];
        let narrow = expected.map(|text| text.replace(" ₽", "\u{202f}₽"));
        assert_eq!(explained(English, Symbol), narrow);
    }

    #[test]
    fn a_step_that_was_skipped_says_why_and_no_numbers() {
        let mut sale = small_sale();
        let step = TraceStep {
            outcome: Outcome::Skipped,
            reasons: vec![crate::Reason::new(crate::ReasonCode::EarningNotMatched)],
            rule: "birthday".into(),
            stage: Stage::Earning,
            ..TraceStep::default()
        };
        sale.explanation.steps = vec![step];
        sale.explanation.quote = None;
        let text = |language| explain(&sale.explanation, &sale.program, language, Symbol);
        let russian =
            "Начисление по правилу «birthday»: не применено: Условия начисления не выполнены";
        assert_eq!(text(Russian), [russian]);
        let english = "Points earned by the rule “birthday”: not applied: \
                       The conditions of the rule are not met";
        assert_eq!(text(English), [english]);
    }
}
