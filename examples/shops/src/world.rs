//! The whole world, day by day.

use std::collections::BTreeMap;

use crate::book::Book;
use crate::chain::{Chain, DAY, Store};
use crate::crowd;
use crate::dice::{Dice, mark_below};
use crate::draft::{Draft, Origin};
use crate::fraud::{self, Intensity};
use crate::happening::Happening;
use crate::knowledge::Knowledge;
use crate::mishaps::Mishaps;
use crate::personas::{self, Run};
use crate::population::Cards;
use crate::stage::{Ids, Stage};

/// What a world is made of. The same plan gives the same world.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Plan {
    /// The seed of all that is drawn.
    pub seed: u64,
    /// The first day, in days since 1970.
    pub first_day: i64,
    /// How many days: from 20 to 180 make sense.
    pub days: u32,
    /// Receipts of a store on a usual day; 1,000 at full scale.
    pub receipts_per_store_day: u32,
    /// Which frauds are in it.
    pub fraud: FraudPlan,
}

/// Which frauds are in a world.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum FraudPlan {
    /// None.
    None,
    /// Every scenario in one intensity.
    All {
        /// How boldly.
        intensity: Intensity,
        /// What the adaptive ones know.
        knowledge: Knowledge,
    },
    /// Every scenario in every intensity that it has.
    Mixed {
        /// What the adaptive ones know.
        knowledge: Knowledge,
    },
    /// Some scenarios in one intensity.
    Only {
        /// Their ids, as [`crate::SCENARIOS`] has them; others are left out.
        scenarios: Vec<&'static str>,
        /// How boldly.
        intensity: Intensity,
        /// What the adaptive ones know.
        knowledge: Knowledge,
        /// How many runs of each, from 1 to 200.
        runs: u32,
    },
}

/// What is known of a card that is older than the world.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Past {
    /// The card.
    pub card: u32,
    /// Its points as the world begins.
    pub points: i64,
    /// The store where it was last seen.
    pub store: u32,
    /// When it was issued, in seconds since 1970.
    pub issued: i64,
    /// When somebody last came with it.
    pub came: i64,
}

/// A world: a number of days in six stores of three cities.
#[derive(Clone, Debug)]
pub struct World {
    plan: Plan,
    chain: Chain,
}

impl World {
    /// The world of a plan.
    pub fn new(plan: Plan) -> Self {
        Self { plan, chain: Chain::new() }
    }

    /// Its plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Its stores, by id from 1.
    pub fn stores(&self) -> &[Store] {
        &self.chain.stores
    }

    /// Its cashiers.
    pub fn cashiers(&self) -> impl Iterator<Item = u32> + use<> {
        1..=self.chain.cashiers()
    }

    /// The cards that are older than the world, with their points as it begins.
    pub fn old_cards(&self) -> impl Iterator<Item = (u32, i64)> + use<> {
        let balances = Happenings::new(&self.plan).book.into_balances();
        (0..).zip(balances).filter(|&(_, points)| points > 0)
    }

    /// What is known of the cards that are older than the world.
    pub fn past(&self) -> Vec<Past> {
        let Happenings { cards, runs, book, .. } = Happenings::new(&self.plan);
        let begins = self.plan.first_day * DAY;
        let drawn = |of: u64, card: u32, least: i64, most: i64| {
            least + mark_below(self.plan.seed, &[83, of, card.into()], most - least)
        };
        let run = |card: u32| runs.iter().find(|run| run.holds(card));
        let past = (1..).zip(book.into_balances().into_iter().skip(1));
        let past = past.filter(|&(card, points)| card < cards.room() || points > 0);
        let past = past.map(|(card, points)| {
            let run = run(card);
            let away = match run.map(Run::id) {
                Some("returning-traveller") => 240 * DAY,
                _ => cards.away(self.plan.seed, card).unwrap_or(drawn(1, card, 1, 20) * DAY),
            };
            let came = begins - 1 - away;
            let store = run.map(Run::store).or(cards.store(card)).unwrap_or(1 + card % 6);
            Past { card, points, store, issued: came - drawn(2, card, 20, 900) * DAY, came }
        });
        past.collect()
    }

    /// What happens in it, in order of time.
    pub fn happenings(&self) -> Happenings {
        Happenings::new(&self.plan)
    }
}

/// What happens in the world of a plan, in order of time.
pub fn happenings(plan: &Plan) -> Happenings {
    Happenings::new(plan)
}

/// What happens, in order of time. Made day by day, so that millions need little memory.
pub struct Happenings {
    plan: Plan,
    chain: Chain,
    cards: Cards,
    ids: Ids,
    runs: Vec<Run>,
    frauds: BTreeMap<i64, Vec<Draft>>,
    book: Book,
    /// What is still to come of days that were drawn.
    later: BTreeMap<i64, Vec<Draft>>,
    next_day: i64,
    today: std::vec::IntoIter<Draft>,
    mishaps: Mishaps,
}

impl Happenings {
    fn new(plan: &Plan) -> Self {
        let chain = Chain::new();
        let cards = Cards::new(chain.stores.len(), plan.receipts_per_store_day);
        let mut ids = Ids::new(1, cards.fresh(), 1);
        let runs = personas::cast(&chain, plan, &mut ids);
        let mut fraud_ids = Ids::new(2, cards.room(), 50_000_000);
        let mut drafts = Vec::new();
        fraud::plot(&chain, plan, &cards, &mut fraud_ids, &mut drafts);
        let mut frauds: BTreeMap<i64, Vec<Draft>> = BTreeMap::new();
        for draft in drafts {
            frauds.entry(draft.at.div_euclid(DAY)).or_default().push(draft);
        }
        let mut balances = cards.openings(plan.seed);
        for (card, points) in ids.openings.drain(..).chain(fraud_ids.openings) {
            let card = card as usize;
            if balances.len() <= card {
                balances.resize(card + 1, 0);
            }
            balances[card] = points;
        }
        let mishaps = Mishaps::of(&chain, plan.seed, plan.first_day, plan.first_day);
        Self {
            plan: plan.clone(),
            chain,
            cards,
            ids,
            runs,
            frauds,
            book: Book::new(balances),
            later: BTreeMap::new(),
            next_day: plan.first_day,
            today: Vec::new().into_iter(),
            mishaps,
        }
    }

    /// Draws the next day; false after the last.
    fn dawn(&mut self) -> bool {
        let Self { plan, chain, cards, ids, runs, later, .. } = self;
        let day = self.next_day;
        if day >= plan.first_day + i64::from(plan.days) {
            return false;
        }
        self.next_day += 1;
        let mut drafts = later.remove(&day).unwrap_or_default();
        let seed = plan.seed;
        let mut out = Vec::new();
        for store in 1..=chain.stores.len() as u32 {
            let dice = Dice::of(seed, &[1, day.cast_unsigned(), store.into()]);
            let origin = Origin::Everyday;
            let mut stage = Stage { chain, seed, dice, ids, out: &mut out, origin };
            crowd::day(&mut stage, cards, store, day, plan);
        }
        for run in runs.iter() {
            personas::play(run, chain, plan, cards, ids, &mut out, day);
        }
        for draft in out {
            match draft.at.div_euclid(DAY) {
                when if when <= day => drafts.push(draft),
                when => later.entry(when).or_default().push(draft),
            }
        }
        drafts.extend(self.frauds.remove(&day).unwrap_or_default());
        drafts.sort_by_key(|draft| draft.at);
        self.mishaps = Mishaps::of(chain, seed, plan.first_day, day);
        self.today = drafts.into_iter();
        true
    }
}

impl Iterator for Happenings {
    type Item = Happening;

    fn next(&mut self) -> Option<Happening> {
        loop {
            let Some(draft) = self.today.next() else {
                if self.dawn() {
                    continue;
                }
                return None;
            };
            if let Some(happening) = self.book.enact(draft, &self.mishaps) {
                return Some(happening);
            }
        }
    }
}
