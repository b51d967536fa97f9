//! A safe caller of the C functions, for what is written in Rust: it does what a C program does, and
//! frees what it got.

use std::ptr::null_mut;
use std::slice;

use crate::door::*;
use crate::{KopilkaError, KopilkaHandle, KopilkaText};

/// A handle, which is freed when it is dropped.
#[derive(Debug)]
pub struct Caller {
    handle: *mut KopilkaHandle,
    free: unsafe extern "C" fn(*mut KopilkaHandle) -> u32,
}

// SAFETY: every handle may be used from any thread at once; this is what the header promises.
unsafe impl Send for Caller {}
// SAFETY: as above.
unsafe impl Sync for Caller {}

/// What an error says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// What the call returned.
    pub status: u32,
    /// The mistakes in order: number, code, path, message, and help in Russian and English.
    pub mistakes: Vec<(u32, [String; 5])>,
}

type Opening =
    unsafe extern "C" fn(*const u8, u64, *mut *mut KopilkaHandle, *mut *mut KopilkaError) -> u32;

impl Caller {
    /// Opens a programme.
    ///
    /// # Errors
    /// What the library says.
    pub fn program(document: &str) -> Result<Caller, Refused> {
        Caller::open(kopilka_program_open, kopilka_program_free, document)
    }

    /// Opens a desk.
    ///
    /// # Errors
    /// What the library says.
    pub fn desk(policy: &str) -> Result<Caller, Refused> {
        Caller::open(kopilka_desk_open, kopilka_desk_free, policy)
    }

    /// Opens a watch.
    ///
    /// # Errors
    /// What the library says.
    pub fn watch(policy: &str) -> Result<Caller, Refused> {
        Caller::open(kopilka_watch_open, kopilka_watch_free, policy)
    }

    /// Opens a book.
    ///
    /// # Errors
    /// What the library says.
    pub fn book(options: &str) -> Result<Caller, Refused> {
        Caller::open(kopilka_book_open, kopilka_book_free, options)
    }

    /// Opens a ledger.
    ///
    /// # Errors
    /// What the library says.
    pub fn ledger(options: &str) -> Result<Caller, Refused> {
        Caller::open(kopilka_ledger_open, kopilka_ledger_free, options)
    }

    /// Checks an order against a programme.
    ///
    /// # Errors
    /// What the library says.
    pub fn order(&self, order: &str) -> Result<Caller, Refused> {
        let (mut handle, mut error) = (null_mut(), null_mut());
        let (data, length) = (order.as_ptr(), order.len() as u64);
        // SAFETY: the handle lives as long as `self`, the text and the places as long as the call.
        let status = unsafe {
            kopilka_order_open(self.handle, data, length, &raw mut handle, &raw mut error)
        };
        refused(status, error)?;
        Ok(Caller { handle, free: kopilka_order_free })
    }

    fn open(
        open: Opening,
        free: unsafe extern "C" fn(*mut KopilkaHandle) -> u32,
        text: &str,
    ) -> Result<Caller, Refused> {
        let (mut handle, mut error) = (null_mut(), null_mut());
        // SAFETY: the text and the places live as long as the call.
        let status =
            unsafe { open(text.as_ptr(), text.len() as u64, &raw mut handle, &raw mut error) };
        refused(status, error)?;
        Ok(Caller { handle, free })
    }

    /// The kind of the handle.
    #[must_use]
    pub fn kind(&self) -> u32 {
        // SAFETY: the handle lives as long as `self`.
        unsafe { kopilka_handle_kind(self.handle) }
    }

    /// Asks the handle something, and looks at the answer where it lies.
    ///
    /// # Errors
    /// What the library says.
    pub fn call<T>(&self, request: &[u8], see: impl FnOnce(&[u8]) -> T) -> Result<T, Refused> {
        let (mut answer, mut error) = (null_mut(), null_mut());
        let (data, length) = (request.as_ptr(), request.len() as u64);
        // SAFETY: the handle lives as long as `self`, the text and the places as long as the call.
        let status =
            unsafe { kopilka_call(self.handle, data, length, &raw mut answer, &raw mut error) };
        refused(status, error)?;
        Ok(read(answer, see))
    }

    /// Quotes an order here, and looks at the answer where it lies.
    ///
    /// # Errors
    /// What the library says.
    pub fn quote<T>(
        &self,
        order: &Caller,
        request: &[u8],
        see: impl FnOnce(&[u8]) -> T,
    ) -> Result<T, Refused> {
        let (mut answer, mut error) = (null_mut(), null_mut());
        let (data, length) = (request.as_ptr(), request.len() as u64);
        // SAFETY: both handles live as long as their owners, the rest as long as the call.
        let status = unsafe {
            let order = order.handle;
            kopilka_quote(self.handle, order, data, length, &raw mut answer, &raw mut error)
        };
        refused(status, error)?;
        Ok(read(answer, see))
    }
}

impl Drop for Caller {
    fn drop(&mut self) {
        // SAFETY: it was never freed, and nobody has it any more.
        let status = unsafe { (self.free)(self.handle) };
        debug_assert_eq!(status, KOPILKA_OK);
    }
}

fn read<T>(answer: *mut KopilkaText, see: impl FnOnce(&[u8]) -> T) -> T {
    let mut length = 0;
    // SAFETY: the text lives until it is freed in the last line.
    unsafe {
        let data = kopilka_text_data(answer, &raw mut length);
        let seen = see(slice::from_raw_parts(data, usize::try_from(length).unwrap_or(0)));
        kopilka_text_free(answer);
        seen
    }
}

/// The error of a call that failed, which is freed.
fn refused(status: u32, error: *mut KopilkaError) -> Result<(), Refused> {
    if status == KOPILKA_OK {
        return Ok(());
    }
    type Saying = unsafe extern "C" fn(*const KopilkaError, u32, *mut u64) -> *const u8;
    let said = |index: u32, say: Saying| {
        let mut length = 0;
        // SAFETY: the error is freed in the last line only, and what it says lives as long.
        unsafe { text(say(error, index, &raw mut length), length) }
    };
    let help = |index: u32, language: u32| {
        let mut length = 0;
        // SAFETY: as above.
        unsafe { text(kopilka_error_help(error, index, language, &raw mut length), length) }
    };
    // SAFETY: as above.
    let count = unsafe { kopilka_error_count(error) };
    let mistakes = (0..count).map(|index| {
        // SAFETY: as above.
        let number = unsafe { kopilka_error_number(error, index) };
        let texts = [
            said(index, kopilka_error_code),
            said(index, kopilka_error_path),
            said(index, kopilka_error_message),
            help(index, KOPILKA_RUSSIAN),
            help(index, KOPILKA_ENGLISH),
        ];
        (number, texts)
    });
    let refused = Refused { status, mistakes: mistakes.collect() };
    // SAFETY: it is not used any more.
    unsafe { kopilka_error_free(error) };
    Err(refused)
}

/// # Safety
/// `data` is null, or has so many bytes.
unsafe fn text(data: *const u8, length: u64) -> String {
    if data.is_null() {
        return String::new();
    }
    let length = usize::try_from(length).unwrap_or(0);
    // SAFETY: the caller promises the same.
    String::from_utf8_lossy(unsafe { slice::from_raw_parts(data, length) }).into_owned()
}
