//! What a caller wants to write to the card as an object (PKCS#11 3.0, 5.7.1): certificates and data objects.

use card_edge::piv::{AsymmetricKey, ObjectId, ReadRule};
use cryptoki_sys::*;

use super::fields::Fields;
use super::template::TemplateAttribute;
use super::{data, naming};
use crate::error::{Error, Result};

/// An object that can be written to a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Creation {
    /// A certificate.
    Certificate {
        /// The slot of its key.
        key: AsymmetricKey,
        /// The certificate, in DER.
        der: Vec<u8>,
    },
    /// A data object.
    Data {
        /// Which.
        object: ObjectId,
        /// Its content, without the wrapping 53, 7E or 7F61.
        content: Vec<u8>,
    },
}

/// What every object of a card has, and names that a slot and a data object have of their own: checked where that is
/// possible, and passed over.
fn is_taken_anyway(entry: &TemplateAttribute) -> Result<bool> {
    Ok(match entry.attribute {
        CKA_CLASS | CKA_VALUE => true,
        CKA_TOKEN | CKA_PRIVATE | CKA_MODIFIABLE | CKA_COPYABLE | CKA_DESTROYABLE => {
            entry.flag()?;
            true
        }
        CKA_LABEL => true,
        _ => false,
    })
}

fn find(
    template: &[TemplateAttribute],
    attribute: CK_ATTRIBUTE_TYPE,
) -> Option<&TemplateAttribute> {
    template.iter().find(|entry| entry.attribute == attribute)
}

fn flag(template: &[TemplateAttribute], attribute: CK_ATTRIBUTE_TYPE) -> Result<Option<bool>> {
    find(template, attribute)
        .map(TemplateAttribute::flag)
        .transpose()
}

impl Creation {
    /// Reads a template.
    ///
    /// # Errors
    /// [`Error::TemplateIncomplete`], [`Error::TemplateInconsistent`] for anything else than a certificate or a data
    /// object on the token, [`Error::AttributeValue`], [`Error::AttributeType`].
    pub fn read(template: &[TemplateAttribute]) -> Result<Self> {
        let class = find(template, CKA_CLASS).ok_or(Error::TemplateIncomplete)?;
        let read = match class.number()? {
            CKO_CERTIFICATE => certificate,
            CKO_DATA => data_object,
            _ => return Err(Error::TemplateInconsistent),
        };
        if flag(template, CKA_TOKEN)? != Some(true) {
            return Err(Error::TemplateInconsistent);
        }
        let value = find(template, CKA_VALUE).ok_or(Error::TemplateIncomplete)?;
        read(template, &value.value)
    }
}

fn certificate(template: &[TemplateAttribute], der: &[u8]) -> Result<Creation> {
    let fields = Fields::read(der).map_err(|_| Error::AttributeValue)?;
    let is = |entry: &TemplateAttribute, field: &[u8]| {
        let fits = entry.value.is_empty() || *entry.value == field;
        fits.then_some(()).ok_or(Error::TemplateInconsistent)
    };
    let mut key = None;
    for entry in template {
        match entry.attribute {
            CKA_CERTIFICATE_TYPE => {
                if entry.number()? != CKC_X_509 {
                    return Err(Error::TemplateInconsistent);
                }
            }
            CKA_ID => key = Some(naming::key_with_id(&entry.value).ok_or(Error::AttributeValue)?),
            CKA_SUBJECT => is(entry, &fields.subject)?,
            CKA_ISSUER => is(entry, &fields.issuer)?,
            CKA_SERIAL_NUMBER => is(entry, &fields.serial_number)?,
            CKA_PUBLIC_KEY_INFO => is(entry, &fields.public_key_info)?,
            CKA_TRUSTED => {
                if entry.flag()? {
                    return Err(Error::TemplateInconsistent);
                }
            }
            CKA_CERTIFICATE_CATEGORY
            | CKA_CHECK_VALUE
            | CKA_START_DATE
            | CKA_END_DATE
            | CKA_URL
            | CKA_HASH_OF_SUBJECT_PUBLIC_KEY
            | CKA_HASH_OF_ISSUER_PUBLIC_KEY
            | CKA_NAME_HASH_ALGORITHM
            | CKA_JAVA_MIDP_SECURITY_DOMAIN => {}
            _ if is_taken_anyway(entry)? => {}
            _ => return Err(Error::AttributeType),
        }
    }
    if flag(template, CKA_PRIVATE)? == Some(true) {
        return Err(Error::TemplateInconsistent);
    }
    Ok(Creation::Certificate {
        key: key.ok_or(Error::TemplateIncomplete)?,
        der: der.to_vec(),
    })
}

/// Which object it is its identifier says, or one of its names where there is none.
fn data_object(template: &[TemplateAttribute], value: &[u8]) -> Result<Creation> {
    for entry in template {
        let is_known = matches!(entry.attribute, CKA_OBJECT_ID | CKA_APPLICATION);
        if !is_known && !is_taken_anyway(entry)? {
            return Err(Error::AttributeType);
        }
    }
    let given = |attribute| find(template, attribute).filter(|entry| !entry.value.is_empty());
    let object = if let Some(oid) = given(CKA_OBJECT_ID) {
        data::with_oid(&oid.value)
    } else {
        let name = given(CKA_APPLICATION).or_else(|| given(CKA_LABEL));
        data::with_name(&name.ok_or(Error::TemplateIncomplete)?.value)
    };
    let object = object.ok_or(Error::AttributeValue)?;
    let is_private = object.read_rule() == ReadRule::Pin;
    if flag(template, CKA_PRIVATE)?.is_some_and(|wanted| wanted != is_private) {
        return Err(Error::TemplateInconsistent);
    }
    let content = data::content(object, value).to_vec();
    if content.is_empty() {
        return Err(Error::AttributeValue);
    }
    Ok(Creation::Data { object, content })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(attribute: CK_ATTRIBUTE_TYPE, value: &[u8]) -> TemplateAttribute {
        TemplateAttribute {
            attribute,
            value: value.to_vec().into(),
        }
    }

    fn data(more: &[TemplateAttribute]) -> Result<Creation> {
        let common = [
            entry(CKA_CLASS, &CKO_DATA.to_ne_bytes()),
            entry(CKA_TOKEN, &[1]),
            entry(CKA_VALUE, &[0x53, 1, 9]),
        ];
        Creation::read(&[&common, more].concat())
    }

    #[test]
    fn data_objects_are_named_by_identifier_or_name() {
        let printed = Ok(Creation::Data {
            object: ObjectId::PrintedInformation,
            content: vec![9],
        });
        let oid = [
            0x06, 0x0A, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x07, 0x02, 0x30, 0x01,
        ];
        let by_oid = entry(CKA_OBJECT_ID, &oid);
        let label = entry(CKA_LABEL, b"my badge");
        assert_eq!(data(&[by_oid.clone(), label.clone()]), printed);
        let by_name = entry(CKA_APPLICATION, b"Printed Information");
        assert_eq!(data(&[by_name.clone(), label.clone()]), printed);
        assert_eq!(data(&[entry(CKA_LABEL, b"Printed Information")]), printed);
        assert_eq!(data(&[label]), Err(Error::AttributeValue));
        assert_eq!(data(&[]), Err(Error::TemplateIncomplete));
        let private = |flag| data(&[by_name.clone(), entry(CKA_PRIVATE, &[flag])]);
        assert_eq!(private(1), printed);
        assert_eq!(private(0), Err(Error::TemplateInconsistent));
        assert_eq!(
            data(&[by_oid, entry(CKA_KEY_TYPE, &[1])]),
            Err(Error::AttributeType)
        );
    }

    #[test]
    fn what_a_card_does_not_have_is_refused() {
        let class = |class: CK_OBJECT_CLASS| entry(CKA_CLASS, &class.to_ne_bytes());
        let token = entry(CKA_TOKEN, &[1]);
        let inconsistent = Err(Error::TemplateInconsistent);
        assert_eq!(
            Creation::read(&[class(CKO_SECRET_KEY), token.clone()]),
            inconsistent
        );
        assert_eq!(Creation::read(&[class(CKO_DATA)]), inconsistent);
        assert_eq!(
            Creation::read(&[class(CKO_CERTIFICATE), token.clone()]),
            Err(Error::TemplateIncomplete)
        );
        assert_eq!(
            Creation::read(std::slice::from_ref(&token)),
            Err(Error::TemplateIncomplete)
        );
        assert_eq!(
            Creation::read(&[class(CKO_CERTIFICATE), token, entry(CKA_VALUE, b"no")]),
            Err(Error::AttributeValue)
        );
    }
}
