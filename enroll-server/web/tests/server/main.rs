//! The server without its sockets, on SQLite and on PostgreSQL: every test here runs on both.
//!
//! PostgreSQL is a private cluster that this program starts ([`cluster`]); each test has a schema of its own.

// What is not as a test expects ends the test.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod api;
mod audit;
mod busy;
mod check_in;
mod client;
mod clock;
mod cluster;
mod counts;
mod csr;
mod enrollment;
mod explain;
mod faults;
mod fixture;
mod invitation;
mod listener;
mod lists;
mod mail;
mod mail_server;
mod names;
mod ocsp;
mod own_certificates;
mod people;
mod policies;
mod profile_issuer;
mod profiles;
mod program;
mod receiver;
mod reconcile;
mod relying;
mod relying_party;
mod replacement;
mod requests;
mod revocation;
mod row;
mod same_card;
mod setup;
mod several;
mod start;
mod store;
mod suspension;
mod taken_over;
mod unblocking;
mod upgrade;
mod webhooks;

/// Runs an `async fn(Fixture)` as two tests, `NAME::sqlite` and `NAME::postgres`.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {$(
        mod $name {
            #[test]
            fn sqlite() {
                crate::fixture::run(enroll_server_store::Kind::Sqlite, super::$name);
            }

            #[test]
            fn postgres() {
                crate::fixture::run(enroll_server_store::Kind::Postgres, super::$name);
            }
        }
    )+};
}
pub(crate) use on_both;
