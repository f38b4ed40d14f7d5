//! Limits that both sides keep to.

/// Most bytes of a request's body: four certification requests in base64 are about 8,000.
pub const REQUEST_MAX: usize = 64 * 1024;

/// Most characters of a phone's name.
pub const PHONE_NAME_MAX: usize = 100;

/// Most characters of a name in an offer or an answer: of an organisation, a holder, an account, a phone.
pub const NAME_MAX: usize = 256;

/// Most characters of a message for people.
pub const MESSAGE_MAX: usize = 2000;

/// Most bytes of a certificate.
pub const CERTIFICATE_MAX: usize = 16 * 1024;

/// Most certificates of authorities in an answer.
pub const ISSUERS_MAX: usize = 8;
