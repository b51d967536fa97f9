//! Numbers, codes and salts made of the host's entropy. The engine has no chance of its own: the
//! same entropy gives the same bytes.

use sha2::{Digest, Sha256};

use crate::error::{Error, ErrorCode};

/// The fewest bytes of entropy that anything is made of.
pub(crate) const ENTROPY_BYTES_MIN: usize = 16;

/// A stream of bytes from some entropy: SHA-256 over the entropy, the place where it is used, and a
/// counter.
#[derive(Clone, Debug)]
pub(crate) struct Chance {
    seed: Vec<u8>,
    counter: u64,
    block: [u8; 32],
    used: usize,
}

impl Chance {
    /// A stream for one purpose in one record.
    ///
    /// # Errors
    /// `entropy.missing` at `/entropy` if there is none, or it is no hexadecimal text of 16 bytes or
    /// more.
    pub fn new(entropy: Option<&String>, purpose: &str) -> Result<Chance, Error> {
        let bytes = entropy.and_then(|text| from_hexadecimal(text));
        let Some(mut seed) = bytes.filter(|bytes| bytes.len() >= ENTROPY_BYTES_MIN) else {
            let message = format!(
                "give at least {ENTROPY_BYTES_MIN} bytes from a source of chance, in hexadecimal"
            );
            return Err(Error::new(ErrorCode::EntropyMissing, "/entropy", message));
        };
        seed.push(0);
        seed.extend(purpose.as_bytes());
        Ok(Chance { seed, counter: 0, block: [0; 32], used: 32 })
    }

    pub fn byte(&mut self) -> u8 {
        if self.used >= self.block.len() {
            let mut hash = Sha256::new();
            hash.update(&self.seed);
            hash.update(self.counter.to_be_bytes());
            self.block = hash.finalize().into();
            self.counter += 1;
            self.used = 0;
        }
        let byte = self.block.get(self.used).copied().unwrap_or(0);
        self.used += 1;
        byte
    }

    /// So many bytes.
    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.byte()).collect()
    }

    /// A number below `bound` (1 to 256), each with the same chance.
    pub fn below(&mut self, bound: usize) -> usize {
        let bound = bound.clamp(1, 256);
        let fair = 256 / bound * bound;
        loop {
            let byte = usize::from(self.byte());
            if byte < fair {
                return byte % bound;
            }
        }
    }
}

/// The bytes of a hexadecimal text; `None` if it is not one.
pub(crate) fn from_hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let pair = |pair: &[u8]| match pair {
        [high, low] => u8::try_from(digit(high)? * 16 + digit(low)?).ok(),
        _ => None,
    };
    text.as_bytes().chunks(2).map(pair).collect()
}

/// Bytes as a hexadecimal text.
pub(crate) fn to_hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_entropy_gives_the_same_bytes_and_another_purpose_others() {
        let entropy = "00112233445566778899aabbccddeeff".to_owned();
        let bytes = |purpose: &str| Chance::new(Some(&entropy), purpose).unwrap().bytes(70);
        assert_eq!(bytes("number"), bytes("number"));
        assert_ne!(bytes("number"), bytes("salt"));
    }

    #[test]
    fn too_little_entropy_is_refused() {
        for wrong in
            ["", "0011", "zz112233445566778899aabbccddeeff", "00112233445566778899aabbccddeef"]
        {
            let error = Chance::new(Some(&wrong.to_owned()), "number").unwrap_err();
            assert_eq!(error.code(), ErrorCode::EntropyMissing, "{wrong}");
        }
        assert_eq!(Chance::new(None, "number").unwrap_err().path(), "/entropy");
    }

    #[test]
    fn every_number_below_a_bound_has_the_same_chance() {
        let entropy = "00112233445566778899aabbccddeeff".to_owned();
        let mut chance = Chance::new(Some(&entropy), "number").unwrap();
        let mut counts = [0u32; 10];
        for _ in 0..10_000 {
            counts[chance.below(10)] += 1;
        }
        // 1,000 each; six standard deviations are about 180.
        assert!(counts.iter().all(|count| (820..=1180).contains(count)), "{counts:?}");
    }
}
