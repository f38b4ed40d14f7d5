//! The parameters of mechanisms as the C structures carry them. The C layer reads them; each mechanism checks its own.

use cryptoki_sys::*;

use crate::error::Result;

/// `CK_RSA_PKCS_OAEP_PARAMS`, with the label that it points to.
#[derive(Clone, Debug)]
pub struct OaepParameter {
    /// `CKM_...` of the hash function of the label.
    pub hash: CK_MECHANISM_TYPE,
    /// `CKG_MGF1_...`
    pub mask_generation: CK_RSA_PKCS_MGF_TYPE,
    /// `CKZ_...`
    pub source: CK_RSA_PKCS_OAEP_SOURCE_TYPE,
    /// The label.
    pub label: Vec<u8>,
}

/// `CK_EDDSA_PARAMS`
#[derive(Clone, Copy, Debug)]
pub struct EddsaParameter {
    /// Whether the message is hashed first (Ed25519ph).
    pub is_hashed: bool,
    /// Whether there is a context (Ed25519ctx).
    pub has_context: bool,
}

/// `CK_ECDH1_DERIVE_PARAMS`, with what it points to.
#[derive(Clone, Debug)]
pub struct EcdhParameter {
    /// `CKD_...`
    pub derivation: CK_EC_KDF_TYPE,
    /// Data that both sides know.
    pub shared_data: Vec<u8>,
    /// The peer's point.
    pub public_data: Vec<u8>,
}

/// The parameter that a caller gives with a mechanism: a mechanism reads the one that it takes. Those with keys that take
/// none do not look, since callers are known to leave something there.
pub trait Parameter {
    /// No parameter.
    ///
    /// # Errors
    /// [`crate::error::Error::MechanismParameter`] where there is one.
    fn none(&self) -> Result<()>;

    /// `CK_RSA_PKCS_PSS_PARAMS`
    ///
    /// # Errors
    /// [`crate::error::Error::MechanismParameter`] where there is none or it has another length.
    fn pss(&self) -> Result<CK_RSA_PKCS_PSS_PARAMS>;

    /// `CK_RSA_PKCS_OAEP_PARAMS`
    ///
    /// # Errors
    /// As [`Self::pss`].
    fn oaep(&self) -> Result<OaepParameter>;

    /// `CK_EDDSA_PARAMS`, if there are any.
    ///
    /// # Errors
    /// [`crate::error::Error::MechanismParameter`] where they have another length.
    fn eddsa(&self) -> Result<Option<EddsaParameter>>;

    /// `CK_ECDH1_DERIVE_PARAMS`
    ///
    /// # Errors
    /// As [`Self::pss`].
    fn ecdh(&self) -> Result<EcdhParameter>;
}
