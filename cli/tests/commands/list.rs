//! `tapcard list` on each kind of card.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests, which fail by it"
)]

use crate::card::{Card, NOW};
use crate::issuer::{Key, issue};
use crate::phone::Phone;
use card_edge::Transmit;
use card_edge::piv::history::KeyHistory;
use card_edge::piv::{AsymmetricKey, ObjectId, RetiredNumber};
use tapcard_cli::doctor::link::LinkError;
use tapcard_cli::exit::Outcome;
use tapcard_cli::list::report::{CardListing, Listing, ReaderListing, ReaderState};
use tapcard_cli::list::{card, render};
use tapcard_phone::interface::Interface;
use time::Duration;

fn listing(link: impl Transmit<Error = LinkError>) -> Listing {
    let mut reader = ReaderListing::without_card("A Reader 00 00".to_owned(), ReaderState::NotPiv);
    card::read(link, NOW, &mut reader);
    Listing::new(NOW, vec![reader], Vec::new())
}

fn card_of(listing: &Listing) -> &CardListing {
    listing.readers[0].card.as_ref().unwrap()
}

/// A card with certificates in 9A, 9C and a retired slot, of which one expires soon and one has expired.
fn enrolled() -> Card {
    let mut card = Card::new();
    let retired = AsymmetricKey::RetiredKeyManagement(RetiredNumber::new(1).unwrap());
    for (slot, key, days) in [
        (AsymmetricKey::PivAuthentication, Key::Rsa(2048), 365),
        (AsymmetricKey::DigitalSignature, Key::P256, 10),
        (retired, Key::P256, -3),
    ] {
        let (from, to) = (NOW - Duration::days(400), NOW + Duration::days(days));
        card.certify(slot, &issue("Alice Example", key, from, to));
    }
    let history = KeyHistory {
        on_card: 1,
        off_card: 0,
        url: None,
    };
    card.put(ObjectId::KeyHistory, history.encode().unwrap());
    card
}

#[test]
fn the_table_shows_what_the_module_shows_and_how_long_it_is_valid() {
    let listing = listing(&mut enrolled());
    assert_eq!(listing.outcome(), Outcome::Well);
    assert_eq!(
        render::text(&listing),
        "\
A Reader 00 00
  Alice Example, serial number 0707070707070707, GUID 07070707070707070707070707070707

  Slot  ID  Name                      Key       Holder         Issuer              Valid until  Days left
  9A    01  PIV Authentication        RSA-2048  Alice Example  Example Issuing CA  2027-11-24   365
  9C    02  Digital Signature         P-256     Alice Example  Example Issuing CA  2026-12-04   10
  82    05  Retired Key Management 1  P-256     Alice Example  Example Issuing CA  2026-11-21   expired
"
    );
}

#[test]
fn the_json_has_the_same_for_scripts() {
    let json = render::json(&listing(&mut enrolled())).unwrap();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let key = &json["readers"][0]["card"]["keys"][1];
    for (field, value) in [
        ("slot", "9C"),
        ("id", "02"),
        ("algorithm", "P-256"),
        ("subject", "CN=Alice Example,O=Example"),
        ("issuer", "CN=Example Issuing CA,O=Example"),
        ("not_after", "2026-12-04T12:00:00Z"),
        ("validity", "expires-soon"),
    ] {
        assert_eq!(key[field], value, "{field}");
    }
    assert_eq!(key["days_left"], 10);
    assert_eq!(json["readers"][0]["state"], "piv");
}

#[test]
fn nothing_is_sent_but_what_reads() {
    let mut card = enrolled();
    listing(&mut card);
    let instructions: Vec<u8> = card.wire.iter().map(|apdu| apdu[1]).collect();
    assert!(
        instructions
            .iter()
            .all(|byte| [0xA4, 0xCB, 0xC0].contains(byte)),
        "{instructions:02X?}"
    );
}

#[test]
fn a_new_phone_has_no_keys_yet_over_either_interface() {
    for interface in [Interface::Contact, Interface::Contactless] {
        let listing = listing(&mut Phone::new(interface));
        assert_eq!(listing.outcome(), Outcome::Well);
        let card = card_of(&listing);
        assert!(card.keys.is_empty(), "{card:?}");
        assert_eq!(card.guid.as_ref().map(String::len), Some(32));
        assert!(card.label.starts_with("PIV "), "{card:?}");
        assert!(render::text(&listing).contains("No key on this card has a certificate."));
    }
}

#[test]
fn a_card_without_piv_is_told_from_a_piv_card() {
    let listing = listing(&mut Card::without_card_edge());
    assert_eq!(listing.outcome(), Outcome::Wrong);
    assert!(render::text(&listing).contains("is not a PIV card"));
}

#[test]
fn certificates_that_may_not_be_read_here_are_said_to_be_there() {
    let mut card = enrolled();
    card.strict = true;
    let listing = listing(&mut card);
    assert_eq!(card_of(&listing).keys.len(), 2);
    assert_eq!(
        listing.readers[0].findings[0].code(),
        "certificates-protected"
    );
    // It still is a PIV card that was listed.
    assert_eq!(listing.outcome(), Outcome::Well);
}

#[test]
fn a_card_that_leaves_at_any_command_is_said_to_have_left() {
    let mut whole = enrolled();
    listing(&mut whole);
    for commands in 0..whole.wire.len() {
        let mut card = enrolled();
        card.leaves_after = commands;
        let listing = listing(&mut card);
        assert_eq!(listing.outcome(), Outcome::Wrong, "after {commands}");
        assert_eq!(listing.readers[0].findings[0].code(), "card-removed");
    }
}
