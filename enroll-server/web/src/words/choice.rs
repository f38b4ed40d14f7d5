//! In which language a request is answered.

use std::convert::Infallible;
use std::sync::{Arc, OnceLock};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::Words;

/// The language of a request: what the account of whoever is signed in says, else what their browser says. A request
/// that has none is answered in English: all that programs send.
#[derive(Clone, Debug)]
pub struct Choice {
    browser: Words,
    account: Arc<OnceLock<Words>>,
}

impl Choice {
    /// What the browser says.
    #[must_use]
    pub fn of_browser(words: Words) -> Self {
        Self {
            browser: words,
            account: Arc::default(),
        }
    }

    /// What the account says: it is known once the session was read.
    pub fn set_account(&self, words: Words) {
        // The first one holds; a request has one account.
        let _ = self.account.set(words);
    }

    /// Whether the account says it, so that the browser is not asked.
    #[must_use]
    pub fn is_by_account(&self) -> bool {
        self.account.get().is_some()
    }

    /// The words of the language.
    #[must_use]
    pub fn words(&self) -> Words {
        self.account.get().copied().unwrap_or(self.browser)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Choice {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let chosen = parts.extensions.get::<Self>().cloned();
        Ok(chosen.unwrap_or_else(|| Self::of_browser(Words::english())))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Words {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let choice = Choice::from_request_parts(parts, state).await?;
        Ok(choice.words())
    }
}
