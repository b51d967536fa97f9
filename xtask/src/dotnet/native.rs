//! The functions of the C library as C# declares them, written by csbindgen.

use std::fs;

use anyhow::{Context, Result, anyhow};

use crate::root;

/// Where the declarations are.
pub const PATH: &str = "bindings/dotnet/src/Native/NativeMethods.g.cs";

/// The functions of the crate `ffi`, as they stand in its source.
const FUNCTIONS: &str = "ffi/src/door.rs";

/// Types that are only ever pointed at; their content is nobody's business here.
const OPAQUE: [&str; 3] = ["KopilkaHandle", "KopilkaText", "KopilkaError"];

/// What the file must say.
pub fn methods() -> Result<String> {
    let folder = std::env::temp_dir();
    let written = folder.join(format!("native-methods-{}.cs", std::process::id()));
    csbindgen::Builder::default()
        .input_extern_file(root().join(FUNCTIONS))
        .csharp_dll_name("kopilka_native")
        .csharp_namespace("Kopilka")
        .csharp_class_name("NativeMethods")
        .csharp_class_accessibility("internal")
        .csharp_use_nint_types(false)
        .csharp_use_function_pointer(false)
        .generate_csharp_file(&written)
        .map_err(|error| anyhow!("csbindgen cannot read {FUNCTIONS}: {error}"))?;
    let text = fs::read_to_string(&written).context("csbindgen wrote nothing")?;
    fs::remove_file(&written)?;
    Ok(tidied(&text))
}

/// The same text on every machine, with the types that only the library knows.
fn tidied(text: &str) -> String {
    let mut lines: Vec<String> =
        text.replace("\r\n", "\n").lines().map(|line| line.trim_end().to_owned()).collect();
    while lines.last().is_some_and(|line| line.is_empty() || line == "}") {
        lines.pop();
    }
    for name in OPAQUE {
        if !text.contains(&format!("struct {name}")) {
            lines.push(String::new());
            lines.push(format!("    internal struct {name}"));
            lines.push("    {".to_owned());
            lines.push("    }".to_owned());
        }
    }
    lines.dedup_by(|next, line| next.is_empty() && line.is_empty());
    // mcs does not know the numbers of these warnings.
    lines.retain(|line| !line.starts_with("#pragma warning"));
    lines.join("\n") + "\n}\n"
}
