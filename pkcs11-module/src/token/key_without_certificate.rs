//! Keys without a certificate, whose public half a card gives where it knows GET METADATA (beyond the standard). It is asked
//! where a program looks for the key of a slot by its CKA_ID and there is none: so nobody else pays for it.

use card_edge::piv::yubico::metadata::KeyOrigin;
use card_edge::piv::{AsymmetricKey, KeyAlgorithm};

use super::{PinUse, Token};
use crate::card::client::ClientError;
use crate::card::sequence::Repeat;
use crate::error::Result;
use crate::object::{BareKey, Content};
use crate::public_key::CertifiedKey;

impl Token {
    /// Asks the card once for the key of a slot, where no key of it is known.
    ///
    /// # Errors
    /// As [`Self::objects`].
    pub fn look_for_key(&self, reference: AsymmetricKey) -> Result<()> {
        let is_it = |content: &Content| matches!(content, Content::PrivateKey(known, _) if *known == reference);
        if self.objects()?.iter().any(|object| is_it(&object.content)) {
            return Ok(());
        }
        // A search does not wait for a card that is away.
        if !self.is_present() {
            return Ok(());
        }
        let mut connection = self.connection();
        if !self.known().asked_for.insert(reference) {
            return Ok(());
        }
        let answer = self.sequence(
            &mut connection,
            PinUse::Outlasts,
            Repeat::Allowed,
            |client, _| match client.metadata(reference) {
                Err(error @ ClientError::Exchange(_)) => Err(error.into()),
                other => Ok(other.ok().flatten()),
            },
        );
        if answer.is_err() {
            self.known().asked_for.remove(&reference);
        }
        let Some(metadata) = answer? else {
            return Ok(());
        };
        let algorithm = metadata
            .algorithm
            .and_then(|identifier| KeyAlgorithm::try_from(identifier).ok());
        let key = metadata
            .public_key
            .as_ref()
            .and_then(|key| CertifiedKey::of_card(key, algorithm));
        if let Some(key) = key {
            let mut known = self.known();
            let bare = BareKey {
                key,
                certificate: known.public.certificate(reference).map(<[u8]>::to_vec),
                is_local: metadata.origin == Some(KeyOrigin::Generated),
            };
            known.bare_keys.insert(reference, bare);
            // The selection may have told that the others are not what was read.
            if known.public.is_whole() {
                known.make_objects(self.number);
            }
        }
        Ok(())
    }
}
