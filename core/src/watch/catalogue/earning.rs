//! F01 to F12: points earned.

use super::{
    About, CENTRE, Challenge, Entry, HOLD, On, REVIEW, Reading, STEP_UP, TILL, WatchAction, all,
    any, at_least, fraction, hard, over, parameter, soft, told, unset,
};
use crate::reason::ReasonCode;
use crate::watch::check::Test;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        id: "F01",
        name: ("the same receipt again, same card", "тот же чек ещё раз, та же карта"),
        parameters: &[],
        places: TILL,
        challenge: Challenge::None,
        freezes: None,
        levels: |_| {
            let again = over(Reading::ReceiptTimes, 100);
            vec![hard(On::Carded, WatchAction::Deny, WatchAction::Deny, again)]
        },
    },
    Entry {
        id: "F02",
        name: ("the same receipt again, another card", "тот же чек по другой карте"),
        parameters: &[],
        places: TILL,
        challenge: Challenge::None,
        freezes: None,
        levels: |_| {
            let others = over(Reading::ReceiptOtherCards, 0);
            vec![hard(On::Carded, WatchAction::Deny, WatchAction::Deny, others)]
        },
    },
    Entry {
        id: "F03",
        name: ("receipts that earn, too many", "слишком много чеков с начислением"),
        parameters: &[
            parameter("per_30_minutes", 3, "more receipts than so many within 30 minutes"),
            parameter("per_day", 5, "more receipts than so many within 24 hours"),
        ],
        places: TILL,
        challenge: Challenge::None,
        freezes: None,
        levels: |t| {
            let many = any([
                over(Reading::CardEarns30m, t.of("per_30_minutes")),
                over(Reading::CardEarns24h, t.of("per_day")),
            ]);
            vec![soft(On::Earning, About::Earning, HOLD, many)]
        },
    },
    Entry {
        id: "F04",
        name: ("points earned, too many", "начислено слишком много баллов"),
        parameters: &[
            parameter("times_mean", 10, "more than so many times the card's mean of 90 days"),
            parameter("averages", 5, "and more than so many average redemptions"),
        ],
        places: TILL,
        challenge: Challenge::None,
        freezes: None,
        levels: |t| {
            let many = all([
                over(Reading::CardEarned24h, t.averages("averages")),
                over(Reading::CardEarnedTimesMean, t.of("times_mean")),
            ]);
            vec![soft(On::Earning, About::Earning, HOLD, many)]
        },
    },
    Entry {
        id: "F05",
        name: ("one purchase split into receipts", "покупка разбита на чеки"),
        parameters: &[
            parameter("receipts", 3, "at least so many receipts at one till within 10 minutes"),
            unset("step", "each from 80 to 100 % of this amount: a cap or a step of the bonus"),
            unset("cap", "or together more than this cap of one receipt"),
        ],
        places: TILL,
        challenge: Challenge::None,
        freezes: None,
        levels: |t| {
            let mut ways = Vec::new();
            if t.optional("step").is_some() {
                ways.push(at_least(Reading::CardNearStep10mTill, t.of("receipts")));
            }
            if t.optional("cap").is_some() {
                ways.push(all([
                    at_least(Reading::CardReceipts10mTill, t.of("receipts")),
                    over(Reading::CardAmount10mTill, t.of("cap")),
                ]));
            }
            vec![soft(On::Earning, About::Afterwards, REVIEW, Test::Any(ways))]
        },
    },
    Entry {
        id: "F06",
        name: ("a habit of just below the limit", "привычка пробивать чуть ниже лимита"),
        parameters: &[
            unset("limit", "receipts from 95 to 100 % of this limit of approval"),
            parameter("times_others", 3, "at least so many times the share of the others"),
            parameter("receipts", 20, "with at least so many receipts in 30 days"),
        ],
        places: CENTRE,
        challenge: Challenge::None,
        freezes: None,
        levels: |t| {
            let habit = all([
                Test::Mark(vec![crate::watch::WatchMark::NearLimit]),
                at_least(Reading::CashierReceipts30d, t.of("receipts")),
                at_least(Reading::CashierNearLimitTimes, t.of("times_others")),
            ]);
            vec![soft(On::Sale, About::Afterwards, REVIEW, habit)]
        },
    },
    Entry {
        id: "F07",
        name: ("a basket far too large", "непомерно большой чек"),
        parameters: &[
            parameter("times_median", 20, "more than so many times the middle receipt"),
            parameter("receipts", 200, "with at least so many receipts of the store in 30 days"),
        ],
        places: TILL,
        challenge: Challenge::Manager,
        freezes: None,
        levels: |t| {
            let large = all([
                at_least(Reading::StoreReceipts30d, t.of("receipts")),
                at_least(Reading::BasketRare, 100),
                over(Reading::BasketTimesMedian, t.of("times_median")),
            ]);
            let earns = soft(On::Earning, About::Both, STEP_UP, large.clone());
            vec![earns, soft(On::Spending, About::Spending, STEP_UP, large)]
        },
    },
    Entry {
        id: "F08",
        name: ("lines that earn nothing", "строки без начисления"),
        parameters: &[],
        places: TILL,
        challenge: Challenge::None,
        freezes: None,
        levels: |_| {
            let lines = Test::Reason(vec![ReasonCode::EarningNoLines]);
            vec![told(On::Sale, lines)]
        },
    },
    Entry {
        id: "F09",
        name: ("earning on points or gift money", "начисление на баллы или подарочные деньги"),
        parameters: &[],
        places: TILL,
        challenge: Challenge::None,
        freezes: None,
        levels: |_| {
            let nothing = Test::Reason(vec![ReasonCode::EarningNothing]);
            vec![told(On::Spending, nothing)]
        },
    },
    Entry {
        id: "F10",
        name: ("receipts claimed late", "чеки предъявлены с опозданием"),
        parameters: &[
            parameter("hours", 24, "a claim is late more than so many hours after the receipt"),
            parameter("per_30_days", 2, "more late claims than so many within 30 days"),
        ],
        places: CENTRE,
        challenge: Challenge::None,
        freezes: None,
        levels: |t| {
            let late = all([
                Test::Mark(vec![crate::watch::WatchMark::LateClaim]),
                over(Reading::CardLateClaims30d, t.of("per_30_days")),
            ]);
            vec![soft(On::Sale, About::Afterwards, REVIEW, late)]
        },
    },
    Entry {
        id: "F11",
        name: ("stamps without sales", "штампы без продаж"),
        parameters: &[
            fraction(
                "times_others",
                150,
                "more stamps for the money than so many times the others",
            ),
            parameter("stamps", 30, "with at least so many stamps within 7 days"),
        ],
        places: CENTRE,
        challenge: Challenge::None,
        freezes: None,
        levels: |t| {
            let many = all([
                at_least(Reading::CashierStamps7d, t.of("stamps")),
                over(Reading::CashierStampsTimes, t.of("times_others")),
            ]);
            vec![soft(On::Stamping, About::Afterwards, REVIEW, many)]
        },
    },
    Entry {
        id: "F12",
        name: ("strangers' receipts collected", "сбор чужих чеков"),
        parameters: &[
            parameter("receipts", 4, "at least so many late claims within 30 days"),
            parameter("stores", 2, "at at least so many stores"),
        ],
        places: CENTRE,
        challenge: Challenge::None,
        freezes: None,
        levels: |t| {
            let harvest = all([
                Test::Mark(vec![crate::watch::WatchMark::LateClaim]),
                at_least(Reading::CardLateClaims30d, t.of("receipts")),
                at_least(Reading::CardLateStores30d, t.of("stores")),
            ]);
            vec![soft(On::Earning, About::Earning, HOLD, harvest)]
        },
    },
];
