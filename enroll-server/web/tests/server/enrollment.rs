//! Enrolling a phone.

use std::collections::HashSet;
use std::time::Duration;

use const_oid::ObjectIdentifier;
use der::{Decode, Encode};
use rcgen::PublicKeyData;
use sqlx::{AnyConnection, Connection as _, Row};
use x509_cert::Certificate;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{ExtendedKeyUsage, KeyUsage, KeyUsages, SubjectAltName};

use enroll_server_ca::facts::Facts;
use enroll_server_ca::public_key::PublicKey;
use enroll_server_model::{
    Actor, CertificateState, EventKind, ProfileName, RevocationReason, SeededPolicy, Slot,
};
use enroll_server_service::admission::invitation::{self, NewInvitation};
use enroll_server_service::error::Error;
use enroll_server_service::issuance::{Issuer, Order, Owner};
use enroll_server_service::person::{MailLanguage, SharedMail, SystemAccount};
use enroll_server_service::{App, authorized_keys, revocation};
use enroll_server_store::{Kind, certificate, phone};

use crate::client::{self, Phone};
use crate::fixture::{self, Fixture, administrator};
use crate::on_both;
use crate::row::execute;

on_both!(
    a_phone_gets_a_certificate_for_each_key,
    a_compact_phone_has_p_256_everywhere,
    an_invitation_works_once,
    the_same_request_gets_the_same_certificates,
    of_two_phones_with_one_invitation_one_is_enrolled,
    one_phone_that_asks_many_times_at_once_is_enrolled_once,
    a_request_that_a_crash_cut_short_gets_new_certificates,
    a_revoked_phone_does_not_come_back_with_its_invitation,
    a_card_belongs_to_who_enrolled_it,
    the_longest_names_fit,
    sshd_is_told_the_valid_keys,
);

/// An order of a certificate that could be signed.
pub fn order(app: &App) -> Order {
    let key = client::ec_key();
    let key = PublicKey::from_der(&key.subject_public_key_info()).unwrap();
    Order {
        facts: Facts {
            organisation: "Example".to_owned(),
            host: "localhost".to_owned(),
            ..Facts::default()
        },
        keys: vec![(app.profile(&ProfileName::TLS_SERVER).unwrap().clone(), key)],
        issuer: Issuer::OfProfile,
        owner: Owner::default(),
        purpose: "a test".to_owned(),
        actor: Actor::system(),
    }
}

fn key_usage(certificate: &Certificate) -> KeyUsage {
    let (critical, usage) = certificate
        .tbs_certificate()
        .get_extension::<KeyUsage>()
        .unwrap()
        .unwrap();
    assert!(critical);
    usage
}

fn alt_names(certificate: &Certificate) -> Vec<GeneralName> {
    let found = certificate
        .tbs_certificate()
        .get_extension::<SubjectAltName>()
        .unwrap();
    found.unwrap().1.0
}

async fn a_phone_gets_a_certificate_for_each_key(fixture: Fixture) {
    let app = fixture.app();
    let invited = fixture.invite(SeededPolicy::Standard).await;
    let phone = Phone::new(SeededPolicy::Standard);
    let enrolled = phone.enroll(app, invited.token.reveal()).await.unwrap();

    let mut serials = HashSet::new();
    for (slot, key) in &phone.keys {
        let certificate = client::certificate(&enrolled, *slot);
        let tbs = certificate.tbs_certificate();
        assert_eq!(
            tbs.subject_public_key_info().to_der().unwrap(),
            key.subject_public_key_info()
        );
        let message = tbs.to_der().unwrap();
        let issuer = &app.issuing().key;
        issuer
            .verify(&message, certificate.signature().raw_bytes())
            .unwrap();
        assert!(serials.insert(client::serial(&certificate)));
        let length = certificate.to_der().unwrap().len();
        assert!((600..1100).contains(&length), "{slot}: {length} bytes");
    }
    let sign_in = client::certificate(&enrolled, Slot::PivAuthentication);
    assert!(
        sign_in
            .tbs_certificate()
            .subject()
            .to_string()
            .contains("CN=Alice Example")
    );
    assert_eq!(key_usage(&sign_in).0, KeyUsages::DigitalSignature);
    let names = alt_names(&sign_in);
    let GeneralName::OtherName(upn) = &names[0] else {
        panic!("{names:?}");
    };
    assert_eq!(
        upn.type_id,
        ObjectIdentifier::new_unwrap("1.3.6.1.4.1.311.20.2.3")
    );
    let text: String = upn.value.decode_as().unwrap();
    assert_eq!(text, "alice@example.org");
    assert!(
        matches!(&names[1], GeneralName::Rfc822Name(mail) if mail.as_str() == "alice@example.org")
    );
    let usage = sign_in
        .tbs_certificate()
        .get_extension::<ExtendedKeyUsage>()
        .unwrap()
        .unwrap();
    let usage: Vec<String> = usage.1.0.iter().map(ToString::to_string).collect();
    assert_eq!(usage, ["1.3.6.1.5.5.7.3.2", "1.3.6.1.4.1.311.20.2.2"]);

    let decrypt = client::certificate(&enrolled, Slot::KeyManagement);
    assert_eq!(key_usage(&decrypt).0, KeyUsages::KeyEncipherment);
    let sign = client::certificate(&enrolled, Slot::DigitalSignature);
    assert_eq!(
        key_usage(&sign).0,
        KeyUsages::DigitalSignature | KeyUsages::NonRepudiation
    );

    // The card's certificate names the card and no person.
    let card = client::certificate(&enrolled, Slot::CardAuthentication);
    assert!(
        !card
            .tbs_certificate()
            .subject()
            .to_string()
            .contains("Alice")
    );
    let (critical, usage) = card
        .tbs_certificate()
        .get_extension::<ExtendedKeyUsage>()
        .unwrap()
        .unwrap();
    assert!(critical);
    assert_eq!(usage.0[0].to_string(), "2.16.840.1.101.3.6.8");
    let names = alt_names(&card);
    let GeneralName::UniformResourceIdentifier(uri) = &names[0] else {
        panic!("{names:?}");
    };
    assert_eq!(uri.as_str(), phone.guid.urn());

    let row = phone::by_id(fixture.store.reader(), &enrolled.phone_id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(row.name, "virtual phone");
    let rows = certificate::of_phone(fixture.store.reader(), &row.id)
        .await
        .unwrap();
    assert_eq!(rows.len(), 4);
    assert!(rows.iter().all(|row| row.is_valid_at(app.clock.now())));
}

async fn a_compact_phone_has_p_256_everywhere(fixture: Fixture) {
    let invited = fixture.invite(SeededPolicy::Compact).await;
    let phone = Phone::new(SeededPolicy::Compact);
    let enrolled = phone
        .enroll(fixture.app(), invited.token.reveal())
        .await
        .unwrap();
    let decrypt = client::certificate(&enrolled, Slot::KeyManagement);
    assert_eq!(key_usage(&decrypt).0, KeyUsages::KeyAgreement);
}

async fn an_invitation_works_once(fixture: Fixture) {
    let app = fixture.app();
    let invited = fixture.invite(SeededPolicy::Compact).await;
    let phone = Phone::new(SeededPolicy::Compact);
    phone.enroll(app, invited.token.reveal()).await.unwrap();
    let other = Phone::new(SeededPolicy::Compact);
    let refused = other.enroll(app, invited.token.reveal()).await;
    assert!(matches!(refused, Err(Error::InvitationUsed)));
    let guessed = other.enroll(app, &"B".repeat(32)).await;
    assert!(matches!(guessed, Err(Error::InvitationUnknown)));
    let nonsense = other.enroll(app, "not a token").await;
    assert!(matches!(nonsense, Err(Error::InvitationUnknown)));
}

async fn the_same_request_gets_the_same_certificates(fixture: Fixture) {
    let app = fixture.app();
    let invited = fixture.invite(SeededPolicy::Compact).await;
    let phone = Phone::new(SeededPolicy::Compact);
    let first = phone.enroll(app, invited.token.reveal()).await.unwrap();
    let events = fixture.events().await.len();
    // Signatures of the requests differ each time; the keys are what counts.
    let second = phone.enroll(app, invited.token.reveal()).await.unwrap();
    assert_eq!(first.phone_id, second.phone_id);
    let ders = |enrolled: &enroll_server_service::enrollment::Enrolled| {
        enrolled
            .certificates
            .iter()
            .map(|one| one.der.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(ders(&first), ders(&second));
    assert_eq!(fixture.events().await.len(), events);
}

async fn of_two_phones_with_one_invitation_one_is_enrolled(fixture: Fixture) {
    let invited = fixture.invite(SeededPolicy::Compact).await;
    let tasks: Vec<_> = (0..6)
        .map(|_| {
            let app = fixture.app().clone();
            let token = invited.token.clone();
            let phone = Phone::new(SeededPolicy::Compact);
            tokio::spawn(async move { phone.enroll(&app, token.reveal()).await })
        })
        .collect();
    let mut enrolled = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => enrolled += 1,
            Err(error) => assert!(matches!(error, Error::InvitationUsed), "{error:?}"),
        }
    }
    assert_eq!(enrolled, 1);
    let kinds = fixture.event_kinds().await;
    let count = |kind| kinds.iter().filter(|found| **found == kind).count();
    assert_eq!(count(EventKind::PhoneEnrolled), 1);
    assert_eq!(count(EventKind::InvitationUsed), 1);
}

async fn one_phone_that_asks_many_times_at_once_is_enrolled_once(fixture: Fixture) {
    let invited = fixture.invite(SeededPolicy::Compact).await;
    let phone = std::sync::Arc::new(Phone::new(SeededPolicy::Compact));
    let tasks: Vec<_> = (0..6)
        .map(|_| {
            let app = fixture.app().clone();
            let token = invited.token.clone();
            let phone = phone.clone();
            tokio::spawn(async move { phone.enroll(&app, token.reveal()).await })
        })
        .collect();
    let mut answers = HashSet::new();
    for task in tasks {
        let enrolled = task.await.unwrap().unwrap();
        answers.insert(enrolled.certificates[0].der.clone());
    }
    assert_eq!(answers.len(), 1);
}

/// Leaves the enrollments as the server does that is killed between their two transactions.
pub async fn cut_short(fixture: &Fixture) {
    for statement in [
        "UPDATE certificate_bodies SET issued = NULL",
        "UPDATE certificates SET state = 'reserved', fingerprint = NULL, issued_at = NULL WHERE phone_id IS NOT NULL",
    ] {
        execute(&fixture.store, statement, &[]).await;
    }
}

async fn a_request_that_a_crash_cut_short_gets_new_certificates(fixture: Fixture) {
    let app = fixture.app();
    let invited = fixture.invite(SeededPolicy::Compact).await;
    let phone = Phone::new(SeededPolicy::Compact);
    let enrolled = phone.enroll(app, invited.token.reveal()).await.unwrap();
    cut_short(&fixture).await;
    fixture.wait(Duration::from_secs(60));
    let again = phone.enroll(app, invited.token.reveal()).await.unwrap();
    assert_eq!(again.phone_id, enrolled.phone_id);
    let old: HashSet<_> = enrolled
        .certificates
        .iter()
        .map(|one| serial(&one.der))
        .collect();
    let new: HashSet<_> = again
        .certificates
        .iter()
        .map(|one| serial(&one.der))
        .collect();
    assert!(old.is_disjoint(&new), "a serial was used twice");
    let rows = fixture.certificates(&again.phone_id).await;
    for row in rows {
        let expected = if new.contains(&row.serial) {
            CertificateState::Issued
        } else {
            CertificateState::Revoked
        };
        assert_eq!(row.state, expected);
    }
    assert!(
        fixture
            .event_kinds()
            .await
            .contains(&EventKind::IssuanceAbandoned)
    );
}

fn serial(der: &[u8]) -> String {
    client::serial(&Certificate::from_der(der).unwrap())
}

async fn a_revoked_phone_does_not_come_back_with_its_invitation(fixture: Fixture) {
    let app = fixture.app();
    let invited = fixture.invite(SeededPolicy::Compact).await;
    let phone = Phone::new(SeededPolicy::Compact);
    let enrolled = phone.enroll(app, invited.token.reveal()).await.unwrap();
    let reason = RevocationReason::KeyCompromise;
    revocation::revoke_phone(app, &enrolled.phone_id, reason, &administrator())
        .await
        .unwrap();
    let refused = phone.enroll(app, invited.token.reveal()).await;
    assert!(matches!(refused, Err(Error::InvitationUsed)));
    // Nor with a new invitation, as long as it brings the keys that were revoked.
    let invited = fixture.invite(SeededPolicy::Compact).await;
    let refused = phone.enroll(app, invited.token.reveal()).await;
    assert!(matches!(refused, Err(Error::RequestInvalid(_))));
}

/// On PostgreSQL, where transactions run beside each other: the request has seen an active phone, and goes on when the
/// phone is revoked. Who revokes has locked the holder.
#[test]
fn a_phone_that_is_revoked_while_its_request_is_repeated_gets_nothing() {
    fixture::run(Kind::Postgres, async |fixture: Fixture| {
        let app = fixture.app();
        let invited = fixture.invite(SeededPolicy::Compact).await;
        let phone = Phone::new(SeededPolicy::Compact);
        let enrolled = phone.enroll(app, invited.token.reveal()).await.unwrap();
        cut_short(&fixture).await;
        fixture.wait(Duration::from_secs(60));

        let url = fixture.options.storage.database_url();
        let mut connection = AnyConnection::connect(&url).await.unwrap();
        let mut revoking = connection.begin().await.unwrap();
        sqlx::query("UPDATE phones SET state = 'revoked', revoked_at = created")
            .execute(&mut *revoking)
            .await
            .unwrap();
        let repeated = tokio::spawn({
            let app = app.clone();
            let token = invited.token.clone();
            async move { phone.enroll(&app, token.reveal()).await }
        });
        let waiting = "SELECT COUNT(*) FROM pg_locks WHERE locktype = 'tuple' AND relation = 'holders'::regclass";
        let waits = async || {
            let row = sqlx::query(waiting).fetch_one(fixture.store.reader());
            row.await.unwrap().get::<i64, _>(0) > 0
        };
        while !waits().await {
            assert!(!repeated.is_finished());
            tokio::task::yield_now().await;
        }
        revoking.commit().await.unwrap();

        let answer = repeated.await.unwrap();
        assert!(matches!(answer, Err(Error::InvitationUsed)), "{answer:?}");
        let rows = fixture.certificates(&enrolled.phone_id).await;
        assert_eq!(rows.len(), 4);
        assert!(rows.iter().all(|row| row.state != CertificateState::Issued));
    });
}

async fn a_card_belongs_to_who_enrolled_it(fixture: Fixture) {
    let app = fixture.app();
    let invited = fixture.invite(SeededPolicy::Compact).await;
    let phone = Phone::new(SeededPolicy::Compact);
    phone.enroll(app, invited.token.reveal()).await.unwrap();
    let bob = fixture
        .invite_person("Bob Example", "bob", SeededPolicy::Compact)
        .await;
    let mut copy = Phone::new(SeededPolicy::Compact);
    copy.guid = phone.guid;
    let refused = copy.enroll(app, bob.token.reveal()).await;
    assert!(matches!(refused, Err(Error::RequestInvalid(_))));
    // Bob's invitation is as good as before.
    let own = Phone::new(SeededPolicy::Compact);
    own.enroll(app, bob.token.reveal()).await.unwrap();
}

async fn the_longest_names_fit(fixture: Fixture) {
    let domain = "d".repeat(63);
    let new = NewInvitation {
        language: MailLanguage::IfNew("en".to_owned()),
        system_account: SystemAccount::Refuse,
        shared_mail: SharedMail::Accept,
        name: "\u{10400}".repeat(64),
        email: format!("{}@{domain}", "m".repeat(64)),
        upn: format!("{}@{domain}", "u".repeat(64)),
        policy: fixture.policy(SeededPolicy::Standard),
        by_mail: enroll_server_service::admission::mailing::ByMail::No,
        replaces: None,
    };
    let invited = invitation::invite(fixture.app(), new, &administrator())
        .await
        .unwrap();
    let phone = Phone::new(SeededPolicy::Standard);
    phone
        .enroll(fixture.app(), invited.token.reveal())
        .await
        .unwrap();
}

async fn sshd_is_told_the_valid_keys(fixture: Fixture) {
    let app = fixture.app();
    assert!(
        authorized_keys::lines(app, "alice")
            .await
            .unwrap()
            .is_empty()
    );
    let mut phones = Vec::new();
    for profile in [SeededPolicy::Standard, SeededPolicy::Compact] {
        let invited = fixture.invite(profile).await;
        let enrolled = Phone::new(profile)
            .enroll(app, invited.token.reveal())
            .await
            .unwrap();
        phones.push(enrolled);
        fixture.wait(Duration::from_secs(1));
    }
    let lines = authorized_keys::lines(app, "alice").await.unwrap();
    assert_eq!(lines.len(), 2);
    assert!(
        lines[0].starts_with("ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ"),
        "{}",
        lines[0]
    );
    assert!(
        lines[1].starts_with(
            "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBB"
        )
    );
    let first = client::certificate(&phones[0], Slot::PivAuthentication);
    assert!(lines[0].ends_with(&format!(" tapcard:{}", client::serial(&first))));
    assert_eq!(authorized_keys::lines(app, "ALICE").await.unwrap(), lines);
    assert!(authorized_keys::lines(app, "bob").await.unwrap().is_empty());

    let reason = RevocationReason::CessationOfOperation;
    revocation::revoke_phone(app, &phones[0].phone_id, reason, &administrator())
        .await
        .unwrap();
    assert_eq!(
        authorized_keys::lines(app, "alice").await.unwrap(),
        lines[1..]
    );
    fixture.wait(Duration::from_secs(366 * 24 * 60 * 60));
    assert!(
        authorized_keys::lines(app, "alice")
            .await
            .unwrap()
            .is_empty()
    );
}
