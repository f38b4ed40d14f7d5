//! The fields of a certificate that attributes are made of (RFC 5280, 4.1). They are read as the card has them: a
//! certificate need not be strict DER, nor valid, for its key to be used.

use const_oid::db::rfc4519::COMMON_NAME;

use crate::ber::{BerError, INTEGER, OBJECT_IDENTIFIER, Reader, SEQUENCE, SET, inside};

/// The tag of the version.
const VERSION: u8 = 0xA0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
/// The types of text in names (X.680, 41).
const TELETEX_STRING: u8 = 0x14;
const UNIVERSAL_STRING: u8 = 0x1C;
const BMP_STRING: u8 = 0x1E;

/// Year, month and day in digits, as `CK_DATE` has them.
pub type Date = [u8; 8];

/// What of a certificate attributes are made of; names, serial number and key with their tags.
pub struct Fields {
    /// The certificate, without what may stand behind it.
    pub certificate: Vec<u8>,
    /// Subject.
    pub subject: Vec<u8>,
    /// Issuer.
    pub issuer: Vec<u8>,
    /// Serial number, an INTEGER.
    pub serial_number: Vec<u8>,
    /// SubjectPublicKeyInfo.
    pub public_key_info: Vec<u8>,
    /// The first common name of the subject.
    pub common_name: Option<String>,
    /// The first day; `None` where it cannot be read.
    pub not_before: Option<Date>,
    /// The last day; `None` where it cannot be read.
    pub not_after: Option<Date>,
}

impl Fields {
    /// The fields of a certificate. What it promises is not checked: that is for those who rely on it.
    ///
    /// # Errors
    /// [`BerError`] where one of the fields is not there.
    pub fn read(der: &[u8]) -> Result<Self, BerError> {
        let certificate = Reader::new(der).expect(SEQUENCE, "outer sequence")?;
        let body = Reader::new(certificate.content).expect(SEQUENCE, "body")?;
        let mut fields = Reader::new(body.content);
        fields.skip(VERSION)?;
        let serial_number = fields.expect(INTEGER, "serial number")?;
        fields.expect(SEQUENCE, "signature algorithm")?;
        let issuer = fields.expect(SEQUENCE, "issuer")?;
        let mut validity = Reader::new(fields.expect(SEQUENCE, "validity")?.content);
        let subject = fields.expect(SEQUENCE, "subject")?;
        let public_key_info = fields.expect(SEQUENCE, "public key")?;
        Ok(Self {
            certificate: certificate.whole.to_vec(),
            subject: subject.whole.to_vec(),
            issuer: issuer.whole.to_vec(),
            serial_number: serial_number.whole.to_vec(),
            public_key_info: public_key_info.whole.to_vec(),
            common_name: common_name(subject.content)
                .ok()
                .flatten()
                .filter(|name| !name.is_empty()),
            not_before: date(&mut validity),
            not_after: date(&mut validity),
        })
    }
}

/// The first common name of the subject, from the beginning of a certificate that reaches so far.
pub fn common_name_in_beginning(der: &[u8]) -> Option<String> {
    let mut fields = Reader::new(inside(inside(der, SEQUENCE)?, SEQUENCE)?);
    fields.skip(VERSION).ok()?;
    fields.expect(INTEGER, "serial number").ok()?;
    for before in ["signature algorithm", "issuer", "validity"] {
        fields.expect(SEQUENCE, before).ok()?;
    }
    let subject = fields.expect(SEQUENCE, "subject").ok()?;
    common_name(subject.content)
        .ok()
        .flatten()
        .filter(|name| !name.is_empty())
}

/// The day of the next time (RFC 5280, 4.1.2.5): two digits of a year are of 1950 to 2049.
fn date(times: &mut Reader<'_>) -> Option<Date> {
    let time = times.element().ok().flatten()?;
    let digits: Vec<u8> = match (time.tag, time.content) {
        (UTC_TIME, [b'0'..=b'4', ..]) => [b"20", time.content].concat(),
        (UTC_TIME, _) => [b"19", time.content].concat(),
        (GENERALIZED_TIME, content) => content.to_vec(),
        _ => return None,
    };
    let day = digits.first_chunk::<8>()?;
    day.iter().all(u8::is_ascii_digit).then_some(*day)
}

/// The first common name in a name (RFC 5280, 4.1.2.4), whatever type its text has.
fn common_name(name: &[u8]) -> Result<Option<String>, BerError> {
    let mut sets = Reader::new(name);
    while let Some(set) = sets.element()?.filter(|set| set.tag == SET) {
        let mut attributes = Reader::new(set.content);
        while let Some(attribute) = attributes.element()? {
            let mut parts = Reader::new(attribute.content);
            let kind = parts.expect(OBJECT_IDENTIFIER, "attribute type")?;
            if kind.content == COMMON_NAME.as_bytes() {
                let value = parts.element()?;
                return Ok(value.map(|value| text(value.tag, value.content)));
            }
        }
    }
    Ok(None)
}

/// Text of a type of X.680.
fn text(tag: u8, content: &[u8]) -> String {
    let number = |bytes: &[u8]| {
        bytes
            .iter()
            .fold(0, |number, byte| number << 8 | u32::from(*byte))
    };
    let character = |number| char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER);
    match tag {
        UNIVERSAL_STRING => content.chunks_exact(4).map(number).map(character).collect(),
        BMP_STRING => {
            let units = content
                .chunks_exact(2)
                .filter_map(|unit| u16::try_from(number(unit)).ok());
            char::decode_utf16(units)
                .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
                .collect()
        }
        TELETEX_STRING => content.iter().map(|byte| char::from(*byte)).collect(),
        _ => String::from_utf8_lossy(content).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An element with a short length.
    fn element(tag: u8, content: &[u8]) -> Vec<u8> {
        [&[tag, u8::try_from(content.len()).unwrap()], content].concat()
    }

    fn name(tag: u8, text: &[u8]) -> Vec<u8> {
        let attribute = [element(0x06, COMMON_NAME.as_bytes()), element(tag, text)].concat();
        element(SET, &element(SEQUENCE, &attribute))
    }

    #[test]
    fn common_names_of_every_type_of_text() {
        for (tag, text) in [
            (0x0C, "Zo\u{eb}".as_bytes()),
            (0x13, b"Zoe"),
            (0x14, b"Zo\xEB"),
            (0x1C, b"\0\0\0Z\0\0\0o\0\0\0\xEB"),
            (0x1E, b"\0Z\0o\0\xEB"),
        ] {
            let found = common_name(&name(tag, text)).unwrap().unwrap();
            let expected = if tag == 0x13 { "Zoe" } else { "Zo\u{eb}" };
            assert_eq!(found, expected, "{tag:02X}");
        }
        assert_eq!(common_name(&[]), Ok(None));
    }

    #[test]
    fn days_of_both_types_of_time() {
        for (tag, content, expected) in [
            (UTC_TIME, &b"491231235959Z"[..], Some(*b"20491231")),
            (UTC_TIME, b"500101000000Z", Some(*b"19500101")),
            (GENERALIZED_TIME, b"20991231235959Z", Some(*b"20991231")),
            (GENERALIZED_TIME, b"2099", None),
            (INTEGER, b"20991231", None),
        ] {
            let time = element(tag, content);
            assert_eq!(date(&mut Reader::new(&time)), expected);
        }
    }
}
