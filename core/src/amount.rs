//! Amounts: whole counts of an asset's smallest unit, and the strict grammar at the edge.
//!
//! Inside the engine an amount is an `i64` of smallest units (kopeks, or points at their scale)
//! and every product is an `i128`. Decimals stand only at the borders, and floats nowhere.

use std::fmt;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::error::ErrorCode;

/// The largest amount in smallest units that the engine takes: nine hundred million million.
/// Ten thousand lines of it still add up within an `i64`.
pub const AMOUNT_MAX: i64 = 900_000_000_000_000;

/// Decimals of a unit price: real receipts have prices of 0.001, fuel and bulk goods finer ones.
pub(crate) const PRICE_DIGITS: u8 = 6;
/// Decimals of a quantity.
pub(crate) const QUANTITY_DIGITS: u8 = 3;
/// Decimals of a rate: percentages, exchange rates and the value of a point.
pub(crate) const RATE_DIGITS: u8 = 9;
/// One whole, as a rate.
pub(crate) const RATE_ONE: i64 = 1_000_000_000;
/// One piece, as a quantity.
pub(crate) const QUANTITY_ONE: i64 = 1_000;

/// An amount of one asset with exactly the decimals that the asset has, as answers show it.
///
/// # Examples
/// ```
/// use kopilka::Amount;
/// use rust_decimal::Decimal;
///
/// let price = Amount { units: 12_50, digits: 2 };
/// assert_eq!(price.to_string(), "12.50");
/// assert_eq!(price.decimal(), Decimal::new(1250, 2));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount {
    /// The count of smallest units.
    pub units: i64,
    /// How many decimals a whole has: 2 for roubles, 0 for whole points.
    pub digits: u8,
}

impl Amount {
    /// The amount as a decimal number with exactly its digits.
    #[must_use]
    pub fn decimal(self) -> Decimal {
        Decimal::new(self.units, u32::from(self.digits.min(18)))
    }

    pub(crate) fn parse(text: &str) -> Result<Amount, (ErrorCode, String)> {
        let decimal = parse_decimal(text)?;
        let digits = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        let digits = u8::try_from(digits).unwrap_or(RATE_DIGITS);
        let units = to_fine_units(decimal, digits)?;
        Ok(Amount { units, digits })
    }

    /// Reads what the engine wrote, also where amounts added up to more than [`AMOUNT_MAX`].
    pub(crate) fn recorded(text: &str) -> Option<Amount> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = u8::try_from(fraction.len()).ok().filter(|digits| *digits <= 18)?;
        let units = format!("{whole}{fraction}").parse().ok()?;
        let amount = Amount { units, digits };
        (amount.to_string() == text).then_some(amount)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.decimal().fmt(formatter)
    }
}

impl From<Amount> for Decimal {
    fn from(amount: Amount) -> Decimal {
        amount.decimal()
    }
}

/// Reads a decimal number: an optional minus, digits without leading zeros, and optionally a point
/// and at most nine digits. Nothing else: no exponent, no plus, no separators, no white space, no
/// digits of other scripts.
pub(crate) fn parse_decimal(text: &str) -> Result<Decimal, (ErrorCode, String)> {
    let shown: String = text.chars().take(40).collect();
    let refuse = |code, why: &str| Err((code, format!("`{shown}` {why}")));
    if text.chars().any(|c| c.is_numeric() && !c.is_ascii_digit()) {
        return refuse(ErrorCode::AmountNotAscii, "has digits other than 0 to 9");
    }
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    if unsigned.starts_with(['-', '+']) {
        return refuse(ErrorCode::AmountSign, "has a sign where none belongs");
    }
    let lower = unsigned.to_ascii_lowercase();
    if matches!(lower.as_str(), "nan" | "inf" | "infinity" | "snan") {
        return refuse(ErrorCode::AmountNotANumber, "is not a number");
    }
    let numeric = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if let Some((mantissa, _)) = lower.split_once('e')
        && mantissa.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && !mantissa.is_empty()
    {
        return refuse(ErrorCode::AmountExponent, "has an exponent; write it out");
    }
    let (whole, fraction) = match unsigned.split_once('.') {
        Some((whole, fraction)) if numeric(fraction) => (whole, fraction),
        Some(_) => return refuse(ErrorCode::AmountSyntax, "is not a decimal number"),
        None => (unsigned, ""),
    };
    if !numeric(whole) || (whole.len() > 1 && whole.starts_with('0')) {
        return refuse(ErrorCode::AmountSyntax, "is not a decimal number such as 12.50");
    }
    if fraction.len() > usize::from(RATE_DIGITS) {
        return refuse(ErrorCode::AmountDigits, "has more than nine decimals");
    }
    if whole.len() > 18 {
        return refuse(ErrorCode::AmountRange, "is too large");
    }
    let decimal = Decimal::from_str_exact(text);
    match decimal {
        Ok(value) if value.is_zero() && text.starts_with('-') => {
            refuse(ErrorCode::AmountSign, "is zero with a minus")
        }
        Ok(value) => Ok(value),
        Err(_) => refuse(ErrorCode::AmountSyntax, "is not a decimal number"),
    }
}

/// A decimal as a count of units of 10^−`digits`, if that is exact and within [`AMOUNT_MAX`].
/// Zeros at the end do not count as digits: `10.000` roubles are ten roubles.
pub(crate) fn to_units(decimal: Decimal, digits: u8) -> Result<i64, (ErrorCode, String)> {
    let plain = decimal.normalize();
    let missing = u32::from(digits).checked_sub(plain.scale());
    let Some(missing) = missing else {
        let message = match digits {
            0 => format!("`{plain}` must be whole"),
            1 => format!("`{plain}` has more than one decimal"),
            _ => format!("`{plain}` has more than {digits} decimals"),
        };
        return Err((ErrorCode::AmountDigits, message));
    };
    10i128
        .checked_pow(missing)
        .and_then(|scale| plain.mantissa().checked_mul(scale))
        .and_then(|units| units.to_i64())
        .filter(|units| units.unsigned_abs() <= AMOUNT_MAX.unsigned_abs())
        .ok_or_else(|| (ErrorCode::AmountRange, format!("`{plain}` is too large")))
}

/// Like [`to_units`], for rates and prices: the bound is that of an `i64`.
pub(crate) fn to_fine_units(decimal: Decimal, digits: u8) -> Result<i64, (ErrorCode, String)> {
    let plain = decimal.normalize();
    let Some(missing) = u32::from(digits).checked_sub(plain.scale()) else {
        let message = format!("`{plain}` has more than {digits} decimals");
        return Err((ErrorCode::AmountDigits, message));
    };
    10i128
        .checked_pow(missing)
        .and_then(|scale| plain.mantissa().checked_mul(scale))
        .and_then(|units| units.to_i64())
        .filter(|units| *units != i64::MIN)
        .ok_or_else(|| (ErrorCode::AmountRange, format!("`{plain}` is too large")))
}

/// The decimals of the currencies whose number is not two (ISO 4217).
const CURRENCY_DIGITS: &[(u8, &[&str])] = &[
    (
        0,
        &[
            "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI",
            "VND", "VUV", "XAF", "XOF", "XPF",
        ],
    ),
    (3, &["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"]),
];

/// How many decimals a currency has: ISO 4217, two where it is not listed otherwise.
/// `None` if the code is not three capital letters.
#[must_use]
pub fn currency_digits(code: &str) -> Option<u8> {
    if code.len() != 3 || !code.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    let listed = CURRENCY_DIGITS.iter().find(|(_, codes)| codes.contains(&code));
    Some(listed.map_or(2, |(digits, _)| *digits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn code(text: &str) -> ErrorCode {
        parse_decimal(text).unwrap_err().0
    }

    #[test]
    fn plain_decimals_are_read_exactly() {
        assert_eq!(parse_decimal("0.10").unwrap(), Decimal::new(10, 2));
        assert_eq!(parse_decimal("-12").unwrap(), Decimal::new(-12, 0));
        let longest = parse_decimal("999999999999999999.123456789").unwrap();
        assert_eq!(longest.to_string(), "999999999999999999.123456789");
    }

    #[test]
    fn everything_else_is_refused_with_its_own_code() {
        let cases = [
            ("1e3", ErrorCode::AmountExponent),
            ("1E-2", ErrorCode::AmountExponent),
            ("1.5e10", ErrorCode::AmountExponent),
            ("+1", ErrorCode::AmountSign),
            ("--1", ErrorCode::AmountSign),
            ("-+1", ErrorCode::AmountSign),
            ("-0", ErrorCode::AmountSign),
            ("-0.00", ErrorCode::AmountSign),
            ("NaN", ErrorCode::AmountNotANumber),
            ("-Infinity", ErrorCode::AmountNotANumber),
            ("", ErrorCode::AmountSyntax),
            ("-", ErrorCode::AmountSyntax),
            (".5", ErrorCode::AmountSyntax),
            ("5.", ErrorCode::AmountSyntax),
            ("007", ErrorCode::AmountSyntax),
            ("1,00", ErrorCode::AmountSyntax),
            ("1 000", ErrorCode::AmountSyntax),
            (" 1", ErrorCode::AmountSyntax),
            ("1_000", ErrorCode::AmountSyntax),
            ("0x10", ErrorCode::AmountSyntax),
            ("1.2.3", ErrorCode::AmountSyntax),
            ("١٢", ErrorCode::AmountNotAscii),
            ("１２", ErrorCode::AmountNotAscii),
            ("1²", ErrorCode::AmountNotAscii),
            ("0.1234567891", ErrorCode::AmountDigits),
            ("1000000000000000000", ErrorCode::AmountRange),
        ];
        for (text, expected) in cases {
            assert_eq!(code(text), expected, "{text:?}");
        }
    }

    #[test]
    fn units_are_exact_or_refused() {
        assert_eq!(to_units(Decimal::new(1250, 2), 2), Ok(1250));
        assert_eq!(to_units(Decimal::new(10_000, 3), 2), Ok(1000));
        assert_eq!(to_units(Decimal::new(12_345, 3), 2).unwrap_err().0, ErrorCode::AmountDigits);
        assert_eq!(to_units(Decimal::new(15, 1), 0).unwrap_err().0, ErrorCode::AmountDigits);
        assert_eq!(to_units(Decimal::MAX, 2).unwrap_err().0, ErrorCode::AmountRange);
        assert_eq!(to_units(Decimal::new(AMOUNT_MAX, 2), 2), Ok(AMOUNT_MAX));
        let above = Decimal::new(AMOUNT_MAX + 1, 2);
        assert_eq!(to_units(above, 2).unwrap_err().0, ErrorCode::AmountRange);
    }

    #[test]
    fn currencies_have_the_decimals_of_iso_4217() {
        assert_eq!(currency_digits("RUB"), Some(2));
        assert_eq!(currency_digits("JPY"), Some(0));
        assert_eq!(currency_digits("KWD"), Some(3));
        assert_eq!(currency_digits("rub"), None);
        assert_eq!(currency_digits("RU"), None);
    }

    #[test]
    fn what_amounts_added_up_to_is_read_beyond_what_may_be_given() {
        for (units, digits) in [(i64::MAX, 2), (-AMOUNT_MAX - 1, 0), (-5, 2), (0, 9)] {
            let amount = Amount { units, digits };
            assert_eq!(Amount::recorded(&amount.to_string()), Some(amount));
        }
        for wrong in ["", ".", "+1", "01", "-0", "1.", "9223372036854775808", "1e3", "1_0"] {
            assert_eq!(Amount::recorded(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn reading_never_panics_and_accepts_only_what_it_writes_back(text in "\\PC{0,30}") {
            if let Ok(decimal) = parse_decimal(&text) {
                prop_assert_eq!(decimal.to_string(), text);
            }
        }

        #[test]
        fn amounts_survive_being_written_and_read(units in -AMOUNT_MAX..=AMOUNT_MAX, digits in 0u8..=6) {
            let amount = Amount { units, digits };
            prop_assert_eq!(Amount::parse(&amount.to_string()), Ok(amount));
        }
    }
}
