//! Every code that the engine can answer with, in one table.
//!
//! A number is given once and never reused; a code never changes its meaning. The Russian and
//! English texts of each code are in [`crate::texts`].

use crate::document::choice;
use crate::error::ErrorClass;

/// Declares the error codes with their numbers and classes.
macro_rules! error_codes {
    ($( $(#[doc = $doc:literal])* $variant:ident = $number:literal $code:literal $class:ident, )*) => {
        /// What went wrong, as a stable code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode { $( $(#[doc = $doc])* $variant, )* }

        impl ErrorCode {
            /// Every error code, in the order of its number.
            pub const ALL: &'static [ErrorCode] = &[$(ErrorCode::$variant),*];

            /// The code as written in answers.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $( ErrorCode::$variant => $code, )* }
            }

            /// The number of the code, for languages that have no strings to compare.
            #[must_use]
            pub fn number(self) -> u32 {
                match self { $( ErrorCode::$variant => $number, )* }
            }

            /// What kind of failure it is.
            #[must_use]
            pub fn class(self) -> ErrorClass {
                match self { $( ErrorCode::$variant => ErrorClass::$class, )* }
            }
        }
    };
}

error_codes! {
    /// The text is not JSON.
    DocumentSyntax = 100 "document.syntax" Input,
    /// The text has more bytes than allowed.
    DocumentTooLarge = 101 "document.too_large" Input,
    /// The text is nested too deep.
    DocumentTooDeep = 102 "document.too_deep" Input,
    /// A value of another kind was expected, such as a string instead of a number.
    DocumentType = 103 "document.type" Input,
    /// A key that the document does not have.
    DocumentKeyUnknown = 104 "document.key_unknown" Input,
    /// A key that stands more than once.
    DocumentKeyDuplicate = 105 "document.key_duplicate" Input,
    /// A required key is missing.
    DocumentKeyMissing = 106 "document.key_missing" Input,
    /// A word that is none of the known ones.
    DocumentWord = 107 "document.word" Input,
    /// An object that must have exactly one key has none or several.
    DocumentVariant = 108 "document.variant" Input,
    /// A whole number outside its bounds.
    DocumentRange = 109 "document.range" Input,
    /// A text with too many bytes.
    DocumentTextTooLong = 110 "document.text_too_long" Input,
    /// A list with too many items.
    DocumentListTooLong = 111 "document.list_too_long" Input,
    /// A text with a control character.
    DocumentControlCharacter = 112 "document.control_character" Input,
    /// A text that must not be empty is empty.
    DocumentTextEmpty = 113 "document.text_empty" Input,
    /// An amount that is not a string.
    AmountNotText = 120 "amount.not_text" Input,
    /// An amount that is not a decimal number.
    AmountSyntax = 121 "amount.syntax" Input,
    /// An amount with an exponent.
    AmountExponent = 122 "amount.exponent" Input,
    /// An amount with a sign where none belongs.
    AmountSign = 123 "amount.sign" Input,
    /// An amount with more decimals than its asset, price or rate has.
    AmountDigits = 124 "amount.digits" Input,
    /// An amount with digits of another script.
    AmountNotAscii = 125 "amount.not_ascii" Input,
    /// An amount beyond the bounds of the engine.
    AmountRange = 126 "amount.range" Input,
    /// `NaN` or infinity.
    AmountNotANumber = 127 "amount.not_a_number" Input,
    /// An instant that is not RFC 3339 with an offset.
    TimeSyntax = 130 "time.syntax" Input,
    /// An instant outside the years 1900 to 2199.
    TimeRange = 131 "time.range" Input,
    /// A time zone that the bundled database does not have.
    TimeZone = 132 "time.zone" Input,
    /// A calendar date that does not exist or is not written YYYY-MM-DD.
    TimeDate = 133 "time.date" Input,
    /// A time of day that is not written HH:MM.
    TimeOfDay = 134 "time.of_day" Input,
    /// Two things of one kind have the same id.
    ProgramDuplicate = 200 "program.duplicate" Input,
    /// An id that nothing in the document has.
    ProgramReference = 201 "program.reference" Input,
    /// A currency code that is not three capital letters.
    ProgramCurrency = 202 "program.currency" Input,
    /// A percentage outside 0 to 100.
    ProgramPercent = 203 "program.percent" Input,
    /// A number that must be above zero is not.
    ProgramNotPositive = 204 "program.not_positive" Input,
    /// Two settings contradict each other.
    ProgramContradiction = 205 "program.contradiction" Input,
    /// The document has a format that this version does not read.
    ProgramFormat = 206 "program.format" Input,
    /// A list that must not be empty is empty.
    ProgramEmpty = 207 "program.empty" Input,
    /// A list that must be in ascending order is not.
    ProgramOrder = 208 "program.order" Input,
    /// A condition is nested too deep or has too many parts.
    ProgramConditionTooLarge = 209 "program.condition_too_large" Limit,
    /// A multiplier outside 1 to 100.
    ProgramMultiplier = 210 "program.multiplier" Input,
    /// Two lines of the order have the same id.
    OrderLineDuplicate = 300 "order.line_duplicate" Input,
    /// A quantity that is not above zero.
    OrderQuantity = 301 "order.quantity" Input,
    /// A price or amount with the wrong sign for its kind of line.
    OrderPrice = 302 "order.price" Input,
    /// The order has another currency than the programme and names no rate.
    OrderRateMissing = 303 "order.rate_missing" Input,
    /// A rate that is not above zero, or not needed.
    OrderRate = 304 "order.rate" Input,
    /// A line that is named here but is not in the order.
    OrderLineUnknown = 305 "order.line_unknown" Input,
    /// A discount of the host that is not above zero or exceeds what it lowers.
    OrderDiscount = 306 "order.discount" Input,
    /// The total of the order is beyond the bounds of the engine, or below zero.
    OrderTotal = 307 "order.total" Input,
    /// A tax that is negative or above 1,000 %.
    OrderTax = 308 "order.tax" Input,
    /// The store is not in the programme.
    OrderStoreUnknown = 309 "order.store_unknown" Input,
    /// The guest's wish to spend contradicts itself.
    OrderSpend = 310 "order.spend" Input,
    /// A tender that is not above zero.
    OrderTender = 311 "order.tender" Input,
    /// The order has no lines.
    OrderEmpty = 312 "order.empty" Input,
    /// The same card is presented twice.
    OrderCardDuplicate = 313 "order.card_duplicate" Input,
    /// The programme has no such reward.
    OrderRewardUnknown = 314 "order.reward_unknown" Input,
    /// The programme has no promotion that gives this line as a present.
    OrderGiftUnknown = 315 "order.gift_unknown" Input,
    /// A reward is claimed no time, too many times, or twice.
    OrderRewardTimes = 316 "order.reward_times" Input,
    /// No card has this number.
    CardUnknown = 400 "card.unknown" State,
    /// A card with this number exists already.
    CardExists = 401 "card.exists" State,
    /// The number fits none of the programme's cards.
    CardNumber = 402 "card.number" Input,
    /// The card does not hold points of this kind.
    CardAsset = 403 "card.asset" State,
    /// The programme has no such grant.
    GrantUnknown = 404 "grant.unknown" Input,
    /// Nothing in the programme waits for this event.
    EventUnknown = 405 "event.unknown" Input,
    /// The programme lets no points move between these cards.
    TransferNotAllowed = 406 "transfer.not_allowed" State,
    /// The card has fewer points that can be moved.
    TransferExceeds = 407 "transfer.exceeds" State,
    /// Other effects than the ones expected: quote again.
    OrderChanged = 410 "order.changed" State,
    /// The token is not one of ours.
    TokenSyntax = 411 "token.syntax" Input,
    /// No sale has this token.
    TokenUnknown = 412 "token.unknown" State,
    /// The sale is confirmed already; use a refund.
    SaleConfirmed = 413 "sale.confirmed" State,
    /// The sale was cancelled.
    SaleCancelled = 414 "sale.cancelled" State,
    /// The sale is not confirmed yet.
    SaleNotConfirmed = 415 "sale.not_confirmed" State,
    /// The sale was voided.
    SaleVoided = 416 "sale.voided" State,
    /// A part of the sale was refunded already, so that it can be refunded but not voided.
    SaleRefunded = 417 "sale.refunded" State,
    /// More points than are held.
    HoldExceeded = 418 "hold.exceeded" State,
    /// More is to be refunded than is left.
    RefundExceeds = 420 "refund.exceeds" State,
    /// Nothing is to be refunded.
    RefundEmpty = 421 "refund.empty" Input,
    /// The request for a refund contradicts itself.
    RefundContradiction = 422 "refund.contradiction" Input,
    /// The key was used for something else.
    KeyConflict = 430 "key.conflict" State,
    /// The call changes something and has no key.
    KeyMissing = 431 "key.missing" Input,
    /// The version of the programme under which this began is not loaded.
    ProgramVersionUnknown = 432 "program.version_unknown" State,
    /// The book belongs to another programme.
    ProgramMismatch = 433 "program.mismatch" State,
    /// No record has this id.
    RecordUnknown = 434 "record.unknown" State,
    /// A record does not continue the chain, or its hash is wrong.
    RecordChain = 435 "record.chain" State,
    /// A balance or counter would leave the bounds of the engine.
    BalanceRange = 440 "balance.range" Limit,
    /// The card is blocked, so that this cannot be done with it.
    CardBlocked = 441 "card.blocked" State,
    /// The card is not activated yet.
    CardInactive = 442 "card.inactive" State,
    /// The card's time is over.
    CardExpired = 443 "card.expired" State,
    /// The card was closed.
    CardClosed = 444 "card.closed" State,
    /// The card is in the state already that this would bring about.
    CardState = 445 "card.state" State,
    /// The card still holds something.
    CardNotEmpty = 446 "card.not_empty" State,
    /// The programme does not let this be done with such a card.
    CardNotAllowed = 447 "card.not_allowed" State,
    /// The card must be proved first (`present`).
    CardPinNeeded = 448 "card.pin_needed" State,
    /// The PIN is not one that the kind of card allows.
    CardPin = 449 "card.pin" Input,
    /// The request names no entropy, or too little, and something is to be made of it.
    EntropyMissing = 450 "entropy.missing" Input,
    /// The amount is none that can be loaded.
    LoadAmount = 451 "load.amount" Input,
    /// The card that the line loads is missing or none that can be loaded.
    LoadCard = 452 "load.card" State,
    /// What was loaded is no longer there, so that its sale cannot be undone.
    LoadSpent = 453 "load.spent" State,
    /// The ticket's quota is used up.
    TicketQuota = 454 "ticket.quota" State,
    /// No coupon has this code.
    CouponUnknown = 455 "coupon.unknown" State,
    /// A coupon with this code exists already.
    CouponExists = 456 "coupon.exists" State,
    /// The coupon is in a state in which this cannot be done.
    CouponState = 457 "coupon.state" State,
    /// The code fits no format of the coupon.
    CouponCode = 458 "coupon.code" Input,
    /// The programme has no such coupon.
    CouponKindUnknown = 459 "coupon.kind_unknown" Input,
    /// No guest has this id.
    GuestUnknown = 480 "guest.unknown" State,
    /// A guest with this id, phone or card exists already.
    GuestExists = 481 "guest.exists" State,
    /// The guest was erased.
    GuestErased = 482 "guest.erased" State,
    /// The telephone number is none of a guest.
    GuestPhone = 483 "guest.phone" Input,
    /// The plan is none of the programme's.
    GuestPlan = 484 "guest.plan" Input,
    /// The bill cannot be divided or joined so.
    BillContradiction = 485 "bill.contradiction" Input,
    /// The bills differ in what one sale can have only once.
    BillMismatch = 486 "bill.mismatch" State,
    /// The sale was divided or joined: other sales hold its lines.
    SaleRegrouped = 487 "sale.regrouped" State,
    /// The sale is disputed: settle that first.
    SaleDisputed = 488 "sale.disputed" State,
    /// The sale is not disputed.
    SaleNotDisputed = 489 "sale.not_disputed" State,
    /// A row of an import says something else than what is there already.
    ImportConflict = 490 "import.conflict" State,
    /// The file of an import has no such column, or none that is needed.
    ImportColumn = 491 "import.column" Input,
    /// The taxpayer number is wrong.
    ProgramInn = 492 "program.inn" Input,
    /// This is no upload, or one of a format that is not known here.
    UploadFormat = 550 "upload.format" Input,
    /// An upload ends before its last line.
    UploadCut = 551 "upload.cut" Input,
    /// A line of an upload is not what was written.
    UploadDamaged = 552 "upload.damaged" Input,
    /// An upload could not be written out.
    UploadNotWritten = 553 "upload.not_written" State,
    /// An upload could not be read: there is none, or it may not be read.
    UploadNotRead = 554 "upload.not_read" State,
    /// A gift card is named twice, or pays in a way that the order contradicts.
    OrderGiftCard = 493 "order.gift_card" Input,
    /// The number is that of a bank card, which is refused and not kept.
    CardBankCard = 460 "card.bank_card" Input,
    /// The public key of a signer is none, or one that cannot be trusted.
    ProgramPublicKey = 498 "program.public_key" Input,
    /// No programme is in force: one must be installed and activated first.
    ProgramMissing = 500 "program.missing" State,
    /// Another process has the ledger open.
    StoreLocked = 530 "store.locked" Storage,
    /// The folder of the ledger is missing or cannot be entered.
    StoreFolder = 531 "store.folder" Storage,
    /// The ledger or its folder cannot be written.
    StoreReadOnly = 532 "store.read_only" Storage,
    /// The ledger is on a network drive.
    StoreNetworkDrive = 533 "store.network_drive" Storage,
    /// The file is no ledger.
    StoreNotALedger = 534 "store.not_a_ledger" Storage,
    /// The ledger was written by a later version.
    StoreNewer = 535 "store.newer" Storage,
    /// There is no space left.
    StoreFull = 536 "store.full" Storage,
    /// Reading, writing or syncing failed.
    StoreFailed = 537 "store.failed" Storage,
    /// What was read is not what was written.
    StoreDamaged = 538 "store.damaged" Storage,
    /// The ledger belongs to another till.
    StoreOtherTill = 539 "store.other_till" Storage,
    /// There is a file of this name already.
    StoreExists = 545 "store.exists" State,
    /// This is no replay file, or one of a format that is not known here.
    ReplayFormat = 546 "replay.format" Input,
    /// A hand-written receipt was entered before.
    PaperDuplicate = 510 "paper.duplicate" State,
    /// A hand-written receipt is entered with `sell` only.
    PaperVerb = 511 "paper.verb" Input,
    /// The time of a hand-written receipt is later than now, or not that of the order.
    PaperTime = 512 "paper.time" Input,
    /// The host's clock is not suspect, so that there is nothing to accept.
    ClockNotSuspect = 520 "clock.not_suspect" State,
    /// The host's clock is not at the time that was confirmed.
    ClockDiffers = 521 "clock.differs" State,
    /// The network failed.
    Network = 600 "network" Network,
    /// The server failed.
    Backend = 610 "backend" Backend,
    /// The caller may not do this.
    Access = 620 "access" Access,
    /// An id that the desk's policy uses twice.
    DeskDuplicate = 700 "desk.duplicate" Input,
    /// A word that names nothing in the desk's policy.
    DeskReference = 701 "desk.reference" Input,
    /// Two settings of a desk that cannot both hold.
    DeskContradiction = 702 "desk.contradiction" Input,
    /// A list of a desk's policy that must not be empty.
    DeskEmpty = 703 "desk.empty" Input,
    /// Settings that lead back to themselves.
    DeskCycle = 704 "desk.cycle" Input,
    /// There is no such policy among those that were given.
    DeskUnknown = 705 "desk.unknown" Input,
    /// A calendar that never opens.
    CalendarNeverOpen = 710 "calendar.never_open" Input,
    /// Two windows of one day that overlap.
    CalendarOverlap = 711 "calendar.overlap" Input,
    /// An instant, or an answer, outside the years of the calendar.
    CalendarYears = 712 "calendar.years" Input,
    /// The calendars of a desk come to more windows than allowed.
    CalendarTooLarge = 713 "calendar.too_large" Limit,
    /// The ticket's first event is not its registration.
    TicketNotRegistered = 720 "ticket.not_registered" Input,
    /// An event that the ticket's state does not allow.
    TicketTransition = 721 "ticket.transition" State,
    /// A word that the ticket's policy does not know.
    TicketReference = 722 "ticket.reference" Input,
    /// The ticket was merged into another one.
    TicketMerged = 723 "ticket.merged" State,
    /// A policy of a watch names something twice.
    WatchDuplicate = 740 "watch.duplicate" Input,
    /// A policy of a watch names a check, counter, reading or threshold that there is not.
    WatchReference = 741 "watch.reference" Input,
    /// Two settings of a policy of a watch that cannot both hold.
    WatchContradiction = 742 "watch.contradiction" Input,
    /// A threshold that no value can reach, or that is no threshold.
    WatchThreshold = 743 "watch.threshold" Input,
    /// A window that is longer than what the state keeps.
    WatchWindow = 744 "watch.window" Input,
    /// A condition of a policy of a watch is too large.
    WatchTooLarge = 745 "watch.too_large" Limit,
    /// The watch lets no points move by this call.
    WatchRefused = 746 "watch.refused" State,
    /// A handle that is null, was freed, or is none.
    HandleUnknown = 800 "handle.unknown" Input,
    /// A handle of another kind than is needed.
    HandleKind = 801 "handle.kind" Input,
    /// A mistake in the engine itself.
    Internal = 900 "internal" Internal,
}

/// Declares the reason codes with their numbers.
macro_rules! reason_codes {
    ($( $(#[doc = $doc:literal])* $variant:ident = $number:literal $code:literal, )*) => {
        choice! {
            /// Why less happened than hoped, although the call succeeded.
            pub enum ReasonCode { $( $(#[doc = $doc])* $variant = $code, )* }
        }

        impl ReasonCode {
            /// The number of the code, which no other reason and no error has.
            #[must_use]
            pub fn number(self) -> u32 {
                match self { $( ReasonCode::$variant => $number, )* }
            }
        }
    };
}

reason_codes! {
    /// The card cannot be used: it is not known here.
    CardUnknown = 1001 "card.unknown",
    /// The number fits no kind of card of the programme.
    CardNumber = 1002 "card.number",
    /// Its check digit is wrong: probably a misread or mistyped number.
    CardCheckDigit = 1003 "card.check_digit",
    /// Several cards of this use were presented; another one was taken.
    CardNotTaken = 1004 "card.not_taken",
    /// The code is not known.
    CodeUnknown = 1005 "code.unknown",
    /// A discount of the host was more than its lines could take.
    HostDiscountTrimmed = 1006 "host_discount.trimmed",
    /// A discount was trimmed by what its lines could take.
    DiscountTrimmed = 1007 "discount.trimmed",
    /// No line of the receipt takes this discount.
    DiscountNoLines = 1008 "discount.no_lines",
    /// The card's discount is 0 %.
    DiscountZero = 1009 "discount.zero",
    /// Points were limited to a percentage of the receipt.
    RedemptionCapPercent = 1010 "redemption.cap_percent",
    /// Points were limited to a fixed sum per receipt.
    RedemptionCapAmount = 1011 "redemption.cap_amount",
    /// Points were limited to what the card has.
    RedemptionBalance = 1012 "redemption.balance",
    /// Points were limited by what the lines could take.
    RedemptionLines = 1013 "redemption.lines",
    /// Fewer points could be spent than the least number allowed.
    RedemptionBelowMinimum = 1014 "redemption.below_minimum",
    /// The wished number was cut down to the largest allowed.
    RedemptionTrimmed = 1015 "redemption.trimmed",
    /// The wished number was cut down to whole steps.
    RedemptionStep = 1016 "redemption.step",
    /// The programme lets no points be spent on this receipt.
    RedemptionNotAllowed = 1017 "redemption.not_allowed",
    /// No card with points was presented.
    RedemptionNoCard = 1018 "redemption.no_card",
    /// No card that earns was presented.
    EarningNoCard = 1019 "earning.no_card",
    /// The rule's condition is not met.
    EarningNotMatched = 1020 "earning.not_matched",
    /// Another rule was better or came first.
    EarningOtherRule = 1021 "earning.other_rule",
    /// What the rule counts is below its minimum.
    EarningBelowMinimum = 1022 "earning.below_minimum",
    /// No line of the receipt earns under this rule.
    EarningNoLines = 1023 "earning.no_lines",
    /// The rule's cap for one receipt was met.
    EarningCap = 1024 "earning.cap",
    /// What was earned rounds to nothing.
    EarningNothing = 1025 "earning.nothing",
    /// New points repaid a debt first.
    EarningRepaidDebt = 1026 "earning.repaid_debt",
    /// The hold had run out before the sale was confirmed; the sale stands.
    ConfirmLate = 1027 "confirm.late",
    /// The points were no longer there; what is missing is owed.
    ConfirmShort = 1028 "confirm.short",
    /// The sale is not known here yet; this waits for it.
    ConfirmAwaits = 1029 "confirm.awaits",
    /// Restored points had expired in the meantime.
    RefundExpired = 1030 "refund.expired",
    /// Earned points were spent already; what is missing is owed.
    RefundDebt = 1031 "refund.debt",
    /// Earned points were spent already; by the programme's policy the shop bears it.
    RefundForgiven = 1032 "refund.forgiven",
    /// A refund without its sale moves no points.
    RefundUnlinked = 1033 "refund.unlinked",
    /// A programme setting in money was applied at the order's own rate.
    RateApplied = 1034 "rate.applied",
    /// The order does not tell what the rule asks for, so that it gives nothing.
    ConditionUnknown = 1035 "condition.unknown",
    /// The code is known, but nothing came of it on this receipt.
    CodeNoEffect = 1036 "code.no_effect",
    /// Another of the presented codes does not apply, and the programme takes all of them or none.
    CodeTogether = 1037 "code.together",
    /// The coupon was used already, or is set aside for another sale.
    CouponUsed = 1038 "coupon.used",
    /// The coupon has ended, or its sale was undone.
    CouponEnded = 1039 "coupon.ended",
    /// The coupon is not usable yet.
    CouponNotYet = 1040 "coupon.not_yet",
    /// The coupon belongs to another guest.
    CouponPersonal = 1041 "coupon.personal",
    /// The condition of the promotion is not met.
    PromotionNotMatched = 1042 "promotion.not_matched",
    /// An exclusive promotion was applied instead.
    PromotionExclusive = 1043 "promotion.exclusive",
    /// Others of its class were applied instead.
    PromotionClass = 1044 "promotion.class",
    /// Another promotion gives more.
    PromotionNotBest = 1045 "promotion.not_best",
    /// No line or unit of the receipt takes the promotion.
    PromotionNothing = 1046 "promotion.nothing",
    /// The promotion was trimmed by what its lines could take.
    PromotionTrimmed = 1047 "promotion.trimmed",
    /// The promotion was trimmed to its cap.
    PromotionCap = 1048 "promotion.cap",
    /// The guest may be given something that is not on the order yet.
    GiftOffered = 1049 "gift.offered",
    /// The present is not earned, so that its line takes no part.
    GiftWithdrawn = 1050 "gift.withdrawn",
    /// No card that holds the reward's points was presented.
    RewardNoCard = 1051 "reward.no_card",
    /// The card does not hold enough points for the reward.
    RewardNotAffordable = 1052 "reward.not_affordable",
    /// The condition of the reward is not met.
    RewardNotMatched = 1053 "reward.not_matched",
    /// The reward has no effect on this receipt, so that nothing was debited for it.
    RewardNothing = 1054 "reward.nothing",
    /// The reward was given fewer times than it was claimed.
    RewardTrimmed = 1055 "reward.trimmed",
    /// The card holds fewer points than it must for any to be spent.
    RedemptionMinimumBalance = 1056 "redemption.minimum_balance",
    /// A part of the receipt must be paid with money.
    RedemptionMinimumCash = 1057 "redemption.minimum_cash",
    /// A limit is used up.
    LimitUsedUp = 1058 "limit.used_up",
    /// What is left of a limit was less.
    LimitTrimmed = 1059 "limit.trimmed",
    /// A limit is nearly used up.
    LimitNear = 1060 "limit.near",
    /// The rule would give more than its cap, so that it gives nothing.
    EarningRejected = 1061 "earning.rejected",
    /// The card may hold no more points.
    EarningBalanceCap = 1062 "earning.balance_cap",
    /// A line does not say what an exclusion asks for.
    ExclusionUnknown = 1063 "exclusion.unknown",
    /// Fewer points can be moved than were wished.
    TransferTrimmed = 1064 "transfer.trimmed",
    /// Points for one sale only were not spent on it and have ended.
    LotLost = 1065 "lot.lost",
    /// The card is not activated yet.
    CardInactive = 1066 "card.inactive",
    /// The card is blocked.
    CardBlocked = 1067 "card.blocked",
    /// The card's time is over.
    CardExpired = 1068 "card.expired",
    /// The card was closed.
    CardClosed = 1069 "card.closed",
    /// Value leaves the card only after a challenge was met.
    CardChallenge = 1070 "card.challenge",
    /// The till or the card is offline: points are limited.
    RedemptionOffline = 1071 "redemption.offline",
    /// Offline: the card spends no more than is known here.
    OfflineBalance = 1072 "offline.balance",
    /// Offline: the card has spent what one card may.
    OfflineCardMaximum = 1073 "offline.card_maximum",
    /// Offline for so long that nothing more is spent.
    OfflineHours = 1074 "offline.hours",
    /// Offline: nothing is spent.
    OfflineNothing = 1075 "offline.nothing",
    /// Offline: this ledger has spent what all cards together may.
    OfflineTillMaximum = 1076 "offline.till_maximum",
    /// The number stands for another card.
    CardLinked = 1077 "card.linked",
    /// The gift card is not known, or its PIN was not given: both say the same.
    GiftRefused = 1078 "gift.refused",
    /// The gift card holds less than was wished.
    GiftBalance = 1079 "gift.balance",
    /// Less was left to pay than was wished of the gift card.
    GiftRest = 1080 "gift.rest",
    /// The gift card pays none of these lines.
    GiftNoLines = 1081 "gift.no_lines",
    /// The gift card pays all that it holds or nothing, and less is left to pay.
    GiftPartial = 1082 "gift.partial",
    /// The gift card belongs to a guest who is not on the order.
    GiftOwner = 1083 "gift.owner",
    /// The order is in another currency than the gift card.
    GiftCurrency = 1084 "gift.currency",
    /// A present was added to what was loaded.
    LoadBonus = 1085 "load.bonus",
    /// The card or the token was not proved.
    PresentRefused = 1086 "present.refused",
    /// Too many attempts: nothing is looked at for a while.
    PresentLocked = 1087 "present.locked",
    /// The code or token was accepted once already.
    PresentReplayed = 1088 "present.replayed",
    /// The code or token is of another time.
    PresentOutOfTime = 1089 "present.out_of_time",
    /// The ticket let somebody in already and holds no more entries.
    TicketUsed = 1090 "ticket.used",
    /// The ticket is not good yet.
    TicketNotYet = 1091 "ticket.not_yet",
    /// The ticket is no longer good.
    TicketEnded = 1092 "ticket.ended",
    /// The ticket is not good at this hour.
    TicketHours = 1093 "ticket.hours",
    /// The ticket let in as many today as it may.
    TicketDay = 1094 "ticket.day",
    /// The ticket holds fewer entries than were asked for.
    TicketEntries = 1095 "ticket.entries",
    /// The ticket let in more than it held: two gates did not know of each other.
    TicketDouble = 1096 "ticket.double",
    /// The coupon is blocked.
    CouponBlocked = 1097 "coupon.blocked",
    /// This guest has used the coupon as often as one guest may.
    CouponGuest = 1098 "coupon.guest",
    /// Stamps were cut to what one receipt may give.
    StampPerVisit = 1099 "stamp.per_visit",
    /// The stamp card is full: stamps beyond its goal are lost.
    StampFull = 1100 "stamp.full",
    /// A coupon that points were turned into became void, and its points were taken back.
    RefundConverted = 1101 "refund.converted",
    /// Points that bought a reward stay spent, by the programme's policy.
    RefundRewardKept = 1102 "refund.reward_kept",
    /// Used entries or units are not given back.
    RefundTicketUsed = 1103 "refund.ticket_used",
    /// Too little was typed to look for guests.
    SearchTooShort = 1104 "search.too_short",
    /// The guest was merged into another.
    GuestMerged = 1105 "guest.merged",
    /// The programme was to be valid from an instant in the past: it is so from now on.
    ProgramFromPast = 1106 "program.from_past",
    /// This version of the programme was installed before.
    ProgramInstalled = 1107 "program.installed",
    /// The scan is the number of a bank card, which is refused and not repeated.
    ScanBankCard = 1108 "scan.bank_card",
    /// It is of this form or kind, but its check digit is wrong.
    ScanCheckDigit = 1109 "scan.check_digit",
    /// The number of a customer has more or fewer digits.
    ScanCustomerNumber = 1110 "scan.customer_number",
    /// Nothing was read.
    ScanEmpty = 1111 "scan.empty",
    /// The payload begins with a brace, but is no JSON object.
    ScanJson = 1112 "scan.json",
    /// The payload has none of the keys that hold a number.
    ScanJsonKey = 1113 "scan.json_key",
    /// It begins as this form or kind does, but has another length.
    ScanLength = 1114 "scan.length",
    /// The link is not one of those that may hold a number.
    ScanLink = 1115 "scan.link",
    /// The link is allowed, but holds no number.
    ScanLinkNumber = 1116 "scan.link_number",
    /// What the payload holds is no number but another payload, or nothing.
    ScanNested = 1117 "scan.nested",
    /// The phone number has too few or too many digits.
    ScanPhoneLength = 1118 "scan.phone_length",
    /// The phone number begins with +8: whether an 8 or another country is meant is unknown.
    ScanPhonePlusEight = 1119 "scan.phone_plus_eight",
    /// A short number is no guest's phone.
    ScanPhoneShort = 1120 "scan.phone_short",
    /// A toll-free number is no guest's phone.
    ScanPhoneTollFree = 1121 "scan.phone_toll_free",
    /// No phone number begins like this.
    ScanPhoneUnassigned = 1122 "scan.phone_unassigned",
    /// It is as long as this form or kind is, but begins otherwise.
    ScanPrefix = 1123 "scan.prefix",
    /// It begins as a token of the engine, but is not whole.
    ScanToken = 1124 "scan.token",
    /// It has more bytes than can be read.
    ScanTooLong = 1125 "scan.too_long",
    /// No rule finds a number on the magnetic track.
    ScanTrack = 1126 "scan.track",
    /// The host's clock is far ahead of all that is known: time stands still for points.
    ClockSuspect = 1127 "clock.suspect",
    /// Points that are earned cannot be used at once: they wait until the policy of the watch
    /// lets them.
    WatchEarningWaits = 1128 "watch.earning_waits",
    /// No points are earned on this receipt.
    WatchEarningRefused = 1129 "watch.earning_refused",
    /// No points can be spent on this receipt.
    WatchSpendingRefused = 1130 "watch.spending_refused",
    /// A coupon became void because another till had used its points already.
    SettleCoupon = 1131 "settle.coupon",
    /// The sale was completed or given up already.
    SettleKnown = 1132 "settle.known",
    /// A cancel of one till gave way to the confirm of another.
    SettleOverruled = 1133 "settle.overruled",
    /// A confirm or cancel of another till cannot be done as it was given.
    SettleRefused = 1134 "settle.refused",
    /// Points that two tills wrote off were written off once.
    SettleWrittenOff = 1135 "settle.written_off",
}
