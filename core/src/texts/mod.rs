//! Texts in Russian and English, made of codes and arguments when somebody asks for them.
//!
//! Answers and records never contain text: what a cashier reads, a slip prints and support hears is
//! rendered here, so that a wording may change without changing an outcome. Nothing here fails: an
//! argument that is missing is shown as `?`, a time zone that is unknown as UTC.
//!
//! # Examples
//! ```
//! use kopilka::texts::{self, Language};
//! use kopilka::ErrorCode;
//!
//! let text = texts::error(ErrorCode::Network, Language::English);
//! assert_eq!(text, "Network error. Check the connection to the server.");
//! ```

mod errors;
mod explanation;
mod number;
mod paper;
mod reasons;
mod slip;

pub use errors::{error, support_line};
pub use explanation::explain;
pub use number::{date, date_time, money, points};
pub(crate) use number::{plain_number, plain_percent, plain_until};
pub use reasons::{reason, reason_template, spent_of_available};
pub use slip::{refund_slip, slip};

use crate::document::{choice, document};
use crate::program::{Localized, Program};

choice! {
    /// A language in which the engine speaks to people.
    pub enum Language {
        /// Russian.
        Russian = "ru",
        /// English.
        English = "en",
    }
}

choice! {
    /// How sums of money name their currency, and which characters may be used at all.
    pub enum MoneySign {
        /// The sign of the currency: `₽`, `£`, `€`, `$`. For screens and modern printers.
        Symbol = "symbol",
        /// An abbreviation: `руб.`, `GBP`. For printers without `₽`: only Latin and Cyrillic
        /// letters, digits, `№` and ASCII signs are used, and ordinary spaces.
        Abbreviation = "abbreviation",
    }
}

document! {
    /// What the texts of reasons need besides the reasons themselves: these name sums, but not the
    /// currency.
    pub struct Style {
        /// The currency of the order.
        pub currency: String,
        /// The currency of the programme; the order's if left out.
        pub program_currency: Option<String>,
        /// How sums name their currency.
        pub sign: MoneySign = MoneySign::Symbol,
        /// The time zone of instants: an IANA name; UTC if left out.
        pub zone: Option<String>,
    }
}

document! {
    /// How a slip is printed.
    pub struct SlipOptions {
        /// In which language.
        pub language: Language = Language::Russian,
        /// How sums name their currency.
        pub sign: MoneySign = MoneySign::Symbol,
        /// How many characters a line has: 24 to 80, the nearest of them if it is another number.
        /// Till printers have 32, 42 or 48.
        pub width: u8 = 32,
        /// The time zone of its dates; that of the order's store if left out.
        pub zone: Option<String>,
    }
}

impl Language {
    pub(crate) fn pick<'a>(self, russian: &'a str, english: &'a str) -> &'a str {
        match self {
            Language::Russian => russian,
            Language::English => english,
        }
    }

    pub(crate) fn of(self, text: &Localized) -> &str {
        self.pick(&text.ru, &text.en)
    }
}

impl Style {
    /// The style of orders in the programme's own currency.
    #[must_use]
    pub fn of(program: &Program, sign: MoneySign) -> Style {
        let document = program.document();
        let (currency, zone) = (document.currency.clone(), Some(document.zone.clone()));
        Style { currency, program_currency: None, sign, zone }
    }

    /// The same style for orders in another currency.
    #[must_use]
    pub fn in_currency(mut self, currency: impl Into<String>) -> Style {
        let own = std::mem::replace(&mut self.currency, currency.into());
        self.program_currency.get_or_insert(own);
        self
    }

    pub(crate) fn program_currency(&self) -> &str {
        self.program_currency.as_deref().unwrap_or(&self.currency)
    }
}

/// The text with only the characters that a printer of the given kind has. Code pages 866 and 1251
/// have neither `₽` nor narrow spaces, and 866 no quotation marks and dashes either.
pub(crate) fn printable(text: &str, sign: MoneySign) -> String {
    if sign == MoneySign::Symbol {
        return text.to_owned();
    }
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        match printable_instead(character) {
            Some(instead) => plain.push_str(instead),
            None => plain.push(character),
        }
    }
    plain
}

/// What stands for a character that a simple printer lacks; `None` where it has it.
fn printable_instead(character: char) -> Option<&'static str> {
    Some(match character {
        '\u{a0}' | '\u{2009}' | '\u{202f}' => " ",
        '«' | '»' | '“' | '”' | '„' => "\"",
        '‘' | '’' => "'",
        '—' | '–' | '−' | '‑' => "-",
        '…' => "...",
        '×' => "x",
        '→' => "->",
        '₽' => "руб.",
        '€' => "EUR",
        '£' => "GBP",
        _ => return None,
    })
}

/// The text with a capital first letter.
pub(crate) fn capitalised(text: &str) -> String {
    let mut rest = text.chars();
    match rest.next() {
        None => String::new(),
        Some(first) => first.to_uppercase().chain(rest).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_printer_without_signs_gets_words_and_ascii_instead() {
        let text = "«Кофе» — 2\u{202f}× 1\u{a0}₽ → …";
        let plain = "\"Кофе\" - 2 x 1 руб. -> ...";
        assert_eq!(printable(text, MoneySign::Abbreviation), plain);
        assert_eq!(printable(text, MoneySign::Symbol), text);
    }

    #[test]
    fn the_first_letter_is_raised_in_any_script() {
        assert_eq!(capitalised("бонусы"), "Бонусы");
        assert_eq!(capitalised("beans"), "Beans");
        assert_eq!(capitalised(""), "");
    }

    #[test]
    fn a_style_keeps_the_programmes_currency_beside_the_orders() {
        let own = Style { currency: "RUB".into(), ..Style::default() };
        assert_eq!(own.program_currency(), "RUB");
        let foreign = own.in_currency("USD");
        assert_eq!(foreign.currency, "USD");
        assert_eq!(foreign.program_currency(), "RUB");
    }
}
