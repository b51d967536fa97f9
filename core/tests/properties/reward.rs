//! Properties of rewards: what they cost, what they give, and what comes back of them.

use kopilka::*;
use proptest::prelude::*;
use proptest::sample::select;
use rust_decimal::Decimal;

use crate::book::{cards, cases, refund_with};
use crate::offer::{given_by, has_effect, rewarded, rewarded_at_home};
use crate::oracle::{scaled, thousandths};
use crate::order::{Case, after, sold};
use crate::receipt::{check_floors, check_sub_lines, check_sums};
use crate::refund::{Return, close, steps};

fn points_of(quote: &Quote, card: &str, points: &str) -> i64 {
    let own = quote.points.iter().filter(|one| one.card == card && one.points == points);
    own.map(|one| one.spent.units).sum()
}

fn rule<'a>(case: &'a Case, id: &str) -> &'a Reward {
    case.program.rewards.iter().find(|reward| reward.id == id).unwrap()
}

fn claim<'a>(case: &'a Case, id: &str) -> Option<&'a Claim> {
    case.order.rewards.iter().find(|claim| claim.reward == id)
}

/// Plenty of points on every card, so that claims are mostly paid for.
fn rich(case: &mut Case) {
    for issue in &mut case.cards {
        if !issue.card.starts_with('3') {
            issue.opening = vec![OpeningLot { amount: 500.into(), ..OpeningLot::default() }];
        }
    }
}

proptest! {
    #![proptest_config(cases(800))]

    #[test]
    fn points_debited_for_a_reward_are_its_cost_times_what_was_given(mut case in rewarded(), rich_cards in any::<bool>()) {
        if rich_cards {
            rich(&mut case);
        }
        let quote = case.quote();
        for own in &quote.rewards {
            let claimed = i64::from(own.claimed);
            prop_assert_eq!(own.spent.units, own.cost.units * claimed, "{:?}", own);
            prop_assert_eq!(own.money.units, given_by(&quote, Stage::Reward, &own.reward));
            let asked = claim(&case, &own.reward).map_or(0, |claim| i64::from(claim.times));
            let most = if let Cost::Flat(_) = rule(&case, &own.reward).cost { asked.min(1) } else { asked };
            prop_assert!(claimed <= most, "{:?} of {}", own, asked);
        }
    }

    #[test]
    fn nothing_is_debited_without_an_effect_and_nothing_given_without_a_debit(mut case in rewarded(), rich_cards in any::<bool>()) {
        if rich_cards {
            rich(&mut case);
        }
        let quote = case.quote();
        for reward in &case.program.rewards {
            let own = quote.rewards.iter().find(|own| own.reward == reward.id);
            let paid = own.is_some_and(|own| own.spent.units > 0);
            let lowers = given_by(&quote, Stage::Reward, &reward.id) > 0
                || quote.coupons.iter().any(|coupon| coupon.rule == reward.id);
            prop_assert!(!lowers || paid, "{:?}", own);
            // An offer alone costs nothing: the present is not on the receipt yet.
            prop_assert!(!paid || has_effect(&case, &quote, Stage::Reward, &reward.id), "{:?}", own);
        }
    }

    #[test]
    fn what_all_rewards_and_the_redemption_debit_is_there(mut case in rewarded(), rich_cards in any::<bool>()) {
        if rich_cards {
            rich(&mut case);
        }
        let quote = case.quote();
        prop_assume!(!quote.lines.is_empty());
        for view in &quote.cards {
            for balance in &view.balances {
                let spent = points_of(&quote, &view.card, &balance.points);
                prop_assert!(spent <= balance.spendable.units, "{} of {:?}", spent, balance);
            }
        }
        let lines = |points: &str| -> i64 {
            let spent = quote.lines.iter().flat_map(|line| &line.spent);
            spent.filter(|one| one.points == points).map(|one| one.amount.units).sum()
        };
        for points in ["bonus", "miles"] {
            let all = quote.points.iter().filter(|one| one.points == points);
            prop_assert_eq!(all.map(|one| one.spent.units).sum::<i64>(), lines(points));
        }
        let rewards = |card: &str, points: &str| -> i64 {
            let own = quote.rewards.iter().filter(|own| own.card == card && own.points == points);
            own.map(|own| own.spent.units).sum()
        };
        for points in &quote.points {
            let rewarded = rewards(&points.card, &points.points);
            prop_assert!(points.spent.units >= rewarded);
            let redeems = case.program.redemption.is_some() && case.order.spend.mode != SpendMode::None;
            prop_assert!(points.spent.units == rewarded || redeems, "{:?}", points);
        }
    }

    #[test]
    fn a_reward_gives_no_more_than_its_cap(mut case in rewarded_at_home()) {
        rich(&mut case);
        let quote = case.quote();
        for own in &quote.rewards {
            if let Some(cap) = rule(&case, &own.reward).cap {
                prop_assert!(i128::from(own.money.units) <= scaled(cap, case.digits()), "{:?}", own);
            }
        }
    }

    #[test]
    fn as_many_blocks_are_debited_as_the_lines_needed(
        mut case in rewarded_at_home(),
        block in 1i64..80,
        times in 1u32..6,
    ) {
        rich(&mut case);
        let then = Then::Amount(AmountOff { amount: block.into(), each: Each::Selection });
        let (cost, points) = (Cost::PerBlock(7.into()), Some("bonus".into()));
        case.program.rewards =
            vec![Reward { id: "blocks".into(), cost, points, then, ..Reward::default() }];
        case.order.rewards = vec![Claim { reward: "blocks".into(), times }];
        case.order.lines.iter_mut().for_each(|line| line.gift = None);
        let quote = case.quote();
        if let Some(own) = quote.rewards.first() {
            let block = block * 10i64.pow(case.digits());
            prop_assert_eq!(i64::from(own.claimed), (own.money.units + block - 1) / block);
        }
    }

    #[test]
    fn a_reward_by_the_unit_costs_for_each_unit_that_it_lowered(
        mut case in rewarded_at_home(),
        off in 1i64..200,
        times in 1u32..9,
    ) {
        rich(&mut case);
        let then = Then::Amount(AmountOff { amount: Decimal::from(off), each: Each::Unit });
        let (cost, points) = (Cost::PerUnit(3.into()), Some("bonus".into()));
        case.program.rewards =
            vec![Reward { id: "units".into(), cost, points, then, ..Reward::default() }];
        case.order.rewards = vec![Claim { reward: "units".into(), times }];
        case.order.lines.iter_mut().for_each(|line| line.gift = None);
        let quote = case.quote();
        let Some(own) = quote.rewards.first() else { return Ok(()) };
        prop_assert!(own.claimed <= times);
        // No line has more units than pieces, and none that was lowered has none.
        let units = |line: &LineQuote| {
            let pieces = thousandths(line.quantity);
            if pieces % 1000 == 0 { i64::try_from(pieces / 1000).unwrap() } else { 1 }
        };
        let lowered = |line: &&LineQuote| line.discounts.iter().any(|one| one.source == "units");
        let lines = quote.lines.iter().filter(lowered);
        let (least, most) = (lines.clone().count(), lines.map(units).sum::<i64>());
        prop_assert!(usize::try_from(own.claimed).unwrap() >= least);
        prop_assert!(i64::from(own.claimed) <= most, "{} of {}", own.claimed, most);
        let given = off * 10i64.pow(case.digits()) * i64::from(own.claimed);
        prop_assert!(own.money.units <= given, "{} for {} units", own.money, own.claimed);
    }

    #[test]
    fn a_reward_that_cannot_be_paid_for_is_not_given(mut case in rewarded()) {
        for issue in &mut case.cards {
            issue.opening.clear();
        }
        let quote = case.quote();
        for own in &quote.rewards {
            prop_assert_eq!((own.claimed, own.spent.units, own.money.units), (0, 0, 0));
            prop_assert_eq!(own.missing, own.cost);
            prop_assert!(!own.available);
        }
        for reward in &case.program.rewards {
            prop_assert_eq!(given_by(&quote, Stage::Reward, &reward.id), 0);
        }
    }

    #[test]
    fn a_reward_that_is_shown_as_available_can_be_claimed(mut case in rewarded(), points in select(vec![20i64, 60, 500])) {
        for issue in &mut case.cards {
            if !issue.card.starts_with('3') {
                issue.opening = vec![OpeningLot { amount: points.into(), ..OpeningLot::default() }];
            }
        }
        case.order.rewards.clear();
        let quote = case.quote();
        for own in &quote.rewards {
            let balance = quote.cards.iter().find(|view| view.card == own.card).unwrap();
            let balance = balance.balances.iter().find(|one| one.points == own.points).unwrap();
            let left = balance.spendable.units;
            prop_assert_eq!(own.missing.units, (own.cost.units - left).max(0));
            let mut more = case.clone();
            more.order.rewards = vec![Claim { reward: own.reward.clone(), times: 1 }];
            let claimed = more.quote();
            let refused = |code| claimed.reasons.iter().any(|why| why.code == code);
            let refused = refused(ReasonCode::RewardNotAffordable) || refused(ReasonCode::RewardNotMatched);
            prop_assert!(!own.available || !refused, "{:?}", claimed.reasons);
        }
    }
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn refunds_of_a_sale_with_rewards_add_up_to_the_whole(mut case in rewarded(), steps in steps()) {
        rich(&mut case);
        prop_assume!(!case.quote().lines.is_empty());
        close(&case, &steps)?;
    }

    #[test]
    fn a_refund_of_everything_restores_what_rewards_took(mut case in rewarded()) {
        rich(&mut case);
        case.program.tax.per = TaxScope::PerLine;
        case.program.refund.clawback = Clawback::Debt;
        case.program.refund.purchase = PurchaseBack::Uncounted;
        let mut book = case.book();
        let before = cards(&mut book, after(1), &case.cards);
        let sale = sold(&mut book, &case.sell());
        prop_assume!(!sale.quote.as_ref().unwrap().lines.is_empty());
        Return::of(&mut book, sale).finish()?;
        prop_assert_eq!(before, cards(&mut book, after(1), &case.cards));
    }

    #[test]
    fn a_confirm_with_fewer_points_keeps_what_rewards_took(mut case in rewarded_at_home(), share in 0i64..1_000) {
        rich(&mut case);
        for reward in &mut case.program.rewards {
            reward.points = Some("bonus".into());
        }

        case.order.spend = Spend { mode: SpendMode::Max, points: None };
        let mut book = case.book();
        let held = sold(&mut book, &case.reserve());
        let (before, token) = (held.quote.unwrap(), held.token.unwrap());
        let all: i64 = before.points.iter().map(|one| one.spent.units).sum();
        let rewards: i64 = before.rewards.iter().map(|own| own.spent.units).sum();
        let fewer = (all - rewards) * share / 1_000;
        let points = Some(Decimal::new(fewer, u32::from(case.points("bonus").digits)));
        let confirm = Command::Confirm(Confirm { points, token, ..Confirm::default() });
        let sale = sold(&mut book, &Request::new(after(1), confirm).with_key("confirm"));
        let after_it = sale.quote.unwrap();
        check_sums(&after_it)?;
        check_sub_lines(&after_it)?;
        check_floors(&case, &after_it)?;
        let spent: i64 = after_it.points.iter().map(|one| one.spent.units).sum();
        prop_assert!(spent >= rewards && spent <= rewards + fewer, "{} of {}", spent, rewards + fewer);
        prop_assert!(fewer < all - rewards || spent == all);
        let given = |quote: &Quote| -> Vec<(i64, i64)> {
            let of = |own: &RewardQuote| (own.spent.units, given_by(quote, Stage::Reward, &own.reward));
            quote.rewards.iter().map(of).collect()
        };
        prop_assert_eq!(given(&before), given(&after_it));
        // Everything that was spent comes back, and no more.
        Return::of(&mut book, SaleAnswer { quote: Some(after_it), token: sale.token, ..SaleAnswer::default() })
            .finish_if_any()?;
    }

    #[test]
    fn refunds_line_by_line_restore_what_rewards_took(mut case in rewarded()) {
        rich(&mut case);
        let mut book = case.book();
        let sale = sold(&mut book, &case.sell());
        let (quote, token) = (sale.quote.unwrap(), sale.token.unwrap());
        let mut restored: Vec<i64> = vec![0; quote.points.len()];
        for line in &quote.lines {
            let lines = vec![RefundLine { line: line.id.clone(), quantity: None }];
            let refund = Command::Refund(Refund { lines, ..refund_with(&token) });
            let request = Request::new(after(2), refund).with_key(format!("back-{}", line.id));
            let Answer::Refund(answer) = book.call(&request).unwrap() else { panic!("no refund") };
            for points in &answer.points {
                let same = |one: &PointsQuote| one.card == points.card && one.points == points.points;
                let place = quote.points.iter().position(same).unwrap();
                restored[place] += points.restored.units;
            }
            let own: i64 = line.spent.iter().map(|one| one.amount.units).sum();
            let back: i64 = answer.points.iter().map(|one| one.restored.units).sum();
            prop_assert_eq!(own, back, "line {}", line.id);
        }
        let spent: Vec<i64> = quote.points.iter().map(|one| one.spent.units).collect();
        prop_assert!(quote.lines.is_empty() || spent == restored, "{:?} of {:?}", restored, spent);
    }
}
