//! From when until when something is valid.

use std::time::Duration;

use crate::timestamp::Timestamp;

/// From when until when something is valid, both ends included (RFC 5280, section 4.1.2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// From when.
    pub not_before: Timestamp,
    /// Until when.
    pub not_after: Timestamp,
}

impl Validity {
    /// Whether it is valid at a given time.
    #[must_use]
    pub fn contains(self, now: Timestamp) -> bool {
        self.not_before <= now && now <= self.not_after
    }

    /// How long it is valid in all.
    #[must_use]
    pub fn length(self) -> Duration {
        self.not_after.since(self.not_before).unwrap_or_default()
    }

    /// Whether it is valid at a given time and will be for more than one part in `parts` of its own length. Measured
    /// against the length that a profile has in mind, one that was cut short would always be about to end.
    #[must_use]
    pub fn lasts(self, parts: u32, now: Timestamp) -> bool {
        let left = self.not_after.since(now).unwrap_or_default();
        self.contains(now) && left.saturating_mul(parts) > self.length()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_yet_valid_does_not_last() {
        let at = Timestamp::from_seconds;
        let validity = Validity {
            not_before: at(1000),
            not_after: at(1900),
        };
        for (now, contains, lasts) in [
            (999, false, false),
            (1000, true, true),
            (1599, true, true),
            (1600, true, false),
            (1900, true, false),
            (1901, false, false),
        ] {
            assert_eq!(validity.contains(at(now)), contains, "{now}");
            assert_eq!(validity.lasts(3, at(now)), lasts, "{now}");
        }
    }
}
