//! A seeded world of shops: six stores of a coffee and grocery chain in three cities, their guests, cashiers and
//! frauds, for judging antifraud checks.
//!
//! The world knows no check and no loyalty engine. It tells what happened, in order of time, and the truth about it:
//! whether it belongs to a fraud, what is lost by it, or which honest person it was who only looks like one. The
//! honest part of a world is the same whatever fraud is in it.
//!
//! A score reached on this world alone says little: whoever writes both a world and its checks writes what the checks
//! find. It shows what a check misses, what it costs the honest, and whether a change made it worse.

mod book;
mod chain;
mod crowd;
mod dice;
mod draft;
mod fraud;
mod happening;
mod knowledge;
mod mishaps;
mod numbers;
mod personas;
mod population;
mod stage;
mod world;

pub use chain::{City, Store, Trade};
pub use crowd::{REWARD, WELCOME};
pub use fraud::{Intensity, SCENARIOS, Scenario};
pub use happening::{
    CENTRE, Confirmation, Happening, Kind, Label, Lockable, Outcome, Proof, Refund, Sale, Scan,
    Truth, Void,
};
pub use knowledge::Knowledge;
pub use numbers::{card_number, number_hash};
pub use personas::{PERSONAS, Persona};
pub use world::{FraudPlan, Happenings, Past, Plan, World, happenings};
