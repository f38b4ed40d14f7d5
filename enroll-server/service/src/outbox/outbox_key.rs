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

    /// What a browser has that may show the secret of a webhook.
    pub(crate) fn of_webhooks_page(&self, id: &str) -> Token {
        let made = self.made("webhook-page", id);
        let mut bytes = Zeroizing::new([0; 20]);
        for (to, from) in bytes.iter_mut().zip(made.iter()) {
            *to = *from;
        }
        Token::from_random(&bytes)
    }

    fn made(&self, purpose: &str, id: &str) -> Zeroizing<[u8; 32]> {
        let mut mac = mac(&self.0);
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(id.as_bytes());
        Zeroizing::new(mac.finalize().into_bytes().into())
    }
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
