//! What becomes of a request while the database does not answer: a database that hangs says nothing, so that no statement
//! fails.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use tokio::time::timeout;

use enroll_server_service::App;
use enroll_server_service::error::Error;
use enroll_server_service::health::{ANSWERS, answers};

use crate::api::failure::Failure;
use crate::portal::problem::Problem;
use crate::relying;
use crate::routes::Surface;

/// Asks the database, from time to time, whether it answers while a request is under way, and gives the request up if it
/// does not: 503 within two seconds. A write that had begun ends by itself.
pub async fn limit(
    State((app, surface)): State<(Arc<App>, Surface)>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = std::pin::pin!(next.run(request));
    loop {
        if let Ok(response) = timeout(ANSWERS, &mut response).await {
            return response;
        }
        tokio::select! {
            response = &mut response => return response,
            Err(error) = answers(&app) => return refused(surface, error),
            else => {}
        }
    }
}

fn refused(surface: Surface, error: Error) -> Response {
    match surface {
        Surface::Portal => Problem::from(error).into_response(),
        Surface::Protocol | Surface::Api | Surface::Sshd | Surface::Phones => {
            Failure::from(error).into_response()
        }
        Surface::Relying => relying::failure(&error),
    }
}
