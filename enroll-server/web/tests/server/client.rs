//! A phone as far as the server can tell: keys, requests, and what comes back.

use der::Decode;
use rcgen::{
    CertificateParams, DistinguishedName, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256,
    RsaKeySize,
};
use x509_cert::Certificate;

use enroll_server_model::{InvitationProfile, Slot};
use enroll_server_service::App;
use enroll_server_service::enrollment::{self, Enrolled, EnrollmentRequest};
use enroll_server_service::error::Result;
use enrollment_protocol::{Guid, TokenText};

use crate::fixture::CLIENT;

/// A phone with a key in each slot.
pub struct Phone {
    /// Its GUID.
    pub guid: Guid,
    /// Its keys.
    pub keys: Vec<(Slot, KeyPair)>,
}

impl Phone {
    /// A phone with the keys that a profile asks for.
    pub fn new(profile: InvitationProfile) -> Self {
        let guid = enroll_server_model::random::bytes().unwrap();
        let keys = Slot::ALL
            .iter()
            .map(|slot| {
                let key = match (profile, slot) {
                    (
                        InvitationProfile::Standard,
                        Slot::PivAuthentication | Slot::KeyManagement,
                    ) => rsa_key(RsaKeySize::_2048),
                    _ => ec_key(),
                };
                (*slot, key)
            })
            .collect();
        Self {
            guid: Guid::from_bytes(guid),
            keys,
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
        }
    }

    /// Enrolls it.
    pub async fn enroll(&self, app: &App, token: &str) -> Result<Enrolled> {
        enrollment::enroll(app, self.request(token), CLIENT).await
    }
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
