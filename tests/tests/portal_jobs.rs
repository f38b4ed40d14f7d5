//! What an administrator comes to the portal for, in Chromium and in Firefox, with scripts and without: done to the end, with
//! as many clicks as docs/portal.md says.

use std::collections::BTreeMap;
use std::time::Duration;

use rig::Result;
use rig::authenticator::Authenticator;
use rig::clicks::clicks_documented;
use rig::folder::Folder;
use rig::phone::{PIN, Phone};
use rig::portal::{ADMINISTRATOR, Holder, PASSWORD, Portal, Profile};
use rig::server::Server;
use rig::visitor::{Kind, Scripts, Visitor};
use rig::wait::wait_until;

/// Who is to be the second administrator.
const COLLEAGUE: &str = "carla@example.test";

/// How long a file may take to be made.
const FILE_LIMIT: Duration = Duration::from_secs(10);

/// An administrator at work, and what each job took.
struct Work {
    visitor: Visitor,
    overview: String,
    taken: BTreeMap<String, u32>,
}

impl Work {
    fn begin(&mut self) -> Result {
        self.visitor.open(&self.overview)?;
        self.visitor.clicks();
        Ok(())
    }

    fn end(&mut self, job: &str, words: &[&str]) -> Result {
        self.visitor.reads(words)?;
        self.taken.insert(job.to_owned(), self.visitor.clicks());
        Ok(())
    }

    /// Presses one after the other.
    fn press(&mut self, texts: &[&str]) -> Result {
        texts.iter().try_for_each(|text| self.visitor.press(text))
    }
}

fn work_through(kind: Kind, scripts: Scripts) -> Result {
    let folder = Folder::for_test()?;
    let server = Server::on_sqlite(&folder)?;
    let portal = Portal::set_up(&server)?;
    for (name, account) in [("Alice Example", "alice"), ("Bob Example", "bob")] {
        let address = format!("{account}@example.test");
        let holder = Holder {
            name,
            email: &address,
            upn: &address,
        };
        let link = portal.invite(holder, Profile::Compact)?;
        let phone = Phone::at(folder.join(account));
        phone.enroll(&folder, &link, PIN)?;
    }
    let phone = portal.phone_names()?.remove(0);

    let mut visitor = Visitor::start(&folder, kind, scripts, server.root())?;
    let overview = server.portal().to_owned();
    visitor.open(&overview)?;
    visitor.fill("Mail address", ADMINISTRATOR)?;
    visitor.fill("Password", PASSWORD)?;
    visitor.press("Sign in")?;
    visitor.reads(&["Overview"])?;
    let mut work = Work {
        visitor,
        overview,
        taken: BTreeMap::new(),
    };

    look_at_lists(&mut work, &folder)?;

    // The list begins with the newest: Bob's.
    work.begin()?;
    work.press(&["Phones", &phone, "Suspend"])?;
    work.visitor.fill("Note", "left in a train")?;
    work.press(&["Suspend this phone"])?;
    work.end(
        "Stop a phone that may be lost",
        &["4 certificates are on hold", "left in a train"],
    )?;

    work.begin()?;
    work.press(&["Phones", &phone, "Resume"])?;
    work.end("Let it work again", &["4 certificates are good again"])?;

    work.begin()?;
    work.press(&["Phones", &phone, "Revoke this phone"])?;
    work.visitor.choose("Somebody else may have the phone")?;
    work.press(&["Revoke this phone"])?;
    work.end(
        "Revoke a stolen phone",
        &["The phone is revoked", "Invite another phone"],
    )?;

    work.begin()?;
    work.press(&["People", "Alice Example", "Correct"])?;
    work.visitor.fill("Name", "Alice Corrected")?;
    work.press(&["Save"])?;
    work.end("Correct a name", &["The corrections are saved."])?;

    work.begin()?;
    work.press(&["People", "Bob Example"])?;
    work.end(
        "See what happened to one person",
        &[
            "Phone revoked",
            "Phone suspended",
            "left in a train",
            "invited",
        ],
    )?;

    work.begin()?;
    work.press(&[
        "People",
        "Alice Corrected",
        "Suspend",
        "Suspend this person",
    ])?;
    work.end("Suspend a person", &["is suspended, and with them 1 phone"])?;

    work.begin()?;
    work.press(&["People", "Suspended", "Alice Corrected", "Resume"])?;
    work.end(
        "Resume a person",
        &["is active again, and with them 1 phone"],
    )?;

    work.begin()?;
    work.press(&["People", "Alice Corrected", "Replace"])?;
    work.visitor.choose("It is lost or stolen")?;
    work.press(&["Replace this phone"])?;
    work.end(
        "Replace a lost phone",
        &[
            "The old phone is revoked. Give the link to Alice Corrected.",
            "The link for the phone",
        ],
    )?;

    work.begin()?;
    work.press(&[
        "People",
        "Without a phone",
        "Bob Example",
        "Invite another phone",
    ])?;
    work.press(&["Create the invitation"])?;
    work.end("Invite who has no phone", &["The link for the phone"])?;

    // The button that copies is there where a script can do it.
    match scripts {
        Scripts::Run => work.visitor.reads(&["Copy the link"])?,
        Scripts::Blocked => assert!(!work.visitor.text()?.contains("Copy the link")),
    }

    work.begin()?;
    work.press(&["Invitations", "Bob Example", "Cancel the invitation"])?;
    work.press(&["Cancel the invitation"])?;
    work.end(
        "Take an invitation back",
        &["The invitation for Bob Example is cancelled"],
    )?;

    work.begin()?;
    work.press(&["People", "Bob Example", "Let go", "Let this person go"])?;
    work.end("Let a person go", &["Bob Example was let go"])?;

    work.begin()?;
    work.press(&["Colleagues", "Invite a colleague"])?;
    work.visitor.fill("Name", "Carla Colleague")?;
    work.visitor.fill("Mail address", COLLEAGUE)?;
    work.visitor.choose("Administrator")?;
    work.press(&["Make the link"])?;
    work.end(
        "Have a second administrator",
        &["Carla Colleague is invited. The link is below."],
    )?;

    work.begin()?;
    work.press(&["Colleagues", "Carla Colleague", "Make a new password link"])?;
    work.end(
        "Help a colleague who forgot the password",
        &["There is a new link for Carla Colleague"],
    )?;
    let link = work.visitor.shown_at("password-link")?;
    work.press(&["Sign out"])?;
    work.visitor.reads(&["Sign in"])?;
    work.visitor.open(&link)?;
    work.visitor
        .fill("Password", "eight other words than before")?;
    work.press(&["Save and sign in"])?;
    work.visitor
        .reads(&["Overview", "Carla Colleague", "Colleagues"])?;

    add_an_authenticator(&mut work)?;

    assert_eq!(work.taken, clicks_documented("Clicks")?);
    Ok(())
}

/// Carla, who is signed in, makes her account safer, and signs in again.
fn add_an_authenticator(work: &mut Work) -> Result {
    work.begin()?;
    work.press(&["Carla Colleague", "Add an authenticator app"])?;
    let mut app = Authenticator::given(&work.visitor.shown_at("authenticator-secret")?)?;
    work.visitor.fill("Code", &app.code())?;
    work.press(&["Add it"])?;
    work.end(
        "Add an authenticator app",
        &["Recovery codes", "I have saved them"],
    )?;
    work.press(&["I have saved them"])?;
    work.visitor.reads(&["10 recovery codes are left"])?;

    work.press(&["Sign out"])?;
    work.visitor.clicks();
    work.visitor.fill("Mail address", COLLEAGUE)?;
    work.visitor
        .fill("Password", "eight other words than before")?;
    work.press(&["Sign in"])?;
    work.visitor.reads(&["Second factor"])?;
    work.visitor.fill("Code", &app.code())?;
    work.press(&["Sign in"])?;
    work.end("Sign in with it", &["Overview", "Carla Colleague"])
}

/// Has every phone end soon: two years are too long to wait for.
fn let_phones_end_soon(folder: &Folder) -> Result {
    let database = Server::data(folder).join("enroll-server.db");
    let in_ten_days = "UPDATE phones SET next_end = (unixepoch() + 10 * 86400) * 1000000";
    folder
        .program("sqlite3")
        .arg(database)
        .arg(in_ten_days)
        .succeed()
        .map(drop)
}

/// What is done with lists: everything at once, in order, and taken away.
fn look_at_lists(work: &mut Work, folder: &Folder) -> Result {
    let_phones_end_soon(folder)?;
    work.begin()?;
    work.press(&["People", "Expires within 30 days"])?;
    work.visitor
        .reads(&["Alice Example", "Bob Example", "2 rows"])?;
    work.visitor.choose("All rows of this list")?;
    work.press(&["Invite", "Invite 2 people"])?;
    work.end(
        "Invite all again who expire within 30 days",
        &["2 people invited", "alice@example.test", "bob@example.test"],
    )?;

    work.begin()?;
    work.press(&["Invitations", "Invite people from a file"])?;
    let people: Vec<String> = (1..=30)
        .map(|number| format!("Person {number:02}, person{number:02}@example.test"))
        .collect();
    work.visitor
        .fill("People, one in each line", &people.join("\n"))?;
    work.press(&["Check the lines", "Invite 30 people"])?;
    work.end(
        "Invite 30 people from a file",
        &["30 people invited", "Person 30"],
    )?;

    work.begin()?;
    work.press(&["Invitations", "Invite someone"])?;
    work.visitor.fill("Name", "Wrong Person")?;
    work.visitor.fill("Mail address", "wrong@example.test")?;
    work.visitor
        .fill("Account name (UPN)", "wrong@example.test")?;
    work.press(&[
        "Create the invitation",
        "Cancel the invitation",
        "Cancel the invitation",
    ])?;
    work.end(
        "Invite the wrong person and undo it",
        &["The invitation for Wrong Person is cancelled"],
    )?;

    work.begin()?;
    work.press(&[
        "Invitations",
        "Person 30",
        "make a new one",
        "Create the invitation",
    ])?;
    work.end(
        "Make a new link for one that was lost",
        &["The link for the phone"],
    )?;

    work.begin()?;
    work.press(&["Audit"])?;
    work.visitor.pick("Done by", "Ada Admin")?;
    work.press(&["Filter", "Last 7 days"])?;
    work.end(
        "See what a colleague did last week",
        &["Wrong Person invited", "Invitation cancelled"],
    )?;

    work.begin()?;
    work.press(&["People", "Print view"])?;
    work.end(
        "Print the list of people",
        &["33 rows", "Person 01", "Person 30"],
    )?;

    work.begin()?;
    work.press(&["People", "Download as CSV"])?;
    wait_until("the file is on record", FILE_LIMIT, || {
        work.visitor.open(&format!("{}/audit", work.overview))?;
        Ok(work.visitor.text()?.contains("List people downloaded"))
    })?;
    work.end("Take the list of people away as a file", &["33 rows"])
}

#[test]
fn the_jobs_are_done_in_chromium() -> Result {
    work_through(Kind::Chromium, Scripts::Run)
}

#[test]
fn the_jobs_are_done_in_chromium_without_scripts() -> Result {
    work_through(Kind::Chromium, Scripts::Blocked)
}

#[test]
fn the_jobs_are_done_in_firefox() -> Result {
    work_through(Kind::Firefox, Scripts::Run)
}

#[test]
fn the_jobs_are_done_in_firefox_without_scripts() -> Result {
    work_through(Kind::Firefox, Scripts::Blocked)
}
