//! Names of C#: the casing rule, its exceptions, and words that C# keeps for itself.

/// Type, key, name and reason: where the casing rule would give a name that cannot stand.
const EXCEPTIONS: &str = include_str!("../../../bindings/dotnet/exceptions.tsv");

const KEYWORDS: &[&str] = &[
    "abstract",
    "as",
    "base",
    "bool",
    "break",
    "byte",
    "case",
    "catch",
    "char",
    "checked",
    "class",
    "const",
    "continue",
    "decimal",
    "default",
    "delegate",
    "do",
    "double",
    "else",
    "enum",
    "event",
    "explicit",
    "extern",
    "false",
    "finally",
    "fixed",
    "float",
    "for",
    "foreach",
    "goto",
    "if",
    "implicit",
    "in",
    "int",
    "interface",
    "internal",
    "is",
    "lock",
    "long",
    "namespace",
    "new",
    "null",
    "object",
    "operator",
    "out",
    "override",
    "params",
    "private",
    "protected",
    "public",
    "readonly",
    "ref",
    "return",
    "sbyte",
    "sealed",
    "short",
    "sizeof",
    "stackalloc",
    "static",
    "string",
    "struct",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "typeof",
    "uint",
    "ulong",
    "unchecked",
    "unsafe",
    "ushort",
    "using",
    "virtual",
    "void",
    "volatile",
    "while",
];

/// `close_period` or `card.unknown` as `ClosePeriod`, `CardUnknown`.
pub fn pascal(name: &str) -> String {
    let parts = name.split(|sign: char| !sign.is_ascii_alphanumeric());
    let capitalised = parts.filter_map(|part| {
        let mut signs = part.chars();
        Some(signs.next()?.to_ascii_uppercase().to_string() + signs.as_str())
    });
    let name: String = capitalised.collect();
    if name.starts_with(|sign: char| sign.is_ascii_digit()) { format!("N{name}") } else { name }
}

/// `close_period` as `closePeriod`, and a word of C# with the sign that makes it a name.
pub fn parameter(name: &str) -> String {
    let name = pascal(name);
    let mut signs = name.chars();
    let first = signs.next().map(|sign| sign.to_ascii_lowercase());
    let name: String = first.into_iter().chain(signs).collect();
    if KEYWORDS.contains(&name.as_str()) { format!("@{name}") } else { name }
}

/// What a field, word or variant of a type is called.
pub fn member(of: &str, key: &str) -> String {
    let excepted = EXCEPTIONS.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let mut columns = line.split('\t');
        let here = columns.next() == Some(of) && columns.next() == Some(key);
        columns.next().filter(|_| here)
    });
    excepted.map_or_else(|| pascal(key), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_the_casing_of_the_language() {
        assert_eq!(pascal("close_period"), "ClosePeriod");
        assert_eq!(pascal("card.check_digit"), "CardCheckDigit");
        assert_eq!(pascal("7_days"), "N7Days");
        assert_eq!(parameter("close_period"), "closePeriod");
        assert_eq!(parameter("default"), "@default");
    }

    #[test]
    fn an_exception_holds_for_its_type_alone() {
        assert_eq!(member("LineCondition", "kind"), "KindOf");
        assert_eq!(member("CardView", "kind"), "Kind");
    }
}
