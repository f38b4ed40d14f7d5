//! What each program needs, and what to know afterwards.

use std::path::{Path, PathBuf};

use super::account;
use super::change::Change;
use super::error::SetupError;
use super::files;
use super::firefox;
use super::nss::NssModule;
use super::own_file::{Format, OwnFile, policies};
use super::p11_kit;
use super::program::Program;
use super::ssh_block::SshBlock;
use super::surroundings::Surroundings;

/// What can be asked for beside the program.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// ssh: for which hosts, as in a `Host` line.
    pub hosts: Option<String>,
    /// Firefox: which profile.
    pub profile: Option<PathBuf>,
}

/// What a program needs.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The changes.
    pub changes: Vec<Change>,
    /// What to do or to know afterwards, a line each.
    pub afterwards: Vec<String>,
}

/// What a program needs to load this module; for taking back what was made, the module may be empty.
///
/// # Errors
/// [`SetupError`] where that cannot be known here.
pub fn plan(
    program: Program,
    module: &str,
    surroundings: &Surroundings,
    wishes: &Wishes,
) -> Result<Plan, SetupError> {
    match program {
        Program::Firefox => firefox(module, surroundings, wishes),
        Program::Chromium => Ok(chromium(module, surroundings)),
        Program::Ssh => ssh(module, surroundings, wishes),
        Program::P11Kit => p11_kit(module, surroundings),
        Program::Openssl => openssl(module, surroundings),
        Program::Java => Ok(java(module, surroundings)),
        Program::Pam => Ok(pam(module, surroundings)),
        Program::Krb5 => krb5(module, surroundings),
        Program::OneTap => one_tap(surroundings),
    }
}

fn own_file(program: Program, path: PathBuf, body: String) -> Change {
    Change::OwnFile(OwnFile {
        program: program.name(),
        path,
        body,
        format: Format::Marked,
    })
}

/// A file of Tapcard's own: root's is the whole system's.
fn in_our_folder(surroundings: &Surroundings, name: &str) -> PathBuf {
    if surroundings.is_root() {
        surroundings.system("/etc/tapcard").join(name)
    } else {
        surroundings.config.join("tapcard").join(name)
    }
}

fn firefox(module: &str, surroundings: &Surroundings, wishes: &Wishes) -> Result<Plan, SetupError> {
    let restart = "Close Firefox before, and start it again afterwards. It shows the module in Settings, Privacy & Security, \
                   Security Devices; sites that want a certificate are then offered those of the card.";
    if surroundings.is_root() && wishes.profile.is_none() {
        let path = surroundings.system("/etc/firefox/policies/policies.json");
        return Ok(Plan {
            changes: vec![Change::OwnFile(OwnFile {
                program: Program::Firefox.name(),
                path,
                body: policies(module),
                format: Format::Policies,
            })],
            afterwards: vec![
                "This is a policy for all users. Where there is a policies.json of somebody else's, add the module to its SecurityDevices \
                 by hand."
                    .to_owned(),
                restart.to_owned(),
            ],
        });
    }
    let profiles = match &wishes.profile {
        Some(folder) => vec![folder.clone()],
        None => firefox::profiles(surroundings)?,
    };
    Ok(Plan {
        changes: profiles
            .into_iter()
            .map(|folder| Change::NssModule(NssModule::in_folder(folder, module, surroundings)))
            .collect(),
        afterwards: vec![restart.to_owned()],
    })
}

fn chromium(module: &str, surroundings: &Surroundings) -> Plan {
    let usual = surroundings.home.join(".pki/nssdb");
    let newer = surroundings.data.join("pki/nssdb");
    let folder = if newer.is_dir() && !usual.is_dir() {
        newer
    } else {
        usual
    };
    Plan {
        changes: vec![Change::NssModule(NssModule::in_folder(
            folder,
            module,
            surroundings,
        ))],
        afterwards: vec![
            "Close Chromium before, and start it again afterwards. Chromium as a snap or flatpak cannot load modules.".to_owned(),
        ],
    }
}

fn ssh(module: &str, surroundings: &Surroundings, wishes: &Wishes) -> Result<Plan, SetupError> {
    let block = SshBlock {
        path: surroundings.home.join(".ssh/config"),
        hosts: wishes.hosts.clone().unwrap_or_else(|| "*".to_owned()),
        module: module.to_owned(),
    };
    let mut afterwards = vec![format!(
        "`ssh HOST` then asks for the PIN itself, without an agent. `ssh-keygen -D {module}` shows the public keys."
    )];
    if let Some(line) = block.line_that_goes_first()? {
        afterwards.push(format!(
            "Line {line} of that file names a PKCS#11 module already: where its Host fits, ssh takes that one and not ours."
        ));
    }
    if let Some(home) =
        account::home(surroundings).filter(|home| !is_same(home, &surroundings.home))
    {
        afterwards.push(format!(
            "ssh itself looks in the home folder of your account, {}, whatever HOME says (it is {}): `ssh -F {}` reads that file.",
            home.display(),
            surroundings.home.display(),
            block.path.display()
        ));
    }
    Ok(Plan {
        changes: vec![Change::SshBlock(block)],
        afterwards,
    })
}

/// Whether two paths lead to one folder.
fn is_same(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    real(one) == real(other)
}

fn p11_kit(module: &str, surroundings: &Surroundings) -> Result<Plan, SetupError> {
    // What was made before can still be taken back.
    if !module.is_empty() {
        p11_kit::counts_here(surroundings)?;
    }
    let opensc = p11_kit::opensc(surroundings)?;
    let mut afterwards = vec![
        "`p11tool --list-tokens` and `p11-kit list-modules` show it. Programs that run see it when they are started again."
            .to_owned(),
    ];
    if !opensc.hidden_by.is_empty() {
        afterwards.push(
            "OpenSC's module would show the same card a second time, so p11-kit is told to ignore it. Cards that OpenSC alone can read \
             are then not shown by p11-kit either."
                .to_owned(),
        );
    }
    for path in &opensc.left {
        afterwards.push(format!(
            "{} was not made by tapcard and stays as it is: unless it hides OpenSC's module, a card is shown by both.",
            path.display()
        ));
    }
    let mut changes = vec![Change::OwnFile(p11_kit::ours(module, surroundings))];
    changes.extend(opensc.hidden_by.into_iter().map(Change::OwnFile));
    Ok(Plan {
        changes,
        afterwards,
    })
}

fn openssl(module: &str, surroundings: &Surroundings) -> Result<Plan, SetupError> {
    let path = in_our_folder(surroundings, "openssl.cnf");
    let provider = surroundings.library(&["ossl-modules/pkcs11.so"]);
    let engine = surroundings.library(&["engines-3/pkcs11.so", "engines-1.1/pkcs11.so"]);
    let conf = format!("OPENSSL_CONF={}", path.display());
    let (section, example) = match (provider, engine) {
        (Some(provider), _) => (
            format!(
                "providers = tapcard_providers\n\n[tapcard_providers]\ndefault = tapcard_default\npkcs11 = tapcard_pkcs11\n\n\
                 [tapcard_default]\nactivate = 1\n\n[tapcard_pkcs11]\nmodule = {}\npkcs11-module-path = {module}\nactivate = 1\n",
                provider.display()
            ),
            "openssl dgst -sha256 -sign 'pkcs11:id=%01;type=private' FILE",
        ),
        (None, Some(engine)) => (
            format!(
                "engines = tapcard_engines\n\n[tapcard_engines]\npkcs11 = tapcard_pkcs11\n\n[tapcard_pkcs11]\nengine_id = pkcs11\n\
                 dynamic_path = {}\nMODULE_PATH = {module}\ninit = 0\n",
                engine.display()
            ),
            "openssl dgst -sha256 -engine pkcs11 -keyform engine -sign 'pkcs11:id=%01;type=private' FILE",
        ),
        // What was made is known by its mark alone.
        (None, None) if module.is_empty() => (String::new(), ""),
        (None, None) => {
            return Err(SetupError::NoTool {
                program: "OpenSSL's provider or engine for PKCS#11",
                package: "the package pkcs11-provider, or libengine-pkcs11-openssl (Debian 12, Ubuntu 22.04)",
            });
        }
    };
    let systems =
        ["/etc/ssl/openssl.cnf", "/etc/pki/tls/openssl.cnf"].map(|path| surroundings.system(path));
    let include = systems
        .iter()
        .find(|path| path.is_file())
        .map_or_else(String::new, |path| {
            format!(".include {}\n\n", path.display())
        });
    Ok(Plan {
        changes: vec![own_file(
            Program::Openssl,
            path,
            format!("{include}[default]\nopenssl_conf = tapcard_init\n\n[tapcard_init]\n{section}"),
        )],
        afterwards: vec![
            format!("It counts where it is named: `{conf} {example}`."),
            format!("For all programs of a shell: `export {conf}`."),
        ],
    })
}

fn java(module: &str, surroundings: &Surroundings) -> Plan {
    let path = in_our_folder(surroundings, "sunpkcs11.cfg");
    let shown = path.display().to_string();
    Plan {
        changes: vec![own_file(
            Program::Java,
            path,
            format!("name = Tapcard\nlibrary = {module}\nslotListIndex = 0\n"),
        )],
        afterwards: vec![
            format!("`keytool -list -keystore NONE -storetype PKCS11 -addprovider SunPKCS11 -providerArg {shown}` shows the keys."),
            format!("In a program: `Security.getProvider(\"SunPKCS11\").configure(\"{shown}\")`."),
            "slotListIndex 0 is the first reader; where the card is in another one, `pkcs11-tool --list-slots` counts them.".to_owned(),
        ],
    }
}

fn pam(module: &str, surroundings: &Surroundings) -> Plan {
    let path = surroundings.system("/etc/tapcard/pam_pkcs11.conf");
    let shown = path.display().to_string();
    // Certificates of an enrollment server name the account as a user principal name: NAME@DOMAIN.
    let body = format!(
        "pam_pkcs11 {{\n  use_pkcs11_module = tapcard;\n  pkcs11_module tapcard {{\n    module = {module};\n    description = \"Tapcard\";\n\
         \x20   slot_num = 0;\n    support_threads = true;\n    ca_dir = /etc/pam_pkcs11/cacerts;\n    crl_dir = /etc/pam_pkcs11/crls;\n\
         \x20   cert_policy = ca, signature, crl_auto;\n  }}\n  use_mappers = ms;\n  mapper ms {{\n    module = internal;\n\
         \x20   ignoredomain = true;\n  }}\n}}\n"
    );
    Plan {
        changes: vec![own_file(Program::Pam, path, body)],
        afterwards: vec![
            "/etc/pam.d is never edited: a wrong line there locks everybody out. Keep a root shell open, add one line at the beginning \
             of a service's file (/etc/pam.d/sudo, say), and try it in another terminal:"
                .to_owned(),
            format!("pam_pkcs11: `auth sufficient pam_pkcs11.so config_file={shown}` (the authority's certificates, root and issuing, go to \
                     /etc/pam_pkcs11/cacerts, then `pkcs11_make_hash_link` there)"),
            format!("pam_p11, which needs no file: `auth sufficient pam_p11.so {module}` (it takes the keys of ~/.ssh/authorized_keys)"),
            "pam_pkcs11 loads a module alone that belongs to root and that nobody else can write.".to_owned(),
        ],
    }
}

fn krb5(module: &str, surroundings: &Surroundings) -> Result<Plan, SetupError> {
    let path = surroundings.system("/etc/krb5.conf.d/tapcard.conf");
    let main = surroundings.system("/etc/krb5.conf");
    let mut afterwards = Vec::new();
    let includes = files::read(&main)?.is_some_and(|text| {
        text.lines()
            .any(|line| line.trim().starts_with("includedir") && line.contains("/etc/krb5.conf.d"))
    });
    if !includes {
        afterwards.push(format!(
            "{} does not read that folder yet: add the line `includedir /etc/krb5.conf.d` at its beginning.",
            main.display()
        ));
    }
    afterwards.push(
        "`kinit` then asks for the PIN. The realm's authority must be known: pkinit_anchors in krb5.conf.".to_owned(),
    );
    Ok(Plan {
        changes: vec![own_file(
            Program::Krb5,
            path,
            // kinit refuses to choose among several certificates: it gets the one of 9A.
            format!(
                "[libdefaults]\n    pkinit_identities = PKCS11:module_name={module}:certid=01\n"
            ),
        )],
        afterwards,
    })
}

fn one_tap(surroundings: &Surroundings) -> Result<Plan, SetupError> {
    if surroundings.is_root() {
        return Err(SetupError::NotForRoot);
    }
    let path = in_our_folder(surroundings, "pkcs11.toml");
    let shown = path.display().to_string();
    Ok(Plan {
        changes: vec![own_file(Program::OneTap, path, "one_tap = true\n".to_owned())],
        afterwards: vec![
            "Log in once with the phone at the reader. From then on programs show it while it is away: type the PIN first, and hold the \
             phone to the reader when you are asked. Programs that run already see it when they are started again."
                .to_owned(),
            format!("Where {shown} is there already with settings of yours, add the line `one_tap = true` to it."),
        ],
    })
}

/// A module's path as text: [`super::module::find`] gives no other.
#[must_use]
pub fn as_text(module: &Path) -> String {
    module.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setup::state::{Done, State};
    use std::fs;

    const MODULE: &str = "/usr/lib/libtapcard_pkcs11.so";

    /// A system with OpenSSL's engine, of root or of a user.
    fn surroundings(folder: &tempfile::TempDir, user: u32) -> Surroundings {
        let root = folder.path().to_owned();
        fs::create_dir_all(root.join("usr/lib/engines-3")).unwrap();
        fs::write(root.join("usr/lib/engines-3/pkcs11.so"), "").unwrap();
        let home = root.join("home/alice");
        fs::create_dir_all(&home).unwrap();
        Surroundings {
            config: home.join(".config"),
            data: home.join(".local/share"),
            home,
            search_path: Vec::new(),
            root,
            user,
        }
    }

    #[test]
    fn files_of_our_own_are_made_once_and_taken_back_for_root_and_user() {
        for (user, program, path) in [
            (
                1000,
                Program::P11Kit,
                "home/alice/.config/pkcs11/modules/tapcard.module",
            ),
            (0, Program::P11Kit, "etc/pkcs11/modules/tapcard.module"),
            (
                1000,
                Program::Openssl,
                "home/alice/.config/tapcard/openssl.cnf",
            ),
            (0, Program::Openssl, "etc/tapcard/openssl.cnf"),
            (
                1000,
                Program::Java,
                "home/alice/.config/tapcard/sunpkcs11.cfg",
            ),
            (0, Program::Firefox, "etc/firefox/policies/policies.json"),
            (0, Program::Pam, "etc/tapcard/pam_pkcs11.conf"),
            (0, Program::Krb5, "etc/krb5.conf.d/tapcard.conf"),
            (1000, Program::Ssh, "home/alice/.ssh/config"),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let surroundings = surroundings(&folder, user);
            let plan = plan(program, MODULE, &surroundings, &Wishes::default()).unwrap();
            let [change] = plan.changes.as_slice() else {
                panic!("{program:?}");
            };
            let path = folder.path().join(path);
            assert_eq!(change.place(), path);
            assert!(matches!(change.apply().unwrap(), Done::Written(..)));
            assert!(fs::read_to_string(&path).unwrap().contains(MODULE));
            assert_eq!(change.state().unwrap(), State::SetUp);
            assert_eq!(change.apply().unwrap(), Done::Nothing);
            assert!(matches!(change.undo().unwrap(), Done::Removed(_)));
            assert_eq!(change.state().unwrap(), State::NotSetUp);
        }
    }

    #[test]
    fn one_tap_is_for_users_and_leaves_settings_of_theirs_alone() {
        let folder = tempfile::tempdir().unwrap();
        let wishes = Wishes::default();
        let of = |user| plan(Program::OneTap, "", &surroundings(&folder, user), &wishes);
        assert!(matches!(of(0), Err(SetupError::NotForRoot)));
        let plan = of(1000).unwrap();
        let [change] = plan.changes.as_slice() else {
            panic!("{plan:?}");
        };
        let path = folder.path().join("home/alice/.config/tapcard/pkcs11.toml");
        assert_eq!(change.place(), path);
        assert!(matches!(change.apply().unwrap(), Done::Written(..)));
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().last(), Some("one_tap = true"));
        assert_eq!(change.state().unwrap(), State::SetUp);
        assert!(matches!(change.undo().unwrap(), Done::Removed(_)));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "log = \"/tmp/a\"\n").unwrap();
        assert!(matches!(change.apply(), Err(SetupError::Foreign(_))));
        assert_eq!(fs::read_to_string(&path).unwrap(), "log = \"/tmp/a\"\n");
        assert!(
            plan.afterwards
                .join("\n")
                .contains("add the line `one_tap = true`")
        );
    }

    #[test]
    fn what_must_be_done_by_hand_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let surroundings = surroundings(&folder, 0);
        let words = |program| {
            let plan = plan(program, MODULE, &surroundings, &Wishes::default()).unwrap();
            plan.afterwards.join("\n")
        };
        assert!(words(Program::Krb5).contains("includedir /etc/krb5.conf.d"));
        fs::create_dir_all(folder.path().join("etc")).unwrap();
        fs::write(
            folder.path().join("etc/krb5.conf"),
            "includedir /etc/krb5.conf.d/\n[libdefaults]\n",
        )
        .unwrap();
        assert!(!words(Program::Krb5).contains("add the line"));
        assert!(words(Program::Pam).contains(&format!("auth sufficient pam_p11.so {MODULE}")));
        assert!(words(Program::Openssl).contains("OPENSSL_CONF="));
    }

    #[test]
    fn firefox_without_a_profile_and_openssl_without_its_part_say_what_is_missing() {
        let folder = tempfile::tempdir().unwrap();
        let mut surroundings = surroundings(&folder, 1000);
        let wishes = Wishes::default();
        assert!(matches!(
            plan(Program::Firefox, MODULE, &surroundings, &wishes),
            Err(SetupError::NoProfile(_))
        ));
        surroundings.root = folder.path().join("empty");
        // What was made before can still be taken back.
        assert!(plan(Program::Openssl, "", &surroundings, &wishes).is_ok());
        assert!(matches!(
            plan(Program::Openssl, MODULE, &surroundings, &wishes),
            Err(SetupError::NoTool { .. })
        ));
    }
}
