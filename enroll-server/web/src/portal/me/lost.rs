//! A holder has lost a phone: one button, and what follows from it.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect};

use enroll_server_service::{App, query, suspension};

use super::guard::Me;
use crate::auth::form_token::FormToken;
use crate::portal::address;
use crate::portal::page::{Answer, page};
use crate::words::Words;

#[derive(Template)]
#[template(path = "me/lost.html")]
struct LostPage<'a> {
    words: Words,
    organisation: &'a str,
    csrf: FormToken,
    id: &'a str,
    phone: &'a str,
}

/// `GET /me/phones/{id}/lost`: the question, and what follows from it.
pub async fn ask(
    State(app): State<Arc<App>>,
    words: Words,
    me: Me,
    Path(id): Path<String>,
) -> Answer {
    let phone = query::own_phone(&app, &me.holder, &id).await?;
    page(&LostPage {
        words,
        organisation: &app.organisation,
        csrf: me.form_token,
        id: &id,
        phone: &phone.name,
    })
}

/// `POST /me/phones/{id}/lost`
pub async fn report(State(app): State<Arc<App>>, me: Me, Path(id): Path<String>) -> Answer {
    suspension::report_lost(&app, &me.holder.id, &id, &me.actor()).await?;
    let back = address::with_query("/me", &[("lost", &id)]);
    Ok(Redirect::to(&back).into_response())
}
