//! Paper: lines of a fixed number of characters, as a till's printer has them.

use super::{MoneySign, printable, printable_instead};

/// The narrowest and the widest paper.
const WIDTHS: std::ops::RangeInclusive<u8> = 24..=80;

/// A slip in the making. Counts characters, never bytes: a Cyrillic letter is two bytes and one
/// column.
pub(super) struct Paper {
    width: usize,
    sign: MoneySign,
    text: String,
}

impl Paper {
    pub(super) fn new(width: u8, sign: MoneySign) -> Paper {
        let width = width.clamp(*WIDTHS.start(), *WIDTHS.end());
        Paper { width: usize::from(width), sign, text: String::new() }
    }

    pub(super) fn finish(self) -> String {
        self.text
    }

    /// A line from edge to edge.
    pub(super) fn rule(&mut self) {
        self.line(&"-".repeat(self.width));
    }

    pub(super) fn centre(&mut self, text: &str) {
        for line in wrap(&self.clean(text), self.width) {
            let free = self.width.saturating_sub(length(&line));
            self.line(&format!("{}{line}", " ".repeat(free / 2)));
        }
    }

    pub(super) fn left(&mut self, text: &str) {
        for line in wrap(&self.clean(text), self.width) {
            self.line(&line);
        }
    }

    /// A label at the left, moved in by `indent`, and a value at the right. A label that is too long
    /// goes on below; a value that does not fit beside its end stands on a line of its own.
    pub(super) fn row(&mut self, indent: usize, label: &str, value: &str) {
        let margin = " ".repeat(indent);
        let mut labels = wrap(&self.clean(label), self.width.saturating_sub(indent));
        let value = self.clean(value);
        let last = labels.pop().unwrap_or_default();
        for label in labels {
            self.line(&format!("{margin}{label}"));
        }
        let used = indent + length(&last) + length(&value);
        if used < self.width {
            let gap = " ".repeat(self.width - used);
            self.line(&format!("{margin}{last}{gap}{value}"));
            return;
        }
        self.line(&format!("{margin}{last}"));
        for part in wrap(&value, self.width) {
            let free = self.width.saturating_sub(length(&part));
            self.line(&format!("{}{part}", " ".repeat(free)));
        }
    }

    /// Only here no-break spaces become ordinary ones, after the text was broken into lines.
    fn line(&mut self, line: &str) {
        let line = printable(line, self.sign);
        self.text.push_str(line.trim_end_matches(' '));
        self.text.push('\n');
    }

    /// The text without what could command the printer or what it cannot print. Replacements may
    /// be longer than what they replace, so that this comes before counting.
    fn clean(&self, text: &str) -> String {
        let mut clean = String::with_capacity(text.len());
        for character in text.chars() {
            let instead = match self.sign {
                MoneySign::Symbol => None,
                MoneySign::Abbreviation => printable_instead(character).filter(|it| *it != " "),
            };
            match instead {
                Some(instead) => clean.push_str(instead),
                None if character.is_control() => clean.push(' '),
                None => clean.push(character),
            }
        }
        clean
    }
}

fn length(text: &str) -> usize {
    text.chars().count()
}

/// Breaks a text into lines between words; a word longer than a line is broken between characters.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        if used > 0 && used + 1 + length(word) <= width {
            line.push(' ');
            line.push_str(word);
            used += 1 + length(word);
            continue;
        }
        if used > 0 {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        for character in word.chars() {
            if used >= width.max(1) {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            line.push(character);
            used += 1;
        }
    }
    if used > 0 {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn paper(write: impl FnOnce(&mut Paper)) -> String {
        let mut paper = Paper::new(24, MoneySign::Abbreviation);
        write(&mut paper);
        paper.finish()
    }

    #[test]
    fn sums_stand_at_the_right_edge_whatever_the_script() {
        let text = paper(|paper| {
            paper.row(0, "Сумма", "300,00");
            paper.row(1, "Total", "1 300,00");
        });
        assert_eq!(text, "Сумма             300,00\n Total          1 300,00\n");
    }

    #[test]
    fn a_long_label_goes_on_below_and_the_sum_stands_beside_its_end() {
        let text = paper(|paper| paper.row(1, "Скидка: День рождения гостя", "-10,00"));
        assert_eq!(text, " Скидка: День рождения\n гостя            -10,00\n");
    }

    #[test]
    fn a_sum_that_does_not_fit_beside_its_label_stands_below_it() {
        let text = paper(|paper| paper.row(0, "Действуют по 24.10.2026", "11"));
        assert_eq!(text, "Действуют по 24.10.2026\n                      11\n");
    }

    #[test]
    fn a_word_longer_than_the_line_is_broken_between_characters() {
        let word = "ё".repeat(30);
        let text = paper(|paper| paper.left(&word));
        assert_eq!(text, format!("{}\n{}\n", "ё".repeat(24), "ё".repeat(6)));
    }

    #[test]
    fn control_characters_never_reach_the_printer() {
        let text = paper(|paper| paper.left("Кофе\u{1b}@\tс\nмолоком"));
        assert_eq!(text, "Кофе @ с молоком\n");
    }

    #[test]
    fn a_line_is_not_broken_within_a_number() {
        let text = paper(|paper| paper.left("Оплатить не больше 1\u{202f}200\u{202f}₽"));
        assert_eq!(text, "Оплатить не больше\n1 200 руб.\n");
    }

    #[test]
    fn titles_stand_in_the_middle() {
        assert_eq!(paper(|paper| paper.centre("Возврат")), "        Возврат\n");
    }

    #[test]
    fn a_width_out_of_bounds_is_the_nearest_within() {
        let mut narrow = Paper::new(1, MoneySign::Symbol);
        narrow.rule();
        assert_eq!(narrow.finish(), format!("{}\n", "-".repeat(24)));
        let mut wide = Paper::new(255, MoneySign::Symbol);
        wide.rule();
        assert_eq!(wide.finish(), format!("{}\n", "-".repeat(80)));
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_the_paper(
            label in "\\PC{0,90}",
            value in "\\PC{0,90}",
            width in any::<u8>(),
            indent in 0usize..3,
        ) {
            let mut paper = Paper::new(width, MoneySign::Abbreviation);
            paper.row(indent, &label, &value);
            paper.centre(&label);
            paper.left(&value);
            let most = usize::from(width.clamp(24, 80));
            for line in paper.finish().lines() {
                prop_assert!(line.chars().count() <= most, "{line:?}");
            }
        }
    }
}
