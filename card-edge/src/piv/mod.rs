//! The PIV card application (SP 800-73-5): its data model, its commands and a host-side client.

mod access;
mod aid;
mod algorithm;
pub mod authenticate;
pub mod certificate;
pub mod chuid;
pub mod client;
pub mod discovery;
pub mod generate;
pub mod history;
pub mod management_key;
pub mod metadata;
pub mod object;
pub mod pin;
pub mod property_template;
mod public_key;
mod reference;

pub use access::{KeyUse, PinPolicy, ReadRule};
pub use aid::{AID, AID_WITHOUT_VERSION, RID, is_selected_by};
pub use algorithm::{Algorithm, AlgorithmError, Cipher, KeyAlgorithm, KeyKind};
pub use client::{Client, ClientError};
pub use object::ObjectId;
pub use pin::{Pin, Puk, VerificationData};
pub use public_key::PublicKey;
pub use reference::{AsymmetricKey, KeyReference, PinReference, ReferenceError, RetiredNumber};
