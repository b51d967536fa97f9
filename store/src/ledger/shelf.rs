//! From where the cache loads: a store, or two of them while states are folded anew beside it.

use kopilka::{Key, RecordId};

use crate::error::StoreError;
use crate::store::{RecordRow, Store, StoredProfile, Visit};

/// What the cache asks of stores.
pub(super) trait Shelf {
    fn state(&mut self, key: &Key) -> Result<Option<String>, StoreError>;
    fn each_state(&mut self, kind: &str, visit: Visit<'_, (Key, String)>)
    -> Result<(), StoreError>;
    fn record(&mut self, id: &RecordId) -> Result<Option<RecordRow>, StoreError>;
    fn profile(&mut self, guest: &str) -> Result<Option<StoredProfile>, StoreError>;
    fn profiles_by_phone(&mut self, phone: &str) -> Result<Vec<StoredProfile>, StoreError>;
}

impl Shelf for dyn Store + '_ {
    fn state(&mut self, key: &Key) -> Result<Option<String>, StoreError> {
        Store::state(self, key)
    }

    fn each_state(
        &mut self,
        kind: &str,
        visit: Visit<'_, (Key, String)>,
    ) -> Result<(), StoreError> {
        Store::each_state(self, kind, visit)
    }

    fn record(&mut self, id: &RecordId) -> Result<Option<RecordRow>, StoreError> {
        Store::record(self, id)
    }

    fn profile(&mut self, guest: &str) -> Result<Option<StoredProfile>, StoreError> {
        Store::profile(self, guest)
    }

    fn profiles_by_phone(&mut self, phone: &str) -> Result<Vec<StoredProfile>, StoreError> {
        Store::profiles_by_phone(self, phone)
    }
}

/// The states of one store with the records of another. Nothing personal stands beside them:
/// records hold none of it.
pub(super) struct Beside<'a> {
    pub states: &'a mut dyn Store,
    pub records: &'a mut dyn Store,
}

impl Shelf for Beside<'_> {
    fn state(&mut self, key: &Key) -> Result<Option<String>, StoreError> {
        self.states.state(key)
    }

    fn each_state(
        &mut self,
        kind: &str,
        visit: Visit<'_, (Key, String)>,
    ) -> Result<(), StoreError> {
        self.states.each_state(kind, visit)
    }

    fn record(&mut self, id: &RecordId) -> Result<Option<RecordRow>, StoreError> {
        self.records.record(id)
    }

    fn profile(&mut self, _: &str) -> Result<Option<StoredProfile>, StoreError> {
        Ok(None)
    }

    fn profiles_by_phone(&mut self, _: &str) -> Result<Vec<StoredProfile>, StoreError> {
        Ok(Vec::new())
    }
}
