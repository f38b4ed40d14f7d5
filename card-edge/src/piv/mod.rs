//! The PIV card application (SP 800-73-5): its data model, its commands and a host-side client.

mod access;
mod aid;
mod algorithm;
pub mod authenticate;
pub mod ccc;
pub mod certificate;
pub mod chuid;
pub mod client;
pub mod data;
pub mod discovery;
pub mod extensions;
pub mod generate;
pub mod history;
mod management_key;
pub mod object;
pub mod pin;
pub mod pkcs11;
pub mod property_template;
mod public_key;
mod reference;
pub mod secure_messaging;
pub mod windows;
pub mod yubico;

pub use access::{ContactlessRule, KeyUse, PinPolicy, ReadRule};
pub use aid::{AID, AID_WITHOUT_VERSION, RID, is_selected_by};
pub use algorithm::{Algorithm, AlgorithmError, Cipher, Curve, KeyAlgorithm, KeyKind};
pub use client::{Client, ClientError};
pub use management_key::{DEFAULT_CARD_MANAGEMENT_KEY, ManagementKey, ManagementKeyError};
pub use object::ObjectId;
pub use pin::{Pin, Puk, VerificationData};
pub use public_key::{CURVE_25519_LENGTH, PublicKey};
pub use reference::{AsymmetricKey, KeyReference, PinReference, ReferenceError, RetiredNumber};
