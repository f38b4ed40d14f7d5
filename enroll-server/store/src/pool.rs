//! Connections as they are made, and pools of them.

use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyConnection, AnyPool, Connection as _};

use crate::error::Result;
use crate::nature::Nature;

/// For how long a statement waits for a connection. Together with the wait for SQLite's or PostgreSQL's own locks it is
/// below two seconds: who asks a server whose database is busy or down is told so, instead of being kept waiting.
pub(crate) const ACQUIRE_TIMEOUT: Duration = Duration::from_millis(1200);

/// For how long whoever opens a database waits for it: much longer than a request may.
const PATIENCE: Duration = Duration::from_secs(10);

/// After how long it is tried again while the database is busy.
const PAUSE: Duration = Duration::from_millis(100);

/// Statements that a connection is told before it is used.
pub(crate) type Preparation = &'static [&'static str];

/// The first connection to a database, prepared.
///
/// # Errors
/// Why it could not be made; a database that is busy is waited for first.
pub(crate) async fn first(
    preparation: Preparation,
    options: &AnyConnectOptions,
) -> Result<AnyConnection> {
    let connect = async {
        loop {
            match connected(preparation, options).await {
                Err(error) if Nature::of(&error) == Nature::Busy => {
                    tokio::time::sleep(PAUSE).await;
                }
                outcome => return outcome,
            }
        }
    };
    let connection = tokio::time::timeout(PATIENCE, connect).await;
    Ok(connection.map_err(|_| sqlx::Error::PoolTimedOut)??)
}

/// A connection, prepared.
///
/// # Errors
/// Why it could not be made.
pub(crate) async fn connected(
    preparation: Preparation,
    options: &AnyConnectOptions,
) -> sqlx::Result<AnyConnection> {
    let mut connection = AnyConnection::connect_with(options).await?;
    prepare(&mut connection, preparation).await?;
    Ok(connection)
}

/// A pool of connections, each of which is made when it is needed, and prepared.
pub(crate) fn pool(
    connections: u32,
    preparation: Preparation,
    options: AnyConnectOptions,
) -> AnyPool {
    AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .after_connect(move |connection, _| Box::pin(prepare(connection, preparation)))
        .connect_lazy_with(options)
}

async fn prepare(connection: &mut AnyConnection, preparation: Preparation) -> sqlx::Result<()> {
    for statement in preparation {
        sqlx::query(*statement).execute(&mut *connection).await?;
    }
    Ok(())
}
