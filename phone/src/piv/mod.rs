//! The PIV card application from the card's side (SP 800-73-5 part 2).
//!
//! One file for each command: it parses the command to a type that cannot be wrong, and acts on it. Who may do what is
//! decided in [`access`] alone.

mod access;
mod application;
mod change_reference_data;
mod comparison;
mod context;
mod extensions;
mod general_authenticate;
mod generate;
mod get_data;
mod key_establishment;
mod management_authentication;
mod object_content;
mod pairing_code;
mod parameters;
mod path;
mod pending_authentication;
mod policy;
mod put_data;
mod reset_retry_counter;
mod secure_channel;
mod security_status;
mod select;
mod verify;
mod yubico;

pub use application::PivApplication;
pub use policy::OBJECTS_MAX;
pub(crate) use policy::intermediate_retry_value;
