//! Quotes, compiling, sales and JSON, beside baselines that do the least of the same kind of work.

use std::hint::black_box;

use benches::{
    CpuTime, book, call, confirm_request, now, order, program, program_text, quote_request,
    refund_request, reserve_request, sell_request, token,
};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use kopilka::document::{Reader, canonical};
use kopilka::json::Node;
use kopilka::{Answer, PreparedOrder, Program, REQUEST_BYTES_MAX, Request};
use sha2::{Digest, Sha256};

fn quote(criterion: &mut Criterion<CpuTime>) {
    let mut group = criterion.benchmark_group("quote");
    for (name, lines, rules, taxed) in
        [("10x20", 10, 20, false), ("10x20-taxed", 10, 20, true), ("200x100", 200, 100, false)]
    {
        let program = program(rules);
        let book = book(program.clone());
        let order = order(lines, taxed);
        let prepared = PreparedOrder::new(&program, order.clone()).expect("the order is sound");
        for (ending, explain) in [("", false), ("-explained", true)] {
            group.bench_function(format!("{name}{ending}"), |bencher| {
                bencher.iter(|| prepared.quote(book.slice(), now(), explain));
            });
        }
        group.bench_function(format!("{name}-unprepared"), |bencher| {
            bencher.iter_batched(
                || order.clone(),
                |order| {
                    let prepared = PreparedOrder::new(&program, order).expect("it is sound");
                    let quote = prepared.quote(book.slice(), now(), false);
                    (prepared, quote)
                },
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

fn compile(criterion: &mut Criterion<CpuTime>) {
    let text = program_text(100);
    let mut group = criterion.benchmark_group("compile");
    group.bench_function("100-rules", |bencher| {
        bencher.iter(|| Program::compile(black_box(&text)));
    });
    group.bench_function("baseline-serde_json", |bencher| {
        bencher.iter(|| serde_json::from_str::<serde_json::Value>(&text));
    });
    group.finish();
}

fn sell(criterion: &mut Criterion<CpuTime>) {
    let fresh = book(program(20));
    let sell = sell_request(order(10, false));
    let reserve = reserve_request(order(10, false));

    let mut reserved = fresh.clone();
    let confirm = confirm_request(token(&call(&mut reserved, &reserve)));
    let mut sold = fresh.clone();
    let refund = refund_request(token(&call(&mut sold, &sell)));

    let mut group = criterion.benchmark_group("sell");
    let cases = [
        ("sell", &fresh, &sell),
        ("reserve", &fresh, &reserve),
        ("confirm", &reserved, &confirm),
        ("refund", &sold, &refund),
        ("sell-again", &sold, &sell),
    ];
    for (name, before, request) in cases {
        group.bench_function(name, |bencher| {
            bencher.iter_batched(
                || before.clone(),
                |mut book| {
                    let answer = call(&mut book, request);
                    (book, answer)
                },
                BatchSize::SmallInput,
            );
        });
    }
    let record = canonical(&sold.entries().last().expect("it was sold").record);
    println!("the record of the sale has {} bytes", record.len());
    group.bench_function("baseline-sha256-of-the-record", |bencher| {
        bencher.iter(|| Sha256::digest(black_box(record.as_bytes())));
    });
    group.finish();
}

fn json(criterion: &mut Criterion<CpuTime>) {
    let mut fresh = book(program(20));
    let request = quote_request(order(10, false));
    let text = canonical(&request);
    let node = Node::parse(&text, REQUEST_BYTES_MAX).expect("it is JSON");
    let Answer::Quote(quote) = call(&mut fresh, &request) else { panic!("this is no quote") };
    let quote_text = canonical(&*quote);
    println!("the request has {} bytes, the quote {}", text.len(), quote_text.len());
    let value: serde_json::Value = serde_json::from_str(&quote_text).expect("it is JSON");

    let mut group = criterion.benchmark_group("json");
    group.bench_function("write-quote", |bencher| {
        bencher.iter(|| canonical(black_box(&*quote)));
    });
    group.bench_function("write-quote-baseline-serde_json", |bencher| {
        bencher.iter(|| serde_json::to_string(black_box(&value)));
    });
    group.bench_function("parse-request", |bencher| {
        bencher.iter(|| {
            let node = Node::parse(black_box(&text), REQUEST_BYTES_MAX).expect("it is JSON");
            Reader::document::<Request>(&node)
        });
    });
    group.bench_function("parse-request-baseline-serde_json", |bencher| {
        bencher.iter(|| serde_json::from_str::<serde_json::Value>(&text));
    });
    group.bench_function("read-node", |bencher| {
        bencher.iter(|| Reader::document::<Request>(black_box(&node)));
    });
    group.bench_function("call_json-quote", |bencher| {
        bencher.iter(|| fresh.call_json(&text));
    });
    let sell = canonical(&sell_request(order(10, false)));
    group.bench_function("call_json-sell", |bencher| {
        bencher.iter_batched(
            || fresh.clone(),
            |mut book| {
                let answer = book.call_json(&sell).expect("it can be sold");
                (book, answer)
            },
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

/// What a till without an engine might do: each rule's percentage of each line, rounded half up.
fn percent_loop(criterion: &mut Criterion<CpuTime>) {
    let lines: Vec<i64> = (0..10).map(|n| 5_000 + n * 3_719 % 70_000).collect();
    let percents: Vec<i64> = (1..=20).collect();
    let points = |amount: &i64, percent: &i64| (amount * percent + 50) / 100;
    criterion.bench_function("baseline/percent-of-10x20", |bencher| {
        bencher.iter(|| {
            let mut sum = 0;
            for percent in black_box(&percents) {
                for amount in black_box(&lines) {
                    sum += points(amount, percent);
                }
            }
            sum
        });
    });
}

criterion_group! {
    name = engine;
    config = Criterion::default().with_measurement(CpuTime);
    targets = quote, compile, sell, json, percent_loop
}
criterion_main!(engine);
