//! What a call says of guests as persons: it is kept beside the record that the call made.

use std::collections::{BTreeMap, HashSet};

use super::guest::canonical_personal;
use crate::answer::Answer;
use crate::command::{Command, GuestAction, ImportRow, Personal};
use crate::program::Program;
use crate::record::Record;
use crate::slice::Slice;

/// What is personal of the guests whom a call is about, as it is after the call: to be kept with
/// [`Slice::keep_profile`] and stored by a host that keeps its own records. The command is the one
/// that was called, since its record holds nothing personal; the slice already holds that record.
#[must_use]
pub fn profiles_of(
    program: &Program,
    slice: &Slice,
    command: &Command,
    record: &Record,
) -> Vec<(String, Personal)> {
    let rules = program.rules();
    match (command, &record.answer) {
        (Command::Guest(change), Answer::Guest(answer)) => {
            let personal = match &change.action {
                GuestAction::Register(registration) => &registration.details.personal,
                GuestAction::Update(details) => &details.personal,
                _ => return Vec::new(),
            };
            let id = answer.guest.guest.clone();
            let mut profile = slice.profile(&id).cloned().unwrap_or_default();
            profile.change(&canonical_personal(rules, personal));
            vec![(id, profile)]
        }
        (Command::Import(import), Answer::Imported(answer)) => {
            let known: HashSet<usize> =
                answer.known.iter().filter_map(|row| usize::try_from(*row).ok()).collect();
            let rows = import.rows.iter().enumerate();
            let taken = rows.filter(|(row, _)| !known.contains(row)).map(|(_, row)| row);
            let mut profiles = BTreeMap::new();
            for (id, row) in taken.filter_map(|row| Some((guest_of(slice, row)?, row))) {
                let kept = || slice.profile(id).cloned().unwrap_or_default();
                let profile: &mut Personal = profiles.entry(id.to_owned()).or_insert_with(kept);
                // An empty text of a row says nothing.
                let mut personal = Personal::default();
                personal.change(&canonical_personal(rules, &row.personal));
                profile.fill(&personal);
            }
            profiles.into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// The guest of whom a row says something personal.
fn guest_of<'s>(slice: &'s Slice, row: &'s ImportRow) -> Option<&'s str> {
    let id = row.guest.as_deref().filter(|_| row.personal != Personal::default())?;
    slice.guest(id).map(|(id, _)| id)
}
