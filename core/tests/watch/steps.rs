//! Random calls of two tills under a watch.

use proptest::prelude::*;
use proptest::sample::select;

pub const PROGRAM: &str = r#"{
    "id": "cafe", "currency": "RUB", "zone": "Europe/Moscow",
    "points": [{"id": "bonus"}, {"id": "stamp"}],
    "cards": [
        {"id": "bonus", "kind": "bonus", "points": "bonus", "numbers": [{"prefix": "1", "length_max": 2}],
            "welcome": "hello", "pin": {"iterations": 1000}},
        {"id": "gift", "kind": "gift", "numbers": [{"prefix": "3", "length_max": 2}]},
        {"id": "coffee", "kind": "stamp", "points": "stamp", "numbers": [{"prefix": "4", "length_max": 2}],
            "stamp": {"goal": 6}}
    ],
    "earning": {"rules": [
        {"id": "ten", "points": "bonus", "give": {"percent": "10"}},
        {"id": "cup", "points": "stamp", "give": {"per_unit": "1"}}
    ]},
    "redemption": {"points": "bonus", "percent": "100"},
    "grants": [
        {"id": "hello", "points": "bonus", "amount": "500"},
        {"id": "friend", "points": "bonus", "amount": "50"},
        {"id": "sorry", "points": "bonus", "amount": "30"}
    ],
    "referral": {"newcomer": "friend", "referrer": "friend"},
    "stores": [{"id": "pushkin"}, {"id": "far"}],
    "transfer": {"clock": "keep"},
    "presenting": {"attempts": 3, "lock_minutes": 30, "till_attempts": 5, "valid_minutes": 15},
    "refund": {"tenders": "gift_first"}
}"#;

/// What the first till does before, and the other knows.
pub const OPENING: &[&str] = &[
    r#"{"issue": {"card": "10", "pin": "2580", "store": "pushkin"}}"#,
    r#"{"issue": {"card": "11", "store": "pushkin"}}"#,
    r#"{"issue": {"card": "12", "referred_by": "10", "device": "phone-1", "store": "pushkin"}}"#,
    r#"{"issue": {"card": "31", "opening": [{"amount": "900.00", "points": "RUB"}]}}"#,
    r#"{"issue": {"card": "41"}}"#,
];

/// The catalogue as it stands, with the limits that it cannot know.
pub const POLICY: [&str; 52] = [
    "F01", "F02", "F03", "F04", "F05", "F06", "F07", "F08", "F09", "F10", "F11", "F12", "F13",
    "F14", "F15", "F16", "F17", "F18", "F19", "F20", "F21", "F22", "F23", "F24", "F25", "F26",
    "F27", "F28", "F29", "F30", "F31", "F32", "F33", "F34", "F35", "F36", "F37", "F38", "F39",
    "F40", "F41", "F42", "F43", "F44", "F45", "F46", "F47", "F48", "F49", "F50", "F51", "F52",
];

pub fn whole_catalogue() -> String {
    let check = |id: &&str| {
        let parameters = match *id {
            "F05" => r#", "parameters": {"step": "300"}"#,
            "F06" => r#", "parameters": {"limit": "300"}"#,
            _ => "",
        };
        format!(r#"{{"check": "{id}"{parameters}}}"#)
    };
    let checks: Vec<String> = POLICY.iter().map(check).collect();
    format!(
        r#"{{"id": "all", "points": "bonus", "stamps": "stamp", "checks": [{},
        {{"check": "own", "points": 5, "when": {{"counter": {{"counter": "own", "at_least": "3"}}}}}}],
        "counters": [{{"id": "own", "of": "card", "counts": "cashiers", "bucket_seconds": 3600, "buckets": 24}}],
        "staff": [{{"cashier": "vera", "cards": ["10"]}}],
        "stores": [{{"id": "pushkin", "city": "Moscow", "latitude": "55.7558", "longitude": "37.6173"}},
        {{"id": "far", "city": "Saint Petersburg", "latitude": "59.9391", "longitude": "30.3158",
            "hours": [{{"days": ["monday", "wednesday"], "from": "09:00", "to": "21:00"}}]}}]}}"#,
        checks.join(", ")
    )
}

/// A receipt.
#[derive(Clone, Debug)]
pub struct Sale {
    card: Option<&'static str>,
    cashier: &'static str,
    confirmed: &'static str,
    gift: bool,
    load: bool,
    late: bool,
    presented: &'static str,
    price: u32,
    receipt: u32,
    spend: &'static str,
    stamp: bool,
    store: &'static str,
    wrong: bool,
}

impl Sale {
    /// The order, with what is to be spent or without.
    pub fn order(&self, till: &str, spends: bool) -> String {
        let Sale { cashier, confirmed, presented, price, receipt, store, .. } = self;
        let card = |number: &str| {
            format!(
                r#"{{"number": "{number}", "presented": "{presented}", "confirmed": "{confirmed}"}}"#
            )
        };
        let mut cards: Vec<String> = self.card.map(card).into_iter().collect();
        cards.extend(self.stamp.then(|| r#"{"number": "41"}"#.to_owned()));
        let mut lines = vec![format!(r#"{{"id": "a", "price": "{price}.00"}}"#)];
        let load = r#"{"id": "g", "card": "31", "kind": "stored_value", "price": "200.00"}"#;
        lines.extend(self.load.then(|| load.to_owned()));
        let spend = match spends {
            true => format!(r#", "spend": {}"#, self.spend),
            false => String::new(),
        };
        let gift = if self.gift && spends { r#", "gift_cards": [{"number": "31"}]"# } else { "" };
        let wrong = format!(r#", "codes": ["AB{receipt}"]"#);
        let wrong = if self.wrong { wrong.as_str() } else { "" };
        let late = r#", "attributes": [{"name": "card_after_total", "value": "true"}]"#;
        let late = if self.late { late } else { "" };
        format!(
            r#"{{"store": "{store}", "till": "{till}", "cashier": "{cashier}", "shift": "1",
            "receipt": "{receipt}", "cards": [{}], "lines": [{}]{spend}{gift}{wrong}{late}}}"#,
            cards.join(", "),
            lines.join(", ")
        )
    }
}

/// One step.
#[derive(Clone, Debug)]
pub enum Step {
    Sell { till: usize, sale: Sale, reserve: bool },
    Other { till: usize, command: String, token: usize },
    Tell { from: usize, shuffle: u64 },
    Wait { minutes: [i64; 2] },
}

fn sale() -> BoxedStrategy<Sale> {
    let flag = |share: f64| prop::bool::weighted(share);
    let who = (
        prop_oneof![1 => Just(None), 9 => select(vec!["10", "11", "12"]).prop_map(Some)],
        select(vec!["anna", "boris", "vera"]),
        prop_oneof![6 => Just("none"), 1 => Just("manager"), 1 => Just("code"), 1 => Just("online")],
        prop_oneof![4 => Just("static"), 1 => Just("typed")],
        prop_oneof![4 => Just("pushkin"), 1 => Just("far")],
    );
    let spend = select(vec![
        r#"{"mode": "none"}"#,
        r#"{"mode": "max"}"#,
        r#"{"mode": "exact", "points": "5"}"#,
        r#"{"mode": "exact", "points": "40"}"#,
    ]);
    let what = (flag(0.15), flag(0.1), flag(0.1), 10..320u32, 0..6u32, spend, flag(0.2), flag(0.2));
    (who, what)
        .prop_map(|(who, what)| {
            let (card, cashier, confirmed, presented, store) = who;
            let (gift, load, late, price, receipt, spend, stamp, wrong) = what;
            Sale {
                card,
                cashier,
                confirmed,
                gift,
                load,
                late,
                presented,
                price,
                receipt,
                spend,
                stamp,
                store,
                wrong,
            }
        })
        .boxed()
}

/// What else is asked. `CARD` and `CASHIER` stand for few; `TOKEN` for one of the newest.
const OTHERS: &[(u32, &str)] = &[
    (3, r#"{"confirm": {"token": "TOKEN", "store": "pushkin"}}"#),
    (1, r#"{"cancel": {"token": "TOKEN"}}"#),
    (3, r#"{"refund": {"token": "TOKEN", "cashier": "CASHIER", "store": "pushkin"}}"#),
    (3, r#"{"void": {"token": "TOKEN", "cashier": "CASHIER", "store": "pushkin"}}"#),
    (
        1,
        r#"{"refund": {"order": {"store": "pushkin", "cashier": "CASHIER", "cards": [{"number": "CARD"}],
        "lines": [{"id": "a", "price": "10.00"}]}}}"#,
    ),
    (2, r#"{"present": {"scan": "10", "pin": "2580"}}"#),
    (2, r#"{"present": {"scan": "10", "pin": "0000"}}"#),
    (1, r#"{"present": {"scan": "19"}}"#),
    (4, r#"{"grant": {"card": "CARD", "grant": "sorry", "cashier": "CASHIER"}}"#),
    (
        2,
        r#"{"grant": {"card": "CARD", "grant": "sorry", "cashier": "CASHIER", "approved_by": "olga"}}"#,
    ),
    (1, r#"{"transfer": {"from": "CARD", "to": "11", "amount": "5", "points": "bonus"}}"#),
    (1, r#"{"issue": {"card": "13", "device": "phone-1", "referred_by": "10"}}"#),
    (
        1,
        r#"{"watch": {"freeze": {"subject": {"of": "card", "id": "CARD"}, "cashier": "CASHIER"}}}"#,
    ),
    (2, r#"{"watch": {"thaw": {"subject": {"of": "card", "id": "CARD"}}}}"#),
    (1, r#"{"watch": {"freeze": {"subject": {"of": "cashier", "id": "CASHIER"}}}}"#),
    (2, r#"{"watch": {"thaw": {"subject": {"of": "cashier", "id": "CASHIER"}}}}"#),
    (1, r#"{"watch": {"freeze": {"subject": {"of": "program", "id": ""}}}}"#),
    (2, r#"{"watch": {"thaw": {"subject": {"of": "program", "id": ""}}}}"#),
];

pub fn steps() -> BoxedStrategy<Vec<Step>> {
    let weighted = OTHERS.iter().map(|(weight, command)| (*weight, Just(*command)));
    let other = proptest::strategy::Union::new_weighted(weighted.collect());
    let words = (select(vec!["10", "11", "12"]), select(vec!["anna", "boris", "vera"]));
    let other = (0..2usize, other, words, 0..1_000usize).prop_map(
        |(till, command, (card, cashier), token)| {
            let command = command.replace("CARD", card).replace("CASHIER", cashier);
            Step::Other { till, command, token }
        },
    );
    let sell = (0..2usize, sale(), prop::bool::weighted(0.15))
        .prop_map(|(till, sale, reserve)| Step::Sell { till, sale, reserve });
    let minutes = || {
        let gap = select(vec![30i64, 180, 1_500, 43_000, 280_000]);
        prop_oneof![6 => 0i64..6, 2 => gap, 1 => -70i64..0]
    };
    let wait = [minutes().boxed(), minutes().boxed()].prop_map(|minutes| Step::Wait { minutes });
    let tell = (0..2usize, any::<u64>()).prop_map(|(from, shuffle)| Step::Tell { from, shuffle });
    let step = prop_oneof![8 => sell, 5 => other, 3 => wait, 2 => tell];
    prop::collection::vec(step, 10..80).boxed()
}
