//! The ways in: each decides who may get which certificates, and grants an [`Admission`](grant::Admission). Enrollment
//! and issuing work for every admission alike and know no way in by its name: what they need of it is a
//! [`Claim`](claim::Claim).

pub mod bulk;
pub mod claim;
pub mod grant;
pub mod invitation;
pub mod invited;
pub mod mailing;
pub mod once;
pub mod own;
pub mod replace;
pub mod replaced;
pub mod request;
