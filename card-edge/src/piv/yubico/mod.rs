//! What PIV tools use beyond SP 800-73, as Yubico's cards brought it and others followed
//! (developers.yubico.com/PIV, "YubiKey PIV extensions").

pub mod import;
pub mod instruction;
pub mod management_key;
pub mod metadata;
pub mod policy;
