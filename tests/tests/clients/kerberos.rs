//! MIT Kerberos: a ticket by PKINIT with the certificate of 9A, whose principal name is the user's. With an RSA key: kinit
//! 1.20 and 1.21 look for no other in a PKCS#11 module.

use std::path::PathBuf;
use std::time::Duration;

use rig::openssl::{crl_addresses, fetch_crls, openssl};
use rig::own_etc::OwnEtc;
use rig::phone::PIN;
use rig::port::{Ports, is_listening};
use rig::portal::Profile;
use rig::process::Process;
use rig::program::Program;
use rig::sshd::user_name;
use rig::stage::Stage;
use rig::system::System;
use rig::{Result, unexpected};

use crate::{WRONG_PIN, read, tries_left};

const START_LIMIT: Duration = Duration::from_secs(20);

/// The domain of the user's principal name.
const REALM: &str = "example.test";

/// A key distribution centre that trusts the enrollment server's authorities.
struct Kdc<'a> {
    stage: &'a Stage,
    user: String,
    configuration: PathBuf,
    profile: PathBuf,
    ports: Ports,
    crls: PathBuf,
    process: Option<Process>,
}

impl<'a> Kdc<'a> {
    fn start(stage: &'a Stage) -> Result<Self> {
        let folder = &stage.folder;
        let ports = Ports::claim(1)?;
        let (certificate, key) = certificate_of_a_kdc(stage)?;
        let own = folder.subfolder("kdc")?;
        let crls = own.join("crls.pem");
        let address = format!("127.0.0.1:{}", ports.first());
        let configuration = folder.write(
            "krb5.conf",
            format!(
                "[libdefaults]\n default_realm = {REALM}\n dns_lookup_kdc = false\n dns_lookup_realm = false\n \
                 rdns = false\n udp_preference_limit = 1\n default_ccache_name = FILE:{}\n\
                 [realms]\n {REALM} = {{\n  kdc = {address}\n  pkinit_anchors = FILE:{}\n  pkinit_anchors = FILE:{}\n  \
                 pkinit_pool = FILE:{}\n }}\n",
                folder.join("tickets").display(),
                certificate.display(),
                // kinit sends its own chain, and wants to have checked it.
                stage.office.server.root().display(),
                stage.office.server.issuing().display(),
            ),
        )?;
        // scLogin: the certificate's purpose is a logon with a smart card, and its name the user's principal name.
        let profile = folder.write(
            "kdc.conf",
            format!(
                "[kdcdefaults]\n kdc_listen = {address}\n kdc_tcp_listen = {address}\n\
                 [realms]\n {REALM} = {{\n  database_name = {own}/principal\n  key_stash_file = {own}/stash\n  \
                 acl_file = {own}/acl\n  default_principal_flags = +preauth\n  \
                 pkinit_identity = FILE:{},{}\n  pkinit_anchors = FILE:{}\n  pkinit_pool = FILE:{}\n  \
                 pkinit_revoke = FILE:{}\n  pkinit_require_crl_checking = true\n  \
                 pkinit_allow_upn = true\n  pkinit_eku_checking = scLogin\n }}\n",
                certificate.display(),
                key.display(),
                stage.office.server.root().display(),
                stage.office.server.issuing().display(),
                crls.display(),
                own = own.display(),
            ),
        )?;
        let mut kdc = Self {
            user: user_name(folder)?,
            stage,
            configuration,
            profile,
            ports,
            crls,
            process: None,
        };
        kdc.program("kdb5_util")
            .args(["create", "-s", "-P", "of no use to anybody", "-r", REALM])
            .succeed()?;
        for principal in [
            format!("addprinc -nokey +requires_preauth {}", kdc.user),
            "addprinc -randkey host/localhost".to_owned(),
        ] {
            kdc.program("kadmin.local")
                .args(["-q", &principal])
                .succeed()?;
        }
        kdc.serve()?;
        Ok(kdc)
    }

    /// Begins to serve, or begins again: it reads its CRLs at the start alone.
    fn serve(&mut self) -> Result {
        let folder = &self.stage.folder;
        let addresses = crl_addresses(folder, &self.stage.office.server)?;
        fetch_crls(folder, &addresses, &self.crls)?;
        self.process = None;
        let mut process = self
            .program("krb5kdc")
            .args(["-n", "-P"])
            .arg(folder.join("kdc/pid"))
            .start(folder, "krb5kdc")?;
        let port = self.ports.first();
        process.wait_for("listens", START_LIMIT, |_| {
            Ok(is_listening(port)?.then_some(()))
        })?;
        self.process = Some(process);
        Ok(())
    }

    fn program(&self, name: &str) -> Program {
        self.with_configuration(self.stage.folder.program(name))
            .env("KRB5_KDC_PROFILE", &self.profile)
    }

    /// A program of the user's.
    fn client(&self, name: &str) -> Program {
        // Of a name that other packages have too there is only the link that an installation makes.
        let name = match self.stage.desk.pcsc.system() {
            System::Tree { .. } if name != "kvno" => format!("{name}.mit"),
            _ => name.to_owned(),
        };
        self.with_configuration(self.stage.module.program(&self.stage.folder, &name))
    }

    fn with_configuration(&self, program: Program) -> Program {
        program
            .env("KRB5_CONFIG", &self.configuration)
            .env("KRB5_TRACE", self.stage.folder.join("krb5-trace.log"))
    }

    fn kinit(&self, principal: &str, pin: &str) -> Program {
        let module = self.stage.module.path().display();
        self.client("kinit")
            .arg("-X")
            .arg(format!(
                "X509_user_identity=PKCS11:module_name={module}:certid=01"
            ))
            .arg(principal)
            .input(format!("{pin}\n"))
    }
}

/// A certificate of the centre's, which is its own issuer, and its key.
fn certificate_of_a_kdc(stage: &Stage) -> Result<(PathBuf, PathBuf)> {
    let folder = &stage.folder;
    // RFC 4556 section 3.2.4: the purpose, and the realm's name in the subject's alternative name.
    let configuration = folder.write(
        "kdc-certificate.cnf",
        format!(
            "[req]\ndistinguished_name = dn\nx509_extensions = kdc\n[dn]\n\
             [kdc]\nbasicConstraints = CA:FALSE\nkeyUsage = digitalSignature\n\
             extendedKeyUsage = 1.3.6.1.5.2.3.5\nsubjectKeyIdentifier = hash\n\
             subjectAltName = otherName:1.3.6.1.5.2.2;SEQUENCE:name\n\
             [name]\nrealm = EXP:0,GeneralString:{REALM}\nprincipal_name = EXP:1,SEQUENCE:principal\n\
             [principal]\nname_type = EXP:0,INTEGER:2\nname_string = EXP:1,SEQUENCE:parts\n\
             [parts]\none = GeneralString:krbtgt\ntwo = GeneralString:{REALM}\n",
        ),
    )?;
    let (certificate, key) = (folder.join("kdc.pem"), folder.join("kdc.key"));
    openssl(folder)?
        .env("OPENSSL_CONF", configuration)
        .args([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
        ])
        .args(["-subj", "/CN=kdc", "-keyout"])
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .succeed()?;
    Ok((certificate, key))
}

fn gets_tickets_until_revoked(stage: &Stage) -> Result {
    let mut kdc = Kdc::start(stage)?;
    let all = tries_left(stage)?;
    kdc.kinit(&kdc.user, WRONG_PIN)
        .fail()?
        .saying(&["Preauthentication failed"])?;
    assert_eq!(tries_left(stage)?, all - 1);
    stage.module.was_used()?;

    kdc.kinit(&kdc.user, PIN).succeed()?;
    stage.module.was_used()?;
    assert_eq!(tries_left(stage)?, all);
    kdc.client("kvno")
        .arg("host/localhost")
        .succeed()?
        .saying(&["kvno = 1"])?;
    let principal = format!("{}@{REALM}", kdc.user);
    kdc.client("klist")
        .succeed()?
        .saying(&[&principal, "krbtgt/", "host/localhost"])?;
    kdc.client("kdestroy").succeed()?;

    // Somebody else's principal.
    kdc.program("kadmin.local")
        .args(["-q", "addprinc -nokey +requires_preauth mallory"])
        .succeed()?;
    kdc.kinit("mallory", PIN)
        .fail()?
        .saying(&["Client name mismatch"])?;

    for phone in stage.office.portal.phones()? {
        stage.office.portal.revoke(&phone, "key-compromise")?;
    }
    kdc.serve()?;
    kdc.kinit(&kdc.user, PIN)
        .fail()?
        .saying(&["Revoked certificate"])?;
    stage.module.was_used()
}

#[test]
fn kinit_gets_tickets_with_an_rsa_key_until_revoked() -> Result {
    Stage::with_each_system(Profile::Standard, gets_tickets_until_revoked)
}

#[test]
fn kinit_asks_the_card_by_itself_once_it_is_set_up() -> Result {
    let stage = Stage::enrolled(Profile::Standard)?;
    let folder = &stage.folder;
    let kdc = Kdc::start(&stage)?;
    let etc = OwnEtc::copy(folder)?;
    let realm = read(&kdc.configuration)?;
    std::fs::write(etc.file("krb5.conf"), &realm).map_err(|error| unexpected(error.to_string()))?;
    let kinit = || -> Result<Program> {
        let kinit = etc.program(folder, "kinit")?;
        let kinit = kinit.envs(stage.module.environment());
        Ok(kinit.arg(&kdc.user).input(format!("{PIN}\n")))
    };
    kinit()?.fail()?;

    // What the command says is to be done by hand is done.
    let line = "includedir /etc/krb5.conf.d";
    etc.setup(folder, &["krb5", "--apply"])?
        .succeed()?
        .saying(&[&format!("add the line `{line}` at its beginning")])?;
    let whole = [format!("{line}\n").as_bytes(), &realm].concat();
    std::fs::write(etc.file("krb5.conf"), whole).map_err(|error| unexpected(error.to_string()))?;
    kinit()?.succeed()?;
    stage.module.was_used()?;

    etc.setup(folder, &["krb5", "--undo"])?.succeed()?;
    // The folder was there for that file alone.
    std::fs::write(etc.file("krb5.conf"), &realm).map_err(|error| unexpected(error.to_string()))?;
    kinit()?.fail()?;
    Ok(())
}

/// It looks for an RSA key, whatever the card has, and goes on with the handle of none.
fn looks_for_no_ec_key(stage: &Stage) -> Result {
    let kdc = Kdc::start(stage)?;
    let all = tries_left(stage)?;
    kdc.kinit(&kdc.user, PIN).fail()?;
    let log = stage.module.log_text();
    let mut begun = log.lines().filter(|line| line.contains("C_SignInit"));
    let found_none = begun.all(|line| line.contains("no key has this handle"));
    assert!(log.contains("C_SignInit") && found_none, "{log}");
    assert_eq!(tries_left(stage)?, all);
    stage.module.was_used()
}

#[test]
fn kinit_looks_for_no_ec_key() -> Result {
    Stage::with_each_system(Profile::Compact, looks_for_no_ec_key)
}
