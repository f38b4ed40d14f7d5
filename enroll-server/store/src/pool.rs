//! Pools of connections.

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyConnection, AnyPool, Connection as _};

use crate::error::Result;
use crate::link::ACQUIRE_TIMEOUT;

/// Statements that a connection is told before it is used.
pub(crate) type Preparation = &'static [&'static str];

/// A pool of connections, each of which is prepared.
///
/// # Errors
/// Why the first connection could not be made.
pub(crate) async fn connect(
    connections: u32,
    preparation: Preparation,
    options: &AnyConnectOptions,
) -> Result<AnyPool> {
    let pool = AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .after_connect(move |connection, _| Box::pin(prepare(connection, preparation)))
        .connect_with(options.clone())
        .await;
    match pool {
        // The pool tried for long, and cannot tell why that was in vain: one connection can.
        Err(timed_out @ sqlx::Error::PoolTimedOut) => {
            let mut connection = AnyConnection::connect_with(options).await?;
            let reason = prepare(&mut connection, preparation).await;
            Err(reason.err().unwrap_or(timed_out).into())
        }
        other => Ok(other?),
    }
}

async fn prepare(connection: &mut AnyConnection, preparation: Preparation) -> sqlx::Result<()> {
    for statement in preparation {
        sqlx::query(*statement).execute(&mut *connection).await?;
    }
    Ok(())
}
