//! `watch-eval`: how good the watch is, on worlds that know nothing of its checks.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result};
use shops::World;

mod cost;
mod judged;
mod measures;
mod policy;
mod report;
mod sections;
mod tables;
#[cfg(test)]
mod tests;
mod told;

use judged::{Run, View};
use policy::Policy;

/// The seeds on which thresholds are tuned. Those that are tested begin at 1.
pub const TRAINING: [u64; 3] = [1_001, 1_002, 1_003];
/// The page that is written.
const PAGE: &str = "docs/watch-evaluation.md";

/// What is evaluated.
pub struct Options {
    pub seeds: u64,
    /// How many of the training seeds are used.
    pub training: usize,
    pub days: u32,
    pub receipts: u32,
    pub policy: PathBuf,
    /// Whether the training seeds are tested, at the centre alone.
    pub tune: bool,
    /// Whether the page is written.
    pub write: bool,
    /// Whether it is measured how long it takes and how much it keeps.
    pub cost: bool,
}

impl Options {
    /// One seed and twenty days: seconds.
    pub fn quick(policy: PathBuf) -> Options {
        Options {
            seeds: 1,
            training: 1,
            days: 20,
            receipts: 100,
            policy,
            tune: false,
            write: false,
            cost: false,
        }
    }
}

/// Worlds as a policy judges them: the same honest life with frauds and without.
pub struct Worlds {
    /// With frauds, judged at the centre, and at the tills.
    pub centre: Vec<Run>,
    pub tills: Vec<Run>,
    /// Without frauds, judged at the centre, and at the tills.
    pub honest: Vec<Run>,
    pub honest_tills: Vec<Run>,
}

impl Worlds {
    fn new(policy: &Policy, seeds: &[u64], options: &Options) -> Worlds {
        let of = |frauds: bool, view: View| {
            let began = Instant::now();
            let plan = |seed: u64| {
                judged::plan(
                    seed,
                    options.days,
                    options.receipts,
                    frauds.then(|| policy.knowledge()),
                )
            };
            let runs = seeds.iter().map(|seed| judged::run(&plan(*seed), policy, view));
            let runs: Vec<Run> = runs.collect();
            let words = if frauds { "with frauds" } else { "honest" };
            let seconds = began.elapsed().as_secs();
            eprintln!("{} worlds {words}, judged at the {view:?}: {seconds} s", runs.len());
            runs
        };
        let tills = |frauds: bool| match options.tune {
            true => Vec::new(),
            false => of(frauds, View::Tills),
        };
        Worlds {
            centre: of(true, View::Centre),
            tills: tills(true),
            honest: of(false, View::Centre),
            honest_tills: tills(false),
        }
    }
}

fn load(path: &Path) -> Result<Policy> {
    let text = fs::read_to_string(path).with_context(|| format!("no policy {}", path.display()))?;
    Policy::new(&text, &World::new(judged::plan(1, 20, 10, None)))
}

fn training_seeds(options: &Options) -> &'static [u64] {
    TRAINING.get(..options.training).unwrap_or(&TRAINING)
}

/// Judges the worlds and tells what came of it.
pub fn evaluate(options: &Options) -> Result<(report::Findings, String)> {
    let policy = load(&options.policy)?;
    let seeds: Vec<u64> = (1..=options.seeds).collect();
    let training = Worlds::new(&policy, training_seeds(options), options);
    let tested = if options.tune { None } else { Some(Worlds::new(&policy, &seeds, options)) };
    let tested = tested.as_ref().unwrap_or(&training);
    let findings = report::Findings::new(&policy, &training, tested);
    let mut text = report::page(options, &policy, tested, &findings);
    if options.cost {
        text.push_str(&cost::section(&policy, tested));
    }
    Ok((findings, text))
}

/// Prints the report, and writes it if that is asked.
pub fn run(options: &Options) -> Result<bool> {
    let (_, text) = evaluate(options)?;
    println!("{text}");
    if options.write {
        fs::write(PAGE, &text).with_context(|| format!("cannot write {PAGE}"))?;
    }
    Ok(true)
}
