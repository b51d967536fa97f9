//! Compiled programmes.

use std::collections::HashMap;

use kopilka::{
    Error, ErrorCode, Program, Request, Slice, first_program, pinned_version, version_in_force,
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
            let message = "the programme under which this is decided is not installed";
            let place = match pinned_version(slice, &request.command) {
                Some(_) => format!("/command/{}/token", request.command.name()),
                None => String::new(),
            };
            Error::new(ErrorCode::ProgramVersionUnknown, place, message)
        })
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
