//! What is told otherwise of the records of a day, one thing at a time.

use serde_json::{Value, json};

/// The records of the day by sequence, from the first after the beginning.
pub const PRESENT: usize = 11;
pub const COUPON: usize = 12;
pub const SPEND: usize = 13;
pub const REFUND: usize = 14;
pub const RESERVE: usize = 15;
pub const CONFIRM: usize = 16;
pub const LOAD: usize = 17;
pub const ADMIT: usize = 18;
pub const OFFLINE: usize = 20;

/// The effect of a name in a record, the first of those.
pub fn effect<'v>(record: &'v mut Value, name: &str) -> &'v mut Value {
    let effects = record["effects"].as_array_mut().unwrap();
    let own = effects.iter_mut().find(|effect| effect.get(name).is_some());
    &mut own.unwrap_or_else(|| panic!("no {name}"))[name]
}

fn quote<'v>(record: &'v mut Value, name: &str) -> &'v mut Value {
    &mut effect(record, name)["quote"]
}

/// What is told otherwise of which record, and which check sees it.
pub type Lie = (&'static str, usize, fn(&mut Value));

pub const LIES: [Lie; 29] = [
    ("i02_", PRESENT, |record| {
        effect(record, "posted")["postings"][0]["amount"] = json!("151");
    }),
    ("i05_a_till", OFFLINE, |record| {
        quote(record, "sale_opened")["points"][0]["spent"] = json!("5000");
    }),
    ("i06_", OFFLINE, |record| quote(record, "sale_opened")["points"][0]["spent"] = json!("61")),
    ("i06_", OFFLINE, |record| {
        record["envelope"]["offline_since"] = json!("2026-11-17T09:00:59Z");
    }),
    ("i08_no_sum", PRESENT, |record| {
        let postings = &mut effect(record, "posted")["postings"];
        postings[0]["amount"] = json!("900000000000001");
        postings[1]["amount"] = json!("-900000000000001");
    }),
    ("i09_", PRESENT, |record| effect(record, "lot_opened")["amount"] = json!("0")),
    ("i09_", RESERVE, |record| effect(record, "hold_placed")["parts"] = json!([])),
    ("i09_", SPEND, |record| effect(record, "lot_moved")["amount"] = json!("0")),
    ("i10_what_is_posted", SPEND, |record| {
        effect(record, "lot_moved")["amount"] = json!("-99");
    }),
    ("i10_lots", SPEND, |record| {
        effect(record, "lot_moved")["lot"] =
            json!({"earned_at": "2026-11-20T09:00:00Z", "id": "backend.1.4/1"});
    }),
    ("i12_a_gift", SPEND, |record| quote(record, "sale_opened")["currency"] = json!("USD")),
    ("i12_no_more", LOAD, |record| {
        effect(record, "lot_opened")["amount"] = json!("3000.01");
        let postings = &mut effect(record, "posted")["postings"];
        postings[0]["amount"] = json!("3000.01");
        postings[1]["amount"] = json!("-3000.01");
    }),
    ("i13_", COUPON, |record| {
        for effect in record["effects"].as_array_mut().unwrap() {
            if effect["lot_opened"]["points"] == "stamp" {
                effect["lot_opened"]["amount"] = json!("2");
            }
            if effect["posted"]["points"] == "stamp" {
                effect["posted"]["postings"][0]["amount"] = json!("2");
                effect["posted"]["postings"][1]["amount"] = json!("-2");
            }
        }
    }),
    ("i14_", COUPON, |record| {
        let used = json!({"coupon_moved": effect(record, "coupon_moved").clone()});
        record["effects"].as_array_mut().unwrap().extend([used.clone(), used]);
    }),
    ("i15_", ADMIT, |record| effect(record, "ticket_scanned")["entries"] = json!(3)),
    ("i16_", REFUND, |record| {
        effect(record, "refund_made")["lines"][0]["money"] = json!("90.01");
    }),
    ("i16_", REFUND, |record| {
        effect(record, "refund_made")["lines"][0]["quantity"] = json!(1001);
    }),
    ("i17_", REFUND, |record| {
        effect(record, "refund_made")["points"][0]["restored"] = json!("99");
    }),
    ("i17_", REFUND, |record| {
        effect(record, "refund_made")["lines"][0]["money"] = json!("89.99");
    }),
    ("i18_", COUPON, |record| {
        let line = &mut quote(record, "sale_opened")["lines"][1];
        line["discounts"][0]["amount"] = json!("0.01");
    }),
    ("i18_", COUPON, |record| {
        quote(record, "sale_opened")["totals"]["due"] = json!("1.00");
    }),
    ("i19_", COUPON, |record| effect(record, "limit_counted")["uses"] = json!(4)),
    ("i19_", PRESENT, |record| effect(record, "limit_counted")["points"] = json!("701")),
    ("i22_", CONFIRM, |record| {
        let ended = json!({"hold_ended": effect(record, "hold_ended").clone()});
        record["effects"].as_array_mut().unwrap().push(ended);
    }),
    ("i23_", SPEND, |record| record["envelope"]["sequence"] = json!(14)),
    ("i24_a_record_names", SPEND, |record| {
        record["envelope"]["previous"] = json!("0".repeat(64));
    }),
    ("i31_time", SPEND, |record| {
        record["envelope"]["logical_at"] = json!("2026-11-20T09:00:59Z");
    }),
    ("i31_a_till", SPEND, |record| {
        record["envelope"]["logical_at"] = json!("2026-11-20T10:00:00Z");
    }),
    ("i34_a_sale", CONFIRM, |record| {
        record["envelope"]["program"]["version"] = json!("another");
    }),
];
