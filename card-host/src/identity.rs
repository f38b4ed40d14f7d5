//! Which card it is.

use card_edge::piv::pkcs11;

/// Which card it is: the GUID of its CHUID; a card without one is known by its 9A certificate; a card that has
/// neither is not known, all zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identity(pub [u8; 16]);

impl Identity {
    /// A card without CHUID and 9A certificate.
    pub const UNKNOWN: Self = Self([0; 16]);

    /// Whether the card can be told from others.
    #[must_use]
    pub fn is_unique(self) -> bool {
        self != Self::UNKNOWN
    }

    /// The identity of a card without a number in its CHUID that has this DER certificate in 9A.
    #[must_use]
    pub fn of_certificate(certificate: Option<&[u8]>) -> Self {
        Self(pkcs11::identity(None, certificate))
    }
}
