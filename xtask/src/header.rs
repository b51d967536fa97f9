//! The header of the C library, made by cbindgen of `ffi/src/`.

use std::collections::HashMap;
use std::fmt::Write;

use anyhow::{Context, Result};
use cbindgen::{
    Builder, Config, DocumentationStyle, EnumConfig, ExportConfig, FunctionConfig, Language,
    SortKey, Style,
};
use kopilka::ErrorCode;
use kopilka::texts::{self, Language as Tongue};

use crate::root;

/// Where it stands.
pub const PATH: &str = "ffi/include/kopilka.h";

/// The files that say what C sees.
const SOURCES: [&str; 4] =
    ["ffi/src/handle.rs", "ffi/src/text.rs", "ffi/src/error.rs", "ffi/src/door.rs"];

const PREFACE: &str = include_str!("header.txt");

/// The text of the header.
pub fn text() -> Result<String> {
    let names = [
        ("KopilkaHandle", "kopilka_handle"),
        ("KopilkaText", "kopilka_text"),
        ("KopilkaError", "kopilka_error"),
    ];
    // What the sources declare besides is no business of C.
    let exclude = vec!["Kind".to_owned()];
    let rename: HashMap<String, String> =
        names.iter().map(|(rust, c)| ((*rust).to_owned(), (*c).to_owned())).collect();
    let config = Config {
        after_includes: Some(numbers()?),
        cpp_compat: true,
        documentation_style: DocumentationStyle::C99,
        enumeration: EnumConfig { prefix_with_name: true, ..EnumConfig::default() },
        export: ExportConfig { exclude, rename, ..ExportConfig::default() },
        function: FunctionConfig { sort_by: Some(SortKey::None), ..FunctionConfig::default() },
        header: Some(PREFACE.trim_end().to_owned()),
        include_guard: Some("KOPILKA_H".to_owned()),
        language: Language::C,
        line_length: 90,
        no_includes: true,
        style: Style::Type,
        tab_width: 4,
        ..Config::default()
    };
    let sources = SOURCES.iter().fold(Builder::new().with_config(config), |builder, source| {
        builder.with_src(root().join(source))
    });
    let bindings = sources.generate().context("cbindgen cannot read ffi/src")?;
    let mut header = Vec::new();
    bindings.write(&mut header);
    // Rust's heading for what the caller promises.
    Ok(String::from_utf8(header)?.replace("// # Safety\n// ", "// Promised by the caller: "))
}

/// The constant of each error code.
fn numbers() -> Result<String> {
    let mut numbers = "#include <stdint.h>\n\n".to_owned();
    writeln!(
        numbers,
        "// The numbers of the error codes, with what the cashier reads in English."
    )?;
    let mut codes = ErrorCode::ALL.to_vec();
    codes.sort_by_key(|code| code.number());
    for code in codes {
        let (name, help) = (code.as_str(), texts::error(code, Tongue::English));
        let constant = name.to_uppercase().replace('.', "_");
        writeln!(numbers, "\n// {name}: {help}\n#define KOPILKA_{constant} {}", code.number())?;
    }
    Ok(numbers)
}
