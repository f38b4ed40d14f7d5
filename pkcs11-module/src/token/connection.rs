//! What is said to a card.

use crate::card::Card;
use crate::error::Error;
use crate::logins::Login;
use crate::pcsc::Location;

/// Why a call with a PIN failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinFailure {
    /// Why.
    pub error: Error,
    /// What became of the PIN.
    pub pin: PinFate,
    /// Where the card was.
    pub location: Location,
}

/// What became of the PIN of the last login.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PinFate {
    /// It did not go out.
    #[default]
    NotSent,
    /// It did not go out, since the card has not proved its key.
    NotProved,
    /// It did not go out, since the card gave an answer that proves nothing, neither that it is the card nor that it is not.
    Unproved,
    /// It went out.
    Sent,
}

/// The connection to a card.
pub struct Connection {
    /// The card.
    pub card: Card,
    /// That this process is logged in, for others to know.
    pub login: Option<Login>,
    /// The card has accepted the PIN, and nobody has taken that back.
    pub is_verified: bool,
    /// The card may have been out of its reader before or during the last sequence.
    pub was_away: bool,
    /// What became of the PIN of the last login.
    pub pin_fate: PinFate,
    /// VERIFY was the last command, so that a key that wants the PIN each time can be used once.
    pub just_verified: bool,
    /// The card announced a signature in one command, and does not make it.
    pub lacks_signature: bool,
    /// The card does not tell of its keys.
    pub lacks_metadata: bool,
}

impl Connection {
    /// A connection over which nothing was verified yet.
    #[must_use]
    pub fn new(card: Card) -> Self {
        Self {
            card,
            login: None,
            is_verified: false,
            was_away: false,
            pin_fate: PinFate::NotSent,
            just_verified: false,
            lacks_signature: false,
            lacks_metadata: false,
        }
    }
}
