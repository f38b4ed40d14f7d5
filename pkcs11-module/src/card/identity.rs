//! Which card it is.

use card_edge::piv::AsymmetricKey;

use super::client::{CertificateObject, Client, ClientError, read_certificate};
use crate::hash::Hash;

/// Which card it is: the GUID of its CHUID; a card without one is known by its 9A certificate; a card that has
/// neither is not known, all zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identity(pub [u8; 16]);

impl Identity {
    /// A card without CHUID and 9A certificate.
    pub const UNKNOWN: Self = Self([0; 16]);

    /// Whether the card can be told from others.
    #[must_use]
    pub fn is_unique(self) -> bool {
        self != Self::UNKNOWN
    }

    /// Reads it from the selected application. `certificate` is the 9A certificate where it was read already.
    ///
    /// # Errors
    /// [`ClientError::Exchange`].
    pub fn read(
        client: &mut Client<'_>,
        certificate: &mut Option<CertificateObject>,
    ) -> Result<Self, ClientError> {
        let chuid = match client.chuid() {
            Err(error @ ClientError::Exchange(_)) => return Err(error),
            other => other.ok().flatten(),
        };
        if let Some(chuid) = chuid.filter(|chuid| !chuid.guid.is_nil()) {
            return Ok(Self(chuid.guid.into_bytes()));
        }
        if certificate.is_none() {
            *certificate = Some(read_certificate(client, AsymmetricKey::PivAuthentication)?);
        }
        let Some(Some(der)) = certificate else {
            return Ok(Self::UNKNOWN);
        };
        let hash = Hash::Sha256.of(&[der]);
        let mut identity = [0; 16];
        for (to, from) in identity.iter_mut().zip(hash.iter()) {
            *to = *from;
        }
        Ok(Self(identity))
    }
}
