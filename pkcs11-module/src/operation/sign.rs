//! Signatures (PKCS#11 3.0, 5.13): padded here, made by the card.

use card_edge::piv::{AsymmetricKey, PinPolicy};
use cryptoki_sys::{CK_OBJECT_HANDLE, CK_SESSION_HANDLE, CKA_SIGN};
use zeroize::Zeroizing;

use super::{Input, Outcome, Room, Stage, feed};
use crate::error::{Error, Result};
use crate::hash::Hash;
use crate::mechanism::{Kind, Mechanism, Parameter};
use crate::module::Module;
use crate::object::Content;
use crate::padding::{pkcs1, pss};
use crate::public_key::{PublicKey, fit_hash, raw_signature};
use crate::token::Consent;

/// A signature in the making.
pub struct Sign {
    mechanism: Mechanism,
    slot: AsymmetricKey,
    key: PublicKey,
    input: Input,
    stage: Stage,
    consent: Consent,
}

impl Sign {
    /// Whether the key wants a login for this very operation, which has not come.
    #[must_use]
    pub fn awaits_login(&self) -> bool {
        self.slot.pin_policy() == PinPolicy::Always && self.consent == Consent::Pending
    }

    /// Whether the key wants a login for each operation.
    #[must_use]
    pub fn wants_login(&self) -> bool {
        self.slot.pin_policy() == PinPolicy::Always
    }

    /// The login has come.
    pub fn consented(&mut self) {
        self.consent = Consent::Given;
    }
}

/// The hash of a mechanism that signs or verifies with this type of key.
///
/// # Errors
/// [`Error::Mechanism`] where it does neither, [`Error::KeyType`] where it is for other keys.
pub(super) fn signature_hash(kind: Kind, key: &PublicKey) -> Result<Option<Hash>> {
    let (hash, for_rsa) = match kind {
        Kind::RsaPkcs(hash) | Kind::RsaPss(hash) => (hash, true),
        Kind::RsaRaw => (None, true),
        Kind::Ecdsa(hash) => (hash, false),
        Kind::RsaOaep | Kind::Ecdh | Kind::Digest(_) => return Err(Error::Mechanism),
    };
    if for_rsa == matches!(key, PublicKey::Rsa(_)) {
        Ok(hash)
    } else {
        Err(Error::KeyType)
    }
}

/// The length of a signature by this key.
pub(super) fn signature_length(key: &PublicKey) -> usize {
    match key {
        PublicKey::Rsa(key) => key.length(),
        PublicKey::Ec(key) => 2 * key.curve.field_length(),
    }
}

/// What follows the padding of a PKCS #1 v1.5 signature: the caller's data, or the DigestInfo of its hash.
pub(super) fn pkcs1_data(hash: Option<Hash>, input: &[u8]) -> Zeroizing<Vec<u8>> {
    let prefix = hash.map_or(&[] as &[u8], Hash::digest_info);
    Zeroizing::new([prefix, input].concat())
}

/// A block for the bare RSA operation: filled with zeros at the left, and below the modulus.
pub(super) fn raw_block(
    data: &[u8],
    key: &crate::public_key::RsaKey,
) -> Result<Zeroizing<Vec<u8>>> {
    let filling = key
        .length()
        .checked_sub(data.len())
        .ok_or(Error::DataLength)?;
    let mut block = Zeroizing::new(vec![0; filling]);
    block.extend_from_slice(data);
    if block.as_slice() >= key.modulus.as_slice() {
        return Err(Error::DataLength);
    }
    Ok(block)
}

fn block(mechanism: &Mechanism, key: &PublicKey, input: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    match (mechanism.kind, &mechanism.parameter, key) {
        (Kind::RsaPkcs(hash), _, PublicKey::Rsa(key)) => {
            pkcs1::encode_signature(&pkcs1_data(hash, input), key.length())
        }
        (Kind::RsaPss(_), Parameter::Pss(parameters), PublicKey::Rsa(key)) => {
            pss::encode(input, *parameters, key.bits())
        }
        (Kind::RsaRaw, _, PublicKey::Rsa(key)) => raw_block(input, key),
        (Kind::Ecdsa(_), _, PublicKey::Ec(key)) if !input.is_empty() => {
            Ok(Zeroizing::new(fit_hash(input, key.curve)))
        }
        (Kind::Ecdsa(_), _, PublicKey::Ec(_)) => Err(Error::DataLength),
        _ => Err(Error::KeyType),
    }
}

impl Module {
    /// `C_SignInit`; without a mechanism it ends an active operation. An operation that still waits for its
    /// login is replaced: libraries leave such ones lying when their user gives up.
    ///
    /// # Errors
    /// [`Error::OperationActive`], [`Error::KeyHandle`], [`Error::KeyFunction`], [`Error::KeyType`],
    /// [`Error::UserNotLoggedIn`].
    pub fn sign_init(
        &self,
        session: CK_SESSION_HANDLE,
        mechanism: Option<Mechanism>,
        key: CK_OBJECT_HANDLE,
    ) -> Result<()> {
        let session = self.session(session)?;
        let mut operations = session.operations();
        let Some(mechanism) = mechanism else {
            operations.sign = None;
            return Ok(());
        };
        if operations
            .sign
            .as_ref()
            .is_some_and(|sign| !sign.awaits_login())
        {
            return Err(Error::OperationActive);
        }
        let (slot, key) = session.private_key(key, CKA_SIGN)?;
        let hash = signature_hash(mechanism.kind, &key)?;
        operations.sign = Some(Sign {
            mechanism,
            slot,
            key,
            input: Input::new(hash),
            stage: Stage::Begun,
            consent: Consent::Pending,
        });
        Ok(())
    }

    /// `C_SignUpdate`
    ///
    /// # Errors
    /// [`Error::OperationNotInitialized`], [`Error::DataLength`].
    pub fn sign_update(&self, session: CK_SESSION_HANDLE, data: &[u8]) -> Result<()> {
        let session = self.session(session)?;
        let mut operations = session.operations();
        feed(&mut operations.sign, data, |sign| {
            (&mut sign.input, &mut sign.stage)
        })
    }

    /// `C_Sign` with the whole of the data, `C_SignFinal` without.
    ///
    /// # Errors
    /// [`Error::OperationNotInitialized`], [`Error::OperationActive`] for data after an update,
    /// [`Error::DataLength`], [`Error::UserNotLoggedIn`], or any failure of the card. All but the second end
    /// the operation.
    pub fn sign(
        &self,
        session: CK_SESSION_HANDLE,
        data: Option<&[u8]>,
        room: Room,
    ) -> Result<Outcome> {
        let session = self.session(session)?;
        let mut operations = session.operations();
        let waiting = operations
            .sign
            .as_ref()
            .ok_or(Error::OperationNotInitialized)?;
        if data.is_some() && waiting.stage == Stage::Fed {
            return Err(Error::OperationActive);
        }
        let length = signature_length(&waiting.key);
        let Some(mut sign) = operations.sign.take_if(|_| room.holds(length)) else {
            return Ok(Outcome::Length(length));
        };
        if let Some(data) = data {
            sign.input.update(data)?;
        }
        let block = block(&sign.mechanism, &sign.key, &sign.input.finish())?;
        let algorithm = sign.key.algorithm();
        let answer = session
            .token
            .apply_key(sign.slot, algorithm, &block, sign.consent)?;
        let signature = match &sign.key {
            PublicKey::Rsa(_) if answer.len() == length => answer,
            PublicKey::Rsa(_) => {
                return Err(Error::Device("the card's signature is too short".into()));
            }
            PublicKey::Ec(key) => Zeroizing::new(raw_signature(&answer, key.curve)?),
        };
        Ok(Outcome::Bytes(signature))
    }
}

impl crate::session::Session {
    /// The private key with this handle, if it may be used for what `usage` (`CKA_SIGN` and so on) says.
    ///
    /// # Errors
    /// [`Error::KeyHandle`], [`Error::UserNotLoggedIn`], [`Error::KeyFunction`].
    pub(super) fn private_key(
        &self,
        handle: CK_OBJECT_HANDLE,
        usage: cryptoki_sys::CK_ATTRIBUTE_TYPE,
    ) -> Result<(AsymmetricKey, PublicKey)> {
        let object = self.token.object(handle).map_err(no_key)?;
        let Content::PrivateKey(slot, key) = &object.content else {
            return Err(match object.content {
                Content::PublicKey(_) | Content::SecretKey => Error::KeyFunction,
                _ => Error::KeyHandle,
            });
        };
        if !self.token.is_logged_in() {
            return Err(Error::UserNotLoggedIn);
        }
        if !object.attributes.flag(usage) {
            return Err(Error::KeyFunction);
        }
        Ok((*slot, key.clone()))
    }

    /// The public key with this handle, if it may be used for what `usage` says.
    ///
    /// # Errors
    /// [`Error::KeyHandle`], [`Error::KeyFunction`].
    pub(super) fn public_key(
        &self,
        handle: CK_OBJECT_HANDLE,
        usage: cryptoki_sys::CK_ATTRIBUTE_TYPE,
    ) -> Result<PublicKey> {
        let object = self.token.object(handle).map_err(no_key)?;
        match &object.content {
            Content::PublicKey(key) if object.attributes.flag(usage) => Ok(key.clone()),
            Content::PublicKey(_) | Content::PrivateKey(..) | Content::SecretKey => {
                Err(Error::KeyFunction)
            }
            Content::Certificate | Content::Profile => Err(Error::KeyHandle),
        }
    }
}

fn no_key(error: Error) -> Error {
    match error {
        Error::ObjectHandle => Error::KeyHandle,
        other => other,
    }
}
