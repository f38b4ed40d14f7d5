//! What each use of a key needs, and what has been proved for it.

use card_edge::piv::yubico::policy::TouchPolicy;
use card_edge::piv::{AsymmetricKey, KeyUse, PinPolicy};

/// What a key is for and what each use of it needs. It is fixed when the key is made: hardware can hold the key to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyPolicy {
    /// What the key does.
    pub key_use: KeyUse,
    /// When a use needs the PIN.
    pub pin: PinPolicy,
    /// When a use needs its holder's touch.
    pub touch: TouchPolicy,
}

impl KeyPolicy {
    /// The policy of this key of the card: as the standard says, and without a touch.
    #[must_use]
    pub fn of(key: AsymmetricKey) -> Self {
        Self {
            key_use: key.key_use(),
            pin: key.pin_policy(),
            touch: TouchPolicy::Never,
        }
    }

    /// Whether what has been proved is enough for one use.
    #[must_use]
    pub fn allows(self, authorisation: Authorisation) -> bool {
        let pin = match self.pin {
            PinPolicy::Never => true,
            PinPolicy::Once => authorisation.pin != PinProof::None,
            PinPolicy::Always => authorisation.pin == PinProof::Directly,
        };
        let touch = match self.touch {
            TouchPolicy::Never => true,
            TouchPolicy::Always | TouchPolicy::Cached => authorisation.holder_present,
        };
        pin && touch
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

/// What has been proved for one use of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Authorisation {
    /// What is known of the PIN.
    pub pin: PinProof,
    /// Whether the holder has agreed to this very use at the phone.
    pub holder_present: bool,
}

impl Authorisation {
    /// The holder asks for it at the phone and has just chosen or given the PIN there, as in an enrollment.
    #[must_use]
    pub fn by_holder() -> Self {
        Self {
            pin: PinProof::Directly,
            holder_present: true,
        }
    }

    /// A host asks for it over the card edge, where only a PIN can be proved.
    #[must_use]
    pub fn by_host(pin: PinProof) -> Self {
        Self {
            pin,
            holder_present: false,
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
                touch: TouchPolicy::Never,
            };
            for proof in [None, InSession, Directly] {
                let authorisation = Authorisation::by_host(proof);
                assert_eq!(policy.allows(authorisation), enough.contains(&proof));
                let touched = KeyPolicy {
                    touch: TouchPolicy::Always,
                    ..policy
                };
                assert!(!touched.allows(authorisation));
                assert!(touched.allows(Authorisation::by_holder()));
            }
        }
    }
}
