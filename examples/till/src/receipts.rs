//! Reads receipts from a table of their lines, plain or compressed with gzip.
//!
//! The columns are found by name: `InvoiceNo`, `StockCode`, `Description`, `Quantity`,
//! `InvoiceDate` (local time of the shop), `UnitPrice`, `CustomerID`; others are passed over.
//! A row that cannot be read does not stop anything: its receipt keeps the fault.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use csv::ByteRecord;
use flate2::bufread::MultiGzDecoder;
use jiff::civil::DateTime;
use rust_decimal::Decimal;

use crate::page::Language;

/// One receipt with its rows in the order of the file.
#[derive(Debug)]
pub struct Receipt {
    /// Its number, as the shop wrote it.
    pub number: String,
    /// The customer's number; empty if it is not known.
    pub customer: String,
    /// The local time of its first row.
    pub at: DateTime,
    /// The rows.
    pub rows: Vec<Row>,
    /// The first thing that could not be read.
    pub fault: Option<Fault>,
}

/// One line of a receipt.
#[derive(Debug)]
pub struct Row {
    pub stock_code: String,
    pub description: String,
    pub quantity: Decimal,
    pub price: Decimal,
}

/// Why a receipt cannot be made into an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    Columns,
    Customers,
    Date,
    Price,
    Quantity,
}

impl Fault {
    /// The code under which such receipts are counted.
    pub fn code(self) -> &'static str {
        match self {
            Fault::Columns => "row.columns",
            Fault::Customers => "row.customers",
            Fault::Date => "row.date",
            Fault::Price => "row.price",
            Fault::Quantity => "row.quantity",
        }
    }

    /// What is wrong, in one sentence.
    pub fn text(self, language: Language) -> &'static str {
        let (russian, english) = match self {
            Fault::Columns => ("В строке не хватает столбцов.", "A row has too few columns."),
            Fault::Customers => ("В чеке разные покупатели.", "The rows name several customers."),
            Fault::Date => ("Дата не читается.", "A date cannot be read."),
            Fault::Price => ("Цена не читается.", "A price cannot be read."),
            Fault::Quantity => ("Количество не читается.", "A quantity cannot be read."),
        };
        language.pick(russian, english)
    }
}

/// Reads all receipts of a file. A number that comes back further down belongs to the receipt that
/// it began, so the whole file is read before the first sale.
pub fn read(path: &Path) -> io::Result<Vec<Receipt>> {
    let mut file = BufReader::with_capacity(1 << 16, File::open(path)?);
    let compressed = file.fill_buf()?.starts_with(&[0x1f, 0x8b]);
    if compressed { parse(MultiGzDecoder::new(file)) } else { parse(file) }
}

/// Reads all receipts of a table.
pub fn parse(table: impl Read) -> io::Result<Vec<Receipt>> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(table);
    let columns = Columns::find(reader.byte_headers()?)?;
    let mut receipts: Vec<Receipt> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut record = ByteRecord::new();
    while reader.read_byte_record(&mut record)? {
        let number = text(&record, columns.number);
        let place = *places.entry(number).or_insert_with_key(|number| {
            receipts.push(columns.begin(number, &record));
            receipts.len() - 1
        });
        if let Some(receipt) = receipts.get_mut(place) {
            columns.add(receipt, &record);
        }
    }
    Ok(receipts)
}

/// Where the columns are.
struct Columns {
    number: usize,
    stock_code: usize,
    description: usize,
    quantity: usize,
    date: usize,
    price: usize,
    customer: usize,
}

impl Columns {
    fn find(headers: &ByteRecord) -> io::Result<Columns> {
        let place = |name: &str| {
            // A file saved by a spreadsheet may begin with a byte order mark.
            let same = |header: &[u8]| {
                header.strip_prefix(b"\xef\xbb\xbf").unwrap_or(header) == name.as_bytes()
            };
            let found = headers.iter().position(same);
            let missing = || format!("the table has no column `{name}`");
            found.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, missing()))
        };
        Ok(Columns {
            number: place("InvoiceNo")?,
            stock_code: place("StockCode")?,
            description: place("Description")?,
            quantity: place("Quantity")?,
            date: place("InvoiceDate")?,
            price: place("UnitPrice")?,
            customer: place("CustomerID")?,
        })
    }

    fn begin(&self, number: &str, record: &ByteRecord) -> Receipt {
        let at = text(record, self.date).parse();
        Receipt {
            number: number.to_owned(),
            customer: text(record, self.customer),
            fault: at.is_err().then_some(Fault::Date),
            at: at.unwrap_or_default(),
            rows: Vec::new(),
        }
    }

    fn add(&self, receipt: &mut Receipt, record: &ByteRecord) {
        let number = |column| Decimal::from_str_exact(&text(record, column)).ok();
        let (quantity, price) = (number(self.quantity), number(self.price));
        let faults = [
            (record.len() <= self.customer.max(self.price), Fault::Columns),
            (text(record, self.customer) != receipt.customer, Fault::Customers),
            (quantity.is_none(), Fault::Quantity),
            (price.is_none(), Fault::Price),
        ];
        let fault = faults.into_iter().find_map(|(wrong, fault)| wrong.then_some(fault));
        // A row that is too short has no date either, and that is the lesser news.
        if fault == Some(Fault::Columns) || receipt.fault.is_none() {
            receipt.fault = fault.or(receipt.fault);
        }
        receipt.rows.push(Row {
            stock_code: text(record, self.stock_code),
            description: text(record, self.description),
            quantity: quantity.unwrap_or_default(),
            price: price.unwrap_or_default(),
        });
    }
}

fn text(record: &ByteRecord, column: usize) -> String {
    String::from_utf8_lossy(record.get(column).unwrap_or_default()).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    const HEADER: &str =
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n";

    fn receipts(rows: &str) -> Vec<Receipt> {
        parse(format!("{HEADER}{rows}").as_bytes()).unwrap()
    }

    #[test]
    fn a_number_that_comes_back_continues_its_receipt() {
        let read = receipts(
            "1,A,a,1,2011-02-01 11:19:00,1.00,12836,X\n\
             2,B,b,1,2011-02-01 11:19:00,1.00,,X\n\
             1,C,c,2,2011-02-01 11:20:00,0.001,12836,X\n",
        );
        let rows: Vec<(&str, usize)> =
            read.iter().map(|receipt| (receipt.number.as_str(), receipt.rows.len())).collect();
        assert_eq!(rows, [("1", 2), ("2", 1)]);
        assert_eq!(read[0].at.to_string(), "2011-02-01T11:19:00");
        assert_eq!(read[0].rows[1].price, Decimal::new(1, 3));
        assert!(read.iter().all(|receipt| receipt.fault.is_none()));
    }

    #[test]
    fn what_cannot_be_read_is_a_fault_of_its_receipt_and_of_no_other() {
        let read = receipts(
            "1,A,a,one,2011-02-01 11:19:00,1.00,,X\n\
             2,A,a,1,2011-02-01 11:19:00,1e3,,X\n\
             3,A,a,1,soon,1.00,,X\n\
             4,A\n\
             5,A,a,1,2011-02-01 11:19:00,1.00,1,X\n\
             5,A,a,1,2011-02-01 11:19:00,1.00,2,X\n\
             6,A,a,1,2011-02-01 11:19:00,1.00,,X\n",
        );
        let faults: Vec<Option<Fault>> = read.iter().map(|receipt| receipt.fault).collect();
        let expected = [
            Some(Fault::Quantity),
            Some(Fault::Price),
            Some(Fault::Date),
            Some(Fault::Columns),
            Some(Fault::Customers),
            None,
        ];
        assert_eq!(faults, expected);
    }

    #[test]
    fn a_compressed_file_is_recognised_by_its_first_bytes() {
        let table = format!("{HEADER}1,A,\"a, b\",1,2011-02-01 11:19:00,1.00,,X\n");
        let path = std::env::temp_dir().join(format!("till-{}.table", std::process::id()));
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(table.as_bytes()).unwrap();
        std::fs::write(&path, encoder.finish().unwrap()).unwrap();
        let compressed = read(&path).unwrap();
        std::fs::write(&path, &table).unwrap();
        let plain = read(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(compressed[0].rows[0].description, "a, b");
        assert_eq!(plain[0].rows[0].description, "a, b");
    }

    #[test]
    fn a_table_without_a_needed_column_is_refused_as_a_whole() {
        let error = parse("InvoiceNo,StockCode\n1,A\n".as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), "the table has no column `Description`");
    }
}
