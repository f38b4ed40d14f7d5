//! A connection on loan: from the pool, or made for one use.

use std::ops::{Deref, DerefMut};

use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, AnyPool};

use crate::kind::Kind;
use crate::pool::{ACQUIRE_TIMEOUT, connected};
use crate::postgres;

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
    pub(crate) async fn pooled(pool: &AnyPool) -> sqlx::Result<Self> {
        Ok(Self::Pooled(pool.acquire().await?))
    }

    /// A connection that knows nothing of what was before. Those of a pool on PostgreSQL keep statements that were prepared
    /// before a table changed; SQLite prepares its statements again by itself.
    pub(crate) async fn fresh(pool: &AnyPool, kind: Kind) -> sqlx::Result<Self> {
        match kind {
            Kind::Sqlite => Self::pooled(pool).await,
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
