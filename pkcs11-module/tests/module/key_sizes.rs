//! Keys that are longer than the usual ones, checked by another implementation: P-384, RSA-3072 and RSA-4096.

use card_edge::piv::{AsymmetricKey, KeyAlgorithm, PublicKey};
use cryptoki_sys::*;
use rsa::{BoxedUint, Pkcs1v15Sign, Pss};
use sha2::{Digest, Sha256, Sha384, Sha512};
use signature::hazmat::PrehashVerifier;
use tapcard_pkcs11::error::Error;
use tapcard_pkcs11::hash::Hash;
use tapcard_pkcs11::mechanism::Mechanism;
use tapcard_pkcs11::mechanism::ecdh::Ecdh;
use tapcard_pkcs11::mechanism::ecdsa::Ecdsa;
use tapcard_pkcs11::mechanism::rsa_pkcs::RsaPkcs;
use tapcard_pkcs11::mechanism::rsa_pss::{PssParameters, RsaPss};
use tapcard_pkcs11::operation::state::{Output, OutputBuffer};

use super::card::phone;
use super::reader::Reader;
use super::rig::Rig;

const MESSAGE: &[u8] = b"a message that is signed";

/// A signature by the key with this CKA_ID, and the commands that it took.
fn sign(
    rig: &Rig,
    session: CK_SESSION_HANDLE,
    id: u8,
    mechanism: Mechanism,
    data: &[u8],
) -> (Vec<u8>, Vec<String>) {
    let key = rig.private_key(session, id);
    rig.reader.sent();
    let session = rig.at(session);
    session.sign_init(Some(mechanism), key).unwrap();
    let mut operations = session.operations();
    match operations.sign.whole(data, OutputBuffer::Bytes(512)) {
        Ok(Output::Bytes(signature)) => (signature.to_vec(), rig.reader.sent()),
        other => panic!("no signature: {other:?}"),
    }
}

/// The card as our phone, and as any other.
fn each(keys: &[(AsymmetricKey, KeyAlgorithm)], test: impl Fn(&Rig, bool)) {
    let (card, issued) = phone(keys);
    let reader = Reader::with(card);
    let rig = |reader: &Reader| Rig {
        issued: issued.clone(),
        ..Rig::with_reader(reader.clone())
    };
    test(&rig(&reader), false);
    let (card, issued) = phone(keys);
    let reader = Reader::with(card.announcing());
    let rig = Rig {
        issued,
        ..Rig::with_reader(reader)
    };
    test(&rig, true);
}

#[test]
fn both_sides_agree_on_a_secret_on_p384() {
    each(
        &[(AsymmetricKey::KeyManagement, KeyAlgorithm::P384)],
        |rig, _| {
            let session = rig.user_session();
            let PublicKey::Ecc { point, .. } = &rig.issued[0].key else {
                panic!("9D is a key on a curve");
            };
            let card_key = p384::PublicKey::from_sec1_bytes(point).unwrap();
            let base = rig.private_key(session, 3);
            let derive = |public: &[u8]| {
                let mechanism = Mechanism::Ecdh(Ecdh::plain(public.to_vec()));
                let key = rig.at(session).derive_key(mechanism, base, &[])?;
                let object = rig.at(session).object(key)?;
                Ok::<_, Error>(object.attributes.value(CKA_VALUE)?.to_vec())
            };
            for number in [9, 10] {
                let peer = p384::SecretKey::from_slice(&[number; 48]).unwrap();
                let secret =
                    p384::ecdh::diffie_hellman(peer.to_nonzero_scalar(), card_key.as_affine());
                let bare = peer.public_key().to_sec1_bytes().to_vec();
                assert_eq!(derive(&bare).unwrap(), secret.raw_secret_bytes().as_slice());
                // The point as DER, as 3.0 also allows.
                let wrapped = [&[0x04, 97], &bare[..]].concat();
                assert_eq!(
                    derive(&wrapped).unwrap(),
                    secret.raw_secret_bytes().as_slice()
                );
                assert!(derive(&bare[..96]).is_err());
            }
            // A point of the other curve.
            let other = p256::SecretKey::from_slice(&[9; 32]).unwrap();
            assert!(derive(&other.public_key().to_sec1_bytes()).is_err());
        },
    );
}

#[test]
fn another_implementation_verifies_signatures_on_p384() {
    each(
        &[(AsymmetricKey::PivAuthentication, KeyAlgorithm::P384)],
        |rig, _| {
            let session = rig.user_session();
            let PublicKey::Ecc { point, .. } = &rig.issued[0].key else {
                panic!("9A is a key on a curve");
            };
            let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(point).unwrap();
            for (hash, digest) in [
                (Hash::Sha256, Sha256::digest(MESSAGE).to_vec()),
                (Hash::Sha384, Sha384::digest(MESSAGE).to_vec()),
                (Hash::Sha512, Sha512::digest(MESSAGE).to_vec()),
            ] {
                let hashing = Mechanism::Ecdsa(Ecdsa { hash: Some(hash) });
                let bare = Mechanism::Ecdsa(Ecdsa { hash: None });
                for (mechanism, data) in [(hashing, MESSAGE), (bare, &digest[..])] {
                    let (signature, _) = sign(rig, session, 1, mechanism, data);
                    let signature = p384::ecdsa::Signature::from_slice(&signature).unwrap();
                    key.verify_prehash(&digest, &signature).unwrap();
                }
            }
        },
    );
}

/// The same for RSA of either length; our phone's signature is one command, and where its answer is longer than 256 bytes
/// one more.
fn is_verified(algorithm: KeyAlgorithm, bits: u32) {
    each(
        &[(AsymmetricKey::PivAuthentication, algorithm)],
        |rig, announces| {
            let session = rig.user_session();
            let PublicKey::Rsa { modulus, exponent } = &rig.issued[0].key else {
                panic!("9A is an RSA key");
            };
            assert_eq!(8 * modulus.len(), usize::try_from(bits).unwrap());
            let key = rsa::PublicKey::new(
                BoxedUint::from_be_slice(modulus, bits).unwrap(),
                BoxedUint::from_be_slice(exponent, 64).unwrap(),
            )
            .unwrap();
            let hash = Some(Hash::Sha256);
            let digest = Sha256::digest(MESSAGE);
            let pkcs1 = Mechanism::RsaPkcs(RsaPkcs { hash });
            // The first use of a key checks its certificate.
            sign(rig, session, 1, pkcs1.clone(), MESSAGE);
            let (signature, sent) = sign(rig, session, 1, pkcs1, MESSAGE);
            key.verify(Pkcs1v15Sign::new::<Sha256>(), &digest, &signature)
                .unwrap();
            if announces {
                assert_eq!(sent, ["PERFORM SECURITY OPERATION", "GET RESPONSE"]);
            }
            let pss = Mechanism::RsaPss(RsaPss {
                hashes: true,
                parameters: PssParameters {
                    hash: Hash::Sha256,
                    mask_hash: Hash::Sha256,
                    salt_length: 32,
                },
            });
            let (signature, _) = sign(rig, session, 1, pss, MESSAGE);
            key.verify(Pss::<Sha256>::new(), &digest, &signature)
                .unwrap();
        },
    );
}

#[test]
fn another_implementation_verifies_signatures_of_rsa_3072() {
    is_verified(KeyAlgorithm::Rsa3072, 3072);
}

#[test]
fn another_implementation_verifies_signatures_of_rsa_4096() {
    is_verified(KeyAlgorithm::Rsa4096, 4096);
}
