//! The retired key management keys (82 to 95), and the Key History Object that says where their certificates are.

use crate::common::{TestCard, hex, verified};
use card_edge::Status;
use card_edge::piv::client::ClientError;
use card_edge::piv::history::KeyHistory;
use card_edge::piv::{
    AsymmetricKey, KeyAlgorithm, ObjectId, PublicKey, RetiredNumber, certificate,
};
use p256::elliptic_curve::Generate;

const PIN_STATUS: &str = "00 20 FF 80";

fn retired(number: u8) -> AsymmetricKey {
    AsymmetricKey::RetiredKeyManagement(RetiredNumber::new(number).unwrap())
}

fn make(card: &mut TestCard, number: u8) -> PublicKey {
    card.client()
        .generate(retired(number), KeyAlgorithm::P256)
        .unwrap()
}

/// Puts something into the place of a certificate, or takes it away.
fn put_certificate(card: &mut TestCard, number: u8, der: &[u8]) {
    let content = match der {
        [] => Vec::new(),
        der => certificate::encode(der).unwrap(),
    };
    card.client()
        .put_data(ObjectId::Certificate(retired(number)), &content)
        .unwrap();
}

fn history(card: &mut TestCard) -> Option<KeyHistory> {
    let content = card.client().get_data(ObjectId::KeyHistory).unwrap()?;
    Some(KeyHistory::decode(&content).unwrap())
}

/// As (on card, off card).
fn counts(card: &mut TestCard) -> Option<(u8, u8)> {
    history(card).map(|history| (history.on_card, history.off_card))
}

#[test]
fn every_retired_key_agrees_and_signs_after_the_pin() {
    let mut card = TestCard::administered();
    let peer = p256::SecretKey::generate();
    let point = peer.public_key().to_sec1_bytes();
    for number in 1..=20 {
        let PublicKey::Ecc { point: own, .. } = make(&mut card, number) else {
            panic!("not ECC");
        };
        let own = p256::PublicKey::from_sec1_bytes(&own).unwrap();
        card.status(PIN_STATUS);
        let refused = card
            .client()
            .agree(retired(number), KeyAlgorithm::P256, &point);
        assert!(matches!(refused, Err(ClientError::NotAuthorised(_))));
        verified(&mut card);
        // Once is enough.
        for _ in 0..2 {
            let shared = card
                .client()
                .agree(retired(number), KeyAlgorithm::P256, &point)
                .unwrap();
            assert_eq!(
                shared.as_slice(),
                peer.diffie_hellman(&own).raw_secret_bytes().as_slice()
            );
        }
        card.client()
            .apply_key(retired(number), KeyAlgorithm::P256, &[7; 32])
            .unwrap();
        let metadata = card.client().metadata(retired(number)).unwrap().unwrap();
        assert_eq!(metadata.algorithm, Some(0x11));
    }
    assert_eq!(card.store().state().keys.len(), 20);
}

#[test]
fn a_retired_rsa_key_decrypts() {
    let mut card = TestCard::administered();
    card.client()
        .generate(retired(20), KeyAlgorithm::Rsa2048)
        .unwrap();
    verified(&mut card);
    let block = vec![1; 256];
    let result = card
        .client()
        .apply_key(retired(20), KeyAlgorithm::Rsa2048, &block);
    assert_eq!(result.unwrap().len(), 256);
}

#[test]
fn the_history_counts_what_is_there() {
    let mut card = TestCard::administered();
    assert_eq!(history(&mut card), None);
    // A key whose certificate is elsewhere.
    make(&mut card, 20);
    assert_eq!(counts(&mut card), Some((0, 1)));
    make(&mut card, 1);
    make(&mut card, 2);
    assert_eq!(counts(&mut card), Some((0, 3)));
    // Their certificates come: the lowest references are the ones on the card.
    put_certificate(&mut card, 1, b"one");
    put_certificate(&mut card, 2, b"two");
    assert_eq!(counts(&mut card), Some((2, 1)));
    // A gap: whoever reads as many as are counted finds all of them.
    put_certificate(&mut card, 5, b"five");
    assert_eq!(counts(&mut card), Some((5, 1)));
    // It is as true after the power was off.
    card.restart();
    assert_eq!(counts(&mut card), Some((5, 1)));
    card.prove_management_key();
    for number in [1, 2, 5] {
        put_certificate(&mut card, number, &[]);
    }
    assert_eq!(counts(&mut card), Some((0, 3)));
    // Every place taken, with every certificate on the card.
    for number in 1..=20 {
        put_certificate(&mut card, number, b"each");
    }
    assert_eq!(counts(&mut card), Some((20, 0)));
}

#[test]
fn the_url_is_the_hosts_and_the_counts_are_the_cards() {
    let mut card = TestCard::administered();
    let written = KeyHistory {
        on_card: 7,
        off_card: 3,
        url: Some(b"http://x/history".to_vec()),
    };
    let put = |card: &mut TestCard, content: &[u8]| {
        card.client()
            .put_data(ObjectId::KeyHistory, content)
            .unwrap();
    };
    put(&mut card, &written.encode().unwrap());
    // Where there are no retired keys there is no URL.
    assert_eq!(history(&mut card), Some(KeyHistory::default()));
    make(&mut card, 20);
    let counted = KeyHistory {
        on_card: 0,
        off_card: 1,
        ..written.clone()
    };
    assert_eq!(history(&mut card), Some(counted));
    put_certificate(&mut card, 1, b"one");
    assert_eq!(history(&mut card).unwrap().url, written.url);
    put(&mut card, &[]);
    assert_eq!(counts(&mut card), Some((1, 1)));
    assert_eq!(history(&mut card).unwrap().url, None);
}

#[test]
fn what_is_not_a_history_is_not_written() {
    let mut card = TestCard::administered();
    for content in [
        "01",
        "C1 01 15 C2 01 00",
        "C1 01 0F C2 01 0F FE 00",
        "C1 01 01",
    ] {
        let refused = card.client().put_data(ObjectId::KeyHistory, &hex(content));
        assert!(
            matches!(refused, Err(ClientError::Refused(_, Status::IncorrectData))),
            "{content}"
        );
    }
    assert_eq!(history(&mut card), None);
}

#[test]
fn the_history_and_the_certificates_are_read_without_a_pin() {
    let mut card = TestCard::administered();
    put_certificate(&mut card, 1, b"one");
    card.restart();
    assert_eq!(counts(&mut card), Some((1, 0)));
    let read = card.client().certificate(retired(1)).unwrap();
    assert_eq!(read.as_deref(), Some(b"one".as_slice()));
}

#[test]
fn a_tool_that_selects_by_the_rid_alone_sees_the_history_that_was_written_and_no_other() {
    const HISTORY: &str = "00 CB 3F FF 05 5C 03 5F C1 0C 00";
    let mut card = TestCard::administered();
    card.client()
        .generate(retired(1), KeyAlgorithm::P256)
        .unwrap();
    assert_eq!(card.status(HISTORY), Status::Success);
    assert_eq!(
        card.status("00 A4 04 00 05 A0 00 00 03 08"),
        Status::Success
    );
    assert_eq!(card.status(HISTORY), Status::NotFound);
    let history = KeyHistory::default().encode().unwrap();
    card.client()
        .put_data(ObjectId::KeyHistory, &history)
        .unwrap();
    assert_eq!(card.status(HISTORY), Status::Success);
}
