//! The trial of a key: it is used once in each way that it knows, and what comes out is checked with its public half.

use p256::elliptic_curve::Generate;
use rsa::BoxedUint;
use rsa::traits::PublicKeyParts;
use signature::hazmat::PrehashVerifier;

use super::key::Key;
use crate::key_store::store::KeyStoreError;

/// Uses the key once. A key that does not do what its public half says is [`KeyStoreError::InvalidInput`].
pub(super) fn try_out(key: &Key) -> Result<(), KeyStoreError> {
    macro_rules! try_curve {
        ($curve:ident, $key:expr, $length:literal) => {{
            let hash: [u8; $length] = random()?;
            let signature = $curve::ecdsa::DerSignature::from_bytes(&key.sign_hash(&hash)?)
                .map_err(does_not)?;
            $key.verifying_key()
                .verify_prehash(&hash, &signature)
                .map_err(does_not)?;
            let peer = $curve::SecretKey::try_generate().map_err(|_| KeyStoreError::Failed)?;
            let ours = key.agree(&peer.public_key().to_sec1_bytes())?;
            let theirs = peer.diffie_hellman(&$key.verifying_key().into());
            ours.as_slice() == theirs.raw_secret_bytes().as_slice()
        }};
    }
    let works = match key {
        Key::Rsa(rsa) => try_rsa(key, rsa)?,
        Key::P256(p256) => try_curve!(p256, p256, 32),
        Key::P384(p384) => try_curve!(p384, p384, 48),
        Key::Ed25519(ed25519) => {
            let message: [u8; 32] = random()?;
            let signature: [u8; 64] = key.sign_message(&message)?.try_into().map_err(does_not)?;
            let signature = ed25519_dalek::Signature::from_bytes(&signature);
            ed25519
                .verifying_key()
                .verify_strict(&message, &signature)
                .is_ok()
        }
        Key::X25519(x25519) => {
            let peer = x25519_dalek::StaticSecret::from(random::<32>()?);
            let ours = key.agree(x25519_dalek::PublicKey::from(&peer).as_bytes())?;
            let theirs = peer.diffie_hellman(&x25519_dalek::PublicKey::from(x25519.as_ref()));
            ours.as_slice() == theirs.as_bytes()
        }
    };
    if works {
        Ok(())
    } else {
        Err(KeyStoreError::InvalidInput)
    }
}

/// Whether a block to the power of the private exponent, and that to the power of the public one, is the block again.
fn try_rsa(key: &Key, rsa: &rsa::PrivateKey) -> Result<bool, KeyStoreError> {
    let mut block = vec![0; rsa.size()];
    // The first byte stays zero: the block is below the modulus.
    getrandom::fill(block.get_mut(1..).ok_or(KeyStoreError::InvalidInput)?)
        .map_err(|_| KeyStoreError::Failed)?;
    let result = key.apply_rsa(&block).map_err(does_not)?;
    let precision = rsa.n_bits_precision();
    let number = |bytes: &[u8]| BoxedUint::from_be_slice(bytes, precision).map_err(does_not);
    let again =
        rsa::hazmat::rsa_encrypt(rsa.as_public_key(), &number(&result)?).map_err(does_not)?;
    Ok(again == number(&block)?)
}

fn random<const N: usize>() -> Result<[u8; N], KeyStoreError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| KeyStoreError::Failed)?;
    Ok(bytes)
}

fn does_not<E>(_: E) -> KeyStoreError {
    KeyStoreError::InvalidInput
}
