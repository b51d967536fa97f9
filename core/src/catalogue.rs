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
    /// The network failed.
    Network = 600 "network" Network,
    /// The server failed.
    Backend = 610 "backend" Backend,
    /// The caller may not do this.
    Access = 620 "access" Access,
    /// A mistake in the engine itself.
    Internal = 900 "internal" Internal,
}

choice! {
    /// Why less happened than hoped, although the call succeeded.
    pub enum ReasonCode {
        /// The card cannot be used: it is not known here.
        CardUnknown = "card.unknown",
        /// The number fits no kind of card of the programme.
        CardNumber = "card.number",
        /// Its check digit is wrong: probably a misread or mistyped number.
        CardCheckDigit = "card.check_digit",
        /// Several cards of this use were presented; another one was taken.
        CardNotTaken = "card.not_taken",
        /// The code is not known.
        CodeUnknown = "code.unknown",
        /// A discount of the host was more than its lines could take.
        HostDiscountTrimmed = "host_discount.trimmed",
        /// A discount was trimmed by what its lines could take.
        DiscountTrimmed = "discount.trimmed",
        /// No line of the receipt takes this discount.
        DiscountNoLines = "discount.no_lines",
        /// The card's discount is 0 %.
        DiscountZero = "discount.zero",
        /// Points were limited to a percentage of the receipt.
        RedemptionCapPercent = "redemption.cap_percent",
        /// Points were limited to a fixed sum per receipt.
        RedemptionCapAmount = "redemption.cap_amount",
        /// Points were limited to what the card has.
        RedemptionBalance = "redemption.balance",
        /// Points were limited by what the lines could take.
        RedemptionLines = "redemption.lines",
        /// Fewer points could be spent than the least number allowed.
        RedemptionBelowMinimum = "redemption.below_minimum",
        /// The wished number was cut down to the largest allowed.
        RedemptionTrimmed = "redemption.trimmed",
        /// The wished number was cut down to whole steps.
        RedemptionStep = "redemption.step",
        /// The programme lets no points be spent on this receipt.
        RedemptionNotAllowed = "redemption.not_allowed",
        /// No card with points was presented.
        RedemptionNoCard = "redemption.no_card",
        /// No card that earns was presented.
        EarningNoCard = "earning.no_card",
        /// The rule's condition is not met.
        EarningNotMatched = "earning.not_matched",
        /// Another rule was better or came first.
        EarningOtherRule = "earning.other_rule",
        /// What the rule counts is below its minimum.
        EarningBelowMinimum = "earning.below_minimum",
        /// No line of the receipt earns under this rule.
        EarningNoLines = "earning.no_lines",
        /// The rule's cap for one receipt was met.
        EarningCap = "earning.cap",
        /// What was earned rounds to nothing.
        EarningNothing = "earning.nothing",
        /// New points repaid a debt first.
        EarningRepaidDebt = "earning.repaid_debt",
        /// The hold had run out before the sale was confirmed; the sale stands.
        ConfirmLate = "confirm.late",
        /// The points were no longer there; what is missing is owed.
        ConfirmShort = "confirm.short",
        /// The sale is not known here yet; this waits for it.
        ConfirmAwaits = "confirm.awaits",
        /// Restored points had expired in the meantime.
        RefundExpired = "refund.expired",
        /// Earned points were spent already; what is missing is owed.
        RefundDebt = "refund.debt",
        /// Earned points were spent already; by the programme's policy the shop bears it.
        RefundForgiven = "refund.forgiven",
        /// A refund without its sale moves no points.
        RefundUnlinked = "refund.unlinked",
        /// A programme setting in money was applied at the order's own rate.
        RateApplied = "rate.applied",
        /// The order does not tell what the rule asks for, so that it gives nothing.
        ConditionUnknown = "condition.unknown",
        /// The code is known, but nothing came of it on this receipt.
        CodeNoEffect = "code.no_effect",
        /// Another of the presented codes does not apply, and the programme takes all of them or none.
        CodeTogether = "code.together",
        /// The coupon was used already, or is set aside for another sale.
        CouponUsed = "coupon.used",
        /// The coupon has ended, or its sale was undone.
        CouponEnded = "coupon.ended",
        /// The coupon is not usable yet.
        CouponNotYet = "coupon.not_yet",
        /// The coupon belongs to another guest.
        CouponPersonal = "coupon.personal",
        /// The condition of the promotion is not met.
        PromotionNotMatched = "promotion.not_matched",
        /// An exclusive promotion was applied instead.
        PromotionExclusive = "promotion.exclusive",
        /// Others of its class were applied instead.
        PromotionClass = "promotion.class",
        /// Another promotion gives more.
        PromotionNotBest = "promotion.not_best",
        /// No line or unit of the receipt takes the promotion.
        PromotionNothing = "promotion.nothing",
        /// The promotion was trimmed by what its lines could take.
        PromotionTrimmed = "promotion.trimmed",
        /// The promotion was trimmed to its cap.
        PromotionCap = "promotion.cap",
        /// The guest may be given something that is not on the order yet.
        GiftOffered = "gift.offered",
        /// The present is not earned, so that its line takes no part.
        GiftWithdrawn = "gift.withdrawn",
        /// No card that holds the reward's points was presented.
        RewardNoCard = "reward.no_card",
        /// The card does not hold enough points for the reward.
        RewardNotAffordable = "reward.not_affordable",
        /// The condition of the reward is not met.
        RewardNotMatched = "reward.not_matched",
        /// The reward has no effect on this receipt, so that nothing was debited for it.
        RewardNothing = "reward.nothing",
        /// The reward was given fewer times than it was claimed.
        RewardTrimmed = "reward.trimmed",
        /// The card holds fewer points than it must for any to be spent.
        RedemptionMinimumBalance = "redemption.minimum_balance",
        /// A part of the receipt must be paid with money.
        RedemptionMinimumCash = "redemption.minimum_cash",
        /// A limit is used up.
        LimitUsedUp = "limit.used_up",
        /// What is left of a limit was less.
        LimitTrimmed = "limit.trimmed",
        /// A limit is nearly used up.
        LimitNear = "limit.near",
        /// The rule would give more than its cap, so that it gives nothing.
        EarningRejected = "earning.rejected",
        /// The card may hold no more points.
        EarningBalanceCap = "earning.balance_cap",
        /// A line does not say what an exclusion asks for.
        ExclusionUnknown = "exclusion.unknown",
        /// Fewer points can be moved than were wished.
        TransferTrimmed = "transfer.trimmed",
        /// Points for one sale only were not spent on it and have ended.
        LotLost = "lot.lost",
    }
}
