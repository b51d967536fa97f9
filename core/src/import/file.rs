//! Whole files: checked first, then taken over record by record.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::answer::{Answer, AssetSum, ImportReport};
use crate::book::Book;
use crate::command::{Command, Import, ImportRow, Request};
use crate::document::{LIST_MAX, OUT_OF_RANGE, is_in_range};
use crate::error::{Error, ErrorCode};
use crate::number::normalise;
use crate::program::Program;
use crate::slice::command_content;
use crate::verbs::plan_import;

impl Book {
    /// Takes over a file of any length. All rows are checked before any is taken; then records of
    /// as many rows as they may hold are made, under the keys `key/1`, `key/2` … Rows of one card
    /// stand in one record. The same file under the same key is answered again, under another key
    /// it changes nothing, so that an import that broke off is simply repeated.
    ///
    /// # Errors
    /// Every mistake of the rows at `/rows/i/…`; `key.missing`, `document.text_too_long` and
    /// `key.conflict` at `/key`; `document.list_too_long` for a card with more rows than a record
    /// holds. Nothing was taken then.
    pub fn import(
        &mut self,
        rows: Vec<ImportRow>,
        at: Timestamp,
        key: &str,
        source: Option<&str>,
        preview: bool,
    ) -> Result<ImportReport, Error> {
        if !is_in_range(at) {
            return Err(Error::new(ErrorCode::TimeRange, "/at", OUT_OF_RANGE));
        }
        // The rows are decided where no store is named.
        let probe = Request::new(at, Command::Import(Import::default()));
        let program = self.program_for(&probe)?;
        let parts = parts(&rows, LIST_MAX - program.document().points.len() - 2)?;
        let report = self.check(&program, &rows, at)?;
        if preview {
            return Ok(report);
        }
        let requests = self.requests(rows, &parts, at, key, source)?;
        let mut done = ImportReport { rows: report.rows, ..ImportReport::default() };
        for (request, part) in requests.iter().zip(&parts) {
            let Answer::Imported(answer) = self.call(request)? else { continue };
            let known = answer
                .known
                .iter()
                .filter_map(|place| u32::try_from(*part.get(usize::try_from(*place).ok()?)?).ok());
            done.known.extend(known);
            done.cards += answer.cards;
            done.coupons += answer.coupons;
            done.guests += answer.guests;
            done.records.push(answer.record);
            answer.sums.into_iter().for_each(|sum| add(&mut done.sums, sum));
        }
        done.known.sort_unstable();
        Ok(done)
    }

    /// What an import would do, if nothing is wrong with it.
    fn check(
        &self,
        program: &Program,
        rows: &[ImportRow],
        at: Timestamp,
    ) -> Result<ImportReport, Error> {
        let slice = self.slice();
        let plan = plan_import(program.rules(), slice, rows, slice.logical(at))?;
        let count = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
        Ok(ImportReport {
            cards: count(plan.cards.len()),
            coupons: count(plan.coupons.len()),
            guests: count(plan.guests.count_new()),
            known: plan.known.clone(),
            records: Vec::new(),
            rows: count(rows.len()),
            sums: plan.sums(),
        })
    }

    /// A request for each part, none of which was made for something else.
    fn requests(
        &self,
        mut rows: Vec<ImportRow>,
        parts: &[Vec<usize>],
        at: Timestamp,
        key: &str,
        source: Option<&str>,
    ) -> Result<Vec<Request>, Error> {
        if key.is_empty() {
            let message = "this changes something: give it a key, such as the file's name";
            return Err(Error::new(ErrorCode::KeyMissing, "/key", message));
        }
        if format!("{key}/{}", parts.len()).len() > 128 {
            let message = "a key has at most 128 bytes, with the number of the part";
            return Err(Error::new(ErrorCode::DocumentTextTooLong, "/key", message));
        }
        let mut requests = Vec::with_capacity(parts.len());
        for (number, part) in parts.iter().enumerate() {
            let taken = part.iter().filter_map(|place| Some(std::mem::take(rows.get_mut(*place)?)));
            let import = Import { rows: taken.collect(), source: source.map(str::to_owned) };
            let request = Request::new(at, Command::Import(import));
            let request = request.with_key(format!("{key}/{}", number + 1));
            let answered = request.key.as_ref().and_then(|key| self.slice().answered(key));
            if answered.is_some_and(|known| known.content != command_content(&request.command)) {
                let message = format!("the key `{key}` was used for another file; take a new one");
                return Err(Error::new(ErrorCode::KeyConflict, "/key", message));
            }
            requests.push(request);
        }
        Ok(requests)
    }
}

fn add(sums: &mut Vec<AssetSum>, sum: AssetSum) {
    match sums.iter_mut().find(|known| known.asset == sum.asset) {
        Some(known) => known.amount.units = known.amount.units.saturating_add(sum.amount.units),
        None => {
            sums.push(sum);
            sums.sort_by(|one, other| one.asset.cmp(&other.asset));
        }
    }
}

/// The places of the rows of each record. It depends on the rows alone, so that the same file is
/// always divided alike; rows of one card stay together, in their order.
fn parts(rows: &[ImportRow], most: usize) -> Result<Vec<Vec<usize>>, Error> {
    let mut groups = HashMap::new();
    let group_of = |(place, row): (usize, &ImportRow)| match &row.card {
        Some(card) => (*groups.entry(normalise(card).to_owned()).or_insert(place), place),
        None => (place, place),
    };
    let mut order: Vec<(usize, usize)> = rows.iter().enumerate().map(group_of).collect();
    order.sort_unstable();
    let mut parts: Vec<Vec<usize>> = Vec::new();
    let (mut part, mut facts) = (Vec::new(), 0);
    for group in order.chunk_by(|(one, _), (other, _)| one == other) {
        let places = || group.iter().map(|(_, place)| *place);
        let more: usize = places().filter_map(|place| rows.get(place)).map(facts_of).sum();
        if more > most {
            let first = group.first().map_or(0, |(place, _)| *place);
            let message = "a card has more rows than a record holds facts";
            let place = format!("/rows/{first}");
            return Err(Error::new(ErrorCode::DocumentListTooLong, place, message));
        }
        if facts + more > most {
            parts.push(std::mem::take(&mut part));
            facts = 0;
        }
        facts += more;
        part.extend(places());
    }
    if !part.is_empty() {
        parts.push(part);
    }
    Ok(parts)
}

/// How many facts a row may make at most.
fn facts_of(row: &ImportRow) -> usize {
    let spent = row.spent.is_some() || row.purchases.is_some();
    let may_make = [
        row.card.is_some(),
        row.code.is_some(),
        row.guest.is_some(),
        row.language.is_some(),
        row.amount.is_some(),
        row.tier.is_some(),
        row.blocked,
        spent,
    ];
    may_make.iter().filter(|makes| **makes).count().max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{ChangeGuest, GuestAction, NoDetails, Personal, Search};
    use crate::document::canonical;
    use crate::program::Program;
    use rust_decimal::Decimal;

    fn book() -> Book {
        let program = Program::compile(
            r#"{"id": "p", "currency": "RUB", "zone": "Europe/Moscow", "points": [{"id": "bonus"}],
                "cards": [{"id": "bonus", "kind": "bonus", "numbers": [{"length_max": 6}]}]}"#,
        );
        Book::new("till-1", program.unwrap()).unwrap()
    }

    fn now() -> Timestamp {
        "2026-03-02T12:00:00+03:00".parse().unwrap()
    }

    /// Cards with a lot of one point each.
    fn rows(count: u32) -> Vec<ImportRow> {
        let row = |number: u32| ImportRow {
            amount: Some(Decimal::ONE),
            card: Some(format!("{:06}", number)),
            ..ImportRow::default()
        };
        (0..count).map(row).collect()
    }

    fn take(book: &mut Book, rows: Vec<ImportRow>, key: &str) -> Result<ImportReport, Error> {
        book.import(rows, now(), key, Some("old"), false)
    }

    #[test]
    fn a_long_file_is_taken_in_several_records_and_only_once() {
        let mut book = book();
        // A card and its lot are two facts, the sum is one more: 4,998 cards fit.
        let report = take(&mut book, rows(12_000), "file").unwrap();
        assert_eq!((report.cards, report.rows, report.records.len()), (12_000, 12_000, 3));
        assert_eq!(report.sums[0].amount.units, 12_000);
        let keys: Vec<&str> =
            book.entries().iter().map(|entry| entry.record.envelope.key.as_str()).collect();
        assert_eq!(keys, ["file/1", "file/2", "file/3"]);
        assert_eq!(take(&mut book, rows(12_000), "file"), Ok(report));
        assert_eq!(book.entries().len(), 3);
        let again = take(&mut book, rows(12_001), "other").unwrap();
        assert_eq!((again.cards, again.known.len()), (1, 12_000));
        let error = take(&mut book, rows(11_999), "file").unwrap_err();
        assert_eq!((error.code(), error.path()), (ErrorCode::KeyConflict, "/key"));
    }

    #[test]
    fn rows_of_one_card_stand_in_one_record_however_far_apart() {
        let mut book = book();
        let mut file = rows(12_000);
        file.push(ImportRow { card: Some(" 000000".into()), ..file[0].clone() });
        let report = take(&mut book, file, "file").unwrap();
        assert_eq!((report.cards, report.known.len()), (12_000, 0));
        assert_eq!(report.sums[0].amount.units, 12_001);
    }

    #[test]
    fn a_mistake_far_behind_keeps_every_row_from_being_taken() {
        let mut book = book();
        let mut file = rows(12_000);
        file[11_000].points = Some("stamps".into());
        let error = take(&mut book, file, "file").unwrap_err();
        assert_eq!((error.code(), error.path()), (ErrorCode::CardAsset, "/rows/11000/points"));
        assert!(book.entries().is_empty());
        let report = book.import(rows(12_000), now(), "", None, true).unwrap();
        assert_eq!((report.cards, report.records.len()), (12_000, 0));
        assert!(book.entries().is_empty());
        let error = take(&mut book, rows(1), "").unwrap_err();
        assert_eq!((error.code(), error.path()), (ErrorCode::KeyMissing, "/key"));
    }

    fn named(guest: &str, name: &str, phone: &str) -> ImportRow {
        let personal =
            Personal { name: Some(name.into()), phone: Some(phone.into()), ..Personal::default() };
        ImportRow { guest: Some(guest.into()), personal, ..ImportRow::default() }
    }

    fn found(book: &mut Book, text: &str) -> usize {
        let search = Command::Search(Search { text: text.into(), ..Search::default() });
        let Answer::Found(found) = book.call(&Request::new(now(), search)).unwrap() else {
            panic!("a search answers what it found")
        };
        found.guests.len()
    }

    #[test]
    fn what_is_personal_is_in_no_record_and_comes_back_beside_them() {
        let mut book = book();
        let file = vec![
            named("g-1", "Анна Ким", "+7 993 697-10-05"),
            named("g-2", "Олег Ли", "+7 993 697-10-06"),
        ];
        take(&mut book, file, "file").unwrap();
        let texts: Vec<String> =
            book.entries().iter().map(|entry| canonical(&entry.record)).collect();
        for secret in ["Анна", "Ким", "6971005", "697-10-05", "10-05"] {
            assert!(!texts.iter().any(|text| text.contains(secret)), "{secret}");
        }
        let kept = book.profiles();
        assert_eq!(kept[0].1.phone.as_deref(), Some("+79936971005"));

        let action = GuestAction::Erase(NoDetails::default());
        let erase = ChangeGuest { action, guest: Some("g-2".into()), ..ChangeGuest::default() };
        book.call(&Request::new(now(), Command::Guest(erase)).with_key("e")).unwrap();
        assert_eq!(book.profiles().len(), 1);
        let records = book.entries().iter().map(|entry| (entry.hash, entry.record.clone()));
        let mut rebuilt =
            Book::rebuild("till-1", book.program().unwrap().clone(), records).unwrap();
        assert_eq!(found(&mut rebuilt, "1005"), 0);
        // What was stored before the guest was erased does not come back.
        rebuilt.restore_profiles(kept);
        assert_eq!(rebuilt.profiles(), book.profiles());
        assert_eq!([found(&mut rebuilt, "1005"), found(&mut rebuilt, "1006")], [1, 0]);
    }
}
