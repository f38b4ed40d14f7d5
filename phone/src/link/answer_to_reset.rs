//! The answer to reset that a reader shows for the card.

use crate::application::CardEdge;
use crate::interface::Interface;

/// The answer to reset over this interface, of a card with this card edge.
#[must_use]
pub fn answer_to_reset(interface: Interface, card_edge: CardEdge) -> &'static [u8] {
    match (interface, card_edge) {
        (Interface::Contact, CardEdge::Piv) => &ATR_CONTACT,
        (Interface::Contact, CardEdge::Gids) => &ATR_CONTACT_GIDS,
        (Interface::Contactless, _) => &ATR_CONTACTLESS,
    }
}

/// T=1; the historical bytes are a compact-TLV object F that holds the PIV application identifier
/// (ISO/IEC 7816-4, 8.1.1.2.2), so that hosts know the card without asking.
const ATR_CONTACT: [u8; 17] = [
    0x3B, 0x8D, 0x01, 0x80, 0xFB, 0xA0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00, 0x01, 0x00,
    0x4D,
];

/// The same with the GIDS application identifier: the one of Windows' own virtual smart cards, which it knows.
const ATR_CONTACT_GIDS: [u8; 17] = [
    0x3B, 0x8D, 0x01, 0x80, 0xFB, 0xA0, 0x00, 0x00, 0x03, 0x97, 0x42, 0x54, 0x46, 0x59, 0x04, 0x01,
    0xCF,
];

/// What PC/SC makes of a phone without historical bytes in its ATS (PC/SC part 3, 3.1.3.2.3).
const ATR_CONTACTLESS: [u8; 5] = [0x3B, 0x80, 0x80, 0x01, 0x01];

#[cfg(test)]
mod tests {
    use super::*;
    use card_edge::atr::Atr;

    #[test]
    fn the_answers_to_reset_are_well_formed() {
        let contact = Atr::parse(answer_to_reset(Interface::Contact, CardEdge::Piv)).unwrap();
        assert_eq!(contact.protocols, [1]);
        assert_eq!(contact.historical[2..], card_edge::piv::AID);
        assert!(contact.contactless().is_none());
        let gids = Atr::parse(answer_to_reset(Interface::Contact, CardEdge::Gids)).unwrap();
        assert_eq!(gids.historical[2..11], card_edge::gids::AID[..9]);
        let contactless =
            Atr::parse(answer_to_reset(Interface::Contactless, CardEdge::Piv)).unwrap();
        assert!(contactless.contactless().is_some());
    }
}
