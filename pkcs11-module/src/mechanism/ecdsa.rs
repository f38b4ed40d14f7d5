//! CKM_ECDSA and its forms with a hash (PKCS#11 3.0 mechanisms, 2.3.12 and 2.3.13).

use card_edge::piv::Curve;
use card_edge::piv::extensions::Scheme;
use cryptoki_sys::*;
use der::asn1::UintRef;
use der::{Decode, Reader, SliceReader};
use zeroize::Zeroizing;

use super::row::{Row, Usage};
use super::scheme::{ByCard, SignatureScheme};
use crate::error::{Error, Result};
use crate::hash::Hash;
use crate::public_key::KeyType;
use crate::public_key::ec::EcKey;

const fn row(number: CK_MECHANISM_TYPE, name: &'static str, hash: Option<Hash>) -> Row {
    Row {
        number,
        name,
        keys: &[KeyType::Ec],
        usage: Usage::Sign,
        hash,
    }
}

/// The mechanisms.
pub const ROWS: [Row; 6] = [
    row(CKM_ECDSA, "CKM_ECDSA", None),
    row(CKM_ECDSA_SHA1, "CKM_ECDSA_SHA1", Some(Hash::Sha1)),
    row(CKM_ECDSA_SHA224, "CKM_ECDSA_SHA224", Some(Hash::Sha224)),
    row(CKM_ECDSA_SHA256, "CKM_ECDSA_SHA256", Some(Hash::Sha256)),
    row(CKM_ECDSA_SHA384, "CKM_ECDSA_SHA384", Some(Hash::Sha384)),
    row(CKM_ECDSA_SHA512, "CKM_ECDSA_SHA512", Some(Hash::Sha512)),
];

/// ECDSA; without a hash function the caller brings the hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ecdsa {
    /// The hash function that the mechanism applies by itself.
    pub hash: Option<Hash>,
}

/// ECDSA with a key.
pub struct EcdsaScheme {
    /// The mechanism.
    pub ecdsa: Ecdsa,
    /// The key.
    pub key: EcKey,
}

impl SignatureScheme for EcdsaScheme {
    fn hash(&self) -> Option<Hash> {
        self.ecdsa.hash
    }

    fn length(&self) -> usize {
        2 * self.key.curve.field_length()
    }

    /// The name of the function does not matter to the signature, so any hash of a length that a card knows will do.
    fn by_card(&self, input: &[u8]) -> Option<ByCard> {
        let functions = [Hash::Sha256, Hash::Sha384, Hash::Sha512];
        let function = functions.into_iter().find(|it| it.length() == input.len());
        ByCard::new(Scheme::Ecdsa, function?, input)
    }

    fn block(&self, input: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        if input.is_empty() {
            return Err(Error::DataLength);
        }
        Ok(Zeroizing::new(fit_hash(input, self.key.curve)))
    }

    fn signature(&self, answer: Zeroizing<Vec<u8>>) -> Result<Zeroizing<Vec<u8>>> {
        raw_signature(&answer, self.key.curve).map(Zeroizing::new)
    }

    fn verify(&self, input: &[u8], signature: &[u8]) -> Result<()> {
        if signature.len() != self.length() {
            return Err(Error::SignatureLength);
        }
        self.key
            .verify(&fit_hash(input, self.key.curve), signature)
            .then_some(())
            .ok_or(Error::Signature)
    }
}

/// A hash as the number that ECDSA signs (FIPS 186-5, 6.4.1): cut at the right, or filled with zeros at the
/// left, to the length of a coordinate, which is the length that cards want.
fn fit_hash(hash: &[u8], curve: Curve) -> Vec<u8> {
    let length = curve.field_length();
    let leftmost = hash.get(..length).unwrap_or(hash);
    let mut out = vec![0; length - leftmost.len()];
    out.extend_from_slice(leftmost);
    out
}

/// An ECDSA signature as PKCS#11 has it, `r || s`, from the DER `SEQUENCE { r, s }` that a card gives.
fn raw_signature(der: &[u8], curve: Curve) -> Result<Vec<u8>> {
    let length = curve.field_length();
    let numbers = SliceReader::new(der).and_then(|mut reader| {
        let numbers = reader.sequence(|body| -> der::Result<_> {
            let r = UintRef::decode(body)?.as_bytes().to_vec();
            let s = UintRef::decode(body)?.as_bytes().to_vec();
            Ok([r, s])
        })?;
        reader.finish()?;
        Ok(numbers)
    });
    let malformed = || Error::Device("the card's ECDSA signature is malformed".into());
    let mut out = Vec::with_capacity(2 * length);
    for number in numbers.map_err(|_| malformed())? {
        let filling = length.checked_sub(number.len()).ok_or_else(malformed)?;
        out.resize(out.len() + filling, 0);
        out.extend_from_slice(&number);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_two_numbers_of_the_fields_length() {
        let der = [0x30, 7, 0x02, 1, 5, 0x02, 2, 0x00, 0x80];
        let raw = raw_signature(&der, Curve::P256).unwrap();
        assert_eq!(raw.len(), 64);
        assert_eq!((raw[31], raw[63]), (5, 0x80));
        for broken in [&der[..8], &[0x30, 0], &[], &[&der[..], &[0]].concat()] {
            assert!(raw_signature(broken, Curve::P256).is_err());
        }
        let mut long = vec![0x30, 38, 0x02, 33];
        long.extend([1; 33]);
        long.extend([0x02, 1, 1]);
        assert!(raw_signature(&long, Curve::P256).is_err());
    }

    #[test]
    fn hashes_are_cut_or_filled_to_the_field() {
        assert_eq!(fit_hash(&[7; 64], Curve::P256), [7; 32]);
        let filled = fit_hash(&[7; 20], Curve::P384);
        assert_eq!((filled.len(), filled[27], filled[28]), (48, 0, 7));
    }
}
