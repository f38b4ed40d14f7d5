//! Who may use the portal: passwords, sessions, the protection of forms, and signing in.
//!
//! The portal's guards call it. It knows nothing of pages; of HTTP it knows cookies and the headers that tell where a
//! request comes from.

pub mod form_token;
pub mod origin;
pub mod password;
pub mod session;
pub mod sign_in;
