//! A signature in one command: the rules are those of GENERAL AUTHENTICATE, and the padding is the card's.

use card_edge::Status;
use card_edge::apdu::{Command, Response};
use card_edge::piv::extensions::{PARAMETERS, Scheme, SignatureRequest, SignatureRequestError};
use card_edge::piv::{KeyKind, KeyUse};

use crate::padding;
use crate::piv::access;
use crate::piv::context::Context;
use crate::piv::parameters::parameters;
use crate::piv::refusal::{Answer, status_of_key};

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
    /// missing.
    pub(crate) fn run(self, mut context: Context<'_>) -> Answer {
        let Self(request) = self;
        let reference = request.key;
        let record = context.state().keys.get(&reference);
        let record = record
            .filter(|_| access::is_usable(reference) && reference.key_use() == KeyUse::Sign)
            .ok_or(Status::ReferenceNotFound)?;
        let kind = record.algorithm.kind();
        if !request.scheme.is_for(kind) {
            return Err(Status::IncorrectData);
        }
        let authorisation = context.authorisation();
        access::may_use(reference, authorisation)?;
        if let Some(note) = &request.note {
            tracing::info!("a signature with {reference}, for a host that says it is \"{note}\"");
        }
        let key = context.open_key(reference)?;
        let (algorithm, hash) = (request.hash_algorithm, request.hash.as_slice());
        let signature = match kind {
            KeyKind::Rsa { modulus } => {
                let block = match request.scheme {
                    Scheme::Pss => padding::pss(algorithm, hash, modulus),
                    Scheme::Pkcs1 | Scheme::Ecdsa => padding::pkcs1(algorithm, hash, modulus),
                };
                let signature = key.apply_rsa(authorisation, &block.map_err(status_of_key)?);
                signature.map_err(status_of_key)?.to_vec()
            }
            KeyKind::Ecc(curve) => {
                let der = key.sign_hash(authorisation, hash).map_err(status_of_key)?;
                padding::fixed_length(&der, curve).map_err(status_of_key)?
            }
            KeyKind::Ed25519 | KeyKind::X25519 => return Err(Status::IncorrectData),
        };
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
