//! The open database, and transactions on it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use enroll_server_files::Access;
use sqlx::any::AnyConnectOptions;
use sqlx::{AnyPool, Connection as _};
use tokio::sync::{Notify, oneshot};
use tokio::time::timeout;

use crate::error::{Result, StoreError, WorkError};
use crate::kind::Kind;
use crate::link::{LOOK, why_none};
use crate::migration;
use crate::pool::{first, pool};
use crate::postgres;
use crate::reader::ReadPool;
use crate::sqlite;
use crate::transaction::{Notices, Transaction};
use crate::writing::{self, Failure, Kept, Try, Work};

/// Connections to one PostgreSQL from one server, and readers of one SQLite file.
pub(crate) const CONNECTIONS: u32 = 8;

/// For how long whoever writes waits for the outcome.
const WRITE_LIMIT: Duration = Duration::from_secs(8);

/// After how long a connection is given up that is writing; work that may take long has longer.
const GIVEN_UP_AFTER: Duration = Duration::from_secs(30);
const GIVEN_UP_AT_LENGTH: Duration = Duration::from_secs(600);

/// An open database.
#[derive(Clone, Debug)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    kind: Kind,
    writer: AnyPool,
    reader: ReadPool,
    /// SQLite's file.
    file: Option<PathBuf>,
    /// A write failed for a reason that lies in the database.
    write_failed: Notify,
    /// Something is to be sent to others.
    to_send: Notify,
    /// Holders are told by mail what happens to their phones.
    sends_notices: AtomicBool,
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
        match Kind::of(url)? {
            Kind::Sqlite => {
                let file = sqlite::file(url)?;
                if let Some(file) = &file {
                    sqlite::create_for_owner(file)?;
                    sqlite::check_usable(file, Access::READ_OK | Access::WRITE_OK)?;
                }
                let options: AnyConnectOptions = sqlite::with_mode(url, "rwc").parse()?;
                migration::bring_up_to_date(Kind::Sqlite, &options).await?;
                Ok(Self::on_sqlite(options, file))
            }
            Kind::Postgres => {
                let options = postgres::options(url)?;
                let mut connection = postgres::connect(url, &options).await?;
                postgres::check_pooler(&mut connection, &options).await?;
                connection.close().await?;
                migration::bring_up_to_date(Kind::Postgres, &options).await?;
                Ok(Self::on_postgres(options))
            }
        }
    }

    /// Opens the database at `url` to work on it beside a server: nothing is made, and nothing brought up to date.
    ///
    /// # Errors
    /// As [`Store::open`]; [`StoreError::NotThere`] if there is no SQLite file, and [`StoreError::OlderTables`].
    pub async fn open_as_it_is(url: &str) -> Result<Self> {
        sqlx::any::install_default_drivers();
        match Kind::of(url)? {
            Kind::Sqlite => {
                let file = sqlite::file(url)?;
                if let Some(file) = &file {
                    sqlite::check_usable(file, Access::READ_OK | Access::WRITE_OK)?;
                }
                let options: AnyConnectOptions = sqlite::with_mode(url, "rw").parse()?;
                migration::check(Kind::Sqlite, first(sqlite::WRITES, &options).await?).await?;
                Ok(Self::on_sqlite(options, file))
            }
            Kind::Postgres => {
                let options = postgres::options(url)?;
                let mut connection = postgres::connect(url, &options).await?;
                postgres::check_pooler(&mut connection, &options).await?;
                migration::check(Kind::Postgres, connection).await?;
                Ok(Self::on_postgres(options))
            }
        }
    }

    /// Opens the database at `url` to read it: nothing is made, and nothing brought up to date.
    ///
    /// # Errors
    /// As [`Store::open`]; [`StoreError::NotThere`] if there is no SQLite file.
    pub async fn open_to_read(url: &str) -> Result<Self> {
        sqlx::any::install_default_drivers();
        match Kind::of(url)? {
            Kind::Sqlite => {
                let file = sqlite::file(url)?;
                if let Some(file) = &file {
                    sqlite::check_usable(file, Access::READ_OK)?;
                }
                let options: AnyConnectOptions = sqlite::with_mode(url, "ro").parse()?;
                first(sqlite::READS_ALONE, &options).await?.close().await?;
                let pool = pool(1, sqlite::READS_ALONE, options);
                Ok(Self::new(Kind::Sqlite, pool.clone(), pool, file))
            }
            Kind::Postgres => {
                let options = postgres::options(url)?;
                postgres::connect(url, &options).await?.close().await?;
                Ok(Self::on_postgres(options))
            }
        }
    }

    /// The URL of a SQLite file.
    #[must_use]
    pub fn url_of(file: &Path) -> String {
        sqlite::url_of(file)
    }

    /// Copies the SQLite database at `url` into a new file that its owner alone can read, as of one moment, whoever writes
    /// to it meanwhile.
    ///
    /// # Errors
    /// If the database is not there, is PostgreSQL's, or the file cannot be written.
    pub async fn copy_sqlite(url: &str, to: &Path) -> Result<()> {
        sqlx::any::install_default_drivers();
        sqlite::copy(url, to).await
    }

    fn on_sqlite(options: AnyConnectOptions, file: Option<PathBuf>) -> Self {
        // One writer: SQLite has one anyway, and those who wait here wait in order and without a busy loop.
        let writer = pool(1, sqlite::WRITES, options.clone());
        let reader = pool(CONNECTIONS, sqlite::READS, options);
        Self::new(Kind::Sqlite, writer, reader, file)
    }

    fn on_postgres(options: AnyConnectOptions) -> Self {
        let pool = pool(CONNECTIONS, postgres::REQUESTS, options);
        Self::new(Kind::Postgres, pool.clone(), pool, None)
    }

    fn new(kind: Kind, writer: AnyPool, reader: AnyPool, file: Option<PathBuf>) -> Self {
        Self {
            inner: Arc::new(Inner {
                kind,
                writer,
                reader: ReadPool::new(reader, kind),
                file,
                write_failed: Notify::new(),
                to_send: Notify::new(),
                sends_notices: AtomicBool::new(false),
            }),
        }
    }

    /// Which database it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.inner.kind
    }

    /// The file that a URL names; none for PostgreSQL.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn file_of(url: &str) -> Result<Option<PathBuf>> {
        match Kind::of(url)? {
            Kind::Sqlite => sqlite::file(url),
            Kind::Postgres => Ok(None),
        }
    }

    /// The file that the database is in; none for PostgreSQL.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.inner.file.as_deref()
    }

    /// Where statements that only read run.
    #[must_use]
    pub fn reader(&self) -> &ReadPool {
        &self.inner.reader
    }

    /// Runs `work` in one transaction: all of it is stored, together with the audit events that it
    /// [recorded](Transaction::record), or, if it fails, nothing.
    ///
    /// The transaction runs in a task of its own: a caller that goes away (an HTTP client that hangs up drops its
    /// handler) can neither cut it in the middle nor leave a connection inside a transaction.
    ///
    /// Where the database undid the transaction for the sake of another (a deadlock, a conflict) or because a table has
    /// changed, `work` is done again, from its beginning, a few times at most.
    ///
    /// Whoever waits is told after [`WRITE_LIMIT`] that there is no answer. The transaction ends by itself: it may be done
    /// all the same.
    ///
    /// # Errors
    /// What `work` returns, or the database's own failure; [`StoreError::NoAnswer`].
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: WorkError + Send + 'static,
        F: for<'t> FnOnce(&'t mut Transaction) -> Work<'t, T, E> + Clone + Send + 'static,
    {
        match timeout(WRITE_LIMIT, self.begin(GIVEN_UP_AFTER, work)).await {
            Ok(answer) => answer.map_err(StoreError::from)?,
            Err(_) => {
                self.inner.write_failed.notify_one();
                Err(StoreError::NoAnswer.into())
            }
        }
    }

    /// The same for work that may take long, such as a list with a million entries.
    ///
    /// # Errors
    /// What `work` returns, or the database's own failure.
    pub async fn write_at_length<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: WorkError + Send + 'static,
        F: for<'t> FnOnce(&'t mut Transaction) -> Work<'t, T, E> + Clone + Send + 'static,
    {
        let answer = self.begin(GIVEN_UP_AT_LENGTH, work).await;
        answer.map_err(StoreError::from)?
    }

    /// Begins the transaction, and tells where its answer will come; a connection that has not answered after `limit` is given
    /// up, so that another takes its place in the pool.
    fn begin<T, E, F>(&self, limit: Duration, work: F) -> oneshot::Receiver<Result<T, E>>
    where
        T: Send + 'static,
        E: WorkError + Send + 'static,
        F: for<'t> FnOnce(&'t mut Transaction) -> Work<'t, T, E> + Clone + Send + 'static,
    {
        let store = self.clone();
        let (tell, answer) = oneshot::channel();
        writing::apart(Box::pin(async move {
            let mut work = Kept::of(work);
            let stored = store.stored(limit, &mut work).await;
            // Whoever asked may have gone away.
            let _ = tell.send(work.answer(stored));
        }));
        answer
    }

    async fn stored(&self, limit: Duration, work: &mut dyn Try) -> Result<(), Failure> {
        let notices = if self.inner.sends_notices.load(Ordering::Relaxed) {
            Notices::Sent
        } else {
            Notices::None
        };
        let (writer, kind) = (&self.inner.writer, self.inner.kind);
        let stored = writing::store(writer, kind, notices, limit, work).await;
        match stored {
            Ok(true) => self.inner.to_send.notify_one(),
            Err(failure) => {
                if failure.is_of_connection() {
                    self.inner.write_failed.notify_one();
                }
                return Err(failure);
            }
            Ok(false) => {}
        }
        Ok(())
    }

    /// Has holders told by mail, from now on, what happens to their phones.
    pub fn send_notices(&self) {
        self.inner.sends_notices.store(true, Ordering::Relaxed);
    }

    /// Waits until a write fails for a reason that lies in the database.
    pub async fn write_failed(&self) {
        self.inner.write_failed.notified().await;
    }

    /// Waits until something is written here that is to be sent to others.
    pub async fn to_send(&self) {
        self.inner.to_send.notified().await;
    }

    /// Whether the database answers within this time.
    ///
    /// # Errors
    /// Why it does not.
    pub async fn ping(&self, within: Duration) -> Result<()> {
        let asked = sqlx::query("SELECT 1").fetch_one(self.reader());
        match timeout(within.saturating_sub(LOOK), asked).await {
            Ok(answer) => Ok(answer.map(drop)?),
            Err(_) => Err(why_none(self.reader().pool(), self.kind()).await.into()),
        }
    }

    /// Closes all connections, after the work that is under way.
    pub async fn close(&self) {
        self.inner.reader.pool().close().await;
        self.inner.writer.close().await;
    }
}
