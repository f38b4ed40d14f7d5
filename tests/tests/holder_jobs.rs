//! What a holder comes to their own pages for, in Chromium and in Firefox, with scripts and without: done to the end, with as many
//! clicks as docs/portal.md says.

use std::time::Duration;

use rig::clicks::clicks_documented;
use rig::firefox::Firefox;
use rig::folder::Folder;
use rig::mail_sink::MailSink;
use rig::phone::{PIN, Phone};
use rig::portal::{ADMINISTRATOR, Holder, PASSWORD, Portal, Profile};
use rig::server::Server;
use rig::stage::{Office, Stage};
use rig::visitor::{Kind, Scripts, Visitor};
use rig::wait::wait_until;
use rig::{Result, unexpected};

/// How long a mail may take to come.
const MAIL_LIMIT: Duration = Duration::from_secs(30);

/// The link on the page to sign in.
const OWN_PAGES: &str = "My phones: lost one, or need help with its PIN?";

/// Holds a job to the document.
fn took(visitor: &mut Visitor, job: &str) -> Result {
    let documented = clicks_documented("Holders")?;
    assert_eq!(documented.get(job), Some(&visitor.clicks()), "{job}");
    Ok(())
}

/// A holder at a computer that is not theirs, at night: all they have is their mail.
fn report_a_lost_phone(kind: Kind, scripts: Scripts) -> Result {
    let folder = Folder::for_test()?;
    let sink = MailSink::start(&folder)?;
    let server = Server::start(&folder, sink.used_by(&folder, Server::program(&folder)?)?)?;
    let portal = Portal::set_up(&server)?;
    let holder = Holder {
        name: "Alice Example",
        email: "alice@example.test",
        upn: "alice@example.test",
    };
    let link = portal.invite(holder, Profile::Compact)?;
    Phone::at(folder.join("alice")).enroll(&folder, &link, PIN)?;

    let mut visitor = Visitor::start(&folder, kind, scripts, server.root())?;
    visitor.open(server.portal())?;
    visitor.press(OWN_PAGES)?;
    visitor.fill("Mail address", "alice@example.test")?;
    visitor.press("Mail me a link")?;
    visitor.reads(&["a link is on its way there"])?;
    visitor.open(&mailed_link(&sink)?)?;
    visitor.reads(&["Alice Example"])?;
    for button in ["Continue", "I have lost this phone"] {
        visitor.press(button)?;
    }
    visitor.reads(&["It is suspended at once"])?;
    visitor.press("Suspend it now")?;
    visitor.reads(&["is suspended. Tell Example Works too"])?;
    took(&mut visitor, "Report a lost phone at night")?;
    // The officers see it, and she is told by mail.
    for phone in portal.phones()? {
        let text = portal.get_ok(&phone)?.document().text;
        assert!(text.contains("Phone reported lost by its holder"), "{text}");
    }
    wait_until("the mail about it", MAIL_LIMIT, || {
        let mails = sink.mails()?;
        Ok(mails
            .iter()
            .any(|mail| mail.text().contains("was suspended on")))
    })
}

/// Who else works in the portal.
const OFFICER: &str = "olga@example.test";

/// A second officer, who is invited by the first administrator.
fn add_an_officer(portal: &Portal, server: &Server) -> Result {
    let page = portal.get_ok("/colleagues/new")?;
    let form = page.form_with(&["name", "email", "role"])?;
    let values = [
        ("name", "Olga Officer"),
        ("email", OFFICER),
        ("role", "officer"),
    ];
    let invited = portal.submit(&page, form, &values)?;
    let link = invited
        .document()
        .links
        .into_iter()
        .map(|link| link.target)
        .find(|target| target.contains("/password/"))
        .ok_or_else(|| invited.unlike("has no link"))?;
    let newcomer = Portal::stranger(server)?;
    let page = newcomer.get_ok(&link)?;
    let form = page.form_with(&["password"])?;
    let done = newcomer.submit(&page, form, &[("password", PASSWORD)])?;
    assert_eq!(done.status, 200, "{}", done.body);
    Ok(())
}

/// One after the other signs in at the same browser, looks at what waits, and approves it.
fn approve(visitor: &mut Visitor, server: &Server, email: &str, reads: &[&str]) -> Result {
    visitor.open(server.portal())?;
    visitor.fill("Mail address", email)?;
    visitor.fill("Password", PASSWORD)?;
    visitor.press("Sign in")?;
    visitor.reads(&["Needs attention", "1 request waits for approval"])?;
    let before = visitor.clicks();
    assert!(before > 0);
    for text in ["1 request waits for approval", "Alice Example"] {
        visitor.press(text)?;
    }
    visitor.reads(&[
        "my old phone is broken",
        "What it changes",
        "1 phone",
        "2 phones",
    ])?;
    visitor.press("Approve")?;
    visitor.reads(reads)
}

/// A holder asks for another phone; two officers approve, each at the end of their three clicks; and the phone is added.
fn ask_for_another_phone(kind: Kind, scripts: Scripts) -> Result {
    let folder = Folder::for_test()?;
    let sink = MailSink::start(&folder)?;
    let program = Server::program(&folder)?.arg("--holders-add-phones=two-approvals");
    let server = Server::start(&folder, sink.used_by(&folder, program)?)?;
    let portal = Portal::set_up(&server)?;
    add_an_officer(&portal, &server)?;
    let holder = Holder {
        name: "Alice Example",
        email: "alice@example.test",
        upn: "alice@example.test",
    };
    let link = portal.invite(holder, Profile::Compact)?;
    Phone::at(folder.join("alice")).enroll(&folder, &link, PIN)?;

    let mut visitor = Visitor::start(&folder, kind, scripts, server.root())?;
    let own_pages = format!("{}/me", server.portal());
    visitor.open(&own_pages)?;
    visitor.fill("Mail address", "alice@example.test")?;
    visitor.press("Mail me a link")?;
    visitor.open(&mailed_link(&sink)?)?;
    visitor.press("Continue")?;
    visitor.reads(&["My phones"])?;
    visitor.clicks();
    visitor.press("Ask for another phone")?;
    visitor.choose("Compact")?;
    visitor.fill("Why", "my old phone is broken")?;
    visitor.press("Send the request")?;
    visitor.reads(&["Waiting", "2 approvals are missing", "What it changes"])?;
    took(&mut visitor, "Ask for another phone")?;

    let mut clicks = 0;
    approve(
        &mut visitor,
        &server,
        ADMINISTRATOR,
        &[
            "One more approval is missing",
            "Somebody else must approve it",
        ],
    )?;
    clicks += visitor.clicks();
    visitor.press("Sign out")?;
    visitor.reads(&["Sign in"])?;
    approve(
        &mut visitor,
        &server,
        OFFICER,
        &["Alice Example is sent the link for the phone", "Approved"],
    )?;
    clicks += visitor.clicks();
    let documented = clicks_documented("Requests")?;
    let job = "Approve a request with two officers";
    assert_eq!(documented.get(job), Some(&clicks), "{job}");

    visitor.open(&own_pages)?;
    visitor.press("Another phone: Compact")?;
    visitor.reads(&["has approved it"])?;
    visitor.press("The link for the phone")?;
    let link = visitor.shown_at("invitation-link")?;
    Phone::at(folder.join("another")).enroll(&folder, &link, PIN)?;
    assert_eq!(portal.phones()?.len(), 2);
    wait_until("the mail with the invitation", MAIL_LIMIT, || {
        let mails = sink.mails()?;
        Ok(mails.iter().any(|mail| mail.text().contains(&link)))
    })
}

#[test]
fn a_request_is_approved_by_two_officers_in_chromium() -> Result {
    ask_for_another_phone(Kind::Chromium, Scripts::Run)
}

#[test]
fn a_request_is_approved_by_two_officers_in_chromium_without_scripts() -> Result {
    ask_for_another_phone(Kind::Chromium, Scripts::Blocked)
}

#[test]
fn a_request_is_approved_by_two_officers_in_firefox() -> Result {
    ask_for_another_phone(Kind::Firefox, Scripts::Run)
}

#[test]
fn a_request_is_approved_by_two_officers_in_firefox_without_scripts() -> Result {
    ask_for_another_phone(Kind::Firefox, Scripts::Blocked)
}

/// The link to a holder's own pages, once it has come by mail.
fn mailed_link(sink: &MailSink) -> Result<String> {
    let mut link = None;
    wait_until("the mail with the link", MAIL_LIMIT, || {
        let texts = sink.mails()?.into_iter().map(|mail| mail.text());
        link = texts
            .flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>())
            .find(|line| line.starts_with("https://") && line.contains("/me/enter/"));
        Ok(link.is_some())
    })?;
    link.ok_or_else(|| unexpected("no link"))
}

#[test]
fn a_lost_phone_is_reported_in_chromium() -> Result {
    report_a_lost_phone(Kind::Chromium, Scripts::Run)
}

#[test]
fn a_lost_phone_is_reported_in_chromium_without_scripts() -> Result {
    report_a_lost_phone(Kind::Chromium, Scripts::Blocked)
}

#[test]
fn a_lost_phone_is_reported_in_firefox() -> Result {
    report_a_lost_phone(Kind::Firefox, Scripts::Run)
}

#[test]
fn a_lost_phone_is_reported_in_firefox_without_scripts() -> Result {
    report_a_lost_phone(Kind::Firefox, Scripts::Blocked)
}

/// At a computer with the module, with the phone at the reader.
fn sign_in_with_the_phone(scripts: Scripts) -> Result {
    let folder = Folder::for_test()?;
    let program = Server::program(&folder)?.arg("--listen-phones=127.0.0.1:0");
    let server = Server::start(&folder, program)?;
    let portal = Portal::set_up(&server)?;
    let stage = Stage::enrolled_by(folder, Office::with(server, portal), Profile::Compact)?;
    let (server, portal) = (&stage.office.server, &stage.office.portal);
    let firefox = Firefox::start_with(&stage.folder, &stage.module, server.root(), scripts)?;
    firefox.will_answer(&[PIN])?;
    let mut visitor = Visitor::with_card(firefox);

    visitor.open(server.portal())?;
    visitor.press(OWN_PAGES)?;
    visitor.press("Sign in with your phone")?;
    visitor.reads(&["Alice Example"])?;
    stage.module.was_used()?;
    visitor.press("Continue")?;
    visitor.reads(&["You can use this phone as a smart card.", "Signing in"])?;
    took(&mut visitor, "Sign in with the phone")?;

    // One that is suspended is refused, and a page of the portal says so.
    for phone in portal.phones()? {
        portal.suspend(&phone, "left in a train")?;
    }
    let own_pages = format!("{}/me", server.portal());
    visitor.open(&own_pages)?;
    visitor.press("Sign in with your phone")?;
    visitor.reads(&["Your phone was not accepted", "Your phone is suspended."])?;
    for phone in portal.phones()? {
        portal.resume(&phone)?;
    }
    visitor.press("Back to signing in")?;
    visitor.press("Sign in with your phone")?;
    visitor.reads(&["Alice Example"])
}

#[test]
fn a_holder_signs_in_with_the_phone_in_firefox() -> Result {
    sign_in_with_the_phone(Scripts::Run)
}

#[test]
fn a_holder_signs_in_with_the_phone_in_firefox_without_scripts() -> Result {
    sign_in_with_the_phone(Scripts::Blocked)
}
