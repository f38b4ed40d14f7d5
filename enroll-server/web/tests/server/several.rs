//! Several authorities on one server: what belongs to each is at its own addresses.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use der::{Decode, Encode};
use x509_cert::Certificate;
use x509_cert::crl::CertificateList;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{AuthorityInfoAccessSyntax, CrlDistributionPoints};
use x509_ocsp::OcspResponseStatus;

use enroll_server_ca::authorities::authority::Authority;
use enroll_server_ca::authorities::create::{self, NewAuthority, Superior};
use enroll_server_ca::passphrase::Passphrase;
use enroll_server_ca::signer::file::FileKey;
use enroll_server_ca::signer::sign::Sign;
use enroll_server_model::{
    IssuerRole, KeyAlgorithm, KeyLocation, RevocationReason, SeededPolicy, random,
};
use enroll_server_service::enrollment::Enrolled;
use enroll_server_service::error::Error;
use enroll_server_service::revocation::revoke_phone;
use enroll_server_service::{App, crl, query};
use enroll_server_store::issuer::{self, Issuer};

use crate::client;
use crate::fixture::{Fixture, PASSPHRASE, administrator};
use crate::on_both;
use crate::relying_party::{
    SHA_1, Status, body, cert_id_of, entries, fetch, ocsp_response, post_to, request, root_of,
    statuses,
};

on_both!(
    every_issuer_answers_at_the_addresses_in_its_certificates,
    an_issuer_is_not_asked_about_anothers_certificates,
    an_authority_offline_does_not_hinder_the_others,
    a_key_that_failed_is_not_read_again_for_each_request,
);

/// Adds an issuing authority, as a rollover does, and starts the server with it.
pub async fn add_issuing(fixture: &mut Fixture, algorithm: KeyAlgorithm) {
    // The newest issues: it must not be as old as the first.
    fixture.wait(Duration::from_secs(1));
    let app = fixture.app().clone();
    let root = root_of(&app);
    let key = FileKey::generate(algorithm).unwrap();
    let new = NewAuthority {
        organisation: "Example".to_owned(),
        name: "Example Issuing CA".to_owned(),
        not_before: app.clock.now(),
        not_after: root.certificate().not_after,
    };
    let superior = Superior {
        certificate: root.certificate(),
        signer: &root.signer().unwrap(),
        addresses: root.addresses(),
    };
    let certificate = create::subordinate(&new, key.public_key(), superior).unwrap();
    let name = format!("issuing-{algorithm}.key");
    let path = fixture.options.storage.data.join("authority").join(&name);
    key.save(&path, &Passphrase::new(PASSPHRASE.to_owned()).unwrap())
        .unwrap();
    let row = Issuer {
        id: random::id().unwrap(),
        role: IssuerRole::Issuing,
        name: certificate.name.clone(),
        fingerprint: certificate.fingerprint_hex(),
        certificate: certificate.der,
        key_location: KeyLocation::File(name),
        revocation_epoch: 0,
        created: app.clock.now(),
    };
    fixture
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move { Ok(issuer::insert(tx, &row).await?) })
        })
        .await
        .unwrap();
    drop(app);
    fixture.restart().await;
}

async fn enroll(fixture: &Fixture) -> Enrolled {
    fixture.enroll(SeededPolicy::Compact).await
}

fn first_certificate(enrolled: &Enrolled) -> Certificate {
    Certificate::from_der(&enrolled.certificates[0].der).unwrap()
}

/// The path of an address. What stands before it is where the server was when it issued: a test's has another port at
/// each start.
fn path(name: &GeneralName) -> String {
    let GeneralName::UniformResourceIdentifier(uri) = name else {
        panic!("{name:?}");
    };
    let (_, path) = uri.as_str().split_once("://").unwrap();
    path.split_at(path.find('/').unwrap()).1.to_owned()
}

/// The paths of the CRL, of OCSP and of the issuer's certificate that a certificate has in it.
pub fn printed(certificate: &Certificate) -> [String; 3] {
    let tbs = certificate.tbs_certificate();
    let (_, points) = tbs
        .get_extension::<CrlDistributionPoints>()
        .unwrap()
        .unwrap();
    let Some(DistributionPointName::FullName(names)) = &points.0[0].distribution_point else {
        panic!("{points:?}");
    };
    let (_, access) = tbs
        .get_extension::<AuthorityInfoAccessSyntax>()
        .unwrap()
        .unwrap();
    let [ocsp, issuer] = access.0.as_slice() else {
        panic!("{access:?}");
    };
    [
        path(&names[0]),
        path(&ocsp.access_location),
        path(&issuer.access_location),
    ]
}

pub async fn get(app: &Arc<App>, path: &str) -> Vec<u8> {
    let response = fetch(app, Request::get(path).body(Body::empty()).unwrap()).await;
    assert_eq!(response.status(), StatusCode::OK, "{path}");
    body(response).await
}

async fn every_issuer_answers_at_the_addresses_in_its_certificates(mut fixture: Fixture) {
    let mut enrolled = vec![enroll(&fixture).await];
    for algorithm in [KeyAlgorithm::Rsa2048, KeyAlgorithm::P384] {
        add_issuing(&mut fixture, algorithm).await;
        enrolled.push(enroll(&fixture).await);
    }
    let app = fixture.app();
    // One phone of each authority is revoked: it is on the CRL of that authority alone.
    for one in &enrolled {
        let (id, reason) = (&one.phone_id, RevocationReason::Superseded);
        revoke_phone(app, id, reason, &administrator())
            .await
            .unwrap();
    }
    let issuing: Vec<_> = app
        .authorities
        .iter()
        .filter(|authority| authority.role() == IssuerRole::Issuing)
        .collect();
    assert_eq!(issuing.len(), enrolled.len());
    let mut addresses = std::collections::HashSet::new();
    for (authority, enrolled) in issuing.into_iter().zip(&enrolled) {
        let leaf = first_certificate(enrolled);
        let serial = client::serial(&leaf);
        let [crl, ocsp, issuer] = printed(&leaf);
        for address in [&crl, &ocsp, &issuer] {
            assert!(
                addresses.insert(address.clone()),
                "{address} is another issuer's"
            );
        }
        assert_eq!(get(app, &issuer).await, authority.certificate().der);
        assert_eq!(enrolled.issuers[0], authority.certificate().der);
        assert_eq!(enrolled.issuers[1], root_of(app).certificate().der);

        let list = CertificateList::from_der(&get(app, &crl).await).unwrap();
        let list: CertificateList = list;
        let message = list.tbs_cert_list.to_der().unwrap();
        let key = &authority.certificate().key;
        key.verify(&message, list.signature.raw_bytes()).unwrap();
        let listed = entries(&list);
        assert_eq!(listed.len(), 4);
        assert!(listed.iter().any(|(listed, _)| listed == &serial));

        let asked = request(
            vec![cert_id_of(authority.certificate(), &serial, SHA_1)],
            None,
        );
        let by_post = post_to(app, &ocsp, asked.clone()).await;
        assert_eq!(statuses(&by_post), [Status::Revoked(Some(4))]);
        let encoded = data_encoding::BASE64.encode(&asked);
        for path in [format!("{ocsp}/{encoded}"), format!("{ocsp}//{encoded}")] {
            let by_get = ocsp_response(&get(app, &path).await);
            assert_eq!(statuses(&by_get), [Status::Revoked(Some(4))]);
        }

        // The authority's own certificate, by its issuer: the root.
        let [crl, _] = printed_in_authority(authority);
        assert_eq!(crl, format!("/crl/{}/0.crl", root_of(app).key_id()));
        let root = root_of(app).certificate();
        let asked = request(
            vec![cert_id_of(root, &authority.certificate().serial, SHA_1)],
            None,
        );
        let path = format!("/ocsp/{}", root.key_id);
        assert_eq!(statuses(&post_to(app, &path, asked).await), [Status::Good]);
    }
}

/// The paths of the CRL and of the issuer's certificate in an authority's certificate: it says nothing of OCSP, which
/// an offline root could not answer.
fn printed_in_authority(authority: &Authority) -> [String; 2] {
    let certificate = Certificate::from_der(&authority.certificate().der).unwrap();
    let tbs = certificate.tbs_certificate();
    let (_, access) = tbs
        .get_extension::<AuthorityInfoAccessSyntax>()
        .unwrap()
        .unwrap();
    assert_eq!(access.0.len(), 1);
    let (_, points) = tbs
        .get_extension::<CrlDistributionPoints>()
        .unwrap()
        .unwrap();
    let Some(DistributionPointName::FullName(names)) = &points.0[0].distribution_point else {
        panic!("{points:?}");
    };
    [path(&names[0]), path(&access.0[0].access_location)]
}

async fn an_issuer_is_not_asked_about_anothers_certificates(mut fixture: Fixture) {
    let old = enroll(&fixture).await;
    add_issuing(&mut fixture, KeyAlgorithm::P256).await;
    let new = enroll(&fixture).await;
    let app = fixture.app();
    let id = |enrolled: &Enrolled| {
        let leaf = first_certificate(enrolled);
        let issuer = app
            .authorities
            .iter()
            .find(|one| one.certificate().der == enrolled.issuers[0])
            .unwrap();
        cert_id_of(issuer.certificate(), &client::serial(&leaf), SHA_1)
    };
    let [_, old_ocsp, _] = printed(&first_certificate(&old));
    let [_, new_ocsp, _] = printed(&first_certificate(&new));
    for (path, own, others) in [(&old_ocsp, &old, &new), (&new_ocsp, &new, &old)] {
        let answer = post_to(app, path, request(vec![id(own)], None)).await;
        assert_eq!(statuses(&answer), [Status::Good]);
        // RFC 6960, section 2.3: the responder is not authorised to answer for that authority.
        let answer = post_to(app, path, request(vec![id(others)], None)).await;
        assert_eq!(answer.response_status, OcspResponseStatus::Unauthorized);
        assert!(answer.response_bytes.is_none());
        let answer = post_to(app, path, request(vec![id(own), id(others)], None)).await;
        assert_eq!(statuses(&answer), [Status::Good, Status::Unknown]);
    }
    // The same request at the two addresses has two answers, also from the cache.
    let both = request(vec![id(&old), id(&new)], None);
    for _ in 0..2 {
        let answer = post_to(app, &old_ocsp, both.clone()).await;
        assert_eq!(statuses(&answer), [Status::Good, Status::Unknown]);
        let answer = post_to(app, &new_ocsp, both.clone()).await;
        assert_eq!(statuses(&answer), [Status::Unknown, Status::Good]);
    }
}

async fn an_authority_offline_does_not_hinder_the_others(mut fixture: Fixture) {
    add_issuing(&mut fixture, KeyAlgorithm::P384).await;
    let folder = fixture.options.storage.data.join("authority");
    std::fs::rename(folder.join("root.key"), folder.join("elsewhere.key")).unwrap();
    fixture.restart().await;
    let enrolled = enroll(&fixture).await;
    let app = fixture.app();
    let leaf = first_certificate(&enrolled);
    let [crl, ocsp, _] = printed(&leaf);
    get(app, &crl).await;
    let issuer = app.issuing();
    let asked = request(
        vec![cert_id_of(issuer, &client::serial(&leaf), SHA_1)],
        None,
    );
    assert_eq!(statuses(&post_to(app, &ocsp, asked).await), [Status::Good]);
    // The root has never been asked, and cannot sign now.
    let root = root_of(app).certificate();
    let asked = request(vec![cert_id_of(root, &issuer.serial, SHA_1)], None);
    let answer = post_to(app, &format!("/ocsp/{}", root.key_id), asked).await;
    assert_eq!(answer.response_status, OcspResponseStatus::InternalError);
}

async fn a_key_that_failed_is_not_read_again_for_each_request(mut fixture: Fixture) {
    let app = fixture.app().clone();
    let root = root_of(&app);
    let first = crl::current(&app, root).await.unwrap();
    let folder = fixture.options.storage.data.join("authority");
    std::fs::rename(folder.join("root.key"), folder.join("elsewhere.key")).unwrap();
    // It is due, and the one from before is served for as long as it is good.
    fixture.wait(Duration::from_secs(8 * 24 * 60 * 60));
    for _ in 0..3 {
        assert_eq!(crl::current(&app, root).await.unwrap().number, first.number);
    }
    fixture.wait(Duration::from_secs(30 * 24 * 60 * 60));
    assert!(matches!(
        crl::current(&app, root).await,
        Err(Error::TriedInVain(_))
    ));
    assert!(query::overview(&app).await.unwrap().has_stale_list);
    // The key is back: that is seen within a minute, and not by the next request.
    std::fs::rename(folder.join("elsewhere.key"), folder.join("root.key")).unwrap();
    assert!(matches!(
        crl::current(&app, root).await,
        Err(Error::TriedInVain(_))
    ));
    fixture.wait(Duration::from_secs(60));
    let next = crl::current(&app, root).await.unwrap();
    assert_eq!(next.number, first.number + 1);
    assert!(!query::overview(&app).await.unwrap().has_stale_list);
    drop(app);
    fixture.stop();
}
