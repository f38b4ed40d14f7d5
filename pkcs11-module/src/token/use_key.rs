//! The use of private keys.

use card_edge::Status;
use card_edge::piv::PinPolicy;
use card_edge::piv::extensions::SignatureRequest;
use card_edge::piv::{AsymmetricKey, KeyAlgorithm};
use zeroize::Zeroizing;

use super::connection::Connection;
use super::pin_policy;
use super::{PinUse, Token};
use crate::card::client::{Client, ClientError};
use crate::card::error::CardError;
use crate::card::sequence::{Here, Repeat};
use crate::error::{Error, Result};
use crate::log;
use crate::mechanism::scheme::ByCard;
use crate::note::note;
use crate::object::Content;
use crate::public_key::CertifiedKey;

/// How the holder of a key that wants the PIN each time has agreed to this use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// By a login for this operation.
    Given,
    /// Not yet; a login that came just before counts once.
    Pending,
}

/// A signature as a card gave it.
#[derive(Debug)]
pub enum Signed {
    /// As PKCS#11 has it.
    Bare(Zeroizing<Vec<u8>>),
    /// The answer to the bare operation.
    Answer(Zeroizing<Vec<u8>>),
}

impl Token {
    /// The bare operation of a private key on a block: see [`card_edge::piv::Client::apply_key`].
    ///
    /// # Errors
    /// [`Error::UserNotLoggedIn`] where the card wants the PIN (again), [`Error::Rejected`] where its holder has not agreed,
    /// [`Error::DeviceRemoved`] where another key is in its place, or any failure of the card.
    pub fn apply_key(
        &self,
        key: AsymmetricKey,
        algorithm: KeyAlgorithm,
        block: &[u8],
        consent: Consent,
    ) -> Result<Zeroizing<Vec<u8>>> {
        self.use_key(&mut self.connection(), key, consent, |client, _| {
            client.apply_key(key, algorithm, block)
        })
    }

    /// A signature: in one command and one answer where the card announced that and does it (see
    /// [`card_edge::piv::Client::sign`]), else by the bare operation on the block.
    ///
    /// # Errors
    /// As [`Self::apply_key`].
    pub fn sign(
        &self,
        key: AsymmetricKey,
        algorithm: KeyAlgorithm,
        block: &[u8],
        by_card: Option<ByCard>,
        consent: Consent,
    ) -> Result<Signed> {
        let is_for_it = matches!(
            key,
            AsymmetricKey::PivAuthentication
                | AsymmetricKey::DigitalSignature
                | AsymmetricKey::CardAuthentication
        );
        let mut connection = self.connection();
        let by_card = by_card.filter(|_| is_for_it && !connection.lacks_signature);
        let request = by_card.map(|asked| SignatureRequest {
            key,
            scheme: asked.scheme,
            hash_algorithm: asked.hash_algorithm,
            hash: asked.hash,
            note: note(),
        });
        let mut refused = false;
        let signed = self.use_key(&mut connection, key, consent, |client, here| {
            if let (Some(request), Some(_)) = (&request, here.objects) {
                match client.sign(request) {
                    Err(error) if is_lacking(&error) => {
                        log::note(|| format!("not in one command: {error}"));
                        refused = true;
                    }
                    other => return other.map(|bare| Signed::Bare(bare.into())),
                }
            }
            client.apply_key(key, algorithm, block).map(Signed::Answer)
        })?;
        // Another application that was selected answers just the same; this card has signed the other way at once.
        connection.lacks_signature |= refused && matches!(signed, Signed::Answer(_));
        Ok(signed)
    }

    /// ECDH of a private key with a point: see [`card_edge::piv::Client::agree`].
    ///
    /// # Errors
    /// As [`Self::apply_key`].
    pub fn agree(
        &self,
        key: AsymmetricKey,
        algorithm: KeyAlgorithm,
        point: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>> {
        self.use_key(
            &mut self.connection(),
            key,
            Consent::Pending,
            |client, _| client.agree(key, algorithm, point),
        )
    }

    fn use_key<R>(
        &self,
        connection: &mut Connection,
        key: AsymmetricKey,
        consent: Consent,
        mut work: impl FnMut(&mut Client<'_>, &Here) -> core::result::Result<R, ClientError>,
    ) -> Result<R> {
        let agreed = consent == Consent::Given || connection.just_verified;
        // A cached PIN must not stand in for the consent that such a key wants for each use.
        let policy = self.pin_policy(key);
        if policy == PinPolicy::Always && !agreed {
            return Err(Error::UserNotLoggedIn);
        }
        let may_learn = self.may_learn_policy(connection, key);
        let pin = match policy {
            PinPolicy::Never => PinUse::Outlasts,
            PinPolicy::Once | PinPolicy::Always => PinUse::Needed,
        };
        let meant = self.certified_key(key);
        for _ in 0..2 {
            let digest = self.known().digest;
            let mut renewed = false;
            let mut learned = None;
            let result = self.sequence(connection, pin, Repeat::Allowed, |client, here| {
                // The caller means the key of a certificate that may not be on the card any more.
                renewed = here.objects != digest;
                if renewed {
                    return Err(CardError::Renewed);
                }
                match work(client, here).map_err(pin_policy::of_key_use) {
                    Err(error @ ClientError::NotAuthorised(_)) if may_learn => {
                        let policy = pin_policy::ask(client, key)?;
                        learned = Some(policy);
                        Err(match policy {
                            Some(PinPolicy::Always) => CardError::WantsPin,
                            Some(PinPolicy::Never | PinPolicy::Once) | None => error.into(),
                        })
                    }
                    other => Ok(other?),
                }
            });
            if let Some(policy) = learned {
                self.learn_policy(connection, key, policy);
            }
            if !renewed {
                if result.is_err() || self.is_as_read(connection, key)? {
                    return result;
                }
                self.read_objects(connection)?;
                return if self.certified_key(key) == meant {
                    result
                } else {
                    Err(Error::DeviceRemoved)
                };
            }
            self.read_objects(connection)?;
            if self.certified_key(key) != meant {
                break;
            }
        }
        Err(Error::DeviceRemoved)
    }

    /// Whether the certificate of a key that was used just now is the one that was read, perhaps by another program; in each
    /// insertion the card is asked once. Not before the use: a key may want the PIN to be the command before it.
    fn is_as_read(&self, connection: &mut Connection, key: AsymmetricKey) -> Result<bool> {
        let mut public = {
            let known = self.known();
            if !known.public.is_unchecked(key) {
                return Ok(true);
            }
            known.public.clone()
        };
        let is_same = self.sequence(
            connection,
            PinUse::Outlasts,
            Repeat::Allowed,
            |client, _| Ok(public.check(client, key)?),
        )?;
        let mut known = self.known();
        // In another insertion than the use.
        if public.is_older_than(&known.public) {
            return Ok(false);
        }
        known.public = public;
        Ok(is_same)
    }

    /// The public half of a private key of the card, as it was last read.
    fn certified_key(&self, reference: AsymmetricKey) -> Option<CertifiedKey> {
        let known = self.known();
        known
            .objects
            .as_ref()?
            .iter()
            .find_map(|object| match &object.content {
                Content::PrivateKey(key, certified) if *key == reference => Some(certified.clone()),
                _ => None,
            })
    }
}

/// Whether a card refuses the command itself, and not this use of it.
fn is_lacking(error: &ClientError) -> bool {
    matches!(
        error,
        ClientError::Refused(
            _,
            Status::InstructionNotSupported
                | Status::ClassNotSupported
                | Status::FunctionNotSupported
                | Status::IncorrectParameters
        )
    )
}
