//! The commands beyond the standard that a card announces: docs/card-extensions.md.

use super::error::ClientError;
use super::exchange::Client;
use crate::apdu::{Command, Instruction};
use crate::piv::data;
use crate::piv::extensions::{
    Note, PARAMETERS, PublicObjects, PublicObjectsError, SIGN, SignatureRequest,
    TAG_PUBLIC_OBJECTS, VERIFY_AT_CARD, encode_pin_entry,
};
use crate::piv::reference::PinReference;
use crate::status::Status;
use crate::tlv::{self, TlvError};
use crate::transmit::Transmit;

impl<T: Transmit> Client<T> {
    /// GET DATA of every public object at once, of a card that announced it.
    ///
    /// # Errors
    /// [`ClientError`], among others [`ClientError::Malformed`] where the answer is not a set of objects.
    pub fn public_objects(&mut self) -> Result<PublicObjects, ClientError<T::Error>> {
        let command = Command::new(Instruction::GetData, 0x3F, 0xFF)
            .with_data(data::encode_get_data(TAG_PUBLIC_OBJECTS));
        let response = self.expect(&command)?;
        let malformed = |error| ClientError::Malformed(Instruction::GetData, error);
        let deflated = tlv::only(&response.data, data::TAG_DATA).map_err(malformed)?;
        PublicObjects::inflate(deflated).map_err(|error| {
            malformed(match error {
                PublicObjectsError::Tlv(error) => error,
                PublicObjectsError::Compression
                | PublicObjectsError::TooLong
                | PublicObjectsError::Order(_) => TlvError::InvalidValue(TAG_PUBLIC_OBJECTS),
            })
        })
    }

    /// A signature in one command, of a card that announced it: as long as the modulus, or r and s, each as long as a
    /// coordinate.
    ///
    /// # Errors
    /// [`ClientError::NotAuthorised`] where the PIN is missing, or any other [`ClientError`].
    pub fn sign(&mut self, request: &SignatureRequest) -> Result<Vec<u8>, ClientError<T::Error>> {
        let (p1, p2) = PARAMETERS;
        let data = request.encode().map_err(ClientError::Unencodable)?;
        let response = self.expect(&Command::new(SIGN, p1, p2).with_data(data))?;
        Ok(response.data.to_vec())
    }

    /// VERIFY of the PIV PIN that its holder types at a card that announced that. The card answers when its holder has, no later
    /// than the announced time.
    ///
    /// # Errors
    /// [`ClientError::NotTyped`] where the holder refused or nobody was there, [`ClientError::Blocked`], or any other
    /// [`ClientError`].
    pub fn verify_at_card(&mut self, note: Option<&Note>) -> Result<(), ClientError<T::Error>> {
        let data = encode_pin_entry(note).map_err(ClientError::Unencodable)?;
        let reference = PinReference::PivPin.to_u8();
        let command = Command::new(Instruction::Verify, VERIFY_AT_CARD, reference)
            .with_data(data)
            .expecting_nothing();
        match self.expect(&command) {
            Err(ClientError::Refused(_, Status::ConditionsNotSatisfied)) => {
                Err(ClientError::NotTyped)
            }
            other => other.map(drop),
        }
    }
}
