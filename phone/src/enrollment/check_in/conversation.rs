//! What the phone says to the server: signed messages, each with the challenge that the answer before gave.

use std::str::FromStr;

use card_edge::piv::{AsymmetricKey, ObjectId, certificate};
use data_encoding::HEXLOWER;
use der::DateTime;
use enrollment_protocol::check_in::{
    self, CheckIn as Message, CheckInAnswer, InstalledCertificate, Problem, RenewalAnswer,
    RenewalRequest, Signed, SlotRenewal, signed_bytes,
};
use enrollment_protocol::unblocking::{
    self, UnblockingAnswer, UnblockingCode, UnblockingKey, UnblockingRequest,
};
use enrollment_protocol::{Der, Slot, Version};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::error::CheckInError;
use crate::enrollment::check_in_key::key_policy;
use crate::enrollment::client::Client;
use crate::enrollment::enroll::Device;
use crate::enrollment::translate::key_reference;
use crate::key_store::{PrivateKey, Protection};
use crate::state::{CardState, CheckIn, KeyRecord, Store};
use crate::x509::sign;

/// A conversation with the server.
pub(super) struct Conversation<'a> {
    client: Client<'a>,
    phone: &'a str,
    record: &'a KeyRecord,
    key: Box<dyn PrivateKey>,
    protection: Protection,
    challenge: String,
}

impl<'a> Conversation<'a> {
    /// Asks the server for the first challenge.
    pub(super) fn begin(device: Device<'a>, own: &'a CheckIn) -> Result<Self, CheckInError> {
        let client = Client::known(device.http, &own.server, &own.root.0);
        let key = own.key.open(device.keys, key_policy(), None)?;
        let challenge = client.challenge(&own.phone)?;
        Ok(Self {
            client,
            phone: &own.phone,
            record: &own.key,
            key,
            protection: device.keys.protection(),
            challenge,
        })
    }

    /// The root that the server has proved to be under, DER.
    pub(super) fn root(&self) -> &[u8] {
        self.client.root()
    }

    /// Says how the card is.
    pub(super) fn check_in(
        &mut self,
        store: &Store,
        problems: Option<Vec<Problem>>,
    ) -> Result<CheckInAnswer, CheckInError> {
        let state = store.state();
        let message = Message {
            challenge: self.challenge.clone(),
            version: concat!("tapcard-phone ", env!("CARGO_PKG_VERSION")).to_owned(),
            keys: match self.protection {
                Protection::Software => "software",
                Protection::TrustedEnvironment | Protection::StrongBox => "hardware",
            }
            .to_owned(),
            last_use: store.last_use().and_then(|time| seconds(&time)),
            certificates: installed(state),
            problems,
            wiped: state.check_in.as_ref().is_some_and(|own| own.is_wiped),
        };
        let answer: CheckInAnswer = self.send(check_in::PATH, &message)?;
        self.challenge.clone_from(&answer.challenge);
        Ok(answer)
    }

    /// Asks for new certificates.
    pub(super) fn renew(
        &mut self,
        requests: Vec<SlotRenewal>,
    ) -> Result<RenewalAnswer, CheckInError> {
        let message = RenewalRequest {
            challenge: self.challenge.clone(),
            requests,
        };
        let answer: RenewalAnswer = self.send(check_in::RENEWAL_PATH, &message)?;
        self.challenge.clone_from(&answer.challenge);
        Ok(answer)
    }

    /// Asks for the unblocking key.
    pub(super) fn unblock(&mut self, code: UnblockingCode) -> Result<UnblockingKey, CheckInError> {
        let message = UnblockingRequest {
            challenge: self.challenge.clone(),
            code,
        };
        let answer: UnblockingAnswer = self.send(unblocking::PATH, &message)?;
        self.challenge.clone_from(&answer.challenge);
        Ok(answer.key)
    }

    fn send<T: DeserializeOwned>(
        &self,
        path: &str,
        message: &impl Serialize,
    ) -> Result<T, CheckInError> {
        let message = serde_json::to_string(message)?;
        let bytes = signed_bytes(path, &message);
        let signature = sign(self.record.algorithm, self.key.as_ref(), &bytes)?;
        let signed = Signed {
            protocol: Version::CURRENT,
            phone: self.phone.to_owned(),
            message,
            signature: Der(signature),
        };
        Ok(self.client.send_signed(path, &signed)?)
    }
}

/// The certificates in the card's slots.
fn installed(state: &CardState) -> Vec<InstalledCertificate> {
    let slots = Slot::ALL.into_iter();
    slots
        .filter_map(|slot| {
            let sha256 = fingerprint(state, key_reference(slot))?;
            Some(InstalledCertificate { slot, sha256 })
        })
        .collect()
}

/// The DER of a certificate on the card.
pub(super) fn certificate_of(state: &CardState, key: AsymmetricKey) -> Option<Vec<u8>> {
    certificate::decode(state.object(ObjectId::Certificate(key))?).ok()
}

/// The fingerprint of a certificate on the card.
pub(super) fn fingerprint(state: &CardState, key: AsymmetricKey) -> Option<String> {
    let der = certificate_of(state, key)?;
    Some(HEXLOWER.encode(&Sha256::digest(der)))
}

/// A time of the log, in seconds since 1970; it may have fractions.
fn seconds(time: &str) -> Option<i64> {
    let whole = time.get(..19)?;
    let time = DateTime::from_str(&format!("{whole}Z")).ok()?;
    i64::try_from(time.unix_duration().as_secs()).ok()
}
