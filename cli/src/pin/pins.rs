//! What a card says of its PINs.

use card_edge::piv::extensions::EntryTime;

use crate::doctor::finding::Finding;
use crate::doctor::piv::{PinReport, PinState};

/// What a card's PIN is asked or told by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presented {
    /// The PIV PIN.
    Pin,
    /// The PUK.
    Puk,
}

impl Presented {
    /// What people call it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Pin => "PIN",
            Self::Puk => "PUK",
        }
    }
}

/// Who hears what goes to the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    /// Nobody: it is connected by contacts.
    Contacts,
    /// Nobody: a channel to a card whose key is remembered.
    Channel,
    /// Nobody else than the card of this key, which is not remembered beyond this program.
    ChannelOnce,
    /// Whoever is near.
    Nothing,
}

impl Protection {
    /// Whether the card is in a field, as far as is known.
    #[must_use]
    pub fn is_contactless(self) -> bool {
        self != Self::Contacts
    }

    /// Whether it goes through a channel.
    #[must_use]
    pub fn is_channel(self) -> bool {
        matches!(self, Self::Channel | Self::ChannelOnce)
    }
}

/// Which card it is, and what it says of its PINs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardPins {
    /// Its identity over PKCS#11.
    pub identity: [u8; 16],
    /// Who heard the question.
    pub protection: Protection,
    /// The PINs that it has, and its PUK where it tells of it.
    pub pins: Vec<PinReport>,
    /// Why it would be sent no PIN, if it would not.
    pub obstacle: Option<Finding>,
    /// How long it waits for its holder to type the PIN there, for a program that has that done; `None` where nobody can.
    pub typed_at_card: Option<EntryTime>,
}

impl CardPins {
    /// What it says of the PIV PIN or the PUK, if it does.
    #[must_use]
    pub fn report(&self, presented: Presented) -> Option<&PinReport> {
        let name = match presented {
            Presented::Pin => "PIV",
            Presented::Puk => "PUK",
        };
        self.pins.iter().find(|pin| pin.reference == name)
    }

    /// The state of the PIV PIN or the PUK.
    #[must_use]
    pub fn state(&self, presented: Presented) -> PinState {
        let report = self.report(presented);
        report.map_or(PinState::Unknown, |pin| pin.state)
    }

    /// The tries that the PIV PIN or the PUK has left, where it tells.
    #[must_use]
    pub fn tries_left(&self, presented: Presented) -> Option<u8> {
        self.report(presented)?.tries_left
    }
}
