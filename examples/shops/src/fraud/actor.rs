//! Who plays a scenario, and what every one of them can do.

use crate::chain::{DAY, Place, Trade};
use crate::draft::{Harm, SaleDraft, Spend};
use crate::happening::{Confirmation, Scan};
use crate::population::Cards;
use crate::stage::Stage;
use crate::{Intensity, Knowledge};

/// Who plays a scenario.
pub(super) struct Actor<'a, 'b> {
    pub stage: &'b mut Stage<'a>,
    pub everyone: &'b Cards,
    pub know: Knowledge,
    pub intensity: Intensity,
    /// The first and last day of the world.
    pub first: i64,
    pub last: i64,
    /// The first and last day of the fraud.
    pub from: i64,
    pub to: i64,
    /// Where it is at home.
    pub store: u32,
    /// The run's own number.
    pub number: u32,
    /// How many sleeping cards frauds have taken so far.
    pub prey: &'b mut u32,
}

/// A till and a moment.
pub(super) type Spot = (i64, Place);

impl Actor<'_, '_> {
    /// One of three, by the intensity.
    pub(super) fn by<T>(&self, blatant: T, moderate: T, patient: T) -> T {
        match self.intensity {
            Intensity::Blatant => blatant,
            Intensity::Moderate => moderate,
            Intensity::Patient => patient,
        }
    }

    /// So many days of the fraud, or all, spread evenly.
    pub(super) fn days(&mut self, count: i64) -> Vec<i64> {
        let length = self.to - self.from + 1;
        let count = count.clamp(1, length);
        (0..count)
            .map(|index| {
                let (here, next) = (index * length / count, (index + 1) * length / count);
                self.from + self.stage.dice.between(here, next - 1)
            })
            .collect()
    }

    /// A day of the first third of the fraud.
    pub(super) fn early(&mut self) -> i64 {
        self.from + self.stage.dice.below((self.to - self.from) / 3 + 1)
    }

    /// All days of the fraud.
    pub(super) fn every_day(&self) -> Vec<i64> {
        (self.from..=self.to).collect()
    }

    /// A store of the trade, the own one if it fits.
    pub(super) fn store_of(&self, trade: Trade) -> u32 {
        let stores = &self.stage.chain.stores;
        let own = self.stage.chain.store(self.store);
        let fits = std::iter::once(own).chain(stores).find(|store| store.trade == trade);
        fits.map_or(self.store, |store| store.id)
    }

    /// The stores of the own city.
    pub(super) fn city(&self) -> Vec<u32> {
        let city = self.stage.chain.store(self.store).city;
        let stores = self.stage.chain.stores.iter();
        stores.filter(|store| store.city == city).map(|store| store.id).collect()
    }

    /// The stores of all cities.
    pub(super) fn anywhere(&self) -> Vec<u32> {
        self.stage.chain.stores.iter().map(|store| store.id).collect()
    }

    /// A cashier of the own store; each number gives another, as long as there are any.
    pub(super) fn insider(&self, number: u32) -> u32 {
        let store = self.stage.chain.store(self.store);
        let tills = store.tills.len() as u32;
        let till = store.tills[(number % tills) as usize];
        let (opens, closes) = store.opening(self.from);
        let at = if (number / tills).is_multiple_of(2) { opens } else { closes - 1 };
        self.stage.chain.on_duty(till, at).unwrap_or(1)
    }

    /// Moments in the turns of a cashier, in order of time; on a day off, of the nearest turn.
    pub(super) fn turns(&mut self, cashier: u32, days: &[i64], each: i64) -> Vec<Spot> {
        let mut spots = Vec::new();
        let chain = self.stage.chain;
        for &day in days {
            let near = [0, 1, -1, 2, -2, 3, -3, 4, -4, 5, -5].map(|off| day + off);
            let mut open = near.into_iter().filter(|&day| day > self.first && day <= self.to + 1);
            let Some(turn) = open.find_map(|day| chain.shift(cashier, day)) else { continue };
            for _ in 0..each {
                let at = self.stage.dice.between(turn.from + 60, turn.to - 120);
                spots.push((at, chain.place(turn.till, at)));
            }
        }
        spots.sort_by_key(|(at, _)| *at);
        spots
    }

    /// Moments in stores, in order of time.
    pub(super) fn visits(&mut self, stores: &[u32], days: &[i64], each: i64) -> Vec<Spot> {
        let mut spots = Vec::new();
        for &day in days {
            for _ in 0..each {
                let store = self.stage.dice.pick(stores);
                spots.push(self.spot(store, day));
            }
        }
        spots.sort_by_key(|(at, _)| *at);
        spots
    }

    /// A moment at some till of a store.
    pub(super) fn spot(&mut self, store: u32, day: i64) -> Spot {
        let at = self.stage.moment(store, day);
        (at, self.stage.till(store, at))
    }

    /// A till of a store some seconds later, or at the next day's opening if it is closed then.
    pub(super) fn soon(&mut self, store: u32, at: i64) -> Spot {
        let place = self.stage.chain.store(store);
        let day = place.local_day(at);
        let (opens, closes) = place.opening(day);
        let at = if at >= closes {
            place.opening(day + 1).0 + at % 3_600
        } else if at < opens {
            opens + at % 3_600
        } else {
            at
        };
        (at, self.stage.till(store, at))
    }

    /// A sale as its writer wishes.
    pub(super) fn buy(
        &mut self,
        (at, place): Spot,
        card: Option<u32>,
        harm: Harm,
        how: impl FnOnce(&mut SaleDraft),
    ) -> u64 {
        let mut sale = self.stage.sale(place.store, card);
        how(&mut sale);
        self.stage.ring_up(at, place, sale, harm)
    }

    /// A stranger's receipt goes to a card.
    pub(super) fn credit(&mut self, spot: Spot, card: u32) -> u64 {
        let payer = self.stage.dice.chance(7_500).then(|| self.stage.dice.bits());
        let after_total = self.stage.dice.chance(6_000);
        let how = self.stage.dice.pick(&[Scan::Static, Scan::Typed, Scan::Typed]);
        self.buy(spot, Some(card), Harm::Earned, |sale| {
            (sale.payer, sale.after_total, sale.how) = (payer, after_total, how);
            sale.total = sale.total.max(4_000);
        })
    }

    /// So many points of a card are spent, on a receipt twice as large.
    pub(super) fn spend(
        &mut self,
        spot: Spot,
        card: u32,
        points: i64,
        how: Scan,
        harm: Harm,
    ) -> u64 {
        let more = self.stage.dice.between(0, 90) * 100;
        let payer = self.stage.dice.bits();
        self.buy(spot, Some(card), harm, |sale| {
            (sale.total, sale.spend) = (points * 200 + more, Spend::Points(points));
            (sale.how, sale.payer, sale.stamps) = (how, Some(payer), 0);
            if how == Scan::Rotating {
                // Whoever has the owner's phone gets the codes.
                sale.confirmed = Confirmation::Code;
            }
        })
    }

    /// A card whose owner stays away. It has at least 150 points.
    pub(super) fn sleeping(&mut self) -> u32 {
        *self.prey += 1;
        self.everyone.dormant(*self.prey)
    }

    /// A card that is older than the world.
    pub(super) fn old_card(&mut self, points: i64) -> u32 {
        self.stage.ids.old_card(points)
    }

    /// The usual visits of a card before the fraud begins.
    pub(super) fn past(&mut self, card: u32) {
        let mut day = self.first + self.stage.dice.below(4);
        while day < self.from {
            let spot = self.spot(self.store, day);
            self.buy(spot, Some(card), Harm::None, |_| {});
            day += self.stage.dice.between(4, 9);
        }
    }

    /// The points that were won are spent in the end.
    pub(super) fn harvest(&mut self, card: u32, points: i64) {
        let spot = self.spot(self.store, self.to + 1);
        self.spend(spot, card, points, Scan::Static, Harm::None);
    }

    /// Something of another day at a moment of that day, in the app.
    pub(super) fn evening(&mut self, day: i64) -> i64 {
        let offset = self.stage.chain.store(self.store).city.zone_offset();
        day * DAY - offset + self.stage.dice.between(18 * 3600, 23 * 3600)
    }
}
