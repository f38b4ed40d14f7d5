//! p11-kit's configuration: where it is, and the modules of OpenSC's that would show a phone a second time.
//!
//! A file in the configuration takes the place of the system's file of the same name, setting by setting, and a module
//! without a path is ignored (pkcs11.conf(5)).

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::error::SetupError;
use super::files;
use super::own_file::{Format, OwnFile};
use super::program::Program;
use super::state::State;
use super::surroundings::Surroundings;

/// Where p11-kit orders modules: the higher, the earlier (pkcs11.conf(5)). OpenSC's has none, which is 0.
const PRIORITY: u32 = 10;
/// The name of our file.
const OURS: &str = "tapcard.module";
/// Where the system's packages have theirs.
const OF_PACKAGES: &str = "/usr/share/p11-kit/modules";
/// Where root has theirs.
const OF_ROOT: &str = "/etc/pkcs11/modules";
/// p11-kit's own settings.
const SETTINGS: &str = "/etc/pkcs11/pkcs11.conf";
/// OpenSC's modules.
const OPENSC: [&str; 2] = ["opensc-pkcs11.so", "onepin-opensc-pkcs11.so"];
/// What a file says that has p11-kit ignore a module.
const IGNORED: &str = "module:\n";

/// What is done about OpenSC's modules.
#[derive(Clone, Debug, Default)]
pub struct OpenSc {
    /// The files that have p11-kit ignore them.
    pub hidden_by: Vec<OwnFile>,
    /// Files of somebody else's in the place of such a file.
    pub left: Vec<PathBuf>,
}

/// The file that names our module.
#[must_use]
pub fn ours(module: &str, surroundings: &Surroundings) -> OwnFile {
    file(
        folder(surroundings).join(OURS),
        format!("module: {module}\npriority: {PRIORITY}\n"),
    )
}

/// OpenSC's modules that p11-kit loads here, and those that were hidden before.
///
/// # Errors
/// [`SetupError::File`] where p11-kit's configuration cannot be read.
pub fn opensc(surroundings: &Surroundings) -> Result<OpenSc, SetupError> {
    let folder = folder(surroundings);
    let mut names = BTreeSet::new();
    for place in [OF_PACKAGES, OF_ROOT].map(|place| surroundings.system(place)) {
        // A file cannot take its own place.
        if place == folder {
            continue;
        }
        for name in module_files(&place)? {
            let text = files::read(&place.join(&name))?.unwrap_or_default();
            if is_opensc(&text) {
                names.insert(name);
            }
        }
    }
    // What was made can be taken back when OpenSC is gone, too.
    for name in module_files(&folder)? {
        let was_made = match hiding(&folder, &name).state()? {
            State::SetUp | State::Other | State::Changed => true,
            State::NotSetUp | State::Foreign => false,
        };
        if was_made && name != OURS {
            names.insert(name);
        }
    }
    let mut found = OpenSc::default();
    for name in names {
        let file = hiding(&folder, &name);
        match file.state()? {
            State::Foreign | State::Changed => found.left.push(file.path),
            _ => found.hidden_by.push(file),
        }
    }
    Ok(found)
}

/// Refuses where p11-kit is told to take nothing of this user's (`user-config`, pkcs11.conf(5)).
///
/// # Errors
/// [`SetupError::UsersIgnored`] then, and [`SetupError::File`] where its settings cannot be read.
pub fn counts_here(surroundings: &Surroundings) -> Result<(), SetupError> {
    let path = surroundings.system(SETTINGS);
    let text = files::read(&path)?.unwrap_or_default();
    let ignores_users = values(&text, "user-config").any(|value| value == "none");
    if ignores_users && !surroundings.is_root() {
        return Err(SetupError::UsersIgnored(path));
    }
    Ok(())
}

/// Where our files are: p11-kit ignores the user's own where root asks.
fn folder(surroundings: &Surroundings) -> PathBuf {
    if surroundings.is_root() {
        surroundings.system(OF_ROOT)
    } else {
        surroundings.config.join("pkcs11/modules")
    }
}

fn hiding(folder: &Path, name: &OsString) -> OwnFile {
    file(folder.join(name), IGNORED.to_owned())
}

fn file(path: PathBuf, body: String) -> OwnFile {
    OwnFile {
        program: Program::P11Kit.name(),
        path,
        body,
        format: Format::Marked,
    }
}

/// The names of the files in a folder that name a module; none where there is no such folder.
fn module_files(folder: &Path) -> Result<Vec<OsString>, SetupError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(SetupError::file("read", folder)(error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let path = entry.map_err(SetupError::file("read", folder))?.path();
        let names_a_module = path.extension().is_some_and(|ending| ending == "module");
        if let Some(name) = path
            .file_name()
            .filter(|_| names_a_module && path.is_file())
        {
            names.push(name.to_owned());
        }
    }
    Ok(names)
}

/// Whether a file names a module of OpenSC's.
fn is_opensc(text: &str) -> bool {
    let mut modules = values(text, "module").filter_map(|value| Path::new(value).file_name());
    modules.any(|name| OPENSC.iter().any(|opensc| name == *opensc))
}

/// What a file of p11-kit's gives to a setting.
fn values<'t>(text: &'t str, name: &str) -> impl Iterator<Item = &'t str> {
    text.lines().filter_map(move |line| {
        let (setting, value) = line.split_once(':')?;
        (setting.trim() == name).then(|| value.trim())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn surroundings(folder: &tempfile::TempDir, user: u32) -> Surroundings {
        let home = folder.path().join("home");
        Surroundings {
            config: home.join(".config"),
            data: home.join(".local/share"),
            home,
            root: folder.path().join("system"),
            search_path: Vec::new(),
            user,
        }
    }

    fn write(path: &Path, text: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn a_file_names_opensc_whatever_its_path() {
        for (text, expected) in [
            ("# module: opensc-pkcs11.so\n", false),
            ("module: opensc-pkcs11.so\n", true),
            (
                "priority: 1\nmodule : /usr/lib64/onepin-opensc-pkcs11.so \n",
                true,
            ),
            ("module: p11-kit-trust.so\n", false),
            ("module:\n", false),
            ("", false),
        ] {
            assert_eq!(is_opensc(text), expected, "{text}");
        }
    }

    #[test]
    fn a_users_own_file_is_not_made_where_p11_kit_would_ignore_it() {
        let folder = tempfile::tempdir().unwrap();
        let user = surroundings(&folder, 1000);
        assert!(counts_here(&user).is_ok());
        let settings = user.system("/etc/pkcs11/pkcs11.conf");
        write(&settings, "# user-config: none\nuser-config: merge\n");
        assert!(counts_here(&user).is_ok());
        write(&settings, "user-config: none\n");
        assert!(
            matches!(counts_here(&user), Err(SetupError::UsersIgnored(path)) if path == settings)
        );
        assert!(counts_here(&surroundings(&folder, 0)).is_ok());
    }

    #[test]
    fn opensc_is_hidden_where_it_is_installed_and_found_again_when_it_is_gone() {
        for user in [0, 1000] {
            let folder = tempfile::tempdir().unwrap();
            let surroundings = surroundings(&folder, user);
            assert!(opensc(&surroundings).unwrap().hidden_by.is_empty());

            let installed = surroundings.system("/usr/share/p11-kit/modules/opensc.module");
            write(&installed, "module: opensc-pkcs11.so\n");
            let trust = surroundings.system("/usr/share/p11-kit/modules/p11-kit-trust.module");
            write(&trust, "module: p11-kit-trust.so\n");
            ours("/a.so", &surroundings).apply().unwrap();
            let found = opensc(&surroundings).unwrap();
            let [hiding] = found.hidden_by.as_slice() else {
                panic!("{found:?}");
            };
            assert!(hiding.path.ends_with("pkcs11/modules/opensc.module"));
            hiding.apply().unwrap();

            fs::remove_file(&installed).unwrap();
            let again = opensc(&surroundings).unwrap();
            assert_eq!(again.hidden_by.len(), 1);
            again.hidden_by[0].undo().unwrap();
            assert!(opensc(&surroundings).unwrap().hidden_by.is_empty());
        }
    }

    #[test]
    fn a_file_of_the_users_own_in_that_place_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let surroundings = surroundings(&folder, 1000);
        write(
            &surroundings.system("/etc/pkcs11/modules/opensc-pkcs11.module"),
            "module: opensc-pkcs11.so\n",
        );
        let own = surroundings
            .config
            .join("pkcs11/modules/opensc-pkcs11.module");
        write(&own, "module: opensc-pkcs11.so\npriority: 5\n");
        let found = opensc(&surroundings).unwrap();
        assert!(found.hidden_by.is_empty());
        assert_eq!(found.left, [own]);
    }

    #[test]
    fn a_file_that_hid_opensc_and_was_changed_since_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let surroundings = surroundings(&folder, 1000);
        write(
            &surroundings.system("/usr/share/p11-kit/modules/opensc.module"),
            "module: opensc-pkcs11.so\n",
        );
        let hiding = opensc(&surroundings).unwrap().hidden_by.remove(0);
        hiding.apply().unwrap();
        let text = fs::read_to_string(&hiding.path).unwrap();
        write(&hiding.path, &format!("{text}module: opensc-pkcs11.so\n"));
        let found = opensc(&surroundings).unwrap();
        assert!(found.hidden_by.is_empty());
        assert_eq!(found.left, [hiding.path]);
    }
}
