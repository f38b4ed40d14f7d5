//! The open database, and transactions on it.

use std::fs::OpenOptions;
use std::future::Future;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::pin::Pin;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::migrate::Migrator;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AnyConnection, AnyPool, Connection as _};

use crate::error::{Result, StoreError};
use crate::transaction::Transaction;

static SQLITE_MIGRATIONS: Migrator = sqlx_macros::migrate!("../../migrations/sqlite");
static POSTGRES_MIGRATIONS: Migrator = sqlx_macros::migrate!("../../migrations/postgres");

/// Connections to one PostgreSQL from one server, and readers of one SQLite file.
const CONNECTIONS: u32 = 8;

/// The work of one transaction, boxed: what the closure given to [`Store::write`] returns.
pub type Work<'t, T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 't>>;

/// Which database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// SQLite, in a file.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// An open database.
#[derive(Clone, Debug)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    kind: Kind,
    writer: AnyPool,
    reader: AnyPool,
}

impl Store {
    /// Opens the database at `url` (`sqlite:PATH` or `postgres://...`) and brings its tables up to date.
    ///
    /// A SQLite file is created if it is not there.
    ///
    /// # Errors
    /// If the URL is of neither kind, the database cannot be reached, or its tables are newer than this program.
    pub async fn open(url: &str) -> Result<Self> {
        sqlx::any::install_default_drivers();
        let store = if url.starts_with("sqlite:") {
            Self::open_sqlite(url).await?
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            Self::open_postgres(url).await?
        } else {
            // A URL may hold a password: only its scheme is repeated, where it has one.
            let scheme = url.split_once("://").map_or("", |(scheme, _)| scheme);
            return Err(StoreError::UnknownDatabase(scheme.to_owned()));
        };
        let migrations = match store.inner.kind {
            Kind::Sqlite => &SQLITE_MIGRATIONS,
            Kind::Postgres => &POSTGRES_MIGRATIONS,
        };
        migrations.run(&store.inner.writer).await?;
        Ok(store)
    }

    async fn open_sqlite(url: &str) -> Result<Self> {
        let separator = if url.contains('?') { '&' } else { '?' };
        let url = format!("{url}{separator}mode=rwc");
        if !url.starts_with("sqlite::memory:") {
            create_for_owner(SqliteConnectOptions::from_str(&url)?.get_filename())?;
        }
        let options: AnyConnectOptions = url.parse()?;
        // One writer: SQLite has one anyway, and those who wait here wait in order and without a busy loop.
        let writer = sqlite_pool(1, "PRAGMA query_only = OFF")
            .connect_with(options.clone())
            .await?;
        let reader = sqlite_pool(CONNECTIONS, "PRAGMA query_only = ON")
            .connect_with(options)
            .await?;
        Ok(Self::new(Kind::Sqlite, writer, reader))
    }

    async fn open_postgres(url: &str) -> Result<Self> {
        let options: AnyConnectOptions = url.parse()?;
        let pool = AnyPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(Duration::from_secs(10))
            .connect_with(options.clone())
            .await;
        let pool = match pool {
            // The pool tried for long, and cannot tell why that was in vain: one connection can.
            Err(timed_out @ sqlx::Error::PoolTimedOut) => {
                let reason = AnyConnection::connect_with(&options).await;
                return Err(reason.err().unwrap_or(timed_out).into());
            }
            other => other?,
        };
        Ok(Self::new(Kind::Postgres, pool.clone(), pool))
    }

    fn new(kind: Kind, writer: AnyPool, reader: AnyPool) -> Self {
        Self {
            inner: Arc::new(Inner {
                kind,
                writer,
                reader,
            }),
        }
    }

    /// Which database it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.inner.kind
    }

    /// Where statements that only read run.
    #[must_use]
    pub fn reader(&self) -> &AnyPool {
        &self.inner.reader
    }

    /// Runs `work` in one transaction: all of it is stored, together with the audit events that it
    /// [recorded](Transaction::record), or, if it fails, nothing.
    ///
    /// The transaction runs in a task of its own: a caller that goes away (an HTTP client that hangs up drops its
    /// handler) can neither cut it in the middle nor leave a connection inside a transaction.
    ///
    /// # Errors
    /// What `work` returns, or the database's own failure.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'t> FnOnce(&'t mut Transaction) -> Work<'t, T, E> + Send + 'static,
    {
        let store = self.clone();
        tokio::spawn(async move {
            let begin = match store.inner.kind {
                Kind::Sqlite => "BEGIN IMMEDIATE",
                Kind::Postgres => "BEGIN",
            };
            let inner = store
                .inner
                .writer
                .begin_with(begin)
                .await
                .map_err(StoreError::from)?;
            let mut transaction = Transaction::new(inner);
            let answer = work(&mut transaction).await?;
            transaction.commit().await?;
            Ok(answer)
        })
        .await
        .map_err(StoreError::from)?
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// If it does not.
    pub async fn ping(&self) -> Result<()> {
        sqlx::query("SELECT 1").fetch_one(self.reader()).await?;
        Ok(())
    }

    /// Closes all connections, after the work that is under way.
    pub async fn close(&self) {
        self.inner.reader.close().await;
        self.inner.writer.close().await;
    }
}

/// Makes the file of a database that its owner alone can read, unless it is there; SQLite gives the files beside it the
/// same mode.
fn create_for_owner(path: &Path) -> Result<()> {
    let created = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    match created {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(StoreError::File {
            path: path.to_owned(),
            source: error,
        }),
        _ => Ok(()),
    }
}

fn sqlite_pool(connections: u32, access: &'static str) -> AnyPoolOptions {
    AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(10))
        .after_connect(move |connection, _| {
            Box::pin(async move {
                for pragma in [
                    "PRAGMA busy_timeout = 10000",
                    "PRAGMA journal_mode = WAL",
                    // A certificate or a revocation that was answered for must survive a power cut.
                    "PRAGMA synchronous = FULL",
                    "PRAGMA foreign_keys = ON",
                    "PRAGMA journal_size_limit = 67108864",
                    access,
                ] {
                    sqlx::query(pragma).execute(&mut *connection).await?;
                }
                Ok(())
            })
        })
}
