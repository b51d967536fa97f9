//! Which tickets something is for.

use crate::document::document;

document! {
    /// Which tickets something is for: each list that is not empty must have the ticket's own word in
    /// it.
    pub struct When {
        /// Categories.
        pub categories: Vec<String> = Vec::new(),
        /// Channels.
        pub channels: Vec<String> = Vec::new(),
        /// What the customer pays for.
        pub plans: Vec<String> = Vec::new(),
        /// Priorities.
        pub priorities: Vec<String> = Vec::new(),
        /// Queues that have the ticket.
        pub queues: Vec<String> = Vec::new(),
        /// States.
        pub states: Vec<String> = Vec::new(),
        /// Stores.
        pub stores: Vec<String> = Vec::new(),
    }
}

/// The same with the words as places in the policy's lists. Nothing stands for anything.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    pub categories: Vec<usize>,
    pub channels: Vec<usize>,
    pub plans: Vec<usize>,
    pub priorities: Vec<usize>,
    pub queues: Vec<usize>,
    pub states: Vec<usize>,
    pub stores: Vec<usize>,
}

/// What a ticket is, as places in the policy's lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks {
    pub category: Option<usize>,
    pub channel: Option<usize>,
    pub plan: Option<usize>,
    pub priority: Option<usize>,
    pub queue: Option<usize>,
    pub state: Option<usize>,
    pub store: Option<usize>,
}

impl Filter {
    /// Whether a ticket is meant.
    pub fn matches(&self, marks: &Marks) -> bool {
        let has = |list: &[usize], mark: Option<usize>| {
            list.is_empty() || mark.is_some_and(|mark| list.contains(&mark))
        };
        has(&self.priorities, marks.priority)
            && has(&self.channels, marks.channel)
            && has(&self.categories, marks.category)
            && has(&self.plans, marks.plan)
            && has(&self.queues, marks.queue)
            && has(&self.states, marks.state)
            && has(&self.stores, marks.store)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_filter_means_every_ticket_and_a_list_those_that_have_one_of_its_words() {
        let marks = Marks { priority: Some(1), ..Marks::default() };
        assert!(Filter::default().matches(&marks));
        let filter =
            |priorities: &[usize]| Filter { priorities: priorities.to_vec(), ..Filter::default() };
        assert!(filter(&[0, 1]).matches(&marks));
        assert!(!filter(&[0]).matches(&marks));
        assert!(!filter(&[0]).matches(&Marks::default()));
    }
}
