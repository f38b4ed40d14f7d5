//! What the server remembers, in SQLite or PostgreSQL: the only place with SQL, one file a noun.
//!
//! Services call it; it knows no rules, no HTTP and no certificates beyond their bytes. One text of each statement
//! serves both databases: `$n` placeholders, `BIGINT` microseconds for times, text for ids and words.
//!
//! Functions that read take anything that executes: `store.reader()`, or `tx.reader()` of a transaction. Functions that
//! write take a [`Transaction`], which only [`Store::write`] makes.

#![forbid(unsafe_code)]
#![allow(
    clippy::missing_errors_doc,
    reason = "every function here fails if the database does; what else can go wrong is said where it can"
)]

pub mod administrator;
pub mod api_token;
pub mod audit;
pub mod certificate;
pub mod check_in;
pub mod crl;
mod database;
mod error;
pub mod holder;
pub mod holder_link;
pub mod holder_request;
pub mod holder_session;
pub mod idempotency_key;
pub mod installation;
pub mod invitation;
pub mod issuer;
mod kind;
pub mod known_browser;
mod link;
pub mod listing;
mod migration;
mod nature;
pub mod outbox;
mod outbox_add;
pub mod overview;
pub mod passkey;
pub mod password_link;
pub mod pending_sign_in;
pub mod phone;
mod pool;
mod postgres;
pub mod probe;
pub mod profile;
pub mod rate_limit;
mod reader;
pub mod revocation;
mod search;
pub mod second_factor;
pub mod selection;
pub mod session;
mod sql;
mod sqlite;
pub mod suspension;
mod transaction;
pub mod unblocking;
pub mod webhook;
mod writing;
pub use database::Store;
pub use error::{Result, StoreError, WorkError};
pub use kind::Kind;
pub use nature::Nature;
pub use reader::ReadPool;
pub use sql::Reader;
pub use transaction::Transaction;
pub use writing::Work;
