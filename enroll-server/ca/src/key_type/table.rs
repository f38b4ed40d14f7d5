//! The table of key types.

use enroll_server_model::KeyAlgorithm;
use spki::SubjectPublicKeyInfoOwned;

use super::error::PublicKeyError;
use super::operations::{KeyType, Reader};
use super::{ec, rsa};
use crate::signature_algorithm::SignatureAlgorithm;

/// The type of an algorithm's keys.
pub(crate) fn of(algorithm: KeyAlgorithm) -> &'static dyn KeyType {
    match algorithm {
        KeyAlgorithm::Rsa2048 => &rsa::RSA_2048,
        KeyAlgorithm::Rsa3072 => &rsa::RSA_3072,
        KeyAlgorithm::Rsa4096 => &rsa::RSA_4096,
        KeyAlgorithm::P256 => &ec::P256,
        KeyAlgorithm::P384 => &ec::P384,
    }
}

/// What keys of all types sign with.
pub(crate) fn signature_algorithms() -> impl Iterator<Item = &'static SignatureAlgorithm> {
    let all = KeyAlgorithm::ALL.into_iter();
    all.map(|algorithm| of(algorithm).signature_algorithm())
}

const FAMILIES: [Reader; 2] = [rsa::read, ec::read];

/// The algorithm that a SubjectPublicKeyInfo is of, with the content of its BIT STRING.
///
/// # Errors
/// If it is malformed, in another form, or of an algorithm that is not certified here.
pub(crate) fn read(
    info: &SubjectPublicKeyInfoOwned,
    key: &[u8],
) -> Result<KeyAlgorithm, PublicKeyError> {
    FAMILIES
        .iter()
        .find_map(|read| read(info, key))
        .unwrap_or(Err(PublicKeyError::Unsupported(info.algorithm.oid)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_key_is_of_its_algorithm() {
        for algorithm in KeyAlgorithm::ALL {
            let info = of(algorithm).sample().unwrap();
            let key = info.subject_public_key.raw_bytes();
            assert_eq!(read(&info, key).unwrap(), algorithm);
        }
    }
}
