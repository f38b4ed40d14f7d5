//! A server of one build with people and phones, and what it is asked.

use rig::folder::Folder;
use rig::openssl::openssl;
use rig::phone::{PIN, Phone};
use rig::portal::{Holder, Profile};
use rig::stage::Office;
use rig::unexpected;

use super::build::Build;
use super::load::Load;
use crate::error::Result;
use crate::interrupt::Interrupt;

/// Phones that are enrolled: enough to fill a page of a list.
pub const PHONES: usize = 30;

/// Relying parties that ask at the same time.
const RELYING_PARTIES: u32 = 16;

/// What a server is asked.
#[derive(Clone, Copy, Debug)]
pub enum Work {
    /// The state of a certificate, over connections that stay.
    Ocsp,
    /// A page of the portal, by one person after the other.
    Page(&'static str, Page),
}

/// Whose page.
#[derive(Clone, Copy, Debug)]
pub enum Page {
    /// At this address.
    At(&'static str),
    /// Of a phone.
    Phone,
    /// Of a certificate.
    Certificate,
}

impl Work {
    /// All that is measured.
    pub const ALL: [Self; 8] = [
        Self::Ocsp,
        Self::Page("overview", Page::At("/")),
        Self::Page("phones", Page::At("/phones")),
        Self::Page("certificates", Page::At("/certificates")),
        Self::Page("invitations", Page::At("/invitations")),
        Self::Page("history", Page::At("/audit")),
        Self::Page("a phone", Page::Phone),
        Self::Page("a certificate", Page::Certificate),
    ];

    /// What to call it.
    pub fn name(self) -> String {
        match self {
            Self::Ocsp => "OCSP answers".to_owned(),
            Self::Page(name, _) => format!("pages: {name}"),
        }
    }
}

/// What a round has shown.
#[derive(Clone, Copy, Debug)]
pub struct Round {
    /// Answers in a second.
    pub rate: f64,
    /// Processor time of the server for each answer, in microseconds.
    pub processor: f64,
}

/// A running server.
#[derive(Debug)]
pub struct Server {
    office: Office,
    phone: String,
    certificate: String,
    folder: Folder,
}

impl Server {
    /// Starts a build's server on SQLite and enrolls phones of this checkout: the protocol is the same, the phone's command
    /// line is not.
    pub fn start(build: &Build) -> Result<Self> {
        let folder = Folder::of_build(build.binaries())?;
        let phones = Folder::of_build(Build::of_this_checkout().binaries())?;
        let office = Office::open(&folder)?;
        for number in 0..PHONES {
            Interrupt::check()?;
            let (name, user) = (format!("Person {number}"), format!("person{number}"));
            let email = format!("{user}@example.test");
            let holder = Holder {
                name: &name,
                email: &email,
                upn: &email,
            };
            let invitation = office.portal.invite(holder, Profile::Compact)?;
            Phone::at(folder.join(&user)).enroll(&phones, &invitation, PIN)?;
        }
        let phone = first(office.portal.phones()?, "phone")?;
        let certificate = first(office.portal.certificates_of(&phone)?, "certificate")?;
        Ok(Self {
            office,
            phone,
            certificate,
            folder,
        })
    }

    /// A kind of request, prepared.
    pub fn load(&self, work: Work) -> Result<Load> {
        match work {
            Work::Ocsp => self.ocsp(),
            Work::Page(_, page) => {
                let path = match page {
                    Page::At(path) => path,
                    Page::Phone => &self.phone,
                    Page::Certificate => &self.certificate,
                };
                self.office.portal.get_ok(path)?;
                Ok(Load {
                    url: format!("{}{path}", self.office.server.portal()),
                    connections: 1,
                    header: Some(format!("Cookie: {}", self.office.portal.cookies())),
                    script: None,
                })
            }
        }
    }

    fn ocsp(&self) -> Result<Load> {
        let folder = &self.folder;
        let page = format!("{}/certificate.pem", self.certificate);
        let pem = self.office.portal.get_ok(&page)?.body;
        let certificate = folder.write("certificate.pem", pem)?;
        let url = openssl(folder)?
            .args(["x509", "-noout", "-ocsp_uri", "-in"])
            .arg(&certificate)
            .succeed()?
            .text();
        let request = folder.join("request.der");
        openssl(folder)?
            .args(["ocsp", "-no_nonce", "-issuer"])
            .arg(self.office.server.issuing())
            .arg("-cert")
            .arg(&certificate)
            .arg("-reqout")
            .arg(&request)
            .succeed()?;
        let script = format!(
            "wrk.method = \"POST\"\n\
             wrk.headers[\"Content-Type\"] = \"application/ocsp-request\"\n\
             wrk.body = io.open(\"{}\", \"rb\"):read(\"*a\")\n",
            request.display()
        );
        Ok(Load {
            url: url.trim().to_owned(),
            connections: RELYING_PARTIES,
            header: None,
            script: Some(folder.write("ocsp.lua", script)?),
        })
    }

    /// Bears a load for a round.
    pub fn bear(&self, load: &Load) -> Result<Round> {
        let before = self.office.server.processor_time()?;
        let (count, rate) = load.run(&self.folder)?;
        let used = self.office.server.processor_time()? - before;
        Ok(Round {
            rate,
            processor: used.as_secs_f64() * 1e6 / count,
        })
    }
}

fn first(of: Vec<String>, what: &str) -> rig::Result<String> {
    let none = || unexpected(format!("the portal shows no {what}"));
    of.into_iter().next().ok_or_else(none)
}
