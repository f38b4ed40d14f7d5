//! Where statements that only read run.

use std::io::ErrorKind;
use std::time::Duration;

use futures_util::{
    StreamExt as _, TryStreamExt as _, future::BoxFuture, stream, stream::BoxStream,
};
use sqlx::any::{AnyArguments, AnyQueryResult, AnyRow, AnyStatement, AnyTypeInfo};
use sqlx::error::BoxDynError;
use sqlx::{Any, AnyPool, Either, Execute, Executor, SqlStr};
use tokio::time::timeout;

use crate::kind::Kind;
use crate::link::Link;
use crate::nature::Nature;

type Step = Either<AnyQueryResult, AnyRow>;

/// How long a statement that reads may take: much longer than any that a page needs. One that takes longer is on a
/// connection whose other end stands still.
const READ_LIMIT: Duration = Duration::from_secs(5);

/// Connections for statements that only read. A statement that fails because a table changed since it was prepared, or
/// because the connection was lost or stands still, is tried once more: reading twice does no harm.
#[derive(Clone, Debug)]
pub struct ReadPool {
    pool: AnyPool,
    kind: Kind,
}

impl ReadPool {
    pub(crate) fn new(pool: AnyPool, kind: Kind) -> Self {
        Self { pool, kind }
    }

    /// The connections, for work of the store's own.
    pub(crate) fn pool(&self) -> &AnyPool {
        &self.pool
    }

    async fn read(&self, statement: Statement) -> sqlx::Result<Vec<Step>> {
        let copy = statement.copied();
        match attempt(Link::pooled(&self.pool, self.kind).await?, copy).await {
            Err(error) if matches!(Nature::of(&error), Nature::Passing | Nature::Disconnected) => {
                attempt(Link::fresh(&self.pool, self.kind).await?, statement).await
            }
            other => other,
        }
    }
}

async fn attempt(mut link: Link, statement: Statement) -> sqlx::Result<Vec<Step>> {
    let read = (&mut *link).fetch_many(statement).try_collect();
    let outcome = match timeout(READ_LIMIT, read).await {
        Ok(outcome) => outcome,
        Err(_) => Err(sqlx::Error::Io(ErrorKind::TimedOut.into())),
    };
    if let Err(error) = &outcome
        && Nature::of(error).is_of_connection()
    {
        link.discard();
    }
    outcome
}

/// A statement with its values, which can be copied.
struct Statement {
    sql: SqlStr,
    arguments: Option<AnyArguments>,
    persistent: bool,
}

impl Statement {
    fn of<'q>(mut query: impl Execute<'q, Any>) -> sqlx::Result<Self> {
        Ok(Self {
            arguments: query.take_arguments().map_err(sqlx::Error::Encode)?,
            persistent: query.persistent(),
            sql: query.sql(),
        })
    }

    fn copied(&self) -> Self {
        let arguments = self.arguments.as_ref().map(|arguments| {
            let mut copy = AnyArguments::default();
            copy.values.0.clone_from(&arguments.values.0);
            copy
        });
        Self {
            sql: self.sql.clone(),
            arguments,
            persistent: self.persistent,
        }
    }
}

impl Execute<'_, Any> for Statement {
    fn sql(self) -> SqlStr {
        self.sql
    }

    fn statement(&self) -> Option<&AnyStatement> {
        None
    }

    fn take_arguments(&mut self) -> Result<Option<AnyArguments>, BoxDynError> {
        Ok(self.arguments.take())
    }

    fn persistent(&self) -> bool {
        self.persistent
    }
}

impl<'p> Executor<'p> for &'p ReadPool {
    type Database = Any;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, sqlx::Result<Step>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Any>,
    {
        let statement = Statement::of(query);
        stream::once(async move { self.read(statement?).await })
            .map_ok(|steps| stream::iter(steps).map(Ok))
            .try_flatten()
            .boxed()
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, sqlx::Result<Option<AnyRow>>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Any>,
    {
        let statement = Statement::of(query);
        Box::pin(async move {
            let steps = self.read(statement?).await?;
            Ok(steps.into_iter().find_map(Either::right))
        })
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [AnyTypeInfo],
    ) -> BoxFuture<'e, sqlx::Result<AnyStatement>>
    where
        'p: 'e,
    {
        self.pool.prepare_with(sql, parameters)
    }
}
