//! An issuer of each algorithm: certificates, CRL and OCSP, as openssl verifies them.

use std::time::Duration;

use der::pem::LineEnding;
use der::{Decode, EncodePem};
use enroll_server_ca::authorities::authority::Authority;
use enroll_server_ca::builder::Signed;
use enroll_server_ca::crl::content::{RevocationList, RevokedCertificate};
use enroll_server_ca::crl::sign::sign;
use enroll_server_ca::ocsp::request::Query;
use enroll_server_ca::ocsp::responder::{AnswerTimes, Responder, key_algorithm};
use enroll_server_ca::ocsp::status::Status;
use enroll_server_ca::signer::file::FileKey;
use enroll_server_ca::signer::sign::{Sign, Signer};
use enroll_server_model::{KeyAlgorithm, RevocationReason, Validity};
use x509_cert::Certificate;

use crate::fixture::{Installation, PERSON, RESPONDER, openssl, profile};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn pem(signed: &Signed) -> String {
    Certificate::from_der(&signed.der)
        .unwrap()
        .to_pem(LineEnding::LF)
        .unwrap()
}

fn serial(signed: &Signed) -> String {
    let certificate = Certificate::from_der(&signed.der).unwrap();
    data_encoding::HEXLOWER.encode(certificate.tbs_certificate().serial_number().as_bytes())
}

/// A CRL in a file, DER.
fn crl(installation: &Installation, issuer: &Authority, revoked: &[&Signed]) -> String {
    let list = RevocationList {
        number: 1,
        this_update: installation.now.whole_seconds(),
        next_update: installation.now.plus(DAY).whole_seconds(),
        shard: None,
        revocations: revoked
            .iter()
            .map(|signed| RevokedCertificate {
                serial: serial(signed),
                revoked_at: installation.now,
                reason: RevocationReason::KeyCompromise,
            })
            .collect(),
    };
    let der = sign(&list, issuer.certificate(), &issuer.signer().unwrap()).unwrap();
    installation.file(&format!("{}.crl", issuer.id()), &der)
}

/// The files that openssl verifies with: the trusted root, the issuing authority, a CRL of each.
struct Files {
    root: String,
    issuing: String,
    crls: [String; 2],
}

fn files(installation: &Installation, revoked: &Signed) -> Files {
    let certificate = |authority: &Authority| {
        let pem = authority.certificate().to_pem().unwrap();
        installation.file(&format!("{}.pem", authority.id()), pem.as_bytes())
    };
    Files {
        root: certificate(installation.root()),
        issuing: certificate(installation.issuing()),
        crls: [
            crl(installation, installation.root(), &[]),
            crl(installation, installation.issuing(), &[revoked]),
        ],
    }
}

fn verify(files: &Files, certificate: &str) -> Vec<String> {
    let arguments = [
        "verify",
        "-x509_strict",
        "-crl_check_all",
        "-purpose",
        "sslclient",
        "-CAfile",
        &files.root,
        "-untrusted",
        &files.issuing,
        "-CRLfile",
        &files.crls[0],
        "-CRLfile",
        &files.crls[1],
        certificate,
    ];
    arguments.map(str::to_owned).to_vec()
}

/// What openssl reads in an answer about a certificate.
fn ocsp(installation: &Installation, files: &Files, certificate: &str, status: Status) -> String {
    let request = installation.path("request.der");
    let request_path = request.to_str().unwrap();
    openssl(&[
        "ocsp",
        "-issuer",
        &files.issuing,
        "-cert",
        certificate,
        "-no_nonce",
        "-reqout",
        request_path,
    ]);
    let query = Query::from_der(&std::fs::read(&request).unwrap()).unwrap();
    let issuing = installation.issuing();
    assert!(query.certificates[0].is_of(issuing.certificate()));
    assert!(!query.certificates[0].is_of(installation.root().certificate()));

    let key = FileKey::generate(key_algorithm(issuing.certificate().key.algorithm())).unwrap();
    let responder_profile = profile("ocsp-responder", RESPONDER);
    let own = installation.issue(issuing, &responder_profile, key.public_key());
    let validity = Validity {
        not_before: installation.now,
        not_after: installation.now.plus(DAY),
    };
    let responder = Responder::new(Signer::new(key), &own.der, validity).unwrap();
    let times = AnswerTimes {
        now: installation.now,
        lifetime: DAY,
    };
    let answer = responder.answer(&query, &[status], times).unwrap();
    let answer = installation.file("answer.der", &answer);
    openssl(&[
        "ocsp",
        "-respin",
        &answer,
        "-issuer",
        &files.issuing,
        "-cert",
        certificate,
        "-no_nonce",
        "-CAfile",
        &files.root,
    ])
}

fn check_issuer(algorithm: KeyAlgorithm) {
    let installation = Installation::new(algorithm, algorithm);
    let person = profile("person", PERSON);
    let issue = |of: KeyAlgorithm| {
        let key = FileKey::generate(of).unwrap();
        installation.issue(installation.issuing(), &person, key.public_key())
    };
    let good = issue(KeyAlgorithm::P256);
    let bad = issue(KeyAlgorithm::P384);
    let files = files(&installation, &bad);
    let good_path = installation.file("good.pem", pem(&good).as_bytes());
    let bad_path = installation.file("bad.pem", pem(&bad).as_bytes());

    let arguments = verify(&files, &good_path);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    assert!(openssl(&arguments).contains("good.pem: OK"));
    let refused = std::process::Command::new("openssl")
        .args(verify(&files, &bad_path))
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&refused.stderr).contains("certificate revoked"));

    let said = ocsp(&installation, &files, &good_path, Status::Good);
    assert!(
        said.contains("Response verify OK") && said.contains("good.pem: good"),
        "{said}"
    );
    let revoked = Status::Revoked {
        at: installation.now,
        reason: RevocationReason::KeyCompromise,
    };
    let said = ocsp(&installation, &files, &bad_path, revoked);
    assert!(
        said.contains("Response verify OK") && said.contains("bad.pem: revoked"),
        "{said}"
    );
}

#[test]
fn rsa_2048_issues_revokes_and_answers() {
    check_issuer(KeyAlgorithm::Rsa2048);
}

#[test]
fn rsa_3072_issues_revokes_and_answers() {
    check_issuer(KeyAlgorithm::Rsa3072);
}

#[test]
fn rsa_4096_issues_revokes_and_answers() {
    check_issuer(KeyAlgorithm::Rsa4096);
}

#[test]
fn p_256_issues_revokes_and_answers() {
    check_issuer(KeyAlgorithm::P256);
}

#[test]
fn p_384_issues_revokes_and_answers() {
    check_issuer(KeyAlgorithm::P384);
}

#[test]
fn keys_of_every_algorithm_are_certified() {
    let installation = Installation::new(KeyAlgorithm::P384, KeyAlgorithm::P256);
    let person = profile("person", PERSON);
    for algorithm in KeyAlgorithm::ALL {
        let key = FileKey::generate(algorithm).unwrap();
        key.public_key().check().unwrap();
        let signed = installation.issue(installation.issuing(), &person, key.public_key());
        let certificate = Certificate::from_der(&signed.der).unwrap();
        let found = enroll_server_ca::public_key::PublicKey::from_spki(
            certificate.tbs_certificate().subject_public_key_info(),
        );
        assert_eq!(&found.unwrap(), key.public_key());
    }
}

#[test]
fn a_crl_of_one_shard_names_its_address_and_a_crl_of_all_names_none() {
    let installation = Installation::new(KeyAlgorithm::P384, KeyAlgorithm::P256);
    let issuing = installation.issuing();
    let address = issuing
        .addresses()
        .crl(enroll_server_ca::addresses::Shard(3));
    assert!(address.ends_with("/3.crl"));
    for shard in [Some(address.clone()), None] {
        let list = RevocationList {
            number: 7,
            this_update: installation.now.whole_seconds(),
            next_update: installation.now.plus(DAY).whole_seconds(),
            shard: shard.clone(),
            revocations: Vec::new(),
        };
        let der = sign(&list, issuing.certificate(), &issuing.signer().unwrap()).unwrap();
        let path = installation.file("shard.crl", &der);
        let text = openssl(&["crl", "-inform", "DER", "-in", &path, "-noout", "-text"]);
        assert_eq!(
            text.contains("Issuing Distribution Point: critical"),
            shard.is_some()
        );
        assert_eq!(text.contains(&address), shard.is_some());
    }
}
