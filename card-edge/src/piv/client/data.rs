//! SELECT and GET DATA (SP 800-73-5 part 2, 3.1.1 and 3.1.2).

use zeroize::Zeroizing;

use super::error::ClientError;
use super::exchange::Client;
use crate::apdu::{Command, Instruction};
use crate::piv::aid::AID_WITHOUT_VERSION;
use crate::piv::chuid::Chuid;
use crate::piv::object::ObjectId;
use crate::piv::property_template::PropertyTemplate;
use crate::piv::reference::AsymmetricKey;
use crate::piv::{certificate, data};
use crate::status::Status;
use crate::transmit::{self, Transmit};

impl<T: Transmit> Client<T> {
    /// SELECT of the PIV application by its AID without version.
    ///
    /// # Errors
    /// [`ClientError::NoPivApplication`] where the card has none, or [`ClientError::Malformed`].
    pub fn select(&mut self) -> Result<PropertyTemplate, ClientError<T::Error>> {
        let response = self.exchange(
            &Command::new(Instruction::Select, 0x04, 0x00).with_data(AID_WITHOUT_VERSION),
        )?;
        if response.status != Status::Success {
            return Err(ClientError::NoPivApplication(response.status));
        }
        PropertyTemplate::decode(&response.data)
            .map_err(|error| ClientError::Malformed(Instruction::Select, error))
    }

    /// GET DATA: the object's content without its wrapping 53, 7E or 7F61; `None` where the card does not
    /// have it or it is empty.
    ///
    /// # Errors
    /// [`ClientError`], among others [`ClientError::NotAuthorised`] where the object wants a PIN.
    pub fn get_data(
        &mut self,
        object: ObjectId,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, ClientError<T::Error>> {
        let command = Command::new(Instruction::GetData, 0x3F, 0xFF)
            .with_data(data::encode_get_data(object.tag()));
        let response = match self.expect(&command) {
            Err(ClientError::Refused(_, Status::NotFound)) => return Ok(None),
            other => other?,
        };
        let content = data::decode_content(object, &response.data)
            .map_err(|error| ClientError::Malformed(Instruction::GetData, error))?;
        Ok((!content.is_empty()).then(|| Zeroizing::new(content.to_vec())))
    }

    /// GET DATA: the whole answer, with the object's wrapping, as the card gives it; `None` where it does not have it.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn get_data_as_it_is(
        &mut self,
        object: ObjectId,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, ClientError<T::Error>> {
        let command = Command::new(Instruction::GetData, 0x3F, 0xFF)
            .with_data(data::encode_get_data(object.tag()));
        match self.expect(&command) {
            Err(ClientError::Refused(_, Status::NotFound)) => Ok(None),
            other => Ok(Some(other?.data)),
        }
    }

    /// GET DATA in clear: the first part of the answer, 256 bytes at most, with the object's wrapping; the rest, if there is
    /// any, is not fetched. `None` where the card does not have the object.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn get_data_start(
        &mut self,
        object: ObjectId,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, ClientError<T::Error>> {
        let command = Command::new(Instruction::GetData, 0x3F, 0xFF)
            .with_data(data::encode_get_data(object.tag()));
        let response = transmit::exchange_first(self.card(), &command)?;
        match response.status {
            Status::Success | Status::BytesAvailable(_) => Ok(Some(response.data)),
            Status::NotFound => Ok(None),
            Status::SecurityStatusNotSatisfied => {
                Err(ClientError::NotAuthorised(command.instruction))
            }
            other => Err(ClientError::Refused(command.instruction, other)),
        }
    }

    /// The CHUID, or `None` where the card has none.
    ///
    /// # Errors
    /// As [`Self::get_data`].
    pub fn chuid(&mut self) -> Result<Option<Chuid>, ClientError<T::Error>> {
        self.get_data(ObjectId::Chuid)?
            .map(|content| Chuid::decode(&content))
            .transpose()
            .map_err(|error| ClientError::Malformed(Instruction::GetData, error))
    }

    /// The DER certificate of a key, decompressed, or `None` where the card has none.
    ///
    /// # Errors
    /// As [`Self::get_data`], and [`ClientError::Certificate`] where the object is broken.
    pub fn certificate(
        &mut self,
        key: AsymmetricKey,
    ) -> Result<Option<Vec<u8>>, ClientError<T::Error>> {
        let content = self.get_data(ObjectId::Certificate(key))?;
        Ok(content
            .map(|content| certificate::decode(&content))
            .transpose()?)
    }
}
