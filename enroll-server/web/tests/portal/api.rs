//! The API for programs: what a script does with a token, and what it is refused.

use std::collections::BTreeSet;
use std::time::Duration;

use axum::http::{Method, StatusCode, header};
use serde_json::{Value, json};

use enroll_server::access::Access;
use enroll_server::api::document::document;
use enroll_server::routes::{ROUTES, Surface};
use enroll_server_model::{EventKind, Role, Scope};
use enroll_server_store::{Kind, audit};

use crate::access::filled_in;
use crate::pages::enroll;
use crate::program::{Program, guest, token};
use crate::server::TestServer;

crate::on_both! {
    a_script_invites_lists_suspends_and_revokes,
    every_list_goes_on_until_its_end_and_shows_nothing_twice,
    a_request_with_a_key_is_carried_out_once,
    a_repetition_is_not_told_the_link_of_a_corrected_address,
    the_servers_own_certificates_are_nobodys_to_revoke,
    a_token_works_for_its_scopes_until_it_ends_or_is_revoked,
    what_a_program_does_is_on_record_under_the_name_of_its_token,
    a_request_that_makes_no_sense_is_a_problem_and_never_an_error_of_the_server,
    names_are_corrected,
    a_phone_is_replaced_by_a_token_that_may_revoke,
    an_administrator_makes_and_revokes_tokens,
    the_document_is_a_page_too,
}

async fn a_script_invites_lists_suspends_and_revokes(on: Kind) {
    let server = TestServer::new(on).await;
    let script = Program::with(&server, Scope::ALL).await;
    assert_eq!(
        script.read("/api/v1/people").await,
        json!({"items": [], "next": null})
    );

    let invited = script
        .post("/api/v1/invitations", &guest("Alice Example"))
        .await;
    assert_eq!(invited.status, StatusCode::CREATED, "{}", invited.json);
    let invitation = invited.headers[header::LOCATION].to_str().unwrap();
    assert_eq!(script.read(invitation).await["state"], "pending");
    let link = invited.json["link"].as_str().unwrap();
    let (path, _) = link.split_once('#').unwrap();
    enroll(&server, path, "0123456789ab4cdeb0123456789abcde").await;
    assert_eq!(script.read(invitation).await["state"], "used");

    let people = script.read("/api/v1/people?q=alice").await;
    let alice = &people["items"][0];
    assert_eq!(alice["username"], "alice.example");
    assert_eq!(alice["phones"], 1);
    let id = alice["id"].as_str().unwrap();
    let whole = script.read(&format!("/api/v1/people/{id}")).await;
    assert_eq!(whole["person"]["name"], "Alice Example");
    let phone = whole["phones"][0]["id"].as_str().unwrap();
    let path = format!("/api/v1/phones/{phone}");
    let certificates = script.read(&path).await["certificates"].clone();
    assert_eq!(certificates.as_array().unwrap().len(), 4);
    let certificate = certificates[0]["id"].as_str().unwrap();
    let certificate = format!("/api/v1/certificates/{certificate}");
    let shown = script.read(&certificate).await;
    assert!(
        shown["pem"]
            .as_str()
            .unwrap()
            .starts_with("-----BEGIN CERTIFICATE")
    );

    let held = script
        .act(
            &format!("{path}/suspend"),
            &json!({"note": "left on a train", "until": "2199-12-05T01:00:00+01:00"}),
        )
        .await;
    assert_eq!(held["suspension"]["until"], "2199-12-05T00:00:00Z");
    assert_eq!(held["phone"]["state"], "suspended");
    assert_eq!(held["suspension"]["note"], "left on a train");
    assert_eq!(held["suspension"]["by"], "nightly script");
    let again = script.post(&format!("{path}/suspend"), &json!({})).await;
    assert_eq!(
        (again.status, again.code()),
        (StatusCode::CONFLICT, "conflict")
    );
    let resumed = script.act(&format!("{path}/resume"), &Value::Null).await;
    assert_eq!(resumed["phone"]["state"], "active");
    let name = json!({"name": "Alice’s Pixel"}).to_string();
    let named = script
        .send(Method::PUT, &format!("{path}/name"), name)
        .await;
    assert_eq!(named.json["phone"]["name"], "Alice’s Pixel");
    let superseded = json!({"reason": "superseded"});
    let one = script
        .act(&format!("{certificate}/revoke"), &superseded)
        .await;
    assert_eq!(
        (&one["certificate"]["state"], &one["reason"]),
        (&json!("revoked"), &json!("superseded"))
    );
    let ended = script
        .act(
            &format!("{path}/revoke"),
            &json!({"reason": "key-compromise"}),
        )
        .await;
    assert_eq!(ended["phone"]["state"], "revoked");
    for row in ended["certificates"].as_array().unwrap() {
        assert_eq!(row["state"], "revoked");
    }
    let list = script.read("/api/v1/certificates?filter=revoked").await;
    assert_eq!(list["items"].as_array().unwrap().len(), 4);

    let person = format!("/api/v1/people/{id}");
    let held = script.act(&format!("{person}/suspend"), &json!({})).await;
    assert_eq!(held["state"], "suspended");
    let resumed = script.act(&format!("{person}/resume"), &Value::Null).await;
    assert_eq!(resumed["state"], "active");
    let leaves = json!({"reason": "cessation-of-operation", "note": "retired"});
    assert_eq!(
        script.act(&format!("{person}/let-go"), &leaves).await["state"],
        "gone"
    );
    assert_eq!(
        script
            .act(&format!("{person}/take-back"), &Value::Null)
            .await["state"],
        "active"
    );
    let again = script
        .act("/api/v1/invitations", &guest("Alice Example"))
        .await;
    let again = format!(
        "/api/v1/invitations/{}/cancel",
        again["id"].as_str().unwrap()
    );
    assert_eq!(script.act(&again, &Value::Null).await["state"], "cancelled");
    let policies = script.read("/api/v1/enrollment/policies").await;
    assert_eq!(policies["policies"][0]["name"], "standard");
}

async fn every_list_goes_on_until_its_end_and_shows_nothing_twice(on: Kind) {
    let server = TestServer::new(on).await;
    let script = Program::with(&server, Scope::ALL).await;
    for number in 0..7 {
        let invited = guest(&format!("Guest Number{number}"));
        script.act("/api/v1/invitations", &invited).await;
    }
    for (list, id, expected) in [
        ("people", "id", 7),
        ("invitations", "id", 7),
        // With the authorities and the token.
        ("events?kind=invitation-created", "sequence", 7),
        ("people?filter=without-phone", "id", 7),
        ("people?q=guest", "id", 7),
        ("invitations?state=pending", "id", 7),
        ("invitations?q=example.org", "id", 7),
        ("events?kind=invitation-created&person=guest", "sequence", 7),
        (
            "events?kind=invitation-created&from=2020-01-01T00:00:00Z&source=192.0.2.7",
            "sequence",
            7,
        ),
    ] {
        let joint = if list.contains('?') { '&' } else { '?' };
        let mut path = format!("/api/v1/{list}{joint}limit=3");
        let mut found = BTreeSet::new();
        let mut pages = 0;
        loop {
            let page = script.read(&path).await;
            let items = page["items"].as_array().unwrap();
            assert!(items.len() <= 3);
            for item in items {
                assert!(found.insert(item[id].to_string()), "{list}: twice");
            }
            pages += 1;
            let Some(next) = page["next"].as_str() else {
                break;
            };
            path = format!("/api/v1/{list}{joint}limit=3&after={next}");
        }
        assert_eq!((found.len(), pages), (expected, 3), "{list}");
    }
    let page = script.read("/api/v1/people?limit=3").await;
    let after = page["next"].as_str().unwrap();
    for path in [
        format!("/api/v1/phones?after={after}"),
        // That of another filter, with an order of its own.
        format!("/api/v1/people?filter=without-phone&after={after}"),
        "/api/v1/events?from=yesterday".to_owned(),
        "/api/v1/people?after=people.x".to_owned(),
        "/api/v1/people?limit=0".to_owned(),
        "/api/v1/people?limit=101".to_owned(),
        "/api/v1/people?limit=many".to_owned(),
        "/api/v1/people?fliter=gone".to_owned(),
        "/api/v1/people?filter=new".to_owned(),
        "/api/v1/phones?state=lost".to_owned(),
    ] {
        let refused = script.get(&path).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{path}");
        assert_eq!(refused.code(), "request_invalid", "{path}");
    }
}

async fn a_request_with_a_key_is_carried_out_once(on: Kind) {
    let server = TestServer::new(on).await;
    let token = token(&server, &[Scope::Invite, Scope::Read]).await;
    let script = Program::with_token(&server, &token);
    let keyed = script.clone().and("idempotency-key", "onboarding-4711");
    let first = keyed
        .act("/api/v1/invitations", &guest("Alice Example"))
        .await;
    let second = keyed
        .act("/api/v1/invitations", &guest("Alice Example"))
        .await;
    assert_eq!(first, second);
    assert_eq!(server.events(EventKind::InvitationCreated).await, 1);
    let (path, _) = first["link"].as_str().unwrap().split_once('#').unwrap();
    enroll(&server, path, "0123456789ab4cdeb0123456789abcde").await;

    let other = keyed
        .post("/api/v1/invitations", &guest("Bob Example"))
        .await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(other.code(), "request_invalid");
    assert_eq!(other.json["field"], "idempotency-key");
    let long = script.clone().and("idempotency-key", &"x".repeat(101));
    let long = long
        .post("/api/v1/invitations", &guest("Bob Example"))
        .await;
    assert_eq!(long.status, StatusCode::UNPROCESSABLE_ENTITY);
    // Another program may have made up the same key.
    let another = Program::with(&server, &[Scope::Invite]).await;
    let another = another.and("idempotency-key", "onboarding-4711");
    let bob = another
        .act("/api/v1/invitations", &guest("Bob Example"))
        .await;
    assert_ne!(bob["id"], first["id"]);

    server.wait(Duration::from_secs(24 * 60 * 60 + 1));
    let later = keyed
        .act("/api/v1/invitations", &guest("Alice Example"))
        .await;
    assert_ne!(later["id"], first["id"]);
    assert_eq!(server.events(EventKind::InvitationCreated).await, 3);

    // Several at once.
    let keyed = script.and("idempotency-key", "onboarding-4712");
    let carol = guest("Carol Example");
    let asked = || keyed.post("/api/v1/invitations", &carol);
    let answers = tokio::join!(asked(), asked(), asked(), asked());
    let answers = [answers.0, answers.1, answers.2, answers.3];
    let ids: BTreeSet<_> = answers
        .iter()
        .inspect(|answer| assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.json))
        .map(|answer| answer.json.to_string())
        .collect();
    assert_eq!(ids.len(), 1, "{ids:?}");
}

async fn a_repetition_is_not_told_the_link_of_a_corrected_address(on: Kind) {
    let mut server = TestServer::new(on).await;
    server.use_mail().await;
    let script = Program::with(&server, Scope::ALL).await;
    let keyed = script.clone().and("idempotency-key", "onboarding-4711");
    let mut alice = guest("Alice Example");
    alice["by_mail"] = json!(true);
    let first = keyed.act("/api/v1/invitations", &alice).await;
    assert_eq!(keyed.act("/api/v1/invitations", &alice).await, first);
    let person = format!("/api/v1/people/{}", first["person_id"].as_str().unwrap());
    let right = json!({
        "name": "Alice Example", "email": "alice@example.net", "upn": alice["upn"],
    });
    let edited = script.send(Method::PUT, &person, right.to_string()).await;
    assert_eq!(edited.status, StatusCode::OK, "{}", edited.json);
    let again = keyed.post("/api/v1/invitations", &alice).await;
    assert_eq!(
        (again.status, again.code()),
        (StatusCode::CONFLICT, "conflict")
    );
    assert_eq!(server.events(EventKind::InvitationCreated).await, 1);
}

async fn the_servers_own_certificates_are_nobodys_to_revoke(on: Kind) {
    let server = TestServer::new(on).await;
    let script = Program::with(&server, Scope::ALL).await;
    let issued = script
        .read("/api/v1/events?kind=certificate-issued&limit=100")
        .await;
    let own: Vec<_> = issued["items"].as_array().unwrap().iter().collect();
    assert!(!own.is_empty());
    for event in own {
        let id = event["object"]["id"].as_str().unwrap();
        let path = format!("/api/v1/certificates/{id}/revoke");
        let refused = script
            .post(&path, &json!({"reason": "key-compromise"}))
            .await;
        assert_eq!(
            (refused.status, refused.code()),
            (StatusCode::NOT_FOUND, "not_found")
        );
    }
    assert_eq!(server.events(EventKind::CertificateRevoked).await, 0);
}

async fn a_token_works_for_its_scopes_until_it_ends_or_is_revoked(on: Kind) {
    let server = TestServer::new(on).await;
    let stranger = Program::stranger(&server);
    let unknown = Program::with_token(&server, &format!("tapcard_{}", "A".repeat(52)));
    let no_token = Program::with_token(&server, "secret");
    let every = Program::with(&server, Scope::ALL).await;
    for route in ROUTES {
        let Access::Token(scope) = route.access else {
            assert!(
                route.surface != Surface::Api || route.path == "/api/v1/openapi.json",
                "{}",
                route.path
            );
            continue;
        };
        let path = filled_in(route.path);
        let what = format!("{} {path}", route.method);
        let send = async |program: &Program| {
            program
                .send(route.method.clone(), &path, String::new())
                .await
        };
        let refused = send(&stranger).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{what}");
        assert_eq!(
            refused.headers[header::WWW_AUTHENTICATE],
            r#"Bearer realm="tapcard""#,
            "{what}"
        );
        assert_eq!(refused.code(), "unauthorized", "{what}");
        for program in [&unknown, &no_token] {
            let refused = send(program).await;
            assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{what}");
            let challenge = &refused.headers[header::WWW_AUTHENTICATE];
            assert_eq!(
                challenge, r#"Bearer realm="tapcard", error="invalid_token""#,
                "{what}"
            );
        }
        let others: Vec<_> = Scope::ALL
            .iter()
            .copied()
            .filter(|one| *one != scope)
            .collect();
        let refused = send(&Program::with(&server, &others).await).await;
        assert_eq!(
            (refused.status, refused.code()),
            (StatusCode::FORBIDDEN, "forbidden"),
            "{what}"
        );
        let challenge =
            format!(r#"Bearer realm="tapcard", error="insufficient_scope", scope="{scope}""#);
        assert_eq!(
            refused.headers[header::WWW_AUTHENTICATE],
            challenge,
            "{what}"
        );
        let passed = send(&Program::with(&server, &[scope]).await).await;
        let stopped = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN];
        assert!(!stopped.contains(&passed.status), "{what}");
        assert!(!passed.status.is_server_error(), "{what}");
    }

    let administration = server.administration().await;
    let tokens = administration.api_tokens().await.unwrap();
    // Used a moment ago.
    every.read("/api/v1/people").await;
    let (used, _) = administration
        .api_tokens()
        .await
        .unwrap()
        .into_iter()
        .find(|(token, _)| token.scopes == Scope::ALL)
        .unwrap();
    assert!(used.last_used.is_some());
    administration.revoke_api_token(&used.id).await.unwrap();
    assert_eq!(
        every.get("/api/v1/people").await.status,
        StatusCode::UNAUTHORIZED
    );
    assert!(tokens.iter().all(|(_, works)| *works));

    let reader = Program::with(&server, &[Scope::Read]).await;
    reader.read("/api/v1/people").await;
    server.wait(Duration::from_secs(30 * 24 * 60 * 60));
    assert_eq!(
        reader.get("/api/v1/people").await.status,
        StatusCode::UNAUTHORIZED
    );
}

async fn what_a_program_does_is_on_record_under_the_name_of_its_token(on: Kind) {
    let (server, mut ada) = TestServer::set_up(on).await;
    let text = token(&server, &[Scope::Invite]).await;
    let script = Program::with_token(&server, &text);
    script
        .act("/api/v1/invitations", &guest("Alice Example"))
        .await;
    let events = audit::following(server.store.reader(), 0, 1000)
        .await
        .unwrap();
    let invited = events
        .iter()
        .find(|event| event.kind == EventKind::InvitationCreated)
        .unwrap();
    assert_eq!(invited.actor_name, "nightly script");
    assert_eq!(invited.actor_kind.as_str(), "api-token");
    assert_eq!(invited.source, "192.0.2.7");
    let trail = ada.get("/audit").await.body;
    assert!(trail.contains("API token “nightly script” made"), "{trail}");
    assert!(trail.contains("API token “nightly script”"), "{trail}");
    // Of the token itself nothing is kept but its hash.
    let secret = text.strip_prefix("tapcard_").unwrap();
    assert!(!trail.contains(secret));
    assert!(events.iter().all(|event| !event.detail.contains(secret)));
}

async fn a_request_that_makes_no_sense_is_a_problem_and_never_an_error_of_the_server(on: Kind) {
    let server = TestServer::new(on).await;
    let script = Program::with(&server, Scope::ALL).await;
    let invitations = "/api/v1/invitations";
    let known = script.act(invitations, &guest("Alice Example")).await;
    let person = known["person_id"].as_str().unwrap();
    let suspend = format!("/api/v1/people/{person}/suspend");
    let let_go = format!("/api/v1/people/{person}/let-go");
    let too_long = format!("{{\"note\": \"{}\"}}", "x".repeat(70_000));
    let cases: &[(&str, &str, u16, &str)] = &[
        (invitations, "", 415, "unsupported_media_type"),
        (invitations, "{", 400, "request_invalid"),
        (invitations, "[]", 400, "request_invalid"),
        (invitations, r#"{"name": "A"}"#, 400, "request_invalid"),
        (
            invitations,
            r#"{"name": "A", "email": "x", "upn": "y"}"#,
            422,
            "request_invalid",
        ),
        (
            invitations,
            r#"{"name": "A\u0000", "email": "a@b.org", "upn": "a@b.org"}"#,
            400,
            "request_invalid",
        ),
        (
            invitations,
            r#"{"name": "A", "email": "a@b.org", "upn": "a@b.org", "policy": "none"}"#,
            422,
            "request_invalid",
        ),
        (
            invitations,
            r#"{"name": "A", "email": "a@b.org", "upn": "a@b.org", "by_mail": true}"#,
            409,
            "conflict",
        ),
        (
            invitations,
            r#"{"name": "A", "email": "a@b.org", "upn": "a@b.org", "polizy": "compact"}"#,
            400,
            "request_invalid",
        ),
        (&suspend, &too_long, 413, "request_invalid"),
        (
            &suspend,
            r#"{"until": "2020-01-01T00:00:00Z"}"#,
            422,
            "request_invalid",
        ),
        (&suspend, r#"{"until": "soon"}"#, 422, "request_invalid"),
        (
            &let_go,
            r#"{"reason": "certificate-hold"}"#,
            422,
            "request_invalid",
        ),
        (&let_go, r#"{"reason": "because"}"#, 422, "request_invalid"),
        ("/api/v1/people/nobody/suspend", "{}", 404, "not_found"),
        (
            "/api/v1/phones/none/revoke",
            r#"{"reason": "superseded", "also_phones": ["x"]}"#,
            404,
            "not_found",
        ),
        ("/api/v1/nothing", "{}", 404, "not_found"),
        ("/api/v1/people", "{}", 405, "method_not_allowed"),
        ("/api/v1/people/a%00b/resume", "", 400, "request_invalid"),
        ("/api/v1/people/%ff/resume", "", 400, "request_invalid"),
    ];
    for (path, body, status, code) in cases {
        let answer = script.send(Method::POST, path, (*body).to_owned()).await;
        let what = format!("{path} {}: {}", body.get(..40).unwrap_or(body), answer.json);
        assert_eq!(answer.status.as_u16(), *status, "{what}");
        assert_eq!(answer.code(), *code, "{what}");
        assert!(
            !answer.json["request_id"].as_str().unwrap().is_empty(),
            "{what}"
        );
    }
    let form = script.clone().and("content-type", "text/plain");
    let answer = form.send(Method::POST, &suspend, "{}".to_owned()).await;
    assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let method = script
        .send(Method::DELETE, "/api/v1/people", String::new())
        .await;
    assert_eq!(method.headers[header::ALLOW], "GET,HEAD");
}

async fn names_are_corrected(on: Kind) {
    let server = TestServer::new(on).await;
    let script = Program::with(&server, Scope::ALL).await;
    let known = script
        .act("/api/v1/invitations", &guest("Alice Exampel"))
        .await;
    let path = format!("/api/v1/people/{}", known["person_id"].as_str().unwrap());
    let right = json!({
        "name": "Alice Example", "email": "alice.example@example.org", "upn": "alice.example@example.org",
    });
    let right = right.to_string();
    let edited = script.send(Method::PUT, &path, right).await;
    assert_eq!(edited.status, StatusCode::OK, "{}", edited.json);
    assert_eq!(edited.json["name"], "Alice Example");
    assert_eq!(edited.json["username"], "alice.example");
    assert_eq!(server.events(EventKind::HolderEdited).await, 1);
    let root = json!({"name": "Root", "email": "root@example.org", "upn": "root@example.org"});
    let refused = script.send(Method::PUT, &path, root.to_string()).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.json["field"], "upn");
}

/// The document and the table of routes say the same: which operations there are, and which scope each wants.
#[test]
fn the_document_has_every_address_of_the_api_and_no_other() {
    let document = serde_json::to_value(document()).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut documented = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let scope = operation["security"][0]["token"][0].as_str().unwrap_or("");
            documented.insert((method.to_uppercase(), path.clone(), scope.to_owned()));
            assert!(operation["summary"].is_string(), "{method} {path}");
            let problem = &operation["responses"]["default"]["content"];
            assert!(
                problem["application/problem+json"].is_object(),
                "{method} {path}"
            );
        }
    }
    let table: BTreeSet<_> = ROUTES
        .iter()
        .filter(|route| route.surface == Surface::Api)
        .map(|route| {
            let scope = match route.access {
                Access::Token(scope) => scope.as_str(),
                _ => "",
            };
            (
                route.method.to_string(),
                route.path.to_owned(),
                scope.to_owned(),
            )
        })
        .collect();
    assert_eq!(documented, table);
}

/// An administrator makes a token, sees it in the browser that made it alone, and revokes it.
async fn an_administrator_makes_and_revokes_tokens(on: Kind) {
    let (server, mut ada) = TestServer::set_up(on).await;
    assert!(
        ada.get("/api-tokens")
            .await
            .body
            .contains("No API tokens yet")
    );
    ada.get("/api-tokens/new").await;
    let wrong = [("name", " "), ("days", "400")];
    let again = ada.post("/api-tokens/new", &wrong).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    for words in [
        "Enter a name",
        "Choose at least one thing that the token may do",
        "Enter a number of days from 1 to 366",
    ] {
        assert!(again.body.contains(words), "{words}: {}", again.body);
    }
    let right = [
        ("name", "Inventory"),
        ("days", "7"),
        ("scopes", "read"),
        ("scopes", "invite"),
    ];
    let made = ada.post("/api-tokens/new", &right).await;
    let path = made.location().to_owned();
    assert!(path.starts_with("/api-tokens/"), "{}", made.body);
    let page = ada.get(&path).await;
    let text = page.between("id=\"api-token\">", "<").to_owned();
    assert!(text.starts_with("tapcard_"), "{}", page.body);
    assert!(page.body.contains("The token is made."), "{}", page.body);
    let inventory = Program::with_token(&server, &text);
    inventory.read("/api/v1/people").await;
    inventory
        .act("/api/v1/invitations", &guest("Alice Example"))
        .await;
    let person = inventory.read("/api/v1/people").await;
    let suspend = format!(
        "/api/v1/people/{}/suspend",
        person["items"][0]["id"].as_str().unwrap()
    );
    assert_eq!(
        inventory.post(&suspend, &json!({})).await.status,
        StatusCode::FORBIDDEN
    );

    let mut other = server.colleague(Role::Administrator).await;
    let page = other.get(&path).await;
    assert!(!page.body.contains("tapcard_"), "{}", page.body);
    assert!(page.body.contains("Inventory") && page.body.contains("by Robin Meyer"));
    let list = other.get("/api-tokens").await.body;
    assert!(
        list.contains("Inventory") && list.contains("Read, Invite"),
        "{list}"
    );

    let question = ada.get(&format!("{path}/revoke")).await.body;
    assert!(
        question.contains("Revoke the token “Inventory”?"),
        "{question}"
    );
    let revoked = ada.post(&format!("{path}/revoke"), &[]).await;
    assert_eq!(revoked.location(), path);
    let page = ada.get(&path).await.body;
    assert!(
        page.contains("The token is revoked.") && !page.contains("tapcard_"),
        "{page}"
    );
    assert_eq!(
        inventory.get("/api/v1/people").await.status,
        StatusCode::UNAUTHORIZED
    );
    let twice = ada.post(&format!("{path}/revoke"), &[]).await;
    assert_eq!(twice.status, StatusCode::CONFLICT);
}

/// Whoever works here can read what programs can ask for, without a script.
async fn the_document_is_a_page_too(on: Kind) {
    let (server, _) = TestServer::set_up(on).await;
    let page = server
        .colleague(Role::Auditor)
        .await
        .get("/api-document")
        .await
        .body;
    for words in [
        "GET /api/v1/people/{id}",
        "Suspend a phone",
        "key-compromise",
        "<a href=\"#type-Inviting\">Inviting</a>",
        "id=\"type-Inviting\"",
        "Idempotency-Key",
        "curl --cacert",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
}

async fn a_phone_is_replaced_by_a_token_that_may_revoke(on: Kind) {
    let server = TestServer::new(on).await;
    let script = Program::with(&server, Scope::ALL).await;
    let alice = guest("Alice Example");
    let with = |replaces: Value| {
        let mut asked = alice.clone();
        asked["replaces"] = replaces;
        asked
    };
    let invited = script.act("/api/v1/invitations", &alice).await;
    let (path, _) = invited["link"].as_str().unwrap().split_once('#').unwrap();
    enroll(&server, path, "0123456789ab4cdeb0123456789abcde").await;
    let phones = script.read("/api/v1/phones").await;
    let old = phones["items"][0]["id"].as_str().unwrap();

    let weak = token(&server, &[Scope::Invite, Scope::Read]).await;
    let weak = Program::with_token(&server, &weak);
    let asked = with(json!({"phone_id": old, "reason": "key-compromise"}));
    let refused = weak.post("/api/v1/invitations", &asked).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let challenge = refused.headers[header::WWW_AUTHENTICATE].to_str().unwrap();
    assert!(challenge.contains("scope=\"revoke\""), "{challenge}");
    let mut bob = guest("Bob Example");
    bob["replaces"] = json!({"phone_id": old});
    let refused = script.post("/api/v1/invitations", &bob).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND, "another person's");
    let wrong = with(json!({"phone_id": old, "reason": "because"}));
    let refused = script.post("/api/v1/invitations", &wrong).await;
    assert_eq!(refused.json["field"], "reason");

    let invited = script
        .act("/api/v1/invitations", &with(json!({"phone_id": old})))
        .await;
    let id = invited["id"].as_str().unwrap();
    let invitation = format!("/api/v1/invitations/{id}");
    assert_eq!(script.read(&invitation).await["replaces"], old);
    let shown = script.read(&format!("/api/v1/phones/{old}")).await;
    assert_eq!(shown["phone"]["state"], "active");
    assert_eq!(
        shown["replaced_by"],
        json!({"invitation_id": id, "phone_id": null})
    );
    let (path, _) = invited["link"].as_str().unwrap().split_once('#').unwrap();
    enroll(&server, path, "0123456789ab4cdeb0123456789abcdf").await;
    let shown = script.read(&format!("/api/v1/phones/{old}")).await;
    assert_eq!(shown["phone"]["state"], "revoked");
    let new = shown["replaced_by"]["phone_id"].as_str().unwrap();
    let shown = script.read(&format!("/api/v1/phones/{new}")).await;
    assert_eq!(shown["replaces"], old);

    let asked = with(json!({"phone_id": new, "reason": "key-compromise"}));
    script.act("/api/v1/invitations", &asked).await;
    let shown = script.read(&format!("/api/v1/phones/{new}")).await;
    assert_eq!(shown["phone"]["state"], "revoked");
    assert_eq!(shown["certificates"][0]["state"], "revoked");
    let again = script.post("/api/v1/invitations", &asked).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
}
