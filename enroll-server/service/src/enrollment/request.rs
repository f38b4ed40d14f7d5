//! Reading a phone's request: one good certification request for each key that was asked for, and none more.

use enroll_server_ca::csr;
use enroll_server_ca::profile::enrollment::RequestedKey;
use enroll_server_ca::public_key::PublicKey;
use enroll_server_model::random::sha256_hex;
use enroll_server_model::{KeyAlgorithm, Slot};
use enrollment_protocol::limit::PHONE_NAME_MAX;

use crate::error::{Error, Result};
use crate::refusal::{Invalid, SlotFlaw};
use crate::text;

/// Checks that there is one good request for each key that was asked for, and none more. Blocks: keys are checked.
pub(super) fn verify_requests(
    wanted: &[RequestedKey],
    requests: &[(Slot, Vec<u8>)],
) -> Result<Vec<(RequestedKey, PublicKey)>> {
    let invalid = |slot: Slot, flaw| Err(Error::RequestInvalid(Invalid::Slot { slot, flaw }));
    for (slot, _) in requests {
        if !wanted.iter().any(|key| key.slot == *slot) {
            return invalid(*slot, SlotFlaw::NotInvited);
        }
    }
    let mut keys: Vec<(RequestedKey, PublicKey)> = Vec::with_capacity(wanted.len());
    for asked in wanted {
        let mut of_slot = requests.iter().filter(|(slot, _)| *slot == asked.slot);
        let (Some((_, der)), None) = (of_slot.next(), of_slot.next()) else {
            return invalid(asked.slot, SlotFlaw::NotOne);
        };
        let key = match csr::verify(der) {
            Ok(key) => key,
            Err(error) => return invalid(asked.slot, error.into()),
        };
        if key.algorithm() != asked.algorithm {
            return invalid(
                asked.slot,
                SlotFlaw::OtherAlgorithm {
                    found: key.algorithm(),
                    wanted: asked.algorithm,
                },
            );
        }
        if keys.iter().any(|(_, other)| other == &key) {
            return invalid(asked.slot, SlotFlaw::SameKey);
        }
        keys.push((asked.clone(), key));
    }
    Ok(keys)
}

/// The key that a phone will check in with: P-256, and none that it gets a certificate for.
pub(super) fn verify_check_in(der: &[u8], keys: &[(RequestedKey, PublicKey)]) -> Result<PublicKey> {
    let key = csr::verify(der).ok().filter(|key| {
        key.algorithm() == KeyAlgorithm::P256 && keys.iter().all(|(_, other)| other != key)
    });
    key.ok_or(Error::RequestInvalid(Invalid::CheckInKey))
}

/// What makes two requests the same: the slots and their public keys, and the one for check-ins.
pub(super) fn digest(keys: &[(RequestedKey, PublicKey)], check_in: Option<&PublicKey>) -> String {
    let lines: Vec<String> = keys
        .iter()
        .map(|(asked, key)| format!("{} {}", asked.slot, key.id()))
        .chain(check_in.map(|key| format!("check-in {}", key.id())))
        .collect();
    sha256_hex(lines.join("\n").as_bytes())
}

/// What the phone calls itself, as far as a page can show it.
pub(super) fn phone_name(sent: &str) -> Result<String> {
    let seen = text::without_unseen(&text::one_line(sent));
    let name: String = text::one_line(&seen).chars().take(PHONE_NAME_MAX).collect();
    if name.is_empty() {
        return Err(Error::RequestInvalid(Invalid::NoPhoneName));
    }
    Ok(name)
}
