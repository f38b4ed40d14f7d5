//! The uses of keys, each beside the library's own operation.

use std::hint::black_box;

use card_edge::apdu::{Command, Instruction};
use card_edge::piv::authenticate::Request;
use card_edge::piv::extensions::{HashAlgorithm, Scheme, SignatureRequest};
use card_edge::piv::{AsymmetricKey, KeyAlgorithm};
use getrandom::SysRng;
use p256::elliptic_curve::Generate;
use rsa::BoxedUint;
use signature::Signer;
use signature::hazmat::RandomizedPrehashSigner;

use crate::card::Wire;
use crate::table::Table;

/// What the library's own operation on such a key is.
pub type Operation = Box<dyn FnMut()>;

/// What makes the key for it.
pub type Maker = Box<dyn Fn() -> Operation>;

/// The library's raw operation on an RSA key of this many bits.
pub fn rsa_operation(bits: usize) -> Maker {
    Box::new(move || with_rsa_key(bits))
}

fn with_rsa_key(bits: usize) -> Operation {
    let key = rsa::PrivateKey::new(&mut SysRng, bits).unwrap();
    let number = BoxedUint::from_be_slice(&block(bits), u32::try_from(bits).unwrap()).unwrap();
    Box::new(move || {
        let result = rsa::hazmat::rsa_decrypt_and_check(&key, Some(&mut SysRng), &number);
        black_box(result.unwrap());
    })
}

/// A padded block as long as the modulus.
fn block(bits: usize) -> Vec<u8> {
    let mut block = vec![0xFF; bits / 8];
    block.splice(..2, [0, 1]);
    block
}

macro_rules! ecdsa {
    ($curve:ident) => {{
        Box::new(|| {
            let key = $curve::ecdsa::SigningKey::from($curve::SecretKey::generate());
            Box::new(move || {
                let signature: $curve::ecdsa::DerSignature =
                    key.sign_prehash_with_rng(&mut SysRng, &[7; 32]).unwrap();
                black_box(signature);
            }) as $crate::keys::Operation
        }) as $crate::keys::Maker
    }};
}

/// The library's agreement on a curve.
macro_rules! ecdh {
    ($curve:ident) => {{
        Box::new(|| {
            let key = $curve::SecretKey::generate();
            let peer = $curve::SecretKey::generate().public_key().to_sec1_bytes();
            Box::new(move || {
                let peer = $curve::PublicKey::from_sec1_bytes(&peer).unwrap();
                black_box(key.diffie_hellman(&peer));
            }) as $crate::keys::Operation
        }) as $crate::keys::Maker
    }};
}
pub(crate) use ecdh;

fn ed25519() -> Operation {
    let key = ed25519_dalek::SigningKey::from_bytes(&[7; 32]);
    Box::new(move || {
        black_box(key.sign(&[7; 32]));
    })
}

fn x25519() -> Operation {
    let key = x25519_dalek::StaticSecret::from([7; 32]);
    let peer = x25519_dalek::PublicKey::from(&x25519_dalek::StaticSecret::from([9; 32]));
    Box::new(move || {
        black_box(key.diffie_hellman(&peer));
    })
}

fn use_of(key: AsymmetricKey, algorithm: KeyAlgorithm, request: &Request) -> Vec<Vec<u8>> {
    let mut command = Command::new(
        Instruction::GeneralAuthenticate,
        algorithm.identifier(),
        key.to_u8(),
    );
    command.data = request.encode().unwrap();
    command.extended = true;
    command.expected = Some(65_536);
    vec![command.encode().unwrap().to_vec()]
}

fn sign_at_once(scheme: Scheme) -> Vec<Vec<u8>> {
    let request = SignatureRequest {
        key: AsymmetricKey::CardAuthentication,
        scheme,
        hash_algorithm: HashAlgorithm::Sha256,
        hash: vec![7; 32],
        note: None,
    };
    let mut command = Command::new(card_edge::piv::extensions::SIGN, 0x9E, 0x9A)
        .with_data(request.encode().unwrap());
    command.extended = true;
    command.expected = Some(65_536);
    vec![command.encode().unwrap().to_vec()]
}

/// The rows of keys.
pub fn rows(table: &Table) {
    use AsymmetricKey::{CardAuthentication, KeyManagement};
    use KeyAlgorithm::{Ed25519, P256, P384, Rsa2048, Rsa3072, Rsa4096, X25519};
    let sign = |data: Vec<u8>| Request::InternalAuthenticate(data.into());
    let p256 = p256::SecretKey::generate().public_key().to_sec1_bytes();
    let p384 = p384::SecretKey::generate().public_key().to_sec1_bytes();
    let rsa = |algorithm, bits| use_of(CardAuthentication, algorithm, &sign(block(bits)));
    let hash = |algorithm| use_of(CardAuthentication, algorithm, &sign(vec![7; 32]));
    let agree = |algorithm, point: &[u8]| {
        use_of(
            KeyManagement,
            algorithm,
            &Request::KeyAgreement(point.to_vec()),
        )
    };
    let peer = x25519_dalek::PublicKey::from(&x25519_dalek::StaticSecret::from([9; 32]));
    let uses: Vec<(&'static str, KeyAlgorithm, Vec<Vec<u8>>, Maker)> = vec![
        ("RSA-2048", Rsa2048, rsa(Rsa2048, 2048), rsa_operation(2048)),
        (
            "RSA-2048, PKCS#1 in one command",
            Rsa2048,
            sign_at_once(Scheme::Pkcs1),
            rsa_operation(2048),
        ),
        ("RSA-3072", Rsa3072, rsa(Rsa3072, 3072), rsa_operation(3072)),
        ("RSA-4096", Rsa4096, rsa(Rsa4096, 4096), rsa_operation(4096)),
        ("P-256, signature", P256, hash(P256), ecdsa!(p256)),
        (
            "P-256, signature in one command",
            P256,
            sign_at_once(Scheme::Ecdsa),
            ecdsa!(p256),
        ),
        ("P-384, signature", P384, hash(P384), ecdsa!(p384)),
        (
            "Ed25519, signature",
            Ed25519,
            hash(Ed25519),
            Box::new(ed25519),
        ),
        ("P-256, agreement", P256, agree(P256, &p256), ecdh!(p256)),
        ("P-384, agreement", P384, agree(P384, &p384), ecdh!(p384)),
        (
            "X25519, agreement",
            X25519,
            agree(X25519, peer.as_bytes()),
            Box::new(x25519),
        ),
    ];
    for (name, algorithm, apdus, library) in uses {
        if !table.wants(name) {
            continue;
        }
        let mut wire = Wire::piv(algorithm);
        let mut card = || apdus.iter().for_each(|apdu| wire.succeed(apdu));
        table.beside_library(name, &mut card, &mut library());
    }
}
