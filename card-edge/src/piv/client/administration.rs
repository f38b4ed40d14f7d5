//! PUT DATA and GENERATE ASYMMETRIC KEY PAIR (SP 800-73-5 part 2, 3.3).

use super::error::ClientError;
use super::exchange::Client;
use crate::apdu::{Command, Instruction};
use crate::piv::algorithm::KeyAlgorithm;
use crate::piv::management_key::ManagementKey;
use crate::piv::object::ObjectId;
use crate::piv::public_key::PublicKey;
use crate::piv::reference::AsymmetricKey;
use crate::piv::yubico::instruction::SET_MANAGEMENT_KEY;
use crate::piv::yubico::management_key;
use crate::piv::{data, generate};
use crate::transmit::Transmit;

impl<T: Transmit> Client<T> {
    /// PUT DATA: replaces the object's content (without 53, 7E or 7F61); an empty content clears it.
    ///
    /// # Errors
    /// [`ClientError::NotAuthorised`] without the card management key, or any other [`ClientError`].
    pub fn put_data(
        &mut self,
        object: ObjectId,
        content: &[u8],
    ) -> Result<(), ClientError<T::Error>> {
        let data = data::encode_put_data(object, content).map_err(ClientError::Unencodable)?;
        self.expect(
            &Command::new(Instruction::PutData, 0x3F, 0xFF)
                .with_data(data)
                .expecting_nothing(),
        )
        .map(drop)
    }

    /// SET MANAGEMENT KEY, beyond the standard.
    ///
    /// # Errors
    /// [`ClientError::NotAuthorised`] without the card management key that it replaces, or any other [`ClientError`].
    pub fn set_management_key(&mut self, key: &ManagementKey) -> Result<(), ClientError<T::Error>> {
        let mut command = Command::new(SET_MANAGEMENT_KEY, 0xFF, 0xFF).expecting_nothing();
        command.data = management_key::encode(key).map_err(ClientError::Unencodable)?;
        self.expect(&command).map(drop)
    }

    /// GENERATE ASYMMETRIC KEY PAIR.
    ///
    /// # Errors
    /// [`ClientError::NotAuthorised`] without the card management key, or any other [`ClientError`].
    pub fn generate(
        &mut self,
        key: AsymmetricKey,
        algorithm: KeyAlgorithm,
    ) -> Result<PublicKey, ClientError<T::Error>> {
        let instruction = Instruction::GenerateAsymmetricKeyPair;
        let control = generate::encode_control(algorithm).map_err(ClientError::Unencodable)?;
        let response =
            self.expect(&Command::new(instruction, 0x00, key.to_u8()).with_data(control))?;
        PublicKey::decode(&response.data)
            .map_err(|error| ClientError::Malformed(instruction, error))
    }
}
