//! Properties of promotions, however many there are and however they live together.

use kopilka::document::canonical;
use kopilka::*;
use proptest::prelude::*;
use rust_decimal::Decimal;

use crate::book::cases;
use crate::offer::{applied, given_by, promoted, promoted_at_home, promotion, rewarded};
use crate::oracle::{scaled, stage_of};
use crate::order::{Case, quote_of};
use crate::program::number;
use crate::receipt::{check_floors, check_sub_lines, check_sums};

/// What a receipt comes to, without what led to it.
fn effects(quote: &Quote) -> Quote {
    Quote {
        codes: Vec::new(),
        explanation: None,
        program: ProgramVersion::default(),
        reasons: Vec::new(),
        ..quote.clone()
    }
}

/// The promotions of a case as ones that select whole lines.
fn of_whole_lines(case: &mut Case) {
    for promotion in &mut case.program.promotions {
        let Selection { kinds, lines, .. } = std::mem::take(&mut promotion.select);
        promotion.select = Selection { kinds, lines, ..Selection::default() };
        let whole = matches!(promotion.then, Then::Percent(_) | Then::Amount(_) | Then::Price(_));
        if !whole && !matches!(promotion.then, Then::Tiered(_) | Then::Schedule(_)) {
            promotion.then = Then::Percent(Decimal::from(20));
        }
    }
    without_presents(case);
}

fn without_presents(case: &mut Case) {
    case.order.lines.iter_mut().for_each(|line| line.gift = None);
}

fn nothing_by_request(case: &mut Case) {
    for class in &mut case.program.stacking.classes {
        if class.keep == Keep::FirstByRequest {
            class.keep = Keep::FirstByDocument;
        }
    }
}

/// Goods of unlike prices and promotions that never take all of them, so that nothing hangs on who
/// gets the last smallest unit.
fn roomy(case: &mut Case) {
    of_whole_lines(case);
    nothing_by_request(case);
    let Case { order, program, .. } = case;
    order.lines.retain(|line| !matches!(line.kind, LineKind::Adjustment | LineKind::Void));
    order.discounts.clear();
    for (place, line) in order.lines.iter_mut().enumerate() {
        line.price = Decimal::from(100 + 37 * place);
        line.quantity = Decimal::ONE;
        (line.floor, line.taxes) = (None, Vec::new());
    }
    program.floors.clear();
    program.allocation = Allocation::default();
    program.stacking.units = UnitUse::Again;
    program.stacking.together = Together::All;
    for class in &mut program.stacking.classes {
        class.keep = Keep::FirstByDocument;
    }
    for promotion in &mut program.promotions {
        if !matches!(promotion.then, Then::Coupon(_)) {
            promotion.then = Then::Percent(Decimal::from(10));
        }
    }
}

proptest! {
    #![proptest_config(cases(1_000))]

    #[test]
    fn with_every_stage_no_line_falls_through_its_floor_and_no_total_below_zero(case in rewarded()) {
        check_floors(&case, &case.quote())?;
    }

    #[test]
    fn with_every_stage_the_discounts_of_lines_add_up_to_the_receipt(case in rewarded()) {
        let quote = case.quote();
        check_sums(&quote)?;
        check_sub_lines(&quote)?;
    }

    #[test]
    fn a_promotion_never_gives_more_than_its_cap(case in promoted_at_home()) {
        let quote = case.quote();
        for promotion in &case.program.promotions {
            let given = i128::from(given_by(&quote, Stage::Promotion, &promotion.id));
            let Some(cap) = promotion.cap else { continue };
            if promotion.of == Basis::Price {
                prop_assert!(given <= scaled(cap, case.digits()), "{} gave {}", promotion.id, given);
            }
        }
    }

    #[test]
    fn a_line_kept_out_of_promotions_is_untouched_by_them(case in promoted()) {
        let quote = case.quote();
        for sold in &quote.lines {
            let line = case.order.lines.iter().find(|line| line.id == sold.id).unwrap();
            if case.is_excluded(line, Stage::Promotion) && line.gift.is_none() {
                prop_assert_eq!(stage_of(sold, Stage::Promotion), 0);
            }
            for discount in sold.discounts.iter().filter(|one| one.stage == Stage::Promotion) {
                let of = |one: &&Promotion| one.id == discount.source;
                let promotion = case.program.promotions.iter().find(of).unwrap();
                let gift = matches!(promotion.then, Then::Gift(_));
                prop_assert!(gift || line.gift.is_none(), "a present was lowered by {}", promotion.id);
                let of_its_own = matches!(promotion.then, Then::BuyGet(_));
                if !gift && !of_its_own {
                    let Selection { kinds, lines, .. } = &promotion.select;
                    prop_assert!(case.takes_part(line, Stage::Promotion, kinds, lines.as_ref()));
                }
            }
        }
    }

    #[test]
    fn the_order_of_the_codes_changes_nothing_where_no_class_keeps_by_request(mut case in promoted(), turn in 0usize..4) {
        nothing_by_request(&mut case);
        let mut turned = case.clone();
        let count = turned.order.codes.len();
        if count > 0 {
            turned.order.codes.rotate_left(turn % count);
        }
        if turn % 2 == 1 {
            turned.order.codes.reverse();
        }
        prop_assert_eq!(effects(&case.quote()), effects(&turned.quote()));
    }

    #[test]
    fn the_order_of_the_lines_does_not_choose_the_promotions(mut case in promoted(), turn in 1usize..6) {
        roomy(&mut case);
        prop_assume!(!case.order.lines.is_empty());
        let mut turned = case.clone();
        let count = turned.order.lines.len();
        turned.order.lines.rotate_left(turn % count);
        if turn % 2 == 1 {
            turned.order.lines.reverse();
        }
        prop_assert_eq!(applied(&case, &case.quote()), applied(&turned, &turned.quote()));
    }

    #[test]
    fn an_order_that_did_not_change_is_quoted_with_the_same_bytes(case in rewarded()) {
        let mut book = case.book();
        let first = canonical(&quote_of(&mut book, &case.order));
        prop_assert_eq!(&first, &canonical(&quote_of(&mut book, &case.order)));
        prop_assert_eq!(first, canonical(&case.quote()));
    }

    #[test]
    fn an_exclusive_promotion_that_applied_is_alone(mut case in promoted(), exclusive in 0usize..4) {
        let count = case.program.promotions.len();
        case.program.promotions[exclusive % count].exclusive = true;
        let quote = case.quote();
        let applied = applied(&case, &quote);
        let exclusive = |id: &&String| {
            case.program.promotions.iter().any(|one| one.id == **id && one.exclusive)
        };
        if applied.iter().any(|id| exclusive(&id)) {
            prop_assert_eq!(applied.len(), 1, "{:?}", applied);
        }
    }

    #[test]
    fn an_exclusive_promotion_that_gives_something_alone_beats_all_others(mut case in promoted_at_home()) {
        for promotion in &mut case.program.promotions {
            (promotion.exclusive, promotion.class) = (false, None);
        }
        case.program.stacking.together = Together::All;
        case.program.stacking.codes = CodePolicy::Each;
        without_presents(&mut case);
        let mut alone = case.clone();
        alone.program.promotions.truncate(1);
        case.program.promotions[0].exclusive = true;
        let alone = alone.quote();
        if given_by(&alone, Stage::Promotion, "p0") > 0 {
            prop_assert_eq!(effects(&alone), effects(&case.quote()));
        }
    }

    #[test]
    fn the_best_alone_gives_as_much_as_any_one_alone(mut case in promoted()) {
        case.program.stacking.together = Together::Best;
        case.program.stacking.codes = CodePolicy::Each;
        for promotion in &mut case.program.promotions {
            (promotion.exclusive, promotion.class) = (false, None);
        }
        without_presents(&mut case);
        let promoted = |case: &Case| -> i64 {
            case.quote().lines.iter().map(|line| stage_of(line, Stage::Promotion)).sum()
        };
        let alone = |place: usize| {
            let mut one = case.clone();
            one.program.promotions = vec![case.program.promotions[place].clone()];
            promoted(&one)
        };
        let most = (0..case.program.promotions.len()).map(alone).max();
        prop_assert_eq!(Some(promoted(&case)), most);
        prop_assert!(applied(&case, &case.quote()).len() <= 1);
    }

    #[test]
    fn of_a_class_no_more_apply_than_may(case in promoted()) {
        let quote = case.quote();
        let applied = applied(&case, &quote);
        for class in &case.program.stacking.classes {
            let own = |one: &&Promotion| one.class.as_ref() == Some(&class.id) && applied.contains(&one.id);
            let count = case.program.promotions.iter().filter(own).count();
            prop_assert!(count <= usize::try_from(class.most).unwrap(), "{} of {:?}", count, class);
        }
    }

    #[test]
    fn a_unit_that_may_be_used_once_is_lowered_by_one_promotion(mut case in promoted()) {
        of_whole_lines(&mut case);
        case.program.stacking.units = UnitUse::Once;
        for line in case.quote().lines {
            let own = line.discounts.iter().filter(|one| one.stage == Stage::Promotion);
            prop_assert!(own.count() <= 1, "{:?}", line.discounts);
        }
    }

    #[test]
    fn a_present_that_is_not_earned_takes_no_part(case in rewarded()) {
        let quote = case.quote();
        let mut without = case.clone();
        without.order.lines.retain(|line| {
            line.gift.is_none()
                || line.kind == LineKind::Void
                || quote.lines.iter().any(|sold| sold.id == line.id)
        });
        prop_assume!(!without.order.lines.is_empty());
        let stands = |id: &String| without.order.lines.iter().any(|line| line.id == *id);
        without.order.discounts.retain(|discount| discount.line.as_ref().is_none_or(stands));
        let gone = case.order.lines.len() - without.order.lines.len();
        let told = quote.reasons.iter().filter(|why| why.code == ReasonCode::GiftWithdrawn).count();
        prop_assert_eq!(told, gone);
        // Taxes stand in the order in which lines of the order name them first.
        let by_name = |quote: &Quote| {
            let mut effects = effects(quote);
            effects.taxes.sort_by(|one, two| one.name.cmp(&two.name));
            effects
        };
        prop_assert_eq!(by_name(&quote), by_name(&without.quote()));
    }

    #[test]
    fn a_present_that_is_earned_costs_nothing_and_earns_nothing(case in rewarded()) {
        let quote = case.quote();
        for sold in &quote.lines {
            let line = case.order.lines.iter().find(|line| line.id == sold.id).unwrap();
            let Some(giver) = &line.gift else { continue };
            let others = sold.discounts.iter().filter(|one| one.source != *giver);
            prop_assert_eq!(others.filter(|one| one.stage != Stage::Host).count(), 0, "{:?}", sold);
            prop_assert!(sold.earned.is_empty());
        }
    }

    #[test]
    fn a_promotion_whose_condition_is_false_changes_nothing(
        case in rewarded(),
        added in promotion(),
        place in 0usize..5,
        best in any::<bool>(),
    ) {
        let mut case = case;
        if best {
            case.program.stacking.together = Together::Best;
        }
        let mut more = case.clone();
        let never = Some(OrderCondition::Any(Vec::new()));
        let added = Promotion { id: "never".into(), when: never, ..added };
        let promotions = &mut more.program.promotions;
        promotions.insert(place.min(promotions.len()), added);
        let (quote, other) = (case.quote(), more.quote());
        prop_assert_eq!(&quote.codes, &other.codes);
        prop_assert_eq!(&quote.reasons, &other.reasons);
        prop_assert_eq!(effects(&quote), effects(&other));
    }

    #[test]
    fn a_code_that_no_promotion_asks_for_changes_nothing_where_each_counts(mut case in promoted()) {
        case.program.stacking.codes = CodePolicy::Each;
        case.order.codes.retain(|code| code != "BOGUS");
        let mut more = case.clone();
        more.order.codes.push("BOGUS".into());
        let (quote, other) = (case.quote(), more.quote());
        let told = other.reasons.iter().any(|why| why.code == ReasonCode::CodeUnknown);
        prop_assert!(told);
        prop_assert_eq!(effects(&quote), effects(&other));
    }

    #[test]
    fn codes_that_must_apply_together_do_so_or_none_does(mut case in promoted(), unknown in any::<bool>()) {
        case.program.stacking.codes = CodePolicy::AllOrNothing;
        if unknown {
            case.order.codes.push("NOBODYS".into());
        }
        let quote = case.quote();
        let fell = quote.reasons.iter().any(|why| why.code == ReasonCode::CodeUnknown);
        if fell {
            let asks = |one: &&Promotion| one.when.as_ref().is_some_and(asks_for_a_code);
            let applied = applied(&case, &quote);
            for promotion in case.program.promotions.iter().filter(asks) {
                prop_assert!(!applied.contains(&promotion.id), "{} applied", promotion.id);
            }
        }
    }

    #[test]
    fn a_percentage_of_everything_leaves_what_is_kept_of_fixed_taxes(mut case in promoted_at_home()) {
        case.program.tax.fixed = FixedTax::Kept;
        let deposit = |units| TaxRule {
            inside: true,
            name: "deposit".into(),
            size: TaxSize::PerUnit(number(units, 0)),
        };
        for line in &mut case.order.lines {
            line.taxes = vec![deposit(2)];
        }
        for sold in case.quote().lines {
            let line = case.order.lines.iter().find(|line| line.id == sold.id).unwrap();
            let later = sold.discounts.iter().filter(|one| one.stage != Stage::Host);
            if later.count() > 0 && line.gift.is_none() {
                let kept = crate::oracle::money(2.into(), line.quantity, case.digits());
                prop_assert!(sold.due.units >= kept - 1, "{} of {}", sold.due, kept);
            }
        }
    }
}

/// A code inside `not` asks for nothing.
fn asks_for_a_code(when: &OrderCondition) -> bool {
    match when {
        OrderCondition::Code(_) => true,
        OrderCondition::All(parts) | OrderCondition::Any(parts) => {
            parts.iter().any(asks_for_a_code)
        }
        _ => false,
    }
}
