//! What the sides of an upload tell each other: the lines around the records, and what came of them.
//!
//! An upload is lines of JSON. Each is `{"hash":H,KIND:BODY}` in canonical form, where H is the
//! SHA-256 of the body's text and KIND one of `upload` (the first line), `record`, `profile` and
//! `summary` (the last line). So no line can change unseen, and a cut one is known.

use jiff::Timestamp;

use crate::amount::Amount;
use crate::command::Personal;
use crate::document::document;
use crate::ledger::ChainEnd;

/// The format of uploads that this version writes and reads.
pub const UPLOAD_FORMAT: u32 = 1;

document! {
    /// The first line of an upload: what follows.
    pub struct UploadHead {
        /// The chains of which records follow.
        pub chains: Vec<UploadChain>,
        /// The format.
        pub format: u32,
        /// The id of the programme; absent if the ledger has none yet.
        pub program: Option<String>,
    }
}

document! {
    /// The part of a chain that an upload holds.
    pub struct UploadChain {
        /// The sequence number after which it begins; 0 for the beginning.
        pub after: u64,
        /// The incarnation.
        pub incarnation: u32,
        /// The till.
        pub till: String,
        /// The sequence number of its last record.
        pub to: u64,
    }
}

document! {
    /// What is personal of a guest, and since which record it is so.
    pub struct UploadProfile {
        /// The guest.
        pub guest: String,
        /// The incarnation of the record.
        pub incarnation: u32,
        /// The logical instant of the record.
        pub logical_at: Timestamp,
        /// What is personal; absent once it was taken away, so that it does not come back.
        pub personal: Option<Personal>,
        /// The sequence number of the record.
        pub sequence: u64,
        /// The till of the record.
        pub till: String,
    }
}

document! {
    /// The last line of an upload: what it must have held.
    pub struct UploadSummary {
        /// The SHA-256 of all lines before, their ends included, in hexadecimal.
        pub digest: String,
        /// How many profiles.
        pub profiles: u64,
        /// How many records.
        pub records: u64,
    }
}

document! {
    /// Two ledgers wrote under one name: the chain has two continuations.
    pub struct Fork {
        /// The incarnation with which whoever uploaded it is to begin anew. No two are told the
        /// same.
        pub begin: u32,
        /// The incarnation.
        pub incarnation: u32,
        /// The sequence number of the first record that is not the one that is known.
        pub sequence: u64,
        /// The till.
        pub till: String,
    }
}

document! {
    /// Records of a chain are missing.
    pub struct Gap {
        /// The sequence number of the first record that is missing: export from there.
        pub from: u64,
        /// The incarnation.
        pub incarnation: u32,
        /// The till.
        pub till: String,
    }
}

document! {
    /// Where an upload could not be read on, and why.
    pub struct UploadCut {
        /// The error code.
        pub code: String,
        /// The number of the line, from 1.
        pub line: u64,
        /// What is wrong, in one sentence.
        pub message: String,
    }
}

document! {
    /// What a card owes since records of several tills have met.
    pub struct OwedSince {
        /// The card.
        pub card: String,
        /// What it owes now.
        pub debt: Amount,
        /// The kind of points.
        pub points: String,
    }
}

document! {
    /// What the other side has now: the proof of an upload, and where the next one begins.
    pub struct Acknowledgement {
        /// The chains that were written by two ledgers.
        pub forks: Vec<Fork>,
        /// The newest record of each chain, by till and incarnation.
        pub heads: Vec<ChainEnd>,
    }
}

document! {
    /// What came of an upload.
    pub struct Merge {
        /// How many records are new.
        pub accepted: u64,
        /// For the one who uploaded.
        pub acknowledgement: Acknowledgement,
        /// Where it could not be read on; absent if all of it was.
        pub cut: Option<UploadCut>,
        /// The cards that owe more than before.
        pub debts: Vec<OwedSince>,
        /// The chains of which records are missing.
        pub gaps: Vec<Gap>,
        /// How many records were known already.
        pub known: u64,
        /// How many profiles are new, or newer than what was known.
        pub profiles: u64,
        /// The versions of the programme that records name and that are not installed here.
        pub programs: Vec<String>,
        /// How many records were kept aside, because they are of a fork.
        pub quarantined: u64,
        /// How many records were left, because some before them are missing.
        pub skipped: u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Reader, canonical};
    use crate::json::Node;

    #[test]
    fn a_merge_survives_being_written_and_read() {
        let head =
            ChainEnd { hash: "ab".repeat(32), incarnation: 2, sequence: 7, till: "a".into() };
        let fork = Fork { begin: 3, incarnation: 2, sequence: 8, till: "a".into() };
        let cut = UploadCut { code: "upload.cut".into(), line: 4, message: "it ends".into() };
        let debt = Amount { units: 30, digits: 0 };
        let merge = Merge {
            accepted: 5,
            acknowledgement: Acknowledgement { forks: vec![fork], heads: vec![head] },
            cut: Some(cut),
            debts: vec![OwedSince { card: "1001".into(), debt, points: "bonus".into() }],
            gaps: vec![Gap { from: 9, incarnation: 1, till: "b".into() }],
            ..Merge::default()
        };
        let node = Node::parse(&canonical(&merge), 10_000).unwrap();
        assert_eq!(Reader::document::<Merge>(&node), (merge, Vec::new()));
    }
}
