//! Frauds: actors with a goal and a budget.

mod accounts;
mod actor;
mod cards;
mod careful;
mod gifts;
mod guesses;
mod receipts;
mod staff;

use crate::chain::Chain;
use crate::dice::Dice;
use crate::draft::{Draft, Origin};
use crate::population::Cards;
use crate::stage::{Ids, Stage};
use crate::world::{FraudPlan, Plan};
use actor::Actor;

/// How boldly a fraud acts.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Intensity {
    /// Within days, much at once.
    Blatant,
    /// Within a week or two.
    Moderate,
    /// Over weeks, little at a time.
    Patient,
}

impl Intensity {
    /// For how many days it acts at most.
    fn days(self) -> i64 {
        match self {
            Self::Blatant => 3,
            Self::Moderate => 12,
            Self::Patient => 40,
        }
    }
}

/// A fraud.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    /// The name in [`crate::Label`].
    pub id: &'static str,
    /// What is done.
    pub title: &'static str,
    /// Whether it knows the limits and stays below them.
    pub adaptive: bool,
    /// How boldly it can be played.
    pub intensities: &'static [Intensity],
    /// What its actor does.
    play: fn(&mut Actor<'_, '_>),
}

const ALL: &[Intensity] = &[Intensity::Blatant, Intensity::Moderate, Intensity::Patient];

const fn of(id: &'static str, title: &'static str, play: fn(&mut Actor<'_, '_>)) -> Scenario {
    Scenario { id, title, adaptive: false, intensities: ALL, play }
}

const fn careful(id: &'static str, title: &'static str, play: fn(&mut Actor<'_, '_>)) -> Scenario {
    Scenario { id, title, adaptive: true, intensities: ALL, play }
}

/// All of them.
pub const SCENARIOS: &[Scenario] = &[
    of("own-card", "A cashier credits strangers' receipts to an own card", staff::own_card),
    of(
        "family-card",
        "A cashier credits strangers' receipts to cards of the family",
        staff::family_card,
    ),
    of(
        "ex-cashier",
        "Colleagues credit receipts to a former cashier, who has the discount too",
        staff::ex_cashier,
    ),
    of("friends-discount", "A cashier gives friends discounts by hand", staff::friends_discount),
    of(
        "dormant-harvest",
        "A cashier spends the points of cards that sleep, and keeps the cash",
        staff::dormant_harvest,
    ),
    of(
        "void-after-spend",
        "A sale with points spent is undone, the goods are gone",
        staff::void_after_spend,
    ),
    of(
        "refund-to-gift",
        "A cashier refunds strangers' receipts onto gift cards",
        staff::refund_to_gift,
    ),
    of("off-hours", "Staff book and spend points after closing", staff::off_hours),
    of(
        "clock-back",
        "The clock of a till is set back for an offer that is over",
        staff::clock_back,
    ),
    of("stamps", "Stamps are given without sales", staff::stamps),
    of("lock-toggle", "Staff unlock a lost card, drain it and lock it again", staff::lock_toggle),
    of(
        "discarded-receipts",
        "Receipts left behind are claimed at another branch",
        receipts::discarded,
    ),
    of("receipt-twice", "A receipt is claimed again on the same card", receipts::twice_same),
    of("receipt-two-cards", "A receipt is claimed again on another card", receipts::twice_other),
    of("split-basket", "A basket is split for a stamp and a coupon each", receipts::split_basket),
    of(
        "earn-spend-return",
        "Points are earned, spent, and the goods brought back",
        receipts::earn_spend_return,
    ),
    of("refund-ratio", "Most of what is bought comes back used", receipts::refund_ratio),
    of("coupon-guessing", "Coupon codes are guessed", guesses::coupons),
    of("coupon-sweep", "Coupon codes with one beginning are tried in turn", guesses::sweep),
    of("number-guessing", "Numbers of cards are guessed at a till", guesses::numbers),
    of("pin-guessing", "The PIN of a card is guessed", guesses::pins),
    of(
        "balance-probing",
        "Cards are asked for their points, the rich ones drained",
        guesses::probing,
    ),
    of("two-tills", "A card is shown at two tills at once, one without network", cards::two_tills),
    of("stolen-card", "A stolen card is drained", cards::stolen),
    of("takeover", "Phone, PIN and device are changed, then the card is drained", cards::takeover),
    of("screenshot", "A picture of a code goes round friends and cities", cards::screenshot),
    of("static-leak", "A code that never changes is spread over a forum", cards::static_leak),
    of("typed-number", "Known numbers are typed by hand and their points spent", cards::typed),
    of(
        "offline-cherry",
        "Points are spent again in each store without network",
        cards::offline_cherry,
    ),
    of("household-drain", "A new member drains the pool of a household", cards::household),
    of("gift-void", "A gift card is loaded, the sale undone, the card spent", gifts::void),
    of(
        "gift-stolen-money",
        "A gift card is loaded with stolen money, drained elsewhere",
        gifts::stolen_money,
    ),
    of("gift-bulk", "Gift cards are bought in bulk with stolen money", gifts::bulk),
    of("referral-self", "A guest brings themselves, on the same device", accounts::referral_self),
    of("referral-farm", "A farm of guests who never come again", accounts::referral_farm),
    of("welcome-bonus", "Many cards on one device for the welcome present", accounts::welcome),
    of("agent-grants", "An agent grants points to an own card", accounts::agent_grants),
    of("transfer-mule", "Points of many cards are moved to one and spent", accounts::transfer_mule),
    careful("careful-own-card", "A cashier's own cards, below the limits", staff::careful_own_card),
    careful("careful-voids", "Voids after spending, below the limits", staff::careful_voids),
    careful("careful-stamps", "Stamps without sales, below the limits", staff::careful_stamps),
    careful("careful-claims", "Receipts left behind, below the limits", receipts::careful_claims),
    careful(
        "careful-returns",
        "Earn, spend and return, below the limits",
        receipts::careful_returns,
    ),
    careful("careful-guessing", "Numbers guessed, below the limits", guesses::careful_numbers),
    careful("careful-drain", "Stolen cards drained, below the limits", cards::careful_drain),
    careful(
        "careful-travel",
        "A code shared between cities, as fast as one may travel",
        cards::careful_travel,
    ),
    careful(
        "careful-gifts",
        "Gift cards with stolen money, below the limits",
        gifts::careful_loads,
    ),
    careful(
        "careful-referrals",
        "Guests who are nobody, below the limits",
        accounts::careful_referrals,
    ),
    careful("careful-grants", "Grants to own cards, below the limits", accounts::careful_grants),
    careful(
        "careful-transfers",
        "Points moved to a few cards, below the limits",
        accounts::careful_transfers,
    ),
];

/// Writes what the frauds of a plan will do, all of it.
pub(crate) fn plot(chain: &Chain, plan: &Plan, cards: &Cards, ids: &mut Ids, out: &mut Vec<Draft>) {
    let usual = 1 + plan.days / 60;
    let (wanted, intensities, knowledge, runs) = match &plan.fraud {
        FraudPlan::None => return,
        FraudPlan::All { intensity, knowledge } => (None, vec![*intensity], *knowledge, usual),
        FraudPlan::Mixed { knowledge } => (None, ALL.to_vec(), *knowledge, usual),
        FraudPlan::Only { scenarios, intensity, knowledge, runs } => {
            (Some(scenarios), vec![*intensity], *knowledge, (*runs).min(200))
        }
    };
    let (mut actor, mut prey) = (0, 0);
    for (index, scenario) in (0_u32..).zip(SCENARIOS) {
        if wanted.is_some_and(|wanted| !wanted.contains(&scenario.id)) {
            continue;
        }
        for &intensity in scenario.intensities.iter().filter(|it| intensities.contains(it)) {
            for run in 0..runs {
                actor += 1;
                let path = [3, index.into(), intensity as u64, run.into()];
                let mut dice = Dice::of(plan.seed, &path);
                let days = i64::from(plan.days);
                let length = intensity.days().min(days - 3).max(1);
                let from = plan.first_day + 1 + dice.below(days - length - 1);
                let store = 1 + u32::try_from(dice.below(chain.stores.len() as i64)).unwrap_or(0);
                let origin = Origin::Fraud(scenario.id, intensity, actor);
                let mut stage = Stage { chain, seed: plan.seed, dice, ids, out, origin };
                (scenario.play)(&mut Actor {
                    stage: &mut stage,
                    everyone: cards,
                    know: knowledge,
                    intensity,
                    first: plan.first_day,
                    last: plan.first_day + days - 1,
                    from,
                    to: from + length - 1,
                    store,
                    number: actor,
                    prey: &mut prey,
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scenarios_and_personas_have_names_of_their_own() {
        let mut names: Vec<&str> = SCENARIOS.iter().map(|scenario| scenario.id).collect();
        names.extend(crate::PERSONAS.iter().map(|persona| persona.id));
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[test]
    fn there_are_at_least_24_scenarios_and_six_of_them_know_the_limits() {
        assert!(SCENARIOS.len() >= 24);
        assert!(SCENARIOS.iter().filter(|scenario| scenario.adaptive).count() >= 6);
        assert!(SCENARIOS.iter().all(|scenario| scenario.intensities.len() == 3));
    }
}
