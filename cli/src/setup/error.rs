//! Why a program cannot be set up, or what was made not be taken back.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why nothing was done.
#[derive(Debug, Error)]
pub enum SetupError {
    /// The module was not found.
    #[error(
        "libtapcard_pkcs11.so was not found beside this program nor in the usual folders for libraries: name it by --module PATH"
    )]
    NoModule,
    /// What was named is something else.
    #[error("{} is not a PKCS#11 module", .0.display())]
    NotAModule(PathBuf),
    /// Its path cannot be written into every program's configuration.
    #[error(
        "the path {} has a character (space, quote, backslash, colon, # or %) that not every program can read in its configuration: \
         put the module into another folder",
        .0.display()
    )]
    OddPath(PathBuf),
    /// An option is for another program.
    #[error("{0} is an option for {1} alone")]
    OptionOfAnother(&'static str, &'static str),
    /// There is no home folder.
    #[error("HOME is not set to a folder")]
    NoHome,
    /// The home folder is another user's.
    #[error(
        "the home folder {} belongs to another user: run this as that user, without sudo",
        .0.display()
    )]
    AnotherHome(PathBuf),
    /// Only root may write there.
    #[error("only root may write {}: run this with sudo", .0.display())]
    NeedsRoot(PathBuf),
    /// A file of somebody else's is where ours would be.
    #[error("{} is there already and was not made by tapcard: it stays as it is", .0.display())]
    Foreign(PathBuf),
    /// Nobody's phone is shown to what runs as root.
    #[error("one tap is for one user: run this as the user whose phone it is, without sudo")]
    NotForRoot,
    /// p11-kit takes nothing of a user's.
    #[error(
        "{} has p11-kit ignore the modules of users (user-config: none): run this with sudo, which makes it for all users",
        .0.display()
    )]
    UsersIgnored(PathBuf),
    /// What we made was changed since.
    #[error("{what} in {} was changed since tapcard made it: it stays as it is", path.display())]
    Changed {
        /// What was.
        what: &'static str,
        /// Where it is.
        path: PathBuf,
    },
    /// Taking it back would change what other lines mean.
    #[error(
        "{}: line {line}, below what tapcard made, would belong to another Host if that were taken away: move it above, or put a Host \
         line before it",
        path.display()
    )]
    LinesBelow {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// A program is missing.
    #[error("{program} was not found: it is in {package}")]
    NoTool {
        /// Which.
        program: &'static str,
        /// Where it comes from.
        package: &'static str,
    },
    /// A program failed, in its words.
    #[error("{program} failed: {said}")]
    ToolFailed {
        /// Which.
        program: String,
        /// What it said.
        said: String,
    },
    /// Firefox has no profile yet.
    #[error("Firefox has no profile yet in {}: start it once, or name one by --profile FOLDER", .0.display())]
    NoProfile(PathBuf),
    /// A file could not be read or written.
    #[error("cannot {doing} {}: {source}", path.display())]
    File {
        /// What was tried.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl SetupError {
    /// What a file's error becomes.
    pub fn file(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| match source.kind() {
            io::ErrorKind::PermissionDenied if doing == "write" => Self::NeedsRoot(path),
            _ => Self::File {
                doing,
                path,
                source,
            },
        }
    }
}
