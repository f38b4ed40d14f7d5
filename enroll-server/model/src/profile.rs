//! Names of certificate profiles, and of the slots and keys that certificates are for.

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

words! {
    /// A slot for a key on the card (NIST SP 800-73, part 1, table 4b).
    Slot {
        /// PIV authentication.
        PivAuthentication = "9A",
        /// Digital signature.
        DigitalSignature = "9C",
        /// Key management.
        KeyManagement = "9D",
        /// Card authentication.
        CardAuthentication = "9E",
    }
}

words! {
    /// A key's algorithm and size, as the enrollment protocol writes it.
    KeyAlgorithm {
        /// RSA with a modulus of 2048 bits.
        Rsa2048 = "RSA-2048",
        /// ECDSA or ECDH on NIST P-256.
        P256 = "P-256",
        /// ECDSA or ECDH on NIST P-384.
        P384 = "P-384",
    }
}
