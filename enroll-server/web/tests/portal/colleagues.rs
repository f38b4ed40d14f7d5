//! Who works here: inviting colleagues, links to choose a password, roles, and disabling accounts.

use std::time::Duration;

use axum::http::StatusCode;

use enroll_server_model::{Actor, EventKind, Role};
use enroll_server_service::colleague;
use enroll_server_service::error::Error;
use enroll_server_service::refusal::Conflict;
use enroll_server_store::{Kind, administrator};

use crate::browser::{Answer, Browser, sign_in};
use crate::server::{EMAIL, PASSWORD, TestServer};

crate::on_both! {
    a_colleague_is_invited_and_chooses_a_password_with_a_link,
    a_link_that_does_not_work_says_why,
    a_forgotten_password_is_chosen_again_with_a_link,
    what_is_wrong_with_an_invitation_is_said_beside_the_field,
    the_links_that_somebody_made_end_with_what_they_may_do,
    a_link_ends_when_its_owner_gets_another_role,
    who_was_disabled_meanwhile_invites_nobody,
    a_changed_role_holds_from_the_next_page_on,
    whoever_is_disabled_is_signed_out_at_once_and_comes_back_when_enabled,
    nobody_changes_their_own_role_or_disables_themselves,
    the_last_administrator_who_can_sign_in_stays_one,
    two_administrators_who_demote_each_other_at_once_leave_one,
    an_account_with_a_link_is_removed_on_the_machine,
}

const KIM: &str = "kim@example.org";
const NEW: &str = "another horse battery staple";

fn says(answer: &Answer, words: &[&str]) {
    for words in words {
        assert!(answer.body.contains(words), "{words:?}: {}", answer.body);
    }
}

/// Invites Kim. Returns the path of Kim's page, and of the link.
async fn invite(browser: &mut Browser, role: &str) -> (String, String) {
    browser.get("/colleagues/new").await;
    let fields = [("name", "Kim Lee"), ("email", KIM), ("role", role)];
    let answer = browser.post("/colleagues/new", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let page = answer.location().to_owned();
    let link = link(&browser.get(&page).await);
    (page, link)
}

/// The path of the link that a colleague's page shows.
fn link(page: &Answer) -> String {
    let url = page.between("id=\"password-link\" href=\"", "\"");
    format!("/password/{}", url.rsplit('/').next().unwrap())
}

/// Chooses a password with a link.
async fn choose(browser: &mut Browser, link: &str, password: &str) -> Answer {
    browser.get(link).await;
    browser.post(link, &[("password", password)]).await
}

async fn id_of(server: &TestServer, email: &str) -> String {
    let found = administrator::by_email(server.store.reader(), email).await;
    found.unwrap().unwrap().id
}

async fn a_colleague_is_invited_and_chooses_a_password_with_a_link(on: Kind) {
    let (server, mut robin) = TestServer::set_up(on).await;
    says(&robin.get("/").await, &["href=\"/colleagues\""]);
    let (page, link) = invite(&mut robin, "officer").await;
    says(
        &robin.get("/colleagues").await,
        &["Kim Lee", "Officer", "Invited", "never", "(you)"],
    );
    // Another browser of the same administrator is not shown the link.
    let mut elsewhere = server.browser();
    sign_in(&mut elsewhere, EMAIL, PASSWORD).await;
    assert!(!elsewhere.get(&page).await.body.contains("password-link"));
    // Nobody signs in without a password.
    let empty = sign_in(&mut server.browser(), KIM, "").await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);

    // Scanners look first.
    for _ in 0..3 {
        let looked = server.browser().get(&link).await;
        assert_eq!(looked.status, StatusCode::OK);
        says(&looked, &["Welcome, Kim Lee", KIM]);
    }
    let mut kim = server.browser();
    let short = choose(&mut kim, &link, "short").await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&short, &["5 characters"]);
    assert_eq!(choose(&mut kim, &link, NEW).await.location(), "/");
    let overview = kim.get("/").await;
    says(&overview, &["Kim Lee", "/invitations/new"]);
    assert!(!overview.body.contains("/colleagues"));
    assert_eq!(
        sign_in(&mut server.browser(), KIM, NEW).await.location(),
        "/"
    );

    let shown = robin.get(&page).await;
    says(&shown, &["Active", "just now"]);
    assert!(!shown.body.contains("password-link\""));
    let audit = robin.get("/audit").await;
    says(
        &audit,
        &[
            "Colleague Kim Lee invited",
            "role: Officer",
            "Password of Kim Lee chosen with a link",
            "Kim Lee, through the link",
        ],
    );
    for kind in [EventKind::ColleagueInvited, EventKind::PasswordChosen] {
        assert_eq!(server.events(kind).await, 1, "{kind}");
    }
}

async fn a_link_that_does_not_work_says_why(on: Kind) {
    let (server, mut robin) = TestServer::set_up(on).await;
    let (page, first) = invite(&mut robin, "auditor").await;
    let made = robin.post(&format!("{page}/link"), &[]).await;
    let second = link(&robin.get(made.location()).await);
    assert_ne!(first, second);
    let mut kim = server.browser();
    assert_eq!(choose(&mut kim, &second, NEW).await.location(), "/");
    let made = robin.post(&format!("{page}/link"), &[]).await;
    let third = link(&robin.get(made.location()).await);
    server.wait(Duration::from_secs(3 * 24 * 60 * 60 + 3600));
    let unknown = format!("/password/{}", "A".repeat(32));
    for (path, status, words) in [
        (&first, StatusCode::GONE, "There is a newer link"),
        (&second, StatusCode::GONE, "it works only once"),
        (&third, StatusCode::GONE, "was not used in time"),
        (&unknown, StatusCode::NOT_FOUND, "not known here"),
    ] {
        let mut browser = server.browser();
        browser.get("/sign-in").await;
        let sent = browser.post(path, &[("password", PASSWORD)]).await;
        for answer in [server.browser().get(path).await, sent] {
            assert_eq!(answer.status, status, "{path}");
            says(&answer, &["This link does not work", words, "/sign-in"]);
        }
    }
    let refused = sign_in(&mut server.browser(), KIM, PASSWORD).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
}

async fn a_forgotten_password_is_chosen_again_with_a_link(on: Kind) {
    let (server, mut robin) = TestServer::set_up(on).await;
    let mut officer = server.colleague(Role::Officer).await;
    let email = "officer@example.org";
    let page = format!("/colleagues/{}", id_of(&server, email).await);
    robin.get(&page).await;
    let made = robin.post(&format!("{page}/link"), &[]).await;
    let link = link(&robin.get(made.location()).await);
    // The old password works until there is a new one.
    assert_eq!(officer.get("/").await.status, StatusCode::OK);
    let mut again = server.browser();
    assert_eq!(choose(&mut again, &link, NEW).await.location(), "/");
    assert!(officer.get("/").await.location().starts_with("/sign-in"));
    let old = sign_in(&mut server.browser(), email, PASSWORD).await;
    assert_eq!(old.status, StatusCode::UNPROCESSABLE_ENTITY);
    let new = sign_in(&mut server.browser(), email, NEW).await;
    assert_eq!(new.location(), "/");
    assert_eq!(server.events(EventKind::PasswordLinkCreated).await, 1);
}

async fn what_is_wrong_with_an_invitation_is_said_beside_the_field(on: Kind) {
    let (_server, mut robin) = TestServer::set_up(on).await;
    robin.get("/colleagues/new").await;
    let fields = [("name", ""), ("email", "kim"), ("role", "boss")];
    let answer = robin.post("/colleagues/new", &fields).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(
        &answer,
        &["Enter a name", "with an @", "Choose a role", "Error: "],
    );
    let fields = [("name", "Kim"), ("email", EMAIL), ("role", "officer")];
    let answer = robin.post("/colleagues/new", &fields).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&answer, &["Robin Meyer signs in with this mail address"]);
}

async fn a_changed_role_holds_from_the_next_page_on(on: Kind) {
    let (server, mut robin) = TestServer::set_up(on).await;
    let mut kim = server.colleague(Role::Officer).await;
    assert_eq!(kim.get("/invitations/new").await.status, StatusCode::OK);
    let page = format!(
        "/colleagues/{}",
        id_of(&server, "officer@example.org").await
    );
    says(&robin.get(&format!("{page}/role")).await, &["checked"]);
    let nothing = robin.post(&format!("{page}/role"), &[]).await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    let role = [("role", "auditor")];
    let changed = robin.post(&format!("{page}/role"), &role).await;
    assert_eq!(changed.location(), page);
    says(&robin.get(&page).await, &["is now: Auditor"]);
    let refused = kim.get("/invitations/new").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    robin.post(&format!("{page}/role"), &role).await;
    says(&robin.get(&page).await, &["The role is what it was"]);
    assert_eq!(server.events(EventKind::RoleChanged).await, 1);
    let audit = robin.get("/audit").await;
    says(&audit, &["changed: Officer → Auditor", "Robin Meyer"]);
}

async fn the_links_that_somebody_made_end_with_what_they_may_do(on: Kind) {
    for act in ["disable", "role"] {
        let (server, mut robin) = TestServer::set_up(on).await;
        let mut leaving = server.colleague(Role::Administrator).await;
        let (_, link) = invite(&mut leaving, "administrator").await;
        assert_eq!(server.browser().get(&link).await.status, StatusCode::OK);
        let id = id_of(&server, "administrator@example.org").await;
        let path = format!("/colleagues/{id}/{act}");
        robin.get(&path).await;
        robin.post(&path, &[("role", "auditor")]).await;
        let gone = server.browser().get(&link).await;
        assert_eq!(gone.status, StatusCode::GONE, "{act}");
    }
}

async fn a_link_ends_when_its_owner_gets_another_role(on: Kind) {
    let (server, mut robin) = TestServer::set_up(on).await;
    let (page, link) = invite(&mut robin, "auditor").await;
    robin.get(&page).await;
    let fields = [("role", "administrator")];
    robin.post(&format!("{page}/role"), &fields).await;
    let gone = server.browser().get(&link).await;
    assert_eq!(gone.status, StatusCode::GONE);
}

async fn who_was_disabled_meanwhile_invites_nobody(on: Kind) {
    let (server, mut robin) = TestServer::set_up(on).await;
    server.colleague(Role::Administrator).await;
    let id = id_of(&server, "administrator@example.org").await;
    robin.get(&format!("/colleagues/{id}")).await;
    robin.post(&format!("/colleagues/{id}/disable"), &[]).await;
    // As a request that began before.
    let by = Actor::administrator(&id, "Kim", "192.0.2.1");
    let new = colleague::NewColleague {
        name: "Kim Lee".to_owned(),
        email: KIM.to_owned(),
        role: Role::Administrator,
    };
    let refused = colleague::invite(&server.app, new, &by).await;
    assert!(
        matches!(refused, Err(Error::Conflict(Conflict::NoAdministrator))),
        "{refused:?}"
    );
    let own = id_of(&server, EMAIL).await;
    let refused = colleague::disable(&server.app, &own, &by).await;
    assert!(matches!(
        refused,
        Err(Error::Conflict(Conflict::NoAdministrator))
    ));
}

async fn whoever_is_disabled_is_signed_out_at_once_and_comes_back_when_enabled(on: Kind) {
    let (server, mut robin) = TestServer::set_up(on).await;
    let email = "officer@example.org";
    let mut kim = server.colleague(Role::Officer).await;
    let page = format!("/colleagues/{}", id_of(&server, email).await);
    robin.get(&page).await;
    let made = robin.post(&format!("{page}/link"), &[]).await;
    let link = link(&robin.get(made.location()).await);
    says(
        &robin.get(&format!("{page}/disable")).await,
        &["signed out everywhere at once"],
    );
    robin.post(&format!("{page}/disable"), &[]).await;
    says(&robin.get(&page).await, &["is disabled.", "Enable"]);
    assert!(kim.get("/").await.location().starts_with("/sign-in"));
    let refused = sign_in(&mut server.browser(), email, PASSWORD).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let gone = server.browser().get(&link).await;
    assert_eq!(gone.status, StatusCode::GONE);
    for path in ["link", "disable"] {
        let again = robin.post(&format!("{page}/{path}"), &[]).await;
        assert_eq!(again.status, StatusCode::CONFLICT, "{path}");
        says(&again, &["This account is disabled"]);
    }
    robin.post(&format!("{page}/enable"), &[]).await;
    says(
        &robin.get(&page).await,
        &["is enabled, with the password of before."],
    );
    assert_eq!(sign_in(&mut kim, email, PASSWORD).await.location(), "/");
    assert_eq!(
        server.browser().get(&link).await.status,
        StatusCode::GONE,
        "a link of before stays ended"
    );
    for kind in [EventKind::ColleagueDisabled, EventKind::ColleagueEnabled] {
        assert_eq!(server.events(kind).await, 1, "{kind}");
    }
    let audit = robin.get("/audit").await;
    says(&audit, &["Account of Kim officer disabled", "sessions: 1"]);
}

async fn nobody_changes_their_own_role_or_disables_themselves(on: Kind) {
    let (server, mut robin) = TestServer::set_up(on).await;
    server.colleague(Role::Administrator).await;
    let own = format!("/colleagues/{}", id_of(&server, EMAIL).await);
    let page = robin.get(&own).await;
    says(&page, &["This is you", "href=\"/account\""]);
    for deed in ["role", "disable", "link"] {
        assert!(!page.body.contains(&format!("{own}/{deed}")), "{deed}");
        let fields = [("role", "auditor")];
        let refused = robin.post(&format!("{own}/{deed}"), &fields).await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{deed}");
        says(&refused, &["Another administrator can"]);
    }
    assert_eq!(robin.get("/colleagues").await.status, StatusCode::OK);
}

fn actor(id: &str) -> Actor {
    Actor::administrator(id, "Somebody", "192.0.2.7")
}

fn is_last(result: Result<bool, Error>) -> bool {
    matches!(result, Err(Error::Conflict(Conflict::LastAdministrator)))
}

async fn the_last_administrator_who_can_sign_in_stays_one(on: Kind) {
    let (server, mut robin) = TestServer::set_up(on).await;
    // One who has no password yet cannot take the place.
    invite(&mut robin, "administrator").await;
    let robin_id = id_of(&server, EMAIL).await;
    let kim = actor(&id_of(&server, KIM).await);
    let demoted = colleague::change_role(&server.app, &robin_id, Role::Officer, &kim).await;
    assert!(is_last(demoted));
    let disabled = colleague::disable(&server.app, &robin_id, &kim).await;
    assert!(is_last(disabled.map(|()| true)));
    assert_eq!(robin.get("/colleagues").await.status, StatusCode::OK);
    assert_eq!(server.events(EventKind::RoleChanged).await, 0);
    assert_eq!(server.events(EventKind::ColleagueDisabled).await, 0);
}

/// Whoever acts has just been demoted.
fn is_out(result: Result<bool, Error>) -> bool {
    matches!(result, Err(Error::Conflict(Conflict::NoAdministrator)))
}

async fn two_administrators_who_demote_each_other_at_once_leave_one(on: Kind) {
    let (server, _) = TestServer::set_up(on).await;
    server.colleague(Role::Administrator).await;
    let one = id_of(&server, EMAIL).await;
    let other = id_of(&server, "administrator@example.org").await;
    let (by_one, by_other) = (actor(&one), actor(&other));
    for _ in 0..5 {
        let (first, second) = tokio::join!(
            colleague::change_role(&server.app, &other, Role::Officer, &by_one),
            colleague::change_role(&server.app, &one, Role::Officer, &by_other),
        );
        assert_ne!(first.is_ok(), second.is_ok(), "{first:?} {second:?}");
        let (demoted, by) = if first.is_ok() {
            assert!(is_out(second));
            (&other, &by_one)
        } else {
            assert!(is_out(first));
            (&one, &by_other)
        };
        let back = colleague::change_role(&server.app, demoted, Role::Administrator, by).await;
        assert!(back.unwrap());
    }
}

async fn an_account_with_a_link_is_removed_on_the_machine(on: Kind) {
    let (server, mut robin) = TestServer::set_up(on).await;
    let (_, link) = invite(&mut robin, "officer").await;
    let administration = server.administration().await;
    let kim = administration.find(KIM).await.unwrap();
    administration.remove(&kim).await.unwrap();
    let gone = server.browser().get(&link).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
}
