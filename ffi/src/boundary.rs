//! The one boundary that no panic passes.
//!
//! A panic that reached C would end the host's process. Every function of [`crate::door`] does its work
//! inside [`status`] or [`value`], and answers `internal` instead.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use kopilka::{Error, ErrorCode};

use crate::error::Failure;
use crate::pointer::Out;

/// The status of a call that did what it was asked.
pub(crate) const OK: u32 = 0;

/// Runs what a function does, and answers with its status: zero, or the number of the first mistake,
/// with the error handed out.
///
/// What was being changed when a panic came is never used again: see `Handle::asked`.
pub(crate) fn status(error: Out<Failure>, run: impl FnOnce() -> Result<(), Error>) -> u32 {
    let outcome = caught(run).unwrap_or_else(|message| {
        let message = format!("the engine failed: {message}; please report this");
        Err(Error::new(ErrorCode::Internal, "", message))
    });
    match outcome {
        Ok(()) => OK,
        Err(told) => {
            let number = told.code().number();
            // Without the error handle the status still says what it was.
            let _ = caught(|| error.give(Failure::new(told)));
            number
        }
    }
}

/// Runs what a function without a status does; `otherwise` is what it answers after a panic.
pub(crate) fn value<T>(otherwise: T, run: impl FnOnce() -> T) -> T {
    caught(run).unwrap_or(otherwise)
}

/// What came out, or what the panic said.
fn caught<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(run)).map_err(message)
}

fn message(panic: Box<dyn Any + Send>) -> String {
    let panic = match panic.downcast::<&'static str>() {
        Ok(text) => return (*text).to_owned(),
        Err(panic) => panic,
    };
    match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => {
            // Dropping what nobody knows could panic again, outside every boundary.
            std::mem::forget(panic);
            "no message".to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pointer::{seen, taken};

    fn status_of(run: impl FnOnce() -> Result<(), Error>) -> (u32, Option<String>) {
        let mut place = std::ptr::null_mut();
        // SAFETY: the place is a local, and what was put there is taken back once.
        unsafe {
            let number = status(Out::new(&raw mut place), run);
            let failure = seen::<Failure>(place);
            let message = failure.map(|failure| failure.mistake(0).unwrap().message.clone());
            drop(taken::<Failure>(place, |_| Ok(())));
            (number, message)
        }
    }

    #[test]
    fn what_succeeds_has_no_error() {
        assert_eq!(status_of(|| Ok(())), (OK, None));
    }

    #[test]
    fn what_fails_has_the_number_of_its_first_mistake() {
        let (number, message) =
            status_of(|| Err(Error::new(ErrorCode::CardUnknown, "/card", "no such card")));
        assert_eq!((number, message.as_deref()), (400, Some("no such card")));
    }

    #[test]
    fn a_panic_of_any_kind_is_internal() {
        let internal = ErrorCode::Internal.number();
        let (number, message) = status_of(|| panic!("a word"));
        assert_eq!(number, internal);
        assert_eq!(message.unwrap(), "the engine failed: a word; please report this");
        let (number, message) = status_of(|| panic!("{} words", 2));
        assert_eq!(number, internal);
        assert!(message.unwrap().contains("2 words"));

        struct Bomb;
        impl Drop for Bomb {
            fn drop(&mut self) {
                panic!("a panic in a panic's own destructor");
            }
        }
        let (number, message) = status_of(|| std::panic::panic_any(Bomb));
        assert_eq!(number, internal);
        assert!(message.unwrap().contains("no message"));
        assert_eq!(value(7, || panic!("no value")), 7);
    }
}
