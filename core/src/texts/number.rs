//! Numbers, sums, points and dates as people read them.
//!
//! Only the public functions bring a text down to what a simple printer has. The others keep their
//! no-break spaces, so that a line of a slip is not broken within a number.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use rust_decimal::Decimal;

use super::{Language, MoneySign, printable};
use crate::amount::Amount;
use crate::document::find_zone;

/// Stands between groups of digits and before signs, where a line must not break.
const NARROW_SPACE: &str = "\u{202f}";

/// A sum of money: `1 234,50 ₽` in Russian, `1,234.50 ₽` or `£1,234.50` in English, and
/// `1 234,50 руб.` or `1,234.50 GBP` where the sign is to be an abbreviation.
///
/// # Examples
/// ```
/// use kopilka::Amount;
/// use kopilka::texts::{Language, MoneySign, money};
///
/// let sum = Amount { units: 1_234_50, digits: 2 };
/// assert_eq!(money(sum, "RUB", Language::Russian, MoneySign::Abbreviation), "1 234,50 руб.");
/// assert_eq!(money(sum, "GBP", Language::English, MoneySign::Symbol), "£1,234.50");
/// ```
#[must_use]
pub fn money(amount: Amount, currency: &str, language: Language, sign: MoneySign) -> String {
    printable(&sum(amount, currency, language, sign), sign)
}

pub(super) fn sum(amount: Amount, currency: &str, language: Language, sign: MoneySign) -> String {
    let number = decimal(amount.decimal(), language);
    let symbol = match sign {
        MoneySign::Symbol => symbol(currency),
        MoneySign::Abbreviation => None,
    };
    match (symbol, language) {
        // The sign of the rouble stands behind the sum in English too.
        (Some(symbol), Language::English) if symbol != "₽" => match number.strip_prefix('−') {
            Some(number) => format!("−{symbol}{number}"),
            None => format!("{symbol}{number}"),
        },
        (Some(symbol), _) => format!("{number}{NARROW_SPACE}{symbol}"),
        (None, Language::Russian) if currency == "RUB" => format!("{number}{NARROW_SPACE}руб."),
        (None, _) => format!("{number}{NARROW_SPACE}{currency}"),
    }
}

/// The sign of a currency; `None` if it is not one of the well-known ones.
fn symbol(currency: &str) -> Option<&'static str> {
    Some(match currency {
        "RUB" => "₽",
        "USD" => "$",
        "EUR" => "€",
        "GBP" => "£",
        "KZT" => "₸",
        "BYN" => "Br",
        "CNY" | "JPY" => "¥",
        "INR" => "₹",
        "TRY" => "₺",
        "UAH" => "₴",
        _ => return None,
    })
}

/// A number of points: `21 балл`, `1,5 балла`, `1 point`. Zeros at the end of decimals are left out.
#[must_use]
pub fn points(amount: Amount, language: Language, sign: MoneySign) -> String {
    printable(&counted_points(amount, language), sign)
}

pub(super) fn counted_points(amount: Amount, language: Language) -> String {
    let noun = points_noun(amount.decimal(), language);
    format!("{} {noun}", count(amount, language))
}

/// The same in the genitive, as after «из» and «не больше»: `21 балла`, `2 баллов`.
pub(super) fn points_of(amount: Amount, language: Language) -> String {
    let noun = match (language, Plural::of(amount.decimal())) {
        (Language::English, _) => points_noun(amount.decimal(), language),
        (Language::Russian, Plural::One | Plural::Fraction) => "балла",
        (Language::Russian, Plural::Few | Plural::Many) => "баллов",
    };
    format!("{} {noun}", count(amount, language))
}

/// A number of points without the word.
pub(super) fn count(amount: Amount, language: Language) -> String {
    decimal(amount.decimal().normalize(), language)
}

/// A number of points without the word, for a phone.
pub(crate) fn plain_number(amount: Amount, language: Language) -> String {
    count(amount, language)
}

/// Until when something holds, for a phone: `по 24.10.2025` or `до 24.10.2025 14:30`.
pub(crate) fn plain_until(end: Timestamp, zone: &str, language: Language) -> String {
    Zone::find(zone).until(end, language)
}

/// A percentage, for a phone.
pub(crate) fn plain_percent(value: Decimal, language: Language) -> String {
    percent(value, language)
}

fn points_noun(value: Decimal, language: Language) -> &'static str {
    match (language, Plural::of(value)) {
        (Language::English, _) if value.abs() == Decimal::ONE => "point",
        (Language::English, _) => "points",
        (Language::Russian, Plural::One) => "балл",
        (Language::Russian, Plural::Few | Plural::Fraction) => "балла",
        (Language::Russian, Plural::Many) => "баллов",
    }
}

/// Which form of a Russian noun a number takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plural {
    /// 1, 21, 101: the singular.
    One,
    /// 2, 3, 4, 22: the genitive singular.
    Few,
    /// 0, 5 to 20, 111: the genitive plural.
    Many,
    /// 1.5: the genitive singular, also where the sentence wants a genitive.
    Fraction,
}

impl Plural {
    pub(super) fn of(value: Decimal) -> Plural {
        let value = value.normalize();
        if value.scale() > 0 {
            return Plural::Fraction;
        }
        let whole = value.mantissa().unsigned_abs();
        match (whole % 10, whole % 100) {
            (_, 11..=14) => Plural::Many,
            (1, _) => Plural::One,
            (2..=4, _) => Plural::Few,
            _ => Plural::Many,
        }
    }
}

/// A number with groups of three digits, with exactly the decimals that it has.
pub(super) fn decimal(value: Decimal, language: Language) -> String {
    let written = value.to_string();
    let (minus, unsigned) = match written.strip_prefix('-') {
        Some(unsigned) => ("−", unsigned),
        None => ("", written.as_str()),
    };
    let (group, point) = match language {
        Language::Russian => (NARROW_SPACE, ','),
        Language::English => (",", '.'),
    };
    let (whole, fraction) = match unsigned.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (unsigned, None),
    };
    let mut text = minus.to_owned();
    let length = whole.chars().count();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (length - place).is_multiple_of(3) {
            text.push_str(group);
        }
        text.push(digit);
    }
    if let Some(fraction) = fraction {
        text.push(point);
        text.push_str(fraction);
    }
    text
}

/// A percentage: `20 %` in Russian, `20%` in English.
pub(super) fn percent(value: Decimal, language: Language) -> String {
    let number = decimal(value.normalize(), language);
    match language {
        Language::Russian => format!("{number}{NARROW_SPACE}%"),
        Language::English => format!("{number}%"),
    }
}

/// A local date: `24.10.2025` in Russian, `24 Oct 2025` in English. `zone` is an IANA name; where
/// the bundled database does not have it, the date is that of UTC and says so.
#[must_use]
pub fn date(instant: Timestamp, zone: &str, language: Language) -> String {
    let zone = Zone::find(zone);
    let local = zone.local(instant);
    zone.named(local_date(&local, language))
}

/// A local date and time: `24.10.2025 14:30` in Russian, `24 Oct 2025 14:30` in English. For `zone`
/// see [`date`].
#[must_use]
pub fn date_time(instant: Timestamp, zone: &str, language: Language) -> String {
    Zone::find(zone).date_time(instant, language)
}

/// A time zone looked up once; `None` where it is unknown.
pub(super) struct Zone(Option<TimeZone>);

impl Zone {
    pub(super) fn find(name: &str) -> Zone {
        Zone(find_zone(name))
    }

    fn local(&self, instant: Timestamp) -> Zoned {
        instant.to_zoned(self.0.clone().unwrap_or(TimeZone::UTC))
    }

    /// Marks what was reckoned in UTC for want of the zone.
    fn named(&self, text: String) -> String {
        match self.0 {
            Some(_) => text,
            None => format!("{text} UTC"),
        }
    }

    pub(super) fn date(&self, instant: Timestamp, language: Language) -> String {
        self.named(local_date(&self.local(instant), language))
    }

    pub(super) fn date_time(&self, instant: Timestamp, language: Language) -> String {
        let local = self.local(instant);
        let (hour, minute) = (local.hour(), local.minute());
        let date = local_date(&local, language);
        self.named(format!("{date} {hour:02}:{minute:02}"))
    }

    /// Until when something holds that ends at an instant: `по 24.10.2025` names the last whole day,
    /// `до 24.10.2025 14:30` a time of day. Points that end with a day end at the first instant of
    /// the next, and a guest would take that day's date for one day more.
    pub(super) fn until(&self, end: Timestamp, language: Language) -> String {
        let local = self.local(end);
        let day_begins = local.start_of_day().is_ok_and(|start| start.timestamp() == end);
        match local.yesterday() {
            Ok(last) if day_begins => {
                let through = language.pick("по", "through");
                let date = self.named(local_date(&last, language));
                format!("{through} {date}")
            }
            _ => {
                let until = language.pick("до", "until");
                format!("{until} {}", self.date_time(end, language))
            }
        }
    }
}

fn local_date(local: &Zoned, language: Language) -> String {
    let (day, month, year) = (local.day(), local.month(), local.year());
    match language {
        Language::Russian => format!("{day:02}.{month:02}.{year:04}"),
        Language::English => format!("{day} {} {year:04}", short_month(month)),
    }
}

fn short_month(month: i8) -> &'static str {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let place = usize::try_from(month - 1).unwrap_or_default();
    MONTHS.get(place).copied().unwrap_or("?")
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{English, Russian};
    use MoneySign::{Abbreviation, Symbol};

    fn amount(units: i64, digits: u8) -> Amount {
        Amount { units, digits }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn russian_points_take_the_form_that_their_number_asks_for() {
        let cases = [
            (0, 0, "0 баллов", "0 баллов"),
            (1, 0, "1 балл", "1 балла"),
            (2, 0, "2 балла", "2 баллов"),
            (4, 0, "4 балла", "4 баллов"),
            (5, 0, "5 баллов", "5 баллов"),
            (11, 0, "11 баллов", "11 баллов"),
            (12, 0, "12 баллов", "12 баллов"),
            (14, 0, "14 баллов", "14 баллов"),
            (21, 0, "21 балл", "21 балла"),
            (22, 0, "22 балла", "22 баллов"),
            (25, 0, "25 баллов", "25 баллов"),
            (101, 0, "101 балл", "101 балла"),
            (111, 0, "111 баллов", "111 баллов"),
            (112, 0, "112 баллов", "112 баллов"),
            (15, 1, "1,5 балла", "1,5 балла"),
            (1050, 2, "10,5 балла", "10,5 балла"),
            (500, 2, "5 баллов", "5 баллов"),
            (100, 2, "1 балл", "1 балла"),
            (-2, 0, "−2 балла", "−2 баллов"),
        ];
        for (units, digits, nominative, genitive) in cases {
            assert_eq!(points(amount(units, digits), Russian, Symbol), nominative);
            assert_eq!(points_of(amount(units, digits), Russian), genitive);
        }
    }

    #[test]
    fn english_points_are_singular_only_for_one() {
        for (units, digits, text) in [
            (0, 0, "0 points"),
            (1, 0, "1 point"),
            (100, 2, "1 point"),
            (15, 1, "1.5 points"),
            (21, 0, "21 points"),
            (12_345, 0, "12,345 points"),
        ] {
            assert_eq!(points(amount(units, digits), English, Symbol), text);
            assert_eq!(points_of(amount(units, digits), English), text);
        }
    }

    #[test]
    fn money_is_written_as_each_language_and_printer_has_it() {
        let sum = amount(123_450, 2);
        let cases = [
            ("RUB", Russian, Symbol, "1\u{202f}234,50\u{202f}₽"),
            ("RUB", Russian, Abbreviation, "1 234,50 руб."),
            ("RUB", English, Symbol, "1,234.50\u{202f}₽"),
            ("RUB", English, Abbreviation, "1,234.50 RUB"),
            ("GBP", Russian, Symbol, "1\u{202f}234,50\u{202f}£"),
            ("GBP", Russian, Abbreviation, "1 234,50 GBP"),
            ("GBP", English, Symbol, "£1,234.50"),
            ("GBP", English, Abbreviation, "1,234.50 GBP"),
            ("USD", English, Symbol, "$1,234.50"),
            ("EUR", English, Symbol, "€1,234.50"),
            ("CHF", English, Symbol, "1,234.50\u{202f}CHF"),
        ];
        for (currency, language, sign, text) in cases {
            assert_eq!(money(sum, currency, language, sign), text);
        }
    }

    #[test]
    fn a_minus_stands_first_and_digits_are_grouped_by_threes() {
        let text = |units, digits| money(amount(units, digits), "GBP", English, Symbol);
        assert_eq!(text(-1_250, 2), "−£12.50");
        assert_eq!(text(99_999, 2), "£999.99");
        assert_eq!(text(100_000, 2), "£1,000.00");
        assert_eq!(text(123_456_789, 0), "£123,456,789");
        assert_eq!(text(0, 2), "£0.00");
        let printed = money(amount(-1_250, 2), "RUB", Russian, Abbreviation);
        assert_eq!(printed, "-12,50 руб.");
    }

    #[test]
    fn percentages_have_a_space_only_in_russian() {
        let value = Decimal::new(1250, 2);
        assert_eq!(percent(value, Russian), "12,5\u{202f}%");
        assert_eq!(percent(value, English), "12.5%");
    }

    #[test]
    fn dates_are_those_of_the_store() {
        let late = at("2025-10-24T21:30:00Z");
        assert_eq!(date(late, "Europe/Moscow", Russian), "25.10.2025");
        assert_eq!(date(late, "Europe/London", English), "24 Oct 2025");
        assert_eq!(date_time(late, "Europe/Moscow", Russian), "25.10.2025 00:30");
        assert_eq!(date_time(late, "Europe/London", English), "24 Oct 2025 22:30");
    }

    #[test]
    fn an_unknown_zone_is_shown_as_utc_and_not_guessed() {
        let instant = at("2025-01-05T08:07:00Z");
        assert_eq!(date(instant, "Mars/Olympus", Russian), "05.01.2025 UTC");
        assert_eq!(date_time(instant, "", English), "5 Jan 2025 08:07 UTC");
    }

    #[test]
    fn what_ends_with_a_day_names_that_day_as_its_last() {
        let zone = Zone::find("Europe/Moscow");
        let midnight = at("2025-11-01T00:00:00+03:00");
        assert_eq!(zone.until(midnight, Russian), "по 31.10.2025");
        assert_eq!(zone.until(midnight, English), "through 31 Oct 2025");
        let noon = at("2025-11-01T12:00:00+03:00");
        assert_eq!(zone.until(noon, Russian), "до 01.11.2025 12:00");
        assert_eq!(zone.until(noon, English), "until 1 Nov 2025 12:00");
    }
}
