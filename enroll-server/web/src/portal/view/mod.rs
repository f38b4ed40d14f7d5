//! What pages are made of: small values that know how to show themselves. No database, no request.

mod fingerprint;
mod form;
mod icon;
mod list;
mod moment;
mod qr;
mod shell;
mod tag;
pub use fingerprint::{fingerprint, serial};
pub use form::{Choice, FieldError, FormErrors};
pub use icon::Icon;
pub use list::{Filter, Heading, ListView, Pager};
pub use moment::Moment;
pub use qr::{LinkWithCode, QrCode};
pub use shell::{MenuItem, Section, Shell};
pub use tag::{Tag, Tone};
