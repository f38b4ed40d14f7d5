//! Revoking: the question, the consequence, the reason.

use axum::http::StatusCode;

use enroll_server_model::{EventKind, RevocationReason};
use enroll_server_store::Kind;

use crate::browser::Browser;
use crate::invitations::invite;
use crate::pages::{enroll, sign_in_certificate, with_phone};
use crate::server::TestServer;

crate::on_both! {
    revoking_a_phone_asks_first_and_then_revokes_everything_on_it,
    what_else_a_holder_has_ends_with_the_phone,
    what_is_unchecked_stays_and_the_page_says_so,
    what_is_another_holders_is_not_ended,
    revoking_one_certificate_leaves_the_others,
    what_else_a_holder_has_can_end_with_a_certificate,
}

async fn revoking_a_phone_asks_first_and_then_revokes_everything_on_it(on: Kind) {
    let (server, mut browser, phone) = with_phone(on).await;
    let path = format!("{phone}/revoke");
    let question = browser.get(&path).await;
    assert!(question.body.contains("of Alice Example?"));
    assert!(
        question
            .body
            .contains("4 valid certificates will be revoked")
    );
    for reason in RevocationReason::finals() {
        assert!(
            question.body.contains(&format!("value=\"{reason}\"")),
            "{reason}"
        );
    }
    assert_eq!(
        server.events(EventKind::PhoneRevoked).await,
        0,
        "a question changes nothing"
    );

    for nothing in [&[][..], &[("reason", "because")][..]] {
        let answer = browser.post(&path, nothing).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains("Choose a reason."));
        assert!(answer.body.contains("<a href=\"#reason-key-compromise\">"));
    }
    let answer = browser.post(&path, &[("reason", "key-compromise")]).await;
    assert_eq!(answer.location(), phone);
    let page = browser.get(&phone).await;
    assert!(
        page.body
            .contains("The phone is revoked, and with it 4 certificates.")
    );
    assert!(page.body.contains("is refused everywhere"));
    assert!(!page.body.contains(&path), "it cannot be revoked twice");
    assert_eq!(browser.get(&path).await.status, StatusCode::CONFLICT);
    assert_eq!(server.events(EventKind::CertificateRevoked).await, 4);
}

/// The ids of the boxes of a group, and whether all are checked.
fn boxes(page: &str, group: &str) -> Vec<String> {
    let before = format!("name=\"{group}\" value=\"");
    let found = page.split(&before).skip(1).map(|rest| {
        let (id, rest) = rest.split_once('"').unwrap();
        assert!(rest.starts_with(" checked>"), "{group}: not checked");
        id.to_owned()
    });
    found.collect()
}

/// Alice with two phones and an open invitation: the path of the first phone, the id of the second, the invitation's
/// path and its link.
async fn with_all(on: Kind) -> (TestServer, Browser, String, String, String, String) {
    let (server, mut browser, phone) = with_phone(on).await;
    let (_, link) = invite(&mut browser).await;
    enroll(&server, &link, "0123456789ab4cdeb0123456789abcdf").await;
    let phones = browser.get("/phones").await.body;
    let other = phones
        .split("href=\"/phones/")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .find(|id| !phone.ends_with(id))
        .unwrap()
        .to_owned();
    let (path, link) = invite(&mut browser).await;
    (server, browser, phone, other, path, link)
}

async fn what_else_a_holder_has_ends_with_the_phone(on: Kind) {
    let (server, mut browser, phone, other, path, link) = with_all(on).await;
    let question = browser.get(&format!("{phone}/revoke")).await;
    let invitations = boxes(&question.body, "invitation");
    assert_eq!(invitations.len(), 1);
    assert!(path.ends_with(&invitations[0]));
    assert_eq!(boxes(&question.body, "phone"), std::slice::from_ref(&other));

    // Without a reason, what was unchecked stays so.
    let fields = [("invitation", invitations[0].as_str())];
    let again = browser.post(&format!("{phone}/revoke"), &fields).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(boxes(&again.body, "invitation"), invitations);
    assert!(
        again
            .body
            .contains(&format!("name=\"phone\" value=\"{other}\">"))
    );

    let fields = [
        ("reason", "privilege-withdrawn"),
        ("invitation", invitations[0].as_str()),
        ("phone", other.as_str()),
    ];
    let answer = browser.post(&format!("{phone}/revoke"), &fields).await;
    assert_eq!(answer.location(), phone);
    let page = browser.get(&phone).await;
    for words in [
        "The phone is revoked, and with it 8 certificates.",
        "phone was revoked with it.",
        "1 open invitation was cancelled.",
        "The holder has no other phone and no open invitation.",
    ] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    let page = browser.get(&format!("/phones/{other}")).await;
    assert!(page.body.contains("is refused everywhere"));
    let page = server.browser().get(&link).await;
    assert!(page.body.contains("This invitation was cancelled"));
    assert_eq!(server.events(EventKind::PhoneRevoked).await, 2);
    assert_eq!(server.events(EventKind::InvitationCancelled).await, 1);
    let audit = browser.get("/audit").await;
    assert!(audit.body.contains("other phones revoked with it: 1"));
    assert!(audit.body.contains("invitations cancelled with it: 1"));
}

async fn what_is_unchecked_stays_and_the_page_says_so(on: Kind) {
    let (server, mut browser, phone, other, _, link) = with_all(on).await;
    let answer = browser
        .post(&format!("{phone}/revoke"), &[("reason", "key-compromise")])
        .await;
    assert_eq!(answer.location(), phone);
    let page = browser.get(&phone).await;
    let left = "The holder still has 1 active phone and 1 open invitation.";
    assert!(page.body.contains(left), "{}", page.body);
    enroll(&server, &link, "0123456789ab4cdeb0123456789abcd0").await;

    // What ended by itself in the meantime keeps nothing from being revoked.
    let id = link.rsplit('/').next().unwrap();
    let fields = [("reason", "key-compromise"), ("invitation", id)];
    let unknown = browser
        .post(&format!("/phones/{other}/revoke"), &fields)
        .await;
    assert_eq!(
        unknown.status,
        StatusCode::NOT_FOUND,
        "a token is not an id"
    );
    let invitations = browser.get("/invitations").await;
    let row = invitations.between("<th scope=\"row\">", "</th>");
    let (_, used) = row.split_once("/invitations/").unwrap();
    let used = used.split('"').next().unwrap().to_owned();
    let fields = [("reason", "key-compromise"), ("invitation", used.as_str())];
    browser
        .post(&format!("/phones/{other}/revoke"), &fields)
        .await;
    let page = browser.get(&format!("/phones/{other}")).await;
    assert!(!page.body.contains("cancelled."), "{}", page.body);
    let left = "The holder still has 1 active phone, and no open invitation.";
    assert!(page.body.contains(left), "{}", page.body);
}

async fn what_is_another_holders_is_not_ended(on: Kind) {
    let (server, mut browser, phone) = with_phone(on).await;
    browser.get("/invitations/new").await;
    let fields = [
        ("name", "Bob Example"),
        ("email", "bob@example.org"),
        ("upn", "bob@example.org"),
        ("profile", "compact"),
    ];
    let invited = browser.post("/invitations/new", &fields).await;
    let bobs = invited.location().rsplit('/').next().unwrap().to_owned();
    let fields = [("reason", "key-compromise"), ("invitation", bobs.as_str())];
    let answer = browser.post(&format!("{phone}/revoke"), &fields).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(
        server.events(EventKind::PhoneRevoked).await,
        0,
        "all or nothing"
    );
    assert_eq!(server.events(EventKind::InvitationCancelled).await, 0);
}

async fn revoking_one_certificate_leaves_the_others(on: Kind) {
    let (server, mut browser, phone) = with_phone(on).await;
    let certificate = sign_in_certificate(&mut browser, &phone).await;
    let path = format!("{certificate}/revoke");
    let question = browser.get(&path).await;
    assert!(
        question
            .body
            .contains("Alice Example can no longer sign in with it.")
    );
    assert!(
        question
            .body
            .contains("The phone keeps 3 other valid certificates")
    );
    let answer = browser.post(&path, &[("reason", "superseded")]).await;
    assert_eq!(answer.location(), certificate);
    let page = browser.get(&certificate).await;
    assert!(page.body.contains("revoked just now and refused since"));
    assert!(page.body.contains("A newer one took its place"));
    assert!(
        browser
            .get(&phone)
            .await
            .body
            .contains("it has 3 valid certificates.")
    );
    assert_eq!(server.events(EventKind::CertificateRevoked).await, 1);
}

async fn what_else_a_holder_has_can_end_with_a_certificate(on: Kind) {
    let (server, mut browser, phone, other, path, link) = with_all(on).await;
    let certificate = sign_in_certificate(&mut browser, &phone).await;
    let question = browser.get(&format!("{certificate}/revoke")).await;
    // One certificate alone ends by default.
    let invitation = path.rsplit('/').next().unwrap();
    for (name, id) in [("invitation", invitation), ("phone", other.as_str())] {
        let unchecked = format!("name=\"{name}\" value=\"{id}\">");
        assert!(question.body.contains(&unchecked), "{}", question.body);
    }

    let fields = [("reason", "privilege-withdrawn")];
    browser
        .post(&format!("{certificate}/revoke"), &fields)
        .await;
    let page = browser.get(&certificate).await;
    let left = "The holder still has 1 open invitation.";
    assert!(page.body.contains(left), "{}", page.body);

    let fields = [
        ("reason", "privilege-withdrawn"),
        ("invitation", invitation),
        ("phone", other.as_str()),
    ];
    let all = browser.get(&phone).await.body;
    let next = all
        .split("href=\"/certificates/")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .find(|id| !certificate.ends_with(id))
        .unwrap();
    browser
        .post(&format!("/certificates/{next}/revoke"), &fields)
        .await;
    let page = browser.get(&format!("/certificates/{next}")).await;
    for words in [
        "phone was revoked with it.",
        "1 open invitation was cancelled.",
    ] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    let page = server.browser().get(&link).await;
    assert!(page.body.contains("This invitation was cancelled"));
    let page = browser.get(&format!("/phones/{other}")).await;
    assert!(page.body.contains("is refused everywhere"));
    // The phone itself keeps its other certificates.
    let page = browser.get(&phone).await;
    assert!(
        page.body.contains("it has 2 valid certificates."),
        "{}",
        page.body
    );
}
