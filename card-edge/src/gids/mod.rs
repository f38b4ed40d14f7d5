//! GIDS, the Generic Identity Device Specification (version 2.0): the card edge that Windows writes to, from the card's
//! side, with what its inbox minidriver and OpenSC keep in the files.
//!
//! A GIDS card is a small file system: data files, which hold data objects and differ in who may read and write them,
//! and key files. What lies in which file is not the specification's but the minidriver's: see [`file_system`].

mod aid;
pub mod authenticate;
pub mod control_parameters;
pub mod data;
pub mod environment;
pub mod file_system;
pub mod generate;
pub mod instruction;
pub mod key_data;
pub mod mechanism;
pub mod pin;
pub mod security_attribute;

pub use aid::{AID, is_selected_by};
pub use control_parameters::{FileControlParameters, FileId, FileKind};
pub use mechanism::{Mechanism, Padding};
pub use pin::GidsPin;
pub use security_attribute::{Condition, Operation, SecurityAttribute};
