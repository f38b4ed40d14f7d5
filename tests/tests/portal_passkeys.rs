//! Passkeys in Chromium and in Firefox, each with a security key that its driver plays: adding one, signing in with it, showing
//! it again, and removing it, with as many clicks as docs/portal.md says. Without scripts the pages say so.

use std::collections::BTreeMap;

use rig::Result;
use rig::clicks::clicks_documented;
use rig::folder::Folder;
use rig::portal::{ADMINISTRATOR, PASSWORD, Portal};
use rig::server::Server;
use rig::visitor::{Kind, Scripts, Visitor};

/// Somebody at the portal's first page.
struct Reader {
    folder: Folder,
    server: Server,
    visitor: Visitor,
}

impl Reader {
    fn start(kind: Kind, scripts: Scripts) -> Result<Self> {
        let folder = Folder::for_test()?;
        let server = Server::on_sqlite(&folder)?;
        Portal::set_up(&server)?;
        let visitor = Visitor::start(&folder, kind, scripts, server.root())?;
        visitor.open(server.portal())?;
        Ok(Self {
            folder,
            server,
            visitor,
        })
    }

    fn give_password(&mut self) -> Result {
        self.visitor.fill("Mail address", ADMINISTRATOR)?;
        self.visitor.fill("Password", PASSWORD)?;
        self.visitor.press("Sign in")
    }

    fn sign_out(&mut self) -> Result {
        self.visitor.press("Sign out")?;
        self.visitor.reads(&["To the administration of"])?;
        self.visitor.clicks();
        Ok(())
    }

    fn begin(&mut self) -> Result {
        self.visitor.open(self.server.portal())?;
        self.visitor.clicks();
        Ok(())
    }

    /// Lets the time pass after which somebody shows again who they are.
    fn let_proofs_end(&self) -> Result {
        let database = Server::data(&self.folder).join("enroll-server.db");
        self.folder
            .program("sqlite3")
            .arg(database)
            .arg("UPDATE sessions SET proved = proved - 3600 * 1000000")
            .succeed()
            .map(drop)
    }
}

fn use_a_passkey(kind: Kind) -> Result {
    let mut reader = Reader::start(kind, Scripts::Run)?;
    let mut taken = BTreeMap::new();
    reader.visitor.plug_in_security_key()?;
    reader.give_password()?;
    reader.visitor.reads(&["Overview"])?;

    reader.begin()?;
    reader.visitor.press("Ada Admin")?;
    reader.visitor.press("Add a passkey")?;
    reader.visitor.fill("Name", "Blue key")?;
    reader.visitor.press("Make the passkey")?;
    reader
        .visitor
        .reads(&["The passkey is added.", "I have saved them"])?;
    taken.insert("Add a passkey".to_owned(), reader.visitor.clicks());

    reader.sign_out()?;
    reader.visitor.press("Sign in with a passkey")?;
    reader.visitor.reads(&["Overview"])?;
    taken.insert("Sign in with it".to_owned(), reader.visitor.clicks());

    // After the password it is the second factor.
    reader.sign_out()?;
    reader.give_password()?;
    reader.visitor.reads(&["Second factor"])?;
    reader.visitor.press("Use a passkey")?;
    reader.visitor.reads(&["Overview"])?;

    // Removing it asks for it once more.
    reader.let_proofs_end()?;
    reader.begin()?;
    reader.visitor.press("Ada Admin")?;
    reader.visitor.press("Blue key")?;
    reader.visitor.press("Remove the passkey")?;
    reader.visitor.reads(&["It is your last second factor"])?;
    reader.visitor.press("Remove the passkey")?;
    reader.visitor.reads(&["Confirm that it is you"])?;
    reader.visitor.press("Use a passkey")?;
    reader.visitor.reads(&["The passkey is removed."])?;
    taken.insert("Remove it".to_owned(), reader.visitor.clicks());

    // The key still has it; it opens nothing here.
    reader.sign_out()?;
    reader.visitor.press("Sign in with a passkey")?;
    reader.visitor.reads(&["This passkey was not accepted"])?;
    reader.give_password()?;
    reader.visitor.reads(&["Overview"])?;

    assert_eq!(taken, clicks_documented("Passkeys")?);
    Ok(())
}

/// The page says what is missing, and everything else works.
fn say_what_is_missing(kind: Kind) -> Result {
    let mut reader = Reader::start(kind, Scripts::Blocked)?;
    reader.visitor.reads(&["Passkeys need JavaScript"])?;
    assert!(!reader.visitor.text()?.contains("Sign in with a passkey"));
    reader.give_password()?;
    reader.visitor.reads(&["Overview"])?;
    reader.visitor.press("Ada Admin")?;
    reader.visitor.press("Add a passkey")?;
    reader.visitor.reads(&["Passkeys need JavaScript"])
}

/// Whoever calls it off, or has no passkey, is told, and can try again or go another way.
fn call_it_off(kind: Kind) -> Result {
    let mut reader = Reader::start(kind, Scripts::Run)?;
    reader.visitor.plug_in_security_key()?;
    reader.visitor.press("Sign in with a passkey")?;
    reader.visitor.reads(&["The browser gave no passkey"])?;
    reader.visitor.press("Sign in with a passkey")?;
    reader.give_password()?;
    reader.visitor.reads(&["Overview"])
}

#[test]
fn a_passkey_is_used_in_chromium() -> Result {
    use_a_passkey(Kind::Chromium)
}

#[test]
fn a_passkey_is_used_in_firefox() -> Result {
    use_a_passkey(Kind::Firefox)
}

#[test]
fn a_passkey_that_is_not_there_is_told_in_chromium() -> Result {
    call_it_off(Kind::Chromium)
}

#[test]
fn pages_say_in_chromium_that_passkeys_need_scripts() -> Result {
    say_what_is_missing(Kind::Chromium)
}

#[test]
fn pages_say_in_firefox_that_passkeys_need_scripts() -> Result {
    say_what_is_missing(Kind::Firefox)
}
