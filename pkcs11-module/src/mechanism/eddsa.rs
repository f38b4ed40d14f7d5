//! CKM_EDDSA: Ed25519 of the message itself (PKCS#11 3.0 mechanisms, 2.3.14; RFC 8032, 5.1.6).

use cryptoki_sys::CKM_EDDSA;
use zeroize::Zeroizing;

use super::parameter::Parameter;
use super::row::{Row, Usage};
use super::scheme::{ByCard, SignatureScheme};
use crate::error::{Error, Result};
use crate::hash::Hash;
use crate::public_key::KeyType;
use crate::public_key::curve25519::EdwardsKey;

/// The mechanism.
pub const ROWS: [Row; 1] = [Row {
    number: CKM_EDDSA,
    name: "CKM_EDDSA",
    keys: &[KeyType::Edwards],
    usage: Usage::Sign,
    hash: None,
}];

/// The length of a signature in bytes.
const SIGNATURE_LENGTH: usize = 64;
/// The most bytes of a message: what a chain of commands can carry, less the fields around it.
const MESSAGE_MAX: usize = 65_500;

/// Reads the parameter: there is none, or one that asks for Ed25519 itself.
///
/// # Errors
/// [`Error::MechanismParameter`] where it asks for the variants with a context or a hash, which cards do not have.
pub fn read(parameter: &dyn Parameter) -> Result<()> {
    match parameter.eddsa()? {
        None => Ok(()),
        Some(eddsa) if !eddsa.is_hashed && !eddsa.has_context => Ok(()),
        Some(_) => Err(Error::MechanismParameter),
    }
}

/// Ed25519 with a key.
pub struct EddsaScheme(pub EdwardsKey);

impl SignatureScheme for EddsaScheme {
    fn hash(&self) -> Option<Hash> {
        None
    }

    fn length(&self) -> usize {
        SIGNATURE_LENGTH
    }

    fn by_card(&self, _: &[u8]) -> Option<ByCard> {
        None
    }

    fn block(&self, input: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        // A card takes an empty field for another request.
        if input.is_empty() || input.len() > MESSAGE_MAX {
            return Err(Error::DataLength);
        }
        Ok(Zeroizing::new(input.to_vec()))
    }

    fn signature(&self, answer: Zeroizing<Vec<u8>>) -> Result<Zeroizing<Vec<u8>>> {
        if answer.len() == SIGNATURE_LENGTH {
            Ok(answer)
        } else {
            Err(Error::Device(
                "the card's Ed25519 signature has a wrong length".into(),
            ))
        }
    }

    fn verify(&self, input: &[u8], signature: &[u8]) -> Result<()> {
        if signature.len() != SIGNATURE_LENGTH {
            return Err(Error::SignatureLength);
        }
        self.0
            .verify(input, signature)
            .then_some(())
            .ok_or(Error::Signature)
    }
}
