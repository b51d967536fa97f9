//! F30 to F34: goods that come back and sales that are undone.

use super::{
    About, CENTRE, Challenge, Entry, HOLD, On, REVIEW, Reading, TILL, WatchAction, all, any,
    at_least, hard, over, parameter, soft, told,
};
use crate::reason::ReasonCode;
use crate::watch::check::Test;
use crate::watch::event::{WatchKind, WatchMark};

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        id: "F30",
        name: ("sales undone after a redemption", "отмены после списания"),
        parameters: &[parameter("per_30_days", 2, "more than so many within 30 days")],
        places: TILL,
        challenge: Challenge::None,
        freezes: None,
        levels: |t| {
            let many = all([
                Test::Mark(vec![WatchMark::HadSpend]),
                any([
                    over(Reading::CardVoids30d, t.of("per_30_days")),
                    over(Reading::CashierVoids30d, t.of("per_30_days")),
                ]),
            ]);
            vec![
                soft(On::Kind(WatchKind::Void), About::Afterwards, REVIEW, many.clone()),
                soft(On::Kind(WatchKind::Refund), About::Afterwards, REVIEW, many),
            ]
        },
    },
    Entry {
        id: "F31",
        name: ("points to take back were spent", "баллы к возврату уже потрачены"),
        parameters: &[],
        places: TILL,
        challenge: Challenge::None,
        freezes: None,
        levels: |_| {
            let more = Test::Reason(vec![ReasonCode::RefundDebt, ReasonCode::RefundForgiven]);
            vec![told(On::Kind(WatchKind::Refund), more)]
        },
    },
    Entry {
        id: "F32",
        name: ("goods back without a receipt", "возврат без чека"),
        parameters: &[],
        places: TILL,
        challenge: Challenge::Manager,
        freezes: None,
        levels: |_| {
            let unlinked = Test::Mark(vec![WatchMark::NoSale]);
            vec![hard(
                On::Kind(WatchKind::Refund),
                WatchAction::Review,
                WatchAction::Review,
                unlinked,
            )]
        },
    },
    Entry {
        id: "F33",
        name: ("earned, spent, given back", "начислил, списал, вернул"),
        parameters: &[parameter("per_180_days", 1, "more than so many within 180 days")],
        places: CENTRE,
        challenge: Challenge::None,
        freezes: None,
        levels: |t| {
            let often = over(Reading::CardSpentReturns180d, t.of("per_180_days"));
            vec![soft(On::Earning, About::Earning, HOLD, often)]
        },
    },
    Entry {
        id: "F34",
        name: ("too much comes back", "слишком много возвратов"),
        parameters: &[
            parameter("percent", 30, "more than so many percent of the points within 90 days"),
            parameter("returns", 3, "in at least so many returns"),
        ],
        places: CENTRE,
        challenge: Challenge::None,
        freezes: None,
        levels: |t| {
            let much = all([
                at_least(Reading::CardReturns90d, t.of("returns")),
                over(Reading::CardReturnedPercent, t.of("percent")),
            ]);
            vec![soft(On::Kind(WatchKind::Refund), About::Afterwards, REVIEW, much)]
        },
    },
];
