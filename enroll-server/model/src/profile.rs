//! Names of certificate profiles.

use std::borrow::Cow;

use crate::name::name;

name! {
    /// The name of a certificate profile, as in the database and in the enrollment protocol.
    ProfileName
}

impl ProfileName {
    /// The server's own HTTPS.
    pub const TLS_SERVER: Self = Self(Cow::Borrowed("tls-server"));
    /// Whoever signs OCSP answers in an authority's name.
    pub const OCSP_RESPONDER: Self = Self(Cow::Borrowed("ocsp-responder"));

    /// Whether certificates of it are for the server's own keys.
    #[must_use]
    pub fn is_servers_own(&self) -> bool {
        *self == Self::TLS_SERVER || *self == Self::OCSP_RESPONDER
    }
}
