//! Revoking: the question, the consequence, the reason.

use axum::http::StatusCode;

use enroll_server_model::{EventKind, RevocationReason};
use enroll_server_store::Kind;

use crate::pages::{sign_in_certificate, with_phone};

crate::on_both! {
    revoking_a_phone_asks_first_and_then_revokes_everything_on_it,
    revoking_one_certificate_leaves_the_others,
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
    for reason in RevocationReason::ALL {
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
