//! The slip that a till prints after a sale or a refund.

mod gift;
mod points;
#[cfg(test)]
pub(crate) mod tests;

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::number::Zone;
use super::paper::Paper;
use super::reasons::sentence;
use super::{Language, SlipOptions, Style, number};
use crate::amount::Amount;
use crate::answer::{
    LineDiscount, LineQuote, Quote, RefundAnswer, RefundedLine, SaleAnswer, SaleStatus, TaxTotal,
};
use crate::order::{Line, Order, Stage};
use crate::program::{Localized, Program, Store};
use crate::reason::{Reason, ReasonCode};
use crate::record::Token;
use points::masked;

/// The slip of a sale: heading, lines with their discounts, totals, taxes, points, reasons and the
/// short code of its token, in lines of `options.width` characters, each ended by a line feed.
///
/// `order` is the one that was sold; the slip takes names, prices, store, receipt number and time
/// (`paid_at`, that of `paper`, or else `opened_at`) from it.
#[must_use]
pub fn slip(
    answer: &SaleAnswer,
    order: &Order,
    program: &Program,
    options: &SlipOptions,
) -> String {
    let currency = answer.quote.as_ref().map(|quote| quote.currency.as_str());
    let mut slip = Slip::new(order, program, options, currency);
    slip.heading();
    slip.sale_title(answer.status);
    slip.receipt("Чек №", "Receipt");
    if let Some(quote) = &answer.quote {
        slip.paper.rule();
        slip.sold_lines(quote);
        slip.paper.rule();
        slip.totals(quote);
        slip.loads(quote);
    }
    slip.sale_points(answer);
    slip.coupons(answer);
    let of_receipt = answer.quote.iter().flat_map(|quote| &quote.reasons);
    slip.ending(of_receipt.chain(&answer.reasons), answer.token.as_deref());
    slip.paper.finish()
}

/// The slip of a refund: heading, what came back, the money, points given and taken back, reasons
/// and the short code of the sale's token.
///
/// `order` is the one that was sold, or, for a refund without its sale, the goods that came back.
#[must_use]
pub fn refund_slip(
    answer: &RefundAnswer,
    order: &Order,
    program: &Program,
    options: &SlipOptions,
) -> String {
    let mut slip = Slip::new(order, program, options, Some(&answer.currency));
    slip.heading();
    let title = slip.say("ВОЗВРАТ", "REFUND");
    slip.paper.centre(title);
    if answer.token.is_some() {
        slip.receipt("К чеку №", "Of receipt");
    } else {
        slip.receipt("Чек №", "Receipt");
    }
    slip.paper.rule();
    for line in &answer.lines {
        slip.refunded_line(line);
    }
    slip.paper.rule();
    let total = slip.money(answer.money);
    slip.row("К ВОЗВРАТУ", "TO REFUND", &total);
    slip.returns(answer);
    slip.refund_points(answer);
    slip.ending(answer.reasons.iter(), answer.token.as_deref());
    slip.paper.finish()
}

struct Slip<'a> {
    paper: Paper,
    order: &'a Order,
    /// The lines of the order by id: a receipt may have ten thousand.
    lines: HashMap<&'a str, &'a Line>,
    program: &'a Program,
    store: Option<&'a Store>,
    language: Language,
    style: Style,
    zone: Zone,
}

impl<'a> Slip<'a> {
    fn new(
        order: &'a Order,
        program: &'a Program,
        options: &SlipOptions,
        currency: Option<&str>,
    ) -> Slip<'a> {
        let document = program.document();
        let store = document.stores.iter().find(|store| order.store.as_ref() == Some(&store.id));
        let zone = options.zone.as_ref();
        let zone = zone.or_else(|| store.and_then(|store| store.zone.as_ref()));
        let own = Style::of(program, options.sign);
        let currency = currency.or(order.currency.as_deref());
        let style = match currency {
            Some(currency) if currency != own.currency => own.in_currency(currency),
            _ => own,
        };
        Slip {
            paper: Paper::new(options.width, options.sign),
            order,
            lines: order.lines.iter().map(|line| (line.id.as_str(), line)).collect(),
            program,
            store,
            language: options.language,
            style,
            zone: Zone::find(zone.unwrap_or(&document.zone)),
        }
    }

    fn say<'t>(&self, russian: &'t str, english: &'t str) -> &'t str {
        self.language.pick(russian, english)
    }

    /// A sum with its currency: for the few that a guest must not mistake.
    fn money(&self, amount: Amount) -> String {
        number::sum(amount, &self.style.currency, self.language, self.style.sign)
    }

    /// A sum without its currency, for columns.
    fn sum(&self, amount: Amount) -> String {
        number::decimal(amount.decimal(), self.language)
    }

    fn less(&self, amount: Amount) -> String {
        self.sum(Amount { units: amount.units.saturating_neg(), ..amount })
    }

    fn count(&self, amount: Amount) -> String {
        number::count(amount, self.language)
    }

    fn row(&mut self, russian: &str, english: &str, value: &str) {
        let label = self.say(russian, english);
        self.paper.row(0, label, value);
    }

    /// A row below a card or a line.
    fn inner(&mut self, russian: &str, english: &str, value: &str) {
        let label = self.say(russian, english);
        self.paper.row(1, label, value);
    }

    fn heading(&mut self) {
        let document = self.program.document();
        let name = document.name.as_ref();
        let name = name.map_or(document.id.as_str(), |name| self.language.of(name));
        self.paper.centre(name);
        let Some(store) = self.store else {
            return;
        };
        let address = store.address.as_deref().unwrap_or_default();
        self.paper.centre(store.name.as_deref().unwrap_or_default());
        self.paper.centre(address);
        // Many addresses end with the city.
        let city = store.city.as_deref().unwrap_or_default();
        if !address.contains(city) {
            self.paper.centre(city);
        }
    }

    fn sale_title(&mut self, status: SaleStatus) {
        let title = match status {
            SaleStatus::Confirmed => return,
            SaleStatus::Reserved => self.say("ПРЕЧЕК", "BILL, NOT PAID YET"),
            SaleStatus::Cancelled => self.say("ПРОДАЖА ОТМЕНЕНА", "SALE CANCELLED"),
            SaleStatus::Voided => self.say("ПРОДАЖА АННУЛИРОВАНА", "SALE VOIDED"),
            SaleStatus::Regrouped => self.say("СЧЁТ РАЗДЕЛЁН", "BILL DIVIDED"),
            SaleStatus::Awaiting => self.say("ОЖИДАЕТ ДАННЫХ О ПРОДАЖЕ", "WAITING FOR THE SALE"),
        };
        self.paper.centre(title);
    }

    /// The receipt's number at the left and its time at the right.
    fn receipt(&mut self, russian: &str, english: &str) {
        self.paper.rule();
        let paper = self.order.paper.as_ref().map(|paper| paper.at);
        let time = self.order.paid_at.or(paper).or(self.order.opened_at);
        let time = time.map(|time| self.zone.date_time(time, self.language));
        let time = time.unwrap_or_default();
        match &self.order.receipt {
            Some(number) => {
                let label = format!("{} {number}", self.say(russian, english));
                self.paper.row(0, &label, &time);
            }
            None => self.paper.left(&time),
        }
    }

    fn line_of_order(&self, id: &str) -> Option<&'a Line> {
        self.lines.get(id).copied()
    }

    fn line_name(&mut self, id: &str) {
        let line = self.line_of_order(id);
        let name = line.and_then(|line| line.name.as_deref());
        self.paper.left(name.unwrap_or(id));
    }

    fn sold_lines(&mut self, quote: &Quote) {
        for line in &quote.lines {
            self.line_name(&line.id);
            let quantity = self.quantity(line.quantity);
            let price = self.line_of_order(&line.id).map(|of| self.price(of, line));
            let label = match price {
                Some(price) => format!("{quantity} × {price}"),
                None => quantity,
            };
            let amount = self.sum(line.amount);
            self.paper.row(1, &label, &amount);
            for discount in &line.discounts {
                self.line_discount(discount);
            }
        }
    }

    fn quantity(&self, quantity: Decimal) -> String {
        number::decimal(quantity.normalize(), self.language)
    }

    /// A unit price with the decimals of money, or with more where it has more.
    fn price(&self, of: &Line, line: &LineQuote) -> String {
        let mut price = of.price.normalize();
        price.rescale(price.scale().max(u32::from(line.amount.digits)));
        number::decimal(price, self.language)
    }

    /// A discount by the name of the rule that gave it, or by its id.
    fn named(
        &self,
        russian: &str,
        english: &str,
        name: Option<&Localized>,
        discount: &LineDiscount,
    ) -> String {
        let name = name.map_or(discount.source.as_str(), |name| self.language.of(name));
        format!("{}: {name}", self.say(russian, english))
    }

    fn line_discount(&mut self, discount: &LineDiscount) {
        let value = self.less(discount.amount);
        let label = match discount.stage {
            Stage::Host => format!("{}: {}", self.say("Скидка", "Discount"), discount.source),
            Stage::Promotion => {
                let rules = &self.program.document().promotions;
                let rule = rules.iter().find(|rule| rule.id == discount.source);
                self.named("Акция", "Promotion", rule.and_then(|rule| rule.name.as_ref()), discount)
            }
            Stage::Reward => {
                let rules = &self.program.document().rewards;
                let rule = rules.iter().find(|rule| rule.id == discount.source);
                self.named("Награда", "Reward", rule.and_then(|rule| rule.name.as_ref()), discount)
            }
            Stage::Card => self.say("Скидка по карте", "Card discount").to_owned(),
            Stage::Points | Stage::Tender | Stage::Earning => {
                self.say("Баллы", "Points").to_owned()
            }
        };
        self.paper.row(1, &label, &value);
    }

    fn totals(&mut self, quote: &Quote) {
        let totals = &quote.totals;
        if totals.amount != totals.gross {
            let amount = self.sum(totals.amount);
            self.row("Сумма", "Amount", &amount);
        }
        if totals.discount.units != 0 {
            let discount = self.less(totals.discount);
            self.row("Скидки", "Discounts", &discount);
        }
        let (inside, on_top): (Vec<_>, Vec<_>) =
            quote.taxes.iter().partition(|tax| self.is_inside(tax));
        for tax in on_top {
            let amount = self.sum(tax.tax);
            self.paper.row(0, &tax.name, &amount);
        }
        let gross = self.money(totals.gross);
        self.row("ИТОГО", "TOTAL", &gross);
        for tax in inside {
            let label = format!("{} {}", self.say("в т.ч.", "incl."), tax.name);
            let amount = self.sum(tax.tax);
            self.paper.row(1, &label, &amount);
        }
        if totals.payable != totals.gross {
            let points = self.less(totals.counter_provision);
            self.row("Оплачено баллами", "Paid with points", &points);
        }
        self.gift_payments(quote);
        if totals.rest != totals.gross {
            let rest = self.money(totals.rest);
            self.row("К ОПЛАТЕ", "TO PAY", &rest);
        }
    }

    /// Whether the prices contain a tax; the order says so line by line.
    fn is_inside(&self, tax: &TaxTotal) -> bool {
        let rules = self.order.lines.iter().flat_map(|line| &line.taxes);
        let mut named = rules.filter(|rule| rule.name == tax.name);
        named.next().is_none_or(|rule| rule.inside)
    }

    fn refunded_line(&mut self, line: &RefundedLine) {
        self.line_name(&line.line);
        let label = if line.quantity.is_zero() {
            self.say("Часть суммы", "Part of the sum").to_owned()
        } else {
            let quantity = self.quantity(line.quantity);
            format!("{} {quantity}", self.say("Количество", "Quantity"))
        };
        let money = self.sum(line.money);
        self.paper.row(1, &label, &money);
    }

    /// The reasons and the short code.
    fn ending<'r>(&mut self, reasons: impl Iterator<Item = &'r Reason>, token: Option<&str>) {
        let reasons = reasons.filter(|reason| is_for_guests(reason.code));
        let texts: Vec<String> =
            reasons.map(|why| sentence(&discreet(why), self.language, &self.style)).collect();
        if !texts.is_empty() {
            self.paper.rule();
        }
        for text in texts {
            self.paper.left(&text);
        }
        let token = token.and_then(|token| Token::parse(token).ok());
        if let Some(token) = token {
            let code: String = token.check.chars().take(6).collect();
            self.paper.rule();
            self.row("Код продажи", "Sale code", &code.to_uppercase());
        }
    }
}

/// Whether a reason is printed: what a till did not tell the engine, and how full a budget is, is for
/// the cashier's screen and for support.
fn is_for_guests(code: ReasonCode) -> bool {
    !matches!(code, ReasonCode::ConditionUnknown | ReasonCode::LimitNear)
}

/// The reason with the number of its card masked.
fn discreet(reason: &Reason) -> Reason {
    let mut reason = reason.clone();
    if let Some(card) = reason.args.0.get_mut("card") {
        *card = masked(card);
    }
    reason
}
