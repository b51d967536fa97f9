//! Files of another system, read as rows.

mod file;

use crate::command::ImportRow;
use crate::document::{MISTAKES_MAX, Reader};
use crate::error::{Error, ErrorCode, Mistake};
use crate::json::Node;

/// The columns that a file may have: the keys of a row, those of a person in its midst.
const COLUMNS: [&str; 20] = [
    "amount",
    "birthday",
    "blocked",
    "card",
    "code",
    "coupon",
    "email",
    "expires_at",
    "guest",
    "kind",
    "language",
    "name",
    "opens_at",
    "phone",
    "points",
    "purchases",
    "spent",
    "tier",
    "tier_until",
    "used",
];

/// Reads rows from a CSV file: a header that names the columns, then a row a line. Columns stand in
/// any order and are separated by semicolons or commas, whichever the header has more of. An empty
/// cell says nothing. Column names are those of [`ImportRow`], with `name`, `phone`, `birthday` and
/// `email` for what is personal.
///
/// # Errors
/// `import.column` at `/columns/i` for a column that is not known or stands there twice, at
/// `/columns` where none names a card, a code or a guest, and at `/rows/i` for a row that has more
/// or fewer cells; and every mistake of form in a cell, with its row counted from 0.
pub fn read_csv(text: &str) -> Result<Vec<ImportRow>, Error> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let header = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("");
    let count = |separator: char| header.chars().filter(|c| *c == separator).count();
    let semicolons = count(';') > count(',');
    let mut file = csv::ReaderBuilder::new()
        .delimiter(if semicolons { b';' } else { b',' })
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes());
    let mut records = file.records();
    let header = records.next().and_then(Result::ok).unwrap_or_default();
    let columns: Vec<String> = header.iter().map(|name| name.trim().to_lowercase()).collect();
    check_columns(&columns)?;
    let mut found = Found::default();
    for record in records {
        // The text is UTF-8 and rows may be of any length, so that nothing can go wrong here.
        let Ok(record) = record else { continue };
        if record.len() != columns.len() {
            let message = format!(
                "the row has {} cells, the header {}; mind separators and quotes",
                record.len(),
                columns.len()
            );
            found.refuse(Mistake::new(ErrorCode::ImportColumn, "", message));
            continue;
        }
        let cells = columns.iter().zip(&record);
        found.take(&row_node(cells.map(|(column, cell)| (column.as_str(), cell)), semicolons));
    }
    found.finish()
}

fn check_columns(columns: &[String]) -> Result<(), Error> {
    let mut mistakes = Vec::new();
    for (index, column) in columns.iter().enumerate() {
        let message = if !COLUMNS.contains(&column.as_str()) {
            let near = crate::document::closest(column, &COLUMNS);
            let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            format!("the column `{column}` is not known{hint}")
        } else if columns.iter().take(index).any(|earlier| earlier == column) {
            format!("the column `{column}` stands there twice")
        } else {
            continue;
        };
        mistakes.push(Mistake::new(ErrorCode::ImportColumn, format!("/columns/{index}"), message));
    }
    if !columns.iter().any(|column| ["card", "code", "guest"].contains(&column.as_str())) {
        let message = "the header names no column `card`, `code` or `guest`";
        mistakes.push(Mistake::new(ErrorCode::ImportColumn, "/columns", message));
    }
    if mistakes.is_empty() { Ok(()) } else { Err(mistakes.into()) }
}

/// A row of a file as the object that it stands for.
fn row_node<'c>(cells: impl Iterator<Item = (&'c str, &'c str)>, semicolons: bool) -> Node {
    let (mut row, mut personal) = (Vec::new(), Vec::new());
    for (column, cell) in cells {
        let cell = cell.trim();
        if cell.is_empty() {
            continue;
        }
        let text = || Node::Text(cell.to_owned());
        let value = match column {
            "blocked" => match cell.to_lowercase().as_str() {
                "true" | "1" => Node::Boolean(true),
                "false" | "0" => Node::Boolean(false),
                _ => text(),
            },
            "purchases" | "used" => cell.parse().map_or_else(|_| text(), Node::Integer),
            // Where semicolons separate cells, a comma stands for the point in numbers.
            "amount" | "spent" if semicolons => Node::Text(cell.replacen(',', ".", 1)),
            _ => text(),
        };
        let is_personal = ["birthday", "email", "name", "phone"].contains(&column);
        let entries = if is_personal { &mut personal } else { &mut row };
        entries.push((column.to_owned(), value));
    }
    if !personal.is_empty() {
        row.push(("personal".to_owned(), Node::Map(personal)));
    }
    Node::Map(row)
}

/// Reads rows from JSON lines: one object of the `import` verb's rows a line. Empty lines are passed
/// over.
///
/// # Errors
/// Every mistake of form, with its row counted from 0.
pub fn read_json_lines(text: &str) -> Result<Vec<ImportRow>, Error> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut found = Found::default();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        match Node::parse(line, crate::book::REQUEST_BYTES_MAX) {
            Ok(node) => found.take(&node),
            Err(error) => error.mistakes().iter().for_each(|one| found.refuse(one.clone())),
        }
    }
    found.finish()
}

/// The rows that were read so far, and what is wrong with them.
#[derive(Default)]
struct Found {
    rows: Vec<ImportRow>,
    mistakes: Vec<Mistake>,
}

impl Found {
    fn take(&mut self, node: &Node) {
        let (row, mistakes) = Reader::document::<ImportRow>(node);
        let place = self.rows.len();
        self.rows.push(row);
        for mistake in mistakes {
            self.note(place, mistake);
        }
    }

    fn refuse(&mut self, mistake: Mistake) {
        self.note(self.rows.len(), mistake);
        self.rows.push(ImportRow::default());
    }

    fn note(&mut self, row: usize, mistake: Mistake) {
        if self.mistakes.len() < MISTAKES_MAX {
            let path = format!("/rows/{row}{}", mistake.path);
            self.mistakes.push(Mistake { path, ..mistake });
        }
    }

    fn finish(self) -> Result<Vec<ImportRow>, Error> {
        if self.mistakes.is_empty() { Ok(self.rows) } else { Err(self.mistakes.into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_decimal::Decimal;

    fn mistakes(outcome: Result<Vec<ImportRow>, Error>) -> Vec<(&'static str, String)> {
        let error = outcome.unwrap_err();
        error.mistakes().iter().map(|one| (one.code.as_str(), one.path.clone())).collect()
    }

    #[test]
    fn a_file_of_a_spreadsheet_is_read() {
        let text = "\u{feff}Card;amount;name;blocked;spent;purchases\r\n\
                    1001;12,50;\"Ким; Анна \"\"Аня\"\"\";1;;7\r\n\
                    1002;3;;;1000,5;\r\n";
        let rows = read_csv(text).unwrap();
        let [first, second] = rows.as_slice() else { panic!("two rows") };
        assert_eq!(first.card.as_deref(), Some("1001"));
        assert_eq!(first.amount, Some(Decimal::new(1250, 2)));
        assert_eq!(first.personal.name.as_deref(), Some("Ким; Анна \"Аня\""));
        assert_eq!((first.blocked, first.spent, first.purchases), (true, None, Some(7)));
        assert_eq!((second.personal.name.as_ref(), second.blocked), (None, false));
        assert_eq!(second.spent, Some(Decimal::new(10005, 1)));
    }

    #[test]
    fn commas_separate_cells_where_the_header_has_more_of_them() {
        let rows = read_csv("code,coupon,used\nA1,ten,2\n\"A,2\",ten,\n").unwrap();
        let read: Vec<_> = rows.iter().map(|row| (row.code.as_deref(), row.used)).collect();
        assert_eq!(read, [(Some("A1"), 2), (Some("A,2"), 0)]);
        // A decimal comma would be a further cell there.
        let outcome = read_csv("card,amount\n1001,12,50\n");
        assert_eq!(mistakes(outcome), [("import.column", "/rows/0".to_owned())]);
    }

    #[test]
    fn unknown_doubled_and_missing_columns_are_told() {
        let outcome = mistakes(read_csv("kard;amount;amount\n1001;5;5\n"));
        let expected = ["/columns/0", "/columns/2", "/columns"];
        assert_eq!(outcome, expected.map(|path| ("import.column", path.to_owned())));
        assert_eq!(mistakes(read_csv("")), [("import.column", "/columns".to_owned())]);
    }

    #[test]
    fn mistakes_in_cells_name_the_row() {
        let outcome = mistakes(read_csv(
            "card;amount;blocked;used;opens_at\n1;x;;;\n2;;yes;;\n3;;;-1;\n4;;;;2026-01-01\n5\n",
        ));
        let expected = [
            ("amount.syntax", "/rows/0/amount"),
            ("document.type", "/rows/1/blocked"),
            ("document.range", "/rows/2/used"),
            ("time.syntax", "/rows/3/opens_at"),
            ("import.column", "/rows/4"),
        ];
        assert_eq!(outcome, expected.map(|(code, path)| (code, path.to_owned())));
    }

    #[test]
    fn json_lines_are_rows_of_the_verb() {
        let text = "{\"card\": \"1001\", \"amount\": \"5\"}\n\n\
                    {\"guest\": \"g-1\", \"personal\": {\"name\": \"Anna\"}}\r\n";
        let rows = read_json_lines(text).unwrap();
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[1].personal.name.as_deref(), Some("Anna"));
        let outcome = mistakes(read_json_lines("{\"card\": \"1\"}\n{\"kard\": \"2\"}\n{"));
        let expected = [("document.key_unknown", "/rows/1/kard"), ("document.syntax", "/rows/2")];
        assert_eq!(outcome, expected.map(|(code, path)| (code, path.to_owned())));
    }
}
