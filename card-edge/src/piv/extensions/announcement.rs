//! The announcement: the URL (5F50) of the application property template.
//!
//! ```text
//! tapcard:1?d=00112233445566778899aabbccddeeff&p=5
//! ```

use data_encoding::HEXLOWER;

use super::public_objects::Digest;
use crate::piv::property_template::PropertyTemplate;

/// The version of the extensions that this crate speaks.
pub const VERSION: u8 = 1;

const PREFIX: &str = "tapcard:1?";
const DIGEST: &str = "d";
const PIN_TRIES: &str = "p";

/// What the card announces when it is selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// d: the digest of the public objects; a host that has kept objects of this digest need not read them.
    pub objects: Digest,
    /// p: tries of the PIV PIN that are left over this interface, 0 to 15; `None` where the card does not tell.
    pub pin_tries: Option<u8>,
}

impl Announcement {
    /// The URL.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let digest = HEXLOWER.encode(&self.objects.0);
        let mut url = format!("{PREFIX}{DIGEST}={digest}");
        if let Some(tries) = self.pin_tries {
            url.push_str(&format!("&{PIN_TRIES}={tries}"));
        }
        url.into_bytes()
    }

    /// Reads a URL; `None` where it does not announce this version. Parameters that are not known are passed over.
    #[must_use]
    pub fn decode(url: &[u8]) -> Option<Self> {
        let parameters = core::str::from_utf8(url).ok()?.strip_prefix(PREFIX)?;
        let (mut objects, mut pin_tries) = (None, None);
        for parameter in parameters.split('&') {
            match parameter.split_once('=')? {
                (DIGEST, value) if objects.is_none() => objects = Some(digest(value)?),
                (PIN_TRIES, value) if pin_tries.is_none() => pin_tries = Some(tries(value)?),
                (DIGEST | PIN_TRIES, _) => return None,
                _ => {}
            }
        }
        Some(Self {
            objects: objects?,
            pin_tries,
        })
    }

    /// What this answer to SELECT announces.
    #[must_use]
    pub fn of(template: &PropertyTemplate) -> Option<Self> {
        Self::decode(template.url.as_deref()?)
    }
}

/// 32 hexadecimal digits, in lower case.
fn digest(text: &str) -> Option<Digest> {
    let bytes = HEXLOWER.decode(text.as_bytes()).ok()?;
    bytes.try_into().ok().map(Digest)
}

/// A decimal number from 0 to 15, without zeros before it.
fn tries(text: &str) -> Option<u8> {
    let tries: u8 = text.parse().ok()?;
    (tries <= 15 && tries.to_string() == text).then_some(tries)
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "tapcard:1?d=00112233445566778899aabbccddeeff&p=5";

    #[test]
    fn the_announcement_of_the_document() {
        let announcement = Announcement::decode(URL.as_bytes()).unwrap();
        assert_eq!(announcement.pin_tries, Some(5));
        assert_eq!(announcement.objects.0[..3], [0x00, 0x11, 0x22]);
        assert_eq!(announcement.encode(), URL.as_bytes());
        let more = format!("{URL}&later=x");
        assert_eq!(Announcement::decode(more.as_bytes()), Some(announcement));
    }

    #[test]
    fn a_card_need_not_tell_the_tries() {
        let url = "tapcard:1?d=00112233445566778899aabbccddeeff";
        let announcement = Announcement::decode(url.as_bytes()).unwrap();
        assert_eq!(announcement.pin_tries, None);
        assert_eq!(announcement.encode(), url.as_bytes());
    }

    #[test]
    fn what_is_not_this_version_is_not_announced() {
        for url in [
            "",
            "http://csrc.nist.gov/npivp",
            "tapcard:1?",
            "tapcard:1?p=5",
            "tapcard:2?d=00112233445566778899aabbccddeeff&p=5",
            "tapcard:1?d=00112233445566778899aabbccddeef&p=5",
            "tapcard:1?d=00112233445566778899AABBCCDDEEFF&p=5",
            "tapcard:1?d=00112233445566778899aabbccddeeff&p=16",
            "tapcard:1?d=00112233445566778899aabbccddeeff&p=05",
            "tapcard:1?d=00112233445566778899aabbccddeeff&p=5&p=4",
            "tapcard:1?d=00112233445566778899aabbccddeeff&p=5&",
        ] {
            assert_eq!(Announcement::decode(url.as_bytes()), None, "{url}");
        }
    }
}
