//! Tickets from a file.

use std::error::Error;
use std::path::Path;

use kopilka::desk::DeskTicket;
use kopilka::document::from_node;
use kopilka::json::Node;

/// The most bytes that a file of tickets may have.
const BYTES_MAX: usize = 1 << 28;

/// A week at six stores.
pub fn built_in() -> Result<Vec<DeskTicket>, Box<dyn Error>> {
    parse(include_str!("../week.json"))
}

/// The tickets of a file: a list of objects with an `id` and `events`.
pub fn read(path: &Path) -> Result<Vec<DeskTicket>, Box<dyn Error>> {
    parse(&crate::read(path)?)
}

fn parse(text: &str) -> Result<Vec<DeskTicket>, Box<dyn Error>> {
    let Node::List(items) = Node::parse(text, BYTES_MAX)? else {
        return Err("a file of tickets is a list of objects with `id` and `events`".into());
    };
    let mut tickets = Vec::with_capacity(items.len());
    for (place, item) in items.iter().enumerate() {
        let ticket = from_node::<DeskTicket>(item);
        tickets.push(ticket.map_err(|error| format!("the ticket at /{place}: {error}"))?);
    }
    Ok(tickets)
}
