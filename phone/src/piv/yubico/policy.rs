//! The policies that a host may name when it makes a key: the PIN's is the place's own or a stricter one; a touch is its holder's
//! answer on the phone.

use card_edge::Status;
use card_edge::piv::yubico::policy::{Policies, PolicyField, TouchPolicy};
use card_edge::piv::{AsymmetricKey, PinPolicy};

use crate::key_store::{Consent, KeyPolicy};
use crate::state::CardState;

/// The policies of a key, as metadata gives them. A key that no host may use has no value of its own there: the strictest says
/// the least that is wrong.
pub(super) fn policies(policy: KeyPolicy) -> Policies {
    Policies {
        pin: Some(policy.pin),
        touch: match policy.consent {
            Consent::Pin => TouchPolicy::Never,
            Consent::ConfirmOnPhone | Consent::Never => TouchPolicy::Always,
        },
    }
}

/// What a host wants a key to ask for; nothing, where it leaves that to the card.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    pin: Option<PinPolicy>,
    touch: Option<TouchPolicy>,
}

impl Asked {
    /// Reads one more field. 6A80 for a PIN that is asked for less often than by the rule of the place, which is the standard's;
    /// and for more than that of the card's own key: no host uses it.
    pub(crate) fn read(&mut self, key: AsymmetricKey, field: PolicyField) -> Result<(), Status> {
        let rule = KeyPolicy::of(key).pin;
        let is_of_card = key == AsymmetricKey::Attestation;
        let accepted = match field {
            PolicyField::Pin(policy) => {
                self.pin = policy.filter(|policy| *policy > rule);
                policy.is_none_or(|policy| policy >= rule) && !(is_of_card && self.pin.is_some())
            }
            PolicyField::Touch(policy) => {
                self.touch = policy;
                !is_of_card || matches!(policy, None | Some(TouchPolicy::Never))
            }
        };
        if accepted {
            Ok(())
        } else {
            Err(Status::IncorrectData)
        }
    }

    /// When the key asks for the PIN, where that is more often than by the rule of its place.
    pub(crate) fn pin(self) -> Option<PinPolicy> {
        self.pin
    }

    /// What the place of the key asks of its holder then. A host may make that stricter; to loosen it is the holder's: 6A80. A
    /// touch that is good for a while is one each time: the holder answers for one use.
    pub(crate) fn consent(self, state: &CardState, key: AsymmetricKey) -> Result<Consent, Status> {
        let consent = state.consent_of(key);
        match self.touch {
            None => Ok(consent),
            Some(TouchPolicy::Never) if consent == Consent::Pin => Ok(consent),
            Some(TouchPolicy::Never) => Err(Status::IncorrectData),
            Some(TouchPolicy::Always | TouchPolicy::Cached) => {
                Ok(consent.max(Consent::ConfirmOnPhone))
            }
        }
    }
}
