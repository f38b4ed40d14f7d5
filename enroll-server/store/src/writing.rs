//! How a transaction is tried: once, and again where the database undid it for the sake of another.
//!
//! What is here knows nothing of what the work returns, so that it is compiled once and not for each work.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use sqlx::AnyPool;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::error::{Result, StoreError, WorkError};
use crate::kind::Kind;
use crate::link::Link;
use crate::nature::Nature;
use crate::transaction::{Notices, Transaction};

/// How often work is tried in all that the database undoes for the sake of another.
const TRIES: u32 = 5;

/// For how long the other is left alone before the second try; twice as long before each one after that. Whoever comes back
/// at once may take the same lock before the other has woken up, and is undone once more.
const PAUSE: Duration = Duration::from_millis(20);

/// The work of one transaction, boxed: what the closure given to [`Store::write`](crate::Store::write) returns.
pub type Work<'t, T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 't>>;

/// Work that can be tried again, and keeps what it returned.
pub(crate) trait Try: Send {
    /// Does it in `transaction`.
    ///
    /// # Errors
    /// What its failure says of the database.
    fn once<'t>(&'t mut self, transaction: &'t mut Transaction) -> Work<'t, (), Option<Nature>>;
}

/// A closure given to [`Store::write`](crate::Store::write), and what it returned the last time.
pub(crate) struct Kept<F, T, E> {
    work: F,
    answer: Option<Result<T, E>>,
}

impl<F, T, E: WorkError> Kept<F, T, E> {
    pub(crate) fn of(work: F) -> Self {
        Self { work, answer: None }
    }

    /// What the work returned, or why it could not be stored.
    pub(crate) fn answer(self, stored: Result<(), Failure>) -> Result<T, E> {
        match stored {
            Err(Failure::Database(error)) => Err(error.into()),
            Ok(()) | Err(Failure::Work(_)) => self
                .answer
                .unwrap_or_else(|| Err(StoreError::NoAnswer.into())),
        }
    }
}

impl<F, T, E> Try for Kept<F, T, E>
where
    T: Send,
    E: WorkError + Send,
    F: for<'t> FnOnce(&'t mut Transaction) -> Work<'t, T, E> + Clone + Send,
{
    fn once<'t>(&'t mut self, transaction: &'t mut Transaction) -> Work<'t, (), Option<Nature>> {
        let work = self.work.clone()(transaction);
        Box::pin(async move {
            let answer = self.answer.insert(work.await);
            match answer {
                Ok(_) => Ok(()),
                Err(error) => Err(error.store_error().map(StoreError::nature)),
            }
        })
    }
}

/// Why nothing was stored.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The work returned an error, which says this of the database.
    Work(Option<Nature>),
    /// The transaction could not begin or end.
    Database(StoreError),
}

impl Failure {
    fn nature(&self) -> Option<Nature> {
        match self {
            Self::Work(nature) => *nature,
            Self::Database(error) => Some(error.nature()),
        }
    }

    /// Whether it lies in the database and not in what was asked of it.
    pub(crate) fn is_of_connection(&self) -> bool {
        self.nature().is_some_and(Nature::is_of_connection)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Database(error)
    }
}

/// Does `work` in one transaction on a connection of `writer`. One that has not answered after `limit` is given up. Returns
/// whether something is to be sent to others.
pub(crate) async fn store(
    writer: &AnyPool,
    kind: Kind,
    notices: Notices,
    limit: Duration,
    work: &mut dyn Try,
) -> Result<bool, Failure> {
    let tried = async {
        let mut stored = attempt(Link::pooled(writer, kind).await, kind, notices, work).await;
        for earlier in 0..TRIES - 1 {
            let undone = stored.as_ref().err().and_then(Failure::nature);
            if undone != Some(Nature::Passing) {
                break;
            }
            sleep(PAUSE * 2_u32.pow(earlier)).await;
            // Once on a connection that has prepared nothing before a table changed.
            let link = match earlier {
                0 => Link::fresh(writer, kind).await,
                _ => Link::pooled(writer, kind).await,
            };
            stored = attempt(link, kind, notices, work).await;
        }
        stored
    };
    timeout(limit, tried)
        .await
        .unwrap_or(Err(StoreError::NoAnswer.into()))
}

async fn attempt(
    link: sqlx::Result<Link>,
    kind: Kind,
    notices: Notices,
    work: &mut dyn Try,
) -> Result<bool, Failure> {
    let link = link.map_err(StoreError::from)?;
    let mut transaction = Transaction::begin(link, kind, notices).await?;
    match work.once(&mut transaction).await {
        Ok(()) => Ok(transaction.commit().await?),
        Err(nature) => {
            // A connection that fails is closed, and with it the transaction.
            if !nature.is_some_and(Nature::is_of_connection) {
                transaction.roll_back().await;
            }
            Err(Failure::Work(nature))
        }
    }
}

/// Runs `work` in a task of its own.
pub(crate) fn apart(work: Pin<Box<dyn Future<Output = ()> + Send>>) -> JoinHandle<()> {
    tokio::spawn(work)
}
