//! Whether the card management key (9B) is still the default one.
//!
//! A card that knows GET METADATA says so itself. With another it is found out by external authentication with the key
//! that everyone knows: it has no retry counter, so a wrong one costs nothing. A card that accepts it must be reset
//! afterwards, since it then takes us for its administrator.

use aes::Aes192;
use aes::cipher::{Array, BlockCipherEncrypt, BlockSizeUser, KeyInit};
use card_edge::Transmit;
use card_edge::piv::DEFAULT_CARD_MANAGEMENT_KEY;
use card_edge::piv::client::{Client, ClientError};
use card_edge::piv::yubico::metadata::Metadata;
use card_edge::piv::{Cipher, KeyReference};
use card_edge::transmit::ExchangeError;
use des::TdesEde3;

use super::report::ManagementKey;
use crate::doctor::link::{CardDisposition, LinkError};

/// Asks the card for its metadata, or tries the default key.
pub(super) fn examine<T>(
    client: &mut Client<T>,
    knows_metadata: bool,
    disposition: &mut CardDisposition,
) -> Result<ManagementKey, LinkError>
where
    T: Transmit<Error = LinkError>,
{
    if knows_metadata {
        let metadata = unless_refused(client.metadata(KeyReference::CardManagement))?.flatten();
        if let Some(answer) = metadata.and_then(from_metadata) {
            return Ok(answer);
        }
    }
    let found = try_default(client)?;
    if found.default_algorithm().is_some() {
        *disposition = CardDisposition::Reset;
    }
    Ok(found)
}

/// What metadata says; `None` where it does not, or says something that cannot be.
fn from_metadata(metadata: Metadata) -> Option<ManagementKey> {
    if !metadata.is_default? {
        return Some(ManagementKey::Changed);
    }
    match Cipher::try_from(metadata.algorithm?).ok()? {
        Cipher::Aes192 => Some(ManagementKey::DefaultAes192),
        Cipher::TripleDes => Some(ManagementKey::DefaultTripleDes),
        // The default key has 24 bytes.
        Cipher::Aes128 | Cipher::Aes256 => None,
    }
}

/// Tries the default key as AES-192, then as 3DES. A card that gives a challenge has a key of that kind; one that
/// then refuses the response has another key, and is not asked again.
fn try_default<T>(client: &mut Client<T>) -> Result<ManagementKey, LinkError>
where
    T: Transmit<Error = LinkError>,
{
    for (cipher, default) in [
        (Cipher::Aes192, ManagementKey::DefaultAes192),
        (Cipher::TripleDes, ManagementKey::DefaultTripleDes),
    ] {
        let Some(challenge) = unless_refused(client.management_challenge(cipher))? else {
            continue;
        };
        let Some(response) = encrypt(cipher, &challenge) else {
            continue;
        };
        return Ok(
            match unless_refused(client.management_response(cipher, &response))? {
                Some(()) => default,
                None => ManagementKey::Changed,
            },
        );
    }
    Ok(ManagementKey::Unknown)
}

/// The card's answer, or `None` where it refused; a broken link is passed on.
fn unless_refused<V>(result: Result<V, ClientError<LinkError>>) -> Result<Option<V>, LinkError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(ClientError::Exchange(ExchangeError::Transmit(error))) => Err(error),
        Err(_) => Ok(None),
    }
}

/// One block under the default key; `None` where the challenge is not a block.
fn encrypt(cipher: Cipher, challenge: &[u8]) -> Option<Vec<u8>> {
    fn block<C: KeyInit + BlockCipherEncrypt + BlockSizeUser>(challenge: &[u8]) -> Option<Vec<u8>> {
        let cipher = C::new_from_slice(&DEFAULT_CARD_MANAGEMENT_KEY).ok()?;
        let mut block = Array::try_from(challenge).ok()?;
        cipher.encrypt_block(&mut block);
        Some(block.to_vec())
    }
    match cipher {
        Cipher::Aes192 => block::<Aes192>(challenge),
        Cipher::TripleDes => block::<TdesEde3>(challenge),
        Cipher::Aes128 | Cipher::Aes256 => None,
    }
}
