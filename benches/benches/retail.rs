//! A year of a retailer's receipts, sold and refunded in memory: the CPU time of all calls together.
//!
//! The file is named by `KOPILKA_RETAIL`, or lies at `../shared/data/online-retail.csv.gz` beside
//! the project; without it nothing is measured.

use std::collections::{HashMap, HashSet};
use std::env;
use std::fs::File;
use std::path::{Path, PathBuf};

use benches::CpuTime;
use criterion::{BatchSize, Criterion, SamplingMode, criterion_group, criterion_main};
use csv::StringRecord;
use flate2::read::MultiGzDecoder;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use kopilka::{Book, Command, Issue, Line, LineKind, Order, Program, Refund, Request, SellOrder};
use rust_decimal::Decimal;

fn retail(criterion: &mut Criterion<CpuTime>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let file = match env::var_os("KOPILKA_RETAIL") {
        Some(file) => PathBuf::from(file),
        None => root.join("../shared/data/online-retail.csv.gz"),
    };
    if !file.is_file() {
        println!("retail: skipped, there is no file of receipts (see benches/README.md)");
        return;
    }
    let program = std::fs::read_to_string(root.join("presets/online-retail.json"));
    let program = Program::compile(&program.expect("the preset is there")).expect("it is sound");
    let requests = requests(&file);

    let mut book = Book::new("till-1", program).expect("the till has a name");
    let empty = book.clone();
    let refused = requests.iter().filter(|request| book.call(request).is_err()).count();
    let records = book.entries().len();
    println!("retail: {} calls, {refused} refused, {records} records", requests.len());

    let mut group = criterion.benchmark_group("retail");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    group.bench_function("all-calls", |bencher| {
        bencher.iter_batched(
            || empty.clone(),
            |mut book| {
                let done = requests.iter().filter(|request| book.call(request).is_ok()).count();
                (book, done)
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

/// A receipt is a sale, one whose number begins with C a refund without its sale; a customer's card
/// is issued before the first of them.
fn requests(file: &Path) -> Vec<Request> {
    let file = File::open(file).expect("the file can be opened");
    let mut reader = csv::Reader::from_reader(MultiGzDecoder::new(file));
    let mut receipts: Vec<(String, String, Timestamp, Vec<Line>)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut row = StringRecord::new();
    while reader.read_record(&mut row).expect("a row") {
        let number = row[0].to_owned();
        let place = *places.entry(number).or_insert_with_key(|number| {
            receipts.push((number.clone(), row[6].to_owned(), instant(&row[4]), Vec::new()));
            receipts.len() - 1
        });
        let lines = &mut receipts[place].3;
        let id = (lines.len() + 1).to_string();
        lines.push(line(id, &row));
    }
    let mut known = HashSet::new();
    let mut requests = Vec::new();
    for (number, customer, at, lines) in receipts {
        let mut order = Order { lines, receipt: Some(number.clone()), ..Order::default() };
        if !customer.is_empty() {
            order.cards.push(customer.as_str().into());
            if known.insert(customer.clone()) {
                let key = format!("card-{customer}");
                let issue = Issue { card: customer, ..Issue::default() };
                requests.push(Request::new(at, Command::Issue(issue)).with_key(key));
            }
        }
        let command = if number.starts_with('C') {
            Command::Refund(Refund { order: Some(order), ..Refund::default() })
        } else {
            Command::Sell(SellOrder { order, expect: None })
        };
        requests.push(Request::new(at, command).with_key(number));
    }
    requests
}

fn line(id: String, row: &StringRecord) -> Line {
    let mut quantity: Decimal = row[3].parse().expect("a quantity");
    let mut price: Decimal = row[5].parse().expect("a price");
    if row[0].starts_with('C') {
        quantity = -quantity;
    }
    let kind = match &row[1] {
        _ if price.is_sign_negative() => LineKind::Adjustment,
        "POST" | "DOT" | "C2" => LineKind::Delivery,
        code if code.starts_with(|first: char| first.is_ascii_digit()) => LineKind::Goods,
        _ => LineKind::Adjustment,
    };
    // A discount entered by hand has a negative quantity; adjustments have the sign in the price.
    if kind == LineKind::Adjustment && quantity.is_sign_negative() {
        (quantity, price) = (-quantity, -price);
    }
    let (name, sku) = (Some(row[2].to_owned()), Some(row[1].to_owned()));
    Line { kind, name, quantity, sku, ..Line::new(id, price) }
}

fn instant(text: &str) -> Timestamp {
    let local: DateTime = text.parse().expect("a local time");
    let zone = TimeZone::get("Europe/London").expect("London has a zone");
    local.to_zoned(zone).expect("an instant").timestamp()
}

criterion_group! {
    name = all;
    config = Criterion::default().with_measurement(CpuTime);
    targets = retail
}
criterion_main!(all);
