//! A disk in memory that SQLite writes to, and that loses, tears, reorders and refuses what a test
//! wants it to. For tests only; nothing of it is shipped.
//!
//! A [`Disk`] keeps, for each file, what was synced and what was only written. [`Disk::at`] gives the
//! disk as it was after any number of operations, [`Disk::after_power_loss`] what a machine finds on it
//! after the power went, so that one run of a workload yields the image of every crash in it. Faults
//! that the running program sees are planned with [`Disk::fail_at`].
//!
//! ```
//! use kopilka_faults::{Disk, Loss};
//! use rusqlite::{Connection, OpenFlags};
//!
//! let disk = Disk::new();
//! let open = |disk: &Disk| {
//!     Connection::open_with_flags_and_vfs(disk.path("a.db"), OpenFlags::default(), Disk::VFS)
//! };
//! let connection = open(&disk)?;
//! connection.execute_batch("PRAGMA synchronous=EXTRA; CREATE TABLE t (n); INSERT INTO t VALUES (1)")?;
//! let found = disk.after_power_loss(Loss::Everything, 0);
//! let count: i64 = open(&found)?.query_row("SELECT count(*) FROM t", [], |row| row.get(0))?;
//! assert_eq!(count, 1);
//! # Ok::<(), rusqlite::Error>(())
//! ```

mod chance;
mod crash;
mod disk;
mod files;
mod model;
mod vfs;
mod workload;

pub use chance::Chance;
pub use crash::{Run, Snapshot, Subject};
pub use disk::{Disk, Fault};
pub use model::{Loss, Operation};
pub use workload::Workload;
