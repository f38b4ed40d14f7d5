//! Why a PIV command did not do what it should.

use thiserror::Error;

use crate::apdu::Instruction;
use crate::piv::certificate::CertificateError;
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
    /// The PIN or PUK is blocked.
    #[error("the PIN or PUK is blocked")]
    Blocked,
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
    /// What the caller gave does not fit a command.
    #[error("the data does not fit the command: {0}")]
    Unencodable(TlvError),
}
