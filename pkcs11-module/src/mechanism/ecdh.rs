//! CKM_ECDH1_DERIVE (PKCS#11 3.0 mechanisms, 2.3.17): `CKD_NULL` is the only derivation here, so that what is left
//! of the parameter is the peer's public key.

use card_edge::piv::Curve;
use cryptoki_sys::{CKD_NULL, CKM_ECDH1_DERIVE};
use der::Decode;
use der::asn1::OctetStringRef;

use super::parameter::Parameter;
use super::row::{Row, Usage};
use crate::error::{Error, Result};
use crate::public_key::KeyType;
use crate::public_key::ec;

/// The mechanism.
pub const ROWS: [Row; 1] = [Row {
    number: CKM_ECDH1_DERIVE,
    name: "CKM_ECDH1_DERIVE",
    keys: Some(KeyType::Ec),
    usage: Usage::Agree,
    hash: None,
}];

/// ECDH with a peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ecdh {
    /// The peer's point, bare or as a DER OCTET STRING.
    pub public_data: Vec<u8>,
}

impl Ecdh {
    /// Reads the parameter.
    ///
    /// # Errors
    /// [`Error::MechanismParameter`] where it is missing, or asks for another derivation.
    pub fn read(parameter: &dyn Parameter) -> Result<Self> {
        let ecdh = parameter.ecdh()?;
        if ecdh.derivation != CKD_NULL || ecdh.has_shared_data {
            return Err(Error::MechanismParameter);
        }
        Ok(Self {
            public_data: ecdh.public_data,
        })
    }

    /// The peer's bare point, which must be on the curve.
    ///
    /// # Errors
    /// [`Error::MechanismParameter`] where it is not.
    pub fn point(&self, curve: Curve) -> Result<&[u8]> {
        let bare = self.public_data.as_slice();
        let wrapped = <&OctetStringRef>::from_der(bare).map(OctetStringRef::as_bytes);
        [Some(bare), wrapped.ok()]
            .into_iter()
            .flatten()
            .find(|point| ec::is_point(curve, point))
            .ok_or(Error::MechanismParameter)
    }
}
