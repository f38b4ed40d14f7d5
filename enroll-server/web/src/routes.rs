//! Every address of all listeners: method, path, and who may use it. The routers are built from this table, and the
//! tests walk it: there is no other way to add an address.

use std::sync::Arc;

use axum::http::Method;
use axum::routing::{MethodRouter, get, post, put};

use enroll_server_model::Scope;
use enroll_server_service::App;
use enrollment_protocol::authority::PATH as AUTHORITY;
use enrollment_protocol::check_in::{
    CHALLENGE_PATH as CHALLENGE, PATH as CHECK_IN, RENEWAL_PATH as RENEWAL,
};
use enrollment_protocol::enrollment::PATH as ENROLLMENT;
use enrollment_protocol::offer::PATH as OFFER;
use enrollment_protocol::unblocking::PATH as UNBLOCKING;

use crate::access::Access;
use crate::api::resources::{
    certificate as certificates, event, invitation as invited, person, phone as phones, policy,
    request,
};
use crate::portal::{
    account, api_token, assets, audit, authenticator, certificate, colleague, holder, invitation,
    invitations, language, me, overview, passkey, passkey_sign_in, password_link, pending_sign_in,
    phone, proving, recovery_codes, requests, revocation, selection, setup, sign_in, suspension,
    webhook,
};
use crate::{api, api_page, relying};

/// To which part of the server an address belongs: that decides its listener and the form of its errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Surface {
    /// Pages for browsers, over HTTPS.
    Portal,
    /// JSON for phones, over HTTPS: the enrollment protocol.
    Protocol,
    /// JSON for programs of the organisation, over HTTPS.
    Api,
    /// Lines for sshd, over HTTPS. It reads whatever comes as keys, so an error has no body.
    Sshd,
    /// Where browsers show a phone's certificate, over an HTTPS of its own.
    Phones,
    /// What relying parties fetch, over plain HTTP.
    Relying,
}

/// What answers at an address.
pub type Handlers = MethodRouter<Arc<App>>;

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
    /// Whether whoever uses it shows again who they are, unless they did not long ago.
    pub asks_again: bool,
    /// What answers.
    pub handler: fn() -> Handlers,
}

/// The rows of the table: surface, method, path, access with the scope of a token, handler. `[again]`: whoever uses it shows again who they are.
macro_rules! routes {
    ($($surface:ident $method:ident $path:tt $access:ident $(($scope:ident))? $([$again:ident])? $handler:path;)+) => {
        &[$(Route {
            surface: Surface::$surface,
            method: routes!(@method $method),
            path: $path,
            access: Access::$access $((Scope::$scope))?,
            asks_again: routes!(@again $($again)?),
            handler: || $method($handler),
        }),+]
    };
    (@again) => { false };
    (@again again) => { true };
    (@method get) => { Method::GET };
    (@method post) => { Method::POST };
    (@method put) => { Method::PUT };
}

/// All addresses.
pub const ROUTES: &[Route] = routes! {
    Portal  get  "/assets/{name}"                         Anyone         assets::serve;
    Portal  get  "/setup/{token}"                         SetupLink      setup::show;
    Portal  post "/setup/{token}"                         SetupLink      setup::complete;
    Portal  get  "/language/{tag}"                        Anyone         language::remember;
    Portal  get  "/sign-in"                               Anyone         sign_in::show;
    Portal  post "/sign-in"                               Anyone         sign_in::sign_in;
    Portal  post "/sign-in/passkey/options"               Anyone         passkey_sign_in::ask;
    Portal  post "/sign-in/passkey"                       Anyone         passkey_sign_in::sign_in;
    Portal  post "/sign-in/second-factor/options"         PasswordGiven  pending_sign_in::ask_for_passkey;
    Portal  get  "/sign-in/second-factor"                 PasswordGiven  pending_sign_in::ask;
    Portal  post "/sign-in/second-factor"                 PasswordGiven  pending_sign_in::show;
    Portal  get  "/me/sign-in"                            Anyone         me::sign_in::show;
    Portal  post "/me/sign-in"                            Anyone         me::sign_in::ask;
    Portal  get  "/me/enter/{token}"                      HolderLink     me::enter::show;
    Portal  post "/me/enter/{token}"                      HolderLink     me::enter::enter;
    Portal  get  "/me/not-accepted/{reason}"              Anyone         me::by_phone::explain;
    Portal  get  "/me"                                    Holder         me::phones::show;
    Portal  get  "/me/phones/{id}/lost"                   Holder         me::lost::ask;
    Portal  post "/me/phones/{id}/lost"                   Holder         me::lost::report;
    Portal  post "/me/phones/new"                         Holder         me::add::add;
    Portal  get  "/me/requests/new"                       Holder         me::request::ask;
    Portal  post "/me/requests/new"                       Holder         me::request::make;
    Portal  get  "/me/requests/{id}"                      Holder         me::request::show;
    Portal  post "/me/requests/{id}/withdraw"             Holder         me::request::withdraw;
    Portal  get  "/me/help"                               Holder         me::help::show;
    Portal  post "/me/sign-out"                           Holder         me::sign_in::sign_out;
    Portal  get  "/invitation/{token}"                    Invitation     invitation::show;
    Portal  get  "/invitation/{token}/status"             Invitation     invitation::status;
    Portal  post "/sign-out"                              Everyone       sign_in::sign_out;
    Portal  get  "/"                                      Everyone       overview::show;
    Portal  get  "/invitations"                           Everyone       invitations::list::show;
    Portal  get  "/invitations/new"                       Officers       invitations::new::show;
    Portal  post "/invitations/new"                       Officers       invitations::new::create;
    Portal  get  "/invitations.csv"                      Everyone       invitations::list::file;
    Portal  post "/invitations/selection"                 Officers       invitations::list::choose;
    Portal  get  "/invitations/import"                    Officers       invitations::import::show;
    Portal  post "/invitations/import"                    Officers       invitations::import::read;
    Portal  get  "/invitations/{id}"                      Everyone       invitations::show::show;
    Portal  get  "/invitations/{id}/status"               Everyone       invitations::show::status;
    Portal  get  "/invitations/{id}/cancel"               Officers       invitations::cancel::ask;
    Portal  post "/invitations/{id}/cancel"               Officers       invitations::cancel::cancel;
    Portal  post "/invitations/{id}/mail"                 Officers       invitations::mail::send;
    Portal  get  "/requests"                              Everyone       requests::list::show;
    Portal  get  "/requests.csv"                          Everyone       requests::list::file;
    Portal  get  "/requests/{id}"                         Everyone       requests::show::show;
    Portal  post "/requests/{id}/approve"                 Officers       requests::decide::approve;
    Portal  post "/requests/{id}/refuse"                  Officers       requests::decide::refuse;
    Portal  get  "/holders"                               Everyone       holder::list::show;
    Portal  get  "/holders.csv"                          Everyone       holder::list::file;
    Portal  post "/holders/selection"                     Officers       holder::list::choose;
    Portal  get  "/holders/{id}"                          Everyone       holder::show::show;
    Portal  get  "/holders/{id}/edit"                     Officers       holder::edit::show;
    Portal  post "/holders/{id}/edit"                     Officers       holder::edit::save;
    Portal  get  "/holders/{id}/remove"                   Officers       holder::remove::ask;
    Portal  post "/holders/{id}/remove"                   Officers [again] holder::remove::remove;
    Portal  get  "/holders/{id}/suspend"                  Officers       suspension::ask::<holder::suspend::Holder>;
    Portal  post "/holders/{id}/suspend"                  Officers       suspension::suspend::<holder::suspend::Holder>;
    Portal  post "/holders/{id}/resume"                   Officers       suspension::resume::<holder::suspend::Holder>;
    Portal  get  "/holders/{id}/let-go"                   Officers       holder::let_go::ask;
    Portal  post "/holders/{id}/let-go"                   Officers [again] holder::let_go::let_go;
    Portal  post "/holders/{id}/take-back"                Officers       holder::let_go::take_back;
    Portal  get  "/phones"                                Everyone       phone::list::show;
    Portal  get  "/phones.csv"                           Everyone       phone::list::file;
    Portal  post "/phones/selection"                      Officers       phone::list::choose;
    Portal  get  "/phones/{id}"                           Everyone       phone::show::show;
    Portal  get  "/phones/{id}/rename"                    Officers       phone::rename::show;
    Portal  post "/phones/{id}/rename"                    Officers       phone::rename::save;
    Portal  get  "/phones/{id}/unblocking"                       Officers       phone::unblocking::show;
    Portal  post "/phones/{id}/unblocking"                       Officers [again] phone::unblocking::allow;
    Portal  post "/phones/{id}/unblocking/withdraw"              Officers       phone::unblocking::withdraw;
    Portal  get  "/phones/{id}/revoke"                    Officers       revocation::ask::<phone::revoke::Phone>;
    Portal  post "/phones/{id}/revoke"                    Officers [again] revocation::revoke::<phone::revoke::Phone>;
    Portal  get  "/phones/{id}/replace"                   Officers       phone::replace::ask;
    Portal  post "/phones/{id}/replace"                   Officers [again] phone::replace::replace;
    Portal  get  "/phones/{id}/suspend"                   Officers       suspension::ask::<phone::revoke::Phone>;
    Portal  post "/phones/{id}/suspend"                   Officers       suspension::suspend::<phone::revoke::Phone>;
    Portal  post "/phones/{id}/resume"                    Officers       suspension::resume::<phone::revoke::Phone>;
    Portal  get  "/certificates"                          Everyone       certificate::list::show;
    Portal  get  "/certificates.csv"                     Everyone       certificate::list::file;
    Portal  get  "/certificates/{id}"                     Everyone       certificate::show::show;
    Portal  get  "/certificates/{id}/certificate.pem"     Everyone       certificate::files::pem;
    Portal  get  "/certificates/{id}/certificate.cer"     Everyone       certificate::files::der_file;
    Portal  get  "/certificates/{id}/chain.pem"           Everyone       certificate::files::chain;
    Portal  get  "/certificates/{id}/revoke"              Officers       revocation::ask::<certificate::revoke::Certificate>;
    Portal  post "/certificates/{id}/revoke"              Officers [again] revocation::revoke::<certificate::revoke::Certificate>;
    Portal  get  "/password/{token}"                      PasswordLink   password_link::show;
    Portal  post "/password/{token}"                      PasswordLink   password_link::choose;
    Portal  get  "/account"                               Everyone       account::show;
    Portal  post "/account/name"                          Everyone       account::rename;
    Portal  post "/account/language"                      Everyone       account::choose_language;
    Portal  post "/account/password"                      Everyone       account::change_password;
    Portal  post "/account/sign-out-elsewhere"            Everyone       account::sign_out_elsewhere;
    Portal  get  "/account/authenticator"                 Everyone       authenticator::offer;
    Portal  post "/account/authenticator"                 Everyone [again] authenticator::add;
    Portal  get  "/account/authenticator/remove"          Everyone       authenticator::ask;
    Portal  post "/account/authenticator/remove"          Everyone [again] authenticator::remove;
    Portal  get  "/account/recovery-codes"                Everyone       recovery_codes::show;
    Portal  post "/account/recovery-codes"                Everyone [again] recovery_codes::ask;
    Portal  post "/account/recovery-codes/new"            Everyone [again] recovery_codes::make;
    Portal  post "/account/proof/options"                 Everyone       proving::options;
    Portal  post "/account/proof"                         Everyone [again] proving::done;
    Portal  get  "/account/passkeys/new"                  Everyone       passkey::offer;
    Portal  post "/account/passkeys/new"                  Everyone [again] passkey::ask;
    Portal  post "/account/passkeys/options"              Everyone       passkey::options;
    Portal  post "/account/passkeys"                      Everyone [again] passkey::add;
    Portal  get  "/account/passkeys/{id}"                 Everyone       passkey::show;
    Portal  post "/account/passkeys/{id}/name"            Everyone       passkey::rename;
    Portal  get  "/account/passkeys/{id}/remove"          Everyone       passkey::ask_to_remove;
    Portal  post "/account/passkeys/{id}/remove"          Everyone [again] passkey::remove;
    Portal  get  "/colleagues"                            Administrators colleague::list::show;
    Portal  get  "/colleagues/new"                        Administrators colleague::new::show;
    Portal  post "/colleagues/new"                        Administrators [again] colleague::new::invite;
    Portal  get  "/colleagues/{id}"                       Administrators colleague::show::show;
    Portal  post "/colleagues/{id}/link"                  Administrators [again] colleague::show::make_link;
    Portal  get  "/colleagues/{id}/role"                  Administrators colleague::role::ask;
    Portal  post "/colleagues/{id}/role"                  Administrators [again] colleague::role::change;
    Portal  get  "/colleagues/{id}/disable"               Administrators colleague::disable::ask;
    Portal  post "/colleagues/{id}/disable"               Administrators [again] colleague::disable::disable;
    Portal  post "/colleagues/{id}/enable"                Administrators [again] colleague::disable::enable;
    Portal  get  "/colleagues/{id}/second-factor"         Administrators colleague::second_factor::ask;
    Portal  post "/colleagues/{id}/second-factor"         Administrators [again] colleague::second_factor::remove;
    Portal  get  "/selections/{id}"                       Officers       selection::ask;
    Portal  post "/selections/{id}"                       Officers [again] selection::carry_out;
    Portal  get  "/webhooks"                              Administrators webhook::list::show;
    Portal  get  "/webhooks/new"                          Administrators webhook::edit::new;
    Portal  post "/webhooks/new"                          Administrators [again] webhook::edit::add;
    Portal  get  "/webhooks/{id}"                         Administrators webhook::show::show;
    Portal  get  "/webhooks/{id}/edit"                    Administrators webhook::edit::show;
    Portal  post "/webhooks/{id}/edit"                    Administrators [again] webhook::edit::save;
    Portal  post "/webhooks/{id}/disable"                 Administrators [again] webhook::show::disable;
    Portal  post "/webhooks/{id}/enable"                  Administrators [again] webhook::show::enable;
    Portal  get  "/webhooks/{id}/remove"                  Administrators webhook::remove::ask;
    Portal  post "/webhooks/{id}/remove"                  Administrators [again] webhook::remove::remove;
    Portal  post "/webhooks/{id}/deliveries/{sequence}/again" Administrators webhook::show::send_again;
    Portal  get  "/api-tokens"                            Administrators api_token::list::show;
    Portal  get  "/api-tokens/new"                        Administrators api_token::new::show;
    Portal  post "/api-tokens/new"                        Administrators [again] api_token::new::make;
    Portal  get  "/api-tokens/{id}"                       Administrators api_token::show::show;
    Portal  get  "/api-tokens/{id}/revoke"                Administrators api_token::revoke::ask;
    Portal  post "/api-tokens/{id}/revoke"                Administrators [again] api_token::revoke::revoke;
    Portal  get  "/api-document"                          Everyone       api_page::show;
    Portal  get  "/audit"                                 Everyone       audit::show;
    Portal  get  "/audit.csv"                            Everyone       audit::file;
    Portal  get  "/audit.jsonl"                          Everyone       audit::json_lines;

    Protocol get  AUTHORITY                               Anyone         api::authority::get;
    Protocol post OFFER                                   Invitation     api::enrollment::offer;
    Protocol post ENROLLMENT                              Invitation     api::enrollment::enroll;
    Protocol post CHALLENGE                               Phone          api::check_in::challenge;
    Protocol post CHECK_IN                                Phone          api::check_in::check_in;
    Protocol post RENEWAL                                 Phone          api::check_in::renew;
    Protocol post UNBLOCKING                              Phone          api::check_in::unblock;
    Sshd    get  "/api/v1/ssh/authorized-keys/{username}" Anyone         api::ssh::authorized_keys;

    Phones  get  "/"                                      Anyone         me::by_phone::show;

    Api     get  "/api/v1/people"                         Token(Read)    person::list;
    Api     get  "/api/v1/people/{id}"                    Token(Read)    person::show;
    Api     put  "/api/v1/people/{id}"                    Token(Edit)    person::edit;
    Api     post "/api/v1/people/{id}/suspend"            Token(Suspend) person::suspend;
    Api     post "/api/v1/people/{id}/resume"             Token(Suspend) person::resume;
    Api     post "/api/v1/people/{id}/let-go"             Token(Revoke)  person::let_go;
    Api     post "/api/v1/people/{id}/take-back"          Token(Revoke)  person::take_back;
    Api     get  "/api/v1/phones"                         Token(Read)    phones::list;
    Api     get  "/api/v1/phones/{id}"                    Token(Read)    phones::show;
    Api     put  "/api/v1/phones/{id}/name"                  Token(Edit) phones::rename;
    Api     post "/api/v1/phones/{id}/suspend"            Token(Suspend) phones::suspend;
    Api     post "/api/v1/phones/{id}/resume"             Token(Suspend) phones::resume;
    Api     post "/api/v1/phones/{id}/unblocking"                Token(Unblock) phones::allow_unblocking;
    Api     post "/api/v1/phones/{id}/unblocking/withdraw"        Token(Unblock) phones::withdraw_unblocking;
    Api     post "/api/v1/phones/{id}/revoke"             Token(Revoke)  phones::revoke;
    Api     get  "/api/v1/certificates"                   Token(Read)    certificates::list;
    Api     get  "/api/v1/certificates/{id}"              Token(Read)    certificates::show;
    Api     post "/api/v1/certificates/{id}/revoke"       Token(Revoke)  certificates::revoke;
    Api     get  "/api/v1/invitations"                    Token(Read)    invited::list;
    Api     post "/api/v1/invitations"                    Token(Invite)  invited::invite;
    Api     get  "/api/v1/invitations/{id}"               Token(Read)    invited::show;
    Api     post "/api/v1/invitations/{id}/cancel"        Token(Invite)  invited::cancel;
    Api     get  "/api/v1/requests"                       Token(Read)    request::list;
    Api     get  "/api/v1/requests/{id}"                  Token(Read)    request::show;
    Api     post "/api/v1/requests/{id}/approve"          Token(Approve) request::approve;
    Api     post "/api/v1/requests/{id}/refuse"           Token(Approve) request::refuse;
    Api     get  "/api/v1/events"                         Token(Read)    event::list;
    Api     get  "/api/v1/enrollment/policies"            Token(Read)    policy::list;
    Api     get  "/api/v1/openapi.json"                   Anyone         api::document::show;

    Relying get  "/crl/{key}/{file}"                      Anyone         relying::revocation_list;
    Relying get  "/ca/{file}"                             Anyone         relying::authority_certificate;
    Relying post "/ocsp/{key}"                            Anyone         relying::ocsp::by_post;
    Relying get  "/ocsp/{key}"                            Anyone         relying::ocsp::by_get;
    Relying get  "/ocsp/{key}/{*request}"                 Anyone         relying::ocsp::by_get;
    Relying get  "/health"                                Anyone         relying::health;
};
