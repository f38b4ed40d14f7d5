//! What becomes of certificates.

use crate::words::words;

words! {
    /// How far a certificate has come.
    CertificateState {
        /// On record and about to be signed. If it stays so, it counts as signed by accident.
        Reserved = "reserved",
        /// Signed and stored.
        Issued = "issued",
        /// On hold (RFC 5280, certificateHold): refused like a revoked one, and can be good again.
        Suspended = "suspended",
        /// Revoked; see the revocations for when and why.
        Revoked = "revoked",
    }
}
