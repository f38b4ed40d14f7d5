//! The certificate authority: keys, certificates, CRLs and OCSP answers, from typed facts to DER and back.
//!
//! Services call it. It knows files (the keys), but no database, no HTTP and no policy beyond the profiles, which it is
//! given as data. `rcgen` writes certificates and CRLs; `x509-cert` reads requests and certificates, and checks what is
//! about to be signed. Signatures block: an asynchronous caller makes them on a thread for blocking work.

#![forbid(unsafe_code)]

pub mod addresses;
pub mod authorities;
pub mod builder;
pub mod ca_certificate;
pub mod crl;
pub mod csr;
pub mod decoded;
pub mod error;
pub mod extension;
pub mod facts;
mod issuer_hashes;
pub mod key_id;
pub mod key_type;
pub mod lint;
pub mod ocsp;
pub mod oid;
pub mod passphrase;
pub mod profile;
pub mod public_key;
pub mod secret_key;
pub mod serial_number;
pub mod signature_algorithm;
pub mod signer;
pub mod ssh;
pub mod validity;
