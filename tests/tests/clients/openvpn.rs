//! OpenVPN: a tunnel with the certificate of 9A, through which a page comes; who drives the client gives the PIN.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rig::network::{Network, Place};
use rig::openssl::{crl_addresses, fetch_crls, self_signed};
use rig::phone::PIN;
use rig::portal::Profile;
use rig::process::Process;
use rig::program::Program;
use rig::stage::{HOLDER, Stage};
use rig::wait::wait_for;
use rig::{Result, unexpected};

use crate::inside::{Page, WELCOME};
use crate::{WRONG_PIN, tries_left};

const START_LIMIT: Duration = Duration::from_secs(20);
/// How long nothing need be heard of a client: longer than its server takes to refuse it.
const SILENCE: Duration = Duration::from_secs(6);

/// What became of a client.
#[derive(Debug, PartialEq, Eq)]
enum End {
    Connected,
    WrongPin,
    Silence,
}

/// The tunnel's end at the office.
const INSIDE: &str = "10.78.0.1";

struct Vpn<'a> {
    stage: &'a Stage,
    certificate: PathBuf,
    crls: PathBuf,
    identity: String,
    _server: Process,
    page: Page,
    network: Network,
}

/// A client, and what became of it.
struct Attempt {
    end: End,
    _client: Process,
}

impl<'a> Vpn<'a> {
    fn set_up(stage: &'a Stage) -> Result<Self> {
        let folder = &stage.folder;
        let (certificate, key) = (folder.join("vpn.pem"), folder.join("vpn.key"));
        self_signed(folder, &certificate, &key)?;
        let crls = folder.join("vpn-crls.pem");
        publish_crls(stage, &crls)?;
        let configuration = folder.write(
            "vpn-server.conf",
            format!(
                "dev tun\ntopology subnet\nserver 10.78.0.0 255.255.255.0\nlocal {}\ndh none\nca {}\ncert {}\nkey {}\n\
                 crl-verify {}\n",
                Place::Office.address(),
                stage.office.server.chain().display(),
                certificate.display(),
                key.display(),
                crls.display(),
            ),
        )?;
        let network = Network::set_up(folder)?;
        let mut server = network
            .program(folder, Place::Office, "openvpn")
            .arg("--config")
            .arg(&configuration)
            .start(folder, "openvpn-server")?;
        server.wait_for("serves", START_LIMIT, |server| {
            let said = server.stdout_text();
            Ok(said
                .contains("Initialization Sequence Completed")
                .then_some(()))
        })?;
        Ok(Self {
            stage,
            certificate,
            crls,
            identity: identity(stage)?,
            _server: server,
            page: Page::serve(folder, &network, INSIDE)?,
            network,
        })
    }

    /// Starts a client, answers what it asks, and sees what becomes of it.
    fn connect(&self, pin: &str) -> Result<Attempt> {
        let folder = &self.stage.folder;
        let socket = folder.join("vpn.sock");
        let _ = fs::remove_file(&socket);
        let configuration = folder.write(
            "vpn-client.conf",
            format!(
                "client\ndev tun\nnobind\nremote {}\nca {}\nverify-x509-name localhost name\n\
                 pkcs11-providers {}\npkcs11-id '{}'\nmanagement {} unix\nmanagement-query-passwords\n\
                 management-hold\nauth-nocache\nconnect-retry-max 1\n",
                Place::Office.address(),
                self.certificate.display(),
                self.stage.module.path().display(),
                self.identity,
                socket.display(),
            ),
        )?;
        let client = self
            .network
            .program(folder, Place::Home, "openvpn")
            .envs(self.stage.module.environment())
            .arg("--config")
            .arg(configuration)
            .start(folder, "openvpn-client")?;
        let connection = wait_for("the client's socket", START_LIMIT, || {
            Ok(UnixStream::connect(&socket).ok())
        })?;
        let end = drive(connection, pin)
            .map_err(|error| unexpected(format!("openvpn's socket: {error}")))?;
        Ok(Attempt {
            end,
            _client: client,
        })
    }

    /// Asks from home for the page.
    fn page(&self) -> Program {
        self.page.ask(&self.stage.folder, &self.network)
    }
}

/// What openvpn calls the certificate of 9A.
fn identity(stage: &Stage) -> Result<String> {
    let listed = stage
        .module
        .program(&stage.folder, "openvpn")
        .arg("--show-pkcs11-ids")
        .arg(stage.module.path())
        .succeed()?;
    stage.module.was_used()?;
    // The identity ends with the object's CKA_ID.
    let listed = listed.all_text();
    listed
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Serialized id:"))
        .map(str::trim)
        .find(|id| id.ends_with("/01"))
        .map(str::to_owned)
        .ok_or_else(|| unexpected(format!("no certificate of 9A in {listed}")))
}

fn publish_crls(stage: &Stage, file: &Path) -> Result {
    let addresses = crl_addresses(&stage.folder, &stage.office.server)?;
    fetch_crls(&stage.folder, &addresses, file)
}

fn drive(mut connection: UnixStream, pin: &str) -> std::io::Result<End> {
    connection.set_read_timeout(Some(SILENCE))?;
    let mut said = BufReader::new(connection.try_clone()?);
    let mut line = String::new();
    let mut asked = 0;
    loop {
        line.clear();
        match said.read_line(&mut line) {
            Ok(0) => return Ok(End::Silence),
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                return Ok(End::Silence);
            }
            Err(error) => return Err(error),
        }
        if line.starts_with(">HOLD:") {
            connection.write_all(b"state on\nhold release\n")?;
        } else if line.starts_with(">PASSWORD:Need") {
            asked += 1;
            if asked == 2 {
                return Ok(End::WrongPin);
            }
            connection.write_all(format!("password \"{HOLDER} token\" {pin}\n").as_bytes())?;
        } else if line.starts_with(">STATE:") && line.contains(",CONNECTED,") {
            return Ok(End::Connected);
        }
    }
}

fn connects_until_revoked(profile: Profile) -> Result {
    let stage = &Stage::enrolled(profile)?;
    let vpn = Vpn::set_up(stage)?;
    let all = tries_left(stage)?;
    assert_eq!(vpn.connect(WRONG_PIN)?.end, End::WrongPin);
    assert_eq!(tries_left(stage)?, all - 1);
    stage.module.was_used()?;
    vpn.page().fail()?;

    let tunnel = vpn.connect(PIN)?;
    assert_eq!(tunnel.end, End::Connected);
    assert_eq!(tries_left(stage)?, all);
    stage.module.was_used()?;
    vpn.page().succeed()?.saying(&[WELCOME])?;
    drop(tunnel);

    for phone in stage.office.portal.phones()? {
        stage.office.portal.revoke(&phone, "key-compromise")?;
    }
    publish_crls(stage, &vpn.crls)?;
    assert_eq!(vpn.connect(PIN)?.end, End::Silence);
    vpn.page().fail()?;
    stage.module.was_used()
}

#[test]
fn openvpn_connects_with_an_rsa_key_until_revoked() -> Result {
    connects_until_revoked(Profile::Standard)
}

#[test]
fn openvpn_connects_with_an_ec_key_until_revoked() -> Result {
    connects_until_revoked(Profile::Compact)
}
