//! F48 to F52: staff, tills and their clocks.

use super::{
    About, CENTRE, Challenge, DENY, Entry, HOLD, On, REVIEW, Reading, STEP_UP, TILL, WatchAction,
    all, any, at_least, hard, over, parameter, soft,
};
use crate::watch::check::Test;
use crate::watch::event::{WatchKind, WatchMark, WatchSubject};

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        id: "F48",
        name: ("the cashier's own or family card", "карта кассира или его семьи"),
        parameters: &[
            parameter("per_shift", 5, "one card at least so often with a cashier in a shift"),
            parameter("per_30_days", 10, "or at least so often within 30 days"),
            parameter("percent", 70, "and at least so many percent of the card's receipts"),
            parameter("sigma", 4, "or more standard deviations above the cashier's other cards"),
        ],
        places: TILL,
        challenge: Challenge::Manager,
        freezes: None,
        levels: |t| {
            let linked = Test::Mark(vec![WatchMark::StaffCard]);
            let often = any([
                at_least(Reading::CardCashierShift, t.of("per_shift")),
                all([
                    at_least(Reading::CardCashier30d, t.of("per_30_days")),
                    any([
                        at_least(Reading::CardCashierPercent, t.of("percent")),
                        over(Reading::CardCashierSigma, t.of("sigma")),
                    ]),
                ]),
            ]);
            let deny = WatchAction::Deny;
            vec![hard(On::Sale, deny, deny, linked), soft(On::Earning, About::Earning, HOLD, often)]
        },
    },
    Entry {
        id: "F49",
        name: ("a cashier unlike the others", "кассир не как все"),
        parameters: &[
            parameter("void_percent", 3, "more percent of a shift undone than so many"),
            parameter("receipts", 30, "with at least so many receipts in it"),
            parameter("void_sigma", 3, "or more standard deviations above the others"),
            parameter(
                "times_others",
                3,
                "or cards attached after the total so many times as often",
            ),
            parameter("own_returns", 3, "or more returns of own sales within 30 days"),
        ],
        places: CENTRE,
        challenge: Challenge::None,
        freezes: None,
        levels: |t| {
            let voids = any([
                all([
                    at_least(Reading::CashierReceiptsShift, t.of("receipts")),
                    over(Reading::CashierVoidPercent, t.of("void_percent")),
                ]),
                over(Reading::CashierVoidSigma, t.of("void_sigma")),
            ]);
            let after_total = all([
                Test::Mark(vec![WatchMark::AfterTotal]),
                at_least(Reading::CashierReceipts30d, t.of("receipts")),
                over(Reading::CashierAfterTotalTimes, t.of("times_others")),
            ]);
            let own = all([
                Test::Mark(vec![WatchMark::OwnSale]),
                over(Reading::CashierOwnReturns30d, t.of("own_returns")),
            ]);
            vec![
                soft(On::Kind(WatchKind::Void), About::Afterwards, REVIEW, voids),
                soft(On::Sale, About::Afterwards, REVIEW, after_total),
                soft(On::Kind(WatchKind::Refund), About::Afterwards, REVIEW, own),
            ]
        },
    },
    Entry {
        id: "F50",
        name: ("points given by hand", "баллы начислены вручную"),
        parameters: &[
            parameter("per_day", 3, "more often than so many times a day"),
            parameter("averages", 5, "or more than so many average redemptions a day"),
        ],
        places: TILL,
        challenge: Challenge::Manager,
        freezes: None,
        levels: |t| {
            let own = Test::Mark(vec![WatchMark::StaffCard]);
            let many = any([
                over(Reading::CashierGrants24h, t.of("per_day")),
                over(Reading::CashierGranted24h, t.averages("averages")),
            ]);
            let grant = On::Kind(WatchKind::Grant);
            let (deny, step_up) = (WatchAction::Deny, WatchAction::StepUp);
            vec![hard(grant, WatchAction::Allow, deny, own), hard(grant, step_up, step_up, many)]
        },
    },
    Entry {
        id: "F51",
        name: ("sleeping cards harvested", "сбор баллов со спящих карт"),
        parameters: &[
            parameter("days", 180, "a card sleeps that was silent for more days than so many"),
            parameter("cards", 3, "at least so many of them with one cashier within 7 days"),
        ],
        places: CENTRE,
        challenge: Challenge::None,
        freezes: Some(WatchSubject::Cashier),
        levels: |t| {
            let harvest = all([
                Test::Mark(vec![WatchMark::Dormant]),
                at_least(Reading::CashierDormantCards7d, t.of("cards")),
            ]);
            vec![soft(On::Spending, About::Spending, DENY, harvest)]
        },
    },
    Entry {
        id: "F52",
        name: ("a till that cannot be trusted", "касса, которой нельзя верить"),
        parameters: &[parameter("offline_hours", 24, "offline for more hours than so many")],
        places: TILL,
        challenge: Challenge::Online,
        freezes: None,
        levels: |t| {
            let broken = any([
                over(Reading::OfflineHours, t.of("offline_hours")),
                Test::Mark(vec![
                    WatchMark::ClockBack,
                    WatchMark::ClockSuspect,
                    WatchMark::Restarted,
                ]),
            ]);
            vec![soft(On::Spending, About::Spending, STEP_UP, broken)]
        },
    },
];
