//! A receipt explained line by line, from what its record keeps.

use super::{Language, MoneySign, Style, number, printable, reason};
use crate::amount::Amount;
use crate::answer::{Explanation, LineDiscount, LineQuote, Outcome, TraceStep};
use crate::order::Stage;
use crate::program::Program;
use crate::rounding::Rounding;

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

    fn money(&self, amount: Amount) -> String {
        number::money(amount, &self.style.currency, self.language, self.style.sign)
    }

    fn program_money(&self, amount: Amount) -> String {
        let currency = self.style.program_currency();
        number::money(amount, currency, self.language, self.style.sign)
    }

    /// Points, with the name of their kind where the programme has several.
    fn points(&self, amount: Amount, id: &str) -> String {
        let text = number::points(amount, self.language, self.style.sign);
        let kinds = &self.program.document().points;
        if kinds.len() < 2 {
            return text;
        }
        let name = kinds.iter().find(|kind| kind.id == id).and_then(|kind| kind.name.as_ref());
        format!("{text} «{}»", name.map_or(id, |name| self.language.of(name)))
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
            step.reasons.iter().map(|why| reason(why, self.language, &self.style)).collect();
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
            Stage::Host => format!("{} «{rule}»", self.say("Скидка кассы", "Till discount")),
            // The rule of a card's discount is the card.
            Stage::Card => {
                return format!("{} {rule}", self.say("Скидка по карте", "Discount of card"));
            }
            Stage::Points => self.say("Списание баллов", "Points spent").to_owned(),
            Stage::Earning => {
                let head = self.say("Начисление по правилу", "Points earned by the rule");
                format!("{head} «{rule}»")
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
            Stage::Host | Stage::Card | Stage::Points => self.money(base),
        });
        let percent =
            step.percent.map(|percent| number::percent(percent, self.language, self.style.sign));
        let of = self.say("от", "of");
        let mut text = match (percent, base) {
            (Some(percent), Some(base)) => format!(" ({percent} {of} {base})"),
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
        if !step.residue.is_empty() {
            let residue = self.say("остаток деления на позиции", "residue on lines");
            add(residue, &step.residue.join(", "));
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
                format!("{name} «{}» {amount}", given.source)
            }
            Stage::Card => format!("{} {amount}", self.say("скидка по карте", "card discount")),
            Stage::Points | Stage::Earning => {
                format!("{} {amount}", self.say("скидка баллами", "points discount"))
            }
        }
    }
}
