//! When certificates are valid.

use std::time::Duration;

/// How far back a certificate's validity begins, for clocks that are behind.
pub const BACKDATE: Duration = Duration::from_secs(5 * 60);
