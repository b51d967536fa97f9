//! Which part of a divided bill gets how much of each line.

use super::lines::thousandths;
use crate::amount::{QUANTITY_DIGITS, to_units};
use crate::answer::Quote;
use crate::command::{BillLine, BillPart, SplitBill};
use crate::error::{Error, ErrorCode, Mistake};
use crate::order::{LineKind, Order};

/// How much of each line of a receipt each part gets, in thousandths: first by line, then by part.
pub(super) fn choose(
    split: &SplitBill,
    quote: &Quote,
    order: &Order,
) -> Result<Vec<Vec<i64>>, Error> {
    let mut choice = Choice::new(quote, order, split.parts.len());
    if split.parts.is_empty() {
        choice.mistake("/action/split/parts", "name at least one part");
    }
    for (number, part) in split.parts.iter().enumerate() {
        choice.take_part(number, part);
        choice.take_children(number, split);
    }
    let left: i64 = choice.left.iter().sum();
    if left == 0 && choice.mistakes.is_empty() {
        choice.mistake("/action/split/parts", "leave something for the last part");
    }
    if !choice.mistakes.is_empty() {
        return Err(choice.mistakes.into());
    }
    for (taken, left) in choice.taken.iter_mut().zip(&choice.left) {
        taken.push(*left);
    }
    Ok(choice.taken)
}

struct Choice<'a> {
    quote: &'a Quote,
    order: &'a Order,
    /// By line, then by part.
    taken: Vec<Vec<i64>>,
    left: Vec<i64>,
    mistakes: Vec<Mistake>,
}

impl Choice<'_> {
    fn new<'a>(quote: &'a Quote, order: &'a Order, parts: usize) -> Choice<'a> {
        Choice {
            quote,
            order,
            taken: vec![vec![0; parts]; quote.lines.len()],
            left: quote.lines.iter().map(thousandths).collect(),
            mistakes: Vec::new(),
        }
    }

    fn mistake(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.mistakes.push(Mistake::new(ErrorCode::BillContradiction, path, message));
    }

    fn take_part(&mut self, number: usize, part: &BillPart) {
        if part.lines.is_empty() {
            let path = format!("/action/split/parts/{number}/lines");
            self.mistake(path, "name the lines of the part");
        }
        for (index, line) in part.lines.iter().enumerate() {
            let path = format!("/action/split/parts/{number}/lines/{index}");
            let named = |other: &BillLine| other.line == line.line;
            if part.lines.iter().take(index).any(named) {
                let message = format!("the line `{}` is named twice", line.line);
                self.mistake(format!("{path}/line"), message);
                continue;
            }
            self.take_line(number, line, &path);
        }
    }

    fn take_line(&mut self, part: usize, line: &BillLine, path: &str) {
        let Some(place) = self.quote.lines.iter().position(|one| one.id == line.line) else {
            let message = format!("the receipt has no line `{}`", line.line);
            let path = format!("{path}/line");
            self.mistakes.push(Mistake::new(ErrorCode::OrderLineUnknown, path, message));
            return;
        };
        let left = self.left.get(place).copied().unwrap_or(0);
        let (wished, path) = match line.quantity {
            None => (left, format!("{path}/line")),
            Some(quantity) => match to_units(quantity, QUANTITY_DIGITS) {
                Ok(units) => (units, format!("{path}/quantity")),
                Err((code, message)) => {
                    let path = format!("{path}/quantity");
                    self.mistakes.push(Mistake::new(code, path, message));
                    return;
                }
            },
        };
        if line.quantity.is_some() && wished <= 0 {
            let message = "the quantity must be above zero";
            self.mistakes.push(Mistake::new(ErrorCode::OrderQuantity, path, message));
        } else if left == 0 || wished > left {
            self.mistake(path, "the parts name more of the line than there is");
        } else if wished < left && self.is_stored_value(place) {
            self.mistake(path, "a line that loads a card is not divided; name it as a whole");
        } else {
            self.take(place, part, wished);
        }
    }

    fn take(&mut self, place: usize, part: usize, quantity: i64) {
        let taken = self.taken.get_mut(place).and_then(|parts| parts.get_mut(part));
        if let Some((taken, left)) = taken.zip(self.left.get_mut(place)) {
            *taken += quantity;
            *left -= quantity;
        }
    }

    fn is_stored_value(&self, place: usize) -> bool {
        let id = self.quote.lines.get(place).map_or("", |line| &line.id);
        let line = self.order.lines.iter().find(|line| line.id == id);
        line.is_some_and(|line| line.kind == LineKind::StoredValue)
    }

    /// Children whose parent is in the part as a whole come along, unless some part names them.
    fn take_children(&mut self, part: usize, split: &SplitBill) {
        let named = |id: &String| {
            split.parts.iter().flat_map(|part| &part.lines).any(|line| line.line == *id)
        };
        // A child may have children: until none is added.
        loop {
            let children: Vec<usize> = (0..self.left.len())
                .filter(|place| self.comes_along(*place, part) && self.is_free(*place, &named))
                .collect();
            if children.is_empty() {
                return;
            }
            for place in children {
                let left = self.left.get(place).copied().unwrap_or(0);
                self.take(place, part, left);
            }
        }
    }

    fn is_free(&self, place: usize, named: &dyn Fn(&String) -> bool) -> bool {
        let whole = self.quote.lines.get(place);
        whole.is_some_and(|line| !named(&line.id))
            && self.left.get(place).is_some_and(|left| *left > 0)
    }

    fn comes_along(&self, place: usize, part: usize) -> bool {
        let Some(line) = self.quote.lines.get(place) else { return false };
        let source = self.order.lines.iter().find(|one| one.id == line.id);
        let Some(parent) = source.and_then(|source| source.parent.as_ref()) else { return false };
        let parent = self.quote.lines.iter().position(|one| one.id == *parent);
        let taken = parent.and_then(|parent| self.taken.get(parent)?.get(part));
        let whole = parent.and_then(|parent| self.quote.lines.get(parent)).map(thousandths);
        taken.copied() == whole && whole.is_some()
    }
}
