//! OCSP requests and responses (RFC 6960; nonces as RFC 9654 has them).
//!
//! `x509-ocsp` stands on an older generation of the DER crates than the rest: certificates cross to it as DER.

pub mod request;
pub mod responder;
pub mod status;
