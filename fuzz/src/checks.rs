//! What must always hold.

use kopilka::document::{Document, Reader, canonical};
use kopilka::json::Node;
use kopilka::texts::{self, Language, MoneySign, Style};
use kopilka::{
    Amount, Answer, Balance, BalanceChange, CardView, Changed, Effect, Entry, Error, ErrorCode,
    Outcome, Program, Quote, RecordHash, RefundAnswer, SaleAnswer, Stage, TraceStep,
};
use std::collections::BTreeMap;
use std::fmt::Debug;

use crate::answers;

const BYTES_MAX: usize = 1 << 30;

/// A document that was written reads back as the same, and is written so again.
pub fn reads_back<T: Document + PartialEq + Debug>(document: &T) -> String {
    let text = canonical(document);
    let node = Node::parse(&text, BYTES_MAX).unwrap_or_else(|e| panic!("unreadable: {e}: {text}"));
    let (read, mistakes) = Reader::document::<T>(&node);
    assert!(mistakes.is_empty(), "refused what was written: {mistakes:?}: {text}");
    assert_eq!(canonical(&read), text, "another text");
    assert_eq!(read, *document, "another value");
    text
}

/// An error has a known code and a place that is a JSON Pointer.
pub fn error(error: &Error, about: &dyn Debug) {
    assert!(!error.mistakes().is_empty());
    for mistake in error.mistakes() {
        assert_ne!(mistake.code, ErrorCode::Internal, "{error} {about:?}");
        assert!(is_pointer(&mistake.path), "no pointer: {} {about:?}", mistake.path);
        assert!(!mistake.message.is_empty());
    }
    assert!(!error.to_string().is_empty());
}

fn is_pointer(path: &str) -> bool {
    let escaped = |step: &str| step.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
    path.is_empty() || (path.starts_with('/') && path.split('/').all(escaped))
}

pub fn sum(amounts: impl IntoIterator<Item = Amount>) -> i128 {
    amounts.into_iter().map(|amount| i128::from(amount.units)).sum()
}

/// The parts of a balance are never negative and add up.
pub fn balance(balance: &Balance) {
    let Balance { debt, expired, held, pending, posted, spendable, .. } = balance;
    let parts = [debt, expired, held, pending, spendable];
    assert!(parts.iter().all(|part| part.units >= 0), "below zero: {balance:?}");
    let left = sum([*spendable, *held, *pending]);
    let whole = left + i128::from(expired.units) - i128::from(debt.units);
    assert_eq!(i128::from(posted.units), whole, "does not add up: {balance:?}");
    let expiring = sum(balance.expiring.iter().map(|part| part.amount));
    assert_eq!(expiring, left, "the schedule does not add up: {balance:?}");
    assert!(balance.expiring.iter().all(|part| part.amount.units > 0), "empty part: {balance:?}");
}

pub fn card(card: &CardView) {
    card.balances.iter().for_each(balance);
    assert!(card.spent.units >= 0, "spent below zero: {card:?}");
}

/// The sums of a receipt are the sums of its lines.
pub fn quote(quote: &Quote) {
    quote.cards.iter().for_each(card);
    let totals = &quote.totals;
    let total = |of: fn(&kopilka::LineQuote) -> Amount| sum(quote.lines.iter().map(of));
    assert_eq!(total(|line| line.amount), i128::from(totals.amount.units), "amount: {quote:?}");
    assert_eq!(total(|line| line.discount), i128::from(totals.discount.units), "{quote:?}");
    assert_eq!(total(|line| line.due), i128::from(totals.due.units), "due: {quote:?}");
    let provision = i128::from(totals.counter_provision.units);
    assert_eq!(total(|line| line.counter_provision), provision, "provision: {quote:?}");
    // A programme may round each tax once for the receipt, so that lines do not add up to it; of a
    // tax of 1000 percent, half a unit of the net is five units.
    let taxes: usize = quote.lines.iter().map(|line| line.taxes.len()).sum();
    let apart = (total(|line| line.gross) - i128::from(totals.gross.units)).unsigned_abs();
    assert!(apart <= 12 * taxes as u128, "gross: {quote:?}");
    assert_eq!(sum([totals.net, totals.tax]), i128::from(totals.gross.units), "{quote:?}");
    let payable = i128::from(totals.payable.units);
    assert_eq!(payable, i128::from(totals.gross.units) - provision, "payable: {quote:?}");
    assert!(totals.due.units >= 0 && payable >= 0, "below zero: {quote:?}");
    for line in &quote.lines {
        let discounts = sum(line.discounts.iter().map(|discount| discount.amount));
        assert_eq!(discounts, i128::from(line.discount.units), "discounts: {line:?}");
        assert_eq!(line.amount.units - line.discount.units, line.due.units, "due: {line:?}");
        assert!(line.discount.units >= 0, "a discount below zero: {line:?}");
        if line.amount.units >= 0 {
            assert!(line.due.units >= 0, "due below zero: {line:?}");
            assert!(line.counter_provision.units <= line.due.units, "provision: {line:?}");
        }
        let parts = sum(line.sub_lines.iter().map(|part| part.sum));
        assert_eq!(parts, i128::from(line.due.units), "sub-lines: {line:?}");
        assert_eq!(sum([line.net, line.tax]), i128::from(line.gross.units), "tax: {line:?}");
        let taxes = sum(line.taxes.iter().map(|tax| tax.amount));
        assert_eq!(taxes, i128::from(line.tax.units), "taxes: {line:?}");
    }
    tendered(quote);
    points(quote);
    extras(quote);
    if let Some(steps) = &quote.explanation {
        explained(quote, steps);
    }
}

/// Gift cards pay what they are said to pay, and the rest is left for the other tenders.
fn tendered(quote: &Quote) {
    let totals = &quote.totals;
    let gift = sum(quote.gift_cards.iter().map(|payment| payment.amount));
    assert_eq!(gift, i128::from(totals.gift.units), "gift cards: {quote:?}");
    let paid = sum([totals.gift, totals.rest]);
    assert_eq!(paid, i128::from(totals.payable.units), "gift and rest: {quote:?}");
    assert!(totals.gift.units >= 0 && totals.rest.units >= 0, "below zero: {quote:?}");
    for payment in &quote.gift_cards {
        assert!(payment.amount.units >= 0 && payment.left.units >= 0, "below zero: {payment:?}");
    }
    for load in &quote.loads {
        assert!(load.amount.units >= 0 && load.bonus.units >= 0, "below zero: {load:?}");
    }
}

/// What is paid is claimed; of a divided bill, by the first part alone.
pub fn undivided(quote: &Quote) {
    for reward in &quote.rewards {
        assert!(reward.claimed > 0 || reward.spent.units == 0, "paid for nothing: {reward:?}");
    }
}

/// What is given besides points, and what limits count of it, is never below zero.
fn extras(quote: &Quote) {
    for reward in &quote.rewards {
        let parts = [reward.cost, reward.missing, reward.money, reward.spent];
        assert!(parts.iter().all(|part| part.units >= 0), "below zero: {reward:?}");
    }
    for granted in &quote.granted {
        assert!(granted.lot.amount.units > 0, "nothing was granted: {granted:?}");
    }
    for counted in &quote.limits {
        let sound = counted.uses >= 0 && counted.money.units >= 0 && counted.points.units >= 0;
        assert!(sound, "below zero: {counted:?}");
    }
    assert!(quote.offers.iter().all(|offer| offer.quantity > 0 && !offer.items.is_empty()));
}

/// Whatever lowered a line or gave it points is named by a step that was taken.
pub fn explained(quote: &Quote, steps: &[TraceStep]) {
    let taken = |stage: Stage, rule: &str, card: Option<&str>| {
        steps.iter().any(|step| {
            let of_card = card.is_none() || step.card.as_deref() == card;
            step.stage == stage && step.rule == rule && of_card && step.outcome != Outcome::Skipped
        })
    };
    for line in &quote.lines {
        for discount in &line.discounts {
            let named = match discount.stage {
                Stage::Points => taken(Stage::Points, "redemption", Some(&discount.source)),
                stage => taken(stage, &discount.source, None),
            };
            assert!(named, "no step names {discount:?}: {steps:?}");
        }
    }
    for entry in &quote.points {
        for lot in &entry.lots {
            let named = taken(Stage::Earning, &lot.rule, Some(&entry.card));
            assert!(named, "no step names {lot:?}: {steps:?}");
        }
    }
}

fn points(quote: &Quote) {
    let mut of_lines: BTreeMap<&str, (i128, i128)> = BTreeMap::new();
    for line in &quote.lines {
        for earned in &line.earned {
            of_lines.entry(&earned.points).or_default().0 += i128::from(earned.amount.units);
        }
        for spent in &line.spent {
            of_lines.entry(&spent.points).or_default().1 += i128::from(spent.amount.units);
        }
    }
    let mut of_cards: BTreeMap<&str, (i128, i128)> = BTreeMap::new();
    for entry in &quote.points {
        let lots = sum(entry.lots.iter().map(|lot| lot.amount));
        assert_eq!(lots, i128::from(entry.earned.units), "lots: {entry:?}");
        assert!(entry.earned.units >= 0 && entry.spent.units >= 0 && entry.money.units >= 0);
        let sums = of_cards.entry(&entry.points).or_default();
        sums.0 += i128::from(entry.earned.units);
        sums.1 += i128::from(entry.spent.units);
    }
    for (kind, sums) in of_cards {
        let lines = of_lines.get(kind).copied().unwrap_or_default();
        assert_eq!(lines, sums, "points of lines and cards: {quote:?}");
    }
}

/// What holds for any answer.
pub fn answer(answer: &Answer) -> String {
    match answer {
        Answer::Quote(receipt) => {
            quote(receipt);
            undivided(receipt);
        }
        Answer::Sale(sale) => sale_answer(sale),
        Answer::Card(answer) => card(&answer.card),
        Answer::Identified(found) => found.card.iter().for_each(card),
        Answer::Explanation(explanation) => explanation.quote.iter().for_each(quote),
        Answer::Refund(refund) => refunded(refund),
        Answer::Allocated(allocated) => {
            assert!(allocated.clipped.units >= 0, "{allocated:?}");
            assert!(allocated.lines.iter().all(|l| l.share.units >= 0 && l.due.units >= 0));
        }
        Answer::Changed(answer) => changed(answer),
        Answer::Linted(linted) => {
            for finding in &linted.findings {
                assert!(is_pointer(&finding.path) && !finding.message.is_empty(), "{finding:?}");
            }
        }
        other => answers::answer(other),
    }
    reads_back(answer)
}

fn refunded(refund: &RefundAnswer) {
    let lines = sum(refund.lines.iter().map(|line| line.money));
    assert_eq!(lines, i128::from(refund.money.units), "money: {refund:?}");
    let gift = sum(refund.gift_cards.iter().map(|part| part.amount));
    let tenders = gift + i128::from(refund.cash.units);
    assert_eq!(tenders, i128::from(refund.money.units), "tenders: {refund:?}");
    let unlinked = refund.token.is_none();
    let sound = |line: &kopilka::RefundedLine| unlinked || line.money.units >= 0;
    assert!(refund.lines.iter().all(sound), "below zero: {refund:?}");
    assert!(unlinked || refund.cash.units >= 0, "below zero: {refund:?}");
    assert!(refund.gift_cards.iter().all(|part| part.amount.units > 0), "nothing: {refund:?}");
    changes(&refund.balances);
}

pub fn changes(changes: &[BalanceChange]) {
    for change in changes {
        balance(&change.before);
        balance(&change.after);
    }
}

fn changed(changed: &Changed) {
    changes(&changed.balances);
    for change in &changed.tiers {
        assert!(change.before != change.after, "no change: {change:?}");
    }
}

/// Whatever can be said of an answer is said, in both languages and for both kinds of printers.
pub fn told(answer: &Answer, program: &Program) {
    let (quote, reasons) = match answer {
        Answer::Quote(quote) => (Some(&**quote), &quote.reasons),
        Answer::Sale(sale) => (sale.quote.as_ref(), &sale.reasons),
        Answer::Changed(changed) => (None, &changed.reasons),
        Answer::Refund(refund) => (None, &refund.reasons),
        Answer::Admitted(admitted) => (None, &admitted.reasons),
        Answer::Found(found) => (None, &found.reasons),
        Answer::Guest(guest) => (None, &guest.reasons),
        Answer::Identified(found) => (None, &found.reasons),
        Answer::Presented(presented) => (None, &presented.reasons),
        _ => return,
    };
    for (language, sign) in
        [(Language::Russian, MoneySign::Symbol), (Language::English, MoneySign::Abbreviation)]
    {
        let mut style = Style::of(program, sign);
        if let Some(quote) = quote {
            style = style.in_currency(quote.currency.clone());
        }
        let of_quote = quote.into_iter().flat_map(|quote| &quote.reasons);
        for reason in reasons.iter().chain(of_quote) {
            let text = texts::reason(reason, language, &style);
            let asks = text.contains('?') && !canonical(reason).contains('?');
            assert!(!text.is_empty() && !asks, "a text misses something: {reason:?}");
        }
    }
}

fn sale_answer(sale: &SaleAnswer) {
    sale.quote.iter().for_each(quote);
    changes(&sale.balances);
}

/// A record reads back, has its hash, names the record before, and its postings add up to zero.
pub fn entry(entry: &Entry, previous: &str) {
    let text = reads_back(&entry.record);
    assert_eq!(RecordHash::of(text.as_bytes()), entry.hash, "another hash");
    assert_eq!(entry.record.envelope.previous, previous, "the chain is broken");
    let mut sums: BTreeMap<&str, i128> = BTreeMap::new();
    for effect in &entry.record.effects {
        if let Effect::Posted(posted) = effect {
            let moved = sum(posted.postings.iter().map(|posting| posting.amount));
            assert_eq!(moved, 0, "postings: {posted:?}");
            *sums.entry(&posted.points).or_default() += moved;
        }
    }
    assert!(sums.values().all(|sum| *sum == 0));
    entry.record.read.iter().for_each(card);
    let order = entry.record.command.order();
    assert!(order.is_none_or(|order| order.guest.is_none()), "the guest is recorded: {text}");
    if let Some(quote) = entry.quote().filter(|_| !entry.record.trace.is_empty()) {
        explained(quote, &entry.record.trace);
    }
}

/// What limits counted never falls below zero.
pub fn limits(entries: &[std::sync::Arc<Entry>]) {
    let mut sums: BTreeMap<[&str; 3], [i128; 3]> = BTreeMap::new();
    for entry in entries {
        for effect in &entry.record.effects {
            let Effect::LimitCounted(counted) = effect else { continue };
            let key = [&*counted.limit, &*counted.subject, &*counted.period];
            let sum = sums.entry(key).or_default();
            sum[0] += i128::from(counted.uses);
            sum[1] += i128::from(counted.money.units);
            sum[2] += i128::from(counted.points.units);
            assert!(sum.iter().all(|sum| *sum >= 0), "below zero: {counted:?} {sum:?}");
        }
    }
}
