//! What administrators, officers and auditors may do: every address for every role, and every link and form that they see.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::{Method, StatusCode};

use enroll_server::access::Access;
use enroll_server::routes::ROUTES;
use enroll_server_model::Role;
use enroll_server_store::Kind;

use crate::access::filled_in;
use crate::browser::{Answer, Browser};
use crate::invitations::invite;
use crate::pages::{sign_in_certificate, with_phone};
use crate::server::TestServer;

crate::on_both! {
    each_role_may_use_the_addresses_of_its_role_and_no_other,
    what_is_refused_has_a_page_that_says_who_may_do_it,
    an_administrator_is_refused_nothing_that_a_page_offers,
    an_officer_is_refused_nothing_that_a_page_offers,
    an_auditor_is_refused_nothing_that_a_page_offers_and_is_offered_no_change,
}

const SIGN_OUT: &str = "/sign-out";

async fn each_role_may_use_the_addresses_of_its_role_and_no_other(on: Kind) {
    let (server, _) = TestServer::set_up(on).await;
    for role in Role::ALL {
        let mut browser = server.colleague(*role).await;
        browser.get("/").await;
        let mut routes: Vec<_> = ROUTES
            .iter()
            .filter(|route| route.access.asks_to_sign_in())
            .collect();
        // It ends the session.
        routes.sort_by_key(|route| route.path == SIGN_OUT);
        for route in routes {
            let path = filled_in(route.path);
            let answer = match route.method {
                Method::GET => browser.get(&path).await,
                _ => browser.post(&path, &[]).await,
            };
            let what = format!("{role}: {} {}: {}", route.method, route.path, answer.status);
            if route.access.admits(*role) {
                assert_ne!(answer.status, StatusCode::FORBIDDEN, "{what}");
                assert!(!answer.status.is_server_error(), "{what}");
                continue;
            }
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{what}");
            assert!(answer.body.contains("Your role does not allow"), "{what}");
        }
    }
    assert!(Access::Everyone.admits(Role::Auditor));
    assert!(!Access::Officers.admits(Role::Auditor));
    assert!(!Access::Administrators.admits(Role::Officer));
}

async fn what_is_refused_has_a_page_that_says_who_may_do_it(on: Kind) {
    let (server, _) = TestServer::set_up(on).await;
    let mut auditor = server.colleague(Role::Auditor).await;
    let refused = auditor.get("/invitations/new").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    for words in [
        "Only officers and administrators may do this.",
        "Your role is: Auditor.",
        "ask an administrator",
        "href=\"/\"",
    ] {
        assert!(refused.body.contains(words), "{words}: {}", refused.body);
    }
}

/// What a page offers: the pages that its links lead to, and the addresses that its forms are sent to.
#[derive(Default)]
struct Offered {
    pages: BTreeSet<String>,
    forms: BTreeSet<String>,
}

impl Offered {
    fn on(answer: &Answer) -> Self {
        let attribute = |before: &str| -> BTreeSet<String> {
            answer
                .body
                .split(before)
                .skip(1)
                .map(|rest| rest.split('"').next().unwrap().replace("&amp;", "&"))
                .collect()
        };
        Self {
            pages: attribute("href=\"")
                .into_iter()
                .chain(attribute("data-poll=\""))
                .filter(|path| path.starts_with('/') && !path.starts_with("/assets/"))
                .collect(),
            forms: attribute("method=\"post\" action=\""),
        }
    }
}

/// Follows every link from the overview on. Returns the pages that were found, and the forms with the page that each is on.
async fn walk(browser: &mut Browser) -> (BTreeSet<String>, BTreeMap<String, String>) {
    let mut seen = BTreeSet::new();
    let mut forms = BTreeMap::new();
    let mut ahead = vec!["/".to_owned()];
    while let Some(path) = ahead.pop() {
        if !seen.insert(path.clone()) {
            continue;
        }
        let answer = browser.get(&path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
        let offered = Offered::on(&answer);
        ahead.extend(offered.pages);
        for form in offered.forms {
            forms.insert(form, path.clone());
        }
    }
    (seen, forms)
}

/// A server with people, phones and invitations in each of their states, and somebody who signed in with this role.
async fn in_use(on: Kind, role: Role) -> (TestServer, Browser) {
    let (server, mut browser, phone) = with_phone(on).await;
    let alice = format!(
        "/holders/{}",
        browser.get(&phone).await.between("href=\"/holders/", "\"")
    );
    let certificate = sign_in_certificate(&mut browser, &phone).await;
    let revoked = [("reason", "superseded"), ("note", "")];
    browser
        .post(&format!("{certificate}/revoke"), &revoked)
        .await;
    let (cancelled, _) = invite(&mut browser).await;
    browser.post(&format!("{cancelled}/cancel"), &[]).await;
    invite(&mut browser).await;
    for (name, deed) in [("sam", "suspend"), ("gwen", "let-go")] {
        let email = format!("{name}@example.org");
        let fields = [
            ("name", name),
            ("email", &email),
            ("upn", &email),
            ("profile", "compact"),
        ];
        let page = browser.post("/invitations/new", &fields).await;
        let page = browser.get(page.location()).await;
        let holder = format!("/holders/{}", page.between("href=\"/holders/", "\""));
        let done = [("note", ""), ("reason", "privilege-withdrawn")];
        let answer = browser.post(&format!("{holder}/{deed}"), &done).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    }
    let hook = [
        ("url", "https://hooks.example.org/x"),
        ("objects", "holder"),
    ];
    let added = browser.post("/webhooks/new", &hook).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.body);
    let token = [("name", "x"), ("days", "1"), ("scopes", "read")];
    let made = browser.post("/api-tokens/new", &token).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
    let suspended = browser
        .post(&format!("{alice}/suspend"), &[("note", "")])
        .await;
    assert_eq!(suspended.status, StatusCode::SEE_OTHER);
    let browser = server.colleague(role).await;
    (server, browser)
}

/// Sends every form with nothing filled in.
async fn send_all(browser: &mut Browser, forms: &BTreeMap<String, String>) {
    for (form, page) in forms {
        if form == SIGN_OUT {
            continue;
        }
        let answer = browser.post(form, &[]).await;
        assert_ne!(answer.status, StatusCode::FORBIDDEN, "{form} on {page}");
    }
}

async fn an_administrator_is_refused_nothing_that_a_page_offers(on: Kind) {
    let (server, mut administrator) = in_use(on, Role::Administrator).await;
    server.colleague(Role::Officer).await;
    let (pages, forms) = walk(&mut administrator).await;
    for end in [
        "/colleagues/new",
        "/role",
        "/disable",
        "/let-go",
        "/webhooks/new",
        "/api-tokens/new",
        "/edit",
    ] {
        assert!(pages.iter().any(|page| page.ends_with(end)), "{end}");
    }
    send_all(&mut administrator, &forms).await;
}

async fn an_officer_is_refused_nothing_that_a_page_offers(on: Kind) {
    // Where nothing is there yet, too.
    let (empty, _) = TestServer::set_up(on).await;
    walk(&mut empty.colleague(Role::Officer).await).await;

    let (_server, mut officer) = in_use(on, Role::Officer).await;
    let (pages, forms) = walk(&mut officer).await;
    for end in ["/edit", "/remove", "/let-go", "/cancel", "/revoke", "/new"] {
        assert!(
            pages.iter().any(|page| page.ends_with(end)),
            "{end}: {pages:?}"
        );
    }
    assert!(forms.keys().any(|form| form.ends_with("/resume")));
    send_all(&mut officer, &forms).await;
}

async fn an_auditor_is_refused_nothing_that_a_page_offers_and_is_offered_no_change(on: Kind) {
    let (empty, _) = TestServer::set_up(on).await;
    walk(&mut empty.colleague(Role::Auditor).await).await;

    let (_server, mut auditor) = in_use(on, Role::Auditor).await;
    let (pages, forms) = walk(&mut auditor).await;
    for list in ["/holders", "/phones", "/certificates", "/invitations"] {
        let below = format!("{list}/");
        assert!(pages.iter().any(|page| page.starts_with(&below)), "{list}");
    }
    assert!(pages.contains("/audit"));
    for form in forms.keys() {
        let is_own = form == SIGN_OUT || form.starts_with("/account/");
        assert!(is_own, "{form} on {}", forms[form]);
    }
}
