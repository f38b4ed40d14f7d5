//! Only people with a card reach the portal: nginx asks for a certificate, as the documentation has it, and Firefox
//! shows that of a phone.

use std::path::Path;

use rig::Result;
use rig::database::{Database, Kind};
use rig::firefox::Firefox;
use rig::folder::Folder;
use rig::module::Module;
use rig::phone::{PIN, Phone};
use rig::portal::{Holder, Portal, Profile};
use rig::process::Process;
use rig::recipe::Step;
use rig::server::Server;
use rig::stage::Desk;

use super::{Places, block, nginx};

const HEADING: &str = "Only people with a card";
const REFUSAL: &str = "No required SSL certificate was sent";

/// Makes the proxy's files by the documentation's script, and starts it with them and a change to its configuration.
pub fn gate(
    folder: &Folder,
    places: &Places,
    server: &Server,
    change: impl FnOnce(String) -> String,
) -> Result<Process> {
    let files = folder.subfolder("proxy-files")?;
    let [.., listen_http] = places.ports();
    let data = server.root().ancestors().nth(2).unwrap_or(Path::new(""));
    let script = Step::of("docs/enroll-server.md", "Behind a proxy", "crl.pem")?
        .script
        .replace("/var/lib/tapcard", &data.display().to_string())
        .replace("/etc/tapcard/proxy", &files.display().to_string())
        .replace("127.0.0.1:8080", &format!("127.0.0.1:{listen_http}"))
        // It is started with the new files, which ends the connections that there are, as a reload does.
        .replace("nginx -s reload\n", "");
    let script = folder.write("proxy-files.sh", script)?;
    folder.program("sh").arg(script).succeed()?;
    let paths: [(&str, &Path); 1] = [("/etc/tapcard/proxy", &files)];
    nginx(folder, places, &change(block(HEADING)?), &paths)
}

/// The status of an address for somebody without a certificate, and the page.
fn without_certificate(folder: &Folder, server: &Server, path: &str) -> Result<String> {
    let said = folder
        .program("curl")
        .args([
            "-sS",
            "--max-time",
            "20",
            "-w",
            "\n%{http_code}",
            "--cacert",
        ])
        .arg(server.root())
        .arg(format!("{}{path}", server.portal()))
        .succeed()?;
    Ok(said.text())
}

fn firefox_shows_a_card(profile: Profile) -> Result {
    let folder = Folder::for_test()?;
    let database = Database::start(&folder, Kind::Sqlite)?;
    let places = Places::claim()?;
    let server = places.server(&folder, &database)?;

    // Before the change, an administrator has a phone, and somebody else an invitation.
    let open = nginx(&folder, &places, &block("lets TLS through")?, &[])?;
    let portal = Portal::set_up(&server)?;
    let invite = |name, email| {
        let holder = Holder {
            name,
            email,
            upn: email,
        };
        portal.invite(holder, profile)
    };
    let mut phone = Phone::at(folder.join("phone"));
    phone.enroll(
        &folder,
        &invite("Alice Example", "alice@example.test")?,
        PIN,
    )?;
    let invitation = invite("Bob Example", "bob@example.test")?;
    let phones = portal.phones()?;
    drop(open);

    let proxy = gate(&folder, &places, &server, |as_it_is| as_it_is)?;
    for path in ["/", "/sign-in", "/phones", "/invitations", "/api/../phones"] {
        let said = without_certificate(&folder, &server, path)?;
        assert!(said.contains(REFUSAL) && said.ends_with("\n400"), "{said}");
    }
    // A new phone has no certificate yet, and sshd never has one.
    let page = invitation.split('#').next().unwrap_or_default();
    let page = page.strip_prefix(server.portal()).unwrap_or_default();
    let said = without_certificate(&folder, &server, page)?;
    assert!(
        said.contains("Bob Example") && said.ends_with("\n200"),
        "{said}"
    );
    Phone::at(folder.join("another-phone")).enroll(&folder, &invitation, PIN)?;
    let keys = without_certificate(&folder, &server, "/api/v1/ssh/authorized-keys/bob")?;
    assert!(
        keys.ends_with("\n200") && keys.lines().count() > 1,
        "{keys}"
    );

    let desk = Desk::set_up(&folder)?;
    desk.hold(&folder, &mut phone)?;
    let module = Module::at(&folder, &desk.pcsc)?;
    let firefox = Firefox::start(&folder, &module, server.root())?;
    let address = format!("{}/", server.portal());
    firefox.open_until(&address, REFUSAL)?;
    firefox.will_answer(&[PIN])?;
    firefox.open_until(&address, "Sign in")?;
    assert_eq!(firefox.offered()?.len(), 1);
    module.was_used()?;
    drop(proxy);

    // Revoked by somebody else, whom the gate does not keep out here.
    let open = nginx(&folder, &places, &block("lets TLS through")?, &[])?;
    for phone in phones {
        portal.revoke(&phone, "key-compromise")?;
    }
    drop(open);
    let _proxy = gate(&folder, &places, &server, |as_it_is| as_it_is)?;
    firefox.open_until(&address, "The SSL certificate error")?;
    Ok(())
}

#[test]
fn firefox_shows_an_rsa_key() -> Result {
    firefox_shows_a_card(Profile::Standard)
}

#[test]
fn firefox_shows_an_ec_key() -> Result {
    firefox_shows_a_card(Profile::Compact)
}
