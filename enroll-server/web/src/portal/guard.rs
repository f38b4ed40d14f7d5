//! Who may pass: sessions of those whose role may use an address, and forms that our own pages sent.

use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, to_bytes};
use axum::extract::{Form, FromRequest, FromRequestParts, Request, State};
use axum::http::Method;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::CookieJar;

use enroll_server_model::Actor;
use enroll_server_model::random::Token;
use enroll_server_service::error::Error;
use enroll_server_service::query::{Session, SignedIn as StoredSession};
use enroll_server_service::session::{self, NoticeChange};
use enroll_server_service::sign_in::SignInError;
use enroll_server_service::{App, proof};

use super::address;
use super::notice::Notice;
use super::problem::Problem;
use super::proof::{self as proof_page, Refusal};
use super::view::{Section, Shell};
use crate::access::Access;
use crate::auth::form_token::{self, FormToken, VISIT_COOKIE};
use crate::auth::{cookie, origin};
use crate::source;
use crate::words::Words;
use crate::words::choice::Choice;

/// The field of a form that shows that our own page sent it.
const FORM_TOKEN_FIELD: &str = "csrf";
/// Most bytes of a form that anybody sends.
const LARGEST_FORM: usize = 64 * 1024;
/// Most bytes of a form of somebody who is signed in: it may carry a file of people.
const LARGEST_FORM_SIGNED_IN: usize = 512 * 1024;

/// Whoever is signed in, for handlers of their routes.
#[derive(Clone, Debug)]
pub struct SignedIn {
    stored: StoredSession,
    form_token: FormToken,
    source: String,
    /// What the request does with the notice of the session: noted at its end.
    notice: Arc<Mutex<NoticeChange>>,
}

impl SignedIn {
    /// They as the audit trail names them.
    #[must_use]
    pub fn actor(&self) -> Actor {
        let id = &self.stored.session.administrator_id;
        Actor::administrator(id, &self.stored.name, &self.source)
    }

    /// The session, and who is signed in.
    #[must_use]
    pub(super) const fn stored(&self) -> &StoredSession {
        &self.stored
    }

    /// The session.
    #[must_use]
    pub const fn session(&self) -> &Session {
        &self.stored.session
    }

    /// The language that they chose for their pages, by its tag.
    #[must_use]
    pub fn language(&self) -> Option<&str> {
        self.stored.language.as_deref()
    }

    /// Shows something on the next page, once.
    pub fn show_next(&self, notice: &Notice) {
        self.change_notice(NoticeChange::New(notice.written()));
    }

    /// The frame of a page, with the notice that is to be shown once.
    #[must_use]
    pub fn shell(&self, app: &App, words: Words, section: Section) -> Shell {
        let kept = self.stored.session.notice.as_deref();
        if kept.is_some() {
            self.change_notice(NoticeChange::Shown);
        }
        Shell {
            words,
            organisation: app.organisation.clone(),
            name: self.stored.name.clone(),
            email: self.stored.email.clone(),
            role: self.stored.role,
            csrf: self.form_token.clone(),
            notice: kept.and_then(Notice::read).map(|notice| notice.said(words)),
            section,
        }
    }

    fn change_notice(&self, change: NoticeChange) {
        *self.notice.lock().unwrap_or_else(PoisonError::into_inner) = change;
    }

    fn taken_change(&self) -> NoticeChange {
        let mut notice = self.notice.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *notice)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        // Only routes behind the guard have it.
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(Problem::internal)
    }
}

/// The address that a request came from; empty if the listener does not tell.
#[derive(Clone, Debug)]
pub struct Source(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Source {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(source::of(&parts.extensions)))
    }
}

/// A browser that is not signed in, on a page with a form.
#[derive(Clone)]
pub struct Visitor {
    secret: Token,
    jar: CookieJar,
}

/// The cookies are as secret as the token.
impl std::fmt::Debug for Visitor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Visitor(..)")
    }
}

impl Visitor {
    /// The token for its forms.
    #[must_use]
    pub fn form_token(&self) -> FormToken {
        FormToken::for_secret(self.secret.reveal())
    }

    /// What the browser is known by while nobody is signed in.
    #[must_use]
    pub(super) const fn secret(&self) -> &Token {
        &self.secret
    }

    /// The cookies to send along with the page.
    pub fn cookies(&self) -> CookieJar {
        self.jar.clone()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let jar = CookieJar::from_headers(&parts.headers);
        let known = jar
            .get(VISIT_COOKIE)
            .and_then(|cookie| cookie.value().parse().ok());
        match known {
            Some(secret) => Ok(Self { secret, jar }),
            None => {
                let (secret, cookie) = form_token::new_visit().map_err(Error::from)?;
                Ok(Self {
                    secret,
                    jar: jar.add(cookie),
                })
            }
        }
    }
}

/// Lets whoever is signed in pass, if their role may use the address; everybody else is asked to sign in and comes back
/// afterwards. An address that asks again is passed by whoever showed not long ago who they are.
pub async fn signed_in(
    State((app, access, asks_again)): State<(Arc<App>, Access, bool)>,
    request: Request,
    next: Next,
) -> Response {
    let (request, signed_in) = match admit(&app, access, request).await {
        Ok(admitted) => admitted,
        Err(answer) => return *answer,
    };
    let passed = if asks_again && !proof::holds(&app, signed_in.session()) {
        ask_again(&app, &signed_in, request).await
    } else {
        Ok(request)
    };
    let response = match passed {
        Ok(request) => next.run(request).await,
        Err(answer) => *answer,
    };
    match session::note(&app, signed_in.session(), signed_in.taken_change()).await {
        Ok(()) => response,
        // While the database takes no writes its pages can be read all the same.
        Err(error @ Error::Unavailable(_)) => {
            tracing::warn!(%error, "the last use of a session is not noted");
            response
        }
        Err(error) => Problem::from(error).into_response(),
    }
}

async fn admit(
    app: &App,
    access: Access,
    request: Request,
) -> Result<(Request, SignedIn), Box<Response>> {
    let refuse = |answer: Response| Err(Box::new(answer));
    let jar = CookieJar::from_headers(request.headers());
    let token = cookie::session(&jar);
    let stored = match &token {
        Some(token) => match session::find(app, token).await {
            Ok(found) => found,
            Err(error) => return refuse(Problem::from(error).into_response()),
        },
        None => None,
    };
    let (Some(token), Some(stored)) = (token, stored) else {
        return refuse(to_sign_in(&request).into_response());
    };
    let chosen = stored.language.as_deref().and_then(Words::of);
    if let (Some(words), Some(choice)) = (chosen, request.extensions().get::<Choice>()) {
        choice.set_account(words);
    }
    if !access.admits(stored.role) {
        return refuse(Problem::not_for(stored.role, access).into_response());
    }
    let mut request = match checked_form(app, request, token.reveal(), LARGEST_FORM_SIGNED_IN).await
    {
        Ok(request) => request,
        Err(problem) => return refuse(problem.into_response()),
    };
    let (parts, body) = request.into_parts();
    let signed_in = SignedIn {
        stored,
        form_token: FormToken::for_secret(token.reveal()),
        source: source::of(&parts.extensions),
        notice: Arc::default(),
    };
    request = Request::from_parts(parts, body);
    request.extensions_mut().insert(signed_in.clone());
    Ok((request, signed_in))
}

/// Passes on a form that brings along what shows who sends it, or answers with a page that asks for that, and keeps the form.
async fn ask_again(
    app: &App,
    signed_in: &SignedIn,
    request: Request,
) -> Result<Request, Box<Response>> {
    let refuse = |problem: Problem| Box::new(problem.into_response());
    let (request, fields) = read_form(request, LARGEST_FORM_SIGNED_IN)
        .await
        .map_err(refuse)?;
    let (mut parts, body) = request.into_parts();
    let Ok(words) = Words::from_request_parts(&mut parts, &()).await;
    let (shown, kept): (Vec<_>, Vec<_>) = fields
        .into_iter()
        .filter(|(name, _)| name != FORM_TOKEN_FIELD)
        .partition(|(name, _)| proof_page::FIELDS.contains(&name.as_str()));
    let session = signed_in.session();
    let refusal = match proof_page::shown(shown) {
        None => None,
        Some(shown) => {
            let visit = cookie::visit(
                &CookieJar::from_headers(&parts.headers),
                source::of(&parts.extensions),
            );
            match proof::show(app, session, shown, &visit, &signed_in.actor()).await {
                Ok(()) => return Ok(Request::from_parts(parts, body)),
                Err(SignInError::Refused) => Some(Refusal::Wrong),
                Err(SignInError::Copied) => Some(Refusal::Copied),
                Err(SignInError::Service(error)) => return Err(refuse(error.into())),
                Err(SignInError::Password(error)) => {
                    tracing::error!(%error, "a password could not be compared");
                    return Err(refuse(Problem::internal()));
                }
            }
        }
    };
    let asked = proof::asked(app, session)
        .await
        .map_err(|error| refuse(error.into()))?;
    let shell = signed_in.shell(app, words, Section::Account);
    let path = parts.uri.path_and_query();
    let path = path.map_or("/", |path| path.as_str());
    let page = proof_page::page(shell, path, &kept, asked, refusal);
    Err(Box::new(page.into_response()))
}

/// To the sign-in page, and from there to the page that was asked for.
fn to_sign_in(request: &Request) -> Redirect {
    let wanted = request
        .uri()
        .path_and_query()
        .map_or("/", |path| path.as_str());
    let wanted = if matches!(wanted, "/" | "/sign-out") {
        ""
    } else {
        wanted
    };
    Redirect::to(&address::with_query("/sign-in", &[("return", wanted)]))
}

/// Lets anyone pass whose form, if it is one, was sent by our own page.
pub async fn visitors(
    State(app): State<Arc<App>>,
    jar: CookieJar,
    request: Request,
    next: Next,
) -> Response {
    let secret = jar
        .get(VISIT_COOKIE)
        .map(|cookie| cookie.value().to_owned())
        .unwrap_or_default();
    match checked_form(&app, request, &secret, LARGEST_FORM).await {
        Ok(request) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

/// Passes on requests that change nothing, and forms with the token that goes with the cookie's secret.
pub(super) async fn checked_form(
    app: &App,
    request: Request,
    secret: &str,
    largest: usize,
) -> Result<Request, Problem> {
    if matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    ) {
        return Ok(request);
    }
    if secret.is_empty() || !origin::is_own(&app.addresses.portal, request.headers()) {
        return Err(Problem::foreign_form());
    }
    let (request, fields) = read_form(request, largest).await?;
    let mut tokens = fields.iter().filter(|(name, _)| name == FORM_TOKEN_FIELD);
    let (Some((_, token)), None) = (tokens.next(), tokens.next()) else {
        return Err(Problem::foreign_form());
    };
    if !FormToken::for_secret(secret).is(token) {
        return Err(Problem::foreign_form());
    }
    // Nobody types a NUL, and PostgreSQL fails on a text that has one.
    if fields.iter().any(|(_, value)| value.contains('\0')) {
        return Err(Problem::unreadable());
    }
    Ok(request)
}

/// The fields of a form, and the request as it was.
async fn read_form(
    request: Request,
    largest: usize,
) -> Result<(Request, Vec<(String, String)>), Problem> {
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, largest)
        .await
        .map_err(|_| Problem::foreign_form())?;
    let copy = Request::from_parts(parts.clone(), Body::from(bytes.clone()));
    let Form(fields) = Form::from_request(copy, &())
        .await
        .map_err(|_| Problem::foreign_form())?;
    Ok((Request::from_parts(parts, Body::from(bytes)), fields))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visitors_cookies_are_in_no_log() {
        let (secret, cookie) = form_token::new_visit().unwrap();
        let visitor = Visitor {
            jar: CookieJar::new().add(cookie),
            secret: secret.clone(),
        };
        assert!(!format!("{visitor:?}").contains(secret.reveal()));
    }
}
