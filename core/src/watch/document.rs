//! The policy of a watch as a document.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::event::{WatchKind, WatchMark, WatchSubject};
use crate::desk::LocalHours;
use crate::document::{Document, Reader, Shape, Shapes, choice, document, union};
use crate::error::ErrorCode;
use crate::json::{Node, Writer};
use crate::order::{Challenge, Presented};
use crate::reason::ReasonCode;
use crate::record::PresentOutcome;

document! {
    /// The policy of a watch: which checks run, with which thresholds, where, and what follows.
    pub struct WatchDocument {
        /// The actions from the mildest to the gravest, each once: the gravest of all wins.
        pub actions: Vec<WatchAction> = standard_order(),
        /// The programme's average redemption in points, of which some thresholds are multiples.
        pub average_redemption: Decimal = Decimal::new(200, 0),
        /// The checks, in the order in which ties are told. A check of the catalogue is named by its
        /// id (`F01` to `F52`), an own one has a `when`.
        pub checks: Vec<CheckEntry>,
        /// The own counters that own checks read.
        pub counters: Vec<CounterDocument> = Vec::new(),
        /// What follows for points that are spent where a check that counts could not be evaluated.
        pub errored: WatchAction = WatchAction::Allow,
        /// How many days points wait that a check holds, 1 to 365.
        pub hold_days: u32 = 3,
        /// The stable id of the policy.
        pub id: String,
        /// Notes for whoever reads it.
        pub notes: Vec<String> = Vec::new(),
        /// Which kind of points is watched; the programme's first if left out.
        pub points: Option<String>,
        /// From how many points of soft checks each action follows.
        pub score: ScoreThresholds = standard_scores(),
        /// Which cards belong to whom of the staff.
        pub staff: Vec<StaffDocument> = Vec::new(),
        /// Which kind of points are stamps; none are if left out.
        pub stamps: Option<String>,
        /// What is known of the stores.
        pub stores: Vec<WatchStore> = Vec::new(),
    }
}

fn standard_scores() -> ScoreThresholds {
    ScoreThresholds { deny: Some(80), hold: Some(30), review: Some(20), step_up: Some(40) }
}

fn standard_order() -> Vec<WatchAction> {
    WatchAction::ALL.to_vec()
}

choice! {
    /// What a check leads to.
    pub enum WatchAction {
        /// Nothing.
        Allow = "allow",
        /// Somebody looks at it afterwards.
        Review = "review",
        /// The points that are earned wait.
        Hold = "hold",
        /// A challenge must be met before value leaves the card.
        StepUp = "step_up",
        /// No points move. The sale goes on.
        Deny = "deny",
    }
}

document! {
    /// From how many points of soft checks each action follows; never where left out.
    pub struct ScoreThresholds {
        /// No points move.
        pub deny: Option<u32>,
        /// The points that are earned wait.
        pub hold: Option<u32>,
        /// Somebody looks at it afterwards.
        pub review: Option<u32>,
        /// A challenge must be met.
        pub step_up: Option<u32>,
    }
}

choice! {
    /// Whether a check counts.
    pub enum CheckMode {
        /// It counts.
        Live = "live",
        /// It is evaluated and recorded, and nothing follows.
        Shadow = "shadow",
        /// It is not evaluated.
        Off = "off",
    }
}

choice! {
    /// Where a check is evaluated.
    pub enum WatchPlace {
        /// At the till, from what the till knows, also without a network.
        Till = "till",
        /// At the hub of a store, from what its tills know.
        Hub = "hub",
        /// At the centre, from what everybody told.
        Centre = "centre",
    }
}

document! {
    /// One check.
    pub struct CheckEntry {
        /// What follows for points that are spent; as the catalogue says if left out.
        pub action: Option<WatchAction>,
        /// What must be met where it asks for a step up; as the catalogue says if left out.
        pub challenge: Option<Challenge>,
        /// The id: of the catalogue, or an own one.
        pub check: String,
        /// What follows for points that are earned; as the catalogue says if left out.
        pub earning: Option<WatchAction>,
        /// Whether it freezes what the catalogue lets it freeze; as the catalogue says if left out.
        pub freezes: Option<bool>,
        /// Whether it counts.
        pub mode: CheckMode = CheckMode::Live,
        /// The thresholds of a check of the catalogue, by their names; what is left out is as the
        /// catalogue says.
        pub parameters: Parameters = Parameters::default(),
        /// Where it is evaluated; as the catalogue says if left out, everywhere for an own one.
        pub places: Vec<WatchPlace> = Vec::new(),
        /// How many points it gives instead of acting by itself; as the catalogue says if left out.
        pub points: Option<u32>,
        /// When an own check fires.
        pub when: Option<WatchCondition>,
    }
}

/// Thresholds by their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameters(pub BTreeMap<String, Decimal>);

impl Document for Parameters {
    fn read(reader: &mut Reader, node: &Node) -> Self {
        let Node::Map(entries) = node else {
            reader.expected("an object of decimal strings", node);
            return Parameters::default();
        };
        let mut parameters = BTreeMap::new();
        for (name, value) in entries {
            let value = reader.named::<Decimal>(name, value);
            if parameters.insert(name.clone(), value).is_some() {
                let message = format!("the key `{name}` stands here more than once");
                reader.mistake(ErrorCode::DocumentKeyDuplicate, message);
            }
        }
        Parameters(parameters)
    }

    fn write(&self, writer: &mut Writer) {
        let map = writer.open_map();
        for (name, value) in &self.0 {
            writer.key(name);
            Document::write(value, writer);
        }
        writer.close_map(map);
    }

    fn shape(_: &mut Shapes) -> Shape {
        Shape::TextMap
    }
}

union! {
    /// When a check fires. What lacks data is neither true nor false: a check that hangs on it is
    /// told as one that could not be evaluated.
    pub enum WatchCondition {
        /// All of them.
        All(Vec<WatchCondition>) = "all",
        /// At least one of them.
        Any(Vec<WatchCondition>) = "any",
        /// An own counter stands so.
        Counter(CounterTest) = "counter",
        /// It is one of these kinds of events.
        Kind(Vec<WatchKind>) = "kind",
        /// One of these is true of the event.
        Mark(Vec<WatchMark>) = "mark",
        /// Not so.
        Not(Box<WatchCondition>) = "not",
        /// Presenting a card came to one of these.
        Outcome(Vec<PresentOutcome>) = "outcome",
        /// A reading stands so.
        Reading(ReadingTest) = "reading",
        /// The programme or the ledger told one of these reasons.
        Reason(Vec<ReasonCode>) = "reason",
        /// The card was presented in one of these ways.
        Strength(Vec<Presented>) = "strength",
    }
}

document! {
    /// How an own counter must stand, with what is being decided counted in.
    pub struct CounterTest {
        /// At least so much.
        pub at_least: Option<Decimal>,
        /// The counter.
        pub counter: String,
        /// How many minutes back; as many as the counter keeps if left out.
        pub minutes: Option<u32>,
        /// More than so much.
        pub over: Option<Decimal>,
        /// Less than so much.
        pub under: Option<Decimal>,
    }
}

document! {
    /// How a reading must stand.
    pub struct ReadingTest {
        /// At least so much.
        pub at_least: Option<Decimal>,
        /// More than so much.
        pub over: Option<Decimal>,
        /// The reading, by its name.
        pub reading: String,
        /// Less than so much.
        pub under: Option<Decimal>,
    }
}

document! {
    /// A counter that own checks read. It begins to count when the policy comes into force.
    pub struct CounterDocument {
        /// How many seconds one bucket holds: the window moves on by whole buckets.
        pub bucket_seconds: u32,
        /// How many buckets are kept: the window is as long as all of them.
        pub buckets: u32,
        /// What is counted.
        pub counts: CounterMeasure = CounterMeasure::Events,
        /// The id.
        pub id: String,
        /// Of whom.
        pub of: WatchSubject,
        /// Which events are counted; all if left out. Readings and counters may not be asked here.
        pub when: Option<WatchCondition>,
    }
}

choice! {
    /// What is counted.
    pub enum CounterMeasure {
        /// How many events.
        Events = "events",
        /// Money.
        Amount = "amount",
        /// Points earned.
        Earned = "earned",
        /// Points spent.
        Spent = "spent",
        /// Stamps.
        Stamps = "stamps",
        /// How many different cards, at most 16 in each bucket.
        Cards = "cards",
        /// How many different cashiers, at most 16 in each bucket.
        Cashiers = "cashiers",
        /// How many different tills, at most 16 in each bucket.
        Tills = "tills",
        /// How many different stores, at most 16 in each bucket.
        Stores = "stores",
    }
}

document! {
    /// Which cards belong to somebody of the staff.
    pub struct StaffDocument {
        /// The numbers of the cards, also of the family's.
        pub cards: Vec<String>,
        /// The cashier, as orders name one.
        pub cashier: String,
    }
}

document! {
    /// What is known of a store.
    pub struct WatchStore {
        /// The city, by any stable word.
        pub city: Option<String>,
        /// When it is open, by the local week; always if left out.
        pub hours: Vec<LocalHours> = Vec::new(),
        /// The id, as orders name it.
        pub id: String,
        /// The latitude in degrees, at most six decimals.
        pub latitude: Option<Decimal>,
        /// The longitude in degrees, at most six decimals.
        pub longitude: Option<Decimal>,
    }
}
