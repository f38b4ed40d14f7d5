//! IMPORT KEY (FE): a key from outside.

use card_edge::Status;
use card_edge::apdu::Command;
use card_edge::piv::yubico::import::{self, ImportedKey};
use card_edge::piv::{AsymmetricKey, KeyAlgorithm};

use super::policy::Asked;
use crate::key_store::{KeyPolicy, KeyRequest};
use crate::piv::access;
use crate::piv::context::Context;
use crate::piv::parameters;
use crate::refusal::{Answer, malformed, status_of_key};
use crate::state::{KeyRecord, Origin};

/// Takes over a key.
pub(super) struct ImportKey {
    key: AsymmetricKey,
    algorithm: KeyAlgorithm,
    material: ImportedKey,
    asked: Asked,
}

impl ImportKey {
    pub(super) fn parse(command: &Command, algorithms: &[KeyAlgorithm]) -> Result<Self, Status> {
        let key = parameters::key(command)?;
        let algorithm = KeyAlgorithm::try_from(command.p1)
            .ok()
            .filter(|algorithm| algorithms.contains(algorithm))
            .ok_or(Status::IncorrectParameters)?;
        parameters::fits(key, algorithm)?;
        let import = import::decode(&command.data).map_err(malformed)?;
        let mut asked = Asked::default();
        for field in import.policies {
            asked.read(key, field)?;
        }
        Ok(Self {
            key,
            algorithm,
            material: import.key,
            asked,
        })
    }

    pub(super) fn run(self, mut context: Context<'_>) -> Answer {
        access::may_administer(&context.session.security)?;
        let consent = self.asked.consent(context.state(), self.key)?;
        let request = KeyRequest {
            algorithm: self.algorithm,
            policy: KeyPolicy::of(self.key)
                .with_pin(self.asked.pin())
                .with(consent),
            challenge: None,
        };
        let handle = context
            .resources
            .keys
            .import(&request, &self.material)
            .map_err(status_of_key)?;
        let record = KeyRecord {
            algorithm: self.algorithm,
            origin: Origin::Imported,
            pin_policy: self.asked.pin(),
            handle: handle.into(),
            attestation: None,
        };
        context.change(|state| {
            state.keys.insert(self.key, record);
            state.set_consent(self.key, consent);
            Ok(())
        })?;
        Ok(Status::Success.into())
    }
}
