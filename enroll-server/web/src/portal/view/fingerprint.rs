//! Hashes and serial numbers in the form that people compare by eye.

use data_encoding::HEXUPPER;

/// A hash as upper-case hexadecimal in groups of four digits.
#[must_use]
pub fn fingerprint(hash: &[u8]) -> String {
    let groups: Vec<String> = hash.chunks(2).map(|pair| HEXUPPER.encode(pair)).collect();
    groups.join(" ")
}

/// A serial number as pairs of hexadecimal digits with colons between them; `hex` as it is stored.
#[must_use]
pub fn serial(hex: &str) -> String {
    let padded = if hex.len() % 2 == 1 {
        format!("0{hex}")
    } else {
        hex.to_owned()
    };
    let digits: Vec<char> = padded.to_ascii_uppercase().chars().collect();
    digits
        .chunks(2)
        .map(|pair| pair.iter().collect::<String>())
        .collect::<Vec<_>>()
        .join(":")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_grouped_so_that_it_can_be_compared() {
        assert_eq!(fingerprint(&[0xab, 0x01, 0xff, 0x00, 0x10]), "AB01 FF00 10");
    }

    #[test]
    fn a_serial_is_shown_in_whole_bytes() {
        assert_eq!(serial("a1b"), "0A:1B");
    }
}
