//! Where the stores of a policy are, and when they are open.

use std::collections::HashMap;

use super::counter::member;

/// Minutes of a week.
pub(crate) const WEEK: u32 = 10_080;
/// Metres in a degree of latitude: a sphere of 6,371 km.
const METRES: i64 = 111_195;

/// A store as it was compiled.
#[derive(Clone, Debug, Default)]
pub(crate) struct Place {
    pub city: Option<String>,
    /// Latitude and longitude, in millionths of a degree.
    pub at: Option<(i64, i64)>,
    /// When it is open, in minutes of the week; an end may lie in the next week. Absent if nothing
    /// is said of that.
    pub open: Option<Vec<(u32, u32)>>,
}

/// The stores of a policy.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places {
    stores: HashMap<String, Place>,
    by_member: HashMap<u32, String>,
    cities: HashMap<String, Vec<u32>>,
}

impl Places {
    pub fn new(stores: Vec<(String, Place)>) -> Places {
        let mut places = Places::default();
        for (id, place) in stores {
            if let Some(city) = &place.city {
                places.cities.entry(city.clone()).or_default().push(member(&id));
            }
            places.by_member.insert(member(&id), id.clone());
            places.stores.insert(id, place);
        }
        places
    }

    /// By how many minutes a store is closed at a minute of the local week; 0 while it is open.
    /// Absent if the store or the minute is not known.
    pub fn closed_minutes(&self, store: &str, minute: Option<u32>) -> Option<u32> {
        let (place, minute) = (self.stores.get(store)?, minute? % WEEK);
        let away = |(from, until): &(u32, u32)| {
            let inside = [minute, minute + WEEK].iter().any(|m| (*from..*until).contains(m));
            if inside {
                return 0;
            }
            let before = (from + WEEK - minute) % WEEK;
            let after = (minute + 2 * WEEK - until) % WEEK + 1;
            before.min(after)
        };
        let Some(open) = &place.open else { return Some(0) };
        Some(open.iter().map(away).min().unwrap_or(WEEK))
    }

    /// The members by which counters name the stores of a store's city.
    pub fn stores_of_city(&self, store: &str) -> Option<&[u32]> {
        let city = self.stores.get(store)?.city.as_ref()?;
        self.cities.get(city).map(Vec::as_slice)
    }

    /// The distance between two stores in metres, as the crow flies.
    pub fn metres(&self, from: u32, to: &str) -> Option<i64> {
        let from = self.stores.get(self.by_member.get(&from)?)?.at?;
        let to = self.stores.get(to)?.at?;
        Some(distance(from, to))
    }
}

/// The distance in metres on a sphere as if it were flat between the two: within half a percent up to
/// 1,000 km below the polar circles.
fn distance(from: (i64, i64), to: (i64, i64)) -> i64 {
    let metres = |microdegrees: i64| microdegrees.saturating_mul(METRES) / 1_000_000;
    let north = metres(to.0 - from.0);
    let around = (to.1 - from.1).rem_euclid(360_000_000);
    let around = if around > 180_000_000 { around - 360_000_000 } else { around };
    let middle = (from.0 + to.0) / 2;
    let east = metres(around).saturating_mul(cosine(middle)) / 1_000_000;
    let square = i128::from(north).pow(2) + i128::from(east).pow(2);
    i64::try_from(square.isqrt()).unwrap_or(i64::MAX)
}

/// The cosine of an angle in millionths of a degree, in millionths: the series to the eighth power,
/// which is exact to a millionth or two up to a right angle.
fn cosine(angle: i64) -> i64 {
    const ONE: i128 = 1_000_000_000;
    // The angle in radians, in thousand-millionths.
    let radians = i128::from(angle.clamp(-90_000_000, 90_000_000)) * 17_453_293 / 1_000_000;
    let square = radians * radians / ONE;
    let term = |power: i128, divisor: i128| power / divisor;
    let (fourth, sixth) = (square * square / ONE, square * square / ONE * square / ONE);
    let (eighth, tenth) = (fourth * fourth / ONE, fourth * sixth / ONE);
    let sum = ONE - term(square, 2) + term(fourth, 24) - term(sixth, 720) + term(eighth, 40_320)
        - term(tenth, 3_628_800);
    i64::try_from(sum / 1_000).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cosine_is_that_of_the_tables() {
        for (degrees, expected) in
            [(0, 1_000_000), (30, 866_025), (45, 707_107), (60, 500_000), (80, 173_648)]
        {
            assert!(cosine(degrees * 1_000_000).abs_diff(expected) <= 2, "{degrees}");
        }
    }

    #[test]
    fn from_moscow_to_saint_petersburg_it_is_634_km() {
        // Great-circle distances: Moscow to Saint Petersburg 633 to 635 km, to Kazan 719 to 720 km.
        let (moscow, petersburg) = ((55_755_800, 37_617_300), (59_939_100, 30_315_800));
        assert!((630_000..=638_000).contains(&distance(moscow, petersburg)));
        let kazan = (55_796_300, 49_108_800);
        assert!((715_000..=723_000).contains(&distance(moscow, kazan)));
    }

    #[test]
    fn over_the_date_line_the_short_way_is_taken() {
        let metres = distance((0, 179_900_000), (0, -179_900_000));
        assert_eq!(metres, 22_239);
    }

    #[test]
    fn a_store_that_is_open_over_midnight_on_sunday_is_open_early_on_monday() {
        let sunday = 6 * 1_440;
        let open = Some(vec![(sunday + 20 * 60, sunday + 26 * 60)]);
        let places = Places::new(vec![("bar".into(), Place { open, ..Place::default() })]);
        let closed = |minute| places.closed_minutes("bar", Some(minute)).unwrap();
        assert_eq!([closed(60), closed(119), closed(120), closed(150)], [0, 0, 1, 31]);
        assert_eq!(closed(sunday + 19 * 60), 60);
    }
}
