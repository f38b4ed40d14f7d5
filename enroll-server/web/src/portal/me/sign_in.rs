//! How holders come to their own pages: they have a link sent to their mail address. And how they leave them.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect};
use axum_extra::extract::cookie::CookieJar;
use serde::Deserialize;

use enroll_server_service::{App, holder_link, holder_session};

use crate::auth::cookie;
use crate::auth::form_token::{FormToken, VISIT_COOKIE};
use crate::portal::guard::{Source, Visitor};
use crate::portal::page::{Answer, page};
use crate::words::Words;

#[derive(Template)]
#[template(path = "me/sign_in.html")]
struct SignInPage<'a> {
    words: Words,
    organisation: &'a str,
    csrf: FormToken,
    phones: Option<&'a str>,
    sends_mail: bool,
    minutes: u64,
    is_asked: bool,
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub struct Asked {
    #[serde(default)]
    email: String,
}

fn shown(app: &App, words: Words, visitor: &Visitor, is_asked: bool) -> Answer {
    let page = page(&SignInPage {
        words,
        organisation: &app.organisation,
        csrf: visitor.form_token(),
        phones: app.addresses.phones.as_deref(),
        sends_mail: app.sends_mail,
        minutes: holder_link::LASTS.as_secs() / 60,
        is_asked,
    })?;
    Ok((visitor.cookies(), page).into_response())
}

/// `GET /me/sign-in`
pub async fn show(State(app): State<Arc<App>>, words: Words, visitor: Visitor) -> Answer {
    shown(&app, words, &visitor, false)
}

/// `POST /me/sign-in`: a link goes to the mail address, if it is a holder's. The answer is the same if it is nobody's.
pub async fn ask(
    State(app): State<Arc<App>>,
    words: Words,
    Source(source): Source,
    visitor: Visitor,
    Form(asked): Form<Asked>,
) -> Answer {
    holder_link::request(&app, &asked.email, &source).await?;
    shown(&app, words, &visitor, true)
}

/// `POST /me/sign-out`
pub async fn sign_out(State(app): State<Arc<App>>, jar: CookieJar) -> Answer {
    if let Some(token) = cookie::holder_session(&jar) {
        holder_session::end(&app, &token).await?;
    }
    let gone = [cookie::HOLDER, VISIT_COOKIE];
    let jar = gone
        .into_iter()
        .fold(jar, |jar, name| jar.add(cookie::expired(name)));
    Ok((jar, Redirect::to("/me/sign-in")).into_response())
}
