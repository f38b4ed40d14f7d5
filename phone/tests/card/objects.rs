//! Data objects: who reads and writes them, in chains and out of them.

use crate::common::{TestCard, hex, pin};
use card_edge::apdu::{Command, Instruction};
use card_edge::piv::certificate;
use card_edge::piv::client::ClientError;
use card_edge::piv::data;
use card_edge::piv::object::ObjectId;
use card_edge::piv::{AsymmetricKey, PinReference, ReadRule};
use card_edge::{Status, piv};

fn put(object: ObjectId, content: &[u8]) -> Command {
    Command::new(Instruction::PutData, 0x3F, 0xFF)
        .with_data(data::encode_put_data(object, content).unwrap())
}

#[test]
fn every_object_is_written_with_the_management_key_alone_and_read_by_its_rule() {
    let of_the_card = [
        ObjectId::Discovery,
        ObjectId::SecureMessagingCertificateSigner,
    ];
    for object in ObjectId::all().filter(|object| !of_the_card.contains(object)) {
        let mut card = TestCard::new();
        let content = match object {
            // Nothing else can be written there; retired_keys.rs tests what is.
            ObjectId::KeyHistory => [0xC1, 1, 0, 0xC2, 1, 0, 0xFE, 0x00].to_vec(),
            _ => vec![0x70, 0x03, 1, 2, 3, 0xFE, 0x00],
        };
        // The PIN gives no right to write.
        card.client()
            .verify(PinReference::PivPin, &pin("123456"))
            .unwrap();
        let refused = card.client().put_data(object, &content);
        assert!(
            matches!(refused, Err(ClientError::NotAuthorised(_))),
            "{object:?}"
        );
        card.prove_management_key();
        card.client().put_data(object, &content).unwrap();
        card.restart();
        let read = card.client().get_data(object);
        match object.read_rule() {
            ReadRule::Always => assert_eq!(read.unwrap().unwrap().as_slice(), content),
            ReadRule::Pin => {
                assert!(
                    matches!(read, Err(ClientError::NotAuthorised(_))),
                    "{object:?}"
                );
                card.client()
                    .verify(PinReference::PivPin, &pin("123456"))
                    .unwrap();
                let read = card.client().get_data(object).unwrap().unwrap();
                assert_eq!(read.as_slice(), content);
            }
        }
        card.prove_management_key();
        card.client().put_data(object, &[]).unwrap();
        assert!(
            card.client().get_data(object).unwrap().is_none(),
            "{object:?}"
        );
    }
}

#[test]
fn the_discovery_object_is_the_cards_own() {
    let mut card = TestCard::administered();
    let before = card.exchange("00CB3FFF035C017E00");
    let refused = card.client().put_data(ObjectId::Discovery, &[1]);
    assert!(matches!(
        refused,
        Err(ClientError::Refused(_, Status::FunctionNotSupported))
    ));
    assert_eq!(card.exchange("00CB3FFF035C017E00"), before);
}

#[test]
fn unknown_objects_and_malformed_requests_are_refused() {
    let mut card = TestCard::administered();
    card.play(&[
        ("00 CB 3F FF 05 5C 03 5F C1 30 00", "6A82"),
        ("00 CB 3F FF 05 5C 03 5F FF 00 00", "6A82"),
        ("00 CB 00 00 05 5C 03 5F C1 02 00", "6A86"),
        ("00 CB 3F FF 05 5C 04 5F C1 02 00", "6A80"),
        ("00 CB 3F FF 00", "6A80"),
        ("00 DB 3F FF 07 5C 03 5F C1 30 53 00", "6A82"),
        ("00 DB 3F FE 07 5C 03 5F C1 02 53 00", "6A86"),
        ("00 DB 3F FF 05 5C 03 5F C1 02", "6A80"),
        ("00 DB 3F FF 08 5C 03 5F C1 02 53 02 00", "6A80"),
    ]);
}

#[test]
fn a_certificate_is_stored_as_it_is_whatever_the_tool_sends_as_le() {
    let certificate: Vec<u8> = (0..1800_u32).map(|n| (n % 251) as u8).collect();
    let object = ObjectId::Certificate(AsymmetricKey::PivAuthentication);
    let content = piv::certificate::encode(&certificate).unwrap();
    for trailing_le in [false, true] {
        let mut card = TestCard::administered();
        let response = card.chain(&put(object, &content), trailing_le);
        assert_eq!(response.status, Status::Success);
        card.restart();
        let stored = card
            .client()
            .certificate(AsymmetricKey::PivAuthentication)
            .unwrap();
        assert_eq!(stored.as_deref(), Some(certificate.as_slice()));
    }
}

#[test]
fn a_long_object_comes_in_parts_or_in_one_extended_answer() {
    let mut card = TestCard::administered();
    let content = vec![0xA5; 700];
    card.client()
        .put_data(ObjectId::SecurityObject, &content)
        .unwrap();
    let first = card.send(&hex("00 CB 3F FF 05 5C 03 5F C1 06 00"));
    assert_eq!(
        (first.data.len(), first.status),
        (256, Status::BytesAvailable(0))
    );
    let second = card.send(&hex("00 C0 00 00 00"));
    assert_eq!(
        (second.data.len(), second.status),
        (256, Status::BytesAvailable(192))
    );
    let third = card.send(&hex("00 C0 00 00 C0"));
    assert_eq!((third.data.len(), third.status), (192, Status::Success));
    assert_eq!(
        card.status("00 C0 00 00 00"),
        Status::ConditionsNotSatisfied
    );
    let whole = card.send(&hex("00 CB 3F FF 00 00 05 5C 03 5F C1 06 00 00"));
    assert_eq!((whole.data.len(), whole.status), (704, Status::Success));
    // Another command drops the rest.
    card.send(&hex("00 CB 3F FF 05 5C 03 5F C1 06 00"));
    card.status("00 20 00 80");
    assert_eq!(
        card.status("00 C0 00 00 00"),
        Status::ConditionsNotSatisfied
    );
}

#[test]
fn an_object_is_read_whole_with_any_le() {
    let mut card = TestCard::administered();
    let content = vec![0xA5; 300];
    card.client()
        .put_data(ObjectId::SecurityObject, &content)
        .unwrap();
    let whole = card.send(&hex("00 CB 3F FF 00 00 05 5C 03 5F C1 06 00 00"));
    for le in 0..=255 {
        let most = if le == 0 { 256 } else { usize::from(le) };
        let mut part = card.send(&[&hex("00 CB 3F FF 05 5C 03 5F C1 06")[..], &[le]].concat());
        let mut read = Vec::new();
        loop {
            assert!(part.data.len() <= most, "{le}");
            read.extend_from_slice(&part.data);
            match part.status {
                Status::BytesAvailable(_) => part = card.send(&[0x00, 0xC0, 0x00, 0x00, le]),
                status => break assert_eq!(status, Status::Success, "{le}"),
            }
        }
        assert_eq!(read, whole.data.as_slice(), "{le}");
    }
}

/// The parts of a chain that writes the security object again.
fn parts(content: &[u8]) -> Vec<Vec<u8>> {
    let command = put(ObjectId::SecurityObject, content);
    let count = command.data.chunks(255).count();
    command
        .data
        .chunks(255)
        .enumerate()
        .map(|(index, data)| {
            let mut part = command.clone().with_data(data).expecting_nothing();
            part.class.chained = index + 1 < count;
            part.encode().unwrap().to_vec()
        })
        .collect()
}

#[test]
fn a_chain_that_breaks_anywhere_leaves_the_old_object() {
    let (old, new) = (vec![0x11; 700], vec![0x22; 700]);
    let parts = parts(&new);
    for cut in 0..parts.len() {
        for other in [
            "00 20 00 80",
            "00 CB 3F FF 05 5C 03 5F C1 02 00",
            "00 C0 00 00 00",
            "10 47 00 9A 02 AC 03",
        ] {
            let mut card = TestCard::administered();
            card.client()
                .put_data(ObjectId::SecurityObject, &old)
                .unwrap();
            for part in parts.iter().take(cut) {
                assert_eq!(card.send(part).status, Status::Success);
            }
            card.send(&hex(other));
            // What would have been the end of the chain is a command of its own now, and a wrong one.
            if cut > 0 {
                assert_ne!(card.send(parts.last().unwrap()).status, Status::Success);
            }
            let read = card
                .client()
                .get_data(ObjectId::SecurityObject)
                .unwrap()
                .unwrap();
            assert_eq!(read.as_slice(), old);
        }
    }
}

#[test]
fn a_card_that_is_pulled_away_in_a_chain_has_the_old_object_and_takes_the_next() {
    let (old, new) = (vec![0x11; 700], vec![0x22; 700]);
    let mut card = TestCard::administered();
    card.client()
        .put_data(ObjectId::SecurityObject, &old)
        .unwrap();
    let parts = parts(&new);
    card.send(&parts[0]);
    card.card.reset();
    card.client().select().unwrap();
    let read = card
        .client()
        .get_data(ObjectId::SecurityObject)
        .unwrap()
        .unwrap();
    assert_eq!(read.as_slice(), old);
    card.prove_management_key();
    card.client()
        .put_data(ObjectId::SecurityObject, &new)
        .unwrap();
    let read = card
        .client()
        .get_data(ObjectId::SecurityObject)
        .unwrap()
        .unwrap();
    assert_eq!(read.as_slice(), new);
}

#[test]
fn a_chain_without_end_and_a_full_card_are_refused() {
    let mut card = TestCard::administered();
    let mut part = put(ObjectId::SecurityObject, &[])
        .with_data([0; 255])
        .expecting_nothing();
    part.class.chained = true;
    let part = part.encode().unwrap();
    // 65,535 bytes are 257 parts; the next is one too many, and the chain begins again.
    let statuses: Vec<_> = (0..258).map(|_| card.send(&part).status).collect();
    assert!(statuses[..257].iter().all(|status| status.is_success()));
    assert_eq!(statuses[257], Status::NotEnoughMemory);

    let mut card = TestCard::administered();
    let results: Vec<_> = ObjectId::all()
        .filter(|object| *object != ObjectId::Discovery)
        .filter(|object| *object != ObjectId::KeyHistory)
        .map(|object| card.client().put_data(object, &vec![1; 12_000]))
        .collect();
    assert!(results.iter().any(|result| matches!(
        result,
        Err(ClientError::Refused(_, Status::NotEnoughMemory))
    )));
    // What was there is there still.
    let first = ObjectId::all().next().unwrap();
    assert_eq!(
        card.client().get_data(first).unwrap().unwrap().len(),
        12_000
    );
}

#[test]
fn a_certificate_of_any_size_that_a_host_can_send_fits() {
    let key = AsymmetricKey::PivAuthentication;
    let mut card = TestCard::administered();
    for length in [1_857, 16 * 1024, 30_000, 65_000] {
        // What cannot be compressed.
        let mut der = vec![0; length];
        getrandom::fill(&mut der).unwrap();
        let content = certificate::encode(&der).unwrap();
        let object = ObjectId::Certificate(key);
        card.client().put_data(object, &content).unwrap();
        assert!(
            card.client().certificate(key).unwrap().unwrap() == der,
            "{length}"
        );
    }
    // In one extended command too.
    let content = certificate::encode(&[0x5A; 30_000]).unwrap();
    let mut command = put(ObjectId::Certificate(key), &content);
    command.extended = true;
    let apdu = command.encode().unwrap();
    assert_eq!(card.send(&apdu).status, Status::Success);
}
