//! The chain: stores, tills, cashiers and their shifts.

use crate::dice::Dice;

/// Seconds of a day.
pub(crate) const DAY: i64 = 86_400;

/// Where the second shift of a day begins, in minutes of local time.
const SECOND_SHIFT: i64 = 15 * 60;

/// A city.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum City {
    /// Moscow.
    Moscow,
    /// Kazan.
    Kazan,
    /// Yekaterinburg.
    Yekaterinburg,
}

impl City {
    /// Seconds by which local time is ahead of UTC.
    pub fn zone_offset(self) -> i64 {
        match self {
            Self::Moscow | Self::Kazan => 3 * 3600,
            Self::Yekaterinburg => 5 * 3600,
        }
    }
}

/// What a store sells.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Trade {
    /// Food; long baskets.
    Grocery,
    /// Coffee; short baskets, a stamp for a visit with a coffee.
    Coffee,
}

/// A store.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Store {
    /// From 1.
    pub id: u32,
    /// Where it is.
    pub city: City,
    /// What it sells.
    pub trade: Trade,
    /// Latitude in millionths of a degree.
    pub latitude: i64,
    /// Longitude in millionths of a degree.
    pub longitude: i64,
    /// When it opens and closes, in minutes of local time, from Monday.
    pub hours: [(i64, i64); 7],
    /// Its tills.
    pub tills: Vec<u32>,
}

impl Store {
    /// When it opens and closes on a day (days of local time since 1970), in seconds of UTC.
    pub fn opening(&self, day: i64) -> (i64, i64) {
        let (opens, closes) = self.hours[weekday(day)];
        let midnight = day * DAY - self.city.zone_offset();
        (midnight + opens * 60, midnight + closes * 60)
    }

    /// The day of local time at a moment.
    pub fn local_day(&self, at: i64) -> i64 {
        (at + self.city.zone_offset()).div_euclid(DAY)
    }
}

/// The day of the week, from Monday.
pub(crate) fn weekday(day: i64) -> usize {
    usize::try_from((day + 3).rem_euclid(7)).unwrap_or(0)
}

/// Where something happens: the till and who stands there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Place {
    pub store: u32,
    pub till: u32,
    pub cashier: Option<u32>,
    pub shift_open: bool,
}

/// Away from the shops.
pub(crate) const NOWHERE: Place = Place { store: 0, till: 0, cashier: None, shift_open: false };

/// A cashier's turn at a till.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Shift {
    pub till: u32,
    pub from: i64,
    pub to: i64,
}

/// The stores and who works in them. Nothing here is drawn: a roster is arithmetic.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    pub stores: Vec<Store>,
    /// The first cashier of each store and how many there are.
    staff: Vec<(u32, u32)>,
}

impl Chain {
    pub(crate) fn new() -> Self {
        let groceries = [(480, 1320); 7];
        let mut coffee = [(450, 1260); 7];
        coffee[5] = (540, 1260);
        coffee[6] = (540, 1200);
        let rows = [
            (City::Moscow, Trade::Coffee, 55_757_100, 37_615_600, coffee, 3),
            (City::Moscow, Trade::Grocery, 55_729_800, 37_640_200, groceries, 4),
            (City::Moscow, Trade::Coffee, 55_776_500, 37_593_100, coffee, 2),
            (City::Kazan, Trade::Coffee, 55_788_900, 49_122_100, coffee, 2),
            (City::Kazan, Trade::Grocery, 55_811_300, 49_105_700, groceries, 3),
            (City::Yekaterinburg, Trade::Coffee, 56_838_000, 60_597_500, coffee, 2),
        ];
        let (mut stores, mut staff) = (Vec::new(), Vec::new());
        let (mut till, mut cashier) = (1, 1);
        for (id, (city, trade, latitude, longitude, hours, tills)) in (1..).zip(rows) {
            let ids = (till..till + tills).collect();
            stores.push(Store { id, city, trade, latitude, longitude, hours, tills: ids });
            staff.push((cashier, 2 * tills + 2));
            till += tills;
            cashier += 2 * tills + 2;
        }
        Self { stores, staff }
    }

    pub(crate) fn store(&self, id: u32) -> &Store {
        &self.stores[id as usize - 1]
    }

    pub(crate) fn store_of(&self, till: u32) -> &Store {
        self.stores.iter().find(|store| store.tills.contains(&till)).unwrap_or(&self.stores[0])
    }

    pub(crate) fn tills(&self) -> u32 {
        self.stores.iter().map(|store| store.tills.len() as u32).sum()
    }

    pub(crate) fn cashiers(&self) -> u32 {
        self.staff.iter().map(|(_, count)| count).sum()
    }

    /// A store that is not this one, in the same city if `near` and there is one.
    pub(crate) fn another(&self, store: u32, near: bool, dice: &mut Dice) -> u32 {
        let city = self.store(store).city;
        let others: Vec<u32> =
            self.stores.iter().filter(|other| other.id != store).map(|other| other.id).collect();
        let fitting: Vec<u32> =
            others.iter().copied().filter(|&id| (self.store(id).city == city) == near).collect();
        dice.pick(if fitting.is_empty() { &others } else { &fitting })
    }

    /// Whether there is another store in the city.
    pub(crate) fn has_neighbour(&self, store: u32) -> bool {
        let city = self.store(store).city;
        self.stores.iter().any(|other| other.id != store && other.city == city)
    }

    /// How far two stores are apart, in kilometres as the crow flies, rounded up well.
    pub(crate) fn kilometres(&self, one: u32, other: u32) -> i64 {
        let cities = [self.store(one).city, self.store(other).city];
        match cities {
            _ if one == other => 0,
            [one, other] if one == other => 15,
            [City::Moscow, City::Kazan] | [City::Kazan, City::Moscow] => 740,
            [City::Kazan, _] | [_, City::Kazan] => 740,
            _ => 1_440,
        }
    }

    /// The cashier in one place of a store's list. The last of the list changes stores with the neighbour
    /// store every other week.
    fn member(&self, store: u32, position: u32, day: i64) -> u32 {
        let (first, count) = self.staff[store as usize - 1];
        let neighbour = match store {
            1 => Some(2),
            2 => Some(1),
            4 => Some(5),
            5 => Some(4),
            _ => None,
        };
        match neighbour {
            Some(other) if position == count - 1 && (day + 3).div_euclid(7) % 2 != 0 => {
                let (first, count) = self.staff[other - 1];
                first + count - 1
            }
            _ => first + position,
        }
    }

    /// Who stands at a till on a day, in the first or second shift.
    fn on_shift(&self, store: &Store, till: u32, day: i64, second: bool) -> u32 {
        let count = self.staff[store.id as usize - 1].1;
        let turn = (till - store.tills[0]) * 2 + u32::from(second);
        let rotation = u32::try_from(day.div_euclid(2).rem_euclid(i64::from(count))).unwrap_or(0);
        self.member(store.id, (turn + rotation * 2) % count, day)
    }

    /// Who stands at a till at a moment; nobody while the store is closed.
    pub(crate) fn on_duty(&self, till: u32, at: i64) -> Option<u32> {
        let store = self.store_of(till);
        let day = store.local_day(at);
        let (opens, closes) = store.opening(day);
        if at < opens - 900 || at > closes + 900 {
            return None;
        }
        let second = at + store.city.zone_offset() - day * DAY >= SECOND_SHIFT * 60;
        Some(self.on_shift(store, till, day, second))
    }

    /// The place of a till at a moment, as the roster has it.
    pub(crate) fn place(&self, till: u32, at: i64) -> Place {
        let cashier = self.on_duty(till, at);
        Place { store: self.store_of(till).id, till, cashier, shift_open: cashier.is_some() }
    }

    /// The turn of a cashier on a day.
    pub(crate) fn shift(&self, cashier: u32, day: i64) -> Option<Shift> {
        for store in &self.stores {
            let (opens, closes) = store.opening(day);
            let middle = day * DAY - store.city.zone_offset() + SECOND_SHIFT * 60;
            for &till in &store.tills {
                if self.on_shift(store, till, day, false) == cashier {
                    return Some(Shift { till, from: opens, to: middle - 1 });
                }
                if self.on_shift(store, till, day, true) == cashier {
                    return Some(Shift { till, from: middle, to: closes });
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_stores_stand_in_three_cities_with_two_to_four_tills() {
        let chain = Chain::new();
        assert_eq!(chain.stores.len(), 6);
        assert!(chain.stores.iter().all(|store| (2..=4).contains(&store.tills.len())));
        for city in [City::Moscow, City::Kazan, City::Yekaterinburg] {
            assert!(chain.stores.iter().any(|store| store.city == city));
        }
        let mut tills: Vec<u32> =
            chain.stores.iter().flat_map(|store| store.tills.clone()).collect();
        tills.dedup();
        assert_eq!(tills.len() as u32, chain.tills());
    }

    #[test]
    fn stores_are_no_farther_apart_than_is_said() {
        let chain = Chain::new();
        for one in &chain.stores {
            for other in &chain.stores {
                let radians = |micro: i64| (micro as f64 / 1e6).to_radians();
                let (a, b) = (radians(one.latitude), radians(other.latitude));
                let turn = radians(one.longitude - other.longitude).cos();
                let cosine = a.sin() * b.sin() + a.cos() * b.cos() * turn;
                let far = 6_371.0 * cosine.min(1.0).acos();
                let said = chain.kilometres(one.id, other.id) as f64;
                assert!(far <= said + 0.01 && said <= far * 1.05 + 15.0, "{far} {said}");
            }
        }
    }

    #[test]
    fn nobody_stands_at_two_tills_in_one_day() {
        let chain = Chain::new();
        for day in 20_000..20_060 {
            let mut seen = Vec::new();
            for store in &chain.stores {
                for &till in &store.tills {
                    seen.push(chain.on_shift(store, till, day, false));
                    seen.push(chain.on_shift(store, till, day, true));
                }
            }
            let all = seen.len();
            seen.sort_unstable();
            seen.dedup();
            assert_eq!(seen.len(), all, "on day {day}");
        }
    }

    #[test]
    fn a_shift_agrees_with_who_is_on_duty() {
        let chain = Chain::new();
        for cashier in 1..=chain.cashiers() {
            let shift = (20_000..20_010).find_map(|day| chain.shift(cashier, day)).unwrap();
            for at in [shift.from, shift.to - 1] {
                assert_eq!(chain.on_duty(shift.till, at), Some(cashier));
            }
        }
    }

    #[test]
    fn some_cashiers_work_in_two_stores() {
        let chain = Chain::new();
        let stores = |cashier| {
            let mut stores: Vec<u32> = (20_000..20_060)
                .filter_map(|day| chain.shift(cashier, day))
                .map(|shift| chain.store_of(shift.till).id)
                .collect();
            stores.sort_unstable();
            stores.dedup();
            stores.len()
        };
        assert_eq!((1..=chain.cashiers()).filter(|&cashier| stores(cashier) == 2).count(), 4);
    }

    #[test]
    fn a_closed_store_has_nobody_at_its_tills() {
        let chain = Chain::new();
        let (opens, closes) = chain.store(6).opening(20_000);
        assert_eq!((opens - 20_000 * DAY, closes - opens), (450 * 60 - 5 * 3600, 810 * 60));
        let till = chain.store(6).tills[0];
        assert_eq!(chain.on_duty(till, opens - 901), None);
        assert!(chain.on_duty(till, opens).is_some());
    }
}
