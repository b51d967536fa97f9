//! Numbers as the page writes them, and how far they may be off.

use super::measures::{draw, share};

/// How often seeds are drawn anew for an interval.
const RESAMPLES: usize = 1_000;
/// With fewer seeds than this the least and the greatest are told instead.
const SEEDS_LEAST: usize = 10;

/// A share in millionths as a percentage with one decimal.
pub fn percent(millionths: u64) -> String {
    let tenths = (millionths + 500) / 1_000;
    format!("{}.{} %", tenths / 10, tenths % 10)
}

/// The same with four decimals, for shares of honest receipts.
pub fn fine(millionths: u64) -> String {
    format!("{}.{:04} %", millionths / 10_000, millionths % 10_000)
}

/// Hundredths of a point as points.
pub fn points(hundredths: i64) -> String {
    let whole = hundredths / 100;
    let digits = whole.unsigned_abs().to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A count with its thousands apart.
pub fn count(number: u64) -> String {
    points(i64::try_from(number).unwrap_or(i64::MAX / 100).saturating_mul(100))
}

/// Shares of every seed, as a part and a whole: the bounds between which the share of all lies
/// with 95 % if seeds are drawn anew, or the least and the greatest of the seeds if they are few.
pub fn bounds(seeds: &[(u64, u64)]) -> (u64, u64) {
    let mut shares: Vec<u64> = match seeds.len() {
        count if count < SEEDS_LEAST => seeds.iter().map(|(part, of)| share(*part, *of)).collect(),
        count => {
            let mut state = 7;
            let mut resample = || {
                let drawn = (0..count).filter_map(|_| {
                    seeds.get(usize::try_from(draw(&mut state) % count as u64).unwrap_or(0))
                });
                let (part, of) = drawn.fold((0, 0), |(p, o), (part, of)| (p + part, o + of));
                share(part, of)
            };
            (0..RESAMPLES).map(|_| resample()).collect()
        }
    };
    shares.sort_unstable();
    let cut = if seeds.len() < SEEDS_LEAST { 0 } else { RESAMPLES / 40 };
    let at = |place: usize| shares.get(place).copied().unwrap_or(0);
    (at(cut), at(shares.len().saturating_sub(1 + cut)))
}

/// What [`bounds`] are, in words.
pub fn kind_of_bounds(seeds: usize) -> &'static str {
    match seeds {
        count if count < SEEDS_LEAST => "the least and the greatest of the seeds",
        _ => "95 % of 1,000 bootstraps over seeds",
    }
}

/// A table: a head, and rows of cells. The first column is text.
pub fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let mut text = format!("| {} |\n|---|{}\n", head.join(" | "), "--:|".repeat(head.len() - 1));
    for row in rows {
        text.push_str(&format!("| {} |\n", row.join(" | ")));
    }
    text
}
