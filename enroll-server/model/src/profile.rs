//! Names of certificate profiles.

use crate::words::words;

words! {
    /// The name of a profile, as in the database and in the enrollment protocol.
    ProfileName {
        /// 9A: sign in.
        PivAuthentication = "piv-authentication",
        /// 9C: sign mail and documents.
        DigitalSignature = "digital-signature",
        /// 9D: decrypt.
        KeyManagement = "key-management",
        /// 9E: the card itself, without a PIN.
        CardAuthentication = "card-authentication",
        /// The server's own HTTPS.
        TlsServer = "tls-server",
        /// Whoever signs OCSP answers in the authority's name.
        OcspResponder = "ocsp-responder",
    }
}
