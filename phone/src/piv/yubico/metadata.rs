//! GET METADATA (F7): what is known of a key, PIN or PUK.

use card_edge::Status;
use card_edge::apdu::{Command, Response};
use card_edge::piv::yubico::metadata::{ALGORITHM_OF_PIN, KeyOrigin, Metadata, Retries};
use card_edge::piv::yubico::policy::{Policies, TouchPolicy};
use card_edge::piv::{AsymmetricKey, KeyReference, ManagementKey, PinReference};

use super::policy;
use crate::piv::context::Context;
use crate::piv::parameters::parameters;
use crate::piv::policy::intermediate_retry_value;
use crate::refusal::{Answer, malformed, status_of_state};
use crate::state::Origin;
use crate::state::reference_data::ReferenceData;

/// Asks for what is known.
pub(super) enum GetMetadata {
    /// Of a key pair.
    Key(AsymmetricKey),
    /// Of the card management key.
    ManagementKey,
    /// Of the PIN.
    Pin,
    /// Of the PUK.
    Puk,
}

impl GetMetadata {
    pub(super) fn parse(command: &Command) -> Result<Self, Status> {
        parameters(command, (0, command.p2))?;
        match KeyReference::try_from(command.p2) {
            Ok(KeyReference::CardManagement) => Ok(Self::ManagementKey),
            Ok(KeyReference::Pin(PinReference::PivPin)) => Ok(Self::Pin),
            Ok(KeyReference::Pin(PinReference::Puk)) => Ok(Self::Puk),
            Ok(KeyReference::Asymmetric(key)) => Ok(Self::Key(key)),
            // What the card does not have: tools ask for fingerprints, and take this answer for "none".
            Ok(KeyReference::Pin(
                PinReference::GlobalPin
                | PinReference::PrimaryFinger
                | PinReference::SecondaryFinger
                | PinReference::PairingCode,
            )) => Err(Status::ReferenceNotFound),
            Ok(KeyReference::SecureMessaging) | Err(_) => Err(Status::IncorrectParameters),
        }
    }

    /// 6A88 where there is no such key.
    pub(super) fn run(self, context: Context<'_>) -> Answer {
        let metadata = match self {
            Self::Key(key) => of_key(context, key)?,
            Self::ManagementKey => of_management_key(&context.state().management_key),
            Self::Pin => {
                let tries = context.resources.store.tries().map_err(status_of_state)?;
                of_reference_data(&context, &context.state().pin, tries.pin)
            }
            Self::Puk => {
                let tries = context.resources.store.tries().map_err(status_of_state)?;
                of_reference_data(&context, &context.state().puk, tries.puk)
            }
        };
        metadata.encode().map(Response::success).map_err(malformed)
    }
}

fn of_key(mut context: Context<'_>, key: AsymmetricKey) -> Result<Metadata, Status> {
    let record = context.state().keys.get(&key);
    let record = record.ok_or(Status::ReferenceNotFound)?;
    let algorithm = record.algorithm.identifier();
    let origin = match record.origin {
        Origin::Generated => KeyOrigin::Generated,
        Origin::Imported => KeyOrigin::Imported,
    };
    Ok(Metadata {
        algorithm: Some(algorithm),
        policies: Some(policy::policies(context.resources.policy_of(key.into()))),
        origin: Some(origin),
        public_key: Some(context.public_key(key)?),
        ..Metadata::default()
    })
}

fn of_management_key(key: &ManagementKey) -> Metadata {
    Metadata {
        algorithm: Some(key.cipher().identifier()),
        policies: Some(Policies {
            pin: None,
            touch: TouchPolicy::Never,
        }),
        is_default: Some(key.is_default()),
        ..Metadata::default()
    }
}

/// Tries are those over the interface in use, as VERIFY tells them.
fn of_reference_data(context: &Context<'_>, data: &ReferenceData, left: u8) -> Metadata {
    let floor = intermediate_retry_value(context.resources.interface);
    Metadata {
        algorithm: Some(ALGORITHM_OF_PIN),
        is_default: Some(data.is_default),
        retries: Some(Retries {
            limit: data.limit.saturating_sub(floor),
            left: left.saturating_sub(floor),
        }),
        ..Metadata::default()
    }
}
