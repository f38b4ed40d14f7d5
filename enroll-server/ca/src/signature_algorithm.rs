//! How keys sign: the signature algorithm follows from the [type](crate::key_type) of the key.

use const_oid::ObjectIdentifier;

/// A signature algorithm (RFC 4055, section 5; RFC 5758, section 3.2).
#[derive(Debug)]
pub struct SignatureAlgorithm {
    /// Its object identifier.
    pub oid: ObjectIdentifier,
    /// Its name in the standards.
    pub name: &'static str,
    /// The scheme, as people call it.
    pub scheme: &'static str,
    /// The hash, as people call it.
    pub hash: &'static str,
    /// Whether the parameters of its AlgorithmIdentifier are NULL (RFC 4055) or absent (RFC 5758).
    pub has_null_parameters: bool,
    /// The same as `rcgen` has it.
    pub(crate) rcgen: &'static rcgen::SignatureAlgorithm,
}
