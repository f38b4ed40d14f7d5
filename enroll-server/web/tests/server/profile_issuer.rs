//! A profile whose certificates another authority issues than the current one.

use der::{Decode, Encode};
use x509_cert::Certificate;
use x509_cert::crl::CertificateList;

use enroll_server::server::ServeError;
use enroll_server_ca::error::CaError;
use enroll_server_model::{IssuerRole, KeyAlgorithm, RevocationReason, SeededPolicy, Slot};
use enroll_server_service::revocation::revoke_phone;
use enroll_server_service::start::StartError;

use crate::client::{self, Phone};
use crate::fixture::{Fixture, administrator};
use crate::on_both;
use crate::relying_party::{
    SHA_1, Status, cert_id_of, entries, post_to, request, root_of, statuses,
};
use crate::row::execute;
use crate::several::{add_issuing, get, printed};

on_both!(
    two_profiles_of_one_enrollment_have_two_issuers,
    a_profile_cannot_name_an_authority_that_issues_none,
);

/// Adds the second version of the profile of 9C, as the first but for its issuer.
async fn issued_by(fixture: &Fixture, issuer_id: &str) {
    execute(
        &fixture.store,
        "INSERT INTO profiles (name, version, created, issuer_id, definition) \
         SELECT name, 2, created, $1, definition FROM profiles WHERE name = $2",
        &[issuer_id, "digital-signature"],
    )
    .await;
}

async fn two_profiles_of_one_enrollment_have_two_issuers(mut fixture: Fixture) {
    let first = fixture.app().authorities.current().id().to_owned();
    add_issuing(&mut fixture, KeyAlgorithm::Rsa2048).await;
    issued_by(&fixture, &first).await;
    fixture.restart().await;
    let app = fixture.app();
    let invited = fixture.invite(SeededPolicy::Compact).await;
    let phone = Phone::new(SeededPolicy::Compact);
    let token = invited.token.reveal();
    let enrolled = phone.enroll(app, token).await.unwrap();

    let named = app.authorities.by_id(&first).unwrap();
    let current = app.authorities.current();
    assert_eq!(named.certificate().key.algorithm(), KeyAlgorithm::P256);
    assert_eq!(current.certificate().key.algorithm(), KeyAlgorithm::Rsa2048);
    let above: Vec<_> = [named, current, root_of(app)]
        .map(|authority| authority.certificate().der.clone())
        .into();
    assert_eq!(enrolled.issuers.len(), 3);
    assert!(enrolled.issuers.iter().all(|issuer| above.contains(issuer)));
    assert_eq!(enrolled.issuers[2], above[2], "the root comes last");
    // Asked once more, the answer is the same but for the order of issuers on one level.
    let again = phone.enroll(app, token).await.unwrap();
    assert_eq!(again.issuers.len(), 3);
    assert_eq!(again.issuers[2], above[2]);

    let reason = RevocationReason::Superseded;
    revoke_phone(app, &enrolled.phone_id, reason, &administrator())
        .await
        .unwrap();
    for (slot, issuer, of_issuer) in [
        (Slot::DigitalSignature, named, 1),
        (Slot::PivAuthentication, current, 3),
        (Slot::KeyManagement, current, 3),
        (Slot::CardAuthentication, current, 3),
    ] {
        let leaf = client::certificate(&enrolled, slot);
        let key = &issuer.certificate().key;
        let message = leaf.tbs_certificate().to_der().unwrap();
        key.verify(&message, leaf.signature().raw_bytes()).unwrap();

        let [crl, ocsp, certificate] = printed(&leaf);
        let key_id = issuer.key_id().to_string();
        for address in [&crl, &ocsp, &certificate] {
            assert!(address.contains(&key_id), "{slot}: {address}");
        }
        let served = Certificate::from_der(&get(app, &certificate).await).unwrap();
        assert_eq!(served.to_der().unwrap(), issuer.certificate().der);

        let list = CertificateList::from_der(&get(app, &crl).await).unwrap();
        let list: CertificateList = list;
        let message = list.tbs_cert_list.to_der().unwrap();
        key.verify(&message, list.signature.raw_bytes()).unwrap();
        let listed = entries(&list);
        let serial = client::serial(&leaf);
        assert_eq!(listed.len(), of_issuer, "{slot}");
        assert!(listed.iter().any(|(listed, _)| *listed == serial));

        let id = cert_id_of(issuer.certificate(), &serial, SHA_1);
        let answer = post_to(app, &ocsp, request(vec![id], None)).await;
        assert_eq!(statuses(&answer), [Status::Revoked(Some(4))], "{slot}");
    }
}

async fn a_profile_cannot_name_an_authority_that_issues_none(mut fixture: Fixture) {
    let root = root_of(fixture.app());
    assert_eq!(root.role(), IssuerRole::Root);
    let root = root.id().to_owned();
    issued_by(&fixture, &root).await;
    fixture.stop();
    let Err(ServeError::Start(StartError::Ca(CaError::Mismatch(message)))) = fixture.start().await
    else {
        panic!("a profile was accepted that the root would issue");
    };
    assert!(
        message.starts_with("profile \"digital-signature\", version 2: "),
        "{message}"
    );
}
