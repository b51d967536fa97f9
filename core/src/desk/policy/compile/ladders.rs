//! Ladders.

use super::Check;
use crate::desk::policy::document::Ladder;
use crate::desk::policy::rules::*;
use crate::error::ErrorCode;

impl Check<'_> {
    pub(super) fn ladders(&mut self) -> Vec<LadderRules> {
        let mut all: Vec<LadderRules> = Vec::new();
        for (place, ladder) in self.document.ladders.iter().enumerate() {
            let path = format!("/ladders/{place}");
            let next = ladder.next.as_ref();
            let next = self.place_if_named("ladder", next, &format!("{path}/next"));
            all.push(LadderRules {
                levels: self.levels(ladder, &path),
                next,
                starts: self.starts(ladder, &path),
                when: self.filter(&ladder.when, &path),
            });
        }
        for place in 0..all.len() {
            if leads_back(&all, place) {
                let message = "the ladder leads back to itself and would never end";
                let path = format!("/ladders/{place}/next");
                self.collector.mistake(ErrorCode::DeskCycle, &path, message);
            }
        }
        all
    }

    pub(super) fn levels(&mut self, ladder: &Ladder, path: &str) -> Vec<LevelRules> {
        if ladder.levels.is_empty() {
            let message = "a ladder needs a level";
            self.collector.mistake(ErrorCode::DeskEmpty, &format!("{path}/levels"), message);
        }
        self.collector
            .unique(ladder.levels.iter().map(|level| &level.id), &format!("{path}/levels"));
        let mut all = Vec::new();
        let mut latest = None;
        for (place, level) in ladder.levels.iter().enumerate() {
            let path = format!("{path}/levels/{place}");
            self.places("contact", &level.contacts, &format!("{path}/contacts"));
            let after =
                level.after.as_ref().map(|after| self.after(after, &format!("{path}/after")));
            if let Some((seconds, calendar)) = after {
                if latest.is_some_and(|(before, same)| same == calendar && before > seconds) {
                    let message = "the level begins before the one below it";
                    self.collector.contradiction(&format!("{path}/after"), message);
                }
                latest = Some((seconds, calendar));
            }
            if level.repeats > 0 && level.repeat_minutes == 0 {
                let message = "say after how many minutes people are told again";
                self.collector.contradiction(&format!("{path}/repeats"), message);
            }
            let notify_in = level.notify_in.as_ref();
            let notify_path = format!("{path}/notify_in");
            all.push(LevelRules {
                after,
                notify_in: self.place_if_named("calendar", notify_in, &notify_path),
            });
        }
        all
    }

    pub(super) fn starts(&mut self, ladder: &Ladder, path: &str) -> Vec<(usize, usize)> {
        let known: Vec<&str> = ladder.levels.iter().map(|level| level.id.as_str()).collect();
        let mut all = Vec::new();
        for (place, start) in ladder.starts.iter().enumerate() {
            let path = format!("{path}/starts/{place}");
            let priority = self.place("priority", &start.priority, &format!("{path}/priority"));
            let level = format!("{path}/level");
            let level = self.collector.reference(&start.level, &known, "level", &level);
            all.push((priority, level.unwrap_or(0)));
        }
        all
    }
}

/// Whether a ladder comes after itself.
fn leads_back(ladders: &[LadderRules], start: usize) -> bool {
    let mut place = start;
    for _ in 0..ladders.len() {
        match ladders.get(place).and_then(|ladder| ladder.next) {
            None => return false,
            Some(next) if next == start => return true,
            Some(next) => place = next,
        }
    }
    false
}
