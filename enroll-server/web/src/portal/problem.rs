//! What went wrong, as a page: what happened, what to do next, and a number to ask for help with.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};

use enroll_server_service::App;
use enroll_server_service::error::{Error, whole_seconds};

use crate::request_id::RequestId;
use crate::status::HttpError;

/// Where a problem's page leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Action {
    /// Where it leads.
    pub href: &'static str,
    /// What the button says.
    pub label: &'static str,
}

const TO_OVERVIEW: Action = Action {
    href: "/",
    label: "To the overview",
};

/// A problem that ends a request.
#[derive(Debug, Clone)]
pub struct Problem {
    status: StatusCode,
    title: &'static str,
    lines: Vec<String>,
    action: Option<Action>,
    retry_after: Option<Duration>,
}

impl Problem {
    fn new(status: StatusCode, title: &'static str, line: impl Into<String>) -> Self {
        Self {
            status,
            title,
            lines: vec![line.into()],
            action: Some(TO_OVERVIEW),
            retry_after: None,
        }
    }

    /// The server failed.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "Something went wrong on our side",
            "Nothing was changed. Try again; if it goes on, tell whoever runs this server the number below.",
        )
    }

    /// There is nothing at this address.
    #[must_use]
    pub fn nothing_here() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "There is nothing at this address",
            "The address may be mistyped, or what it led to is no longer there.",
        )
    }

    /// A form that was not sent by a page of the portal, or by one of another session.
    #[must_use]
    pub fn foreign_form() -> Self {
        let mut problem = Self::new(
            StatusCode::FORBIDDEN,
            "This form could not be accepted",
            "It was not sent by a page of this portal, or the page was open from before you signed in. Nothing was changed.",
        );
        problem
            .lines
            .push("Open the page again and repeat what you did.".to_owned());
        problem
    }

    /// A set-up link that does not work.
    #[must_use]
    pub fn setup_closed() -> Self {
        let mut problem = Self::new(
            StatusCode::NOT_FOUND,
            "This set-up link does not work",
            "It works once, until the first administrator is there. If that is you, sign in.",
        );
        problem.lines.push(
            "If there is no administrator yet, start the server again: it prints a new link."
                .to_owned(),
        );
        problem.action = Some(Action {
            href: "/sign-in",
            label: "Sign in",
        });
        problem
    }

    /// A problem that axum has answered with no more than a status.
    fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::nothing_here(),
            StatusCode::METHOD_NOT_ALLOWED => Self::new(
                status,
                "This address cannot be used like that",
                "It is there, but it is not for that. Nothing was changed.",
            ),
            _ if status.is_client_error() => Self::new(
                status,
                "This request could not be read",
                "Something is missing or is not as it should be. Nothing was changed. Go back and try again.",
            ),
            _ => Self {
                status,
                ..Self::internal()
            },
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let status = error.status();
        let message = error.message();
        match &error {
            Error::NotFound(_) => Self::new(status, "It is not here", message),
            Error::SetupClosed => Self::setup_closed(),
            Error::RateLimited { retry_after } | Error::Busy { retry_after } => Self {
                retry_after: Some(*retry_after),
                ..Self::new(status, "Too much at once", message)
            },
            Error::Conflict(_) => Self::new(status, "That is not possible any more", message),
            _ if status.is_server_error() => {
                tracing::error!(%error, "a page failed");
                Self::internal()
            }
            _ => Self::new(status, "That is not possible", message),
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

#[derive(Template)]
#[template(path = "message.html")]
struct MessagePage<'a> {
    organisation: &'a str,
    title: &'a str,
    lines: &'a [String],
    action: Option<Action>,
    request_id: &'a str,
}

/// The answer to an address that is not on the list of routes.
pub async fn not_found() -> Problem {
    Problem::nothing_here()
}

/// Turns problems, and errors that never reached a handler, into pages.
pub async fn as_pages(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
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
    let page = MessagePage {
        organisation: &app.organisation,
        title: problem.title,
        lines: &problem.lines,
        action: problem.action,
        request_id: &request_id,
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
