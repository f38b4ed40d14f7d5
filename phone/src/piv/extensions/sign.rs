//! A signature in one command: the rules are those of GENERAL AUTHENTICATE, and the padding is the card's.

use card_edge::Status;
use card_edge::apdu::{Command, Response};
use card_edge::piv::extensions::{PARAMETERS, Scheme, SignatureRequest, SignatureRequestError};
use card_edge::piv::{KeyKind, KeyUse};

use crate::consent::Operation;
use crate::key_store::KeyStoreError;
use crate::key_use::KeyUseRequest;
use crate::padding;
use crate::piv::access;
use crate::piv::context::Context;
use crate::piv::parameters::parameters;
use crate::refusal::{Answer, status_of_key, status_of_key_use};

/// Signs a hash.
pub(crate) struct Sign(SignatureRequest);

impl Sign {
    pub(crate) fn parse(command: &Command) -> Result<Self, Status> {
        parameters(command, PARAMETERS)?;
        SignatureRequest::decode(&command.data)
            .map(Self)
            .map_err(status_of_request)
    }

    /// 6A88 where there is no such key or it is not for signatures, 6A80 where it signs otherwise, 6982 where the PIN is
    /// missing, 6985 where the holder does not agree.
    pub(crate) fn run(self, context: Context<'_>) -> Answer {
        let Self(request) = self;
        let reference = request.key;
        access::may_ask_for_key(reference, context.path())?;
        let record = context.state().keys.get(&reference);
        let record = record
            .filter(|_| access::is_usable(reference) && reference.key_use() == KeyUse::Sign)
            .ok_or(Status::ReferenceNotFound)?;
        let kind = record.algorithm.kind();
        if !request.scheme.is_for(kind) {
            return Err(Status::IncorrectData);
        }
        let pin = context.preceding.pin;
        let policy = context.resources.policy_of(reference.into());
        access::may_use(reference, policy, context.path(), pin)?;
        let (algorithm, hash) = (request.hash_algorithm, request.hash.as_slice());
        let block = match (kind, request.scheme) {
            (KeyKind::Rsa { modulus }, Scheme::Pss) => {
                padding::pss(algorithm, hash, modulus).map_err(status_of_key)?
            }
            (KeyKind::Rsa { modulus }, Scheme::Pkcs1 | Scheme::Ecdsa) => {
                padding::pkcs1(algorithm, hash, modulus).map_err(status_of_key)?
            }
            (KeyKind::Ecc(_) | KeyKind::Ed25519 | KeyKind::X25519, _) => Vec::new(),
        };
        let usage = KeyUseRequest {
            key: reference.into(),
            operation: Operation::Sign,
            pin,
            says: request.note.as_ref().map(|note| note.as_str().to_owned()),
        };
        let signature = context
            .resources
            .use_key(usage, |key, authorisation| match kind {
                KeyKind::Rsa { .. } => Ok(key.apply_rsa(authorisation, &block)?.to_vec()),
                KeyKind::Ecc(curve) => {
                    let der = key.sign_hash(authorisation, hash)?;
                    padding::fixed_length(&der, curve)
                }
                KeyKind::Ed25519 | KeyKind::X25519 => Err(KeyStoreError::Unsupported),
            })
            .map_err(status_of_key_use)?;
        Ok(Response::success(signature))
    }
}

fn status_of_request(error: SignatureRequestError) -> Status {
    match error {
        SignatureRequestError::Key(_) => Status::ReferenceNotFound,
        SignatureRequestError::Tlv(_)
        | SignatureRequestError::Algorithm(..)
        | SignatureRequestError::HashLength(_)
        | SignatureRequestError::Note => Status::IncorrectData,
    }
}
