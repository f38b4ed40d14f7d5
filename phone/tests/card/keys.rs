//! Keys: made, and used for signatures, decryption and key agreement.

use crate::common::{TestCard, hex, verified};
use card_edge::Status;
use card_edge::apdu::{Command, Instruction};
use card_edge::piv::client::ClientError;
use card_edge::piv::{AsymmetricKey, KeyAlgorithm, PinPolicy, PublicKey};
use card_edge::tlv::{self, Tag};
use p256::elliptic_curve::Generate;
use rsa::BoxedUint;
use rsa::traits::PublicKeyParts;
use signature::hazmat::PrehashVerifier;

fn rsa_public(key: &PublicKey) -> rsa::PublicKey {
    let PublicKey::Rsa { modulus, exponent } = key else {
        panic!("not RSA: {key:?}");
    };
    rsa::PublicKey::new(
        BoxedUint::from_be_slice_vartime(modulus),
        BoxedUint::from_be_slice_vartime(exponent),
    )
    .unwrap()
}

fn point(key: &PublicKey) -> &[u8] {
    match key {
        PublicKey::Ecc { point, .. } => point,
        PublicKey::Rsa { .. } | PublicKey::Curve25519 { .. } => panic!("not ECC"),
    }
}

/// The block to the power of the public exponent.
fn rsa_apply_public(key: &rsa::PublicKey, block: &[u8]) -> Vec<u8> {
    let number = BoxedUint::from_be_slice(block, key.n_bits_precision()).unwrap();
    rsa::hazmat::rsa_encrypt(key, &number)
        .unwrap()
        .to_be_bytes()
        .to_vec()
}

#[test]
fn rsa_works_on_every_block_below_the_modulus_and_on_no_other() {
    for (algorithm, length) in [
        (KeyAlgorithm::Rsa2048, 256),
        (KeyAlgorithm::Rsa3072, 384),
        (KeyAlgorithm::Rsa4096, 512),
    ] {
        let mut card = TestCard::administered();
        let key = rsa_public(
            &card
                .client()
                .generate(AsymmetricKey::PivAuthentication, algorithm)
                .unwrap(),
        );
        assert_eq!(key.size(), length);
        verified(&mut card);
        let mut small = vec![0; length];
        small[length - 1] = 2;
        let mut padded = vec![0xFF; length];
        padded[..2].copy_from_slice(&[0, 1]);
        let mut largest = key.n_bytes().to_vec();
        *largest.last_mut().unwrap() -= 1;
        for block in [vec![0; length], small, padded, largest] {
            let result = card
                .client()
                .apply_key(AsymmetricKey::PivAuthentication, algorithm, &block)
                .unwrap();
            assert_eq!(result.len(), length);
            assert_eq!(rsa_apply_public(&key, &result), block);
        }
        for block in [
            key.n_bytes().to_vec(),
            vec![0xFF; length],
            vec![1; length - 1],
            vec![0; length + 1],
        ] {
            let refused =
                card.client()
                    .apply_key(AsymmetricKey::PivAuthentication, algorithm, &block);
            assert!(matches!(
                refused,
                Err(ClientError::Refused(_, Status::IncorrectData))
            ));
        }
    }
}

#[test]
fn ecdsa_signs_hashes_of_any_length_as_the_standard_says() {
    let mut card = TestCard::administered();
    let p256 = card
        .client()
        .generate(AsymmetricKey::PivAuthentication, KeyAlgorithm::P256)
        .unwrap();
    let p384 = card
        .client()
        .generate(AsymmetricKey::DigitalSignature, KeyAlgorithm::P384)
        .unwrap();
    let p256 = p256::ecdsa::VerifyingKey::from_sec1_bytes(point(&p256)).unwrap();
    let p384 = p384::ecdsa::VerifyingKey::from_sec1_bytes(point(&p384)).unwrap();
    for length in [1, 20, 32, 48, 64] {
        let hash: Vec<u8> = (1..=length).collect();
        verified(&mut card);
        let der = card
            .client()
            .apply_key(AsymmetricKey::PivAuthentication, KeyAlgorithm::P256, &hash)
            .unwrap();
        // A longer hash is cut at the right, a shorter one is a smaller number.
        let truncated = &hash[..hash.len().min(32)];
        let padded = [vec![0; 32 - truncated.len()], truncated.to_vec()].concat();
        let signature = p256::ecdsa::DerSignature::from_bytes(&der).unwrap();
        p256.verify_prehash(&padded, &signature).unwrap();

        verified(&mut card);
        let der = card
            .client()
            .apply_key(AsymmetricKey::DigitalSignature, KeyAlgorithm::P384, &hash)
            .unwrap();
        let truncated = &hash[..hash.len().min(48)];
        let padded = [vec![0; 48 - truncated.len()], truncated.to_vec()].concat();
        let signature = p384::ecdsa::DerSignature::from_bytes(&der).unwrap();
        p384.verify_prehash(&padded, &signature).unwrap();
    }
    let refused = card.client().apply_key(
        AsymmetricKey::PivAuthentication,
        KeyAlgorithm::P256,
        &[1; 65],
    );
    assert!(matches!(
        refused,
        Err(ClientError::Refused(_, Status::IncorrectData))
    ));
}

#[test]
fn key_agreement_is_9d_s_alone_and_takes_points_of_its_curve_alone() {
    let mut card = TestCard::administered();
    let own = card
        .client()
        .generate(AsymmetricKey::KeyManagement, KeyAlgorithm::P256)
        .unwrap();
    let peer = p256::SecretKey::generate();
    let peer_point = peer.public_key().to_sec1_bytes();
    verified(&mut card);
    let shared = card
        .client()
        .agree(
            AsymmetricKey::KeyManagement,
            KeyAlgorithm::P256,
            &peer_point,
        )
        .unwrap();
    let own = p256::PublicKey::from_sec1_bytes(point(&own)).unwrap();
    assert_eq!(
        shared.as_slice(),
        peer.diffie_hellman(&own).raw_secret_bytes().as_slice()
    );

    let mut off_curve = peer_point.to_vec();
    off_curve[64] ^= 1;
    let other_curve = p384::SecretKey::generate().public_key().to_sec1_bytes();
    let infinity = vec![0];
    let compressed = [&[2 + (peer_point[64] & 1)], &peer_point[1..33]].concat();
    for wrong in [
        off_curve,
        other_curve.to_vec(),
        infinity,
        compressed,
        vec![4; 64],
    ] {
        let refused = card
            .client()
            .agree(AsymmetricKey::KeyManagement, KeyAlgorithm::P256, &wrong);
        assert!(
            matches!(refused, Err(ClientError::Refused(_, Status::IncorrectData))),
            "{wrong:02X?}"
        );
    }
    for key in [
        AsymmetricKey::PivAuthentication,
        AsymmetricKey::DigitalSignature,
        AsymmetricKey::CardAuthentication,
    ] {
        card.client().generate(key, KeyAlgorithm::P256).unwrap();
        verified(&mut card);
        let refused = card.client().agree(key, KeyAlgorithm::P256, &peer_point);
        assert!(
            matches!(refused, Err(ClientError::Refused(_, Status::IncorrectData))),
            "{key}"
        );
    }
}

#[test]
fn a_key_that_is_not_there_or_of_another_kind_is_named_by_the_parameters() {
    let mut card = TestCard::administered();
    card.client()
        .generate(AsymmetricKey::CardAuthentication, KeyAlgorithm::P256)
        .unwrap();
    card.play(&[
        ("00 87 11 9A 07 7C 05 82 00 81 01 01 00", "6A86"),
        ("00 87 07 9E 07 7C 05 82 00 81 01 01 00", "6A86"),
        ("00 87 14 9E 07 7C 05 82 00 81 01 01 00", "6A86"),
        ("00 87 0A 9E 07 7C 05 82 00 81 01 01 00", "6A86"),
        ("00 87 FF 9E 07 7C 05 82 00 81 01 01 00", "6A86"),
        ("00 87 11 82 07 7C 05 82 00 81 01 01 00", "6A86"),
        ("00 87 11 04 07 7C 05 82 00 81 01 01 00", "6A86"),
        ("00 87 11 9E 02 7C 00 00", "6A80"),
        ("00 87 11 9E 04 7C 02 81 00 00", "6A80"),
        ("00 87 11 9E 04 7C 02 80 00 00", "6A80"),
    ]);
}

#[test]
fn keys_are_made_with_the_management_key_alone() {
    let mut card = TestCard::new();
    verified(&mut card);
    for key in AsymmetricKey::MAIN {
        let refused = card.client().generate(key, KeyAlgorithm::P256);
        assert!(matches!(refused, Err(ClientError::NotAuthorised(_))));
    }
    card.prove_management_key();
    card.play(&[
        ("00 47 00 81 05 AC 03 80 01 11 00", "6A86"),
        ("00 47 00 96 05 AC 03 80 01 11 00", "6A86"),
        ("00 47 00 9B 05 AC 03 80 01 11 00", "6A86"),
        ("00 47 01 9A 05 AC 03 80 01 11 00", "6A86"),
        ("00 47 00 9A 05 AC 03 80 01 06 00", "6A80"),
        ("00 47 00 9A 05 AC 03 80 01 0A 00", "6A80"),
        ("00 47 00 9A 02 AC 00 00", "6A80"),
        ("00 47 00 9A 00", "6A80"),
    ]);
}

#[test]
fn a_key_is_made_in_a_chain_as_in_one_command() {
    let mut card = TestCard::administered();
    card.play(&[("10 47 00 9E 02 AC 03", "9000")]);
    // Another command ends the chain, and nothing was made.
    let made = card.client().metadata(AsymmetricKey::CardAuthentication);
    assert!(made.unwrap().is_none());
    card.play(&[("00 47 00 9E 03 80 01 11 00", "6A80")]);
    card.play(&[("10 47 00 9E 02 AC 03", "9000")]);
    let made = card.send(&hex("00 47 00 9E 03 80 01 11 00"));
    assert_eq!(made.status, Status::Success);
    let metadata = card.client().metadata(AsymmetricKey::CardAuthentication);
    let told = metadata.unwrap().unwrap().public_key.unwrap();
    assert_eq!(PublicKey::decode(&made.data).unwrap(), told);
    let whole = card.send(&hex("00 47 00 9E 05 AC 03 80 01 11 00"));
    assert_eq!(
        (whole.status, whole.data.len()),
        (Status::Success, made.data.len())
    );
}

#[test]
fn policies_as_strict_as_the_slots_or_stricter_are_taken() {
    // (key reference, PIN policy, touch policy, taken)
    let cases = [
        (0x9A, 0, 0, true),
        (0x9A, 2, 1, true),
        (0x9A, 1, 1, false),
        (0x9A, 3, 1, true),
        (0x9A, 2, 2, true),
        (0x9A, 2, 1, false),
        (0x9A, 2, 0, true),
        (0x9A, 2, 3, true),
        (0x9C, 3, 0, true),
        (0x9C, 2, 0, false),
        (0x9D, 2, 1, true),
        (0x9E, 1, 1, true),
        (0x9E, 2, 1, true),
        (0x9E, 3, 1, true),
        (0x82, 1, 1, false),
        (0xF9, 1, 1, true),
        (0xF9, 2, 1, false),
        (0xF9, 0, 3, false),
    ];
    let mut card = TestCard::administered();
    for (key, pin_policy, touch_policy, taken) in cases {
        let control = [
            0xAC,
            9,
            0x80,
            1,
            0x11,
            0xAA,
            1,
            pin_policy,
            0xAB,
            1,
            touch_policy,
        ];
        let command =
            Command::new(Instruction::GenerateAsymmetricKeyPair, 0, key).with_data(control);
        let status = card.send(&command.encode().unwrap()).status;
        assert_eq!(
            status == Status::Success,
            taken,
            "{key:02X} {pin_policy} {touch_policy}"
        );
        assert!(taken || status == Status::IncorrectData);
    }
}

/// GENERATE of a key on P-256 with a PIN policy.
fn generate_with(card: &mut TestCard, key: u8, pin_policy: u8) {
    let control = [0xAC, 6, 0x80, 1, 0x11, 0xAA, 1, pin_policy];
    let command = Command::new(Instruction::GenerateAsymmetricKeyPair, 0, key).with_data(control);
    let status = card.send(&command.encode().unwrap()).status;
    assert_eq!(status, Status::Success);
}

#[test]
fn a_key_asks_for_the_pin_by_its_own_rule_where_that_is_stricter() {
    use AsymmetricKey::{CardAuthentication, KeyManagement, PivAuthentication};
    let mut card = TestCard::administered();
    let sign = |card: &mut TestCard, key| {
        let mut client = card.client();
        let signed = client.apply_key(key, KeyAlgorithm::P256, &[9; 32]);
        signed.is_ok()
    };
    let policy = |card: &mut TestCard, key| {
        let metadata = card.client().metadata(key).unwrap().unwrap();
        metadata.policies.unwrap().pin.unwrap()
    };
    generate_with(&mut card, 0x9A, 3);
    generate_with(&mut card, 0x9E, 2);
    // Programs that do not know of it say that they need a newer one.
    let file = std::fs::read_to_string(card.folder.path().join("card.json")).unwrap();
    assert!(file.contains("\"format\": 5"), "{file}");
    for restarted in [false, true] {
        if restarted {
            card.restart();
            card.prove_management_key();
        }
        assert_eq!(policy(&mut card, PivAuthentication), PinPolicy::Always);
        assert_eq!(policy(&mut card, CardAuthentication), PinPolicy::Once);
        assert!(!sign(&mut card, CardAuthentication), "no PIN yet");
        assert!(!sign(&mut card, PivAuthentication), "no PIN yet");
        verified(&mut card);
        assert!(sign(&mut card, PivAuthentication));
        assert!(!sign(&mut card, PivAuthentication), "each use wants it");
        assert!(sign(&mut card, CardAuthentication));
        assert!(sign(&mut card, CardAuthentication));
    }
    // To where another rule is looser it goes as strict as it is; what is stricter does not become looser.
    assert_eq!(card.status("00 F6 9D 9A"), Status::Success);
    assert_eq!(policy(&mut card, KeyManagement), PinPolicy::Always);
    assert_eq!(card.status("00 F6 FF 9E"), Status::Success);
    assert_eq!(card.status("00 F6 9E 9D"), Status::Success);
    assert_eq!(policy(&mut card, CardAuthentication), PinPolicy::Always);
    card.restart();
    card.prove_management_key();
    assert!(!sign(&mut card, CardAuthentication), "no PIN yet");
    verified(&mut card);
    assert!(sign(&mut card, CardAuthentication));
    assert!(!sign(&mut card, CardAuthentication), "each use wants it");
    // A new key has its place's rule again.
    generate_with(&mut card, 0x9E, 0);
    assert_eq!(policy(&mut card, CardAuthentication), PinPolicy::Never);
    assert!(sign(&mut card, CardAuthentication));
}

#[test]
fn a_key_survives_a_restart_and_a_new_one_replaces_it() {
    let mut card = TestCard::administered();
    let first = card
        .client()
        .generate(AsymmetricKey::CardAuthentication, KeyAlgorithm::P256)
        .unwrap();
    card.restart();
    let verify = |card: &mut TestCard, key: &PublicKey| {
        let der = card
            .client()
            .apply_key(
                AsymmetricKey::CardAuthentication,
                KeyAlgorithm::P256,
                &[9; 32],
            )
            .unwrap();
        let signature = p256::ecdsa::DerSignature::from_bytes(&der).unwrap();
        let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(point(key)).unwrap();
        key.verify_prehash(&[9; 32], &signature).is_ok()
    };
    assert!(verify(&mut card, &first));
    card.prove_management_key();
    let second = card
        .client()
        .generate(AsymmetricKey::CardAuthentication, KeyAlgorithm::P256)
        .unwrap();
    assert!(verify(&mut card, &second) && !verify(&mut card, &first));
    let metadata = card.send(&hex("00 F7 00 9E 00")).data;
    let public = tlv::require(&metadata, Tag::new(0x04)).unwrap();
    assert_eq!(tlv::only(public, Tag::new(0x86)).unwrap(), point(&second));
}
