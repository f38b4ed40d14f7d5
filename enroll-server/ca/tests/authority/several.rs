//! Several authorities side by side.

use std::collections::HashSet;
use std::sync::Arc;

use der::Decode;
use enroll_server_ca::addresses::Shard;
use enroll_server_ca::authorities::authority::{Authority, AuthorityKey};
use enroll_server_ca::authorities::create::{self, NewAuthority, Superior};
use enroll_server_ca::authorities::set::Authorities;
use enroll_server_ca::builder;
use enroll_server_ca::ca_certificate::CaCertificate;
use enroll_server_ca::error::CaError;
use enroll_server_ca::public_key::PublicKey;
use enroll_server_ca::signer::error::SignError;
use enroll_server_ca::signer::file::FileKey;
use enroll_server_ca::signer::sign::{Sign, Signer};
use enroll_server_model::{IssuerRole, KeyAlgorithm, Timestamp};
use x509_cert::Certificate;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{AuthorityInfoAccessSyntax, CrlDistributionPoints};

use crate::fixture::{PERSON, addresses, facts, profile};

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

fn new(name: &str) -> NewAuthority {
    NewAuthority {
        organisation: "Example".to_owned(),
        name: name.to_owned(),
        not_before: NOW,
        not_after: Timestamp::from_seconds(2_000_000_000),
    }
}

fn authority(id: &str, role: IssuerRole, certificate: CaCertificate, key: Signer) -> Authority {
    Authority::new(
        id.to_owned(),
        role,
        certificate,
        AuthorityKey::Resident(key),
        &addresses(),
    )
}

fn key(algorithm: KeyAlgorithm) -> Signer {
    Signer::new(FileKey::generate(algorithm).unwrap())
}

fn root(id: &str) -> Authority {
    let key = key(KeyAlgorithm::P384);
    let certificate = create::root(&new("Example Root CA"), &key).unwrap();
    authority(id, IssuerRole::Root, certificate, key)
}

/// An issuing authority. All of them have the same name: the key alone tells them apart.
fn issuing(id: &str, root: &Authority, key: Signer) -> Authority {
    let superior = Superior {
        certificate: root.certificate(),
        signer: &root.signer().unwrap(),
        addresses: root.addresses(),
    };
    let certificate =
        create::subordinate(&new("Example Issuing CA"), key.public_key(), superior).unwrap();
    authority(id, IssuerRole::Issuing, certificate, key)
}

fn uris(names: &[GeneralName]) -> impl Iterator<Item = String> {
    names.iter().map(|name| match name {
        GeneralName::UniformResourceIdentifier(uri) => uri.as_str().to_owned(),
        other => panic!("{other:?}"),
    })
}

/// The addresses printed into a certificate.
fn printed(certificate: &Certificate) -> Vec<String> {
    let tbs = certificate.tbs_certificate();
    let (_, points) = tbs
        .get_extension::<CrlDistributionPoints>()
        .unwrap()
        .unwrap();
    let (_, access) = tbs
        .get_extension::<AuthorityInfoAccessSyntax>()
        .unwrap()
        .unwrap();
    let mut found: Vec<_> = points
        .0
        .iter()
        .flat_map(|point| match point.distribution_point.as_ref().unwrap() {
            x509_cert::ext::pkix::name::DistributionPointName::FullName(names) => {
                uris(names).collect::<Vec<_>>()
            }
            other => panic!("{other:?}"),
        })
        .collect();
    found.extend(uris(
        &access
            .0
            .iter()
            .map(|one| one.access_location.clone())
            .collect::<Vec<_>>(),
    ));
    found
}

#[test]
fn two_issuers_never_share_an_address_and_print_their_own() {
    let person = profile("person", PERSON);
    let subject = FileKey::generate(KeyAlgorithm::P256).unwrap();
    let root = root("root");
    let mut all: Vec<Authority> = KeyAlgorithm::ALL
        .iter()
        .map(|algorithm| issuing(algorithm.as_str(), &root, key(*algorithm)))
        .collect();
    all.push(issuing("another P-256", &root, key(KeyAlgorithm::P256)));
    let mut seen = HashSet::new();
    for issuer in all.into_iter().map(Arc::new) {
        let signed = builder::prepare(&issuer, &person, &facts(), subject.public_key(), NOW)
            .unwrap()
            .sign()
            .unwrap();
        let certificate = Certificate::from_der(&signed.der).unwrap();
        let own = issuer.addresses();
        let expected = [own.crl(Shard::SOLE), own.ocsp(), own.certificate()];
        assert_eq!(printed(&certificate), expected);
        for address in expected {
            assert!(address.contains(&issuer.key_id().to_string()));
            assert!(seen.insert(address), "an address is another issuer's");
        }
    }
    assert_eq!(seen.len(), 18);
}

#[test]
fn two_authorities_with_one_key_are_refused() {
    let root = root("root");
    let signer = key(KeyAlgorithm::P256);
    let all = vec![
        issuing("first", &root, signer.clone()),
        issuing("second", &root, signer),
        root,
    ];
    let refused = Authorities::new(all).unwrap_err();
    assert!(refused.to_string().contains("the same key"), "{refused}");
}

#[test]
fn the_newest_issues_and_every_one_is_found() {
    let old_root = root("old root");
    let new_root = root("new root");
    let first = issuing("first", &old_root, key(KeyAlgorithm::P256));
    let second = issuing("second", &new_root, key(KeyAlgorithm::P384));
    let (first_serial, first_key) = (first.certificate().serial.clone(), first.key_id());
    let all = Authorities::new(vec![old_root, first, new_root, second]).unwrap();

    let ids = |chain: Vec<&Arc<Authority>>| -> Vec<String> {
        chain.iter().map(|one| one.id().to_owned()).collect()
    };
    assert_eq!(all.current().id(), "second");
    assert_eq!(ids(all.chain(all.current())), ["second", "new root"]);
    let first = all.by_key_id(first_key).unwrap();
    assert_eq!(ids(all.chain(first)), ["first", "old root"]);
    assert_eq!(all.anchor(first).id(), "old root");
    assert!(all.is_authority(all.by_id("old root").unwrap(), &first_serial));
    assert!(!all.is_authority(all.by_id("new root").unwrap(), &first_serial));
    assert!(all.by_id("third").is_none());

    let refused = Authorities::new(vec![root("lonely")]).unwrap_err();
    assert!(
        refused.to_string().contains("no issuing authority"),
        "{refused}"
    );
}

/// A key in a module that has gone.
struct Gone(PublicKey);

impl Sign for Gone {
    fn public_key(&self) -> &PublicKey {
        &self.0
    }

    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, SignError> {
        Err(SignError("the module has gone".to_owned()))
    }
}

#[test]
fn what_a_signer_says_of_its_failure_is_not_lost() {
    let root = root("root");
    let there = key(KeyAlgorithm::P256);
    let public = there.public_key().clone();
    let certificate = issuing("issuing", &root, there).certificate().clone();
    let gone = Signer::new(Gone(public.clone()));
    let issuer = Arc::new(authority("issuing", IssuerRole::Issuing, certificate, gone));
    let person = profile("person", PERSON);
    let subject = FileKey::generate(KeyAlgorithm::P256).unwrap();
    let prepared = builder::prepare(&issuer, &person, &facts(), subject.public_key(), NOW).unwrap();
    let failed = prepared.sign().unwrap_err();
    assert!(
        matches!(&failed, CaError::Signature(SignError(reason)) if reason == "the module has gone")
    );
}

#[test]
fn a_profile_is_issued_by_the_authority_that_it_names_or_else_by_the_newest() {
    let root = root("root");
    let first = issuing("first", &root, key(KeyAlgorithm::P256));
    let second = issuing("second", &root, key(KeyAlgorithm::P384));
    let authorities = Authorities::new(vec![root, first, second]).unwrap();
    let mut person = (*profile("person", PERSON)).clone();
    for (named, expected) in [
        (None, "second"),
        (Some("first"), "first"),
        (Some("second"), "second"),
    ] {
        person.issuer_id = named.map(str::to_owned);
        assert_eq!(authorities.issuer_of(&person).unwrap().id(), expected);
    }
    for named in ["root", "nobody"] {
        person.issuer_id = Some(named.to_owned());
        let refused = authorities.issuer_of(&person).unwrap_err().to_string();
        assert!(refused.contains("\"person\", version 1"), "{refused}");
        assert!(refused.contains(named), "{refused}");
    }
    let of = |ids: &[&str]| {
        let named = ids.iter().map(|id| authorities.by_id(id).unwrap());
        let chains = authorities.chains(named);
        chains.iter().map(|one| one.id()).collect::<Vec<_>>()
    };
    assert_eq!(of(&["first"]), ["first", "root"]);
    assert_eq!(
        of(&["first", "second", "first"]),
        ["second", "first", "root"]
    );
    assert!(of(&[]).is_empty());
}
