//! OpenVPN: client and server agree on a tunnel's keys with the certificate of 9A; who drives the client gives the PIN.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::Duration;

use rig::openssl::{crl_addresses, fetch_crls, self_signed};
use rig::phone::PIN;
use rig::port::Ports;
use rig::portal::Profile;
use rig::process::Process;
use rig::stage::{HOLDER, Stage};
use rig::wait::wait_for;
use rig::{Result, unexpected};

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

struct Vpn<'a> {
    stage: &'a Stage,
    ports: Ports,
    certificate: PathBuf,
    crls: PathBuf,
    identity: String,
    configuration: PathBuf,
}

impl<'a> Vpn<'a> {
    fn set_up(stage: &'a Stage) -> Result<Self> {
        let folder = &stage.folder;
        let (certificate, key) = (folder.join("vpn.pem"), folder.join("vpn.key"));
        self_signed(folder, &certificate, &key)?;
        let listed = stage
            .module
            .program(folder, "openvpn")
            .arg("--show-pkcs11-ids")
            .arg(stage.module.path())
            .succeed()?;
        stage.module.was_used()?;
        // The identity ends with the object's CKA_ID.
        let listed = listed.all_text();
        let identity = listed
            .lines()
            .filter_map(|line| line.trim().strip_prefix("Serialized id:"))
            .map(str::trim)
            .find(|id| id.ends_with("/01"))
            .ok_or_else(|| unexpected(format!("no certificate of 9A in {listed}")))?
            .to_owned();
        let ports = Ports::claim(1)?;
        let crls = folder.join("vpn-crls.pem");
        let configuration = folder.write(
            "vpn-server.conf",
            format!(
                "tls-server\ndev null\nlocal 127.0.0.1\nport {}\ndh none\nca {}\ncert {}\nkey {}\ncrl-verify {}\n",
                ports.first(),
                stage.office.server.chain().display(),
                certificate.display(),
                key.display(),
                crls.display(),
            ),
        )?;
        let vpn = Self {
            stage,
            ports,
            certificate,
            crls,
            identity,
            configuration,
        };
        vpn.publish_crls()?;
        Ok(vpn)
    }

    /// Starts a server for one client.
    fn serve(&self) -> Result<Process> {
        let folder = &self.stage.folder;
        let _ = fs::remove_file(folder.join("openvpn-server.out.log"));
        let mut server = folder
            .program("openvpn")
            .arg("--config")
            .arg(&self.configuration)
            .start(folder, "openvpn-server")?;
        server.wait_for("listens", START_LIMIT, |server| {
            let said = server.stdout_text();
            Ok(said.contains("UDPv4 link remote").then_some(()))
        })?;
        Ok(server)
    }

    fn publish_crls(&self) -> Result {
        let folder = &self.stage.folder;
        let addresses = crl_addresses(folder, &self.stage.office.server)?;
        fetch_crls(folder, &addresses, &self.crls)
    }

    /// Starts a client, answers what it asks, and sees what becomes of it.
    fn connect(&self, pin: &str) -> Result<End> {
        let folder = &self.stage.folder;
        let _server = self.serve()?;
        let socket = folder.join("vpn.sock");
        let _ = fs::remove_file(&socket);
        let configuration = folder.write(
            "vpn-client.conf",
            format!(
                "tls-client\ndev null\nnobind\nremote 127.0.0.1 {}\nca {}\nverify-x509-name localhost name\n\
                 pkcs11-providers {}\npkcs11-id '{}'\nmanagement {} unix\nmanagement-query-passwords\n\
                 management-hold\nauth-nocache\nconnect-retry-max 1\n",
                self.ports.first(),
                self.certificate.display(),
                self.stage.module.path().display(),
                self.identity,
                socket.display(),
            ),
        )?;
        let _client = self
            .stage
            .module
            .program(folder, "openvpn")
            .arg("--config")
            .arg(configuration)
            .start(folder, "openvpn-client")?;
        let connection = wait_for("the client's socket", START_LIMIT, || {
            Ok(UnixStream::connect(&socket).ok())
        })?;
        drive(connection, pin).map_err(|error| unexpected(format!("openvpn's socket: {error}")))
    }
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
    assert_eq!(vpn.connect(WRONG_PIN)?, End::WrongPin);
    assert_eq!(tries_left(stage)?, all - 1);
    stage.module.was_used()?;
    assert_eq!(vpn.connect(PIN)?, End::Connected);
    assert_eq!(tries_left(stage)?, all);
    stage.module.was_used()?;

    for phone in stage.office.portal.phones()? {
        stage.office.portal.revoke(&phone, "key-compromise")?;
    }
    vpn.publish_crls()?;
    assert_eq!(vpn.connect(PIN)?, End::Silence);
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
