//! The protected channel: key establishment and pairing (SP 800-73-5 part 2, 3.2.1 and 4.1).

use zeroize::Zeroizing;

use super::error::{ChannelError, ClientError};
use super::exchange::Client;
use crate::apdu::{Command, Instruction};
use crate::piv::authenticate::{self, AnswerField, Request};
use crate::piv::object::ObjectId;
use crate::piv::reference::{KeyReference, PinReference};
use crate::piv::secure_messaging::key_establishment::{CardMessage, HostMessage, NAMELESS};
use crate::piv::secure_messaging::signer::Signer;
use crate::piv::secure_messaging::{CardVerifiableCertificate, CipherSuite, PairingCode};
use crate::status::Status;
use crate::transmit::Transmit;

/// A key pair of the host that is used for one key establishment. Whoever makes it needs randomness, which is not had
/// here.
pub trait EphemeralKey {
    /// Its public point, `04 X Y`.
    fn point(&self) -> Vec<u8>;

    /// The X coordinate of the point that it agrees on with this one; `None` where that is not on the curve.
    fn agree(self, point: &[u8]) -> Option<Zeroizing<Vec<u8>>>;
}

impl<T: Transmit> Client<T> {
    /// Opens a channel with the card's key: from here on every command that may be protected is. Which suite the card
    /// has, the algorithms in its answer to SELECT tell.
    ///
    /// `is_trusted` judges the card's certificate before anything is sent through the channel: by a key that was seen
    /// before, or by its signature (see [`Self::secure_messaging_signer`]).
    ///
    /// # Errors
    /// [`ClientError::Channel`], or any other [`ClientError`]; commands go in clear then, as before the first channel.
    pub fn open_channel(
        &mut self,
        suite: CipherSuite,
        key: impl EphemeralKey,
        is_trusted: impl FnOnce(&CardVerifiableCertificate) -> bool,
    ) -> Result<(), ClientError<T::Error>> {
        self.take_channel();
        let instruction = Instruction::GeneralAuthenticate;
        let sent = HostMessage::new(suite, NAMELESS, &key.point()).map_err(ChannelError::from)?;
        let request = Request::InternalAuthenticate(Zeroizing::new(sent.encode()));
        let mut command = Command::new(
            instruction,
            suite.identifier(),
            KeyReference::SecureMessaging.to_u8(),
        );
        command.data = request.encode().map_err(ClientError::Unencodable)?;
        let response = self.expect(&command)?;
        let value = authenticate::decode_answer(&response.data, AnswerField::Response)
            .map_err(|error| ClientError::Malformed(instruction, error))?;
        let answer = CardMessage::decode(suite, value).map_err(ChannelError::from)?;
        if !is_trusted(answer.certificate()) {
            return Err(ChannelError::NotTrusted.into());
        }
        let secret = key.agree(&answer.certificate().body.point);
        let channel = answer
            .confirm(&sent, &secret.ok_or(ChannelError::Point)?)
            .map_err(ChannelError::from)?;
        self.use_channel(channel);
        Ok(())
    }

    /// VERIFY of the pairing code; it goes through a channel or not at all. `false` where it is another.
    ///
    /// # Errors
    /// [`ClientError::NotAuthorised`] where there is no channel, or any other [`ClientError`].
    pub fn pair(&mut self, code: &PairingCode) -> Result<bool, ClientError<T::Error>> {
        if !self.has_channel() {
            return Err(ClientError::NotAuthorised(Instruction::Verify));
        }
        let reference = PinReference::PairingCode.to_u8();
        let command = Command::new(Instruction::Verify, 0x00, reference)
            .with_data(code.as_bytes().as_slice())
            .expecting_nothing();
        match self.expect(&command) {
            Ok(_) => Ok(true),
            Err(ClientError::Refused(_, Status::VerificationFailed)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Who signed the card's certificate, or `None` where the card does not say.
    ///
    /// # Errors
    /// As [`Self::get_data`], and [`ClientError::Certificate`] where the object is broken.
    pub fn secure_messaging_signer(&mut self) -> Result<Option<Signer>, ClientError<T::Error>> {
        let content = self.get_data(ObjectId::SecureMessagingCertificateSigner)?;
        Ok(content
            .map(|content| Signer::decode(&content))
            .transpose()?)
    }
}
