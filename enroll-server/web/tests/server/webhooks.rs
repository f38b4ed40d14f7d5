//! Webhooks: what a receiver is sent, in which order, how often, and what becomes of what it does not take.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use sqlx::Connection as _;
use tokio_util::sync::CancellationToken;

use enroll_server::listener::Network;
use enroll_server::outward::{self, Outward};
use enroll_server_model::{Actor, DeliveryState, ObjectKind, Outcome, SeededPolicy};
use enroll_server_service::App;
use enroll_server_service::query::{self, Delivery};
use enroll_server_service::webhook::{self, NewWebhook};
use enroll_server_store::Kind;

use crate::fixture::{Fixture, administrator, another};
use crate::on_both;
use crate::receiver::{Answer, Receiver};
use crate::setup::ada;

on_both!(
    events_are_sent_signed_and_in_their_order,
    what_is_not_taken_is_sent_again_with_the_same_id_and_the_next_waits,
    a_redirect_is_not_followed,
    nothing_is_sent_to_addresses_that_the_operator_does_not_allow,
    what_happens_while_nobody_sends_is_sent_later,
    a_disabled_webhook_is_told_nothing_and_a_removed_one_forgotten,
    what_was_delivered_is_sent_again_when_somebody_asks,
    two_servers_of_one_database_send_each_event_once,
    a_secret_stands_in_no_table,
    what_a_dead_receiver_did_not_take_in_three_days_is_given_up_all_together,
    what_happens_while_a_webhook_is_removed_is_not_left_behind,
);

/// Begins to send, until the test ends.
fn send(app: &Arc<App>) -> CancellationToken {
    send_within(app, &["127.0.0.0/8".parse().unwrap()])
}

fn send_within(app: &Arc<App>, networks: &[Network]) -> CancellationToken {
    let outward = Arc::new(Outward::new(networks, None).unwrap());
    let stop = CancellationToken::new();
    tokio::spawn(outward::run(app.clone(), outward, stop.clone()));
    stop
}

/// A webhook of somebody who administers.
async fn add(fixture: &Fixture, url: String, objects: &[ObjectKind]) -> (String, Actor) {
    let actor = ada(fixture).await;
    let new = NewWebhook {
        url,
        objects: objects.to_vec(),
    };
    let id = webhook::add(fixture.app(), new, &actor).await.unwrap();
    (id, actor)
}

async fn deliveries(fixture: &Fixture, id: &str) -> Vec<Delivery> {
    let view = query::webhook_view(fixture.app(), id).await.unwrap();
    view.deliveries.into_iter().map(|(one, _)| one).collect()
}

/// Waits until each of a webhook's deliveries is as it should be.
async fn wait_until(fixture: &Fixture, id: &str, is: impl Fn(&Delivery) -> bool) -> Vec<Delivery> {
    wait_for(fixture, id, |all| !all.is_empty() && all.iter().all(&is)).await
}

async fn wait_for(fixture: &Fixture, id: &str, are: impl Fn(&[Delivery]) -> bool) -> Vec<Delivery> {
    for _ in 0..600 {
        let all = deliveries(fixture, id).await;
        if are(&all) {
            return all;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{:#?}", deliveries(fixture, id).await);
}

fn is_delivered(delivery: &Delivery) -> bool {
    delivery.state == DeliveryState::Delivered
}

async fn events_are_sent_signed_and_in_their_order(fixture: Fixture) {
    let receiver = Receiver::answering(&[]).await;
    let kinds = [
        ObjectKind::Holder,
        ObjectKind::Invitation,
        ObjectKind::Phone,
    ];
    let (id, _) = add(&fixture, receiver.url(), &kinds).await;
    send(fixture.app());
    let enrolled = fixture.enroll(SeededPolicy::Compact).await;
    fixture.revoke(&enrolled.phone_id).await;
    let received = receiver.wait_for(5).await;
    let kinds: Vec<_> = received.iter().map(|one| one.kind()).collect();
    assert_eq!(
        kinds,
        [
            "holder-created",
            "invitation-created",
            "invitation-used",
            "phone-enrolled",
            "phone-revoked"
        ]
    );
    let secret = webhook::secret(fixture.app(), &id).await.unwrap();
    let events = fixture.events().await;
    let mut ids = Vec::new();
    for one in &received {
        assert!(one.is_signed_with(&secret), "{one:?}");
        assert_eq!(one.header("content-type"), "application/json");
        let json = one.json();
        assert_eq!(json["id"], one.id());
        let sequence = json["data"]["sequence"].as_i64().unwrap();
        let event = events.iter().find(|event| event.sequence == sequence);
        let event = event.unwrap();
        assert_eq!(json["timestamp"], event.at.rfc3339());
        assert_eq!(json["data"]["object"]["id"], event.object_id);
        ids.push(one.id().to_owned());
    }
    ids.dedup();
    assert_eq!(ids.len(), 5);
    assert_eq!(
        received[4].json()["data"]["object"]["id"],
        enrolled.phone_id
    );
    assert_eq!(received[4].json()["data"]["actor"]["kind"], "administrator");
    wait_until(&fixture, &id, is_delivered).await;
}

async fn what_is_not_taken_is_sent_again_with_the_same_id_and_the_next_waits(fixture: Fixture) {
    let receiver = Receiver::answering(&[Answer::Status(StatusCode::SERVICE_UNAVAILABLE)]).await;
    let (id, _) = add(
        &fixture,
        receiver.url(),
        &[ObjectKind::Holder, ObjectKind::Invitation],
    )
    .await;
    send(fixture.app());
    fixture.invite(SeededPolicy::Compact).await;
    receiver.wait_for(1).await;
    let both = wait_for(&fixture, &id, |all| {
        all.iter().any(|one| one.outcome.is_some())
    })
    .await;
    let [second, first] = &both[..] else {
        panic!("{both:#?}");
    };
    assert_eq!(first.outcome, Some(Outcome::Refused));
    assert_eq!((first.attempts, second.attempts), (1, 0));
    assert!(
        first.answer.starts_with("503 Service Unavailable a long"),
        "{first:?}"
    );
    assert!(first.answer.len() <= 200, "{first:?}");
    assert!(!first.answer.contains(['\t', '\r', '\n']));
    let received = receiver.wait_for(3).await;
    assert_eq!(received[0].id(), received[1].id());
    assert_eq!(received[0].body, received[1].body);
    assert_eq!(received[2].kind(), "invitation-created");
    wait_until(&fixture, &id, is_delivered).await;
    assert_eq!(receiver.received().len(), 3);
}

async fn a_redirect_is_not_followed(fixture: Fixture) {
    let receiver = Receiver::answering(&[Answer::Elsewhere]).await;
    let (id, _) = add(&fixture, receiver.url(), &[ObjectKind::Invitation]).await;
    send(fixture.app());
    fixture.invite(SeededPolicy::Compact).await;
    let all = wait_until(&fixture, &id, |one| one.outcome.is_some()).await;
    assert_eq!(all[0].answer, "307 Temporary Redirect");
    let received = receiver.wait_for(2).await;
    assert_eq!(received[0].id(), received[1].id());
}

async fn nothing_is_sent_to_addresses_that_the_operator_does_not_allow(fixture: Fixture) {
    let receiver = Receiver::answering(&[]).await;
    let (id, _) = add(&fixture, receiver.url(), &[ObjectKind::Invitation]).await;
    send_within(fixture.app(), &["10.0.0.0/8".parse().unwrap()]);
    fixture.invite(SeededPolicy::Compact).await;
    let all = wait_until(&fixture, &id, |one| one.outcome.is_some()).await;
    assert_eq!(all[0].outcome, Some(Outcome::NotAllowed));
    assert_eq!(all[0].answer, "127.0.0.1");
    assert!(receiver.received().is_empty());
}

async fn what_happens_while_nobody_sends_is_sent_later(mut fixture: Fixture) {
    let receiver = Receiver::answering(&[]).await;
    let (id, _) = add(&fixture, receiver.url(), &[ObjectKind::Invitation]).await;
    fixture.invite(SeededPolicy::Compact).await;
    fixture.restart().await;
    send(fixture.app());
    receiver.wait_for(1).await;
    wait_until(&fixture, &id, is_delivered).await;
}

async fn a_disabled_webhook_is_told_nothing_and_a_removed_one_forgotten(fixture: Fixture) {
    let receiver = Receiver::answering(&[]).await;
    let (id, actor) = add(&fixture, receiver.url(), &[ObjectKind::Invitation]).await;
    let app = fixture.app();
    // This one waits for it to be enabled again.
    fixture.invite(SeededPolicy::Compact).await;
    webhook::disable(app, &id, &actor).await.unwrap();
    webhook::disable(app, &id, &actor).await.unwrap_err();
    send(app);
    fixture.invite(SeededPolicy::Compact).await;
    webhook::enable(app, &id, &actor).await.unwrap();
    fixture.invite(SeededPolicy::Compact).await;
    assert_eq!(receiver.wait_for(2).await.len(), 2);
    let all = wait_until(&fixture, &id, is_delivered).await;
    assert_eq!(all.len(), 2);
    webhook::remove(app, &id, &actor).await.unwrap();
    query::webhook_view(app, &id).await.unwrap_err();
    fixture.invite(SeededPolicy::Compact).await;
    let stranger = administrator();
    webhook::remove(app, &id, &stranger).await.unwrap_err();
}

async fn what_was_delivered_is_sent_again_when_somebody_asks(fixture: Fixture) {
    let receiver = Receiver::answering(&[]).await;
    let (id, actor) = add(&fixture, receiver.url(), &[ObjectKind::Invitation]).await;
    send(fixture.app());
    fixture.invite(SeededPolicy::Compact).await;
    let all = wait_until(&fixture, &id, is_delivered).await;
    webhook::send_again(fixture.app(), &id, all[0].sequence, &actor)
        .await
        .unwrap();
    let received = receiver.wait_for(2).await;
    assert_eq!(received[0].id(), received[1].id());
    webhook::send_again(fixture.app(), &id, 999_999, &actor)
        .await
        .unwrap_err();
}

async fn two_servers_of_one_database_send_each_event_once(fixture: Fixture) {
    // SQLite has one server.
    if fixture.store.kind() == Kind::Sqlite {
        return;
    }
    let other = another(&fixture).await;
    let receiver = Receiver::answering(&[]).await;
    let (id, _) = add(
        &fixture,
        receiver.url(),
        &[ObjectKind::Holder, ObjectKind::Invitation],
    )
    .await;
    send(fixture.app());
    send(other.app());
    for number in 0..10 {
        let account = format!("person{number}");
        fixture
            .invite_person("Some Person", &account, SeededPolicy::Compact)
            .await;
    }
    receiver.wait_for(20).await;
    wait_until(&fixture, &id, is_delivered).await;
    let received = receiver.received();
    assert_eq!(received.len(), 20);
    let order: Vec<i64> = received
        .iter()
        .map(|one| one.json()["data"]["sequence"].as_i64().unwrap())
        .collect();
    assert!(order.is_sorted(), "{order:?}");
}

async fn a_secret_stands_in_no_table(mut fixture: Fixture) {
    let receiver = Receiver::answering(&[]).await;
    let (id, _) = add(&fixture, receiver.url(), &[ObjectKind::Invitation]).await;
    let secret = webhook::secret(fixture.app(), &id).await.unwrap();
    // The same after a start: receivers have it.
    fixture.restart().await;
    assert_eq!(webhook::secret(fixture.app(), &id).await.unwrap(), secret);
    if let Some(file) = fixture.store.file() {
        let bytes = std::fs::read(file).unwrap();
        let secret = secret.strip_prefix("whsec_").unwrap().as_bytes();
        let key = data_encoding::BASE64.decode(secret).unwrap();
        for needle in [secret, &key] {
            let is_there = bytes.windows(needle.len()).any(|bytes| bytes == needle);
            assert!(!is_there);
        }
    }
}

async fn what_a_dead_receiver_did_not_take_in_three_days_is_given_up_all_together(
    fixture: Fixture,
) {
    let receiver = Receiver::answering(&[Answer::Status(StatusCode::BAD_GATEWAY); 100]).await;
    let (id, _) = add(
        &fixture,
        receiver.url(),
        &[ObjectKind::Holder, ObjectKind::Invitation],
    )
    .await;
    fixture.invite(SeededPolicy::Compact).await;
    fixture.wait(Duration::from_secs(73 * 60 * 60));
    fixture
        .invite_person("Some Person", "some", SeededPolicy::Compact)
        .await;
    send(fixture.app());
    let all = wait_for(&fixture, &id, |all| {
        all.iter()
            .filter(|one| one.state == DeliveryState::Failed)
            .count()
            == 2
            && all
                .iter()
                .any(|one| one.outcome.is_some() && one.state == DeliveryState::Waiting)
    })
    .await;
    // Of the two that are old, one was tried.
    let attempts: Vec<i64> = all
        .iter()
        .filter(|one| one.state == DeliveryState::Failed)
        .map(|one| one.attempts)
        .collect();
    assert_eq!(attempts, [0, 1], "{all:#?}");
    let answer = "502 Bad Gateway";
    assert!(
        all.iter()
            .filter(|one| one.state == DeliveryState::Failed)
            .all(|one| one.answer.starts_with(answer)),
        "{all:#?}"
    );
}

async fn what_happens_while_a_webhook_is_removed_is_not_left_behind(fixture: Fixture) {
    // SQLite writes one transaction after the other.
    let Some(url) = fixture.options.storage.database.clone() else {
        return;
    };
    let (id, actor) = add(
        &fixture,
        "https://hooks.example.org/".to_owned(),
        &[ObjectKind::Holder],
    )
    .await;
    let mut other = sqlx::postgres::PgConnection::connect(&url).await.unwrap();
    // Another server is about to end a transaction that tells the webhook something.
    let begun = format!(
        "BEGIN; UPDATE audit_head SET sequence = sequence WHERE id = 1; \
         INSERT INTO outbox (id, lane, sequence, created, state, next_attempt) \
         VALUES ('{id}-1', '{id}', 1, 0, 'waiting', 0)"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(begun))
        .execute(&mut other)
        .await
        .unwrap();
    let app = fixture.app().clone();
    let lane = id.clone();
    let removed = tokio::spawn(async move { webhook::remove(&app, &lane, &actor).await });
    let mut looks = sqlx::postgres::PgConnection::connect(&url).await.unwrap();
    let begin = Instant::now();
    loop {
        let waits: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
        )
        .fetch_one(&mut looks)
        .await
        .unwrap();
        if waits > 0 {
            break;
        }
        assert!(begin.elapsed() < Duration::from_secs(30), "nothing waits");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    sqlx::raw_sql("COMMIT").execute(&mut other).await.unwrap();
    removed.await.unwrap().unwrap();
    let left: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM outbox")
        .fetch_one(&mut looks)
        .await
        .unwrap();
    assert_eq!(left, 0);
}
