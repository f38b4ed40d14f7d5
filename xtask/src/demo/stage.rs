//! The acts of the demo, and everything real that they are played with.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use rig::binary::Binaries;
use rig::folder::Folder;
use rig::module::Module;
use rig::openssl::ocsp_status;
use rig::pcscd::READER;
use rig::phone::Phone;
use rig::portal::{ADMINISTRATOR, Portal, Profile};
use rig::server::Server;
use rig::sshd::Sshd;
use rig::stage::{Desk, HOLDER, Office};
use rig::tls_site::{Revocation, TlsSite};
use rig::unexpected;

use super::secret::Secrets;
use crate::error::Result;
use crate::story::Story;

/// PIV Authentication (9A) by its CKA_ID.
const AUTHENTICATION: &str = "01";

/// Revoked means revoked everywhere within this time.
const REVOCATION_LIMIT: Duration = Duration::from_secs(1);

/// What ssh says to whom sshd does not let in.
const PERMISSION_DENIED: &str = "Permission denied (publickey)";

/// All that runs. Fields are dropped in this order: what uses something goes before it.
pub struct Stage<'a> {
    folder: &'a Folder,
    site: TlsSite,
    sshd: Sshd,
    pub phone: Phone,
    pub module: Module,
    pub desk: Desk,
    pub office: Office,
    certificate: PathBuf,
    pin: String,
}

impl<'a> Stage<'a> {
    /// The programs that it is played with.
    pub fn binaries(&self) -> &Binaries {
        self.folder.binaries()
    }

    /// Act one: a reader, a server, and a phone that gets its keys and certificates.
    pub fn set(folder: &'a Folder, story: &Story<'_>, secrets: &Secrets) -> Result<Self> {
        let desk = story.step("Reader", "a PC/SC daemon of our own starts", || {
            Ok((
                Desk::set_up(folder)?,
                format!("a private PC/SC daemon serves \"{READER}\""),
            ))
        })?;
        let server = story.step("Server", "the enrollment server starts", || {
            let server = Server::on_sqlite(folder)?;
            let outcome = format!("{}/ runs on SQLite, with a new authority", server.portal());
            Ok((server, outcome))
        })?;
        let portal = story.step("Administrator", "the first administrator is set up", || {
            let portal =
                Portal::set_up_with(&server, "Ada Admin", ADMINISTRATOR, &secrets.password)?;
            Ok((
                portal,
                "Ada set herself up through the server's one-time link".to_owned(),
            ))
        })?;
        let office = Office::with(server, portal);
        let mut phone = Phone::at(folder.join("phone"));
        let invitation = story.step("Invitation", "the administrator invites Alice", || {
            let invitation = office.invite(folder, Profile::Standard)?;
            Ok((
                invitation,
                format!("Ada invited {HOLDER}: a link and a QR code, good for one phone"),
            ))
        })?;
        story.step(
            "Enrollment",
            "the phone makes its keys and asks for certificates",
            || {
                phone.enroll(folder, &invitation, &secrets.pin)?;
                Ok((
                    (),
                    "the phone made four keys and got a certificate for each".to_owned(),
                ))
            },
        )?;
        story.step("Tap", "the phone is held to the reader", || {
            desk.hold(folder, &mut phone)?;
            Ok((
                (),
                "the phone is at the reader: to PC/SC, a card was inserted".to_owned(),
            ))
        })?;
        let module = Module::at(folder, &desk.pcsc)?;
        let certificate = story.step("PKCS#11", "pkcs11-tool lists the card", || {
            list(folder, &module)
        })?;
        let (site, sshd) = story.step("Doors", "sshd and a web site start", || {
            let site = TlsSite::start(folder, &office.server, Revocation::Crl)?;
            let sshd = Sshd::start(folder, &office.server)?;
            let outcome =
                "sshd asks the server for Alice's keys, nginx wants her certificate".to_owned();
            Ok(((site, sshd), outcome))
        })?;
        Ok(Self {
            folder,
            site,
            sshd,
            phone,
            module,
            desk,
            office,
            certificate,
            pin: secrets.pin.clone(),
        })
    }

    /// Act two: what the card is good for.
    pub fn open_doors(&self, story: &Story<'_>) -> Result {
        story.step("ssh", "Alice logs in with the key on her phone", || {
            let mark = self.desk.wire.mark();
            let greeting = self
                .sshd
                .login(self.folder, &self.module, &self.pin)?
                .succeed()?
                .saying(&["hello from"])?;
            let cost = self.desk.wire.total_since(mark);
            let outcome = format!(
                "\"{}\", after {} messages to the card",
                greeting.text().trim(),
                cost.apdus
            );
            Ok(((), outcome))
        })?;
        story.step(
            "Mutual TLS",
            "curl fetches a page with the certificate on the phone",
            || {
                let page = self
                    .site
                    .visit(self.folder, &self.module, AUTHENTICATION, &self.pin)?
                    .succeed()?
                    .saying(&["welcome"])?;
                Ok(((), format!("curl was let in: \"{}\"", page.text().trim())))
            },
        )?;
        story.step(
            "OCSP",
            "openssl asks whether the certificate is good",
            || {
                expect_status(&self.status()?, "good")?;
                Ok((
                    (),
                    "openssl asked the server: the certificate is good".to_owned(),
                ))
            },
        )
    }

    /// Act three: the phone is lost.
    pub fn revoke(&self, story: &Story<'_>) -> Result {
        let since = story.step("Lost!", "the administrator revokes the phone", || {
            let phones = self.office.portal.phones()?;
            let phone = phones
                .first()
                .ok_or_else(|| unexpected("the portal shows no phone"))?;
            self.office.portal.revoke(phone, "key-compromise")?;
            Ok((
                Instant::now(),
                "Ada revoked the phone in the portal".to_owned(),
            ))
        })?;
        story.step("OCSP", "openssl asks again", || {
            let status = self.status()?;
            let elapsed = since.elapsed();
            expect_status(&status, "revoked")?;
            if elapsed > REVOCATION_LIMIT {
                return Err(unexpected(format!(
                    "revoked, but only known after {elapsed:?}"
                )));
            }
            Ok((
                (),
                format!(
                    "openssl asked again, {} ms later: revoked",
                    elapsed.as_millis()
                ),
            ))
        })
    }

    /// Act four: the doors again.
    pub fn find_doors_closed(&mut self, story: &Story<'_>) -> Result {
        story.step("ssh", "whoever found the phone tries to log in", || {
            self.sshd
                .login(self.folder, &self.module, &self.pin)?
                .fail()?
                .saying(&[PERMISSION_DENIED])?;
            let outcome = format!("refused, with the right PIN: \"{PERMISSION_DENIED}\"");
            Ok(((), outcome))
        })?;
        story.step("Mutual TLS", "and tries to fetch the page", || {
            self.site.refresh(self.folder)?;
            self.site
                .visit(self.folder, &self.module, AUTHENTICATION, &self.pin)?
                .fail()?
                .saying(&["The SSL certificate error"])?;
            Ok((
                (),
                "refused, with the right PIN: \"400 The SSL certificate error\"".to_owned(),
            ))
        })
    }

    /// An epilogue: a phone that is not revoked, for whoever wants to try things.
    pub fn give_new_phone(&mut self, story: &Story<'_>, secrets: &Secrets) -> Result {
        let mut phone = Phone::at(self.folder.join("new-phone"));
        story.step("New phone", "Alice gets another phone", || {
            let invitation = self.office.invite(self.folder, Profile::Standard)?;
            phone.enroll(self.folder, &invitation, &secrets.pin)?;
            self.phone.take_away()?;
            self.desk.wait_for_no_card(self.folder)?;
            self.desk.hold(self.folder, &mut phone)?;
            Ok((
                (),
                "Alice got another phone; it is enrolled and at the reader, for you".to_owned(),
            ))
        })?;
        self.phone = phone;
        Ok(())
    }

    /// How one logs in to the demo's sshd by hand.
    pub fn ssh_command(&self) -> String {
        self.sshd
            .login_with(self.folder, &["-I", &self.module.path().to_string_lossy()])
            .command_line()
    }

    fn status(&self) -> rig::Result<String> {
        ocsp_status(self.folder, &self.office.server, &self.certificate)
    }
}

fn list(folder: &Folder, module: &Module) -> rig::Result<(PathBuf, String)> {
    module
        .pkcs11_tool(folder)
        .arg("--list-slots")
        .succeed()?
        .saying(&[HOLDER])?;
    let objects = module.pkcs11_tool(folder).arg("--list-objects").succeed()?;
    let certificates = objects.text().matches("Certificate Object").count();
    if certificates != 4 {
        return Err(objects.error("did not show four certificates"));
    }
    let certificate = module.certificate(folder, AUTHENTICATION)?;
    Ok((
        certificate,
        format!("pkcs11-tool sees the token \"{HOLDER}\" with four certificates"),
    ))
}

fn expect_status(status: &str, wanted: &str) -> rig::Result {
    if status == wanted {
        Ok(())
    } else {
        Err(unexpected(format!("OCSP says {status}, not {wanted}")))
    }
}
