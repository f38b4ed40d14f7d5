//! From a template to an answer.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};

use super::problem::Problem;

/// What a handler answers.
pub type Answer = Result<Response, Problem>;

/// A page.
///
/// # Errors
/// If the template fails, which is a mistake in it.
pub fn page(template: &impl Template) -> Answer {
    page_with(StatusCode::OK, template)
}

/// A page that says with its status that something is wrong.
///
/// # Errors
/// If the template fails, which is a mistake in it.
pub fn page_with(status: StatusCode, template: &impl Template) -> Answer {
    let html = template.render().map_err(|error| {
        tracing::error!(%error, "a page could not be made");
        Problem::internal()
    })?;
    Ok((status, Html(html)).into_response())
}
