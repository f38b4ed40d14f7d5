//! Why a PIV command did not do what it should.

use thiserror::Error;

use crate::apdu::Instruction;
use crate::piv::certificate::CertificateError;
use crate::piv::secure_messaging::ProtectionError;
use crate::piv::secure_messaging::key_establishment::KeyEstablishmentError;
use crate::status::Status;
use crate::tlv::TlvError;
use crate::transmit::ExchangeError;

/// Why a PIV command did not do what it should.
#[derive(Debug, Error)]
pub enum ClientError<E> {
    /// No response came from the card.
    #[error(transparent)]
    Exchange(#[from] ExchangeError<E>),
    /// There is no PIV application on the card (SELECT was not answered with success).
    #[error("there is no PIV application on this card: SELECT was answered with {0}")]
    NoPivApplication(Status),
    /// The PIN or PUK was wrong.
    #[error("the PIN or PUK is wrong, {0} tries left")]
    Wrong(u8),
    /// The PIN or PUK was wrong, and the card does not say how many tries are left.
    #[error("the PIN or PUK is wrong")]
    WrongUncounted,
    /// The PIN or PUK is blocked.
    #[error("the PIN or PUK is blocked")]
    Blocked,
    /// The card's holder refused to type the PIN at the card, or nobody was there.
    #[error("the PIN was not typed at the card")]
    NotTyped,
    /// A PIN or key is missing for this command.
    #[error("{0} needs a PIN or key that was not given")]
    NotAuthorised(Instruction),
    /// The card refused the command.
    #[error("{0} was answered with {1}")]
    Refused(Instruction, Status),
    /// The card's answer is not what the standard says.
    #[error("the card's answer to {0} is malformed: {1}")]
    Malformed(Instruction, TlvError),
    /// A certificate object cannot be read.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// There is no protected channel to the card, or it is gone.
    #[error(transparent)]
    Channel(#[from] ChannelError),
    /// What the caller gave does not fit a command.
    #[error("the data does not fit the command: {0}")]
    Unencodable(TlvError),
}

/// Why a protected channel did not come about, or ended.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum ChannelError {
    /// The key establishment failed.
    #[error(transparent)]
    KeyEstablishment(#[from] KeyEstablishmentError),
    /// The card's certificate is not one that the caller trusts.
    #[error("the card's certificate for secure messaging is not trusted")]
    NotTrusted,
    /// The card's point and the host's key agree on nothing.
    #[error("the card's point is not on its curve")]
    Point,
    /// What came is not the card's answer, or what should go does not fit.
    #[error(transparent)]
    Protection(#[from] ProtectionError),
    /// The card has ended the channel.
    #[error("the card has ended the protected channel: {0}")]
    Lost(Status),
    /// A command was sent through the channel and no answer came: it cannot be used any more.
    #[error("the protected channel broke off without an answer")]
    LinkFailed,
}
