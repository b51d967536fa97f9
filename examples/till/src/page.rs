//! Headings, rows and figures of the reports: at most 80 columns wide.

use std::fmt::Display;
use std::io::{self, Write};

use clap::ValueEnum;

/// The widest line.
pub const WIDTH: usize = 80;
const LABEL: usize = 44;
const VALUE: usize = 16;

/// The language of everything that is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// Russian
    #[default]
    Ru,
    /// English
    En,
}

impl Language {
    /// The same language, as the engine names it.
    pub fn engine(self) -> kopilka::texts::Language {
        self.pick(kopilka::texts::Language::Russian, kopilka::texts::Language::English)
    }

    /// One of two texts.
    pub fn pick<T>(self, russian: T, english: T) -> T {
        match self {
            Language::Ru => russian,
            Language::En => english,
        }
    }

    /// A whole number with its thousands set apart.
    pub fn count(self, count: u64) -> String {
        self.figure(i128::from(count), 0)
    }

    /// An amount in smallest units, with its thousands set apart.
    pub fn figure(self, units: i128, digits: u8) -> String {
        let digits = usize::from(digits);
        let plain = format!("{:0width$}", units.unsigned_abs(), width = digits + 1);
        let (whole, fraction) = plain.split_at(plain.len() - digits);
        let mut shown = String::from(if units < 0 { "−" } else { "" });
        for (index, digit) in whole.chars().enumerate() {
            if index > 0 && (whole.len() - index).is_multiple_of(3) {
                shown.push_str(self.pick("\u{202f}", ","));
            }
            shown.push(digit);
        }
        if digits > 0 {
            shown.push_str(self.pick(",", "."));
            shown.push_str(fraction);
        }
        shown
    }
}

/// Somewhere to print.
pub struct Page<'a> {
    out: &'a mut dyn Write,
    pub language: Language,
}

impl<'a> Page<'a> {
    pub fn new(out: &'a mut dyn Write, language: Language) -> Page<'a> {
        Page { out, language }
    }

    /// A heading, set apart by a line.
    pub fn heading(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "\n{text}\n{}", "─".repeat(text.chars().count()))
    }

    /// A line of text, cut at the right edge.
    pub fn line(&mut self, text: impl Display) -> io::Result<()> {
        let text: String = text.to_string().chars().take(WIDTH).collect();
        writeln!(self.out, "{}", text.trim_end())
    }

    /// A text with an indent, broken between words at the right edge.
    pub fn text(&mut self, indent: usize, text: &str) -> io::Result<()> {
        for line in wrapped(text, WIDTH - indent) {
            self.line(format!("{:indent$}{line}", ""))?;
        }
        Ok(())
    }

    /// A text as one of several, broken between words.
    pub fn item(&mut self, text: &str) -> io::Result<()> {
        for (index, line) in wrapped(text, WIDTH - 4).iter().enumerate() {
            self.line(format!("  {} {line}", if index == 0 { "·" } else { " " }))?;
        }
        Ok(())
    }

    /// Columns, the first at the left and the others at the right.
    pub fn columns(&mut self, first: &str, others: [&str; 4]) -> io::Result<()> {
        let others = others.map(|cell| format!("{cell:>14}")).concat();
        self.line(format!("  {first:<20}{others}"))
    }

    /// A label with figures to its right, one below another in all rows.
    pub fn row(&mut self, label: &str, values: &[String]) -> io::Result<()> {
        let values: String = values.iter().map(|value| format!("{value:>VALUE$}")).collect();
        self.line(format!("  {label:<LABEL$}{values}"))
    }
}

/// A text in lines of at most so many columns; a longer word stands alone.
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    // Only at ordinary spaces: others keep a number together.
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        match lines.last_mut() {
            Some(line) if line.chars().count() + word.chars().count() < width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_their_thousands_apart_and_all_their_decimals() {
        let figures = [(0, 2), (5, 2), (-100_005, 2), (1_234_567, 0), (999, 0)];
        let shown = figures.map(|(units, digits)| Language::En.figure(units, digits));
        assert_eq!(shown, ["0.00", "0.05", "−1,000.05", "1,234,567", "999"]);
        assert_eq!(Language::Ru.figure(-100_005, 2), "−1\u{202f}000,05");
    }

    #[test]
    fn texts_break_between_words() {
        assert_eq!(wrapped("one two  three", 7), ["one two", "three"]);
    }
}
