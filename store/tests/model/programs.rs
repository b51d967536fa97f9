//! Two versions of one programme with everything that moves value.

use serde_json::{Value, json};

/// What the invariants know of the programme besides what the records say.
pub const OFFLINE_CARD: i128 = 60 * 100;
pub const OFFLINE_TILL: i128 = 100 * 100;
/// Limits by id: the most uses and the most points, in hundredths.
pub const LIMITS: [(&str, i128, i128); 2] =
    [("treats", 3, i128::MAX), ("presents", i128::MAX, 700 * 100)];
/// How often a coupon may be used.
pub const COUPON_USES: i128 = 2;
/// How many stamps a full card of the kind without carry-over holds.
pub const GOAL: i128 = 3;
/// The most that a gift card may hold.
pub const GIFT_MAXIMUM: i128 = 3_000 * 100;

/// The version of the programme with this number, 0 or 1.
pub fn document(number: usize) -> Value {
    let percent = ["10", "5"][number];
    json!({
        "id": "cafe", "currency": "RUB", "zone": "Europe/Moscow",
        "stores": [{"id": "east"}, {"id": "west", "zone": "Asia/Yekaterinburg"}],
        "points": [{"id": "bonus"}, {"id": "stamp"}, {"id": "entry"}],
        "cards": [
            {"id": "bonus", "kind": "bonus", "points": "bonus",
                "numbers": [{"prefix": "1", "length_max": 2}]},
            {"id": "gift", "kind": "gift", "numbers": [{"prefix": "3", "length_max": 2}],
                "stored_value": {"earns": true, "transfer": true, "maximum": "3000.00"}},
            {"id": "stamp", "kind": "stamp", "points": "stamp",
                "numbers": [{"prefix": "4", "length_max": 2}],
                "stamp": {"goal": 3, "carry_over": false}},
            {"id": "ticket", "kind": "ticket", "points": "entry",
                "numbers": [{"prefix": "5", "length_max": 2}], "ticket": {"units": 2}},
            {"id": "secret", "kind": "bonus", "points": "bonus",
                "numbers": [{"prefix": "6", "length_max": 2}], "pin": {"iterations": 1000}}
        ],
        "coupons": [{"id": "half", "uses": 2}, {"id": "tea", "life": {"days": 30}}],
        "promotions": [
            {"id": "half-a-cake", "when": {"coupon": ["half"]},
                "select": {"lines": {"category": ["cake"]}}, "then": {"percent": "50"},
                "method": "per_line"},
            {"id": "treat", "select": {"lines": {"category": ["tea"]}}, "then": {"percent": "15"}}
        ],
        "rewards": [{"id": "free-coffee", "points": "stamp", "claim": "auto", "cost": {"flat": "3"},
            "select": {"lines": {"category": ["coffee"]}, "order": "cheapest", "per_receipt": 1},
            "then": {"percent": "100"}}],
        "redemption": {"points": "bonus"},
        "earning": {"rules": [
            {"id": "percent", "points": "bonus", "give": {"percent": percent}, "life": {"days": 20}},
            {"id": "later", "points": "bonus", "give": {"per_visit": "7"}, "delay": {"days": 2},
                "life": {"days": 5}},
            {"id": "cups", "points": "stamp", "give": {"per_unit": "1"},
                "lines": {"category": ["coffee"]}}
        ]},
        "grants": [
            {"id": "sorry", "points": "bonus", "amount": "150", "life": {"days": 4}},
            {"id": "start", "points": "bonus", "amount": "200"}
        ],
        "limits": [
            {"id": "treats", "covers": ["treat"], "per": "card", "period": "day", "uses": 3},
            {"id": "presents", "covers": ["sorry", "start"], "points": "700"}
        ],
        "auto_redemption": [{"id": "turn", "points": "bonus", "threshold": "400", "coupon": "tea"}],
        "transfer": {"clock": "keep"},
        "refund": {"tenders": "gift_first"},
        "offline": {"spending": "sum", "gift_cards": "sum", "card_maximum": "60.00",
            "till_maximum": "100.00", "hours": 72}
    })
}
