//! Why a phone was not enrolled.

use card_edge::piv::AsymmetricKey;
use card_edge::tlv::TlvError;
use thiserror::Error;

use super::client::ServerError;
use super::flaw::{AnswerFlaw, CertificateFlaw};
use super::translate::UnsupportedAlgorithm;
use crate::gids::provision::ProvisionError;
use crate::key_store::KeyStoreError;
use crate::present_pin::PresentPinError;
use crate::state::StateError;
use crate::state::reference_data::HashError;
use crate::x509::SigningError;

/// Why a phone was not enrolled.
#[derive(Debug, Error)]
pub enum EnrollError {
    /// The server did not do its part.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// The card's state could not be read or changed.
    #[error(transparent)]
    State(#[from] StateError),
    /// A key could not be made or used.
    #[error(transparent)]
    Key(#[from] KeyStoreError),
    /// A certification request could not be made.
    #[error(transparent)]
    Csr(#[from] SigningError),
    /// The card has no CHUID, so it has no identity to enroll.
    #[error(
        "the card has no identity (its CHUID is missing or damaged): write a CHUID first, or begin with a new card"
    )]
    NoIdentity,
    /// The server offers a certificate for a kind of key that this phone makes none of.
    #[error(transparent)]
    UnsupportedAlgorithm(#[from] UnsupportedAlgorithm),
    /// What the server offered or answered is refused.
    #[error(
        "what the server sent is refused: {0}. The card is as it was: tell whoever invited you, and ask for a new invitation"
    )]
    Answer(#[from] AnswerFlaw),
    /// The server issued something else than what was asked for.
    #[error(
        "the server's certificate for slot {key} is refused: {flaw}. The card is as it was: tell whoever invited you"
    )]
    Certificate {
        /// The slot.
        key: AsymmetricKey,
        /// What is wrong with it.
        flaw: CertificateFlaw,
    },
    /// The certificates were asked for, and did not come: they may have been issued.
    #[error(
        "{0}. The certificates may have been issued already; the keys are kept. Run it again with the same invitation: it goes on"
    )]
    NoCertificates(#[source] ServerError),
    /// The keys cannot be shown to GIDS, which the holder chose.
    #[error(transparent)]
    Gids(#[from] ProvisionError),
    /// Keys came to the card while it was enrolled, and the PIN in force was not asked for.
    #[error(
        "the card got keys during the enrollment that are encrypted under its present PIN: run it again with the same invitation, it asks for that PIN and goes on"
    )]
    KeysCame,
    /// Nobody gave a new PIN.
    #[error("no new PIN was given")]
    NoPin,
    /// The PIN in force was needed, and is another.
    #[error(transparent)]
    PresentPin(#[from] PresentPinError),
    /// The card was reset to a new one meanwhile.
    #[error("the card was reset during the enrollment: run it again")]
    Interrupted,
    /// The caller gave up, for example at the prompt for the PIN.
    #[error("{0}")]
    GivenUp(String),
}

impl From<HashError> for EnrollError {
    fn from(error: HashError) -> Self {
        Self::State(error.into())
    }
}

impl From<TlvError> for EnrollError {
    fn from(error: TlvError) -> Self {
        Self::State(error.into())
    }
}
