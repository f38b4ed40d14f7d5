//! What is done to a person as a whole and to a phone that can come back: suspend, resume, let go, take back; and who did it,
//! when and why, shown afterwards.

use axum::http::StatusCode;

use enroll_server_model::EventKind;
use enroll_server_store::Kind;

use crate::browser::{Answer, Browser};
use crate::invitations::invite;
use crate::pages::{enroll, with_phone};

crate::on_both! {
    a_phone_is_suspended_with_a_note_and_resumed_with_one_click,
    a_person_is_suspended_with_all_they_have_and_resumed,
    a_person_is_let_go_in_one_act_and_can_be_taken_back,
    who_revoked_a_phone_when_and_why_is_shown_with_the_next_step,
    a_note_that_cannot_be_comes_back_with_all_that_was_typed,
    a_persons_page_tells_everything_that_happened_to_them,
    the_list_of_people_tells_phones_and_expiry_and_is_filtered,
    a_hold_is_no_reason_to_revoke,
}

/// The path of the only holder.
async fn holder(browser: &mut Browser) -> String {
    let list = browser.get("/holders").await;
    format!("/holders/{}", list.between("href=\"/holders/", "\""))
}

fn says(answer: &Answer, words: &[&str]) {
    for words in words {
        assert!(
            answer.body.contains(words),
            "{words:?} is not on: {}",
            answer.body
        );
    }
}

/// The texts of the links and buttons at the head of a page.
fn actions(page: &Answer) -> Vec<String> {
    let head = page.between("<div class=\"actions\">", "</div>");
    let text = |rest: &str| rest.split('<').next().unwrap().to_owned();
    let ends = head.match_indices('>');
    let texts = ends.map(|(at, _)| text(&head[at + 1..]));
    texts.filter(|text| !text.trim().is_empty()).collect()
}

async fn a_phone_is_suspended_with_a_note_and_resumed_with_one_click(on: Kind) {
    let (server, mut browser, phone) = with_phone(on).await;
    let page = browser.get(&phone).await;
    assert_eq!(
        actions(&page),
        [
            "Suspend",
            "Replace",
            "Revoke this phone",
            "Rename",
            "Forgotten PIN"
        ]
    );
    let question = browser.get(&format!("{phone}/suspend")).await;
    says(
        &question,
        &[
            "of Alice Example?",
            "4 valid certificates are put on hold.",
            "You can resume it at any time",
            "If somebody may have the phone and its PIN, revoke it.",
        ],
    );
    assert_eq!(server.events(EventKind::PhoneSuspended).await, 0);

    let fields = [("note", "  left in a taxi,\n   she thinks ")];
    let answer = browser.post(&format!("{phone}/suspend"), &fields).await;
    assert_eq!(answer.location(), phone);
    let page = browser.get(&phone).await;
    says(
        &page,
        &[
            "The phone is suspended: 4 certificates are on hold.",
            "This phone of Alice Example is suspended",
            "by Robin Meyer",
            "left in a taxi, she thinks",
        ],
    );
    assert_eq!(
        actions(&page),
        ["Resume", "Replace", "Revoke this phone", "Rename"]
    );
    assert_eq!(page.body.matches(">Suspended</span>").count(), 5);
    for list in ["/phones?state=suspended", "/certificates?state=suspended"] {
        let listed = browser.get(list).await;
        assert!(listed.body.contains("<tbody>"), "{list}");
    }
    // What is on hold is not counted as revoked.
    let overview = browser.get("/").await;
    let figure = overview.between("href=\"/certificates?state=revoked\"", "</a>");
    assert!(figure.contains(">0<"), "{figure}");
    let revoked = browser.get("/phones?state=revoked").await;
    assert!(!revoked.body.contains("<tbody>"));

    let answer = browser.post(&format!("{phone}/resume"), &[]).await;
    assert_eq!(answer.location(), phone);
    let page = browser.get(&phone).await;
    says(
        &page,
        &[
            "The phone is resumed: 4 certificates are good again.",
            "it has 4 valid certificates.",
        ],
    );
    assert!(!page.body.contains("<dt>Note</dt>"));
    let again = browser.post(&format!("{phone}/resume"), &[]).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    let audit = browser.get("/audit").await;
    says(
        &audit,
        &["Phone suspended", "note: left in a taxi, she thinks"],
    );
}

async fn a_person_is_suspended_with_all_they_have_and_resumed(on: Kind) {
    let (server, mut browser, phone) = with_phone(on).await;
    let (_, link) = invite(&mut browser).await;
    let person = holder(&mut browser).await;
    let page = browser.get(&person).await;
    assert_eq!(
        actions(&page),
        ["Invite another phone", "Correct", "Suspend", "Let go"]
    );
    let question = browser.get(&format!("{person}/suspend")).await;
    says(
        &question,
        &[
            "Suspend Alice Example?",
            "1 phone is suspended: its certificates are on hold.",
            "1 open invitation does not work meanwhile.",
        ],
    );
    let fields = [("note", "on leave until May")];
    let answer = browser.post(&format!("{person}/suspend"), &fields).await;
    assert_eq!(answer.location(), person);
    let page = browser.get(&person).await;
    says(
        &page,
        &[
            "Alice Example is suspended, and with them 1 phone.",
            "Alice Example is suspended: the phone is on hold, and no invitation works.",
            "on leave until May",
            "by Robin Meyer",
        ],
    );
    assert_eq!(actions(&page), ["Resume", "Correct", "Let go"]);
    // The phone says where to go.
    let page = browser.get(&phone).await;
    says(
        &page,
        &["It is suspended because its holder is: resume <a href=\""],
    );
    browser.post(&format!("{phone}/suspend"), &[]).await;
    says(&browser.get(&phone).await, &["Its holder is suspended too"]);
    browser.post(&format!("{phone}/resume"), &[]).await;
    // Whoever has the invitation reads why it does not work.
    let invited = server.browser().get(&link).await;
    assert_eq!(invited.status, StatusCode::CONFLICT);
    says(
        &invited,
        &[
            "This invitation does not work at present",
            "has suspended your access",
            "Ask Robin Meyer.",
        ],
    );
    // Nobody invites them again by mistake, and what was typed is kept.
    let fields = [
        ("name", "Alice Example"),
        ("email", "alice@example.org"),
        ("upn", "alice@example.org"),
        ("profile", "compact"),
    ];
    browser.get("/invitations/new").await;
    let refused = browser.post("/invitations/new", &fields).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(
        &refused,
        &[
            "Alice Example is suspended. Resume them on their page",
            "value=\"alice@example.org\"",
        ],
    );

    let answer = browser.post(&format!("{person}/resume"), &[]).await;
    assert_eq!(answer.location(), person);
    let page = browser.get(&person).await;
    says(
        &page,
        &["Alice Example is active again, and with them 1 phone."],
    );
    let invited = server.browser().get(&link).await;
    assert_eq!(invited.status, StatusCode::OK);
}

async fn a_person_is_let_go_in_one_act_and_can_be_taken_back(on: Kind) {
    let (server, mut browser, phone) = with_phone(on).await;
    let (_, link) = invite(&mut browser).await;
    let person = holder(&mut browser).await;
    let path = format!("{person}/let-go");
    let question = browser.get(&path).await;
    says(
        &question,
        &[
            "Let Alice Example go?",
            "1 phone is revoked, with all of its certificates.",
            "1 open invitation is cancelled: its link no longer works.",
            // The likeliest reason is chosen already.
            "value=\"privilege-withdrawn\" checked>",
        ],
    );
    let fields = [
        ("reason", "privilege-withdrawn"),
        ("note", "new job elsewhere"),
    ];
    let answer = browser.post(&path, &fields).await;
    assert_eq!(answer.location(), person, "{}", answer.body);
    let page = browser.get(&person).await;
    says(
        &page,
        &[
            "Alice Example was let go: 1 phone revoked, 1 invitation cancelled.",
            "no phone works, and none can be enrolled.",
            "new job elsewhere",
            "This person may no longer use it",
            "by Robin Meyer",
        ],
    );
    assert_eq!(actions(&page), ["Take back", "Correct"]);
    assert_eq!(browser.get(&path).await.status, StatusCode::CONFLICT);
    says(&browser.get(&phone).await, &["is refused everywhere"]);
    assert_eq!(server.browser().get(&link).await.status, StatusCode::GONE);
    // One deed is one line, with the steps folded in.
    let page = browser.get(&person).await;
    assert_eq!(page.body.matches("Holder let go").count(), 1);
    assert!(!page.body.contains("Phone revoked"));
    assert!(!page.body.contains("Invitation cancelled"));

    browser.post(&format!("{person}/take-back"), &[]).await;
    says(&browser.get(&person).await, &["can be invited."]);
    let (_, link) = invite(&mut browser).await;
    enroll(&server, &link, "0123456789ab4cdeb0123456789abcdf").await;
    let page = browser.get(&person).await;
    says(&page, &["Alice Example has 1 phone"]);
}

async fn who_revoked_a_phone_when_and_why_is_shown_with_the_next_step(on: Kind) {
    let (_server, mut browser, phone) = with_phone(on).await;
    let fields = [("reason", "key-compromise"), ("note", "stolen in Lyon")];
    browser.get(&format!("{phone}/revoke")).await;
    let answer = browser.post(&format!("{phone}/revoke"), &fields).await;
    assert_eq!(answer.location(), phone);
    let page = browser.get(&phone).await;
    says(
        &page,
        &[
            "by Robin Meyer",
            "Somebody else may have the phone or its keys",
            "stolen in Lyon",
        ],
    );
    assert_eq!(actions(&page), ["Invite another phone"]);
    let next = page.between("href=\"/invitations/new?holder=", "\"");
    let form = browser
        .get(&format!("/invitations/new?holder={next}"))
        .await;
    says(&form, &["value=\"Alice Example\""]);
}

async fn a_note_that_cannot_be_comes_back_with_all_that_was_typed(on: Kind) {
    let (server, mut browser, phone) = with_phone(on).await;
    let person = holder(&mut browser).await;
    let long = "x".repeat(201);
    for path in [
        format!("{phone}/suspend"),
        format!("{phone}/revoke"),
        format!("{person}/suspend"),
        format!("{person}/let-go"),
    ] {
        browser.get(&path).await;
        let fields = [("reason", "cessation-of-operation"), ("note", &long)];
        let answer = browser.post(&path, &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        says(
            &answer,
            &[
                "Enter a note of at most 200 characters.",
                "href=\"#note\"",
                &long,
            ],
        );
        if path.ends_with("/revoke") || path.ends_with("/let-go") {
            says(&answer, &["value=\"cessation-of-operation\" checked>"]);
        }
        let unseen = [("reason", "cessation-of-operation"), ("note", "a\u{202e}b")];
        let answer = browser.post(&path, &unseen).await;
        says(&answer, &["U+202E"]);
    }
    for kind in [EventKind::PhoneSuspended, EventKind::PhoneRevoked] {
        assert_eq!(server.events(kind).await, 0);
    }
}

async fn a_persons_page_tells_everything_that_happened_to_them(on: Kind) {
    let (_server, mut browser, phone) = with_phone(on).await;
    let fields = [("note", "lost")];
    browser.post(&format!("{phone}/suspend"), &fields).await;
    browser.post(&format!("{phone}/resume"), &[]).await;
    let person = holder(&mut browser).await;
    let page = browser.get(&person).await;
    let history = page.between("id=\"history-title\"", "</section>");
    let mut rest = history;
    // Newest first; the certificates are steps of the deeds.
    for words in [
        "Phone resumed",
        "Phone suspended",
        "note: lost",
        "Phone Alice",
        "Alice Example invited",
    ] {
        let (_, after) = rest
            .split_once(words)
            .unwrap_or_else(|| panic!("{words}: {history}"));
        rest = after;
    }
    assert!(!history.contains("suspended</a>") || !history.contains("Certificate “"));
    assert!(history.contains(&format!("href=\"{phone}\"")), "{history}");
}

async fn the_list_of_people_tells_phones_and_expiry_and_is_filtered(on: Kind) {
    let (_server, mut browser, _) = with_phone(on).await;
    browser.get("/invitations/new").await;
    let fields = [
        ("name", "Bob Example"),
        ("email", "bob@example.org"),
        ("upn", "bob@example.org"),
        ("profile", "compact"),
    ];
    browser.post("/invitations/new", &fields).await;
    let list = browser.get("/holders").await;
    says(
        &list,
        &[
            "<h1>People</h1>",
            "Next expiry",
            ">1</td>",
            ">0</td>",
            ">none<",
        ],
    );
    let without = browser.get("/holders?state=without-phone").await;
    assert!(without.body.contains("Bob Example") && !without.body.contains("Alice Example"));
    says(&without, &["aria-current=\"true\">Without a phone</a>"]);
    let several = browser.get("/holders?state=several-phones").await;
    says(&several, &["Nobody found", "Show all people"]);
    // The search stays with the filter.
    let both = browser.get("/holders?q=example&state=without-phone").await;
    says(&both, &["Bob Example", "/holders?q=example&#38;state=gone"]);
}

async fn a_hold_is_no_reason_to_revoke(on: Kind) {
    let (server, mut browser, phone) = with_phone(on).await;
    let path = format!("{phone}/revoke");
    let question = browser.get(&path).await;
    assert!(!question.body.contains("certificate-hold"));
    let answer = browser.post(&path, &[("reason", "certificate-hold")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(server.events(EventKind::PhoneRevoked).await, 0);
}
