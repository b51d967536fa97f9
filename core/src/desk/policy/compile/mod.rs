//! From the document of a policy to its rules, with every mistake at once.

mod ladders;
mod life;
mod targets;

use std::collections::HashMap;

use jiff::tz::TimeZone;

use super::document::*;
use super::rules::*;
use super::when::{Filter, When};
use crate::desk::calendar::Calendar;
use crate::desk::components::check_components;
use crate::desk::local::{CODES, Hours, NAMES_MAX, unknown};
use crate::desk::maintenance::compile_plans;
use crate::desk::outcomes::compile_triggers;
use crate::desk::problems::check_problems;
use crate::desk::rotation::Rotation;
use crate::desk::stages::check_stages;
use crate::desk::words::Keyword;
use crate::document::Collector;
use crate::error::{ErrorCode, Mistake};

struct Check<'a> {
    document: &'a DeskDocument,
    collector: Collector,
    /// The places of the words of each list.
    places: HashMap<(&'static str, &'a str), usize>,
}

/// Compiles a policy; the rules are of use only if there is no mistake.
pub(super) fn compile(document: DeskDocument, version: String) -> (Rules, Vec<Mistake>) {
    let mut check =
        Check { document: &document, collector: Collector::new(CODES), places: HashMap::new() };
    check.names();
    let zone = check.collector.zone(&document.zone, "/zone");
    let (calendars, wrong) = Calendar::compile_all(&document.calendars, &document.days, &zone);
    check.collector.mistakes.extend(wrong);
    let targets = check.targets();
    let classification = check.classification();
    let states = check.states();
    let begins = check.begins();
    let reopen = document.life.reopen.as_ref().map(|reopen| check.reopen(reopen));
    let closing = check.closing();
    let intake = check.intake();
    let ladders = check.ladders();
    let routes = check.routes();
    let contact_stores = check.contacts();
    check.beside(&zone);
    let mistakes = check.collector.mistakes;
    let always = Calendar::always("", &zone);
    let rules = Rules {
        version,
        calendars,
        always,
        clocks: targets::clocks(&targets),
        targets,
        classification,
        states,
        begins,
        reopen,
        closing,
        intake,
        ladders,
        routes,
        contact_stores,
        document,
    };
    (rules, mistakes)
}

impl<'a> Check<'a> {
    /// Notes the words of all lists.
    fn names(&mut self) {
        let document = self.document;
        self.collector.id(&document.id, "/id");
        self.list("calendar", "/calendars", document.calendars.iter().map(|item| &item.id));
        self.list("category", "/categories", document.categories.iter().map(|item| &item.id));
        self.list("channel", "/channels", document.channels.iter().map(|item| &item.id));
        self.list("closing", "/closing", document.closing.iter().map(|item| &item.id));
        self.list("contact", "/contacts", document.contacts.iter().map(|item| &item.id));
        self.list("question", "/intake", document.intake.iter().map(|item| &item.id));
        self.list("ladder", "/ladders", document.ladders.iter().map(|item| &item.id));
        self.list("state", "/life/states", document.life.states.iter().map(|item| &item.id));
        self.list("plan", "/plans", document.plans.iter().map(|item| &item.id));
        self.list("priority", "/priorities", document.priorities.iter().map(|item| &item.id));
        self.list("queue", "/queues", document.queues.iter().map(|item| &item.id));
        self.list("route", "/routes", document.routes.iter().map(|item| &item.id));
        self.list("step", "/life/steps", document.life.steps.iter().map(|item| &item.id));
        self.list("store", "/stores", document.stores.iter().map(|item| &item.id));
        self.list("target", "/targets", document.targets.iter().map(|item| &item.id));
        self.list("rule", "/classification", document.classification.iter().map(|item| &item.id));
        if document.calendars.is_empty() {
            let message = "a desk needs a calendar; say when it works";
            self.collector.mistake(ErrorCode::DeskEmpty, "/calendars", message);
        }
        let closing = document.closing.iter().map(|closing| &closing.id).enumerate();
        let own = document.life.steps.iter().map(|step| &step.id).enumerate();
        for (list, (place, id)) in
            closing.map(|item| ("/closing", item)).chain(own.map(|item| ("/life/steps", item)))
        {
            let path = format!("{list}/{place}/id");
            if Step::WORDS.iter().any(|(word, _)| word == id) {
                let message = format!("`{id}` is a step of every desk; name it otherwise");
                self.collector.contradiction(&path, message);
            }
            if list != "/closing" && self.places.contains_key(&("closing", id.as_str())) {
                let message = format!("`{id}` is a step of the closing too; name it otherwise");
                self.collector.contradiction(&path, message);
            }
        }
    }

    fn list(
        &mut self,
        kind: &'static str,
        path: &str,
        ids: impl Iterator<Item = &'a String> + Clone,
    ) {
        self.collector.unique(ids.clone(), path);
        for (place, id) in ids.enumerate() {
            self.places.entry((kind, id)).or_insert(place);
        }
    }

    /// The place of a word, or a note that there is no such word.
    fn place(&mut self, kind: &'static str, word: &str, path: &str) -> usize {
        if let Some(place) = self.places.get(&(kind, word)) {
            return *place;
        }
        let mut known: Vec<&str> = Vec::new();
        if self.places.len() <= NAMES_MAX {
            known.extend(self.places.keys().filter(|(of, _)| *of == kind).map(|(_, word)| *word));
            known.sort_unstable();
        }
        unknown(&mut self.collector, word, &known, kind, path);
        0
    }

    fn place_if_named(
        &mut self,
        kind: &'static str,
        word: Option<&String>,
        path: &str,
    ) -> Option<usize> {
        word.map(|word| self.place(kind, word, path))
    }

    fn places(&mut self, kind: &'static str, words: &[String], path: &str) -> Vec<usize> {
        let words = words.iter().enumerate();
        words.map(|(index, word)| self.place(kind, word, &format!("{path}/{index}"))).collect()
    }

    fn filter(&mut self, when: &When, path: &str) -> Filter {
        let path = format!("{path}/when");
        Filter {
            categories: self.places("category", &when.categories, &format!("{path}/categories")),
            channels: self.places("channel", &when.channels, &format!("{path}/channels")),
            plans: self.places("plan", &when.plans, &format!("{path}/plans")),
            priorities: self.places("priority", &when.priorities, &format!("{path}/priorities")),
            queues: self.places("queue", &when.queues, &format!("{path}/queues")),
            states: self.places("state", &when.states, &format!("{path}/states")),
            stores: self.places("store", &when.stores, &format!("{path}/stores")),
        }
    }

    fn classification(&mut self) -> Vec<ClassRules> {
        let mut all = Vec::new();
        for (place, rule) in self.document.classification.iter().enumerate() {
            let path = format!("/classification/{place}");
            for (index, answer) in rule.answers.iter().enumerate() {
                let path = format!("{path}/answers/{index}/question");
                self.place("question", &answer.question, &path);
            }
            for (index, word) in rule.keywords.iter().enumerate() {
                if Keyword::new(word).is_empty() {
                    let path = format!("{path}/keywords/{index}");
                    let message = "an empty keyword is in every text; leave it out";
                    self.collector.mistake(ErrorCode::DocumentTextEmpty, &path, message);
                }
            }
            let set = &rule.set;
            let set_path = format!("{path}/set");
            let mut named = |kind, word: &Option<String>, key: &str| {
                self.place_if_named(kind, word.as_ref(), &format!("{set_path}/{key}"))
            };
            all.push(ClassRules {
                at_least: named("priority", &set.at_least, "at_least"),
                category: named("category", &set.category, "category"),
                priority: named("priority", &set.priority, "priority"),
                queue: named("queue", &set.queue, "queue"),
                raise: usize::try_from(set.raise).unwrap_or(usize::MAX),
                keywords: rule.keywords.iter().map(|word| Keyword::new(word)).collect(),
                when: self.filter(&rule.when, &path),
            });
        }
        all
    }

    fn intake(&mut self) -> Vec<Filter> {
        let questions = self.document.intake.iter().enumerate();
        questions
            .map(|(place, question)| self.filter(&question.when, &format!("/intake/{place}")))
            .collect()
    }

    fn routes(&mut self) -> Vec<Filter> {
        let mut all = Vec::new();
        for (place, route) in self.document.routes.iter().enumerate() {
            let path = format!("/routes/{place}");
            self.places("contact", &route.contacts, &format!("{path}/contacts"));
            all.push(self.filter(&route.when, &path));
        }
        all
    }

    fn contacts(&mut self) -> HashMap<String, usize> {
        let mut stores = HashMap::new();
        for (place, contact) in self.document.contacts.iter().enumerate() {
            let path = format!("/contacts/{place}");
            self.place_if_named("calendar", contact.calendar.as_ref(), &format!("{path}/calendar"));
            let store = contact.store.as_ref();
            if let Some(store) = self.place_if_named("store", store, &format!("{path}/store")) {
                stores.insert(contact.id.clone(), store);
            }
        }
        for (place, queue) in self.document.queues.iter().enumerate() {
            let path = format!("/queues/{place}/calendar");
            self.place_if_named("calendar", queue.calendar.as_ref(), &path);
        }
        stores
    }

    /// What stands beside tickets.
    fn beside(&mut self, zone: &TimeZone) {
        let document = self.document;
        let collector = &mut self.collector;
        check_components(&document.components, collector, "/components");
        compile_plans(&document.maintenance, zone, collector, "/maintenance");
        for (place, notice) in document.notices.iter().enumerate() {
            Hours::compile(&notice.hours, collector, &format!("/notices/{place}/hours"));
        }
        document.numbering.check(collector, "/numbering");
        check_problems(&document.problems, collector, "/problems");
        collector.unique(document.rotations.iter().map(|rotation| &rotation.id), "/rotations");
        for (place, rotation) in document.rotations.iter().enumerate() {
            Rotation::compile(rotation, zone, collector, &format!("/rotations/{place}"));
        }
        if !document.success_stages.is_empty() {
            check_stages(&document.success_stages, collector, "/success_stages");
        }
        compile_triggers(&document.triggers, collector, "/triggers");
        for (place, trigger) in document.triggers.iter().enumerate() {
            let path = format!("/triggers/{place}");
            let (category, priority) = (trigger.category.as_ref(), trigger.priority.as_ref());
            self.place_if_named("category", category, &format!("{path}/category"));
            self.place_if_named("priority", priority, &format!("{path}/priority"));
        }
    }
}
