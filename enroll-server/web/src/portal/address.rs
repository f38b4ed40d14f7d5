//! Addresses within the portal.

use std::fmt::Write as _;

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

/// A text as it may stand in a query.
#[must_use]
pub fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// A path with those parameters that have a value.
#[must_use]
pub fn with_query(path: &str, parameters: &[(&str, &str)]) -> String {
    let mut address = path.to_owned();
    let mut separator = '?';
    for (name, value) in parameters.iter().filter(|(_, value)| !value.is_empty()) {
        address.push(separator);
        address.push_str(name);
        address.push('=');
        address.push_str(&encoded(value));
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
