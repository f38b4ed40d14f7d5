//! Certification requests (PKCS#10, RFC 2986): a key and the proof that the phone has it, nothing else. Who the
//! certificate names is the server's to say, so subject and attributes are empty.
//!
//! The types of `x509-cert` are filled in directly: its builder always adds an extension request, and an empty one
//! is malformed (RFC 5272, 3.1).

use card_edge::piv::KeyAlgorithm;
use der::Encode;
use der::asn1::BitString;
use enrollment_protocol::enrollment::SlotRequest;
use enrollment_protocol::{Der, Slot};
use x509_cert::request::{CertReq, CertReqInfo};

use super::check_in_key::key_policy;
use super::translate::key_reference;
use crate::key_store::{KeyPolicy, KeyStore, PrivateKey};
use crate::state::PendingEnrollment;
use crate::x509::{SigningError, public_key_info, sign, signature_algorithm};

/// A certification request for each key of the enrollment.
///
/// # Errors
/// [`SigningError`].
pub(super) fn certification_requests(
    keys: &dyn KeyStore,
    pending: &PendingEnrollment,
) -> Result<Vec<SlotRequest>, SigningError> {
    Slot::ALL
        .into_iter()
        .filter_map(|slot| Some((slot, pending.keys.get(&key_reference(slot))?)))
        .map(|(slot, record)| {
            let policy = KeyPolicy::of(key_reference(slot));
            let key = record.open(keys, policy, None)?;
            Ok(SlotRequest {
                slot,
                csr: Der(certification_request(record.algorithm, key.as_ref())?),
            })
        })
        .collect()
}

/// The certification request for the key that the phone checks in with.
///
/// # Errors
/// [`SigningError`].
pub(super) fn check_in_request(
    keys: &dyn KeyStore,
    pending: &PendingEnrollment,
) -> Result<Option<Der>, SigningError> {
    let Some(record) = &pending.check_in else {
        return Ok(None);
    };
    let key = record.open(keys, key_policy(), None)?;
    certification_request(record.algorithm, key.as_ref()).map(|csr| Some(Der(csr)))
}

/// A DER certification request for this key, signed by it.
///
/// # Errors
/// [`SigningError`].
pub(super) fn certification_request(
    algorithm: KeyAlgorithm,
    key: &dyn PrivateKey,
) -> Result<Vec<u8>, SigningError> {
    let info = CertReqInfo {
        version: Default::default(),
        subject: Default::default(),
        public_key: public_key_info(algorithm, &key.public_key())?,
        attributes: Default::default(),
    };
    let message = info.to_der()?;
    let signature = sign(algorithm, key, &message)?;
    let request = CertReq {
        info,
        algorithm: signature_algorithm(algorithm)?,
        signature: BitString::from_bytes(&signature)?,
    };
    Ok(request.to_der()?)
}

#[cfg(test)]
mod tests {
    use card_edge::piv::{AsymmetricKey, PublicKey};
    use const_oid::db::rfc5912::{ECDSA_WITH_SHA_256, SHA_256_WITH_RSA_ENCRYPTION};
    use der::Decode;
    use p256::ecdsa::signature::hazmat::PrehashVerifier;
    use rsa::{BoxedUint, Pkcs1v15Sign};
    use sha2::{Digest, Sha256, Sha384};

    use super::*;
    use crate::key_store::KeyRequest;
    use crate::key_store::software::SoftwareKeyStore;

    fn make(algorithm: KeyAlgorithm) -> (PublicKey, CertReq) {
        let policy = KeyPolicy::of(AsymmetricKey::DigitalSignature);
        let created = SoftwareKeyStore.generate(&KeyRequest {
            algorithm,
            policy,
            challenge: None,
        });
        let handle = created.unwrap().handle;
        let key = SoftwareKeyStore.open(algorithm, policy, &handle).unwrap();
        let der = certification_request(algorithm, key.as_ref()).unwrap();
        let request = CertReq::from_der(&der).unwrap();
        assert!(request.info.subject.is_empty());
        assert!(request.info.attributes.is_empty());
        assert_eq!(
            request.info.public_key,
            public_key_info(algorithm, &key.public_key()).unwrap()
        );
        (key.public_key(), request)
    }

    #[test]
    fn an_rsa_request_proves_its_key() {
        let (key, request) = make(KeyAlgorithm::Rsa2048);
        let PublicKey::Rsa { modulus, exponent } = key else {
            panic!("not RSA");
        };
        let key = rsa::PublicKey::new(
            BoxedUint::from_be_slice_vartime(&modulus),
            BoxedUint::from_be_slice_vartime(&exponent),
        )
        .unwrap();
        let hash = Sha256::digest(request.info.to_der().unwrap());
        key.verify(
            Pkcs1v15Sign::new::<Sha256>(),
            &hash,
            request.signature.raw_bytes(),
        )
        .unwrap();
        assert_eq!(request.algorithm.oid, SHA_256_WITH_RSA_ENCRYPTION);
        assert!(request.algorithm.parameters.unwrap().is_null());
    }

    #[test]
    fn curve_requests_prove_their_keys() {
        let (key, request) = make(KeyAlgorithm::P256);
        let PublicKey::Ecc { point, .. } = key else {
            panic!("not ECC");
        };
        let signature =
            p256::ecdsa::DerSignature::from_bytes(request.signature.raw_bytes()).unwrap();
        p256::ecdsa::VerifyingKey::from_sec1_bytes(&point)
            .unwrap()
            .verify_prehash(&Sha256::digest(request.info.to_der().unwrap()), &signature)
            .unwrap();
        assert_eq!(request.algorithm.oid, ECDSA_WITH_SHA_256);
        assert!(request.algorithm.parameters.is_none());

        let (key, request) = make(KeyAlgorithm::P384);
        let PublicKey::Ecc { point, .. } = key else {
            panic!("not ECC");
        };
        let signature =
            p384::ecdsa::DerSignature::from_bytes(request.signature.raw_bytes()).unwrap();
        p384::ecdsa::VerifyingKey::from_sec1_bytes(&point)
            .unwrap()
            .verify_prehash(&Sha384::digest(request.info.to_der().unwrap()), &signature)
            .unwrap();
    }
}
