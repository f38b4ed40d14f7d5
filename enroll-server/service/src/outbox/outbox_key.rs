//! The key of all that is sent out, and what is made of it.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use enroll_server_ca::secret_key::SecretKey;
use enroll_server_model::random::Token;

/// The key.
pub struct OutboxKey(SecretKey);

impl std::fmt::Debug for OutboxKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OutboxKey(..)")
    }
}

impl OutboxKey {
    /// The key of these bytes.
    pub(super) fn new(key: SecretKey) -> Self {
        Self(key)
    }

    /// The secret with which what is sent to a webhook is signed.
    pub(crate) fn of_webhook(&self, id: &str) -> Zeroizing<[u8; 32]> {
        self.made("webhook", id)
    }

    /// The token of an invitation that was made with this seed.
    pub(crate) fn of_invitation(&self, id: &str, seed: &str) -> Token {
        Token::from_random(&shortened::<20>(
            &self.made("invitation", &format!("{id} {seed}")),
        ))
    }

    /// The token of a link to a holder's own pages.
    pub(crate) fn of_own_pages(&self, id: &str) -> Token {
        Token::from_random(&shortened::<20>(&self.made("own-pages", id)))
    }

    /// What a browser has that may show the secret of a webhook.
    pub(crate) fn of_webhooks_page(&self, id: &str) -> Token {
        Token::from_random(&shortened::<20>(&self.made("webhook-page", id)))
    }

    /// The secret of an authenticator app (RFC 6238), 160 bits.
    pub(crate) fn of_authenticator(
        &self,
        administrator_id: &str,
        secret_id: &str,
    ) -> Zeroizing<[u8; 20]> {
        shortened(&self.made("authenticator", &format!("{administrator_id}/{secret_id}")))
    }

    /// A recovery code of an account, 80 bits.
    pub(crate) fn of_recovery_code(
        &self,
        administrator_id: &str,
        codes_id: &str,
        number: usize,
    ) -> Zeroizing<[u8; 10]> {
        let id = format!("{administrator_id}/{codes_id}/{number}");
        shortened(&self.made("recovery-code", &id))
    }

    /// What a phone takes a new PIN with that enrolled with this seed.
    pub(crate) fn of_unblocking(&self, phone_id: &str, seed: &str) -> Zeroizing<[u8; 32]> {
        self.made("unblocking", &format!("{phone_id}/{seed}"))
    }

    /// The code that the holder of a phone is told, eight digits.
    pub(crate) fn of_unblocking_code(&self, phone_id: &str, seed: &str) -> Zeroizing<String> {
        let made = self.made("unblocking-code", &format!("{phone_id}/{seed}"));
        let number = u64::from_be_bytes(*shortened::<8>(&made));
        Zeroizing::new(format!("{:08}", number % 100_000_000))
    }

    fn made(&self, purpose: &str, id: &str) -> Zeroizing<[u8; 32]> {
        let mut mac = mac(&self.0);
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(id.as_bytes());
        Zeroizing::new(mac.finalize().into_bytes().into())
    }
}

/// The first `N` bytes.
fn shortened<const N: usize>(made: &[u8; 32]) -> Zeroizing<[u8; N]> {
    let mut bytes = Zeroizing::new([0; N]);
    for (to, from) in bytes.iter_mut().zip(made) {
        *to = *from;
    }
    bytes
}

/// HMAC-SHA-256 under a key.
pub(crate) fn mac(key: &[u8; 32]) -> Hmac<Sha256> {
    // A key that is shorter than a block is filled up with zeros (RFC 2104).
    let mut block = Zeroizing::new([0; 64]);
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
    }
    Hmac::new((&*block).into())
}
