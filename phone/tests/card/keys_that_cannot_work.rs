//! A key that cannot work takes no place: the one that was there goes on working.

use crate::common::{TestCard, verified};
use card_edge::Status;
use card_edge::apdu::{Command, Instruction};
use card_edge::piv::{AsymmetricKey, KeyAlgorithm};
use card_edge::tlv::{self, Tag};
use crypto_primes::{Flavor, random_prime};
use getrandom::SysRng;
use getrandom::rand_core::UnwrapErr;
use p256::elliptic_curve::bigint::ConcatenatingMul;
use pkcs8::EncodePrivateKey;
use rsa::BoxedUint;
use tapcard_phone::key_store::software::SoftwareKeyStore;
use tapcard_phone::key_store::{KeyHandle, KeyPolicy, KeyStore, KeyStoreError};

const SLOTS: [AsymmetricKey; 4] = AsymmetricKey::MAIN;

fn prime(bits: u32) -> BoxedUint {
    random_prime(&mut UnwrapErr(SysRng), Flavor::Any, bits)
}

/// A prime of this many bits whose two highest bits are set, as RSA needs them: the product of two has all its bits.
fn high_prime(bits: u32) -> Vec<u8> {
    loop {
        let bytes = bytes(&prime(bits));
        if bytes.first().is_some_and(|first| *first >= 0xC0) {
            return bytes;
        }
    }
}

fn bytes(number: &BoxedUint) -> Vec<u8> {
    number.to_be_bytes().to_vec()
}

/// The number and this much more, of the same length.
fn plus(number: &[u8], more: u8) -> Vec<u8> {
    let mut out = number.to_vec();
    let mut carry = u16::from(more);
    for byte in out.iter_mut().rev() {
        carry += u16::from(*byte);
        *byte = carry as u8;
        carry >>= 8;
    }
    out
}

/// 2 to the power of 8 times the length, less this.
fn below_the_power(length: usize, less: u8) -> Vec<u8> {
    let mut out = vec![0xFF; length];
    *out.last_mut().unwrap() = 0xFF - (less - 1);
    out
}

fn rsa_data(p: &[u8], q: &[u8]) -> Vec<u8> {
    let mut data = Vec::new();
    tlv::write(&mut data, Tag::new(1), p).unwrap();
    tlv::write(&mut data, Tag::new(2), q).unwrap();
    data
}

fn scalar_data(scalar: &[u8]) -> Vec<u8> {
    let mut data = Vec::new();
    tlv::write(&mut data, Tag::new(6), scalar).unwrap();
    data
}

fn import(card: &mut TestCard, key: AsymmetricKey, algorithm: u8, data: Vec<u8>) -> Status {
    let command = Command::new(Instruction::Other(0xFE), algorithm, key.to_u8()).with_data(data);
    card.chain(&command, true).status
}

/// What cannot be a key, by its name: the algorithm and the import's data.
fn dead_keys() -> Vec<(&'static str, u8, Vec<u8>)> {
    const RSA_2048: u8 = 0x07;
    const RSA_3072: u8 = 0x05;
    let (p, q) = (high_prime(1024), high_prime(1024));
    let (long, other) = (high_prime(1536), high_prime(1536));
    let half = high_prime(512);
    let product = bytes(
        &(BoxedUint::from_be_slice_vartime(&half)
            .concatenating_mul(&BoxedUint::from_be_slice_vartime(&high_prime(512)))),
    );
    let square = bytes(
        &(BoxedUint::from_be_slice_vartime(&half)
            .concatenating_mul(&BoxedUint::from_be_slice_vartime(&half))),
    );
    let mut cases = vec![
        ("p + 2", RSA_2048, rsa_data(&plus(&p, 2), &q)),
        ("q + 2", RSA_2048, rsa_data(&p, &plus(&q, 2))),
        ("even", RSA_2048, rsa_data(&plus(&p, 1), &q)),
        (
            "2^1024 - 1 and 2^1024 - 3",
            RSA_2048,
            rsa_data(&below_the_power(128, 1), &below_the_power(128, 3)),
        ),
        ("p and p", RSA_2048, rsa_data(&p, &p)),
        ("a product of two primes", RSA_2048, rsa_data(&product, &q)),
        ("a square", RSA_2048, rsa_data(&square, &q)),
        ("nothing", RSA_2048, rsa_data(&[0; 128], &q)),
        ("a small prime", RSA_2048, {
            let mut small = vec![0; 128];
            small[127] = 7;
            rsa_data(&small, &q)
        }),
        (
            "p + 2 of 1536 bits",
            RSA_3072,
            rsa_data(&plus(&long, 2), &other),
        ),
        (
            "2^1536 - 1 and 2^1536 - 3",
            RSA_3072,
            rsa_data(&below_the_power(192, 1), &below_the_power(192, 3)),
        ),
    ];
    let p256_order = p256::elliptic_curve::bigint::ArrayEncoding::to_be_byte_array(
        <p256::NistP256 as p256::elliptic_curve::Curve>::ORDER.as_ref(),
    )
    .to_vec();
    let p384_order = p384::elliptic_curve::bigint::ArrayEncoding::to_be_byte_array(
        <p384::NistP384 as p384::elliptic_curve::Curve>::ORDER.as_ref(),
    )
    .to_vec();
    for (algorithm, order) in [(0x11, p256_order), (0x14, p384_order)] {
        cases.extend([
            ("zero", algorithm, scalar_data(&vec![0; order.len()])),
            ("the order", algorithm, scalar_data(&order)),
            (
                "the order and one",
                algorithm,
                scalar_data(&plus(&order, 1)),
            ),
            ("all ones", algorithm, scalar_data(&vec![0xFF; order.len()])),
        ]);
    }
    cases
}

#[test]
fn an_import_that_cannot_work_leaves_the_key_that_did() {
    let mut card = TestCard::administered();
    for key in SLOTS {
        card.client().generate(key, KeyAlgorithm::P256).unwrap();
    }
    let keys = card.store().state().keys.clone();
    for (index, (name, algorithm, data)) in dead_keys().into_iter().enumerate() {
        let key = SLOTS[index % SLOTS.len()];
        assert_eq!(
            import(&mut card, key, algorithm, data),
            Status::IncorrectData,
            "{name} as {algorithm:02X}"
        );
        assert_eq!(card.store().state().keys, keys, "{name}");
        verified(&mut card);
        card.client()
            .apply_key(key, KeyAlgorithm::P256, &[7; 32])
            .unwrap();
    }
}

#[test]
fn primes_in_either_order_are_a_key() {
    let mut card = TestCard::administered();
    for (algorithm, identifier, bits) in [
        (KeyAlgorithm::Rsa2048, 0x07, 1024),
        (KeyAlgorithm::Rsa3072, 0x05, 1536),
    ] {
        let (p, q) = (high_prime(bits), high_prime(bits));
        for data in [rsa_data(&p, &q), rsa_data(&q, &p)] {
            let key = AsymmetricKey::CardAuthentication;
            assert_eq!(import(&mut card, key, identifier, data), Status::Success);
            let block = vec![1; p.len() * 2];
            card.client().apply_key(key, algorithm, &block).unwrap();
        }
    }
}

#[test]
fn a_key_store_tells_a_handle_that_leads_to_no_working_key() {
    let (p, q) = (high_prime(1024), high_prime(1024));
    let number = |bytes: &[u8]| BoxedUint::from_be_slice_vartime(bytes);
    let handle = |p: &[u8]| {
        let key = rsa::PrivateKey::from_p_q(number(p), number(&q), BoxedUint::from(65_537_u64));
        KeyHandle::new(key.unwrap().to_pkcs8_der().unwrap().as_bytes().to_vec())
    };
    let (working, dead) = (handle(&p), handle(&plus(&p, 2)));
    let policy = KeyPolicy::of(AsymmetricKey::PivAuthentication);
    let check = |algorithm, handle| SoftwareKeyStore.check(algorithm, handle);
    assert_eq!(check(KeyAlgorithm::Rsa2048, &working), Ok(()));
    // It can be opened, and nothing more.
    assert!(
        SoftwareKeyStore
            .open(KeyAlgorithm::Rsa2048, policy, &dead)
            .is_ok()
    );
    assert_eq!(
        check(KeyAlgorithm::Rsa2048, &dead),
        Err(KeyStoreError::InvalidInput)
    );
    for algorithm in [
        KeyAlgorithm::Rsa3072,
        KeyAlgorithm::P256,
        KeyAlgorithm::P384,
    ] {
        assert_eq!(check(algorithm, &working), Err(KeyStoreError::Failed));
    }
    let torn = KeyHandle::new(working.as_bytes()[..100].to_vec());
    assert_eq!(
        check(KeyAlgorithm::Rsa2048, &torn),
        Err(KeyStoreError::Failed)
    );
}
