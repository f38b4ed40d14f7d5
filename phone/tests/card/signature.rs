//! A signature in one command (docs/card-extensions.md): each rule a test.

use crate::common::{TestCard, hex, verified};
use card_edge::Status;
use card_edge::apdu::{Command, Response};
use card_edge::piv::client::ClientError;
use card_edge::piv::extensions::{HashAlgorithm, Note, PARAMETERS, SIGN, Scheme, SignatureRequest};
use card_edge::piv::{
    AsymmetricKey, KeyAlgorithm, PinPolicy, PinReference, PublicKey, RetiredNumber,
};
use rsa::{BoxedUint, Pkcs1v15Sign, Pss};
use sha2::{Digest, Sha256, Sha384, Sha512};
use signature::hazmat::PrehashVerifier;

const MESSAGE: &[u8] = b"what is signed";
const AUTHENTICATION: AsymmetricKey = AsymmetricKey::PivAuthentication;
const SIGNATURE: AsymmetricKey = AsymmetricKey::DigitalSignature;
const DOORS: AsymmetricKey = AsymmetricKey::CardAuthentication;

fn hash(algorithm: HashAlgorithm) -> Vec<u8> {
    match algorithm {
        HashAlgorithm::Sha256 => Sha256::digest(MESSAGE).to_vec(),
        HashAlgorithm::Sha384 => Sha384::digest(MESSAGE).to_vec(),
        HashAlgorithm::Sha512 => Sha512::digest(MESSAGE).to_vec(),
    }
}

fn request(key: AsymmetricKey, scheme: Scheme, algorithm: HashAlgorithm) -> SignatureRequest {
    SignatureRequest {
        key,
        scheme,
        hash_algorithm: algorithm,
        hash: hash(algorithm),
        note: None,
    }
}

fn ecdsa(key: AsymmetricKey) -> SignatureRequest {
    request(key, Scheme::Ecdsa, HashAlgorithm::Sha256)
}

fn send(card: &mut TestCard, request: &SignatureRequest) -> Response {
    let (p1, p2) = PARAMETERS;
    let command = Command::new(SIGN, p1, p2).with_data(request.encode().unwrap());
    card.send(&command.encode().unwrap())
}

/// A card with a key of this kind, administered.
fn with(key: AsymmetricKey, algorithm: KeyAlgorithm) -> (TestCard, PublicKey) {
    let mut card = TestCard::administered();
    let public = card.client().generate(key, algorithm).unwrap();
    (card, public)
}

#[test]
fn rsa_signatures_are_those_of_the_schemes() {
    for (algorithm, length) in [(KeyAlgorithm::Rsa2048, 256), (KeyAlgorithm::Rsa3072, 384)] {
        let (mut card, public) = with(AUTHENTICATION, algorithm);
        let PublicKey::Rsa { modulus, exponent } = public else {
            panic!("not RSA");
        };
        let key = rsa::PublicKey::new(
            BoxedUint::from_be_slice_vartime(&modulus),
            BoxedUint::from_be_slice_vartime(&exponent),
        )
        .unwrap();
        verified(&mut card);
        for hashed in HashAlgorithm::ALL {
            let digest = hash(hashed);
            let request = request(AUTHENTICATION, Scheme::Pkcs1, hashed);
            let pkcs1 = card.client().sign(&request).unwrap();
            assert_eq!(pkcs1.len(), length);
            // The same as of the block that a host pads.
            let (scheme, info) = match hashed {
                HashAlgorithm::Sha256 => (
                    Pkcs1v15Sign::new::<Sha256>(),
                    "3031300d060960864801650304020105000420",
                ),
                HashAlgorithm::Sha384 => (
                    Pkcs1v15Sign::new::<Sha384>(),
                    "3041300d060960864801650304020205000430",
                ),
                HashAlgorithm::Sha512 => (
                    Pkcs1v15Sign::new::<Sha512>(),
                    "3051300d060960864801650304020305000440",
                ),
            };
            key.verify(scheme, &digest, &pkcs1).unwrap();
            let info = [hex(info), digest.clone()].concat();
            let fill = vec![0xFF; length - info.len() - 3];
            let block = [&[0, 1], fill.as_slice(), &[0], &info].concat();
            let by_host = card.client().apply_key(AUTHENTICATION, algorithm, &block);
            assert_eq!(*by_host.unwrap(), pkcs1);

            let request = SignatureRequest {
                scheme: Scheme::Pss,
                ..request
            };
            let (first, second) = (
                card.client().sign(&request).unwrap(),
                card.client().sign(&request).unwrap(),
            );
            assert_ne!(first, second, "the salt is random");
            for signature in [first, second] {
                assert_eq!(signature.len(), length);
                let scheme = match hashed {
                    HashAlgorithm::Sha256 => Pss::<Sha256>::new_with_salt(32),
                    HashAlgorithm::Sha384 | HashAlgorithm::Sha512 => continue,
                };
                key.verify(scheme, &digest, &signature).unwrap();
            }
        }
    }
}

#[test]
fn ecdsa_signatures_are_r_and_s_of_fixed_length() {
    let (mut card, public) = with(DOORS, KeyAlgorithm::P256);
    let PublicKey::Ecc { point, .. } = public else {
        panic!("not ECC");
    };
    let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(&point).unwrap();
    // Often enough that r or s begins with a zero.
    for round in 0..600 {
        let algorithm = HashAlgorithm::ALL[round % 3];
        let request = request(DOORS, Scheme::Ecdsa, algorithm);
        let bare = card.client().sign(&request).unwrap();
        assert_eq!(bare.len(), 64);
        let signature = p256::ecdsa::Signature::from_slice(&bare).unwrap();
        key.verify_prehash(&hash(algorithm), &signature).unwrap();
    }
    let (mut card, public) = with(DOORS, KeyAlgorithm::P384);
    let PublicKey::Ecc { point, .. } = public else {
        panic!("not ECC");
    };
    let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(&point).unwrap();
    for algorithm in [HashAlgorithm::Sha384, HashAlgorithm::Sha512] {
        let request = request(DOORS, Scheme::Ecdsa, algorithm);
        let bare = card.client().sign(&request).unwrap();
        assert_eq!(bare.len(), 96);
        let signature = p384::ecdsa::Signature::from_slice(&bare).unwrap();
        key.verify_prehash(&hash(algorithm), &signature).unwrap();
    }
}

#[test]
fn it_is_one_command_and_one_answer_and_what_is_longer_comes_in_parts() {
    let (mut card, _) = with(DOORS, KeyAlgorithm::Rsa2048);
    let answer = send(
        &mut card,
        &request(DOORS, Scheme::Pss, HashAlgorithm::Sha512),
    );
    assert_eq!((answer.status, answer.data.len()), (Status::Success, 256));
    let (mut card, _) = with(DOORS, KeyAlgorithm::Rsa3072);
    let answer = send(
        &mut card,
        &request(DOORS, Scheme::Pss, HashAlgorithm::Sha512),
    );
    assert_eq!(answer.status, Status::BytesAvailable(128));
    assert_eq!(answer.data.len(), 256);
    let rest = card.send(&hex("00 C0 00 00 80"));
    assert_eq!((rest.status, rest.data.len()), (Status::Success, 128));
}

#[test]
fn each_key_asks_for_the_pin_by_its_rule() {
    for key in [AUTHENTICATION, SIGNATURE, DOORS] {
        let (mut card, _) = with(key, KeyAlgorithm::P256);
        let sign = |card: &mut TestCard| send(card, &ecdsa(key)).status;
        let expected = |allowed| match allowed {
            true => Status::Success,
            false => Status::SecurityStatusNotSatisfied,
        };
        let never = key.pin_policy() == PinPolicy::Never;
        assert_eq!(sign(&mut card), expected(never), "{key} without PIN");
        verified(&mut card);
        assert_eq!(
            sign(&mut card),
            expected(true),
            "{key} directly after VERIFY"
        );
        let again = key.pin_policy() != PinPolicy::Always;
        assert_eq!(sign(&mut card), expected(again), "{key} a second time");
        card.client()
            .reset_verification(PinReference::PivPin)
            .unwrap();
        assert_eq!(sign(&mut card), expected(never), "{key} after log-out");
    }
}

#[test]
fn the_verification_of_9c_is_used_up_whatever_the_outcome() {
    let (mut card, _) = with(SIGNATURE, KeyAlgorithm::P256);
    let wrong_scheme = request(SIGNATURE, Scheme::Pss, HashAlgorithm::Sha256);
    let other_key = ecdsa(AUTHENTICATION);
    let (p1, p2) = PARAMETERS;
    let broken = Command::new(SIGN, p1, p2).with_data([0x84]);
    let mut chained = broken.clone();
    chained.class.chained = true;
    for wrong in [
        Command::new(SIGN, p1, p2).with_data(wrong_scheme.encode().unwrap()),
        Command::new(SIGN, p1, p2).with_data(other_key.encode().unwrap()),
        Command::new(SIGN, 0, 0).with_data(ecdsa(SIGNATURE).encode().unwrap()),
        broken,
        chained,
    ] {
        verified(&mut card);
        let status = card.send(&wrong.encode().unwrap()).status;
        assert!(!status.is_success(), "{wrong:?}");
        let signed = send(&mut card, &ecdsa(SIGNATURE)).status;
        assert_eq!(signed, Status::SecurityStatusNotSatisfied, "{wrong:?}");
    }
    // By one way of signing for the other too.
    verified(&mut card);
    assert_eq!(send(&mut card, &ecdsa(SIGNATURE)).status, Status::Success);
    let refused = card
        .client()
        .apply_key(SIGNATURE, KeyAlgorithm::P256, &[1; 32]);
    assert!(matches!(refused, Err(ClientError::NotAuthorised(_))));
    verified(&mut card);
    card.client()
        .apply_key(SIGNATURE, KeyAlgorithm::P256, &[1; 32])
        .unwrap();
    let signed = send(&mut card, &ecdsa(SIGNATURE)).status;
    assert_eq!(signed, Status::SecurityStatusNotSatisfied);
}

#[test]
fn keys_that_decrypt_and_the_cards_own_do_not_sign() {
    let mut card = TestCard::administered();
    let keys = [AsymmetricKey::KeyManagement, AsymmetricKey::Attestation]
        .into_iter()
        .chain(RetiredNumber::all().map(AsymmetricKey::RetiredKeyManagement));
    for key in keys {
        card.client().generate(key, KeyAlgorithm::P256).unwrap();
        verified(&mut card);
        let status = send(&mut card, &ecdsa(key)).status;
        assert_eq!(status, Status::ReferenceNotFound, "{key}");
    }
    // One that is not there, and what is not such a key.
    let status = send(&mut card, &ecdsa(DOORS)).status;
    assert_eq!(status, Status::ReferenceNotFound);
    for reference in [0x9B, 0x80, 0x04, 0x00] {
        let mut data = ecdsa(DOORS).encode().unwrap();
        data[2] = reference;
        let command = Command::new(SIGN, 0x9E, 0x9A).with_data(data);
        let status = card.send(&command.encode().unwrap()).status;
        assert_eq!(status, Status::ReferenceNotFound, "{reference:02X}");
    }
}

#[test]
fn a_key_of_another_kind_and_a_hash_of_another_length_are_refused() {
    for (algorithm, right) in [
        (KeyAlgorithm::Rsa2048, &[Scheme::Pkcs1, Scheme::Pss][..]),
        (KeyAlgorithm::P256, &[Scheme::Ecdsa]),
        (KeyAlgorithm::Ed25519, &[]),
    ] {
        let (mut card, _) = with(DOORS, algorithm);
        for scheme in Scheme::ALL {
            let request = request(DOORS, scheme, HashAlgorithm::Sha256);
            let status = send(&mut card, &request).status;
            let expected = match right.contains(&scheme) {
                true => Status::Success,
                false => Status::IncorrectData,
            };
            assert_eq!(status, expected, "{algorithm} {scheme:?}");
            for length in [0, 20, 31, 33, 48, 64] {
                let request = SignatureRequest {
                    hash: vec![1; length],
                    ..request.clone()
                };
                let status = send(&mut card, &request).status;
                assert_eq!(status, Status::IncorrectData, "{length}");
            }
        }
    }
}

#[test]
fn it_comes_in_no_chain_and_under_secure_messaging_only_through_a_channel() {
    let (mut card, _) = with(DOORS, KeyAlgorithm::P256);
    let (p1, p2) = PARAMETERS;
    let data = ecdsa(DOORS).encode().unwrap();
    let mut command = Command::new(SIGN, p1, p2).with_data(data);
    command.class.chained = true;
    let chained = card.send(&command.encode().unwrap()).status;
    assert_eq!(chained, Status::ChainingNotSupported);
    command.class.chained = false;
    command.class.secure_messaging = true;
    let secure = card.send(&command.encode().unwrap()).status;
    assert_eq!(secure, Status::SecurityStatusNotSatisfied);
    command.class.secure_messaging = false;
    command.extended = true;
    command.expected = Some(65_536);
    let extended = card.send(&command.encode().unwrap()).status;
    assert_eq!(extended, Status::Success);
}

#[test]
fn a_note_is_text_of_at_most_64_bytes() {
    let (mut card, _) = with(DOORS, KeyAlgorithm::P256);
    for text in ["ssh on laptop", "\u{1b}[2J", &"x".repeat(64)] {
        let request = SignatureRequest {
            note: Some(Note::new(text).unwrap()),
            ..ecdsa(DOORS)
        };
        assert_eq!(send(&mut card, &request).status, Status::Success);
    }
    let data = ecdsa(DOORS).encode().unwrap();
    for note in [
        [&[0x0C, 65], [0x41; 65].as_slice()].concat(),
        vec![0x0C, 0],
        vec![0x0C, 2, 0xC3, 0x28],
    ] {
        let command = Command::new(SIGN, 0x9E, 0x9A).with_data([data.clone(), note].concat());
        let status = card.send(&command.encode().unwrap()).status;
        assert_eq!(status, Status::IncorrectData);
    }
}

#[test]
fn over_the_air_the_rules_are_the_same() {
    let (mut card, _) = with(AUTHENTICATION, KeyAlgorithm::P256);
    card.move_to(tapcard_phone::interface::Interface::Contactless);
    let status = send(&mut card, &ecdsa(AUTHENTICATION)).status;
    assert_eq!(status, Status::SecurityStatusNotSatisfied);
    verified(&mut card);
    assert_eq!(
        send(&mut card, &ecdsa(AUTHENTICATION)).status,
        Status::Success
    );
}

#[test]
fn nothing_is_signed_before_the_application_is_selected() {
    let (mut card, _) = with(DOORS, KeyAlgorithm::P256);
    card.card.reset();
    let status = send(&mut card, &ecdsa(DOORS)).status;
    assert_eq!(status, Status::InstructionNotSupported);
}
