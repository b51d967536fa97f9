//! Honest people who look like frauds.

mod guests;
mod shops;

use crate::chain::Chain;
use crate::dice::{Dice, mark_below};
use crate::draft::{Draft, Harm, Origin, SaleDraft};
use crate::population::Cards;
use crate::stage::{Ids, Stage};
use crate::world::Plan;

/// An honest person who looks like a fraud.
#[derive(Clone, Copy, Debug)]
pub struct Persona {
    /// The name in [`crate::Truth`].
    pub id: &'static str,
    /// Who it is.
    pub title: &'static str,
    /// The points of its cards as the world begins.
    cards: &'static [i64],
    /// What it does on a day. None: it comes of everyday life.
    play: Option<fn(&mut Scene<'_, '_>)>,
}

const fn of(
    id: &'static str,
    title: &'static str,
    cards: &'static [i64],
    play: fn(&mut Scene<'_, '_>),
) -> Persona {
    Persona { id, title, cards, play: Some(play) }
}

const fn everyday(id: &'static str, title: &'static str) -> Persona {
    Persona { id, title, cards: &[], play: None }
}

/// All of them.
pub const PERSONAS: &[Persona] = &[
    of("office-lunch", "Buys lunch for the whole office on one card", &[900], guests::office_lunch),
    of("parents", "Parents share a card, each at another store at once", &[700], guests::parents),
    of("twins", "Twins pay at two tills with one card", &[500], guests::twins),
    of("commuter", "Flies between two cities every week", &[800], guests::commuter),
    of("returning-traveller", "Comes back after 8 months and spends", &[2_400], guests::traveller),
    of("tourist-day", "Spends a day of visits in every store of a city", &[300], guests::tourist),
    of("typed-by-hand", "Her code never scans: typed every time", &[600], guests::typed),
    of("welcome-present", "Spends the welcome present at once", &[], guests::welcome),
    of(
        "lost-phone",
        "Changes the phone and then spends, as it was due",
        &[1_300],
        guests::lost_phone,
    ),
    of("new-member", "A new member of a household who spends", &[1_600], guests::new_member),
    of("split-bill", "Friends who pay a bill in parts on one card", &[200], guests::split_bill),
    of("clumsy-pin", "Mistypes the PIN again and again", &[900], guests::clumsy_pin),
    of("coupon-typist", "Mistypes coupon codes of a leaflet", &[100], guests::coupon_typist),
    of("popular", "Brings many friends, each with a phone of their own", &[400], guests::popular),
    of("family-device", "A family with all its cards on one phone", &[300], guests::family_device),
    of("balance-asker", "Asks for the points at each visit, spends seldom", &[450], guests::asker),
    of("generous-aunt", "Gives points to nephews before their birthdays", &[3_000], guests::aunt),
    of("wardrobe", "Buys three sizes and brings two back", &[350], guests::wardrobe),
    of("staff-purchases", "A cashier's own breakfast, each shift", &[150], shops::staff_purchases),
    of("price-error", "A wrong price: many small refunds at one till", &[], shops::price_error),
    of("recall-shift", "A recall: a shift of refunds", &[], shops::recall),
    of("catering", "Orders for events: large receipts in a row", &[2_000], shops::catering),
    of("company-gifts", "Gift cards for a whole company", &[], shops::company_gifts),
    of("goodwill-agent", "An agent who makes good an evening without app", &[], shops::goodwill),
    of(
        "offline-regular",
        "A regular who spends whatever the network does",
        &[1_800],
        shops::offline,
    ),
    of(
        "inventory-night",
        "Staff buy food in the night of the inventory",
        &[200, 250],
        shops::inventory,
    ),
    of("forgetful", "Brings receipts later, every week", &[250], guests::forgetful),
    of("training-till", "A trainee who undoes many receipts", &[], shops::trainee),
    everyday("holiday-rush", "Two and a half times as many guests before a holiday"),
    everyday("wrong-clock-till", "Guests at a till whose clock is three hours fast"),
];

/// A persona in a store.
pub(crate) struct Run {
    persona: &'static Persona,
    number: u32,
    store: u32,
    cards: Vec<u32>,
}

impl Run {
    /// The persona.
    pub(crate) fn id(&self) -> &'static str {
        self.persona.id
    }

    /// Where it is at home.
    pub(crate) fn store(&self) -> u32 {
        self.store
    }

    /// Whether a card is one of its own.
    pub(crate) fn holds(&self, card: u32) -> bool {
        self.cards.contains(&card)
    }
}

/// A run on a day.
pub(crate) struct Scene<'a, 'b> {
    pub stage: &'b mut Stage<'a>,
    pub everyone: &'b Cards,
    pub store: u32,
    pub cards: &'b [u32],
    pub day: i64,
    /// Days since the world began.
    pub nth: i64,
    /// A number of the run's own.
    pub whim: i64,
}

impl Scene<'_, '_> {
    /// Whether this is the one day of the run that falls so many days after the world began, or up to `spread`
    /// more, by the run's own number.
    pub(crate) fn is_day(&self, first: i64, spread: i64) -> bool {
        self.nth == first + self.whim % spread.max(1)
    }

    /// Whether the run's turn comes, every so many days.
    pub(crate) fn every(&self, days: i64) -> bool {
        (self.nth + self.whim) % days == 0
    }

    /// A sale of the run's own at a till of a store.
    pub(crate) fn buy(
        &mut self,
        store: u32,
        at: i64,
        card: Option<u32>,
        how: impl FnOnce(&mut SaleDraft),
    ) -> u64 {
        let place = self.stage.till(store, at);
        let mut sale = self.stage.sale(store, card);
        how(&mut sale);
        self.stage.ring_up(at, place, sale, Harm::None)
    }
}

/// Gives each persona its runs: a small part of a world, whatever its size.
pub(crate) fn cast(chain: &Chain, plan: &Plan, ids: &mut Ids) -> Vec<Run> {
    let each = 1 + plan.receipts_per_store_day / 300;
    let stores = chain.stores.len() as u32;
    let mut runs = Vec::new();
    for (index, persona) in (0_u32..).zip(PERSONAS) {
        for number in 0..each {
            let cards = persona.cards.iter().map(|&points| ids.old_card(points)).collect();
            runs.push(Run { persona, number, store: 1 + (index + number) % stores, cards });
        }
    }
    runs
}

/// What a run does on a day.
pub(crate) fn play(
    run: &Run,
    chain: &Chain,
    plan: &Plan,
    cards: &Cards,
    ids: &mut Ids,
    out: &mut Vec<Draft>,
    day: i64,
) {
    let Some(play) = run.persona.play else { return };
    let name =
        run.persona.id.bytes().fold(0, |name: u64, byte| name * 31 % 1_000_003 + u64::from(byte));
    let own = [2, name, run.number.into()];
    let dice = Dice::of(plan.seed, &[own[0], own[1], own[2], day.cast_unsigned()]);
    let origin = Origin::Persona(run.persona.id);
    let mut stage = Stage { chain, seed: plan.seed, dice, ids, out, origin };
    play(&mut Scene {
        stage: &mut stage,
        everyone: cards,
        store: run.store,
        cards: &run.cards,
        day,
        nth: day - plan.first_day,
        whim: mark_below(plan.seed, &own, 1 << 20),
    });
}
