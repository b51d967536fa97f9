//! What a cashier reads when a call succeeded and less happened than hoped.
//!
//! Each code has a sentence in either language with places for its arguments: `{name}` as it
//! stands, `{name|form}` in a form. Forms are `money` (of the order), `program_money`, `points`,
//! `points_of` (in the genitive), `number`, `percent`, `instant`, `challenge` and `fact` (what a
//! condition asks for). The
//! argument `given` is made of two: what was wished less what was trimmed.

use rust_decimal::Decimal;

use super::{Language, MoneySign, Style, number, printable};
use crate::amount::{Amount, parse_decimal};
use crate::reason::{Reason, ReasonCode};

/// Declares the Russian and the English sentence of each code; a code without one does not compile.
macro_rules! reason_texts {
    ($( $variant:ident: $russian:literal, $english:literal; )*) => {
        /// The sentence of a reason, with `{name|form}` where its arguments go.
        #[must_use]
        pub fn reason_template(code: ReasonCode, language: Language) -> &'static str {
            match code { $( ReasonCode::$variant => language.pick($russian, $english), )* }
        }
    };
}

reason_texts! {
    CardUnknown:
        "Карта {card} не найдена",
        "Card {card} is not known";
    CardNumber:
        "Номер {card} не подходит ни к одной карте программы",
        "The number {card} fits no card of the programme";
    CardCheckDigit:
        "Номер {card} считан с ошибкой: проверьте его и повторите",
        "The number {card} was misread: check it and try again";
    CardNotTaken:
        "Карта {card} не учтена: применена другая карта",
        "Card {card} was not used: another card was taken";
    CodeUnknown:
        "Промокод {code} не найден",
        "Promo code {code} is not known";
    HostDiscountTrimmed:
        "Скидка «{discount}»: {given|money} вместо {wished|money}, снизить цены сильнее нельзя",
        "Discount “{discount}”: {given|money} instead of {wished|money}, prices can go no lower";
    DiscountTrimmed:
        "Скидка по карте {card}: {given|money} вместо {wished|money}, снизить цены сильнее нельзя",
        "Discount of card {card}: {given|money} instead of {wished|money}, prices can go no lower";
    DiscountNoLines:
        "Скидки по карте {card} нет: в чеке нет подходящих товаров",
        "No discount on card {card}: no item of the receipt takes it";
    DiscountZero:
        "Скидка по карте {card} сейчас равна нулю",
        "The discount of card {card} is zero at present";
    RedemptionCapPercent:
        "Баллами можно оплатить не больше {limit|money} ({percent|percent})",
        "Points can pay no more than {limit|money} ({percent|percent})";
    RedemptionCapAmount:
        "Баллами можно оплатить не больше {limit|money} в одном чеке",
        "Points can pay no more than {limit|money} of one receipt";
    RedemptionBalance:
        "На карте доступно баллов: {balance|number}",
        "Points available on the card: {balance|number}";
    RedemptionLines:
        "Товары в чеке можно оплатить баллами не больше чем на {limit|money}",
        "The items can be paid with points up to {limit|money} only";
    RedemptionBelowMinimum:
        "За один раз можно списать не меньше {minimum|points_of}",
        "No fewer than {minimum|points} can be spent at once";
    RedemptionTrimmed:
        "Можно списать {maximum|number} из {wished|points_of}",
        "{maximum|number} of {wished|points} can be spent";
    RedemptionStep:
        "Баллы списываются кратно {step|number}, а указано {wished|number}",
        "Points are spent in multiples of {step|number}, and {wished|number} was entered";
    RedemptionNotAllowed:
        "Для этого чека списание баллов недоступно",
        "Points cannot be spent on this receipt";
    RedemptionNoCard:
        "Баллы не списаны: не предъявлена карта с баллами",
        "No points spent: no card with points was presented";
    EarningNoCard:
        "Баллы не начислены: карта не предъявлена",
        "No points earned: no card was presented";
    EarningNotMatched:
        "Условия начисления не выполнены",
        "The conditions of the rule are not met";
    EarningOtherRule:
        "Вместо этого применено правило «{winner}»",
        "The rule “{winner}” was applied instead";
    EarningBelowMinimum:
        "По правилу «{rule}» баллы начисляются от {minimum|program_money}",
        "The rule “{rule}” gives points from {minimum|program_money} on";
    EarningNoLines:
        "В чеке нет товаров, за которые начисляются баллы",
        "No item of the receipt earns points";
    EarningCap:
        "По правилу «{rule}» за чек начисляется не больше {cap|points_of}",
        "The rule “{rule}” gives no more than {cap|points} for one receipt";
    EarningNothing:
        "По правилу «{rule}» за этот чек выходит 0 баллов",
        "The rule “{rule}” comes to 0 points for this receipt";
    EarningRepaidDebt:
        "В счёт долга по карте {card}: {repaid|points}",
        "Towards the debt of card {card}: {repaid|points}";
    ConfirmLate:
        "Резерв баллов истёк до оплаты, продажа проведена",
        "The hold ran out before the payment; the sale stands";
    ConfirmShort:
        "На карте {card} не хватило {missing|points_of}: записано в долг",
        "Card {card} was short of {missing|points}: this is now its debt";
    ConfirmAwaits:
        "Этой кассе продажа ещё не известна: операция ждёт её",
        "This till does not know the sale yet: the operation waits for it";
    RefundExpired:
        "Срок возвращённых на карту {card} баллов истёк: {expired|points}",
        "Returned to card {card}, but expired already: {expired|points}";
    RefundDebt:
        "Начисленное уже потрачено, долг по карте {card}: {missing|points}",
        "What was earned is spent already, debt of card {card}: {missing|points}";
    RefundForgiven:
        "Начисленное уже потрачено, за счёт магазина: {missing|points} (карта {card})",
        "What was earned is spent already, borne by the shop: {missing|points} (card {card})";
    RefundUnlinked:
        "Возврат без исходного чека: баллы не изменились",
        "A refund without its sale: no points moved";
    RateApplied:
        "Применён курс из заказа: {rate|number}",
        "The order's own rate was applied: {rate|number}";
    ConditionUnknown:
        "«{rule}» не действует: касса не передала {missing|fact}",
        "“{rule}” does not apply: the till did not tell {missing|fact}";
    CodeNoEffect:
        "Промокод {code} ничего не меняет в этом чеке",
        "Promo code {code} changes nothing on this receipt";
    CodeTogether:
        "Промокод {code} не применён: вместе с другими он не действует",
        "Promo code {code} was not applied: it needs the other codes to apply";
    CouponUsed:
        "Купон {code} уже использован",
        "Coupon {code} was used already";
    CouponEnded:
        "Купон {code} больше не действует",
        "Coupon {code} is no longer valid";
    CouponNotYet:
        "Купон {code} ещё не действует",
        "Coupon {code} cannot be used yet";
    CouponPersonal:
        "Купон {code} выдан другому гостю",
        "Coupon {code} belongs to another guest";
    PromotionNotMatched:
        "Условия акции «{rule}» не выполнены",
        "The conditions of “{rule}” are not met";
    PromotionExclusive:
        "Вместо «{rule}» действует акция «{winner}»",
        "“{winner}” was applied instead of “{rule}”";
    PromotionClass:
        "Акция «{rule}» не действует вместе с «{winner}»",
        "“{rule}” does not go together with “{winner}”";
    PromotionNotBest:
        "Акция «{winner}» выгоднее, чем «{rule}»",
        "“{winner}” gives more than “{rule}”";
    PromotionNothing:
        "Для акции «{rule}» в чеке нет подходящих товаров",
        "No item of the receipt takes “{rule}”";
    PromotionTrimmed:
        "Акция «{rule}»: {given|money} вместо {wished|money}, снизить цены сильнее нельзя",
        "“{rule}”: {given|money} instead of {wished|money}, prices can go no lower";
    PromotionCap:
        "Акция «{rule}» даёт за чек не больше {cap|money}",
        "“{rule}” gives no more than {cap|money} for one receipt";
    GiftOffered:
        "Гостю положен подарок по акции «{rule}»: добавьте его в чек",
        "The guest gets a present under “{rule}”: add it to the receipt";
    GiftWithdrawn:
        "Подарок по акции «{rule}» не заслужен и убран из чека",
        "The present under “{rule}” is not earned and was taken off";
    RewardNoCard:
        "Награда «{reward}»: не предъявлена карта с баллами",
        "Reward “{reward}”: no card with points was presented";
    RewardNotAffordable:
        "До награды «{reward}» не хватает {missing|points_of}",
        "{missing|points} are missing for reward “{reward}”";
    RewardNotMatched:
        "Условия награды «{reward}» не выполнены",
        "The conditions of reward “{reward}” are not met";
    RewardNothing:
        "Награда «{reward}» ничего не меняет в этом чеке: баллы не списаны",
        "Reward “{reward}” changes nothing on this receipt: no points were spent";
    RewardTrimmed:
        "Награда «{reward}» применена {given_times|number} из {wished_times|number}",
        "Reward “{reward}” was applied {given_times|number} of {wished_times|number} times";
    RedemptionMinimumBalance:
        "Баллы списываются, когда на карте не меньше {minimum|points_of}",
        "Points can be spent from a balance of {minimum|points} on";
    RedemptionMinimumCash:
        "Деньгами нужно оплатить не меньше {minimum|money}",
        "At least {minimum|money} must be paid with money";
    LimitUsedUp:
        "«{rule}»: лимит «{limit}» исчерпан",
        "“{rule}”: limit “{limit}” is used up";
    LimitTrimmed:
        "«{rule}»: от лимита «{limit}» осталось меньше",
        "“{rule}”: less than that is left of limit “{limit}”";
    LimitNear:
        "Лимит «{limit}» почти исчерпан",
        "Limit “{limit}” is nearly used up";
    EarningRejected:
        "По правилу «{rule}» баллы не начислены: больше {cap|points_of} за чек нельзя",
        "The rule “{rule}” gives nothing: no more than {cap|points} for one receipt";
    EarningBalanceCap:
        "На карте может быть не больше {cap|points_of}",
        "The card may hold no more than {cap|points}";
    ExclusionUnknown:
        "По позиции нельзя понять, действует ли исключение «{rule}»",
        "The line does not tell whether the exclusion “{rule}” holds";
    TransferTrimmed:
        "Можно передать {maximum|number} из {wished|points_of}",
        "{maximum|number} of {wished|points} can be moved";
    LotLost:
        "Карта {card}: не использованы и сгорели {lost|points}",
        "Card {card}: not used and ended: {lost|points}";
    CardInactive:
        "Карта {card} ещё не активирована",
        "Card {card} is not activated yet";
    CardBlocked:
        "Карта {card} заблокирована: {reason}",
        "Card {card} is blocked: {reason}";
    CardExpired:
        "Срок действия карты {card} истёк",
        "Card {card} has expired";
    CardClosed:
        "Карта {card} закрыта",
        "Card {card} is closed";
    CardChallenge:
        "Карта {card}: для списания нужен {challenge|challenge}",
        "Card {card}: to spend from it, {challenge|challenge} is needed";
    RedemptionOffline:
        "Нет связи: баллами можно оплатить не больше {limit|money}",
        "Offline: points can pay no more than {limit|money}";
    OfflineBalance:
        "Нет связи: по карте {card} известно только {balance|number}",
        "Offline: of card {card} only {balance|number} is known";
    OfflineCardMaximum:
        "Нет связи: с карты {card} можно списать ещё {left|program_money}",
        "Offline: card {card} can spend {left|program_money} more";
    OfflineHours:
        "Нет связи больше {hours|number} ч: с карты {card} списать нельзя",
        "Offline for more than {hours|number} h: card {card} cannot spend";
    OfflineNothing:
        "Нет связи: с карты {card} списать нельзя",
        "Offline: card {card} cannot spend";
    OfflineTillMaximum:
        "Нет связи: на этой кассе можно списать ещё {left|program_money}",
        "Offline: this till can accept {left|program_money} more from cards";
    CardLinked:
        "Номер {number} относится к карте {card}",
        "The number {number} stands for card {card}";
    GiftRefused:
        "Подарочная карта {card} не принята: проверьте номер и ПИН-код",
        "Gift card {card} was not accepted: check its number and PIN";
    GiftBalance:
        "На подарочной карте {card} доступно {available|money}",
        "Gift card {card} holds {available|money}";
    GiftRest:
        "Подарочной картой {card} осталось оплатить {rest|money}",
        "Only {rest|money} is left for gift card {card} to pay";
    GiftNoLines:
        "Подарочной картой {card} эти товары оплатить нельзя",
        "Gift card {card} pays for none of these items";
    GiftPartial:
        "Карта {card} списывается только целиком: {available|money}",
        "Card {card} is spent as a whole only: {available|money}";
    GiftOwner:
        "Подарочная карта {card} принадлежит другому гостю",
        "Gift card {card} belongs to another guest";
    GiftCurrency:
        "Подарочная карта {card} в другой валюте: {currency}",
        "Gift card {card} is in another currency: {currency}";
    LoadBonus:
        "На карту {card} добавлено в подарок {bonus|money}",
        "Card {card} gets {bonus|money} as a present";
    PresentRefused:
        "Карта не подтверждена: проверьте номер и код",
        "The card was not proved: check its number and code";
    PresentLocked:
        "Слишком много попыток: повторите позже",
        "Too many attempts: try again later";
    PresentReplayed:
        "Этот код уже использован: попросите гостя обновить его",
        "This code was used already: ask the guest to refresh it";
    PresentOutOfTime:
        "Код устарел: попросите гостя обновить его",
        "The code is out of date: ask the guest to refresh it";
    TicketUsed:
        "Билет {card} уже использован: {at|instant}{place}",
        "Ticket {card} was used already: {at|instant}{place}";
    TicketNotYet:
        "Билет {card} действует с {from|instant}",
        "Ticket {card} is good from {from|instant} on";
    TicketEnded:
        "Билет {card} действовал до {until|instant}",
        "Ticket {card} was good until {until|instant}";
    TicketHours:
        "Билет {card} в это время не действует",
        "Ticket {card} is not good at this hour";
    TicketDay:
        "Билет {card}: на сегодня проходы закончились ({limit})",
        "Ticket {card}: no more entries today ({limit})";
    TicketEntries:
        "На билете {card} осталось {left|number}, нужно {wished|number}",
        "Ticket {card} has {left|number} left, {wished|number} are needed";
    TicketDouble:
        "Билет {card} пропущен дважды: {at|instant}{place}",
        "Ticket {card} was let in twice: {at|instant}{place}";
    CouponBlocked:
        "Купон {code} заблокирован",
        "Coupon {code} is blocked";
    CouponGuest:
        "Купон {code}: гость использовал его столько раз, сколько можно",
        "Coupon {code}: this guest has used it as often as allowed";
    StampPerVisit:
        "Карта {card}: за один визит не больше {limit|number} штампов",
        "Card {card}: no more than {limit|number} stamps a visit";
    StampFull:
        "Карта {card} заполнена: лишние штампы не начислены ({lost|number})",
        "Card {card} is full: further stamps are lost ({lost|number})";
    RefundConverted:
        "Купон {code} погашен: его штампы или баллы возвращены",
        "Coupon {code} became void: its points were taken back";
    RefundRewardKept:
        "Карта {card}: потраченное на подарок не возвращается ({kept|points})",
        "Card {card}: what bought the reward stays spent ({kept|points})";
    RefundTicketUsed:
        "Билет {card}: уже использовано {used|number}, это не возвращается",
        "Ticket {card}: {used|number} used already, which is not given back";
    SearchTooShort:
        "Введите не меньше {least|number} знаков",
        "Type {least|number} characters or more";
    GuestMerged:
        "Гость {guest} объединён с гостем {into}",
        "Guest {guest} was merged into {into}";
    ProgramFromPast:
        "Программа действует с этого момента: {from|instant} уже прошло",
        "The programme is valid from now on: {from|instant} has passed";
    ProgramInstalled:
        "Версия программы {version} уже установлена",
        "Version {version} of the programme is installed already";
    ScanBankCard:
        "Это банковская карта: она не принимается и не хранится",
        "This is a bank card: it is not taken and not kept";
    ScanCheckDigit:
        "Похоже на «{rule}», но контрольный знак неверен",
        "This looks like “{rule}”, but its check digit is wrong";
    ScanCustomerNumber:
        "В номере гостя от {minimum|number} до {maximum|number} цифр",
        "A guest's number has {minimum|number} to {maximum|number} digits";
    ScanEmpty:
        "Ничего не считано: повторите",
        "Nothing was read: scan again";
    ScanJson:
        "Содержимое кода не читается",
        "What the code holds cannot be read";
    ScanJsonKey:
        "В содержимом кода нет номера",
        "The code holds no number";
    ScanLength:
        "Похоже на «{rule}», но длина другая",
        "This looks like “{rule}”, but has another length";
    ScanLink:
        "Такие ссылки в программе не приняты",
        "The programme takes no such links";
    ScanLinkNumber:
        "В ссылке нет номера",
        "The link holds no number";
    ScanNested:
        "В содержимом кода не номер, а другой код",
        "The code holds another code instead of a number";
    ScanPhoneLength:
        "В номере телефона лишние цифры или их не хватает",
        "The phone number has too many digits or too few";
    ScanPhonePlusEight:
        "Телефон начинается с +8: уточните код страны",
        "The phone begins with +8: ask for the country code";
    ScanPhoneShort:
        "Короткий номер не может быть телефоном гостя",
        "A short number cannot be a guest's phone";
    ScanPhoneTollFree:
        "Бесплатный номер не может быть телефоном гостя",
        "A toll-free number cannot be a guest's phone";
    ScanPhoneUnassigned:
        "Телефоны так не начинаются: проверьте номер",
        "No phone begins like this: check the number";
    ScanPrefix:
        "Похоже на «{rule}», но начало другое",
        "This looks like “{rule}”, but begins otherwise";
    ScanToken:
        "Код гостя прочитан не полностью: повторите",
        "The guest's code was not read in full: scan again";
    ScanTooLong:
        "Код слишком длинный: больше {maximum|number} байт",
        "The code is too long: more than {maximum|number} bytes";
    ScanTrack:
        "На магнитной полосе не найден номер",
        "No number was found on the magnetic stripe";
    ClockSuspect:
        "Часы кассы спешат ({at|instant}): баллы считаются на {since|instant}",
        "The till's clock is ahead ({at|instant}): points are counted as of {since|instant}";
    WatchEarningWaits:
        "Карта {card}: баллы станут доступны {until|instant}",
        "Card {card}: the points can be used from {until|instant}";
    WatchEarningRefused:
        "Карта {card}: за этот чек баллы не начисляются",
        "Card {card}: this receipt earns no points";
    WatchSpendingRefused:
        "Карта {card}: сейчас баллы списать нельзя, продажу можно завершить без них",
        "Card {card}: points cannot be spent now; the sale can go on without them";
    SettleCoupon:
        "Купон {code} погашен: баллы карты {card} уже потрачены на другой кассе",
        "Coupon {code} is void: another till had used the points of card {card} already";
    SettleKnown:
        "Продажа уже завершена или отменена: операция {record} ничего не изменила",
        "The sale was completed or given up already: {record} changed nothing";
    SettleOverruled:
        "Отмена {record} не проведена: продажа подтверждена на другой кассе",
        "Cancel {record} was not done: another till confirmed the sale";
    SettleRefused:
        "Операция {record} не проведена: {code}",
        "{record} could not be done: {code}";
    SettleWrittenOff:
        "Баллы карты {card} были списаны дважды, лишнее возвращено: {returned|points}",
        "Points of card {card} were written off twice; given back: {returned|points}";
}

/// A sentence for the cashier, without a full stop, with the arguments of the reason filled in.
/// An argument that is missing is shown as `?`.
///
/// # Examples
/// ```
/// use kopilka::texts::{Language, Style, reason};
/// use kopilka::{Reason, ReasonCode};
///
/// let trimmed = Reason::new(ReasonCode::RedemptionTrimmed).with("maximum", 77).with("wished", 200);
/// let style = Style { currency: "RUB".into(), ..Style::default() };
/// assert_eq!(reason(&trimmed, Language::Russian, &style), "Можно списать 77 из 200 баллов");
/// assert_eq!(reason(&trimmed, Language::English, &style), "77 of 200 points can be spent");
/// ```
#[must_use]
pub fn reason(reason: &Reason, language: Language, style: &Style) -> String {
    printable(&sentence(reason, language, style), style.sign)
}

/// The sentence with its no-break spaces.
pub(super) fn sentence(reason: &Reason, language: Language, style: &Style) -> String {
    let mut text = String::new();
    let mut rest = reason_template(reason.code, language);
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let (place, after) = after.split_once('}').unwrap_or((after, ""));
        let (name, form) = place.split_once('|').unwrap_or((place, ""));
        text.push_str(&filled(reason, name, form, language, style));
        rest = after;
    }
    text.push_str(rest);
    if let Some(line) = &reason.line {
        text.push_str(language.pick(" (позиция ", " (line "));
        text.push_str(line);
        text.push(')');
    }
    text
}

/// How much of what a card had was spent, for the cashier's screen: «Списано 77 из 200 доступных
/// баллов», `77 of 200 available points spent`.
#[must_use]
pub fn spent_of_available(
    spent: Amount,
    available: Amount,
    language: Language,
    sign: MoneySign,
) -> String {
    let spent = number::count(spent, language);
    let all = number::count(available, language);
    let text = match (language, number::Plural::of(available.decimal())) {
        (Language::English, _) if available.decimal() == Decimal::ONE => {
            format!("{spent} of {all} available point spent")
        }
        (Language::English, _) => format!("{spent} of {all} available points spent"),
        (Language::Russian, number::Plural::One | number::Plural::Fraction) => {
            format!("Списано {spent} из {all} доступного балла")
        }
        (Language::Russian, number::Plural::Few | number::Plural::Many) => {
            format!("Списано {spent} из {all} доступных баллов")
        }
    };
    printable(&text, sign)
}

/// One argument in its form.
fn filled(reason: &Reason, name: &str, form: &str, language: Language, style: &Style) -> String {
    let value = match name {
        "missing" if form == "fact" => {
            reason.args.0.get(name).map(|key| fact(key, language).to_owned())
        }
        "given" => given(reason),
        "place" => place(reason),
        _ => reason.args.0.get(name).cloned(),
    };
    let Some(value) = value else {
        return "?".to_owned();
    };
    let amount = match form {
        "" | "fact" => return value,
        "challenge" => return challenge(&value, language).to_owned(),
        "instant" => return instant(&value, language, style),
        "number" | "percent" => None,
        _ => Amount::parse(&value).ok(),
    };
    let decimal = parse_decimal(&value).ok();
    let money = |sum, currency| number::sum(sum, currency, language, style.sign);
    let shown = match form {
        "money" => amount.map(|sum| money(sum, &style.currency)),
        "program_money" => amount.map(|sum| money(sum, style.program_currency())),
        "points" => amount.map(|points| number::counted_points(points, language)),
        "points_of" => amount.map(|points| number::points_of(points, language)),
        "percent" => decimal.map(|value| number::percent(value, language)),
        _ => decimal.map(|value| number::decimal(value.normalize(), language)),
    };
    // What is no number is shown as the record has it: better than hiding it.
    shown.unwrap_or(value)
}

/// What a condition asked for, by the key that names it in programmes.
fn fact(key: &str, language: Language) -> &str {
    let (russian, english) = match key {
        "age" | "birthday" => ("дату рождения гостя", "the guest's birthday"),
        "attribute" => ("признак заказа", "an attribute of the order"),
        "card" => ("карту гостя", "a card of the guest"),
        "channel" => ("канал продажи", "the channel"),
        "city" => ("город магазина", "the city of the store"),
        "code" => ("промокод", "a promo code"),
        "group" => ("группу магазина", "the group of the store"),
        "guest" => ("данные гостя", "who the guest is"),
        "guest_attribute" => ("признак гостя", "an attribute of the guest"),
        "lines" => ("сведения о товарах", "what the items are"),
        "presented" | "purchase" | "standing" | "tier" => ("карту гостя", "a card of the guest"),
        "store" => ("магазин", "the store"),
        "tender" => ("способ оплаты", "the way of paying"),
        "till" => ("номер кассы", "the till"),
        // What a newer programme asks for is shown as it is called there.
        other => (other, other),
    };
    language.pick(russian, english)
}

/// An instant by the clock of the style's zone.
fn instant(value: &str, language: Language, style: &Style) -> String {
    let zone = style.zone.as_deref().unwrap_or("UTC");
    match value.parse() {
        Ok(instant) => number::date_time(instant, zone, language),
        Err(_) => value.to_owned(),
    }
}

/// Where something happened, as far as that is known, behind a comma; nothing if it is not.
fn place(reason: &Reason) -> Option<String> {
    let known = ["gate", "till", "store"].into_iter().filter_map(|name| reason.args.0.get(name));
    Some(known.map(|place| format!(", {place}")).collect())
}

/// What must be met before value leaves a card.
fn challenge(word: &str, language: Language) -> &str {
    let (russian, english) = match word {
        "pin" => ("ПИН-код", "its PIN"),
        "code" => ("код из сообщения", "a one-time code"),
        "manager" => ("менеджер", "a manager's consent"),
        "online" => ("ответ сервера", "the server"),
        other => (other, other),
    };
    language.pick(russian, english)
}

/// What was given of a discount: what was wished less what was trimmed.
fn given(reason: &Reason) -> Option<String> {
    let amount = |name: &str| Amount::parse(reason.args.0.get(name)?).ok();
    let (wished, trimmed) = (amount("wished")?, amount("trimmed")?);
    let units = wished.units.checked_sub(trimmed.units)?;
    let digits = wished.digits;
    (digits == trimmed.digits).then(|| Amount { units, digits }.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{English, Russian};

    fn style() -> Style {
        Style { currency: "RUB".into(), sign: MoneySign::Abbreviation, ..Style::default() }
    }

    /// A reason with every argument that the engine gives to any code.
    fn full(code: ReasonCode) -> Reason {
        let args = [
            ("balance", "1200"),
            ("cap", "21"),
            ("card", "2990000000033"),
            ("code", "SPRING"),
            ("discount", "Акция"),
            ("expired", "2"),
            ("given_times", "1"),
            ("hours", "24"),
            ("limit", "1200.50"),
            ("lost", "5"),
            ("maximum", "77"),
            ("minimum", "100"),
            ("missing", "21"),
            ("percent", "12.5"),
            ("rate", "92.50"),
            ("record", "till-2.1.7"),
            ("repaid", "5"),
            ("returned", "5"),
            ("reward", "free-coffee"),
            ("rule", "purchase"),
            ("since", "2026-11-20T10:00:00Z"),
            ("step", "10"),
            ("trimmed", "10.00"),
            ("winner", "double"),
            ("wished", "1234.50"),
            ("wished_times", "3"),
            ("at", "2026-11-21T10:00:00Z"),
            ("available", "300.00"),
            ("bonus", "50.00"),
            ("challenge", "manager"),
            ("currency", "EUR"),
            ("from", "2026-11-21T10:00:00Z"),
            ("guest", "g-1"),
            ("into", "g-2"),
            ("kept", "9"),
            ("least", "3"),
            ("left", "1"),
            ("number", "2990000000040"),
            ("reason", "lost"),
            ("rest", "12.00"),
            ("till", "till-2"),
            ("until", "2026-11-21T10:00:00Z"),
            ("used", "1"),
            ("version", "3f2a"),
        ];
        let with = |reason: Reason, (name, value): (&'static str, &str)| reason.with(name, value);
        args.into_iter().fold(Reason::new(code), with)
    }

    #[test]
    fn every_reason_has_a_sentence_in_both_languages() {
        for code in ReasonCode::ALL {
            for language in Language::ALL {
                let text = reason(&full(*code), *language, &style());
                assert!(text.chars().count() > 10, "{text}");
                assert!(!text.contains(['?', '{', '}', '|']), "{text}");
                assert!(!reason_template(*code, *language).ends_with('.'), "{text}");
            }
        }
    }

    #[test]
    fn a_missing_argument_is_a_question_mark() {
        for code in ReasonCode::ALL {
            for language in Language::ALL {
                let text = reason(&Reason::new(*code), *language, &style());
                // A place that is not known is left out.
                let template = reason_template(*code, *language).replace("{place}", "");
                let places = template.matches('{').count();
                assert_eq!(text.matches('?').count(), places, "{text}");
            }
        }
        let bare = Reason::new(ReasonCode::RedemptionTrimmed).with("wished", "200");
        assert_eq!(reason(&bare, Russian, &style()), "Можно списать ? из 200 баллов");
    }

    #[test]
    fn an_argument_that_is_no_number_is_shown_as_it_stands() {
        let odd = Reason::new(ReasonCode::RedemptionCapAmount).with("limit", "много");
        let text = "Баллами можно оплатить не больше много в одном чеке";
        assert_eq!(reason(&odd, Russian, &style()), text);
    }

    #[test]
    fn russian_sentences_agree_with_their_numbers() {
        let cases = [
            (
                ReasonCode::HostDiscountTrimmed,
                "Скидка \"Акция\": 1 224,50 руб. вместо 1 234,50 руб., \
                 снизить цены сильнее нельзя",
            ),
            (
                ReasonCode::RedemptionCapPercent,
                "Баллами можно оплатить не больше 1 200,50 руб. (12,5 %)",
            ),
            (ReasonCode::RedemptionBelowMinimum, "За один раз можно списать не меньше 100 баллов"),
            (
                ReasonCode::EarningCap,
                "По правилу \"purchase\" за чек начисляется не больше 21 балла",
            ),
            (
                ReasonCode::ConfirmShort,
                "На карте 2990000000033 не хватило 21 балла: записано в долг",
            ),
            (
                ReasonCode::RefundExpired,
                "Срок возвращённых на карту 2990000000033 баллов истёк: 2 балла",
            ),
            (ReasonCode::RateApplied, "Применён курс из заказа: 92,5"),
        ];
        for (code, text) in cases {
            assert_eq!(reason(&full(code), Russian, &style()), text);
        }
    }

    #[test]
    fn english_sentences_agree_with_their_numbers() {
        let one = Reason::new(ReasonCode::RefundDebt).with("card", "7").with("missing", "1");
        let text = "What was earned is spent already, debt of card 7: 1 point";
        assert_eq!(reason(&one, English, &style()), text);
        let text = "The rule \"purchase\" gives points from 100 RUB on";
        let below = full(ReasonCode::EarningBelowMinimum);
        assert_eq!(reason(&below, English, &style()), text);
    }

    #[test]
    fn a_setting_in_the_programmes_money_is_shown_in_the_programmes_money() {
        let abroad = style().in_currency("USD");
        let below = full(ReasonCode::EarningBelowMinimum);
        assert!(reason(&below, Russian, &abroad).ends_with("от 100 руб."));
        let cap = full(ReasonCode::RedemptionCapAmount);
        assert!(reason(&cap, Russian, &abroad).contains("1 200,50 USD"));
    }

    #[test]
    fn a_reason_about_a_line_names_the_line() {
        let about = Reason::new(ReasonCode::EarningNoLines).on_line("3");
        assert!(reason(&about, Russian, &style()).ends_with("(позиция 3)"));
        assert!(reason(&about, English, &style()).ends_with("(line 3)"));
    }

    #[test]
    fn what_was_spent_is_told_beside_what_there_was() {
        let whole = |units| Amount { units, digits: 0 };
        let text = |spent, all, language| {
            spent_of_available(whole(spent), whole(all), language, MoneySign::Symbol)
        };
        assert_eq!(text(77, 200, Russian), "Списано 77 из 200 доступных баллов");
        assert_eq!(text(1, 21, Russian), "Списано 1 из 21 доступного балла");
        assert_eq!(text(77, 200, English), "77 of 200 available points spent");
        assert_eq!(text(0, 1, English), "0 of 1 available point spent");
    }
}
