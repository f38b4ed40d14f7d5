//! Requests that are refused, each with its slot and its reason, and without using the invitation up.

use const_oid::AssociatedOid;
use der::asn1::BitString;
use der::{Decode, Encode};
use rcgen::{
    CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, RsaKeySize,
    SigningKey,
};
use spki::SubjectPublicKeyInfoOwned;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::request::CertReq;

use enroll_server_model::{SeededPolicy, Slot};
use enroll_server_service::error::Error;
use enroll_server_service::refusal::{Invalid, SlotFlaw};

use crate::client::{CLIENT, Phone, csr, ec_key, rsa_key};
use crate::fixture::Fixture;
use crate::on_both;

on_both!(
    a_bad_request_is_refused_and_the_invitation_stays,
    the_requests_are_those_that_were_asked_for,
    a_key_that_was_certified_before_is_refused,
);

/// A request whose signature is another key's.
fn signed_by_another(key: &KeyPair) -> Vec<u8> {
    let mut request = CertReq::from_der(&csr(key)).unwrap();
    request.signature = CertReq::from_der(&csr(&ec_key())).unwrap().signature;
    request.to_der().unwrap()
}

fn with_extension() -> Vec<u8> {
    let parameters = CertificateParams::new(vec!["administrator.example.org".to_owned()]).unwrap();
    parameters
        .serialize_request(&ec_key())
        .unwrap()
        .der()
        .to_vec()
}

/// A point that is on no curve.
fn off_the_curve() -> Vec<u8> {
    let mut request = CertReq::from_der(&csr(&ec_key())).unwrap();
    let mut point = request
        .info
        .public_key
        .subject_public_key
        .raw_bytes()
        .to_vec();
    *point.last_mut().unwrap() ^= 1;
    request.info.public_key.subject_public_key = BitString::from_bytes(&point).unwrap();
    request.to_der().unwrap()
}

/// A request whose key is written in another form, and which the key signed like that.
fn rewritten(key: &KeyPair, rewrite: impl FnOnce(&mut SubjectPublicKeyInfoOwned)) -> Vec<u8> {
    let mut request = CertReq::from_der(&csr(key)).unwrap();
    rewrite(&mut request.info.public_key);
    let signature = key.sign(&request.info.to_der().unwrap()).unwrap();
    request.signature = BitString::from_bytes(&signature).unwrap();
    request.to_der().unwrap()
}

/// A point with its sign instead of its second coordinate (SEC 1, section 2.3.3).
fn compressed(key: &KeyPair) -> Vec<u8> {
    rewritten(key, |info| {
        let point = info.subject_public_key.raw_bytes().to_vec();
        let sign = 2 + (point.last().unwrap() & 1);
        let short = [&[sign], &point[1..33]].concat();
        info.subject_public_key = BitString::from_bytes(&short).unwrap();
    })
}

/// rsaEncryption without its NULL.
fn without_parameters(key: &KeyPair) -> Vec<u8> {
    rewritten(key, |info| info.algorithm.parameters = None)
}

fn truncated() -> Vec<u8> {
    let mut der = csr(&ec_key());
    der.pop();
    der
}

fn with_more_behind() -> Vec<u8> {
    let mut der = csr(&ec_key());
    der.push(0);
    der
}

async fn a_bad_request_is_refused_and_the_invitation_stays(fixture: Fixture) {
    let app = fixture.app();
    let invited = fixture.invite(SeededPolicy::Compact).await;
    let phone = Phone::new(SeededPolicy::Compact);
    let p384 = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap();
    let san = SubjectAltName::OID.to_string();
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        (
            "bad signature",
            signed_by_another(&phone.keys[1].1),
            "Csr(Signature)",
        ),
        ("extension", with_extension(), &san),
        ("off the curve", off_the_curve(), "Csr(Flaw(InvalidPoint))"),
        ("weak RSA", weak_rsa(), "Csr(Key(RsaSize(1024)))"),
        (
            "RSA-2048 for P-256",
            csr(&rsa_key(RsaKeySize::_2048)),
            "OtherAlgorithm { found: Rsa2048, wanted: P256 }",
        ),
        (
            "RSA-3072 for P-256",
            csr(&rsa_key(RsaKeySize::_3072)),
            "OtherAlgorithm { found: Rsa3072, wanted: P256 }",
        ),
        (
            "P-384 for P-256",
            csr(&p384),
            "OtherAlgorithm { found: P384, wanted: P256 }",
        ),
        ("truncated", truncated(), "Csr(Malformed("),
        ("more behind it", with_more_behind(), "Csr(Malformed("),
        ("empty", Vec::new(), "Csr(Malformed("),
        ("too long", vec![0x30; 5000], "Csr(TooLong)"),
        ("key of another slot", csr(&phone.keys[0].1), "SameKey"),
        (
            "key of another slot, compressed",
            compressed(&phone.keys[0].1),
            "Csr(Key(OtherForm(UncompressedPoint)))",
        ),
        (
            "RSA without parameters",
            without_parameters(&rsa_key(RsaKeySize::_2048)),
            "Csr(Key(OtherForm(NullParameters)))",
        ),
    ];
    for (name, der, reason) in cases {
        let mut request = phone.request(invited.token.reveal());
        request.requests[1].1 = der;
        let refused = enroll_server_service::admission::invited::enroll(app, request, CLIENT).await;
        let Err(Error::RequestInvalid(Invalid::Slot { slot, flaw })) = refused else {
            panic!("{name}: {refused:?}");
        };
        assert_eq!(slot, Slot::DigitalSignature, "{name}");
        let flaw = format!("{flaw:?}");
        assert!(flaw.contains(reason), "{name}: {flaw}");
    }
    phone.enroll(app, invited.token.reveal()).await.unwrap();
}

/// An RSA-1024 request, made with `openssl req -newkey rsa:1024 -nodes -subj / -outform DER`.
fn weak_rsa() -> Vec<u8> {
    data_encoding::BASE64.decode(WEAK_RSA.as_bytes()).unwrap()
}

const WEAK_RSA: &str = concat!(
    "MIIBPzCBqQIBADAAMIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC3/bozTpOXD9BeijxmgSLqBSqErvOZSIvdpc",
    "pYhy7cY2O7q/o2VNkBDdzCH3ptswLJDjwg5ISZr7MvXNzyKMoL+72cfitF+2vqyfiiVi86l+12DtJ5BDdEthHM896w",
    "0ikzl8P328P73Ptf1GYieCL+ypSEppCfRFiGC1Qfc6wUPwIDAQABoAAwDQYJKoZIhvcNAQELBQADgYEAbSoWSeFXsF",
    "9tHa0O6ya3Ll85/N+51YB1axWaarnjZgxuG/NLAkf/iL5ihYOVyh+Saxbcbw6oO+gcD7tWXazsXt051r7Dd+ZmDN/u",
    "Fq9mqwGpxy1wiE4LdccdjyJHEZf4ihC0KIewNJulNRwL2GzIDjNq15lX8mLeKEgPHsS/Q0w=",
);

async fn the_requests_are_those_that_were_asked_for(fixture: Fixture) {
    let app = fixture.app();
    let invited = fixture.invite(SeededPolicy::Compact).await;
    let phone = Phone::new(SeededPolicy::Compact);
    let enroll = async |change: fn(&mut Vec<(Slot, Vec<u8>)>)| {
        let mut request = phone.request(invited.token.reveal());
        change(&mut request.requests);
        match enroll_server_service::admission::invited::enroll(app, request, CLIENT).await {
            Err(Error::RequestInvalid(Invalid::Slot { slot, flaw })) => (slot, flaw),
            other => panic!("{other:?}"),
        }
    };
    let missing = enroll(|requests| {
        requests.pop();
    })
    .await;
    assert!(
        matches!(missing, (Slot::CardAuthentication, SlotFlaw::NotOne)),
        "{missing:?}"
    );
    let twice = enroll(|requests| {
        let again = (
            requests[0].0,
            csr(&KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap()),
        );
        requests.push(again);
    })
    .await;
    assert!(
        matches!(twice, (Slot::PivAuthentication, SlotFlaw::NotOne)),
        "{twice:?}"
    );
}

async fn a_key_that_was_certified_before_is_refused(fixture: Fixture) {
    let app = fixture.app();
    let invited = fixture.invite(SeededPolicy::Compact).await;
    let first = Phone::new(SeededPolicy::Compact);
    first.enroll(app, invited.token.reveal()).await.unwrap();
    let events = fixture.events().await.len();

    let bob = fixture
        .invite_person("Bob Example", "bob", SeededPolicy::Compact)
        .await;
    let mut thief = Phone::new(SeededPolicy::Compact);
    thief.keys[0] = (
        Slot::PivAuthentication,
        KeyPair::try_from(first.keys[0].1.serialize_der()).unwrap(),
    );
    let refused = thief.enroll(app, bob.token.reveal()).await;
    let Err(Error::RequestInvalid(Invalid::KnownKey { slot })) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(slot, Some(Slot::PivAuthentication));
    // Nothing was left of it: the holder and the invitation are what was added.
    assert_eq!(fixture.events().await.len(), events + 2);
    Phone::new(SeededPolicy::Compact)
        .enroll(app, bob.token.reveal())
        .await
        .unwrap();
}
