//! GET METADATA, beyond the standard.

use super::error::ClientError;
use super::exchange::Client;
use crate::apdu::Command;
use crate::piv::reference::KeyReference;
use crate::piv::yubico::instruction::GET_METADATA;
use crate::piv::yubico::metadata::Metadata;
use crate::transmit::Transmit;

impl<T: Transmit> Client<T> {
    /// GET METADATA of the key, PIN or PUK with this reference; `None` where the card does not know the command (most
    /// do not) or has no such reference.
    ///
    /// # Errors
    /// [`ClientError`] where no response came, or one that is malformed.
    pub fn metadata(
        &mut self,
        reference: impl Into<KeyReference>,
    ) -> Result<Option<Metadata>, ClientError<T::Error>> {
        match self.expect(&Command::new(GET_METADATA, 0x00, reference.into().to_u8())) {
            Ok(response) => Metadata::decode(&response.data)
                .map(Some)
                .map_err(|error| ClientError::Malformed(GET_METADATA, error)),
            Err(
                ClientError::Refused(..)
                | ClientError::NotAuthorised(_)
                | ClientError::Wrong(_)
                | ClientError::WrongUncounted
                | ClientError::Blocked,
            ) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
