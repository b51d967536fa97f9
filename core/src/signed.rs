//! Signed tokens: `ks.<signer>.<number>.<issued>.<life>.<nonce>.<signature>`, proved by Ed25519
//! (RFC 8032) with the signer's public key alone, so that a till needs no secret and no network.

use ed25519_dalek::{Signature, VerifyingKey};

use crate::rotating::{is_number, parse_seconds};

/// How long a token may live at most, in seconds.
pub(crate) const LIFE_MAX: i64 = 600;
/// How far a signer's clock may be ahead, in seconds.
pub(crate) const AHEAD_MAX: i64 = 60;

/// A signed token as it was scanned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SignedToken {
    pub signer: String,
    pub number: String,
    /// When it was signed, in seconds since 1970.
    pub issued: i64,
    /// For how many seconds it is good.
    pub life: i64,
    /// Its own mark, so that it is accepted once.
    pub nonce: String,
    /// What is signed: everything before the last dot.
    message: String,
    signature: [u8; 64],
}

impl SignedToken {
    /// The parts of a token; `None` if the text has no such form.
    pub fn parse(text: &str) -> Option<SignedToken> {
        let (message, signature) = text.rsplit_once('.')?;
        let mut parts = message.strip_prefix("ks.")?.split('.');
        let (signer, number) = (parts.next()?, parts.next()?);
        let (issued, life, nonce) = (parts.next()?, parts.next()?, parts.next()?);
        let whole = parts.next().is_none() && is_word(signer) && is_word(nonce);
        let token = SignedToken {
            signer: signer.to_owned(),
            number: number.to_owned(),
            issued: parse_seconds(issued)?,
            life: parse_seconds(life)?,
            nonce: nonce.to_owned(),
            message: message.to_owned(),
            signature: decode_base64url(signature)?.try_into().ok()?,
        };
        Some(token).filter(|_| whole && is_number(number))
    }

    /// Whether the signer of this key signed it.
    pub fn is_signed_by(&self, public_key: &[u8; 32]) -> bool {
        is_signature(public_key, self.message.as_bytes(), &self.signature)
    }

    /// Whether it is of this time: not signed later than the clock with some tolerance, nor past a
    /// life that is allowed. `second` counts from 1970.
    pub fn is_in_time(&self, second: i64) -> bool {
        self.life <= LIFE_MAX
            && self.issued <= second.saturating_add(AHEAD_MAX)
            && second <= self.ends()
    }

    /// The last second in which it is good.
    pub fn ends(&self) -> i64 {
        self.issued.saturating_add(self.life)
    }
}

/// Letters, digits, `-` and `_`: what stands between the dots of a token.
pub(crate) fn is_word(text: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    !text.is_empty() && text.bytes().all(known)
}

/// Whether 32 bytes are a public key that can be trusted: a point of the curve, and none of the few
/// under which anything is signed.
pub(crate) fn is_public_key(bytes: &[u8; 32]) -> bool {
    VerifyingKey::from_bytes(bytes).is_ok_and(|key| !key.is_weak())
}

fn is_signature(public_key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    let Ok(key) = VerifyingKey::from_bytes(public_key) else { return false };
    key.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
}

/// The bytes of a base64url text without padding (RFC 4648, section 5); `None` if it is not one, or
/// not in its only canonical form.
fn decode_base64url(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    let (mut kept, mut bits) = (0_u32, 0_u32);
    for byte in text.bytes() {
        kept = (kept << 6 | value_of(byte)?) & 0xffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(kept >> bits & 0xff).ok()?);
        }
    }
    // What is left over must be zeros, and less than a whole letter.
    let rest = kept & ((1 << bits) - 1);
    (bits < 6 && rest == 0).then_some(bytes)
}

fn value_of(letter: u8) -> Option<u32> {
    let value = match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'-' => 62,
        b'_' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer, SigningKey};

    use super::*;
    use crate::chance::from_hexadecimal;

    fn bytes<const N: usize>(text: &str) -> [u8; N] {
        from_hexadecimal(text).unwrap().try_into().unwrap()
    }

    #[test]
    fn signatures_are_those_of_the_published_vectors() {
        // RFC 8032, section 7.1: TEST 1, TEST 2, TEST 3.
        for (key, message, signature) in [
            (
                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
                "",
                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
            ),
            (
                "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
                "72",
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
            ),
            (
                "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
                "af82",
                "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
            ),
        ] {
            let message = from_hexadecimal(message).unwrap();
            let (key, signature) = (bytes(key), bytes(signature));
            assert!(is_public_key(&key));
            assert!(is_signature(&key, &message, &signature));
            assert!(!is_signature(&key, b"another message", &signature));
        }
    }

    #[test]
    fn base64url_is_read_as_published_without_padding() {
        // RFC 4648, section 10, and the two letters that base64url has for itself.
        for (text, expected) in [
            ("", &b""[..]),
            ("Zg", b"f"),
            ("Zm8", b"fo"),
            ("Zm9v", b"foo"),
            ("Zm9vYg", b"foob"),
            ("Zm9vYmE", b"fooba"),
            ("Zm9vYmFy", b"foobar"),
            ("-_8", &[0xfb, 0xff]),
        ] {
            assert_eq!(decode_base64url(text).as_deref(), Some(expected), "{text}");
        }
        for wrong in ["Z", "Zg==", "Zh", "Zm9", "Zm9v+", "Zm 8", "+/8", "Zmя"] {
            assert_eq!(decode_base64url(wrong), None, "{wrong}");
        }
    }

    /// Base64url without padding, for making tokens.
    fn encode(bytes: &[u8]) -> String {
        const LETTERS: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let bits: Vec<u8> =
            bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
        let letter = |six: &[u8]| {
            let place = (0..6).fold(0, |sum, bit| sum << 1 | six.get(bit).copied().unwrap_or(0));
            char::from(LETTERS[usize::from(place)])
        };
        bits.chunks(6).map(letter).collect()
    }

    #[test]
    fn a_token_is_signed_as_a_whole() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let message = "ks.app.2990000000019.1761301800.60.n0nce";
        let signature = encode(&key.sign(message.as_bytes()).to_bytes());
        let public = key.verifying_key().to_bytes();
        let token = SignedToken::parse(&format!("{message}.{signature}")).unwrap();
        assert_eq!(token.number, "2990000000019");
        assert!(token.is_signed_by(&public));
        assert!(!token.is_signed_by(&SigningKey::from_bytes(&[8; 32]).verifying_key().to_bytes()));
        for other in [
            "ks.app2.2990000000019.1761301800.60.n0nce",
            "ks.app.2990000000026.1761301800.60.n0nce",
            "ks.app.2990000000019.1761301801.60.n0nce",
            "ks.app.2990000000019.1761301800.61.n0nce",
            "ks.app.2990000000019.1761301800.60.n1nce",
        ] {
            let token = SignedToken::parse(&format!("{other}.{signature}")).unwrap();
            assert!(!token.is_signed_by(&public), "{other}");
        }
        for wrong in [
            "ks.app.1.2.3.n".to_owned(),
            format!("ks.app..1761301800.60.n0nce.{signature}"),
            format!("ks.app.1.x.60.n0nce.{signature}"),
            format!("ks.app.1.1.60.n0nce.more.{signature}"),
            format!("ks.a b.1.1.60.n0nce.{signature}"),
            format!("{message}.{signature}A"),
            format!("{message}.QUJD"),
        ] {
            assert_eq!(SignedToken::parse(&wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_token_is_good_from_a_minute_before_it_was_signed_to_the_end_of_its_life() {
        let token = |life| SignedToken {
            signer: "app".to_owned(),
            number: "1".to_owned(),
            issued: 1_000,
            life,
            nonce: "n".to_owned(),
            message: String::new(),
            signature: [0; 64],
        };
        for (second, good) in
            [(939, false), (940, true), (1_000, true), (1_600, true), (1_601, false)]
        {
            assert_eq!(token(600).is_in_time(second), good, "{second}");
        }
        assert!(!token(601).is_in_time(1_000), "no token may live longer than ten minutes");
        assert!(token(0).is_in_time(1_000) && !token(0).is_in_time(1_001));
    }

    #[test]
    fn a_weak_key_is_no_key() {
        // The identity (0, 1): under it anything is signed by the same signature.
        let mut identity = [0; 32];
        identity[0] = 1;
        assert!(!is_public_key(&identity));
        // y = 2 is on no point of the curve.
        let mut none = [0; 32];
        none[0] = 2;
        assert!(!is_public_key(&none));
    }
}
