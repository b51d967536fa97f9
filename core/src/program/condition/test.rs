//! Compiled conditions and what they come to: true, false, or unknown.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::answer::Truth;
use crate::order::Presented;
use crate::order::prepare::PreparedLine;
use crate::program::Basis;
use crate::program::rules::{KindSet, Symbol};

/// A compiled condition over leaves of one sort.
#[derive(Debug)]
pub(crate) enum Test<Leaf> {
    All(Vec<Test<Leaf>>),
    Any(Vec<Test<Leaf>>),
    Not(Box<Test<Leaf>>),
    Leaf(Leaf),
}

pub(crate) type LineTest = Test<LineLeaf>;
pub(crate) type OrderTest = Test<OrderLeaf>;

impl<Leaf> Test<Leaf> {
    /// What the condition comes to in Kleene's logic: false < unknown < true.
    pub fn truth_by(&self, leaf: &impl Fn(&Leaf) -> Truth) -> Truth {
        match self {
            Test::All(parts) => {
                let mut least = Truth::True;
                for part in parts {
                    least = least.min(part.truth_by(leaf));
                    if least == Truth::False {
                        break;
                    }
                }
                least
            }
            Test::Any(parts) => {
                let mut most = Truth::False;
                for part in parts {
                    most = most.max(part.truth_by(leaf));
                    if most == Truth::True {
                        break;
                    }
                }
                most
            }
            Test::Not(part) => part.truth_by(leaf).not(),
            Test::Leaf(one) => leaf(one),
        }
    }

    /// The first leaf that keeps the condition from being known.
    pub fn first_unknown(&self, leaf: &impl Fn(&Leaf) -> Truth) -> Option<&Leaf> {
        if self.truth_by(leaf) != Truth::Unknown {
            return None;
        }
        match self {
            Test::All(parts) | Test::Any(parts) => {
                parts.iter().find_map(|part| part.first_unknown(leaf))
            }
            Test::Not(part) => part.first_unknown(leaf),
            Test::Leaf(one) => Some(one),
        }
    }

    /// Visits every leaf; the flag says whether it must be true rather than false.
    pub fn leaves<'t>(&'t self, asked: bool, visit: &mut impl FnMut(&'t Leaf, bool)) {
        match self {
            Test::All(parts) | Test::Any(parts) => {
                parts.iter().for_each(|part| part.leaves(asked, visit));
            }
            Test::Not(part) => part.leaves(!asked, visit),
            Test::Leaf(one) => visit(one, asked),
        }
    }
}

impl Truth {
    fn not(self) -> Truth {
        match self {
            Truth::False => Truth::True,
            Truth::Unknown => Truth::Unknown,
            Truth::True => Truth::False,
        }
    }

    pub(crate) fn of(holds: bool) -> Truth {
        if holds { Truth::True } else { Truth::False }
    }
}

/// What a condition on a line asks.
#[derive(Debug)]
pub(crate) enum LineLeaf {
    Attribute(Symbol, Vec<Symbol>),
    Category(Vec<Symbol>),
    Kind(KindSet),
    Quantity(Bounds),
    Sku(Vec<Symbol>),
    Tag(Vec<Symbol>),
    UnitPrice(Bounds),
}

/// Two bounds, both included.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub from: i64,
    pub to: i64,
}

impl Bounds {
    pub fn hold(self, value: i64) -> bool {
        self.from <= value && value <= self.to
    }
}

impl LineTest {
    pub fn truth(&self, line: &PreparedLine) -> Truth {
        self.truth_by(&|leaf| leaf.truth(line))
    }

    pub fn holds(&self, line: &PreparedLine) -> bool {
        self.truth(line) == Truth::True
    }
}

impl LineLeaf {
    fn truth(&self, line: &PreparedLine) -> Truth {
        match self {
            LineLeaf::Attribute(name, values) => attribute(&line.attributes, *name, values),
            LineLeaf::Category(words) => one_of(words, line.category),
            LineLeaf::Kind(kinds) => Truth::of(kinds.has(line.kind)),
            LineLeaf::Quantity(bounds) => Truth::of(bounds.hold(line.quantity)),
            LineLeaf::Sku(words) => one_of(words, line.sku),
            LineLeaf::Tag(words) => shared(words, &line.tags),
            LineLeaf::UnitPrice(bounds) => Truth::of(bounds.hold(line.price)),
        }
    }
}

fn one_of(words: &[Symbol], word: Option<Symbol>) -> Truth {
    word.map_or(Truth::Unknown, |word| Truth::of(words.contains(&word)))
}

fn shared(words: &[Symbol], present: &[Symbol]) -> Truth {
    Truth::of(present.iter().any(|word| words.contains(word)))
}

fn attribute(present: &[(Symbol, Symbol)], name: Symbol, values: &[Symbol]) -> Truth {
    let mut named = present.iter().filter(|(other, _)| *other == name).peekable();
    if named.peek().is_none() {
        return Truth::Unknown;
    }
    Truth::of(named.any(|(_, value)| values.contains(value)))
}

/// What a condition on an order asks.
#[derive(Debug)]
pub(crate) enum OrderLeaf {
    Amount(Bounds, Basis),
    Attribute(Symbol, Vec<Symbol>),
    Card(Vec<Symbol>),
    Channel(Vec<Symbol>),
    City(Vec<Symbol>),
    Code(Vec<Symbol>),
    Coupon(Vec<usize>),
    Dates(Option<Date>, Option<Date>),
    Group(Vec<Symbol>),
    Guest {
        plans: Vec<Symbol>,
        staff: Option<bool>,
    },
    Instants(Option<Timestamp>, Option<Timestamp>),
    Lines {
        test: LineTest,
        amount: Option<(Bounds, Basis)>,
        quantity: Option<Bounds>,
    },
    /// One of [`PersonalLeaf`], by its number, and the key that names it.
    Personal(usize, &'static str),
    Presented(Vec<Presented>),
    Purchase {
        bounds: Bounds,
        every: Option<u32>,
    },
    Standing(Bounds),
    Store(Vec<Symbol>),
    Tender(Vec<Symbol>),
    Tier(Vec<Symbol>),
    Till(Vec<Symbol>),
    /// Minutes of the day, both included; over midnight if the first is later.
    Time(u16, u16),
    /// Days from Monday, 0 to 6.
    Weekday(Vec<u8>),
}

/// A leaf that reads what is not recorded of a guest; a record keeps what it came to.
#[derive(Debug)]
pub(crate) struct PersonalLeaf {
    pub path: String,
    pub test: PersonalTest,
}

#[derive(Debug)]
pub(crate) enum PersonalTest {
    Age(Bounds),
    Attribute { name: String, values: Vec<String> },
    Birthday { before: u32, after: u32 },
}

/// What conditions on an order are asked about; what is not told is `None`.
#[derive(Debug, Default)]
pub(crate) struct Facts<'a> {
    pub attributes: &'a [(Symbol, Symbol)],
    pub cards: Vec<Symbol>,
    pub channel: Option<Symbol>,
    pub city: Option<Symbol>,
    pub codes: Vec<Symbol>,
    /// Kinds of coupons, by their places in the programme.
    pub coupons: Vec<usize>,
    pub date: Date,
    pub groups: Option<&'a [Symbol]>,
    /// The plan of the registered guest, and whether the guest works for the merchant.
    pub guest: Option<(Option<Symbol>, bool)>,
    /// Whether other tenders may pay besides those that are known.
    pub more_tenders: bool,
    pub instant: Timestamp,
    pub minute: u16,
    pub personal: Vec<Truth>,
    pub presented: Option<Presented>,
    pub purchase: Option<i64>,
    pub standing: Option<i64>,
    pub store: Option<Symbol>,
    pub tenders: Option<Vec<Symbol>>,
    pub tier: Option<Symbol>,
    pub till: Option<Symbol>,
    pub weekday: u8,
}

/// What lines come to, as the condition at hand counts them.
pub(crate) trait LineSums {
    /// The sum of the lines that match, in the programme's money.
    fn amount(&self, test: Option<&LineTest>, basis: Basis) -> i64;
    /// How many lines match, and their quantity in thousandths.
    fn quantity(&self, test: &LineTest) -> (usize, i64);
    /// Whether it is unknown of some line if it matches.
    fn is_unsure(&self, test: &LineTest) -> bool;
}

impl OrderTest {
    pub fn truth(&self, facts: &Facts<'_>, sums: &impl LineSums) -> Truth {
        self.truth_by(&|leaf| leaf.truth(facts, sums))
    }

    /// The key of the first leaf that the order does not answer.
    pub fn missing(&self, facts: &Facts<'_>, sums: &impl LineSums) -> &'static str {
        self.first_unknown(&|leaf| leaf.truth(facts, sums)).map_or("", OrderLeaf::name)
    }
}

impl OrderLeaf {
    fn truth(&self, facts: &Facts<'_>, sums: &impl LineSums) -> Truth {
        match self {
            OrderLeaf::Amount(bounds, basis) => Truth::of(bounds.hold(sums.amount(None, *basis))),
            OrderLeaf::Attribute(name, values) => attribute(facts.attributes, *name, values),
            OrderLeaf::Card(words) => shared(words, &facts.cards),
            OrderLeaf::Channel(words) => one_of(words, facts.channel),
            OrderLeaf::City(words) => one_of(words, facts.city),
            OrderLeaf::Code(words) => shared(words, &facts.codes),
            OrderLeaf::Coupon(kinds) => {
                Truth::of(facts.coupons.iter().any(|kind| kinds.contains(kind)))
            }
            OrderLeaf::Dates(from, until) => {
                let begun = from.is_none_or(|from| from <= facts.date);
                Truth::of(begun && until.is_none_or(|until| facts.date <= until))
            }
            OrderLeaf::Group(words) => {
                facts.groups.map_or(Truth::Unknown, |groups| shared(words, groups))
            }
            OrderLeaf::Guest { plans, staff } => facts.guest.map_or(Truth::Unknown, |guest| {
                let (plan, works) = guest;
                let on_plan = plans.is_empty() || plan.is_some_and(|plan| plans.contains(&plan));
                Truth::of(on_plan && staff.is_none_or(|staff| staff == works))
            }),
            OrderLeaf::Instants(from, until) => {
                let begun = from.is_none_or(|from| from <= facts.instant);
                Truth::of(begun && until.is_none_or(|until| facts.instant <= until))
            }
            OrderLeaf::Lines { test, amount, quantity } => {
                lines_truth(sums, test, *amount, *quantity)
            }
            OrderLeaf::Personal(number, _) => {
                facts.personal.get(*number).copied().unwrap_or(Truth::Unknown)
            }
            OrderLeaf::Presented(ways) => {
                facts.presented.map_or(Truth::Unknown, |way| Truth::of(ways.contains(&way)))
            }
            OrderLeaf::Purchase { bounds, every } => facts.purchase.map_or(Truth::Unknown, |nth| {
                let due = every.is_none_or(|every| nth % i64::from(every.max(1)) == 0);
                Truth::of(bounds.hold(nth) && due)
            }),
            OrderLeaf::Standing(bounds) => {
                facts.standing.map_or(Truth::Unknown, |days| Truth::of(bounds.hold(days)))
            }
            OrderLeaf::Store(words) => one_of(words, facts.store),
            OrderLeaf::Tender(words) => {
                let known = facts.tenders.as_ref().map(|tenders| shared(words, tenders));
                let sure = |truth: &Truth| *truth == Truth::True || !facts.more_tenders;
                known.filter(sure).unwrap_or(Truth::Unknown)
            }
            OrderLeaf::Tier(words) => one_of(words, facts.tier),
            OrderLeaf::Till(words) => one_of(words, facts.till),
            OrderLeaf::Time(from, until) => Truth::of(if from <= until {
                (*from..=*until).contains(&facts.minute)
            } else {
                *from <= facts.minute || facts.minute <= *until
            }),
            OrderLeaf::Weekday(days) => Truth::of(days.contains(&facts.weekday)),
        }
    }

    /// The key that names the leaf in documents.
    pub fn name(&self) -> &'static str {
        match self {
            OrderLeaf::Amount(..) => "amount",
            OrderLeaf::Attribute(..) => "attribute",
            OrderLeaf::Card(_) => "card",
            OrderLeaf::Channel(_) => "channel",
            OrderLeaf::City(_) => "city",
            OrderLeaf::Code(_) => "code",
            OrderLeaf::Coupon(_) => "coupon",
            OrderLeaf::Dates(..) => "dates",
            OrderLeaf::Group(_) => "group",
            OrderLeaf::Guest { .. } => "guest",
            OrderLeaf::Instants(..) => "instants",
            OrderLeaf::Lines { .. } => "lines",
            OrderLeaf::Personal(_, name) => name,
            OrderLeaf::Presented(_) => "presented",
            OrderLeaf::Purchase { .. } => "purchase",
            OrderLeaf::Standing(_) => "standing",
            OrderLeaf::Store(_) => "store",
            OrderLeaf::Tender(_) => "tender",
            OrderLeaf::Tier(_) => "tier",
            OrderLeaf::Till(_) => "till",
            OrderLeaf::Time(..) => "time",
            OrderLeaf::Weekday(_) => "weekday",
        }
    }
}

/// A line of which it is unknown whether it matches makes the sum unknown.
fn lines_truth(
    sums: &impl LineSums,
    test: &LineTest,
    amount: Option<(Bounds, Basis)>,
    quantity: Option<Bounds>,
) -> Truth {
    let (count, sum) = sums.quantity(test);
    let any = amount.is_none() && quantity.is_none();
    if any && count > 0 {
        return Truth::True;
    }
    if sums.is_unsure(test) {
        return Truth::Unknown;
    }
    let enough = quantity.is_none_or(|bounds| bounds.hold(sum))
        && amount.is_none_or(|(bounds, basis)| bounds.hold(sums.amount(Some(test), basis)));
    Truth::of(!any && enough)
}
