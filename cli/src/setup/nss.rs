//! Modules of NSS databases: of Chromium's, and of a Firefox profile. NSS's own `modutil` makes the changes; the list of
//! modules, `pkcs11.txt`, is read directly, which loads none of them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::error::SetupError;
use super::files;
use super::module::FILE_NAME;
use super::state::{Done, State};
use super::surroundings::Surroundings;

/// The name by which our entry is known to be ours; users see it among their security devices.
pub const NAME: &str = "Tapcard (tapcard setup)";
/// The package of `modutil` and `certutil`.
pub const PACKAGE: &str =
    "the package libnss3-tools (Debian, Ubuntu), nss-tools (Fedora) or nss (Arch)";

/// Our entry in a database.
#[derive(Clone, Debug)]
pub struct NssModule {
    /// The database's folder.
    pub folder: PathBuf,
    /// The module.
    pub module: String,
    /// NSS's tool for modules, where it is installed.
    pub modutil: Option<PathBuf>,
    /// NSS's tool that makes a database, where it is installed.
    pub certutil: Option<PathBuf>,
}

/// An entry of `pkcs11.txt`.
#[derive(Debug, Default, PartialEq, Eq)]
struct Entry {
    library: String,
    name: String,
}

impl NssModule {
    /// The entry of this database.
    #[must_use]
    pub fn in_folder(folder: PathBuf, module: &str, surroundings: &Surroundings) -> Self {
        Self {
            folder,
            module: module.to_owned(),
            modutil: surroundings.program(&["modutil"]),
            certutil: surroundings.program(&["certutil"]),
        }
    }

    /// The command that makes the entry, for people.
    #[must_use]
    pub fn command_line(&self) -> String {
        format!(
            "modutil -dbdir sql:{} -add '{NAME}' -libfile {}\n",
            self.folder.display(),
            self.module
        )
    }

    fn list(&self) -> PathBuf {
        self.folder.join("pkcs11.txt")
    }

    fn entries(&self) -> Result<Vec<Entry>, SetupError> {
        Ok(files::read(&self.list())?.map_or_else(Vec::new, |text| entries(&text)))
    }

    /// What is there now.
    ///
    /// # Errors
    /// [`SetupError::File`] where it cannot be read.
    pub fn state(&self) -> Result<State, SetupError> {
        let entries = self.entries()?;
        Ok(match entries.iter().find(|entry| entry.name == NAME) {
            Some(ours) if ours.library == self.module => State::SetUp,
            Some(ours) if is_our_module(&ours.library) => State::Other,
            Some(_) => State::Changed,
            None if entries.iter().any(|entry| is_our_module(&entry.library)) => State::Foreign,
            None => State::NotSetUp,
        })
    }

    /// Makes the entry, and the database where there is none.
    ///
    /// # Errors
    /// [`SetupError`] where the module has an entry of another name, or NSS's tools are missing or fail.
    pub fn apply(&self) -> Result<Done, SetupError> {
        let state = self.state()?;
        match state {
            State::SetUp => return Ok(Done::Nothing),
            State::Changed => return Err(self.changed()),
            State::Foreign => return Err(SetupError::Foreign(self.list())),
            State::NotSetUp | State::Other => {}
        }
        let modutil = tool(self.modutil.as_deref(), "modutil")?;
        let kept = if self.list().exists() {
            files::keep(&self.list())?
        } else {
            let certutil = tool(self.certutil.as_deref(), "certutil")?;
            files::make_folder_of(&self.list(), 0o700)?;
            run(
                certutil,
                &["-N", "-d", &self.database(), "--empty-password"],
            )?;
            None
        };
        if state == State::Other {
            self.delete(modutil)?;
        }
        let (database, module) = (self.database(), self.module.as_str());
        run(
            modutil,
            &[
                "-force", "-dbdir", &database, "-add", NAME, "-libfile", module,
            ],
        )?;
        Ok(Done::Written(self.list(), kept))
    }

    /// Deletes the entry. A database that was made for it stays: other programs keep certificates there.
    ///
    /// # Errors
    /// [`SetupError`] where the entry was changed, or NSS's tool is missing or fails.
    pub fn undo(&self) -> Result<Done, SetupError> {
        match self.state()? {
            State::NotSetUp | State::Foreign => return Ok(Done::Nothing),
            State::Changed => return Err(self.changed()),
            State::SetUp | State::Other => {}
        }
        let modutil = tool(self.modutil.as_deref(), "modutil")?;
        let kept = files::keep(&self.list())?;
        self.delete(modutil)?;
        Ok(Done::Written(self.list(), kept))
    }

    fn delete(&self, modutil: &Path) -> Result<(), SetupError> {
        let database = self.database();
        run(modutil, &["-force", "-dbdir", &database, "-delete", NAME])
    }

    fn database(&self) -> String {
        format!("sql:{}", self.folder.display())
    }

    fn changed(&self) -> SetupError {
        SetupError::Changed {
            what: "the entry \"Tapcard (tapcard setup)\"",
            path: self.list(),
        }
    }
}

fn tool<'a>(path: Option<&'a Path>, program: &'static str) -> Result<&'a Path, SetupError> {
    path.ok_or(SetupError::NoTool {
        program,
        package: PACKAGE,
    })
}

fn run(program: &Path, arguments: &[&str]) -> Result<(), SetupError> {
    let failed = |said: String| SetupError::ToolFailed {
        program: program.display().to_string(),
        said,
    };
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| failed(error.to_string()))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(failed(String::from_utf8_lossy(&said).trim().to_owned()))
}

fn is_our_module(library: &str) -> bool {
    Path::new(library)
        .file_name()
        .is_some_and(|name| name == FILE_NAME)
}

/// The modules of a `pkcs11.txt`: an entry is a group of lines `name=value`.
fn entries(text: &str) -> Vec<Entry> {
    let mut entries = vec![Entry::default()];
    for line in text.lines() {
        let line = line.trim();
        if line.is_empty() {
            entries.push(Entry::default());
            continue;
        }
        let Some(entry) = entries.last_mut() else {
            continue;
        };
        match line.split_once('=') {
            Some(("library", value)) => value.clone_into(&mut entry.library),
            Some(("name", value)) => value.clone_into(&mut entry.name),
            _ => {}
        }
    }
    entries.retain(|entry| *entry != Entry::default());
    entries
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const INTERNAL: &str = "library=\nname=NSS Internal PKCS #11 Module\nparameters=configdir='sql:/h'\nNSS=Flags=internal\n\n";

    fn state_with(entry: &str) -> State {
        let folder = tempfile::tempdir().unwrap();
        fs::write(
            folder.path().join("pkcs11.txt"),
            format!("{INTERNAL}{entry}"),
        )
        .unwrap();
        let module = NssModule {
            folder: folder.path().to_owned(),
            module: "/usr/lib/libtapcard_pkcs11.so".to_owned(),
            modutil: None,
            certutil: None,
        };
        // Without the tools nothing can be changed, and that is said.
        match module.state().unwrap() {
            State::NotSetUp => assert!(matches!(module.apply(), Err(SetupError::NoTool { .. }))),
            State::SetUp => assert!(matches!(module.undo(), Err(SetupError::NoTool { .. }))),
            _ => {}
        }
        module.state().unwrap()
    }

    #[test]
    fn the_list_of_modules_tells_whether_ours_is_there_and_whose_it_is() {
        for (entry, state) in [
            ("", State::NotSetUp),
            (
                "library=/usr/lib/opensc-pkcs11.so\nname=OpenSC\n\n",
                State::NotSetUp,
            ),
            (
                "library=/usr/lib/libtapcard_pkcs11.so\nname=Tapcard (tapcard setup)\n\n",
                State::SetUp,
            ),
            (
                "library=/opt/libtapcard_pkcs11.so\nname=Tapcard (tapcard setup)\n\n",
                State::Other,
            ),
            (
                "library=/usr/lib/other.so\nname=Tapcard (tapcard setup)\n\n",
                State::Changed,
            ),
            (
                "library=/usr/lib/libtapcard_pkcs11.so\nname=My own\nNSS=trustOrder=1\n\n",
                State::Foreign,
            ),
        ] {
            assert_eq!(state_with(entry), state, "{entry}");
        }
    }
}
