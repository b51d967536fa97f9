//! From the priced lines to the receipt as answered.

use rust_decimal::Decimal;
use sha2::{Digest, Sha256};

use super::offline::offline_uses;
use super::{LinePoints, LineState, Pricing, money_of};
use crate::amount::{PRICE_DIGITS, QUANTITY_DIGITS};
use crate::answer::{
    CardView, CodeUse, EarnedLot, LimitUse, LineDiscount, LineQuote, NamedAmount, PointsAmount,
    PointsQuote, Quote, Spendable, SubLineQuote, TaxTotal, Totals,
};
use crate::order::Stage;
use crate::order::prepare::PreparedLine;
use crate::reason::{Reason, ReasonCode};
use crate::record::RULES_VERSION;
use crate::subline::{SubLine, sub_lines};
use crate::tax::{LineTax, TaxTotals};

impl Pricing<'_> {
    /// The receipt. Steps that were traced stay in the pricing.
    pub fn quote(&mut self) -> Quote {
        self.given.sort_by_key(|part| (part.line, part.stage));
        let mut taxes = TaxTotals::new(self.rules.tax_scope, self.rules.tax_rounding);
        let lines: Vec<LineQuote> =
            (0..self.lines.len()).filter_map(|place| self.line_quote(place, &mut taxes)).collect();
        let receipt = taxes.finish();
        let mut reasons = std::mem::take(&mut self.reasons);
        let sum = |part: fn(&LineQuote) -> i64| lines.iter().map(part).sum::<i64>();
        let counter_provision = sum(|line| line.counter_provision.units);
        // An adjustment below zero has no tax of its own: it lowers net and gross alike.
        let untaxed: i64 = lines.iter().map(|line| line.due.units.min(0)).sum();
        let gross = receipt.gross + untaxed;
        let totals = Totals {
            amount: self.money(sum(|line| line.amount.units)),
            counter_provision: self.money(counter_provision),
            discount: self.money(sum(|line| line.discount.units)),
            due: self.money(sum(|line| line.due.units)),
            gift: self.gift_total(),
            gross: self.money(gross),
            net: self.money(receipt.net + untaxed),
            payable: self.money(gross - counter_provision),
            rest: self.money(gross - counter_provision - self.gift_total().units),
            tax: self.money(receipt.tax),
        };
        let total = |group: &crate::tax::GroupTotal| TaxTotal {
            gross: self.money(group.gross),
            name: self.order.tax_names.get(group.group).cloned().unwrap_or_default(),
            net: self.money(group.net),
            tax: self.money(group.tax),
        };
        let points = self.points_quotes();
        if self.order.exchange.is_some() {
            let rate = self.source.rate.unwrap_or_default().normalize();
            reasons.push(Reason::new(ReasonCode::RateApplied).with("rate", rate));
        }
        let mut quote = Quote {
            cards: self.cards.iter().map(|card| self.present_view(card)).collect(),
            challenges: self.challenges.clone(),
            codes: self.code_uses(),
            coupons: self.coupons.clone(),
            currency: self.order.currency.clone(),
            explanation: None,
            gift_cards: self.gift_payments(),
            granted: self.granted.clone(),
            judged: self.judged(),
            judged_at: self.judged_at,
            limits: self.all_uses(&points),
            loads: self.loads.clone(),
            offers: self.offers.clone(),
            program: self.rules.version.clone(),
            quote_id: String::new(),
            reasons,
            rewards: self.rewards.clone(),
            rules_version: RULES_VERSION,
            spendable: self.spendable(),
            taxes: receipt.groups.iter().map(total).collect(),
            lines,
            points,
            totals,
            watch: None,
        };
        quote.quote_id = quote_id(&quote);
        quote
    }

    /// What is counted under the programme's limits, and of what is spent offline.
    fn all_uses(&self, points: &[PointsQuote]) -> Vec<LimitUse> {
        let mut uses = self.limit_uses();
        let since = self.offline_since.map(|since| since.to_string());
        if let Some(period) = self.offline_period.as_ref().or(since.as_ref()) {
            let till = &self.slice.head().till;
            uses.extend(offline_uses(self.rules, points, &self.gift_payments(), till, period));
        }
        uses
    }

    fn line_quote(&self, place: usize, taxes: &mut TaxTotals) -> Option<LineQuote> {
        let (state, line) = self.lines.get(place).zip(self.order.lines.get(place))?;
        if state.withdrawn {
            return None;
        }
        let due = state.remaining;
        let tax = if due > 0 {
            taxes.add(due, line.quantity, &line.taxes, &line.tax_groups)
        } else {
            LineTax { net: due, gross: due, taxes: vec![0; line.taxes.len()] }
        };
        let source = self.source.lines.get(line.index)?;
        let named = source.taxes.iter().zip(&tax.taxes).map(|(rule, amount)| NamedAmount {
            amount: self.money(*amount),
            name: rule.name.clone(),
        });
        let lowers = self.lowers_prices();
        Some(LineQuote {
            amount: self.money(state.amount),
            counter_provision: self.money(if lowers { 0 } else { state.points_money }),
            discount: self.money(state.amount - due),
            discounts: self.line_discounts(place, state),
            due: self.money(due),
            earned: self.line_points_of(&self.line_points, place),
            gross: self.money(tax.gross),
            id: source.id.clone(),
            net: self.money(tax.net),
            quantity: Decimal::new(line.quantity, u32::from(QUANTITY_DIGITS)).normalize(),
            spent: self.line_points_of(&self.line_spent, place),
            sub_lines: self.line_parts(line, state),
            tax: self.money(tax.taxes.iter().sum()),
            taxes: named.collect(),
        })
    }

    fn line_discounts(&self, place: usize, state: &LineState) -> Vec<LineDiscount> {
        let mut discounts = Vec::new();
        let first = self.given.partition_point(|part| part.line < place);
        let own = self.given.iter().skip(first).take_while(|part| part.line == place);
        let named = |part: &super::DiscountPart| LineDiscount {
            amount: self.money(part.amount),
            source: self.source_name(part).to_owned(),
            stage: part.stage,
        };
        let before = |part: &&super::DiscountPart| part.stage < Stage::Card;
        discounts.extend(own.clone().filter(before).map(named));
        if state.card != 0 {
            discounts.push(LineDiscount {
                amount: self.money(state.card),
                source: self.discount_card.map_or("", |card| self.card_number(card)).to_owned(),
                stage: Stage::Card,
            });
        }
        discounts.extend(own.filter(|part| part.stage > Stage::Card).map(named));
        if state.points_money != 0 && self.lowers_prices() {
            let paid = self.spends.iter().find(|spend| spend.reward.is_none());
            let card = paid.map(|spend| spend.card);
            discounts.push(LineDiscount {
                amount: self.money(state.points_money),
                source: card.map_or("", |card| self.card_number(card)).to_owned(),
                stage: Stage::Points,
            });
        }
        discounts
    }

    pub fn card_number(&self, card: usize) -> &str {
        self.cards.get(card).map_or("", |card| card.number)
    }

    /// The name of a discount's source.
    fn source_name(&self, part: &super::DiscountPart) -> &str {
        let name = match part.stage {
            Stage::Host => {
                let discount = self.order.discounts.get(part.source);
                let source = discount.and_then(|one| self.source.discounts.get(one.index));
                source.map(|source| source.name.as_str())
            }
            Stage::Promotion => self.rules.promotions.get(part.source).map(|p| p.id.as_str()),
            Stage::Reward => self.rules.rewards.get(part.source).map(|reward| reward.id.as_str()),
            Stage::Card | Stage::Points | Stage::Tender | Stage::Earning => None,
        };
        name.unwrap_or("")
    }

    /// A presented card; its tier is the one that counts for this receipt.
    fn present_view(&self, card: &super::PresentCard<'_>) -> CardView {
        let mut view = super::card_view(self.rules, card.number, card.state, self.at);
        let tier = card.tier.and_then(|tier| self.rules.tiers.get(tier));
        view.tier = tier.map(|tier| tier.id.clone());
        view.purchases = card.purchases;
        view.linked = self.link_of(card.number);
        view
    }

    fn code_uses(&self) -> Vec<CodeUse> {
        let used = self.codes.iter().filter(|code| !code.rules.is_empty());
        let entry = |code: &super::PresentCode| CodeUse {
            code: code.code.clone(),
            coupon: code.coupon.and_then(|kind| Some(self.rules.coupons.get(kind)?.id.clone())),
            rules: code.rules.clone(),
        };
        used.map(entry).collect()
    }

    /// Notes codes that are known but had no effect.
    pub(super) fn tell_codes(&mut self) {
        // Of a code that failed with the others it is told already.
        let told = |code: &super::PresentCode| {
            let about = |reason: &Reason| reason.args.0.get("code") == Some(&code.code);
            let reasons = &self.reasons;
            reasons.iter().any(|one| one.code == ReasonCode::CodeTogether && about(one))
        };
        let idle = self.codes.iter().filter(|code| code.rules.is_empty() && !told(code));
        let reason = |code: &super::PresentCode| {
            Reason::new(ReasonCode::CodeNoEffect).with("code", &code.code)
        };
        let reasons: Vec<Reason> = idle.map(reason).collect();
        self.reasons.extend(reasons);
    }

    fn points_id(&self, points: usize) -> String {
        self.rules.points.get(points).map(|points| points.id.clone()).unwrap_or_default()
    }

    /// What one line earns or spends, for each kind of points, and for each card where several move
    /// such points.
    fn line_points_of(&self, points: &[LinePoints], place: usize) -> Vec<PointsAmount> {
        let several = |kind: usize| {
            let all = self.line_points.iter().chain(&self.line_spent);
            let mut cards = all.filter(|((_, one), _)| *one == kind).map(|((card, _), _)| *card);
            let first = cards.next();
            cards.any(|card| Some(card) != first)
        };
        let amounts = points.iter().filter_map(|((card, points), lines)| {
            let units = lines.get(place).copied().filter(|units| *units != 0)?;
            Some(PointsAmount {
                amount: self.points_amount(*points, units),
                card: several(*points).then(|| self.card_number(*card).to_owned()),
                points: self.points_id(*points),
            })
        });
        amounts.collect()
    }

    fn line_parts(&self, line: &PreparedLine, state: &LineState) -> Vec<SubLineQuote> {
        let due = state.remaining;
        let scale = 10i64.pow(u32::from(PRICE_DIGITS.saturating_sub(self.order.digits)));
        // A part of a line that a bill was divided by may cost a little more or less.
        let exact = money_of(line.price, line.quantity, self.order.digits) == due;
        let own_price = state.amount == due && line.price % scale == 0 && exact;
        // An undiscounted line keeps its own price: several prices may give a small weight's sum.
        let parts = if own_price {
            let unit_price = line.price / scale;
            vec![SubLine { quantity: line.quantity, unit_price, sum: due }]
        } else {
            // An adjustment below zero is the mirror of one above.
            let mut parts = sub_lines(due.abs(), line.quantity, self.rules.units);
            for part in parts.iter_mut().filter(|_| due < 0) {
                part.unit_price = -part.unit_price;
                part.sum = -part.sum;
            }
            parts
        };
        let digits = self.order.digits;
        parts.iter().map(|part| sub_line_quote(part, digits)).collect()
    }

    fn points_quotes(&self) -> Vec<PointsQuote> {
        let mut quotes: Vec<PointsQuote> = Vec::new();
        for spend in &self.spends {
            let quote = Self::points_quote(self, &mut quotes, spend.card, spend.points);
            quote.spent.units += spend.amount;
            if spend.reward.is_none() {
                quote.money.units += spend.money;
            }
        }
        for earned in &self.earned {
            let rule = self.rules.earning.rules.get(earned.rule);
            let lot = EarnedLot {
                amount: self.points_amount(earned.points, earned.amount),
                event: earned.dates.event.clone(),
                expires_at: earned.dates.expires_at,
                life: earned.dates.life.clone(),
                only: earned.only,
                opens_at: earned.dates.opens_at,
                rolling: earned.rolling.clone(),
                rule: rule.map(|rule| rule.id.clone()).unwrap_or_default(),
            };
            let quote = Self::points_quote(self, &mut quotes, earned.card, earned.points);
            quote.earned.units += earned.amount;
            quote.lots.push(lot);
        }
        quotes
    }

    /// The entry for a card and a kind of points, made if it is not there yet.
    fn points_quote<'q>(
        &self,
        quotes: &'q mut Vec<PointsQuote>,
        card: usize,
        points: usize,
    ) -> &'q mut PointsQuote {
        let (number, id) = (self.card_number(card), self.points_id(points));
        let same = |quote: &PointsQuote| quote.card == number && quote.points == id;
        let place = quotes.iter().position(same).unwrap_or_else(|| {
            quotes.push(PointsQuote {
                card: number.to_owned(),
                earned: self.points_amount(points, 0),
                lots: Vec::new(),
                money: self.money(0),
                points: id,
                spent: self.points_amount(points, 0),
            });
            quotes.len() - 1
        });
        #[expect(clippy::indexing_slicing, reason = "the place was found or made just above")]
        &mut quotes[place]
    }

    fn spendable(&self) -> Option<Spendable> {
        let limits = self.limits.as_ref()?;
        let amount = |units| self.points_amount(limits.points, units);
        Some(Spendable {
            card: self.card_number(limits.card).to_owned(),
            maximum: amount(limits.maximum),
            minimum: amount(limits.minimum),
            money: self.money(limits.money),
            points: self.points_id(limits.points),
            reasons: limits.reasons.clone(),
            step: amount(limits.step),
        })
    }
}

/// A sub-line as answers show it.
pub(crate) fn sub_line_quote(part: &SubLine, digits: u8) -> SubLineQuote {
    SubLineQuote {
        price: crate::Amount { units: part.unit_price, digits },
        quantity: Decimal::new(part.quantity, u32::from(QUANTITY_DIGITS)).normalize(),
        sum: crate::Amount { units: part.sum, digits },
    }
}

/// A hash of what the receipt does: the discounts and points of every line, what is given besides,
/// what gift cards pay, what is loaded, and the sums.
pub(crate) fn quote_id(quote: &Quote) -> String {
    let Quote { currency, lines, points, totals, .. } = quote;
    let mut bytes: Vec<u8> = Vec::with_capacity(64 + lines.len() * 64);
    let text = |bytes: &mut Vec<u8>, text: &str| {
        bytes.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
        bytes.extend_from_slice(text.as_bytes());
    };
    text(&mut bytes, currency);
    for line in lines {
        text(&mut bytes, &line.id);
        for amount in [line.amount, line.due, line.counter_provision, line.gross] {
            bytes.extend_from_slice(&amount.units.to_be_bytes());
        }
        for discount in &line.discounts {
            bytes.push(discount.stage as u8);
            bytes.extend_from_slice(&discount.amount.units.to_be_bytes());
        }
    }
    for quote in points {
        text(&mut bytes, &quote.card);
        text(&mut bytes, &quote.points);
        bytes.extend_from_slice(&quote.spent.units.to_be_bytes());
        bytes.extend_from_slice(&quote.earned.units.to_be_bytes());
        for lot in &quote.lots {
            text(&mut bytes, &lot.rule);
            bytes.extend_from_slice(&lot.amount.units.to_be_bytes());
        }
    }
    for granted in &quote.granted {
        text(&mut bytes, &granted.card);
        text(&mut bytes, &granted.lot.rule);
        bytes.extend_from_slice(&granted.lot.amount.units.to_be_bytes());
    }
    for coupon in &quote.coupons {
        text(&mut bytes, &coupon.coupon);
        text(&mut bytes, &coupon.rule);
    }
    for paid in &quote.gift_cards {
        text(&mut bytes, &paid.card);
        bytes.extend_from_slice(&paid.amount.units.to_be_bytes());
    }
    for load in &quote.loads {
        for word in [&load.line, &load.card, &load.kind, &load.asset] {
            text(&mut bytes, word);
        }
        for amount in [load.amount, load.bonus] {
            bytes.extend_from_slice(&amount.units.to_be_bytes());
        }
    }
    bytes.extend_from_slice(&totals.payable.units.to_be_bytes());
    let hash: [u8; 32] = Sha256::digest(&bytes).into();
    let mut id = String::with_capacity(32);
    for byte in hash.iter().take(16) {
        for half in [byte >> 4, byte & 15] {
            id.push(char::from_digit(u32::from(half), 16).unwrap_or('0'));
        }
    }
    id
}
