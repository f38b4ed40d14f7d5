//! Invitations by mail, as the pages have them.

use axum::http::StatusCode;

use enroll_server_model::EventKind;
use enroll_server_store::Kind;

use crate::browser::Answer;
use crate::server::TestServer;

crate::on_both! {
    an_invitation_is_sent_by_mail_if_whoever_invites_leaves_the_tick,
    several_are_invited_by_mail,
    a_person_has_a_language_for_mails,
    without_a_mail_server_the_pages_say_nothing_of_mail,
}

const ALICE: [(&str, &str); 4] = [
    ("name", "Alice Example"),
    ("email", "alice@example.org"),
    ("upn", "alice@example.org"),
    ("profile", "compact"),
];

fn says(answer: &Answer, words: &[&str]) {
    for words in words {
        assert!(answer.body.contains(words), "{words:?}: {}", answer.body);
    }
}

async fn an_invitation_is_sent_by_mail_if_whoever_invites_leaves_the_tick(on: Kind) {
    let (mut server, _) = TestServer::set_up(on).await;
    server.use_mail().await;
    let mut ada = server.colleague(enroll_server_model::Role::Officer).await;
    let form = ada.get("/invitations/new").await;
    says(&form, &["name=\"by_mail\" value=\"yes\" checked"]);
    let fields = [&ALICE[..], &[("by_mail", "yes")]].concat();
    let path = ada.post("/invitations/new", &fields).await;
    let path = path.location().to_owned();
    let page = ada.get(&path).await;
    says(
        &page,
        &[
            "By mail",
            "On its way",
            "alice@example.org",
            "Send again",
            "Remind",
        ],
    );
    says(&ada.get("/invitations").await, &["On its way"]);
    assert_eq!(server.events(EventKind::InvitationMailed).await, 1);
    // It has not gone out yet: it is tried now, without a second mail.
    let sent = ada
        .post(&format!("{path}/mail"), &[("kind", "reminder")])
        .await;
    assert_eq!(sent.location(), path, "{}", sent.body);
    let page = ada.get(&path).await;
    says(&page, &["The invitation is sent to", "alice@example.org"]);
    assert_eq!(page.body.matches("On its way").count(), 1);
    says(
        &ada.get("/audit").await,
        &["Invitation for Alice Example sent to alice@example.org"],
    );

    // Without the tick.
    ada.get("/invitations/new").await;
    let path = ada.post("/invitations/new", &ALICE).await;
    let path = path.location().to_owned();
    says(
        &ada.get(&path).await,
        &["The invitation was not sent by mail.", "Send by mail"],
    );
    assert_eq!(server.events(EventKind::InvitationMailed).await, 1);
    ada.post(&format!("{path}/mail"), &[("kind", "invitation")])
        .await;
    says(&ada.get(&path).await, &["On its way"]);
    // A link that this browser does not show can be sent all the same.
    let mut elsewhere = server
        .colleague(enroll_server_model::Role::Administrator)
        .await;
    says(
        &elsewhere.get(&path).await,
        &["it can be sent by mail again"],
    );
    // One that is over cannot.
    ada.get(&format!("{path}/cancel")).await;
    ada.post(&format!("{path}/cancel"), &[]).await;
    let page = ada.get(&path).await;
    assert!(!page.body.contains("Send again"), "{}", page.body);
    let refused = ada.post(&format!("{path}/mail"), &[]).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
}

async fn several_are_invited_by_mail(on: Kind) {
    let (mut server, _) = TestServer::set_up(on).await;
    server.use_mail().await;
    let mut ada = server.colleague(enroll_server_model::Role::Officer).await;
    for (people, by_mail, mails) in [
        ("Alice,alice@example.org\nBob,bob@example.org", "yes", 2),
        ("Cara,cara@example.org", "", 2),
    ] {
        ada.get("/invitations/import").await;
        let fields = [("people", people), ("profile", "compact")];
        let asked = ada.post("/invitations/import", &fields).await;
        let question = asked.location().to_owned();
        says(
            &ada.get(&question).await,
            &["name=\"by_mail\" value=\"yes\" checked"],
        );
        let done = ada.post(&question, &[("by_mail", by_mail)]).await;
        assert_eq!(done.status, StatusCode::OK, "{}", done.body);
        assert_eq!(server.events(EventKind::InvitationMailed).await, mails);
    }
}

async fn a_person_has_a_language_for_mails(on: Kind) {
    let (mut server, _) = TestServer::set_up(on).await;
    server.use_mail().await;
    let mut ada = server.colleague(enroll_server_model::Role::Officer).await;
    // That of whoever invites is the first choice.
    ada.get("/account").await;
    ada.post("/account/language", &[("language", "de")]).await;
    let form = ada.get("/invitations/new").await;
    says(
        &form,
        &["<option value=\"de\" lang=\"de\" selected>Deutsch"],
    );
    ada.post("/account/language", &[("language", "")]).await;
    let form = ada.get("/invitations/new").await;
    says(
        &form,
        &["<option value=\"en\" lang=\"en\" selected>English"],
    );

    let fields = [&ALICE[..], &[("language", "de"), ("by_mail", "yes")]].concat();
    let path = ada.post("/invitations/new", &fields).await;
    let path = ada.get(path.location()).await;
    let holder = format!("/holders/{}", path.between("href=\"/holders/", "\""));
    let edit = ada.get(&format!("{holder}/edit")).await;
    says(
        &edit,
        &["<option value=\"de\" lang=\"de\" selected>Deutsch"],
    );
    // Whoever is invited again in another one is written to in that one.
    let fields = [&ALICE[..], &[("language", "en")]].concat();
    ada.post("/invitations/new", &fields).await;
    let edit = ada.get(&format!("{holder}/edit")).await;
    says(
        &edit,
        &["<option value=\"en\" lang=\"en\" selected>English"],
    );
    says(
        &ada.get(&holder).await,
        &["language of mails: Deutsch → English"],
    );
    // The address was wrong.
    let fields = [
        ("name", "Alice Example"),
        ("email", "a.example@example.org"),
        ("upn", "alice@example.org"),
        ("language", "de"),
    ];
    ada.post(&format!("{holder}/edit"), &fields).await;
    says(
        &ada.get(&holder).await,
        &[
            "The open invitation goes to the new mail address",
            "language of mails: English → Deutsch",
        ],
    );
}

async fn without_a_mail_server_the_pages_say_nothing_of_mail(on: Kind) {
    let (server, mut ada) = TestServer::set_up(on).await;
    let form = ada.get("/invitations/new").await;
    assert!(!form.body.contains("by_mail"), "{}", form.body);
    let fields = [&ALICE[..], &[("by_mail", "yes")]].concat();
    let path = ada.post("/invitations/new", &fields).await;
    let page = ada.get(path.location()).await;
    assert!(!page.body.contains("By mail"), "{}", page.body);
    assert_eq!(server.events(EventKind::InvitationMailed).await, 0);
}
