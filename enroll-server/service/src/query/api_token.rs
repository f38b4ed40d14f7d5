//! Tokens of the API.

use enroll_server_store::api_token::{self, ApiToken};

use crate::app::App;
use crate::error::{Error, Result};
use crate::refusal::Object;

/// All tokens, the newest first.
pub async fn api_tokens(app: &App) -> Result<Vec<ApiToken>> {
    Ok(api_token::all(app.store.reader()).await?)
}

/// One token.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn api_token(app: &App, id: &str) -> Result<ApiToken> {
    let found = api_token::by_id(app.store.reader(), id).await?;
    found.ok_or(Error::NotFound(Object::ApiToken))
}
