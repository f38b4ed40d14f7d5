//! Why nobody signs in with a phone that they show.

use crate::words::words;

words! {
    /// Why nobody signs in with what a browser shows of a phone.
    PhoneRefusal {
        /// It shows no certificate.
        NoCertificate = "no-certificate",
        /// It shows one that was not issued here.
        AnotherAuthority = "another-authority",
        /// It shows one that is not for signing in.
        AnotherKey = "another-key",
        /// The certificate has expired, or is not valid yet.
        Expired = "expired",
        /// The certificate, the phone or its holder is suspended.
        Suspended = "suspended",
        /// The certificate or the phone is revoked, or its holder was let go.
        Revoked = "revoked",
        /// It could not be found out whether it is good.
        NotChecked = "not-checked",
    }
}
