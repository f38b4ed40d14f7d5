//! What a host computes: 3DES in CBC mode, and RSA with a public key.

use std::sync::LazyLock;

use des::TdesEde3;
use des::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use rsa::pkcs8::DecodePrivateKey;
use rsa::traits::PublicKeyParts;
use rsa::{BoxedUint, Oaep, Pkcs1v15Encrypt, PrivateKey, PublicKey};
use sha1::Sha1;

use crate::apdu::element;

/// Bytes of a modulus: RSA-2048 is what all keys here are.
pub const MODULUS: usize = 256;
/// What is encrypted.
pub const MESSAGE: &[u8] = b"message";
const EXPONENT: [u8; 3] = [1, 0, 1];

/// The key that comes from outside, a test vector, as PKCS #8.
const GIVEN: &[u8] = include_bytes!("../../vectors/logon-key.der");
/// Where in it the RSAPrivateKey begins (RFC 8017, A.1.2).
const RSA_PRIVATE_KEY: usize = 26;

static GIVEN_KEY: LazyLock<PrivateKey> =
    LazyLock::new(|| PrivateKey::from_pkcs8_der(GIVEN).unwrap());

/// The key that comes from outside, as GIDS takes it.
pub fn given() -> &'static [u8] {
    &GIVEN[RSA_PRIVATE_KEY..]
}

pub fn given_modulus() -> Vec<u8> {
    GIVEN_KEY.n().to_be_bytes().to_vec()
}

/// The template of a public key.
pub fn public_key(modulus: &[u8]) -> Vec<u8> {
    let fields = [element(0x81, modulus), element(0x82, &EXPONENT)];
    element(0x7F49, &fields.concat())
}

/// EMSA-PKCS1-v1_5 (RFC 8017, 9.2).
pub fn block(data: &[u8]) -> Vec<u8> {
    let fill = vec![0xFF; MODULUS - 3 - data.len()];
    [&[0x00, 0x01], fill.as_slice(), &[0x00], data].concat()
}

fn key(modulus: &[u8]) -> PublicKey {
    let number = |bytes: &[u8]| BoxedUint::from_be_slice_vartime(bytes);
    PublicKey::new(number(modulus), number(&EXPONENT)).unwrap()
}

/// A block to the power of the public exponent.
pub fn raise(modulus: &[u8], block: &[u8]) -> Vec<u8> {
    let number = BoxedUint::from_be_slice(block, 8 * MODULUS as u32).unwrap();
    let raised = rsa::hazmat::rsa_encrypt(&key(modulus), &number).unwrap();
    raised.to_be_bytes().to_vec()
}

pub fn encrypt_pkcs1(modulus: &[u8]) -> Vec<u8> {
    let random = &mut getrandom::SysRng;
    key(modulus)
        .encrypt(random, Pkcs1v15Encrypt, MESSAGE)
        .unwrap()
}

pub fn encrypt_oaep(modulus: &[u8]) -> Vec<u8> {
    let random = &mut getrandom::SysRng;
    key(modulus)
        .encrypt(random, Oaep::<Sha1>::new(), MESSAGE)
        .unwrap()
}

/// With zeros before the first block.
pub fn cbc_encrypt(key: &[u8; 24], bytes: &[u8]) -> Vec<u8> {
    let cipher = TdesEde3::new_from_slice(key).unwrap();
    let mut before = [0; 8];
    let blocks = bytes.chunks(8).map(|chunk| {
        let mixed: Vec<u8> = chunk
            .iter()
            .zip(before)
            .map(|(byte, other)| byte ^ other)
            .collect();
        let mut block = mixed.as_slice().try_into().unwrap();
        cipher.encrypt_block(&mut block);
        before = block.into();
        before
    });
    blocks.flatten().collect()
}

pub fn cbc_decrypt(key: &[u8; 24], bytes: &[u8]) -> Vec<u8> {
    let cipher = TdesEde3::new_from_slice(key).unwrap();
    let mut before: &[u8] = &[0; 8];
    let mut out = Vec::new();
    for chunk in bytes.chunks_exact(8) {
        let mut block = chunk.try_into().unwrap();
        cipher.decrypt_block(&mut block);
        out.extend(block.iter().zip(before).map(|(byte, other)| byte ^ other));
        before = chunk;
    }
    out
}
