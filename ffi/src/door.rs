//! The functions that C sees. The header is made of this file: `cargo xtask generate`.
//!
//! Every function does its work inside the boundary, and turns its pointers into types there before it
//! does anything else.

use crate::boundary::{self, status};
use crate::error::{Failure, KopilkaError};
use crate::features;
use crate::handle::{Handle, Kind, KopilkaHandle};
use crate::pointer::{Input, Out, lent, seen, shown, taken};
use crate::text::{KopilkaText, Text};

#[cfg(test)]
mod tests;

/// The number of this ABI, as `kopilka_abi_version` answers it in the library that is loaded.
pub const KOPILKA_ABI_VERSION: u32 = 1;

/// The status of a call that did what it was asked. Any other status is that of an error.
pub const KOPILKA_OK: u32 = 0;

/// A programme of loyalty.
pub const KOPILKA_KIND_PROGRAM: u32 = 1;
/// An order, checked against a programme.
pub const KOPILKA_KIND_ORDER: u32 = 2;
/// A ledger in memory alone, for trials and tests.
pub const KOPILKA_KIND_BOOK: u32 = 3;
/// A ledger in a file: what was answered is kept.
pub const KOPILKA_KIND_LEDGER: u32 = 4;
/// A policy of a support desk.
pub const KOPILKA_KIND_DESK: u32 = 5;
/// A policy of a watch over fraud, with the state of what it saw.
pub const KOPILKA_KIND_WATCH: u32 = 6;

/// Russian, for `kopilka_error_help`.
pub const KOPILKA_RUSSIAN: u32 = 0;
/// English, for `kopilka_error_help`.
pub const KOPILKA_ENGLISH: u32 = 1;

/// The number of the ABI that the library has. It grows when a function changes or goes, which a new
/// verb does not: ask `kopilka_abi_supports` for that.
#[unsafe(no_mangle)]
pub extern "C" fn kopilka_abi_version() -> u32 {
    KOPILKA_ABI_VERSION
}

/// Whether the library knows something: 1, or 0 if not. A feature is a kind of handle (`ledger`), or one
/// and a verb of its (`ledger.backup`).
///
/// # Safety
/// `feature` has `length` bytes that can be read.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kopilka_abi_supports(feature: *const u8, length: u64) -> u32 {
    boundary::value(0, || {
        // SAFETY: the caller promises that the bytes can be read.
        let feature = unsafe { Input::new(feature, length) };
        feature.text().is_ok_and(features::supports).into()
    })
}

/// Compiles a programme from its document (docs/program.md). All mistakes of it are in the error.
///
/// # Safety
/// `document` has `length` bytes that can be read; `out` and `error` are null or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kopilka_program_open(
    document: *const u8,
    length: u64,
    out: *mut *mut KopilkaHandle,
    error: *mut *mut KopilkaError,
) -> u32 {
    // SAFETY: the caller promises the same of the same pointers.
    unsafe { open(document, length, out, error, Handle::program) }
}

/// Compiles a policy of a support desk (docs/desk.md).
///
/// # Safety
/// As `kopilka_program_open`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kopilka_desk_open(
    policy: *const u8,
    length: u64,
    out: *mut *mut KopilkaHandle,
    error: *mut *mut KopilkaError,
) -> u32 {
    // SAFETY: the caller promises the same of the same pointers.
    unsafe { open(policy, length, out, error, Handle::desk) }
}

/// Compiles a policy of a watch (docs/watch.md), which has seen nothing yet.
///
/// # Safety
/// As `kopilka_program_open`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kopilka_watch_open(
    policy: *const u8,
    length: u64,
    out: *mut *mut KopilkaHandle,
    error: *mut *mut KopilkaError,
) -> u32 {
    // SAFETY: the caller promises the same of the same pointers.
    unsafe { open(policy, length, out, error, Handle::watch) }
}

/// Begins a ledger in memory alone: it is forgotten when it is freed.
/// Options: `{"till": "till-1", "program": {…}}`.
///
/// # Safety
/// As `kopilka_program_open`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kopilka_book_open(
    options: *const u8,
    length: u64,
    out: *mut *mut KopilkaHandle,
    error: *mut *mut KopilkaError,
) -> u32 {
    // SAFETY: the caller promises the same of the same pointers.
    unsafe { open(options, length, out, error, Handle::book) }
}

/// Opens the ledger of a till in a file, or begins it (docs/ledger.md).
/// Options: `{"till": "till-1", "path": "C:\\Kassa\\till-1.ledger"}`, and `restore_from` (a copy of which the
/// file is made anew), `guards_clock`, `watch_place`. Without `path` it is in memory alone and forgotten
/// when it is freed.
/// No other process, and no other handle, can have the same file open: `KOPILKA_STORE_LOCKED`.
///
/// # Safety
/// As `kopilka_program_open`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kopilka_ledger_open(
    options: *const u8,
    length: u64,
    out: *mut *mut KopilkaHandle,
    error: *mut *mut KopilkaError,
) -> u32 {
    // SAFETY: the caller promises the same of the same pointers.
    unsafe { open(options, length, out, error, Handle::ledger) }
}

/// Checks an order against a programme once, so that it can be quoted many times. The programme may be
/// freed before the order.
///
/// # Safety
/// `program` is null or a handle that is not freed; the rest as `kopilka_program_open`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kopilka_order_open(
    program: *const KopilkaHandle,
    order: *const u8,
    length: u64,
    out: *mut *mut KopilkaHandle,
    error: *mut *mut KopilkaError,
) -> u32 {
    // SAFETY: the caller promises that the place is null or can be written.
    let error = unsafe { Out::new(error) };
    status(error, || {
        // SAFETY: the caller promises a handle, bytes that can be read, and a place.
        let (out, program, order) =
            unsafe { (Out::new(out), lent::<Handle>(program), Input::new(order, length)) };
        out.give(program?.order(order.text()?)?);
        Ok(())
    })
}

/// Asks a programme, book, ledger, desk or watch something, and gets its answer. Which requests there
/// are for each kind, and what they are answered, is in docs/c.md and in core/schema/.
///
/// # Safety
/// `handle` is null or a handle that is not freed; `request` has `length` bytes that can be read;
/// `answer` and `error` are null or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kopilka_call(
    handle: *const KopilkaHandle,
    request: *const u8,
    length: u64,
    answer: *mut *mut KopilkaText,
    error: *mut *mut KopilkaError,
) -> u32 {
    // SAFETY: the caller promises that the place is null or can be written.
    let error = unsafe { Out::new(error) };
    status(error, || {
        // SAFETY: the caller promises a handle, bytes that can be read, and a place.
        let (answer, handle, request) =
            unsafe { (Out::new(answer), lent::<Handle>(handle), Input::new(request, length)) };
        answer.give(Text(handle?.ask(request.text()?)?));
        Ok(())
    })
}

/// Quotes an order at a book or ledger: what it costs, spends and earns. Nothing is changed or held. It is
/// checked anew where another programme, or another version of it, is in force.
/// Request: `{"at": "2026-03-02T12:00:00+03:00"}`, with `"explain": true` if the steps are wanted.
///
/// # Safety
/// `place` and `order` are null or handles that are not freed; the rest as `kopilka_call`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kopilka_quote(
    place: *const KopilkaHandle,
    order: *const KopilkaHandle,
    request: *const u8,
    length: u64,
    answer: *mut *mut KopilkaText,
    error: *mut *mut KopilkaError,
) -> u32 {
    // SAFETY: the caller promises that the place is null or can be written.
    let error = unsafe { Out::new(error) };
    status(error, || {
        // SAFETY: the caller promises two handles, bytes that can be read, and a place.
        let (answer, place, order, request) = unsafe {
            let handles = (lent::<Handle>(place), lent::<Handle>(order));
            (Out::new(answer), handles.0, handles.1, Input::new(request, length))
        };
        answer.give(Text(place?.quote(&*order?, request.text()?)?));
        Ok(())
    })
}

/// The kind of a handle, one of `KOPILKA_KIND_…`; 0 if it is none.
///
/// # Safety
/// `handle` is null or a handle that is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kopilka_handle_kind(handle: *const KopilkaHandle) -> u32 {
    boundary::value(0, || {
        // SAFETY: the caller promises the same.
        let handle = unsafe { lent::<Handle>(handle) };
        handle.map_or(0, |handle| handle.kind() as u32)
    })
}

/// Frees a programme; null is nothing. Orders that were checked against it remain.
///
/// # Safety
/// `program` is null or a handle that is not freed. No call with it begins any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kopilka_program_free(program: *mut KopilkaHandle) -> u32 {
    // SAFETY: the caller promises the same.
    unsafe { free(program, Kind::Program) }
}

/// Frees an order; null is nothing.
///
/// # Safety
/// As `kopilka_program_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kopilka_order_free(order: *mut KopilkaHandle) -> u32 {
    // SAFETY: the caller promises the same.
    unsafe { free(order, Kind::Order) }
}

/// Frees a book with all that it holds; null is nothing.
///
/// # Safety
/// As `kopilka_program_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kopilka_book_free(book: *mut KopilkaHandle) -> u32 {
    // SAFETY: the caller promises the same.
    unsafe { free(book, Kind::Book) }
}

/// Closes a ledger, so that its file can be opened again; null is nothing. If a call is still going on
/// in another thread, the file is closed when that is over. Everything is then in the one file, unless
/// the medium fails.
///
/// # Safety
/// As `kopilka_program_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kopilka_ledger_free(ledger: *mut KopilkaHandle) -> u32 {
    // SAFETY: the caller promises the same.
    unsafe { free(ledger, Kind::Ledger) }
}

/// Frees a desk; null is nothing.
///
/// # Safety
/// As `kopilka_program_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kopilka_desk_free(desk: *mut KopilkaHandle) -> u32 {
    // SAFETY: the caller promises the same.
    unsafe { free(desk, Kind::Desk) }
}

/// Frees a watch with all that it saw; null is nothing.
///
/// # Safety
/// As `kopilka_program_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kopilka_watch_free(watch: *mut KopilkaHandle) -> u32 {
    // SAFETY: the caller promises the same.
    unsafe { free(watch, Kind::Watch) }
}

/// The bytes of a text and their number: UTF-8, with no zero byte at the end. They are there until the
/// text is freed. Null if `text` is null.
///
/// # Safety
/// `text` is null or a text that is not freed; `length` is null or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kopilka_text_data(
    text: *const KopilkaText,
    length: *mut u64,
) -> *const u8 {
    boundary::value(std::ptr::null(), || {
        // SAFETY: the caller promises a text, and a place for the length.
        unsafe { shown(seen::<Text>(text).map(|text| text.0.as_bytes()), length) }
    })
}

/// Frees a text; null is nothing.
///
/// # Safety
/// `text` is null or a text that is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kopilka_text_free(text: *mut KopilkaText) {
    boundary::value((), || {
        // SAFETY: the caller promises the same.
        drop(unsafe { taken::<Text>(text, |_| Ok(())) });
    });
}

/// How many mistakes an error has; 0 if `error` is null. A document's mistakes are all there, in the
/// order of the document.
///
/// # Safety
/// `error` is null or an error that is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kopilka_error_count(error: *const KopilkaError) -> u32 {
    boundary::value(0, || {
        // SAFETY: the caller promises the same.
        unsafe { seen::<Failure>(error) }.map_or(0, Failure::count)
    })
}

/// The number of a mistake's code, which is `KOPILKA_…` of it; 0 if there is no such mistake.
///
/// # Safety
/// `error` is null or an error that is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kopilka_error_number(error: *const KopilkaError, index: u32) -> u32 {
    boundary::value(0, || {
        // SAFETY: the caller promises the same.
        let failure = unsafe { seen::<Failure>(error) };
        failure.and_then(|failure| failure.mistake(index)).map_or(0, |it| it.code.number())
    })
}

/// The code of a mistake, such as `card.unknown`: its bytes are there for ever. Null if there is no such
/// mistake.
///
/// # Safety
/// `error` is null or an error that is not freed; `length` is null or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kopilka_error_code(
    error: *const KopilkaError,
    index: u32,
    length: *mut u64,
) -> *const u8 {
    // SAFETY: the caller promises the same.
    unsafe { told(error, length, |failure| Some(failure.mistake(index)?.code.as_str())) }
}

/// The place of a mistake in the request or document, as a JSON Pointer, empty for the whole of it: its
/// bytes are there until the error is freed. Null if there is no such mistake.
///
/// # Safety
/// As `kopilka_error_code`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kopilka_error_path(
    error: *const KopilkaError,
    index: u32,
    length: *mut u64,
) -> *const u8 {
    // SAFETY: the caller promises the same.
    unsafe { told(error, length, |failure| Some(failure.mistake(index)?.path.as_str())) }
}

/// What is wrong, in English, for the log and for who writes the plugin: its bytes are there until the
/// error is freed. Null if there is no such mistake.
///
/// # Safety
/// As `kopilka_error_code`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kopilka_error_message(
    error: *const KopilkaError,
    index: u32,
    length: *mut u64,
) -> *const u8 {
    // SAFETY: the caller promises the same.
    unsafe { told(error, length, |failure| Some(failure.mistake(index)?.message.as_str())) }
}

/// What the cashier should read, at most 60 characters, in Russian (`KOPILKA_RUSSIAN`) or English: its
/// bytes are there for ever. Null if there is no such mistake.
///
/// # Safety
/// As `kopilka_error_code`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kopilka_error_help(
    error: *const KopilkaError,
    index: u32,
    language: u32,
    length: *mut u64,
) -> *const u8 {
    // SAFETY: the caller promises the same.
    unsafe { told(error, length, |failure| failure.help(index, language)) }
}

/// Frees an error; null is nothing.
///
/// # Safety
/// `error` is null or an error that is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kopilka_error_free(error: *mut KopilkaError) {
    boundary::value((), || {
        // SAFETY: the caller promises the same.
        drop(unsafe { taken::<Failure>(error, |_| Ok(())) });
    });
}

/// Opens a handle of a text.
///
/// # Safety
/// As `kopilka_program_open`.
unsafe fn open(
    text: *const u8,
    length: u64,
    out: *mut *mut KopilkaHandle,
    error: *mut *mut KopilkaError,
    make: impl FnOnce(&str) -> Result<Handle, kopilka::Error>,
) -> u32 {
    // SAFETY: the caller promises that the place is null or can be written.
    let error = unsafe { Out::new(error) };
    status(error, || {
        // SAFETY: the caller promises bytes that can be read, and a place.
        let (out, text) = unsafe { (Out::new(out), Input::new(text, length)) };
        out.give(make(text.text()?)?);
        Ok(())
    })
}

/// Frees a handle of a kind.
///
/// # Safety
/// As `kopilka_program_free`.
unsafe fn free(handle: *mut KopilkaHandle, kind: Kind) -> u32 {
    // SAFETY: null is no place.
    let nowhere = unsafe { Out::new(std::ptr::null_mut()) };
    status(nowhere, || {
        // SAFETY: the caller promises the same.
        drop(unsafe { taken::<Handle>(handle, |held| held.expect(kind)) }?);
        Ok(())
    })
}

/// Something that an error says.
///
/// # Safety
/// As `kopilka_error_code`.
unsafe fn told(
    error: *const KopilkaError,
    length: *mut u64,
    of: impl for<'a> FnOnce(&'a Failure) -> Option<&'a str>,
) -> *const u8 {
    boundary::value(std::ptr::null(), || {
        // SAFETY: the caller promises an error, and a place for the length.
        unsafe { shown(seen::<Failure>(error).and_then(of).map(str::as_bytes), length) }
    })
}
