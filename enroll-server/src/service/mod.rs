//! The rules: what may happen, in which order, and what is recorded of it. Each change of state is one transaction
//! together with its audit events.
//!
//! Handlers (JSON and pages) call it; it calls `store` and `ca`, and knows nothing of HTTP.

pub mod audit;
pub mod authorized_keys;
pub mod credential;
pub mod crl;
pub mod enrollment;
pub mod invitation;
pub mod issuance;
pub mod ocsp;
pub mod person;
pub mod rate_limit;
pub mod revocation;
pub mod setup;
