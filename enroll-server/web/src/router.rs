//! The routers of all listeners, built from the table of [routes](crate::routes), and what surrounds every request: an
//! id, a log line that names the route and never the path (paths hold tokens), limits of size and time, and an answer
//! also to a panic.

use std::any::Any;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::extract::{ConnectInfo, DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use tower::{Service, ServiceBuilder};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::TimeoutLayer;
use tracing::Instrument;

use enroll_server_model::random;
use enroll_server_service::App;
use enroll_server_service::ocsp::LONGEST_REQUEST;

use crate::access::Access;
use crate::api::{failure, guard as api_guard, problem as api_problem};
use crate::body_deadline;
use crate::database_deadline;
use crate::host;
use crate::listener::Limits;
use crate::portal::{guard, headers, language, me, problem};
use crate::request_id::{REQUEST_ID, RequestId};
use crate::routes::{Handlers, ROUTES, Route, Surface};

/// Most bytes of a request's body, where a route does not ask for less.
const LONGEST_BODY: usize = enrollment_protocol::limit::REQUEST_MAX;

/// HTTPS: the portal and the API.
pub fn https(app: &Arc<App>, limits: &Limits) -> Router {
    let protocol = unguarded(Surface::Protocol);
    let protocol = surround(app, Surface::Protocol, protocol, limits);
    let api = surround(app, Surface::Api, api(app), limits);
    let sshd = unguarded(Surface::Sshd);
    let sshd = surround(app, Surface::Sshd, sshd, limits);
    let portal = surround(app, Surface::Portal, portal(app), limits);
    let form = |surface, routes| surround(app, surface, routes, limits).with_state(app.clone());
    let no_api = form(
        Surface::Api,
        Router::new().fallback(async || StatusCode::NOT_FOUND),
    );
    let no_page = form(Surface::Portal, Router::new().fallback(problem::not_found));
    api.merge(protocol)
        .merge(sshd)
        .merge(portal)
        .fallback(move |request| nowhere(request, no_api.clone(), no_page.clone()))
        .layer(from_fn(log))
        .with_state(app.clone())
}

/// What answers where there is nothing: below `/api/` in the API's form, elsewhere with a page.
async fn nowhere(request: Request, api: Router, page: Router) -> Response {
    let of_api = request.uri().path().starts_with("/api/");
    let mut nowhere = if of_api { api } else { page };
    let Ok(response) = nowhere.call(request).await;
    response
}

/// Plain HTTP: what relying parties fetch.
pub fn http(app: &Arc<App>, limits: &Limits) -> Router {
    let routes = unguarded(Surface::Relying)
        .layer(DefaultBodyLimit::max(LONGEST_REQUEST))
        .fallback(|| async { StatusCode::NOT_FOUND });
    surround(app, Surface::Relying, routes, limits)
        .layer(from_fn(log))
        .with_state(app.clone())
}

/// HTTPS that asks for a phone's certificate: it leads on to the portal.
pub fn phones(app: &Arc<App>, limits: &Limits) -> Router {
    let routes = unguarded(Surface::Phones).fallback(async |State(app): State<Arc<App>>| {
        Redirect::to(&format!("{}/me/sign-in", app.addresses.portal))
    });
    surround(app, Surface::Phones, routes, limits)
        .layer(from_fn(close))
        .layer(from_fn(log))
        .with_state(app.clone())
}

/// Ends the connection after the answer: whoever comes next shows a phone of their own.
async fn close(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(header::CONNECTION, close);
    response
}

/// The addresses of a part of the server, each behind what guards it.
fn table(surface: Surface, guard: impl Fn(&Route, Handlers) -> Handlers) -> Router<Arc<App>> {
    ROUTES
        .iter()
        .filter(|route| route.surface == surface)
        .fold(Router::new(), |router, route| {
            router.route(route.path, guard(route, (route.handler)()))
        })
}

/// Addresses that nobody guards.
fn unguarded(surface: Surface) -> Router<Arc<App>> {
    table(surface, |_, handlers| handlers)
}

/// The API behind its guard.
fn api(app: &Arc<App>) -> Router<Arc<App>> {
    table(Surface::Api, |route, handlers| {
        if let Access::Token(scope) = route.access {
            let state = (app.clone(), scope);
            handlers.layer(from_fn_with_state(state, api_guard::token))
        } else {
            handlers
        }
    })
}

/// The portal's pages behind their guards.
fn portal(app: &Arc<App>) -> Router<Arc<App>> {
    table(Surface::Portal, |route, handlers| {
        if route.access.asks_to_sign_in() {
            let state = (app.clone(), route.access, route.asks_again);
            handlers.layer(from_fn_with_state(state, guard::signed_in))
        } else if route.access == Access::Holder {
            handlers.layer(from_fn_with_state(app.clone(), me::guard::holders))
        } else {
            handlers.layer(from_fn_with_state(app.clone(), guard::visitors))
        }
    })
}

/// The routes of a part of the server with what surrounds them: limits of size and of time, and an answer to a
/// panic. What these answer takes the part's form like every other error: a page with the
/// portal's headers, JSON for phones, a problem for other programs, or a status alone.
pub fn surround(
    app: &Arc<App>,
    surface: Surface,
    routes: Router<Arc<App>>,
    limits: &Limits,
) -> Router<Arc<App>> {
    let limited = routes.layer(
        ServiceBuilder::new()
            .layer(CatchPanicLayer::custom(panicked))
            .layer(from_fn(host::check))
            .layer(from_fn(refuse_nul))
            .layer(TimeoutLayer::with_status_code(
                StatusCode::SERVICE_UNAVAILABLE,
                limits.request,
            ))
            .layer(from_fn_with_state(
                (app.clone(), surface),
                database_deadline::limit,
            ))
            .layer(from_fn_with_state(limits.body, body_deadline::limit))
            .layer(DefaultBodyLimit::max(LONGEST_BODY)),
    );
    match surface {
        Surface::Portal => limited
            .layer(from_fn_with_state(app.clone(), problem::as_pages))
            .layer(from_fn(language::choose))
            .layer(from_fn(headers::add))
            .layer(compression()),
        Surface::Protocol => limited.layer(from_fn(failure::as_json)),
        Surface::Api => limited
            .layer(from_fn(api_problem::as_problem))
            .layer(compression()),
        Surface::Sshd | Surface::Phones => limited.layer(from_fn(failure::as_status)),
        Surface::Relying => limited,
    }
}

/// Compresses answers for whoever takes gzip. Forms carry their token under another mask in each page, so that its length
/// tells nothing of it.
fn compression() -> CompressionLayer {
    CompressionLayer::new()
}

/// What was said in the panic is in the log and nowhere else.
fn panicked(_: Box<dyn Any + Send>) -> Response {
    tracing::error!("a handler panicked");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

/// No name or id has a NUL in it, and PostgreSQL fails on a text that does.
async fn refuse_nul(request: Request, next: Next) -> Response {
    let uri = request.uri();
    if uri.path().contains("%00") || uri.query().is_some_and(|query| query.contains("%00")) {
        return StatusCode::BAD_REQUEST.into_response();
    }
    next.run(request).await
}

async fn log(mut request: Request, next: Next) -> Response {
    let id = random::id().unwrap_or_default();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("unknown", MatchedPath::as_str)
        .to_owned();
    let client = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|ConnectInfo(client)| tracing::field::display(client.ip().to_canonical()));
    let span = tracing::info_span!("request", id, client, method = %request.method(), route);
    request.extensions_mut().insert(RequestId(id.clone()));
    let begun = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let milliseconds = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::info!(parent: &span, status = response.status().as_u16(), milliseconds);
    response
}
