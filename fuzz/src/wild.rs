//! Wild values: numbers, words and instants at and beyond every edge.

use arbitrary::{Result, Unstructured};
use jiff::Timestamp;
use rust_decimal::Decimal;

/// Texts of numbers, good and bad.
pub const NUMBERS: &[&str] = &[
    "0",
    "1",
    "100",
    "10",
    "5",
    "0.01",
    "0.001",
    "0.1",
    "99.99",
    "12.50",
    "1000.00",
    "0.0000001",
    "0.000000001",
    "0.0000000001",
    "9000000000000.00",
    "9000000000000.01",
    "900000000000000",
    "900000000000001",
    "999999999999999999",
    "1000000000000000000",
    "-1",
    "-0.01",
    "-100.00",
    "-0",
    "1e3",
    "NaN",
    "",
    ".5",
    "1.",
    "٣",
    "33.3333333",
    "100.0000001",
    "0.333333",
    "7.5",
    "1000",
];

/// One of some items.
pub fn pick<'a, T>(input: &mut Unstructured<'_>, items: &'a [T]) -> Result<&'a T> {
    input.choose(items)
}

/// True once in so many times.
pub fn rarely(input: &mut Unstructured<'_>, one_in: u8) -> Result<bool> {
    input.ratio(1, one_in)
}

/// Something if the coin says so.
pub fn maybe<T>(
    input: &mut Unstructured<'_>,
    one_in: u8,
    make: impl FnOnce(&mut Unstructured<'_>) -> Result<T>,
) -> Result<Option<T>> {
    if rarely(input, one_in)? { make(input).map(Some) } else { Ok(None) }
}

/// A decimal number: mostly such as tills have, sometimes anything that the type can hold.
pub fn decimal(input: &mut Unstructured<'_>) -> Result<Decimal> {
    Ok(match input.int_in_range(0..=15u8)? {
        0..=7 => Decimal::new(i64::from(input.arbitrary::<u16>()?), 2),
        8 => Decimal::new(i64::from(input.arbitrary::<u8>()?), 0),
        9 => Decimal::new(
            i64::from(input.arbitrary::<u32>()?),
            u32::from(input.arbitrary::<u8>()? % 8),
        ),
        10 => NUMBERS[usize::from(input.arbitrary::<u8>()?) % NUMBERS.len()]
            .parse()
            .unwrap_or(Decimal::MAX),
        11 => Decimal::new(input.arbitrary()?, u32::from(input.arbitrary::<u8>()? % 29)),
        12 => {
            let (low, mid, high) = (input.arbitrary()?, input.arbitrary()?, input.arbitrary()?);
            let scale = u32::from(input.arbitrary::<u8>()? % 29);
            Decimal::from_parts(low, mid, high, input.arbitrary()?, scale)
        }
        13 => {
            let big = [900_000_000_000_000, 899_999_999_999_999, 900_000_000_000_001, i64::MAX];
            Decimal::new(*pick(input, &big)?, u32::from(input.arbitrary::<u8>()? % 7))
        }
        14 => *pick(input, &[Decimal::MAX, Decimal::MIN, Decimal::ZERO, Decimal::NEGATIVE_ONE])?,
        _ => -Decimal::new(i64::from(input.arbitrary::<u16>()?), 2),
    })
}

/// A sum as tills have it, so that most calls go through.
pub fn sound(input: &mut Unstructured<'_>) -> Result<Decimal> {
    if rarely(input, 40)? {
        return decimal(input);
    }
    Ok(Decimal::new(i64::from(input.arbitrary::<u16>()?) + 1, 2))
}

/// An instant: mostly within two years, sometimes any from 1900 to 2200, seldom any at all.
pub fn instant(input: &mut Unstructured<'_>) -> Result<Timestamp> {
    let (from, to) = match input.int_in_range(0..=9u8)? {
        0..=6 => (1_750_000_000, 1_810_000_000),
        7 | 8 => (-2_208_988_800, 7_258_118_400),
        _ => {
            let edges = [Timestamp::MIN, Timestamp::MAX, Timestamp::UNIX_EPOCH];
            if input.arbitrary()? {
                return Ok(*pick(input, &edges)?);
            }
            (Timestamp::MIN.as_second(), Timestamp::MAX.as_second())
        }
    };
    let second = input.int_in_range(from..=to)?;
    let nanosecond = if input.arbitrary()? { input.int_in_range(0..=999_999_999)? } else { 0 };
    Ok(Timestamp::new(second, nanosecond).unwrap_or(Timestamp::UNIX_EPOCH))
}

/// A word: one that a programme may know, an odd one, or any text.
pub fn word(input: &mut Unstructured<'_>, known: &[&str]) -> Result<String> {
    Ok(match input.int_in_range(0..=47u8)? {
        0..=44 => (*pick(input, known)?).to_owned(),
        45 => {
            let odd = ["", " ", "~/", "k1.", "\u{0}", "\u{202e}", "🦀", "a/b~c", "card:1", "t.1.1"];
            (*pick(input, &odd)?).to_owned()
        }
        46 => "x".repeat(usize::from(input.arbitrary::<u16>()?) % 1_200),
        _ => input.arbitrary::<&str>()?.to_owned(),
    })
}

/// A list of at most so many items.
pub fn list<T>(
    input: &mut Unstructured<'_>,
    most: usize,
    mut make: impl FnMut(&mut Unstructured<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let length = input.int_in_range(0..=most)?;
    (0..length).map(|_| make(input)).collect()
}

/// Something, but for now and then.
pub fn maybe_often<T>(
    input: &mut Unstructured<'_>,
    make: impl FnOnce(&mut Unstructured<'_>) -> Result<T>,
) -> Result<Option<T>> {
    if rarely(input, 8)? { Ok(None) } else { make(input).map(Some) }
}
