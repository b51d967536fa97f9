//! Random calls at three tills, and random exchanges of records between them.

use kopilka::*;
use proptest::prelude::*;
use proptest::sample::select;

pub const TILLS: [&str; 3] = ["till-a", "till-b", "till-c"];

const PROGRAM: &str = r#"{
    "id": "cafe", "currency": "RUB", "zone": "Europe/Moscow",
    "points": [{"id": "bonus"}, {"id": "stamp"}, {"id": "entry"}],
    "cards": [
        {"id": "bonus", "kind": "bonus", "points": "bonus", "numbers": [{"prefix": "1", "length_max": 2}],
            "welcome": "hello", "pin": {"iterations": 1000}, "life": {"months": 12}},
        {"id": "plain", "kind": "bonus", "points": "bonus", "numbers": [{"prefix": "6", "length_max": 2}]},
        {"id": "gift", "kind": "gift", "numbers": [{"prefix": "3", "length_max": 2}],
            "stored_value": {"earns": true, "transfer": true, "cash_out": "100.00"},
            "activation": "later"},
        {"id": "coffee", "kind": "stamp", "points": "stamp", "numbers": [{"prefix": "4", "length_max": 2}],
            "stamp": {"goal": 6}},
        {"id": "pass", "kind": "ticket", "points": "entry", "numbers": [{"prefix": "5", "length_max": 2}],
            "ticket": {"quota": 3, "units": 2}}
    ],
    "coupons": [{"id": "tea", "life": {"days": 30}, "uses": 2, "per_guest": 2}, {"id": "ten", "uses": 3}],
    "promotions": [
        {"id": "ten-off", "when": {"coupon": ["ten"]}, "then": {"percent": "10"}},
        {"id": "tea-off", "when": {"coupon": ["tea"]}, "then": {"percent": "5"}}
    ],
    "rewards": [{"id": "free", "points": "stamp", "claim": "auto", "cost": {"flat": "6"},
        "then": {"percent": "100"}, "select": {"lines": {"tag": ["cake"]}, "per_receipt": 1}}],
    "earning": {"rules": [
        {"id": "ten", "points": "bonus", "give": {"percent": "10"}, "life": {"days": 30}, "rolling": true},
        {"id": "later", "points": "bonus", "give": {"percent": "5"}, "delay": {"event": "delivered"},
            "life": {"days": 10}},
        {"id": "cup", "points": "stamp", "give": {"per_unit": "1"}}
    ]},
    "redemption": {"points": "bonus"},
    "grants": [
        {"id": "hello", "points": "bonus", "amount": "100", "life": {"days": 60}},
        {"id": "friend", "points": "bonus", "amount": "50"},
        {"id": "sorry", "points": "bonus", "amount": "30", "delay": {"days": 1}}
    ],
    "referral": {"newcomer": "friend", "referrer": "friend"},
    "limits": [
        {"id": "all", "covers": ["hello", "friend", "sorry"], "points": "900"},
        {"id": "each", "covers": ["sorry", "hello"], "per": "card", "period": "day", "uses": 2},
        {"id": "guests", "covers": ["ten-off", "ten"], "per": "guest", "period": "day", "uses": 3},
        {"id": "turns", "covers": ["turn"], "per": "store", "uses": 2},
        {"id": "codes", "covers": ["ten-off"], "per": "code", "uses": 4}
    ],
    "stores": [{"id": "centre"}, {"id": "far"}],
    "auto_redemption": [{"id": "turn", "points": "bonus", "threshold": "100", "coupon": "tea", "per_day": 1}],
    "tiers": [{"id": "base", "from": "0"}, {"id": "gold", "from": "300.00"}],
    "tiering": {"window": {"rolling": {"days": 30}}, "kept": {"days": 10}, "grace": {"days": 2}},
    "transfer": {"clock": "keep"},
    "presenting": {"attempts": 3, "lock_minutes": 30, "till_attempts": 5, "valid_minutes": 15},
    "refund": {"converted": "taken_back", "tenders": "gift_first"}
}"#;

pub fn program() -> Program {
    Program::compile(PROGRAM).unwrap()
}

/// What is asked. `CARD`, `OTHER`, `PLAIN`, `FURTHER`, `GIFT`, `PASS`, `GUEST`,
/// `DOUBLE`, `CODE`, `NEW`, `TOKEN` and `TOGETHER` stand for what there may be.
const COMMANDS: &[(u32, &str)] = &[
    (2, r#"{"issue": {"card": "CARD", "store": "centre"}}"#),
    (1, r#"{"issue": {"card": "CARD", "guest": "GUEST", "pin": "2580"}}"#),
    (2, r#"{"issue": {"card": "CARD", "referred_by": "OTHER", "store": "centre"}}"#),
    (1, r#"{"issue": {"card": "PASS", "seat": "7", "opening": [{"amount": "2"}]}}"#),
    (1, r#"{"issue": {"card": "GIFT", "opening": [{"amount": "500.00", "points": "RUB"}]}}"#),
    (1, r#"{"card": {"card": "GIFT", "action": {"activate": {}}}}"#),
    (1, r#"{"card": {"card": "CARD", "action": {"block": {}}, "reason": "lost"}}"#),
    (2, r#"{"card": {"card": "CARD", "action": {"unblock": {}}}}"#),
    (3, r#"{"card": {"card": "CARD", "action": {"bind": {"guest": "GUEST"}}}}"#),
    (1, r#"{"card": {"card": "CARD", "action": {"unbind": {}}}}"#),
    (2, r#"{"card": {"card": "CARD", "action": {"share": {"guest": "GUEST"}}}}"#),
    (1, r#"{"card": {"card": "CARD", "action": {"unshare": {"guest": "GUEST"}}}}"#),
    (4, r#"{"card": {"card": "PLAIN", "action": {"link": {"to": "FURTHER"}}}}"#),
    (2, r#"{"card": {"card": "PLAIN", "action": {"unlink": {}}}}"#),
    (1, r#"{"card": {"card": "PLAIN", "action": {"replace": {"to": "FURTHER"}}}}"#),
    (1, r#"{"present": {"scan": "PLAIN", "till": "TILL"}}"#),
    (2, r#"{"card": {"card": "CARD", "action": {"replace": {"to": "NEW"}}}}"#),
    (1, r#"{"card": {"card": "CARD", "action": {"demand": {"challenge": "manager"}}}}"#),
    (1, r#"{"card": {"card": "CARD", "action": {"pin": {"pin": "1379"}}}}"#),
    (1, r#"{"card": {"card": "CARD", "action": {"extend": {"until": "2030-01-01T00:00:00Z"}}}}"#),
    (1, r#"{"card": {"card": "CARD", "action": {"close": {"forfeit": true}}}}"#),
    (1, r#"{"card": {"card": "GIFT", "action": {"pay_out": {}}}}"#),
    (
        2,
        r#"{"guest": {"guest": "GUEST", "action": {"register": {"cards": ["CARD"],
        "details": {"language": "ru", "personal": {"name": "Анна Ким", "phone": "89936971005"}}}}}}"#,
    ),
    (2, r#"{"guest": {"guest": "GUEST", "action": {"register": {"details": {"plan": "p"}}}}}"#),
    (
        1,
        r#"{"guest": {"guest": "GUEST", "action": {"update": {"staff": true,
        "personal": {"phone": "89936971006"}}}}}"#,
    ),
    (
        1,
        r#"{"guest": {"guest": "GUEST", "action": {"consent": {"kind": "marketing", "given": true}}}}"#,
    ),
    (3, r#"{"guest": {"guest": "GUEST", "action": {"merge": {"double": "DOUBLE"}}}}"#),
    (1, r#"{"guest": {"guest": "GUEST", "action": {"erase": {}}}}"#),
    (2, r#"{"search": {"text": "GUEST"}}"#),
    (1, r#"{"search": {"text": "CARD"}}"#),
    (1, r#"{"search": {"text": "1005"}}"#),
    (1, r#"{"search": {"text": "8 993 697 1006"}}"#),
    (1, r#"{"present": {"scan": "CARD", "pin": "2580", "till": "TILL"}}"#),
    (2, r#"{"present": {"scan": "CARD", "pin": "0000", "till": "TILL"}}"#),
    (1, r#"{"grant": {"card": "CARD", "grant": "sorry", "reason": "wait"}}"#),
    (1, r#"{"activate": {"card": "CARD", "event": "delivered"}}"#),
    (1, r#"{"transfer": {"from": "CARD", "to": "OTHER", "amount": "40", "points": "bonus"}}"#),
    (1, r#"{"close_period": {"cards": ["CARD", "OTHER"], "store": "centre"}}"#),
    (1, r#"{"close_period": {}}"#),
    (1, r#"{"report": {"kind": {"liability": {}}}}"#),
    (1, r#"{"admit": {"card": "PASS", "gate": "north"}}"#),
    (1, r#"{"batch": {"coupon": "ten", "codes": ["CODE"], "card": "CARD"}}"#),
    (1, r#"{"batch": {"coupon": "ten", "codes": ["CODE"], "guest": "GUEST"}}"#),
    (1, r#"{"coupon": {"code": "CODE", "action": "block"}}"#),
    (1, r#"{"coupon": {"code": "CODE", "action": "unblock"}}"#),
    (
        4,
        r#"{"sell": {"order": {"store": "centre", "till": "TILL", "cards": [{"number": "CARD"}, {"number": "STAMP"}],
        "lines": [{"id": "a", "price": "250.00", "quantity": "3"}, {"id": "c", "price": "90.00", "tags": ["cake"]}]}}}"#,
    ),
    (
        3,
        r#"{"sell": {"order": {"store": "centre", "cards": [{"number": "CARD", "confirmed": "manager"}],
        "codes": ["CODE"], "spend": {"mode": "max"}, "gift_cards": [{"number": "GIFT"}],
        "lines": [{"id": "a", "price": "400.00"}]}}}"#,
    ),
    (
        1,
        r#"{"sell": {"order": {"store": "centre", "lines": [{"id": "t", "card": "PASS", "kind": "stored_value", "price": "0.00"}]}}}"#,
    ),
    (
        4,
        r#"{"reserve": {"order": {"store": "centre", "cards": [{"number": "CARD"}], "codes": ["CODE"],
        "spend": {"mode": "max"}, "gift_cards": [{"number": "GIFT"}],
        "lines": [{"id": "a", "price": "300.00", "quantity": "2"}, {"id": "b", "price": "80.00"}]}}}"#,
    ),
    (5, r#"{"confirm": {"token": "TOKEN", "store": "centre"}}"#),
    (2, r#"{"cancel": {"token": "TOKEN"}}"#),
    (3, r#"{"refund": {"token": "TOKEN", "lines": [{"line": "a", "quantity": "1"}]}}"#),
    (2, r#"{"refund": {"token": "TOKEN"}}"#),
    (
        1,
        r#"{"refund": {"order": {"store": "centre", "cards": [{"number": "CARD"}],
        "lines": [{"id": "a", "price": "10.00"}]}}}"#,
    ),
    (2, r#"{"void": {"token": "TOKEN"}}"#),
    (1, r#"{"dispute": {"token": "TOKEN", "action": "open"}}"#),
    (1, r#"{"dispute": {"token": "TOKEN", "action": "claw_back"}}"#),
    (1, r#"{"dispute": {"token": "TOKEN", "action": "release"}}"#),
    (
        1,
        r#"{"bill": {"token": "TOKEN", "action": {"split": {"parts": [{"lines": [{"line": "a", "quantity": "1"}]},
        {"lines": [{"line": "a", "quantity": "1"}, {"line": "b", "quantity": "1"}]}]}}}}"#,
    ),
    (1, r#"{"bill": {"token": "TOKEN", "action": {"join": {"tokens": ["TOGETHER"]}}}}"#),
    (1, r#"{"bill": {"token": "TOKEN", "action": {"move": {"table": "7"}}}}"#),
    (
        1,
        r#"{"import": {"rows": [{"card": "CARD", "kind": "bonus", "guest": "GUEST", "points": "20"}]}}"#,
    ),
];

/// What is asked besides where a watch is in force. `CASHIER`, `RECEIPT` and `STORE` stand for few.
const WATCHED: &[(u32, &str)] = &[
    (
        12,
        r#"{"sell": {"order": {"store": "STORE", "till": "TILL", "cashier": "CASHIER", "shift": "7",
        "receipt": "RECEIPT", "cards": [{"number": "CARD"}], "spend": {"mode": "exact", "points": "10"},
        "lines": [{"id": "a", "price": "290.00"}]}}}"#,
    ),
    (
        4,
        r#"{"sell": {"order": {"store": "STORE", "cashier": "CASHIER", "shift": "7", "receipt": "RECEIPT",
        "cards": [{"number": "CARD", "presented": "typed", "confirmed": "manager"}, {"number": "STAMP"}],
        "codes": ["RECEIPT-WRONG"], "spend": {"mode": "max"}, "gift_cards": [{"number": "GIFT"}],
        "attributes": [{"name": "card_after_total", "value": "true"}],
        "lines": [{"id": "a", "price": "90.00", "quantity": "2"}]}}}"#,
    ),
    (
        2,
        r#"{"sell": {"order": {"store": "STORE", "cashier": "CASHIER", "lines": [{"id": "t", "card": "GIFT",
        "kind": "stored_value", "price": "300.00"}]}}}"#,
    ),
    (2, r#"{"present": {"scan": "CARD", "pin": "2580", "till": "TILL", "cashier": "CASHIER"}}"#),
    (2, r#"{"present": {"scan": "CODE", "till": "TILL", "store": "STORE"}}"#),
    (3, r#"{"refund": {"token": "TOKEN", "cashier": "CASHIER", "store": "STORE"}}"#),
    (3, r#"{"void": {"token": "TOKEN", "cashier": "CASHIER", "store": "STORE"}}"#),
    (3, r#"{"grant": {"card": "CARD", "grant": "sorry", "cashier": "CASHIER"}}"#),
    (
        2,
        r#"{"grant": {"card": "CARD", "grant": "sorry", "cashier": "CASHIER", "approved_by": "olga"}}"#,
    ),
    (
        3,
        r#"{"issue": {"card": "NEW", "device": "phone-1", "referred_by": "OTHER", "store": "STORE",
        "cashier": "CASHIER"}}"#,
    ),
    (2, r#"{"transfer": {"from": "CARD", "to": "OTHER", "amount": "5", "points": "bonus"}}"#),
    (
        2,
        r#"{"watch": {"freeze": {"subject": {"of": "card", "id": "CARD"}, "cashier": "CASHIER"}}}"#,
    ),
    (2, r#"{"watch": {"thaw": {"subject": {"of": "card", "id": "CARD"}}}}"#),
    (1, r#"{"watch": {"freeze": {"subject": {"of": "cashier", "id": "CASHIER"}}}}"#),
    (
        2,
        r#"{"watch": {"thaw": {"subject": {"of": "cashier", "id": "CASHIER"}, "cashier": "olga"}}}"#,
    ),
    (1, r#"{"watch": {"freeze": {"subject": {"of": "program", "id": ""}}}}"#),
    (2, r#"{"watch": {"thaw": {"subject": {"of": "program", "id": ""}}}}"#),
    (1, r#"{"watch": {"freeze": {"subject": {"of": "till", "id": "TILL"}}}}"#),
];

/// The whole catalogue with the limits that it cannot know, two stores 634 km apart, a card of the
/// staff, and own checks over own counters.
pub fn policy() -> String {
    let check = |number: usize| match number {
        5 => r#"{"check": "F05", "parameters": {"step": "300"}}"#.to_owned(),
        6 => r#"{"check": "F06", "parameters": {"limit": "300"}}"#.to_owned(),
        _ => format!(r#"{{"check": "F{number:02}"}}"#),
    };
    let checks: Vec<String> = (1..=52).map(check).collect();
    format!(
        r#"{{"id": "all", "points": "bonus", "stamps": "stamp", "checks": [{}, {{"check": "tills",
        "points": 20, "when": {{"counter": {{"counter": "tills", "at_least": "2"}}}}}}],
        "counters": [{{"id": "tills", "of": "card", "counts": "tills", "bucket_seconds": 600, "buckets": 6}},
        {{"id": "money", "of": "cashier", "counts": "amount", "bucket_seconds": 3600, "buckets": 3}}],
        "staff": [{{"cashier": "vera", "cards": ["10"]}}],
        "stores": [{{"id": "centre", "city": "Moscow", "latitude": "55.7558", "longitude": "37.6173"}},
        {{"id": "far", "city": "Saint Petersburg", "latitude": "59.9391", "longitude": "30.3158"}}]}}"#,
        checks.join(", ")
    )
}

/// How the policy is put into force.
pub fn watching() -> [String; 2] {
    let policy = policy();
    let version = kopilka::watch::Watch::compile(&policy).unwrap().version().to_owned();
    [
        format!(r#"{{"watch": {{"install": {{"document": {policy}}}}}}}"#),
        format!(r#"{{"watch": {{"activate": {{"version": "{version}"}}}}}}"#),
    ]
}

/// What the first till does before, and the others know.
pub const OPENING: &[&str] = &[
    r#"{"issue": {"card": "10", "guest": "anna", "pin": "2580", "store": "centre"}}"#,
    r#"{"issue": {"card": "11", "store": "centre"}}"#,
    r#"{"issue": {"card": "12", "referred_by": "10", "store": "centre"}}"#,
    r#"{"issue": {"card": "31", "opening": [{"amount": "500.00", "points": "RUB"}]}}"#,
    r#"{"issue": {"card": "41"}}"#,
    r#"{"issue": {"card": "60"}}"#,
    r#"{"issue": {"card": "61"}}"#,
    r#"{"issue": {"card": "51", "opening": [{"amount": "2"}]}}"#,
    r#"{"card": {"card": "31", "action": {"activate": {}}}}"#,
    r#"{"guest": {"guest": "anna", "action": {"register": {"details": {"language": "ru",
        "personal": {"name": "Анна Ким", "phone": "89936971005"}}}}}}"#,
    r#"{"guest": {"guest": "boris", "action": {"register": {"cards": ["11"], "details": {"plan": "p"}}}}}"#,
    r#"{"batch": {"coupon": "ten", "codes": ["A1"], "guest": "anna"}}"#,
];

/// One step; numbers are taken modulo how many there are.
#[derive(Clone, Debug)]
pub enum Step {
    /// A till asks something; the words stand for its numbers.
    Call { till: usize, command: &'static str, words: [usize; 7], repeat: bool },
    /// A till takes in records of another, from one on, so many, in the order of a shuffle.
    Receive { till: usize, from: usize, first: usize, count: usize, shuffle: u64 },
    /// The hosts' clocks go on, each differently.
    Wait { minutes: [i64; 3] },
}

pub fn steps() -> BoxedStrategy<Vec<Step>> {
    steps_of(COMMANDS.to_vec())
}

/// The same where a watch is in force.
pub fn watched_steps() -> BoxedStrategy<Vec<Step>> {
    steps_of([COMMANDS, WATCHED].concat())
}

fn steps_of(commands: Vec<(u32, &'static str)>) -> BoxedStrategy<Vec<Step>> {
    let weighted = commands.iter().map(|(weight, command)| (*weight, Just(*command)));
    let command = proptest::strategy::Union::new_weighted(weighted.collect());
    let words = prop::array::uniform7(0usize..1_000);
    let call = (0usize..3, command, words, prop::bool::weighted(0.03))
        .prop_map(|(till, command, words, repeat)| Step::Call { till, command, words, repeat });
    let receive = (0usize..3, 0usize..3, 0usize..60, 1usize..20, any::<u64>()).prop_map(
        |(till, from, first, count, shuffle)| Step::Receive { till, from, first, count, shuffle },
    );
    let minutes =
        || prop_oneof![4 => 0i64..5, 1 => select(vec![60i64, 1_440, 40_000]), 1 => -90i64..0];
    let wait = prop::array::uniform3(minutes()).prop_map(|minutes| Step::Wait { minutes });
    let step = prop_oneof![16 => call, 3 => receive, 3 => wait];
    prop::collection::vec(step, 10..100).boxed()
}

/// A command with its words put in.
pub fn command(text: &str, words: &[usize; 7], till: &str, tokens: &[String]) -> Option<String> {
    let [card, other, guest, double, code, token, new] = *words;
    let cards = ["10", "11", "12", "13", "60"];
    let guests = ["anna", "boris", "clara"];
    let pick = |list: &[&str], word: usize| list[word % list.len()].to_owned();
    // One of the newest.
    let token_at = |word: usize| tokens.iter().rev().nth(word % tokens.len().clamp(1, 4)).cloned();
    if text.contains("TOKEN") && tokens.is_empty() {
        return None;
    }
    let words = [
        ("TOGETHER", token_at(other).unwrap_or_default()),
        ("TOKEN", token_at(token).unwrap_or_default()),
        ("CARD", pick(&cards, card)),
        ("OTHER", pick(&cards, other)),
        ("GIFT", pick(&["31", "32"], other)),
        ("PASS", pick(&["51", "52"], other)),
        ("GUEST", pick(&guests, guest)),
        ("DOUBLE", pick(&guests, double)),
        ("CODE", pick(&["A1", "b2"], code)),
        ("PLAIN", pick(&["60", "61", "62"], card)),
        ("FURTHER", pick(&["61", "60", "62"], other)),
        ("STAMP", "41".to_owned()),
        ("NEW", pick(&["14", "15", "13"], new)),
        ("TILL", till.to_owned()),
        ("CASHIER", pick(&["anna", "boris", "vera"], guest)),
        ("RECEIPT", format!("{}", code % 5)),
        ("STORE", pick(&["centre", "centre", "far"], double)),
    ];
    Some(words.iter().fold(text.to_owned(), |text, (word, value)| text.replace(word, value)))
}
