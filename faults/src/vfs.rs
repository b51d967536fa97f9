//! SQLite's door to the disks: a table of C functions (`sqlite3_vfs`, `sqlite3_io_methods`), once for
//! the process. All `unsafe` of this crate is here, and why each block is sound stands beside it.
//!
//! Of `sqlite3_io_methods` it is version 1, without shared memory: a write-ahead log works all the same where
//! `locking_mode=EXCLUSIVE` is set before the log is opened, and is refused elsewhere.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_char, c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};

use rusqlite::ffi;

use crate::chance::Chance;
use crate::disk::{Disk, Failure};
use crate::model::{FileId, Operation};

/// An open file as SQLite holds it: SQLite reserves `szOsFile` bytes and looks at the first field only.
#[repr(C)]
struct OpenFile {
    base: ffi::sqlite3_file,
    handle: *mut Handle,
}

struct Handle {
    disk: Disk,
    file: FileId,
    /// The name that is deleted when the file is closed.
    delete: Option<String>,
    opener: u64,
    /// As in SQLite's own file system for Unix: the first sync of a new journal syncs the folder too.
    sync_folder: bool,
}

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 1,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: None,
    xShmLock: None,
    xShmBarrier: None,
    xShmUnmap: None,
    xFetch: None,
    xUnfetch: None,
};

/// The longest path in bytes, its end included.
const LONGEST_PATH: c_int = 1024;

/// Makes the file system known to SQLite, the first time it is called.
pub(crate) fn register() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let table = Box::new(ffi::sqlite3_vfs {
            iVersion: 1,
            szOsFile: size_of::<OpenFile>() as c_int,
            mxPathname: LONGEST_PATH,
            pNext: std::ptr::null_mut(),
            zName: c"kopilka-faults".as_ptr(),
            pAppData: std::ptr::null_mut(),
            xOpen: Some(open),
            xDelete: Some(delete),
            xAccess: Some(access),
            xFullPathname: Some(full_path_name),
            xDlOpen: None,
            xDlError: None,
            xDlSym: None,
            xDlClose: None,
            xRandomness: Some(randomness),
            xSleep: Some(sleep),
            xCurrentTime: Some(current_time),
            xGetLastError: Some(last_error),
            xCurrentTimeInt64: None,
            xSetSystemCall: None,
            xGetSystemCall: None,
            xNextSystemCall: None,
        });
        // SAFETY: the table is whole, its name ends with a NUL, and it is leaked, so that it
        // outlives every connection; SQLite alone writes to it (`pNext`) from now on.
        let result = unsafe { ffi::sqlite3_vfs_register(Box::leak(table), 0) };
        assert_eq!(result, ffi::SQLITE_OK, "SQLite takes a file system");
    });
}

/// Runs what a C function has to do; a panic ends here and is answered with `failed`.
fn guarded(failed: c_int, work: impl FnOnce() -> c_int) -> c_int {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(failed)
}

fn code_of(done: Result<(), Failure>, failed: c_int) -> c_int {
    match done {
        Ok(()) => ffi::SQLITE_OK,
        Err(Failure::Full) => ffi::SQLITE_FULL,
        Err(Failure::Io) => failed,
        Err(Failure::ReadOnly) => ffi::SQLITE_READONLY,
    }
}

/// # Safety
/// `path` is null or a text of C that ends with a NUL and outlives the call.
unsafe fn disk_of(path: *const c_char) -> Option<(Disk, String)> {
    if path.is_null() {
        return None;
    }
    // SAFETY: it is not null, and the rest the caller promises.
    Disk::of_path(unsafe { CStr::from_ptr(path) }.to_str().ok()?)
}

/// # Safety
/// `file` is one that `open` answered with `SQLITE_OK` and that was not closed, and no other reference to its
/// handle lives: SQLite calls the functions of one file one after another.
unsafe fn handle_of<'a>(file: *mut ffi::sqlite3_file) -> &'a mut Handle {
    // SAFETY: `open` put a leaked `Handle` there, and `close` alone takes it away.
    unsafe { &mut *(*file.cast::<OpenFile>()).handle }
}

unsafe extern "C" fn open(
    _: *mut ffi::sqlite3_vfs,
    path: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    flags_given: *mut c_int,
) -> c_int {
    let place = file.cast::<OpenFile>();
    // SAFETY: SQLite gives `szOsFile` bytes, aligned for pointers. Without methods it does not close the file.
    unsafe { (*place).base.pMethods = std::ptr::null() };
    guarded(ffi::SQLITE_CANTOPEN, || {
        // SAFETY: SQLite gives null or a path that ends with a NUL.
        let Some((disk, name)) = (unsafe { disk_of(path) }) else { return ffi::SQLITE_CANTOPEN };
        let (handle, given) = match Handle::open(disk, name, flags) {
            Ok(opened) => opened,
            Err(code) => return code,
        };
        let handle = Box::into_raw(Box::new(handle));
        // SAFETY: as above; where SQLite wants to know the flags its pointer is not null.
        unsafe {
            (*place).handle = handle;
            (*place).base.pMethods = &raw const METHODS;
            if !flags_given.is_null() {
                *flags_given = given;
            }
        }
        ffi::SQLITE_OK
    })
}

impl Handle {
    /// Opens or makes a file; gives the flags with which it is open.
    fn open(disk: Disk, name: String, mut flags: c_int) -> Result<(Handle, c_int), c_int> {
        const JOURNALS: c_int =
            ffi::SQLITE_OPEN_MAIN_JOURNAL | ffi::SQLITE_OPEN_SUPER_JOURNAL | ffi::SQLITE_OPEN_WAL;
        let mut state = disk.shared.state();
        let mut sync_folder = false;
        if state.is_read_only() && flags & ffi::SQLITE_OPEN_READWRITE != 0 {
            flags &= !(ffi::SQLITE_OPEN_READWRITE | ffi::SQLITE_OPEN_CREATE);
            flags |= ffi::SQLITE_OPEN_READONLY;
        }
        let file = match state.model().named(&name) {
            Some(_) if flags & ffi::SQLITE_OPEN_EXCLUSIVE != 0 => return Err(ffi::SQLITE_CANTOPEN),
            Some(file) => file,
            None if flags & ffi::SQLITE_OPEN_CREATE == 0 => return Err(ffi::SQLITE_CANTOPEN),
            None => {
                let file = state.model().free_number();
                let made = state.perform(Operation::Create { name: name.clone(), file });
                made.map_err(|_| ffi::SQLITE_CANTOPEN)?;
                sync_folder = flags & JOURNALS != 0;
                file
            }
        };
        let opener = state.new_opener();
        drop(state);
        let delete = (flags & ffi::SQLITE_OPEN_DELETEONCLOSE != 0).then_some(name);
        Ok((Handle { disk, file, delete, opener, sync_folder }, flags))
    }

    fn perform(&self, operation: Operation) -> Result<(), Failure> {
        self.disk.shared.state().perform(operation)
    }
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    guarded(ffi::SQLITE_IOERR_CLOSE, || {
        // SAFETY: SQLite closes a file once; `open` leaked the handle for this.
        let handle = unsafe { Box::from_raw((*file.cast::<OpenFile>()).handle) };
        handle.disk.shared.state().set_lock(handle.file, handle.opener, 0);
        if let Some(name) = &handle.delete {
            // A file that is for nobody else: whether it stays there is of no matter.
            let _ = handle.perform(Operation::Delete { name: name.clone(), folder: false });
        }
        ffi::SQLITE_OK
    })
}

unsafe extern "C" fn read(
    file: *mut ffi::sqlite3_file,
    into: *mut c_void,
    length: c_int,
    offset: ffi::sqlite3_int64,
) -> c_int {
    guarded(ffi::SQLITE_IOERR_READ, || {
        // SAFETY: the file is open.
        let handle = unsafe { handle_of(file) };
        // SAFETY: SQLite gives room for `length` bytes, which nothing else refers to during the call.
        // They may never have been written: they are filled before anything reads them.
        let asked = unsafe {
            std::ptr::write_bytes(into.cast::<u8>(), 0, length as usize);
            std::slice::from_raw_parts_mut(into.cast::<u8>(), length as usize)
        };
        match handle.disk.shared.state().read(handle.file, offset as u64, asked) {
            Ok(given) if given == asked.len() => ffi::SQLITE_OK,
            Ok(_) => ffi::SQLITE_IOERR_SHORT_READ,
            Err(_) => ffi::SQLITE_IOERR_READ,
        }
    })
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    from: *const c_void,
    length: c_int,
    offset: ffi::sqlite3_int64,
) -> c_int {
    guarded(ffi::SQLITE_IOERR_WRITE, || {
        // SAFETY: the file is open.
        let handle = unsafe { handle_of(file) };
        // SAFETY: SQLite gives `length` bytes that nothing changes during the call.
        let bytes = unsafe { std::slice::from_raw_parts(from.cast::<u8>(), length as usize) };
        let (file, offset, bytes) = (handle.file, offset as u64, bytes.into());
        let done = handle.perform(Operation::Write { file, offset, bytes });
        code_of(done, ffi::SQLITE_IOERR_WRITE)
    })
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, size: ffi::sqlite3_int64) -> c_int {
    guarded(ffi::SQLITE_IOERR_TRUNCATE, || {
        // SAFETY: the file is open.
        let handle = unsafe { handle_of(file) };
        let (file, length) = (handle.file, size as u64);
        code_of(handle.perform(Operation::Truncate { file, length }), ffi::SQLITE_IOERR_TRUNCATE)
    })
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    guarded(ffi::SQLITE_IOERR_FSYNC, || {
        // SAFETY: the file is open.
        let handle = unsafe { handle_of(file) };
        let (file, folder) = (handle.file, handle.sync_folder);
        let done = handle.perform(Operation::Sync { file, folder });
        handle.sync_folder &= done.is_err();
        code_of(done, ffi::SQLITE_IOERR_FSYNC)
    })
}

unsafe extern "C" fn file_size(
    file: *mut ffi::sqlite3_file,
    size: *mut ffi::sqlite3_int64,
) -> c_int {
    guarded(ffi::SQLITE_IOERR_FSTAT, || {
        // SAFETY: the file is open.
        let handle = unsafe { handle_of(file) };
        let length = handle.disk.shared.state().model().content(handle.file).len();
        // SAFETY: SQLite gives a place for the answer.
        unsafe { *size = length as ffi::sqlite3_int64 };
        ffi::SQLITE_OK
    })
}

unsafe extern "C" fn lock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    guarded(ffi::SQLITE_IOERR_LOCK, || {
        // SAFETY: the file is open.
        let Handle { disk, file, opener, .. } = unsafe { handle_of(file) };
        let mut state = disk.shared.state();
        if state.lock_of(*file, *opener) >= level {
            return ffi::SQLITE_OK;
        }
        let others = state.lock_of_others(*file, *opener);
        let (granted, kept) = match level {
            ffi::SQLITE_LOCK_SHARED => (others < ffi::SQLITE_LOCK_PENDING, None),
            ffi::SQLITE_LOCK_RESERVED => (others < ffi::SQLITE_LOCK_RESERVED, None),
            // Whoever waits for the readers to go lets no new one in.
            _ => {
                let waits = others == ffi::SQLITE_LOCK_SHARED;
                (others == 0, waits.then_some(ffi::SQLITE_LOCK_PENDING))
            }
        };
        if let Some(level) = if granted { Some(level) } else { kept } {
            state.set_lock(*file, *opener, level);
        }
        if granted { ffi::SQLITE_OK } else { ffi::SQLITE_BUSY }
    })
}

unsafe extern "C" fn unlock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    guarded(ffi::SQLITE_IOERR_UNLOCK, || {
        // SAFETY: the file is open.
        let Handle { disk, file, opener, .. } = unsafe { handle_of(file) };
        disk.shared.state().set_lock(*file, *opener, level);
        ffi::SQLITE_OK
    })
}

unsafe extern "C" fn check_reserved_lock(
    file: *mut ffi::sqlite3_file,
    answer: *mut c_int,
) -> c_int {
    guarded(ffi::SQLITE_IOERR_CHECKRESERVEDLOCK, || {
        // SAFETY: the file is open.
        let Handle { disk, file, opener, .. } = unsafe { handle_of(file) };
        let state = disk.shared.state();
        let highest = state.lock_of_others(*file, *opener).max(state.lock_of(*file, *opener));
        // SAFETY: SQLite gives a place for the answer.
        unsafe { *answer = c_int::from(highest >= ffi::SQLITE_LOCK_RESERVED) };
        ffi::SQLITE_OK
    })
}

unsafe extern "C" fn file_control(_: *mut ffi::sqlite3_file, _: c_int, _: *mut c_void) -> c_int {
    ffi::SQLITE_NOTFOUND
}

unsafe extern "C" fn sector_size(_: *mut ffi::sqlite3_file) -> c_int {
    // What SQLite's own file systems say.
    4096
}

unsafe extern "C" fn device_characteristics(_: *mut ffi::sqlite3_file) -> c_int {
    // What SQLite's own file systems say by default: a write leaves the bytes beside it as they were.
    ffi::SQLITE_IOCAP_POWERSAFE_OVERWRITE
}

unsafe extern "C" fn delete(
    _: *mut ffi::sqlite3_vfs,
    path: *const c_char,
    sync_folder: c_int,
) -> c_int {
    guarded(ffi::SQLITE_IOERR_DELETE, || {
        // SAFETY: SQLite gives a path that ends with a NUL.
        let Some((disk, name)) = (unsafe { disk_of(path) }) else {
            return ffi::SQLITE_IOERR_DELETE;
        };
        let mut state = disk.shared.state();
        if state.model().named(&name).is_none() {
            return ffi::SQLITE_IOERR_DELETE_NOENT;
        }
        let folder = sync_folder != 0;
        code_of(state.perform(Operation::Delete { name, folder }), ffi::SQLITE_IOERR_DELETE)
    })
}

unsafe extern "C" fn access(
    _: *mut ffi::sqlite3_vfs,
    path: *const c_char,
    asked: c_int,
    answer: *mut c_int,
) -> c_int {
    guarded(ffi::SQLITE_IOERR_ACCESS, || {
        // SAFETY: SQLite gives a path that ends with a NUL.
        let Some((disk, name)) = (unsafe { disk_of(path) }) else {
            return ffi::SQLITE_IOERR_ACCESS;
        };
        let state = disk.shared.state();
        let file = state.model().named(&name);
        // As in SQLite's own file system for Unix, an empty file does not exist.
        let exists = file.is_some_and(|file| !state.model().content(file).is_empty());
        let yes = match asked {
            ffi::SQLITE_ACCESS_READWRITE => file.is_some() && !state.is_read_only(),
            _ => exists,
        };
        // SAFETY: SQLite gives a place for the answer.
        unsafe { *answer = c_int::from(yes) };
        ffi::SQLITE_OK
    })
}

unsafe extern "C" fn full_path_name(
    _: *mut ffi::sqlite3_vfs,
    path: *const c_char,
    room: c_int,
    into: *mut c_char,
) -> c_int {
    guarded(ffi::SQLITE_CANTOPEN, || {
        // SAFETY: SQLite gives a path that ends with a NUL.
        let bytes = unsafe { CStr::from_ptr(path) }.to_bytes_with_nul();
        if bytes.len() > room as usize {
            return ffi::SQLITE_CANTOPEN;
        }
        // SAFETY: there is room for that many bytes, and the two do not overlap.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr().cast(), into, bytes.len()) };
        ffi::SQLITE_OK
    })
}

unsafe extern "C" fn randomness(
    _: *mut ffi::sqlite3_vfs,
    length: c_int,
    into: *mut c_char,
) -> c_int {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    guarded(0, || {
        let mut chance = Chance::new(CALLS.fetch_add(1, Ordering::Relaxed));
        // SAFETY: SQLite gives room for `length` bytes; they are filled before they are read.
        let bytes = unsafe {
            std::ptr::write_bytes(into, 0, length as usize);
            std::slice::from_raw_parts_mut(into.cast::<u8>(), length as usize)
        };
        bytes.fill_with(|| chance.bits() as u8);
        length
    })
}

unsafe extern "C" fn sleep(_: *mut ffi::sqlite3_vfs, microseconds: c_int) -> c_int {
    // Nobody waits for a disk that is in memory.
    microseconds
}

unsafe extern "C" fn current_time(_: *mut ffi::sqlite3_vfs, days: *mut f64) -> c_int {
    // The Julian day of 2026-01-01: nothing here asks what time it is.
    const DAY: f64 = 2_461_041.5;
    // SAFETY: SQLite gives a place for the answer.
    unsafe { *days = DAY };
    ffi::SQLITE_OK
}

unsafe extern "C" fn last_error(_: *mut ffi::sqlite3_vfs, _: c_int, _: *mut c_char) -> c_int {
    0
}
