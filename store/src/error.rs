//! Why a store failed.

use kopilka::{Error, ErrorCode};

/// What kind of failure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StoreFault {
    /// What was read is not what was written.
    Damaged,
    /// Reading, writing or syncing failed.
    Failed,
    /// The folder is missing or cannot be entered.
    Folder,
    /// There is no space left.
    Full,
    /// Another process has it open.
    Locked,
    /// It is on a network drive.
    NetworkDrive,
    /// It was written by a later version.
    Newer,
    /// The file is something else.
    NotALedger,
    /// It cannot be written.
    ReadOnly,
    /// The change contradicts what is there, or itself; nothing was written and the store goes on.
    Refused,
}

impl StoreFault {
    /// The code under which the public door answers it. What a store refuses is a mistake of the
    /// ledger above it.
    #[must_use]
    pub fn code(self) -> ErrorCode {
        match self {
            StoreFault::Damaged => ErrorCode::StoreDamaged,
            StoreFault::Failed => ErrorCode::StoreFailed,
            StoreFault::Folder => ErrorCode::StoreFolder,
            StoreFault::Full => ErrorCode::StoreFull,
            StoreFault::Locked => ErrorCode::StoreLocked,
            StoreFault::NetworkDrive => ErrorCode::StoreNetworkDrive,
            StoreFault::Newer => ErrorCode::StoreNewer,
            StoreFault::NotALedger => ErrorCode::StoreNotALedger,
            StoreFault::ReadOnly => ErrorCode::StoreReadOnly,
            StoreFault::Refused => ErrorCode::Internal,
        }
    }
}

/// Why a store failed: what kind of failure, and one sentence that names the file or row.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {message}", .fault.code().as_str())]
pub struct StoreError {
    fault: StoreFault,
    message: String,
}

impl StoreError {
    /// A failure.
    pub fn new(fault: StoreFault, message: impl Into<String>) -> StoreError {
        StoreError { fault, message: message.into() }
    }

    pub(crate) fn damaged(message: impl Into<String>) -> StoreError {
        StoreError::new(StoreFault::Damaged, message)
    }

    pub(crate) fn refused(message: impl Into<String>) -> StoreError {
        StoreError::new(StoreFault::Refused, message)
    }

    /// What kind of failure it is.
    #[must_use]
    pub fn fault(&self) -> StoreFault {
        self.fault
    }

    /// One sentence: lower case, no full stop.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Error {
        Error::new(error.fault.code(), "", error.message)
    }
}
