//! A connection on loan: from the pool, or made for one use.

use std::ops::{Deref, DerefMut};
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, AnyPool, Connection as _};

use crate::kind::Kind;
use crate::pool::{ACQUIRE_TIMEOUT, connected};
use crate::postgres;

/// How long it may take to find out why there is no connection.
pub(crate) const LOOK: Duration = Duration::from_millis(200);

/// A connection.
#[derive(Debug)]
pub(crate) enum Link {
    /// It goes back to the pool.
    Pooled(PoolConnection<Any>),
    /// It ends after its use.
    Own(AnyConnection),
}

impl Link {
    /// A connection of the pool.
    pub(crate) async fn pooled(pool: &AnyPool, kind: Kind) -> sqlx::Result<Self> {
        match pool.acquire().await {
            Err(sqlx::Error::PoolTimedOut) => Err(why_none(pool, kind).await),
            acquired => Ok(Self::Pooled(acquired?)),
        }
    }

    /// A connection that knows nothing of what was before. Those of a pool on PostgreSQL keep statements that were prepared
    /// before a table changed; SQLite prepares its statements again by itself.
    pub(crate) async fn fresh(pool: &AnyPool, kind: Kind) -> sqlx::Result<Self> {
        match kind {
            Kind::Sqlite => Self::pooled(pool, kind).await,
            Kind::Postgres => {
                let options = pool.connect_options();
                let connect = connected(postgres::REQUESTS, &options);
                let connected = tokio::time::timeout(ACQUIRE_TIMEOUT, connect).await;
                Ok(Self::Own(
                    connected.map_err(|_| sqlx::Error::PoolTimedOut)??,
                ))
            }
        }
    }

    /// Keeps it from going back to the pool: its state is in doubt.
    pub(crate) fn discard(&mut self) {
        if let Self::Pooled(connection) = self {
            connection.close_on_drop();
        }
    }
}

/// Why a pool had no connection in time. It tries to make one until then, and keeps to itself why it could not: of a file that
/// is damaged, or a PostgreSQL that does not run, it would be said that others are at work on it.
pub(crate) async fn why_none(pool: &AnyPool, kind: Kind) -> sqlx::Error {
    let statement = match kind {
        Kind::Sqlite => "SELECT COUNT(*) FROM sqlite_schema",
        Kind::Postgres => "SELECT 1",
    };
    let look = async {
        let mut own = AnyConnection::connect_with(&pool.connect_options()).await?;
        sqlx::query(statement).execute(&mut own).await?;
        own.close().await
    };
    match tokio::time::timeout(LOOK, look).await {
        Ok(Err(error)) => error,
        _ => sqlx::Error::PoolTimedOut,
    }
}

impl Deref for Link {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        match self {
            Self::Pooled(connection) => connection,
            Self::Own(connection) => connection,
        }
    }
}

impl DerefMut for Link {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        match self {
            Self::Pooled(connection) => connection,
            Self::Own(connection) => connection,
        }
    }
}
