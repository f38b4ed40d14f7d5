//! A card, an offer, and certificates that nobody in particular signed.

use std::os::unix::fs::PermissionsExt;
use std::str::FromStr;
use std::time::Duration;

use card_edge::piv::AsymmetricKey;
use der::Encode;
use enrollment_protocol::offer::{Offer, OfferedSlot};
use enrollment_protocol::{Der, KeyAlgorithm, Slot, Version};
use p256::ecdsa::{DerSignature, SigningKey};
use p256::elliptic_curve::Generate;
use spki::SubjectPublicKeyInfoOwned;
use tempfile::TempDir;
use x509_cert::builder::profile::cabf::Root;
use x509_cert::builder::{Builder, CertificateBuilder};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::time::Validity;

use crate::state::Store;

/// The slots of the offer.
pub const OFFERED: [Slot; 2] = [Slot::PivAuthentication, Slot::CardAuthentication];
/// Their keys.
pub const KEYS: [AsymmetricKey; 2] = [
    AsymmetricKey::PivAuthentication,
    AsymmetricKey::CardAuthentication,
];

/// A new card.
pub fn card() -> (TempDir, Store) {
    let folder = tempfile::Builder::new()
        .permissions(std::fs::Permissions::from_mode(0o700))
        .tempdir()
        .unwrap();
    let store = Store::open_or_create(folder.path()).unwrap();
    (folder, store)
}

pub fn offer() -> Offer {
    Offer {
        protocol: Version::CURRENT,
        organisation: "Example".to_owned(),
        holder: "Alice Example".to_owned(),
        expires: "2030-01-01T00:00:00Z".to_owned(),
        slots: OFFERED
            .into_iter()
            .map(|slot| OfferedSlot {
                slot,
                algorithm: KeyAlgorithm::P256,
                profile: String::new(),
            })
            .collect(),
    }
}

/// A certificate for this key.
pub fn certificate(key: SubjectPublicKeyInfoOwned) -> Der {
    let signer = SigningKey::from(p256::SecretKey::generate());
    let name = Name::from_str("CN=Alice Example,O=Example,C=AA").unwrap();
    let builder = CertificateBuilder::new(
        Root::new(false, name).unwrap(),
        SerialNumber::from(1u32),
        Validity::from_now(Duration::from_secs(60)).unwrap(),
        key,
    );
    let certificate = builder.unwrap().build::<_, DerSignature>(&signer).unwrap();
    Der(certificate.to_der().unwrap())
}
