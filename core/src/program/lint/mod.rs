//! What is doubtful in a programme that is correct in form. Nothing is told that is not so; not
//! everything that is so is found.

mod bounds;
mod claims;
mod domain;
mod limits;
mod logic;
mod offline;
mod precedence;
mod reach;
#[cfg(test)]
mod soundness;
mod windows;

use super::ProgramDocument;
use super::compile::Program;
use crate::answer::{Finding, LintCode, Linted};

/// What is doubtful in a programme, in the order of its canonical document.
#[must_use]
pub fn lint(program: &Program) -> Linted {
    let mut finder = Finder { program, document: program.document(), findings: Vec::new() };
    reach::find(&mut finder);
    bounds::find(&mut finder);
    limits::find(&mut finder);
    offline::find(&mut finder);
    let mut findings = finder.findings;
    findings.sort_by_cached_key(|finding| (place(&finding.path), finding.code));
    Linted { findings }
}

/// Collects what is found.
struct Finder<'p> {
    program: &'p Program,
    document: &'p ProgramDocument,
    findings: Vec<Finding>,
}

impl Finder<'_> {
    fn find(&mut self, code: LintCode, path: &str, message: impl Into<String>) {
        let (path, message) = (path.to_owned(), message.into());
        self.findings.push(Finding { code, message, path });
    }

    /// The kind of points that a setting names, or the only one.
    fn points(&self, named: Option<&String>) -> usize {
        let points = &self.document.points;
        named.and_then(|id| points.iter().position(|one| one.id == *id)).unwrap_or(0)
    }
}

/// A step of a path: items of a list go by their numbers.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Item(usize),
    Key(String),
}

fn place(path: &str) -> Vec<Step> {
    let step = |step: &str| step.parse().map_or_else(|_| Step::Key(step.to_owned()), Step::Item);
    path.split('/').map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The findings of a programme that has these keys besides the head.
    pub(super) fn found(keys: &str) -> Vec<(LintCode, String)> {
        let head = r#""id": "t", "currency": "RUB", "zone": "Europe/Moscow""#;
        let comma = if keys.is_empty() { "" } else { ", " };
        let program = Program::compile(&format!("{{{head}{comma}{keys}}}")).unwrap();
        let findings = lint(&program).findings;
        findings.into_iter().map(|finding| (finding.code, finding.path)).collect()
    }

    /// The findings of a programme that has points, a card that holds them, and a redemption.
    pub(super) fn found_with_points(keys: &str) -> Vec<(LintCode, String)> {
        found(&format!(
            r#""points": [{{"id": "bonus"}}], "redemption": {{}},
            "cards": [{{"id": "bonus", "kind": "bonus", "numbers": [{{"length_max": 4}}]}}], {keys}"#
        ))
    }

    pub(super) fn one(code: LintCode, path: &str) -> Vec<(LintCode, String)> {
        vec![(code, path.to_owned())]
    }

    pub(super) const NONE: Vec<(LintCode, String)> = Vec::new();

    #[test]
    fn the_smallest_programme_is_beyond_doubt() {
        assert_eq!(found(""), NONE);
    }

    #[test]
    fn findings_stand_in_the_order_of_the_canonical_document() {
        let rule = |id: usize| {
            format!(r#"{{"id": "p{id}", "then": {{"percent": "5"}}, "when": {{"any": []}}}}"#)
        };
        let rules: Vec<String> = (0..11).map(rule).collect();
        let found = found(&format!(
            r#""rewards": [], "promotions": [{}], "points": [{{"id": "a"}}]"#,
            rules.join(",")
        ));
        let paths: Vec<&str> = found.iter().map(|(_, path)| path.as_str()).collect();
        assert_eq!(paths.first(), Some(&"/points/0"));
        assert_eq!(paths.get(2..4), Some(["/promotions/1", "/promotions/2"].as_slice()));
        assert_eq!(paths.last(), Some(&"/promotions/10"));
    }
}
