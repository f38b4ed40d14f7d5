//! Byte sequences that tools send when they meet a card; those of operating systems are in `vectors`.

use crate::common::{TestCard, hex, verified};
use card_edge::Status;
use card_edge::piv::chuid::Chuid;
use card_edge::piv::object::ObjectId;

#[test]
fn the_chuid_of_a_new_card_is_unsigned() {
    let mut card = TestCard::new();
    let chuid = card.client().chuid().unwrap().unwrap();
    assert_eq!(chuid.fasc_n, Chuid::NON_FEDERAL_FASC_N);
    assert!(chuid.signature.is_empty());
}

#[test]
fn opensc_reads_the_length_of_an_object_first() {
    let mut card = TestCard::new();
    // Le 8: the first bytes, and how many more there are.
    let answer = card.send(&hex("00CB3FFF055C035FC10208"));
    assert_eq!(answer.status, Status::BytesAvailable(0x35));
    assert_eq!(answer.data.len(), 8);
    let whole = card.send(&hex("00CB3FFF055C035FC1023D"));
    assert_eq!((whole.status, whole.data.len()), (Status::Success, 0x3D));
}

#[test]
fn the_discovery_object_names_the_application_and_the_piv_pin() {
    let mut card = TestCard::new();
    card.play(&[(
        "00CB3FFF035C017E00",
        "7E 12 4F 0B A0 00 00 03 08 00 00 10 00 01 00 5F 2F 02 40 00 90 00",
    )]);
}

#[test]
fn a_new_card_has_nothing_else() {
    let mut card = TestCard::new();
    let present = [
        ObjectId::Chuid,
        ObjectId::CardCapabilityContainer,
        ObjectId::Discovery,
        ObjectId::SecureMessagingCertificateSigner,
        ObjectId::PairingCodeReferenceData,
    ];
    verified(&mut card);
    for object in ObjectId::all() {
        let found = card.client().get_data(object).unwrap();
        assert_eq!(found.is_some(), present.contains(&object), "{object:?}");
    }
    assert_eq!(card.status("00CB3FFF055C035FFF0000"), Status::NotFound);
}

#[test]
fn yubico_piv_tool_connects() {
    let mut card = TestCard::unselected();
    assert_eq!(card.status("00A4040005A000000308"), Status::Success);
    card.play(&[
        ("0020008000", "63C5"),
        ("00FD000000", "0507009000"),
        ("00F700801000", "6700"),
        ("00F7008000", "0101FF 050101 06020505 9000"),
        ("00F7009B00", "01010A 02020001 050101 9000"),
        ("00F7009A00", "6A88"),
        ("00F9009A00", "6A86"),
        ("00F99A0000", "6A88"),
    ]);
    assert_eq!(card.send(&hex("00F8000000")).data.len(), 4);
}
