//! The host's side of the PIV card application: one method for each command (SP 800-73-5 part 2, 3).
//!
//! The client keeps no state of the card: what is selected, verified or cached is its caller's to know.
//! It sends nothing that it was not asked for.

use thiserror::Error;
use zeroize::Zeroizing;

use super::aid::AID_WITHOUT_VERSION;
use super::algorithm::{Algorithm, Cipher, KeyAlgorithm};
use super::authenticate::{self, AnswerField, Request};
use super::certificate::{self, CertificateError};
use super::chuid::Chuid;
use super::generate;
use super::metadata::{GET_METADATA, Metadata};
use super::object::{self, ObjectId};
use super::pin::{Pin, Puk};
use super::property_template::PropertyTemplate;
use super::public_key::PublicKey;
use super::reference::{AsymmetricKey, KeyReference, PinReference};
use crate::apdu::{Command, Instruction, Response};
use crate::status::Status;
use crate::tlv::TlvError;
use crate::transmit::{self, ExchangeError, Transmit};

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

/// What an empty VERIFY says of a PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinStatus {
    /// It has been verified and still counts.
    Verified,
    /// It has not; so many tries are left.
    TriesLeft(u8),
    /// It is blocked.
    Blocked,
}

/// A PIV client over a way to the card.
#[derive(Debug)]
pub struct Client<T> {
    card: T,
}

impl<T: Transmit> Client<T> {
    /// A client over this way to the card.
    pub fn new(card: T) -> Self {
        Self { card }
    }

    /// The way to the card.
    pub fn card(&mut self) -> &mut T {
        &mut self.card
    }

    fn exchange(&mut self, command: &Command) -> Result<Response, ClientError<T::Error>> {
        Ok(transmit::exchange(&mut self.card, command)?)
    }

    /// Sends a command that must succeed.
    fn expect(&mut self, command: &Command) -> Result<Response, ClientError<T::Error>> {
        let response = self.exchange(command)?;
        match response.status {
            Status::Success => Ok(response),
            Status::SecurityStatusNotSatisfied => {
                Err(ClientError::NotAuthorised(command.instruction))
            }
            Status::AuthenticationMethodBlocked => Err(ClientError::Blocked),
            Status::TriesLeft(tries) => Err(ClientError::Wrong(tries)),
            other => Err(ClientError::Refused(command.instruction, other)),
        }
    }

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
            .with_data(object::encode_get_data(object.tag()));
        let response = match self.expect(&command) {
            Err(ClientError::Refused(_, Status::NotFound)) => return Ok(None),
            other => other?,
        };
        let content = object::decode_content(object, &response.data)
            .map_err(|error| ClientError::Malformed(Instruction::GetData, error))?;
        Ok((!content.is_empty()).then(|| Zeroizing::new(content.to_vec())))
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

    /// PUT DATA: replaces the object's content (without 53, 7E or 7F61); an empty content clears it.
    ///
    /// # Errors
    /// [`ClientError::NotAuthorised`] without the card management key, or any other [`ClientError`].
    pub fn put_data(
        &mut self,
        object: ObjectId,
        content: &[u8],
    ) -> Result<(), ClientError<T::Error>> {
        let data = object::encode_put_data(object, content).map_err(ClientError::Unencodable)?;
        self.expect(
            &Command::new(Instruction::PutData, 0x3F, 0xFF)
                .with_data(data)
                .expecting_nothing(),
        )
        .map(drop)
    }

    /// VERIFY.
    ///
    /// # Errors
    /// [`ClientError::Wrong`] with the tries left, [`ClientError::Blocked`], or any other [`ClientError`].
    pub fn verify(
        &mut self,
        reference: PinReference,
        pin: &Pin,
    ) -> Result<(), ClientError<T::Error>> {
        let command = Command::new(Instruction::Verify, 0x00, reference.to_u8())
            .with_data(pin.as_bytes().as_slice())
            .expecting_nothing();
        self.expect(&command).map(drop)
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
        match self.expect(&command) {
            Ok(_) => Ok(PinStatus::Verified),
            Err(ClientError::Wrong(tries)) => Ok(PinStatus::TriesLeft(tries)),
            Err(ClientError::Blocked) => Ok(PinStatus::Blocked),
            Err(error) => Err(error),
        }
    }

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
                | ClientError::Blocked,
            ) => Ok(None),
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
        self.expect(&command).map(drop)
    }

    fn general_authenticate(
        &mut self,
        algorithm: impl Into<Algorithm>,
        key: impl Into<KeyReference>,
        request: &Request,
        field: Option<AnswerField>,
    ) -> Result<Zeroizing<Vec<u8>>, ClientError<T::Error>> {
        let instruction = Instruction::GeneralAuthenticate;
        let mut command = Command::new(
            instruction,
            algorithm.into().identifier(),
            key.into().to_u8(),
        );
        command.data = request.encode().map_err(ClientError::Unencodable)?;
        let response = self.expect(&command)?;
        let Some(field) = field else {
            return Ok(response.data);
        };
        let value = authenticate::decode_answer(&response.data, field)
            .map_err(|error| ClientError::Malformed(instruction, error))?;
        Ok(Zeroizing::new(value.to_vec()))
    }

    /// GENERAL AUTHENTICATE with a private key on a block: for RSA the padded block as long as the modulus
    /// (signature or decryption, the answer is as long), for ECDSA the hash (the answer is a DER `SEQUENCE { r, s }`).
    ///
    /// # Errors
    /// [`ClientError::NotAuthorised`] where the PIN is missing, or any other [`ClientError`].
    pub fn apply_key(
        &mut self,
        key: AsymmetricKey,
        algorithm: KeyAlgorithm,
        block: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, ClientError<T::Error>> {
        let request = Request::InternalAuthenticate(Zeroizing::new(block.to_vec()));
        self.general_authenticate(algorithm, key, &request, Some(AnswerField::Response))
    }

    /// GENERAL AUTHENTICATE for ECDH with the peer's uncompressed point `04 X Y`; the answer is the X coordinate.
    ///
    /// # Errors
    /// As [`Self::apply_key`].
    pub fn agree(
        &mut self,
        key: AsymmetricKey,
        algorithm: KeyAlgorithm,
        point: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, ClientError<T::Error>> {
        let request = Request::KeyAgreement(point.to_vec());
        self.general_authenticate(algorithm, key, &request, Some(AnswerField::Response))
    }

    /// Asks for the challenge that proves the card management key (external authentication, first step).
    ///
    /// # Errors
    /// [`ClientError`] where the card has no such key or algorithm.
    pub fn management_challenge(
        &mut self,
        cipher: Cipher,
    ) -> Result<Zeroizing<Vec<u8>>, ClientError<T::Error>> {
        self.general_authenticate(
            cipher,
            KeyReference::CardManagement,
            &Request::Challenge,
            Some(AnswerField::Challenge),
        )
    }

    /// Answers that challenge, encrypted under the card management key (second step).
    ///
    /// # Errors
    /// [`ClientError::NotAuthorised`] where the key is another.
    pub fn management_response(
        &mut self,
        cipher: Cipher,
        response: &[u8],
    ) -> Result<(), ClientError<T::Error>> {
        let request = Request::ChallengeResponse(response.to_vec());
        self.general_authenticate(cipher, KeyReference::CardManagement, &request, None)
            .map(drop)
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
