//! What browsers are sent takes less on the wire, and tells a stranger nothing by its length.

use axum::http::StatusCode;

use enroll_server_store::Kind;

use crate::browser::Browser;
use crate::pages::with_phone;

crate::on_both! {
    who_takes_gzip_is_sent_it,
    no_two_pages_have_the_token_of_forms_in_the_same_characters,
}

fn takes(browser: &mut Browser, encoding: &str) {
    browser
        .headers
        .retain(|(name, _)| *name != "accept-encoding");
    browser
        .headers
        .push(("accept-encoding", encoding.to_owned()));
}

async fn who_takes_gzip_is_sent_it(on: Kind) {
    let (_server, mut browser, _) = with_phone(on).await;
    let plain = browser.get("/holders").await;
    assert_eq!(plain.header("content-encoding"), "");
    let style = plain
        .between("<link rel=\"stylesheet\" href=\"", "\"")
        .to_owned();
    let plain_style = browser.get(&style).await;
    takes(&mut browser, "br, gzip;q=0.8");
    for path in ["/", "/holders", "/holders.csv", "/nowhere", &style] {
        let page = browser.get(path).await;
        assert_eq!(page.header("content-encoding"), "gzip", "{path}");
        let vary: Vec<_> = page.headers.get_all("vary").iter().collect();
        assert!(
            format!("{vary:?}").contains("accept-encoding"),
            "{path}: {vary:?}"
        );
    }
    let page = browser.get("/holders").await;
    assert!(page.body.contains("Alice Example"));
    assert!(
        page.bytes * 2 < plain.bytes,
        "{} of {}",
        page.bytes,
        plain.bytes
    );
    let smaller = browser.get(&style).await;
    assert_eq!(smaller.body, plain_style.body);
    assert!(smaller.bytes * 3 < plain_style.bytes, "{}", smaller.bytes);
    for encoding in ["identity", "gzip;q=0", "br"] {
        takes(&mut browser, encoding);
        for path in ["/holders", &style] {
            let page = browser.get(path).await;
            assert_eq!(page.header("content-encoding"), "", "{encoding}: {path}");
        }
    }
}

async fn no_two_pages_have_the_token_of_forms_in_the_same_characters(on: Kind) {
    let (_server, mut browser, _) = with_phone(on).await;
    takes(&mut browser, "gzip");
    let one = browser.get("/invitations/new").await;
    let other = browser.get("/invitations/new").await;
    let token = |body: &str| -> String {
        let (_, rest) = body.split_once("name=\"csrf\" value=\"").unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let (one, other) = (token(&one.body), token(&other.body));
    assert_ne!(one, other);
    // Each is good, that of the page before too: the back button and several tabs work.
    for token in [&one, &other, &one] {
        let sent = browser
            .post_raw("/account/name", &[("csrf", token), ("name", "Ada Admin")])
            .await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    }
    // Neither half is good alone, nor the one with the other's.
    let (mask, masked) = (&one[..64], &other[64..]);
    for token in [mask, masked, &format!("{mask}{masked}")] {
        let refused = browser
            .post_raw("/account/name", &[("csrf", token), ("name", "Mallory")])
            .await;
        assert_ne!(refused.status, StatusCode::SEE_OTHER);
    }
}
