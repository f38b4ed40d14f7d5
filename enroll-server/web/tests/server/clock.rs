//! A clock that was wrong: nothing that was stored by it holds for longer than its own rule allows, and nothing is issued
//! by it that anybody would have to live with.

use std::sync::Arc;
use std::time::{Duration, Instant};

use enroll_server::server::{ServeError, Server};
use enroll_server_ca::passphrase::Passphrase;
use enroll_server_model::clock::ManualClock;
use enroll_server_model::{
    CertificateState, EventKind, InvitationState, RevocationReason, Role, SeededPolicy, Timestamp,
};
use enroll_server_service::admission::invitation::cancel;
use enroll_server_service::error::Error;
use enroll_server_service::rate_limit::forget_empty;
use enroll_server_service::refusal::NoIssuance;
use enroll_server_service::revocation::revoke_phone;
use enroll_server_service::session::Visit;
use enroll_server_service::sign_in::{self, Entered};
use enroll_server_service::start::StartError;
use enroll_server_service::{issuance, query, session};
use enroll_server_store::administrator::{self, Administrator};
use enroll_server_store::rate_limit::{self, Limit};
use enroll_server_store::{StoreError, certificate, listing};

use x509_ocsp::CertStatus;

use crate::client::Phone;
use crate::fixture::{Fixture, PASSPHRASE, administrator};
use crate::on_both;
use crate::relying_party::{
    SHA_1, Status, basic, cert_id, entries, number, ocsp_status, post, request, revocation_list,
};

on_both!(
    after_the_clock_went_back_crl_and_ocsp_are_of_now,
    a_crl_of_the_future_drops_no_certificate_that_has_not_ended,
    a_bucket_that_was_filled_in_the_future_begins_again,
    a_session_of_the_future_is_over,
    what_was_left_in_the_future_is_swept,
    a_lease_of_the_future_is_taken_over,
    an_invitation_of_the_future_has_expired,
    a_start_before_the_newest_event_issues_nothing_until_the_clock_is_accepted,
    a_clock_that_is_set_is_trusted_again,
    a_first_start_before_the_program_was_built_makes_nothing,
);

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Sets the clock to what it showed so long ago.
fn go_back(fixture: &Fixture, by: Duration) {
    let now = fixture.app().clock.now();
    fixture.clock.set(now.minus(by));
}

async fn after_the_clock_went_back_crl_and_ocsp_are_of_now(fixture: Fixture) {
    let app = fixture.app();
    let enrolled = fixture.enroll(SeededPolicy::Compact).await;
    let serial = fixture.certificates(&enrolled.phone_id).await[0]
        .serial
        .clone();
    fixture.wait(DAY * 3);
    // Made by a clock that is three days ahead: an answer, a CRL, the responder's certificate and that of HTTPS.
    let ahead = number(&revocation_list(app).await);
    assert_eq!(ocsp_status(app, &serial).await, Status::Good);
    go_back(&fixture, DAY * 3);
    let now = app.clock.now();
    let list = revocation_list(app).await;
    let this_update = list.tbs_cert_list.this_update.to_unix_duration().as_secs();
    assert_eq!(i64::try_from(this_update).unwrap(), now.seconds());
    assert_eq!(number(&list), ahead + 1, "numbers do not go back");
    let answer = post(app, request(vec![cert_id(app, &serial, SHA_1)], None)).await;
    let answer = basic(&answer);
    let produced = answer.tbs_response_data.produced_at.0.to_unix_duration();
    assert_eq!(i64::try_from(produced.as_secs()).unwrap(), now.seconds());
    for responder in answer.certs.as_ref().unwrap() {
        let from = responder.tbs_certificate.validity.not_before;
        let from = i64::try_from(from.to_unix_duration().as_secs()).unwrap();
        assert!(from <= now.seconds(), "the responder is not valid yet");
    }
    // A revocation is not of the future, for whoever would take that for none.
    fixture.wait(DAY);
    let reason = RevocationReason::KeyCompromise;
    revoke_phone(app, &enrolled.phone_id, reason, &administrator())
        .await
        .unwrap();
    go_back(&fixture, DAY);
    let list = revocation_list(app).await;
    for entry in list.tbs_cert_list.revoked_certificates.as_ref().unwrap() {
        let at = entry.revocation_date.to_unix_duration().as_secs();
        assert!(i64::try_from(at).unwrap() <= app.clock.now().seconds());
    }
    let answer = post(app, request(vec![cert_id(app, &serial, SHA_1)], None)).await;
    let single = &basic(&answer).tbs_response_data.responses[0];
    let CertStatus::Revoked(info) = &single.cert_status else {
        panic!("{single:?}");
    };
    let at = info.revocation_time.0.to_unix_duration().as_secs();
    assert!(i64::try_from(at).unwrap() <= app.clock.now().seconds());
    assert_eq!(ocsp_status(app, &serial).await, Status::Revoked(Some(1)));
}

async fn a_crl_of_the_future_drops_no_certificate_that_has_not_ended(fixture: Fixture) {
    let app = fixture.app();
    let enrolled = fixture.enroll(SeededPolicy::Compact).await;
    let reason = RevocationReason::KeyCompromise;
    revoke_phone(app, &enrolled.phone_id, reason, &administrator())
        .await
        .unwrap();
    fixture.wait(YEAR * 2);
    revocation_list(app).await;
    fixture.wait(DAY);
    assert_eq!(entries(&revocation_list(app).await).len(), 0);
    go_back(&fixture, YEAR * 2);
    assert_eq!(entries(&revocation_list(app).await).len(), 4);
}

async fn a_bucket_that_was_filled_in_the_future_begins_again(fixture: Fixture) {
    let limit = Limit {
        burst: 3,
        interval: Duration::from_secs(10),
    };
    let take = async |now: Timestamp| {
        fixture
            .store
            .write::<_, StoreError, _>(move |tx| {
                Box::pin(async move { rate_limit::take(tx, "bucket", limit, now).await })
            })
            .await
            .unwrap()
    };
    let now = fixture.app().clock.now();
    assert_eq!(take(now.plus(YEAR)).await, None);
    for _ in 0..limit.burst {
        assert_eq!(take(now).await, None);
    }
    assert_eq!(take(now).await, Some(limit.interval));
    assert_eq!(take(now.plus(limit.interval)).await, None);
    // Nobody asks for it again: it is not kept until then either.
    assert_eq!(take(now.plus(YEAR)).await, None);
    forget_empty(fixture.app()).await.unwrap();
    let buckets = sqlx::query("SELECT 1 FROM rate_limits")
        .fetch_all(fixture.store.reader())
        .await
        .unwrap();
    assert!(buckets.is_empty());
    for _ in 0..limit.burst {
        assert_eq!(take(now).await, None);
    }
}

async fn a_session_of_the_future_is_over(fixture: Fixture) {
    let app = fixture.app();
    let ada = Administrator {
        id: "a1".to_owned(),
        name: "Ada Admin".to_owned(),
        email: "ada@example.org".to_owned(),
        password_hash: String::new(),
        created: app.clock.now(),
        role: Role::Administrator,
        disabled: None,
    };
    let row = ada.clone();
    fixture
        .store
        .write::<_, StoreError, _>(move |tx| {
            Box::pin(async move { administrator::insert(tx, &row).await })
        })
        .await
        .unwrap();
    let begin = async || match sign_in::enter(app, &ada, &Visit::default()).await {
        Ok(Some(Entered::Begun(begun))) => begun.session,
        other => panic!("{other:?}"),
    };
    let token = begin().await;
    // The clock of another server is a little behind.
    go_back(&fixture, Duration::from_secs(10));
    assert!(session::find(app, &token).await.unwrap().is_some());
    go_back(&fixture, DAY);
    assert!(session::find(app, &token).await.unwrap().is_none());
    // And it is forgotten, not kept until that day.
    begin().await;
    let rows = sqlx::query("SELECT token_hash FROM sessions")
        .fetch_all(fixture.store.reader())
        .await
        .unwrap();
    assert_eq!(rows.len(), 1);
}

async fn what_was_left_in_the_future_is_swept(mut fixture: Fixture) {
    fixture.wait(DAY);
    let reserved = crate::start::reserve(&fixture).await;
    go_back(&fixture, DAY);
    assert_eq!(issuance::sweep(fixture.app()).await.unwrap(), 1);
    let reserved = [reserved, crate::start::reserve(&fixture).await];
    // What is at work now is let be.
    assert_eq!(issuance::sweep(fixture.app()).await.unwrap(), 0);
    fixture.wait(DAY);
    fixture.restart().await;
    for one in reserved.iter().flatten() {
        let row = certificate::by_id(fixture.store.reader(), &one.id).await;
        assert_eq!(row.unwrap().unwrap().state, CertificateState::Revoked);
    }
}

async fn a_lease_of_the_future_is_taken_over(fixture: Fixture) {
    let invited = fixture.invite(SeededPolicy::Compact).await;
    let phone = Phone::new(SeededPolicy::Compact);
    let enrolled = phone
        .enroll(fixture.app(), invited.token.reveal())
        .await
        .unwrap();
    // As if the server had ended before it stored them, by a clock that was a day ahead.
    crate::enrollment::cut_short(&fixture).await;
    let until = fixture.app().clock.now().plus(DAY).0.to_string();
    crate::row::execute(
        &fixture.store,
        "UPDATE invitations SET lease_until = CAST($1 AS BIGINT) WHERE state = 'used'",
        &[&until],
    )
    .await;
    let begun = Instant::now();
    let again = phone
        .enroll(fixture.app(), invited.token.reveal())
        .await
        .unwrap();
    assert_eq!(again.phone_id, enrolled.phone_id);
    assert!(begun.elapsed() < Duration::from_secs(10));
}

async fn an_invitation_of_the_future_has_expired(fixture: Fixture) {
    let right = fixture.invite(SeededPolicy::Compact).await;
    fixture.wait(DAY * 200);
    let ahead = fixture.invite(SeededPolicy::Compact).await;
    go_back(&fixture, DAY * 200);

    let app = fixture.app();
    let phone = Phone::new(SeededPolicy::Compact);
    let refused = phone.enroll(app, ahead.token.reveal()).await;
    assert!(matches!(refused, Err(Error::InvitationExpired)));
    let cancelled = cancel(app, &ahead.invitation.id, &administrator()).await;
    assert!(matches!(cancelled, Err(Error::Conflict(_))));
    let overview = query::overview(app).await.unwrap();
    assert_eq!(overview.counts.open_invitations, 1);
    for (state, invitation) in [
        (InvitationState::Pending, &right.invitation.id),
        (InvitationState::Expired, &ahead.invitation.id),
    ] {
        let now = app.clock.now();
        let listed = {
            let (on, span) = (fixture.store.reader(), listing::Span::first(51));
            listing::invitations(on, Some(state), "", now, true, span).await
        };
        let listed = listed.unwrap();
        assert_eq!(listed.len(), 1, "{state:?}");
        assert_eq!(&listed[0].invitation.id, invitation);
    }
    phone.enroll(app, right.token.reveal()).await.unwrap();
}

async fn a_start_before_the_newest_event_issues_nothing_until_the_clock_is_accepted(
    mut fixture: Fixture,
) {
    let enrolled = fixture.enroll(SeededPolicy::Compact).await;
    let invited = fixture.invite(SeededPolicy::Compact).await;
    let serial = fixture.certificates(&enrolled.phone_id).await[0]
        .serial
        .clone();
    let issued = count(&fixture, EventKind::CertificateReserved).await;
    go_back(&fixture, YEAR);
    fixture.restart().await;

    let app = fixture.app();
    let phone = Phone::new(SeededPolicy::Compact);
    let token = invited.token.reveal();
    let refused = phone.enroll(fixture.app(), token).await;
    let Err(Error::IssuesNothing(NoIssuance::Clock(doubt))) = refused else {
        panic!("{refused:?}");
    };
    assert!(doubt.to_string().contains("--accept-clock"), "{doubt}");
    assert_eq!(query::overview(app).await.unwrap().clock_doubt, Some(doubt));
    // OCSP, CRLs and revocation go on.
    assert_eq!(ocsp_status(app, &serial).await, Status::Good);
    let reason = RevocationReason::KeyCompromise;
    revoke_phone(app, &enrolled.phone_id, reason, &administrator())
        .await
        .unwrap();
    assert_eq!(ocsp_status(app, &serial).await, Status::Revoked(Some(1)));
    assert_eq!(entries(&revocation_list(app).await).len(), 4);
    // That is on record by the wrong clock, and does not make it right.
    fixture.restart().await;
    let refused = phone.enroll(fixture.app(), token).await;
    assert!(matches!(refused, Err(Error::IssuesNothing(_))));
    let kind = EventKind::CertificateReserved;
    assert_eq!(count(&fixture, kind).await, issued, "nothing was issued");

    // Somebody says that it is right, once.
    fixture.options.accept_clock = true;
    fixture.restart().await;
    assert_eq!(count(&fixture, EventKind::ClockAccepted).await, 1);
    fixture.options.accept_clock = false;
    fixture.restart().await;
    let app = fixture.app();
    assert_eq!(app.clock_doubt(), None);
    // What was made by the clock that was wrong before is of the future: the invitation, and the authorities.
    let refused = phone.enroll(fixture.app(), token).await;
    assert!(matches!(refused, Err(Error::InvitationExpired)));
    let invited = fixture.invite(SeededPolicy::Compact).await;
    let refused = phone.enroll(fixture.app(), invited.token.reveal()).await;
    assert!(matches!(
        refused,
        Err(Error::IssuesNothing(NoIssuance::AuthorityNotValid { .. }))
    ));
}

async fn count(fixture: &Fixture, kind: EventKind) -> usize {
    let kinds = fixture.event_kinds().await;
    kinds.into_iter().filter(|found| *found == kind).count()
}

async fn a_clock_that_is_set_is_trusted_again(mut fixture: Fixture) {
    let now = fixture.app().clock.now();
    fixture.clock.set(now.minus(DAY));
    fixture.restart().await;
    assert!(fixture.app().clock_doubt().is_some());
    fixture.clock.set(now);
    assert_eq!(fixture.app().clock_doubt(), None);
    fixture.enroll(SeededPolicy::Compact).await;
}

async fn a_first_start_before_the_program_was_built_makes_nothing(mut fixture: Fixture) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    fixture.options.storage.data = data.clone();
    fixture.options.storage.database = None;
    let now = fixture.app().clock.now();
    let clock = Arc::new(ManualClock::new(now).built(now.plus(DAY)));
    let passphrase = || Passphrase::new(PASSPHRASE.to_owned()).unwrap();
    let refused = Server::start(&fixture.options, Some(passphrase()), clock.clone()).await;
    let Err(error @ ServeError::Start(StartError::Clock(_))) = refused else {
        panic!("started");
    };
    assert!(error.to_string().contains("--accept-clock"), "{error}");
    assert!(!data.join("authority").exists());
    fixture.options.accept_clock = true;
    Server::start(&fixture.options, Some(passphrase()), clock)
        .await
        .unwrap();
}
