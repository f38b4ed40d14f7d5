//! When keys want the PIN. Some cards have keys that want it before each use where the standard asks for it once. The card is
//! asked for that when it refuses a key although the PIN was verified, so that it costs nothing before.

use std::sync::Arc;

use card_edge::apdu::Instruction;
use card_edge::piv::{AsymmetricKey, KeyUse, PinPolicy};
use cryptoki_sys::CKA_ALWAYS_AUTHENTICATE;

use super::Token;
use super::connection::Connection;
use super::known::Known;
use crate::card::client::{Client, ClientError};
use crate::card::error::CardError;
use crate::object::attribute::Value;
use crate::object::{Content, Object};

impl Token {
    /// When a key wants the PIN, as far as is known without asking the card.
    #[must_use]
    pub fn pin_policy(&self, key: AsymmetricKey) -> PinPolicy {
        let learned = self.known().policies.get(&key).copied();
        learned.unwrap_or(key.pin_policy())
    }

    /// Whether the card may know of another policy than the standard's: of keys that sign, which alone can be logged in for.
    pub(super) fn may_learn_policy(&self, connection: &Connection, key: AsymmetricKey) -> bool {
        key.key_use() == KeyUse::Sign
            && key.pin_policy() == PinPolicy::Once
            && !connection.lacks_metadata
            && !self.known().policies.contains_key(&key)
    }

    /// The card was asked for a policy, and gave this.
    pub(super) fn learn_policy(
        &self,
        connection: &mut Connection,
        key: AsymmetricKey,
        policy: Option<PinPolicy>,
    ) {
        let Some(policy) = policy else {
            connection.lacks_metadata = true;
            return;
        };
        let mut known = self.known();
        known.policies.insert(key, policy);
        let objects = known.objects.take();
        known.objects = objects.map(|objects| Arc::new(known.with_policies(&objects)));
    }
}

impl Known {
    /// These objects, each private key with what was learned of it.
    #[must_use]
    pub fn with_policies(&self, objects: &[Arc<Object>]) -> Vec<Arc<Object>> {
        let learned = |object: &Arc<Object>| match &object.content {
            Content::PrivateKey(key, _) if self.policies.get(key) == Some(&PinPolicy::Always) => {
                let mut object = Object::clone(object);
                let always = Value::Flag(true);
                object.attributes.set(CKA_ALWAYS_AUTHENTICATE, always);
                Arc::new(object)
            }
            _ => Arc::clone(object),
        };
        objects.iter().map(learned).collect()
    }
}

/// What the card tells of a key's policy; `None` where it tells nothing.
pub(super) fn ask(
    client: &mut Client<'_>,
    key: AsymmetricKey,
) -> core::result::Result<Option<PinPolicy>, CardError> {
    match client.metadata(key) {
        Ok(metadata) => Ok(metadata.and_then(|it| it.policies).and_then(|it| it.pin)),
        Err(error @ ClientError::Exchange(_)) => Err(error.into()),
        Err(_) => Ok(None),
    }
}

/// What an answer to the use of a key means that speaks of the PIN's tries: the PIN is missing. None was sent.
pub(super) fn of_key_use(error: ClientError) -> ClientError {
    match error {
        ClientError::Wrong(_) | ClientError::WrongUncounted | ClientError::Blocked => {
            ClientError::NotAuthorised(Instruction::GeneralAuthenticate)
        }
        other => other,
    }
}
