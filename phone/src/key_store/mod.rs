//! Private keys behind a trait: the applications of the card use keys and never see them.
//!
//! A key store makes and opens keys. What it needs to find a key again it puts into a [`KeyHandle`], which the card's
//! state keeps and nobody else reads: in the software store that is the key itself, in a store of hardware keys a
//! name. A request says what the key is for and what each use shall need, so that hardware can hold it to that; each
//! use says what has been proved, so that the store can refuse it.

mod handle;
mod place;
mod policy;
pub mod software;
mod store;

pub use handle::{Attestation, KeyHandle};
pub use place::{KeyPlace, KeyPlaceError};
pub use policy::{Authorisation, Consent, ConsentError, HolderProof, KeyPolicy, PinProof};
pub use store::{CreatedKey, KeyRequest, KeyStore, KeyStoreError, PrivateKey, Protection};
