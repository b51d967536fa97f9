//! What was answered, and what is asked again.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::facts::Fact;
use crate::invariants::{self, Check};
use crate::world::{Asked, SaleKnown, World};

impl World {
    pub fn note_answer(&mut self, at: usize, request: Value, answer: String, new: &[Arc<Fact>]) {
        let record = new.first().map(|fact| fact.id.clone());
        self.note_sale(at, &answer);
        if let Some(fact) = new.first() {
            self.note_bills(at, &answer, fact);
        }
        self.asked.push(Asked { at, request, answer, record });
    }

    /// The sales into which bills were divided or joined, in the order of the answer.
    fn note_bills(&mut self, at: usize, answer: &str, fact: &Fact) {
        let answer: Value = serde_json::from_str(answer).unwrap();
        let opened: Vec<&Value> = fact.all("sale_opened").collect();
        let bills = crate::facts::list(&answer["bill"], "bills");
        for (bill, opened) in bills.iter().zip(opened) {
            let sale = json!({"sale": {"quote": bill["quote"], "record": opened["sale"],
                "token": bill["token"]}});
            self.note_sale(at, &sale.to_string());
        }
    }

    fn note_sale(&mut self, at: usize, answer: &str) {
        let answer: Value = serde_json::from_str(answer).unwrap();
        let sale = &answer["sale"];
        let (Some(token), true) = (sale["token"].as_str(), sale["quote"].is_object()) else {
            return;
        };
        if self.sales.iter().any(|known| known.token == token) {
            return;
        }
        let lines = crate::facts::list(&sale["quote"], "lines");
        let lines = lines.iter().map(|line| crate::facts::text(line, "id").to_owned()).collect();
        let held = crate::facts::list(&sale["quote"], "points").iter();
        let held = held.map(|points| crate::facts::amount(&points["spent"])).sum();
        let id = crate::facts::text(sale, "record").to_owned();
        self.sales.push(SaleKnown { at, id, token: token.to_owned(), held, lines });
    }

    pub fn retry(&mut self, at: usize, call: usize) -> Check {
        if self.asked.is_empty() {
            return Ok(());
        }
        let asked = &self.asked[call % self.asked.len()];
        let knows = |at: usize| {
            let place = &self.places[at];
            let known = |id: &String| place.records.values().flatten().any(|fact| fact.id == *id);
            asked.record.as_ref().is_some_and(known)
        };
        let at = if knows(at) { at } else { asked.at };
        let mut again = asked.request.clone();
        again["at"] = json!(self.now(at).to_string());
        let answer = self.places[at].ledger().call_json(&again.to_string());
        invariants::i20_one_key_has_one_answer_for_ever(asked, at, answer)?;
        let new = self.look(at)?;
        *self.done.entry("retry".to_owned()).or_default() += 1;
        invariants::i27_what_was_refused_left_nothing(new.len(), true, &again)
    }

    pub fn conflict(&mut self, at: usize, call: usize) -> Check {
        let own: Vec<&Asked> = self.asked.iter().filter(|asked| asked.at == at).collect();
        if own.is_empty() {
            return Ok(());
        }
        let asked = own[call % own.len()];
        let mut other = asked.request.clone();
        other["at"] = json!(self.now(at).to_string());
        other["command"] = json!({"issue": {"card": "19", "kind": "bonus"}});
        let answer = self.places[at].ledger().call_json(&other.to_string());
        invariants::i21_a_key_with_other_content_is_refused(answer)?;
        let new = self.look(at)?;
        *self.done.entry("conflict".to_owned()).or_default() += 1;
        invariants::i27_what_was_refused_left_nothing(new.len(), true, &other)
    }
}
