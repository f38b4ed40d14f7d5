//! From what was chosen to the page that asks about it.

use axum::response::{IntoResponse, Redirect};

use enroll_server_model::BulkAct;
use enroll_server_service::App;
use enroll_server_service::selection::{self, Chosen};

use crate::portal::guard::SignedIn;
use crate::portal::page::Answer;

/// Keeps what was chosen and leads to the page that asks about it.
///
/// # Errors
/// If nothing was chosen, or too much.
pub async fn choose(app: &App, signed_in: &SignedIn, act: BulkAct, chosen: Chosen) -> Answer {
    let id = selection::keep(app, act, chosen, &signed_in.actor()).await?;
    Ok(Redirect::to(&format!("/selections/{id}")).into_response())
}
