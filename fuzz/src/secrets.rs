//! What a guest or a card has that no record may hold and no answer may repeat.

use arbitrary::{Result, Unstructured};
use ed25519_dalek::{Signer, SigningKey};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use kopilka::{Attribute, Personal};
use sha1::Sha1;

use crate::wild;

/// What guests have that no record may hold.
pub const MARK: &str = "no-record-holds-this";
pub const BIRTHDAYS: &[&str] = &["1961-02-28", "1996-02-29", "2011-10-25"];
/// Long ones, so that no amount looks like one.
const PINS: &[&str] = &["915837264051", "371940582613", "682750394178"];
/// Short ones and wrong ones, for which nothing is looked at.
const WEAK_PINS: &[&str] = &["1234", "7777", "2580", "25", "", "12a4", "1234567890123"];
const NAMES: &[&str] = &["Анна Кузнецова", "Борис Семиглазов", "Ёжик", "anna-mary Zvyozdkina"];
const EMAILS: &[&str] = &["anna@secret.example"];
const PHONES: &[&str] =
    &["+79936971005", "8 (903) 555-12-34", "79035551234", "+375 29 123-45-67", "112", "+8 993"];
/// The key of rotating codes: that of RFC 6238.
const KEY: &str = "3132333435363738393031323334353637383930";
/// The secret key of the signer `app`: the first of RFC 8032, section 7.1.
const SIGNER: [u8; 32] = [
    0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4,
    0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
];
/// What no answer repeats: names are shown as a first word and letters, phones masked.
const HIDDEN: &[&str] = &[
    "9936971005",
    "9035551234",
    "291234567",
    "Кузнецова",
    "Семиглазов",
    "Zvyozdkina",
    "secret.example",
    MARK,
    KEY,
];
/// What records have none of.
const PERSONAL: &[&str] = &["Анна", "Борис", "Ёжик", "anna-mary"];

/// An answer, or an error, repeats no secret.
pub fn check_answer(text: &str) {
    let found = HIDDEN.iter().chain(PINS).find(|secret| text.contains(**secret));
    assert!(found.is_none(), "{found:?} is repeated: {text}");
}

/// A record holds no secret and nothing personal.
pub fn check_record(text: &str) {
    check_answer(text);
    let birthday = BIRTHDAYS.iter().find(|day| text.contains(&format!("\"{day}\"")));
    let found = PERSONAL.iter().find(|word| text.contains(**word)).or(birthday);
    assert!(found.is_none(), "{found:?} is recorded: {text}");
}

pub fn pin(input: &mut Unstructured<'_>) -> Result<String> {
    let of = if wild::rarely(input, 8)? { WEAK_PINS } else { PINS };
    Ok((*wild::pick(input, &of[..of.len().min(7)])?).to_owned())
}

pub fn phone(input: &mut Unstructured<'_>) -> Result<String> {
    Ok((*wild::pick(input, PHONES)?).to_owned())
}

pub fn personal(input: &mut Unstructured<'_>) -> Result<Personal> {
    let one = |input: &mut Unstructured<'_>, of: &[&str]| {
        wild::maybe(input, 2, |input| Ok((*input.choose(of)?).to_owned()))
    };
    let attribute = Attribute { name: "sex".into(), value: "f".into() };
    let mark = Attribute { name: "note".into(), value: MARK.into() };
    Ok(Personal {
        attributes: wild::maybe(input, 4, |_| Ok(vec![mark, attribute]))?,
        birthday: if wild::rarely(input, 24)? {
            Some("2025-02-30".into())
        } else {
            one(input, BIRTHDAYS)?
        },
        email: one(input, EMAILS)?,
        name: one(input, NAMES)?,
        phone: if wild::rarely(input, 8)? {
            one(input, PHONES)?
        } else {
            one(input, &PHONES[..4])?
        },
    })
}

/// What is looked for: a whole phone, its end, the beginning of a name, something else.
pub fn search(input: &mut Unstructured<'_>) -> Result<String> {
    let texts =
        ["1005", "12-34", "34", "анна", "КУЗНЕЦ", "ежи", "Zvy", "семи", "g1", "", "  ", "a"];
    if input.arbitrary()? { phone(input) } else { wild::word(input, &texts) }
}

pub fn key() -> String {
    KEY.to_owned()
}

/// A code that changes with time (RFC 6238, HMAC-SHA-1, 8 digits, 30 seconds), near an instant.
pub fn rotating(input: &mut Unstructured<'_>, number: &str, at: Timestamp) -> Result<String> {
    let step = at.as_second().div_euclid(30) + input.int_in_range(-2..=2i64)?;
    let mut mac = Hmac::<Sha1>::new_from_slice(b"12345678901234567890").expect("any length");
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let offset = usize::from(hash[19] & 15);
    let part: [u8; 4] = hash[offset..offset + 4].try_into().expect("four bytes");
    let mut code = (u32::from_be_bytes(part) & 0x7fff_ffff) % 100_000_000;
    if wild::rarely(input, 6)? {
        code = (code + 1) % 100_000_000;
    }
    Ok(format!("kr.{number}.{step}.{code:08}"))
}

/// A token signed near an instant.
pub fn signed(input: &mut Unstructured<'_>, number: &str, at: Timestamp) -> Result<String> {
    let issued = at.as_second() + input.int_in_range(-120..=70i64)?;
    let life = *wild::pick(input, &[60, 300, 600, 601, 0])?;
    let nonce = *wild::pick(input, &["n1", "n2", "n3"])?;
    let signer = if wild::rarely(input, 12)? { "other" } else { "app" };
    let message = format!("ks.{signer}.{number}.{issued}.{life}.{nonce}");
    let mut signature = SigningKey::from_bytes(&SIGNER).sign(message.as_bytes()).to_bytes();
    if wild::rarely(input, 8)? {
        signature[0] ^= 1;
    }
    Ok(format!("{message}.{}", base64url(&signature)))
}

fn base64url(bytes: &[u8]) -> String {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte));
        let bits = bits << (8 * (3 - chunk.len()));
        for place in 0..=chunk.len() {
            let letter = bits >> (18 - 6 * place) & 63;
            text.push(char::from(letters[letter as usize]));
        }
    }
    text
}
