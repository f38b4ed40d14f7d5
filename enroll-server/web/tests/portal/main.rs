//! The portal through its router, on SQLite and on PostgreSQL: who may see what, forms, sessions, headers.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod access;
mod account;
mod administrators;
mod api;
mod browser;
mod bulk;
#[path = "../server/cluster.rs"]
mod cluster;
mod colleagues;
mod compression;
mod holders;
mod invitations;
mod language;
mod last_resort;
mod lists;
mod mail;
mod own_pages;
mod pages;
mod passkeys;
mod people;
mod phone_sign_in;
mod phones;
mod policies;
mod program;
mod requests;
mod revocation;
mod roles;
#[path = "../server/row.rs"]
mod row;
mod second_factor;
mod security_key;
mod server;
mod sessions;
mod setup;
mod sign_in_limits;
mod webhooks;

/// Runs an `async fn(Kind)` as two tests, `NAME::sqlite` and `NAME::postgres`.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {$(
        mod $name {
            #[tokio::test]
            async fn sqlite() {
                super::$name(enroll_server_store::Kind::Sqlite).await;
            }

            #[tokio::test]
            async fn postgres() {
                super::$name(enroll_server_store::Kind::Postgres).await;
            }
        }
    )+};
}
pub(crate) use on_both;
