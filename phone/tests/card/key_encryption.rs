//! Keys whose use needs the PIN are in the file encrypted under it, and open for whoever gives PIN or PUK.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use card_edge::Status;
use card_edge::piv::{AsymmetricKey, KeyAlgorithm, PublicKey};
use p256::ecdsa::{DerSignature, VerifyingKey};
use serde_json::Value;
use signature::hazmat::PrehashVerifier;
use tapcard_phone::key_store::KeyStore;
use tapcard_phone::key_store::software::SoftwareKeyStore;
use tapcard_phone::present_pin::{self, PresentPinError};
use tapcard_phone::state::reference_data::ReferenceData;
use tapcard_phone::state::{GLOBAL_PIN_TRIES, KeptHandle, StateError};

use crate::common::{TestCard, pin, verified};
use crate::global_pin;

const PIV_AUTHENTICATION: AsymmetricKey = AsymmetricKey::PivAuthentication;

/// A key in 9A, made while nobody had given the PIN.
fn card() -> TestCard {
    let mut card = TestCard::administered();
    card.client()
        .generate(PIV_AUTHENTICATION, KeyAlgorithm::P256)
        .unwrap();
    card
}

fn file(card: &TestCard) -> Value {
    let bytes = fs::read(card.folder.path().join("card.json")).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

fn sign(card: &mut TestCard, key: u8) -> Status {
    let header = [
        0x00, 0x87, 0x11, key, 0x26, 0x7C, 0x24, 0x82, 0x00, 0x81, 0x20,
    ];
    card.send(&[&header[..], &[7; 32], &[0x00]].concat()).status
}

/// After this the card has lost all that it knew, and signs with 9A by this PIN, and not before.
fn assert_signs_by(card: &mut TestCard, verify: &str) {
    card.restart();
    assert_eq!(sign(card, 0x9A), Status::SecurityStatusNotSatisfied);
    assert_eq!(card.status(verify), Status::Success);
    assert_eq!(sign(card, 0x9A), Status::Success);
}

/// Uses up the tries of PIN and PUK.
fn block(card: &mut TestCard) {
    for _ in 0..5 {
        card.status("00 20 00 80 08 30 30 30 30 30 30 FF FF");
        card.status("00 24 00 81 10 30 30 30 30 30 30 30 30 30 30 30 30 30 30 30 30");
    }
}

const VERIFY: &str = "00 20 00 80 08 31 32 33 34 35 36 FF FF";
const VERIFY_NEW: &str = "00 20 00 80 08 32 37 31 38 32 38 FF FF";

#[test]
fn a_key_is_encrypted_before_it_is_written_and_opens_by_the_pin() {
    let mut card = card();
    let made = card
        .client()
        .generate(AsymmetricKey::CardAuthentication, KeyAlgorithm::P256)
        .unwrap();
    let state = card.store().state().clone();
    let handles: Vec<_> = state
        .keys
        .iter()
        .map(|(key, kept)| (*key, &kept.handle))
        .collect();
    // 9E needs no PIN: nothing could open it.
    assert!(matches!(
        handles[..],
        [
            (PIV_AUTHENTICATION, KeptHandle::Sealed(_)),
            (AsymmetricKey::CardAuthentication, KeptHandle::Clear(_))
        ]
    ));
    assert_signs_by(&mut card, VERIFY);
    // 9E goes on without any.
    card.restart();
    assert_eq!(sign(&mut card, 0x9E), Status::Success);
    let metadata = card.client().metadata(PIV_AUTHENTICATION).unwrap();
    assert_ne!(metadata.unwrap().public_key.unwrap(), made);
}

#[test]
fn whoever_has_the_file_needs_the_pin_or_the_puk() {
    let card = card();
    let store = card.store();
    let state = store.state();
    let kept = &state.keys[&PIV_AUTHENTICATION];
    for wrong in [&b"123457\xFF\xFF"[..], b"12345678", b""] {
        assert!(state.pin.opening_key(wrong).is_err());
    }
    assert!(kept.handle.clear(kept.algorithm, None).is_err());
    let other = TestCard::new().store().state().clone();
    let opening = other.pin.opening_key(b"123456\xFF\xFF").unwrap();
    assert!(
        kept.handle.clear(kept.algorithm, opening.as_ref()).is_err(),
        "another card's"
    );
    for opening in [
        state.pin.opening_key(b"123456\xFF\xFF"),
        state.puk.opening_key(b"12345678"),
    ] {
        let opening = opening.unwrap();
        let handle = kept.handle.clear(kept.algorithm, opening.as_ref()).unwrap();
        SoftwareKeyStore.check(kept.algorithm, &handle).unwrap();
    }
}

#[test]
fn a_new_pin_and_a_new_puk_open_the_keys_that_were_there() {
    let mut card = card();
    // The PIN by the old one, the PUK by the old one, then the PIN by the PUK.
    card.play(&[(
        "00 24 00 80 10 31 32 33 34 35 36 FF FF 32 37 31 38 32 38 FF FF",
        "9000",
    )]);
    assert_eq!(
        sign(&mut card, 0x9A),
        Status::Success,
        "the changed PIN counts as proved"
    );
    assert_signs_by(&mut card, VERIFY_NEW);
    card.restart();
    card.play(&[
        (
            "00 24 00 81 10 31 32 33 34 35 36 37 38 38 37 36 35 34 33 32 31",
            "9000",
        ),
        (
            "00 2C 00 80 10 38 37 36 35 34 33 32 31 31 32 33 34 35 36 FF FF",
            "9000",
        ),
    ]);
    assert_signs_by(&mut card, VERIFY);
    // New limits make both the default ones again.
    card.play(&[(
        "00 24 00 80 10 31 32 33 34 35 36 FF FF 32 37 31 38 32 38 FF FF",
        "9000",
    )]);
    card.prove_management_key();
    card.play(&[("00 FA 07 07", "9000")]);
    assert_signs_by(&mut card, VERIFY);
    card.restart();
    card.play(&[(
        "00 2C 00 80 10 31 32 33 34 35 36 37 38 32 37 31 38 32 38 FF FF",
        "9000",
    )]);
    assert_signs_by(&mut card, VERIFY_NEW);
}

#[test]
fn the_global_pin_opens_the_keys_too() {
    let mut card = card();
    global_pin::give(&mut card);
    assert_signs_by(&mut card, "00 20 00 00 08 37 33 39 31 35 34 FF FF");
    card.play(&[(
        "00 24 00 00 10 37 33 39 31 35 34 FF FF 32 34 36 38 30 32 FF FF",
        "9000",
    )]);
    assert_signs_by(&mut card, "00 20 00 00 08 32 34 36 38 30 32 FF FF");
    assert_signs_by(&mut card, VERIFY);
}

#[test]
fn a_key_that_moves_to_a_place_with_a_pin_is_encrypted() {
    let mut card = TestCard::administered();
    card.client()
        .generate(AsymmetricKey::CardAuthentication, KeyAlgorithm::P256)
        .unwrap();
    assert!(file(&card)["card"]["keys"]["9E"]["handle"].is_string());
    assert_eq!(card.status("00 F6 82 9E"), Status::Success);
    assert!(file(&card)["card"]["keys"]["82"]["handle"].is_object());
    assert_eq!(sign(&mut card, 0x82), Status::SecurityStatusNotSatisfied);
    verified(&mut card);
    assert_eq!(sign(&mut card, 0x82), Status::Success);
}

#[test]
fn a_reset_card_encrypts_its_new_keys_for_its_new_pin() {
    let mut card = card();
    let before = file(&card)["card"]["sealing"].clone();
    block(&mut card);
    assert_eq!(card.status("00 FB 00 00"), Status::Success);
    assert_ne!(file(&card)["card"]["sealing"], before);
    card.prove_management_key();
    card.client()
        .generate(PIV_AUTHENTICATION, KeyAlgorithm::P256)
        .unwrap();
    assert!(file(&card)["card"]["keys"]["9A"]["handle"].is_object());
    assert_signs_by(&mut card, VERIFY);
}

/// A card as this program wrote it when it began to encrypt keys: PIN 271828, PUK 31415926, and a key in 9A that was made
/// there. Whatever changes, such a card must stay usable.
#[test]
fn a_card_of_format_4_goes_on_working() {
    let folder = crate::common::folder();
    let stored = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/card/format_4");
    for name in ["card.json", "counters", "lock"] {
        let path = folder.path().join(name);
        fs::copy(stored.join(name), &path).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    }
    let mut card = TestCard::in_folder(folder);
    assert_signs_by(&mut card, VERIFY_NEW);
    let public_key = card.client().metadata(PIV_AUTHENTICATION).unwrap();
    let public_key = public_key.unwrap().public_key.unwrap();
    let signed = card
        .client()
        .apply_key(PIV_AUTHENTICATION, KeyAlgorithm::P256, &[7; 32]);
    let PublicKey::Ecc { point, .. } = public_key else {
        panic!("not on a curve");
    };
    VerifyingKey::from_sec1_bytes(&point)
        .unwrap()
        .verify_prehash(
            &[7; 32],
            &DerSignature::from_bytes(&signed.unwrap()).unwrap(),
        )
        .unwrap();
    card.restart();
    card.play(&[(
        "00 2C 00 80 10 33 31 34 31 35 39 32 36 31 32 33 34 35 36 FF FF",
        "9000",
    )]);
    assert_signs_by(&mut card, VERIFY);
}

#[test]
fn a_reset_card_that_keeps_its_global_pin_encrypts_nothing_until_it_is_gone() {
    let mut card = card();
    global_pin::give(&mut card);
    block(&mut card);
    assert_eq!(card.status("00 FB 00 00"), Status::Success);
    card.prove_management_key();
    card.client()
        .generate(PIV_AUTHENTICATION, KeyAlgorithm::P256)
        .unwrap();
    assert!(file(&card)["card"]["keys"]["9A"]["handle"].is_string());
    assert_signs_by(&mut card, "00 20 00 00 08 37 33 39 31 35 34 FF FF");
    assert_signs_by(&mut card, VERIFY);
}

#[test]
fn a_change_that_would_leave_a_card_that_cannot_be_read_is_not_made() {
    let card = card();
    let mut store = card.store();
    let before = file(&card);
    // As by a process that looked at the card before another one made it encrypt its keys.
    let global = ReferenceData::new(b"739154\xFF\xFF", GLOBAL_PIN_TRIES, false, None);
    let changed = store.update(|state| {
        state.global_pin = Some(global?);
        Ok::<_, StateError>(())
    });
    assert!(matches!(changed, Err(StateError::Inconsistent { .. })));
    assert_eq!(file(&card), before);
    card.store();
}

#[test]
fn what_opens_another_cards_keys_is_never_wrapped_for_this_one() {
    let mut card = card();
    let other = TestCard::new().store().state().clone();
    let opening = other.pin.opening_key(b"123456\xFF\xFF").unwrap();
    let mut store = card.store();
    store
        .update(|state| {
            let global =
                ReferenceData::new(b"739154\xFF\xFF", GLOBAL_PIN_TRIES, false, opening.as_ref());
            state.global_pin = Some(global?);
            Ok::<_, StateError>(())
        })
        .unwrap();
    card.restart();
    for _ in 0..6 {
        let verified = card.status("00 20 00 00 08 37 33 39 31 35 34 FF FF");
        assert_eq!(verified, Status::MemoryFailure);
    }
    assert_signs_by(&mut card, VERIFY);
}

#[test]
fn a_damaged_encryption_is_a_dead_key_and_costs_no_try() {
    let mut card = card();
    let path = card.folder.path().join("card.json");
    let good = file(&card);
    let other = file(&self::card());
    for member in ["ciphertext", "encapsulated_key", "public_key"] {
        let mut damaged = good.clone();
        damaged["card"]["keys"]["9A"]["handle"][member] =
            other["card"]["keys"]["9A"]["handle"][member].clone();
        fs::write(&path, damaged.to_string()).unwrap();
        card.restart();
        assert_eq!(card.status(VERIFY), Status::Success);
        assert_eq!(sign(&mut card, 0x9A), Status::Unknown, "{member}");
    }
    // What the PIN would unwrap is another card's.
    let mut damaged = good.clone();
    damaged["card"]["pin"]["opening_key"]["wrapped"] =
        other["card"]["pin"]["opening_key"]["wrapped"].clone();
    fs::write(&path, damaged.to_string()).unwrap();
    card.restart();
    for _ in 0..6 {
        assert_eq!(card.status(VERIFY), Status::MemoryFailure);
    }
    fs::write(&path, good.to_string()).unwrap();
    assert_signs_by(&mut card, VERIFY);
}

#[test]
fn a_holder_proves_the_present_pin_under_its_counter() {
    let card = card();
    let mut store = card.store();
    for left in (1..5).rev() {
        let wrong = present_pin::prove(&mut store, &pin("000000"));
        assert!(matches!(wrong, Err(PresentPinError::Wrong(tries)) if tries == left));
    }
    present_pin::prove(&mut store, &pin("123456")).unwrap();
    assert_eq!(store.tries().unwrap().pin, 5);
    for _ in 0..5 {
        present_pin::prove(&mut store, &pin("000000"))
            .map(drop)
            .unwrap_err();
    }
    let right = present_pin::prove(&mut store, &pin("123456"));
    assert!(matches!(right, Err(PresentPinError::Blocked)));
}
