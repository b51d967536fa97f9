//! Where drafts are written: the chain, dice, fresh numbers and whose doing it is.

use crate::chain::{Chain, DAY, NOWHERE, Place, Trade};
use crate::dice::{Dice, mark, mix};
use crate::draft::{Act, Back, Claim, Draft, Harm, Origin, SaleDraft, Spend};
use crate::happening::{Confirmation, Kind, Scan};

/// Money of baskets, in hundredths, from the least to the greatest in even steps of likelihood.
const COFFEE_BASKETS: [i64; 17] = [
    9_000, 15_000, 17_000, 19_000, 21_000, 23_000, 25_000, 28_000, 31_000, 35_000, 40_000, 46_000,
    54_000, 66_000, 90_000, 150_000, 260_000,
];
const GROCERY_BASKETS: [i64; 17] = [
    4_000, 12_000, 18_000, 25_000, 32_000, 40_000, 50_000, 62_000, 76_000, 95_000, 118_000,
    148_000, 190_000, 250_000, 340_000, 520_000, 1_100_000,
];

/// Hours of the day, each as often as guests come in it, relatively.
const COFFEE_HOURS: [i64; 32] = [
    7, 8, 8, 8, 9, 9, 9, 9, 10, 10, 10, 11, 11, 12, 12, 12, 13, 13, 13, 14, 14, 15, 15, 16, 16, 17,
    17, 18, 18, 19, 19, 20,
];
const GROCERY_HOURS: [i64; 32] = [
    8, 9, 9, 10, 10, 11, 11, 12, 12, 12, 13, 13, 13, 14, 14, 15, 15, 16, 16, 17, 17, 17, 18, 18,
    18, 18, 19, 19, 19, 20, 20, 21,
];

/// Fresh numbers of cards, gift cards and receipts.
pub(crate) struct Ids {
    stream: u64,
    receipts: u64,
    next_card: u32,
    next_gift: u32,
    /// The points of cards that are older than the world.
    pub openings: Vec<(u32, i64)>,
}

impl Ids {
    pub(crate) fn new(stream: u64, next_card: u32, next_gift: u32) -> Self {
        Self { stream, receipts: 0, next_card, next_gift, openings: Vec::new() }
    }

    pub(crate) fn receipt(&mut self) -> u64 {
        self.receipts += 1;
        mix((self.stream << 60) | self.receipts)
    }

    pub(crate) fn new_card(&mut self) -> u32 {
        self.next_card += 1;
        self.next_card - 1
    }

    pub(crate) fn old_card(&mut self, balance: i64) -> u32 {
        let card = self.new_card();
        self.openings.push((card, balance));
        card
    }

    pub(crate) fn gift_card(&mut self) -> u32 {
        self.next_gift += 1;
        self.next_gift - 1
    }
}

/// Where drafts are written.
pub(crate) struct Stage<'a> {
    pub chain: &'a Chain,
    pub seed: u64,
    pub dice: Dice,
    pub ids: &'a mut Ids,
    pub out: &'a mut Vec<Draft>,
    pub origin: Origin,
}

impl Stage<'_> {
    /// A moment on a day when a store is open, as guests come.
    pub(crate) fn moment(&mut self, store: u32, day: i64) -> i64 {
        let place = self.chain.store(store);
        let hour = self.dice.pick(match place.trade {
            Trade::Coffee => &COFFEE_HOURS,
            Trade::Grocery => &GROCERY_HOURS,
        });
        let second = hour * 3600 + self.dice.below(3600);
        let (opens, closes) = place.opening(day);
        let at = day * DAY - place.city.zone_offset() + second;
        if (opens..closes).contains(&at) { at } else { opens + second * 7919 % (closes - opens) }
    }

    /// A moment near a minute of local time, within opening hours.
    pub(crate) fn near(&mut self, store: u32, day: i64, minute: i64, spread: i64) -> i64 {
        let place = self.chain.store(store);
        let (opens, closes) = place.opening(day);
        let middle = day * DAY - place.city.zone_offset() + minute * 60;
        let at = middle + self.dice.between(-spread * 60, spread * 60);
        at.clamp(opens, closes - 1)
    }

    /// Some till of a store with whoever is on duty.
    pub(crate) fn till(&mut self, store: u32, at: i64) -> Place {
        let till = self.dice.pick(&self.chain.store(store).tills);
        self.chain.place(till, at)
    }

    /// A usual sale: a basket of the store's trade, paid with the guest's own card or in cash.
    pub(crate) fn sale(&mut self, store: u32, card: Option<u32>) -> SaleDraft {
        let trade = self.chain.store(store).trade;
        let baskets = match trade {
            Trade::Coffee => &COFFEE_BASKETS,
            Trade::Grocery => &GROCERY_BASKETS,
        };
        let step = self.dice.below(16);
        let index = usize::try_from(step).unwrap_or(0);
        let total = self.dice.between(baskets[index], baskets[index + 1]) / 100 * 100;
        let payer = match (self.dice.below(10), card) {
            (0 | 1, _) => None,
            (2 | 3, _) | (_, None) => Some(self.dice.bits()),
            (_, Some(card)) => Some(mark(self.seed, &[77, u64::from(card)])),
        };
        let coffee = trade == Trade::Coffee && card.is_some() && self.dice.chance(8_000);
        SaleDraft {
            card,
            number: 0,
            claim: Claim::None,
            total,
            spend: Spend::None,
            stamps: if coffee { 100 } else { 0 },
            items: 1 + u32::try_from(step / 3 + i64::from(trade == Trade::Grocery) * step)
                .unwrap_or(0),
            how: self.scan(card),
            confirmed: Confirmation::None,
            wrong_codes: Vec::new(),
            coupons: 0,
            loads: Vec::new(),
            gift_spent: Vec::new(),
            payer,
            after_total: false,
            manual_discount: 0,
            remember: false,
        }
    }

    /// How a guest shows a card: each has a way, and seldom takes another.
    pub(crate) fn scan(&mut self, card: Option<u32>) -> Scan {
        let habit = card.map_or(0, |card| mark(self.seed, &[78, u64::from(card)]) % 100);
        let habit = if self.dice.chance(9_000) { habit } else { self.dice.bits() % 100 };
        match habit {
            0..=51 => Scan::Static,
            52..=55 => Scan::Typed,
            56..=87 => Scan::Rotating,
            88..=93 => Scan::Signed,
            _ => Scan::Pin,
        }
    }

    /// A sale at a till; answers with the mark of its receipt.
    pub(crate) fn ring_up(&mut self, at: i64, place: Place, sale: SaleDraft, harm: Harm) -> u64 {
        let number = if sale.claim == Claim::None { self.ids.receipt() } else { 0 };
        let sale = SaleDraft { number, ..sale };
        self.push(at, place, Act::Sale(sale), harm);
        number
    }

    /// A receipt comes back as money.
    pub(crate) fn refund(&mut self, at: i64, place: Place, receipt: u64, percent: i64, harm: Harm) {
        self.push(at, place, Act::Back(Back { receipt, void: false, percent, gift: None }), harm);
    }

    /// A receipt comes back as money on a gift card.
    pub(crate) fn refund_to(&mut self, at: i64, place: Place, receipt: u64, gift: u32, harm: Harm) {
        let back = Back { receipt, void: false, percent: 100, gift: Some(gift) };
        self.push(at, place, Act::Back(back), harm);
    }

    /// A receipt is undone.
    pub(crate) fn void(&mut self, at: i64, place: Place, receipt: u64, harm: Harm) {
        self.push(
            at,
            place,
            Act::Back(Back { receipt, void: true, percent: 100, gift: None }),
            harm,
        );
    }

    /// Something else at a till.
    pub(crate) fn tell(&mut self, at: i64, place: Place, kind: Kind, harm: Harm) {
        self.push(at, place, Act::Plain(kind), harm);
    }

    /// Something away from the shops.
    pub(crate) fn away(&mut self, at: i64, kind: Kind, harm: Harm) {
        self.push(at, NOWHERE, Act::Plain(kind), harm);
    }

    /// A draft.
    pub(crate) fn push(&mut self, at: i64, place: Place, act: Act, harm: Harm) {
        let origin = self.origin;
        self.out.push(Draft { at, place, act, clock: 0, lag: 0, harm, origin });
    }

    /// The draft that was written last.
    pub(crate) fn last(&mut self) -> Option<&mut Draft> {
        self.out.last_mut()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::City;

    fn with_stage(test: impl FnOnce(&mut Stage<'_>)) {
        let (chain, mut ids, mut out) = (Chain::new(), Ids::new(0, 1, 1), Vec::new());
        let dice = Dice::of(3, &[]);
        test(&mut Stage {
            chain: &chain,
            seed: 3,
            dice,
            ids: &mut ids,
            out: &mut out,
            origin: Origin::Everyday,
        });
    }

    #[test]
    fn guests_come_only_while_a_store_is_open() {
        with_stage(|stage| {
            for store in 1..=6 {
                for day in 20_000..20_007 {
                    let (opens, closes) = stage.chain.store(store).opening(day);
                    for _ in 0..200 {
                        let at = stage.moment(store, day);
                        assert!((opens..closes).contains(&at));
                        let place = stage.till(store, at);
                        assert!(
                            place.cashier.is_some() && place.shift_open && place.store == store
                        );
                    }
                }
            }
        });
    }

    #[test]
    fn baskets_have_a_long_tail() {
        with_stage(|stage| {
            let mut totals: Vec<i64> = (0..4000).map(|_| stage.sale(2, None).total).collect();
            totals.sort_unstable();
            let mean = totals.iter().sum::<i64>() / 4000;
            assert!(totals[2000] * 4 < mean * 3, "median {} mean {mean}", totals[2000]);
            assert!(totals.iter().all(|total| total % 100 == 0));
        });
    }

    #[test]
    fn receipts_of_two_streams_never_share_a_mark() {
        let (mut honest, mut fraud) = (Ids::new(1, 1, 1), Ids::new(2, 1, 1));
        let mut marks: Vec<u64> =
            (0..500).flat_map(|_| [honest.receipt(), fraud.receipt()]).collect();
        marks.sort_unstable();
        marks.dedup();
        assert_eq!(marks.len(), 1000);
        assert_eq!(City::Kazan.zone_offset(), 10_800);
    }
}
