//! What a new ticket is, by what the customer wrote and answered.

use crate::desk::policy::{Marks, Rules};
use crate::desk::ticket::Registered;
use crate::desk::words::Words;

impl Rules {
    /// Goes through the steps of classification. What a person said is kept: the steps fill in what
    /// was left open.
    pub fn classified(&self, ticket: &Registered, given: Marks, applied: &mut Vec<usize>) -> Marks {
        let mut marks = given;
        let mut words = None;
        for (place, rule) in self.classification.iter().enumerate() {
            if !rule.when.matches(&marks) || !self.is_answered(place, ticket) {
                continue;
            }
            let before = marks;
            if given.priority.is_none() {
                marks.priority = marks.priority.or(rule.priority);
                if let Some(least) = rule.at_least {
                    marks.priority = Some(marks.priority.map_or(least, |known| known.min(least)));
                }
                marks.priority = marks.priority.map(|known| known.saturating_sub(rule.raise));
            }
            marks.category = marks.category.or(rule.category);
            marks.queue = marks.queue.or(rule.queue);
            if marks == before {
                continue;
            }
            // Words are looked for last: that takes longest.
            let words = words
                .get_or_insert_with(|| Words::new(&format!("{} {}", ticket.subject, ticket.text)));
            let keywords = &rule.keywords;
            if keywords.is_empty() || keywords.iter().any(|keyword| words.has(keyword)) {
                applied.push(place);
            } else {
                marks = before;
            }
        }
        marks
    }

    /// Whether the customer answered as a step asks.
    fn is_answered(&self, place: usize, ticket: &Registered) -> bool {
        let rule = self.document.classification.get(place);
        let mut asked = rule.map(|rule| rule.answers.iter()).into_iter().flatten();
        asked.all(|asked| {
            ticket.answers.iter().any(|given| {
                given.question == asked.question
                    && given.value.trim().eq_ignore_ascii_case(asked.value.trim())
            })
        })
    }
}
