//! GENERAL AUTHENTICATE (SP 800-73-5 part 2, 3.2.4): with a key pair RSA, ECDSA and ECDH, beyond the standard Ed25519
//! (of the message that stands in 81) and X25519; with the management key see
//! [`management_authentication`].

use card_edge::Status;
use card_edge::apdu::{Command, Response};
use card_edge::piv::authenticate::{self, AnswerField, Request};
use card_edge::piv::{
    Algorithm, AsymmetricKey, Cipher, KeyAlgorithm, KeyKind, KeyReference, KeyUse,
};
use zeroize::Zeroizing;

use super::context::Context;
use super::parameters;
use super::policy::HASH_MAX;
use super::refusal::{Answer, malformed, status_of_key};
use super::{access, management_authentication};

/// The use of a key.
pub(super) enum GeneralAuthenticate {
    /// Of a key pair.
    Key {
        /// Which.
        key: AsymmetricKey,
        /// What kind of key the host takes it for.
        algorithm: KeyAlgorithm,
        /// What it asks.
        request: Request,
    },
    /// Of the card management key.
    ManagementKey {
        /// The cipher that the host uses.
        cipher: Cipher,
        /// What it asks.
        request: Request,
    },
}

impl GeneralAuthenticate {
    pub(super) fn parse(command: &Command, algorithms: &[KeyAlgorithm]) -> Result<Self, Status> {
        let algorithm = Algorithm::try_from(command.p1).map_err(|_| Status::IncorrectParameters)?;
        if command.p2 == KeyReference::CardManagement.to_u8() {
            let request = Request::decode(&command.data).map_err(malformed)?;
            let Algorithm::Cipher(cipher) = algorithm else {
                return Err(Status::IncorrectParameters);
            };
            return Ok(Self::ManagementKey { cipher, request });
        }
        let key = parameters::usable_key(command)?;
        let Algorithm::Key(algorithm) = algorithm else {
            return Err(Status::IncorrectParameters);
        };
        if !algorithms.contains(&algorithm) {
            return Err(Status::IncorrectParameters);
        }
        let request = Request::decode(&command.data).map_err(malformed)?;
        Ok(Self::Key {
            key,
            algorithm,
            request,
        })
    }

    pub(super) fn run(self, context: Context<'_>) -> Answer {
        match self {
            Self::Key {
                key,
                algorithm,
                request,
            } => apply(context, key, algorithm, request),
            Self::ManagementKey { cipher, request } => {
                management_authentication::step(context, cipher, request)
            }
        }
    }
}

/// Uses a key. 6A86 where there is none of this kind, 6982 where the PIN is missing, 6A80 where the data does not fit.
fn apply(
    mut context: Context<'_>,
    reference: AsymmetricKey,
    algorithm: KeyAlgorithm,
    request: Request,
) -> Answer {
    let record = context.state().keys.get(&reference);
    if record.is_none_or(|record| record.algorithm != algorithm) {
        return Err(Status::IncorrectParameters);
    }
    let authorisation = context.authorisation();
    access::may_use(reference, authorisation)?;
    let key = context.open_key(reference)?;
    let result = match (algorithm.kind(), request) {
        (KeyKind::Rsa { .. }, Request::InternalAuthenticate(block)) => {
            key.apply_rsa(authorisation, &block)
        }
        (KeyKind::Ecc(_), Request::InternalAuthenticate(hash)) if hash.len() <= HASH_MAX => {
            key.sign_hash(authorisation, &hash).map(Zeroizing::new)
        }
        (KeyKind::Ed25519, Request::InternalAuthenticate(message)) => key
            .sign_message(authorisation, &message)
            .map(Zeroizing::new),
        (KeyKind::Ecc(_) | KeyKind::X25519, Request::KeyAgreement(point))
            if reference.key_use() == KeyUse::DecryptOrAgree =>
        {
            key.agree(authorisation, &point)
        }
        (KeyKind::Rsa { .. } | KeyKind::Ed25519, Request::KeyAgreement(_))
        | (
            KeyKind::Ecc(_) | KeyKind::X25519,
            Request::InternalAuthenticate(_) | Request::KeyAgreement(_),
        )
        | (
            KeyKind::Rsa { .. } | KeyKind::Ecc(_) | KeyKind::Ed25519 | KeyKind::X25519,
            Request::Challenge
            | Request::ChallengeResponse(_)
            | Request::Witness
            | Request::WitnessAndChallenge { .. },
        ) => return Err(Status::IncorrectData),
    }
    .map_err(status_of_key)?;
    Ok(Response {
        data: authenticate::encode_answer(AnswerField::Response, &result).map_err(malformed)?,
        status: Status::Success,
    })
}
