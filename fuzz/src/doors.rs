//! Sequences of calls of the C door, as a host with mistakes makes them.
//!
//! Handles are named wrongly, freed with the function of another kind, texts are taken for errors, places
//! are missing and bytes are anything. What C cannot do without breaking its own promises is left out:
//! nothing is used after it was freed, and no buffer is shorter than it is said to be.

use std::ptr::{null, null_mut};
use std::slice;

use arbitrary::{Result, Unstructured};
use kopilka::ErrorCode;
use kopilka::json::Node;
use kopilka_ffi::*;

/// The calls of one input.
const CALLS_MAX: usize = 60;
/// The handles that are open at a time.
const HANDLES_MAX: usize = 12;

const PROGRAM: &str = r#"{"id": "shop", "currency": "RUB", "zone": "Europe/Moscow",
    "points": [{"id": "bonus"}],
    "cards": [{"id": "bonus", "kind": "bonus", "numbers": [{"length_max": 4}]}],
    "earning": {"rules": [{"id": "five", "give": {"percent": "5"}}]},
    "redemption": {"percent": "50"}}"#;

const BOOK: &str = r#"{"till": "a", "program": {"id": "shop", "currency": "RUB",
    "zone": "Europe/Moscow", "points": [{"id": "bonus"}],
    "cards": [{"id": "bonus", "kind": "bonus", "numbers": [{"length_max": 4}]}]}}"#;

/// What a host sends when it knows how, and what is sent to any kind of handle.
const TEXTS: [&str; 22] = [
    PROGRAM,
    BOOK,
    r#"{"till": "a"}"#,
    r#"{"id": "shop", "checks": [{"check": "F13"}]}"#,
    include_str!("../../presets/desks/cashier.json"),
    r#"{"cards": [{"number": "1"}], "lines": [{"id": "1", "price": "100.00"}]}"#,
    r#"{"lines": [{"id": "1", "price": "100.00"}, {"id": "1", "price": "-1"}]}"#,
    r#"{"at": "2026-03-02T12:00:00Z"}"#,
    r#"{"at": "2026-03-02T12:00:00Z", "explain": true}"#,
    r#"{"at": "2026-03-02T12:00:00Z", "key": "1", "command": {"issue": {"card": "1",
        "opening": [{"amount": "100"}]}}}"#,
    r#"{"at": "2026-03-02T12:00:00Z", "key": "2", "command": {"sell": {"order":
        {"cards": [{"number": "1"}], "spend": {"mode": "max"},
        "lines": [{"id": "1", "price": "100.00"}]}}}}"#,
    r#"{"at": "2026-03-02T12:00:00Z", "command": {"balance": {"card": "1"}}}"#,
    r#"{"at": "2026-03-02T12:00:00Z", "key": "3", "command": {"program": {"install": {"document":
        {"id": "shop", "currency": "RUB", "zone": "Europe/Moscow"}}}}}"#,
    r#"{"describe": {}}"#,
    r#"{"lint": {}}"#,
    r#"{"tip": {}}"#,
    r#"{"records": {}}"#,
    r#"{"heads": {}}"#,
    r#"{"verify": {}}"#,
    r#"{"opening": {}}"#,
    r#"{"cost": {}}"#,
    r#"{"fold": {"kind": "sale", "at": "2026-03-02T10:00:00Z", "card": "1", "spent": "30"}}"#,
];

type Opening =
    unsafe extern "C" fn(*const u8, u64, *mut *mut KopilkaHandle, *mut *mut KopilkaError) -> u32;
type Freeing = unsafe extern "C" fn(*mut KopilkaHandle) -> u32;

const OPENINGS: [Opening; 5] = [
    kopilka_program_open,
    kopilka_book_open,
    kopilka_ledger_open,
    kopilka_desk_open,
    kopilka_watch_open,
];

/// The functions that free, by the number of their kind less one.
const FREEING: [Freeing; 6] = [
    kopilka_program_free,
    kopilka_order_free,
    kopilka_book_free,
    kopilka_ledger_free,
    kopilka_desk_free,
    kopilka_watch_free,
];

/// What the host holds; freed at the end, whatever the input does.
#[derive(Default)]
struct Host {
    handles: Vec<*mut KopilkaHandle>,
}

impl Drop for Host {
    fn drop(&mut self) {
        for handle in self.handles.drain(..) {
            free(handle);
        }
    }
}

/// What a call left: nothing, an answer, a handle or an error.
struct Left {
    status: u32,
    error: *mut KopilkaError,
    /// Whether there was a place for the error.
    told: bool,
}

/// Runs the calls of an input.
///
/// # Errors
/// Where the input ends.
pub fn run(input: &mut Unstructured<'_>) -> Result<()> {
    let mut host = Host::default();
    for _ in 0..CALLS_MAX {
        if input.is_empty() {
            break;
        }
        match input.int_in_range(0..=9)? {
            0 | 1 => host.open(input)?,
            2 => host.order(input)?,
            3..=5 => host.call(input)?,
            6 | 7 => host.quote(input)?,
            8 => host.free_one(input)?,
            _ => host.look(input)?,
        }
    }
    Ok(())
}

impl Host {
    /// One of the handles, or none.
    fn any(&self, input: &mut Unstructured<'_>) -> Result<*mut KopilkaHandle> {
        if self.handles.is_empty() || input.ratio(1, 20)? {
            return Ok(null_mut());
        }
        input.choose(&self.handles).copied()
    }

    fn keep(&mut self, handle: *mut KopilkaHandle) {
        if handle.is_null() {
            return;
        }
        self.handles.push(handle);
        if self.handles.len() > HANDLES_MAX {
            free(self.handles.remove(0));
        }
    }

    fn open(&mut self, input: &mut Unstructured<'_>) -> Result<()> {
        let (open, text) = (*input.choose(&OPENINGS)?, text(input)?);
        // A ledger with a path would write files.
        if contains(&text, b"path") {
            return Ok(());
        }
        let (mut handle, told) = (null_mut(), input.ratio(9, 10)?);
        let left = called(told, |error| {
            // SAFETY: the bytes and the places live as long as the call.
            unsafe { open(text.as_ptr(), length(&text, input), &raw mut handle, error) }
        });
        assert_eq!(left.status == KOPILKA_OK, !handle.is_null());
        self.keep(handle);
        settle(left);
        Ok(())
    }

    fn order(&mut self, input: &mut Unstructured<'_>) -> Result<()> {
        let (program, text) = (self.any(input)?, text(input)?);
        let (mut handle, told) = (null_mut(), input.ratio(9, 10)?);
        let left = called(told, |error| {
            // SAFETY: the handle is alive or null, the rest lives as long as the call.
            unsafe {
                let length = length(&text, input);
                kopilka_order_open(program, text.as_ptr(), length, &raw mut handle, error)
            }
        });
        assert_eq!(left.status == KOPILKA_OK, !handle.is_null());
        self.keep(handle);
        settle(left);
        Ok(())
    }

    fn call(&mut self, input: &mut Unstructured<'_>) -> Result<()> {
        let (handle, text) = (self.any(input)?, text(input)?);
        // These verbs write and read files.
        if [&b"backup"[..], b"export", b"import", b"erase_guest"]
            .iter()
            .any(|verb| contains(&text, verb))
        {
            return Ok(());
        }
        answered(input, |length_of, answer, error| {
            // SAFETY: the handle is alive or null, the rest lives as long as the call.
            unsafe { kopilka_call(handle, text.as_ptr(), length_of(&text), answer, error) }
        })
    }

    fn quote(&mut self, input: &mut Unstructured<'_>) -> Result<()> {
        let (place, order, text) = (self.any(input)?, self.any(input)?, text(input)?);
        answered(input, |length_of, answer, error| {
            // SAFETY: the handles are alive or null, the rest lives as long as the call.
            unsafe { kopilka_quote(place, order, text.as_ptr(), length_of(&text), answer, error) }
        })
    }

    /// Frees with the function of any kind: only its own takes it.
    fn free_one(&mut self, input: &mut Unstructured<'_>) -> Result<()> {
        if self.handles.is_empty() {
            return Ok(());
        }
        let index = input.choose_index(self.handles.len())?;
        let by = input.choose_index(FREEING.len())?;
        let handle = self.handles[index];
        // SAFETY: the handle is alive.
        let (kind, status) = unsafe { (kopilka_handle_kind(handle), FREEING[by](handle)) };
        if kind as usize == by + 1 {
            assert_eq!(status, KOPILKA_OK);
            self.handles.swap_remove(index);
        } else {
            assert_eq!(status, ErrorCode::HandleKind.number());
        }
        Ok(())
    }

    /// A handle taken for a text and for an error, and the rest with nothing.
    fn look(&mut self, input: &mut Unstructured<'_>) -> Result<()> {
        let (handle, index) = (self.any(input)?, input.arbitrary()?);
        let mut length = 7;
        // SAFETY: the pointer is null or of something alive, though of another kind.
        unsafe {
            assert!(kopilka_text_data(handle.cast(), &raw mut length).is_null() && length == 0);
            kopilka_text_free(handle.cast());
            assert_eq!(kopilka_error_count(handle.cast()), 0);
            assert_eq!(kopilka_error_number(handle.cast(), index), 0);
            assert!(kopilka_error_help(handle.cast(), index, index, null_mut()).is_null());
            kopilka_error_free(handle.cast());
            let feature = text(input)?;
            assert!(kopilka_abi_supports(feature.as_ptr(), feature.len() as u64) <= 1);
            assert_eq!(kopilka_abi_supports(null(), 9), 0);
        }
        Ok(())
    }
}

/// One of the texts, a changed one, or any bytes.
fn text(input: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    if input.ratio(1, 8)? {
        let length = input.int_in_range(0..=64)?;
        return Ok(input.bytes(length.min(input.len()))?.to_vec());
    }
    let mut text = input.choose(&TEXTS)?.as_bytes().to_vec();
    if input.ratio(1, 3)? {
        for _ in 0..input.int_in_range(1..=3)? {
            let place = input.choose_index(text.len())?;
            match input.int_in_range(0..=2)? {
                0 => text[place] = input.arbitrary()?,
                1 => text.truncate(place.max(1)),
                _ => text.insert(place, input.arbitrary()?),
            }
        }
    }
    Ok(text)
}

/// How long the text is said to be: as it is, shorter, or beyond everything.
fn length(text: &[u8], input: &mut Unstructured<'_>) -> u64 {
    let length = text.len() as u64;
    match input.int_in_range(0..=30).unwrap_or(0) {
        1 => u64::MAX,
        2 => u64::from(u32::MAX) + 1,
        3 => length / 2,
        _ => length,
    }
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// Makes a call with or without a place for the error.
fn called(told: bool, call: impl FnOnce(*mut *mut KopilkaError) -> u32) -> Left {
    let mut error = null_mut();
    let status = call(if told { &raw mut error } else { null_mut() });
    Left { status, error, told }
}

/// What every failed call has in common.
fn settle(left: Left) {
    assert_ne!(left.status, ErrorCode::Internal.number(), "an internal error");
    assert_eq!(left.error.is_null(), left.status == KOPILKA_OK || !left.told);
    if left.error.is_null() {
        return;
    }
    // SAFETY: the error is alive until the last line.
    unsafe {
        let count = kopilka_error_count(left.error);
        assert!(count > 0);
        assert_eq!(kopilka_error_number(left.error, 0), left.status);
        assert_eq!(kopilka_error_number(left.error, count), 0);
        for index in 0..count.min(20) {
            for read in [kopilka_error_code, kopilka_error_path, kopilka_error_message] {
                let mut length = 0;
                utf8(read(left.error, index, &raw mut length), length);
            }
            let mut length = 0;
            utf8(kopilka_error_help(left.error, index, index % 3, &raw mut length), length);
        }
        // An error is no text.
        assert!(kopilka_text_data(left.error.cast(), null_mut()).is_null());
        kopilka_error_free(left.error);
    }
}

/// Makes a call with or without a place for the answer, and reads what came.
fn answered(
    input: &mut Unstructured<'_>,
    call: impl FnOnce(
        &mut dyn FnMut(&[u8]) -> u64,
        *mut *mut KopilkaText,
        *mut *mut KopilkaError,
    ) -> u32,
) -> Result<()> {
    let (wanted, told) = (input.ratio(9, 10)?, input.ratio(9, 10)?);
    let mut answer = null_mut();
    let place = if wanted { &raw mut answer } else { null_mut() };
    let left = called(told, |error| call(&mut |text| length(text, input), place, error));
    assert_eq!(answer.is_null(), left.status != KOPILKA_OK || !wanted);
    if !answer.is_null() {
        let mut length = 0;
        // SAFETY: the answer is alive until the last line.
        unsafe {
            let text = utf8(kopilka_text_data(answer, &raw mut length), length).to_owned();
            Node::parse(&text, usize::MAX).expect("an answer is JSON");
            assert_eq!(kopilka_handle_kind(answer.cast()), 0);
            kopilka_text_free(answer);
        }
    }
    settle(left);
    Ok(())
}

/// # Safety
/// The bytes can be read.
unsafe fn utf8<'a>(data: *const u8, length: u64) -> &'a str {
    assert!(!data.is_null());
    // SAFETY: the caller promises the same.
    str::from_utf8(unsafe { slice::from_raw_parts(data, length as usize) }).expect("it is UTF-8")
}

fn free(handle: *mut KopilkaHandle) {
    // SAFETY: the handle is alive, and not used any more.
    let status = unsafe {
        let kind = kopilka_handle_kind(handle) as usize;
        FREEING[kind - 1](handle)
    };
    assert_eq!(status, KOPILKA_OK);
}
