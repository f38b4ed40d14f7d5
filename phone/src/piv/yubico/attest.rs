//! ATTEST (F9): what the card knows of a key that was made on it, as a certificate of its own authority.

use card_edge::Status;
use card_edge::apdu::{Command, Response};
use card_edge::piv::yubico::policy::Policies;
use card_edge::piv::{AsymmetricKey, KeyAlgorithm, ObjectId, certificate};

use super::policy;
use crate::consent::{Operation, Outcome, Usage};
use crate::key_store::KeyPolicy;
use crate::piv::context::Context;
use crate::piv::parameters;
use crate::refusal::{Answer, status_of_key};
use crate::state::encoding::Bytes;
use crate::state::{KeyRecord, Origin};
use crate::x509::SigningError;
use crate::x509::attestation::{Authority, Statement};

/// What the card's own key of attestation is.
const ALGORITHM: KeyAlgorithm = KeyAlgorithm::P256;

/// Asks for the attestation of this key.
pub(super) struct Attest(AsymmetricKey);

impl Attest {
    pub(super) fn parse(command: &Command) -> Result<Self, Status> {
        parameters::parameters(command, (command.p1, 0))?;
        if !command.data.is_empty() {
            return Err(Status::WrongLength);
        }
        AsymmetricKey::try_from(command.p1)
            .ok()
            .filter(|key| *key != AsymmetricKey::Attestation)
            .map(Self)
            .ok_or(Status::IncorrectParameters)
    }

    /// 6A88 where there is no such key, 6985 where it came from outside, or where the certificate of attestation (5FFF01)
    /// is for another key than F9.
    pub(super) fn run(self, mut context: Context<'_>) -> Answer {
        let record = context.state().keys.get(&self.0);
        let record = record.ok_or(Status::ReferenceNotFound)?;
        if record.origin != Origin::Generated {
            return Err(Status::ConditionsNotSatisfied);
        }
        let algorithm = record.algorithm;
        let issuer = authority_certificate(&mut context)?;
        let public_key = context.public_key(self.0)?;
        let Policies { pin, touch } = policy::policies(context.resources.policy_of(self.0.into()));
        let statement = Statement {
            key: self.0,
            algorithm,
            public_key: &public_key,
            protection: context.resources.keys.protection(),
            pin,
            touch,
            card: context.state().guid(),
            serial: context.state().serial,
        };
        let f9 = context.state().keys.get(&AsymmetricKey::Attestation);
        let f9 = f9.map(|record| record.algorithm);
        let authority = Authority {
            algorithm: f9.ok_or(Status::ConditionsNotSatisfied)?,
            key: context.open_key(AsymmetricKey::Attestation)?,
        };
        if !authority.has_certificate(&issuer) {
            return Err(Status::ConditionsNotSatisfied);
        }
        let attestation = authority
            .attest(&issuer, &statement)
            .map_err(status_of_signing)?;
        let usage = Usage {
            key: AsymmetricKey::Attestation.into(),
            operation: Operation::Attest,
            interface: context.resources.interface,
            says: None,
        };
        context.resources.store.log_use(&usage, Outcome::Done);
        Ok(Response::success(attestation))
    }
}

/// The certificate of attestation. A card that has none makes it, and its key where that is missing too.
fn authority_certificate(context: &mut Context<'_>) -> Result<Vec<u8>, Status> {
    let object = ObjectId::Certificate(AsymmetricKey::Attestation);
    if let Some(content) = context.state().object(object) {
        return certificate::decode(content).map_err(|_| Status::ConditionsNotSatisfied);
    }
    let keys = context.resources.keys.as_ref();
    let policy = KeyPolicy::of(AsymmetricKey::Attestation);
    let record = match context.state().keys.get(&AsymmetricKey::Attestation) {
        Some(record) => record.clone(),
        None => KeyRecord::generate(keys, ALGORITHM, policy).map_err(status_of_key)?,
    };
    let key = record.open(keys, policy, None).map_err(status_of_key)?;
    let authority = Authority {
        algorithm: record.algorithm,
        key: key.as_ref(),
    };
    let der = authority
        .own_certificate(context.state().serial)
        .map_err(status_of_signing)?;
    let content = certificate::encode(&der).map_err(|_| Status::Unknown)?;
    context.change(|state| {
        state.keys.insert(AsymmetricKey::Attestation, record);
        state.objects.insert(object.tag(), Bytes(content));
        Ok(())
    })?;
    Ok(der)
}

fn status_of_signing(error: SigningError) -> Status {
    match error {
        SigningError::Key(error) => status_of_key(error),
        SigningError::PublicKey(_) | SigningError::Encoding(_) => {
            tracing::error!("{error}");
            Status::Unknown
        }
    }
}
