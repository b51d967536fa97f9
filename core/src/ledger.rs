//! What a ledger tells of itself: how it opened, how it is, what it found, what happens in it.
//!
//! The ledger itself is `kopilka-store`; its words stand here with all others that cross a border.

use jiff::Timestamp;

use crate::clock::Clock;
use crate::document::{choice, document, union};
use crate::upload::Fork;

document! {
    /// How a ledger opened: what was wrong with it, what it kept, and what must be entered again.
    pub struct Opening {
        /// Whether it was begun just now.
        pub created: bool = false,
        /// Everything that was wrong; empty if everything agreed.
        pub found: Vec<LedgerFinding> = Vec::new(),
        /// How many times the ledger of this till was begun anew.
        pub incarnation: u32,
        /// The name of the file that was kept aside, if one was.
        pub kept: Option<String>,
        /// The records that this ledger lacks: they are to be fetched from whoever has them, or
        /// what they recorded is to be entered again.
        pub missing: Vec<MissingRecords> = Vec::new(),
        /// How many records it verified: mostly those since the last checkpoint. None does not mean
        /// that there are none.
        pub records: u64,
        /// Whether the states were made anew from the records.
        pub states_rebuilt: bool = false,
        /// The till.
        pub till: String,
    }
}

document! {
    /// Records of one chain that a ledger lacks.
    pub struct MissingRecords {
        /// The number of the first.
        pub from: u64,
        /// The incarnation of the chain.
        pub incarnation: u32,
        /// The till of the chain.
        pub till: String,
        /// The number of the last that is known to exist; there may be more.
        pub until: u64,
    }
}

document! {
    /// Something in a ledger that is not as it was written.
    pub struct LedgerFinding {
        /// What it means.
        pub kind: FindingKind,
        /// What it is about: the id of a record, the kind and id of a state, the name of a file.
        pub place: String,
        /// What was found, in plain words.
        pub text: String,
    }
}

choice! {
    /// What is not as it was written.
    pub enum FindingKind {
        /// A record cannot be read, or is not the one that its hash names.
        RecordDamaged = "record_damaged",
        /// A record is missing in the middle of a chain.
        RecordMissing = "record_missing",
        /// A record does not name the hash of the one before it.
        ChainBroken = "chain_broken",
        /// What stands beside a record disagrees with it: its place, its key, what it touched.
        IndexWrong = "index_wrong",
        /// A state is not what the records add up to.
        StateWrong = "state_wrong",
        /// A row of personal data cannot be read.
        ProfileDamaged = "profile_damaged",
        /// A note cannot be read.
        NoteDamaged = "note_damaged",
        /// The file beside the ledger knows later records than the ledger: its tail is lost, or it
        /// is an old copy.
        TailLost = "tail_lost",
        /// The file beside the ledger is missing, cannot be read, or is that of another till.
        HeadFile = "head_file",
        /// The file is not whole as a database.
        FileDamaged = "file_damaged",
        /// The tables are not those that this version makes.
        SchemaWrong = "schema_wrong",
        /// The states were being made anew when the ledger was last left.
        RebuildUnfinished = "rebuild_unfinished",
    }
}

document! {
    /// What came of verifying a whole ledger.
    pub struct Verification {
        /// How many chains there are.
        pub chains: u64,
        /// Everything that is not as it was written; empty if the ledger is sound. Of very many, the
        /// first thousand.
        pub found: Vec<LedgerFinding> = Vec::new(),
        /// How many records were verified.
        pub records: u64,
        /// How many states were compared with what the records add up to.
        pub states: u64,
    }
}

document! {
    /// How a ledger is.
    pub struct Health {
        /// The instant for which it is told.
        pub at: Timestamp,
        /// How long the calls since it was opened took.
        pub calls: CallTimes,
        /// What it makes of the host's clock.
        pub clock: Clock,
        /// How many chains are known to have been written by two ledgers.
        pub forks: u64,
        /// How many times the ledger of this till was begun anew.
        pub incarnation: u32,
        /// Whether what happens can be written.
        pub journal: JournalState,
        /// The planned time without a network, while it lasts or is to come.
        pub maintenance: Option<Maintenance>,
        /// The newest instant that is known: logical time goes on from here.
        pub newest: Option<Timestamp>,
        /// Whether that was planned: then nobody need be alarmed.
        pub offline_planned: bool = false,
        /// Since when there is no word from the backend; absent while there is.
        pub offline_since: Option<Timestamp>,
        /// How many sales are reserved and neither confirmed nor cancelled.
        pub open_holds: u64,
        /// The programmes in force now: where no store is named, then for each store that is named.
        pub programs: Vec<ProgramHealth>,
        /// How many lines of uploads are kept aside.
        pub quarantined: u64,
        /// The number of the last record of this till.
        pub sequence: u64,
        /// The till.
        pub till: String,
        /// How many records of this till nobody else is known to have.
        pub unsynced: u64,
    }
}

choice! {
    /// Whether what happens can be written.
    pub enum JournalState {
        /// It can.
        Open = "open",
        /// Writing failed and the ledger could not be opened anew; each call tries to.
        Closed = "closed",
    }
}

document! {
    /// How long calls took, in microseconds, by the machine's own clock.
    pub struct CallTimes {
        /// How many calls.
        pub calls: u64,
        /// How many of them failed.
        pub failed: u64,
        /// The last one.
        pub last: u64,
        /// The longest of the last hundred.
        pub longest: u64,
        /// The middle one of the last hundred.
        pub median: u64,
    }
}

document! {
    /// A planned time without a network.
    pub struct Maintenance {
        /// From when.
        pub from: Timestamp,
        /// Until when.
        pub until: Timestamp,
    }
}

document! {
    /// A programme that is in force.
    pub struct ProgramHealth {
        /// Since when.
        pub from: Timestamp,
        /// When it was activated: how old the rules are.
        pub recorded_at: Timestamp,
        /// The store; absent for all that are not named.
        pub store: Option<String>,
        /// When another version comes into force, if one is to.
        pub until: Option<Timestamp>,
        /// The version.
        pub version: String,
    }
}

union! {
    /// Something that happens in a ledger, for the host's log. It holds nothing personal.
    pub enum LedgerEvent {
        /// A call was answered or refused.
        Called(CallEvent) = "called",
        /// Everything was brought into the main file, and the head file was synced.
        Checkpointed(ChainEnd) = "checkpointed",
        /// Writing or reading failed; the ledger closes.
        Failed(FailureEvent) = "failed",
        /// Something is not as it was written.
        Found(LedgerFinding) = "found",
        /// It opened, or opened anew.
        Opened(Opening) = "opened",
        /// An upload showed that a chain was written by two ledgers.
        Forked(Fork) = "forked",
        /// It has no word from the backend.
        WentOffline(OfflineEvent) = "went_offline",
        /// The backend has its records up to here.
        Acknowledged(ChainEnd) = "acknowledged",
    }
}

document! {
    /// A call was answered or refused.
    pub struct CallEvent {
        /// The host's id of the call.
        pub correlation: Option<String>,
        /// Why it was refused, by the code of the error.
        pub error: Option<String>,
        /// How long it took, in microseconds.
        pub micros: u64,
        /// The verb.
        pub verb: String,
    }
}

document! {
    /// The last record of a chain.
    pub struct ChainEnd {
        /// Its hash, in hexadecimal.
        pub hash: String,
        /// The incarnation.
        pub incarnation: u32,
        /// Its number; 0 if there is none.
        pub sequence: u64,
        /// The till.
        pub till: String,
    }
}

document! {
    /// Writing or reading failed.
    pub struct FailureEvent {
        /// The code of the error.
        pub code: String,
        /// What failed, in plain words.
        pub message: String,
    }
}

document! {
    /// A ledger has no word from the backend.
    pub struct OfflineEvent {
        /// Whether that was planned.
        pub planned: bool = false,
        /// Since when.
        pub since: Timestamp,
    }
}
