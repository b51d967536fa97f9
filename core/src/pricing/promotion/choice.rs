//! Which promotions apply, where not all may.

use std::cmp::Reverse;

use crate::answer::Truth;
use crate::order::prepare::Giver;
use crate::pricing::Pricing;
use crate::pricing::facts::Counted;
use crate::program::Keep;
use crate::program::benefit::PromotionRules;
use crate::reason::{Reason, ReasonCode};

/// A promotion that may apply.
#[derive(Clone, Copy)]
struct Candidate<'a> {
    place: usize,
    rules: &'a PromotionRules,
    /// What it gives taken alone, where that was worked out.
    alone: i64,
    /// Whether it does not hold yet, but may when its turn comes.
    waits: bool,
}

impl<'a> Pricing<'a> {
    /// The promotions that apply, in the order in which they do.
    pub(super) fn choose_promotions(&mut self) -> Vec<usize> {
        let mut left = self.matching_promotions();
        if self.rules.stacking.codes_together {
            self.keep_codes_together(&mut left);
        }
        if self.promotions_compete(&left) {
            self.drop_idle_promotions(&mut left);
            self.keep_exclusive_promotion(&mut left);
            self.keep_promotion_classes(&mut left);
            self.keep_best_promotion(&mut left);
        }
        left.iter().map(|candidate| candidate.place).collect()
    }

    /// Those whose conditions hold, by priority. Where conditions are judged in turn, those that do
    /// not hold yet wait for theirs, unless they would compete with others.
    fn matching_promotions(&mut self) -> Vec<Candidate<'a>> {
        let rules = self.rules;
        let mut matching = Vec::with_capacity(rules.promotions.len());
        for place in &rules.stacking.order {
            let Some(promotion) = rules.promotions.get(*place) else { continue };
            let truth = self.judge_on(promotion.when.as_ref(), Counted::AfterHost);
            let competes = promotion.exclusive || promotion.class.is_some() || rules.stacking.best;
            let waits = truth != Truth::True && rules.stacking.judged_running && !competes;
            if truth == Truth::True || waits {
                matching.push(Candidate { place: *place, rules: promotion, alone: 0, waits });
            } else {
                self.skip_unmatched_promotion(promotion, truth, Counted::AfterHost);
            }
        }
        matching
    }

    /// If one of the presented codes does not apply, none does.
    fn keep_codes_together(&mut self, left: &mut Vec<Candidate<'a>>) {
        let asks = |promotion: &PromotionRules, code: usize| {
            let code = self.codes.get(code);
            code.is_some_and(|code| promotion.asked.asks_for(code.symbol, code.coupon))
        };
        let fell = |code: usize| {
            let promotions = &self.rules.promotions;
            promotions.iter().any(|promotion| asks(promotion, code))
                && !left.iter().any(|candidate| asks(candidate.rules, code))
        };
        let refused = self.reasons.iter().any(|reason| {
            use ReasonCode::{CouponEnded, CouponNotYet, CouponPersonal, CouponUsed};
            matches!(reason.code, CouponEnded | CouponNotYet | CouponPersonal | CouponUsed)
        });
        let fallen: Vec<bool> = (0..self.codes.len()).map(fell).collect();
        if !self.unknown_codes && !refused && !fallen.contains(&true) {
            return;
        }
        let others = (0..self.codes.len())
            .filter(|code| left.iter().any(|candidate| asks(candidate.rules, *code)));
        let reason = |code: usize| {
            let code = self.codes.get(code)?;
            Some(Reason::new(ReasonCode::CodeTogether).with("code", &code.code))
        };
        let reasons: Vec<Reason> = others.filter_map(reason).collect();
        self.reasons.extend(reasons);
        self.keep_promotions(left, |pricing, candidate| {
            if candidate.rules.asked.is_empty() {
                return true;
            }
            let code = pricing.asked_code(&candidate.rules.asked);
            let code = code.and_then(|code| pricing.codes.get(code));
            let reason = Reason::new(ReasonCode::CodeTogether);
            let reason = reason.with("code", code.map_or("", |code| code.code.as_str()));
            pricing.skip_promotion(candidate.rules, reason);
            false
        });
    }

    /// Whether some of them may have to give way.
    fn promotions_compete(&self, left: &[Candidate<'_>]) -> bool {
        let full = |class: usize, most: usize| {
            left.iter().filter(|candidate| candidate.rules.class == Some(class)).count() > most
        };
        let mut classes = self.rules.stacking.classes.iter().enumerate();
        let exclusive = || left.iter().any(|candidate| candidate.rules.exclusive);
        left.len() > 1
            && (self.rules.stacking.best
                || exclusive()
                || classes.any(|(class, rules)| full(class, rules.most)))
    }

    /// Works out what each gives taken alone, and drops those that give nothing.
    fn drop_idle_promotions(&mut self, left: &mut Vec<Candidate<'a>>) {
        self.keep_promotions(left, |pricing, candidate| {
            let Candidate { place, rules, waits, .. } = *candidate;
            if waits {
                return true;
            }
            let effect = pricing.benefit_effect(Giver::Promotion(place), &rules.benefit, None, 1);
            let coupon = rules.benefit.form.is_coupon();
            if !coupon && !effect.gives() && effect.missing == 0 {
                pricing.skip_idle_promotion(rules, &effect);
                return false;
            }
            let fit = pricing.fit(rules.limited(), effect.given, 0);
            if fit.refused {
                let nothing = Reason::new(ReasonCode::PromotionNothing).with("rule", &rules.id);
                pricing.reasons.extend(fit.reason.clone());
                pricing
                    .skip_promotion_for(rules, fit.reason.into_iter().chain([nothing]).collect());
                return false;
            }
            candidate.alone = fit.money;
            true
        });
    }

    /// The first of those that are exclusive beats all others.
    fn keep_exclusive_promotion(&mut self, left: &mut Vec<Candidate<'a>>) {
        let winner = left.iter().find(|candidate| candidate.rules.exclusive).copied();
        if let Some(winner) = winner {
            self.keep_only_promotion(left, winner, ReasonCode::PromotionExclusive);
        }
    }

    /// Of each class only so many stay.
    fn keep_promotion_classes(&mut self, left: &mut Vec<Candidate<'a>>) {
        for (class, rules) in self.rules.stacking.classes.iter().enumerate() {
            let own = left.iter().filter(|candidate| candidate.rules.class == Some(class));
            let mut own: Vec<Candidate<'a>> = own.copied().collect();
            match rules.keep {
                Keep::FirstByDocument => {}
                Keep::FirstByRequest => own.sort_by_key(|candidate| {
                    self.asked_code(&candidate.rules.asked).unwrap_or(usize::MAX)
                }),
                Keep::Best => own.sort_by_key(|candidate| Reverse(candidate.alone)),
            }
            let losers: Vec<usize> = own.iter().skip(rules.most).map(|one| one.place).collect();
            let Some(winner) = own.first().copied() else { continue };
            self.keep_promotions(left, |pricing, candidate| {
                let stays = !losers.contains(&candidate.place);
                if !stays {
                    pricing.lose_promotion(candidate, &winner, ReasonCode::PromotionClass);
                }
                stays
            });
        }
    }

    /// Where only one may apply, the one that gives most.
    fn keep_best_promotion(&mut self, left: &mut Vec<Candidate<'a>>) {
        if !self.rules.stacking.best {
            return;
        }
        // Of equals `min_by_key` finds the first.
        let best = left.iter().min_by_key(|candidate| Reverse(candidate.alone)).copied();
        if let Some(best) = best {
            self.keep_only_promotion(left, best, ReasonCode::PromotionNotBest);
        }
    }

    fn keep_only_promotion(
        &mut self,
        left: &mut Vec<Candidate<'a>>,
        winner: Candidate<'a>,
        code: ReasonCode,
    ) {
        self.keep_promotions(left, |pricing, candidate| {
            let stays = candidate.place == winner.place;
            if !stays {
                pricing.lose_promotion(candidate, &winner, code);
            }
            stays
        });
    }

    /// A promotion gives way to another. Only a guest who presented its code asks about it.
    fn lose_promotion(&mut self, loser: &Candidate<'a>, winner: &Candidate<'a>, code: ReasonCode) {
        let reason = Reason::new(code).with("rule", &loser.rules.id);
        let reason = reason.with("winner", &winner.rules.id);
        if self.asked_code(&loser.rules.asked).is_some() {
            self.reasons.push(reason.clone());
        }
        self.skip_promotion(loser.rules, reason);
    }

    /// `retain_mut` for a test that needs the pricing too.
    fn keep_promotions(
        &mut self,
        left: &mut Vec<Candidate<'a>>,
        mut stays: impl FnMut(&mut Self, &mut Candidate<'a>) -> bool,
    ) {
        left.retain_mut(|candidate| stays(self, candidate));
    }
}
