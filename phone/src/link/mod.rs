//! The ways between the card and a reader, and what the card has to know of them.

pub mod nfc_model;
pub mod vpcd;

/// The interface over which commands come: a property of the link, not of the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interface {
    /// Contacts, or a link that only its holder can use.
    Contact,
    /// The air: whoever comes near can send commands.
    Contactless,
}

impl Interface {
    /// The intermediate retry value (SP 800-73-5 part 2, 3.2.1): at or below so many tries left, a PIN or PUK is
    /// not compared any more over this interface, so that a stranger with a reader cannot block it.
    #[must_use]
    pub fn intermediate_retry_value(self) -> u8 {
        match self {
            Self::Contact => 0,
            Self::Contactless => 1,
        }
    }

    /// The answer to reset that a reader shows for the card.
    #[must_use]
    pub fn answer_to_reset(self) -> &'static [u8] {
        match self {
            Self::Contact => &ATR_CONTACT,
            Self::Contactless => &ATR_CONTACTLESS,
        }
    }
}

/// T=1; the historical bytes are a compact-TLV object F that holds the PIV application identifier
/// (ISO/IEC 7816-4, 8.1.1.2.2), so that hosts know the card without asking.
const ATR_CONTACT: [u8; 17] = [
    0x3B, 0x8D, 0x01, 0x80, 0xFB, 0xA0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00, 0x01, 0x00,
    0x4D,
];

/// What PC/SC makes of a phone without historical bytes in its ATS (PC/SC part 3, 3.1.3.2.3).
const ATR_CONTACTLESS: [u8; 5] = [0x3B, 0x80, 0x80, 0x01, 0x01];

#[cfg(test)]
mod tests {
    use super::*;
    use card_edge::atr::Atr;

    #[test]
    fn the_answers_to_reset_are_well_formed() {
        let contact = Atr::parse(Interface::Contact.answer_to_reset()).unwrap();
        assert_eq!(contact.protocols, [1]);
        assert_eq!(contact.historical[2..], card_edge::piv::AID);
        assert!(contact.contactless().is_none());
        let contactless = Atr::parse(Interface::Contactless.answer_to_reset()).unwrap();
        assert!(contactless.contactless().is_some());
    }
}
