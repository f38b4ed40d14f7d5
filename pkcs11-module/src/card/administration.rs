//! Proving the card management key to a card (SP 800-73-5 part 2, 3.2.4: external authentication), and giving up what
//! that allows.

use aes::cipher::{Array, BlockCipherEncrypt, BlockSizeUser, KeyInit};
use aes::{Aes128, Aes192, Aes256};
use card_edge::Status;
use card_edge::piv::Cipher;
use des::TdesEde3;
use zeroize::Zeroizing;

use super::client::{Client, ClientError};
use super::error::CardError;
use crate::management_key::HeldKey;

/// Proves the key with the first of its ciphers that the card takes, and gives that one.
///
/// # Errors
/// [`CardError::WrongManagementKey`], or what the card answers where it takes none of the ciphers.
pub fn authenticate(client: &mut Client<'_>, key: &HeldKey) -> Result<Cipher, CardError> {
    let mut refusal = CardError::WrongManagementKey;
    for cipher in key.ciphers() {
        let challenge = match client.management_challenge(cipher) {
            Ok(challenge) => challenge,
            // It is for another cipher, as far as this card says.
            Err(error @ ClientError::Refused(..)) => {
                refusal = error.into();
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let response = key
            .with_bytes(|key| encrypt(cipher, key, &challenge))
            .ok_or(CardError::WrongManagementKey)?;
        return match client.management_response(cipher, &response) {
            Ok(()) => Ok(cipher),
            Err(error) if is_wrong_key(&error) => Err(CardError::WrongManagementKey),
            Err(error) => Err(error.into()),
        };
    }
    Err(refusal)
}

/// What a card answers to a wrong key; a few count them.
fn is_wrong_key(error: &ClientError) -> bool {
    matches!(
        error,
        ClientError::NotAuthorised(_)
            | ClientError::Wrong(_)
            | ClientError::Blocked
            | ClientError::Refused(_, Status::VerificationFailed)
    )
}

/// Takes back what [`authenticate`] has allowed, which would serve every other program at this card: the standard has no
/// command for it, but an authentication that fails does it.
pub fn give_up(client: &mut Client<'_>, cipher: Cipher) {
    // The challenge itself is not what comes out when it is encrypted.
    if let Ok(challenge) = client.management_challenge(cipher) {
        drop(client.management_response(cipher, &challenge));
    }
}

/// One block under the key; `None` where the challenge is not a block.
fn encrypt(cipher: Cipher, key: &[u8], challenge: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    fn block<C: KeyInit + BlockCipherEncrypt + BlockSizeUser>(
        key: &[u8],
        challenge: &[u8],
    ) -> Option<Zeroizing<Vec<u8>>> {
        let mut block = Array::try_from(challenge).ok()?;
        C::new_from_slice(key).ok()?.encrypt_block(&mut block);
        Some(Zeroizing::new(block.to_vec()))
    }
    match cipher {
        Cipher::TripleDes => block::<TdesEde3>(key, challenge),
        Cipher::Aes128 => block::<Aes128>(key, challenge),
        Cipher::Aes192 => block::<Aes192>(key, challenge),
        Cipher::Aes256 => block::<Aes256>(key, challenge),
    }
}
