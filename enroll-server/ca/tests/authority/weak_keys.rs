//! Keys that are not certified: a vector for each check, that passes all the others.

use const_oid::db::rfc5912;
use der::Encode;
use der::asn1::{Any, BitString, ObjectIdentifier, UintRef};
use enroll_server_ca::key_type::error::KeyFlaw;
use enroll_server_ca::public_key::PublicKey;
use enroll_server_ca::signer::file::FileKey;
use enroll_server_ca::signer::sign::Sign;
use enroll_server_model::KeyAlgorithm;
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

const MODULI: &str = include_str!("weak_keys.txt");

fn modulus(name: &str) -> Vec<u8> {
    let line = MODULI
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    data_encoding::HEXLOWER
        .decode(line.unwrap().as_bytes())
        .unwrap()
}

fn key(algorithm: ObjectIdentifier, parameters: Any, bits: &[u8]) -> PublicKey {
    let info = SubjectPublicKeyInfoOwned {
        algorithm: AlgorithmIdentifierOwned {
            oid: algorithm,
            parameters: Some(parameters),
        },
        subject_public_key: BitString::from_bytes(bits).unwrap(),
    };
    PublicKey::from_spki(&info).unwrap()
}

fn rsa(modulus: &[u8], exponent: &[u8]) -> PublicKey {
    let key_bits = rsa::pkcs1::RsaPublicKey {
        modulus: UintRef::new(modulus).unwrap(),
        public_exponent: UintRef::new(exponent).unwrap(),
    };
    key(
        rfc5912::RSA_ENCRYPTION,
        Any::null(),
        &key_bits.to_der().unwrap(),
    )
}

const F4: &[u8] = &[1, 0, 1];

#[test]
fn each_flaw_of_an_rsa_key_is_found() {
    for (name, flaw) in [
        ("sound", None),
        ("square", Some(KeyFlaw::CloseFactors)),
        ("close-in-the-first-round", Some(KeyFlaw::CloseFactors)),
        ("close-in-round-108", Some(KeyFlaw::CloseFactors)),
        // As far as public authorities look.
        ("close-in-round-117", None),
        ("divided-by-751", Some(KeyFlaw::SmallFactor(751))),
        ("roca", Some(KeyFlaw::Roca)),
        ("prime", Some(KeyFlaw::PrimePower)),
        ("cube", Some(KeyFlaw::PrimePower)),
        ("seventh-power", Some(KeyFlaw::PrimePower)),
    ] {
        assert_eq!(rsa(&modulus(name), F4).check().err(), flaw, "{name}");
    }
    for exponent in [&[3][..], &[1, 0, 3]] {
        let found = rsa(&modulus("sound"), exponent).check();
        assert_eq!(found, Err(KeyFlaw::Exponent), "{exponent:?}");
    }
}

#[test]
fn a_point_beside_its_curve_is_found() {
    for (algorithm, curve) in [
        (KeyAlgorithm::P256, rfc5912::SECP_256_R_1),
        (KeyAlgorithm::P384, rfc5912::SECP_384_R_1),
    ] {
        let good = FileKey::generate(algorithm).unwrap();
        let mut point = good.public_key().bits().to_vec();
        let parameters = || Any::encode_from(&curve).unwrap();
        let read = |bits: &[u8]| key(rfc5912::ID_EC_PUBLIC_KEY, parameters(), bits);
        read(&point).check().unwrap();
        *point.last_mut().unwrap() ^= 1;
        assert_eq!(read(&point).check(), Err(KeyFlaw::InvalidPoint));
        // x = y = 0, as a group with another equation has it.
        point[1..].fill(0);
        assert_eq!(read(&point).check(), Err(KeyFlaw::InvalidPoint));
        // Coordinates that are not below the field's prime.
        point[1..].fill(0xFF);
        assert_eq!(read(&point).check(), Err(KeyFlaw::InvalidPoint));
        point.pop();
        assert_eq!(read(&point).check(), Err(KeyFlaw::InvalidPoint));
    }
}
