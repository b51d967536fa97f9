//! Promotions: which apply, what they give, and what becomes of presents.

mod choice;
mod effect;
mod forms;
mod sets;
#[cfg(test)]
mod tests;
mod ware;

use super::facts::Counted;
use super::limit::Fit;
use super::{DiscountPart, Pricing};
use crate::answer::{Offer, Outcome, Quote, TraceStep, Truth};
use crate::order::prepare::Giver;
use crate::program::benefit::{BenefitRules, FormRules, PromotionRules};
use crate::reason::{Reason, ReasonCode};

pub(super) use effect::Effect;
use forms::Deal;
pub(super) use ware::free_part;
use ware::stage_of;

impl<'a> Pricing<'a> {
    pub(super) fn promotion_stage(&mut self) {
        if self.rules.promotions.is_empty() {
            return;
        }
        for promotion in self.choose_promotions() {
            if let Some(rules) = self.rules.promotions.get(promotion) {
                self.promote(promotion, rules);
            }
        }
        self.withdraw_presents(|giver| matches!(giver, Giver::Promotion(_)));
    }

    /// Applies a promotion whose turn has come.
    fn promote(&mut self, number: usize, rules: &'a PromotionRules) {
        if self.rules.stacking.judged_running {
            let truth = self.judge_on(rules.when.as_ref(), Counted::Running);
            if truth != Truth::True {
                return self.skip_unmatched_promotion(rules, truth, Counted::Running);
            }
        }
        let giver = Giver::Promotion(number);
        let mut effect = self.benefit_effect(giver, &rules.benefit, None, 1);
        if !rules.benefit.form.is_coupon() && !effect.gives() && effect.missing == 0 {
            return self.skip_idle_promotion(rules, &effect);
        }
        let limited = rules.limited();
        let fit = self.fit(limited, effect.given, 0);
        let mut reasons = self.cut_reasons(&rules.id, &effect);
        effect.lower_to(fit.money);
        if !fit.refused {
            if effect.gives() || rules.benefit.form.is_coupon() {
                self.give_benefit(giver, &effect);
                self.promise_coupon(&rules.benefit, &rules.id);
                self.count(limited, effect.given, 0);
                self.use_codes(&rules.asked, &rules.id);
            }
            reasons.extend(self.offer_presents(&rules.benefit, &rules.id, &effect));
        }
        reasons.extend(fit.reason.clone());
        self.reasons.extend(reasons.iter().cloned());
        self.step(|pricing| {
            pricing.benefit_step(giver, &rules.id, &rules.benefit, &effect, &fit, reasons)
        });
    }

    /// What a benefit would do to the receipt as it stands.
    pub(super) fn benefit_effect(
        &self,
        giver: Giver,
        benefit: &BenefitRules,
        most: Option<i64>,
        times: i64,
    ) -> Effect {
        let deal = Deal { benefit, rules: self.rules, order: self.order, times };
        Effect::new(deal, self.wares(giver, benefit), most, self.payable())
    }

    /// Takes what a benefit gives off the lines.
    pub(super) fn give_benefit(&mut self, giver: Giver, effect: &Effect) {
        let (stage, source) = match giver {
            Giver::Promotion(promotion) => (stage_of(giver), promotion),
            Giver::Reward(reward) => (stage_of(giver), reward),
        };
        for ware in &effect.wares {
            let line = self.order.lines.get(ware.line);
            let Some((state, line)) = self.lines.get_mut(ware.line).zip(line) else { continue };
            state.presented |= ware.present && ware.taken > 0;
            let lowered = if ware.share > 0 { ware.taken } else { 0 };
            state.used = (state.used + ware.quantity(ware.used.max(lowered))).min(line.quantity);
            if ware.share == 0 {
                continue;
            }
            match giver {
                Giver::Promotion(_) => state.promotion += ware.share,
                Giver::Reward(_) => state.reward += ware.share,
            }
            state.remaining -= ware.share;
            state.free_units = (state.free_units + ware.quantity(ware.freed)).min(line.quantity);
            state.free = free_part(state.amount - state.fixed, line, state);
            let amount = ware.share;
            self.given.push(DiscountPart { line: ware.line, stage, source, amount });
        }
    }

    pub(super) fn promise_coupon(&mut self, benefit: &BenefitRules, rule: &str) {
        let FormRules::Coupon(coupon) = benefit.form else { return };
        let Some(coupon) = self.rules.coupons.get(coupon) else { return };
        let zone = self.order.zone(self.rules);
        self.coupons.push(coupon.promise(rule, self.order.instant(self.at), zone));
    }

    /// Offers the presents that are missing.
    pub(super) fn offer_presents(
        &mut self,
        benefit: &BenefitRules,
        rule: &str,
        effect: &Effect,
    ) -> Option<Reason> {
        let FormRules::Gift(gift) = &benefit.form else { return None };
        let quantity = u32::try_from(effect.missing).ok().filter(|missing| *missing > 0)?;
        self.offers.push(Offer { items: gift.items.clone(), quantity, rule: rule.to_owned() });
        Some(Reason::new(ReasonCode::GiftOffered).with("rule", rule))
    }

    /// Why less is given than the form wishes.
    pub(super) fn cut_reasons(&self, rule: &str, effect: &Effect) -> Vec<Reason> {
        let mut reasons = Vec::new();
        if let Some(cap) = effect.cap {
            let reason = Reason::new(ReasonCode::PromotionCap);
            reasons.push(reason.with("cap", self.money(cap)).with("rule", rule));
        } else if effect.trimmed() > 0 {
            let reason = Reason::new(ReasonCode::PromotionTrimmed)
                .with("rule", rule)
                .with("trimmed", self.money(effect.trimmed()))
                .with("wished", self.money(effect.wished));
            reasons.push(reason);
        }
        reasons
    }

    fn skip_unmatched_promotion(&mut self, rules: &PromotionRules, truth: Truth, counted: Counted) {
        let reason = if truth == Truth::Unknown {
            let reason = self.unknown_reason(rules.when.as_ref(), counted, &rules.id);
            self.reasons.push(reason.clone());
            reason
        } else {
            Reason::new(ReasonCode::PromotionNotMatched).with("rule", &rules.id)
        };
        self.skip_promotion(rules, reason);
    }

    /// A promotion that gives nothing; the receipt tells why only where lines could give nothing.
    fn skip_idle_promotion(&mut self, rules: &PromotionRules, effect: &Effect) {
        let mut reasons = self.cut_reasons(&rules.id, effect);
        self.reasons.extend(reasons.iter().cloned());
        reasons.push(Reason::new(ReasonCode::PromotionNothing).with("rule", &rules.id));
        self.skip_promotion_for(rules, reasons);
    }

    fn skip_promotion(&mut self, rules: &PromotionRules, reason: Reason) {
        self.skip_promotion_for(rules, vec![reason]);
    }

    fn skip_promotion_for(&mut self, rules: &PromotionRules, reasons: Vec<Reason>) {
        self.step(|pricing| TraceStep {
            amount: pricing.money(0),
            asset: pricing.order.currency.clone(),
            outcome: Outcome::Skipped,
            reasons,
            rule: rules.id.clone(),
            stage: crate::order::Stage::Promotion,
            ..TraceStep::default()
        });
    }

    pub(super) fn benefit_step(
        &self,
        giver: Giver,
        rule: &str,
        benefit: &BenefitRules,
        effect: &Effect,
        fit: &Fit,
        reasons: Vec<Reason>,
    ) -> TraceStep {
        let given = if fit.refused { 0 } else { effect.given };
        let idle = fit.refused || !(effect.gives() || benefit.form.is_coupon());
        let less = given < effect.wished;
        TraceStep {
            amount: self.money(given),
            asset: self.order.currency.clone(),
            base: Some(self.money(effect.base)),
            cap: (less && !idle).then(|| self.money(given)),
            outcome: match (idle, less) {
                (true, _) => Outcome::Skipped,
                (false, true) => Outcome::Trimmed,
                (false, false) => Outcome::Applied,
            },
            percent: effect.percent.map(super::discount::shown_percent),
            reasons,
            residue: effect.residue().into_iter().map(|line| self.line_id(line)).collect(),
            rounding: effect.percent.map(|_| benefit.rounding),
            rule: rule.to_owned(),
            stage: stage_of(giver),
            ..TraceStep::default()
        }
    }

    /// Takes presents off the receipt whose givers did not give them.
    pub(super) fn withdraw_presents(&mut self, of: impl Fn(Giver) -> bool) {
        for (place, line) in self.order.lines.iter().enumerate() {
            let Some(giver) = line.gift.filter(|giver| of(*giver)) else { continue };
            let id = self.line_id(place);
            let Some(state) = self.lines.get_mut(place) else { continue };
            if !state.presented && !state.withdrawn {
                state.withdraw();
                let reason = Reason::new(ReasonCode::GiftWithdrawn).on_line(id);
                self.reasons.push(reason.with("rule", self.giver_id(giver)));
            }
        }
    }

    fn giver_id(&self, giver: Giver) -> &'a str {
        let id = match giver {
            Giver::Promotion(place) => self.rules.promotions.get(place).map(|one| &one.id),
            Giver::Reward(place) => self.rules.rewards.get(place).map(|one| &one.id),
        };
        id.map_or("", String::as_str)
    }

    /// Takes up the presents and coupons of a reserved receipt.
    pub(super) fn resume_gifts(&mut self, quote: &Quote) {
        self.coupons.clone_from(&quote.coupons);
        self.offers.clone_from(&quote.offers);
        self.rewards.clone_from(&quote.rewards);
        let earning = &self.rules.earning.rules;
        for code in &mut self.codes {
            let Some(used) = quote.codes.iter().find(|used| used.code == code.code) else {
                continue;
            };
            // Earning is worked out anew, and says itself which codes it used.
            let kept = used.rules.iter().filter(|id| !earning.iter().any(|rule| rule.id == **id));
            code.rules = kept.cloned().collect();
        }
    }
}
