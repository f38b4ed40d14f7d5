//! Showing again who one is, before a form asks for it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect};

use enroll_server_service::{App, proof};

use super::guard::SignedIn;
use super::notice::Notice;
use super::page::Answer;

/// `POST /account/proof/options`: which passkey the browser is to show.
pub async fn options(State(app): State<Arc<App>>, signed_in: SignedIn) -> Answer {
    let options = proof::ask_for_passkey(&app, signed_in.session()).await?;
    Ok(Json(options).into_response())
}

/// `POST /account/proof`: back to one's own account, for whoever has shown who they are.
pub async fn done(signed_in: SignedIn) -> Answer {
    signed_in.show_next(&Notice::Proved);
    Ok(Redirect::to("/account").into_response())
}
