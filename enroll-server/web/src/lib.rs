//! The enrollment service over HTTP: the portal's pages, the API, and what relying parties fetch.
//!
//! A request goes `router` -> `api`, `relying` or `portal` (thin: extract, authorise, render) -> a service, and straight
//! back. Nothing here knows the database or the authority's keys.

#![forbid(unsafe_code)]

pub mod access;
mod administrator;
pub mod api;
mod api_page;
mod api_token;
pub mod auth;
pub mod backup;
mod body_deadline;
pub mod clock;
pub mod command;
pub mod config;
mod cursor;
mod database_deadline;
pub mod fetch;
mod help;
mod host;
pub mod host_name;
pub mod listener;
pub mod mail_options;
mod mail_test;
mod operator;
pub mod outward;
mod pem;
pub mod portal;
pub mod public_url;
pub mod relying;
mod request_id;
pub mod router;
pub mod routes;
pub mod secret;
mod serial;
pub mod server;
pub mod service_manager;
mod source;
pub mod status;
pub mod words;
