//! Profile objects (PKCS#11 3.0, 4.5).

use cryptoki_sys::*;

use super::attribute::{Attributes, Value, Visibility};

/// The profile that says that certificates are read without a PIN: NSS asks for one before it lists them
/// where this object is missing.
pub fn public_certificates_token() -> Attributes {
    Attributes::of_token_object(CKO_PROFILE, Visibility::Public)
        .with([(CKA_PROFILE_ID, Value::Number(CKP_PUBLIC_CERTIFICATES_TOKEN))])
}
