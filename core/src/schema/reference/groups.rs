//! The order of the reference page: which types and examples stand together.

use super::{mentioned, named};
use crate::document::Shapes;

/// Types that belong together.
pub(super) struct Group {
    pub title: &'static str,
    /// The types that are named in the contents, in the order of the page. Types that only they
    /// mention follow them.
    pub types: &'static [&'static str],
}

pub(super) const GROUPS: &[Group] = &[
    Group {
        title: "The document as a whole",
        types: &["ProgramDocument", "Store", "Merchant", "Localized", "JudgedAt", "Hold"],
    },
    Group {
        title: "Money, lines and taxes",
        types: &[
            "Basis",
            "DiscountBase",
            "PercentMethod",
            "Rounding",
            "Allocation",
            "TaxPolicy",
            "LineKind",
            "Stage",
        ],
    },
    Group { title: "Exclusions and lowest prices", types: &["Exclusion", "Floor"] },
    Group { title: "Conditions", types: &["OrderCondition", "LineCondition"] },
    Group {
        title: "Points and their dates",
        types: &["Points", "Start", "Life", "LifeFrom", "LotOnly", "Term"],
    },
    Group {
        title: "Cards",
        types: &["CardKind", "StoredValue", "StampCard", "Ticket", "Presenting"],
    },
    Group { title: "Reading scans", types: &["IdentifyRules"] },
    Group { title: "Tiers", types: &["Tier", "Tiering"] },
    Group { title: "Earning points", types: &["Earning", "EarningRule", "Give"] },
    Group { title: "Spending points", types: &["Redemption"] },
    Group { title: "Spending while the backend is away", types: &["Offline"] },
    Group { title: "Promotions and what they give", types: &["Promotion", "Selection", "Then"] },
    Group { title: "Several promotions together", types: &["Stacking"] },
    Group { title: "What points and stamps buy", types: &["Reward", "AutoRedemption"] },
    Group { title: "Coupons, grants and bringing guests", types: &["Coupon", "Grant", "Referral"] },
    Group { title: "Limits and budgets", types: &["Limit"] },
    Group { title: "Moving points and closing periods", types: &["TransferPolicy", "CloseStep"] },
    Group { title: "Giving back", types: &["RefundPolicy"] },
];

/// The examples that stand below a type.
const EXAMPLES: &[(&str, &[&str])] = &[
    ("Merchant", &["merchant"]),
    ("Exclusion", &["exclusions"]),
    ("OrderCondition", &["conditions", "guests"]),
    ("Life", &["lots"]),
    ("CardKind", &["cards"]),
    ("StoredValue", &["gift-cards"]),
    ("StampCard", &["stamps"]),
    ("Ticket", &["tickets"]),
    ("IdentifyRules", &["identify"]),
    ("Tiering", &["tiers"]),
    ("Earning", &["earning"]),
    ("Multiply", &["multiplier"]),
    ("Redemption", &["redemption"]),
    ("Offline", &["offline"]),
    (
        "Then",
        &[
            "promotion-percent",
            "promotion-amount",
            "promotion-price",
            "promotion-bundle",
            "promotion-n-for-m",
            "promotion-buy-get",
            "promotion-tiered",
            "promotion-schedule",
            "promotion-gift",
            "promotion-coupon",
        ],
    ),
    ("Stacking", &["stacking"]),
    ("Reward", &["rewards"]),
    ("Coupon", &["coupons"]),
    ("Grant", &["grants"]),
    ("Referral", &["referral"]),
    ("Limit", &["limits"]),
    ("TransferPolicy", &["transfer"]),
    ("CloseStep", &["close"]),
    ("RefundPolicy", &["refund"]),
];

/// The topics of the examples that stand below a type.
pub(super) fn examples_of(name: &str) -> &'static [&'static str] {
    EXAMPLES.iter().find(|(of, _)| *of == name).map_or(&[], |(_, topics)| *topics)
}

/// The types of each group in the order of the page: each type once.
pub(super) fn arranged(shapes: &Shapes) -> Vec<(&'static Group, Vec<&'static str>)> {
    let own = |name: &str| GROUPS.iter().any(|group| group.types.contains(&name));
    let mut placed: Vec<&'static str> = Vec::new();
    let mut arranged = Vec::with_capacity(GROUPS.len());
    // The document mentions everything: what it alone mentions is placed last.
    for group in GROUPS.iter().skip(1).chain(GROUPS.first()) {
        let mut types = Vec::new();
        for name in group.types {
            follow(name, shapes, &|name| own(name) || placed.contains(&name), &mut types);
        }
        placed.extend(&types);
        arranged.push((group, types));
    }
    arranged.rotate_right(1);
    arranged
}

/// A type, and after it what it mentions, as long as that stands nowhere else.
fn follow(
    name: &'static str,
    shapes: &Shapes,
    elsewhere: &impl Fn(&'static str) -> bool,
    types: &mut Vec<&'static str>,
) {
    let Some(definition) = shapes.definitions.get(name) else { return };
    types.push(name);
    for mentioned in mentioned(definition).into_iter().filter_map(named) {
        if !elsewhere(mentioned) && !types.contains(&mentioned) {
            follow(mentioned, shapes, elsewhere, types);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::ProgramDocument;
    use crate::schema::described;

    #[test]
    fn every_type_stands_in_one_group() {
        let (_, shapes) = described::<ProgramDocument>();
        let arranged = arranged(&shapes);
        let mut types: Vec<&str> = arranged.iter().flat_map(|(_, types)| types.clone()).collect();
        types.sort_unstable();
        let all: Vec<&str> = shapes.definitions.keys().copied().collect();
        assert_eq!(types, all);
    }

    #[test]
    fn every_type_that_is_named_here_exists() {
        let (_, shapes) = described::<ProgramDocument>();
        let named = GROUPS.iter().flat_map(|group| group.types);
        for name in named.chain(EXAMPLES.iter().map(|(name, _)| name)) {
            assert!(shapes.definitions.contains_key(name), "{name}");
        }
    }

    #[test]
    fn no_group_has_the_anchor_of_a_type() {
        let (_, shapes) = described::<ProgramDocument>();
        for group in GROUPS {
            assert!(!shapes.definitions.contains_key(group.title), "{}", group.title);
        }
    }
}
