//! VERIFY with the PIN that is typed at the reader: the card answers as to any VERIFY, the reader where nothing was sent.

use std::time::Duration;

use card_edge::transmit::ResponseBytes;
use card_edge::{Status, Transmit, piv};

use super::client::{Client, ClientError};
use super::error::CardError;
use crate::pcsc::pin_pad::PinPad;
use crate::pcsc::{LinkError, Reach, STATUS_LENGTH, Transaction};

/// What the reader says itself (PC/SC part 10, 2.5.1): 6400 after its time, 6401 where the entry was cancelled, 6402 for two
/// PINs that differ.
const NOT_TYPED: core::ops::RangeInclusive<u16> = 0x6400..=0x6402;
/// The PIN that was typed is shorter or longer than it may be.
const WRONG_LENGTH: u16 = 0x6403;

/// A way to the card for one command, whose PIN is typed meanwhile.
struct Typed<'a, 'b> {
    transaction: &'a mut Transaction<'b>,
    pin_pad: PinPad,
    time: Duration,
    is_used: bool,
}

impl Transmit for Typed<'_, '_> {
    type Error = LinkError;

    fn transmit(&mut self, command: &[u8]) -> Result<ResponseBytes, LinkError> {
        // Whatever the answer was, nobody is asked twice.
        if std::mem::replace(&mut self.is_used, true) {
            return Err(LinkError::Failed(pcsc::Error::InvalidValue));
        }
        let request = self.pin_pad.verify(command, self.time);
        let answer = self.transaction.control(&request)?;
        // Neither the card nor the reader has said what became of the PIN.
        if answer.len() < STATUS_LENGTH {
            return Err(LinkError::Failed(pcsc::Error::InvalidValue));
        }
        Ok(answer)
    }
}

/// Has the PIN typed at the reader and verified. Nobody learns what it was but the card.
///
/// # Errors
/// As for VERIFY; [`CardError::NotTyped`] where nobody typed it, [`CardError::TypedLength`], [`CardError::PinPad`].
pub fn verify(client: &mut Client<'_>, pin_pad: PinPad, time: Duration) -> Result<(), CardError> {
    let mut typed = piv::Client::new(Typed {
        transaction: client.card(),
        pin_pad,
        time,
        is_used: false,
    });
    typed.verify_at_reader().map_err(|error| match error {
        ClientError::Refused(_, Status::Other(word)) if NOT_TYPED.contains(&word) => {
            CardError::NotTyped
        }
        ClientError::Refused(_, Status::Other(WRONG_LENGTH)) => CardError::TypedLength,
        // Nothing that another selection would change: who has typed once is not asked again.
        ClientError::Refused(_, status) => CardError::PinPad(status),
        ClientError::NotAuthorised(_) => CardError::PinPad(Status::SecurityStatusNotSatisfied),
        other => other.into(),
    })
}
