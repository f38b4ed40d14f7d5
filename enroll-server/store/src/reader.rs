//! Where statements that only read run.

use futures_util::{
    StreamExt as _, TryStreamExt as _, future::BoxFuture, stream, stream::BoxStream,
};
use sqlx::any::{AnyArguments, AnyQueryResult, AnyRow, AnyStatement, AnyTypeInfo};
use sqlx::{Any, AnyPool, Either, Execute, Executor, SqlStr};

use crate::database::Kind;
use crate::link::Link;
use crate::nature::Nature;

type Step = Either<AnyQueryResult, AnyRow>;

/// Connections for statements that only read. A statement that fails because a table changed since it was prepared, or
/// because the connection was lost, is tried once more: reading twice does no harm.
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

    async fn read(&self, sql: SqlStr, arguments: Option<AnyArguments>) -> sqlx::Result<Vec<Step>> {
        let copy = arguments.as_ref().map(copied);
        let first = attempt(Link::pooled(&self.pool).await?, sql.clone(), copy).await;
        match first {
            Err(error) if matches!(Nature::of(&error), Nature::Passing | Nature::Disconnected) => {
                attempt(Link::fresh(&self.pool, self.kind).await?, sql, arguments).await
            }
            other => other,
        }
    }
}

async fn attempt(
    mut link: Link,
    sql: SqlStr,
    arguments: Option<AnyArguments>,
) -> sqlx::Result<Vec<Step>> {
    let outcome = (&mut *link)
        .fetch_many((sql, arguments))
        .try_collect()
        .await;
    if let Err(error) = &outcome
        && Nature::of(error).is_of_connection()
    {
        link.discard();
    }
    outcome
}

fn copied(arguments: &AnyArguments) -> AnyArguments {
    let mut copy = AnyArguments::default();
    copy.values.0.clone_from(&arguments.values.0);
    copy
}

impl<'p> Executor<'p> for &'p ReadPool {
    type Database = Any;

    fn fetch_many<'e, 'q: 'e, E>(self, mut query: E) -> BoxStream<'e, sqlx::Result<Step>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Any>,
    {
        let arguments = query.take_arguments().map_err(sqlx::Error::Encode);
        let sql = query.sql();
        stream::once(async move { self.read(sql, arguments?).await })
            .map_ok(|steps| stream::iter(steps).map(Ok))
            .try_flatten()
            .boxed()
    }

    fn fetch_optional<'e, 'q: 'e, E>(
        self,
        mut query: E,
    ) -> BoxFuture<'e, sqlx::Result<Option<AnyRow>>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Any>,
    {
        let arguments = query.take_arguments().map_err(sqlx::Error::Encode);
        let sql = query.sql();
        Box::pin(async move {
            let steps = self.read(sql, arguments?).await?;
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
