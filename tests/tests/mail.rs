//! Mail of the real server: over STARTTLS to a mail server that wants a password, and from a server that is killed while it sends.

use std::fs;
use std::time::Duration;

use rig::folder::Folder;
use rig::mail_sink::MailSink;
use rig::portal::{ADMINISTRATOR, Holder, PASSWORD, Portal, Profile};
use rig::program::Program;
use rig::server::Server;
use rig::wait::wait_until;
use rig::{Result, unexpected};

const LIMIT: Duration = Duration::from_secs(60);

fn program(folder: &Folder, sink: &MailSink) -> Result<Program> {
    sink.used_by(folder, Server::program(folder)?)
}

fn invite(portal: &Portal, name: &str, address: &str) -> Result<String> {
    let holder = Holder {
        name,
        email: address,
        upn: address,
    };
    portal.invite(holder, Profile::Compact)
}

/// The page of the newest invitation.
fn newest(portal: &Portal) -> Result<String> {
    let list = portal.get_ok("/invitations")?;
    let pages = list.links_under("/invitations/");
    let page = pages
        .into_iter()
        .find(|path| !path.ends_with("/new") && !path.ends_with("/import"));
    page.ok_or_else(|| list.unlike("has no invitation"))
}

fn says(portal: &Portal, page: &str, words: &str) -> Result {
    wait_until(words, LIMIT, || {
        Ok(portal.get_ok(page)?.document().text.contains(words))
    })
}

#[test]
fn an_invitation_goes_by_mail_and_its_page_says_what_became_of_it() -> Result {
    let folder = Folder::for_test()?;
    let sink = MailSink::start(&folder)?;
    let server = Server::start(&folder, program(&folder, &sink)?)?;
    let portal = Portal::set_up(&server)?;

    let link = invite(&portal, "Zoë Example", "zoe@example.test")?;
    wait_until("the mail is there", LIMIT, || Ok(sink.mails()?.len() == 1))?;
    let mails = sink.mails()?;
    let [mail] = &mails[..] else {
        return Err(unexpected("not one mail"));
    };
    assert_eq!(mail.text().matches(&link).count(), 3, "{}", mail.text());
    assert!(mail.header("To")?.contains("<zoe@example.test>"));
    assert!(mail.header("From")?.contains("<cards@example.test>"));
    let page = newest(&portal)?;
    says(&portal, &page, "Given to the mail server")?;
    // Whoever follows the link is shown the invitation.
    let path = link.split('#').next().unwrap_or_default();
    let shown = Portal::stranger(&server)?.get_ok(path)?;
    assert!(shown.document().text.contains("Zoë Example"));

    // Again: not at once.
    let shown = portal.get_ok(&page)?;
    let mut form = shown.form_to(&format!("{page}/mail"))?;
    // Of its two buttons the one that sends again.
    form.fields
        .retain(|(name, value)| name != "kind" || value == "invitation");
    let refused = portal.post_form(&format!("{page}/mail"), &form.fields)?;
    assert!(
        refused.document().text.contains("Wait five minutes"),
        "{}",
        refused.document().text
    );

    // An address that the mail server does not know.
    invite(&portal, "No Body", "nobody@example.test")?;
    let page = newest(&portal)?;
    says(&portal, &page, "Not delivered")?;
    says(&portal, &page, "there is nobody of that name")?;
    let list = portal.get_ok("/invitations")?.document().text;
    assert!(
        list.contains("Not delivered") && list.contains("Given to the mail server"),
        "{list}"
    );

    // The link is neither in the database nor in the log.
    let token = path.rsplit('/').next().unwrap_or_default();
    assert!(token.len() >= 32, "{token}");
    let log = server.log();
    assert!(!log.contains(token), "{log}");
    assert!(server.stop()?.success());
    let mut looked_at = 0;
    for file in fs::read_dir(Server::data(&folder))
        .into_iter()
        .flatten()
        .flatten()
    {
        let bytes = fs::read(file.path()).unwrap_or_default();
        looked_at += bytes.len();
        let is_there = bytes
            .windows(token.len())
            .any(|window| window == token.as_bytes());
        assert!(!is_there, "{}", file.path().display());
    }
    assert!(looked_at > 10_000, "{looked_at}");
    Ok(())
}

#[test]
fn a_server_killed_while_it_sends_repeats_the_mail_with_the_same_message_id() -> Result {
    let folder = Folder::for_test()?;
    let sink = MailSink::start(&folder)?;
    let server = Server::start(&folder, program(&folder, &sink)?)?;
    let portal = Portal::set_up(&server)?;

    // The mail server has taken it, and has not said so when the server dies.
    sink.hold(true)?;
    invite(&portal, "Alice Example", "alice@example.test")?;
    wait_until("the mail is there", LIMIT, || Ok(sink.mails()?.len() == 1))?;
    server.kill()?;
    sink.hold(false)?;

    let server = Server::start(&folder, program(&folder, &sink)?)?;
    wait_until("it is sent again", LIMIT, || Ok(sink.mails()?.len() == 2))?;
    let mails = sink.mails()?;
    let [first, again] = &mails[..] else {
        return Err(unexpected("not two mails"));
    };
    assert_eq!(first.header("Message-ID")?, again.header("Message-ID")?);
    assert_eq!(first.header("Date")?, again.header("Date")?);
    let portal = Portal::sign_in(&server, ADMINISTRATOR, PASSWORD)?;
    let page = newest(&portal)?;
    says(&portal, &page, "Given to the mail server")?;
    assert!(server.stop()?.success());
    Ok(())
}

#[test]
fn mail_test_says_whether_the_mail_server_takes_mail() -> Result {
    let folder = Folder::for_test()?;
    let sink = MailSink::start(&folder)?;
    let command = |address: &str| -> Result<Program> {
        let program = folder.program(folder.binaries().enroll_server()?);
        sink.used_by(&folder, program.args(["mail-test", address]))
    };
    command("robin@example.test")?
        .succeed()?
        .saying(&["has taken a mail to robin@example.test"])?;
    assert_eq!(sink.mails()?.len(), 1);
    command("nobody@example.test")?
        .fail()?
        .saying(&["refuses: 550", "there is nobody of that name"])?;
    // A mail server whose certificate nobody vouches for.
    command("robin@example.test")?
        .env("SSL_CERT_FILE", "/dev/null")
        .fail()?
        .saying(&["cannot be reached", "certificate"])?;
    Ok(())
}
