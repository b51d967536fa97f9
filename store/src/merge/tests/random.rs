//! Random work of three tills that sometimes hear of each other, in random uploads, orders,
//! repetitions and cuts.

use proptest::prelude::*;
use proptest::sample::select;

use super::orders::Shops;
use super::*;

const CARDS: [&str; 2] = ["1001", "1002"];

#[derive(Clone, Debug)]
enum Work {
    Sell {
        card: usize,
        price: i64,
        spend: bool,
    },
    Reserve {
        card: usize,
        price: i64,
    },
    /// Of a reserved sale, own or heard of.
    Confirm(usize),
    Cancel(usize),
    /// Of any sale, own or heard of.
    Refund(usize),
    Void(usize),
    Grant(usize),
    Replace(usize),
    Guest(&'static str, &'static str),
    Hear(usize),
}

#[derive(Clone, Debug)]
struct Step {
    till: usize,
    after: i64,
    work: Work,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let card = || 0usize..CARDS.len();
    let price = || 100i64..50_000;
    let sale = || 0usize..12;
    let guest = || select(vec!["anna", "boris"]);
    let work = prop_oneof![
        5 => (card(), price(), any::<bool>())
            .prop_map(|(card, price, spend)| Work::Sell { card, price, spend }),
        3 => (card(), price()).prop_map(|(card, price)| Work::Reserve { card, price }),
        2 => sale().prop_map(Work::Confirm),
        1 => sale().prop_map(Work::Cancel),
        3 => sale().prop_map(Work::Refund),
        1 => sale().prop_map(Work::Void),
        1 => card().prop_map(Work::Grant),
        1 => card().prop_map(Work::Replace),
        2 => (guest(), select(vec!["register", "erase", "bind"]))
            .prop_map(|(guest, what)| Work::Guest(guest, what)),
        1 => (0usize..3).prop_map(Work::Hear),
    ];
    let step = (0usize..3, prop_oneof![2 => Just(0i64), 3 => 1i64..40], work)
        .prop_map(|(till, after, work)| Step { till, after, work });
    prop::collection::vec(step, 4..28)
}

/// The tills and the tokens of all sales.
struct World {
    shops: Shops,
    tokens: Vec<String>,
    minute: i64,
}

impl World {
    fn run(steps: &[Step]) -> World {
        let mut world = World { shops: Shops::new(), tokens: Vec::new(), minute: 5 };
        steps.iter().for_each(|step| world.step(step));
        world
    }

    fn step(&mut self, step: &Step) {
        self.minute += step.after;
        let token = |at: &usize| self.tokens.get(*at).cloned().unwrap_or_default();
        let order = |card: &usize, price: &i64, spend: bool| {
            let spend = if spend { r#","spend":{"mode":"max"}"# } else { "" };
            let (whole, rest) = (price / 100, price % 100);
            format!(
                r#"{{"order":{{"cards":[{{"number":"{}"}}],
                    "lines":[{{"id":"1","price":"{whole}.{rest:02}"}}]{spend}}}}}"#,
                CARDS[*card]
            )
        };
        let command = match &step.work {
            Work::Sell { card, price, spend } => {
                format!(r#"{{"sell":{}}}"#, order(card, price, *spend))
            }
            Work::Reserve { card, price } => {
                format!(r#"{{"reserve":{}}}"#, order(card, price, true))
            }
            Work::Confirm(sale) => format!(r#"{{"confirm":{{"token":"{}"}}}}"#, token(sale)),
            Work::Cancel(sale) => format!(r#"{{"cancel":{{"token":"{}"}}}}"#, token(sale)),
            Work::Refund(sale) => {
                let lines = r#"[{"line":"1"}]"#;
                format!(r#"{{"refund":{{"token":"{}","lines":{lines}}}}}"#, token(sale))
            }
            Work::Void(sale) => format!(r#"{{"void":{{"token":"{}"}}}}"#, token(sale)),
            Work::Grant(card) => {
                format!(r#"{{"grant":{{"card":"{}","grant":"forty"}}}}"#, CARDS[*card])
            }
            Work::Replace(card) => format!(
                r#"{{"card":{{"card":"{}","action":{{"replace":{{"to":"20{}"}}}}}}}}"#,
                CARDS[*card], step.till
            ),
            Work::Guest(guest, "bind") => {
                let card = CARDS[step.till % 2];
                format!(
                    r#"{{"card":{{"card":"{card}","action":{{"bind":{{"guest":"{guest}"}}}}}}}}"#
                )
            }
            Work::Guest(guest, what) => {
                format!(r#"{{"guest":{{"guest":"{guest}","action":{{"{what}":{{}}}}}}}}"#)
            }
            Work::Hear(of) => {
                let of = self.shops.tills[*of].clone();
                let till = &mut self.shops.tills[step.till];
                if of.name != till.name {
                    till.learn(&of);
                }
                return;
            }
        };
        self.call(step.till, &command);
    }

    /// What a till refuses leaves no record.
    fn call(&mut self, till: usize, command: &str) {
        let till = &mut self.shops.tills[till];
        let key = format!("{}-{}", till.name, till.book.entries().len() + 1);
        let text = format!(r#"{{"at":"{}","key":"{key}","command":{command}}}"#, at(self.minute));
        let node = kopilka::json::Node::parse(&text, 1 << 20).unwrap();
        if let Ok(Answer::Sale(sale)) = till.book.call_node(&node) {
            self.tokens.extend(sale.token);
        }
    }
}

/// How one till's records are uploaded: in parts that end there, each maybe cut and maybe twice.
type Parts = Vec<(usize, Option<usize>)>;

fn uploads() -> impl Strategy<Value = (Vec<Parts>, Vec<prop::sample::Index>)> {
    let part = (0usize..30, prop::option::weighted(0.3, 0usize..8_000));
    let parts = prop::collection::vec(part, 1..4);
    let order = prop::collection::vec(any::<prop::sample::Index>(), 12..20);
    (prop::collection::vec(parts, 3..=3), order)
}

/// The uploads of a till: each begins somewhere and goes up to a later end.
fn parts_of(till: &Till, parts: &Parts) -> Vec<Vec<u8>> {
    let count = till.book.entries().len();
    if count == 0 {
        return Vec::new();
    }
    let mut uploads = Vec::new();
    let mut after = 0;
    for (end, cut) in parts {
        let to = (after + 1 + end % count).min(count);
        let mut upload = till.upload(after.min(to - 1), to);
        upload.truncate(cut.unwrap_or(usize::MAX));
        uploads.push(upload);
        after = to % count;
    }
    uploads
}

fn cases() -> u32 {
    let cases = std::env::var("KOPILKA_MERGES").ok().and_then(|cases| cases.parse().ok());
    cases.unwrap_or(48)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..Default::default() })]

    #[test]
    fn random_uploads_give_the_states_of_all_records((steps, (parts, order)) in (steps(), uploads())) {
        let world = World::run(&steps);
        let mut backend = Backend::new();
        // The server's own records come somewhere among the others.
        let mut all = vec![world.shops.server.upload_all()];
        for (till, parts) in world.shops.tills.iter().zip(&parts) {
            all.extend(parts_of(till, parts));
        }
        for index in &order {
            // A cut in the first line is no upload.
            let upload: &Vec<u8> = index.get(&all);
            let _ = backend.try_import(upload);
        }
        let heads = |backend: &mut Backend| backend.store.heads().unwrap();
        let known: Vec<Arc<Entry>> = {
            let heads = heads(&mut backend);
            let taken_in = |entry: &Arc<Entry>| {
                let id = entry.record.envelope.id();
                let head = heads.iter().find(|head| head.chain == Chain::of(&id));
                head.is_some_and(|head| head.sequence >= id.sequence)
            };
            world.shops.entries().into_iter().filter(taken_in).collect()
        };
        // Whatever came so far, the states are those of what came.
        prop_assert_eq!(backend.states(), folded(&known));
        for till in world.shops.tills.iter().rev().chain([&world.shops.server]) {
            if !till.book.entries().is_empty() {
                backend.import(&till.upload_all());
            }
        }
        prop_assert_eq!(backend.states(), folded(&world.shops.entries()));
    }
}
