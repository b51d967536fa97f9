//! What answers about cards, guests, coupons, bills and the back office must say.

use std::collections::{BTreeMap, BTreeSet};

use kopilka::{
    AdmitAnswer, Answer, Book, Effect, GuestView, LiabilityReport, PresentAnswer, ReportAnswer,
};

use crate::checks::{balance, card, quote, sum};

/// What holds for the answers that no other module looks at.
pub fn answer(answer: &Answer) {
    match answer {
        Answer::Admitted(answer) => admitted(answer),
        Answer::Batch(batch) => {
            let codes: BTreeSet<&String> = batch.codes.iter().collect();
            assert_eq!(codes.len(), batch.codes.len(), "a code twice: {batch:?}");
            assert!(codes.iter().all(|code| !code.is_empty()), "no code: {batch:?}");
            assert!((1..=10_000).contains(&batch.codes.len()), "{batch:?}");
        }
        Answer::Bill(answer) => {
            assert!(!answer.bills.is_empty(), "no bill: {answer:?}");
            answer.bills.iter().filter_map(|bill| bill.quote.as_ref()).for_each(quote);
        }
        Answer::Coupon(answer) => {
            assert!(answer.coupon.used <= answer.coupon.uses, "used too often: {answer:?}");
        }
        Answer::Found(found) => {
            found.guests.iter().for_each(guest);
            let ids: Vec<&String> = found.guests.iter().map(|guest| &guest.guest).collect();
            assert!(ids.is_sorted(), "not in order: {ids:?}");
        }
        Answer::Guest(answer) => guest(&answer.guest),
        Answer::Imported(imported) => {
            let counts = [imported.cards, imported.coupons, imported.guests, imported.rows];
            assert!(counts.iter().all(|count| *count >= 0), "{imported:?}");
            assert!(imported.known.is_sorted(), "{imported:?}");
            assert!(imported.known.len() as i64 <= imported.rows, "{imported:?}");
            assert!(imported.sums.iter().all(|sum| sum.amount.units >= 0), "{imported:?}");
        }
        Answer::Presented(answer) => presented(answer),
        Answer::Report(report) => reported(report),
        _ => {}
    }
}

fn admitted(answer: &AdmitAnswer) {
    card(&answer.card);
    assert!(answer.left.units >= 0, "below zero: {answer:?}");
    assert_eq!(
        answer.admitted,
        answer.reasons.is_empty(),
        "no reason, or one too many: {answer:?}"
    );
}

fn guest(guest: &GuestView) {
    if guest.erased {
        let told = guest.name.is_some() || guest.phone.is_some() || !guest.consents.is_empty();
        assert!(!told, "an erased guest is told: {guest:?}");
    }
    assert!(guest.phone.as_ref().is_none_or(|phone| phone.contains('*')), "not masked: {guest:?}");
}

fn presented(answer: &PresentAnswer) {
    answer.card.iter().for_each(card);
    assert_eq!(answer.accepted, answer.card.is_some(), "{answer:?}");
    assert_eq!(answer.accepted, answer.reasons.is_empty(), "{answer:?}");
    assert_eq!(answer.accepted, answer.expires_at.is_some(), "{answer:?}");
    assert!(answer.locked_until.is_none() || !answer.accepted, "{answer:?}");
}

fn reported(report: &ReportAnswer) {
    report.liability.iter().for_each(owed);
    if let Some(campaigns) = &report.campaigns {
        for coupon in &campaigns.coupons {
            let sound = [coupon.issued, coupon.used, coupon.void].iter().all(|count| *count >= 0);
            assert!(sound && coupon.void <= coupon.issued, "{coupon:?}");
        }
        for left in &campaigns.limits {
            let counted = &left.counted;
            let sound = counted.uses >= 0 && counted.money.units >= 0 && counted.points.units >= 0;
            assert!(sound, "below zero: {left:?}");
        }
    }
    if let Some(shift) = &report.shift {
        assert!(shift.verbs.iter().all(|verb| verb.count > 0), "{shift:?}");
    }
}

/// What is owed is the sum of its parts and of its ages.
fn owed(liability: &LiabilityReport) {
    for asset in &liability.assets {
        let parts = [asset.debt, asset.expired, asset.held, asset.outstanding, asset.pending];
        assert!(parts.iter().all(|part| part.units >= 0), "below zero: {asset:?}");
        let aged = sum(asset.ages.iter().map(|age| age.amount));
        assert_eq!(aged, i128::from(asset.outstanding.units), "ages: {asset:?}");
        let inside = sum([asset.held, asset.pending]);
        assert!(inside <= i128::from(asset.outstanding.units), "parts: {asset:?}");
    }
}

/// What a card holds is the sum of what was posted to it, and what is owed to all is the sum of
/// what each holds.
pub fn postings(book: &Book, views: &[kopilka::CardView]) {
    let mut sums: BTreeMap<(&str, &str), i128> = BTreeMap::new();
    for entry in book.entries() {
        for effect in &entry.record.effects {
            let Effect::Posted(posted) = effect else { continue };
            for posting in &posted.postings {
                if let Some(card) = posting.account.strip_prefix("card:") {
                    let units = i128::from(posting.amount.units);
                    *sums.entry((card, &posted.points)).or_default() += units;
                }
            }
        }
    }
    for view in views.iter().filter(|view| view.linked.is_none()) {
        for held in &view.balances {
            balance(held);
            let posted = sums.get(&(&*view.card, &*held.points)).copied().unwrap_or_default();
            assert_eq!(i128::from(held.posted.units), posted, "postings of {view:?}");
        }
    }
}
