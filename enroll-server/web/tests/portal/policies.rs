//! Enrollment policies that an organisation adds: rows of the database.

use axum::http::{Method, StatusCode};
use enroll_server_model::Scope;
use enroll_server_store::Kind;
use serde_json::json;

use crate::program::Program;
use crate::row::add_policy;
use crate::server::TestServer;

crate::on_both! {
    a_policy_in_the_database_is_offered_by_pages_and_api,
}

async fn a_policy_in_the_database_is_offered_by_pages_and_api(on: Kind) {
    let (mut server, browser) = TestServer::set_up(on).await;
    let keys = [
        ("9A", "P-384", "piv-authentication"),
        ("9E", "P-256", "card-authentication"),
    ];
    add_policy(&server.store, "visitors", "1", "Für Gäste & Co.", &keys).await;
    server.restart().await;
    let mut signed_in = server.browser();
    signed_in.cookies = browser.cookies;

    let form = signed_in.get("/invitations/new").await;
    for expected in [
        "value=\"standard\" checked",
        "value=\"visitors\"",
        "Für Gäste &#38; Co.",
        "9A P-384, 9E P-256",
    ] {
        assert!(form.body.contains(expected), "{expected}: {}", form.body);
    }
    let script = Program::with(&server, &[Scope::Read]).await;
    let list = script.read("/api/v1/enrollment/policies").await;
    let titles: Vec<_> = list["policies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|policy| (policy["name"].clone(), policy["title"].clone()))
        .collect();
    assert_eq!(
        titles,
        [
            (json!("standard"), json!("Standard")),
            (json!("compact"), json!("Compact")),
            (json!("visitors"), json!("Für Gäste & Co.")),
        ]
    );
    assert_eq!(
        list["policies"][2]["keys"],
        json!([
            {"slot": "9A", "algorithm": "P-384", "profile": "piv-authentication"},
            {"slot": "9E", "algorithm": "P-256", "profile": "card-authentication"},
        ])
    );

    let fields = [
        ("name", "Gast Example"),
        ("email", "gast@example.org"),
        ("upn", "gast@example.org"),
        ("profile", "visitors"),
    ];
    let answer = signed_in.post("/invitations/new", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let page = signed_in.get(answer.location()).await;
    assert!(page.body.contains("Für Gäste &#38; Co."), "{}", page.body);
    let link = page.between("id=\"invitation-link\" href=\"", "\"");
    let token = link.split_once("/invitation/").unwrap().1;
    let token = token.split('#').next().unwrap();
    let body = json!({"protocol": 1, "invitation": token}).to_string();
    let offer = "/api/v1/enrollment/offer";
    let offer = server.browser().send(Method::POST, offer, body).await;
    let offer: serde_json::Value = serde_json::from_str(&offer.body).unwrap();
    assert_eq!(offer["slots"], list["policies"][2]["keys"]);
}
