//! What is said of PINs and their tries.

use crate::doctor::piv::{PinReport, PinState};

/// That a PIN is easy to guess.
pub const GUESSABLE: &str = "Warning: this new PIN is among the first that everybody tries (the PIN of every new card, digits \
                             that are all the same, or digits in a row). Whoever finds the card tries it too.";

/// That nobody will know the card by its key.
pub const NOT_REMEMBERED: &str = "Warning: the card's key cannot be remembered here (no folder of yours for it can be written to, or the card has no \
                                  number). The PIN goes to this card alone, but next time nothing tells it from another one that claims to be it.";

/// That others can listen.
pub const IN_CLEAR: &str = "Warning: there is no protected channel to this card: whoever is near this contactless reader can hear the PIN. \
                            Over contacts nobody can.";

/// That the card is asked which PIN it has.
pub const ASKS_AGAIN: &str = "No answer came to the new PIN that counts. Leave the card on the reader, or put it back: it is asked which PIN it has.";

/// That the PIN need not be typed here.
pub const TYPED_AT_PHONE: &str =
    "Programs that know how have the PIN typed at the phone, and never learn it.";

/// What a card says of a PIN, for people.
#[must_use]
pub fn pin(pin: &PinReport) -> String {
    let name = match pin.reference {
        "PIV" => "PIN",
        "global" => "Global PIN",
        other => other,
    };
    let state = match (pin.state, pin.tries_left) {
        (PinState::Blocked, _) => "blocked, no tries left".to_owned(),
        (PinState::TriesLeft(left), _) => tries(left),
        (PinState::Verified, Some(left)) => {
            format!("verified by another program, {}", tries(left))
        }
        (PinState::Verified, None) => {
            "verified by another program; the card does not say how many tries are left".to_owned()
        }
        (PinState::Unknown, _) => "the card does not say how many tries are left".to_owned(),
    };
    let default = match pin.is_default {
        Some(true) => "; still the one of every new card",
        Some(false) | None => "",
    };
    format!("{name}: {state}{default}")
}

/// A number of tries.
#[must_use]
pub fn tries(left: u8) -> String {
    match left {
        1 => "1 try left".to_owned(),
        left => format!("{left} tries left"),
    }
}
