//! What stands in two-dimensional codes: links, JSON, and the engine's own tokens.

use crate::json::Node;
use crate::order::Presented;
use crate::program::LinkRule;
use crate::reason::ReasonCode;

/// The most bytes that a scan may have to be read.
pub(crate) const PAYLOAD_MAX: usize = 512;

pub(super) fn is_link(text: &str) -> bool {
    let scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic());
    begins && text.split_once("://").is_some_and(|(before, _)| before.chars().all(scheme))
}

/// The number that a link holds, by the first rule whose beginning it has. Nothing is fetched.
pub(super) fn link_number(text: &str, rules: &[LinkRule]) -> Result<String, ReasonCode> {
    let after = |rule: &LinkRule| Some((rule.parameter.clone(), after_prefix(text, &rule.prefix)?));
    let mut allowed = rules.iter().filter_map(after).peekable();
    if allowed.peek().is_none() {
        return Err(ReasonCode::ScanLink);
    }
    allowed.find_map(|(parameter, rest)| part(&parameter, rest)).ok_or(ReasonCode::ScanLinkNumber)
}

/// What follows a beginning; scheme and host are the same in any case of letters.
fn after_prefix<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let (begins, rest) = text.split_at_checked(prefix.len())?;
    let host_end = prefix.find("://").map_or(0, |scheme| {
        let host = prefix.get(scheme + 3..).unwrap_or("");
        scheme + 3 + host.find('/').unwrap_or(host.len())
    });
    let (own_host, own_path) = prefix.split_at_checked(host_end)?;
    let (host, path) = begins.split_at_checked(host_end)?;
    (host.eq_ignore_ascii_case(own_host) && path == own_path).then_some(rest)
}

fn part(parameter: &Option<String>, rest: &str) -> Option<String> {
    let rest = rest.split('#').next().unwrap_or("");
    let found = match parameter {
        None => rest.split(['?', '&']).next().unwrap_or("").trim_end_matches('/'),
        Some(name) => {
            let query = rest.split_once('?').map_or(rest, |(_, query)| query);
            let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.into_iter().find(|(key, _)| key == name)?.1
        }
    };
    decoded(found).filter(|number| !number.is_empty())
}

/// The text with `%XX` as the bytes that they stand for.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || char::from(rest.next()?).to_digit(16);
        let (high, low) = (digit()?, digit()?);
        bytes.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(bytes).ok()
}

/// The number that a JSON payload holds: the value, a string or a whole number, of the first key
/// of the programme that is there.
pub(super) fn json_number(text: &str, keys: &[String]) -> Result<String, ReasonCode> {
    let Ok(node @ Node::Map(_)) = Node::parse(text, PAYLOAD_MAX) else {
        return Err(ReasonCode::ScanJson);
    };
    let value = |key: &String| match node.get(key)? {
        Node::Text(text) if !text.is_empty() => Some(text.clone()),
        Node::Integer(number) => Some(number.to_string()),
        _ => None,
    };
    keys.iter().find_map(value).ok_or(ReasonCode::ScanJsonKey)
}

/// Whether a text begins as the tokens of the engine do.
pub(super) fn is_token(text: &str) -> bool {
    text.starts_with("kr.") || text.starts_with("ks.")
}

/// The card that a token names and how it was presented, by the form of the token alone: whether
/// it is genuine must be verified with the card's or the signer's key.
pub(super) fn token_number(text: &str) -> Result<(String, Presented), ReasonCode> {
    let parts: Vec<&str> = text.split('.').collect();
    let digits = |part: &str| {
        (1..=18).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let letters = |part: &str| {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        !part.is_empty() && part.bytes().all(known)
    };
    let found = match parts.as_slice() {
        ["kr", number, step, code] if digits(step) && letters(code) => {
            Some((*number, Presented::Rotating))
        }
        ["ks", signer, number, issued, life, nonce, signature]
            if [signer, nonce, signature].into_iter().all(|part| letters(part))
                && digits(issued)
                && digits(life) =>
        {
            Some((*number, Presented::Signed))
        }
        _ => None,
    };
    let whole = found.filter(|(number, _)| !number.is_empty() && number.len() <= 64);
    whole.map(|(number, how)| (number.to_owned(), how)).ok_or(ReasonCode::ScanToken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(prefix: &str, parameter: Option<&str>) -> LinkRule {
        LinkRule { parameter: parameter.map(str::to_owned), prefix: prefix.to_owned() }
    }

    #[test]
    fn an_allowed_link_holds_the_number_behind_it_or_in_a_parameter() {
        let rules = [rule("https://shop.example/c/", None), rule("https://k.example/", Some("id"))];
        for (link, number) in [
            ("https://shop.example/c/123", "123"),
            ("https://shop.example/c/123/", "123"),
            ("https://shop.example/c/123?utm=1#top", "123"),
            ("HTTPS://SHOP.EXAMPLE/c/123", "123"),
            ("https://shop.example/c/12%2D3", "12-3"),
            ("https://k.example/open?x=1&id=77#a", "77"),
        ] {
            assert_eq!(link_number(link, &rules), Ok(number.to_owned()), "{link}");
        }
    }

    #[test]
    fn another_host_scheme_or_path_is_not_allowed() {
        let rules = [rule("https://shop.example/c/", None)];
        for link in [
            "http://shop.example/c/123",
            "https://shop.example.evil.example/c/123",
            "https://shop.example/C/123",
            "https://shop.example@evil.example/c/123",
            "https://shop.example",
        ] {
            assert_eq!(link_number(link, &rules), Err(ReasonCode::ScanLink), "{link}");
        }
        for link in ["https://shop.example/c/", "https://shop.example/c/%zz"] {
            assert_eq!(link_number(link, &rules), Err(ReasonCode::ScanLinkNumber), "{link}");
        }
        assert!(is_link("https://x") && !is_link("a b://c") && !is_link("12"));
    }

    #[test]
    fn a_json_payload_holds_the_number_under_a_known_key() {
        let keys = ["card".to_owned(), "id".to_owned()];
        for text in [r#"{"card":"123"}"#, r#"{"id":123}"#, r#"{"id":"9","card":"123"}"#] {
            assert_eq!(json_number(text, &keys), Ok("123".to_owned()), "{text}");
        }
        for text in [r#"{"number":"123"}"#, "{}", r#"{"card":null}"#, r#"{"card":1.5}"#] {
            assert_eq!(json_number(text, &keys), Err(ReasonCode::ScanJsonKey), "{text}");
        }
        assert_eq!(json_number("{card:1}", &keys), Err(ReasonCode::ScanJson));
    }

    #[test]
    fn a_token_names_its_card() {
        let rotating = token_number("kr.2990000000019.58812345.94287082");
        assert_eq!(rotating, Ok(("2990000000019".to_owned(), Presented::Rotating)));
        let signed = token_number("ks.s1.2990000000019.1761301800.60.n0nce.QUJD_-8");
        assert_eq!(signed, Ok(("2990000000019".to_owned(), Presented::Signed)));
        for text in
            ["kr.", "kr.1.2", "kr..5.1", "kr.1.x.1", "kr.1.2.", "ks.s.1.2.3.n", "kr.1.2.3.4"]
        {
            assert_eq!(token_number(text), Err(ReasonCode::ScanToken), "{text}");
        }
    }
}
