//! How many blocks and bytes are allocated by one call of each kind.

use benches::{
    book, call, confirm_request, now, order, program, quote_request, refund_request,
    reserve_request, sell_request, token,
};
use dhat::{HeapStats, Profiler};
use kopilka::document::canonical;
use kopilka::{Answer, PreparedOrder};

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

fn main() {
    let _profiler = Profiler::builder().testing().build();
    println!("{:<28}{:>10}{:>12}", "", "blocks", "bytes");
    let program = program(20);
    let mut fresh = book(program.clone());
    let order = order(10, false);
    let prepared = count("prepare 10 lines", || PreparedOrder::new(&program, order.clone()));
    let prepared = prepared.expect("the order is sound");
    // The first use of a time zone or a hash map may allocate once for all.
    drop(prepared.quote(fresh.slice(), now(), true));
    drop(count("clone the order", || order.clone()));
    drop(count("quote 10 x 20", || prepared.quote(fresh.slice(), now(), false)));
    drop(count("quote 10 x 20, explained", || prepared.quote(fresh.slice(), now(), true)));
    let request = quote_request(order.clone());
    let Answer::Quote(quote) = call(&mut fresh, &request) else { panic!("this is no quote") };
    drop(count("canonical quote", || canonical(&*quote)));
    let text = canonical(&request);
    drop(count("call_json quote", || fresh.call_json(&text)));

    let mut sold = fresh.clone();
    let sell = sell_request(order.clone());
    let sale = count("sell", || call(&mut sold, &sell));
    let refund = refund_request(token(&sale));
    drop(count("refund", || call(&mut sold, &refund)));
    let reserve = reserve_request(order.clone());
    let mut reserved = fresh.clone();
    let sale = count("reserve", || call(&mut reserved, &reserve));
    let confirm = confirm_request(token(&sale));
    drop(count("confirm", || call(&mut reserved, &confirm)));
}

fn count<T>(name: &str, work: impl FnOnce() -> T) -> T {
    let before = HeapStats::get();
    let result = work();
    let after = HeapStats::get();
    let blocks = after.total_blocks - before.total_blocks;
    let bytes = after.total_bytes - before.total_bytes;
    println!("{name:<28}{blocks:>10}{bytes:>12}");
    result
}
