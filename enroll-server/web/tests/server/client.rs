//! A phone as far as the server can tell: keys, requests, and what comes back.

use std::net::{IpAddr, Ipv4Addr};

use der::Decode;
use rcgen::{
    CertificateParams, DistinguishedName, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256,
    RsaKeySize,
};
use x509_cert::Certificate;

use enroll_server_ca::profile::enrollment::{EnrollmentPolicy, RequestedKey};
use enroll_server_ca::signer::file::FileKey;
use enroll_server_model::{KeyAlgorithm, SeededPolicy, Slot};
use enroll_server_service::App;
use enroll_server_service::admission::invited::{self, EnrollmentRequest};
use enroll_server_service::enrollment::Enrolled;
use enroll_server_service::error::Result;
use enrollment_protocol::{Guid, TokenText};

/// Where a test's requests come from.
pub const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

/// A phone with a key in each slot.
pub struct Phone {
    /// Its GUID.
    pub guid: Guid,
    /// Its keys.
    pub keys: Vec<(Slot, KeyPair)>,
    /// What it checks in with.
    pub check_in: KeyPair,
}

impl Phone {
    /// A phone with the keys that a policy of every installation asks for.
    pub fn new(policy: SeededPolicy) -> Self {
        let key = |slot: &Slot| {
            let key = match (policy, slot) {
                (SeededPolicy::Standard, Slot::PivAuthentication | Slot::KeyManagement) => {
                    rsa_key(RsaKeySize::_2048)
                }
                _ => ec_key(),
            };
            (*slot, key)
        };
        Self::with(Slot::ALL.iter().map(key).collect())
    }

    /// A phone with the keys that a policy asks for.
    pub fn asked(policy: &EnrollmentPolicy) -> Self {
        let key = |asked: &RequestedKey| (asked.slot, new_key(asked.algorithm));
        Self::with(policy.keys.iter().map(key).collect())
    }

    fn with(keys: Vec<(Slot, KeyPair)>) -> Self {
        let guid = enroll_server_model::random::bytes().unwrap();
        Self {
            guid: Guid::from_bytes(guid),
            keys,
            check_in: ec_key(),
        }
    }

    /// Its request for an enrollment.
    pub fn request(&self, token: &str) -> EnrollmentRequest {
        EnrollmentRequest {
            token: TokenText::from(token.to_owned()),
            phone_name: "virtual phone".to_owned(),
            guid: self.guid,
            requests: self
                .keys
                .iter()
                .map(|(slot, key)| (*slot, csr(key)))
                .collect(),
            check_in: Some(csr(&self.check_in)),
        }
    }

    /// Enrolls it.
    pub async fn enroll(&self, app: &App, token: &str) -> Result<Enrolled> {
        invited::enroll(app, self.request(token), CLIENT).await
    }
}

/// A key of an algorithm.
fn new_key(algorithm: KeyAlgorithm) -> KeyPair {
    let key = FileKey::generate(algorithm).unwrap();
    KeyPair::try_from(key.pkcs8().as_slice()).unwrap()
}

/// A P-256 key.
pub fn ec_key() -> KeyPair {
    KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap()
}

/// An RSA key.
pub fn rsa_key(size: RsaKeySize) -> KeyPair {
    KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, size).unwrap()
}

/// A certification request for a key and nothing else, DER.
pub fn csr(key: &KeyPair) -> Vec<u8> {
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = DistinguishedName::new();
    parameters.serialize_request(key).unwrap().der().to_vec()
}

/// The certificate for a slot.
pub fn certificate(enrolled: &Enrolled, slot: Slot) -> Certificate {
    let der = &enrolled
        .certificates
        .iter()
        .find(|one| one.slot == slot)
        .unwrap()
        .der;
    Certificate::from_der(der).unwrap()
}

/// A certificate's serial as the database has it.
pub fn serial(certificate: &Certificate) -> String {
    data_encoding::HEXLOWER.encode(certificate.tbs_certificate().serial_number().as_bytes())
}
