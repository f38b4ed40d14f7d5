//! GENERAL AUTHENTICATE with the key of secure messaging, 04: the host agrees with the card on session keys
//! (SP 800-73-5 part 2, 4.1).

use card_edge::Status;
use card_edge::apdu::{Command, Response};
use card_edge::piv::authenticate::{self, AnswerField, Request};
use card_edge::piv::secure_messaging::CipherSuite;
use card_edge::piv::secure_messaging::key_establishment::HostMessage;

use super::context::Context;
use super::secure_channel::SecureChannel;
use crate::application::Resources;
use crate::key_store::{Authorisation, PinProof};
use crate::open_keys::Which;
use crate::refusal::{Answer, malformed, status_of_key, status_of_state};
use crate::secure_messaging::{self, KEY_POLICY, SecureMessagingError};

/// Asks for a channel.
pub(super) struct KeyEstablishment {
    suite: CipherSuite,
    message: HostMessage,
}

impl KeyEstablishment {
    /// 6A86 for another algorithm than 27 and 2E, 6A80 for a message that is malformed.
    pub(super) fn parse(command: &Command) -> Result<Self, Status> {
        let suite = CipherSuite::try_from(command.p1).map_err(|_| Status::IncorrectParameters)?;
        let request = Request::decode(&command.data).map_err(malformed)?;
        let Request::InternalAuthenticate(message) = request else {
            return Err(Status::IncorrectData);
        };
        let message = HostMessage::decode(suite, &message).map_err(|_| Status::IncorrectData)?;
        Ok(Self { suite, message })
    }

    /// 6A86 where the card has no key for this suite, 6A80 where the host's point is not on the curve.
    pub(super) fn run(self, context: Context<'_>) -> Answer {
        let Resources {
            store,
            keys,
            open_keys,
            ..
        } = context.resources;
        let keys = keys.as_ref();
        secure_messaging::prepare(store, keys).map_err(status_of_preparing)?;
        let kept = store.state().secure_messaging.as_ref();
        let kept = kept
            .filter(|kept| kept.suite() == Some(self.suite))
            .ok_or(Status::IncorrectParameters)?;
        let key = open_keys
            .open(keys, Which::SecureMessaging, KEY_POLICY, &kept.key, None)
            .map_err(status_of_key)?;
        let secret = key
            .agree(Authorisation::by_host(PinProof::None), self.message.point())
            .map_err(status_of_key)?;
        let mut nonce = vec![0; self.suite.nonce_length()];
        getrandom::fill(&mut nonce).map_err(|_| Status::Unknown)?;
        let (value, channel) = self
            .message
            .answer(&secret, &nonce, &kept.certificate.0)
            .map_err(|_| Status::Unknown)?;
        let data = authenticate::encode_answer(AnswerField::Response, &value).map_err(malformed)?;
        context.session.channel = Some(SecureChannel::new(channel));
        Ok(Response {
            data,
            status: Status::Success,
        })
    }
}

/// The status word where the card could not make its key or certificate.
pub(super) fn status_of_preparing(error: SecureMessagingError) -> Status {
    match error {
        SecureMessagingError::Key(error) => status_of_key(error),
        SecureMessagingError::State(error) => status_of_state(error),
        SecureMessagingError::NoGuid
        | SecureMessagingError::Signing(_)
        | SecureMessagingError::Encoding(_) => {
            tracing::error!("secure messaging: {error}");
            Status::Unknown
        }
    }
}
