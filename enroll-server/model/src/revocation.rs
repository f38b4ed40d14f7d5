//! Why certificates are revoked, or on hold.

use crate::words::words;

words! {
    /// Why a certificate was revoked (RFC 5280, section 5.3.1): the reasons that can occur here.
    RevocationReason {
        /// Somebody else may have the key.
        KeyCompromise = "key-compromise",
        /// The person may no longer use it.
        PrivilegeWithdrawn = "privilege-withdrawn",
        /// The phone is no longer used, and nothing bad happened.
        CessationOfOperation = "cessation-of-operation",
        /// Name or organisation changed.
        AffiliationChanged = "affiliation-changed",
        /// A newer one took its place.
        Superseded = "superseded",
        /// None of these, or better not said.
        Unspecified = "unspecified",
        /// Not revoked for good: its phone or its holder is suspended.
        CertificateHold = "certificate-hold",
    }
}

impl RevocationReason {
    /// Whether what is revoked for it stays so.
    #[must_use]
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::CertificateHold)
    }

    /// The reasons of what is revoked for good: those that people choose from.
    pub fn finals() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(|reason| reason.is_final())
    }

    /// The CRLReason's number.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Unspecified => 0,
            Self::KeyCompromise => 1,
            Self::AffiliationChanged => 3,
            Self::Superseded => 4,
            Self::CessationOfOperation => 5,
            Self::CertificateHold => 6,
            Self::PrivilegeWithdrawn => 9,
        }
    }

    /// The reason with this number; [`RevocationReason::Unspecified`] for one that is not given here.
    #[must_use]
    pub fn from_code(code: u8) -> Self {
        let mut all = Self::ALL.iter().copied();
        all.find(|reason| reason.code() == code)
            .unwrap_or(Self::Unspecified)
    }
}
