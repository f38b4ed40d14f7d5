//! GENERAL AUTHENTICATE with a key pair: RSA, ECDSA and ECDH (SP 800-73-5 part 2, 3.2.4).

use card_edge::Status;
use card_edge::apdu::Response;
use card_edge::piv::authenticate::{self, AnswerField, Request};
use card_edge::piv::{AsymmetricKey, KeyUse};
use zeroize::Zeroizing;

use super::{Before, OpenKey, Outcome, PivApplication, malformed, status_of_key};
use crate::key_store::{KeyAlgorithm, PrivateKey};

/// Longest hash that ECDSA is asked to sign: SHA-512.
const HASH_MAX: usize = 64;

impl PivApplication {
    /// Uses a key. 6A86 where there is none of this kind, 6982 where the PIN is missing, 6A80 where the data does
    /// not fit.
    pub(super) fn apply_key(
        &mut self,
        slot: AsymmetricKey,
        algorithm: KeyAlgorithm,
        request: Request,
        before: &Before,
    ) -> Outcome {
        let record = self.store.state().keys.get(&slot);
        if record.is_none_or(|record| record.algorithm != algorithm) {
            return Err(Status::IncorrectParameters);
        }
        self.security.may_use(slot, before.verified)?;
        let key = self.open_key(slot)?;
        let result = match (algorithm, request) {
            (
                KeyAlgorithm::Rsa2048 | KeyAlgorithm::Rsa3072,
                Request::InternalAuthenticate(block),
            ) => key.apply_rsa(&block),
            (KeyAlgorithm::P256 | KeyAlgorithm::P384, Request::InternalAuthenticate(hash))
                if hash.len() <= HASH_MAX =>
            {
                key.sign_hash(&hash).map(Zeroizing::new)
            }
            (KeyAlgorithm::P256 | KeyAlgorithm::P384, Request::KeyAgreement(point))
                if slot.key_use() == KeyUse::DecryptOrAgree =>
            {
                key.agree(&point)
            }
            _ => return Err(Status::IncorrectData),
        }
        .map_err(status_of_key)?;
        let answer =
            authenticate::encode_answer(AnswerField::Response, &result).map_err(malformed)?;
        Ok(Response {
            data: answer,
            status: Status::Success,
        })
    }

    /// The key of a slot, opened where it is not open yet or is another than the open one.
    pub(super) fn open_key(&mut self, slot: AsymmetricKey) -> Result<&dyn PrivateKey, Status> {
        let record = self
            .store
            .state()
            .keys
            .get(&slot)
            .ok_or(Status::IncorrectParameters)?;
        let found = self
            .open_keys
            .iter()
            .position(|open| open.slot == slot && open.handle == record.handle);
        let index = match found {
            Some(index) => index,
            None => {
                let key = self
                    .keys
                    .open(record.algorithm, &record.handle)
                    .map_err(status_of_key)?;
                let handle = record.handle.clone();
                self.open_keys.retain(|open| open.slot != slot);
                self.open_keys.push(OpenKey { slot, handle, key });
                self.open_keys.len() - 1
            }
        };
        self.open_keys
            .get(index)
            .map(|open| open.key.as_ref())
            .ok_or(Status::Unknown)
    }
}
