//! The words of the enrollment service: times, ids, states, reasons, actors, events.
//!
//! Every other crate of the server stands on it. It does no I/O but to ask the operating system for the time and for
//! random bytes, and knows no database, no certificate and no HTTP.

#![forbid(unsafe_code)]

mod account;
mod actor;
mod certificate;
mod client_network;
pub mod clock;
mod delivery;
mod event;
pub mod event_detail;
mod holder;
mod holder_request;
mod invitation;
mod issuer;
mod key_location;
mod name;
mod phone;
mod phone_refusal;
mod policy;
mod profile;
pub mod random;
mod revocation;
mod role;
mod scope;
mod selection;
mod shared_file;
mod text_value;
mod timestamp;
mod validity;
mod words;

pub use enrollment_protocol::check_in::{Problem, ProblemReason, RenewedKey};
pub use enrollment_protocol::{Guid, KeyAlgorithm, Slot};

pub use account::{AccountState, LinkState};
pub use actor::{Actor, ActorKind};
pub use certificate::CertificateState;
pub use client_network::{ClientNetwork, ClientSite};
pub use delivery::{DeliveryState, MailKind, Outcome};
pub use event::{Event, EventKind, NewEvent, ObjectKind};
pub use holder::HolderState;
pub use holder_request::{AddingPhones, CameBy, RequestState};
pub use invitation::{InvitationState, StoredState};
pub use issuer::IssuerRole;
pub use key_location::{InvalidKeyLocation, KeyLocation};
pub use phone::PhoneState;
pub use phone_refusal::PhoneRefusal;
pub use policy::{PolicyName, SeededPolicy};
pub use profile::ProfileName;
pub use revocation::RevocationReason;
pub use role::Role;
pub use scope::Scope;
pub use selection::BulkAct;
pub use shared_file::SharedFile;
pub use timestamp::{CLOCKS_DIFFER, Timestamp};
pub use validity::Validity;
pub use words::UnknownWord;
