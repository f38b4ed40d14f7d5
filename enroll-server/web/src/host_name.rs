//! Host names as operators give them.

use std::net::IpAddr;

/// Most characters: the name is the common name of the server's certificate (RFC 5280, appendix A.1, ub-common-name).
const LONGEST: usize = 64;
/// Most characters between two dots (RFC 1035, section 2.3.4).
const LONGEST_LABEL: usize = 63;

/// Reads a host name or an IP address; one of version 6 may be in brackets.
///
/// # Errors
/// What to give instead.
pub fn host_name(text: &str) -> Result<String, String> {
    let bracketed = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    if let Ok(address) = bracketed.unwrap_or(text).parse::<IpAddr>()
        && (bracketed.is_none() || address.is_ipv6())
    {
        return Ok(address.to_string());
    }
    if is_host_name(text) {
        return Ok(text.to_ascii_lowercase());
    }
    Err(format!(
        "give a host name (labels of letters, digits and hyphens, which neither begin nor end with a hyphen, at most {LONGEST} characters in all) or an IP address"
    ))
}

/// Whether the text is a host name (RFC 1123, section 2.1).
fn is_host_name(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=LONGEST_LABEL).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    // What ends in a number would be taken for an IPv4 address.
    let is_number = |label: &str| label.bytes().all(|byte| byte.is_ascii_digit());
    text.len() <= LONGEST
        && text.split('.').all(is_label)
        && !text.rsplit('.').next().is_some_and(is_number)
}

/// A host as it is written in a URL.
#[must_use]
pub fn in_url(host: &str) -> String {
    if host.contains(':') {
        format!("[{host}]")
    } else {
        host.to_owned()
    }
}

/// Whether nobody but this machine can mean it.
#[must_use]
pub fn is_of_this_machine(host: &str) -> bool {
    let is_loopback = host.parse::<IpAddr>().is_ok_and(|host| host.is_loopback());
    is_loopback || host == "localhost" || host.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_names_and_addresses_are_read() {
        let label = "a".repeat(63);
        for (given, read) in [
            ("Enroll.Example.ORG", "enroll.example.org"),
            ("localhost", "localhost"),
            ("xn--bcher-kva.example", "xn--bcher-kva.example"),
            ("3com.example", "3com.example"),
            (label.as_str(), label.as_str()),
            ("192.0.2.1", "192.0.2.1"),
            ("2001:DB8:0::1", "2001:db8::1"),
            ("[::1]", "::1"),
        ] {
            assert_eq!(host_name(given).as_deref(), Ok(read));
        }
    }

    #[test]
    fn what_is_neither_is_refused() {
        let long_label = format!("{}.example", "a".repeat(64));
        let long = format!("{}.{}", "a".repeat(32), "b".repeat(32));
        for bad in [
            "",
            ".",
            "..",
            "a..b",
            ".a",
            "a.",
            "-a.example",
            "a-.example",
            "a_b.example",
            "a b",
            "b\u{fc}cher.example",
            "a/b",
            "a:443",
            "https://a",
            "user@a",
            "[192.0.2.1]",
            "[::1",
            "::1]",
            "[a]",
            "1.2.3",
            "256.1.1.1",
            "a.1",
            "fe80::1%eth0",
            &long_label,
            &long,
        ] {
            assert!(host_name(bad).is_err(), "{bad}");
        }
    }
}
