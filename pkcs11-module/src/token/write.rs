//! What the security officer writes to the card.

use card_edge::Status;
use card_edge::piv::{AsymmetricKey, KeyAlgorithm, KeyKind};

use super::Token;
use crate::card::client::ClientError;
use crate::error::{Error, Result};
use crate::object::GeneratedKey;
use crate::public_key::CertifiedKey;

impl Token {
    /// Lets the card make a key pair, which takes the place of the one before; its certificate stays.
    ///
    /// # Errors
    /// [`Error::KeySizeRange`] or [`Error::Curve`] where the card has no such keys, or as for every write.
    pub fn generate(&self, reference: AsymmetricKey, algorithm: KeyAlgorithm) -> Result<()> {
        let mut connection = self.connection();
        if !self.is_administered() {
            return Err(Error::UserNotLoggedIn);
        }
        self.read_objects(&mut connection)?;
        let certificate = self
            .known()
            .public
            .certificate(reference)
            .map(<[u8]>::to_vec);
        let mut refused = None;
        let made = self.write(&mut connection, |client| {
            let made = client.generate(reference, algorithm);
            if let Err(ClientError::Refused(_, status)) = &made {
                refused = Some(*status);
            }
            Ok(made?)
        });
        let key = made.map_err(|error| match refused {
            Some(
                Status::IncorrectData | Status::IncorrectParameters | Status::FunctionNotSupported,
            ) => match algorithm.kind() {
                KeyKind::Rsa { .. } => Error::KeySizeRange,
                KeyKind::Ecc(_) | KeyKind::Ed25519 | KeyKind::X25519 => Error::Curve,
            },
            _ => error,
        })?;
        let key = CertifiedKey::of_card(&key)
            .filter(|key| key.algorithm() == algorithm)
            .ok_or_else(|| Error::Device("the card has made another kind of key".into()))?;
        let generated = GeneratedKey { key, certificate };
        self.known().generated.insert(reference, generated);
        Ok(())
    }
}
