//! What each use of a key needs, and what has been proved for it.

use std::fmt;
use std::str::FromStr;

use card_edge::piv::{AsymmetricKey, KeyUse, PinPolicy};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// What its holder wants a use of a key by a host to need, the least strict first. It is the holder's to change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Consent {
    /// The PIN by the key's rule, and nothing else.
    #[default]
    Pin,
    /// The PIN by the key's rule, and then the holder's answer at the phone, for this one use.
    ConfirmOnPhone,
    /// No host uses the key.
    Never,
}

/// A text does not name a [`Consent`].
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("expected pin, confirm-on-phone or never")]
pub struct ConsentError;

impl Consent {
    /// All of them, the least strict first.
    pub const ALL: [Self; 3] = [Self::Pin, Self::ConfirmOnPhone, Self::Never];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pin => "pin",
            Self::ConfirmOnPhone => "confirm-on-phone",
            Self::Never => "never",
        }
    }
}

impl fmt::Display for Consent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Consent {
    type Err = ConsentError;

    fn from_str(text: &str) -> Result<Self, ConsentError> {
        Self::ALL
            .into_iter()
            .find(|consent| consent.name() == text)
            .ok_or(ConsentError)
    }
}

/// What a key is for and what each use of it needs. Use and PIN are fixed when the key is made: hardware can hold the key
/// to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyPolicy {
    /// What the key does.
    pub key_use: KeyUse,
    /// When a use needs the PIN.
    pub pin: PinPolicy,
    /// What its holder wants a use by a host to need.
    pub consent: Consent,
}

impl KeyPolicy {
    /// The policy of this key of the card: as the standard says, and the PIN is consent enough.
    #[must_use]
    pub fn of(key: AsymmetricKey) -> Self {
        Self {
            key_use: key.key_use(),
            pin: key.pin_policy(),
            consent: Consent::default(),
        }
    }

    /// The same for a key that may ask for the PIN by a rule of its own; the stricter of both holds.
    #[must_use]
    pub fn with_pin(self, pin: Option<PinPolicy>) -> Self {
        Self {
            pin: pin.map_or(self.pin, |pin| pin.max(self.pin)),
            ..self
        }
    }

    /// The same, but for what the holder wants.
    #[must_use]
    pub fn with(self, consent: Consent) -> Self {
        Self { consent, ..self }
    }

    /// Whether what is known of the PIN is enough for one use.
    #[must_use]
    pub fn is_satisfied_by(self, pin: PinProof) -> bool {
        match self.pin {
            PinPolicy::Never => true,
            PinPolicy::Once => pin != PinProof::None,
            PinPolicy::Always => pin == PinProof::Directly,
        }
    }

    /// Whether what has been proved is enough for one use.
    #[must_use]
    pub fn allows(self, authorisation: Authorisation) -> bool {
        let consent = match self.consent {
            Consent::Pin => true,
            Consent::ConfirmOnPhone => authorisation.holder != HolderProof::Absent,
            Consent::Never => authorisation.holder == HolderProof::AtThePhone,
        };
        consent && self.is_satisfied_by(authorisation.pin)
    }
}

/// What is known of the PIN.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PinProof {
    /// It has not been verified in this session.
    #[default]
    None,
    /// It has, some commands ago.
    InSession,
    /// It has, by the command directly before.
    Directly,
}

/// What is known of the holder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HolderProof {
    /// Nothing: a host asks.
    #[default]
    Absent,
    /// A host asks, and the holder has agreed to this very use at the phone.
    Confirmed,
    /// It is the holder who asks, at the phone.
    AtThePhone,
}

/// What has been proved for one use of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Authorisation {
    /// What is known of the PIN.
    pub pin: PinProof,
    /// What is known of the holder.
    pub holder: HolderProof,
}

impl Authorisation {
    /// The holder asks for it at the phone and has just chosen or given the PIN there, as in an enrollment.
    #[must_use]
    pub fn by_holder() -> Self {
        Self {
            pin: PinProof::Directly,
            holder: HolderProof::AtThePhone,
        }
    }

    /// A host asks for it over the card edge, where only a PIN can be proved.
    #[must_use]
    pub fn by_host(pin: PinProof) -> Self {
        Self {
            pin,
            holder: HolderProof::Absent,
        }
    }

    /// The holder has agreed to it at the phone too.
    #[must_use]
    pub fn confirmed(self) -> Self {
        Self {
            holder: HolderProof::Confirmed,
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_use_needs_what_the_policy_says() {
        use PinProof::{Directly, InSession, None};
        for (pin, enough) in [
            (PinPolicy::Never, &[None, InSession, Directly][..]),
            (PinPolicy::Once, &[InSession, Directly]),
            (PinPolicy::Always, &[Directly]),
        ] {
            let policy = KeyPolicy {
                key_use: KeyUse::Sign,
                pin,
                consent: Consent::Pin,
            };
            for proof in [None, InSession, Directly] {
                let authorisation = Authorisation::by_host(proof);
                assert_eq!(policy.allows(authorisation), enough.contains(&proof));
                let confirmed = policy.with(Consent::ConfirmOnPhone);
                assert!(!confirmed.allows(authorisation));
                assert_eq!(
                    confirmed.allows(authorisation.confirmed()),
                    enough.contains(&proof)
                );
                let never = policy.with(Consent::Never);
                assert!(!never.allows(authorisation.confirmed()));
                for policy in [confirmed, never] {
                    assert!(policy.allows(Authorisation::by_holder()));
                }
            }
        }
    }
}
