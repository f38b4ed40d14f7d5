//! Where things are for whoever runs this: home, configuration, search path, the system's folders.

use std::ffi::OsString;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Who runs this, and where things are.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// The home folder.
    pub home: PathBuf,
    /// The folder of a user's configuration: `XDG_CONFIG_HOME`, or `.config` in the home folder.
    pub config: PathBuf,
    /// The folder of a user's data: `XDG_DATA_HOME`, or `.local/share` in the home folder.
    pub data: PathBuf,
    /// The folder of the system, `/` but in tests.
    pub root: PathBuf,
    /// The folders in which programs are looked for.
    pub search_path: Vec<PathBuf>,
    /// Who runs this: the number of its user; 0 is root.
    pub user: u32,
}

impl Surroundings {
    /// Those of this process; `None` where it has no home folder.
    #[must_use]
    pub fn of_process() -> Option<Self> {
        let folder = |name| {
            let value = std::env::var_os(name).map(PathBuf::from);
            value.filter(|path| path.is_absolute())
        };
        let home = folder("HOME")?;
        let mut search_path: Vec<PathBuf> = std::env::split_paths(
            &std::env::var_os("PATH").unwrap_or_else(|| OsString::from("/usr/bin:/bin")),
        )
        .collect();
        // Daemons' programs are not in everybody's path.
        search_path.extend(["/usr/sbin", "/sbin"].map(PathBuf::from));
        Some(Self {
            config: folder("XDG_CONFIG_HOME").unwrap_or_else(|| home.join(".config")),
            data: folder("XDG_DATA_HOME").unwrap_or_else(|| home.join(".local/share")),
            home,
            root: PathBuf::from("/"),
            search_path,
            user: rustix::process::geteuid().as_raw(),
        })
    }

    /// Whether root runs this.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.user == 0
    }

    /// Whether the home folder belongs to somebody else, as with `sudo`: what is made there would then belong to the wrong
    /// user.
    #[must_use]
    pub fn is_in_another_home(&self) -> bool {
        std::fs::metadata(&self.home).is_ok_and(|home| home.uid() != self.user)
    }

    /// A file of the system.
    #[must_use]
    pub fn system(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }

    /// The first of these programs that is installed.
    #[must_use]
    pub fn program(&self, names: &[&str]) -> Option<PathBuf> {
        names.iter().find_map(|name| {
            let mut places = self.search_path.iter().map(|folder| folder.join(name));
            places.find(|path| path.is_file())
        })
    }

    /// The first of these files of the system that is there, in any of its folders for libraries.
    #[must_use]
    pub fn library(&self, names: &[&str]) -> Option<PathBuf> {
        let folders = library_folders(&self.root);
        names.iter().find_map(|name| {
            let mut places = folders.iter().map(|folder| folder.join(name));
            places.find(|path| path.is_file())
        })
    }
}

/// The folders in which distributions have libraries.
fn library_folders(root: &Path) -> Vec<PathBuf> {
    let architecture = std::env::consts::ARCH;
    [
        format!("usr/lib/{architecture}-linux-gnu"),
        "usr/lib64".to_owned(),
        "usr/lib".to_owned(),
        "usr/local/lib".to_owned(),
        format!("lib/{architecture}-linux-gnu"),
        "lib64".to_owned(),
        "lib".to_owned(),
    ]
    .iter()
    .map(|folder| root.join(folder))
    .collect()
}
