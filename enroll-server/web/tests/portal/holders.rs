//! Holders: what was typed of them can be corrected, and who never had a phone can be removed.

use axum::http::StatusCode;

use enroll_server_model::EventKind;
use enroll_server_store::Kind;

use crate::browser::{Answer, Browser};
use crate::invitations::invite;
use crate::pages::{GUID, enroll, with_phone};
use crate::server::TestServer;

crate::on_both! {
    what_was_typed_can_be_corrected_and_certificates_issued_again,
    what_is_another_persons_or_cannot_be_is_refused,
    a_holder_without_phones_can_be_removed,
    the_account_of_a_system_needs_a_second_word,
    a_mail_address_of_two_needs_a_second_word,
    names_that_look_like_others_are_refused,
    an_invitation_that_is_over_does_not_expire,
}

/// The path of the only holder.
async fn holder(browser: &mut Browser) -> String {
    let list = browser.get("/holders").await;
    format!("/holders/{}", list.between("href=\"/holders/", "\""))
}

async fn send(
    browser: &mut Browser,
    path: &str,
    names: [&str; 3],
    more: &[(&str, &str)],
) -> Answer {
    browser.get(path).await;
    let [name, email, upn] = names;
    let mut fields = vec![("name", name), ("email", email), ("upn", upn)];
    fields.extend_from_slice(more);
    browser.post(path, &fields).await
}

const CORRECTED: [&str; 3] = [
    "Alice O’Brien",
    "alice.o'brien@münchen.example",
    "alice@example.org",
];

async fn what_was_typed_can_be_corrected_and_certificates_issued_again(on: Kind) {
    let (server, mut browser, _) = with_phone(on).await;
    let page = holder(&mut browser).await;
    assert!(
        !browser
            .get(&page)
            .await
            .body
            .contains("Invite to enroll again")
    );
    let edit = format!("{page}/edit");
    assert!(browser.get(&page).await.body.contains(&edit));
    let answer = send(&mut browser, &edit, CORRECTED, &[]).await;
    assert_eq!(answer.location(), page, "{}", answer.body);

    // What certificates say that are valid is named, each with what it says otherwise.
    let shown = browser.get(&page).await;
    assert!(shown.body.contains("The corrections are saved."));
    for words in [
        "Alice O’Brien",
        "alice.o&#39;brien@münchen.example",
        "Certificates that say something else",
        "It says Alice Example, alice@example.org.",
    ] {
        assert!(shown.body.contains(words), "{words}: {}", shown.body);
    }
    assert_eq!(
        shown.body.matches("It says ").count(),
        3,
        "9E names the card"
    );
    let audit = browser.get("/audit").await;
    assert!(audit.body.contains("name: Alice Example → Alice O’Brien"));
    assert!(
        audit
            .body
            .contains("mail address: alice@example.org → alice.o&#39;brien@münchen.example")
    );
    for word in ["münchen", "xn--mnchen-3ya"] {
        let found = browser
            .get(&format!("/holders?q={word}").replace('ü', "%C3%BC"))
            .await;
        assert!(found.body.contains("Alice O’Brien"), "{word}");
    }

    // The offered invitation has the new names, and the phone's new certificates too.
    let again = shown
        .between("href=\"/invitations/new?holder=", "\"")
        .to_owned();
    let form = browser
        .get(&format!("/invitations/new?holder={again}"))
        .await;
    assert!(form.body.contains("value=\"Alice O’Brien\""));
    let fields = [("profile", "compact")];
    let invited = send(&mut browser, "/invitations/new", CORRECTED, &fields).await;
    let invitation = browser.get(invited.location()).await;
    let link = invitation.between("id=\"invitation-link\" href=\"", "\"");
    let token = link.split_once("/invitation/").unwrap().1;
    let token = token.split('#').next().unwrap();
    enroll(&server, &format!("/invitation/{token}"), GUID).await;
    let shown = browser.get(&page).await;
    assert!(!shown.body.contains("It says "), "{}", shown.body);
    let certificates = browser.get("/certificates?state=valid").await;
    let id = certificates
        .between("href=\"/certificates/", "\"")
        .to_owned();
    let certificate = browser.get(&format!("/certificates/{id}")).await;
    assert!(certificate.body.contains("Alice O’Brien"));

    let answer = send(&mut browser, &edit, CORRECTED, &[]).await;
    assert_eq!(answer.location(), page);
    assert!(
        browser
            .get(&page)
            .await
            .body
            .contains("Nothing was changed.")
    );
    assert_eq!(server.events(EventKind::HolderEdited).await, 1);
}

async fn what_is_another_persons_or_cannot_be_is_refused(on: Kind) {
    let (server, mut browser, _) = with_phone(on).await;
    let page = holder(&mut browser).await;
    let bob = ["Bob Example", "bob@example.org", "bob@example.org"];
    let fields = [("profile", "compact")];
    let invited = send(&mut browser, "/invitations/new", bob, &fields).await;
    assert_eq!(invited.status, StatusCode::SEE_OTHER);
    let edit = format!("{page}/edit");
    for (names, words) in [
        (
            ["A", "a@b.c", "bob@elsewhere.example"],
            "already belongs to Bob Example",
        ),
        (["", "a@b.c", "a@b.c"], "Enter a name"),
        (["A", "a..b@b.c", "a@b.c"], "one at a time"),
        (["A", "älice@b.c", "a@b.c"], "without accents"),
        (["A", "a@b..c", "a@b.c"], "enter a domain name"),
        (
            ["A", "a@b.c", "o'brien@b.c"],
            "dashes, plus signs and underscores",
        ),
    ] {
        let answer = send(&mut browser, &edit, names, &[]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{words}");
        assert!(answer.body.contains(words), "{words}: {}", answer.body);
    }
    // The field's name stands once: beside the field its label says it.
    let answer = send(&mut browser, &edit, ["A", "a", "a"], &[]).await;
    let beside = answer.between("id=\"email-error\">", "</div>");
    assert!(beside.contains("Enter an address"), "{beside}");
    assert!(!beside.contains("Mail address"), "{beside}");
    let summary = answer.between("error-summary", "<nav");
    assert!(
        summary.contains("Mail address: Enter an address"),
        "{summary}"
    );
    assert_eq!(server.events(EventKind::HolderEdited).await, 0);
}

async fn a_holder_without_phones_can_be_removed(on: Kind) {
    let (server, mut browser) = TestServer::set_up(on).await;
    let (invitation, link) = invite(&mut browser).await;
    let page = holder(&mut browser).await;
    let before = browser.get("/audit").await;
    let question = browser.get(&format!("{page}/remove")).await;
    assert!(question.body.contains("1 open invitation is cancelled"));
    let answer = browser.post(&format!("{page}/remove"), &[]).await;
    assert_eq!(answer.location(), "/holders");
    let list = browser.get("/holders").await;
    assert!(list.body.contains("Alice Example was removed."));
    assert!(list.body.contains("Nobody yet"));
    assert_eq!(browser.get(&page).await.status, StatusCode::NOT_FOUND);
    let opened = server.browser().get(&link).await;
    assert!(opened.body.contains("This invitation is not known here"));
    assert_eq!(server.events(EventKind::InvitationCancelled).await, 1);
    let audit = browser.get("/audit").await;
    for words in [
        "Alice Example invited",
        "Holder Alice Example removed",
        "account name: alice@example.org",
    ] {
        assert!(audit.body.contains(words), "{words}");
    }
    // What is gone has no page that an event could lead to.
    let overview = browser.get("/").await;
    for gone in [&page, &invitation] {
        let link = format!("href=\"{gone}\"");
        assert!(before.body.contains(&link), "{link}");
        assert!(!audit.body.contains(&link), "{link}");
        assert!(!overview.body.contains(&link), "{link}");
    }

    // The account can be another person's now, who cannot be removed once a phone was enrolled.
    let (_, link) = invite(&mut browser).await;
    enroll(&server, &link, GUID).await;
    let page = holder(&mut browser).await;
    assert!(
        !browser
            .get(&page)
            .await
            .body
            .contains(&format!("{page}/remove"))
    );
    for refused in [
        browser.get(&format!("{page}/remove")).await,
        browser.post(&format!("{page}/remove"), &[]).await,
    ] {
        assert_eq!(refused.status, StatusCode::CONFLICT);
        assert!(refused.body.contains("its certificates name the holder"));
    }
    assert_eq!(server.events(EventKind::HolderRemoved).await, 1);
}

async fn the_account_of_a_system_needs_a_second_word(on: Kind) {
    let (server, mut browser) = TestServer::set_up(on).await;
    let root = ["Rita Oot", "rita@example.org", "Root@example.org"];
    let compact = ("profile", "compact");
    let asked = send(&mut browser, "/invitations/new", root, &[compact]).await;
    assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        asked
            .body
            .contains("root is the name of an account that systems have")
    );
    assert!(
        asked
            .body
            .contains("name=\"system_account\" value=\"yes\">")
    );
    assert_eq!(server.events(EventKind::HolderCreated).await, 0);
    let yes = ("system_account", "yes");
    let invited = send(&mut browser, "/invitations/new", root, &[compact, yes]).await;
    assert_eq!(invited.status, StatusCode::SEE_OTHER, "{}", invited.body);
    // Once is enough.
    let invited = send(&mut browser, "/invitations/new", root, &[compact]).await;
    assert_eq!(invited.status, StatusCode::SEE_OTHER);

    let page = holder(&mut browser).await;
    let edit = format!("{page}/edit");
    let bin = ["Rita Oot", "rita@example.org", "bin@example.org"];
    let asked = send(&mut browser, &edit, bin, &[]).await;
    assert!(asked.body.contains("bin is the name of an account"));
    let saved = send(&mut browser, &edit, bin, &[yes]).await;
    assert_eq!(saved.location(), page);
}

async fn a_mail_address_of_two_needs_a_second_word(on: Kind) {
    let (server, mut browser) = TestServer::set_up(on).await;
    let compact = ("profile", "compact");
    let alice = ["Alice Example", "team@example.org", "alice@example.org"];
    let bob = ["Bob Example", "Team@example.org", "bob@example.org"];
    let invited = send(&mut browser, "/invitations/new", alice, &[compact]).await;
    assert_eq!(invited.status, StatusCode::SEE_OTHER, "{}", invited.body);
    let asked = send(&mut browser, "/invitations/new", bob, &[compact]).await;
    assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);
    for words in [
        "team@example.org is already the mail address of Alice Example",
        "name=\"shared_mail\" value=\"yes\">",
    ] {
        assert!(asked.body.contains(words), "{}", asked.body);
    }
    assert_eq!(server.events(EventKind::HolderCreated).await, 1);
    // Another address that only has the same end is nobody's.
    let eve = ["Eve Example", "eam@example.org", "eve@example.org"];
    let invited = send(&mut browser, "/invitations/new", eve, &[compact]).await;
    assert_eq!(invited.status, StatusCode::SEE_OTHER);
    let yes = ("shared_mail", "yes");
    let invited = send(&mut browser, "/invitations/new", bob, &[compact, yes]).await;
    assert_eq!(invited.status, StatusCode::SEE_OTHER, "{}", invited.body);
    // Once is enough.
    let invited = send(&mut browser, "/invitations/new", bob, &[compact]).await;
    assert_eq!(invited.status, StatusCode::SEE_OTHER);
    let bobs = browser.get("/holders?q=bob").await;
    let page = format!("/holders/{}", bobs.between("href=\"/holders/", "\""));
    let edit = format!("{page}/edit");
    let eves = ["Bob Example", "eam@example.org", "bob@example.org"];
    let asked = send(&mut browser, &edit, eves, &[]).await;
    assert!(asked.body.contains("the mail address of Eve Example"));
    let saved = send(&mut browser, &edit, eves, &[yes]).await;
    assert_eq!(saved.location(), page);
}

async fn names_that_look_like_others_are_refused(on: Kind) {
    let (_server, mut browser) = TestServer::set_up(on).await;
    for (name, character) in [
        ("Alice\u{202e}elpmaxE", "U+202E"),
        ("Ali\u{200b}ce", "U+200B"),
        ("Alice \u{378}", "U+0378"),
    ] {
        let names = [name, "alice@example.org", "alice@example.org"];
        let fields = [("profile", "compact")];
        let refused = send(&mut browser, "/invitations/new", names, &fields).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            refused
                .body
                .contains(&format!("without the character {character}"))
        );
    }
    // One that is written from right to left stays within its own bounds.
    let names = ["محمد علی", "m@example.org", "m@example.org"];
    let invited = send(
        &mut browser,
        "/invitations/new",
        names,
        &[("profile", "compact")],
    )
    .await;
    assert_eq!(invited.status, StatusCode::SEE_OTHER, "{}", invited.body);
    for path in ["/holders", "/invitations"] {
        let list = browser.get(path).await;
        assert!(list.body.contains("<bdi>محمد علی</bdi>"), "{path}");
    }
}

async fn an_invitation_that_is_over_does_not_expire(on: Kind) {
    let (_server, mut browser) = TestServer::set_up(on).await;
    let (page, _) = invite(&mut browser).await;
    assert!(browser.get(&page).await.body.contains(">Expires<"));
    assert!(browser.get("/invitations").await.body.contains("in 7 days"));
    browser.post(&format!("{page}/cancel"), &[]).await;
    let shown = browser.get(&page).await.body;
    assert!(!shown.contains(">Expires<") && !shown.contains("in 7 days"));
    assert!(shown.contains("<dt>Cancelled</dt>"), "{shown}");
    assert!(!browser.get("/invitations").await.body.contains("in 7 days"));
}
