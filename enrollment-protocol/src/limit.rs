//! Limits that both sides keep to.

/// Most bytes of a request's body: four certification requests in base64 are about 8,000.
pub const REQUEST_MAX: usize = 64 * 1024;

/// Most characters of a phone's name.
pub const PHONE_NAME_MAX: usize = 100;
