//! Why a call failed, in the hands of C.

use kopilka::texts::{self, Language};
use kopilka::{Error, Mistake};

use crate::pointer::Crosses;

/// Why a call failed: one mistake or, for a document, all of them, in the order of the document. Read it
/// with `kopilka_error_count` and its like, give it back with `kopilka_error_free`.
pub struct KopilkaError {
    _private: [u8; 0],
}

/// What a [`KopilkaError`] is.
pub(crate) struct Failure(Error);

impl Crosses for Failure {
    type Opaque = KopilkaError;
    const MARK: u64 = 0x726f_7272_655f_706b;
    const NAME: &'static str = "error";
}

impl Failure {
    pub fn new(error: Error) -> Failure {
        Failure(error)
    }

    pub fn count(&self) -> u32 {
        u32::try_from(self.0.mistakes().len()).unwrap_or(u32::MAX)
    }

    /// One of the mistakes, counted from zero.
    pub fn mistake(&self, index: u32) -> Option<&Mistake> {
        self.0.mistakes().get(usize::try_from(index).ok()?)
    }

    /// What the cashier should read.
    pub fn help(&self, index: u32, language: u32) -> Option<&'static str> {
        let language = if language == RUSSIAN { Language::Russian } else { Language::English };
        self.mistake(index).map(|mistake| texts::error(mistake.code, language))
    }
}

/// Russian, as `kopilka_error_help` is asked for it. What is no known language is English.
const RUSSIAN: u32 = 0;

#[cfg(test)]
mod tests {
    use kopilka::ErrorCode;

    use super::*;

    #[test]
    fn every_mistake_has_its_help_in_both_languages() {
        let mistakes = vec![
            Mistake::new(ErrorCode::DocumentKeyMissing, "/id", "give the programme an id"),
            Mistake::new(ErrorCode::Network, "", "the network failed"),
        ];
        let failure = Failure::new(mistakes.into());
        assert_eq!(failure.count(), 2);
        let russian = "Ошибка сети. Проверьте подключение к серверу.";
        assert_eq!(failure.help(1, 0), Some(russian));
        let english = "Network error. Check the connection to the server.";
        assert_eq!(failure.help(1, 1), Some(english));
        assert_eq!(failure.help(1, 77), Some(english));
        assert_eq!(failure.help(2, 0), None);
        assert_eq!(failure.mistake(u32::MAX), None);
    }
}
