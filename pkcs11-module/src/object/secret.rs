//! Secret keys that a derivation leaves in the session (PKCS#11 3.0, 4.10).

use cryptoki_sys::*;
use zeroize::Zeroizing;

use super::attribute::{Attributes, Value};
use super::content::{Content, Object};
use super::template::TemplateAttribute;
use crate::error::{Error, Result};

/// What a caller wants of a derived key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretKeyTemplate {
    key_type: CK_KEY_TYPE,
    length: Option<usize>,
    attributes: Vec<(CK_ATTRIBUTE_TYPE, Value)>,
}

/// The flags that a caller may set, and what they are when the caller does not.
const FLAGS: [(CK_ATTRIBUTE_TYPE, bool); 15] = [
    (CKA_PRIVATE, false),
    (CKA_MODIFIABLE, false),
    (CKA_COPYABLE, false),
    (CKA_DESTROYABLE, true),
    (CKA_SENSITIVE, false),
    (CKA_EXTRACTABLE, true),
    (CKA_ENCRYPT, false),
    (CKA_DECRYPT, false),
    (CKA_SIGN, false),
    (CKA_VERIFY, false),
    (CKA_WRAP, false),
    (CKA_UNWRAP, false),
    (CKA_DERIVE, false),
    (CKA_WRAP_WITH_TRUSTED, false),
    (CKA_TRUSTED, false),
];

impl SecretKeyTemplate {
    /// The length that the caller wants, in bytes.
    #[must_use]
    pub fn length(&self) -> Option<usize> {
        self.length
    }

    /// Reads a template. Usages may be set, and the key cannot be used for them in this module: it is there
    /// to be read.
    ///
    /// # Errors
    /// [`Error::TemplateInconsistent`] where no session secret key can be meant, [`Error::AttributeValue`],
    /// [`Error::AttributeType`].
    pub fn read(template: &[TemplateAttribute]) -> Result<Self> {
        let mut key_type = CKK_GENERIC_SECRET;
        let mut length = None;
        let mut attributes: Vec<(CK_ATTRIBUTE_TYPE, Value)> = FLAGS
            .iter()
            .map(|(attribute, flag)| (*attribute, Value::Flag(*flag)))
            .collect();
        for entry in template {
            match entry.attribute {
                CKA_CLASS if entry.number()? == CKO_SECRET_KEY => {}
                CKA_TOKEN if !entry.flag()? => {}
                CKA_CLASS | CKA_TOKEN => return Err(Error::TemplateInconsistent),
                CKA_KEY_TYPE => key_type = entry.number()?,
                CKA_VALUE_LEN => {
                    length =
                        Some(usize::try_from(entry.number()?).map_err(|_| Error::AttributeValue)?);
                }
                CKA_LABEL | CKA_ID | CKA_START_DATE | CKA_END_DATE => {
                    attributes.push((entry.attribute, Value::bytes(entry.value.as_slice())))
                }
                other => {
                    let (_, value) = attributes
                        .iter_mut()
                        .find(|(known, _)| *known == other)
                        .ok_or(Error::AttributeType)?;
                    *value = Value::Flag(entry.flag()?);
                }
            }
        }
        Ok(Self {
            key_type,
            length,
            attributes,
        })
    }
}

/// The key object made of a shared secret: its last bytes are cut away where the template asks for fewer
/// (PKCS#11 3.0 mechanisms, 2.3.17).
///
/// # Errors
/// [`Error::TemplateInconsistent`] where the template asks for more bytes than there are, or none.
pub fn secret_key(
    handle: CK_OBJECT_HANDLE,
    template: SecretKeyTemplate,
    secret: &[u8],
) -> Result<Object> {
    let length = template.length.unwrap_or(secret.len());
    let value = secret
        .get(..length)
        .filter(|value| !value.is_empty())
        .ok_or(Error::TemplateInconsistent)?;
    let mut attributes = Attributes::from(template.attributes);
    let readable = attributes.flag(CKA_EXTRACTABLE) && !attributes.flag(CKA_SENSITIVE);
    attributes = attributes.with([
        (CKA_CLASS, Value::Number(CKO_SECRET_KEY)),
        (CKA_TOKEN, Value::Flag(false)),
        (CKA_KEY_TYPE, Value::Number(template.key_type)),
        (CKA_LOCAL, Value::Flag(false)),
        (CKA_ALWAYS_SENSITIVE, Value::Flag(false)),
        (CKA_NEVER_EXTRACTABLE, Value::Flag(false)),
        (
            CKA_KEY_GEN_MECHANISM,
            Value::Number(CK_UNAVAILABLE_INFORMATION),
        ),
        (
            CKA_VALUE_LEN,
            Value::Number(CK_ULONG::try_from(value.len()).unwrap_or(CK_UNAVAILABLE_INFORMATION)),
        ),
        (
            CKA_VALUE,
            if readable {
                Value::Bytes(Zeroizing::new(value.to_vec()))
            } else {
                Value::Sensitive
            },
        ),
    ]);
    Ok(Object {
        handle,
        content: Content::SecretKey,
        attributes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(attribute: CK_ATTRIBUTE_TYPE, value: &[u8]) -> TemplateAttribute {
        TemplateAttribute {
            attribute,
            value: Zeroizing::new(value.to_vec()),
        }
    }

    #[test]
    fn a_derived_key_can_be_read_unless_it_is_sensitive() {
        let template = SecretKeyTemplate::read(&[
            entry(CKA_CLASS, &CKO_SECRET_KEY.to_ne_bytes()),
            entry(CKA_VALUE_LEN, &2_u64.to_ne_bytes()),
        ])
        .unwrap();
        let key = secret_key(1, template, &[1, 2, 3]).unwrap();
        assert_eq!(*key.attributes.value(CKA_VALUE).unwrap(), [1, 2]);

        let template = SecretKeyTemplate::read(&[entry(CKA_SENSITIVE, &[1])]).unwrap();
        let key = secret_key(1, template, &[1, 2, 3]).unwrap();
        assert_eq!(
            key.attributes.value(CKA_VALUE),
            Err(Error::AttributeSensitive)
        );
    }

    #[test]
    fn token_keys_and_too_many_bytes_are_refused() {
        assert_eq!(
            SecretKeyTemplate::read(&[entry(CKA_TOKEN, &[1])]),
            Err(Error::TemplateInconsistent)
        );
        let template =
            SecretKeyTemplate::read(&[entry(CKA_VALUE_LEN, &4_u64.to_ne_bytes())]).unwrap();
        assert!(secret_key(1, template, &[1, 2, 3]).is_err());
    }
}
