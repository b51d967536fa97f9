//! How cards are proved: PINs, rotating codes, attempts; and who the merchant is.

use crate::document::document;

use super::Localized;

document! {
    /// How attempts to prove a card are counted.
    pub struct Presenting {
        /// So many failed attempts at one number lock it, 1 to 100.
        pub attempts: u32 = 5,
        /// How many minutes a lock lasts, and how long a failed attempt counts, 1 to 1,440.
        pub lock_minutes: u32 = 30,
        /// Who may sign tokens that prove a card.
        pub signers: Vec<Signer> = Vec::new(),
        /// So many failed attempts at one till lock the till for presenting, 1 to 1,000.
        pub till_attempts: u32 = 20,
        /// How many minutes an accepted presentation can be used on orders, 1 to 1,440.
        pub valid_minutes: u32 = 15,
    }
}

document! {
    /// Who may sign tokens that prove a card, such as the guest's app or its server.
    pub struct Signer {
        /// Its id, as tokens name it: ASCII letters, digits, `-` and `_`.
        pub id: String,
        /// Its public key for Ed25519 (RFC 8032): 32 bytes in hexadecimal.
        pub public_key: String,
    }
}

document! {
    /// The PINs of a kind of card.
    pub struct PinPolicy {
        /// The most digits, up to 12.
        pub digits_max: u8 = 8,
        /// The fewest digits, from 4.
        pub digits_min: u8 = 4,
        /// Whether PINs that are easily guessed are allowed: the same digit throughout, or a run such
        /// as 1234. For training only.
        pub easy: bool = false,
        /// How often the hash is iterated, 1,000 to 1,000,000: it makes a stolen journal dearer to
        /// search, and every attempt slower.
        pub iterations: u32 = 10_000,
    }
}

document! {
    /// Codes that change with time (RFC 6238, HMAC-SHA-1), made by the guest's phone.
    pub struct RotatingCode {
        /// How many digits, 6 to 8.
        pub digits: u8 = 8,
        /// How long a code is shown, in seconds, 10 to 300.
        pub period_seconds: u32 = 30,
        /// How many periods the phone's clock may be off, at most 10.
        pub skew: u32 = 1,
    }
}

document! {
    /// Who runs the programme.
    pub struct Merchant {
        /// The legal entities; stores name theirs.
        pub legal_entities: Vec<LegalEntity> = Vec::new(),
        /// The name shown to guests.
        pub name: Option<Localized>,
    }
}

document! {
    /// A legal entity.
    pub struct LegalEntity {
        /// Its id, as stores name it.
        pub id: String,
        /// Its Russian taxpayer number: 10 digits for a company, 12 for a person.
        pub inn: String,
        /// Its registered name.
        pub name: String,
    }
}

document! {
    /// Which lines a discount of the host that names none is divided over.
    pub struct HostDiscounts {
        /// Their kinds.
        pub kinds: Vec<crate::order::LineKind> = vec![
            crate::order::LineKind::Goods,
            crate::order::LineKind::Child,
            crate::order::LineKind::Adjustment,
        ],
    }
}

document! {
    /// How codes of a kind of coupon are made.
    pub struct CodeFormat {
        /// The characters that they are made of.
        pub alphabet: String = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".to_owned(),
        /// Whether the last character checks the others (Luhn modulo the size of the alphabet).
        pub check: bool = true,
        /// How many characters follow the prefix, the check character included; 4 to 32.
        pub length: u8 = 12,
        /// What every code begins with.
        pub prefix: String = String::new(),
    }
}
