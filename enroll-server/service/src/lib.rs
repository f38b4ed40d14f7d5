//! The rules: what may happen, in which order, and what is recorded of it. Each change of state is one transaction
//! together with its audit events.
//!
//! Handlers (JSON and pages) call it; it calls the store and the authority, and knows nothing of HTTP. What pages and
//! the API read is in [`query`].

#![forbid(unsafe_code)]
#![allow(
    clippy::missing_errors_doc,
    reason = "every function that asks the store fails if the database does; what else can go wrong is said where it can"
)]

pub mod account;
pub mod administration;
pub mod admission;
pub mod api_token;
mod app;
pub mod audit;
mod audit_check;
pub mod authenticator;
pub mod authority;
pub mod authorized_keys;
pub mod backup;
mod blocking;
mod cancellation;
pub mod check_in;
mod clock_floor;
pub mod colleague;
mod condition;
mod counts;
pub mod credential;
pub mod crl;
mod crl_cache;
mod ending;
pub mod enrollment;
pub mod error;
pub mod health;
pub mod holder;
pub mod holder_link;
pub mod holder_session;
mod in_step;
mod installed;
mod interrupted_restore;
pub mod issuance;
mod issued_lately;
pub mod jobs;
mod key_files;
pub mod lock;
pub mod note;
pub mod ocsp;
mod ocsp_cache;
mod out_of_step;
pub mod outbox;
pub mod passkey;
pub mod passkey_sign_in;
pub mod password;
pub mod password_link;
pub mod pending_sign_in;
mod per_issuer;
pub mod person;
pub mod phone_name;
pub mod phone_sign_in;
pub mod proof;
pub mod query;
pub mod rate_limit;
mod readings;
pub mod reconcile;
pub mod refusal;
pub mod relying;
mod request_difference;
mod request_end;
pub mod revocation;
pub mod second_factor;
pub mod secret_file;
pub mod selection;
pub mod session;
pub mod setup;
pub mod sign_in;
mod space;
pub mod start;
mod start_error;
pub mod suspension;
pub mod text;
mod tls_credential;
mod tls_folder;
pub mod unblocking;
pub mod webauthn;
pub mod webhook;
pub mod worker;
pub use app::{Addresses, App};
pub use ocsp_cache::Answer as OcspAnswer;
pub use tls_credential::TlsCredential;
