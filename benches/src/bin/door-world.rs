//! Writes what the benchmark of the doors asks as documents, for the other languages:
//! `door-world FOLDER`.

use std::path::Path;
use std::{env, fs};

use benches::{book, issue_requests, now, order, program, program_text};
use kopilka::PreparedOrder;
use kopilka::document::canonical;
use kopilka::door::QuoteCall;

fn main() {
    let folder = env::args().nth(1).expect("usage: door-world FOLDER");
    let write = |name: &str, text: &str| {
        fs::write(Path::new(&folder).join(name), text).expect("the folder can be written to");
    };
    write("book.json", &format!(r#"{{"till": "till-1", "program": {}}}"#, program_text(20)));
    write("program.json", &program_text(20));
    for (number, request) in issue_requests().iter().enumerate() {
        write(&format!("issue-{}.json", number + 1), &canonical(request));
    }
    write("order.json", &canonical(&order(10, false)));
    let prepared = PreparedOrder::new(&program(20), order(10, false)).expect("it is sound");
    let call = QuoteCall { at: now(), explain: false };
    let quote = book(program(20)).quote(&prepared, &call).expect("it is quoted");
    write("quote.json", &canonical(&quote));
}
