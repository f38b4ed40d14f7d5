//! strongSwan: an IKEv2 tunnel from home to the office with the certificate of 9A, through which a page comes.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use rig::network::{Network, Place};
use rig::openssl::{crl_addresses, fetch, self_signed};
use rig::phone::PIN;
use rig::portal::Profile;
use rig::process::Process;
use rig::program::Program;
use rig::stage::Stage;
use rig::{Result, unexpected};

use crate::inside::{Page, WELCOME};
use crate::{WRONG_PIN, read, tries_left};

const START_LIMIT: Duration = Duration::from_secs(20);

/// The daemon and its control program, where Debian has them. Copies are run: where they are, AppArmor may let them read
/// nothing but the system's own files.
const CHARON: &str = "/usr/lib/ipsec/charon";
const SWANCTL: &str = "/usr/sbin/swanctl";

/// What both daemons load. Packets are encrypted by strongSwan itself: not every kernel can.
const PLUGINS: &str = "random nonce openssl pem pkcs1 pkcs8 x509 pubkey revocation constraints pkcs11 kdf hmac sha1 sha2 aes \
                       gcm kernel-libipsec kernel-netlink socket-default vici";

/// An address behind each end, which is reached through the tunnel alone.
const INSIDE: [&str; 2] = ["10.79.0.1", "10.79.0.2"];

/// A daemon and its files.
struct Charon {
    place: Place,
    folder: PathBuf,
    _process: Process,
}

struct Tunnel<'a> {
    stage: &'a Stage,
    office: Charon,
    home: Charon,
    page: Page,
    network: Network,
}

impl Charon {
    fn start(stage: &Stage, network: &Network, place: Place) -> Result<Self> {
        let folder = &stage.folder;
        let own = folder.subfolder(&format!("ipsec-{place}"))?;
        for part in ["x509", "x509ca", "x509crl", "private"] {
            folder.subfolder(&format!("ipsec-{place}/{part}"))?;
        }
        for program in [CHARON, SWANCTL] {
            let (_, name) = program.rsplit_once('/').unwrap_or_default();
            fs::copy(program, own.join(name))
                .map_err(|error| unexpected(format!("copy {program}: {error}")))?;
        }
        let modules = match place {
            Place::Home => format!(
                "modules {{ tapcard {{ path = {} }} }}",
                stage.module.path().display()
            ),
            Place::Office => String::new(),
        };
        let configuration = folder.write(
            &format!("ipsec-{place}/strongswan.conf"),
            format!(
                "charon {{\n  load = {PLUGINS}\n  filelog {{ stderr {{ default = 1 }} }}\n  plugins {{\n    \
                 vici {{ socket = unix://{}/vici }}\n    kernel-libipsec {{ allow_peer_ts = yes }}\n    \
                 pkcs11 {{ {modules} }}\n  }}\n}}\n\
                 swanctl {{ load = random nonce openssl pem pkcs1 pkcs8 x509 pubkey sha1 sha2 }}\n",
                own.display(),
            ),
        )?;
        let mut process = network
            .program(folder, place, own.join("charon"))
            .envs(stage.module.environment())
            .env("STRONGSWAN_CONF", &configuration)
            .start(folder, &format!("charon-{place}"))?;
        let socket = own.join("vici");
        process.wait_for("listens", START_LIMIT, |_| {
            Ok(socket.exists().then_some(()))
        })?;
        Ok(Self {
            place,
            folder: own,
            _process: process,
        })
    }

    /// Its control program.
    fn control(&self, stage: &Stage, network: &Network, command: &str) -> Program {
        network
            .program(&stage.folder, self.place, self.folder.join("swanctl"))
            .env("SWANCTL_DIR", &self.folder)
            .env("STRONGSWAN_CONF", self.folder.join("strongswan.conf"))
            .arg(command)
            .arg("--uri")
            .arg(format!("unix://{}/vici", self.folder.display()))
    }
}

/// The office's end: for whoever has a certificate of the server's that its CRLs do not name.
const OFFICE: &str = "connections {
  tunnel {
    version = 2
    local_addrs = 10.77.0.1
    remote_addrs = 10.77.0.2
    local {
      auth = pubkey
      certs = vpn.pem
      id = localhost
    }
    remote {
      auth = pubkey
      revocation = strict
    }
    children {
      inside {
        local_ts = 10.79.0.1/32
        remote_ts = 10.79.0.2/32
      }
    }
  }
}
";

/// The other end. Its PIN is written at the end.
const HOME: &str = "connections {
  tunnel {
    version = 2
    local_addrs = 10.77.0.2
    remote_addrs = 10.77.0.1
    local {
      auth = pubkey
      cert1 {
        module = tapcard
        handle = 01
      }
    }
    remote {
      auth = pubkey
      certs = vpn.pem
      id = localhost
    }
    children {
      inside {
        local_ts = 10.79.0.2/32
        remote_ts = 10.79.0.1/32
      }
    }
  }
}
";

impl<'a> Tunnel<'a> {
    fn set_up(stage: &'a Stage) -> Result<Self> {
        let folder = &stage.folder;
        let network = Network::set_up(folder)?;
        for (place, inside) in [Place::Office, Place::Home].into_iter().zip(INSIDE) {
            let script = format!("ip address add {inside}/32 dev lo");
            network.run(folder, place, &script)?;
        }
        let tunnel = Self {
            stage,
            office: Charon::start(stage, &network, Place::Office)?,
            home: Charon::start(stage, &network, Place::Home)?,
            page: Page::serve(folder, &network, INSIDE[0])?,
            network,
        };
        let (certificate, key) = (
            folder.join("ipsec-office/x509/vpn.pem"),
            folder.join("ipsec-office/private/vpn.pem"),
        );
        self_signed(folder, &certificate, &key)?;
        folder.write("ipsec-home/x509/vpn.pem", read(&certificate)?)?;
        for (name, authority) in [
            ("root", stage.office.server.root().to_owned()),
            ("issuing", stage.office.server.issuing()),
        ] {
            folder.write(
                &format!("ipsec-office/x509ca/{name}.pem"),
                read(&authority)?,
            )?;
        }
        folder.write("ipsec-office/swanctl.conf", OFFICE)?;
        tunnel.publish_crls()?;
        Ok(tunnel)
    }

    /// Lets the office know the CRLs of now.
    fn publish_crls(&self) -> Result {
        let folder = &self.stage.folder;
        let addresses = crl_addresses(folder, &self.stage.office.server)?;
        for (name, address) in ["issuing", "root"].into_iter().zip(addresses) {
            let file = format!("ipsec-office/x509crl/{name}.crl");
            fetch(folder, &address, &folder.join(&file))?;
        }
        self.office("--flush-certs").succeed()?;
        self.office("--load-all").succeed()?;
        Ok(())
    }

    fn office(&self, command: &str) -> Program {
        self.office.control(self.stage, &self.network, command)
    }

    fn home(&self, command: &str) -> Program {
        self.home.control(self.stage, &self.network, command)
    }

    /// Gives the daemon at home its PIN.
    fn unlock(&self, pin: &str) -> Result<Program> {
        let secrets = format!(
            "secrets {{\n  token1 {{\n    module = tapcard\n    handle = 01\n    pin = {pin}\n  }}\n}}\n"
        );
        let folder = &self.stage.folder;
        folder.write("ipsec-home/swanctl.conf", format!("{HOME}{secrets}"))?;
        Ok(self.home("--load-all"))
    }

    fn initiate(&self) -> Program {
        self.home("--initiate")
            .args(["--child", "inside", "--timeout", "20"])
    }

    /// Asks from home for the page.
    fn page(&self) -> Program {
        self.page.ask(&self.stage.folder, &self.network)
    }
}

fn connects_until_revoked(profile: Profile) -> Result {
    let stage = &Stage::enrolled(profile)?;
    let tunnel = Tunnel::set_up(stage)?;
    let all = tries_left(stage)?;
    // It says so, and ends well all the same.
    let refused = tunnel.unlock(WRONG_PIN)?.run()?;
    refused.saying(&["loading private key from token failed"])?;
    assert_eq!(tries_left(stage)?, all - 1);
    stage.module.was_used()?;
    tunnel.page().fail()?;

    tunnel.unlock(PIN)?.succeed()?;
    assert_eq!(tries_left(stage)?, all);
    tunnel.initiate().succeed()?.saying(&["established"])?;
    stage.module.was_used()?;
    tunnel.page().succeed()?.saying(&[WELCOME])?;
    tunnel
        .home("--terminate")
        .args(["--ike", "tunnel"])
        .succeed()?;
    tunnel.page().fail()?;

    for phone in stage.office.portal.phones()? {
        stage.office.portal.revoke(&phone, "key-compromise")?;
    }
    tunnel.publish_crls()?;
    tunnel
        .initiate()
        .fail()?
        .saying(&["AUTHENTICATION_FAILED"])?;
    tunnel.page().fail()?;
    stage.module.was_used()
}

#[test]
fn strongswan_connects_with_an_rsa_key_until_revoked() -> Result {
    connects_until_revoked(Profile::Standard)
}

#[test]
fn strongswan_connects_with_an_ec_key_until_revoked() -> Result {
    connects_until_revoked(Profile::Compact)
}
