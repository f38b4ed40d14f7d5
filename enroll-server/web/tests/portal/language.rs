//! In which language a reader gets a page.

use axum::http::StatusCode;

use enroll_server_model::Role;
use enroll_server_store::Kind;

use crate::browser::{Answer, Browser, sign_in};
use crate::server::{EMAIL, PASSWORD, TestServer};

crate::on_both! {
    a_browser_gets_its_language_and_english_if_it_is_not_here,
    a_language_is_chosen_where_nobody_is_signed_in,
    an_account_has_its_language_whatever_the_browser_asks_for,
    the_program_interface_speaks_english,
}

/// A browser that asks for these languages.
fn asking(server: &TestServer, languages: &str) -> Browser {
    let mut browser = server.browser();
    let header = ("accept-language", languages.to_owned());
    browser.headers.push(header);
    browser
}

/// That a page is in this language, and says so.
fn is_in(answer: &Answer, language: &str, words: &str) {
    assert!(answer.body.contains(words), "{}", answer.body);
    assert!(answer.body.contains(&format!("<html lang=\"{language}\">")));
    assert_eq!(answer.header("content-language"), language);
    assert_eq!(answer.header("vary"), "accept-language, cookie");
}

async fn a_browser_gets_its_language_and_english_if_it_is_not_here(on: Kind) {
    let (server, _) = TestServer::set_up(on).await;
    for (asked, language, words) in [
        ("de", "de", "Zur Verwaltung von"),
        ("de-AT, en;q=0.5", "de", "Zur Verwaltung von"),
        ("en-GB, de;q=0.9", "en", "To the administration of"),
        ("de;q=0.4, en-US;q=0.6", "en", "To the administration of"),
        ("fr, de;q=0.1", "de", "Zur Verwaltung von"),
        ("fr", "en", "To the administration of"),
        ("de;q=0", "en", "To the administration of"),
        ("", "en", "To the administration of"),
    ] {
        let page = asking(&server, asked).get("/sign-in").await;
        is_in(&page, language, words);
    }
    let mut german = asking(&server, "de");
    let nowhere = german.get("/nowhere").await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
    is_in(&nowhere, "de", "Seite nicht gefunden");
    let invitation = german.get("/invitation/nothing").await;
    is_in(&invitation, "de", "Diese Einladung ist hier nicht bekannt");
}

async fn a_language_is_chosen_where_nobody_is_signed_in(on: Kind) {
    let (server, _) = TestServer::set_up(on).await;
    let mut browser = asking(&server, "en");
    let page = browser.get("/sign-in").await;
    assert!(page.body.contains("href=\"/language/de\" lang=\"de\""));
    let from = format!("{}/sign-in?return=/phones", server.app.addresses.portal);
    browser.headers.push(("referer", from));
    let chosen = browser.get("/language/de").await;
    assert_eq!(chosen.location(), "/sign-in?return=/phones");
    is_in(&browser.get("/sign-in").await, "de", "Zur Verwaltung von");
    let back = browser.get("/language/en").await;
    assert_eq!(back.location(), "/sign-in?return=/phones");
    is_in(
        &browser.get("/sign-in").await,
        "en",
        "To the administration of",
    );

    for foreign in [
        "https://evil.example/phones",
        "https://localhost:8443.evil.example/",
        "",
    ] {
        let mut browser = server.browser();
        browser.headers.push(("referer", foreign.to_owned()));
        assert_eq!(browser.get("/language/de").await.location(), "/");
    }
    let unknown = browser.get("/language/xx").await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

async fn an_account_has_its_language_whatever_the_browser_asks_for(on: Kind) {
    let (server, mut robin) = TestServer::set_up(on).await;
    let english = ("accept-language", "en".to_owned());
    robin.headers.push(english);
    is_in(&robin.get("/account").await, "en", "Language of your pages");
    let chosen = robin.post("/account/language", &[("language", "de")]).await;
    assert_eq!(chosen.location(), "/account");
    let page = robin.get("/account").await;
    is_in(&page, "de", "Ihre Seiten sind jetzt in dieser Sprache.");
    assert!(
        page.body
            .contains("<option value=\"de\" lang=\"de\" selected>")
    );
    is_in(&robin.get("/").await, "de", "Übersicht");
    // What is refused too, and no link offers what changes nothing.
    let nobody = robin.get("/holders/nobody").await;
    is_in(&nobody, "de", "Diese Person gibt es nicht.");
    assert!(!nobody.body.contains("/language/"));
    let form = robin.post_raw("/account/name", &[("name", "Robin")]).await;
    is_in(&form, "de", "Das Formular wurde nicht angenommen");
    let file = robin.get("/holders.csv").await;
    assert!(file.body.contains("Kontoname"), "{}", file.body);
    assert_eq!(file.header("content-language"), "de");

    // In another browser too, once they have signed in there; and in this one no longer, once they have signed out.
    let mut elsewhere = asking(&server, "en");
    is_in(&elsewhere.get("/sign-in").await, "en", "Sign in");
    sign_in(&mut elsewhere, EMAIL, PASSWORD).await;
    is_in(&elsewhere.get("/").await, "de", "Übersicht");
    elsewhere.post("/sign-out", &[]).await;
    is_in(&elsewhere.get("/sign-in").await, "en", "Sign in");

    robin.get("/account").await;
    let unknown = robin.post("/account/language", &[("language", "xx")]).await;
    assert_eq!(unknown.status, StatusCode::BAD_REQUEST);
    robin.get("/account").await;
    robin.post("/account/language", &[("language", "")]).await;
    let page = robin.get("/account").await;
    is_in(&page, "en", "Your pages are in this language now.");
    let mut auditor = server.colleague(Role::Auditor).await;
    auditor.get("/account").await;
    auditor
        .post("/account/language", &[("language", "de")])
        .await;
    let refused = auditor.get("/colleagues").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    is_in(&refused, "de", "Ihre Rolle ist: Revision.");
}

async fn the_program_interface_speaks_english(on: Kind) {
    let (server, _) = TestServer::set_up(on).await;
    let answer = asking(&server, "de").get("/api/v1/nowhere").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(answer.body.contains("There is nothing at this address."));
    assert_eq!(answer.header("content-language"), "");
}
