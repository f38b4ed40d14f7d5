//! Rows that a test puts into the database, as a migration would.

use enroll_server_store::{Store, StoreError};

/// Runs a statement with these values.
pub async fn execute(store: &Store, statement: &'static str, values: &[&str]) {
    try_execute(store, statement, values).await.unwrap();
}

/// The same, where it may fail.
pub async fn try_execute(
    store: &Store,
    statement: &'static str,
    values: &[&str],
) -> Result<(), StoreError> {
    let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
    store
        .write::<_, StoreError, _>(move |tx| {
            Box::pin(async move {
                let query = values
                    .into_iter()
                    .fold(sqlx::query(statement), sqlx::query::Query::bind);
                query.execute(tx.reader()).await?;
                Ok(())
            })
        })
        .await
}

/// Adds a version of an enrollment policy with keys in these slots, of these algorithms, for these profiles.
pub async fn add_policy(
    store: &Store,
    name: &str,
    version: &str,
    title: &str,
    keys: &[(&str, &str, &str)],
) {
    let keys: Vec<_> = keys
        .iter()
        .map(|(slot, algorithm, profile)| {
            serde_json::json!({"slot": slot, "algorithm": algorithm, "profile": profile})
        })
        .collect();
    let definition = serde_json::json!({ "keys": keys }).to_string();
    execute(
        store,
        "INSERT INTO enrollment_policies (name, version, title, created, definition) \
         VALUES ($1, CAST($2 AS BIGINT), $3, 0, $4)",
        &[name, version, title, &definition],
    )
    .await;
}
