//! What ledgers tell each other.

use kopilka::ChainEnd;
use kopilka_store::ExportOptions;

use crate::invariants::{self, Check};
use crate::step::How;
use crate::world::{BACKEND, World};

impl World {
    pub fn heads(&self, at: usize) -> Vec<ChainEnd> {
        let heads = self.places[at].kept.with(|store| store.heads()).unwrap();
        heads
            .into_iter()
            .map(|head| ChainEnd {
                hash: head.hash.to_string(),
                incarnation: head.chain.incarnation,
                sequence: head.sequence,
                till: head.chain.till,
            })
            .collect()
    }

    /// What another place lacks, or everything.
    pub fn export(&self, from: usize, to: Option<usize>) -> Result<Vec<u8>, String> {
        let after = to.map(|to| self.heads(to)).unwrap_or_default();
        let mut bytes = Vec::new();
        let options = ExportOptions { with_personal: true };
        let written = self.places[from].ledger().export(&after, &mut bytes, &options);
        written.map_err(|error| error.to_string())?;
        Ok(bytes)
    }

    pub fn upload(&mut self, from: usize, to: usize, how: How) -> Check {
        let whole = self.export(from, (!matches!(how, How::FromTheStart)).then_some(to))?;
        let upload = match how {
            How::Whole | How::FromTheStart => whole,
            // The first line must stand, or it is no upload.
            How::Cut(share) => {
                let first = whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;
                let rest = (whole.len() - first) * usize::from(share) / 1_000;
                whole[..first + rest].to_vec()
            }
        };
        let merge = self.import(to, &upload)?;
        *self.done.entry("upload".to_owned()).or_default() += 1;
        if to == BACKEND {
            let now = self.now(from);
            let told = self.places[from].ledger().acknowledge(&merge.acknowledgement, now);
            told.map_err(|error| error.to_string())?;
            let begun = self.places[from].planned.is_some_and(|(begins, _)| begins <= now);
            if begun {
                self.places[from].planned = None;
            }
        }
        Ok(())
    }

    pub fn import(&mut self, to: usize, bytes: &[u8]) -> Result<kopilka::upload::Merge, String> {
        let now = self.now(to);
        let merge = self.places[to].ledger().import(&mut &bytes[..], now);
        let merge = merge.map_err(|error| error.to_string())?;
        let new = self.look(to)?;
        invariants::i28_a_merge_says_what_it_took_in(&merge, new.len())?;
        Ok(merge)
    }

    pub fn meet(&mut self) -> Check {
        for from in 0..BACKEND {
            self.upload(from, BACKEND, How::Whole)?;
        }
        for to in 0..BACKEND {
            self.upload(BACKEND, to, How::Whole)?;
        }
        Ok(())
    }
}
