//! A link to a holder's own pages. Looking at it uses nothing up, and begins nothing: whoever follows a link that somebody else
//! gave them sees first whose pages it leads to.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect};
use axum_extra::extract::cookie::CookieJar;

use enroll_server_service::{App, holder_link};

use crate::auth::cookie;
use crate::auth::form_token::FormToken;
use crate::portal::guard::{Source, Visitor};
use crate::portal::page::{Answer, page};
use crate::words::Words;

#[derive(Template)]
#[template(path = "me/enter.html")]
struct EnterPage<'a> {
    words: Words,
    organisation: &'a str,
    csrf: FormToken,
    token: &'a str,
    name: &'a str,
}

/// `GET /me/enter/{token}`: whose pages they are, and a button.
pub async fn show(
    State(app): State<Arc<App>>,
    words: Words,
    Path(token): Path<String>,
    visitor: Visitor,
) -> Answer {
    let holder = holder_link::look_at(&app, &token).await?;
    let page = page(&EnterPage {
        words,
        organisation: &app.organisation,
        csrf: visitor.form_token(),
        token: &token,
        name: &holder.name,
    })?;
    Ok((visitor.cookies(), page).into_response())
}

/// `POST /me/enter/{token}`: uses the link up, and begins a session.
pub async fn enter(
    State(app): State<Arc<App>>,
    Path(token): Path<String>,
    Source(source): Source,
    jar: CookieJar,
) -> Answer {
    let before = cookie::holder_session(&jar);
    let session = holder_link::enter(&app, &token, before.as_ref(), &source).await?;
    Ok((cookie::holder_begun(jar, &session), Redirect::to("/me")).into_response())
}
