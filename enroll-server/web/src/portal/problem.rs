//! What went wrong, as a page: what happened, what to do next, and a number to ask for help with.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};

use super::label;
use crate::access::Access;
use crate::request_id::RequestId;
use crate::status::HttpError;
use crate::words::choice::Choice;
use crate::words::{Markup, Text, Words};
use enroll_server_model::Role;
use enroll_server_service::App;
use enroll_server_service::error::{Error, whole_seconds};

/// A problem that ends a request; its words are chosen when its page is made.
#[derive(Debug, Clone)]
pub struct Problem {
    status: StatusCode,
    kind: Kind,
    retry_after: Option<Duration>,
}

#[derive(Debug, Clone)]
enum Kind {
    /// The server failed.
    Internal,
    /// The server took too long.
    TimedOut,
    /// There is nothing at the address.
    NotFound,
    /// The address is not for that method.
    Method,
    /// The request cannot be read.
    Unreadable,
    /// The form was not sent by a page of the portal, or by one of another session.
    ForeignForm,
    /// The address is not for the role of whoever is signed in.
    Role(Role, Access),
    /// The set-up link does not work.
    SetupClosed,
    /// A service refused.
    Refused(Arc<Error>),
}

impl Problem {
    const fn new(status: StatusCode, kind: Kind) -> Self {
        Self {
            status,
            kind,
            retry_after: None,
        }
    }

    /// The server failed.
    #[must_use]
    pub const fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, Kind::Internal)
    }

    /// A request that cannot be read.
    #[must_use]
    pub const fn unreadable() -> Self {
        Self::new(StatusCode::BAD_REQUEST, Kind::Unreadable)
    }

    /// A form that was not sent by a page of the portal, or by one of another session.
    #[must_use]
    pub const fn foreign_form() -> Self {
        Self::new(StatusCode::FORBIDDEN, Kind::ForeignForm)
    }

    /// An address that the role of whoever is signed in may not use.
    #[must_use]
    pub const fn not_for(role: Role, access: Access) -> Self {
        Self::new(StatusCode::FORBIDDEN, Kind::Role(role, access))
    }

    /// An address that there is nothing at.
    #[must_use]
    pub const fn nowhere() -> Self {
        Self::new(StatusCode::NOT_FOUND, Kind::NotFound)
    }

    /// A problem that axum has answered with no more than a status.
    fn of_status(status: StatusCode) -> Self {
        let kind = match status {
            StatusCode::NOT_FOUND => Kind::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Kind::Method,
            StatusCode::SERVICE_UNAVAILABLE => Kind::TimedOut,
            _ if status.is_client_error() => Kind::Unreadable,
            _ => Kind::Internal,
        };
        Self::new(status, kind)
    }

    /// What happened.
    fn title(&self, words: Words) -> Text {
        match &self.kind {
            Kind::Internal => words.problem_internal(),
            Kind::TimedOut => words.problem_timed_out(),
            Kind::NotFound => words.problem_not_found(),
            Kind::Method => words.problem_method(),
            Kind::Unreadable => words.problem_unreadable(),
            Kind::ForeignForm => words.problem_form(),
            Kind::Role(..) => words.problem_role(),
            Kind::SetupClosed => words.problem_setup_closed(),
            Kind::Refused(error) => match **error {
                Error::NotFound(_) => words.problem_not_found(),
                Error::RateLimited { .. } | Error::Busy { .. } => words.problem_limit(),
                Error::Unavailable(_) => words.problem_unavailable(),
                Error::Conflict(_) => words.problem_conflict(),
                Error::PasswordLink(_) => words.problem_password_link(),
                Error::HolderLink => words.me_link_ended(),
                Error::InvitationUnknown
                | Error::InvitationUsed
                | Error::InvitationExpired
                | Error::InvitationCancelled
                | Error::PhoneUnknown
                | Error::CheckInRefused
                | Error::UnblockingRefused
                | Error::RequestMalformed(_)
                | Error::RequestTooLong
                | Error::RequestInvalid(_)
                | Error::ProtocolUnsupported(_)
                | Error::InvalidField { .. }
                | Error::SetupClosed
                | Error::NoInstallation
                | Error::IssuesNothing(_)
                | Error::TriedInVain(_)
                | Error::Store(_)
                | Error::Ca(_)
                | Error::Profile(_)
                | Error::NoTlsCertificate(_)
                | Error::Task(_)
                | Error::Randomness(_) => words.problem_refused(),
            },
        }
    }

    /// Why, and what to do next.
    fn lines(&self, words: Words) -> Vec<Text> {
        match &self.kind {
            Kind::Internal => vec![words.problem_internal_note()],
            Kind::TimedOut => vec![words.problem_timed_out_note()],
            Kind::NotFound => vec![words.problem_not_found_note()],
            Kind::Method => vec![words.problem_method_note()],
            Kind::Unreadable => vec![words.problem_unreadable_note()],
            Kind::ForeignForm => vec![words.problem_form_note(), words.problem_form_next()],
            Kind::Role(role, access) => vec![
                match access {
                    Access::Administrators => words.problem_role_administrators(),
                    _ => words.problem_role_officers(),
                },
                words.problem_role_next(label::role(words, *role)),
            ],
            Kind::SetupClosed => vec![
                words.problem_setup_closed_note(),
                words.problem_setup_closed_next(),
            ],
            Kind::Refused(error) => vec![words.refusal(error)],
        }
    }

    /// Where to go from its page.
    fn action(&self, words: Words) -> Action {
        match &self.kind {
            Kind::Refused(error) if matches!(**error, Error::PasswordLink(_)) => Action {
                href: "/sign-in",
                label: words.sign_in(),
            },
            Kind::Refused(error) if matches!(**error, Error::HolderLink) => Action {
                href: "/me/sign-in",
                label: words.me_title(),
            },
            Kind::SetupClosed => Action {
                href: "/sign-in",
                label: words.sign_in(),
            },
            Kind::Internal
            | Kind::TimedOut
            | Kind::NotFound
            | Kind::Method
            | Kind::Unreadable
            | Kind::ForeignForm
            | Kind::Role(..)
            | Kind::Refused(_) => Action {
                href: "/",
                label: words.problem_to_overview(),
            },
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let status = error.status();
        let retry_after = error.retry_after();
        let kind = match error {
            Error::SetupClosed => Kind::SetupClosed,
            _ if status.is_server_error() && retry_after.is_none() => {
                tracing::error!(%error, "a page failed");
                Kind::Internal
            }
            _ => {
                if let Error::Unavailable(error) = &error {
                    tracing::error!(%error, "a page failed");
                }
                Kind::Refused(Arc::new(error))
            }
        };
        Self {
            status,
            kind,
            retry_after,
        }
    }
}

/// The status alone; [`as_pages`] makes the page, because that knows whose portal it is.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Where a problem's page leads.
struct Action {
    href: &'static str,
    label: Text,
}

#[derive(Template)]
#[template(path = "message.html")]
struct MessagePage<'a> {
    words: Words,
    organisation: &'a str,
    title: Text,
    lines: Vec<Text>,
    action: Action,
    number: Markup,
    /// Whether the language is that of an account: then choosing another one in the browser changes nothing.
    is_by_account: bool,
}

/// The answer to an address that is not on the list of routes.
pub async fn not_found() -> Problem {
    Problem::nowhere()
}

/// Turns problems, and errors that never reached a handler, into pages.
pub async fn as_pages(
    State(app): State<Arc<App>>,
    choice: Choice,
    request: Request,
    next: Next,
) -> Response {
    let request_id = request
        .extensions()
        .get::<RequestId>()
        .map_or_else(String::new, |RequestId(id)| id.clone());
    let mut response = next.run(request).await;
    let status = response.status();
    let problem = match response.extensions_mut().remove::<Problem>() {
        Some(problem) => problem,
        None if (status.is_client_error() || status.is_server_error()) && !is_html(&response) => {
            Problem::of_status(status)
        }
        None => return response,
    };
    let words = choice.words();
    let page = MessagePage {
        words,
        organisation: &app.organisation,
        title: problem.title(words),
        lines: problem.lines(words),
        action: problem.action(words),
        number: Markup::code(&request_id),
        is_by_account: choice.is_by_account(),
    };
    let mut answer = match page.render() {
        Ok(html) => (problem.status, Html(html)).into_response(),
        Err(_) => problem.status.into_response(),
    };
    if let Some(wait) = problem.retry_after {
        answer
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(whole_seconds(wait)));
    }
    if let Some(allow) = response.headers_mut().remove(header::ALLOW) {
        answer.headers_mut().insert(header::ALLOW, allow);
    }
    answer
}

fn is_html(response: &Response) -> bool {
    response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"text/html"))
}
