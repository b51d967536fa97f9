//! Properties of the whole engine, through its public doors: random programmes, orders and cards.
//!
//! The numbers in comments are those of the 22 properties in the research behind the design:
//! what must hold of every receipt, refund and record, whatever the programme says.

mod agreement;
mod bills;
mod book;
mod division;
mod explanation;
mod gift;
mod identify;
mod limit;
mod lives;
mod lot;
mod offer;
mod oracle;
mod order;
mod present;
mod program;
mod receipt;
mod record;
mod refund;
mod reward;
mod shape;
mod spending;
mod stacking;
mod tax;
mod tills;
