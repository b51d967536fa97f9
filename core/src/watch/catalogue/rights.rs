//! F35 to F47: coupons, gift cards, PINs and referrals.

use super::{
    About, CENTRE, Challenge, Entry, HOLD, On, Reading, STEP_UP, TILL, WatchAction, all, any,
    at_least, hard, over, parameter, soft, told,
};
use crate::reason::ReasonCode;
use crate::watch::check::Test;
use crate::watch::event::{WatchKind, WatchMark, WatchSubject};

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        id: "F35",
        name: ("offers that exclude each other", "предложения, которые не складываются"),
        parameters: &[],
        places: TILL,
        challenge: Challenge::None,
        freezes: None,
        levels: |_| {
            let stacked = Test::Reason(vec![
                ReasonCode::CodeTogether,
                ReasonCode::PromotionExclusive,
                ReasonCode::PromotionClass,
            ]);
            vec![told(On::Sale, stacked)]
        },
    },
    Entry {
        id: "F36",
        name: ("a coupon that was used", "купон уже использован"),
        parameters: &[],
        places: TILL,
        challenge: Challenge::None,
        freezes: None,
        levels: |_| {
            let used = Test::Reason(vec![ReasonCode::CouponUsed, ReasonCode::TicketUsed]);
            vec![told(On::Sale, used)]
        },
    },
    Entry {
        id: "F37",
        name: ("codes guessed", "подбор кодов"),
        parameters: &[
            parameter("per_10_minutes", 5, "at least so many wrong codes within 10 minutes"),
            parameter("per_hour", 10, "or at least so many within an hour"),
        ],
        places: TILL,
        challenge: Challenge::None,
        freezes: None,
        levels: |t| {
            let guessed = any([
                at_least(Reading::TillWrongCodes10m, t.of("per_10_minutes")),
                at_least(Reading::TillWrongCodes1h, t.of("per_hour")),
                all([over(Reading::TillBackoffMinutes, 0), Test::Reason(CODES.to_vec())]),
            ]);
            let guessing = all([Test::Reason(CODES.to_vec()), guessed]);
            vec![hard(On::Sale, WatchAction::Deny, WatchAction::Review, guessing)]
        },
    },
    Entry {
        id: "F38",
        name: ("a sweep through codes", "перебор кодов подряд"),
        parameters: &[parameter("codes", 20, "more than so many with one beginning in an hour")],
        places: CENTRE,
        challenge: Challenge::None,
        freezes: None,
        levels: |t| {
            let sweep = over(Reading::PrefixCodes1h, t.of("codes"));
            vec![hard(On::WrongCodes, WatchAction::Deny, WatchAction::Review, sweep)]
        },
    },
    Entry {
        id: "F39",
        name: ("a PIN guessed", "подбор PIN-кода"),
        parameters: &[
            parameter("per_15_minutes", 3, "at least so many failures within 15 minutes"),
            parameter("per_30_days", 10, "or at least so many within 30 days"),
        ],
        places: TILL,
        challenge: Challenge::None,
        freezes: None,
        levels: |t| {
            let guessed = any([
                at_least(Reading::NumberFailures15m, t.of("per_15_minutes")),
                at_least(Reading::NumberFailures30d, t.of("per_30_days")),
            ]);
            vec![
                hard(On::Paying, WatchAction::Deny, WatchAction::Allow, guessed.clone()),
                hard(On::Kind(WatchKind::Present), WatchAction::Deny, WatchAction::Allow, guessed),
            ]
        },
    },
    Entry {
        id: "F40",
        name: ("numbers probed", "проверка чужих номеров"),
        parameters: &[
            parameter("per_hour", 5, "more inquiries without a purchase within an hour"),
            parameter("unknown_percent", 50, "of which more percent than so many are unknown"),
        ],
        places: CENTRE,
        challenge: Challenge::None,
        freezes: None,
        levels: |t| {
            let probing = all([
                over(Reading::TillInquiries1h, t.of("per_hour")),
                over(Reading::TillUnknownPercent, t.of("unknown_percent")),
            ]);
            let present = On::Kind(WatchKind::Present);
            vec![hard(present, WatchAction::Deny, WatchAction::Allow, probing)]
        },
    },
    Entry {
        id: "F41",
        name: ("a gift card loaded and not paid", "сертификат активирован без оплаты"),
        parameters: &[],
        places: TILL,
        challenge: Challenge::None,
        freezes: Some(WatchSubject::Card),
        levels: |_| {
            let unpaid = Test::Mark(vec![WatchMark::UnpaidLoad]);
            vec![hard(On::Kind(WatchKind::Void), WatchAction::Deny, WatchAction::Deny, unpaid)]
        },
    },
    Entry {
        id: "F42",
        name: ("loaded, then drained elsewhere", "пополнен и тут же потрачен в другом месте"),
        parameters: &[parameter(
            "percent",
            80,
            "at least so many percent within an hour of the load",
        )],
        places: CENTRE,
        challenge: Challenge::Manager,
        freezes: None,
        levels: |t| {
            let drained = all([
                at_least(Reading::GiftOtherStore, 100),
                at_least(Reading::GiftDrainedPercent, t.of("percent")),
            ]);
            let paying = On::Kind(WatchKind::GiftSpend);
            vec![soft(paying, About::Spending, STEP_UP, drained)]
        },
    },
    Entry {
        id: "F43",
        name: ("gift cards in bulk", "много сертификатов сразу"),
        parameters: &[
            parameter("per_receipt", 3, "at least so many on one receipt"),
            parameter("per_hour", 5, "or at least so many at one till within an hour"),
        ],
        places: TILL,
        challenge: Challenge::Manager,
        freezes: None,
        levels: |t| {
            let bulk = any([
                at_least(Reading::Gifts, t.of("per_receipt")),
                at_least(Reading::TillGifts1h, t.of("per_hour")),
            ]);
            vec![soft(On::Gifts, About::Spending, STEP_UP, bulk)]
        },
    },
    Entry {
        id: "F44",
        name: ("returns onto gift cards", "возвраты на сертификаты"),
        parameters: &[parameter(
            "sigma",
            3,
            "more standard deviations above the others than so many",
        )],
        places: CENTRE,
        challenge: Challenge::None,
        freezes: None,
        levels: |t| {
            let often = all([
                Test::Mark(vec![WatchMark::ToGiftCard]),
                over(Reading::CashierGiftReturnSigma, t.of("sigma")),
            ]);
            let refund = On::Kind(WatchKind::Refund);
            vec![soft(refund, About::Afterwards, super::REVIEW, often)]
        },
    },
    Entry {
        id: "F45",
        name: ("a guest who brought himself", "гость привёл сам себя"),
        parameters: &[parameter(
            "evidence",
            2,
            "at least so many of device, phone, payment card, one till",
        )],
        places: CENTRE,
        challenge: Challenge::None,
        freezes: None,
        levels: |t| {
            let same = at_least(Reading::ReferralEvidence, t.of("evidence"));
            let same = all([Test::Brought, same]);
            let deny = WatchAction::Deny;
            vec![
                hard(On::Kind(WatchKind::Issue), WatchAction::Allow, deny, same.clone()),
                hard(On::Sale, WatchAction::Allow, deny, same),
            ]
        },
    },
    Entry {
        id: "F46",
        name: ("a farm of referrals", "ферма приглашений"),
        parameters: &[
            parameter("per_7_days", 5, "more guests brought within 7 days than so many"),
            parameter("lost_percent", 60, "or at least so many percent who never came again"),
            parameter("brought", 5, "of at least so many within 30 days"),
        ],
        places: CENTRE,
        challenge: Challenge::None,
        freezes: None,
        levels: |t| {
            let farm = any([
                over(Reading::CardBrought7d, t.of("per_7_days")),
                all([
                    at_least(Reading::CardBrought30d, t.of("brought")),
                    at_least(Reading::CardBroughtLostPercent, t.of("lost_percent")),
                ]),
            ]);
            let issue = On::Kind(WatchKind::Issue);
            vec![
                soft(issue, About::Earning, HOLD, all([Test::Brought, farm.clone()])),
                soft(On::Earning, About::Earning, HOLD, all([Test::Brought, farm])),
            ]
        },
    },
    Entry {
        id: "F47",
        name: ("many cards on one device", "много карт на одном устройстве"),
        parameters: &[parameter("cards", 3, "more cards than so many within 30 days")],
        places: CENTRE,
        challenge: Challenge::None,
        freezes: None,
        levels: |t| {
            let many = over(Reading::DeviceCards30d, t.of("cards"));
            vec![hard(On::Kind(WatchKind::Issue), WatchAction::Allow, WatchAction::Deny, many)]
        },
    },
];

/// The reasons for which a code was wrong.
const CODES: &[ReasonCode] = &[ReasonCode::CodeUnknown];
