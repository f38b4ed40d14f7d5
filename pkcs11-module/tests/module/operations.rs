//! Every mechanism with every key that it is for, checked by another implementation or by the other half.

use card_edge::piv::{AsymmetricKey, KeyAlgorithm};
use cryptoki_sys::*;
use rsa::{BoxedUint, Pkcs1v15Sign, Pss};
use sha2::Sha256;
use sha2::digest::Digest;
use tapcard_pkcs11::error::Error;
use tapcard_pkcs11::hash::Hash;
use tapcard_pkcs11::mechanism::{EcdhParameters, Kind, Mechanism, Parameter, TABLE};
use tapcard_pkcs11::operation::{Outcome, Room};
use tapcard_pkcs11::padding::{oaep, pss};

use super::rig::{Rig, USUAL, is};

const MESSAGE: &[u8] = b"a message that is signed, or kept secret";

fn mechanism(kind: Kind) -> Mechanism {
    let hash = Hash::Sha256;
    let parameter = match kind {
        Kind::RsaPss(own) => Parameter::Pss(pss::Parameters {
            hash: own.unwrap_or(hash),
            mask_hash: own.unwrap_or(hash),
            salt_length: own.unwrap_or(hash).length(),
        }),
        Kind::RsaOaep => Parameter::Oaep(oaep::Parameters {
            hash,
            mask_hash: hash,
            label: b"label".to_vec(),
        }),
        _ => Parameter::None,
    };
    Mechanism::new(kind, parameter).unwrap()
}

/// The input that a mechanism takes for the message.
fn input(kind: Kind) -> Vec<u8> {
    match kind {
        Kind::RsaPss(None) | Kind::Ecdsa(None) => Sha256::digest(MESSAGE).to_vec(),
        _ => MESSAGE.to_vec(),
    }
}

fn bytes(outcome: Outcome) -> Vec<u8> {
    match outcome {
        Outcome::Bytes(bytes) => bytes.to_vec(),
        Outcome::Length(length) => panic!("only a length: {length}"),
    }
}

fn sign(rig: &Rig, session: CK_SESSION_HANDLE, kind: Kind, id: u8) -> Vec<u8> {
    let key = rig.private_key(session, id);
    rig.module
        .sign_init(session, Some(mechanism(kind)), key)
        .unwrap();
    let signature = rig
        .module
        .sign(session, Some(&input(kind)), Room::Bytes(512))
        .unwrap();
    bytes(signature)
}

#[test]
fn every_signature_is_verified_in_one_piece_and_streamed() {
    let keys = [
        (AsymmetricKey::PivAuthentication, KeyAlgorithm::Rsa2048),
        (AsymmetricKey::CardAuthentication, KeyAlgorithm::P384),
    ];
    let rig = Rig::with_keys(&keys);
    let session = rig.user_session();
    for entry in &TABLE {
        let id = match entry.kind {
            Kind::RsaPkcs(_) | Kind::RsaPss(_) | Kind::RsaRaw => 1,
            Kind::Ecdsa(_) => 4,
            Kind::RsaOaep | Kind::Ecdh | Kind::Digest(_) => continue,
        };
        let public = rig.object(session, CKO_PUBLIC_KEY, id);
        let signature = sign(&rig, session, entry.kind, id);
        let verify = |signature: &[u8]| {
            rig.module
                .verify_init(session, Some(mechanism(entry.kind)), public)
                .unwrap();
            rig.module
                .verify(session, Some(&input(entry.kind)), signature)
        };
        assert_eq!(verify(&signature), Ok(()), "{:?}", entry.kind);
        let mut broken = signature.clone();
        *broken.last_mut().unwrap() ^= 1;
        assert_eq!(verify(&broken), Err(Error::Signature), "{:?}", entry.kind);
        assert_eq!(verify(&signature[1..]), Err(Error::SignatureLength));

        let private = rig.private_key(session, id);
        rig.module
            .sign_init(session, Some(mechanism(entry.kind)), private)
            .unwrap();
        for piece in input(entry.kind).chunks(7) {
            rig.module.sign_update(session, piece).unwrap();
        }
        let streamed = bytes(rig.module.sign(session, None, Room::Bytes(512)).unwrap());
        rig.module
            .verify_init(session, Some(mechanism(entry.kind)), public)
            .unwrap();
        for piece in input(entry.kind).chunks(11) {
            rig.module.verify_update(session, piece).unwrap();
        }
        assert_eq!(rig.module.verify(session, None, &streamed), Ok(()));
    }
}

#[test]
fn another_implementation_verifies_the_signatures() {
    let rig = Rig::new();
    let session = rig.user_session();
    let card_edge::piv::PublicKey::Rsa { modulus, exponent } = &rig.issued[0].key else {
        panic!("9A is an RSA key");
    };
    let key = rsa::PublicKey::new(
        BoxedUint::from_be_slice(modulus, 2048).unwrap(),
        BoxedUint::from_be_slice(exponent, 64).unwrap(),
    )
    .unwrap();
    let hash = Sha256::digest(MESSAGE);
    let signature = sign(&rig, session, Kind::RsaPkcs(Some(Hash::Sha256)), 1);
    key.verify(Pkcs1v15Sign::new::<Sha256>(), &hash, &signature)
        .unwrap();
    let signature = sign(&rig, session, Kind::RsaPss(None), 1);
    key.verify(Pss::<Sha256>::new(), &hash, &signature).unwrap();

    let card_edge::piv::PublicKey::Ecc { point } = &rig.issued[3].key else {
        panic!("9E is a key on a curve");
    };
    let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(point).unwrap();
    let signature = sign(&rig, session, Kind::Ecdsa(Some(Hash::Sha256)), 4);
    let signature = p256::ecdsa::Signature::from_slice(&signature).unwrap();
    signature::Verifier::verify(&key, MESSAGE, &signature).unwrap();
}

#[test]
fn what_is_encrypted_is_decrypted() {
    let rig = Rig::new();
    let session = rig.user_session();
    let public = rig.object(session, CKO_PUBLIC_KEY, 3);
    let private = rig.private_key(session, 3);
    for kind in [Kind::RsaPkcs(None), Kind::RsaOaep, Kind::RsaRaw] {
        rig.module
            .encrypt_init(session, Some(mechanism(kind)), public)
            .unwrap();
        let encrypted = rig.module.encrypt(session, Some(MESSAGE), Room::Bytes(256));
        let encrypted = bytes(encrypted.unwrap());
        let decrypt = |ciphertext: &[u8], room| {
            rig.module
                .decrypt_init(session, Some(mechanism(kind)), private)
                .unwrap();
            rig.module.decrypt(session, Some(ciphertext), room)
        };
        let message = bytes(decrypt(&encrypted, Room::Bytes(256)).unwrap());
        assert!(message.ends_with(MESSAGE));
        assert_eq!(message.len() == MESSAGE.len(), kind != Kind::RsaRaw);
        assert_eq!(
            decrypt(&encrypted[1..], Room::Bytes(256)),
            Err(Error::EncryptedDataLength)
        );

        // A buffer that is too small costs no second use of the key.
        let short = decrypt(&encrypted, Room::Bytes(3)).unwrap();
        assert_eq!(short, Outcome::Length(message.len()));
        rig.reader.sent();
        let again = rig
            .module
            .decrypt(session, Some(&encrypted), Room::Bytes(256));
        assert_eq!(bytes(again.unwrap()), message);
        assert!(rig.reader.sent().is_empty());
    }
    let mut broken = vec![0; 256];
    broken[255] = 2;
    rig.module
        .decrypt_init(session, Some(mechanism(Kind::RsaPkcs(None))), private)
        .unwrap();
    assert_eq!(
        rig.module.decrypt(session, Some(&broken), Room::Bytes(256)),
        Err(Error::EncryptedData)
    );
}

#[test]
fn both_sides_agree_on_a_secret() {
    let rig = Rig::with_keys(&[(AsymmetricKey::KeyManagement, KeyAlgorithm::P256)]);
    let session = rig.user_session();
    let card_edge::piv::PublicKey::Ecc { point } = &rig.issued[0].key else {
        panic!("9D is a key on a curve");
    };
    let card_key = p256::PublicKey::from_sec1_bytes(point).unwrap();
    let peer = p256::SecretKey::from_slice(&[9; 32]).unwrap();
    let expected = p256::ecdh::diffie_hellman(peer.to_nonzero_scalar(), card_key.as_affine());
    let bare = peer.public_key().to_sec1_bytes().to_vec();
    let wrapped = [&[0x04, 0x41], bare.as_slice()].concat();
    let base = rig.private_key(session, 3);
    let ecdh = |public_data: &[u8]| {
        let parameters = EcdhParameters {
            public_data: public_data.to_vec(),
        };
        Mechanism::new(Kind::Ecdh, Parameter::Ecdh(parameters)).unwrap()
    };
    let template = [
        is(CKA_CLASS, &CKO_SECRET_KEY.to_ne_bytes()),
        is(CKA_KEY_TYPE, &CKK_GENERIC_SECRET.to_ne_bytes()),
        is(CKA_SENSITIVE, &[CK_FALSE]),
        is(CKA_EXTRACTABLE, &[CK_TRUE]),
    ];
    for point in [&bare, &wrapped] {
        let key = rig
            .module
            .derive_key(session, &ecdh(point), base, &template)
            .unwrap();
        let object = rig.module.object(session, key).unwrap();
        let value = object.attributes.value(CKA_VALUE).unwrap();
        assert_eq!(value.as_slice(), expected.raw_secret_bytes().as_slice());
        rig.module.destroy_object(session, key).unwrap();
        assert!(rig.module.object(session, key).is_err());
    }
    rig.reader.sent();
    let off_curve = vec![4; 65];
    assert_eq!(
        rig.module
            .derive_key(session, &ecdh(&off_curve), base, &template),
        Err(Error::MechanismParameter)
    );
    assert!(rig.reader.sent().is_empty());
    // What a session derived goes with it.
    let other = rig.session();
    let key = rig
        .module
        .derive_key(other, &ecdh(&bare), base, &template)
        .unwrap();
    assert!(rig.module.object(session, key).is_ok());
    rig.module.close_session(other).unwrap();
    assert!(rig.module.object(session, key).is_err());
}

#[test]
fn keys_are_not_used_for_what_they_are_not_for() {
    let rig = Rig::with_keys(&USUAL);
    let session = rig.user_session();
    let pkcs1 = || Some(mechanism(Kind::RsaPkcs(None)));
    let init = |mechanism, key| rig.module.sign_init(session, mechanism, key);
    let decryption_key = rig.private_key(session, 3);
    assert_eq!(init(pkcs1(), decryption_key), Err(Error::KeyFunction));
    let ec_key = rig.private_key(session, 4);
    assert_eq!(init(pkcs1(), ec_key), Err(Error::KeyType));
    assert_eq!(
        init(Some(mechanism(Kind::RsaOaep)), ec_key),
        Err(Error::Mechanism)
    );
    let public = rig.object(session, CKO_PUBLIC_KEY, 1);
    assert_eq!(init(pkcs1(), public), Err(Error::KeyFunction));
    let certificate = rig.object(session, CKO_CERTIFICATE, 1);
    assert_eq!(init(pkcs1(), certificate), Err(Error::KeyHandle));
    assert_eq!(init(pkcs1(), 77), Err(Error::KeyHandle));
    let signing_key = rig.private_key(session, 1);
    assert_eq!(
        rig.module.decrypt_init(session, pkcs1(), signing_key),
        Err(Error::KeyFunction)
    );
}

#[test]
fn operations_know_their_order() {
    let rig = Rig::new();
    let session = rig.user_session();
    let key = rig.private_key(session, 1);
    let pkcs1 = || Some(mechanism(Kind::RsaPkcs(None)));
    assert_eq!(
        rig.module.sign(session, Some(b"x"), Room::Length),
        Err(Error::OperationNotInitialized)
    );
    rig.module.sign_init(session, pkcs1(), key).unwrap();
    assert_eq!(
        rig.module.sign_init(session, pkcs1(), key),
        Err(Error::OperationActive)
    );
    rig.module.sign_init(session, None, 0).unwrap();
    rig.module.sign_init(session, pkcs1(), key).unwrap();
    rig.module.session_cancel(session, CKF_SIGN).unwrap();
    rig.module.sign_init(session, pkcs1(), key).unwrap();
    assert_eq!(
        rig.module.sign(session, Some(&[0; 246]), Room::Bytes(256)),
        Err(Error::DataLength)
    );
    assert_eq!(
        rig.module.sign_update(session, b"x"),
        Err(Error::OperationNotInitialized)
    );
    rig.module.find_objects_init(session, &[]).unwrap();
    assert_eq!(
        rig.module.find_objects_init(session, &[]),
        Err(Error::OperationActive)
    );
    rig.module.find_objects_final(session).unwrap();
    assert_eq!(
        rig.module.find_objects(session, 1),
        Err(Error::OperationNotInitialized)
    );
}

#[test]
fn digests_are_made_here() {
    let rig = Rig::with_keys(&[]);
    let session = rig.session();
    let sha256 = || Some(mechanism(Kind::Digest(Hash::Sha256)));
    rig.module.digest_init(session, sha256()).unwrap();
    assert_eq!(
        rig.module.digest(session, Some(MESSAGE), Room::Bytes(31)),
        Ok(Outcome::Length(32))
    );
    let whole = rig.module.digest(session, Some(MESSAGE), Room::Bytes(32));
    rig.module.digest_init(session, sha256()).unwrap();
    for piece in MESSAGE.chunks(3) {
        rig.module.digest_update(session, piece).unwrap();
    }
    assert_eq!(
        rig.module.digest(session, Some(MESSAGE), Room::Bytes(32)),
        Err(Error::OperationActive)
    );
    rig.module.digest_init(session, sha256()).unwrap();
    for piece in MESSAGE.chunks(3) {
        rig.module.digest_update(session, piece).unwrap();
    }
    let streamed = rig.module.digest(session, None, Room::Bytes(64)).unwrap();
    assert_eq!(bytes(whole.unwrap()), Sha256::digest(MESSAGE).as_slice());
    assert_eq!(bytes(streamed), Sha256::digest(MESSAGE).as_slice());
}
