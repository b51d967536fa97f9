//! F13 to F29: points spent, who spends them, and where.

use super::{
    About, CENTRE, Challenge, DENY, Entry, HOLD, HUB, On, REVIEW, Reading, STEP_UP, TILL,
    WatchAction, all, any, at_least, hard, over, parameter, soft, under, unset,
};
use crate::order::Presented;
use crate::record::PresentOutcome;
use crate::watch::check::Test;
use crate::watch::event::WatchKind;

const PRESENT: On = On::Kind(WatchKind::Present);

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        id: "F13",
        name: ("redemptions, too many", "слишком частые списания"),
        parameters: &[
            parameter("per_15_minutes", 2, "at least so many within 15 minutes"),
            parameter("per_day", 3, "more than so many within 24 hours"),
        ],
        places: TILL,
        challenge: Challenge::Pin,
        freezes: None,
        levels: |t| {
            let many = any([
                at_least(Reading::CardSpends15m, t.of("per_15_minutes")),
                over(Reading::CardSpends24h, t.of("per_day")),
            ]);
            vec![soft(On::Spending, About::Spending, STEP_UP, many)]
        },
    },
    Entry {
        id: "F14",
        name: ("points spent, too many", "списано слишком много баллов"),
        parameters: &[
            parameter("averages", 3, "more than so many average redemptions within 24 hours"),
            unset("cap", "nothing is spent beyond so many points within 24 hours"),
        ],
        places: TILL,
        challenge: Challenge::Pin,
        freezes: None,
        levels: |t| {
            let cap = over(Reading::CardSpent24h, t.of("cap"));
            let many = over(Reading::CardSpent24h, t.averages("averages"));
            let deny = soft(On::Spending, About::Spending, DENY, cap);
            let step = soft(On::Spending, About::Spending, STEP_UP, many);
            if t.optional("cap").is_some() { vec![deny, step] } else { vec![step] }
        },
    },
    Entry {
        id: "F15",
        name: ("a balance drained", "баланс выбран почти весь"),
        parameters: &[
            parameter("percent", 80, "at least so many percent of the balance within 24 hours"),
            parameter("averages", 5, "of a balance of at least so many average redemptions"),
            parameter("days", 180, "with no redemption for more days than so many"),
        ],
        places: TILL,
        challenge: Challenge::Pin,
        freezes: None,
        levels: |t| {
            let drained = all([
                at_least(Reading::CardBalance, t.averages("averages")),
                at_least(Reading::CardDrainedPercent, t.of("percent")),
                over(Reading::CardDaysUnspent, t.of("days")),
            ]);
            vec![soft(On::Spending, About::Spending, STEP_UP, drained)]
        },
    },
    Entry {
        id: "F16",
        name: ("a redemption after long silence", "списание после долгого молчания"),
        parameters: &[parameter("days", 180, "silent for more days than so many")],
        places: TILL,
        challenge: Challenge::Pin,
        freezes: None,
        levels: |t| {
            let silent = over(Reading::CardDaysSilent, t.of("days"));
            vec![soft(On::Spending, About::Spending, STEP_UP, silent)]
        },
    },
    Entry {
        id: "F17",
        name: ("a credential changed a short while ago", "недавно сменились данные входа"),
        parameters: &[parameter("hours", 72, "changed less than so many hours ago")],
        places: TILL,
        challenge: Challenge::Code,
        freezes: None,
        levels: |t| {
            let changed = under(Reading::CardCredentialHours, t.of("hours"));
            let offline = all([Test::Offline, changed.clone()]);
            vec![
                soft(On::Paying, About::Spending, DENY, offline),
                soft(On::Paying, About::Spending, STEP_UP, changed),
            ]
        },
    },
    Entry {
        id: "F18",
        name: ("a new card", "новая карта"),
        parameters: &[parameter(
            "hours",
            24,
            "points are spent less than so many hours after the issue",
        )],
        places: TILL,
        challenge: Challenge::Code,
        freezes: None,
        levels: |t| {
            let new = under(Reading::CardAgeHours, t.of("hours"));
            vec![soft(On::Spending, About::Both, HOLD, new)]
        },
    },
    Entry {
        id: "F19",
        name: ("impossible travel", "невозможное перемещение"),
        parameters: &[
            parameter("kmh", 150, "faster than so many kilometres an hour"),
            parameter("km", 20, "over at least so many kilometres"),
        ],
        places: TILL,
        challenge: Challenge::None,
        freezes: None,
        levels: |t| {
            let travel = all([
                at_least(Reading::CardTravelKm, t.of("km")),
                over(Reading::CardTravelKmh, t.of("kmh")),
            ]);
            vec![
                soft(On::Paying, About::Both, DENY, travel.clone()),
                soft(On::Earning, About::Earning, HOLD, travel),
            ]
        },
    },
    Entry {
        id: "F20",
        name: ("two tills at once", "две кассы одновременно"),
        parameters: &[parameter("seconds", 60, "at another till less than so many seconds ago")],
        places: HUB,
        challenge: Challenge::None,
        freezes: None,
        levels: |t| {
            let other = under(Reading::CardOtherTillSeconds, t.of("seconds"));
            vec![soft(On::Paying, About::Spending, DENY, other)]
        },
    },
    Entry {
        id: "F21",
        name: ("first redemption in a new city", "первое списание в новом городе"),
        parameters: &[parameter("averages", 1, "more points than so many average redemptions")],
        places: TILL,
        challenge: Challenge::Pin,
        freezes: None,
        levels: |t| {
            let new = all([
                at_least(Reading::CardNewCity, 100),
                over(Reading::Spent, t.averages("averages")),
            ]);
            vec![soft(On::Spending, About::Spending, STEP_UP, new)]
        },
    },
    Entry {
        id: "F22",
        name: ("a one-time code again", "одноразовый код повторно"),
        parameters: &[],
        places: TILL,
        challenge: Challenge::Code,
        freezes: None,
        levels: |_| {
            let stale = Test::Outcome(vec![PresentOutcome::Replayed, PresentOutcome::OutOfTime]);
            let replays = over(Reading::NumberReplays10m, 0);
            vec![
                hard(PRESENT, WatchAction::Deny, WatchAction::Allow, stale),
                soft(On::Paying, About::Spending, STEP_UP, replays),
            ]
        },
    },
    Entry {
        id: "F23",
        name: ("a printed code at many tills", "печатный код на многих кассах"),
        parameters: &[parameter("tills", 3, "at at least so many tills within an hour")],
        places: HUB,
        challenge: Challenge::Pin,
        freezes: None,
        levels: |t| {
            let spread = at_least(Reading::CardStaticTills1h, t.of("tills"));
            vec![soft(On::Paying, About::Spending, STEP_UP, spread)]
        },
    },
    Entry {
        id: "F24",
        name: ("a number typed by hand", "номер введён вручную"),
        parameters: &[
            parameter("times_others", 3, "typed more than so many times as often as the others"),
            parameter("scans", 20, "with at least so many cards within 7 days"),
        ],
        places: TILL,
        challenge: Challenge::Pin,
        freezes: None,
        levels: |t| {
            let typed = Test::Strength(vec![Presented::Typed]);
            let rate = all([
                typed.clone(),
                at_least(Reading::CashierScans7d, t.of("scans")),
                over(Reading::CashierTypedTimes, t.of("times_others")),
            ]);
            vec![
                soft(On::Paying, About::Spending, STEP_UP, typed),
                soft(On::Sale, About::Afterwards, REVIEW, rate),
            ]
        },
    },
    Entry {
        id: "F25",
        name: ("outside opening hours", "вне часов работы"),
        parameters: &[
            parameter("minutes", 15, "more than so many minutes before opening or after closing"),
            parameter("clocked_in", 0, "1 if a cashier without a shift counts too"),
        ],
        places: TILL,
        challenge: Challenge::None,
        freezes: None,
        levels: |t| {
            let closed = over(Reading::ClosedMinutes, t.of("minutes"));
            let when = match t.of("clocked_in") >= 100 {
                true => any([closed, at_least(Reading::NotClockedIn, 100)]),
                false => closed,
            };
            vec![
                soft(On::Paying, About::Spending, DENY, when.clone()),
                soft(On::Earning, About::Afterwards, REVIEW, when),
            ]
        },
    },
    Entry {
        id: "F26",
        name: ("a code that proves nothing", "код не подтвердил карту"),
        parameters: &[parameter("per_10_minutes", 3, "at least so many at a till in 10 minutes")],
        places: TILL,
        challenge: Challenge::None,
        freezes: None,
        levels: |t| {
            let refused = all([
                Test::Outcome(vec![PresentOutcome::Refused]),
                Test::Strength(vec![Presented::Signed, Presented::Rotating]),
            ]);
            let many = at_least(Reading::TillForged10m, t.of("per_10_minutes"));
            vec![
                hard(PRESENT, WatchAction::Deny, WatchAction::Review, all([refused.clone(), many])),
                hard(PRESENT, WatchAction::Deny, WatchAction::Allow, refused),
            ]
        },
    },
    Entry {
        id: "F27",
        name: ("a shared balance drained", "общий баланс выбран"),
        parameters: &[
            parameter("percent", 60, "at least so many percent within 24 hours"),
            parameter("hours", 168, "after a member came less than so many hours ago"),
        ],
        places: CENTRE,
        challenge: Challenge::Code,
        freezes: None,
        levels: |t| {
            let drained = all([
                under(Reading::CardMemberHours, t.of("hours")),
                at_least(Reading::CardDrainedPercent, t.of("percent")),
            ]);
            vec![soft(On::Spending, About::Spending, STEP_UP, drained)]
        },
    },
    Entry {
        id: "F28",
        name: ("points funnelled into one card", "баллы стянуты на одну карту"),
        parameters: &[
            parameter("cards", 5, "from at least so many cards within 7 days"),
            parameter("hours", 24, "spent less than so many hours after the last transfer"),
        ],
        places: CENTRE,
        challenge: Challenge::Manager,
        freezes: None,
        levels: |t| {
            let funnel = all([
                at_least(Reading::CardSources7d, t.of("cards")),
                under(Reading::CardTransferHours, t.of("hours")),
            ]);
            vec![soft(On::Spending, About::Spending, STEP_UP, funnel)]
        },
    },
    Entry {
        id: "F29",
        name: ("spending only while offline", "списания только без связи"),
        parameters: &[
            parameter("stores", 2, "offline at at least so many stores within 30 days"),
            parameter("percent", 50, "or more than so many percent of the redemptions"),
            parameter("redemptions", 4, "with at least so many within 30 days"),
        ],
        places: TILL,
        challenge: Challenge::Online,
        freezes: None,
        levels: |t| {
            let picked = all([
                Test::Offline,
                any([
                    at_least(Reading::CardOfflineStores30d, t.of("stores")),
                    all([
                        at_least(Reading::CardSpends30d, t.of("redemptions")),
                        over(Reading::CardOfflinePercent, t.of("percent")),
                    ]),
                ]),
            ]);
            vec![soft(On::Spending, About::Spending, STEP_UP, picked)]
        },
    },
];
