//! The pages of webhooks.

use axum::http::StatusCode;

use enroll_server_model::EventKind;
use enroll_server_store::{Kind, audit};

use crate::browser::{Answer, Browser};
use crate::invitations::invite;
use crate::server::TestServer;

crate::on_both! {
    a_webhook_is_added_shows_its_secret_once_and_what_waits_for_it,
    what_is_wrong_with_a_webhook_is_said_beside_the_field,
    a_webhook_is_changed_disabled_enabled_and_removed,
}

const URL: &str = "https://hooks.example.org/secret-path";

fn says(answer: &Answer, words: &[&str]) {
    for words in words {
        assert!(answer.body.contains(words), "{words:?}: {}", answer.body);
    }
}

/// Adds a webhook. Returns the path of its page.
async fn add(browser: &mut Browser) -> String {
    browser.get("/webhooks/new").await;
    let fields = [
        ("url", URL),
        ("objects", "holder"),
        ("objects", "invitation"),
    ];
    let answer = browser.post("/webhooks/new", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    answer.location().to_owned()
}

async fn a_webhook_is_added_shows_its_secret_once_and_what_waits_for_it(on: Kind) {
    let (server, mut ada) = TestServer::set_up(on).await;
    says(&ada.get("/webhooks").await, &["No webhooks yet"]);
    let path = add(&mut ada).await;
    let page = ada.get(&path).await;
    says(
        &page,
        &[
            "The webhook is added",
            URL,
            "People, Invitations",
            "Up to date",
        ],
    );
    let secret = page.between("id=\"webhook-secret\">", "<").to_owned();
    assert!(secret.starts_with("whsec_"), "{secret}");
    assert_eq!(secret.len(), "whsec_".len() + 44);
    // Another browser of the same person does not show it.
    let mut elsewhere = server
        .colleague(enroll_server_model::Role::Administrator)
        .await;
    let page = elsewhere.get(&path).await;
    assert!(!page.body.contains("whsec_"), "{}", page.body);

    invite(&mut ada).await;
    let page = ada.get(&path).await;
    says(
        &page,
        &["Alice Example invited", "Waiting", "Sending", "Send now"],
    );
    let actions = page.body.split("action=\"");
    let again = actions
        .filter_map(|rest| rest.split('"').next())
        .find(|action| action.ends_with("/again"))
        .unwrap();
    let answer = ada.post(again, &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    says(
        &ada.get(&path).await,
        &["It is sent again, with the same id."],
    );
    // Nothing of the address but its host is in the audit trail, which others read.
    says(
        &ada.get("/audit").await,
        &["Webhook to hooks.example.org added"],
    );
    let events = audit::following(server.store.reader(), 0, 1000)
        .await
        .unwrap();
    assert!(
        events
            .iter()
            .all(|event| !event.detail.contains("secret-path"))
    );
    says(&ada.get("/webhooks").await, &["hooks.example.org"]);
}

async fn what_is_wrong_with_a_webhook_is_said_beside_the_field(on: Kind) {
    let (_server, mut ada) = TestServer::set_up(on).await;
    ada.get("/webhooks/new").await;
    for (url, said) in [
        ("", "Enter an address such as https://"),
        ("http://example.org", "begins with https://"),
        ("https://me:pass@example.org", "Leave out user"),
    ] {
        let answer = ada.post("/webhooks/new", &[("url", url)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        says(&answer, &[said, "Choose what it is told of."]);
    }
}

async fn a_webhook_is_changed_disabled_enabled_and_removed(on: Kind) {
    let (server, mut ada) = TestServer::set_up(on).await;
    let path = add(&mut ada).await;
    let form = ada.get(&format!("{path}/edit")).await;
    says(
        &form,
        &[
            URL,
            "id=\"objects-holder\" name=\"objects\" value=\"holder\" checked",
        ],
    );
    let fields = [("url", "https://other.example.org/"), ("objects", "phone")];
    let saved = ada.post(&format!("{path}/edit"), &fields).await;
    assert_eq!(saved.location(), path);
    says(
        &ada.get(&path).await,
        &[
            "The webhook is changed.",
            "https://other.example.org/",
            "Phones",
        ],
    );
    ada.post(&format!("{path}/disable"), &[]).await;
    says(
        &ada.get(&path).await,
        &["The webhook is disabled.", "Disabled"],
    );
    let twice = ada.post(&format!("{path}/disable"), &[]).await;
    assert_eq!(twice.status, StatusCode::CONFLICT);
    ada.post(&format!("{path}/enable"), &[]).await;
    says(&ada.get(&path).await, &["The webhook is enabled."]);
    says(
        &ada.get(&format!("{path}/remove")).await,
        &["Remove the webhook to other.example.org?"],
    );
    let removed = ada.post(&format!("{path}/remove"), &[]).await;
    assert_eq!(removed.location(), "/webhooks");
    says(
        &ada.get("/webhooks").await,
        &["The webhook is removed.", "No webhooks yet"],
    );
    assert_eq!(ada.get(&path).await.status, StatusCode::NOT_FOUND);
    let events = audit::following(server.store.reader(), 0, 1000)
        .await
        .unwrap();
    let kinds: Vec<_> = events.iter().map(|event| event.kind).collect();
    for kind in [
        EventKind::WebhookAdded,
        EventKind::WebhookChanged,
        EventKind::WebhookDisabled,
        EventKind::WebhookEnabled,
        EventKind::WebhookRemoved,
    ] {
        assert!(kinds.contains(&kind), "{kind}");
    }
}
