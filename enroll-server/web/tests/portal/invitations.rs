//! Inviting somebody, the link, and what its holder sees.

use std::time::Duration;

use axum::http::{Method, StatusCode};

use enroll_server_model::EventKind;
use enroll_server_service::admission::invitation::UNKNOWN;
use enroll_server_service::rate_limit::{self, Limit, UNKNOWN_TOKEN, UNKNOWN_TOKEN_BY_ADDRESS};
use enroll_server_store::Kind;

use crate::browser::{Answer, Browser};
use crate::server::TestServer;

crate::on_both! {
    an_invitation_shows_its_link_and_code_to_the_browser_that_made_it_alone,
    looking_at_an_invitation_uses_nothing_up,
    the_holder_reads_what_to_do_who_issues_and_how_to_check_it,
    an_invitation_that_is_over_says_why_and_what_to_do,
    whoever_guesses_invitations_has_to_wait,
    guesses_on_pages_and_in_the_api_count_as_one,
    a_form_with_mistakes_comes_back_with_what_was_typed,
    inviting_somebody_again_begins_with_what_is_known,
}

const ALICE: [(&str, &str); 4] = [
    ("name", "Alice Example"),
    ("email", "alice@example.org"),
    ("upn", "alice@example.org"),
    ("profile", "compact"),
];

/// Invites Alice. Answers the invitation's path and its link's path.
pub async fn invite(browser: &mut Browser) -> (String, String) {
    browser.get("/invitations/new").await;
    let answer = browser.post("/invitations/new", &ALICE).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let page = answer.location().to_owned();
    let shown = browser.get(&page).await;
    let link = shown.between("id=\"invitation-link\" href=\"", "\"");
    let path = link.split_once("/invitation/").unwrap().1;
    let token = path.split('#').next().unwrap();
    (page, format!("/invitation/{token}"))
}

fn says(answer: &Answer, words: &str) {
    assert!(
        answer.body.contains(words),
        "{words:?} is not on: {}",
        answer.body
    );
}

async fn an_invitation_shows_its_link_and_code_to_the_browser_that_made_it_alone(on: Kind) {
    let (server, mut browser) = TestServer::set_up(on).await;
    let (page, link) = invite(&mut browser).await;
    let shown = browser.get(&page).await;
    says(
        &shown,
        "<svg role=\"img\" aria-label=\"Code of the invitation link",
    );
    says(&shown, "#sha256=");
    says(&shown, &link);

    let mut elsewhere = browser.clone();
    elsewhere.cookies.remove("__Secure-invitation");
    let shown = elsewhere.get(&page).await;
    assert!(!shown.body.contains("invitation-link"));
    says(&shown, "The link is not shown again");

    // A token of another invitation is not taken for this one's.
    let (other, _) = invite(&mut browser).await;
    let wrong = browser.cookies["__Secure-invitation"].0.clone();
    elsewhere
        .cookies
        .insert("__Secure-invitation".to_owned(), (wrong, "/".to_owned()));
    assert_ne!(other, page);
    assert!(!elsewhere.get(&page).await.body.contains("invitation-link"));
    assert_eq!(server.events(EventKind::InvitationCreated).await, 2);
}

async fn looking_at_an_invitation_uses_nothing_up(on: Kind) {
    let (server, mut browser) = TestServer::set_up(on).await;
    let (page, link) = invite(&mut browser).await;
    for path in [link.clone(), link.to_lowercase(), format!("{link}/status")] {
        let mut scanner = server.browser();
        let answer = scanner.get(&path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        says(&answer, "data-state=\"pending\"");
        assert!(scanner.cookies.is_empty(), "nothing is kept of a visitor");
    }
    says(&browser.get(&page).await, "data-state=\"pending\"");
    assert_eq!(server.events(EventKind::InvitationUsed).await, 0);
}

async fn the_holder_reads_what_to_do_who_issues_and_how_to_check_it(on: Kind) {
    let (server, mut browser) = TestServer::set_up(on).await;
    let (_, link) = invite(&mut browser).await;
    let page = server.browser().get(&link).await;
    says(&page, "Alice Example, make your phone your smart card");
    says(&page, "Example Works");
    says(&page, "Robin Meyer");
    says(&page, "slot 9A");
    says(&page, "Fingerprint of the authority (SHA-256)");
    assert!(!page.body.contains("Sign out"));
}

async fn an_invitation_that_is_over_says_why_and_what_to_do(on: Kind) {
    let (server, mut browser) = TestServer::set_up(on).await;
    let (page, link) = invite(&mut browser).await;
    let question = browser.get(&format!("{page}/cancel")).await;
    says(&question, "Cancel the invitation for Alice Example?");
    let answer = browser.post(&format!("{page}/cancel"), &[]).await;
    assert_eq!(answer.location(), page);
    let shown = browser.get(&page).await;
    says(&shown, "The invitation for Alice Example is cancelled.");
    assert!(!shown.body.contains("invitation-link"));
    assert!(
        !browser.get(&page).await.body.contains("is cancelled."),
        "said once"
    );

    let cancelled = server.browser().get(&link).await;
    assert_eq!(cancelled.status, StatusCode::GONE);
    says(&cancelled, "This invitation was cancelled");
    let asked = browser.get(&format!("{page}/cancel")).await;
    assert_eq!(asked.status, StatusCode::CONFLICT);
    says(&asked, "it is cancelled");
    let again = browser.post(&format!("{page}/cancel"), &[]).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    says(&again, "it is cancelled");

    let (_, link) = invite(&mut browser).await;
    server.wait(Duration::from_secs(7 * 24 * 60 * 60));
    let expired = server.browser().get(&link).await;
    assert_eq!(expired.status, StatusCode::GONE);
    says(&expired, "This invitation has expired");
    says(&expired, "Ask Robin Meyer for a new one");
}

async fn whoever_guesses_invitations_has_to_wait(on: Kind) {
    let server = TestServer::new(on).await;
    let mut browser = server.browser();
    let mut statuses = Vec::new();
    for guess in 0..25 {
        let letter = char::from(b'A' + guess);
        let path = format!("/invitation/{}", letter.to_string().repeat(32));
        statuses.push(browser.get(&path).await.status);
    }
    assert_eq!(statuses[0], StatusCode::NOT_FOUND);
    assert_eq!(statuses[24], StatusCode::TOO_MANY_REQUESTS);
}

async fn guesses_on_pages_and_in_the_api_count_as_one(on: Kind) {
    let server = TestServer::new(on).await;
    let mut browser = server.browser();
    let token = "A".repeat(32);
    let page = format!("/invitation/{token}");
    // Of one address: what was guessed on pages counts in the API.
    for _ in 0..UNKNOWN_TOKEN_BY_ADDRESS.burst {
        assert_eq!(browser.get(&page).await.status, StatusCode::NOT_FOUND);
    }
    let body = format!(r#"{{"protocol":1,"invitation":"{token}"}}"#);
    let offer = "/api/v1/enrollment/offer";
    let answer = browser.send(Method::POST, offer, body).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    // Of all addresses together: a page is refused too when the limit for everybody is reached.
    let server = TestServer::new(on).await;
    let everybody = Limit {
        burst: 1,
        interval: UNKNOWN_TOKEN.interval * UNKNOWN_TOKEN.burst,
    };
    rate_limit::take(&server.app, UNKNOWN, everybody)
        .await
        .unwrap();
    let answer = server.browser().get(&page).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    let status = server.browser().get(&format!("{page}/status")).await;
    assert_eq!(status.status, StatusCode::TOO_MANY_REQUESTS);
}

async fn a_form_with_mistakes_comes_back_with_what_was_typed(on: Kind) {
    let (server, mut browser) = TestServer::set_up(on).await;
    browser.get("/invitations/new").await;
    let fields = [
        ("name", "Alice"),
        ("email", "nonsense"),
        ("upn", ""),
        ("profile", "compact"),
    ];
    let answer = browser.post("/invitations/new", &fields).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&answer, "<title>Error: Invite someone");
    says(&answer, "value=\"Alice\"");
    says(&answer, "value=\"nonsense\"");
    says(&answer, "<a href=\"#email\">");
    says(&answer, "<a href=\"#upn\">");
    says(&answer, "value=\"compact\" checked");
    says(&answer, "aria-invalid=\"true\"");

    let unknown = [
        ("name", "A"),
        ("email", "a@b.c"),
        ("upn", "a@b.c"),
        ("profile", "none"),
    ];
    says(
        &browser.post("/invitations/new", &unknown).await,
        "<a href=\"#profile-standard\">",
    );
    assert_eq!(server.events(EventKind::InvitationCreated).await, 0);
    browser.post("/invitations/new", &ALICE).await;
    assert_eq!(server.events(EventKind::InvitationCreated).await, 1);
}

async fn inviting_somebody_again_begins_with_what_is_known(on: Kind) {
    let (_server, mut browser) = TestServer::set_up(on).await;
    let (page, _) = invite(&mut browser).await;
    let id = page.rsplit('/').next().unwrap();
    let form = browser.get(&format!("/invitations/new?again={id}")).await;
    says(&form, "value=\"Alice Example\"");
    says(&form, "value=\"compact\" checked");
}
