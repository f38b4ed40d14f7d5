//! A certificate that says something else than it was asked to say is refused.

use std::sync::Arc;

use const_oid::db::rfc5912;
use der::Decode;
use enroll_server_model::{Guid, IssuerRole, KeyAlgorithm, Timestamp};
use x509_cert::Certificate;
use x509_cert::ext::pkix::{AccessDescription, AuthorityInfoAccessSyntax};

use super::{Expected, address, check};
use crate::addresses::RelyingAddresses;
use crate::authorities::authority::{Authority, AuthorityKey};
use crate::authorities::create::{self, NewAuthority};
use crate::builder::{self, Prepared};
use crate::extension;
use crate::facts::Facts;
use crate::profile::definition::{AlternativeName, Definition, Profile, SubjectRule};
use crate::serial_number::SerialNumber;
use crate::signer::file::FileKey;
use crate::signer::sign::{Sign, Signer};

const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);

const PROFILE: &str = r#"{
    "slot": null, "algorithms": ["P-256"], "subject": "person", "alternative_names": ["upn", "mail", "card-uuid", "host"],
    "key_usage": ["sign"], "extended_key_usage": ["1.3.6.1.5.5.7.3.2"], "extended_key_usage_critical": false,
    "lifetime_days": 365, "revocation": "published", "longest": 3000
}"#;

fn facts() -> Facts {
    Facts {
        organisation: "Example".to_owned(),
        name: "Alice Example".to_owned(),
        email: "alice@example.org".to_owned(),
        upn: "alice@corp.example.org".to_owned(),
        guid: Guid::from_bytes([0x11; 16]),
        host: "enroll.example.org".to_owned(),
    }
}

struct Subject {
    issuer: Arc<Authority>,
    profile: Profile,
    facts: Facts,
    key: FileKey,
}

impl Subject {
    fn new(subject: SubjectRule, host: &str) -> Self {
        let key = Signer::new(FileKey::generate(KeyAlgorithm::P256).unwrap());
        let new = NewAuthority {
            organisation: "Example".to_owned(),
            name: "Example Issuing CA".to_owned(),
            not_before: NOW,
            not_after: Timestamp::from_seconds(i64::from(u32::MAX)),
        };
        let issuer = Authority::new(
            String::new(),
            IssuerRole::Issuing,
            create::root(&new, &key).unwrap(),
            AuthorityKey::Resident(key),
            &RelyingAddresses::new("http://enroll.example.org".to_owned()),
        );
        let mut definition: Definition = serde_json::from_str(PROFILE).unwrap();
        definition.subject = subject;
        Self {
            issuer: Arc::new(issuer),
            profile: Profile {
                name: "person".parse().unwrap(),
                version: 1,
                issuer_id: None,
                definition,
            },
            facts: Facts {
                host: host.to_owned(),
                ..facts()
            },
            key: FileKey::generate(KeyAlgorithm::P256).unwrap(),
        }
    }

    fn prepare(&self) -> Prepared {
        let profile = Arc::new(self.profile.clone());
        let key = self.key.public_key();
        builder::prepare(&self.issuer, &profile, &self.facts, key, NOW).unwrap()
    }

    /// What the lint says of the certificate, which must be `change`d and is not.
    fn refusal(&self, change: impl FnOnce(&mut Changed)) -> String {
        let prepared = self.prepare();
        let mut changed = Changed {
            definition: self.profile.definition.clone(),
            facts: self.facts.clone(),
            serial: prepared.serial(),
            not_before: prepared.not_before(),
            not_after: prepared.not_after(),
        };
        change(&mut changed);
        let expected = Expected {
            profile: &changed.definition,
            facts: &changed.facts,
            serial: changed.serial,
            not_before: changed.not_before,
            not_after: changed.not_after,
            key: self.key.public_key(),
            issuer: self.issuer.certificate(),
            addresses: self.issuer.addresses(),
        };
        let der = prepared.recorded();
        check(&Certificate::from_der(der).unwrap(), der, expected)
            .map_or_else(|error| error.to_string(), |()| "nothing".to_owned())
    }
}

struct Changed {
    definition: Definition,
    facts: Facts,
    serial: SerialNumber,
    not_before: Timestamp,
    not_after: Timestamp,
}

#[test]
fn a_subject_or_name_of_somebody_else_is_refused() {
    const SUBJECT: &str = "the subject must be the profile's";
    const NAMES: &str = "the alternative names must be the profile's";
    let person = Subject::new(SubjectRule::Person, "enroll.example.org");
    assert_eq!(person.refusal(|_| {}), "nothing");
    let other = || "mallory".to_owned();
    assert_eq!(
        person.refusal(|to| to.facts.organisation = other()),
        SUBJECT
    );
    assert_eq!(person.refusal(|to| to.facts.name = other()), SUBJECT);
    for rule in [SubjectRule::Card, SubjectRule::Host] {
        assert_eq!(person.refusal(|to| to.definition.subject = rule), SUBJECT);
    }
    assert_eq!(person.refusal(|to| to.facts.email = other()), NAMES);
    assert_eq!(person.refusal(|to| to.facts.upn = other()), NAMES);
    assert_eq!(person.refusal(|to| to.facts.host = other()), NAMES);
    assert_eq!(person.refusal(|to| to.facts.guid = Guid::default()), NAMES);
    let names = |names: &[AlternativeName]| {
        person.refusal(|to| to.definition.alternative_names = names.to_vec())
    };
    assert_eq!(names(&[AlternativeName::Mail; 4]), NAMES);
    assert_eq!(names(&[AlternativeName::Upn]), NAMES);
}

#[test]
fn every_kind_of_subject_and_host_is_known_again() {
    for rule in [SubjectRule::Card, SubjectRule::Host, SubjectRule::Person] {
        for host in ["enroll.example.org", "192.0.2.1", "2001:db8::1"] {
            let subject = Subject::new(rule, host);
            assert_eq!(subject.refusal(|_| {}), "nothing", "{rule:?} {host}");
            let elsewhere = subject.refusal(|to| to.facts.host = "192.0.2.2".to_owned());
            assert_ne!(elsewhere, "nothing", "{rule:?} {host}");
        }
    }
    let card = Subject::new(SubjectRule::Card, "localhost");
    let other = card.refusal(|to| to.facts.guid = Guid::default());
    assert_eq!(other, "the subject must be the profile's");
}

#[test]
fn another_serial_number_or_time_is_refused() {
    let person = Subject::new(SubjectRule::Person, "localhost");
    let serial = person.refusal(|to| to.serial = SerialNumber::generate().unwrap());
    assert!(serial.contains("serial number"), "{serial}");
    let earlier = Timestamp::from_seconds(NOW.seconds() - 10_000);
    for time in [
        person.refusal(|to| to.not_before = earlier),
        person.refusal(|to| to.not_after = earlier),
    ] {
        assert!(time.contains("validity"), "{time}");
    }
}

#[test]
fn relying_parties_are_told_of_both_addresses_and_of_no_other() {
    let addresses = Subject::new(SubjectRule::Person, "localhost")
        .issuer
        .addresses()
        .clone();
    let at = |method, address: &str| AccessDescription {
        access_method: method,
        access_location: extension::uri(address).unwrap(),
    };
    let ocsp = at(rfc5912::ID_AD_OCSP, &addresses.ocsp());
    let issuers = at(rfc5912::ID_AD_CA_ISSUERS, &addresses.certificate());
    let is_access = |descriptions: &[&AccessDescription]| {
        let descriptions = descriptions.iter().copied().cloned().collect();
        address::is_access(&AuthorityInfoAccessSyntax(descriptions), &addresses)
    };
    assert!(is_access(&[&ocsp, &issuers]));
    assert!(!is_access(&[&ocsp]));
    assert!(!is_access(&[&issuers]));
    assert!(!is_access(&[&ocsp, &ocsp]));
    assert!(!is_access(&[&ocsp, &issuers, &issuers]));
    let swapped = at(rfc5912::ID_AD_OCSP, &addresses.certificate());
    assert!(!is_access(&[&swapped, &issuers]));
}
