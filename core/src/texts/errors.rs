//! What a cashier reads when a call failed, and what the cashier reads out to support.

use super::{Language, capitalised};
use crate::error::{Error, ErrorCode};

/// Declares the Russian and the English text of each code; a code without texts does not compile.
macro_rules! error_texts {
    ($( $variant:ident: $russian:literal, $english:literal; )*) => {
        /// What the cashier should read: at most 60 characters, what is wrong and what to do.
        ///
        /// iikoFront and r_keeper show such texts as they are, so they are complete sentences.
        #[must_use]
        pub fn error(code: ErrorCode, language: Language) -> &'static str {
            match code { $( ErrorCode::$variant => language.pick($russian, $english), )* }
        }
    };
}

error_texts! {
    DocumentSyntax:
        "Запрос кассы не читается. Сообщите в поддержку.",
        "The till's request cannot be read. Call support.";
    DocumentTooLarge:
        "Запрос кассы слишком велик. Сообщите в поддержку.",
        "The till's request is too large. Call support.";
    DocumentTooDeep:
        "Запрос кассы слишком сложен. Сообщите в поддержку.",
        "The till's request is too deep. Call support.";
    DocumentType:
        "В запросе кассы не те данные. Сообщите в поддержку.",
        "The till sent data of a wrong type. Call support.";
    DocumentKeyUnknown:
        "В запросе кассы лишнее поле. Сообщите в поддержку.",
        "The till sent an unknown field. Call support.";
    DocumentKeyDuplicate:
        "В запросе кассы поле стоит дважды. Сообщите в поддержку.",
        "The till sent a field twice. Call support.";
    DocumentKeyMissing:
        "В запросе кассы не хватает поля. Сообщите в поддержку.",
        "The till's request lacks a field. Call support.";
    DocumentWord:
        "Неизвестное слово в запросе кассы. Сообщите в поддержку.",
        "The till sent an unknown word. Call support.";
    DocumentVariant:
        "Запрос кассы неоднозначен. Сообщите в поддержку.",
        "The till's request is ambiguous. Call support.";
    DocumentRange:
        "Число вне допустимых границ. Проверьте и повторите.",
        "A number is out of bounds. Check it and try again.";
    DocumentTextTooLong:
        "Слишком длинный текст. Сократите его и повторите.",
        "A text is too long. Shorten it and try again.";
    DocumentListTooLong:
        "Слишком много позиций. Разделите чек на части.",
        "There are too many lines. Split the receipt.";
    DocumentControlCharacter:
        "Недопустимый знак в тексте. Уберите его и повторите.",
        "A text has a forbidden character. Remove it, try again.";
    DocumentTextEmpty:
        "Поле не заполнено. Заполните его и повторите.",
        "A field is empty. Fill it in and try again.";
    AmountNotText:
        "Касса неверно передала сумму. Сообщите в поддержку.",
        "The till sent an amount wrongly. Call support.";
    AmountSyntax:
        "Сумма не читается. Введите её в виде 12.50.",
        "The amount cannot be read. Enter it like 12.50.";
    AmountExponent:
        "Сумма записана неверно. Введите её в виде 12.50.",
        "The amount is written wrongly. Enter it like 12.50.";
    AmountSign:
        "У суммы неверный знак. Проверьте её и повторите.",
        "The amount has a wrong sign. Check it and try again.";
    AmountDigits:
        "Слишком много знаков после запятой. Проверьте число.",
        "The number has too many decimals. Check it.";
    AmountNotAscii:
        "В сумме не те цифры. Введите её цифрами 0-9.",
        "The amount has foreign digits. Use the digits 0 to 9.";
    AmountRange:
        "Сумма слишком велика. Проверьте её и повторите.",
        "The amount is too large. Check it and try again.";
    AmountNotANumber:
        "Сумма не является числом. Введите её заново.",
        "The amount is not a number. Enter it again.";
    TimeSyntax:
        "Касса неверно передала время. Сообщите в поддержку.",
        "The till sent a time wrongly. Call support.";
    TimeRange:
        "Время вне допустимых границ. Проверьте часы кассы.",
        "The time is out of bounds. Check the till's clock.";
    TimeZone:
        "Неизвестный часовой пояс. Сообщите в поддержку.",
        "The time zone is not known. Call support.";
    TimeDate:
        "Такой даты нет. Проверьте её и повторите.",
        "There is no such date. Check it and try again.";
    TimeOfDay:
        "Такого времени нет. Проверьте его и повторите.",
        "There is no such time of day. Check it and try again.";
    ProgramDuplicate:
        "Повтор в настройках программы. Сообщите в поддержку.",
        "The programme repeats an id. Call support.";
    ProgramReference:
        "В программе нет такого названия. Сообщите в поддержку.",
        "The programme has no such id. Call support.";
    ProgramCurrency:
        "Неверная валюта в программе. Сообщите в поддержку.",
        "The programme has a wrong currency. Call support.";
    ProgramPercent:
        "Неверный процент в программе. Сообщите в поддержку.",
        "The programme has a wrong percentage. Call support.";
    ProgramNotPositive:
        "Ноль или минус в программе. Сообщите в поддержку.",
        "A programme number must be above zero. Call support.";
    ProgramContradiction:
        "Настройки противоречат друг другу. Сообщите в поддержку.",
        "Programme settings contradict. Call support.";
    ProgramFormat:
        "Касса не читает эту программу. Обновите кассу.",
        "The till cannot read this programme. Update the till.";
    ProgramEmpty:
        "Пустой список в программе. Сообщите в поддержку.",
        "The programme has an empty list. Call support.";
    ProgramOrder:
        "Список в программе не по порядку. Сообщите в поддержку.",
        "A programme list is out of order. Call support.";
    ProgramConditionTooLarge:
        "Условие в программе слишком велико. Сообщите в поддержку.",
        "A programme condition is too large. Call support.";
    ProgramMultiplier:
        "Неверный множитель в программе. Сообщите в поддержку.",
        "The programme has a wrong multiplier. Call support.";
    OrderLineDuplicate:
        "В чеке две позиции с одним номером. Сообщите в поддержку.",
        "Two lines have the same id. Call support.";
    OrderQuantity:
        "Количество должно быть больше нуля. Исправьте чек.",
        "The quantity must be above zero. Correct the receipt.";
    OrderPrice:
        "У цены неверный знак. Исправьте позицию.",
        "The price has a wrong sign. Correct the line.";
    OrderRateMissing:
        "Чек в другой валюте. Укажите курс.",
        "The receipt is in another currency. Give the rate.";
    OrderRate:
        "Неверный курс валюты. Проверьте его.",
        "The exchange rate is wrong. Check it.";
    OrderLineUnknown:
        "Такой позиции в чеке нет. Проверьте чек.",
        "The receipt has no such line. Check the receipt.";
    OrderDiscount:
        "Неверная скидка. Проверьте её сумму.",
        "The discount is wrong. Check its amount.";
    OrderTotal:
        "Неверный итог чека. Проверьте цены и количество.",
        "The total is wrong. Check prices and quantities.";
    OrderTax:
        "Неверная ставка налога. Сообщите в поддержку.",
        "The tax is wrong. Call support.";
    OrderStoreUnknown:
        "Этого магазина нет в программе. Сообщите в поддержку.",
        "This store is not in the programme. Call support.";
    OrderSpend:
        "Неясно, сколько баллов списать. Укажите число.",
        "It is unclear how many points to spend. Enter them.";
    OrderTender:
        "Сумма оплаты должна быть больше нуля. Исправьте её.",
        "The payment must be above zero. Correct it.";
    OrderEmpty:
        "Чек пуст. Добавьте позиции.",
        "The receipt is empty. Add lines.";
    OrderCardDuplicate:
        "Карта предъявлена дважды. Уберите лишнюю.",
        "The card was presented twice. Remove one.";
    OrderRewardUnknown:
        "Такой награды нет в программе. Уберите её из чека.",
        "The programme has no such reward. Take it off.";
    OrderGiftUnknown:
        "Такого подарка нет в программе. Уберите его из чека.",
        "The programme has no such present. Take it off.";
    OrderRewardTimes:
        "Награда указана неверно. Уберите её и добавьте снова.",
        "A reward is claimed wrongly. Remove it, add it again.";
    CardUnknown:
        "Карта не найдена. Проверьте номер.",
        "The card is not known. Check the number.";
    CardExists:
        "Такая карта уже выдана. Возьмите другую.",
        "This card was issued already. Take another one.";
    CardNumber:
        "Номер карты не подходит. Считайте карту ещё раз.",
        "The card number does not fit. Scan the card again.";
    CardAsset:
        "На карте нет таких баллов. Возьмите другую карту.",
        "The card holds no such points. Take another card.";
    GrantUnknown:
        "Такого начисления нет в программе. Проверьте название.",
        "The programme has no such grant. Check its name.";
    EventUnknown:
        "Такого события нет в программе. Проверьте название.",
        "The programme has no such event. Check its name.";
    TransferNotAllowed:
        "Передать баллы между этими картами нельзя.",
        "Points cannot be moved between these cards.";
    TransferExceeds:
        "На карте меньше баллов. Укажите меньше.",
        "The card has fewer points. Enter fewer.";
    OrderChanged:
        "Чек изменился. Рассчитайте его заново.",
        "The receipt has changed. Calculate it again.";
    TokenSyntax:
        "Код продажи повреждён. Сообщите в поддержку.",
        "The sale's code is damaged. Call support.";
    TokenUnknown:
        "Продажа не найдена. Проверьте, тот ли это чек.",
        "The sale was not found. Check the receipt.";
    SaleConfirmed:
        "Продажа уже проведена. Оформите возврат.",
        "The sale is complete already. Make a refund.";
    SaleCancelled:
        "Продажа отменена. Если нужно, пробейте чек заново.",
        "The sale was cancelled. Ring it up again if needed.";
    SaleNotConfirmed:
        "Продажа ещё не проведена. Завершите или отмените её.",
        "The sale is not complete yet. Confirm or cancel it.";
    SaleVoided:
        "Продажа аннулирована. Проверьте, тот ли это чек.",
        "The sale was voided. Check the receipt.";
    SaleRefunded:
        "По чеку уже был возврат. Оформите возврат остатка.",
        "A part was refunded already. Refund the rest.";
    HoldExceeded:
        "Баллов больше, чем в резерве. Уменьшите списание.",
        "More points than were reserved. Spend fewer.";
    RefundExceeds:
        "К возврату осталось меньше. Уменьшите возврат.",
        "Less is left to refund. Lower the refund.";
    RefundEmpty:
        "Возвращать нечего. Укажите позиции или сумму.",
        "There is nothing to refund. Enter lines or a sum.";
    RefundContradiction:
        "Возврат указан противоречиво. Оформите его заново.",
        "The refund contradicts itself. Enter it again.";
    KeyConflict:
        "Номер операции уже занят. Начните операцию заново.",
        "The operation's key is taken. Start it again.";
    KeyMissing:
        "Касса не дала номер операции. Сообщите в поддержку.",
        "The till gave no key for this. Call support.";
    ProgramVersionUnknown:
        "Нет нужной версии программы. Обновите кассу.",
        "This programme version is missing. Update the till.";
    ProgramMismatch:
        "Это данные другой программы. Сообщите в поддержку.",
        "This belongs to another programme. Call support.";
    RecordUnknown:
        "Запись не найдена. Проверьте её номер.",
        "The record was not found. Check its number.";
    RecordChain:
        "Журнал кассы нарушен. Сообщите в поддержку.",
        "The till's journal is damaged. Call support.";
    BalanceRange:
        "Баланс карты слишком велик. Сообщите в поддержку.",
        "The card's balance is out of bounds. Call support.";
    CardBlocked:
        "Карта заблокирована. Обратитесь к менеджеру.",
        "The card is blocked. Call the manager.";
    CardInactive:
        "Карта не активирована. Активируйте её.",
        "The card is not activated. Activate it.";
    CardExpired:
        "Срок действия карты истёк.",
        "The card has expired.";
    CardClosed:
        "Карта закрыта. Возьмите другую.",
        "The card is closed. Take another one.";
    CardState:
        "Это с картой уже сделано.",
        "This was done with the card already.";
    CardNotEmpty:
        "На карте ещё есть остаток. Закрыть её нельзя.",
        "The card still holds something. It cannot be closed.";
    CardNotAllowed:
        "Программа не разрешает это для такой карты.",
        "The programme does not allow this for such a card.";
    CardPinNeeded:
        "Нужен ПИН-код карты. Попросите гостя ввести его.",
        "The card's PIN is needed. Ask the guest to type it.";
    CardPin:
        "Такой ПИН-код не подходит. Выберите другой.",
        "This PIN is not allowed. Choose another one.";
    EntropyMissing:
        "Касса не передала случайные данные. Сообщите в поддержку.",
        "The till sent no entropy. Call support.";
    LoadAmount:
        "На карту нельзя внести такую сумму.",
        "This amount cannot be put on the card.";
    LoadCard:
        "Эту карту нельзя продать или пополнить.",
        "This card cannot be sold or topped up.";
    LoadSpent:
        "Деньги с проданной карты уже потрачены.",
        "The money on the card that was sold is spent already.";
    TicketQuota:
        "Билеты этого вида закончились.",
        "Tickets of this kind are sold out.";
    CouponUnknown:
        "Такого купона нет. Проверьте код.",
        "There is no such coupon. Check the code.";
    CouponExists:
        "Купон с таким кодом уже есть.",
        "A coupon with this code exists already.";
    CouponState:
        "С этим купоном так поступить нельзя.",
        "This cannot be done with the coupon.";
    CouponCode:
        "Код купона не подходит. Проверьте его.",
        "The coupon's code does not fit. Check it.";
    CouponKindUnknown:
        "Такого вида купонов в программе нет.",
        "The programme has no such kind of coupon.";
    GuestUnknown:
        "Гость не найден. Проверьте номер.",
        "The guest is not known. Check the number.";
    GuestExists:
        "Такой гость уже есть. Найдите его поиском.",
        "This guest exists already. Search for them.";
    GuestErased:
        "Данные гостя стёрты.",
        "The guest's data were erased.";
    GuestPhone:
        "Телефон записан неверно. Проверьте его.",
        "The telephone number is wrong. Check it.";
    GuestPlan:
        "Такого плана в программе нет.",
        "The programme has no such plan.";
    BillContradiction:
        "Так счёт не разделить. Проверьте позиции.",
        "The bill cannot be divided so. Check the lines.";
    BillMismatch:
        "Эти счета объединить нельзя.",
        "These bills cannot be joined.";
    SaleRegrouped:
        "Счёт разделён или объединён. Возьмите новый.",
        "The bill was divided or joined. Take the new one.";
    SaleDisputed:
        "По чеку открыт спор. Сначала завершите его.",
        "The receipt is disputed. Settle that first.";
    SaleNotDisputed:
        "По этому чеку нет спора.",
        "The receipt is not disputed.";
    ImportConflict:
        "Строка загрузки расходится с тем, что уже есть.",
        "A row differs from what is there already.";
    ImportColumn:
        "В файле загрузки не те столбцы.",
        "The file's columns are wrong.";
    ProgramInn:
        "ИНН записан неверно. Проверьте его.",
        "The taxpayer number is wrong. Check it.";
    UploadFormat:
        "Это не выгрузка или она новее программы. Обновите её.",
        "This is no upload, or a newer one. Update the programme.";
    UploadCut:
        "Выгрузка оборвалась. Повторите её.",
        "The upload was cut off. Send it again.";
    UploadDamaged:
        "Выгрузка повреждена. Повторите её.",
        "The upload is damaged. Send it again.";
    UploadNotWritten:
        "Выгрузку не удалось записать. Проверьте место.",
        "The upload could not be written. Check the space.";
    UploadNotRead:
        "Файл выгрузки не читается. Проверьте путь.",
        "The upload cannot be read. Check its path.";
    OrderGiftCard:
        "Подарочная карта указана неверно. Проверьте заказ.",
        "A gift card is named wrongly. Check the order.";
    CardBankCard:
        "Это банковская карта. Возьмите карту программы.",
        "This is a bank card. Take a card of the programme.";
    ProgramPublicKey:
        "Открытый ключ записан неверно. Проверьте его.",
        "The public key is wrong. Check it.";
    ProgramMissing:
        "На кассе нет действующей программы. Сообщите в поддержку.",
        "No programme is in force here. Call support.";
    StoreLocked:
        "Журнал занят другой программой. Закройте её.",
        "Another program has the ledger open. Close it.";
    StoreFolder:
        "Нет папки журнала. Сообщите в поддержку.",
        "The ledger's folder is missing. Call support.";
    StoreReadOnly:
        "Запись в журнал запрещена. Сообщите в поддержку.",
        "The ledger cannot be written. Call support.";
    StoreNetworkDrive:
        "Журнал на сетевом диске. Сообщите в поддержку.",
        "The ledger is on a network drive. Call support.";
    StoreNotALedger:
        "Файл не является журналом. Сообщите в поддержку.",
        "The file is no ledger. Call support.";
    StoreNewer:
        "Журнал от новой версии. Обновите программу.",
        "The ledger is of a later version. Update the program.";
    StoreFull:
        "На диске нет места. Освободите место и повторите.",
        "The disk is full. Free some space and try again.";
    StoreFailed:
        "Ошибка диска. Повторите; если снова, зовите поддержку.",
        "The disk failed. Try again; if it persists, call support.";
    StoreDamaged:
        "Журнал повреждён. Сообщите в поддержку.",
        "The ledger is damaged. Call support.";
    StoreOtherTill:
        "Это журнал другой кассы. Сообщите в поддержку.",
        "This is another till's ledger. Call support.";
    StoreExists:
        "Такой файл уже есть. Выберите другое имя.",
        "There is such a file already. Choose another name.";
    ReplayFormat:
        "Это не файл для разбора. Выберите другой файл.",
        "This is no replay file. Choose another file.";
    PaperDuplicate:
        "Этот чек уже введён. Сверьте номер или пропустите его.",
        "This receipt was entered already. Check its number.";
    PaperVerb:
        "Бумажный чек вводится сразу продажей. Оформите продажу.",
        "Enter a hand-written receipt as a sale at once.";
    PaperTime:
        "Неверное время бумажного чека. Исправьте и повторите.",
        "The hand-written receipt has a wrong time. Correct it.";
    ClockNotSuspect:
        "Часы кассы в порядке. Подтверждать нечего.",
        "The till's clock is fine. Nothing to confirm.";
    ClockDiffers:
        "Часы кассы идут неверно. Сначала исправьте время.",
        "The till's clock is wrong. Set it right first.";
    Network:
        "Ошибка сети. Проверьте подключение к серверу.",
        "Network error. Check the connection to the server.";
    Backend:
        "Ошибка сервера. Повторите через 30 секунд.",
        "Server error. Try again in 30 seconds.";
    Access:
        "Нет прав на эту операцию. Позовите администратора.",
        "You may not do this. Call the manager.";
    DeskDuplicate:
        "В регламенте поддержки повтор. Исправьте регламент.",
        "The desk's policy names something twice. Correct it.";
    DeskReference:
        "В регламенте поддержки неизвестное имя. Исправьте его.",
        "The desk's policy names nothing known. Correct it.";
    DeskContradiction:
        "Регламент поддержки противоречив. Исправьте его.",
        "The desk's policy contradicts itself. Correct it.";
    DeskEmpty:
        "Регламент поддержки неполон. Дополните его.",
        "The desk's policy is incomplete. Complete it.";
    DeskCycle:
        "Регламент поддержки ссылается на себя. Исправьте его.",
        "The desk's policy leads back to itself. Correct it.";
    DeskUnknown:
        "Такого регламента поддержки нет. Передайте его.",
        "There is no such desk policy. Give it with the call.";
    WatchDuplicate:
        "В политике контроля повтор. Исправьте политику.",
        "The watch's policy names something twice. Correct it.";
    WatchReference:
        "В политике контроля неизвестное имя. Исправьте его.",
        "The watch's policy names nothing known. Correct it.";
    WatchContradiction:
        "Политика контроля противоречива. Исправьте её.",
        "The watch's policy contradicts itself. Correct it.";
    WatchThreshold:
        "Порог контроля недостижим. Исправьте политику.",
        "A threshold of the watch cannot be met. Correct it.";
    WatchWindow:
        "Окно контроля длиннее счётчика. Исправьте политику.",
        "A window of the watch is too long. Correct it.";
    WatchTooLarge:
        "Условие контроля слишком велико. Упростите его.",
        "A condition of the watch is too large. Simplify it.";
    WatchRefused:
        "Сейчас баллы не начислить. Позовите администратора.",
        "No points can move now. Call the manager.";
    CalendarNeverOpen:
        "Календарь никогда не открыт. Добавьте рабочие часы.",
        "The calendar never opens. Give it working hours.";
    CalendarOverlap:
        "Часы работы пересекаются. Исправьте календарь.",
        "Working hours overlap. Correct the calendar.";
    CalendarYears:
        "Дата вне лет календаря. Расширьте календарь.",
        "The date is outside the calendar. Extend its years.";
    CalendarTooLarge:
        "Календари слишком велики. Сократите годы или часы.",
        "The calendars are too large. Cut years or hours.";
    TicketNotRegistered:
        "Обращение не зарегистрировано. Сначала его заведите.",
        "The ticket is not registered. Register it first.";
    TicketTransition:
        "Сейчас этого сделать нельзя. Смотрите допустимые шаги.",
        "This cannot be done now. See which steps are allowed.";
    TicketReference:
        "В обращении неизвестное имя. Проверьте регламент.",
        "The ticket names nothing known. Check the policy.";
    TicketMerged:
        "Обращение объединено с другим. Откройте то обращение.",
        "The ticket was merged. Go to the other ticket.";
    HandleUnknown:
        "Программа кассы ошиблась. Сообщите её поставщику.",
        "The till's software erred. Tell its supplier.";
    HandleKind:
        "Программа кассы перепутала объекты. Сообщите поставщику.",
        "The till's software mixed up handles. Tell its supplier.";
    Internal:
        "Внутренняя ошибка. Сообщите в поддержку.",
        "Internal error. Call support.";
}

/// What a cashier reads out to support: store, till, code, number and the id under which the
/// failure stands in the log. What is not known is left out.
///
/// # Examples
/// ```
/// use kopilka::texts::{Language, support_line};
/// use kopilka::{Error, ErrorCode};
///
/// let error = Error::new(ErrorCode::OrderChanged, "", "quote again").with_correlation("7f3a");
/// assert_eq!(
///     support_line(&error, Some("almaz"), Some("2"), Language::Russian),
///     "Магазин almaz, касса 2, код order.changed (410), обращение 7f3a"
/// );
/// ```
#[must_use]
pub fn support_line(
    error: &Error,
    store: Option<&str>,
    till: Option<&str>,
    language: Language,
) -> String {
    let code = error.code();
    let shown = format!("{} ({})", code.as_str(), code.number());
    let named = [
        (language.pick("магазин", "store"), store),
        (language.pick("касса", "till"), till),
        (language.pick("код", "code"), Some(shown.as_str())),
        (language.pick("обращение", "reference"), error.correlation()),
    ];
    let parts =
        named.into_iter().filter_map(|(name, value)| value.map(|value| format!("{name} {value}")));
    capitalised(&parts.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{English, Russian};

    #[test]
    fn every_error_has_a_short_text_in_both_languages() {
        for code in ErrorCode::ALL {
            for language in Language::ALL {
                let text = error(*code, *language);
                let length = text.chars().count();
                assert!((10..=60).contains(&length), "{length}: {text}");
                assert!(text.ends_with('.'), "{text}");
            }
            let cyrillic = |text: &str| text.chars().any(|c| ('А'..='ё').contains(&c));
            assert!(cyrillic(error(*code, Russian)), "{code:?}");
            assert!(!cyrillic(error(*code, English)), "{code:?}");
        }
    }

    #[test]
    fn no_two_errors_read_the_same() {
        for language in Language::ALL {
            let mut texts: Vec<_> = ErrorCode::ALL.iter().map(|c| error(*c, *language)).collect();
            texts.sort_unstable();
            let all = texts.len();
            texts.dedup();
            assert_eq!(texts.len(), all);
        }
    }

    #[test]
    fn a_printer_of_code_page_866_can_print_every_error() {
        let known = |c: char| c.is_ascii() || ('А'..='я').contains(&c) || c == 'ё' || c == 'Ё';
        for code in ErrorCode::ALL {
            assert!(error(*code, Russian).chars().all(known), "{code:?}");
            assert!(error(*code, English).is_ascii(), "{code:?}");
        }
    }

    #[test]
    fn the_network_error_reads_as_cashiers_know_it() {
        let russian = "Ошибка сети. Проверьте подключение к серверу.";
        assert_eq!(error(ErrorCode::Network, Russian), russian);
        let english = "Network error. Check the connection to the server.";
        assert_eq!(error(ErrorCode::Network, English), english);
    }

    #[test]
    fn the_server_error_says_the_wait_that_the_error_itself_gives() {
        let wait = Error::new(ErrorCode::Backend, "", "").retry_after_seconds();
        assert_eq!(wait, Some(30));
        assert!(error(ErrorCode::Backend, Russian).contains("30 секунд"));
        assert!(error(ErrorCode::Backend, English).contains("30 seconds"));
    }

    #[test]
    fn support_hears_store_till_code_number_and_reference() {
        let failed = Error::new(ErrorCode::CardUnknown, "/card", "there is no card `1`");
        let line = support_line(&failed, None, None, Russian);
        assert_eq!(line, "Код card.unknown (400)");
        let failed = failed.with_correlation("c-17");
        let line = support_line(&failed, Some("rubin"), Some("3"), English);
        assert_eq!(line, "Store rubin, till 3, code card.unknown (400), reference c-17");
        let line = support_line(&failed, None, Some("3"), Russian);
        assert_eq!(line, "Касса 3, код card.unknown (400), обращение c-17");
    }
}
