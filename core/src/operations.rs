//! What a ledger tells those who run it: the end of a shift, an erasure, what support needs, and
//! what came of deciding anew.

use jiff::Timestamp;

use crate::amount::Amount;
use crate::answer::ShiftSummary;
use crate::command::Request;
use crate::document::document;
use crate::ledger::{ChainEnd, Health, Opening};

/// The format of replay files that this version writes and reads.
pub const REPLAY_FORMAT: u32 = 1;

document! {
    /// The end of a shift: what moved, and where it stands in the ledger.
    pub struct ShiftClosing {
        /// The six characters that stand for the newest record of the till; absent if there is none.
        pub check_code: Option<String>,
        /// The id of the first record of the shift; absent if it has none.
        pub first: Option<String>,
        /// The newest record of the till: it survives a loss of power.
        pub head: ChainEnd,
        /// The id of the last record of the shift; absent if it has none.
        pub last: Option<String>,
        /// How many records the shift has.
        pub records: u64,
        /// What moved.
        pub summary: ShiftSummary,
    }
}

document! {
    /// Everything personal of a guest is gone from the ledger's files.
    pub struct Erasure {
        /// The files beside the ledger that were kept aside when it was damaged or restored. They are
        /// not changed and may still have it: delete them.
        pub kept: Vec<String> = Vec::new(),
        /// The id of the record that says so.
        pub record: String,
    }
}

document! {
    /// What support needs of a ledger. Nothing personal is in it: no name, telephone number or PIN,
    /// and of a card only the beginning and the end of its number.
    pub struct Diagnostics {
        /// The instant for which it is told.
        pub at: Timestamp,
        /// The newest record of each chain.
        pub chains: Vec<ChainEnd>,
        /// The last calls since the ledger was opened, newest first.
        pub decisions: Vec<DecisionTrace>,
        /// Each verb with each way in which it was refused since the ledger was opened.
        pub errors: Vec<ErrorTrace>,
        /// How the ledger is.
        pub health: Health,
        /// The sales that are reserved and neither confirmed nor cancelled.
        pub holds: Vec<HoldTrace>,
        /// How it opened.
        pub opening: Opening,
        /// The versions of the programme that are installed.
        pub programs: Vec<String>,
        /// The records that are kept aside.
        pub quarantined: Vec<QuarantineTrace>,
        /// The last decision that can be made again on another machine; absent if there is none.
        pub replay: Option<ReplayFile>,
        /// The digest of all states.
        pub states: String,
        /// The stores in which the last decisions were made.
        pub stores: Vec<String>,
        /// The till.
        pub till: String,
        /// What decided and wrote.
        pub versions: Versions,
    }
}

document! {
    /// What decided and wrote.
    pub struct Versions {
        /// The engine.
        pub engine: String,
        /// The tables of the file; absent if the ledger is in no file.
        pub file: Option<u32>,
        /// The records.
        pub record: u32,
        /// The rules.
        pub rules: u32,
        /// SQLite.
        pub sqlite: String,
        /// The ledger.
        pub store: String,
    }
}

document! {
    /// A call, without what it was about.
    pub struct DecisionTrace {
        /// The instant of the call by the host's clock.
        pub at: Timestamp,
        /// The code of the error, if it was refused.
        pub error: Option<String>,
        /// How long it took, in microseconds.
        pub micros: u64,
        /// The codes of the reasons in the answer, each once, in order.
        pub reasons: Vec<String>,
        /// The id of the record, if it made one.
        pub record: Option<String>,
        /// The verb.
        pub verb: String,
    }
}

document! {
    /// How often a verb was refused in one way.
    pub struct ErrorTrace {
        /// Whether every call of the verb was refused so, and there was more than one.
        pub always: bool,
        /// How many calls of the verb there were.
        pub calls: u64,
        /// The code of the error.
        pub code: String,
        /// How many of them were refused so.
        pub failed: u64,
        /// The verb.
        pub verb: String,
    }
}

document! {
    /// A sale that is reserved.
    pub struct HoldTrace {
        /// The sale.
        pub sale: String,
        /// Until when its holds reserve anything.
        pub until: Option<Timestamp>,
    }
}

document! {
    /// A record that is kept aside.
    pub struct QuarantineTrace {
        /// When it came.
        pub at: Timestamp,
        /// Its hash.
        pub hash: String,
        /// Why: a stable code.
        pub reason: String,
        /// What it says that its id is.
        pub record: String,
    }
}

document! {
    /// One decision with all that it read, to be made again on another machine. Numbers of cards,
    /// ids of guests and names of cashiers are replaced throughout, each by one of its own.
    pub struct ReplayFile {
        /// Whether what is decided of it says the same as the record in the ledger, but for what was
        /// replaced and for the hashes.
        pub faithful: bool,
        /// The format.
        pub format: u32,
        /// The logical instant before the decision.
        pub logical_at: Timestamp,
        /// The document of the programme that decides, as text.
        pub program: String,
        /// The record that comes of it, as text.
        pub record: String,
        /// The records that the states name, as texts.
        pub records: Vec<String>,
        /// The call.
        pub request: Request,
        /// The states that were read.
        pub states: Vec<ReplayState>,
    }
}

document! {
    /// A state as it is stored.
    pub struct ReplayState {
        /// Its id.
        pub id: String,
        /// Its kind.
        pub kind: String,
        /// Its text.
        pub text: String,
    }
}

document! {
    /// What came of deciding a replay file again.
    pub struct Reproduced {
        /// Where the records differ; empty if they are the same, byte for byte.
        pub differences: Vec<Difference>,
        /// Why it was refused, if it was.
        pub error: Option<String>,
        /// The record that came of it, as text.
        pub record: Option<String>,
        /// Whether the same record came of it, byte for byte.
        pub same: bool,
    }
}

document! {
    /// A place at which something is now another than then.
    pub struct Difference {
        /// What it is now, in canonical JSON; absent if nothing stands there.
        pub now: Option<String>,
        /// The place, as a JSON Pointer.
        pub path: String,
        /// What it was then.
        pub then: Option<String>,
    }
}

document! {
    /// A record of which something else came when it was decided anew.
    pub struct RecordDifference {
        /// Where they differ, up to twenty places; empty if it was refused.
        pub differences: Vec<Difference>,
        /// The code of the error with which it was refused.
        pub error: Option<String>,
        /// The record.
        pub record: String,
        /// The version of the rules that decided then.
        pub rules_version: u32,
        /// The verb.
        pub verb: String,
    }
}

document! {
    /// What came of deciding all records anew.
    pub struct Replayed {
        /// The records that differ, up to a hundred.
        pub differences: Vec<RecordDifference>,
        /// How many records of these rules differ. Of a replay under another programme: how many
        /// decisions it changed.
        pub differing: u64,
        /// How many records of other rules differ.
        pub differing_rules: u64,
        /// How many could not be decided anew, because no record holds what they were decided by: a
        /// PIN, a scan, what is personal.
        pub not_decidable: u64,
        /// Under another programme: how many sales it would have refused. They count as they were.
        pub refused: u64,
        /// How many records were looked at.
        pub records: u64,
        /// How many came out byte for byte.
        pub same: u64,
        /// Under another programme: what would have been.
        pub what_if: Option<WhatIf>,
    }
}

document! {
    /// What sales came to, and what they would have come to.
    pub struct WhatIf {
        /// By the local day of the sale's completion.
        pub days: Vec<WhatIfRow>,
        /// By the guest, else the card's number, of the first card; an empty name for sales without
        /// one, and for further guests where there are too many.
        pub guests: Vec<WhatIfRow>,
        /// How many sales were left out because they were in another currency.
        pub other_currency: u64,
        /// By the rule that gave points or a discount. `due` and what was spent belong to no rule.
        pub rules: Vec<WhatIfRow>,
        /// All of it.
        pub total: WhatIfRow,
    }
}

document! {
    /// What something came to, then and now.
    pub struct WhatIfRow {
        /// What it is about.
        pub name: String,
        /// Under the other programme.
        pub now: WhatIfSums,
        /// As it was.
        pub then: WhatIfSums,
    }
}

document! {
    /// What sales came to. A sale that was undone counts no longer.
    pub struct WhatIfSums {
        /// All discounts.
        pub discounts: Amount,
        /// What the goods cost after them.
        pub due: Amount,
        /// What was earned and spent, by kind of points.
        pub points: Vec<WhatIfPoints>,
        /// How many sales.
        pub sales: i64,
    }
}

document! {
    /// What sales earned and spent of one kind of points.
    pub struct WhatIfPoints {
        /// What was earned.
        pub earned: Amount,
        /// The kind.
        pub points: String,
        /// What was spent.
        pub spent: Amount,
    }
}
