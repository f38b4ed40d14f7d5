//! ATTEST (F9), and the key and certificate that it is done with.

use crate::common::TestCard;
use card_edge::Status;
use card_edge::apdu::{Command, Instruction, Response};
use card_edge::piv::ObjectId;
use card_edge::piv::{AsymmetricKey, KeyAlgorithm, PublicKey, RetiredNumber, certificate};
use der::{Decode, Encode};
use p256::ecdsa::signature::Verifier;
use spki::DecodePublicKey;
use x509_cert::Certificate;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{BasicConstraints, SubjectAltName};

fn attest(card: &mut TestCard, key: AsymmetricKey) -> Response {
    let mut command = Command::new(Instruction::Other(0xF9), key.to_u8(), 0);
    command.extended = true;
    command.expected = Some(65_536);
    card.send(&command.encode().unwrap())
}

fn attested(card: &mut TestCard, key: AsymmetricKey) -> Certificate {
    let response = attest(card, key);
    assert_eq!(response.status, Status::Success);
    Certificate::from_der(&response.data).unwrap()
}

fn authority(card: &mut TestCard) -> Certificate {
    let der = card.client().certificate(AsymmetricKey::Attestation);
    Certificate::from_der(&der.unwrap().unwrap()).unwrap()
}

fn verify(issuer: &Certificate, certificate: &Certificate) {
    let key = issuer.tbs_certificate().subject_public_key_info();
    let key = p256::PublicKey::from_public_key_der(&key.to_der().unwrap()).unwrap();
    let signature =
        p256::ecdsa::DerSignature::from_bytes(certificate.signature().raw_bytes()).unwrap();
    p256::ecdsa::VerifyingKey::from(&key)
        .verify(&certificate.tbs_certificate().to_der().unwrap(), &signature)
        .unwrap();
    assert_eq!(
        certificate.tbs_certificate().issuer(),
        issuer.tbs_certificate().subject()
    );
}

fn uri(certificate: &Certificate) -> String {
    let (_, names) = certificate
        .tbs_certificate()
        .get_extension::<SubjectAltName>()
        .unwrap()
        .unwrap();
    match names.0.as_slice() {
        [GeneralName::UniformResourceIdentifier(uri)] => uri.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_kind_of_key_that_was_made_on_the_card_is_attested() {
    let retired = AsymmetricKey::RetiredKeyManagement(RetiredNumber::new(1).unwrap());
    let mut card = TestCard::administered();
    for (key, algorithm, pin) in [
        (
            AsymmetricKey::PivAuthentication,
            KeyAlgorithm::Rsa2048,
            "once",
        ),
        (
            AsymmetricKey::DigitalSignature,
            KeyAlgorithm::P384,
            "always",
        ),
        (AsymmetricKey::KeyManagement, KeyAlgorithm::X25519, "once"),
        (
            AsymmetricKey::CardAuthentication,
            KeyAlgorithm::P256,
            "never",
        ),
        (retired, KeyAlgorithm::Ed25519, "once"),
    ] {
        card.client().generate(key, algorithm).unwrap();
        // Neither PIN nor management key is asked for.
        card.restart();
        let certificate = attested(&mut card, key);
        let authority = authority(&mut card);
        verify(&authority, &authority);
        verify(&authority, &certificate);
        let (_, constraints) = authority
            .tbs_certificate()
            .get_extension::<BasicConstraints>()
            .unwrap()
            .unwrap();
        assert!(constraints.ca);
        let state = card.store().state().clone();
        assert_eq!(
            uri(&certificate),
            format!(
                "tapcard:attestation/1?key={key}&origin=generated&store=software&pin={pin}&touch=never&card={}&serial={}",
                state.guid().unwrap(),
                state.serial
            )
        );
        // It is for the key that the card tells of.
        let metadata = card.client().metadata(key).unwrap().unwrap();
        let told = match metadata.public_key.unwrap() {
            PublicKey::Rsa { modulus, .. } => modulus,
            PublicKey::Ecc { point, .. } => point,
            PublicKey::Curve25519 { key } => key.to_vec(),
        };
        let info = certificate
            .tbs_certificate()
            .subject_public_key_info()
            .to_der()
            .unwrap();
        let is_in = info.windows(told.len()).any(|window| window == told);
        assert!(is_in, "{algorithm}");
        card.prove_management_key();
    }
}

#[test]
fn the_authority_is_made_once_and_stays() {
    let mut card = TestCard::administered();
    let object = ObjectId::Certificate(AsymmetricKey::Attestation);
    let key = AsymmetricKey::CardAuthentication;
    card.client().generate(key, KeyAlgorithm::P256).unwrap();
    assert!(card.client().get_data(object).unwrap().is_none());
    attested(&mut card, key);
    let first = authority(&mut card);
    card.restart();
    attested(&mut card, key);
    assert_eq!(authority(&mut card), first);
}

#[test]
fn what_was_not_made_here_is_not_attested() {
    let mut card = TestCard::administered();
    let import = [&[0x06, 0x20], [7; 32].as_slice()].concat();
    let import = Command::new(Instruction::Other(0xFE), 0x11, 0x9E).with_data(import);
    assert_eq!(card.send(&import.encode().unwrap()).status, Status::Success);
    card.play(&[
        ("00 F9 9E 00 00", "6985"),
        ("00 F9 9A 00 00", "6A88"),
        ("00 F9 82 00 00", "6A88"),
        ("00 F9 F9 00 00", "6A86"),
        ("00 F9 9B 00 00", "6A86"),
        ("00 F9 9E 01 00", "6A86"),
        ("00 F9 9E 00 01 00 00", "6700"),
    ]);
    // Nothing was made for nothing.
    assert!(
        !card
            .store()
            .state()
            .keys
            .contains_key(&AsymmetricKey::Attestation)
    );
}

#[test]
fn an_organisation_brings_its_own_authority() {
    let mut card = TestCard::administered();
    let key = AsymmetricKey::CardAuthentication;
    card.client().generate(key, KeyAlgorithm::P256).unwrap();
    attested(&mut card, key);
    // Another key without its certificate attests nothing.
    card.client()
        .generate(AsymmetricKey::Attestation, KeyAlgorithm::P256)
        .unwrap();
    assert_eq!(
        attest(&mut card, key).status,
        Status::ConditionsNotSatisfied
    );
    // Where there is none, the card makes one for that key.
    let object = ObjectId::Certificate(AsymmetricKey::Attestation);
    card.client().put_data(object, &[]).unwrap();
    let certificate = attested(&mut card, key);
    verify(&authority(&mut card), &certificate);
    // What is not a certificate is not one.
    let content = certificate::encode(b"not a certificate").unwrap();
    card.client().put_data(object, &content).unwrap();
    assert_eq!(
        attest(&mut card, key).status,
        Status::ConditionsNotSatisfied
    );
    // The key can be deleted, and both are made again.
    card.client().put_data(object, &[]).unwrap();
    assert_eq!(card.status("00 F6 FF F9"), Status::Success);
    attested(&mut card, key);
}

#[test]
fn no_host_uses_the_key_of_attestation() {
    let mut card = TestCard::administered();
    card.client()
        .generate(AsymmetricKey::Attestation, KeyAlgorithm::P256)
        .unwrap();
    card.play(&[
        ("00 87 11 F9 07 7C 05 82 00 81 01 01 00", "6A86"),
        ("00 87 11 F9 07 7C 05 82 00 85 01 01 00", "6A86"),
    ]);
}
