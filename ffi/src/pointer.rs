//! Whose a pointer is, told by types. Nothing else in the crate casts or follows a pointer.
//!
//! | type | is |
//! | --- | --- |
//! | [`Input`] | bytes that C lends for the length of a call |
//! | [`Out`] | a place of C's where one thing is handed out |
//! | [`Lent`] | a thing of ours that C holds and names in a call; C keeps it |
//! | [`taken`] | the same, given back to be freed |
//!
//! Whatever C holds begins with a word that says what it is, so that null, a thing of another kind, and
//! mostly one that was freed, are told apart and refused. A pointer that was never ours cannot be told.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use kopilka::{Error, ErrorCode};

/// What C may hold by a pointer.
pub(crate) trait Crosses: Send + Sync + 'static {
    /// What C knows of it: a type without a size.
    type Opaque;
    /// The word before a living one.
    const MARK: u64;
    /// What it is called in the message of an error.
    const NAME: &'static str;
}

/// The word before one that was freed.
const FREED: u64 = 0x6465_6572_665f_706b;

/// A thing and the word before it.
#[repr(C)]
pub(crate) struct Marked<T> {
    mark: AtomicU64,
    thing: T,
}

/// A thing that C holds, for the length of a call. It stays alive until the call is over, even if
/// another thread frees the handle meanwhile.
pub(crate) struct Lent<T>(Arc<Marked<T>>);

impl<T> Deref for Lent<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0.thing
    }
}

/// Whether a pointer is one to such a thing.
///
/// The pointer is handed back, not a reference: what counts the owners lies before the thing, where a
/// reference to the thing does not reach.
///
/// # Safety
/// The pointer is null, or one that [`Out::give`] gave and [`taken`] did not take back.
unsafe fn found<T: Crosses>(pointer: *const T::Opaque) -> Result<*const Marked<T>, Error> {
    let word = pointer.cast::<AtomicU64>();
    if word.is_null() {
        return Err(unknown(T::NAME, "is null"));
    }
    if !word.is_aligned() {
        return Err(unknown(T::NAME, "is a pointer to something else"));
    }
    // SAFETY: by the caller's promise there is a living `Marked` of some kind, and each begins with a
    // word (`repr(C)`).
    match unsafe { &*word }.load(Ordering::Acquire) {
        mark if mark == T::MARK => Ok(pointer.cast()),
        FREED => Err(unknown(T::NAME, "was freed")),
        _ => Err(unknown(T::NAME, "is a pointer to something else")),
    }
}

fn unknown(name: &str, is: &str) -> Error {
    Error::new(ErrorCode::HandleUnknown, "", format!("the {name} {is}"))
}

/// What C names in a call.
///
/// # Safety
/// The pointer is null, or one that [`Out::give`] gave and [`taken`] did not take back.
pub(crate) unsafe fn lent<T: Crosses>(pointer: *const T::Opaque) -> Result<Lent<T>, Error> {
    // SAFETY: the caller promises the same.
    let marked = unsafe { found::<T>(pointer) }?;
    // SAFETY: it is alive, a `Marked<T>` by its word, and came from `Arc::into_raw`; one more owner lets go of it after the call.
    let owner = unsafe {
        Arc::increment_strong_count(marked);
        Arc::from_raw(marked)
    };
    Ok(Lent(owner))
}

/// The same for what is read at once, without a further owner.
///
/// # Safety
/// As [`lent`]; and nobody frees it while the reference is used.
pub(crate) unsafe fn seen<'a, T: Crosses>(pointer: *const T::Opaque) -> Option<&'a T> {
    // SAFETY: the caller promises the same; the word says that it is a `Marked<T>`.
    unsafe { found::<T>(pointer).ok().map(|marked| &(*marked).thing) }
}

/// What C gives back. Null is nothing.
///
/// # Safety
/// As [`lent`]; it is not used afterwards.
pub(crate) unsafe fn taken<T: Crosses>(
    pointer: *mut T::Opaque,
    allowed: impl FnOnce(&T) -> Result<(), Error>,
) -> Result<Option<Lent<T>>, Error> {
    if pointer.is_null() {
        return Ok(None);
    }
    // SAFETY: the caller promises the same.
    let marked = unsafe { found::<T>(pointer) }?;
    // SAFETY: it is alive, and the word says that it is a `Marked<T>`.
    let Marked { mark, thing } = unsafe { &*marked };
    allowed(thing)?;
    // Of two threads that free the same thing one is told that it was freed.
    let swapped = mark.compare_exchange(T::MARK, FREED, Ordering::AcqRel, Ordering::Acquire);
    if swapped.is_err() {
        return Err(unknown(T::NAME, "was freed"));
    }
    // SAFETY: it came from `Arc::into_raw`, and the exchange above succeeds only once.
    Ok(Some(Lent(unsafe { Arc::from_raw(marked) })))
}

/// A place of C's for one thing. It holds null until something is given.
pub(crate) struct Out<T: Crosses>(*mut *mut T::Opaque);

impl<T: Crosses> Out<T> {
    /// A place, which is emptied at once.
    ///
    /// # Safety
    /// It is null, or can be written until the call is over.
    pub unsafe fn new(place: *mut *mut T::Opaque) -> Out<T> {
        let out = Out(place);
        out.write(std::ptr::null_mut());
        out
    }

    /// Hands a thing out, which is C's from now on; without a place for it, it is dropped.
    pub fn give(self, thing: T) {
        if !self.0.is_null() {
            let marked = Arc::new(Marked { mark: AtomicU64::new(T::MARK), thing });
            self.write(Arc::into_raw(marked).cast_mut().cast());
        }
    }

    fn write(&self, pointer: *mut T::Opaque) {
        if !self.0.is_null() {
            // SAFETY: `Out::new` was promised a place that can be written. Packed records of other
            // languages need not be aligned.
            unsafe { self.0.write_unaligned(pointer) }
        }
    }
}

/// Bytes that C lends for the length of a call.
pub(crate) struct Input {
    data: *const u8,
    length: u64,
}

/// The most bytes that are looked at: what fits the address space of a 32-bit host.
const BYTES_MAX: u64 =
    if (isize::MAX as u64) < u32::MAX as u64 { isize::MAX as u64 } else { u32::MAX as u64 };

impl Input {
    /// So many bytes.
    ///
    /// # Safety
    /// They can be read until the `Input` is dropped, and nobody writes to them.
    pub unsafe fn new(data: *const u8, length: u64) -> Input {
        Input { data, length }
    }

    /// The bytes as text.
    pub fn text(&self) -> Result<&str, Error> {
        let syntax = |message: &str| Error::new(ErrorCode::DocumentSyntax, "", message);
        if self.length > BYTES_MAX {
            let message = format!("the text has more than {BYTES_MAX} bytes; was it measured?");
            return Err(Error::new(ErrorCode::DocumentTooLarge, "", message));
        }
        if self.length == 0 {
            return Ok("");
        }
        if self.data.is_null() {
            return Err(syntax("the text is a null pointer; hand in the bytes and their number"));
        }
        let length = usize::try_from(self.length).unwrap_or(0);
        // SAFETY: `Input::new` was promised so many bytes, and they are no more than an `isize` counts.
        let bytes = unsafe { std::slice::from_raw_parts(self.data, length) };
        std::str::from_utf8(bytes).map_err(|error| {
            let place = error.valid_up_to();
            syntax(&format!("byte {place} is not UTF-8; convert the text before it is handed in"))
        })
    }
}

/// Points C to bytes that live as long as what they are of; says how many there are.
///
/// # Safety
/// `length` is null, or can be written.
pub(crate) unsafe fn shown(bytes: Option<&[u8]>, length: *mut u64) -> *const u8 {
    if !length.is_null() {
        let count = bytes.map_or(0, <[u8]>::len) as u64;
        // SAFETY: the caller promises that it can be written.
        unsafe { length.write_unaligned(count) }
    }
    match bytes {
        None => std::ptr::null(),
        // A slice of nothing may point anywhere, but debuggers and other languages look there.
        Some([]) => c"".as_ptr().cast(),
        Some(bytes) => bytes.as_ptr(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Apple(u32);
    struct Opaque;

    impl Crosses for Apple {
        type Opaque = Opaque;
        const MARK: u64 = 1;
        const NAME: &'static str = "apple";
    }

    struct Pear;

    impl Crosses for Pear {
        type Opaque = Opaque;
        const MARK: u64 = 2;
        const NAME: &'static str = "pear";
    }

    fn given(apple: Apple) -> *mut Opaque {
        let mut place = std::ptr::dangling_mut();
        // SAFETY: the place is a local.
        unsafe { Out::new(&raw mut place) }.give(apple);
        place
    }

    fn message<T>(outcome: Result<T, Error>) -> String {
        let error = outcome.err().unwrap();
        assert_eq!(error.code(), ErrorCode::HandleUnknown);
        error.mistakes()[0].message.clone()
    }

    #[test]
    fn a_place_is_empty_until_something_is_given() {
        let mut place: *mut Opaque = std::ptr::dangling_mut();
        // SAFETY: the place is a local.
        let _out = unsafe { Out::<Apple>::new(&raw mut place) };
        assert!(place.is_null());
        // SAFETY: null is no place, and nothing is handed out.
        unsafe { Out::<Apple>::new(std::ptr::null_mut()) }.give(Apple(1));
    }

    #[test]
    fn null_another_kind_and_a_pointer_between_are_told_apart() {
        let apple = given(Apple(7));
        // SAFETY: the pointers are null, of a living thing, or not followed because they are askew.
        unsafe {
            assert_eq!(lent::<Apple>(apple).ok().unwrap().0.thing.0, 7);
            assert_eq!(message(lent::<Apple>(std::ptr::null())), "the apple is null");
            let other = "the pear is a pointer to something else";
            assert_eq!(message(lent::<Pear>(apple)), other);
            let askew = apple.cast::<u8>().add(1).cast::<Opaque>();
            assert_eq!(message(lent::<Apple>(askew)), "the apple is a pointer to something else");
            assert!(taken::<Apple>(apple, |_| Ok(())).unwrap().is_some());
        }
    }

    #[test]
    fn what_was_freed_is_told_while_a_call_still_holds_it() {
        let apple = given(Apple(7));
        // SAFETY: the first owner keeps it alive until the end.
        unsafe {
            let call = lent::<Apple>(apple).ok().unwrap();
            drop(taken::<Apple>(apple, |_| Ok(())).unwrap());
            assert_eq!(call.0.thing.0, 7);
            assert_eq!(message(lent::<Apple>(apple)), "the apple was freed");
            assert_eq!(message(taken::<Apple>(apple, |_| Ok(()))), "the apple was freed");
        }
    }

    #[test]
    fn what_must_not_be_taken_stays() {
        let apple = given(Apple(7));
        let no = || Err(Error::new(ErrorCode::HandleKind, "", "no"));
        // SAFETY: it is alive until it is taken in the last line.
        unsafe {
            assert!(taken::<Apple>(apple, |_| no()).is_err());
            assert!(lent::<Apple>(apple).is_ok());
            drop(taken::<Apple>(apple, |_| Ok(())).unwrap());
        }
    }

    #[test]
    fn a_length_beyond_everything_is_refused_before_a_byte_is_read() {
        let code = |data: *const u8, length: u64| {
            // SAFETY: none of these is read.
            let input = unsafe { Input::new(data, length) };
            input.text().map(str::len).map_err(|error| error.code())
        };
        let dangling = std::ptr::dangling();
        assert_eq!(code(dangling, u64::MAX), Err(ErrorCode::DocumentTooLarge));
        assert_eq!(code(dangling, BYTES_MAX + 1), Err(ErrorCode::DocumentTooLarge));
        assert_eq!(code(std::ptr::null(), 1), Err(ErrorCode::DocumentSyntax));
        assert_eq!(code(std::ptr::null(), 0), Ok(0));
    }

    #[test]
    fn bytes_that_are_no_utf_8_say_which() {
        let bytes = b"{\"a\": \"\xcf\xf0\"}";
        // SAFETY: the bytes are a constant.
        let input = unsafe { Input::new(bytes.as_ptr(), bytes.len() as u64) };
        let error = input.text().unwrap_err();
        assert_eq!(error.code(), ErrorCode::DocumentSyntax);
        assert!(error.mistakes()[0].message.starts_with("byte 7 is not UTF-8"));
    }
}
