//! What is wrong or doubtful in a programme's document, a line each.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use kopilka::{Program, lint};

/// Prints what is wrong or doubtful; true if nothing is.
pub fn run(file: &Path) -> Result<bool> {
    let text =
        fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let told = told(&text);
    for line in &told {
        println!("{line}");
    }
    Ok(told.is_empty())
}

/// `path: code: message` of each mistake, or of each finding if there are no mistakes.
fn told(text: &str) -> Vec<String> {
    let line = |path: &str, code: &str, message: &str| {
        format!("{}: {code}: {message}", if path.is_empty() { "/" } else { path })
    };
    match Program::compile(text) {
        Err(error) => {
            error.mistakes().iter().map(|m| line(&m.path, m.code.as_str(), &m.message)).collect()
        }
        Ok(program) => {
            let findings = lint(&program).findings;
            findings.iter().map(|f| line(&f.path, f.code.as_str(), &f.message)).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_and_findings_are_told_line_by_line() {
        let mistakes = told(r#"{"id": "a", "currency": "RUB"}"#);
        assert_eq!(mistakes.len(), 1);
        assert!(mistakes[0].starts_with("/zone: document.key_missing: "), "{mistakes:?}");
        let doubts = told(
            r#"{"id": "a", "currency": "RUB", "zone": "Europe/Moscow", "points": [{"id": "p"}]}"#,
        );
        assert_eq!(doubts.len(), 1);
        assert!(doubts[0].starts_with("/points/0: points.not_spendable: "), "{doubts:?}");
        assert!(told("{")[0].starts_with("/: document.syntax: "), "{:?}", told("{"));
        let clean = r#"{"id": "a", "currency": "RUB", "zone": "Europe/Moscow"}"#;
        assert_eq!(told(clean), [""; 0]);
    }

    #[test]
    fn every_preset_is_beyond_doubt() {
        for entry in fs::read_dir(crate::root().join("presets")).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|ending| ending != "json") {
                continue;
            }
            assert_eq!(told(&fs::read_to_string(&path).unwrap()), [""; 0], "{}", path.display());
        }
    }

    #[test]
    fn a_file_passes_only_if_nothing_is_told() {
        assert!(run(&crate::root().join("presets/six-stores.json")).unwrap());
        assert!(!run(&crate::root().join("Cargo.toml")).unwrap());
        assert!(run(Path::new("no such file")).is_err());
    }
}
