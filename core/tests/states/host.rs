//! A host that keeps states as texts beside the records, as `touches` and `touched` tell it to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kopilka::*;

/// What a store has: texts and records, and no state of the engine.
pub struct Host {
    program: Program,
    head: Head,
    states: BTreeMap<Key, String>,
    profiles: BTreeMap<String, Personal>,
    /// Every record, own and taken in, by its place.
    records: BTreeMap<Position, Arc<Entry>>,
}

/// What came of a call.
pub enum Outcome {
    Answer(Box<Answer>),
    Known(Arc<Entry>),
    Record(Arc<Entry>),
}

impl Host {
    pub fn new(till: &str, program: Program) -> Host {
        let head = Slice::new(till, 1).head().clone();
        let (states, profiles, records) = Default::default();
        Host { program, head, states, profiles, records }
    }

    pub fn states(&self) -> &BTreeMap<Key, String> {
        &self.states
    }

    pub fn call(&mut self, request: &Request) -> Result<Outcome, Error> {
        let mut loaded = self.needed(request);
        let slice = &mut loaded.slice;
        match decide(&self.program, slice, request)? {
            Decision::Answer(answer) => Ok(Outcome::Answer(answer)),
            Decision::Known(entry) => Ok(Outcome::Known(entry)),
            Decision::Record(record) => {
                let entry = Entry::seal(*record);
                for key in touched(&entry) {
                    loaded.load(self, &key);
                }
                let slice = &mut loaded.slice;
                apply(slice, &entry);
                let profiles = profiles_of(&self.program, slice, &request.command, &entry.record);
                for (guest, profile) in profiles {
                    slice.keep_profile(&guest, profile);
                }
                self.head = slice.head().clone();
                self.keep(&loaded.slice, &touched(&entry));
                self.keep_profiles(&loaded);
                self.records.insert(entry.record.envelope.position(), Arc::clone(&entry));
                Ok(Outcome::Record(entry))
            }
        }
    }

    /// Takes in a record of another till.
    pub fn receive(&mut self, entry: &Arc<Entry>) {
        let position = entry.record.envelope.position();
        if self.records.contains_key(&position) {
            return;
        }
        let is_late = self.records.last_key_value().is_some_and(|(last, _)| *last > position);
        let keys = touched(entry);
        let (adding, others): (Vec<Key>, Vec<Key>) =
            keys.into_iter().partition(|key| !is_late || key.adds_up());
        let mut loaded = Loaded::new(self);
        for key in adding.iter().chain(&others) {
            loaded.load(self, key);
        }
        apply(&mut loaded.slice, entry);
        self.head = loaded.slice.head().clone();
        self.records.insert(position, Arc::clone(entry));
        self.keep(&loaded.slice, &adding);
        self.keep_profiles(&loaded);
        if !others.is_empty() {
            self.fold(others);
        }
    }

    /// Makes states anew from the records that touch them.
    fn fold(&mut self, keys: Vec<Key>) {
        let keys = together(keys, self.records.values());
        let mut slice = Slice::default();
        slice.set_head(self.head.clone());
        for entry in touching(&keys, self.records.values()) {
            apply(&mut slice, entry);
        }
        for key in keys.iter().filter(|key| !key.adds_up()) {
            match slice.stored(key) {
                Some(text) => self.states.insert(key.clone(), text),
                None => self.states.remove(key),
            };
        }
    }

    fn keep(&mut self, slice: &Slice, keys: &[Key]) {
        for key in keys {
            match slice.stored(key) {
                Some(text) => self.states.insert(key.clone(), text),
                None => self.states.remove(key),
            };
        }
    }

    fn keep_profiles(&mut self, loaded: &Loaded) {
        for key in &loaded.keys {
            let Key::Guest(guest) = key else { continue };
            match loaded.slice.personal(guest) {
                Some(profile) => self.profiles.insert(guest.clone(), profile.clone()),
                None => self.profiles.remove(guest),
            };
        }
    }

    /// A slice of what a request names.
    fn needed(&self, request: &Request) -> Loaded {
        let mut loaded = Loaded::new(self);
        let deciding: Vec<Key> = self.states.keys().filter(|key| key.decides()).cloned().collect();
        deciding.iter().for_each(|key| loaded.load(self, key));
        for kind in needs_all(&self.program, &request.command) {
            let all: Vec<Key> = match *kind {
                "phone" => self.profiles.keys().cloned().map(Key::Guest).collect(),
                kind => self.states.keys().filter(|key| key.kind() == kind).cloned().collect(),
            };
            all.iter().for_each(|key| loaded.load(self, key));
        }
        loop {
            let key = request.key.as_deref();
            let named = touches(&self.program, &loaded.slice, &request.command, key);
            let before = loaded.keys.len();
            named.iter().for_each(|key| loaded.load(self, key));
            if loaded.keys.len() == before {
                return loaded;
            }
        }
    }
}

/// Keys with all that is folded together with them.
pub fn together<'a>(
    keys: Vec<Key>,
    records: impl Iterator<Item = &'a Arc<Entry>> + Clone,
) -> BTreeSet<Key> {
    let mut keys: BTreeSet<Key> = keys.into_iter().collect();
    loop {
        let mut grew = false;
        for entry in touching(&keys.clone(), records.clone()) {
            grew |= fold_together(&mut keys, entry);
        }
        if !grew {
            return keys;
        }
    }
}

pub fn touching<'a>(
    keys: &BTreeSet<Key>,
    records: impl Iterator<Item = &'a Arc<Entry>>,
) -> impl Iterator<Item = &'a Arc<Entry>> {
    records.filter(move |entry| touched(entry).iter().any(|key| keys.contains(key)))
}

/// A slice, and the keys that were looked up for it.
struct Loaded {
    slice: Slice,
    keys: BTreeSet<Key>,
}

impl Loaded {
    fn new(host: &Host) -> Loaded {
        let mut slice = Slice::default();
        slice.set_head(host.head.clone());
        Loaded { slice, keys: BTreeSet::new() }
    }

    fn load(&mut self, host: &Host, key: &Key) {
        if !self.keys.insert(key.clone()) {
            return;
        }
        if let Some(text) = host.states.get(key) {
            let ids = Slice::records_of(key, text).unwrap();
            let records = host.records.values();
            let entries: Vec<Arc<Entry>> = records
                .filter(|entry| ids.contains(&entry.record.envelope.id()))
                .cloned()
                .collect();
            self.slice.restore(key, text, &entries).unwrap();
            assert_eq!(self.slice.stored(key).as_ref(), Some(text), "{key:?}");
        }
        match key {
            Key::Guest(guest) => {
                // Whoever was merged stands for the one who stays, and that one may not be known yet.
                if let Some(into) = self.slice.merged_into(guest).map(str::to_owned) {
                    self.load(host, &Key::Guest(into));
                }
                if let Some(profile) = host.profiles.get(guest) {
                    self.slice.keep_profile(guest, profile.clone());
                }
            }
            Key::Phone(phone) => {
                let has = |profile: &Personal| profile.phone.as_ref() == Some(phone);
                let guests = host.profiles.iter().filter(|(_, profile)| has(profile));
                let keys: Vec<Key> = guests.map(|(id, _)| Key::Guest(id.clone())).collect();
                keys.iter().for_each(|key| self.load(host, key));
            }
            _ => {}
        }
    }
}
