//! Card verifiable certificates (SP 800-73-5 part 2, 4.1.5, tables 14 and 15).
//!
//! ```text
//! 7F21 { 5F29 profile (80), 42 issuer (8 bytes), 5F20 subject, 7F49 { 06 curve, 86 point }, 5F4C role, 5F37 signature }
//! ```
//!
//! The subject of a card's certificate is its GUID, that of an intermediate one 8 bytes of its key's hash. The signature
//! is over everything before it, as it stands.

use core::ops::Range;

use uuid::Uuid;

use super::cipher_suite::CipherSuite;
use crate::piv::algorithm::Curve;
use crate::tlv::{self, Reader, Tag, TlvError};

/// 7F21: the certificate.
pub const TAG_CERTIFICATE: Tag = Tag::new(0x7F21);
const TAG_PROFILE: Tag = Tag::new(0x5F29);
const TAG_ISSUER: Tag = Tag::new(0x42);
const TAG_SUBJECT: Tag = Tag::new(0x5F20);
const TAG_PUBLIC_KEY: Tag = Tag::new(0x7F49);
const TAG_CURVE: Tag = Tag::new(0x06);
const TAG_POINT: Tag = Tag::new(0x86);
const TAG_ROLE: Tag = Tag::new(0x5F4C);
const TAG_SIGNATURE: Tag = Tag::new(0x5F37);
const TAG_SEQUENCE: Tag = Tag::new(0x30);
const TAG_OBJECT_IDENTIFIER: Tag = Tag::new(0x06);
const TAG_BIT_STRING: Tag = Tag::new(0x03);
const TAG_NULL: Tag = Tag::new(0x05);

const PROFILE: [u8; 1] = [0x80];
const ROLE_CARD: [u8; 1] = [0x00];
const ROLE_INTERMEDIATE: [u8; 1] = [0x12];

/// The fields in their order: the standard fixes it.
const ORDER: [Tag; 6] = [
    TAG_PROFILE,
    TAG_ISSUER,
    TAG_SUBJECT,
    TAG_PUBLIC_KEY,
    TAG_ROLE,
    TAG_SIGNATURE,
];

/// The object identifiers of curves, as in 06.
const CURVES: [(Curve, &[u8]); 2] = [
    (
        Curve::P256,
        &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07],
    ),
    (Curve::P384, &[0x2B, 0x81, 0x04, 0x00, 0x22]),
];

/// How a certificate is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureAlgorithm {
    /// ECDSA with SHA-256, of a key on P-256.
    EcdsaSha256,
    /// ECDSA with SHA-384, of a key on P-384.
    EcdsaSha384,
    /// RSA (PKCS #1 v1.5) with SHA-256: of an intermediate certificate alone.
    RsaSha256,
}

const SIGNATURES: [(SignatureAlgorithm, &[u8]); 3] = [
    (
        SignatureAlgorithm::EcdsaSha256,
        &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02],
    ),
    (
        SignatureAlgorithm::EcdsaSha384,
        &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x03],
    ),
    (
        SignatureAlgorithm::RsaSha256,
        &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0B],
    ),
];

impl SignatureAlgorithm {
    /// That of certificates for this suite.
    #[must_use]
    pub fn of(suite: CipherSuite) -> Self {
        match suite {
            CipherSuite::Cs2 => Self::EcdsaSha256,
            CipherSuite::Cs7 => Self::EcdsaSha384,
        }
    }
}

/// Whose key a certificate is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A card's, by its GUID (role 00).
    Card(Uuid),
    /// That of a signer between the content signing certificate and cards, by 8 bytes of its key's hash (role 12).
    Intermediate([u8; 8]),
}

/// What a certificate says, and its signer signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// 42: the leftmost 8 bytes of the signer's subject key identifier, or the subject of an intermediate certificate.
    pub issuer: [u8; 8],
    /// 5F20 and 5F4C.
    pub subject: Subject,
    /// 06: the curve.
    pub curve: Curve,
    /// 86: the point `04 X Y`.
    pub point: Vec<u8>,
}

impl Body {
    /// The bytes that are signed.
    ///
    /// # Errors
    /// [`TlvError`] where the point is too long.
    pub fn encode(&self) -> Result<Vec<u8>, TlvError> {
        let curve = CURVES.iter().find(|(curve, _)| *curve == self.curve);
        let curve = curve.map(|(_, identifier)| *identifier).unwrap_or_default();
        let mut key = tlv::encode(TAG_CURVE, curve)?;
        tlv::write(&mut key, TAG_POINT, &self.point)?;
        let mut out = tlv::encode(TAG_PROFILE, &PROFILE)?;
        tlv::write(&mut out, TAG_ISSUER, &self.issuer)?;
        let role = match &self.subject {
            Subject::Card(guid) => {
                tlv::write(&mut out, TAG_SUBJECT, guid.as_bytes())?;
                ROLE_CARD
            }
            Subject::Intermediate(identifier) => {
                tlv::write(&mut out, TAG_SUBJECT, identifier)?;
                ROLE_INTERMEDIATE
            }
        };
        tlv::write(&mut out, TAG_PUBLIC_KEY, &key)?;
        tlv::write(&mut out, TAG_ROLE, &role)?;
        Ok(out)
    }

    /// The certificate: body and signature. An ECDSA signature is a DER `SEQUENCE { r, s }`.
    ///
    /// # Errors
    /// [`TlvError`] where it grows too long.
    pub fn signed(
        &self,
        algorithm: SignatureAlgorithm,
        signature: &[u8],
    ) -> Result<Vec<u8>, TlvError> {
        let identifier = SIGNATURES.iter().find(|(known, _)| *known == algorithm);
        let identifier = identifier.map(|(_, identifier)| *identifier);
        let mut inner = tlv::encode(TAG_OBJECT_IDENTIFIER, identifier.unwrap_or_default())?;
        if algorithm == SignatureAlgorithm::RsaSha256 {
            tlv::write(&mut inner, TAG_NULL, &[])?;
        }
        let mut sequence = tlv::encode(TAG_SEQUENCE, &inner)?;
        let bits: Vec<u8> = [0].iter().chain(signature).copied().collect();
        tlv::write(&mut sequence, TAG_BIT_STRING, &bits)?;
        let mut out = self.encode()?;
        tlv::write(
            &mut out,
            TAG_SIGNATURE,
            &tlv::encode(TAG_SEQUENCE, &sequence)?,
        )?;
        tlv::encode(TAG_CERTIFICATE, &out)
    }
}

/// A certificate that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardVerifiableCertificate {
    /// What it says.
    pub body: Body,
    /// How it is signed.
    pub algorithm: SignatureAlgorithm,
    /// The signature.
    pub signature: Vec<u8>,
    bytes: Vec<u8>,
    signed: Range<usize>,
}

impl CardVerifiableCertificate {
    /// Reads a certificate, with nothing behind it. Whether its signature is right is not looked at.
    ///
    /// # Errors
    /// [`TlvError`] where it is malformed, its fields stand in another order, or one has a value that the standard does
    /// not know.
    pub fn decode(bytes: &[u8]) -> Result<Self, TlvError> {
        let content = tlv::only(bytes, TAG_CERTIFICATE)?;
        let mut fields = Reader::new(content);
        let mut next = |tag| match fields.next().transpose()? {
            Some(field) if field.tag == tag => Ok(field.value),
            _ => Err(TlvError::Missing(tag)),
        };
        let [profile, issuer, subject, key, role, signature] = ORDER;
        let invalid = TlvError::InvalidValue;
        if next(profile)? != PROFILE {
            return Err(invalid(profile));
        }
        let issuer = next(issuer)?.try_into().map_err(|_| invalid(issuer))?;
        let named = next(subject)?;
        let (curve, point) = public_key(next(key)?)?;
        let subject = match next(role)? {
            [0x00] => Uuid::from_slice(named)
                .map(Subject::Card)
                .map_err(|_| invalid(subject))?,
            [0x12] => named
                .try_into()
                .map(Subject::Intermediate)
                .map_err(|_| invalid(subject))?,
            _ => return Err(invalid(role)),
        };
        let signature = next(signature)?;
        if fields.next().is_some() {
            return Err(TlvError::TrailingBytes);
        }
        let signature_length = tlv::encode(TAG_SIGNATURE, signature)?.len();
        let (algorithm, signature) = signature_fields(signature)?;
        let start = bytes.len() - content.len();
        // The signature's length may be written longer than it must be: only the shortest form is taken.
        let end = bytes
            .len()
            .checked_sub(signature_length)
            .filter(|end| bytes.get(*end..*end + 2) == Some(&[0x5F, 0x37]))
            .ok_or(invalid(TAG_SIGNATURE))?;
        Ok(Self {
            body: Body {
                issuer,
                subject,
                curve,
                point,
            },
            algorithm,
            signature,
            bytes: bytes.to_vec(),
            signed: start..end,
        })
    }

    /// The bytes that are signed.
    #[must_use]
    pub fn signed_bytes(&self) -> &[u8] {
        self.bytes.get(self.signed.clone()).unwrap_or_default()
    }

    /// The certificate as it came.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// 7F49: curve and point.
fn public_key(fields: &[u8]) -> Result<(Curve, Vec<u8>), TlvError> {
    let mut fields = Reader::new(fields);
    let (Some(curve), Some(point), None) = (
        fields.next().transpose()?,
        fields.next().transpose()?,
        fields.next(),
    ) else {
        return Err(TlvError::InvalidValue(TAG_PUBLIC_KEY));
    };
    if (curve.tag, point.tag) != (TAG_CURVE, TAG_POINT) {
        return Err(TlvError::InvalidValue(TAG_PUBLIC_KEY));
    }
    let known = CURVES.iter().find(|(_, known)| *known == curve.value);
    let (curve, _) = known.ok_or(TlvError::InvalidValue(TAG_CURVE))?;
    if point.value.len() != CipherSuite::of(*curve).point_length()
        || point.value.first() != Some(&0x04)
    {
        return Err(TlvError::InvalidValue(TAG_POINT));
    }
    Ok((*curve, point.value.to_vec()))
}

/// `DigitalSignature ::= SEQUENCE { AlgorithmIdentifier, BIT STRING }`
fn signature_fields(value: &[u8]) -> Result<(SignatureAlgorithm, Vec<u8>), TlvError> {
    let invalid = TlvError::InvalidValue(TAG_SIGNATURE);
    let mut fields = Reader::new(tlv::only(value, TAG_SEQUENCE)?);
    let (Some(identifier), Some(bits), None) = (
        fields.next().transpose()?,
        fields.next().transpose()?,
        fields.next(),
    ) else {
        return Err(invalid);
    };
    if (identifier.tag, bits.tag) != (TAG_SEQUENCE, TAG_BIT_STRING) {
        return Err(invalid);
    }
    let mut identifier = Reader::new(identifier.value);
    let algorithm = identifier.next().transpose()?.ok_or(invalid)?;
    let known = SIGNATURES
        .iter()
        .find(|(_, known)| algorithm.tag == TAG_OBJECT_IDENTIFIER && *known == algorithm.value);
    let (algorithm, _) = known.ok_or(invalid)?;
    let parameters = identifier.next().transpose()?;
    let fits = match (algorithm, parameters) {
        (SignatureAlgorithm::RsaSha256, Some(null)) => {
            null.tag == TAG_NULL && null.value.is_empty()
        }
        (SignatureAlgorithm::EcdsaSha256 | SignatureAlgorithm::EcdsaSha384, None) => true,
        _ => false,
    };
    match bits.value.split_first() {
        Some((0, signature)) if fits && identifier.next().is_none() => {
            Ok((*algorithm, signature.to_vec()))
        }
        _ => Err(invalid),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(subject: Subject, curve: Curve) -> Body {
        let mut point = vec![0x04];
        point.extend((0..).take(2 * curve.field_length()));
        Body {
            issuer: [1, 2, 3, 4, 5, 6, 7, 8],
            subject,
            curve,
            point,
        }
    }

    #[test]
    fn certificates_of_cards_and_intermediate_ones_survive() {
        let guid = Uuid::from_bytes([7; 16]);
        for (subject, curve, algorithm) in [
            (
                Subject::Card(guid),
                Curve::P256,
                SignatureAlgorithm::EcdsaSha256,
            ),
            (
                Subject::Card(guid),
                Curve::P384,
                SignatureAlgorithm::EcdsaSha384,
            ),
            (
                Subject::Intermediate([9; 8]),
                Curve::P256,
                SignatureAlgorithm::RsaSha256,
            ),
        ] {
            let body = body(subject, curve);
            let bytes = body.signed(algorithm, &[0x30; 256]).unwrap();
            let read = CardVerifiableCertificate::decode(&bytes).unwrap();
            assert_eq!(read.body, body);
            assert_eq!(read.algorithm, algorithm);
            assert_eq!(read.signature, [0x30; 256]);
            assert_eq!(read.signed_bytes(), body.encode().unwrap());
            assert_eq!(read.as_bytes(), bytes);
        }
    }

    #[test]
    fn the_bytes_of_the_table() {
        let body = body(Subject::Card(Uuid::from_bytes([7; 16])), Curve::P256);
        let bytes = body.encode().unwrap();
        assert_eq!(bytes[..4], [0x5F, 0x29, 1, 0x80]);
        assert_eq!(bytes[4..6], [0x42, 8]);
        assert_eq!(bytes[14..17], [0x5F, 0x20, 16]);
        assert_eq!(bytes[33..37], [0x7F, 0x49, 77, 0x06]);
        assert_eq!(bytes[bytes.len() - 4..], [0x5F, 0x4C, 1, 0]);
    }

    #[test]
    fn what_is_not_a_certificate_is_refused() {
        let body = body(Subject::Card(Uuid::from_bytes([7; 16])), Curve::P256);
        let good = body
            .signed(SignatureAlgorithm::EcdsaSha256, &[0x30; 70])
            .unwrap();
        assert!(CardVerifiableCertificate::decode(&good).is_ok());
        for length in 0..good.len() {
            assert!(CardVerifiableCertificate::decode(&good[..length]).is_err());
        }
        let trailing = [good.as_slice(), &[0]].concat();
        assert!(CardVerifiableCertificate::decode(&trailing).is_err());
        // Another profile, curve, form of point, role or signature.
        let position = |bytes: &[u8]| {
            good.windows(bytes.len())
                .position(|window| window == bytes)
                .unwrap()
        };
        for (at, value) in [
            (position(&[0x5F, 0x29, 1, 0x80]) + 3, 0x81),
            (position(&[0x3D, 0x03, 0x01, 0x07]) + 3, 0x08),
            (position(&[0x86, 65, 0x04]) + 2, 0x02),
            (position(&[0x5F, 0x4C, 1, 0]) + 3, 0x12),
            (position(&[0x3D, 0x04, 0x03, 0x02]) + 3, 0x04),
        ] {
            let mut bad = good.clone();
            bad[at] = value;
            assert!(CardVerifiableCertificate::decode(&bad).is_err(), "{at}");
        }
    }
}
