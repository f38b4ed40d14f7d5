//! Every address of both listeners: method, path, and who may use it. The routers are built from this table, and the
//! tests walk it: there is no other way to add an address.

use std::sync::Arc;

use axum::http::Method;
use axum::routing::{MethodRouter, get, post};

use enroll_server_service::App;
use enrollment_protocol::authority::PATH as AUTHORITY;
use enrollment_protocol::enrollment::PATH as ENROLLMENT;
use enrollment_protocol::offer::PATH as OFFER;

use crate::portal::{
    assets, audit, certificate, holder, invitation, invitations, overview, phone, revocation,
    setup, sign_in, suspension,
};
use crate::{api, relying};

/// To which part of the server an address belongs: that decides its listener and the form of its errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Surface {
    /// Pages for browsers, over HTTPS.
    Portal,
    /// JSON for programs, over HTTPS.
    Api,
    /// Lines for sshd, over HTTPS. It reads whatever comes as keys, so an error has no body.
    Sshd,
    /// What relying parties fetch, over plain HTTP.
    Relying,
}

/// Who may use an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody.
    Anyone,
    /// Whoever has the link to set up the first administrator.
    SetupLink,
    /// Whoever has an invitation.
    Invitation,
    /// A signed-in administrator.
    Administrator,
}

/// An address.
#[derive(Debug, Clone)]
pub struct Route {
    /// To which part of the server it belongs.
    pub surface: Surface,
    /// The method.
    pub method: Method,
    /// The path, as axum writes it.
    pub path: &'static str,
    /// Who may use it.
    pub access: Access,
    /// What answers.
    pub handler: fn() -> MethodRouter<Arc<App>>,
}

/// The rows of the table: surface, method, path, access, handler.
macro_rules! routes {
    ($($surface:ident $method:ident $path:tt $access:ident $handler:path;)+) => {
        &[$(Route {
            surface: Surface::$surface,
            method: routes!(@method $method),
            path: $path,
            access: Access::$access,
            handler: || $method($handler),
        }),+]
    };
    (@method get) => { Method::GET };
    (@method post) => { Method::POST };
}

/// All addresses.
pub const ROUTES: &[Route] = routes! {
    Portal  get  "/assets/{name}"                         Anyone         assets::serve;
    Portal  get  "/setup/{token}"                         SetupLink      setup::show;
    Portal  post "/setup/{token}"                         SetupLink      setup::complete;
    Portal  get  "/sign-in"                               Anyone         sign_in::show;
    Portal  post "/sign-in"                               Anyone         sign_in::sign_in;
    Portal  get  "/invitation/{token}"                    Invitation     invitation::show;
    Portal  get  "/invitation/{token}/status"             Invitation     invitation::status;
    Portal  post "/sign-out"                              Administrator  sign_in::sign_out;
    Portal  get  "/"                                      Administrator  overview::show;
    Portal  get  "/invitations"                           Administrator  invitations::list::show;
    Portal  get  "/invitations/new"                       Administrator  invitations::new::show;
    Portal  post "/invitations/new"                       Administrator  invitations::new::create;
    Portal  get  "/invitations/{id}"                      Administrator  invitations::show::show;
    Portal  get  "/invitations/{id}/status"               Administrator  invitations::show::status;
    Portal  get  "/invitations/{id}/cancel"               Administrator  invitations::cancel::ask;
    Portal  post "/invitations/{id}/cancel"               Administrator  invitations::cancel::cancel;
    Portal  get  "/holders"                               Administrator  holder::list::show;
    Portal  get  "/holders/{id}"                          Administrator  holder::show::show;
    Portal  get  "/holders/{id}/edit"                     Administrator  holder::edit::show;
    Portal  post "/holders/{id}/edit"                     Administrator  holder::edit::save;
    Portal  get  "/holders/{id}/remove"                   Administrator  holder::remove::ask;
    Portal  post "/holders/{id}/remove"                   Administrator  holder::remove::remove;
    Portal  get  "/holders/{id}/suspend"                  Administrator  suspension::ask::<holder::suspend::Holder>;
    Portal  post "/holders/{id}/suspend"                  Administrator  suspension::suspend::<holder::suspend::Holder>;
    Portal  post "/holders/{id}/resume"                   Administrator  suspension::resume::<holder::suspend::Holder>;
    Portal  get  "/holders/{id}/let-go"                   Administrator  holder::let_go::ask;
    Portal  post "/holders/{id}/let-go"                   Administrator  holder::let_go::let_go;
    Portal  post "/holders/{id}/take-back"                Administrator  holder::let_go::take_back;
    Portal  get  "/phones"                                Administrator  phone::list::show;
    Portal  get  "/phones/{id}"                           Administrator  phone::show::show;
    Portal  get  "/phones/{id}/revoke"                    Administrator  revocation::ask::<phone::revoke::Phone>;
    Portal  post "/phones/{id}/revoke"                    Administrator  revocation::revoke::<phone::revoke::Phone>;
    Portal  get  "/phones/{id}/suspend"                   Administrator  suspension::ask::<phone::revoke::Phone>;
    Portal  post "/phones/{id}/suspend"                   Administrator  suspension::suspend::<phone::revoke::Phone>;
    Portal  post "/phones/{id}/resume"                    Administrator  suspension::resume::<phone::revoke::Phone>;
    Portal  get  "/certificates"                          Administrator  certificate::list::show;
    Portal  get  "/certificates/{id}"                     Administrator  certificate::show::show;
    Portal  get  "/certificates/{id}/certificate.pem"     Administrator  certificate::files::pem;
    Portal  get  "/certificates/{id}/certificate.cer"     Administrator  certificate::files::der_file;
    Portal  get  "/certificates/{id}/chain.pem"           Administrator  certificate::files::chain;
    Portal  get  "/certificates/{id}/revoke"              Administrator  revocation::ask::<certificate::revoke::Certificate>;
    Portal  post "/certificates/{id}/revoke"              Administrator  revocation::revoke::<certificate::revoke::Certificate>;
    Portal  get  "/audit"                                 Administrator  audit::show;

    Api     get  AUTHORITY                                Anyone         api::authority::get;
    Api     post OFFER                                    Invitation     api::enrollment::offer;
    Api     get  "/api/v1/enrollment/policies"            Administrator  api::policies::list;
    Api     post ENROLLMENT                               Invitation     api::enrollment::enroll;
    Sshd    get  "/api/v1/ssh/authorized-keys/{username}" Anyone         api::ssh::authorized_keys;

    Relying get  "/crl/{key}/{file}"                      Anyone         relying::revocation_list;
    Relying get  "/ca/{file}"                             Anyone         relying::authority_certificate;
    Relying post "/ocsp/{key}"                            Anyone         relying::ocsp::by_post;
    Relying get  "/ocsp/{key}"                            Anyone         relying::ocsp::by_get;
    Relying get  "/ocsp/{key}/{*request}"                 Anyone         relying::ocsp::by_get;
    Relying get  "/health"                                Anyone         relying::health;
};
