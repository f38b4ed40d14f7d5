//! What every noun's statements share.

use sqlx::{Any, Executor};

/// Where a statement that only reads can run: a pool or the connection of a transaction.
pub trait Reader<'e>: Executor<'e, Database = Any> {}
impl<'e, E: Executor<'e, Database = Any>> Reader<'e> for E {}

/// What a statement changed: exactly one row, or not.
pub(crate) fn changed_one(result: &sqlx::any::AnyQueryResult) -> bool {
    result.rows_affected() == 1
}

/// What a search looks at: the given texts in lower case, a line each.
pub(crate) fn searched(texts: &[&str]) -> String {
    texts.join("\n").to_lowercase()
}
