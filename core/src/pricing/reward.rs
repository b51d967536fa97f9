//! Rewards: what points buy, and what they could.

use super::facts::Counted;
use super::limit::Fit;
use super::offline::Bound;
use super::promotion::Effect;
use super::{Pricing, Spend, add_to_lines};
use crate::allocation::{AllocationPolicy, Part};
use crate::answer::{Outcome, RewardQuote, TraceStep, Truth};
use crate::order::Stage;
use crate::order::prepare::Giver;
use crate::program::benefit::{CostRules, RewardRules};
use crate::reason::{Reason, ReasonCode};

/// A reward that is claimed and can be paid for.
#[derive(Clone, Copy)]
struct Claimed {
    reward: usize,
    card: usize,
    /// How many times it is claimed, and how many of these the card can pay for.
    wished: i64,
    times: i64,
    /// Whether it is claimed by itself: then nobody wished for more.
    auto: bool,
}

/// What a claim came to.
#[derive(Clone, Copy, Debug, Default)]
struct Bought {
    times: i64,
    points: i64,
    money: i64,
    /// The card that paid.
    card: usize,
}

/// The most times that a reward is claimed by itself on one receipt.
const AUTO_MAX: i64 = 100;

impl<'a> Pricing<'a> {
    pub(super) fn reward_stage(&mut self) {
        if self.rules.rewards.is_empty() {
            return;
        }
        let mut bought: Vec<(usize, Bought)> = Vec::new();
        for claim in &self.source.rewards {
            let place = self.rules.rewards.iter().position(|reward| reward.id == claim.reward);
            let Some(place) = place else { continue };
            bought.push((place, self.claim_reward(place, i64::from(claim.times), false)));
        }
        for (place, _) in self.rules.rewards.iter().enumerate().filter(|(_, one)| one.auto) {
            // What the order names is claimed as it says.
            if !bought.iter().any(|(named, _)| *named == place) {
                bought.push((place, self.claim_reward(place, AUTO_MAX, true)));
            }
        }
        self.withdraw_presents(|giver| matches!(giver, Giver::Reward(_)));
        for (place, reward) in self.rules.rewards.iter().enumerate() {
            if let Some(card) = self.card_to_pay(reward) {
                let own = bought.iter().find(|(claimed, _)| *claimed == place);
                let own = own.map_or_else(Bought::default, |(_, bought)| *bought);
                let card = if own.times > 0 { own.card } else { card };
                let quote = self.reward_quote(reward, card, own);
                self.rewards.push(quote);
            }
        }
    }

    /// The card that pays for a reward: the first that can, else the first that holds its points.
    fn card_to_pay(&self, reward: &RewardRules) -> Option<usize> {
        let cards = self.cards.iter().enumerate();
        let mut holding = cards.filter(|(_, card)| card.rules.holds(reward.points));
        let affords = |card: usize| {
            self.balance_to_spend(card, reward.points) >= reward.cost.each()
                && self.offline_refusal(reward, card).is_none()
                && self.forbids_spending(card).is_none()
        };
        let able = holding.find(|(card, _)| affords(*card)).map(|(card, _)| card);
        able.or_else(|| self.card_with(reward.points))
    }

    /// Claims a reward; by itself it is as often as the card affords, and told only with an effect.
    fn claim_reward(&mut self, place: usize, wished: i64, auto: bool) -> Bought {
        let told = self.reasons.len();
        let asked = self.challenges.len();
        let bought = self.claim(place, wished, auto);
        if auto && bought.times == 0 {
            self.reasons.truncate(told);
            self.challenges.truncate(asked);
        }
        bought
    }

    fn claim(&mut self, place: usize, wished: i64, auto: bool) -> Bought {
        let Some(reward) = self.rules.rewards.get(place) else { return Bought::default() };
        let Some(card) = self.card_to_pay(reward) else {
            let reason = Reason::new(ReasonCode::RewardNoCard).with("reward", &reward.id);
            return self.refuse_reward(reward, None, reason);
        };
        if let Some(reason) = self.unmatched_reward(reward) {
            return self.refuse_reward(reward, Some(card), reason);
        }
        let affordable = self.balance_to_spend(card, reward.points) / reward.cost.each();
        if affordable <= 0 {
            let reason = self.not_affordable(reward, card);
            return self.refuse_reward(reward, Some(card), reason);
        }
        if let Some((challenge, reason)) = self.forbids_spending(card) {
            if let Some(challenge) = challenge {
                self.demand(challenge);
            }
            return self.refuse_reward(reward, Some(card), reason);
        }
        if let Some(reason) = self.offline_refusal(reward, card) {
            return self.refuse_reward(reward, Some(card), reason);
        }
        let most = if let CostRules::Flat(_) = reward.cost { 1 } else { wished };
        let times = affordable.min(most);
        let (times, bound) = self.times_offline(reward, card, times);
        if !auto {
            self.reasons.extend(bound);
        }
        self.buy_reward(reward, Claimed { reward: place, card, wished, times, auto })
    }

    /// How many times a card may pay for a reward while the ledger is offline, and what binds.
    fn times_offline(&self, reward: &RewardRules, card: usize, most: i64) -> (i64, Vec<Reason>) {
        let bounds = self.offline_points(card, reward.points);
        let times = |bound: &Bound| bound.room / reward.cost.each();
        let least = bounds.iter().map(times).min().unwrap_or(most).min(most);
        let bound = bounds.iter().filter(|bound| times(bound) <= least && least < most);
        (least, bound.map(|bound| bound.reason.clone()).collect())
    }

    /// Why a card cannot pay for a reward even once while the ledger is offline.
    fn offline_refusal(&self, reward: &RewardRules, card: usize) -> Option<Reason> {
        let (_, bound) = Some(self.times_offline(reward, card, 1)).filter(|(n, _)| *n == 0)?;
        bound.into_iter().next().map(|reason| reason.with("reward", &reward.id))
    }

    /// Why the condition of a reward lets it give nothing.
    fn unmatched_reward(&self, reward: &RewardRules) -> Option<Reason> {
        match self.judge(reward.when.as_ref()) {
            Truth::True => None,
            Truth::Unknown => {
                Some(self.unknown_reason(reward.when.as_ref(), Counted::Amounts, &reward.id))
            }
            Truth::False => {
                Some(Reason::new(ReasonCode::RewardNotMatched).with("reward", &reward.id))
            }
        }
    }

    fn not_affordable(&self, reward: &RewardRules, card: usize) -> Reason {
        let missing = self.missing_points(reward, card);
        let reason = Reason::new(ReasonCode::RewardNotAffordable);
        reason
            .with("missing", self.points_amount(reward.points, missing))
            .with("reward", &reward.id)
    }

    fn missing_points(&self, reward: &RewardRules, card: usize) -> i64 {
        let left = self.balance_to_spend(card, reward.points);
        (reward.cost.each() - left).max(0)
    }

    fn buy_reward(&mut self, reward: &'a RewardRules, claimed: Claimed) -> Bought {
        let giver = Giver::Reward(claimed.reward);
        let mut effect = self.reward_effect(reward, giver, claimed.times);
        let coupon = reward.benefit.form.is_coupon();
        if coupon && self.first_standing_line().is_none() {
            // What it costs could stand on no line, and never come back.
            let nothing = Reason::new(ReasonCode::RewardNothing).with("reward", &reward.id);
            return self.refuse_reward(reward, Some(claimed.card), nothing);
        }
        if !coupon && !effect.gives() {
            let reason = self.offer_presents(&reward.benefit, &reward.id, &effect);
            let nothing = Reason::new(ReasonCode::RewardNothing).with("reward", &reward.id);
            return self.refuse_reward(reward, Some(claimed.card), reason.unwrap_or(nothing));
        }
        let RewardRules { id, asked, .. } = reward;
        let limited = reward.limited(claimed.card);
        let points = reward.cost.each() * reward.cost.times(&effect, claimed.times);
        let fit = self.fit(limited, effect.given, points);
        if fit.refused || fit.points < reward.cost.each() {
            let reason = fit.reason.clone().map(used_up);
            let nothing = Reason::new(ReasonCode::RewardNothing).with("reward", id);
            return self.refuse_reward(reward, Some(claimed.card), reason.unwrap_or(nothing));
        }
        let mut times = claimed.times;
        if fit.points < points {
            times = times.min(fit.points / reward.cost.each());
            effect = self.reward_effect(reward, giver, times);
        }
        effect.lower_to(fit.money);
        let times = reward.cost.times(&effect, times);
        if times == 0 {
            let nothing = Reason::new(ReasonCode::RewardNothing).with("reward", id);
            return self.refuse_reward(reward, Some(claimed.card), nothing);
        }
        let points = reward.cost.each() * times;
        let bought = Bought { times, points, money: effect.given, card: claimed.card };
        self.give_benefit(giver, &effect);
        self.promise_coupon(&reward.benefit, id);
        let offered = self.offer_presents(&reward.benefit, id, &effect);
        self.pay_reward(reward, claimed, bought, &effect);
        self.count(limited, bought.money, bought.points);
        self.use_codes(asked, id);
        let mut reasons = self.reward_reasons(reward, claimed, bought, &effect);
        reasons.extend(offered);
        reasons.extend(fit.reason.clone());
        self.tell_reward(reward, claimed, &effect, &fit, reasons);
        bought
    }

    /// What a reward gives if it is paid for so many times.
    fn reward_effect(&self, reward: &RewardRules, giver: Giver, times: i64) -> Effect {
        let (most, blocks) = match reward.cost {
            CostRules::Flat(_) => (None, 1),
            CostRules::PerBlock(_) => (None, times),
            CostRules::PerUnit(_) => (Some(times), 1),
        };
        self.benefit_effect(giver, &reward.benefit, most, blocks)
    }

    /// Notes the points spent, and divides them over the lines in proportion to what the reward gave.
    fn pay_reward(
        &mut self,
        reward: &RewardRules,
        claimed: Claimed,
        bought: Bought,
        effect: &Effect,
    ) {
        let Bought { points: amount, money, .. } = bought;
        let (card, points) = (claimed.card, reward.points);
        let spend = Spend { card, points, amount, money, reward: Some(claimed.reward) };
        self.spends.push(spend);
        let mut weights = vec![0; self.lines.len()];
        for ware in &effect.wares {
            if let Some(weight) = weights.get_mut(ware.line) {
                *weight = ware.share;
            }
        }
        if effect.given == 0 {
            let amounts = self.lines.iter().zip(&self.order.lines);
            let amount =
                |(state, line): (&super::LineState, &crate::order::prepare::PreparedLine)| {
                    if line.gift.is_none() { state.amount.max(0) } else { 0 }
                };
            weights = amounts.map(amount).collect();
        }
        // Where nothing has any worth, they stand on the first line of the receipt.
        if weights.iter().all(|weight| *weight == 0)
            && let Some(first) = self.first_standing_line().and_then(|place| weights.get_mut(place))
        {
            *first = 1;
        }
        self.parts.clear();
        let part = |weight: &i64| Part {
            weight: *weight,
            quantity: 1,
            capacity: i64::MAX,
            eligible: *weight > 0,
        };
        self.parts.extend(weights.iter().map(part));
        self.divide(amount, &AllocationPolicy::default());
        add_to_lines(&mut self.line_spent, (card, points), &self.shares);
    }

    /// The first line that is sure to be on the receipt.
    fn first_standing_line(&self) -> Option<usize> {
        let mut lines = self.lines.iter().zip(&self.order.lines);
        lines.position(|(state, line)| !state.withdrawn && (line.gift.is_none() || state.presented))
    }

    fn reward_reasons(
        &self,
        reward: &RewardRules,
        claimed: Claimed,
        bought: Bought,
        effect: &Effect,
    ) -> Vec<Reason> {
        // What lines cannot give of a block is no loss: the block is not begun.
        let mut reasons = match reward.cost {
            CostRules::PerBlock(_) if effect.cap.is_none() => Vec::new(),
            _ => self.cut_reasons(&reward.id, effect),
        };
        if bought.times < claimed.wished && !claimed.auto {
            let reason = Reason::new(ReasonCode::RewardTrimmed)
                .with("given_times", bought.times)
                .with("reward", &reward.id)
                .with("wished_times", claimed.wished);
            reasons.push(reason);
        }
        reasons
    }

    fn tell_reward(
        &mut self,
        reward: &RewardRules,
        claimed: Claimed,
        effect: &Effect,
        fit: &Fit,
        reasons: Vec<Reason>,
    ) {
        self.reasons.extend(reasons.iter().cloned());
        let card = self.cards.get(claimed.card).map(|card| card.number.to_owned());
        let giver = Giver::Reward(claimed.reward);
        self.step(|pricing| TraceStep {
            card,
            ..pricing.benefit_step(giver, &reward.id, &reward.benefit, effect, fit, reasons)
        });
    }

    /// A claimed reward that gives nothing and costs nothing.
    fn refuse_reward(
        &mut self,
        reward: &RewardRules,
        card: Option<usize>,
        reason: Reason,
    ) -> Bought {
        self.reasons.push(reason.clone());
        let card = card.and_then(|card| self.cards.get(card)).map(|card| card.number.to_owned());
        self.step(|pricing| TraceStep {
            amount: pricing.money(0),
            asset: pricing.order.currency.clone(),
            card,
            outcome: Outcome::Skipped,
            reasons: vec![reason],
            rule: reward.id.clone(),
            stage: Stage::Reward,
            ..TraceStep::default()
        });
        Bought::default()
    }

    /// What a reward costs, and whether it can be had.
    fn reward_quote(&self, reward: &RewardRules, card: usize, bought: Bought) -> RewardQuote {
        let points = |units| self.points_amount(reward.points, units);
        let mut reasons = Vec::new();
        let mut missing = 0;
        if bought.times == 0 {
            missing = self.missing_points(reward, card);
            reasons.extend(self.unmatched_reward(reward));
            reasons.extend((missing > 0).then(|| self.not_affordable(reward, card)));
            reasons.extend(self.forbids_spending(card).map(|(_, reason)| reason));
            reasons.extend(self.offline_refusal(reward, card));
        }
        RewardQuote {
            available: reasons.is_empty(),
            card: self.card_number(card).to_owned(),
            claimed: u32::try_from(bought.times).unwrap_or(u32::MAX),
            cost: points(reward.cost.each()),
            missing: points(missing),
            money: self.money(bought.money),
            points: self.rules.points.get(reward.points).map(|p| p.id.clone()).unwrap_or_default(),
            reasons,
            reward: reward.id.clone(),
            spent: points(bought.points),
        }
    }
}

impl CostRules {
    /// In all, or for each block or unit.
    fn each(self) -> i64 {
        let (CostRules::Flat(cost) | CostRules::PerBlock(cost) | CostRules::PerUnit(cost)) = self;
        cost
    }

    /// How many times it costs, of so many that could be paid for.
    fn times(self, effect: &Effect, times: i64) -> i64 {
        match self {
            CostRules::Flat(_) => 1,
            _ if effect.given == 0 => 0,
            CostRules::PerBlock(_) => effect.times_needed(times),
            CostRules::PerUnit(_) => effect.lowered_units(),
        }
    }
}

/// What is left of a limit is too little for a reward that is not divided.
fn used_up(reason: Reason) -> Reason {
    let used_up = reason.code == ReasonCode::LimitTrimmed;
    let code = if used_up { ReasonCode::LimitUsedUp } else { reason.code };
    Reason { code, ..reason }
}
