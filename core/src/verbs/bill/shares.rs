//! Shares of a whole number that add up to it.

/// Room for anything.
pub(super) const ANY: i64 = i64::MAX;

/// `total` divided in proportion to weights (none below zero): each share is what rounding down,
/// counted cumulatively, gives it. No share is more than its room, and what has no room goes to
/// later ones, or to earlier ones where those have none; a total below zero is the mirror of one
/// above.
///
/// Without any weight everything goes to the first that has room.
pub(super) fn shares(total: i64, weights: &[i64], rooms: &[i64]) -> Vec<i64> {
    let whole: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    let magnitude = i128::from(total).abs();
    let mut later: i128 = rooms.iter().map(|room| i128::from((*room).max(0))).sum();
    let mut left = magnitude;
    let mut weight = 0i128;
    let mut given = Vec::with_capacity(weights.len());
    for (own, room) in weights.iter().zip(rooms) {
        let room = i128::from((*room).max(0));
        later -= room;
        weight += i128::from(*own);
        let target = if whole > 0 { magnitude * weight / whole } else { magnitude };
        let least = (left - later).max(0);
        let share = (target - (magnitude - left)).max(least).min(room).min(left).max(0);
        left -= share;
        given.push(i64::try_from(share).unwrap_or(i64::MAX) * total.signum());
    }
    given
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_down_cumulatively() {
        assert_eq!(shares(100, &[1, 1, 1], &[ANY; 3]), [33, 33, 34]);
        assert_eq!(shares(10, &[333, 667], &[ANY; 2]), [3, 7]);
        assert_eq!(shares(-100, &[1, 1, 1], &[ANY; 3]), [-33, -33, -34]);
    }

    #[test]
    fn what_has_no_room_goes_to_others() {
        // The first two take one each at most, so that the rest is the last one's.
        assert_eq!(shares(10, &[1, 1, 1], &[1, 1, ANY]), [1, 1, 8]);
        // The last has none: the first takes more than its share.
        assert_eq!(shares(2, &[1, 1], &[ANY, 0]), [2, 0]);
    }

    #[test]
    fn without_weights_the_first_gets_everything() {
        assert_eq!(shares(7, &[0, 0], &[ANY; 2]), [7, 0]);
        assert_eq!(shares(7, &[0, 0], &[0, ANY]), [0, 7]);
    }
}
