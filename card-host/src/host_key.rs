//! Keys of this side of a channel, each for one key establishment.

use card_edge::piv::client::EphemeralKey;
use card_edge::piv::secure_messaging::CipherSuite;
use zeroize::Zeroizing;

/// A key of this side, for one channel.
pub enum HostKey {
    /// For CS2.
    P256(p256::SecretKey),
    /// For CS7.
    P384(p384::SecretKey),
}

impl HostKey {
    /// A new one; `None` without randomness.
    #[must_use]
    pub fn generate(suite: CipherSuite) -> Option<Self> {
        // One number in four billion is not below the order.
        (0..8).find_map(|_| {
            let mut number = Zeroizing::new([0; 48]);
            getrandom::fill(number.as_mut_slice()).ok()?;
            match suite {
                CipherSuite::Cs2 => p256::SecretKey::from_slice(number.get(..32)?)
                    .ok()
                    .map(Self::P256),
                CipherSuite::Cs7 => p384::SecretKey::from_slice(number.as_slice())
                    .ok()
                    .map(Self::P384),
            }
        })
    }
}

impl EphemeralKey for HostKey {
    fn point(&self) -> Vec<u8> {
        match self {
            Self::P256(key) => key.public_key().to_sec1_bytes().to_vec(),
            Self::P384(key) => key.public_key().to_sec1_bytes().to_vec(),
        }
    }

    fn agree(self, point: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        Some(Zeroizing::new(match self {
            Self::P256(key) => key
                .diffie_hellman(&p256::PublicKey::from_sec1_bytes(point).ok()?)
                .raw_secret_bytes()
                .to_vec(),
            Self::P384(key) => key
                .diffie_hellman(&p384::PublicKey::from_sec1_bytes(point).ok()?)
                .raw_secret_bytes()
                .to_vec(),
        }))
    }
}
