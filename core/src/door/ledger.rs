//! What a ledger that lasts is asked besides requests. The ledger itself is in the crate
//! `kopilka-store`.

use jiff::Timestamp;

use crate::answer::Answer;
use crate::command::{NoDetails, Request};
use crate::document::{document, union};
use crate::json::Node;
use crate::ledger::{ChainEnd, Health, Maintenance, Opening, Verification};
use crate::operations::{Diagnostics, Erasure, Replayed, ShiftClosing};
use crate::record::Record;
use crate::upload::{Acknowledgement, Merge};
use crate::watch::WatchPlace;

document! {
    /// How a ledger is opened.
    pub struct LedgerOptions {
        /// Whether a clock that is far ahead is suspect.
        pub guards_clock: bool = true,
        /// The file, which is begun if it is not there; without one the ledger is in memory alone.
        pub path: Option<String>,
        /// A copy of which the file is made anew before it is opened.
        pub restore_from: Option<String>,
        /// The till: 1 to 32 ASCII letters, digits, `-` and `_`.
        pub till: String,
        /// Where the checks of the watch are evaluated.
        pub watch_place: WatchPlace = WatchPlace::Till,
    }
}

union! {
    /// A question to a ledger.
    pub enum LedgerCall {
        /// What the backend has of this till, and that it was heard of.
        Acknowledge(Acknowledged) = "acknowledge",
        /// Writes a copy into a new file, and verifies it.
        Backup(LedgerFile) = "backup",
        /// Several requests, answered together, with one sync.
        CallAll(RequestList) = "call_all",
        /// The six characters that stand for a record on the slip.
        CheckCode(RecordNamed) = "check_code",
        /// Brings everything into the main file.
        Checkpoint(NoDetails) = "checkpoint",
        /// What support needs, without anything personal.
        Diagnostics(LedgerAt) = "diagnostics",
        /// Erases what is personal of a guest.
        EraseGuest(GuestErasure) = "erase_guest",
        /// Writes out every record that another ledger lacks.
        Export(LedgerExport) = "export",
        /// The newest record of each chain.
        Heads(NoDetails) = "heads",
        /// How it is.
        Health(LedgerAt) = "health",
        /// Takes in what another ledger exported.
        Import(LedgerImport) = "import",
        /// What was found when it was opened.
        Opening(NoDetails) = "opening",
        /// Plans a time without a network, or none.
        PlanMaintenance(PlannedTime) = "plan_maintenance",
        /// Makes the states anew from the records.
        Rebuild(NoDetails) = "rebuild",
        /// The record that was made under a key.
        Recorded(RecordKey) = "recorded",
        /// Records of all tills, in their order.
        Records(LedgerRecords) = "records",
        /// Decides all records anew, also under another programme.
        Replay(LedgerReplay) = "replay",
        /// That there is no word from the backend.
        SetOffline(LedgerAt) = "set_offline",
        /// What moved in a shift.
        ShiftReport(ShiftAsked) = "shift_report",
        /// Compares everything with what the records say.
        Verify(NoDetails) = "verify",
    }
}

union! {
    /// The answer of a ledger.
    pub enum LedgerReply {
        /// It was noted.
        Acknowledge(NoDetails) = "acknowledge",
        /// What was found in the copy.
        Backup(Verification) = "backup",
        /// An answer or the mistakes for each request.
        CallAll(OutcomeList) = "call_all",
        /// The characters.
        CheckCode(CheckCode) = "check_code",
        /// It was done.
        Checkpoint(NoDetails) = "checkpoint",
        /// What support needs.
        Diagnostics(Diagnostics) = "diagnostics",
        /// What was erased, and what is left to delete.
        EraseGuest(Erasure) = "erase_guest",
        /// It was written.
        Export(NoDetails) = "export",
        /// By till and incarnation.
        Heads(HeadList) = "heads",
        /// How it is.
        Health(Health) = "health",
        /// What came of it.
        Import(Merge) = "import",
        /// What was found.
        Opening(Opening) = "opening",
        /// It was noted.
        PlanMaintenance(NoDetails) = "plan_maintenance",
        /// How many records there are.
        Rebuild(RecordCount) = "rebuild",
        /// The record, if there is one.
        Recorded(FoundRecord) = "recorded",
        /// The records.
        Records(LedgerPage) = "records",
        /// What came out otherwise.
        Replay(Replayed) = "replay",
        /// It was noted.
        SetOffline(NoDetails) = "set_offline",
        /// What moved.
        ShiftReport(ShiftClosing) = "shift_report",
        /// What was found.
        Verify(Verification) = "verify",
    }
}

document! {
    /// Tells what the backend has.
    pub struct Acknowledged {
        /// The instant, by the host's clock.
        pub at: Timestamp,
        /// What it has.
        pub told: Acknowledgement,
    }
}

document! {
    /// Names a file.
    pub struct LedgerFile {
        /// Its path.
        pub to: String,
    }
}

document! {
    /// Requests that are answered together.
    pub struct RequestList {
        /// The requests, 10,000 at most.
        pub requests: Vec<Request>,
    }
}

document! {
    /// What came of requests that were answered together.
    pub struct OutcomeList {
        /// One outcome for each request, in order.
        pub outcomes: Vec<CallOutcome>,
    }
}

union! {
    /// What came of a request.
    pub enum CallOutcome {
        /// The answer.
        Answer(Answer) = "answer",
        /// What was wrong; nothing was done.
        Error(CallError) = "error",
    }
}

document! {
    /// Why a request was refused.
    pub struct CallError {
        /// Everything that is wrong.
        pub mistakes: Vec<CallMistake>,
    }
}

document! {
    /// One thing that is wrong, and where.
    pub struct CallMistake {
        /// The stable code.
        pub code: String,
        /// One sentence that says what to do.
        pub message: String,
        /// The number of the code.
        pub number: u32,
        /// The place, as a JSON Pointer into the request.
        pub path: String,
    }
}

document! {
    /// Names a record.
    pub struct RecordNamed {
        /// Its id.
        pub record: String,
    }
}

document! {
    /// The characters on a slip.
    pub struct CheckCode {
        /// Six characters.
        pub check_code: String,
    }
}

document! {
    /// An instant by the host's clock.
    pub struct LedgerAt {
        /// The instant.
        pub at: Timestamp,
    }
}

document! {
    /// Asks that a guest be forgotten.
    pub struct GuestErasure {
        /// The instant, by the host's clock.
        pub at: Timestamp,
        /// The guest's id.
        pub guest: String,
        /// The key of the call: after a failure the same one is given again.
        pub key: String,
    }
}

document! {
    /// Asks for an upload.
    pub struct LedgerExport {
        /// What the other ledger has already: its `heads`.
        pub after: Vec<ChainEnd> = Vec::new(),
        /// The file that is written; one that is there already is written over.
        pub to: String,
        /// Whether what is personal of guests goes with it.
        pub with_personal: bool = false,
    }
}

document! {
    /// Gives an upload.
    pub struct LedgerImport {
        /// The instant, by the host's clock.
        pub at: Timestamp,
        /// The file.
        pub from: String,
        /// Whether it must be whole, as a journal that was written out is.
        pub whole: bool = false,
    }
}

document! {
    /// The newest record of each chain.
    pub struct HeadList {
        /// By till and incarnation.
        pub heads: Vec<ChainEnd>,
    }
}

document! {
    /// Plans a time without a network.
    pub struct PlannedTime {
        /// The time; nothing is planned if left out.
        pub planned: Option<Maintenance>,
    }
}

document! {
    /// How many records.
    pub struct RecordCount {
        /// The number.
        pub records: u64,
    }
}

document! {
    /// Names a record by the key of its call.
    pub struct RecordKey {
        /// The key.
        pub key: String,
    }
}

document! {
    /// A record that was looked for.
    pub struct FoundRecord {
        /// The record; absent if there is none.
        pub record: Option<Record>,
    }
}

document! {
    /// Asks for records of all tills.
    pub struct LedgerRecords {
        /// After this place; from the first one on if left out.
        pub after: Option<RecordPlace>,
        /// How many at most; never more than 1,000.
        pub most: u32 = 1_000,
    }
}

document! {
    /// Where a record stands among those of all tills.
    pub struct RecordPlace {
        /// How many times its ledger was begun anew.
        pub incarnation: u32,
        /// The instant by the ledger's own time.
        pub logical_at: Timestamp,
        /// Its number in its ledger.
        pub sequence: u64,
        /// The till.
        pub till: String,
    }
}

document! {
    /// Records, and where to go on.
    pub struct LedgerPage {
        /// Where the last of them stands; absent if there are none.
        pub last: Option<RecordPlace>,
        /// The records.
        pub records: Vec<Record>,
    }
}

document! {
    /// Asks that records be decided anew.
    pub struct LedgerReplay {
        /// From this instant on.
        pub from: Option<Timestamp>,
        /// Of how many guests sums are told.
        pub guests_max: u32 = 10_000,
        /// The document of another programme: then it is told what would have been.
        pub program: Option<Node>,
        /// Before this instant.
        pub until: Option<Timestamp>,
    }
}

document! {
    /// Asks for a shift.
    pub struct ShiftAsked {
        /// As of this instant.
        pub at: Timestamp,
        /// The shift, as calls name it.
        pub shift: String,
        /// Its store; all if left out.
        pub store: Option<String>,
    }
}
