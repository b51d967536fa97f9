//! Counts what is in a world: `shops [SEED] [DAYS] [RECEIPTS]`.

use std::collections::BTreeMap;
use std::time::Instant;

use shops::{FraudPlan, Kind, Knowledge, Plan, happenings};

fn main() {
    let mut numbers = std::env::args().skip(1).map(|word| word.parse::<u32>().unwrap_or(0));
    let seed = numbers.next().unwrap_or(1);
    let days = numbers.next().unwrap_or(60);
    let receipts = numbers.next().unwrap_or(1_000);
    let plan = Plan {
        seed: seed.into(),
        first_day: 20_402,
        days,
        receipts_per_store_day: receipts,
        fraud: FraudPlan::Mixed { knowledge: Knowledge::default() },
    };
    let (mut all, mut sales) = (0_u64, 0_u64);
    let mut personas: BTreeMap<&str, u64> = BTreeMap::new();
    let mut frauds: BTreeMap<(&str, _), (u64, u64, i64)> = BTreeMap::new();
    let began = Instant::now();
    for happening in happenings(&plan) {
        all += 1;
        sales += u64::from(matches!(happening.kind, Kind::Sale(_)));
        if let Some(persona) = happening.truth.persona {
            *personas.entry(persona).or_default() += 1;
        }
        if let Some(label) = happening.truth.label {
            let (count, harmful, loss) =
                frauds.entry((label.scenario, label.intensity)).or_default();
            *count += 1;
            *harmful += u64::from(label.harmful);
            *loss += label.loss;
        }
    }
    let took = began.elapsed();
    println!("{all} happenings, {sales} receipts in {} ms", took.as_millis());
    for (persona, count) in personas {
        println!("{persona:24} {count:8}");
    }
    for ((scenario, intensity), (count, harmful, loss)) in frauds {
        let (whole, hundredths) = (loss / 100, loss % 100);
        println!("{scenario:24} {intensity:8?} {count:8} {harmful:8} {whole:10}.{hundredths:02}");
    }
}
