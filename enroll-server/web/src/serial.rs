//! Serial numbers and fingerprints in the notations in which people meet them.

use enroll_server_service::query::Numbers;

/// A serial number in decimal notation; `hex` as it is stored.
#[must_use]
pub fn decimal(hex: &str) -> String {
    convert(hex, 16, 10)
}

/// The numbers that a search may mean, as they are stored: a serial number read as hexadecimal (with or without colons), and
/// as decimal; a SHA-256 fingerprint. Empty where the text cannot be one.
#[must_use]
pub fn meant(search: &str) -> Numbers {
    let digits: String = search
        .trim()
        .trim_start_matches("0x")
        .chars()
        .filter(|character| !matches!(character, ':' | ' ' | '-'))
        .collect::<String>()
        .to_ascii_lowercase();
    // A few digits are in every other number; 20 bytes are the longest serial (RFC 5280, section 4.1.2.2).
    let fits = |radix: u32, longest: usize| {
        (4..=longest).contains(&digits.len()) && digits.chars().all(|digit| digit.is_digit(radix))
    };
    let hexadecimal = if fits(16, 42) {
        digits.clone()
    } else {
        String::new()
    };
    let decimal = if fits(10, 50) {
        let hex = convert(&digits, 10, 16);
        if hex.len() % 2 == 1 {
            format!("0{hex}")
        } else {
            hex
        }
    } else {
        String::new()
    };
    Numbers {
        serials: [hexadecimal, decimal],
        fingerprint: if digits.len() == 64 && digits.chars().all(|digit| digit.is_ascii_hexdigit())
        {
            digits
        } else {
            String::new()
        },
    }
}

/// Rewrites a number from one radix to another; both at most 16.
fn convert(digits: &str, from: u32, to: u32) -> String {
    // Digits of the result, least significant first.
    let mut result: Vec<u32> = vec![0];
    for digit in digits.chars().filter_map(|digit| digit.to_digit(from)) {
        let mut carry = digit;
        for place in &mut result {
            let value = *place * from + carry;
            *place = value % to;
            carry = value / to;
        }
        while carry > 0 {
            result.push(carry % to);
            carry /= to;
        }
    }
    result
        .iter()
        .rev()
        .filter_map(|digit| char::from_digit(*digit, to))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_serial_is_found_in_any_notation() {
        assert_eq!(decimal("01f4"), "500");
        assert_eq!(decimal("4e8f2a6c1b0d3f5a7e9c"), "370985526914363581693596");
        let [hexadecimal, _] = meant("4E:8F:2A:6C:1B:0D:3F:5A:7E:9C").serials;
        assert_eq!(hexadecimal, "4e8f2a6c1b0d3f5a7e9c");
        let [_, decimal] = meant("370985526914363581693596").serials;
        assert_eq!(decimal, "4e8f2a6c1b0d3f5a7e9c");
    }

    #[test]
    fn a_fingerprint_is_found_in_any_notation() {
        let pairs = ["AB"; 32];
        for typed in [pairs.join(":"), pairs.join(" "), pairs.concat()] {
            assert_eq!(meant(&typed).fingerprint, "ab".repeat(32), "{typed}");
        }
        assert_eq!(meant("AB:CD").fingerprint, "");
    }

    #[test]
    fn a_name_is_not_a_serial() {
        assert_eq!(
            meant("Alice Example").serials,
            [String::new(), String::new()]
        );
        assert_eq!(meant("abc").serials, [String::new(), String::new()]);
    }
}
