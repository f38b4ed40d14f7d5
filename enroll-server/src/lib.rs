//! The enrollment service: certificate authority, enrollment, revocation, CRL, OCSP and the portal.
//!
//! A request goes `router` -> `api`, `public` or `portal` (thin: extract, authorise, render) -> `service` (the rules,
//! the transactions) -> `ca` and `store`, and straight back. `ca` knows no database, `store` no rules, `service` no
//! HTTP.

#![forbid(unsafe_code)]

pub mod api;
pub mod app;
pub mod auth;
pub mod ca;
pub mod clock;
pub mod config;
pub mod error;
pub mod portal;
pub mod public;
pub mod random;
pub mod router;
pub mod server;
pub mod service;
pub mod store;

pub use app::{Addresses, App};
