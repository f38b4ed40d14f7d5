//! A login by PAM: pam_pkcs11, which judges the certificate and finds the user by its principal name, and pam_p11, which
//! knows the user's certificates.

use std::fs;
use std::path::PathBuf;

use rig::openssl::{crl_addresses, fetch_crls, openssl};
use rig::own_etc::OwnEtc;
use rig::phone::PIN;
use rig::portal::Profile;
use rig::program::Program;
use rig::sshd::user_name;
use rig::stage::Stage;
use rig::{Result, unexpected};

use crate::{WRONG_PIN, tries_left};

/// The two libraries that give a program other users and other services of PAM than the machine has.
const WRAPPERS: &str = "libnss_wrapper.so:libpam_wrapper.so";

/// A machine's PAM, with one service and one user.
struct Pam<'a> {
    stage: &'a Stage,
    user: String,
    services: PathBuf,
    users: PathBuf,
    etc: Option<OwnEtc>,
}

impl<'a> Pam<'a> {
    /// With a service that asks this module of PAM, given with its arguments.
    fn with(stage: &'a Stage, module: &str) -> Result<Self> {
        Self::with_line(stage, &format!("auth required {module}"), None)
    }

    /// With a service that has this line, and another `/etc` perhaps.
    fn with_line(stage: &'a Stage, line: &str, etc: Option<OwnEtc>) -> Result<Self> {
        let folder = &stage.folder;
        let user = user_name(folder)?;
        let services = folder.subfolder("pam.d")?;
        folder.write("pam.d/card", format!("{line}\n"))?;
        let id = |option: &str| -> Result<String> {
            let said = folder.program("id").arg(option).succeed()?.text();
            Ok(said.trim().to_owned())
        };
        let home = folder.join("home");
        let users = folder.write(
            "passwd",
            format!(
                "{user}:x:{}:{}:Alice:{}:/bin/sh\nmallory:x:65000:65000:Mallory:/:/bin/sh\n",
                id("-u")?,
                id("-g")?,
                home.display()
            ),
        )?;
        Ok(Self {
            stage,
            user,
            services,
            users,
            etc,
        })
    }

    fn login(&self, user: &str, pin: &str) -> Result<Program> {
        let folder = &self.stage.folder;
        let pamtester = match &self.etc {
            Some(etc) => etc.program(folder, "pamtester")?,
            None => folder.program("pamtester"),
        };
        let login = pamtester
            .envs(self.stage.module.environment())
            .env("LD_PRELOAD", WRAPPERS)
            .env("NSS_WRAPPER_PASSWD", &self.users)
            .env("NSS_WRAPPER_GROUP", "/etc/group")
            .env("PAM_WRAPPER", "1")
            .env("PAM_WRAPPER_SERVICE_DIR", &self.services)
            .args(["card", user, "authenticate"])
            .input(format!("{pin}\n"));
        Ok(login)
    }

    fn lets_the_user_in_with_the_right_pin(&self) -> Result {
        let all = tries_left(self.stage)?;
        self.login(&self.user, WRONG_PIN)?.fail()?;
        assert_eq!(tries_left(self.stage)?, all - 1);
        self.stage.module.was_used()?;
        self.login(&self.user, PIN)?
            .succeed()?
            .saying(&["successfully authenticated"])?;
        assert_eq!(tries_left(self.stage)?, all);
        self.stage.module.was_used()
    }
}

/// Puts a file where OpenSSL looks for it in a folder: under the hash of a name in it.
fn put_by_hash(
    stage: &Stage,
    kind: &str,
    file: &std::path::Path,
    folder: &str,
    ending: &str,
) -> Result {
    let hash = openssl(&stage.folder)?
        .args([kind, "-noout", "-hash", "-in"])
        .arg(file)
        .succeed()?
        .text();
    stage.folder.subfolder(folder)?;
    let content = fs::read(file).map_err(|error| unexpected(error.to_string()))?;
    stage
        .folder
        .write(&format!("{folder}/{}.{ending}", hash.trim()), content)?;
    Ok(())
}

fn publish_crls(stage: &Stage) -> Result {
    for address in crl_addresses(&stage.folder, &stage.office.server)? {
        let crl = stage.folder.join("one-crl.pem");
        fetch_crls(&stage.folder, &[address], &crl)?;
        put_by_hash(stage, "crl", &crl, "crls", "r0")?;
    }
    Ok(())
}

fn pam_pkcs11_lets_in_until_revoked(profile: Profile) -> Result {
    let stage = &Stage::enrolled(profile)?;
    let server = &stage.office.server;
    for authority in [server.root(), &server.issuing()] {
        put_by_hash(stage, "x509", authority, "authorities", "0")?;
    }
    publish_crls(stage)?;
    let configuration = stage.folder.write(
        "pam_pkcs11.conf",
        format!(
            "pam_pkcs11 {{\n  use_pkcs11_module = tapcard;\n  \
             pkcs11_module tapcard {{\n    module = {};\n    description = \"Tapcard\";\n    slot_num = 0;\n    \
             support_threads = true;\n    ca_dir = {};\n    crl_dir = {};\n    \
             cert_policy = ca, signature, crl_offline;\n    token_type = \"phone\";\n  }}\n  \
             use_mappers = ms;\n  mapper_search_path = /lib/x86_64-linux-gnu/pam_pkcs11;\n  \
             mapper ms {{\n    module = internal;\n    ignorecase = false;\n    ignoredomain = false;\n    \
             domainname = \"example.test\";\n  }}\n}}\n",
            stage.module.path().display(),
            stage.folder.join("authorities").display(),
            stage.folder.join("crls").display(),
        ),
    )?;
    let pam = Pam::with(
        stage,
        &format!("pam_pkcs11.so config_file={}", configuration.display()),
    )?;
    pam.lets_the_user_in_with_the_right_pin()?;
    pam.login("mallory", PIN)?.fail()?;

    for phone in stage.office.portal.phones()? {
        stage.office.portal.revoke(&phone, "key-compromise")?;
    }
    publish_crls(stage)?;
    pam.login(&pam.user, PIN)?
        .fail()?
        .saying(&["No matching certificate found"])?;
    stage.module.was_used()
}

#[test]
fn pam_pkcs11_lets_in_with_an_rsa_key_until_revoked() -> Result {
    pam_pkcs11_lets_in_until_revoked(Profile::Standard)
}

#[test]
fn pam_pkcs11_lets_in_with_an_ec_key_until_revoked() -> Result {
    pam_pkcs11_lets_in_until_revoked(Profile::Compact)
}

fn pam_p11_lets_in(profile: Profile) -> Result {
    let stage = &Stage::enrolled(profile)?;
    let pam = Pam::with(
        stage,
        &format!("pam_p11.so {}", stage.module.path().display()),
    )?;
    let certificate = stage.module.certificate(&stage.folder, "01")?;
    let known = fs::read(certificate).map_err(|error| unexpected(error.to_string()))?;
    stage.folder.subfolder("home/.eid")?;
    stage
        .folder
        .write("home/.eid/authorized_certificates", known)?;
    stage.module.was_used()?;
    pam.lets_the_user_in_with_the_right_pin()
}

#[test]
fn pam_p11_lets_in_with_an_rsa_key() -> Result {
    pam_p11_lets_in(Profile::Standard)
}

#[test]
fn pam_p11_lets_in_with_an_ec_key() -> Result {
    pam_p11_lets_in(Profile::Compact)
}

/// `tapcard setup pam`, and the line for a service's file that it tells for this module of PAM.
fn set_up(stage: &Stage, etc: &OwnEtc, module: &str) -> Result<String> {
    let said = etc.setup(&stage.folder, &["pam", "--apply"])?.succeed()?;
    let text = said.text();
    let mut quoted = text.split('`').skip(1).step_by(2);
    let line = quoted.find(|line| line.starts_with("auth ") && line.contains(module));
    line.map(str::to_owned)
        .ok_or_else(|| said.error("no line for a service's file"))
}

#[test]
fn pam_pkcs11_lets_in_as_it_is_set_up_until_revoked() -> Result {
    let stage = &Stage::enrolled(Profile::Compact)?;
    let etc = OwnEtc::copy(&stage.folder)?;
    let line = set_up(stage, &etc, "pam_pkcs11.so")?;
    for (name, authority) in [
        ("root.pem", stage.office.server.root()),
        ("issuing.pem", &stage.office.server.issuing()),
    ] {
        let place = etc.file("pam_pkcs11/cacerts").join(name);
        fs::copy(authority, place).map_err(|error| unexpected(error.to_string()))?;
    }
    etc.program(&stage.folder, "pkcs11_make_hash_link")?
        .current_dir(etc.file("pam_pkcs11/cacerts"))
        .succeed()?;
    let pam = Pam::with_line(stage, &line, Some(etc))?;
    pam.lets_the_user_in_with_the_right_pin()?;
    pam.login("mallory", PIN)?.fail()?;
    for phone in stage.office.portal.phones()? {
        stage.office.portal.revoke(&phone, "key-compromise")?;
    }
    pam.login(&pam.user, PIN)?.fail()?;
    stage.module.was_used()
}

#[test]
fn pam_p11_lets_in_by_the_users_own_keys_as_it_is_set_up() -> Result {
    let stage = &Stage::enrolled(Profile::Compact)?;
    let etc = OwnEtc::copy(&stage.folder)?;
    let line = set_up(stage, &etc, "pam_p11.so")?;
    let keys = stage
        .module
        .program(&stage.folder, "ssh-keygen")
        .arg("-D")
        .arg(stage.module.path())
        .succeed()?;
    stage.folder.subfolder("home/.ssh")?;
    stage
        .folder
        .write("home/.ssh/authorized_keys", keys.text())?;
    stage.module.was_used()?;
    Pam::with_line(stage, &line, Some(etc))?.lets_the_user_in_with_the_right_pin()
}
