//! A holder invites another phone of theirs.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Redirect};

use enroll_server_service::App;
use enroll_server_service::admission::own;

use super::guard::Me;
use crate::portal::page::Answer;
use crate::portal::problem::Problem;

/// `POST /me/phones/new`: the invitation, as whoever is invited sees it.
pub async fn add(State(app): State<Arc<App>>, me: Me) -> Answer {
    if !me.may_add_phones(&app) {
        return Err(Problem::nowhere());
    }
    let token = own::invite(&app, &me.holder, &me.actor()).await?;
    let invitation = format!("/invitation/{}", token.reveal());
    Ok(Redirect::to(&invitation).into_response())
}
