//! The C entry points, by the chapters of PKCS#11 3.0, section 5. Here, and in `secret_memory`, `thread` and
//! `platform` where those speak to the system, is all unsafe code of the module.
//!
//! Each is made by the macro `entry!`: it reads its arguments through `args`, which checks pointers and
//! lengths, calls the safe function behind, and turns the result into a `CKR_` value. A panic ends there as
//! `CKR_GENERAL_ERROR`.
#![allow(unsafe_code)]
// The names and the safety contract of all these functions are those of the standard.
#![allow(non_snake_case, clippy::missing_safety_doc)]

pub mod args;
mod decrypt;
mod digest;
mod encrypt;
mod entry;
mod general;
mod key;
mod list;
mod mechanism;
mod message;
mod object;
mod process;
mod random;
mod session;
mod sign;
mod slot;
mod verify;

pub use general::initialize;
pub use list::{C_GetFunctionList, C_GetInterface, C_GetInterfaceList};
