//! Division as both models do it, so that neither asks the engine.

/// By largest remainder: ties to the larger part, then to the earlier.
pub fn divide(total: i64, parts: &[i64]) -> Vec<i64> {
    let whole: i64 = parts.iter().sum();
    if whole == 0 {
        return vec![0; parts.len()];
    }
    let mut shares: Vec<i64> = parts.iter().map(|part| total * part / whole).collect();
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|&place| (-(total * parts[place] % whole), -parts[place], place));
    let left = total - shares.iter().sum::<i64>();
    for place in order.into_iter().take(usize::try_from(left).unwrap()) {
        shares[place] += 1;
    }
    shares
}
