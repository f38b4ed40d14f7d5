//! Addresses within the portal.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Whether a text is a path of this portal and nothing else: where somebody is sent after signing in.
#[must_use]
pub fn is_own_path(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next() == Some(b'/')
        && !matches!(bytes.next(), Some(b'/' | b'\\'))
        && text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

/// What is escaped in a query: everything that does not stand for itself everywhere. A slash does.
const ESCAPED: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/');

/// A path with those parameters that have a value.
#[must_use]
pub fn with_query(path: &str, parameters: &[(&str, &str)]) -> String {
    let mut address = path.to_owned();
    let mut separator = '?';
    for (name, value) in parameters.iter().filter(|(_, value)| !value.is_empty()) {
        address.push(separator);
        address.push_str(name);
        address.push('=');
        address.extend(utf8_percent_encode(value, &ESCAPED));
        separator = '&';
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_to_another_site() {
        for own in ["/", "/phones", "/phones?q=a%20b&state=active"] {
            assert!(is_own_path(own), "{own}");
        }
        for foreign in [
            "",
            "phones",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a\nb",
            "/ä",
        ] {
            assert!(!is_own_path(foreign), "{foreign}");
        }
    }

    #[test]
    fn parameters_without_a_value_leave_no_trace() {
        let parameters = [("q", "a&b c"), ("state", ""), ("after", "x")];
        assert_eq!(
            with_query("/phones", &parameters),
            "/phones?q=a%26b%20c&after=x"
        );
        assert_eq!(with_query("/phones", &[("q", "")]), "/phones");
    }
}
