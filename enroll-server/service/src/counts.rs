//! The counts that are kept of certificates, phones and holders, for the overview.

use enroll_server_model::random;
use enroll_server_store::overview;

use crate::app::App;
use crate::error::{Error, Result};

/// How many changes are kept before those of each day, or of each name, are made one.
const KEPT_CHANGES: i64 = 5000;

/// Makes the changes few, where they are many.
pub async fn fold(app: &App) -> Result<()> {
    let batch = random::id()?;
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                overview::fold(tx, &batch, KEPT_CHANGES).await?;
                Ok(())
            })
        })
        .await
}
