//! GENERAL AUTHENTICATE (SP 800-73-5 part 2, 3.2.4): with a key pair RSA, ECDSA and ECDH, beyond the standard Ed25519
//! (of the message that stands in 81) and X25519; with the management key see
//! [`management_authentication`].

use card_edge::Status;
use card_edge::apdu::{Command, Response};
use card_edge::piv::authenticate::{self, AnswerField, Request};
use card_edge::piv::{
    Algorithm, AsymmetricKey, Cipher, Curve, KeyAlgorithm, KeyKind, KeyReference, KeyUse,
};
use zeroize::Zeroizing;

use super::context::Context;
use super::parameters;
use super::policy::HASH_MAX;
use super::{access, management_authentication};
use crate::consent::Operation;
use crate::key_store::{Authorisation, KeyStoreError, PrivateKey};
use crate::key_use::KeyUseRequest;
use crate::refusal::{Answer, malformed, status_of_key_use};

/// Bytes of a point of X25519 (RFC 7748, 5).
const X25519_POINT: usize = 32;

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
                access::may_prove_management_key(context.path())?;
                management_authentication::step(context, cipher, request)
            }
        }
    }
}

/// Uses a key. 6A86 where there is none of this kind, 6982 where the way or the PIN is missing, 6A80 where the data does not fit,
/// 6985 where the holder does not agree.
fn apply(
    context: Context<'_>,
    key: AsymmetricKey,
    algorithm: KeyAlgorithm,
    request: Request,
) -> Answer {
    access::may_ask_for_key(key, context.path())?;
    let record = context.state().keys.get(&key);
    if record.is_none_or(|record| record.algorithm != algorithm) {
        return Err(Status::IncorrectParameters);
    }
    let pin = context.preceding.pin;
    let policy = context.resources.policy_of(key.into());
    access::may_use(key, policy, context.path(), pin)?;
    let task = Task::of(key, algorithm.kind(), request)?;
    let request = KeyUseRequest {
        key: key.into(),
        operation: task.operation(),
        pin,
        says: None,
    };
    let result = context
        .resources
        .use_key(request, |key, authorisation| task.run(key, authorisation))
        .map_err(status_of_key_use)?;
    Ok(Response {
        data: authenticate::encode_answer(AnswerField::Response, &result).map_err(malformed)?,
        status: Status::Success,
    })
}

/// Whether it is an uncompressed point of the curve: the holder is asked for nothing that cannot be.
fn is_point(curve: Curve, bytes: &[u8]) -> bool {
    let is_uncompressed = bytes.len() == 1 + 2 * curve.field_length();
    is_uncompressed
        && match curve {
            Curve::P256 => p256::PublicKey::from_sec1_bytes(bytes).is_ok(),
            Curve::P384 => p384::PublicKey::from_sec1_bytes(bytes).is_ok(),
        }
}

/// What a key shall do, with data that is as long as it takes.
enum Task {
    /// Raw RSA of a block.
    ApplyRsa(Zeroizing<Vec<u8>>),
    /// ECDSA over a hash.
    SignHash(Zeroizing<Vec<u8>>),
    /// EdDSA over a message.
    SignMessage(Zeroizing<Vec<u8>>),
    /// ECDH with a point.
    Agree(Vec<u8>),
}

impl Task {
    fn of(reference: AsymmetricKey, kind: KeyKind, request: Request) -> Result<Self, Status> {
        let agrees = reference.key_use() == KeyUse::DecryptOrAgree;
        match (kind, request) {
            (KeyKind::Rsa { modulus }, Request::InternalAuthenticate(block))
                if block.len() == modulus =>
            {
                Ok(Self::ApplyRsa(block))
            }
            (KeyKind::Ecc(_), Request::InternalAuthenticate(hash)) if hash.len() <= HASH_MAX => {
                Ok(Self::SignHash(hash))
            }
            (KeyKind::Ed25519, Request::InternalAuthenticate(message)) => {
                Ok(Self::SignMessage(message))
            }
            (KeyKind::Ecc(curve), Request::KeyAgreement(point))
                if agrees && is_point(curve, &point) =>
            {
                Ok(Self::Agree(point))
            }
            (KeyKind::X25519, Request::KeyAgreement(point))
                if agrees && point.len() == X25519_POINT =>
            {
                Ok(Self::Agree(point))
            }
            (
                KeyKind::Rsa { .. } | KeyKind::Ecc(_) | KeyKind::Ed25519 | KeyKind::X25519,
                Request::InternalAuthenticate(_)
                | Request::KeyAgreement(_)
                | Request::Challenge
                | Request::ChallengeResponse(_)
                | Request::Witness
                | Request::WitnessAndChallenge { .. },
            ) => Err(Status::IncorrectData),
        }
    }

    fn operation(&self) -> Operation {
        match self {
            Self::ApplyRsa(_) => Operation::SignOrDecrypt,
            Self::SignHash(_) | Self::SignMessage(_) => Operation::Sign,
            Self::Agree(_) => Operation::Agree,
        }
    }

    fn run(
        &self,
        key: &dyn PrivateKey,
        authorisation: Authorisation,
    ) -> Result<Zeroizing<Vec<u8>>, KeyStoreError> {
        match self {
            Self::ApplyRsa(block) => key.apply_rsa(authorisation, block),
            Self::SignHash(hash) => key.sign_hash(authorisation, hash).map(Zeroizing::new),
            Self::SignMessage(message) => {
                key.sign_message(authorisation, message).map(Zeroizing::new)
            }
            Self::Agree(point) => key.agree(authorisation, point),
        }
    }
}
