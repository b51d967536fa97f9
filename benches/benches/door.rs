//! What the C door costs beyond the engine: the same quotes natively and through the C functions.
//!
//! `native`: Rust types in and out. `text`: JSON in and out, in Rust. `c`: JSON in and out of the functions
//! of libkopilka. So `c` less `text` is the door, and `text` less `native` the JSON.

use std::hint::black_box;

use benches::{CpuTime, book, issue_requests, now, order, program, program_text, quote_request};
use criterion::{Criterion, criterion_group, criterion_main};
use kopilka::PreparedOrder;
use kopilka::document::{canonical, from_node};
use kopilka::door::QuoteCall;
use kopilka::json::Node;
use kopilka_ffi::caller::Caller;

/// The book of the other benchmarks behind a handle: a programme of 20 rules and two cards.
fn book_behind_a_handle() -> Caller {
    let options = format!(r#"{{"till": "till-1", "program": {}}}"#, program_text(20));
    let place = Caller::book(&options).expect("the options are sound");
    for request in issue_requests() {
        let issued = place.call(canonical(&request).as_bytes(), |_| ());
        issued.expect("the card is issued");
    }
    place
}

/// An order that was checked before: all that is read is an instant.
fn prepared(criterion: &mut Criterion<CpuTime>) {
    let program = program(20);
    let book = book(program.clone());
    let native = PreparedOrder::new(&program, order(10, false)).expect("the order is sound");
    let place = book_behind_a_handle();
    let behind = Caller::program(&program_text(20)).expect("the programme is sound");
    let behind = behind.order(&canonical(&order(10, false))).expect("the order is sound");
    let call = QuoteCall { at: now(), explain: false };
    let text = canonical(&call);

    let expected = canonical(&book.quote(&native, &call).expect("it is quoted"));
    let answer = place.quote(&behind, text.as_bytes(), <[u8]>::to_vec).expect("it is quoted");
    assert_eq!(answer, expected.as_bytes(), "both doors answer alike");
    println!("the request has {} bytes, the quote {}", text.len(), answer.len());

    let mut group = criterion.benchmark_group("door-prepared-10x20");
    group.bench_function("native", |bencher| bencher.iter(|| book.quote(&native, &call)));
    group.bench_function("text", |bencher| {
        bencher.iter(|| {
            let node = Node::parse(black_box(&text), 1_000).expect("it is JSON");
            let call: QuoteCall = from_node(&node).expect("it is a call");
            canonical(&book.quote(&native, &call).expect("it is quoted"))
        });
    });
    group.bench_function("c", |bencher| {
        bencher.iter(|| place.quote(&behind, black_box(text.as_bytes()), <[u8]>::len));
    });
    group.finish();
}

/// A request with ten lines.
fn request(criterion: &mut Criterion<CpuTime>) {
    let mut book = book(program(20));
    let place = book_behind_a_handle();
    let native = quote_request(order(10, false));
    let text = canonical(&native);
    let expected = book.ask_json(&text).expect("it is quoted");
    let answer = place.call(text.as_bytes(), <[u8]>::to_vec).expect("it is quoted");
    assert_eq!(answer, expected.as_bytes(), "both doors answer alike");
    println!("the request has {} bytes, the answer {}", text.len(), answer.len());

    let mut group = criterion.benchmark_group("door-request-10x20");
    group.bench_function("native", |bencher| bencher.iter(|| book.call(&native)));
    group.bench_function("text", |bencher| bencher.iter(|| book.ask_json(black_box(&text))));
    group.bench_function("c", |bencher| {
        bencher.iter(|| place.call(black_box(text.as_bytes()), <[u8]>::len));
    });
    group.finish();
    // The way in and out alone: a handle looked at within the boundary.
    criterion.bench_function("door/kind-of-a-handle", |bencher| bencher.iter(|| place.kind()));
}

criterion_group! {
    name = doors;
    config = Criterion::default().with_measurement(CpuTime);
    targets = prepared, request
}
criterion_main!(doors);
