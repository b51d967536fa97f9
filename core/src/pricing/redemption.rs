//! Points spent: how many may be, how many are, and which lines they pay for.

use super::discount::shown_percent;
use super::facts::{Counted, in_basis};
use super::limit::Limited;
use super::{Pricing, Spend, add_to_lines, money_of, part};
use crate::allocation::{AllocationPolicy, Blocked, Part};
use crate::amount::{QUANTITY_ONE, RATE_ONE, to_units};
use crate::answer::{Outcome, TraceStep, Truth};
use crate::order::Stage;
use crate::order::prepare::{Wish, begun_units};
use crate::program::rules::{Ratio, RedemptionRules, greatest_common_divisor};
use crate::program::{Basis, PercentOf, Presentation, REDEMPTION};
use crate::reason::{Reason, ReasonCode};
use crate::rounding::{Rounding, divide_to_amount};

/// How many points could be spent on this receipt.
#[derive(Clone, Debug)]
pub(crate) struct SpendLimits {
    pub card: usize,
    pub points: usize,
    pub maximum: i64,
    pub minimum: i64,
    pub step: i64,
    pub money: i64,
    /// What the percentage was taken of.
    pub base: i64,
    pub reasons: Vec<Reason>,
}

/// What points are worth in the order's money, and the fewest that have an exact worth.
#[derive(Clone, Copy)]
struct Worth {
    value: Ratio,
    step: i64,
}

impl Worth {
    fn money(self, points: i64) -> i64 {
        self.value.times(points, Rounding::Floor)
    }

    /// The most points, in whole steps, whose worth is not above `money`.
    fn points(self, money: i64) -> i64 {
        // Below this many points the worth is less than one unit of money more.
        let next = (i128::from(money) + 1) * self.value.denominator;
        let most = (next - 1) / self.value.numerator;
        self.whole_steps(i64::try_from(most).unwrap_or(i64::MAX))
    }

    /// The fewest points, in whole steps, that are worth as much as these: at a rate between two
    /// currencies several numbers of points may be worth the same.
    fn useful(self, points: i64) -> i64 {
        let money = i128::from(self.money(points)) * self.value.denominator;
        let fewest = crate::rounding::divide(money, self.value.numerator, Rounding::Ceil);
        let fewest = crate::rounding::to_amount(fewest.unwrap_or(0));
        self.whole_steps_up(fewest).min(points)
    }

    fn whole_steps(self, points: i64) -> i64 {
        points - points % self.step
    }

    fn whole_steps_up(self, points: i64) -> i64 {
        self.whole_steps(points.saturating_add(self.step - 1))
    }
}

/// Redemption as limits see it.
pub(super) fn spending(redemption: &RedemptionRules, card: usize) -> Limited<'_> {
    let RedemptionRules { limits, asked, .. } = redemption;
    Limited { id: REDEMPTION, limits, asked, card: Some(card) }
}

impl Pricing<'_> {
    pub(super) fn points_stage(&mut self) {
        let wish = self.order.wish;
        let Some(redemption) = &self.rules.redemption else {
            if wish != Wish::Nothing {
                self.refuse_spending(Reason::new(ReasonCode::RedemptionNotAllowed));
            }
            return;
        };
        let Some(card) = self.card_with(redemption.points) else {
            if wish != Wish::Nothing {
                self.refuse_spending(Reason::new(ReasonCode::RedemptionNoCard));
            }
            return;
        };
        match self.judge(redemption.when.as_ref()) {
            Truth::True => {}
            Truth::False => {
                self.refuse_spending(Reason::new(ReasonCode::RedemptionNotAllowed));
                return;
            }
            Truth::Unknown => {
                let when = redemption.when.as_ref();
                let reason = self.unknown_reason(when, Counted::Amounts, REDEMPTION);
                self.refuse_spending(reason);
                return;
            }
        }
        let worth = self.worth(redemption);
        let mut limits = self.spend_limits(redemption, card, worth);
        self.limit_spending(redemption, &mut limits, worth);
        if wish != Wish::Nothing
            && redemption.offline_maximum.is_some()
            && let Some(unmet) = self.unmet_challenge(card)
        {
            self.demand(unmet);
        }
        let demanded = self.forbids_spending(card);
        if let Some((_, reason)) = &demanded {
            limits.reasons.insert(0, reason.clone());
        }
        let (chosen, mut reasons) = match demanded {
            Some((challenge, reason)) if wish != Wish::Nothing => {
                if let Some(challenge) = challenge {
                    self.demand(challenge);
                }
                (0, vec![reason])
            }
            _ => self.choose(&limits, worth, wish),
        };
        let spent = if chosen > 0 { self.spend_points(&limits, worth, chosen) } else { 0 };
        if spent < chosen {
            let amount = |units| self.points_amount(limits.points, units);
            let reason = Reason::new(ReasonCode::RedemptionTrimmed);
            reasons.push(reason.with("maximum", amount(spent)).with("wished", amount(chosen)));
            if spent == 0 {
                let reason = Reason::new(ReasonCode::RedemptionBelowMinimum);
                reasons.push(reason.with("minimum", amount(limits.minimum)));
            }
        }
        if spent > 0 {
            self.count(spending(redemption, card), worth.money(spent), spent);
            self.use_codes(&redemption.asked, REDEMPTION);
        }
        self.reasons.extend(reasons.iter().cloned());
        self.step(|pricing| pricing.redemption_step(redemption, &limits, spent, reasons));
        self.limits = Some(limits);
    }

    fn refuse_spending(&mut self, reason: Reason) {
        self.reasons.push(reason.clone());
        self.step(|pricing| TraceStep {
            amount: pricing.money(0),
            asset: pricing.order.currency.clone(),
            outcome: Outcome::Skipped,
            reasons: vec![reason],
            rule: "redemption".into(),
            stage: Stage::Points,
            ..TraceStep::default()
        });
    }

    fn worth(&self, redemption: &RedemptionRules) -> Worth {
        let value = self.rules.points.get(redemption.points).map_or(Ratio::ONE, |p| p.value);
        match self.order.exchange {
            None => {
                // Only multiples of the denominator are worth whole units of money.
                let exact = value.denominator;
                let common = greatest_common_divisor(exact, i128::from(redemption.step));
                let step = exact / common.max(1) * i128::from(redemption.step);
                Worth { value, step: i64::try_from(step).unwrap_or(i64::MAX) }
            }
            Some(rate) => {
                let value = Ratio::new(
                    value.numerator * rate.denominator,
                    value.denominator * rate.numerator,
                );
                Worth { value, step: redemption.step }
            }
        }
    }

    fn spend_limits(
        &mut self,
        redemption: &RedemptionRules,
        card: usize,
        worth: Worth,
    ) -> SpendLimits {
        self.lay_out_redemption(redemption);
        let eligible = || self.parts.iter().filter(|part| part.eligible);
        let lines: i64 = eligible().map(|part| part.capacity).sum();
        let base = match redemption.percent_of {
            PercentOf::Receipt => self.payable(),
            PercentOf::EligibleLines => eligible().map(|part| part.weight.max(0)).sum(),
        };
        // What is counted net or gross is turned into prices in the proportion of its base.
        let counted = self.base_in_basis(redemption, base);
        let in_prices = |amount: i128, rounding| {
            divide_to_amount(amount * i128::from(base), i128::from(counted.max(1)), rounding)
        };
        let share = i128::from(counted) * i128::from(redemption.percent);
        let share = divide_to_amount(share, i128::from(RATE_ONE), Rounding::Floor);
        let share = in_prices(i128::from(share), Rounding::Floor);
        let maximum = redemption.maximum.map(|maximum| {
            let maximum = self.order.money_from_program(maximum);
            in_prices(i128::from(maximum), Rounding::HalfUp)
        });
        let offline = self.offline_maximum(card, redemption.offline_maximum);
        let balance = self.balance_to_spend(card, redemption.points);
        let cash = self.order.money_from_program(redemption.minimum_cash);
        let cash_room = (self.payable() - cash).max(0);
        let most = maximum.unwrap_or(i64::MAX).min(offline.unwrap_or(i64::MAX));
        let room = share.min(most).min(lines).min(cash_room);
        let bounds = self.offline_points(card, redemption.points);
        let unasked = bounds.iter().map(|bound| bound.room).min().unwrap_or(i64::MAX);
        let usable = worth.whole_steps(balance.min(unasked));
        let points = worth.useful(worth.points(room).min(usable));
        let mut reasons = Vec::new();
        let binding = |cap: i64| worth.points(cap) <= points;
        if redemption.percent < RATE_ONE && binding(share) {
            let reason = Reason::new(ReasonCode::RedemptionCapPercent)
                .with("limit", self.money(share))
                .with("percent", redemption.percent_shown);
            reasons.push(reason);
        }
        if let Some(maximum) = maximum.filter(|maximum| binding(*maximum)) {
            let reason = Reason::new(ReasonCode::RedemptionCapAmount);
            reasons.push(reason.with("limit", self.money(maximum)));
        }
        if let Some(offline) = offline.filter(|offline| binding(*offline)) {
            let reason = Reason::new(ReasonCode::RedemptionOffline);
            reasons.push(reason.with("limit", self.money(offline)));
        }
        if cash > 0 && binding(cash_room) {
            let reason = Reason::new(ReasonCode::RedemptionMinimumCash);
            reasons.push(reason.with("minimum", self.money(cash)));
        }
        if lines < self.payable() && binding(lines) {
            let reason = Reason::new(ReasonCode::RedemptionLines);
            reasons.push(reason.with("limit", self.money(lines)));
        }
        if worth.whole_steps(balance) <= points && worth.points(room) > points {
            let balance = self.points_amount(redemption.points, balance);
            reasons.push(match self.is_bounded_offline() {
                false => Reason::new(ReasonCode::RedemptionBalance).with("balance", balance),
                true => self.known_only(self.card_number(card)).with("balance", balance),
            });
        }
        // Where the rest of the receipt binds at the same sum, the bound lets all of it be paid.
        let bound = bounds.into_iter().filter(|bound| worth.whole_steps(bound.room) <= points);
        let bound = bound.filter(|_| worth.points(room) > points);
        reasons.extend(bound.map(|bound| bound.reason));
        let too_few = points < redemption.minimum_points;
        if too_few {
            let minimum = self.points_amount(redemption.points, redemption.minimum_points);
            let reason = Reason::new(ReasonCode::RedemptionBelowMinimum);
            reasons.insert(0, reason.with("minimum", minimum));
        }
        let too_poor = balance < redemption.minimum_balance;
        if too_poor {
            let minimum = self.points_amount(redemption.points, redemption.minimum_balance);
            let reason = Reason::new(ReasonCode::RedemptionMinimumBalance);
            reasons.insert(0, reason.with("minimum", minimum));
        }
        let maximum = if too_few || too_poor { 0 } else { points };
        SpendLimits {
            card,
            points: redemption.points,
            maximum,
            minimum: worth.whole_steps_up(redemption.minimum_points.max(1)),
            step: worth.step,
            money: worth.money(maximum),
            base,
            reasons,
        }
    }

    /// Cuts what may be spent to the limits over redemption.
    fn limit_spending(&self, redemption: &RedemptionRules, limits: &mut SpendLimits, worth: Worth) {
        if redemption.limits.is_empty() || limits.maximum == 0 {
            return;
        }
        let rule = spending(redemption, limits.card);
        let mut fit = self.fit(rule, worth.money(limits.maximum), limits.maximum);
        if let (true, Wish::Exactly(points)) = (fit.refused, self.order.wish) {
            // A limit that refuses more than is left still lets a smaller wish through.
            let digits = self.rules.points.get(limits.points).map_or(0, |kind| kind.digits);
            let wished = to_units(points, digits).unwrap_or(0).min(limits.maximum);
            let smaller = self.fit(rule, worth.money(wished), wished);
            if !smaller.refused {
                fit = smaller;
            }
        }
        let Some(reason) = fit.reason else { return };
        let most = worth.points(fit.money).min(worth.whole_steps(fit.points));
        limits.maximum = worth.useful(most);
        if limits.maximum < limits.minimum {
            limits.maximum = 0;
        }
        limits.money = worth.money(limits.maximum);
        limits.reasons.insert(0, reason);
        if limits.maximum == 0 && most > 0 {
            let minimum = self.points_amount(limits.points, limits.minimum);
            let reason = Reason::new(ReasonCode::RedemptionBelowMinimum);
            limits.reasons.push(reason.with("minimum", minimum));
        }
    }

    /// What is usable on a card: less what rewards take of it, and with what this receipt earns,
    /// where that may be spent at once.
    pub(super) fn balance_to_spend(&self, card: usize, points: usize) -> i64 {
        let reading = self.account(card, points).map(|account| account.read(self.at));
        let own = |on: usize, kind: usize| on == card && kind == points;
        let spent = self.spends.iter().filter(|spend| own(spend.card, spend.points));
        let spent: i64 = spent.map(|spend| spend.amount).sum();
        let earns_first = self.rules.redemption.as_ref().is_some_and(|r| r.includes_earned);
        let earned = self
            .earned
            .iter()
            .filter(|earned| earns_first && own(earned.card, earned.points) && earned.is_usable());
        let earned: i64 = earned.map(|earned| earned.amount).sum();
        // What pays a debt first cannot be spent.
        let reading = reading.unwrap_or_default();
        (reading.spendable + (earned - reading.debt).max(0) - spent).max(0)
    }

    /// The base of the percentage, as it is counted.
    fn base_in_basis(&self, redemption: &RedemptionRules, base: i64) -> i64 {
        if redemption.of == Basis::Price {
            return base;
        }
        let lines = self.order.lines.iter().zip(&self.lines).zip(&self.parts);
        let counted = lines.filter(|((_, state), part)| {
            let whole = redemption.percent_of == PercentOf::Receipt;
            state.remaining > 0 && (whole || part.eligible)
        });
        counted
            .map(|((line, state), _)| in_basis(self.rules, line, state.remaining, redemption.of))
            .sum()
    }

    fn lay_out_redemption(&mut self, redemption: &RedemptionRules) {
        self.parts.clear();
        for (place, line) in self.order.lines.iter().enumerate() {
            let lines = redemption.lines.as_ref();
            let eligible = self.takes_part(place, Stage::Points, redemption.kinds, lines);
            let Some(state) = self.lines.get(place) else {
                continue;
            };
            let mut floor = match redemption.presentation {
                Presentation::Discount => state.floor,
                Presentation::CounterProvision => 0,
            };
            if redemption.minimum_price > 0 {
                let digits = self.rules.currency_digits;
                let price = self.order.price_from_program(redemption.minimum_price, digits);
                let units = begun_units(line.quantity).saturating_mul(QUANTITY_ONE);
                floor = floor.max(money_of(price, units, self.order.digits));
            }
            let weight = state.remaining - state.fixed;
            self.parts.push(part(line, weight, state.remaining - floor, eligible));
        }
    }

    /// How many points are spent of those that could be.
    fn choose(&self, limits: &SpendLimits, worth: Worth, wish: Wish) -> (i64, Vec<Reason>) {
        let amount = |units| self.points_amount(limits.points, units);
        let wished = match wish {
            Wish::Nothing => return (0, Vec::new()),
            Wish::Most => {
                let nothing = limits.maximum == 0;
                return (limits.maximum, if nothing { limits.reasons.clone() } else { Vec::new() });
            }
            Wish::Exactly(points) => {
                let digits = self.rules.points.get(limits.points).map_or(0, |kind| kind.digits);
                to_units(points, digits).unwrap_or(0)
            }
        };
        let mut reasons = Vec::new();
        let mut chosen = wished;
        if chosen > limits.maximum {
            chosen = limits.maximum;
            let reason = Reason::new(ReasonCode::RedemptionTrimmed);
            reasons.push(reason.with("maximum", amount(chosen)).with("wished", amount(wished)));
            reasons.extend(limits.reasons.iter().cloned());
        }
        let whole = worth.whole_steps(chosen);
        if whole < chosen {
            chosen = whole;
            let reason = Reason::new(ReasonCode::RedemptionStep);
            reasons.push(reason.with("step", amount(worth.step)).with("wished", amount(wished)));
        }
        let useful = worth.useful(chosen);
        if useful < chosen {
            chosen = useful;
            let reason = Reason::new(ReasonCode::RedemptionTrimmed);
            reasons.push(reason.with("maximum", amount(useful)).with("wished", amount(wished)));
        }
        if chosen > 0 && chosen < limits.minimum {
            chosen = 0;
            let reason = Reason::new(ReasonCode::RedemptionBelowMinimum);
            reasons.push(reason.with("minimum", amount(limits.minimum)));
        }
        (chosen, reasons)
    }

    /// Spends the chosen points, or fewer where floors block some of them for good.
    fn spend_points(&mut self, limits: &SpendLimits, worth: Worth, chosen: i64) -> i64 {
        let clipped = self.divide(worth.money(chosen), &self.rules.allocation);
        let points = worth.useful(worth.points(worth.money(chosen) - clipped).min(chosen));
        let points = if points < limits.minimum { 0 } else { points };
        let chosen_points = points;
        let money = worth.money(points);
        if clipped > 0 {
            // What floors block is lost, where the programme says so. The points debited are
            // exactly those whose worth was given, so that their worth is divided anew.
            for (part, share) in self.parts.iter_mut().zip(&self.shares) {
                part.capacity = *share;
            }
            let policy = AllocationPolicy { blocked: Blocked::MovesOn, ..self.rules.allocation };
            self.divide(money, &policy);
        }
        for (state, share) in self.lines.iter_mut().zip(&self.shares) {
            state.points_money += share;
        }
        if self.lowers_prices() {
            for (state, share) in self.lines.iter_mut().zip(&self.shares) {
                state.remaining -= share;
            }
        }
        if points > 0 {
            let (card, points) = (limits.card, limits.points);
            self.spends.push(Spend { card, points, amount: chosen_points, money, reward: None });
        }
        self.split_points((limits.card, limits.points), chosen_points);
        points
    }

    /// Gives each line its part of the points, in proportion to the money that they pay of it.
    pub(super) fn split_points(&mut self, of: (usize, usize), amount: i64) {
        self.split(amount);
        let shares = std::mem::take(&mut self.shares);
        add_to_lines(&mut self.line_spent, of, &shares);
        self.shares = shares;
    }

    /// Divides points over the lines in proportion to what points pay of them.
    pub(super) fn split(&mut self, points: i64) {
        self.parts.clear();
        for (state, line) in self.lines.iter().zip(&self.order.lines) {
            let weight = state.points_money;
            self.parts.push(Part {
                weight,
                quantity: line.quantity,
                capacity: i64::MAX,
                eligible: weight > 0,
            });
        }
        self.divide(points, &AllocationPolicy::default());
    }

    /// The most points not above `points` that have an exact worth, and that worth.
    pub(super) fn worth_of_points(&self, points: i64) -> (i64, i64) {
        let Some(redemption) = &self.rules.redemption else {
            return (0, 0);
        };
        let worth = self.worth(redemption);
        let points = worth.whole_steps(points);
        (points, worth.money(points))
    }

    /// Whether points lower prices, or pay a part of the total.
    pub fn lowers_prices(&self) -> bool {
        let redemption = self.rules.redemption.as_ref();
        redemption.is_none_or(|rules| rules.presentation == Presentation::Discount)
    }

    fn redemption_step(
        &self,
        redemption: &RedemptionRules,
        limits: &SpendLimits,
        chosen: i64,
        reasons: Vec<Reason>,
    ) -> TraceStep {
        let points = self.rules.points.get(limits.points);
        TraceStep {
            amount: self.points_amount(limits.points, chosen),
            asset: points.map(|points| points.id.clone()).unwrap_or_default(),
            base: Some(self.money(limits.base)),
            cap: Some(self.points_amount(limits.points, limits.maximum)),
            card: self.cards.get(limits.card).map(|card| card.number.to_owned()),
            outcome: match chosen {
                0 => Outcome::Skipped,
                _ if !reasons.is_empty() => Outcome::Trimmed,
                _ if chosen == limits.maximum && !limits.reasons.is_empty() => Outcome::Trimmed,
                _ => Outcome::Applied,
            },
            percent: Some(shown_percent(redemption.percent)),
            reasons,
            residue: Vec::new(),
            rounding: Some(Rounding::Floor),
            rule: "redemption".into(),
            stage: Stage::Points,
        }
    }
}
