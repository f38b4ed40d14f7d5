//! What the security officer writes to the card.

use card_edge::Status;
use card_edge::piv::history::KeyHistory;
use card_edge::piv::{AsymmetricKey, KeyAlgorithm, KeyKind, ObjectId, certificate};
use card_host::Identity;

use super::Token;
use crate::card::client::{Client, ClientError};
use crate::card::error::CardError;
use crate::card::public_objects::{Extent, PublicObjects};
use crate::error::{Error, Result};
use crate::object::BareKey;
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
        let key = CertifiedKey::of_card(&key, Some(algorithm))
            .filter(|key| key.algorithm() == algorithm)
            .ok_or_else(|| Error::Device("the card has made another kind of key".into()))?;
        let bare = BareKey {
            key,
            certificate,
            is_local: true,
        };
        self.known().bare_keys.insert(reference, bare);
        Ok(())
    }

    /// Writes the certificate of a key: as it is, and compressed where the card has no room for that.
    ///
    /// # Errors
    /// As [`Self::put_object`].
    pub fn put_certificate(&self, key: AsymmetricKey, der: &[u8]) -> Result<()> {
        let contents = [certificate::encode(der), certificate::encode_short(der)];
        let contents: Vec<Vec<u8>> = contents.into_iter().flatten().collect();
        self.put(ObjectId::Certificate(key), &contents)
    }

    /// Writes the content of an object; an empty one removes it.
    ///
    /// # Errors
    /// [`Error::DeviceMemory`] where it is too long for the card, [`Error::ActionProhibited`] where the card lets nobody
    /// write this object, [`Error::AttributeValue`] where it does not take the content, or as for every write.
    pub fn put_object(&self, object: ObjectId, content: &[u8]) -> Result<()> {
        self.put(object, &[content.to_vec()])
    }

    /// Writes the first of the contents that the card has room for.
    fn put(&self, object: ObjectId, contents: &[Vec<u8>]) -> Result<()> {
        let mut connection = self.connection();
        let mut refused = None;
        let written = self.write(&mut connection, |client| {
            if let Err(error) = put_first(client, object, contents) {
                if let ClientError::Refused(_, status) = &error {
                    refused = Some(*status);
                }
                return Err(error.into());
            }
            if let ObjectId::Certificate(AsymmetricKey::RetiredKeyManagement(number)) = object {
                count_in_history(client, number.get())?;
            }
            identity_after(client, object)
        });
        let identity = written.map_err(|error| match refused {
            Some(Status::NotEnoughMemory | Status::WrongLength) => Error::DeviceMemory,
            Some(
                Status::FunctionNotSupported | Status::NotFound | Status::ConditionsNotSatisfied,
            ) => Error::ActionProhibited,
            Some(Status::IncorrectData) => Error::AttributeValue,
            _ => error,
        })?;
        if let Some(identity) = identity {
            connection.card.is_now(identity);
        }
        Ok(())
    }
}

fn put_first(
    client: &mut Client<'_>,
    object: ObjectId,
    contents: &[Vec<u8>],
) -> core::result::Result<(), ClientError> {
    let mut result = Ok(());
    for content in contents {
        result = client.put_data(object, content);
        let is_too_long = matches!(
            result,
            Err(ClientError::Refused(
                _,
                Status::NotEnoughMemory | Status::WrongLength
            ))
        );
        if !is_too_long {
            break;
        }
    }
    result
}

/// Hosts read as many retired certificates as the Key History Object counts. A card may count itself.
fn count_in_history(client: &mut Client<'_>, number: u8) -> core::result::Result<(), CardError> {
    let content = client.get_data(ObjectId::KeyHistory)?;
    let mut history = content
        .and_then(|content| KeyHistory::decode(&content).ok())
        .unwrap_or_default();
    if history.on_card >= number {
        return Ok(());
    }
    history.on_card = number;
    history.off_card = history.off_card.min(20_u8.saturating_sub(number));
    let content = history.encode().map_err(ClientError::Unencodable)?;
    Ok(client.put_data(ObjectId::KeyHistory, &content)?)
}

/// Which card it is after an object was written that tells that: the sessions here go on with it.
fn identity_after(
    client: &mut Client<'_>,
    object: ObjectId,
) -> core::result::Result<Option<Identity>, CardError> {
    let first = ObjectId::Certificate(AsymmetricKey::PivAuthentication);
    if object != ObjectId::Chuid && object != first {
        return Ok(None);
    }
    let mut public = PublicObjects::default();
    public.read(client, Extent::Identity)?;
    Ok(Some(public.identity()))
}
