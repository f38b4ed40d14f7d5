//! What a host computes: the management key's blocks, signatures and agreements.

use aes::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use aes::{Aes128, Aes192, Aes256};
use des::TdesEde3;
use p256::elliptic_curve::ecdh::diffie_hellman;
use signature::Verifier;
use signature::hazmat::PrehashVerifier;

use super::command::Peer;
use super::model::Key;
use super::tables::{ED25519, P256, P384, X25519};
use crate::apdu::template;

/// What the host signs, agrees with and imports.
pub const HASH: [u8; 65] = [7; 65];
pub const CHALLENGE: [u8; 16] = [0x5A; 16];
pub const SCALAR: [u8; 32] = [0x31; 32];

#[derive(Clone, Copy)]
pub enum Direction {
    Encrypt,
    Decrypt,
}

pub fn block_length(cipher: u8) -> usize {
    if cipher == 0x03 { 8 } else { 16 }
}

pub fn crypt(cipher: u8, key: &[u8], block: &[u8], direction: Direction) -> Vec<u8> {
    fn one<C: BlockCipherEncrypt + BlockCipherDecrypt + KeyInit>(
        key: &[u8],
        block: &[u8],
        direction: Direction,
    ) -> Vec<u8> {
        let cipher = C::new_from_slice(key).unwrap();
        let mut block = block.try_into().unwrap();
        match direction {
            Direction::Encrypt => cipher.encrypt_block(&mut block),
            Direction::Decrypt => cipher.decrypt_block(&mut block),
        }
        block.to_vec()
    }
    match cipher {
        0x03 => one::<TdesEde3>(key, block, direction),
        0x08 => one::<Aes128>(key, block, direction),
        0x0A => one::<Aes192>(key, block, direction),
        _ => one::<Aes256>(key, block, direction),
    }
}

pub fn public_length(algorithm: u8) -> usize {
    match algorithm {
        P256 => 65,
        P384 => 97,
        _ => 32,
    }
}

pub fn p256_secret() -> p256::SecretKey {
    p256::SecretKey::from_slice(&[0x42; 32]).unwrap()
}

pub fn p384_secret() -> p384::SecretKey {
    p384::SecretKey::from_slice(&[0x42; 48]).unwrap()
}

fn x25519_secret() -> x25519_dalek::StaticSecret {
    x25519_dalek::StaticSecret::from([0x42; 32])
}

/// The peer's side of an agreement.
pub fn point(peer: Peer) -> Vec<u8> {
    match peer {
        Peer::P256 => p256_secret().public_key().to_sec1_bytes().to_vec(),
        Peer::P384 => p384_secret().public_key().to_sec1_bytes().to_vec(),
        Peer::X25519 => x25519_dalek::PublicKey::from(&x25519_secret())
            .as_bytes()
            .to_vec(),
        Peer::OffTheCurve => [&[4][..], &[1; 64]].concat(),
    }
}

/// What the host and this point have in common.
pub fn agreed_p256(point: &[u8]) -> Vec<u8> {
    let public = p256::PublicKey::from_sec1_bytes(point).unwrap();
    let secret = p256_secret();
    diffie_hellman(&secret.to_nonzero_scalar(), public.as_affine())
        .raw_secret_bytes()
        .to_vec()
}

pub fn agreed_p384(point: &[u8]) -> Vec<u8> {
    let public = p384::PublicKey::from_sec1_bytes(point).unwrap();
    let secret = p384_secret();
    diffie_hellman(&secret.to_nonzero_scalar(), public.as_affine())
        .raw_secret_bytes()
        .to_vec()
}

pub fn is_agreement(key: &Key, data: &[u8]) -> bool {
    let secret = match key.algorithm {
        P256 => agreed_p256(&key.public),
        P384 => agreed_p384(&key.public),
        X25519 => {
            let public: [u8; 32] = key.public.as_slice().try_into().unwrap();
            x25519_secret()
                .diffie_hellman(&public.into())
                .as_bytes()
                .to_vec()
        }
        _ => return false,
    };
    data == template(&[(0x82, &secret)])
}

/// The length of the hash is in no answer: one of those that were sent.
pub fn is_signature(key: &Key, bare: bool, data: &[u8]) -> bool {
    let lengths: &[usize] = if bare { &[32] } else { &[20, 32, 48, 64, 65] };
    let Some(signature) = (if bare {
        Some(data)
    } else {
        // 7C { 82 signature }, each length in one byte.
        data.get(4..)
    }) else {
        return false;
    };
    lengths.iter().any(|length| {
        let hash = &HASH[..*length];
        match key.algorithm {
            P256 => {
                let public = p256::ecdsa::VerifyingKey::from_sec1_bytes(&key.public).unwrap();
                let signature = if bare {
                    p256::ecdsa::Signature::from_slice(signature)
                } else {
                    p256::ecdsa::Signature::from_der(signature)
                };
                signature.is_ok_and(|signature| public.verify_prehash(hash, &signature).is_ok())
            }
            P384 => {
                let public = p384::ecdsa::VerifyingKey::from_sec1_bytes(&key.public).unwrap();
                let signature = if bare {
                    p384::ecdsa::Signature::from_slice(signature)
                } else {
                    p384::ecdsa::Signature::from_der(signature)
                };
                signature.is_ok_and(|signature| public.verify_prehash(hash, &signature).is_ok())
            }
            ED25519 => {
                let public: [u8; 32] = key.public.as_slice().try_into().unwrap();
                let public = ed25519_dalek::VerifyingKey::from_bytes(&public).unwrap();
                ed25519_dalek::Signature::from_slice(signature)
                    .is_ok_and(|signature| public.verify(hash, &signature).is_ok())
            }
            _ => false,
        }
    })
}
