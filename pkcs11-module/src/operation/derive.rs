//! Key agreement (PKCS#11 3.0, 5.18.5; mechanisms 2.3.17): ECDH on the card, the secret as a session object.

use cryptoki_sys::{CK_OBJECT_HANDLE, CK_SESSION_HANDLE, CKA_DERIVE};
use der::Decode;
use der::asn1::OctetStringRef;

use crate::error::{Error, Result};
use crate::mechanism::{Kind, Mechanism, Parameter};
use crate::module::Module;
use crate::object::attribute::Wanted;
use crate::object::{SecretKeyTemplate, secret_key};
use crate::public_key::{Curve, PublicKey};

/// The peer's point, bare or in a DER OCTET STRING; it must be on the curve.
fn point(data: &[u8], curve: Curve) -> Result<&[u8]> {
    let wrapped = <&OctetStringRef>::from_der(data).map(OctetStringRef::as_bytes);
    [Some(data), wrapped.ok()]
        .into_iter()
        .flatten()
        .find(|point| curve.has_point(point))
        .ok_or(Error::MechanismParameter)
}

impl Module {
    /// `C_DeriveKey`
    ///
    /// # Errors
    /// [`Error::Mechanism`], [`Error::MechanismParameter`], [`Error::KeyHandle`], [`Error::KeyFunction`],
    /// [`Error::KeyType`], what is wrong with the template, or any failure of the card.
    pub fn derive_key(
        &self,
        session_handle: CK_SESSION_HANDLE,
        mechanism: &Mechanism,
        base_key: CK_OBJECT_HANDLE,
        template: &[Wanted],
    ) -> Result<CK_OBJECT_HANDLE> {
        let session = self.session(session_handle)?;
        let (Kind::Ecdh, Parameter::Ecdh(parameters)) = (mechanism.kind, &mechanism.parameter)
        else {
            return Err(Error::Mechanism);
        };
        let (slot, key) = session.private_key(base_key, CKA_DERIVE)?;
        let PublicKey::Ec(key) = key else {
            return Err(Error::KeyType);
        };
        let template = SecretKeyTemplate::read(template)?;
        let point = point(&parameters.public_data, key.curve)?;
        let secret = session.token.agree(slot, key.curve.algorithm(), point)?;
        if secret.len() != key.curve.field_length() {
            return Err(Error::Device(
                "the card's shared secret is too short".into(),
            ));
        }
        let handle = self.new_object_handle();
        session
            .token
            .add_session_object(session_handle, secret_key(handle, template, &secret)?);
        Ok(handle)
    }
}
