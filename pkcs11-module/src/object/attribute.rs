//! Attributes: a table of typed values for each object, from which queries and searches are answered.

use cryptoki_sys::*;
use zeroize::Zeroizing;

use super::template::TemplateAttribute;
use crate::error::{Error, Result};
use crate::public_key::curve25519;

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `CK_BBOOL`
    Flag(bool),
    /// `CK_ULONG`
    Number(CK_ULONG),
    /// A list of `CK_ULONG`.
    Numbers(Vec<CK_ULONG>),
    /// Bytes, text or a date; empty where the standard allows an empty value.
    Bytes(Zeroizing<Vec<u8>>),
    /// There is one, and nobody gets it.
    Sensitive,
}

impl Value {
    /// Bytes.
    #[must_use]
    pub fn bytes(bytes: impl Into<Vec<u8>>) -> Self {
        Self::Bytes(Zeroizing::new(bytes.into()))
    }

    /// UTF-8 text.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::bytes(text)
    }

    /// The value as the C structure carries it.
    ///
    /// # Errors
    /// [`Error::AttributeSensitive`] where nobody gets it.
    pub fn encode(&self) -> Result<Zeroizing<Vec<u8>>> {
        Ok(match self {
            Self::Flag(flag) => Zeroizing::new(vec![if *flag { CK_TRUE } else { CK_FALSE }]),
            Self::Number(number) => Zeroizing::new(number.to_ne_bytes().to_vec()),
            Self::Numbers(numbers) => Zeroizing::new(
                numbers
                    .iter()
                    .flat_map(|number| number.to_ne_bytes())
                    .collect(),
            ),
            Self::Bytes(bytes) => bytes.clone(),
            Self::Sensitive => return Err(Error::AttributeSensitive),
        })
    }
}

/// Who sees an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// Everybody.
    Public,
    /// The user, once logged in.
    Private,
}

/// The attributes of one object.
#[derive(Clone, Debug, Default)]
pub struct Attributes(Vec<(CK_ATTRIBUTE_TYPE, Value)>);

impl Attributes {
    /// The attributes that every token object here has: it lies on the token and cannot be changed, copied
    /// or destroyed (PKCS#11 3.0, 4.4).
    #[must_use]
    pub fn of_token_object(class: CK_OBJECT_CLASS, visibility: Visibility) -> Self {
        Self::from(vec![
            (CKA_CLASS, Value::Number(class)),
            (CKA_TOKEN, Value::Flag(true)),
            (CKA_PRIVATE, Value::Flag(visibility == Visibility::Private)),
            (CKA_MODIFIABLE, Value::Flag(false)),
            (CKA_COPYABLE, Value::Flag(false)),
            (CKA_DESTROYABLE, Value::Flag(false)),
        ])
    }

    /// Adds more attributes.
    #[must_use]
    pub fn with(mut self, more: impl IntoIterator<Item = (CK_ATTRIBUTE_TYPE, Value)>) -> Self {
        self.0.extend(more);
        self
    }

    /// Sets one attribute.
    pub fn set(&mut self, attribute: CK_ATTRIBUTE_TYPE, value: Value) {
        self.0.retain(|(known, _)| *known != attribute);
        self.0.push((attribute, value));
    }

    /// The value of an attribute, as the C structure carries it.
    ///
    /// # Errors
    /// [`Error::AttributeType`] where the object does not have it, [`Error::AttributeSensitive`].
    pub fn value(&self, attribute: CK_ATTRIBUTE_TYPE) -> Result<Zeroizing<Vec<u8>>> {
        self.get(attribute).ok_or(Error::AttributeType)?.encode()
    }

    fn get(&self, attribute: CK_ATTRIBUTE_TYPE) -> Option<&Value> {
        self.0
            .iter()
            .find(|(known, _)| *known == attribute)
            .map(|(_, value)| value)
    }

    /// Whether a flag is there and set.
    #[must_use]
    pub fn flag(&self, attribute: CK_ATTRIBUTE_TYPE) -> bool {
        self.get(attribute) == Some(&Value::Flag(true))
    }

    /// Whether every attribute of a template is here with the same value.
    #[must_use]
    pub fn match_all(&self, template: &[TemplateAttribute]) -> bool {
        template.iter().all(|entry| self.matches(entry))
    }

    fn matches(&self, entry: &TemplateAttribute) -> bool {
        let Ok(value) = self.value(entry.attribute) else {
            return false;
        };
        // NSS looks for a point without the OCTET STRING around it, and OpenSC's tools for an identifier without its tag: two
        // bytes for the curves and the objects here.
        let is_bare = matches!(entry.attribute, CKA_EC_POINT | CKA_OBJECT_ID);
        let is_name = || curve25519::is_name_of(&entry.value, &value);
        value == entry.value
            || (is_bare && value.get(2..) == Some(entry.value.as_slice()))
            || (entry.attribute == CKA_EC_PARAMS && is_name())
    }

    /// The bytes that all values take together.
    #[must_use]
    pub fn size(&self) -> usize {
        self.0
            .iter()
            .filter_map(|(_, value)| value.encode().ok())
            .map(|value| value.len())
            .sum()
    }
}

impl From<Vec<(CK_ATTRIBUTE_TYPE, Value)>> for Attributes {
    fn from(attributes: Vec<(CK_ATTRIBUTE_TYPE, Value)>) -> Self {
        Self(attributes)
    }
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
    fn searches_match_exact_bytes_and_points_with_and_without_wrapping() {
        let attributes = Attributes::of_token_object(CKO_PUBLIC_KEY, Visibility::Public)
            .with([(CKA_EC_POINT, Value::bytes([0x04, 0x03, 0x04, 1, 2]))]);
        assert!(attributes.match_all(&[]));
        assert!(attributes.match_all(&[entry(CKA_TOKEN, &[1])]));
        assert!(attributes.match_all(&[entry(CKA_EC_POINT, &[0x04, 0x03, 0x04, 1, 2])]));
        assert!(attributes.match_all(&[entry(CKA_EC_POINT, &[0x04, 1, 2])]));
        assert!(!attributes.match_all(&[entry(CKA_EC_POINT, &[1, 2])]));
        assert!(!attributes.match_all(&[entry(CKA_TOKEN, &[1]), entry(CKA_ID, &[1])]));
    }

    #[test]
    fn secrets_are_never_found_by_their_value() {
        let attributes = Attributes::default().with([(CKA_PRIVATE_EXPONENT, Value::Sensitive)]);
        assert!(!attributes.match_all(&[entry(CKA_PRIVATE_EXPONENT, &[])]));
        assert_eq!(
            attributes.value(CKA_PRIVATE_EXPONENT),
            Err(Error::AttributeSensitive)
        );
        assert_eq!(attributes.value(CKA_LABEL), Err(Error::AttributeType));
    }
}
