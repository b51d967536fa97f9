//! Compiled programmes.

use std::collections::HashMap;

use jiff::Timestamp;
use kopilka::{
    Error, ErrorCode, Order, Program, Request, Slice, first_program, pinned_version,
    program_missing, version_in_force, version_in_store,
};

/// The programmes that were compiled since the ledger was opened, by their versions.
#[derive(Debug, Default)]
pub(super) struct Programs {
    compiled: HashMap<String, Program>,
}

impl Programs {
    /// The programme under which a request is decided, by what the slice holds.
    pub fn deciding(&mut self, slice: &Slice, request: &Request) -> Result<Program, Error> {
        let Some(version) = version_in_force(slice, request) else {
            return first_program(slice, request);
        };
        self.named(slice, &version).ok_or_else(|| {
            not_installed(match pinned_version(slice, &request.command) {
                Some(_) => format!("/command/{}/token", request.command.name()),
                None => String::new(),
            })
        })
    }

    /// The programme under which an order is quoted.
    pub fn quoting(
        &mut self,
        slice: &Slice,
        order: &Order,
        at: Timestamp,
    ) -> Result<Program, Error> {
        let version = version_in_store(slice, order.store.as_ref(), at);
        let version = version.ok_or_else(program_missing)?;
        self.named(slice, version).ok_or_else(|| not_installed(String::new()))
    }

    /// A version that is installed, unless this version of the engine cannot read its document.
    pub fn named(&mut self, slice: &Slice, version: &str) -> Option<Program> {
        if let Some(program) = self.compiled.get(version) {
            return Some(program.clone());
        }
        let program = Program::compile(slice.program_document(version)?).ok()?;
        let program = Some(program).filter(|program| program.version() == version)?;
        self.compiled.insert(version.to_owned(), program.clone());
        Some(program)
    }
}

fn not_installed(place: String) -> Error {
    let message = "the programme under which this is decided is not installed";
    Error::new(ErrorCode::ProgramVersionUnknown, place, message)
}
