//! Mechanisms: what a program can ask for, with its parameters (PKCS#11 3.0 mechanisms).
//!
//! All that one mechanism is stands in one file: its numbers and names, its parameters, its padding. This file lists
//! them, and says which is for what. Nothing here knows of sessions, tokens or cards.

pub mod digest;
pub mod ecdh;
pub mod ecdsa;
pub mod eddsa;
mod key_pair;
mod mask;
pub mod parameter;
pub mod row;
mod rsa;
pub mod rsa_oaep;
pub mod rsa_pkcs;
pub mod rsa_pss;
pub mod rsa_raw;
pub mod scheme;

use cryptoki_sys::CK_MECHANISM_TYPE;

use crate::error::{Error, Result};
use crate::hash::Hash;
use crate::public_key::ec::EcKey;
use crate::public_key::{CertifiedKey, KeyType};
use ecdh::Ecdh;
use ecdsa::{Ecdsa, EcdsaScheme};
use eddsa::EddsaScheme;
use parameter::Parameter;
use row::Row;
use rsa::Padded;
use rsa_oaep::RsaOaep;
use rsa_pkcs::RsaPkcs;
use rsa_pss::RsaPss;
use rsa_raw::RsaRaw;
use scheme::{EncryptionScheme, SignatureScheme};

/// A mechanism as a caller asks for it: known, with the parameters that it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mechanism {
    /// PKCS #1 v1.5.
    RsaPkcs(RsaPkcs),
    /// RSA without padding.
    RsaRaw(RsaRaw),
    /// PSS.
    RsaPss(RsaPss),
    /// OAEP.
    RsaOaep(RsaOaep),
    /// ECDSA.
    Ecdsa(Ecdsa),
    /// EdDSA.
    Eddsa,
    /// ECDH.
    Ecdh(Ecdh),
    /// A hash function.
    Digest(Hash),
    /// The making of a key pair.
    KeyPair(KeyType),
}

/// Reads what a caller gives with a mechanism of these rows.
type Read = fn(&Row, &dyn Parameter) -> Result<Mechanism>;

/// All mechanisms, in the order in which `C_GetMechanismList` gives them.
const ALL: [(&[Row], Read); 9] = [
    (&rsa_pkcs::ROWS, |row, _| {
        Ok(Mechanism::RsaPkcs(RsaPkcs { hash: row.hash }))
    }),
    (&rsa_raw::ROWS, |_, _| Ok(Mechanism::RsaRaw(RsaRaw))),
    (&rsa_pss::ROWS, |row, parameter| {
        RsaPss::read(row, parameter).map(Mechanism::RsaPss)
    }),
    (&rsa_oaep::ROWS, |_, parameter| {
        RsaOaep::read(parameter).map(Mechanism::RsaOaep)
    }),
    (&ecdsa::ROWS, |row, _| {
        Ok(Mechanism::Ecdsa(Ecdsa { hash: row.hash }))
    }),
    (&eddsa::ROWS, |_, parameter| {
        eddsa::read(parameter).map(|()| Mechanism::Eddsa)
    }),
    (&ecdh::ROWS, |_, parameter| {
        Ecdh::read(parameter).map(Mechanism::Ecdh)
    }),
    (&digest::ROWS, |row, parameter| {
        parameter.none()?;
        row.own_hash().map(Mechanism::Digest)
    }),
    (&key_pair::ROWS, |row, _| {
        row.keys
            .first()
            .map(|keys| Mechanism::KeyPair(*keys))
            .ok_or(Error::Mechanism)
    }),
];

/// What programs can learn of all mechanisms.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    ALL.iter().flat_map(|(rows, _)| rows.iter())
}

/// What programs can learn of this mechanism.
///
/// # Errors
/// [`Error::Mechanism`] where no mechanism has this number.
pub fn find(number: CK_MECHANISM_TYPE) -> Result<&'static Row> {
    rows()
        .find(|row| row.number == number)
        .ok_or(Error::Mechanism)
}

impl Mechanism {
    /// The mechanism of this number, with the parameter that a caller gives.
    ///
    /// # Errors
    /// [`Error::Mechanism`] where no mechanism has this number, [`Error::MechanismParameter`].
    pub fn read(number: CK_MECHANISM_TYPE, parameter: &dyn Parameter) -> Result<Self> {
        for (rows, read) in ALL {
            if let Some(row) = rows.iter().find(|row| row.number == number) {
                return read(row, parameter);
            }
        }
        Err(Error::Mechanism)
    }

    /// The hash function, for `C_DigestInit`.
    ///
    /// # Errors
    /// [`Error::Mechanism`] where it is another mechanism.
    pub fn digest(self) -> Result<Hash> {
        match self {
            Self::Digest(hash) => Ok(hash),
            Self::RsaPkcs(_)
            | Self::RsaRaw(_)
            | Self::RsaPss(_)
            | Self::RsaOaep(_)
            | Self::Ecdsa(_)
            | Self::Eddsa
            | Self::Ecdh(_)
            | Self::KeyPair(_) => Err(Error::Mechanism),
        }
    }

    /// The type of the keys that it makes, for `C_GenerateKeyPair`.
    ///
    /// # Errors
    /// [`Error::Mechanism`] where it is another mechanism.
    pub fn key_pair(self) -> Result<KeyType> {
        match self {
            Self::KeyPair(key_type) => Ok(key_type),
            Self::RsaPkcs(_)
            | Self::RsaRaw(_)
            | Self::RsaPss(_)
            | Self::RsaOaep(_)
            | Self::Ecdsa(_)
            | Self::Eddsa
            | Self::Ecdh(_)
            | Self::Digest(_) => Err(Error::Mechanism),
        }
    }

    /// How this mechanism signs and verifies with this key.
    ///
    /// # Errors
    /// [`Error::Mechanism`] where it does neither, [`Error::KeyType`] where it is for other keys.
    pub fn signature(self, key: CertifiedKey) -> Result<Box<dyn SignatureScheme>> {
        Ok(match self {
            Self::RsaPkcs(padding) => Box::new(padded(padding, key)?),
            Self::RsaRaw(padding) => Box::new(padded(padding, key)?),
            Self::RsaPss(padding) => Box::new(padded(padding, key)?),
            Self::Ecdsa(ecdsa) => Box::new(EcdsaScheme {
                ecdsa,
                key: ec(key)?,
            }),
            Self::Eddsa => match key {
                CertifiedKey::Edwards(key) => Box::new(EddsaScheme(key)),
                CertifiedKey::Rsa(_) | CertifiedKey::Ec(_) | CertifiedKey::Montgomery(_) => {
                    return Err(Error::KeyType);
                }
            },
            Self::RsaOaep(_) | Self::Ecdh(_) | Self::Digest(_) | Self::KeyPair(_) => {
                return Err(Error::Mechanism);
            }
        })
    }

    /// How this mechanism encrypts and decrypts with this key.
    ///
    /// # Errors
    /// As [`Self::signature`].
    pub fn encryption(self, key: CertifiedKey) -> Result<Box<dyn EncryptionScheme>> {
        Ok(match self {
            Self::RsaPkcs(RsaPkcs { hash: Some(_) }) => return Err(Error::Mechanism),
            Self::RsaPkcs(padding) => Box::new(padded(padding, key)?),
            Self::RsaRaw(padding) => Box::new(padded(padding, key)?),
            Self::RsaOaep(padding) => Box::new(padded(padding, key)?),
            Self::RsaPss(_)
            | Self::Ecdsa(_)
            | Self::Eddsa
            | Self::Ecdh(_)
            | Self::Digest(_)
            | Self::KeyPair(_) => {
                return Err(Error::Mechanism);
            }
        })
    }

    /// How this mechanism agrees on a secret.
    ///
    /// # Errors
    /// [`Error::Mechanism`] where it does not.
    pub fn agreement(self) -> Result<Ecdh> {
        match self {
            Self::Ecdh(ecdh) => Ok(ecdh),
            Self::RsaPkcs(_)
            | Self::RsaRaw(_)
            | Self::RsaPss(_)
            | Self::RsaOaep(_)
            | Self::Ecdsa(_)
            | Self::Eddsa
            | Self::Digest(_)
            | Self::KeyPair(_) => Err(Error::Mechanism),
        }
    }
}

fn padded<P>(padding: P, key: CertifiedKey) -> Result<Padded<P>> {
    match key {
        CertifiedKey::Rsa(key) => Ok(Padded { padding, key }),
        CertifiedKey::Ec(_) | CertifiedKey::Edwards(_) | CertifiedKey::Montgomery(_) => {
            Err(Error::KeyType)
        }
    }
}

fn ec(key: CertifiedKey) -> Result<EcKey> {
    match key {
        CertifiedKey::Ec(key) => Ok(key),
        CertifiedKey::Rsa(_) | CertifiedKey::Edwards(_) | CertifiedKey::Montgomery(_) => {
            Err(Error::KeyType)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use cryptoki_sys::*;

    use super::*;

    #[test]
    fn no_mechanism_stands_twice() {
        let numbers: BTreeSet<_> = rows().map(|row| row.number).collect();
        let names: BTreeSet<_> = rows().map(|row| row.name).collect();
        assert_eq!(numbers.len(), rows().count());
        assert_eq!(names.len(), rows().count());
        assert_eq!(rows().count(), 31);
    }

    #[test]
    fn rsa_flags_come_in_pairs() {
        for row in rows() {
            let flags = row.info().flags;
            assert_eq!(flags & CKF_SIGN != 0, flags & CKF_VERIFY != 0);
            assert_eq!(flags & CKF_DECRYPT != 0, flags & CKF_ENCRYPT != 0);
        }
    }
}
