//! The program dies or the power goes, in a call or while an upload is taken in.

use kopilka::Error;

use crate::deeds;
use crate::invariants::{self, Check};
use crate::kept::Cut;
use crate::step::{Deed, How};
use crate::world::{Asked, World};

impl World {
    /// The program dies or the power goes in a call; then it is opened again and asked again.
    pub fn crash(&mut self, at: usize, deed: &Deed, cut: Cut) -> Check {
        let at = deeds::place(self, at, deed);
        let Some((verb, request)) = self.request(at, deed) else { return Ok(()) };
        self.places[at].kept.plan(cut);
        let first = self.places[at].ledger().call_json(&request.to_string());
        self.restart(at)?;
        let new = self.look(at)?;
        if let Err(error) = &first {
            let code = error.code();
            let code = code.as_str();
            // On a failing disk another code than these would be a lie.
            if code == "internal" || (code.starts_with("store.") && code != "store.failed") {
                return Err(format!("{error}: {request}"));
            }
            let was_cut = code == "store.failed";
            let name = match (was_cut, new.is_empty()) {
                (true, true) => "crash before it was kept",
                (true, false) => "crash after it was kept",
                (false, _) => "crash after a refusal",
            };
            *self.done.entry(name.to_owned()).or_default() += 1;
        } else {
            *self.done.entry("crash after the answer".to_owned()).or_default() += 1;
        }
        let place = &self.places[at];
        let answered = first.is_ok();
        invariants::i27_what_was_cut_off_is_whole_or_absent(place, new.len(), answered, &request)?;
        let again = self.places[at].ledger().call_json(&request.to_string());
        let later = self.look(at)?;
        invariants::i27_what_was_cut_off_is_done_once(new.len(), later.len(), again.is_ok())?;
        let Ok(again) = again else { return Ok(()) };
        if let Ok(first) = first {
            let asked = Asked { at, request: request.clone(), answer: first, record: None };
            invariants::i20_one_key_has_one_answer_for_ever(&asked, at, Ok(again.clone()))?;
        }
        invariants::i26_what_was_acknowledged_is_kept(&self.places[at], &again)?;
        *self.done.entry(verb.to_owned()).or_default() += 1;
        let made = if new.is_empty() { later } else { new };
        self.note_answer(at, request, again, &made);
        Ok(())
    }

    /// An upload is cut off by the end of the program, and goes on where it stopped.
    pub fn crash_in_upload(&mut self, from: usize, to: usize, cut: Cut) -> Check {
        let whole = self.export(from, Some(to))?;
        let now = self.now(to);
        self.places[to].kept.plan(cut);
        let merge = self.places[to].ledger().import(&mut &whole[..], now);
        if let Err(error) = merge.as_ref().map_err(Error::code)
            && error.as_str() != "store.failed"
        {
            return Err(format!("an upload ends with {}", error.as_str()));
        }
        self.restart(to)?;
        let new = self.look(to)?;
        if let Ok(merge) = &merge {
            invariants::i28_a_merge_says_what_it_took_in(merge, new.len())?;
        }
        let name = if merge.is_ok() { "crash after an upload" } else { "crash in an upload" };
        *self.done.entry(name.to_owned()).or_default() += 1;
        invariants::i30_what_is_made_anew_is_what_was_kept(&self.places[to])?;
        self.upload(from, to, How::Whole)
    }

    /// The next program opens what the last one left behind.
    fn restart(&mut self, at: usize) -> Check {
        drop(self.places[at].ledger.take());
        self.places[at].kept.end();
        self.open(at)
    }
}
