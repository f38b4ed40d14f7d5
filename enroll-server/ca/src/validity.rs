//! When certificates are valid.

use std::time::Duration;

use enroll_server_model::{Timestamp, Validity};
use x509_cert::time::{Time, Validity as Encoded};

/// How far back a certificate's validity begins, for clocks that are behind.
pub const BACKDATE: Duration = Duration::from_secs(5 * 60);

/// A time in a certificate or a CRL.
pub(crate) fn timestamp(time: Time) -> Timestamp {
    let seconds = time.to_unix_duration().as_secs();
    Timestamp::from_seconds(i64::try_from(seconds).unwrap_or(i64::MAX))
}

/// What a certificate says of its validity.
#[must_use]
pub fn of(encoded: &Encoded) -> Validity {
    Validity {
        not_before: timestamp(encoded.not_before),
        not_after: timestamp(encoded.not_after),
    }
}
