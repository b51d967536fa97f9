//! The ledger that is sold on: one file, kept where the user says, or a temporary one.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use kopilka::json::Node;
use kopilka::{
    ActivateProgram, Answer, ChangeProgram, Command, Entry, InstallProgram, Program, Request,
};
use kopilka_store::{Ledger, Options};
use tempfile::TempDir;

use crate::page::Page;
use crate::till::Outcome;

/// How many records are read at once.
const RECORDS_AT_ONCE: usize = 500;

/// A ledger, and where it lies.
pub struct Journal {
    pub ledger: Ledger,
    /// Removed with everything in it after the ledger is closed.
    _temporary: Option<TempDir>,
}

/// Whose time a ledger is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Time {
    /// That of one working day: what leaps ahead is suspect.
    Day,
    /// That of a file, which may leap over weeks.
    File,
}

impl Journal {
    /// Opens or begins the ledger in a file; a temporary one where none is named.
    pub fn open(kept: Option<&Path>, till: &str, time: Time) -> Outcome<Journal> {
        let options = Options { guards_clock: time == Time::Day, ..Options::default() };
        let (ledger, temporary) = match kept {
            Some(path) => (Ledger::open_with(path, till, options)?, None),
            None => {
                let folder = tempfile::tempdir()?;
                let path = folder.path().join("till.ledger");
                (Ledger::open_with(&path, till, options)?, Some(folder))
            }
        };
        Ok(Journal { ledger, _temporary: temporary })
    }

    /// Installs a programme by record and puts it in force at once. On a ledger that has it nothing is
    /// done anew.
    pub fn install(&self, document: &str, at: Timestamp) -> Outcome<Program> {
        let program = Program::compile(document)?;
        let install = InstallProgram {
            document: Node::parse(document, usize::MAX)?,
            ..InstallProgram::default()
        };
        let version = program.version().to_owned();
        let activate = ActivateProgram { version: version.clone(), ..ActivateProgram::default() };
        let steps = [
            (format!("install {version}"), ChangeProgram::Install(install)),
            (format!("activate {version}"), ChangeProgram::Activate(activate)),
        ];
        self.ledger.together(|calls| {
            steps.into_iter().try_for_each(|(key, change)| {
                calls.call(&Request::new(at, Command::Program(change)).with_key(key)).map(drop)
            })
        })??;
        Ok(program)
    }

    /// The answer that was given under a key, if there is one.
    pub fn answered(&self, key: &str) -> Outcome<Option<Answer>> {
        Ok(self.ledger.recorded(key)?.map(|entry| entry.answer()))
    }

    /// How many records of this till there are.
    pub fn records(&self, at: Timestamp) -> Outcome<u64> {
        Ok(self.ledger.health(at)?.sequence)
    }

    /// Every record, a few of them in memory at a time.
    pub fn each_record(&self, visit: &mut dyn FnMut(&Arc<Entry>) -> Outcome<()>) -> Outcome<()> {
        let mut after = None;
        loop {
            let entries = self.ledger.records_after(after.as_ref(), RECORDS_AT_ONCE)?;
            let Some(last) = entries.last() else { return Ok(()) };
            after = Some(last.record.envelope.position());
            entries.iter().try_for_each(&mut *visit)?;
        }
    }

    /// Says what is gone on with, and what was wrong with it.
    pub fn introduce(&self, page: &mut Page<'_>, path: &Path) -> Outcome<()> {
        let opening = self.ledger.opening();
        let language = page.language;
        let name = path.display();
        if opening.created {
            let begun = language.pick("Новый журнал", "A new ledger");
            page.line(format!("{begun}: {name}"))?;
        } else {
            let on = language.pick("Журнал продолжен", "The ledger is gone on with");
            let records = self.records(Timestamp::default())?;
            let count = language.pick("записей", "records");
            page.line(format!("{on}: {name}, {count} {}", language.count(records)))?;
        }
        for finding in &opening.found {
            page.item(&format!("{}: {}", finding.place, finding.text))?;
        }
        for missing in &opening.missing {
            let lacking = language.pick("недостаёт записей", "records are missing");
            let chain = format!("{}/{}", missing.till, missing.incarnation);
            page.item(&format!("{lacking}: {chain}/{} … {}", missing.from, missing.until))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = r#"{"id": "shop", "currency": "RUB", "zone": "UTC"}"#;

    #[test]
    fn a_ledger_that_is_kept_has_its_programme_installed_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("касса 1.ledger");
        let at: Timestamp = "2026-03-01T09:00:00Z".parse().unwrap();
        for _ in 0..2 {
            let journal = Journal::open(Some(&path), "till-1", Time::Day).unwrap();
            journal.install(DOCUMENT, at).unwrap();
            assert_eq!(journal.records(at).unwrap(), 2);
        }
    }

    #[test]
    fn a_temporary_ledger_is_removed_at_the_end() {
        let journal = Journal::open(None, "till-1", Time::Day).unwrap();
        let folder = journal._temporary.as_ref().unwrap().path().to_owned();
        assert!(folder.join("till.ledger").exists());
        drop(journal);
        assert!(!folder.exists());
    }
}
