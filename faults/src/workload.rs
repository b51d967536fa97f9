//! What a till does on a day, as calls of the engine: random, but the same for the same seed. The calls
//! are JSON, as a host in another language would send them; one depends on answers before it through
//! the tokens in them alone.

use crate::chance::Chance;

/// A programme with all kinds of cards, with points that open later and end, and a limit.
const PROGRAM: &str = r#"{
    "id": "cafe", "currency": "RUB", "zone": "Europe/Moscow",
    "points": [{"id": "bonus"}, {"id": "stamp"}, {"id": "entry"}],
    "cards": [
        {"id": "bonus", "kind": "bonus", "points": "bonus", "welcome": "welcome",
            "numbers": [{"prefix": "1", "length_max": 2}]},
        {"id": "discount", "kind": "discount", "numbers": [{"prefix": "2", "length_max": 2}],
            "discount": {"percent": {"fixed": "10"}, "method": "per_line"}},
        {"id": "gift", "kind": "gift", "numbers": [{"prefix": "3", "length_max": 2}],
            "stored_value": {"earns": true, "transfer": true}},
        {"id": "stamp", "kind": "stamp", "points": "stamp",
            "numbers": [{"prefix": "4", "length_max": 2}], "stamp": {"goal": 3}},
        {"id": "ticket", "kind": "ticket", "points": "entry",
            "numbers": [{"prefix": "5", "length_max": 2}], "ticket": {"units": 2}}
    ],
    "coupons": [{"id": "half", "uses": 2}],
    "grants": [{"id": "welcome", "points": "bonus", "amount": "100"},
        {"id": "sorry", "points": "bonus", "amount": "50", "life": {"days": 1}}],
    "promotions": [{"id": "half-a-cake", "when": {"coupon": ["half"]},
        "select": {"lines": {"category": ["cake"]}}, "then": {"percent": "50"}}],
    "redemption": {"points": "bonus", "percent": "50"},
    "earning": {"rules": [
        {"id": "share", "points": "bonus", "give": {"percent": "EARNED"}, "delay": {"hours": 2},
            "life": {"days": 2}},
        {"id": "cups", "points": "stamp", "give": {"per_unit": "1"},
            "lines": {"category": ["coffee"]}}
    ]},
    "refund": {"tenders": "gift_first"}
}"#;

/// The goods: id, price, category.
const GOODS: [(&str, &str, &str); 4] = [
    ("espresso", "101.50", "coffee"),
    ("latte", "203.00", "coffee"),
    ("cake", "299.99", "cake"),
    ("tea", "150.10", "other"),
];

/// How many calls put up the programme, the coupons and the cards.
const OPENING: usize = 11;

/// The calls of a day, in order.
#[derive(Clone, Debug)]
pub struct Workload {
    calls: Vec<Call>,
}

/// After how many calls a chore comes, where there are any.
const CHORES_APART: u64 = 4;

/// One call; a place that an answer is needed of is the number of the call that got it.
#[derive(Clone, Debug)]
enum Call {
    Verb {
        command: String,
        /// The call whose answer has the token, or the version, that stands for `TOKEN`.
        after: Option<usize>,
        head: String,
    },
    Chore(String),
}

impl Workload {
    /// So many calls, at least those that open the day. The second programme comes into force in its
    /// middle.
    #[must_use]
    pub fn new(seed: u64, length: usize) -> Workload {
        Workload::with_chores(seed, length, &[])
    }

    /// The same with chores between the calls: what is done with a till and is no call of the engine, such as the
    /// taking in of an upload. Whoever asks for them does them itself. Each is one of these words and a number that differs from
    /// chore to chore and day to day, such as `export 12007`.
    #[must_use]
    pub fn with_chores(seed: u64, length: usize, chores: &[&str]) -> Workload {
        let mut chance = Chance::new(seed);
        let mut day = Day { calls: Vec::new(), minutes: 0, seed, sales: Vec::new() };
        day.open();
        while day.calls.len() < length.max(OPENING) {
            day.minutes += chance.below(20) as i64;
            if chance.once_in(12) {
                day.minutes += 60 * chance.below(40) as i64;
            }
            if day.calls.len() == length / 2 {
                day.program("7");
            } else if !chores.is_empty() && chance.once_in(CHORES_APART) {
                let number = seed * 1_000 + day.calls.len() as u64;
                day.calls.push(Call::Chore(format!("{} {number}", chance.pick(chores))));
            } else {
                day.something(&mut chance);
            }
        }
        Workload { calls: day.calls }
    }

    /// How many calls there are.
    #[must_use]
    pub fn length(&self) -> usize {
        self.calls.len()
    }

    /// The call of this number, after the answers to those before it; an empty text stands for a call
    /// that was refused.
    #[must_use]
    pub fn call(&self, number: usize, answers: &[String]) -> String {
        let (command, after, head) = match &self.calls[number] {
            Call::Verb { command, after, head } => (command, after, head),
            Call::Chore(chore) => return chore.clone(),
        };
        let answer = after.and_then(|after| answers.get(after)).map_or("", String::as_str);
        let found = ["\"token\":\"", "\"version\":\""].iter().find_map(|name| {
            let rest = &answer[answer.find(name)? + name.len()..];
            rest.split('"').next()
        });
        let command = command.replace("TOKEN", found.unwrap_or("0"));
        format!(r#"{{{head},"command":{command}}}"#)
    }
}

struct Day {
    calls: Vec<Call>,
    minutes: i64,
    seed: u64,
    /// The calls that sold or reserved.
    sales: Vec<usize>,
}

impl Day {
    fn push(&mut self, command: String, after: Option<usize>) {
        let number = self.calls.len();
        let (day, hour, minute) =
            (1 + self.minutes / 1_440, self.minutes / 60 % 24, self.minutes % 60);
        let (month, day) = (1 + (day - 1) / 28, 1 + (day - 1) % 28);
        let entropy: String = {
            let mut chance = Chance::new(self.seed ^ (number as u64) << 32);
            (0..4).map(|_| format!("{:016x}", chance.bits())).collect()
        };
        let at = format!("2026-{month:02}-{day:02}T{hour:02}:{minute:02}:00Z");
        let key = format!("w{}-{number}", self.seed);
        let head = format!(r#""at":"{at}","key":"{key}","entropy":"{entropy}""#);
        self.calls.push(Call::Verb { command, after, head });
    }

    fn program(&mut self, earned: &str) {
        let document = PROGRAM.replace("EARNED", earned);
        self.push(format!(r#"{{"program":{{"install":{{"document":{document}}}}}}}"#), None);
        let installed = self.calls.len() - 1;
        let activate = r#"{"program":{"activate":{"version":"TOKEN"}}}"#;
        self.push(activate.to_owned(), Some(installed));
    }

    fn open(&mut self) {
        self.program("5");
        let batch = r#"{"batch":{"coupon":"half","codes":["HALF1","HALF2"]}}"#;
        self.push(batch.to_owned(), None);
        let guest = r#"{"guest":{"guest":"anna","action":{"register":{"details":{"personal":
            {"name":"Anna","phone":"+79161234567"}}}}}}"#;
        self.push(guest.to_owned(), None);
        for (card, guest) in [("11", r#","guest":"anna""#), ("12", ""), ("21", ""), ("41", "")] {
            self.push(format!(r#"{{"issue":{{"card":"{card}"{guest}}}}}"#), None);
        }
        for (card, amount) in [("31", "500"), ("32", "40"), ("51", "2")] {
            let opening = format!(r#""opening":[{{"amount":"{amount}"}}]"#);
            self.push(format!(r#"{{"issue":{{"card":"{card}",{opening}}}}}"#), None);
        }
    }

    fn something(&mut self, chance: &mut Chance) {
        match chance.below(20) {
            0..=4 => self.order("sell", chance),
            5..=8 => self.order("reserve", chance),
            9 | 10 => self.later("confirm", "", chance),
            11 => self.later("cancel", "", chance),
            12 => self.later("void", "", chance),
            13 => self.later("refund", "", chance),
            14 => self.later("refund", r#","lines":[{"line":"0","quantity":"1"}]"#, chance),
            15 => {
                let card = chance.pick(&["11", "12"]);
                let command = format!(r#"{{"grant":{{"card":"{card}","grant":"sorry"}}}}"#);
                self.push(command, None);
            }
            16 => {
                let period = chance.pick(&["", r#""cards":["11","31"]"#]);
                self.push(format!(r#"{{"close_period":{{{period}}}}}"#), None);
            }
            17 => self.office(chance),
            18 => {
                let (from, to) = *chance.pick(&[("31", "32"), ("32", "31")]);
                let amount = 1 + chance.below(60);
                let command = format!(
                    r#"{{"transfer":{{"from":"{from}","to":"{to}","amount":"{amount}","points":"RUB"}}}}"#
                );
                self.push(command, None);
            }
            _ => self.again(chance),
        }
    }

    /// What is not about a sale.
    fn office(&mut self, chance: &mut Chance) {
        let import = r#"{"import":{"rows":[{"card":"13","amount":"70","guest":"boris",
            "personal":{"name":"Boris"}},{"card":"13","amount":"5"},{"card":"14"}]}}"#;
        let choices = [
            r#"{"admit":{"card":"51"}}"#,
            r#"{"card":{"card":"12","action":{"block":{}}}}"#,
            r#"{"card":{"card":"12","action":{"unblock":{}}}}"#,
            r#"{"coupon":{"code":"HALF2","action":"block"}}"#,
            r#"{"coupon":{"code":"HALF2","action":"unblock"}}"#,
            r#"{"guest":{"guest":"anna","action":{"update":{"personal":{"name":"Anna K."}}}}}"#,
            r#"{"guest":{"guest":"anna","action":{"erase":{}}}}"#,
            r#"{"batch":{"coupon":"half","count":3}}"#,
            r#"{"settle":{}}"#,
            import,
        ];
        let command = chance.pick(&choices);
        self.push((*command).to_owned(), None);
    }

    /// A sale, or a call that was made before, sent again as it was.
    fn again(&mut self, chance: &mut Chance) {
        let place = chance.below(self.calls.len() as u64) as usize;
        let call = self.calls[place].clone();
        self.calls.push(call);
    }

    fn order(&mut self, verb: &str, chance: &mut Chance) {
        let mut lines = Vec::new();
        for number in 0..=chance.below(3) {
            let (name, price, category) = *chance.pick(&GOODS);
            let quantity = 1 + chance.below(3);
            lines.push(format!(
                r#"{{"id":"{number}","name":"{name}","price":"{price}","category":"{category}","quantity":"{quantity}"}}"#
            ));
        }
        let gift = if chance.once_in(3) { r#","gift_cards":[{"number":"31"}]"# } else { "" };
        if chance.once_in(6) {
            lines.push(r#"{"id":"load","price":"300","kind":"stored_value","card":"32"}"#.into());
        }
        let code = if chance.once_in(4) { r#","codes":["HALF1"]"# } else { "" };
        let cards = *chance.pick(&[&["11"][..], &["12"], &["11", "41"], &["21"], &[]]);
        let has_points = cards.iter().any(|card| card.starts_with('1'));
        let spends = has_points && chance.once_in(3);
        let spend = if spends { r#","spend":{"mode":"max"}"# } else { "" };
        let cards: Vec<String> =
            cards.iter().map(|card| format!(r#"{{"number":"{card}"}}"#)).collect();
        let cards = cards.join(",");
        let lines = lines.join(",");
        let order = format!(r#"{{"cards":[{cards}],"lines":[{lines}]{gift}{code}{spend}}}"#);
        self.sales.push(self.calls.len());
        self.push(format!(r#"{{"{verb}":{{"order":{order}}}}}"#), None);
    }

    /// Something that is done to one of the last sales.
    fn later(&mut self, verb: &str, more: &str, chance: &mut Chance) {
        let back = chance.below(4).min(self.sales.len().saturating_sub(1) as u64) as usize;
        let Some(sale) = self.sales.iter().rev().nth(back).copied() else {
            return self.order("sell", chance);
        };
        self.push(format!(r#"{{"{verb}":{{"token":"TOKEN"{more}}}}}"#), Some(sale));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    /// The answers of a book, and the error codes by how often they came.
    fn played(workload: &Workload, wrong: &mut BTreeMap<String, usize>) -> Vec<String> {
        let mut book = kopilka::Book::empty("till-1").expect("a good name");
        let mut answers = Vec::new();
        for number in 0..workload.length() {
            let call = workload.call(number, &answers);
            answers.push(book.call_json(&call).unwrap_or_else(|error| {
                *wrong.entry(error.code().as_str().to_owned()).or_default() += 1;
                String::new()
            }));
        }
        answers
    }

    #[test]
    fn the_same_seed_is_the_same_day_and_another_is_another() {
        let day = |seed| played(&Workload::new(seed, 40), &mut BTreeMap::new());
        assert_eq!(day(1), day(1));
        assert_ne!(day(1), day(2));
    }

    #[test]
    fn chores_come_between_the_calls_with_numbers_of_their_own() {
        let chores = ["export", "shift"];
        let mut seen = BTreeSet::new();
        for seed in 0..20 {
            let day = Workload::with_chores(seed, 40, &chores);
            assert!(day.calls[..OPENING].iter().all(|call| matches!(call, Call::Verb { .. })));
            for number in 0..day.length() {
                if let Call::Chore(chore) = &day.calls[number] {
                    assert_eq!(&day.call(number, &[]), chore);
                    // The same one again is the same chore sent twice.
                    seen.insert(chore.clone());
                }
            }
        }
        for chore in chores {
            let count = seen.iter().filter(|seen| seen.starts_with(chore)).count();
            assert!(count > 10, "{chore} came {count} times");
        }
    }

    #[test]
    fn most_calls_do_something_and_every_verb_comes() {
        let mut wrong = BTreeMap::new();
        let mut verbs = BTreeSet::new();
        let (mut all, mut refused) = (0, 0);
        for seed in 0..30 {
            let workload = Workload::new(seed, 40);
            let answers = played(&workload, &mut wrong);
            for (call, answer) in workload.calls.iter().zip(&answers) {
                all += 1;
                refused += usize::from(answer.is_empty());
                if let (Call::Verb { command, .. }, false) = (call, answer.is_empty()) {
                    verbs.extend(command.split('"').nth(1).map(str::to_owned));
                }
            }
        }
        assert!(refused * 4 < all, "{refused} of {all}: {wrong:?}");
        let wanted = [
            "admit",
            "batch",
            "cancel",
            "card",
            "close_period",
            "confirm",
            "coupon",
            "grant",
            "guest",
            "import",
            "issue",
            "program",
            "refund",
            "reserve",
            "sell",
            "settle",
            "transfer",
            "void",
        ];
        let wanted: BTreeSet<String> = wanted.into_iter().map(str::to_owned).collect();
        assert_eq!(verbs, wanted, "{wrong:?}");
        // What the engine cannot read would be a mistake of this module.
        assert!(!wrong.keys().any(|code| code.starts_with("document.")), "{wrong:?}");
    }
}
