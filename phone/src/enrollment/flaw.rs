//! What is wrong with what a server offers or issues.

use card_edge::piv::AsymmetricKey;
use const_oid::ObjectIdentifier;
use enrollment_protocol::{Slot, limit};
use thiserror::Error;

/// Why an offer or an answer is refused as a whole.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum AnswerFlaw {
    /// A name that nobody can read to its end, or none.
    #[error("the {0} is empty or has more than {max} characters", max = limit::NAME_MAX)]
    Name(&'static str),
    /// There is nothing to do.
    #[error("it offers no certificate")]
    Nothing,
    /// One of them would be lost.
    #[error("it names slot {0} twice")]
    SlotTwice(Slot),
    /// A certificate is missing.
    #[error("there is no certificate for slot {0}")]
    Missing(AsymmetricKey),
    /// A certificate came that was not asked for.
    #[error("there is a certificate for slot {0}, which was not offered one")]
    NotOffered(AsymmetricKey),
    /// More issuers than any chain has.
    #[error("it has more than {max} issuers", max = limit::ISSUERS_MAX)]
    Issuers,
    /// An issuer that cannot be read.
    #[error("issuer {0} is not a certificate")]
    MalformedIssuer(usize),
    /// An issuer that issued nothing of this, or that is there twice.
    #[error("issuer {0} has nothing to do with these certificates")]
    StrangeIssuer(usize),
    /// The root is not a certificate.
    #[error("the root authority's certificate cannot be read")]
    Root,
}

/// Why a certificate is refused.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum CertificateFlaw {
    /// It is not the DER of a certificate.
    #[error("it cannot be read")]
    Malformed,
    /// It is longer than any that the card keeps.
    #[error("it has more than {max} bytes", max = limit::CERTIFICATE_MAX)]
    TooLong,
    /// It is for another key.
    #[error("it is not for the key that this phone made")]
    OtherKey,
    /// No way leads from it to the root.
    #[error("it was not issued by the authority that the invitation names")]
    OtherAuthority,
    /// An authority above it may not do what it did.
    #[error("an authority above it may not issue certificates")]
    IssuerMayNot,
    /// It is not valid at this time, or one above it is not.
    #[error(
        "{what} is valid from {not_before} until {not_after}, and it is {clock} by the clock of this phone. If the clock is wrong, set it right and run this again with the same invitation: it goes on"
    )]
    OutOfTime {
        /// It or its issuer.
        what: &'static str,
        /// From when it is valid.
        not_before: String,
        /// Until when it is valid.
        not_after: String,
        /// What time it is.
        clock: String,
    },
    /// It would make the key an authority.
    #[error("it is the certificate of an authority, and the key is to be a holder's")]
    Authority,
    /// The key may not do what keys in its slot do.
    #[error("its key usage does not fit the slot")]
    KeyUsage,
    /// It says something that must be understood.
    #[error("it has the critical extension {0}, which this phone does not know")]
    UnknownExtension(ObjectIdentifier),
    /// It names somebody or something else.
    #[error("it names {found}, which is not what was offered ({offered})")]
    OtherName {
        /// What it names.
        found: String,
        /// Whom the offer names.
        offered: String,
    },
}
