//! What a phone is called, and until when it is suspended, as the pages have it.

use axum::http::StatusCode;

use enroll_server_model::EventKind;
use enroll_server_store::Kind;

use crate::browser::Browser;
use crate::pages::with_phone;

crate::on_both! {
    a_phone_can_be_called_something_else,
    a_suspension_can_end_by_itself_on_a_day_to_come,
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
