//! Writes records as lines of JSON, one at a time.
//!
//! A line is `{"hash":"…","record":…}`: the record stands in it byte for byte as it was hashed, so
//! that a reader in any language can cut it out and check the hash without knowing how canonical
//! JSON is made.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use kopilka::Entry;

use crate::journal::Journal;
use crate::till::Outcome;

/// A file of records.
pub struct Export {
    file: BufWriter<File>,
}

impl Export {
    /// Begins a file; one that is there already is written anew.
    pub fn create(path: &Path) -> io::Result<Export> {
        Ok(Export { file: BufWriter::with_capacity(1 << 16, File::create(path)?) })
    }

    /// Writes all records of a ledger, a few of them in memory at a time.
    pub fn write_all(mut self, journal: &Journal) -> Outcome<()> {
        journal.each_record(&mut |entry| Ok(self.write(entry)?))?;
        Ok(self.finish()?)
    }

    /// Writes one record.
    fn write(&mut self, entry: &Entry) -> io::Result<()> {
        writeln!(self.file, "{{\"hash\":\"{}\",\"record\":{}}}", entry.hash, entry.text())
    }

    /// Writes what is still in memory.
    fn finish(mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::journal::Time;
    use crate::receipts;
    use crate::replay::Replay;

    const ROWS: &str = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID\n\
        500005,A,HEART,3,2010-12-01 08:26:00,10.00,17850\n\
        500010,A,HEART,2,2010-12-02 08:26:00,10.00,17850\n\
        C500011,A,HEART,-1,2010-12-03 08:26:00,10.00,17850\n";

    /// What the script says to records, and whether they agree; `None` without Python.
    fn checked(path: &Path) -> Option<(bool, String)> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/control_sums.py");
        let output = Command::new("python3").arg(script).arg(path).output().ok()?;
        let text = [output.stdout, output.stderr].concat();
        Some((output.status.success(), String::from_utf8(text).unwrap()))
    }

    #[test]
    fn the_script_agrees_with_the_engine_and_notices_a_changed_record() {
        let path = std::env::temp_dir().join(format!("till-{}.jsonl", std::process::id()));
        let program = include_str!("../../../presets/online-retail.json");
        let journal = Journal::open(None, "replay", Time::File).unwrap();
        let program = journal.install(program, "2010-12-01T00:00:00Z".parse().unwrap()).unwrap();
        let mut replay = Replay::new(&journal, program, None).unwrap();
        replay.run(&receipts::parse(ROWS.as_bytes()).unwrap(), "").unwrap();
        Export::create(&path).unwrap().write_all(&journal).unwrap();
        let honest = std::fs::read_to_string(&path).unwrap();
        let Some((agrees, text)) = checked(&path) else {
            eprintln!("skipped: there is no python3 here");
            return;
        };
        assert!(agrees, "{text}");
        // 30 points, of which 30 are spent on 20.00; 19.70 earn 19.
        for figure in ["point issued 49", "point spent 30", "money refunded 1000"] {
            assert!(text.contains(figure), "{figure} in {text}");
        }
        std::fs::write(&path, honest.replacen("10.00", "10.01", 1)).unwrap();
        let (agrees, text) = checked(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert!(!agrees && text.contains("does not have the hash"), "{text}");
    }
}
