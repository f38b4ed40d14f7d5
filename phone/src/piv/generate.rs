//! GENERATE ASYMMETRIC KEY PAIR (SP 800-73-5 part 2, 3.3.2).

use card_edge::Status;
use card_edge::apdu::{Command, Response};
use card_edge::piv::secure_messaging::CipherSuite;
use card_edge::piv::yubico::policy::PolicyField;
use card_edge::piv::{AsymmetricKey, KeyAlgorithm, generate};

use super::access;
use super::context::Context;
use super::key_establishment::status_of_preparing;
use super::parameters::{self, first_parameter};
use super::yubico::policy::Asked;
use crate::key_store::KeyPolicy;
use crate::refusal::{Answer, malformed, status_of_key};
use crate::secure_messaging;
use crate::state::KeyRecord;

/// 81: the RSA exponent (table 10); 65537 is the only one.
const TAG_EXPONENT: u32 = 0x81;

/// Makes a key.
pub(super) struct Generate {
    key: AsymmetricKey,
    algorithm: KeyAlgorithm,
    asked: Asked,
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
        let mut asked = Asked::default();
        for (tag, value) in &control.others {
            match (tag.value(), value.as_slice()) {
                (TAG_EXPONENT, [0x01, 0x00, 0x01] | []) => {}
                _ => {
                    let field = PolicyField::decode(*tag, value).map_err(malformed)?;
                    asked.read(key, field)?;
                }
            }
        }
        Ok(Self {
            key,
            algorithm: control.algorithm,
            asked,
        })
    }

    /// The new key takes the former one's place; its certificate stays until another is written.
    pub(super) fn run(self, mut context: Context<'_>) -> Answer {
        access::may_administer(&context.session.security)?;
        let consent = self.asked.consent(context.state(), self.key)?;
        let keys = context.resources.keys.as_ref();
        let pin = self.asked.pin();
        let policy = KeyPolicy::of(self.key).with_pin(pin).with(consent);
        let record = KeyRecord::generate(keys, self.algorithm, policy).map_err(status_of_key)?;
        let record = KeyRecord {
            pin_policy: pin,
            ..record
        };
        let key = record.open(keys, policy, None).map_err(status_of_key)?;
        let answer = key.public_key().encode().map_err(malformed)?;
        // Making a key takes seconds: where its holder has decided otherwise meanwhile, nothing is changed.
        context.change(|state| {
            state.keys.insert(self.key, record);
            state.set_consent(self.key, consent);
            Ok(())
        })?;
        Ok(Response::success(answer))
    }
}

/// Makes a new key of secure messaging, 04.
pub(super) struct GenerateForSecureMessaging(CipherSuite);

impl GenerateForSecureMessaging {
    pub(super) fn parse(command: &Command) -> Result<Self, Status> {
        first_parameter(command, 0x00)?;
        generate::decode_suite(&command.data)
            .map(Self)
            .map_err(malformed)
    }

    /// The new key takes the former one's place with a certificate of its own, and ends what was agreed with that one.
    /// 6A86 for CS2 on a card whose other keys ask for CS7.
    pub(super) fn run(self, context: Context<'_>) -> Answer {
        access::may_administer(&context.session.security)?;
        let resources = context.resources;
        let least = secure_messaging::least_suite(resources.store.state());
        if self.0 == CipherSuite::Cs2 && least == CipherSuite::Cs7 {
            return Err(Status::IncorrectParameters);
        }
        let key = secure_messaging::make(&mut resources.store, resources.keys.as_ref(), self.0)
            .map_err(status_of_preparing)?;
        context.session.end_channel(resources);
        key.encode().map(Response::success).map_err(malformed)
    }
}
