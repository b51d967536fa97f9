//! How the states of the watch are stored.

use super::{Stored, stored};
use crate::json::{Node, Writer};
use crate::watch::{Cell, Exact, Frozen, OwnCounter, Rare, Recent, SubjectState};

stored!(SubjectState { cells, issued_at, last_spent_at, newest, rare, recent, seen_at });

stored!(Rare { frozen, own });

stored!(OwnCounter { bucket_seconds, buckets, cells, counter });

stored!(Frozen { at, by, frozen, record });

/// A cell as two halves of its key, each of which any JSON can hold, and its value.
impl Stored for Cell {
    fn store(&self, writer: &mut Writer) {
        let high = i64::try_from(self.key >> 32).unwrap_or(0);
        let low = i64::try_from(self.key & u64::from(u32::MAX)).unwrap_or(0);
        (high, low, self.value).store(writer);
    }

    fn load(node: &Node) -> Option<Cell> {
        let (high, low, value) = <(i64, i64, i64)>::load(node)?;
        let high = u64::try_from(high).ok().filter(|high| *high <= u64::from(u32::MAX))?;
        let low = u64::try_from(low).ok().filter(|low| *low <= u64::from(u32::MAX))?;
        Some(Cell { key: high << 32 | low, value })
    }
}

impl Stored for Recent {
    fn store(&self, writer: &mut Writer) {
        let Recent { at, store, till, what, amount } = *self;
        ((at, store, till), (what, amount)).store(writer);
    }

    fn load(node: &Node) -> Option<Recent> {
        let ((at, store, till), (what, amount)) = <((u32, u32, u32), (u32, u32))>::load(node)?;
        Some(Recent { at, store, till, what, amount })
    }
}

/// As a vector.
impl<T: Stored> Stored for Exact<T> {
    fn store(&self, writer: &mut Writer) {
        writer.open_list();
        for item in self.iter() {
            writer.item();
            item.store(writer);
        }
        writer.close_list();
    }

    fn load(node: &Node) -> Option<Exact<T>> {
        Vec::load(node).map(Exact::from)
    }

    fn is_blank(&self) -> bool {
        self.is_empty()
    }

    fn blank() -> Option<Exact<T>> {
        Some(Exact::default())
    }
}

impl<T: Stored> Stored for Box<T> {
    fn store(&self, writer: &mut Writer) {
        (**self).store(writer);
    }

    fn load(node: &Node) -> Option<Box<T>> {
        T::load(node).map(Box::new)
    }
}
