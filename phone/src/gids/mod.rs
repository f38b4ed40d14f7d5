//! The GIDS card application from the card's side (Generic Identity Device Specification 2.0).
//!
//! One file for each command, as for PIV: it parses the command to a type that cannot be wrong, and acts on it. Who may do
//! what stands in the files of the card and is decided in [`access`] alone. The PIN, its tries and the keys that an
//! enrollment brought are the card's: [`provision`] shows them to GIDS.

mod access;
mod activate_file;
mod application;
mod change_reference_data;
mod comparison;
mod context;
mod create_file;
mod delete_file;
mod general_authenticate;
mod generate;
mod get_data;
mod host_files;
mod initial;
mod manage_security_environment;
mod parameters;
mod perform_security_operation;
pub mod provision;
mod provision_error;
mod put_data;
mod put_key;
mod reset_retry_counter;
mod select;
mod session;
mod tables;
mod verify;

pub use application::GidsApplication;
