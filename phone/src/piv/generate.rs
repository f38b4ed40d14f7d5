//! GENERATE ASYMMETRIC KEY PAIR (SP 800-73-5 part 2, 3.3.2).

use card_edge::Status;
use card_edge::apdu::{Command, Response};
use card_edge::piv::yubico::policy::PolicyField;
use card_edge::piv::{AsymmetricKey, KeyAlgorithm, generate};

use super::access;
use super::context::Context;
use super::parameters::{self, first_parameter};
use super::refusal::{Answer, malformed, status_of_key};
use super::yubico::policy::Touch;
use crate::key_store::{KeyPolicy, KeyRequest};
use crate::state::{KeyRecord, Origin};

/// 81: the RSA exponent (table 10); 65537 is the only one.
const TAG_EXPONENT: u32 = 0x81;

/// Makes a key.
pub(super) struct Generate {
    key: AsymmetricKey,
    algorithm: KeyAlgorithm,
    touch: Touch,
}

impl Generate {
    pub(super) fn parse(command: &Command, algorithms: &[KeyAlgorithm]) -> Result<Self, Status> {
        first_parameter(command, 0x00)?;
        let key = parameters::key(command)?;
        let control = generate::decode_control(&command.data).map_err(malformed)?;
        if !algorithms.contains(&control.algorithm) {
            return Err(Status::IncorrectData);
        }
        parameters::fits(key, control.algorithm)?;
        let mut touch = Touch::default();
        for (tag, value) in &control.others {
            match (tag.value(), value.as_slice()) {
                (TAG_EXPONENT, [0x01, 0x00, 0x01] | []) => {}
                _ => {
                    let field = PolicyField::decode(*tag, value).map_err(malformed)?;
                    touch.read(key, field)?;
                }
            }
        }
        Ok(Self {
            key,
            algorithm: control.algorithm,
            touch,
        })
    }

    /// The new key takes the former one's place; its certificate stays until another is written.
    pub(super) fn run(self, mut context: Context<'_>) -> Answer {
        access::may_administer(&context.session.security)?;
        let consent = self.touch.consent(context.state(), self.key)?;
        let keys = &context.resources.keys;
        let policy = KeyPolicy::of(self.key).with(consent);
        let request = KeyRequest {
            algorithm: self.algorithm,
            policy,
            challenge: None,
        };
        let created = keys.generate(&request).map_err(status_of_key)?;
        let key = keys
            .open(self.algorithm, policy, &created.handle)
            .map_err(status_of_key)?;
        let answer = key.public_key().encode().map_err(malformed)?;
        let record = KeyRecord {
            algorithm: self.algorithm,
            origin: Origin::Generated,
            handle: created.handle,
            attestation: created.attestation,
        };
        context.change(|state| {
            state.keys.insert(self.key, record);
            state.set_consent(self.key, consent);
            Ok(())
        })?;
        Ok(Response::success(answer))
    }
}
