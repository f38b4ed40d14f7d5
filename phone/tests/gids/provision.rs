//! What the phone makes of a PIV card that its holder makes a GIDS card, and back.

use card_edge::Status;
use card_edge::apdu::Command;
use card_edge::gids::FileId;
use card_edge::gids::file_system::container_map::{ContainerMap, KeySpec};
use card_edge::gids::file_system::freshness::Freshness;
use card_edge::gids::file_system::key_map::KeyMap;
use card_edge::gids::file_system::master_file::MasterFile;
use card_edge::gids::file_system::{certificate, layout};
use card_edge::piv::{
    AsymmetricKey, Cipher, DEFAULT_CARD_MANAGEMENT_KEY, KeyAlgorithm, ManagementKey, ObjectId,
    certificate as piv_certificate,
};
use tapcard_phone::consent::{Operation, Outcome};
use tapcard_phone::gids::provision::{self, ProvisionError};
use tapcard_phone::interface::Interface;
use tapcard_phone::key_store::software::SoftwareKeyStore;
use tapcard_phone::key_store::{Consent, KeyPlace, KeyPolicy, KeyRequest, KeyStore};
use tapcard_phone::state::encoding::Bytes;
use tapcard_phone::state::{CardState, Gids, GidsKey, KeyRecord, Origin, StateError, read_uses};

use crate::common::{CREATE_KEY, FORGET, GENERATE, GidsCard, VERIFY, hex};

/// A key of PIV, with a certificate of these bytes.
pub fn put_key(state: &mut CardState, slot: AsymmetricKey, algorithm: KeyAlgorithm, der: &[u8]) {
    let request = KeyRequest {
        algorithm,
        policy: KeyPolicy::of(slot),
        challenge: None,
    };
    let created = SoftwareKeyStore.generate(&request).unwrap();
    state.keys.insert(
        slot,
        KeyRecord {
            algorithm,
            origin: Origin::Generated,
            pin_policy: None,
            handle: created.handle.into(),
            attestation: None,
        },
    );
    let content = piv_certificate::encode_short(der).unwrap();
    state
        .objects
        .insert(ObjectId::Certificate(slot).tag(), Bytes(content));
}

/// RSA keys in 9A, 9C and 9D, another in 9E, as a GIDS card with the administrator's key that tools know.
pub fn card_with_piv_keys() -> GidsCard {
    GidsCard::made(Interface::Contact, |state| {
        use AsymmetricKey as K;
        put_key(
            state,
            K::PivAuthentication,
            KeyAlgorithm::Rsa2048,
            b"certificate 9A",
        );
        put_key(
            state,
            K::DigitalSignature,
            KeyAlgorithm::Rsa2048,
            b"certificate 9C",
        );
        put_key(
            state,
            K::KeyManagement,
            KeyAlgorithm::Rsa2048,
            b"certificate 9D",
        );
        put_key(
            state,
            K::CardAuthentication,
            KeyAlgorithm::P256,
            b"certificate 9E",
        );
        provision::provision(state).unwrap();
        let key = ManagementKey::new(Cipher::TripleDes, &DEFAULT_CARD_MANAGEMENT_KEY).unwrap();
        let files = &mut state.gids.as_mut().unwrap().key_files;
        let file = FileId::of_key(layout::ADMINISTRATOR_KEY);
        files.get_mut(&file).unwrap().key = Some(GidsKey::Administrator(key));
    })
}

/// What hosts read of the card's keys.
pub struct Shown {
    pub files: MasterFile,
    pub containers: ContainerMap,
    pub keys: KeyMap,
    pub freshness: Freshness,
}

/// What hosts read of the card's keys.
pub fn shown(gids: &Gids) -> Shown {
    let object = |place| gids.object(place).unwrap();
    Shown {
        files: MasterFile::decode(object(layout::MASTER_FILE)).unwrap(),
        containers: ContainerMap::decode(object(layout::CONTAINER_MAP)).unwrap(),
        keys: KeyMap::decode(object(layout::KEY_MAP)).unwrap(),
        freshness: Freshness::decode(object(layout::FRESHNESS)).unwrap(),
    }
}

/// Makes a key of a host's own, B084, after those of PIV.
fn make_own_key(card: &mut GidsCard) {
    card.expect(VERIFY, "9000");
    card.expect(&CREATE_KEY.replace("B0 81", "B0 84"), "9000");
    assert!(
        card.send(&hex(&GENERATE.replace("01 81", "01 84")))
            .status
            .is_success()
    );
}

#[test]
fn keys_of_piv_are_containers_with_their_certificates() {
    let card = card_with_piv_keys();
    let store = card.store();
    let gids = store.state().gids.clone().unwrap();
    let shown = shown(&gids);
    let containers: Vec<_> = shown.containers.0.iter().flatten().collect();
    let described: Vec<_> = containers
        .iter()
        .map(|container| (container.is_default, container.key, container.bits))
        .collect();
    assert_eq!(
        described,
        [
            (true, KeySpec::Exchange, 2048),
            (false, KeySpec::Signature, 2048),
            (false, KeySpec::Exchange, 2048),
        ]
    );
    // The names that Windows gives the keys of the same PIV card.
    let mut name = store.state().guid().unwrap().to_bytes_le();
    name[13..].copy_from_slice(&[0x5F, 0xC1, 0x05]);
    let hyphenated = format!("{}", uuid::Uuid::from_bytes(name));
    assert_eq!(containers[0].name, hyphenated);
    assert!(containers[1].name.ends_with("5fc10a") && containers[2].name.ends_with("5fc10b"));
    assert_eq!(shown.keys.0.len(), 3);
    for (name, expected) in [
        ("kxc00", &b"certificate 9A"[..]),
        ("ksc01", b"certificate 9C"),
        ("kxc02", b"certificate 9D"),
    ] {
        let place = shown.files.find("mscp", name).unwrap();
        let content = gids.object(place).unwrap();
        assert_eq!(certificate::decode(content).unwrap(), expected, "{name}");
    }
    let id = gids.object(layout::CARD_ID).unwrap();
    assert_eq!(id, store.state().guid().unwrap().as_bytes());
}

#[test]
fn keys_of_piv_are_used_as_piv_uses_them_and_not_changed() {
    let mut card = card_with_piv_keys();
    card.expect(VERIFY, "9000");
    let sign = "00 2A 9E 9A 04 01 02 03 04 00";
    // 9A signs and decrypts; 9C signs alone, and 9D decrypts alone.
    card.expect("00 22 41 B6 06 80 01 57 84 01 81", "9000");
    assert!(card.status(sign).is_success());
    assert!(card.status(sign).is_success());
    card.expect("00 22 41 B8 06 80 01 47 84 01 81", "9000");
    card.expect("00 22 41 B8 06 80 01 47 84 01 82", "6A80");
    card.expect("00 22 41 B8 06 80 01 47 84 01 83", "9000");
    card.expect("00 22 41 B6 06 80 01 57 84 01 83", "6A80");
    // 9C signs once for each PIN: only the choice of the key may stand between.
    card.expect("00 22 41 B6 06 80 01 57 84 01 82", "9000");
    card.expect(sign, "6982");
    card.expect(VERIFY, "9000");
    card.expect("00 22 41 B6 06 80 01 57 84 01 82", "9000");
    assert!(card.status(sign).is_success());
    card.expect(sign, "6982");
    for between in [
        "00 CB 3F FF 04 5C 02 7F 71 00",
        "00 87 00",
        "80 00 00 00",
        "00 A4 00 0C 02 3F FF",
    ] {
        card.expect(VERIFY, "9000");
        card.exchange(between);
        card.expect("00 22 41 B6 06 80 01 57 84 01 82", "9000");
        card.expect(sign, "6982");
    }
    // Neither the user nor the administrator makes, writes or deletes them.
    card.prove_administrator();
    for reference in ["81", "82", "83"] {
        card.expect(
            &GENERATE.replace("01 81", &format!("01 {reference}")),
            "6982",
        );
        card.expect(&format!("00 A4 00 0C 02 B0 {reference}"), "9000");
        card.expect("00 E4 00 00", "6982");
    }
    card.expect(FORGET, "9000");
    card.expect("00 22 41 B6 06 80 01 57 84 01 81", "6982");
}

#[test]
fn choosing_again_shows_the_keys_that_piv_has_now() {
    let mut card = card_with_piv_keys();
    // A key of a host's own, after those of PIV.
    make_own_key(&mut card);
    let mut store = card.store();
    let before = shown(store.state().gids.as_ref().unwrap());
    store
        .update(|state| {
            put_key(
                state,
                AsymmetricKey::PivAuthentication,
                KeyAlgorithm::Rsa2048,
                b"renewed",
            );
            put_key(
                state,
                AsymmetricKey::DigitalSignature,
                KeyAlgorithm::P256,
                b"a curve",
            );
            put_key(
                state,
                AsymmetricKey::CardAuthentication,
                KeyAlgorithm::Rsa2048,
                b"a door",
            );
            provision::provision(state)
        })
        .unwrap();
    let gids = store.state().gids.clone().unwrap();
    let after = shown(&gids);
    // 9A in its place; the place of 9C taken by 9E; the host's key where it was.
    let place = after.files.find("mscp", "kxc00").unwrap();
    assert_eq!(
        certificate::decode(gids.object(place).unwrap()).unwrap(),
        b"renewed"
    );
    let place = after.files.find("mscp", "ksc01").unwrap();
    assert_eq!(
        certificate::decode(gids.object(place).unwrap()).unwrap(),
        b"a door"
    );
    let references: Vec<u8> = gids.key_pairs().map(|(reference, _)| reference).collect();
    assert_eq!(references, [0x81, 0x82, 0x83, 0x84]);
    assert_ne!(before.freshness, after.freshness);
    assert_eq!(gids.own_keys().count(), 1);
    card.restart();
    card.expect(VERIFY, "9000");
    card.expect("00 22 41 B6 06 80 01 57 84 01 84", "9000");
    assert!(card.status("00 2A 9E 9A 04 01 02 03 04 00").is_success());
}

#[test]
fn going_back_to_piv_loses_nothing() {
    let mut card = card_with_piv_keys();
    make_own_key(&mut card);
    let withdraw = |card: &GidsCard| card.store().update(provision::withdraw);
    assert!(matches!(withdraw(&card), Err(ProvisionError::OwnKeys(1))));
    card.expect("00 E4 00 00 02 B0 84", "9000");
    // A PIN that no PIV host can give.
    card.expect("00 24 00 80 0A 31 32 33 34 35 36 31 32 33 34", "9000");
    let refused = withdraw(&card);
    assert!(
        matches!(refused, Err(ProvisionError::PinNotOfPiv)),
        "{refused:?}"
    );
    card.expect("00 24 00 80 0A 31 32 33 34 36 35 34 33 32 31", "9000");
    withdraw(&card).unwrap();
    // What was a GIDS card a moment ago answers nothing any more.
    assert_eq!(card.status("00 20 00 80"), Status::ConditionsNotSatisfied);
    card.card.reset();
    let store = card.store();
    drop(card.card);
    let mut card =
        tapcard_phone::card::Card::new(store, Box::new(SoftwareKeyStore), Interface::Contact);
    let ok = [0x90, 0x00];
    assert!(
        card.process(&hex("00 A4 04 00 09 A0 00 00 03 08 00 00 10 00 00"))
            .ends_with(&ok)
    );
    assert_eq!(
        *card.process(&hex("00 20 00 80 08 36 35 34 33 32 31 FF FF")),
        ok
    );
    assert!(
        card.process(&hex("00 CB 3F FF 05 5C 03 5F C1 05 00"))
            .ends_with(&ok)
    );
    assert_eq!(
        *card.process(&hex("00 A4 04 00 09 A0 00 00 03 97 42 54 46 59 00")),
        [0x6A, 0x82]
    );
}

#[test]
fn a_card_as_new_encrypts_keys_again_when_it_goes_back_to_piv() {
    let card = GidsCard::new();
    card.store().update(provision::withdraw).unwrap();
    let store = card.store();
    let state = store.state();
    assert!(state.sealing.is_some());
    // Whoever knows the PIN or the PUK opens them.
    for (data, value) in [(&state.pin, b"123456\xFF\xFF"), (&state.puk, b"12345678")] {
        assert!(state.opening_key(data, value).unwrap().is_some());
    }
}

#[test]
fn a_card_with_keys_is_not_made_blank() {
    let card = card_with_piv_keys();
    let blank = |card: &GidsCard| card.store().update(provision::provision_blank);
    assert!(matches!(blank(&card), Err(ProvisionError::NotBlank)));
    let own = GidsCard::with_key();
    assert!(matches!(blank(&own), Err(ProvisionError::NotBlank)));
    blank(&GidsCard::new()).unwrap();
}

#[test]
fn an_enrollment_replaces_the_administrators_key_and_repairs_what_a_host_broke() {
    let mut card = card_with_piv_keys();
    card.expect(VERIFY, "9000");
    // A host leaves the table of containers unreadable.
    card.expect("00 DB A0 10 04 DF 23 01 07", "9000");
    assert!(matches!(
        card.store().update(provision::provision),
        Err(ProvisionError::File(_))
    ));
    card.store().update(provision::after_enrollment).unwrap();
    let store = card.store();
    let gids = store.state().gids.as_ref().unwrap();
    assert_eq!(shown(gids).containers.0.iter().flatten().count(), 3);
    card.restart();
    let status = card.authenticate(&card_edge::piv::DEFAULT_CARD_MANAGEMENT_KEY);
    assert_eq!(status, Status::SecurityStatusNotSatisfied);
}

#[test]
fn a_key_of_piv_is_used_as_its_holder_wants_and_every_use_is_logged() {
    let mut card = card_with_piv_keys();
    make_own_key(&mut card);
    let sign = "00 2A 9E 9A 04 01 02 03 04 00";
    // Nobody is there to ask: what needs an answer is refused as what no host may use.
    for (consent, answer) in [(Consent::Never, "6985"), (Consent::ConfirmOnPhone, "6985")] {
        card.store()
            .update(|state| {
                state.set_consent(AsymmetricKey::PivAuthentication, consent);
                Ok::<_, StateError>(())
            })
            .unwrap();
        card.restart();
        card.expect(VERIFY, "9000");
        card.expect("00 22 41 B6 06 80 01 57 84 01 81", "9000");
        card.expect(sign, answer);
    }
    card.expect("00 22 41 B6 06 80 01 57 84 01 84", "9000");
    assert!(card.status(sign).is_success());
    card.expect("00 22 41 B8 06 80 01 47 84 01 84", "9000");
    // What is decrypted without taking a padding off may as well be a signature.
    for mechanism in ["07", "47"] {
        card.expect(
            &format!("00 22 41 B8 06 80 01 {mechanism} 84 01 83"),
            "9000",
        );
        let block = [&[0; 255][..], &[2]].concat();
        let decipher = card_edge::gids::instruction::PERFORM_SECURITY_OPERATION;
        card.chain(&Command::new(decipher, 0x80, 0x86).with_data(block));
    }
    let uses: Vec<_> = read_uses(card.folder.path())
        .unwrap()
        .into_iter()
        .map(|one| (one.key, one.operation, one.outcome))
        .collect();
    let authentication = KeyPlace::Slot(AsymmetricKey::PivAuthentication);
    assert_eq!(uses.len(), 5);
    assert_eq!(
        uses[0],
        (authentication, Operation::Sign, Outcome::Forbidden)
    );
    assert_eq!((uses[1].0, uses[1].1), (authentication, Operation::Sign));
    assert_ne!(uses[1].2, Outcome::Done);
    assert_eq!(
        uses[2],
        (KeyPlace::Container(0x84), Operation::Sign, Outcome::Done)
    );
    assert_eq!(
        [uses[3].1, uses[4].1],
        [Operation::SignOrDecrypt, Operation::Decrypt]
    );
}
