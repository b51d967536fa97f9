//! Whether a condition can ever be true.
//!
//! A condition is true only if what its leaves claim holds together. Claims about one fact are
//! met; where nothing is left, the condition is never true. Of several `any`, each is tried against
//! the plain claims but not against the others: what is found is always right, though not all is
//! found.

use std::collections::{BTreeMap, BTreeSet};

use super::claims::Setting;
use super::domain::{Domain, Spans};

/// The fact that a claim is about.
pub(super) type Subject = String;

/// What a leaf says of a fact when it is true, or when it is false.
pub(super) enum Claim {
    /// It cannot be so.
    Never,
    /// The one value of the fact is among these.
    Within(Subject, Domain),
    /// Of several values at least one is among these.
    Some(Subject, BTreeSet<String>),
    /// Of several values none is among these.
    None(Subject, BTreeSet<String>),
    /// The number is among these and a multiple.
    Multiple(Subject, Spans, i128),
}

/// A condition taken apart.
pub(super) enum Branch<'c, C> {
    All(&'c [C]),
    Any(&'c [C]),
    Not(&'c C),
    Leaf,
}

/// A condition of either sort, as written.
pub(super) trait Written: Sized + PartialEq {
    fn branch(&self) -> Branch<'_, Self>;
    /// What the leaf says when it is true, or when it is false.
    fn claims(&self, positive: bool, setting: &Setting) -> Vec<Claim>;
    /// The key that names it.
    fn key(&self) -> &'static str;
}

/// What is claimed so far.
#[derive(Debug)]
pub(super) struct Known<'c, C> {
    leaves: Vec<(&'c C, bool)>,
    facts: BTreeMap<Subject, Domain>,
    some: Vec<(Subject, BTreeSet<String>)>,
    none: BTreeMap<Subject, BTreeSet<String>>,
    multiples: Vec<(Subject, i128)>,
}

// By hand: deriving them would ask the same of the condition.
impl<C> Clone for Known<'_, C> {
    fn clone(&self) -> Self {
        Known {
            leaves: self.leaves.clone(),
            facts: self.facts.clone(),
            some: self.some.clone(),
            none: self.none.clone(),
            multiples: self.multiples.clone(),
        }
    }
}

impl<C> Default for Known<'_, C> {
    fn default() -> Self {
        Known {
            leaves: Vec::new(),
            facts: BTreeMap::new(),
            some: Vec::new(),
            none: BTreeMap::new(),
            multiples: Vec::new(),
        }
    }
}

/// Parts that must all be true, or false where the flag says so.
struct Together<'c, C> {
    leaves: Vec<(&'c C, bool)>,
    choices: Vec<Vec<(&'c C, bool)>>,
}

impl<'c, C: Written> Together<'c, C> {
    fn add(&mut self, condition: &'c C, positive: bool) {
        match (condition.branch(), positive) {
            (Branch::All(parts), true) | (Branch::Any(parts), false) => {
                parts.iter().for_each(|part| self.add(part, positive));
            }
            (Branch::Any(parts), true) | (Branch::All(parts), false) => {
                self.choices.push(parts.iter().map(|part| (part, positive)).collect());
            }
            (Branch::Not(part), _) => self.add(part, !positive),
            (Branch::Leaf, _) => self.leaves.push((condition, positive)),
        }
    }
}

impl<'c, C: Written> Known<'c, C> {
    /// Adds a claim; false if it contradicts what is known.
    pub fn add(&mut self, claim: Claim) -> bool {
        match claim {
            Claim::Never => false,
            Claim::Within(subject, domain) => self.narrow(subject, domain),
            Claim::Some(subject, words) => {
                let free = !self.none.get(&subject).is_some_and(|none| words.is_subset(none));
                self.some.push((subject, words));
                free
            }
            Claim::None(subject, words) => {
                let none = self.none.entry(subject.clone()).or_default();
                none.extend(words);
                let same = self.some.iter().filter(|(other, _)| *other == subject);
                !same.into_iter().any(|(_, some)| some.is_subset(none))
            }
            Claim::Multiple(subject, spans, step) => {
                self.multiples.push((subject.clone(), step));
                self.narrow(subject, Domain::Numbers(spans))
            }
        }
    }

    fn narrow(&mut self, subject: Subject, domain: Domain) -> bool {
        let left = match self.facts.get(&subject) {
            Some(known) => known.meet(&domain),
            None => domain,
        };
        let mut open = !left.is_empty();
        if let Domain::Numbers(spans) = &left {
            let steps = self.multiples.iter().filter(|(other, _)| *other == subject);
            open &= steps.into_iter().all(|(_, step)| spans.has_multiple_of(*step));
        }
        self.facts.insert(subject, left);
        open
    }

    /// Adds a leaf; the name of the fact about which it contradicts what is known.
    fn add_leaf(&mut self, leaf: &'c C, positive: bool, setting: &Setting) -> Result<(), String> {
        if self.leaves.iter().any(|(other, was)| *was != positive && *other == leaf) {
            return Err(format!("`{}` is asked for and excluded at once", leaf.key()));
        }
        self.leaves.push((leaf, positive));
        for claim in leaf.claims(positive, setting) {
            let never = matches!(claim, Claim::Never);
            if !self.add(claim) {
                let not = if positive { "" } else { "`not` of " };
                return Err(match never {
                    true => format!("{not}`{}` can never be true here", leaf.key()),
                    false => format!("{not}`{}` contradicts another part", leaf.key()),
                });
            }
        }
        Ok(())
    }

    /// Adds conditions that must all be true, or false where the flag says so; why they cannot be.
    pub fn allow(&mut self, conditions: &[(&'c C, bool)], setting: &Setting) -> Result<(), String> {
        let mut together = Together { leaves: Vec::new(), choices: Vec::new() };
        for (condition, positive) in conditions {
            together.add(*condition, *positive);
        }
        for (leaf, positive) in together.leaves {
            self.add_leaf(leaf, positive, setting)?;
        }
        for choice in &together.choices {
            let mut why = "an `any` has no parts".to_owned();
            let open = choice.iter().any(|part| {
                self.clone().allow(&[*part], setting).map_err(|reason| why = reason).is_ok()
            });
            if !open {
                return Err(why);
            }
        }
        Ok(())
    }
}

/// Why a condition can never be true; `None` if it may be.
pub(super) fn never<C: Written>(condition: &C, setting: &Setting) -> Option<String> {
    Known::default().allow(&[(condition, true)], setting).err()
}
