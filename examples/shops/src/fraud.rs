//! Frauds: actors with a goal and a budget.

use crate::chain::Chain;
use crate::crowd::Cards;
use crate::draft::Draft;
use crate::stage::Ids;
use crate::world::Plan;

/// How boldly a fraud acts.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Intensity {
    /// Within days, much at once.
    Blatant,
    /// Within a week or two.
    Moderate,
    /// Over weeks, little at a time.
    Patient,
}

/// A fraud.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    /// The name in [`crate::Label`].
    pub id: &'static str,
    /// What is done.
    pub title: &'static str,
    /// Whether it knows the limits and stays below them.
    pub adaptive: bool,
    /// How boldly it can be played.
    pub intensities: &'static [Intensity],
}

/// All of them.
pub const SCENARIOS: &[Scenario] = &[];

pub(crate) fn plot(_: &Chain, _: &Plan, _: &Cards, _: &mut Ids, _: &mut Vec<Draft>) {}
