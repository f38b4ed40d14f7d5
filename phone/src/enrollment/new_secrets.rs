//! The secrets that an enrollment makes.

use card_edge::piv::{Cipher, ManagementKey};
use enrollment_protocol::unblocking::UnblockingKey;
use zeroize::Zeroizing;

use super::error::EnrollError;
use crate::state::reference_data::{HashError, ReferenceData};
use crate::state::{OpeningKey, StateError};

/// A PIN unblocking key: eight random digits.
///
/// # Errors
/// Where the system gives no randomness.
pub(super) fn random_puk() -> Result<Zeroizing<String>, StateError> {
    const VALUES: u32 = 100_000_000;
    // Numbers above the last multiple would make some PUKs likelier.
    let limit = u32::MAX - u32::MAX % VALUES;
    loop {
        let number = getrandom::u32()?;
        if number < limit {
            return Ok(Zeroizing::new(format!("{:08}", number % VALUES)));
        }
    }
}

/// A management key that nobody knows: whoever administers the phone enrolls it again.
///
/// # Errors
/// Where the system gives no randomness.
pub(super) fn random_management_key() -> Result<ManagementKey, EnrollError> {
    let mut key = Zeroizing::new([0; 32]);
    getrandom::fill(key.as_mut()).map_err(StateError::from)?;
    ManagementKey::new(Cipher::Aes256, key.as_ref()).map_err(|_| HashError.into())
}

/// What the card keeps of an unblocking key: its hash, and under it what decrypts the card's keys.
///
/// # Errors
/// [`HashError`] where there is no memory or no randomness for it.
pub(super) fn kept_unblocking(
    key: &UnblockingKey,
    opening: Option<&OpeningKey>,
) -> Result<ReferenceData, HashError> {
    // Nobody guesses it: it has no tries that could be counted.
    ReferenceData::new(key.as_bytes(), 1, false, opening)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_puk_is_eight_digits() {
        for _ in 0..100 {
            let puk = random_puk().unwrap();
            assert!(puk.len() == 8 && puk.bytes().all(|byte| byte.is_ascii_digit()));
        }
    }
}
