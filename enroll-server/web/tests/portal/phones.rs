//! What a phone is called, and until when it is suspended, as the pages have it.

use axum::http::StatusCode;

use enroll_server_model::{EventKind, Role};
use enroll_server_store::Kind;

use crate::browser::{Answer, Browser};
use crate::pages::{enroll, with_phone};

crate::on_both! {
    a_phone_can_be_called_something_else,
    a_new_pin_is_allowed_by_a_code_that_is_shown_until_it_is_taken_back,
    a_suspension_can_end_by_itself_on_a_day_to_come,
    a_lost_phone_is_replaced_in_one_act,
    a_phone_stays_in_use_until_the_new_one_is_there,
}

async fn path(browser: &mut Browser) -> String {
    let list = browser.get("/phones").await;
    format!("/phones/{}", list.between("href=\"/phones/", "\""))
}

async fn a_phone_can_be_called_something_else(on: Kind) {
    let (server, mut browser, _) = with_phone(on).await;
    let phone = path(&mut browser).await;
    let rename = format!("{phone}/rename");
    assert!(browser.get(&phone).await.body.contains(&rename));
    for (name, words) in [("  ", "Enter a name"), (&"x".repeat(65)[..], "at most 64")] {
        browser.get(&rename).await;
        let refused = browser.post(&rename, &[("name", name)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.body.contains(words), "{}", refused.body);
    }
    browser.get(&rename).await;
    let done = browser
        .post(&rename, &[("name", "Alice’s <new> Pixel")])
        .await;
    assert_eq!(done.location(), phone);
    let page = browser.get(&phone).await;
    for words in [
        "The name is saved.",
        "Phone renamed to Alice’s &#60;new&#62; Pixel",
        "<h1><bdi>Alice’s &#60;new&#62; Pixel</bdi></h1>",
    ] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    // Found by it.
    let found = browser.get("/phones?q=new+pixel").await;
    assert!(found.body.contains(&phone), "{}", found.body);
    browser.get(&rename).await;
    browser
        .post(&rename, &[("name", "Alice’s <new> Pixel")])
        .await;
    assert!(
        browser
            .get(&phone)
            .await
            .body
            .contains("Nothing was changed.")
    );
    assert_eq!(server.events(EventKind::PhoneRenamed).await, 1);
}

async fn a_suspension_can_end_by_itself_on_a_day_to_come(on: Kind) {
    let (server, mut browser, _) = with_phone(on).await;
    let phone = path(&mut browser).await;
    let suspend = format!("{phone}/suspend");
    for day in ["2020-01-01", "soon", "2026-02-30"] {
        browser.get(&suspend).await;
        let fields = [("note", "on holiday"), ("until", day)];
        let refused = browser.post(&suspend, &fields).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{day}");
        assert!(refused.body.contains("a day that is still to come"));
        // What was typed is not lost.
        assert!(refused.body.contains("value=\"on holiday\""));
        assert!(refused.body.contains(&format!("value=\"{day}\"")));
    }
    assert_eq!(server.events(EventKind::PhoneSuspended).await, 0);
    browser.get(&suspend).await;
    let fields = [("note", "on holiday"), ("until", "2199-12-05")];
    let done = browser.post(&suspend, &fields).await;
    assert_eq!(done.location(), phone);
    let page = browser.get(&phone).await;
    let about = page.between("<dl class=\"facts\">", "</dl>");
    assert!(about.contains("5 Dec 2199, 00:00 UTC"), "{about}");
    let audit = browser.get("/audit").await;
    assert!(
        audit.body.contains("until 5 Dec 2199, 00:00 UTC"),
        "{}",
        audit.body
    );
}

fn says(answer: &Answer, words: &[&str]) {
    for words in words {
        assert!(answer.body.contains(words), "{words:?}: {}", answer.body);
    }
}

/// The link of the invitation on this page, as a path.
fn link(page: &Answer) -> String {
    let link = page.between("id=\"invitation-link\" href=\"", "\"");
    let token = link.split_once("/invitation/").unwrap().1;
    format!("/invitation/{}", token.split('#').next().unwrap())
}

async fn a_lost_phone_is_replaced_in_one_act(on: Kind) {
    let (server, mut browser, _) = with_phone(on).await;
    let phone = path(&mut browser).await;
    let replace = format!("{phone}/replace");
    let list = browser.get("/holders").await;
    let holder = format!("/holders/{}", list.between("href=\"/holders/", "\""));
    for page in [&phone, &holder] {
        says(&browser.get(page).await, &[&format!("href=\"{replace}\"")]);
    }
    let question = browser.get(&replace).await;
    says(
        &question,
        &[
            "4 valid certificates of the old phone will be revoked",
            "with the same keys (Compact)",
            "never again once it is lost",
            "within a second",
        ],
    );
    assert!(!question.body.contains("by_mail"), "there is no mail");
    let refused = browser.post(&replace, &[]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&refused, &["href=\"#why-lost\""]);
    assert_eq!(server.events(EventKind::PhoneRevoked).await, 0);

    let done = browser.post(&replace, &[("why", "lost")]).await;
    let invitation = done.location().to_owned();
    let shown = browser.get(&invitation).await;
    says(
        &shown,
        &[
            "The old phone is revoked. Give the link to Alice Example.",
            "which is revoked",
            "<figure class=\"qr\">",
        ],
    );
    says(
        &browser.get(&phone).await,
        &[
            "is refused everywhere",
            "Replaced by",
            &invitation,
            "which nobody has used yet",
        ],
    );
    // One line, with its steps.
    let audit = browser.get("/audit").await;
    says(
        &audit,
        &["Alice Example invited to replace the phone Alice&#39;s phone"],
    );
    let refused = browser.get(&replace).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);

    enroll(&server, &link(&shown), "0123456789ab4cdeb0123456789abcdf").await;
    let old = browser.get(&phone).await;
    let new = old.between("<dt>Replaced by</dt>", "</dd>").to_owned();
    let new = new.split("href=\"").nth(1).unwrap();
    let new = browser.get(new.split('"').next().unwrap()).await;
    says(
        &new,
        &["it has 4 valid certificates", "<dt>Replaces</dt>", &phone],
    );
    assert_eq!(server.events(EventKind::PhoneRevoked).await, 1);
}

async fn a_phone_stays_in_use_until_the_new_one_is_there(on: Kind) {
    let (mut server, _, _) = with_phone(on).await;
    server.use_mail().await;
    let mut browser = server.colleague(Role::Officer).await;
    let phone = path(&mut browser).await;
    let replace = format!("{phone}/replace");
    let question = browser.get(&replace).await;
    says(
        &question,
        &[
            "Send the link by mail to",
            "name=\"by_mail\" value=\"yes\" checked",
        ],
    );
    let fields = [("why", "in-use"), ("by_mail", "yes")];
    let invitation = browser.post(&replace, &fields).await.location().to_owned();
    let shown = browser.get(&invitation).await;
    says(
        &shown,
        &[
            "once a phone is enrolled with this invitation",
            "which stays as it is until the new phone is enrolled",
            "On its way",
        ],
    );
    assert_eq!(server.events(EventKind::InvitationMailed).await, 1);
    says(
        &browser.get(&phone).await,
        &["it has 4 valid certificates", "this one is revoked"],
    );
    // Whoever revokes it keeps what is to replace it.
    let revoke = browser.get(&format!("{phone}/revoke")).await;
    let id = invitation.rsplit('/').next().unwrap();
    says(&revoke, &[&format!("name=\"invitation\" value=\"{id}\">")]);
    says(
        &browser.get(&replace).await,
        &["The open invitation to replace this phone is cancelled"],
    );
    enroll(&server, &link(&shown), "0123456789ab4cdeb0123456789abcdf").await;
    says(
        &browser.get(&phone).await,
        &["is refused everywhere", "A newer one took its place"],
    );
    says(&browser.get(&invitation).await, &["which is revoked"]);
}

async fn a_new_pin_is_allowed_by_a_code_that_is_shown_until_it_is_taken_back(on: Kind) {
    let (server, mut browser, _) = with_phone(on).await;
    let phone = path(&mut browser).await;
    let path = format!("{phone}/unblocking");
    assert!(browser.get(&phone).await.body.contains(&path));
    let question = browser.get(&path).await;
    assert!(question.body.contains("Make sure first that it is Alice"));
    assert!(!question.body.contains("unblocking-code"));
    assert_eq!(browser.post(&path, &[]).await.location(), path);
    let told = browser.get(&path).await;
    let code = told.between("id=\"unblocking-code\">", "<").to_owned();
    let digits = code.chars().filter(char::is_ascii_digit).count();
    assert!(code.len() == 9 && digits == 8, "{code}");
    assert!(told.body.contains("A new PIN is allowed."));
    // It is there for whoever has left the page, and another takes its place.
    assert!(browser.get(&path).await.body.contains(&code));
    browser.post(&path, &[]).await;
    assert!(!browser.get(&path).await.body.contains(&code));
    let withdraw = format!("{path}/withdraw");
    assert_eq!(browser.post(&withdraw, &[]).await.location(), phone);
    let page = browser.get(&phone).await;
    assert!(page.body.contains("It was taken back"), "{}", page.body);
    assert!(!browser.get(&path).await.body.contains("unblocking-code"));
    assert_eq!(server.events(EventKind::PinUnblockingAllowed).await, 2);
    assert_eq!(server.events(EventKind::PinUnblockingWithdrawn).await, 1);
    // A phone that is suspended is resumed first.
    browser.get(&format!("{phone}/suspend")).await;
    browser
        .post(&format!("{phone}/suspend"), &[("note", "")])
        .await;
    assert!(!browser.get(&phone).await.body.contains(&path));
    assert_eq!(browser.get(&path).await.status, StatusCode::CONFLICT);
}
