//! `watch-eval`: how good the watch is, on worlds that know nothing of its checks.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result};
use shops::World;

mod judged;
mod measures;
mod policy;
mod told;

use judged::{Run, View};
use measures::{Measured, Rule};
use policy::Policy;

/// The seeds on which thresholds are tuned. Those that are tested begin at 1.
pub const TRAINING: [u64; 3] = [1_001, 1_002, 1_003];

/// What is evaluated.
pub struct Options {
    pub seeds: u64,
    pub days: u32,
    pub receipts: u32,
    pub policy: PathBuf,
    pub write: bool,
}

/// Judges every world of some seeds.
fn judged(policy: &Policy, seeds: impl Iterator<Item = u64>, options: &Options, view: View) -> Vec<Run> {
    seeds.map(|seed| {
        let began = Instant::now();
        let run = judged::run(&judged::plan(seed, options.days, options.receipts), policy, view);
        eprintln!("seed {seed} {view:?}: {} events in {} ms", run.totals.events, began.elapsed().as_millis());
        run
    }).collect()
}

fn load(path: &Path) -> Result<Policy> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    Policy::new(&text, &World::new(judged::plan(1, 20, 10)))
}

pub fn run(options: &Options) -> Result<bool> {
    let policy = load(&options.policy)?;
    let runs = judged(&policy, TRAINING.into_iter(), options, View::Centre);
    let rule = Rule::Policy(policy.watch.document().score.clone());
    let measured = Measured::of(&runs, &rule, None);
    let honest: u64 = runs.iter().map(|r| r.totals.honest).sum();
    let everyday: u64 = runs.iter().map(|r| r.totals.everyday).sum();
    println!("honest {honest} {:?} everyday {everyday} {:?} others {}", measured.honest, measured.everyday, measured.others);
    for run in &runs { for row in &run.rows {
        if rule.decide(row, None).action != row.verdict { println!("differs {row:?} {:?}", rule.decide(row, None)); break; }
    } }
    let checks: Vec<&str> = policy.checks().collect();
    for (place, name) in checks.iter().enumerate() {
        let (h, f, e) = runs.iter().fold((0, 0, 0), |(h, f, e), run| { let (a, b) = run.totals.fired[place]; (h + a, f + b, e + run.totals.errored[place]) });
        let mut on = (0, 0);
        for run in &runs { for row in &run.rows { if row.label.is_none() && row.receipt && row.parts.iter().any(|p| p.check as usize == place) { if row.persona.is_some() { on.1 += 1 } else { on.0 += 1 } } } }
        println!("{name} honest {h} fraud {f} errored {e} honest receipts everyday {} persona {}", on.0, on.1);
    }
    let (review, deny) = (measures::tuned(&runs, 500), measures::tuned(&runs, 100));
    let (mr, md) = (Measured::of(&runs, &Rule::Points(review), None), Measured::of(&runs, &Rule::Points(deny), None));
    println!("tuned {review} {deny}: recall own {} review {} deny {} prevented {}", measured.all().recall(), mr.all().recall(), md.all().recall(), measured.all().prevented_share());
    for (key, caught) in &measured.caught {
        println!("{key:?} {}/{} recall {} at review {} at deny {} runs {}/{} prevented {} before {}", caught.alarmed, caught.harmful, caught.recall()/10_000, mr.caught[key].recall()/10_000, md.caught[key].recall()/10_000, caught.runs_alarmed, caught.runs, caught.prevented_share()/10_000, caught.median_before()/100);
    }
    println!("{:?}", measured.personas);
    println!("{:?}", measures::shuffled(&runs, &rule));
    Ok(true)
}
