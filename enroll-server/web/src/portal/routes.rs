//! Every page of the portal and who may see it: the router is made from this list, and the tests walk it.

use std::sync::Arc;

use axum::routing::{MethodRouter, get, post};

use enroll_server_service::App;

use super::{
    assets, audit, certificate, holder, invitation, invitations, overview, phone, setup, sign_in,
};

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Whoever has the address.
    Anyone,
    /// A signed-in administrator.
    Administrator,
}

/// A route of the portal.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// Its path, as axum writes it.
    pub path: &'static str,
    /// Who may use it.
    pub access: Access,
    /// What answers.
    pub handlers: fn() -> MethodRouter<Arc<App>>,
}

const fn anyone(path: &'static str, handlers: fn() -> MethodRouter<Arc<App>>) -> Route {
    Route {
        path,
        access: Access::Anyone,
        handlers,
    }
}

const fn administrator(path: &'static str, handlers: fn() -> MethodRouter<Arc<App>>) -> Route {
    Route {
        path,
        access: Access::Administrator,
        handlers,
    }
}

/// All routes.
pub const ROUTES: &[Route] = &[
    anyone("/assets/{name}", || get(assets::serve)),
    anyone("/setup/{token}", || get(setup::show).post(setup::complete)),
    anyone("/sign-in", || get(sign_in::show).post(sign_in::sign_in)),
    anyone("/invitation/{token}", || get(invitation::show)),
    anyone("/invitation/{token}/status", || get(invitation::status)),
    administrator("/sign-out", || post(sign_in::sign_out)),
    administrator("/", || get(overview::show)),
    administrator("/invitations", || get(invitations::list::show)),
    administrator("/invitations/new", || {
        get(invitations::new::show).post(invitations::new::create)
    }),
    administrator("/invitations/{id}", || get(invitations::show::show)),
    administrator("/invitations/{id}/status", || {
        get(invitations::show::status)
    }),
    administrator("/invitations/{id}/cancel", || {
        get(invitations::cancel::ask).post(invitations::cancel::cancel)
    }),
    administrator("/holders", || get(holder::list)),
    administrator("/holders/{id}", || get(holder::show)),
    administrator("/phones", || get(phone::list::show)),
    administrator("/phones/{id}", || get(phone::show::show)),
    administrator("/phones/{id}/revoke", || {
        get(phone::revoke::ask).post(phone::revoke::revoke)
    }),
    administrator("/certificates", || get(certificate::list::show)),
    administrator("/certificates/{id}", || get(certificate::show::show)),
    administrator("/certificates/{id}/certificate.pem", || {
        get(certificate::files::pem)
    }),
    administrator("/certificates/{id}/certificate.cer", || {
        get(certificate::files::der_file)
    }),
    administrator("/certificates/{id}/chain.pem", || {
        get(certificate::files::chain)
    }),
    administrator("/certificates/{id}/revoke", || {
        get(certificate::revoke::ask).post(certificate::revoke::revoke)
    }),
    administrator("/audit", || get(audit::show)),
];
