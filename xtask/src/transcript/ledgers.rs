//! What vectors ask ledgers on disk.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use kopilka::Program;
use kopilka::json::Node;
use kopilka_store::Ledger;

use super::{Handle, Held, Transcript, keep, quote_call};
use crate::conformance::substitute;
use crate::ledgers::{Entered, Turn};

impl Transcript {
    pub(super) fn ledgers(&mut self, program: &Node, steps: &[Node]) -> Result<()> {
        let _folder = Entered::folder(&self.folder)?;
        let compiled = Program::from_node(program).map(Held::Program);
        let compiled = self.open("program", &program.canonical(), compiled);
        let mut open: BTreeMap<&str, Handle> = BTreeMap::new();
        let mut answers = BTreeMap::new();
        for step in steps {
            let (ledger, turn) = Turn::of(step).map_err(anyhow::Error::msg)?;
            match turn {
                Turn::Open(options) => {
                    let text = options.canonical();
                    let opened = Ledger::open_json(&text);
                    let opened = opened.map(|ledger| Held::Ledger(Box::new(ledger)));
                    open.insert(ledger, self.open("ledger", &text, opened));
                }
                Turn::Ask(query) => {
                    let Some(handle) = open.get(ledger) else { bail!("{ledger} is not open") };
                    let query = substitute(query, &answers);
                    let answer = self.call(*handle, &query.canonical());
                    keep(step, answer, &mut answers);
                    if let (Some(order), Some(at)) =
                        (query.at("/command/quote/order"), query.get("at"))
                    {
                        let call = quote_call(at.clone(), &query);
                        self.prepared_for(*handle, compiled, order, &call);
                    }
                }
                Turn::Close => {
                    let Some(handle) = open.remove(ledger) else { bail!("{ledger} is not open") };
                    self.held[handle] = Held::Nothing;
                    self.text.push_str(&format!("free\t{}\n", handle + 1));
                }
            }
        }
        Ok(())
    }
}
