//! The use of a key by a host, for every application of the card: the rules, then the holder's consent, then the key; and
//! the line in the log of uses.

use card_edge::piv::{KeyUse, PinPolicy, PublicKey};
use thiserror::Error;

use crate::application::Resources;
use crate::consent::{Answer, Link, Operation, Outcome, Usage};
use crate::key_store::{
    Authorisation, Consent, KeyPlace, KeyPolicy, KeyStoreError, PinProof, PrivateKey,
};
use crate::open_keys::Which;
use crate::state::{KeptHandle, KeyRecord, Store};

/// Why a key was not used.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub(crate) enum KeyUseError {
    /// There is none in this place.
    #[error("there is no such key")]
    NoKey,
    /// The PIN has not been proved as the key's rule wants it.
    #[error("the PIN is missing")]
    PinMissing,
    /// The holder did not agree.
    #[error("the holder has not agreed")]
    NoConsent,
    /// The key store or the key did not do it.
    #[error(transparent)]
    Key(#[from] KeyStoreError),
}

/// What a host asks for, and what it has proved.
#[derive(Clone, Debug)]
pub(crate) struct KeyUseRequest {
    /// With which key.
    pub(crate) key: KeyPlace,
    /// What.
    pub(crate) operation: Operation,
    /// What is known of the PIN.
    pub(crate) pin: PinProof,
    /// What the host says of itself.
    pub(crate) says: Option<String>,
}

/// The policy of the keys that GIDS alone has.
pub(crate) const CONTAINER: KeyPolicy = KeyPolicy {
    key_use: KeyUse::DecryptOrAgree,
    pin: PinPolicy::Once,
    consent: Consent::Pin,
};

fn record(store: &Store, key: KeyPlace) -> Option<&KeyRecord> {
    let state = store.state();
    match key {
        KeyPlace::Slot(slot) => state.keys.get(&slot),
        KeyPlace::Container(reference) => state.gids.as_ref()?.own_key(reference),
    }
}

/// The link while the holder is asked, and the card that the request is for.
struct Asking<'a> {
    link: &'a mut dyn Link,
    store: &'a Store,
}

impl Link for Asking<'_> {
    fn is_waiting(&mut self) -> bool {
        self.link.is_waiting()
    }

    fn is_for_this_card(&mut self) -> bool {
        self.store.is_current()
    }
}

impl Resources {
    /// The policy of the key in this place. One that GIDS alone has needs the PIN once, whatever its file allows.
    pub(crate) fn policy_of(&self, key: KeyPlace) -> KeyPolicy {
        let policy = match key {
            KeyPlace::Slot(slot) => {
                let record = self.store.state().keys.get(&slot);
                record.map_or(KeyPolicy::of(slot), |record| record.policy_in(slot))
            }
            KeyPlace::Container(_) => CONTAINER,
        };
        policy.with(self.store.state().consent_of(key))
    }

    /// What is kept of the key in this place.
    pub(crate) fn key_record(&self, key: KeyPlace) -> Option<&KeyRecord> {
        record(&self.store, key)
    }

    /// The key in this place, open.
    pub(crate) fn open_key(&mut self, key: KeyPlace) -> Result<&dyn PrivateKey, KeyUseError> {
        self.open_under(self.policy_of(key), key)
    }

    fn open_under(
        &mut self,
        policy: KeyPolicy,
        key: KeyPlace,
    ) -> Result<&dyn PrivateKey, KeyUseError> {
        let Self {
            store,
            keys,
            open_keys,
            opening_key,
            ..
        } = self;
        let record = record(store, key).ok_or(KeyUseError::NoKey)?;
        Ok(open_keys.open(
            keys.as_ref(),
            Which::In(key),
            policy,
            record,
            opening_key.as_ref(),
        )?)
    }

    /// The public half of the key in this place, which needs no PIN.
    pub(crate) fn public_key(&mut self, key: KeyPlace) -> Result<PublicKey, KeyUseError> {
        let record = self.key_record(key).ok_or(KeyUseError::NoKey)?;
        if let KeptHandle::Sealed(sealed) = &record.handle {
            return Ok(sealed.public_key().map_err(KeyStoreError::from)?);
        }
        Ok(self.open_key(key)?.public_key())
    }

    /// Uses a key once. Whatever else can refuse the command must have been looked at before: the holder is asked last,
    /// so that a host without the PIN, or one that asks for what cannot be, makes no request.
    pub(crate) fn use_key<T>(
        &mut self,
        request: KeyUseRequest,
        apply: impl FnOnce(&dyn PrivateKey, Authorisation) -> Result<T, KeyStoreError>,
    ) -> Result<T, KeyUseError> {
        let KeyUseRequest {
            key,
            operation,
            pin,
            says,
        } = request;
        let policy = self.policy_of(key);
        if !policy.is_satisfied_by(pin) {
            return Err(KeyUseError::PinMissing);
        }
        let usage = Usage {
            key,
            operation,
            interface: self.interface,
            says,
        };
        let result = self.apply(&usage, policy, pin, apply);
        let outcome = match &result {
            Ok(_) => Outcome::Done,
            Err((outcome, _)) => *outcome,
        };
        self.store.log_use(&usage, outcome);
        result.map_err(|(_, error)| error)
    }

    fn apply<T>(
        &mut self,
        usage: &Usage,
        policy: KeyPolicy,
        pin: PinProof,
        apply: impl FnOnce(&dyn PrivateKey, Authorisation) -> Result<T, KeyStoreError>,
    ) -> Result<T, (Outcome, KeyUseError)> {
        let failed = |error: KeyUseError| (Outcome::Failed, error);
        let by_host = Authorisation::by_host(pin);
        if policy.consent != Consent::Pin {
            // A key that cannot be opened is nothing to ask the holder for.
            self.open_under(policy, usage.key).map_err(failed)?;
        }
        let authorisation = match policy.consent {
            Consent::Pin => by_host,
            Consent::Never => return Err((Outcome::Forbidden, KeyUseError::NoConsent)),
            Consent::ConfirmOnPhone => match self.ask(usage) {
                Outcome::Done => by_host.confirmed(),
                outcome => return Err((outcome, KeyUseError::NoConsent)),
            },
        };
        let key = self.open_under(policy, usage.key).map_err(failed)?;
        apply(key, authorisation).map_err(|error| failed(error.into()))
    }

    /// Asks the holder. [`Outcome::Done`] where the use may go on.
    fn ask(&mut self, usage: &Usage) -> Outcome {
        let mut asking = Asking {
            link: self.link.as_mut(),
            store: &self.store,
        };
        let answer = self.holder.ask(usage, &mut asking);
        if matches!(answer, Answer::Refused | Answer::TimedOut) {
            self.refused.refuse();
        }
        match answer {
            // What the holder was asked for is not what would be used now.
            Answer::Approved if !self.store.is_current() => Outcome::CardChanged,
            Answer::Approved => Outcome::Done,
            Answer::Refused => Outcome::Refused,
            Answer::TimedOut => Outcome::TimedOut,
            Answer::LinkLost => Outcome::LinkLost,
            Answer::CardChanged => Outcome::CardChanged,
        }
    }
}
