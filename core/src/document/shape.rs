//! What documents look like, as data.

use std::collections::{BTreeMap, BTreeSet};

/// What a value looks like, for schemas and the reference page.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// A string in one of the formats named here.
    Text(TextFormat),
    /// A whole number between two bounds, both included.
    Integer(i64, i64),
    /// `true` or `false`.
    Boolean,
    /// A list of one shape.
    List(Box<Shape>),
    /// A named type, described in [`Shapes`].
    Named(&'static str),
    /// A shape that may be left out.
    Optional(Box<Shape>),
    /// Any JSON: a document inside a document.
    Any,
    /// An object whose values are strings.
    TextMap,
}

/// The formats of strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextFormat {
    /// Any text.
    Plain,
    /// A decimal number.
    Decimal,
    /// An instant, RFC 3339.
    Instant,
    /// What a scanner gave.
    Scan,
}

/// A named type.
#[derive(Clone, Debug, PartialEq)]
pub enum Definition {
    /// An object with fields.
    Object {
        /// What the type is.
        doc: &'static str,
        /// Its fields as declared.
        fields: Vec<Field>,
    },
    /// One of several words.
    Choice {
        /// What the type is.
        doc: &'static str,
        /// The words and what they mean; the first is the default.
        words: Vec<(&'static str, &'static str)>,
    },
    /// An object with exactly one key, which names the variant.
    Union {
        /// What the type is.
        doc: &'static str,
        /// The keys, what they mean, and the shape of their values.
        variants: Vec<(&'static str, &'static str, Shape)>,
    },
}

/// A field of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The key.
    pub name: &'static str,
    /// What it says.
    pub doc: &'static str,
    /// What its value looks like.
    pub shape: Shape,
    /// The canonical JSON of its value when left out; `None` where the key is required.
    pub default: Option<String>,
}

/// All named types that were met.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shapes {
    /// By name.
    pub definitions: BTreeMap<&'static str, Definition>,
    /// The module in which each name was met first.
    modules: BTreeMap<&'static str, &'static str>,
    /// Names that stand for two types of different modules; there must be none.
    pub clashes: BTreeSet<&'static str>,
}

impl Shapes {
    /// The module of a named type, such as `kopilka::answer`.
    #[must_use]
    pub fn module(&self, name: &str) -> Option<&'static str> {
        self.modules.get(name).copied()
    }

    /// Adds a named type of a module unless it is there already (types may contain themselves).
    pub fn named(
        &mut self,
        name: &'static str,
        module: &'static str,
        define: impl FnOnce(&mut Shapes) -> Definition,
    ) -> Shape {
        if *self.modules.entry(name).or_insert(module) != module {
            self.clashes.insert(name);
        }
        if !self.definitions.contains_key(name) {
            let holder = Definition::Choice { doc: "", words: Vec::new() };
            self.definitions.insert(name, holder);
            let definition = define(self);
            self.definitions.insert(name, definition);
        }
        Shape::Named(name)
    }
}
