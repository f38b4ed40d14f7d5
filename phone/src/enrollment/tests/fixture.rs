//! A card, an offer, and an authority that issues whatever it is told to.

use std::os::unix::fs::PermissionsExt;
use std::str::FromStr;
use std::sync::LazyLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use card_edge::piv::AsymmetricKey;
use const_oid::{AssociatedOid, ObjectIdentifier};
use der::asn1::{Ia5String, Utf8StringRef};
use der::flagset::FlagSet;
use der::{Any, DateTime, Encode};
use enrollment_protocol::offer::{Offer, OfferedSlot};
use enrollment_protocol::{Der, KeyAlgorithm, Slot, Version};
use p256::ecdsa::{DerSignature, SigningKey};
use p256::elliptic_curve::Generate;
use spki::{SubjectPublicKeyInfoOwned, SubjectPublicKeyInfoRef};
use tempfile::TempDir;
use x509_cert::builder::profile::BuilderProfile;
use x509_cert::builder::{self, Builder, CertificateBuilder};
use x509_cert::certificate::TbsCertificate;
use x509_cert::ext::pkix::name::{GeneralName, OtherName};
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage, KeyUsages, SubjectAltName};
use x509_cert::ext::{Extension, ToExtension};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::time::{Time, Validity};

use crate::state::Store;

/// The slots of the offer.
pub const OFFERED: [Slot; 2] = [Slot::PivAuthentication, Slot::CardAuthentication];
/// Their keys.
pub const KEYS: [AsymmetricKey; 2] = [
    AsymmetricKey::PivAuthentication,
    AsymmetricKey::CardAuthentication,
];
pub const UPN: &str = "alice@example.org";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

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
        upn: Some(UPN.to_owned()),
        email: Some(UPN.to_owned()),
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

/// What a certificate says.
#[derive(Clone)]
pub struct Shape {
    pub subject: Name,
    pub validity: Validity,
    pub extensions: Vec<Extension>,
    issuer: Name,
}

impl Shape {
    /// What a holder's certificate should say, issued by the fixture's issuing authority.
    pub fn holder() -> Self {
        let SubjectAltName(mut names) = upn(UPN);
        names.push(GeneralName::Rfc822Name(Ia5String::new(UPN).unwrap()));
        Self {
            subject: name("CN=Alice Example,O=Example"),
            validity: days(-1, 1),
            extensions: vec![
                usage(KeyUsages::DigitalSignature),
                extension(&SubjectAltName(names)),
            ],
            issuer: name(ISSUING),
        }
    }

    /// What an authority's should say, issued by the root.
    pub fn authority(subject: &str) -> Self {
        Self {
            subject: name(subject),
            validity: days(-1, 1),
            extensions: vec![constraints(true), usage(KeyUsages::KeyCertSign)],
            issuer: name(ROOT),
        }
    }

    /// The same with this extension instead of the one of its kind, or besides.
    pub fn with(mut self, extension: Extension) -> Self {
        self.extensions
            .retain(|old| old.extn_id != extension.extn_id);
        self.extensions.push(extension);
        self
    }
}

impl BuilderProfile for Shape {
    fn get_issuer(&self, _: &Name) -> Name {
        self.issuer.clone()
    }

    fn get_subject(&self) -> Name {
        self.subject.clone()
    }

    fn build_extensions(
        &self,
        _: SubjectPublicKeyInfoRef<'_>,
        _: SubjectPublicKeyInfoRef<'_>,
        _: &TbsCertificate,
    ) -> builder::Result<Vec<Extension>> {
        Ok(self.extensions.clone())
    }
}

const ROOT: &str = "CN=Root,O=Example";
const ISSUING: &str = "CN=Issuing,O=Example";

/// An authority's key.
pub struct Authority(SigningKey);

impl Authority {
    pub fn new() -> Self {
        Self(SigningKey::from(p256::SecretKey::generate()))
    }

    pub fn key(&self) -> SubjectPublicKeyInfoOwned {
        SubjectPublicKeyInfoOwned::from_key(self.0.verifying_key()).unwrap()
    }

    /// A certificate that says this of this key.
    pub fn issue(&self, shape: Shape, key: SubjectPublicKeyInfoOwned) -> Der {
        let validity = shape.validity;
        let builder = CertificateBuilder::new(shape, SerialNumber::from(1u32), validity, key);
        let certificate = builder.unwrap().build::<_, DerSignature>(&self.0).unwrap();
        Der(certificate.to_der().unwrap())
    }
}

/// The root that the invitation names and the issuing authority below it, with their certificates.
pub struct Hierarchy {
    pub root: Authority,
    pub root_certificate: Der,
    pub issuing: Authority,
    pub issuing_certificate: Der,
}

pub static HIERARCHY: LazyLock<Hierarchy> = LazyLock::new(|| {
    let (root, issuing) = (Authority::new(), Authority::new());
    Hierarchy {
        root_certificate: root.issue(Shape::authority(ROOT), root.key()),
        issuing_certificate: root.issue(Shape::authority(ISSUING), issuing.key()),
        root,
        issuing,
    }
});

impl Hierarchy {
    pub fn issuers(&self) -> Vec<Der> {
        vec![
            self.issuing_certificate.clone(),
            self.root_certificate.clone(),
        ]
    }
}

/// A good certificate for this key.
pub fn certificate(key: SubjectPublicKeyInfoOwned) -> Der {
    HIERARCHY.issuing.issue(Shape::holder(), key)
}

pub fn name(text: &str) -> Name {
    Name::from_str(text).unwrap()
}

/// Valid from one number of days from now until another.
pub fn days(from: i32, until: i32) -> Validity {
    let time = |days: i32| {
        let away = DAY * days.unsigned_abs();
        let now = SystemTime::now();
        let time = if days < 0 { now - away } else { now + away };
        let seconds = time.duration_since(UNIX_EPOCH).unwrap().as_secs();
        let time = DateTime::from_unix_duration(Duration::from_secs(seconds)).unwrap();
        Time::try_from(time.to_system_time()).unwrap()
    };
    Validity::new(time(from), time(until))
}

/// subjectAltName with this account alone.
pub fn upn(upn: &str) -> SubjectAltName {
    SubjectAltName(vec![GeneralName::OtherName(OtherName {
        type_id: ObjectIdentifier::new_unwrap("1.3.6.1.4.1.311.20.2.3"),
        value: Any::encode_from(&Utf8StringRef::new(upn).unwrap()).unwrap(),
    })])
}

pub fn usage(usages: impl Into<FlagSet<KeyUsages>>) -> Extension {
    extension(&KeyUsage(usages.into()))
}

pub fn constraints(ca: bool) -> Extension {
    extension(&BasicConstraints {
        ca,
        path_len_constraint: None,
    })
}

/// This extension, critical.
pub fn extension<T: AssociatedOid + Encode>(value: &T) -> Extension {
    (true, value).to_extension(&Name::default(), &[]).unwrap()
}
