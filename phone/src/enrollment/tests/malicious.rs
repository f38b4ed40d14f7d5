//! A server that holds the root's name and means ill: what it sends, what the phone says, and that the card stays as it
//! was, with its certificates and keys.

use der::asn1::Ia5String;
use enrollment_protocol::enrollment::EnrollmentAnswer;
use enrollment_protocol::{Der, Slot};
use spki::SubjectPublicKeyInfoOwned;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{KeyUsages, NameConstraints, SubjectAltName};

use super::fixture::{
    Authority, HIERARCHY, Shape, card, constraints, days, extension, name, upn, usage,
};
use super::scripted_server::{Does, ScriptedServer, another_invitation};
use super::with_server::run;

type Tamper = fn(&mut EnrollmentAnswer, &[SubjectPublicKeyInfoOwned]);

/// Replaces the first certificate by one that the issuing authority issues.
fn issue(answer: &mut EnrollmentAnswer, keys: &[SubjectPublicKeyInfoOwned], shape: Shape) {
    answer.certificates[0].certificate = HIERARCHY.issuing.issue(shape, keys[0].clone());
}

/// The same, issued by an authority with this certificate.
fn issue_by(
    answer: &mut EnrollmentAnswer,
    keys: &[SubjectPublicKeyInfoOwned],
    authority: &Authority,
    certificate: Der,
) {
    for (place, key) in keys.iter().enumerate() {
        let issued = authority.issue(Shape::holder(), key.clone());
        answer.certificates[place].certificate = issued;
    }
    answer.issuers[0] = certificate;
}

fn mail(address: &str) -> GeneralName {
    GeneralName::Rfc822Name(Ia5String::new(address).unwrap())
}

const ISSUING: &str = "CN=Issuing,O=Example";
const OTHER_AUTHORITY: &str = "was not issued by the authority";
const MAY_NOT: &str = "may not issue certificates";

const ANSWERS: &[(&str, Tamper, &str)] = &[
    (
        "another authority's certificates, with its own chain",
        |answer, keys| {
            let (root, issuing) = (Authority::new(), Authority::new());
            let certificate = root.issue(Shape::authority(ISSUING), issuing.key());
            issue_by(answer, keys, &issuing, certificate);
        },
        OTHER_AUTHORITY,
    ),
    (
        "certificates under the issuing authority's name, by another key",
        |answer, keys| {
            let other = Authority::new();
            let certificate = other.issue(Shape::holder(), keys[0].clone());
            answer.certificates[0].certificate = certificate;
        },
        OTHER_AUTHORITY,
    ),
    (
        "a signature that was touched",
        |answer, _| *answer.certificates[0].certificate.0.last_mut().unwrap() ^= 1,
        OTHER_AUTHORITY,
    ),
    (
        "an issuer that is not an authority",
        |answer, keys| {
            let issuing = Authority::new();
            let shape = Shape::authority(ISSUING).with(constraints(false));
            let certificate = HIERARCHY.root.issue(shape, issuing.key());
            issue_by(answer, keys, &issuing, certificate);
        },
        MAY_NOT,
    ),
    (
        "an issuer whose key may not sign certificates",
        |answer, keys| {
            let issuing = Authority::new();
            let shape = Shape::authority(ISSUING).with(usage(KeyUsages::DigitalSignature));
            let certificate = HIERARCHY.root.issue(shape, issuing.key());
            issue_by(answer, keys, &issuing, certificate);
        },
        MAY_NOT,
    ),
    (
        "an issuer that is over",
        |answer, keys| {
            let issuing = Authority::new();
            let mut shape = Shape::authority(ISSUING);
            shape.validity = days(-10, -5);
            let certificate = HIERARCHY.root.issue(shape, issuing.key());
            issue_by(answer, keys, &issuing, certificate);
        },
        "its issuer is valid from",
    ),
    (
        "an issuer with a critical extension that nobody looks at",
        |answer, keys| {
            let issuing = Authority::new();
            let limits = NameConstraints {
                permitted_subtrees: None,
                excluded_subtrees: None,
            };
            let shape = Shape::authority(ISSUING).with(extension(&limits));
            let certificate = HIERARCHY.root.issue(shape, issuing.key());
            issue_by(answer, keys, &issuing, certificate);
        },
        "critical extension 2.5.29.30",
    ),
    (
        "a certificate that expired in 1999",
        |answer, keys| {
            let mut shape = Shape::holder();
            shape.validity = days(-10_200, -9_835);
            issue(answer, keys, shape);
        },
        "If the clock is wrong, set it right",
    ),
    (
        "a certificate of tomorrow",
        |answer, keys| {
            let mut shape = Shape::holder();
            shape.validity = days(1, 2);
            issue(answer, keys, shape);
        },
        "by the clock of this phone",
    ),
    (
        "another person's certificate",
        |answer, keys| {
            let mut shape = Shape::holder();
            shape.subject = name("CN=Mallory Example,O=Example");
            issue(answer, keys, shape);
        },
        "names CN=Mallory Example",
    ),
    (
        "another organisation's",
        |answer, keys| {
            let mut shape = Shape::holder();
            shape.subject = name("CN=Alice Example,O=Elsewhere");
            issue(answer, keys, shape);
        },
        "O=Elsewhere",
    ),
    (
        "nobody's",
        |answer, keys| {
            let mut shape = Shape::holder();
            shape.subject = name("O=Example");
            issue(answer, keys, shape);
        },
        "names nobody",
    ),
    (
        "one with another mail address",
        |answer, keys| {
            let names = SubjectAltName(vec![mail("mallory@example.org")]);
            issue(answer, keys, Shape::holder().with(extension(&names)));
        },
        "names mallory@example.org",
    ),
    (
        "one with another account",
        |answer, keys| {
            let shape = Shape::holder().with(extension(&upn("root@example.org")));
            issue(answer, keys, shape);
        },
        "names root@example.org",
    ),
    (
        "one of a web server",
        |answer, keys| {
            let host = GeneralName::DnsName(Ia5String::new("www.example.org").unwrap());
            let shape = Shape::holder().with(extension(&SubjectAltName(vec![host])));
            issue(answer, keys, shape);
        },
        "names www.example.org",
    ),
    (
        "an authority's",
        |answer, keys| issue(answer, keys, Shape::holder().with(constraints(true))),
        "the certificate of an authority",
    ),
    (
        "one that may sign certificates",
        |answer, keys| {
            let usages = KeyUsages::DigitalSignature | KeyUsages::KeyCertSign;
            let shape = Shape::holder().with(usage(usages));
            issue(answer, keys, shape);
        },
        "the certificate of an authority",
    ),
    (
        "one for another slot's purpose",
        |answer, keys| {
            issue(
                answer,
                keys,
                Shape::holder().with(usage(KeyUsages::KeyAgreement)),
            )
        },
        "key usage does not fit",
    ),
    (
        "one certificate for both slots",
        |answer, _| {
            let first = answer.certificates[0].certificate.clone();
            answer.certificates[1].certificate = first;
        },
        "not for the key that this phone made",
    ),
    (
        "a slot twice",
        |answer, _| {
            let first = answer.certificates[0].clone();
            answer.certificates.push(first);
        },
        "names slot 9A twice",
    ),
    (
        "a slot that was not offered",
        |answer, _| answer.certificates[1].slot = Slot::DigitalSignature,
        "slot 9C, which was not offered",
    ),
    (
        "too few",
        |answer, _| answer.certificates.truncate(1),
        "no certificate for slot 9E",
    ),
    (
        "bytes behind the certificate",
        |answer, _| answer.certificates[0].certificate.0.push(0),
        "cannot be read",
    ),
    (
        "a megabyte of certificate",
        |answer, _| answer.certificates[0].certificate.0.resize(17_000, 0),
        "more than 16384 bytes",
    ),
    (
        "garbage for an issuer",
        |answer, _| answer.issuers.push(Der(b"garbage".to_vec())),
        "issuer 3 is not a certificate",
    ),
    (
        "an issuer that issued nothing",
        |answer, _| {
            let other = Authority::new();
            let shape = Shape::authority("CN=Other,O=Example");
            answer
                .issuers
                .push(HIERARCHY.root.issue(shape, other.key()));
        },
        "issuer 3 has nothing to do",
    ),
    (
        "an issuer twice",
        |answer, _| answer.issuers.push(HIERARCHY.issuing_certificate.clone()),
        "issuer 3 has nothing to do",
    ),
    (
        "a hundred issuers",
        |answer, _| answer.issuers = vec![HIERARCHY.root_certificate.clone(); 100],
        "more than 8 issuers",
    ),
    (
        "a name without end",
        |answer, _| answer.phone = "x".repeat(100_000),
        "more than 256 characters",
    ),
    (
        "an answer of another version",
        |answer, _| answer.protocol.0 = 2,
        "version 2 of the enrollment protocol",
    ),
];

#[test]
fn what_a_malicious_server_issues_changes_nothing_on_the_card() {
    let (_folder, mut store) = card();
    // A card that has worked before: what it has is what must stay.
    let good = || [Does::Answers, Does::Answers, Does::Answers];
    run(
        &mut store,
        &ScriptedServer::that(good()),
        &ScriptedServer::invitation(),
    )
    .unwrap();
    for (number, (what, tamper, said)) in (0..).zip(ANSWERS) {
        let before = store.state().clone();
        let server = ScriptedServer::that([Does::Answers, Does::Answers, Does::Issues(*tamper)]);
        let error = run(&mut store, &server, &another_invitation(number)).unwrap_err();
        let error = error.to_string();
        assert!(error.contains(said), "{what}: {error}");
        let mut after = store.state().clone();
        after.pending_enrollment = None;
        assert_eq!(after, before, "{what} has changed the card");
        store
            .update(|state| {
                state.pending_enrollment = None;
                Ok::<_, crate::state::StateError>(())
            })
            .unwrap();
    }
    let server = ScriptedServer::that(good());
    run(&mut store, &server, &another_invitation(200)).unwrap();
}

type TamperOffer = fn(&mut enrollment_protocol::offer::Offer);

const OFFERS: &[(&str, TamperOffer, &str)] = &[
    (
        "nothing",
        |offer| offer.slots.clear(),
        "offers no certificate",
    ),
    (
        "a slot twice",
        |offer| offer.slots[1].slot = offer.slots[0].slot,
        "names slot 9A twice",
    ),
    (
        "nobody",
        |offer| offer.holder = " ".to_owned(),
        "the name of the holder is empty",
    ),
    (
        "an organisation without end",
        |offer| offer.organisation = "x".repeat(257),
        "name of the organisation",
    ),
    (
        "an account without end",
        |offer| offer.upn = Some("x".repeat(257)),
        "account name",
    ),
    (
        "another version",
        |offer| offer.protocol.0 = 7,
        "version 7 of the enrollment protocol",
    ),
];

#[test]
fn an_offer_that_cannot_be_meant_makes_no_key() {
    for (what, tamper, said) in OFFERS {
        let (_folder, mut store) = card();
        let before = store.state().clone();
        let server = ScriptedServer::that([Does::Answers, Does::Offers(*tamper)]);
        let error = run(&mut store, &server, &ScriptedServer::invitation()).unwrap_err();
        let error = error.to_string();
        assert!(error.contains(said), "{what}: {error}");
        assert_eq!(*store.state(), before, "{what}");
    }
}
