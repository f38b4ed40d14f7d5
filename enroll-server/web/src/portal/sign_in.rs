//! Signing in and out.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::CookieJar;
use serde::Deserialize;

use enroll_server_service::password::Password;
use enroll_server_service::sign_in::{self, Entered, SignInError};
use enroll_server_service::{App, session, webauthn};

use super::address::{self, is_own_path};
use super::guard::{SignedIn, Source, Visitor};
use super::page::{Answer, page, page_with};
use super::problem::Problem;
use super::view::FormErrors;
use crate::auth::cookie;
use crate::auth::form_token::{FormToken, VISIT_COOKIE};
use crate::words::{Text, Words};

/// Where to go afterwards.
#[derive(Debug, Default, Deserialize)]
pub struct Return {
    #[serde(default, rename = "return")]
    path: String,
}

impl Return {
    pub(super) fn own_path(&self) -> &str {
        if is_own_path(&self.path) {
            &self.path
        } else {
            ""
        }
    }
}

/// The form; a password that was typed is not sent back.
#[derive(Debug, Deserialize)]
pub struct SignInForm {
    email: String,
    password: Password,
    #[serde(default, rename = "return")]
    back: String,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage<'a> {
    words: Words,
    organisation: &'a str,
    csrf: FormToken,
    errors: FormErrors,
    email: &'a str,
    back: &'a str,
    passkeys: bool,
}

/// `GET /sign-in`: the form; whoever is signed in already goes on to where they wanted.
pub async fn show(
    State(app): State<Arc<App>>,
    words: Words,
    Query(back): Query<Return>,
    visitor: Visitor,
    jar: CookieJar,
) -> Answer {
    if let Some(token) = cookie::session(&jar)
        && session::find(&app, &token).await?.is_some()
    {
        return Ok(to(back.own_path()).into_response());
    }
    let page = page(&SignInPage {
        words,
        organisation: &app.organisation,
        csrf: visitor.form_token(),
        errors: FormErrors::none(),
        email: "",
        back: back.own_path(),
        passkeys: webauthn::is_possible(&app),
    })?;
    Ok((visitor.cookies(), page).into_response())
}

/// To a path of the portal, or, if it is empty, to its first page.
pub(super) fn to(path: &str) -> Redirect {
    Redirect::to(if path.is_empty() { "/" } else { path })
}

/// Lets in whoever has given a password, to a path of the portal or, if it is empty, to its first page: or first to the page
/// that asks for the second factor.
pub(super) fn let_in(jar: CookieJar, entered: &Entered, path: &str) -> Response {
    match entered {
        Entered::Begun(begun) => (cookie::begun(jar, begun), to(path)).into_response(),
        Entered::SecondFactor(token) => {
            let step = address::with_query("/sign-in/second-factor", &[("return", path)]);
            (cookie::pending(jar, token), Redirect::to(&step)).into_response()
        }
    }
}

/// `POST /sign-in`: a new session, or the form again with what is wrong.
pub async fn sign_in(
    State(app): State<Arc<App>>,
    words: Words,
    Source(source): Source,
    visitor: Visitor,
    jar: CookieJar,
    Form(form): Form<SignInForm>,
) -> Answer {
    let back = Return { path: form.back };
    let visit = cookie::visit(&jar, source);
    match sign_in::sign_in(&app, &form.email, form.password, &visit).await {
        Ok(entered) => Ok(let_in(jar, &entered, back.own_path())),
        Err(SignInError::Refused | SignInError::Copied) => {
            let said = words.sign_in_refused();
            refused(&app, words, &visitor, said, &form.email, &back)
        }
        Err(SignInError::Service(error)) => Err(error.into()),
        Err(SignInError::Password(error)) => {
            tracing::error!(%error, "a password could not be compared");
            Err(Problem::internal())
        }
    }
}

/// The form again, with what is wrong.
pub(super) fn refused(
    app: &App,
    words: Words,
    visitor: &Visitor,
    said: Text,
    email: &str,
    back: &Return,
) -> Answer {
    page_with(
        StatusCode::UNPROCESSABLE_ENTITY,
        &SignInPage {
            words,
            organisation: &app.organisation,
            csrf: visitor.form_token(),
            errors: FormErrors::whole(said),
            email,
            back: back.own_path(),
            passkeys: webauthn::is_possible(app),
        },
    )
}

/// `POST /sign-out`: ends the session; the browser forgets what it kept of the portal. The cookies go one by one:
/// `Clear-Site-Data` would take those of every other server of the domain along.
pub async fn sign_out(State(app): State<Arc<App>>, signed_in: SignedIn, jar: CookieJar) -> Answer {
    session::end(&app, signed_in.session(), &signed_in.actor()).await?;
    let gone = [cookie::SESSION, cookie::PENDING, VISIT_COOKIE];
    let jar = gone
        .into_iter()
        .fold(jar, |jar, name| jar.add(cookie::expired(name)));
    let forget = [(HeaderName::from_static("clear-site-data"), "\"cache\"")];
    Ok((jar, forget, Redirect::to("/sign-in")).into_response())
}
