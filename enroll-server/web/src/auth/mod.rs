//! What of signing in is HTTP: cookies, the protection of forms, and where a request comes from.

pub mod cookie;
pub mod form_token;
pub mod origin;
