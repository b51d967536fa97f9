//! Reading a document: every mistake is noted with its place, and reading goes on.

use super::{Document, Keys, LIST_MAX, MISTAKES_MAX, Object};
use crate::error::{ErrorCode, Mistake};
use crate::json::Node;

/// Where a reader is in a document, and what it has found wrong so far.
#[derive(Debug, Default)]
pub struct Reader {
    path: Vec<Step>,
    mistakes: Vec<Mistake>,
    /// Whether the text was written by the engine: lists and texts may have any length then.
    recorded: bool,
}

#[derive(Clone, Debug)]
pub(super) enum Step {
    Key(&'static str),
    Name(String),
    Index(usize),
}

impl Reader {
    /// Reads a whole document; the mistakes are those of form, in document order.
    pub fn document<T: Document>(node: &Node) -> (T, Vec<Mistake>) {
        let mut reader = Reader::default();
        let value = T::read(&mut reader, node);
        (value, reader.mistakes)
    }

    /// Reads what the engine wrote itself: the lengths of lists and texts and the sizes of amounts
    /// are not bounded, since what was given may add up to more than a request may hold.
    pub fn recorded<T: Document>(node: &Node) -> (T, Vec<Mistake>) {
        let mut reader = Reader { recorded: true, ..Reader::default() };
        let value = T::read(&mut reader, node);
        (value, reader.mistakes)
    }

    /// Whether lists and texts may have any length.
    pub(super) fn is_unbounded(&self) -> bool {
        self.recorded
    }

    /// Notes a mistake at the place where the reader is.
    pub fn mistake(&mut self, code: ErrorCode, message: impl Into<String>) {
        if self.mistakes.len() < MISTAKES_MAX {
            let path = self.pointer();
            self.mistakes.push(Mistake::new(code, path, message));
        }
    }

    fn pointer(&self) -> String {
        let mut pointer = String::new();
        for step in &self.path {
            pointer.push('/');
            match step {
                Step::Key(key) => pointer.push_str(key),
                Step::Name(name) => {
                    pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
                }
                Step::Index(index) => pointer.push_str(&index.to_string()),
            }
        }
        pointer
    }

    /// Goes down one step; what is noted from here on is noted there.
    pub(super) fn enter(&mut self, step: Step) {
        self.path.push(step);
    }

    /// Goes up again.
    pub(crate) fn leave(&mut self) {
        self.path.pop();
    }

    /// Notes a mistake one step below.
    fn mistake_below(&mut self, step: Step, code: ErrorCode, message: String) {
        self.enter(step);
        self.mistake(code, message);
        self.leave();
    }

    /// Notes that something else was expected here.
    pub fn expected(&mut self, what: &str, node: &Node) {
        let message = format!("expected {what}, found {}", node.kind());
        self.mistake(ErrorCode::DocumentType, message);
    }

    /// The items of a list.
    pub(super) fn items<'a>(&mut self, node: &'a Node) -> &'a [Node] {
        let Node::List(items) = node else {
            self.expected("a list", node);
            return &[];
        };
        if items.len() > LIST_MAX && !self.is_unbounded() {
            let message = format!("the list has {} items, more than {LIST_MAX}", items.len());
            self.mistake(ErrorCode::DocumentListTooLong, message);
            return &[];
        }
        items
    }

    /// The entries of an object, after its unknown and duplicate keys have been noted.
    fn entries<'a>(
        &mut self,
        node: &'a Node,
        known: &[&'static str],
    ) -> Option<&'a [(String, Node)]> {
        let Node::Map(entries) = node else {
            self.expected("an object", node);
            return None;
        };
        for (position, (key, _)) in entries.iter().enumerate() {
            let schema = self.path.is_empty() && key == "$schema";
            if !schema && !known.contains(&key.as_str()) {
                let code = ErrorCode::DocumentKeyUnknown;
                self.mistake_below(Step::Name(key.clone()), code, unknown_key(key, known));
            }
            if entries.iter().take(position).any(|(earlier, _)| earlier == key) {
                let code = ErrorCode::DocumentKeyDuplicate;
                let message = format!("the key `{key}` stands here more than once");
                self.mistake_below(Step::Name(key.clone()), code, message);
            }
        }
        Some(entries)
    }

    /// Reads the values of an object over its defaults; what is unknown, stands twice or is
    /// missing is noted.
    pub(crate) fn object(&mut self, node: &Node, object: &mut dyn Object) {
        let Keys { names, required } = object.keys();
        let Some(entries) = self.entries(node, names) else { return };
        for (place, (name, required)) in names.iter().zip(required).enumerate() {
            let found = entries.iter().find(|(key, _)| key == name);
            if let Some((_, value)) = found {
                self.enter(Step::Key(name));
                object.read_value(place, self, value);
                self.leave();
            } else if *required {
                let message = format!("the key `{name}` is required");
                self.mistake_below(Step::Key(name), ErrorCode::DocumentKeyMissing, message);
            }
        }
    }

    /// The single entry of an object that names a variant, entered.
    pub(crate) fn enter_variant<'a>(
        &mut self,
        node: &'a Node,
        known: &[&'static str],
    ) -> Option<(&'static str, &'a Node)> {
        let entries = self.entries(node, known)?;
        let [(name, value)] = entries else {
            let message = format!("expected exactly one key of {}", list(known));
            self.mistake(ErrorCode::DocumentVariant, message);
            return None;
        };
        let key = known.iter().find(|key| *key == name)?;
        self.enter(Step::Key(key));
        Some((key, value))
    }

    /// Reads one value of an object whose keys are the merchant's.
    pub fn named<T: Document>(&mut self, name: &str, node: &Node) -> T {
        self.enter(Step::Name(name.to_owned()));
        let value = T::read(self, node);
        self.leave();
        value
    }
}

fn unknown_key(key: &str, known: &[&'static str]) -> String {
    match closest(key, known) {
        Some(near) => format!("the key `{key}` is not known here; did you mean `{near}`?"),
        None if known.is_empty() => format!("the key `{key}` is not known here; there are none"),
        None => format!("the key `{key}` is not known here; known are {}", list(known)),
    }
}

pub(crate) fn list(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The known name that differs from `name` by the fewest edits, if they are at most two.
pub(crate) fn closest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    if name.len() > 64 {
        return None;
    }
    let scored = known.iter().map(|candidate| (edits(name, candidate), *candidate));
    scored.min().filter(|(distance, _)| *distance <= 2).map(|(_, candidate)| candidate)
}

fn edits(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut diagonal = i;
        let mut before = i + 1;
        for (cell, b) in row.iter_mut().skip(1).zip(&right) {
            let substituted = diagonal + usize::from(a != *b);
            diagonal = *cell;
            before = substituted.min(before + 1).min(*cell + 1);
            *cell = before;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

impl Reader {
    /// Notes that a string is none of the known words.
    pub fn word(&mut self, node: &Node, known: &[&'static str]) {
        let Some(text) = node.text() else {
            return self.expected(&format!("one of {}", list(known)), node);
        };
        let near = closest(text, known);
        let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        let text: String = text.chars().take(64).collect();
        let message = format!("`{text}` is none of {}{hint}", list(known));
        self.mistake(ErrorCode::DocumentWord, message);
    }
}
