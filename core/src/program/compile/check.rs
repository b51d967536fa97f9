//! Collecting mistakes while a programme is compiled.

use std::collections::HashMap;
use std::ops::{Deref, DerefMut};

use rust_decimal::Decimal;

use crate::amount;
use crate::document::{Codes, Collector};
use crate::error::ErrorCode;
use crate::program::condition::{self, LineTest, OrderTest, PersonalLeaf};
use crate::program::rules::{LifeRules, StartRules, Symbol, Symbols};
use crate::program::{Life, LineCondition, OrderCondition, ProgramDocument, Start, Term};

/// The codes of programmes.
pub(crate) const CODES: Codes = Codes {
    duplicate: ErrorCode::ProgramDuplicate,
    reference: ErrorCode::ProgramReference,
    contradiction: ErrorCode::ProgramContradiction,
    document: "programme",
};

/// Collects mistakes while the document is compiled.
pub(crate) struct Check<'a> {
    pub document: &'a ProgramDocument,
    pub collector: Collector,
    pub symbols: Symbols,
    pub personal: Vec<PersonalLeaf>,
    /// Codes as they are first written.
    pub codes: HashMap<Symbol, String>,
    /// Whether anything asks who the guest is.
    pub asks_guest: bool,
    /// Whether anything asks for the local time.
    pub asks_time: bool,
    pub currency_digits: u8,
}

impl Deref for Check<'_> {
    type Target = Collector;

    fn deref(&self) -> &Collector {
        &self.collector
    }
}

impl DerefMut for Check<'_> {
    fn deref_mut(&mut self) -> &mut Collector {
        &mut self.collector
    }
}

impl Check<'_> {
    /// A decimal as units of 10^−`digits`.
    pub fn units(&mut self, value: Decimal, digits: u8, path: &str) -> i64 {
        amount::to_units(value, digits).unwrap_or_else(|(code, message)| {
            self.mistake(code, path, message);
            0
        })
    }

    pub fn money(&mut self, value: Decimal, path: &str) -> i64 {
        let units = self.units(value, self.currency_digits, path);
        if units < 0 {
            self.mistake(ErrorCode::AmountSign, path, format!("`{value}` must not be negative"));
        }
        units
    }

    pub fn positive(&mut self, value: Decimal, digits: u8, path: &str) -> i64 {
        if value <= Decimal::ZERO {
            let message = format!("`{}` must be above zero", value.normalize());
            self.mistake(ErrorCode::ProgramNotPositive, path, message);
            return 1;
        }
        self.units(value, digits, path).max(1)
    }

    /// A percentage from 0 to 100 as a count of 10⁻⁹ of the whole.
    pub fn percent(&mut self, value: Decimal, path: &str) -> i64 {
        if value < Decimal::ZERO || value > Decimal::ONE_HUNDRED {
            let message = format!("`{}` is not a percentage from 0 to 100", value.normalize());
            self.mistake(ErrorCode::ProgramPercent, path, message);
            return 0;
        }
        // Percent times 10⁷ is a count of 10⁻⁹.
        self.units(value, 7, path)
    }

    pub fn words(&mut self, words: &[String], path: &str) -> Vec<Symbol> {
        if words.is_empty() {
            self.mistake(
                ErrorCode::ProgramEmpty,
                path,
                "the list is empty, so that nothing matches",
            );
        }
        words.iter().map(|word| self.symbols.add(word)).collect()
    }

    pub fn known(
        &mut self,
        words: &[String],
        known: &[&str],
        what: &str,
        path: &str,
    ) -> Vec<Symbol> {
        for (index, word) in words.iter().enumerate() {
            self.reference(word, known, what, &format!("{path}/{index}"));
        }
        self.words(words, path)
    }

    pub fn known_cards(&mut self, words: &[String], path: &str) -> Vec<Symbol> {
        let known: Vec<&str> = self.document.cards.iter().map(|card| card.id.as_str()).collect();
        self.known(words, &known, "card", path)
    }

    pub fn known_stores(&mut self, words: &[String], path: &str) -> Vec<Symbol> {
        let known: Vec<&str> = self.document.stores.iter().map(|store| store.id.as_str()).collect();
        self.known(words, &known, "store", path)
    }

    pub fn known_tiers(&mut self, words: &[String], path: &str) -> Vec<Symbol> {
        let known: Vec<&str> = self.document.tiers.iter().map(|tier| tier.id.as_str()).collect();
        self.known(words, &known, "tier", path)
    }

    pub fn known_coupons(&mut self, words: &[String], path: &str) -> Vec<usize> {
        if words.is_empty() {
            let message = "the list is empty, so that nothing matches";
            self.mistake(ErrorCode::ProgramEmpty, path, message);
        }
        let known: Vec<&str> = self.document.coupons.iter().map(|c| c.id.as_str()).collect();
        let find = |(index, word): (usize, &String)| {
            self.reference(word, &known, "coupon", &format!("{path}/{index}"))
        };
        words.iter().enumerate().filter_map(find).collect()
    }

    /// A plan that guests can be on: any word where the programme lists none.
    pub fn plan(&mut self, word: &str, path: &str) {
        let known: Vec<&str> = self.document.plans.iter().map(String::as_str).collect();
        if !known.is_empty() {
            self.reference(word, &known, "plan", path);
        }
    }

    pub fn grant(&mut self, word: Option<&String>, path: &str) -> Option<usize> {
        let known: Vec<&str> = self.document.grants.iter().map(|g| g.id.as_str()).collect();
        self.reference(word?, &known, "grant", path)
    }

    /// A code as it is compared.
    pub fn code(&mut self, code: &str) -> Symbol {
        let symbol = self.symbols.add(&code_symbol(code));
        self.codes.entry(symbol).or_insert_with(|| code.trim().to_owned());
        symbol
    }

    /// The limits that cover a rule.
    pub fn limits_over(&self, id: &str) -> Vec<usize> {
        let limits = self.document.limits.iter().enumerate();
        let covering = limits.filter(|(_, limit)| limit.covers.iter().any(|covered| covered == id));
        covering.map(|(index, _)| index).collect()
    }

    pub fn digits_of(&self, points: usize) -> u8 {
        self.document.points.get(points).map_or(0, |points| points.digits.min(6))
    }

    /// The points that a setting names, or the only ones, without noting a mistake.
    pub fn points_if_known(&self, word: Option<&String>) -> Option<usize> {
        match word {
            Some(word) => self.document.points.iter().position(|points| points.id == *word),
            None => Some(0),
        }
    }

    pub fn tier(&mut self, word: &str, path: &str) -> usize {
        let known: Vec<&str> = self.document.tiers.iter().map(|tier| tier.id.as_str()).collect();
        self.reference(word, &known, "tier", path).unwrap_or(0)
    }

    /// The points that a setting names, or the only ones that there are.
    pub fn points(&mut self, word: Option<&String>, path: &str) -> usize {
        let known: Vec<&str> = self.document.points.iter().map(|p| p.id.as_str()).collect();
        match (word, known.len()) {
            (Some(word), _) => self.reference(word, &known, "points", path).unwrap_or(0),
            (None, 1) => 0,
            (None, 0) => {
                let message = "the programme has no points; declare them in `points`";
                self.mistake(ErrorCode::ProgramReference, path, message);
                0
            }
            (None, _) => {
                let message = "the programme has several kinds of points; say which";
                self.mistake(ErrorCode::ProgramReference, path, message);
                0
            }
        }
    }

    pub fn start(&mut self, start: Option<&Start>, path: &str) -> Option<StartRules> {
        Some(match start? {
            Start::Days(days) => StartRules::Term(Term::Days(*days)),
            Start::Months(months) => StartRules::Term(Term::Months(*months)),
            Start::Hours(hours) => StartRules::Term(Term::Hours(*hours)),
            Start::Date(date) => {
                let date = self.date(Some(date), &format!("{path}/date"));
                StartRules::Date(date.unwrap_or_default())
            }
            Start::Event(event) => {
                if event.is_empty() {
                    let message = "name the event";
                    self.mistake(ErrorCode::DocumentTextEmpty, &format!("{path}/event"), message);
                }
                StartRules::Event(event.clone())
            }
        })
    }

    pub fn life(&mut self, life: Option<&Life>, path: &str) -> Option<LifeRules> {
        let life = life?;
        if matches!(life, Life::Hours(0) | Life::Months(0)) {
            let message = "points must live for some time";
            self.mistake(
                ErrorCode::ProgramNotPositive,
                &format!("{path}/{}", life.name()),
                message,
            );
        }
        Some(match life {
            Life::Days(days) => LifeRules::Term(Term::Days(*days)),
            Life::Months(months) => LifeRules::Term(Term::Months(*months)),
            Life::Hours(hours) => LifeRules::Term(Term::Hours(*hours)),
            Life::EndOf(end) => LifeRules::EndOf(end.clone()),
            Life::Date(date) => {
                let date = self.date(Some(date), &format!("{path}/date"));
                LifeRules::Date(date.unwrap_or_default())
            }
        })
    }

    pub fn order(&mut self, condition: Option<&OrderCondition>, path: &str) -> Option<OrderTest> {
        Some(condition::compile_order(self, condition?, path))
    }

    pub fn lines(&mut self, condition: Option<&LineCondition>, path: &str) -> Option<LineTest> {
        Some(condition::compile_line(self, condition?, path))
    }
}

/// A code as it is compared: without white space around it, ASCII letters as capitals, and apart
/// from every other word.
pub(crate) fn code_symbol(code: &str) -> String {
    format!("code:{}", code.trim().to_ascii_uppercase())
}
