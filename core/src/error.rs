//! Errors: the call failed, nothing was done.
//!
//! Every error has a stable [`ErrorCode`], the place it is about as a JSON Pointer, and one plain
//! sentence that says what to do. A document's mistakes are all reported at once.

use std::fmt;

pub use crate::catalogue::ErrorCode;

/// What kind of failure it is, which decides what a host does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorClass {
    /// The document or request is wrong as written; sending it again changes nothing.
    Input,
    /// The request is well formed but does not fit the present state of card, sale or key.
    State,
    /// A limit of the engine was met.
    Limit,
    /// The network failed; wait [`Error::retry_after_seconds`] and try again.
    Network,
    /// The other side failed; wait and try again.
    Backend,
    /// The caller may not do this.
    Access,
    /// The file, its folder or its medium failed; somebody must look at the machine.
    Storage,
    /// A mistake in the engine itself; report it with its correlation id.
    Internal,
}

impl ErrorClass {
    /// The class as written in answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            ErrorClass::Input => "input",
            ErrorClass::State => "state",
            ErrorClass::Limit => "limit",
            ErrorClass::Network => "network",
            ErrorClass::Backend => "backend",
            ErrorClass::Access => "access",
            ErrorClass::Storage => "storage",
            ErrorClass::Internal => "internal",
        }
    }

    /// Whether the same call may succeed later without any change.
    #[must_use]
    pub fn retryable(self) -> bool {
        matches!(self, ErrorClass::Network | ErrorClass::Backend)
    }
}

/// One thing that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The stable code.
    pub code: ErrorCode,
    /// JSON Pointer to the place in the document or request; empty for the whole of it.
    pub path: String,
    /// One sentence: lower case, no full stop.
    pub message: String,
}

impl Mistake {
    /// A mistake at a place.
    pub fn new(code: ErrorCode, path: impl Into<String>, message: impl Into<String>) -> Mistake {
        Mistake { code, path: path.into(), message: message.into() }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.path.is_empty() { "the whole" } else { &self.path };
        write!(formatter, "{} at {place}: {}", self.code.as_str(), self.message)
    }
}

/// Why a call failed: one mistake or, for a document, all of them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .mistakes.iter().map(Mistake::to_string).collect::<Vec<_>>().join("; "))]
pub struct Error {
    mistakes: Vec<Mistake>,
    correlation: Option<String>,
}

impl Error {
    /// An error of one mistake.
    pub fn new(code: ErrorCode, path: impl Into<String>, message: impl Into<String>) -> Error {
        Mistake::new(code, path, message).into()
    }

    /// Everything that is wrong, in document order; never empty.
    #[must_use]
    pub fn mistakes(&self) -> &[Mistake] {
        &self.mistakes
    }

    /// The code of the first mistake.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        self.mistakes.first().map_or(ErrorCode::Internal, |mistake| mistake.code)
    }

    /// The place of the first mistake.
    #[must_use]
    pub fn path(&self) -> &str {
        self.mistakes.first().map_or("", |mistake| &mistake.path)
    }

    /// The class of the first mistake.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        self.code().class()
    }

    /// After how many seconds the call may be repeated; `None` if repeating it is no use.
    #[must_use]
    pub fn retry_after_seconds(&self) -> Option<u32> {
        self.class().retryable().then_some(30)
    }

    /// The id under which support finds this failure in the till's log, if the host gave one.
    #[must_use]
    pub fn correlation(&self) -> Option<&str> {
        self.correlation.as_deref()
    }

    /// The same error with the id under which support finds it.
    #[must_use]
    pub fn with_correlation(mut self, correlation: impl Into<String>) -> Error {
        self.correlation = Some(correlation.into());
        self
    }

    /// The same error with every path below `prefix`.
    #[must_use]
    pub(crate) fn under(self, prefix: &str) -> Error {
        self.moved("", prefix)
    }

    /// The same error as one who asked through another document sees it: what was at or below `from` is
    /// at or below `to`. Other places stay as they are.
    ///
    /// # Examples
    /// ```
    /// use kopilka::{Error, ErrorCode};
    ///
    /// let error = Error::new(ErrorCode::TimeRange, "/until", "it must end after it begins");
    /// assert_eq!(error.moved("/until", "/planned/until").path(), "/planned/until");
    /// ```
    #[must_use]
    pub fn moved(mut self, from: &str, to: &str) -> Error {
        for mistake in &mut self.mistakes {
            let below = mistake.path.strip_prefix(from);
            if let Some(rest) = below.filter(|rest| rest.is_empty() || rest.starts_with('/')) {
                mistake.path = format!("{to}{rest}");
            }
        }
        self
    }
}

impl From<Mistake> for Error {
    fn from(mistake: Mistake) -> Error {
        Error { mistakes: vec![mistake], correlation: None }
    }
}

impl From<Vec<Mistake>> for Error {
    fn from(mut mistakes: Vec<Mistake>) -> Error {
        if mistakes.is_empty() {
            let message = "an error was made of no mistake; please report this";
            mistakes.push(Mistake::new(ErrorCode::Internal, "", message));
        }
        Error { mistakes, correlation: None }
    }
}
