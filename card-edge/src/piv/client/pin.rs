//! VERIFY, CHANGE REFERENCE DATA and RESET RETRY COUNTER (SP 800-73-5 part 2, 3.2.1 to 3.2.3).

use zeroize::Zeroizing;

use super::error::ClientError;
use super::exchange::Client;
use crate::apdu::{Command, Instruction};
use crate::piv::pin::{PADDING_ALONE, Pin, Puk};
use crate::piv::reference::PinReference;
use crate::status::Status;
use crate::transmit::Transmit;

/// What an empty VERIFY says of a PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinStatus {
    /// It has been verified and still counts.
    Verified,
    /// It has not; this many tries are left.
    TriesLeft(u8),
    /// It has not, and the card does not say how many tries are left.
    NotVerified,
    /// It is blocked.
    Blocked,
}

impl<T: Transmit> Client<T> {
    /// VERIFY.
    ///
    /// # Errors
    /// [`ClientError::Wrong`] with the tries left, [`ClientError::WrongUncounted`], [`ClientError::Blocked`], or any other [`ClientError`].
    pub fn verify(
        &mut self,
        reference: PinReference,
        pin: &Pin,
    ) -> Result<(), ClientError<T::Error>> {
        let command = Command::new(Instruction::Verify, 0x00, reference.to_u8())
            .with_data(pin.as_bytes().as_slice())
            .expecting_nothing();
        self.expect_match(&command)
    }

    /// VERIFY of the PIV PIN as a reader with a PIN pad is given it (PC/SC part 10): padding stands in the place of the PIN, which
    /// the reader puts in. The way to the card must be one that gives commands to the pad.
    ///
    /// # Errors
    /// As [`Self::verify`]; what the reader says itself is [`ClientError::Refused`] with its status word.
    pub fn verify_at_reader(&mut self) -> Result<(), ClientError<T::Error>> {
        let command = Command::new(Instruction::Verify, 0x00, PinReference::PivPin.to_u8())
            .with_data(PADDING_ALONE.as_slice())
            .expecting_nothing();
        self.expect_match(&command)
    }

    /// VERIFY without data: asks whether the PIN has been verified, and costs no try.
    ///
    /// # Errors
    /// [`ClientError`] where the card answers otherwise than the standard says.
    pub fn pin_status(
        &mut self,
        reference: PinReference,
    ) -> Result<PinStatus, ClientError<T::Error>> {
        let command =
            Command::new(Instruction::Verify, 0x00, reference.to_u8()).expecting_nothing();
        match self.expect_match(&command) {
            Ok(()) => Ok(PinStatus::Verified),
            Err(ClientError::Wrong(tries)) => Ok(PinStatus::TriesLeft(tries)),
            Err(ClientError::WrongUncounted) => Ok(PinStatus::NotVerified),
            Err(ClientError::Blocked) => Ok(PinStatus::Blocked),
            Err(error) => Err(error),
        }
    }

    /// VERIFY with P1 = FF: forgets that the PIN was verified.
    ///
    /// # Errors
    /// [`ClientError`] where the card refuses.
    pub fn reset_verification(
        &mut self,
        reference: PinReference,
    ) -> Result<(), ClientError<T::Error>> {
        self.expect(&Command::new(Instruction::Verify, 0xFF, reference.to_u8()).expecting_nothing())
            .map(drop)
    }

    /// CHANGE REFERENCE DATA of the PIV PIN.
    ///
    /// # Errors
    /// As [`Self::verify`].
    pub fn change_pin(&mut self, old: &Pin, new: &Pin) -> Result<(), ClientError<T::Error>> {
        self.change(
            Instruction::ChangeReferenceData,
            PinReference::PivPin,
            old.as_bytes(),
            new.as_bytes(),
        )
    }

    /// CHANGE REFERENCE DATA of the PUK.
    ///
    /// # Errors
    /// As [`Self::verify`].
    pub fn change_puk(&mut self, old: &Puk, new: &Puk) -> Result<(), ClientError<T::Error>> {
        self.change(
            Instruction::ChangeReferenceData,
            PinReference::Puk,
            old.as_bytes(),
            new.as_bytes(),
        )
    }

    /// RESET RETRY COUNTER: a new PIV PIN by the PUK.
    ///
    /// # Errors
    /// As [`Self::verify`], of the PUK.
    pub fn reset_retry_counter(
        &mut self,
        puk: &Puk,
        new: &Pin,
    ) -> Result<(), ClientError<T::Error>> {
        self.change(
            Instruction::ResetRetryCounter,
            PinReference::PivPin,
            puk.as_bytes(),
            new.as_bytes(),
        )
    }

    fn change(
        &mut self,
        instruction: Instruction,
        reference: PinReference,
        old: &[u8; 8],
        new: &[u8; 8],
    ) -> Result<(), ClientError<T::Error>> {
        let mut data = Zeroizing::new(Vec::with_capacity(16));
        data.extend_from_slice(old);
        data.extend_from_slice(new);
        let mut command = Command::new(instruction, 0x00, reference.to_u8()).expecting_nothing();
        command.data = data;
        self.expect_match(&command)
    }

    /// Sends a command that compares reference data. Older cards answer 630X where the standard has 63CX, and 6300 where
    /// they do not tell their counter.
    fn expect_match(&mut self, command: &Command) -> Result<(), ClientError<T::Error>> {
        match self.expect(command) {
            Ok(_) => Ok(()),
            Err(ClientError::Refused(_, Status::VerificationFailed)) => {
                Err(ClientError::WrongUncounted)
            }
            Err(ClientError::Refused(_, Status::Other(word @ 0x6301..=0x630F))) => {
                Err(ClientError::Wrong(word.to_be_bytes()[1]))
            }
            Err(error) => Err(error),
        }
    }
}
