//! The policies that a host may name when it makes a key: the PIN's is the key's own, or none; a touch is its holder's answer
//! on the phone.

use card_edge::Status;
use card_edge::piv::AsymmetricKey;
use card_edge::piv::yubico::policy::{Policies, PolicyField, TouchPolicy};

use crate::key_store::{Consent, KeyPolicy};
use crate::state::CardState;

/// The policies of the key in this place, as metadata gives them. A key that no host may use has no value of its own there:
/// the strictest says the least that is wrong.
pub(super) fn policies(state: &CardState, key: AsymmetricKey) -> Policies {
    Policies {
        pin: Some(KeyPolicy::of(key).pin),
        touch: match state.consent_of(key) {
            Consent::Pin => TouchPolicy::Never,
            Consent::ConfirmOnPhone | Consent::Never => TouchPolicy::Always,
        },
    }
}

/// What a host wants of touch: nothing, where it leaves that to the card.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Touch(Option<TouchPolicy>);

impl Touch {
    /// Reads one more field. 6A80 for a PIN policy that is not the key's own, since its rule is the standard's; for a touch
    /// that is good for a while, since the holder answers for one use; and for one of the card's own key: no host uses that.
    pub(crate) fn read(&mut self, key: AsymmetricKey, field: PolicyField) -> Result<(), Status> {
        let accepted = match field {
            PolicyField::Pin(policy) => {
                policy.is_none_or(|policy| policy == KeyPolicy::of(key).pin)
            }
            PolicyField::Touch(policy) => {
                self.0 = policy;
                match policy {
                    None | Some(TouchPolicy::Never) => true,
                    Some(TouchPolicy::Always) => key != AsymmetricKey::Attestation,
                    Some(TouchPolicy::Cached) => false,
                }
            }
        };
        if accepted {
            Ok(())
        } else {
            Err(Status::IncorrectData)
        }
    }

    /// What the place of the key asks of its holder then. A host may make that stricter; to loosen it is the holder's: 6A80.
    pub(crate) fn consent(self, state: &CardState, key: AsymmetricKey) -> Result<Consent, Status> {
        let consent = state.consent_of(key);
        match self.0 {
            None => Ok(consent),
            Some(TouchPolicy::Never) if consent == Consent::Pin => Ok(consent),
            Some(TouchPolicy::Never) => Err(Status::IncorrectData),
            Some(TouchPolicy::Always | TouchPolicy::Cached) => {
                Ok(consent.max(Consent::ConfirmOnPhone))
            }
        }
    }
}
