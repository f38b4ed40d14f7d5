//! The application identifier of GIDS.

/// The application identifier with the version of the specification (2) and one of the vendor's.
pub const AID: [u8; 11] = [
    0xA0, 0x00, 0x00, 0x03, 0x97, 0x42, 0x54, 0x46, 0x59, 0x02, 0x01,
];

/// The bytes without the versions: the form that most hosts send.
const WITHOUT_VERSION: usize = 9;

/// Whether a SELECT with this AID means the GIDS application: nine bytes, and whatever versions a host knows.
#[must_use]
pub fn is_selected_by(aid: &[u8]) -> bool {
    (WITHOUT_VERSION..=AID.len()).contains(&aid.len())
        && aid.get(..WITHOUT_VERSION) == AID.get(..WITHOUT_VERSION)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_select_with_and_without_a_version() {
        for length in 0..=AID.len() {
            assert_eq!(is_selected_by(&AID[..length]), length >= 9, "{length}");
        }
        assert!(is_selected_by(&[&AID[..9], &[0x01]].concat()));
        assert!(!is_selected_by(&[&AID[..], &[0]].concat()));
        // Plug and play's, of the same provider.
        let discovery = [
            0xA0, 0x00, 0x00, 0x03, 0x97, 0x43, 0x49, 0x44, 0x5F, 0x01, 0x00,
        ];
        assert!(!is_selected_by(&discovery));
    }
}
