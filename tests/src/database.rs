//! The two databases that a server can work on.

use crate::Result;
use crate::folder::Folder;
use crate::postgres::PostgresCluster;
use crate::program::Program;

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file in the server's data folder.
    Sqlite,
    /// A PostgreSQL cluster of the test's own.
    Postgres,
}

/// A database for a test.
#[derive(Debug)]
pub struct Database(Option<PostgresCluster>);

impl Database {
    /// Starts what there is to start.
    ///
    /// # Errors
    /// When PostgreSQL does not start.
    pub fn start(folder: &Folder, kind: Kind) -> Result<Self> {
        Ok(Self(match kind {
            Kind::Sqlite => None,
            Kind::Postgres => Some(PostgresCluster::start(folder)?),
        }))
    }

    /// Its address, unless the server finds it in its data folder.
    #[must_use]
    pub fn url(&self) -> Option<String> {
        self.0.as_ref().map(PostgresCluster::url)
    }

    /// A command of the server's that works on it.
    #[must_use]
    pub fn under(&self, program: Program) -> Program {
        match self.url() {
            // A password belongs in the environment, not where every user can list it.
            Some(url) => program.env("TAPCARD_DATABASE", url),
            None => program,
        }
    }
}

/// Runs a `fn(Kind) -> Result` as two tests, `NAME::sqlite` and `NAME::postgres`.
#[macro_export]
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {$(
        mod $name {
            #[test]
            fn sqlite() -> $crate::Result {
                super::$name($crate::database::Kind::Sqlite)
            }

            #[test]
            fn postgres() -> $crate::Result {
                super::$name($crate::database::Kind::Postgres)
            }
        }
    )+};
}
