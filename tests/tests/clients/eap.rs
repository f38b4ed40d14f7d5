//! wpa_supplicant's EAP-TLS, as in a company's Wi-Fi and wired network: its `eapol_test` logs in at hostapd's RADIUS server.

use std::path::PathBuf;
use std::time::Duration;

use rig::Result;
use rig::openssl::{crl_addresses, fetch_crls, self_signed};
use rig::phone::PIN;
use rig::port::Ports;
use rig::portal::Profile;
use rig::process::Process;
use rig::program::Program;
use rig::stage::Stage;

use crate::{WRONG_PIN, read, tries_left};

const START_LIMIT: Duration = Duration::from_secs(20);

/// OpenSSL's engine for PKCS#11, where Debian has it.
const ENGINE: &str = "/usr/lib/x86_64-linux-gnu/engines-3/pkcs11.so";

/// A folder beneath /usr/lib, where wpa_supplicant takes modules from and from nowhere else.
const LIBRARIES: &str = "/usr/lib/x86_64-linux-gnu/pkcs11";

/// What server and client of RADIUS share.
const SECRET: &str = "between hostapd and eapol_test";

struct Radius<'a> {
    stage: &'a Stage,
    ports: Ports,
    certificate: PathBuf,
    configuration: PathBuf,
    process: Option<Process>,
}

impl<'a> Radius<'a> {
    fn start(stage: &'a Stage) -> Result<Self> {
        let folder = &stage.folder;
        let ports = Ports::claim(1)?;
        let (certificate, key) = (folder.join("radius.pem"), folder.join("radius.key"));
        self_signed(folder, &certificate, &key)?;
        folder.subfolder("lib")?;
        folder.write("lib/tapcard.so", read(stage.module.path())?)?;
        let clients = folder.write("radius-clients", format!("127.0.0.1/32 {SECRET}\n"))?;
        let users = folder.write("radius-users", "* TLS\n")?;
        let configuration = folder.write(
            "hostapd.conf",
            format!(
                "interface=lo\ndriver=none\nradius_server_clients={}\nradius_server_auth_port={}\n\
                 eap_server=1\neap_user_file={}\nca_cert={}\ncheck_crl=2\nserver_cert={}\nprivate_key={}\n",
                clients.display(),
                ports.first(),
                users.display(),
                folder.join("authorities.pem").display(),
                certificate.display(),
                key.display(),
            ),
        )?;
        let mut radius = Self {
            stage,
            ports,
            certificate,
            configuration,
            process: None,
        };
        radius.serve()?;
        Ok(radius)
    }

    /// Begins to serve, or begins again, with the CRLs of now.
    fn serve(&mut self) -> Result {
        let folder = &self.stage.folder;
        let server = &self.stage.office.server;
        let crls = folder.join("radius-crls.pem");
        fetch_crls(folder, &crl_addresses(folder, server)?, &crls)?;
        let files = [server.root().to_owned(), server.issuing(), crls];
        let content: Vec<u8> = files
            .iter()
            .map(|file| read(file))
            .collect::<Result<Vec<_>>>()?
            .concat();
        folder.write("authorities.pem", content)?;
        self.process = None;
        let before = std::fs::read_to_string(folder.join("hostapd.out.log"))
            .unwrap_or_default()
            .len();
        let mut process = folder
            .program("hostapd")
            .arg(&self.configuration)
            .start(folder, "hostapd")?;
        process.wait_for("serves", START_LIMIT, |process| {
            let said = process.stdout_text();
            let own = said.get(before..).unwrap_or_default();
            Ok(own.contains("AP-ENABLED").then_some(()))
        })?;
        self.process = Some(process);
        Ok(())
    }

    fn login(&self, pin: &str) -> Result<Program> {
        let folder = &self.stage.folder;
        let network = folder.write(
            "network.conf",
            format!(
                "pkcs11_engine_path={ENGINE}\npkcs11_module_path={LIBRARIES}/tapcard.so\nnetwork={{\n  key_mgmt=IEEE8021X\n  eap=TLS\n  \
                 identity=\"alice\"\n  ca_cert=\"{}\"\n  engine=1\n  engine_id=\"pkcs11\"\n  \
                 key_id=\"pkcs11:id=%01;type=private\"\n  cert_id=\"pkcs11:id=%01;type=cert\"\n  pin=\"{pin}\"\n}}\n",
                self.certificate.display(),
            ),
        )?;
        let system = self.stage.desk.pcsc.system();
        let program = system.program_with(folder, &folder.join("lib"), LIBRARIES, "eapol_test")?;
        Ok(program
            .envs(self.stage.module.environment())
            .arg("-c")
            .arg(network)
            .args(["-a", "127.0.0.1", "-s", SECRET, "-t", "10"])
            .args(["-p", &self.ports.first().to_string()]))
    }
}

fn is_let_in_until_revoked(profile: Profile) -> Result {
    let stage = &Stage::enrolled(profile)?;
    let mut radius = Radius::start(stage)?;
    let all = tries_left(stage)?;
    radius.login(WRONG_PIN)?.fail()?.saying(&["FAILURE"])?;
    assert_eq!(tries_left(stage)?, all - 1);
    stage.module.was_used()?;
    radius.login(PIN)?.succeed()?.saying(&["SUCCESS"])?;
    assert_eq!(tries_left(stage)?, all);
    stage.module.was_used()?;

    for phone in stage.office.portal.phones()? {
        stage.office.portal.revoke(&phone, "key-compromise")?;
    }
    radius.serve()?;
    radius.login(PIN)?.fail()?.saying(&["FAILURE"])?;
    stage.module.was_used()
}

#[test]
fn eapol_test_is_let_in_with_an_rsa_key_until_revoked() -> Result {
    is_let_in_until_revoked(Profile::Standard)
}

#[test]
fn eapol_test_is_let_in_with_an_ec_key_until_revoked() -> Result {
    is_let_in_until_revoked(Profile::Compact)
}
