//! Whether a key signed a certificate (RFC 5280, 4.1.1.3).

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5912::{
    ECDSA_WITH_SHA_256, ECDSA_WITH_SHA_384, ECDSA_WITH_SHA_512, ID_EC_PUBLIC_KEY, RSA_ENCRYPTION,
    SECP_256_R_1, SECP_384_R_1, SHA_256_WITH_RSA_ENCRYPTION, SHA_384_WITH_RSA_ENCRYPTION,
    SHA_512_WITH_RSA_ENCRYPTION,
};
use der::Encode;
use rsa::Pkcs1v15Sign;
use rsa::traits::PublicKeyParts;
use sha2::{Digest, Sha256, Sha384, Sha512};
use signature::hazmat::PrehashVerifier;
use spki::{DecodePublicKey, SubjectPublicKeyInfoOwned};
use x509_cert::Certificate;

/// The fewest bytes of an authority's RSA key.
const RSA_BYTES_MIN: usize = 256;

/// Whether this key signed the certificate, by an algorithm that authorities use: RSA (PKCS #1 v1.5), or ECDSA on
/// P-256 or P-384, with a hash of the SHA-2 family. What is malformed is not signed.
pub(crate) fn is_signed_by(certificate: &Certificate, key: &SubjectPublicKeyInfoOwned) -> bool {
    let algorithm = certificate.signature_algorithm();
    if certificate.tbs_certificate().signature() != algorithm {
        return false;
    }
    let (Ok(message), Some(signature)) = (
        certificate.tbs_certificate().to_der(),
        certificate.signature().as_bytes(),
    ) else {
        return false;
    };
    verify(key, algorithm.oid, &message, signature).is_some()
}

fn verify(
    key: &SubjectPublicKeyInfoOwned,
    algorithm: ObjectIdentifier,
    message: &[u8],
    signature: &[u8],
) -> Option<()> {
    let der = key.to_der().ok()?;
    if key.algorithm.oid == RSA_ENCRYPTION {
        let key = rsa::PublicKey::from_public_key_der(&der).ok()?;
        if key.size() < RSA_BYTES_MIN {
            return None;
        }
        let (scheme, hash) = match algorithm {
            SHA_256_WITH_RSA_ENCRYPTION => (
                Pkcs1v15Sign::new::<Sha256>(),
                Sha256::digest(message).to_vec(),
            ),
            SHA_384_WITH_RSA_ENCRYPTION => (
                Pkcs1v15Sign::new::<Sha384>(),
                Sha384::digest(message).to_vec(),
            ),
            SHA_512_WITH_RSA_ENCRYPTION => (
                Pkcs1v15Sign::new::<Sha512>(),
                Sha512::digest(message).to_vec(),
            ),
            _ => return None,
        };
        return key.verify(scheme, &hash, signature).ok();
    }
    if key.algorithm.oid != ID_EC_PUBLIC_KEY {
        return None;
    }
    let hash = match algorithm {
        ECDSA_WITH_SHA_256 => Sha256::digest(message).to_vec(),
        ECDSA_WITH_SHA_384 => Sha384::digest(message).to_vec(),
        ECDSA_WITH_SHA_512 => Sha512::digest(message).to_vec(),
        _ => return None,
    };
    let curve = key.algorithm.parameters.as_ref()?;
    match curve.decode_as::<ObjectIdentifier>().ok()? {
        SECP_256_R_1 => {
            let key = p256::PublicKey::from_public_key_der(&der).ok()?;
            let signature = p256::ecdsa::DerSignature::from_bytes(signature).ok()?;
            p256::ecdsa::VerifyingKey::from(&key)
                .verify_prehash(&hash, &signature)
                .ok()
        }
        SECP_384_R_1 => {
            let key = p384::PublicKey::from_public_key_der(&der).ok()?;
            let signature = p384::ecdsa::DerSignature::from_bytes(signature).ok()?;
            p384::ecdsa::VerifyingKey::from(&key)
                .verify_prehash(&hash, &signature)
                .ok()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use card_edge::piv::{AsymmetricKey, KeyAlgorithm};
    use der::Decode;

    use super::*;
    use crate::key_store::software::SoftwareKeyStore;
    use crate::key_store::{KeyPolicy, KeyRequest, KeyStore};
    use crate::x509::attestation::Authority;

    #[test]
    fn a_certificate_is_signed_by_its_key_alone_and_as_it_stands() {
        let algorithms = [
            KeyAlgorithm::Rsa2048,
            KeyAlgorithm::P256,
            KeyAlgorithm::P384,
        ];
        let certificates = algorithms.map(|algorithm| {
            let policy = KeyPolicy::of(AsymmetricKey::DigitalSignature);
            let created = SoftwareKeyStore.generate(&KeyRequest {
                algorithm,
                policy,
                challenge: None,
            });
            let key = SoftwareKeyStore.open(algorithm, policy, &created.unwrap().handle);
            let key = key.unwrap();
            let authority = Authority {
                algorithm,
                key: key.as_ref(),
            };
            authority.own_certificate(1).unwrap()
        });
        let read = |der: &[u8]| Certificate::from_der(der).unwrap();
        let key = |der: &[u8]| {
            read(der)
                .tbs_certificate()
                .subject_public_key_info()
                .clone()
        };
        for (place, der) in certificates.iter().enumerate() {
            for (other, by) in certificates.iter().enumerate() {
                assert_eq!(is_signed_by(&read(der), &key(by)), place == other);
            }
            // The last byte is the signature's; the text is in the subject.
            let mut touched = der.clone();
            *touched.last_mut().unwrap() ^= 1;
            assert!(!is_signed_by(&read(&touched), &key(der)));
            let mut touched = der.clone();
            let text = touched.windows(6).position(|text| text == b"attest");
            touched[text.unwrap()] ^= 0x20;
            assert!(!is_signed_by(&read(&touched), &key(der)));
        }
    }
}
