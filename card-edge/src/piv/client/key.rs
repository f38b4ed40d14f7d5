//! GENERAL AUTHENTICATE (SP 800-73-5 part 2, 3.2.4).

use zeroize::Zeroizing;

use super::error::ClientError;
use super::exchange::Client;
use crate::apdu::{Command, Instruction};
use crate::piv::algorithm::{Algorithm, Cipher, KeyAlgorithm};
use crate::piv::authenticate::{self, AnswerField, Request};
use crate::piv::reference::{AsymmetricKey, KeyReference};
use crate::transmit::Transmit;

impl<T: Transmit> Client<T> {
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
}
