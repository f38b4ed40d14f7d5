//! Every mechanism with every key that it is for, checked by another implementation or by the other half.

use card_edge::piv::{AsymmetricKey, KeyAlgorithm};
use cryptoki_sys::*;
use rsa::{BoxedUint, Pkcs1v15Sign, Pss};
use sha1::Sha1;
use sha2::digest::Digest;
use sha2::{Sha224, Sha256, Sha384, Sha512};
use signature::hazmat::PrehashVerifier;
use tapcard_pkcs11::error::Error;
use tapcard_pkcs11::hash::Hash;
use tapcard_pkcs11::mechanism::ecdh::Ecdh;
use tapcard_pkcs11::mechanism::ecdsa::Ecdsa;
use tapcard_pkcs11::mechanism::parameter::{
    EcdhParameter, EddsaParameter, OaepParameter, Parameter,
};
use tapcard_pkcs11::mechanism::row::Row;
use tapcard_pkcs11::mechanism::rsa_pss::RsaPss;
use tapcard_pkcs11::mechanism::{self, Mechanism};
use tapcard_pkcs11::operation::state::{Output, OutputBuffer};
use tapcard_pkcs11::public_key::KeyType;

use super::card::USUAL;
use super::rig::{Rig, is};

const MESSAGE: &[u8] = b"a message that is signed, or kept secret";

/// The mechanism of a row, with parameters that it takes.
fn mechanism(row: &Row) -> Mechanism {
    Mechanism::read(row.number, &Usual { hash: row.hash }).unwrap()
}

/// The mechanism of this number, with parameters that it takes.
fn by_number(number: CK_MECHANISM_TYPE) -> Mechanism {
    mechanism(mechanism::find(number).unwrap())
}

/// The parameters that most programs give.
struct Usual {
    hash: Option<Hash>,
}

impl Parameter for Usual {
    fn none(&self) -> Result<(), Error> {
        Ok(())
    }

    fn pss(&self) -> Result<CK_RSA_PKCS_PSS_PARAMS, Error> {
        let (hash, mask) = match self.hash.unwrap_or(Hash::Sha256) {
            Hash::Sha1 => (CKM_SHA_1, CKG_MGF1_SHA1),
            Hash::Sha224 => (CKM_SHA224, CKG_MGF1_SHA224),
            Hash::Sha256 => (CKM_SHA256, CKG_MGF1_SHA256),
            Hash::Sha384 => (CKM_SHA384, CKG_MGF1_SHA384),
            Hash::Sha512 => (CKM_SHA512, CKG_MGF1_SHA512),
        };
        let salt_length = self.hash.unwrap_or(Hash::Sha256).length();
        Ok(CK_RSA_PKCS_PSS_PARAMS {
            hashAlg: hash,
            mgf: mask,
            sLen: salt_length as CK_ULONG,
        })
    }

    fn oaep(&self) -> Result<OaepParameter, Error> {
        let pss = self.pss()?;
        Ok(OaepParameter {
            hash: pss.hashAlg,
            mask_generation: pss.mgf,
            source: CKZ_DATA_SPECIFIED,
            label: b"label".to_vec(),
        })
    }

    fn eddsa(&self) -> Result<Option<EddsaParameter>, Error> {
        Ok(None)
    }

    fn ecdh(&self) -> Result<EcdhParameter, Error> {
        Err(Error::MechanismParameter)
    }
}

/// The input that a mechanism takes for the message.
fn input(mechanism: &Mechanism) -> Vec<u8> {
    match mechanism {
        Mechanism::RsaPss(RsaPss { hashes: false, .. })
        | Mechanism::Ecdsa(Ecdsa { hash: None }) => Sha256::digest(MESSAGE).to_vec(),
        _ => MESSAGE.to_vec(),
    }
}

fn bytes(output: Output) -> Vec<u8> {
    match output {
        Output::Bytes(bytes) => bytes.to_vec(),
        Output::Length(length) => panic!("only a length: {length}"),
    }
}

fn sign(rig: &Rig, session: CK_SESSION_HANDLE, mechanism: Mechanism, id: u8) -> Vec<u8> {
    let key = rig.private_key(session, id);
    rig.at(session)
        .sign_init(Some(mechanism.clone()), key)
        .unwrap();
    let signature = rig
        .at(session)
        .operations()
        .sign
        .whole(&input(&mechanism), OutputBuffer::Bytes(512))
        .unwrap();
    bytes(signature)
}

#[test]
fn every_signature_is_verified_in_one_piece_and_streamed() {
    let keys = [
        (AsymmetricKey::PivAuthentication, KeyAlgorithm::Rsa2048),
        (AsymmetricKey::CardAuthentication, KeyAlgorithm::P384),
    ];
    let rig_of_nist = Rig::with_keys(&keys);
    let session_of_nist = rig_of_nist.user_session();
    let rig_of_25519 = Rig::with_keys(&[(AsymmetricKey::PivAuthentication, KeyAlgorithm::Ed25519)]);
    let session_of_25519 = rig_of_25519.user_session();
    for row in mechanism::rows().filter(|row| row.flags() & CKF_SIGN != 0) {
        let (rig, session, id) = match row.keys {
            [KeyType::Rsa] => (&rig_of_nist, session_of_nist, 1),
            [KeyType::Ec] => (&rig_of_nist, session_of_nist, 4),
            [KeyType::Edwards] => (&rig_of_25519, session_of_25519, 1),
            other => panic!("{other:?} sign by one mechanism"),
        };
        let mechanism = mechanism(row);
        let public = rig.object(session, CKO_PUBLIC_KEY, id);
        let signature = sign(rig, session, mechanism.clone(), id);
        let verify = |signature: &[u8]| {
            rig.at(session)
                .verify_init(Some(mechanism.clone()), public)
                .unwrap();
            rig.at(session)
                .operations()
                .verify
                .whole(&input(&mechanism), signature)
        };
        assert_eq!(verify(&signature), Ok(()), "{mechanism:?}");
        let mut broken = signature.clone();
        *broken.last_mut().unwrap() ^= 1;
        assert_eq!(verify(&broken), Err(Error::Signature), "{mechanism:?}");
        assert_eq!(verify(&signature[1..]), Err(Error::SignatureLength));

        let private = rig.private_key(session, id);
        rig.at(session)
            .sign_init(Some(mechanism.clone()), private)
            .unwrap();
        for piece in input(&mechanism).chunks(7) {
            rig.at(session).operations().sign.feed(piece).unwrap();
        }
        let streamed = bytes(
            rig.at(session)
                .operations()
                .sign
                .last(OutputBuffer::Bytes(512))
                .unwrap(),
        );
        rig.at(session)
            .verify_init(Some(mechanism.clone()), public)
            .unwrap();
        for piece in input(&mechanism).chunks(11) {
            rig.at(session).operations().verify.feed(piece).unwrap();
        }
        assert_eq!(rig.at(session).operations().verify.last(&streamed), Ok(()));
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
    let card_edge::piv::PublicKey::Ecc { point, .. } = &rig.issued[3].key else {
        panic!("9E is a key on a curve");
    };
    let on_curve = p256::ecdsa::VerifyingKey::from_sec1_bytes(point).unwrap();
    macro_rules! verify_with {
        ($($hash:ty: $pkcs1:ident, $pss:ident, $ecdsa:ident;)*) => {$(
            let hash = <$hash>::digest(MESSAGE);
            let signature = sign(&rig, session, by_number($pkcs1), 1);
            key.verify(Pkcs1v15Sign::new::<$hash>(), &hash, &signature).unwrap();
            let signature = sign(&rig, session, by_number($pss), 1);
            key.verify(Pss::<$hash>::new(), &hash, &signature).unwrap();
            let signature = sign(&rig, session, by_number($ecdsa), 4);
            let signature = p256::ecdsa::Signature::from_slice(&signature).unwrap();
            on_curve.verify_prehash(&hash, &signature).unwrap();
        )*};
    }
    verify_with! {
        Sha1: CKM_SHA1_RSA_PKCS, CKM_SHA1_RSA_PKCS_PSS, CKM_ECDSA_SHA1;
        Sha224: CKM_SHA224_RSA_PKCS, CKM_SHA224_RSA_PKCS_PSS, CKM_ECDSA_SHA224;
        Sha256: CKM_SHA256_RSA_PKCS, CKM_SHA256_RSA_PKCS_PSS, CKM_ECDSA_SHA256;
        Sha384: CKM_SHA384_RSA_PKCS, CKM_SHA384_RSA_PKCS_PSS, CKM_ECDSA_SHA384;
        Sha512: CKM_SHA512_RSA_PKCS, CKM_SHA512_RSA_PKCS_PSS, CKM_ECDSA_SHA512;
    }
    let signature = sign(&rig, session, by_number(CKM_RSA_PKCS_PSS), 1);
    key.verify(Pss::<Sha256>::new(), &Sha256::digest(MESSAGE), &signature)
        .unwrap();
}

#[test]
fn another_implementation_verifies_signatures_of_messages() {
    let rig = Rig::with_keys(&[(AsymmetricKey::PivAuthentication, KeyAlgorithm::Ed25519)]);
    let session = rig.user_session();
    let card_edge::piv::PublicKey::Curve25519 { key } = &rig.issued[0].key else {
        panic!("9A is a key of Ed25519");
    };
    let key = ed25519_dalek::VerifyingKey::from_bytes(key).unwrap();
    let signature = sign(&rig, session, by_number(CKM_EDDSA), 1);
    let signature = ed25519_dalek::Signature::from_slice(&signature).unwrap();
    key.verify_strict(MESSAGE, &signature).unwrap();
    // A long message goes in a chain of commands; an empty one cannot.
    let private = rig.private_key(session, 1);
    let sign_message = |message: &[u8]| {
        rig.at(session)
            .sign_init(Some(by_number(CKM_EDDSA)), private)
            .unwrap();
        let operations = rig.at(session);
        operations
            .operations()
            .sign
            .whole(message, OutputBuffer::Bytes(64))
    };
    let long = vec![7; 10_000];
    let signature = bytes(sign_message(&long).unwrap());
    let signature = ed25519_dalek::Signature::from_slice(&signature).unwrap();
    key.verify_strict(&long, &signature).unwrap();
    assert_eq!(sign_message(b""), Err(Error::DataLength));
    assert_eq!(sign_message(&[0; 65_501]), Err(Error::DataLength));
}

#[test]
fn every_hash_function_has_its_mechanisms() {
    let row = |number| mechanism::find(number).unwrap().info();
    let sign = CKF_HW | CKF_SIGN | CKF_VERIFY;
    let rsa = (1024, 4096, sign);
    let curve = CKF_EC_F_P | CKF_EC_NAMEDCURVE;
    let ecdsa = (256, 384, sign | curve | CKF_EC_UNCOMPRESS);
    let digest = (0, 0, CKF_DIGEST);
    for (number, expected) in [
        (CKM_SHA1_RSA_PKCS, rsa),
        (CKM_SHA224_RSA_PKCS, rsa),
        (CKM_SHA256_RSA_PKCS, rsa),
        (CKM_SHA384_RSA_PKCS, rsa),
        (CKM_SHA512_RSA_PKCS, rsa),
        (CKM_SHA1_RSA_PKCS_PSS, rsa),
        (CKM_SHA224_RSA_PKCS_PSS, rsa),
        (CKM_SHA256_RSA_PKCS_PSS, rsa),
        (CKM_SHA384_RSA_PKCS_PSS, rsa),
        (CKM_SHA512_RSA_PKCS_PSS, rsa),
        (
            CKM_RSA_PKCS_OAEP,
            (1024, 4096, CKF_HW | CKF_ENCRYPT | CKF_DECRYPT),
        ),
        (CKM_ECDSA, ecdsa),
        (CKM_ECDSA_SHA1, ecdsa),
        (CKM_ECDSA_SHA224, ecdsa),
        (CKM_ECDSA_SHA256, ecdsa),
        (CKM_ECDSA_SHA384, ecdsa),
        (CKM_ECDSA_SHA512, ecdsa),
        (CKM_EDDSA, (255, 256, sign | curve | CKF_EC_CURVENAME)),
        (
            CKM_ECDH1_DERIVE,
            (
                255,
                384,
                CKF_HW | CKF_DERIVE | curve | CKF_EC_UNCOMPRESS | CKF_EC_CURVENAME,
            ),
        ),
        (CKM_SHA_1, digest),
        (CKM_SHA224, digest),
        (CKM_SHA256, digest),
        (CKM_SHA384, digest),
        (CKM_SHA512, digest),
    ] {
        let info = row(number);
        let found = (info.ulMinKeySize, info.ulMaxKeySize, info.flags);
        assert_eq!(found, expected, "{number:X}");
    }
}

#[test]
fn oaep_works_with_every_hash_function_in_one_piece_and_streamed() {
    let rig = Rig::new();
    let session = rig.user_session();
    let public = rig.object(session, CKO_PUBLIC_KEY, 3);
    let private = rig.private_key(session, 3);
    for hash in Hash::ALL {
        let parameter = Usual { hash: Some(hash) };
        let mechanism = || Some(Mechanism::read(CKM_RSA_PKCS_OAEP, &parameter).unwrap());
        let buffer = OutputBuffer::Bytes(256);
        rig.at(session).encrypt_init(mechanism(), public).unwrap();
        for piece in MESSAGE.chunks(7) {
            rig.at(session).operations().encrypt.feed(piece).unwrap();
        }
        let encrypted = bytes(rig.at(session).operations().encrypt.last(buffer).unwrap());
        rig.at(session).decrypt_init(mechanism(), private).unwrap();
        let operations = rig.at(session);
        let whole = operations.operations().decrypt.whole(&encrypted, buffer);
        assert_eq!(bytes(whole.unwrap()), MESSAGE, "{hash:?}");
        rig.at(session).decrypt_init(mechanism(), private).unwrap();
        for piece in encrypted.chunks(100) {
            rig.at(session).operations().decrypt.feed(piece).unwrap();
        }
        let streamed = rig.at(session).operations().decrypt.last(buffer).unwrap();
        assert_eq!(bytes(streamed), MESSAGE, "{hash:?}");
    }
}

#[test]
fn both_sides_agree_on_a_secret_on_curve25519() {
    let rig = Rig::with_keys(&[(AsymmetricKey::KeyManagement, KeyAlgorithm::X25519)]);
    let session = rig.user_session();
    let card_edge::piv::PublicKey::Curve25519 { key } = &rig.issued[0].key else {
        panic!("9D is a key of X25519");
    };
    let peer = x25519_dalek::StaticSecret::from([9; 32]);
    let expected = peer.diffie_hellman(&x25519_dalek::PublicKey::from(*key));
    let bare = x25519_dalek::PublicKey::from(&peer).as_bytes().to_vec();
    let base = rig.private_key(session, 3);
    let derive = |point: &[u8]| {
        let mechanism = Mechanism::Ecdh(Ecdh::plain(point.to_vec()));
        let key = rig.at(session).derive_key(mechanism, base, &[])?;
        let object = rig.at(session).object(key)?;
        Ok(object.attributes.value(CKA_VALUE)?.to_vec())
    };
    assert_eq!(derive(&bare).unwrap(), expected.as_bytes());
    let wrapped = [&[0x04, 0x20], bare.as_slice()].concat();
    assert_eq!(derive(&wrapped).unwrap(), expected.as_bytes());
    assert_eq!(derive(&bare[1..]), Err(Error::MechanismParameter));
    assert!(derive(&[0; 32]).is_err(), "nothing is secret with it");
}

#[test]
fn what_is_encrypted_is_decrypted() {
    let rig = Rig::new();
    let session = rig.user_session();
    let public = rig.object(session, CKO_PUBLIC_KEY, 3);
    let private = rig.private_key(session, 3);
    for number in [CKM_RSA_PKCS, CKM_RSA_PKCS_OAEP, CKM_RSA_X_509] {
        rig.at(session)
            .encrypt_init(Some(by_number(number)), public)
            .unwrap();
        let encrypted = rig
            .at(session)
            .operations()
            .encrypt
            .whole(MESSAGE, OutputBuffer::Bytes(256));
        let encrypted = bytes(encrypted.unwrap());
        let decrypt = |ciphertext: &[u8], buffer| {
            rig.at(session)
                .decrypt_init(Some(by_number(number)), private)
                .unwrap();
            rig.at(session)
                .operations()
                .decrypt
                .whole(ciphertext, buffer)
        };
        let message = bytes(decrypt(&encrypted, OutputBuffer::Bytes(256)).unwrap());
        assert!(message.ends_with(MESSAGE));
        assert_eq!(message.len() == MESSAGE.len(), number != CKM_RSA_X_509);
        assert_eq!(
            decrypt(&encrypted[1..], OutputBuffer::Bytes(256)),
            Err(Error::EncryptedDataLength)
        );

        // A buffer that is too small costs no second use of the key.
        let short = decrypt(&encrypted, OutputBuffer::Bytes(3)).unwrap();
        assert_eq!(short, Output::Length(message.len()));
        rig.reader.sent();
        let again = rig
            .at(session)
            .operations()
            .decrypt
            .whole(&encrypted, OutputBuffer::Bytes(256));
        assert_eq!(bytes(again.unwrap()), message);
        assert!(rig.reader.sent().is_empty());
    }
    let mut broken = vec![0; 256];
    broken[255] = 2;
    rig.at(session)
        .decrypt_init(Some(by_number(CKM_RSA_PKCS)), private)
        .unwrap();
    assert_eq!(
        rig.at(session)
            .operations()
            .decrypt
            .whole(&broken, OutputBuffer::Bytes(256)),
        Err(Error::EncryptedData)
    );
}

#[test]
fn a_ciphertext_never_gets_the_answer_of_another() {
    let rig = Rig::new();
    let session = rig.user_session();
    let public = rig.object(session, CKO_PUBLIC_KEY, 3);
    let private = rig.private_key(session, 3);
    let encrypt = |message: &[u8]| {
        rig.at(session)
            .encrypt_init(Some(by_number(CKM_RSA_PKCS)), public)
            .unwrap();
        let operations = rig.at(session);
        let encrypted = operations
            .operations()
            .encrypt
            .whole(message, OutputBuffer::Bytes(256));
        bytes(encrypted.unwrap())
    };
    let (first, second) = (encrypt(b"the first"), encrypt(b"the second one"));
    let decrypt = |ciphertext: &[u8], buffer| {
        let operations = rig.at(session);
        operations.operations().decrypt.whole(ciphertext, buffer)
    };
    rig.at(session)
        .decrypt_init(Some(by_number(CKM_RSA_PKCS)), private)
        .unwrap();
    let short = OutputBuffer::Bytes(3);
    assert_eq!(decrypt(&first, short), Ok(Output::Length(9)));
    assert_eq!(decrypt(&second, short), Ok(Output::Length(14)));
    assert!(matches!(
        decrypt(&first, OutputBuffer::LengthQuery),
        Ok(Output::Length(9..))
    ));
    let message = decrypt(&second, OutputBuffer::Bytes(256)).unwrap();
    assert_eq!(bytes(message), b"the second one");
    assert_eq!(
        decrypt(&first, OutputBuffer::Bytes(256)),
        Err(Error::OperationNotInitialized)
    );
}

/// The parameter of ECDH with a derivation.
struct Derivation(EcdhParameter);

impl Parameter for Derivation {
    fn none(&self) -> Result<(), Error> {
        Err(Error::MechanismParameter)
    }

    fn pss(&self) -> Result<CK_RSA_PKCS_PSS_PARAMS, Error> {
        Err(Error::MechanismParameter)
    }

    fn oaep(&self) -> Result<OaepParameter, Error> {
        Err(Error::MechanismParameter)
    }

    fn eddsa(&self) -> Result<Option<EddsaParameter>, Error> {
        Err(Error::MechanismParameter)
    }

    fn ecdh(&self) -> Result<EcdhParameter, Error> {
        Ok(self.0.clone())
    }
}

#[test]
fn keys_are_derived_from_an_agreed_secret() {
    let rig = Rig::with_keys(&[(AsymmetricKey::KeyManagement, KeyAlgorithm::P256)]);
    let session = rig.user_session();
    let card_edge::piv::PublicKey::Ecc { point, .. } = &rig.issued[0].key else {
        panic!("9D is a key on a curve");
    };
    let card_key = p256::PublicKey::from_sec1_bytes(point).unwrap();
    let peer = p256::SecretKey::from_slice(&[9; 32]).unwrap();
    let secret = p256::ecdh::diffie_hellman(peer.to_nonzero_scalar(), card_key.as_affine());
    let base = rig.private_key(session, 3);
    let derive = |derivation, shared: &[u8], length: CK_ULONG| {
        let parameter = Derivation(EcdhParameter {
            derivation,
            shared_data: shared.to_vec(),
            public_data: peer.public_key().to_sec1_bytes().to_vec(),
        });
        let mechanism = Mechanism::read(CKM_ECDH1_DERIVE, &parameter)?;
        let template = [is(CKA_VALUE_LEN, &length.to_ne_bytes())];
        let key = rig.at(session).derive_key(mechanism, base, &template)?;
        let object = rig.at(session).object(key)?;
        Ok(object.attributes.value(CKA_VALUE)?.to_vec())
    };
    let secret = secret.raw_secret_bytes().as_slice();
    for (derivation, hash) in [
        (CKD_SHA1_KDF, Hash::Sha1),
        (CKD_SHA224_KDF, Hash::Sha224),
        (CKD_SHA256_KDF, Hash::Sha256),
        (CKD_SHA384_KDF, Hash::Sha384),
        (CKD_SHA512_KDF, Hash::Sha512),
    ] {
        let blocks =
            [1_u8, 2].map(|counter| hash.of(&[secret, &[0, 0, 0, counter], b"shared"]).to_vec());
        let derived = derive(derivation, b"shared", 40).unwrap();
        assert_eq!(derived, blocks.concat()[..40], "{hash:?}");
    }
    assert_eq!(derive(CKD_NULL, b"", 32).unwrap(), secret);
    assert_eq!(
        derive(CKD_NULL, b"shared", 32),
        Err(Error::MechanismParameter)
    );
    assert_eq!(
        derive(CKD_CPDIVERSIFY_KDF, b"", 32),
        Err(Error::MechanismParameter)
    );
    assert_eq!(
        derive(CKD_SHA256_KDF, b"", 1 << 20),
        Err(Error::TemplateInconsistent)
    );
}

#[test]
fn both_sides_agree_on_a_secret() {
    let rig = Rig::with_keys(&[(AsymmetricKey::KeyManagement, KeyAlgorithm::P256)]);
    let session = rig.user_session();
    let card_edge::piv::PublicKey::Ecc { point, .. } = &rig.issued[0].key else {
        panic!("9D is a key on a curve");
    };
    let card_key = p256::PublicKey::from_sec1_bytes(point).unwrap();
    let peer = p256::SecretKey::from_slice(&[9; 32]).unwrap();
    let expected = p256::ecdh::diffie_hellman(peer.to_nonzero_scalar(), card_key.as_affine());
    let bare = peer.public_key().to_sec1_bytes().to_vec();
    let wrapped = [&[0x04, 0x41], bare.as_slice()].concat();
    let base = rig.private_key(session, 3);
    let ecdh = |public_data: &[u8]| Mechanism::Ecdh(Ecdh::plain(public_data.to_vec()));
    let template = [
        is(CKA_CLASS, &CKO_SECRET_KEY.to_ne_bytes()),
        is(CKA_KEY_TYPE, &CKK_GENERIC_SECRET.to_ne_bytes()),
        is(CKA_SENSITIVE, &[CK_FALSE]),
        is(CKA_EXTRACTABLE, &[CK_TRUE]),
    ];
    for point in [&bare, &wrapped] {
        let key = rig
            .at(session)
            .derive_key(ecdh(point), base, &template)
            .unwrap();
        let object = rig.at(session).object(key).unwrap();
        let value = object.attributes.value(CKA_VALUE).unwrap();
        assert_eq!(value.as_slice(), expected.raw_secret_bytes().as_slice());
        rig.at(session).destroy_object(key).unwrap();
        assert!(rig.at(session).object(key).is_err());
    }
    rig.reader.sent();
    let off_curve = vec![4; 65];
    assert_eq!(
        rig.at(session)
            .derive_key(ecdh(&off_curve), base, &template),
        Err(Error::MechanismParameter)
    );
    assert!(rig.reader.sent().is_empty());
    // What a session derived goes with it.
    let other = rig.session();
    let key = rig
        .at(other)
        .derive_key(ecdh(&bare), base, &template)
        .unwrap();
    assert!(rig.at(session).object(key).is_ok());
    rig.module.close_session(other).unwrap();
    assert!(rig.at(session).object(key).is_err());
}

#[test]
fn keys_are_not_used_for_what_they_are_not_for() {
    let rig = Rig::with_keys(&USUAL);
    let session = rig.user_session();
    let pkcs1 = || Some(by_number(CKM_RSA_PKCS));
    let init = |mechanism, key| rig.at(session).sign_init(mechanism, key);
    let decryption_key = rig.private_key(session, 3);
    assert_eq!(init(pkcs1(), decryption_key), Err(Error::KeyFunction));
    let ec_key = rig.private_key(session, 4);
    assert_eq!(init(pkcs1(), ec_key), Err(Error::KeyType));
    assert_eq!(
        init(Some(by_number(CKM_RSA_PKCS_OAEP)), ec_key),
        Err(Error::Mechanism)
    );
    let public = rig.object(session, CKO_PUBLIC_KEY, 1);
    assert_eq!(init(pkcs1(), public), Err(Error::KeyFunction));
    let certificate = rig.object(session, CKO_CERTIFICATE, 1);
    assert_eq!(init(pkcs1(), certificate), Err(Error::KeyHandle));
    assert_eq!(init(pkcs1(), 77), Err(Error::KeyHandle));
    let signing_key = rig.private_key(session, 1);
    assert_eq!(
        rig.at(session).decrypt_init(pkcs1(), signing_key),
        Err(Error::KeyFunction)
    );
}

#[test]
fn operations_know_their_order() {
    let rig = Rig::new();
    let session = rig.user_session();
    let key = rig.private_key(session, 1);
    let pkcs1 = || Some(by_number(CKM_RSA_PKCS));
    assert_eq!(
        rig.at(session)
            .operations()
            .sign
            .whole(b"x", OutputBuffer::LengthQuery),
        Err(Error::OperationNotInitialized)
    );
    rig.at(session).sign_init(pkcs1(), key).unwrap();
    assert_eq!(
        rig.at(session).sign_init(pkcs1(), key),
        Err(Error::OperationActive)
    );
    rig.at(session).sign_init(None, 0).unwrap();
    rig.at(session).sign_init(pkcs1(), key).unwrap();
    rig.at(session).cancel(CKF_SIGN);
    rig.at(session).sign_init(pkcs1(), key).unwrap();
    assert_eq!(
        rig.at(session)
            .operations()
            .sign
            .whole(&[0; 246], OutputBuffer::Bytes(256)),
        Err(Error::DataLength)
    );
    assert_eq!(
        rig.at(session).operations().sign.feed(b"x"),
        Err(Error::OperationNotInitialized)
    );
    rig.at(session).find_objects_init(&[]).unwrap();
    assert_eq!(
        rig.at(session).find_objects_init(&[]),
        Err(Error::OperationActive)
    );
    rig.at(session).find_objects_final().unwrap();
    assert_eq!(
        rig.at(session).find_objects(1),
        Err(Error::OperationNotInitialized)
    );
}

#[test]
fn digests_are_made_here() {
    let rig = Rig::with_keys(&[]);
    let session = rig.session();
    let sha256 = || Some(by_number(CKM_SHA256));
    rig.at(session).digest_init(sha256()).unwrap();
    assert_eq!(
        rig.at(session)
            .operations()
            .digest
            .whole(MESSAGE, OutputBuffer::Bytes(31)),
        Ok(Output::Length(32))
    );
    let whole = rig
        .at(session)
        .operations()
        .digest
        .whole(MESSAGE, OutputBuffer::Bytes(32));
    rig.at(session).digest_init(sha256()).unwrap();
    for piece in MESSAGE.chunks(3) {
        rig.at(session).operations().digest.feed(piece).unwrap();
    }
    assert_eq!(
        rig.at(session)
            .operations()
            .digest
            .whole(MESSAGE, OutputBuffer::Bytes(32)),
        Err(Error::OperationNotInitialized)
    );
    rig.at(session).digest_init(sha256()).unwrap();
    for piece in MESSAGE.chunks(3) {
        rig.at(session).operations().digest.feed(piece).unwrap();
    }
    let streamed = rig
        .at(session)
        .operations()
        .digest
        .last(OutputBuffer::Bytes(64))
        .unwrap();
    assert_eq!(bytes(whole.unwrap()), Sha256::digest(MESSAGE).as_slice());
    assert_eq!(bytes(streamed), Sha256::digest(MESSAGE).as_slice());
}
