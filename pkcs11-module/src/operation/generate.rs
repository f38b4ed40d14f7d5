//! Key pairs that the card makes (PKCS#11 3.0, 5.18.2).

use cryptoki_sys::CK_OBJECT_HANDLE;

use crate::error::Result;
use crate::object;
use crate::object::key_pair::KeyPairTemplate;
use crate::object::template::TemplateAttribute;
use crate::public_key::KeyType;
use crate::token::Token;

/// `C_GenerateKeyPair`: the handles of the public and of the private key.
///
/// # Errors
/// As [`KeyPairTemplate::read`], or as [`Token::generate`].
pub fn generate(
    token: &Token,
    key_type: KeyType,
    public: &[TemplateAttribute],
    private: &[TemplateAttribute],
) -> Result<(CK_OBJECT_HANDLE, CK_OBJECT_HANDLE)> {
    let template = KeyPairTemplate::read(key_type, public, private)?;
    token.generate(template.reference, template.algorithm)?;
    Ok(object::key_handles(token.number, template.reference))
}
