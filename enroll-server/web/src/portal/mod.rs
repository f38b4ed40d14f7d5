//! The portal: pages made on the server, for administrators and for people who hold an invitation.
//!
//! Handlers are thin: extract, call a service, render. [`routes`] is the list of pages and of who may see them;
//! [`guard`] enforces it, and that forms come from our own pages; [`headers`] and [`problem`] surround everything.
//! Templates and assets are in `web/`; [`view`] holds the values that they show.

pub mod address;
pub mod assets;
mod audit;
mod certificate;
mod form;
pub mod guard;
mod headers;
mod history;
mod holder;
mod invitation;
mod invitations;
mod overview;
mod page;
mod paging;
mod phone;
pub mod problem;
mod revocation;
pub mod routes;
mod setup;
mod sign_in;
pub mod view;
mod words;
use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};

use enroll_server_service::App;

use crate::portal::routes::{Access, ROUTES};

/// The portal's routes with all that surrounds them: guards, headers, error pages. Unknown addresses get its 404.
pub fn router(app: &Arc<App>) -> Router<Arc<App>> {
    let of = |access: Access| {
        ROUTES
            .iter()
            .filter(|route| route.access == access)
            .fold(Router::new(), |router, route| {
                router.route(route.path, (route.handlers)())
            })
    };
    let administrators = of(Access::Administrator)
        .route_layer(from_fn_with_state(app.clone(), guard::administrators));
    let visitors = of(Access::Anyone).route_layer(from_fn(guard::visitors));
    administrators
        .merge(visitors)
        .fallback(problem::not_found)
        .layer(from_fn_with_state(app.clone(), problem::as_pages))
        .layer(from_fn(headers::add))
}
