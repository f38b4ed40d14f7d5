//! GENERATE ASYMMETRIC KEY PAIR (SP 800-73-5 part 2, 3.3.2).

use card_edge::apdu::Response;
use card_edge::piv::AsymmetricKey;

use super::{Outcome, PivApplication, malformed, status_of_key};
use crate::key_store::KeyAlgorithm;
use crate::state::{KeyRecord, Origin};

impl PivApplication {
    /// Makes a key in place of the slot's former one; its certificate stays until another is written.
    pub(super) fn generate(&mut self, slot: AsymmetricKey, algorithm: KeyAlgorithm) -> Outcome {
        self.security.may_administer()?;
        let handle = self.keys.generate(algorithm).map_err(status_of_key)?;
        let key = self.keys.open(algorithm, &handle).map_err(status_of_key)?;
        let answer = key.public_key().encode().map_err(malformed)?;
        let record = KeyRecord {
            algorithm,
            origin: Origin::Generated,
            handle,
        };
        self.change(|state| {
            state.keys.insert(slot, record);
            Ok(())
        })?;
        Ok(Response::success(answer))
    }
}
