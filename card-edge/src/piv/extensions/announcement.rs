//! The announcement: the URL (5F50) of the application property template.
//!
//! ```text
//! tapcard:1?d=00112233445566778899aabbccddeeff&p=5&g=6f1c9b4e52d84c7f9a300b8e4d2c1f77&n=416c696365204578616d706c65
//! ```

use data_encoding::HEXLOWER;
use uuid::Uuid;

use super::pin_entry::EntryTime;
use super::public_objects::Digest;
use crate::piv::property_template::PropertyTemplate;

/// The version of the extensions that this crate speaks.
pub const VERSION: u8 = 1;

/// The maximum number of bytes of a name that is announced: as many as the label of a PKCS#11 token has.
pub const HOLDER_MAX: usize = 32;

const PREFIX: &str = "tapcard:1?";
const DIGEST: &str = "d";
const PIN_TRIES: &str = "p";
const GUID: &str = "g";
const HOLDER: &str = "n";
const PIN_ENTRY: &str = "v";

/// What the card announces when it is selected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// d: the digest of the public objects; a host that has kept objects of this digest need not read them.
    pub objects: Digest,
    /// p: tries of the PIV PIN that are left over this interface, 0 to 15; `None` where the card does not tell.
    pub pin_tries: Option<u8>,
    /// g and n: what a host calls the card; `None` where the card does not tell.
    pub name: Option<CardName>,
    /// v: the PIN can be typed at the card, which waits no longer than this for it; `None` where it cannot now.
    pub pin_entry: Option<EntryTime>,
}

/// What a host calls a card: as much of its public objects as a list of cards shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardName {
    /// g: the GUID of the CHUID, never all zeros.
    pub guid: Uuid,
    /// n: whose card it is; `None` where the public objects do not tell.
    pub holder: Option<Holder>,
}

/// How the common name in the subject of the 9A certificate begins: 1 to [`HOLDER_MAX`] bytes of UTF-8.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder(String);

impl Holder {
    /// As much of this common name as is announced, cut between characters; `None` of an empty one.
    #[must_use]
    pub fn of(common_name: &str) -> Option<Self> {
        let end = (0..=common_name.len().min(HOLDER_MAX))
            .rev()
            .find(|end| common_name.is_char_boundary(*end))?;
        let start = common_name.get(..end)?;
        (!start.is_empty()).then(|| Self(start.to_owned()))
    }

    /// The name. It is a stranger's: whoever shows it escapes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
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
        if let Some(name) = &self.name {
            let guid = HEXLOWER.encode(name.guid.as_bytes());
            url.push_str(&format!("&{GUID}={guid}"));
            if let Some(Holder(holder)) = &name.holder {
                let holder = HEXLOWER.encode(holder.as_bytes());
                url.push_str(&format!("&{HOLDER}={holder}"));
            }
        }
        if let Some(time) = self.pin_entry {
            url.push_str(&format!("&{PIN_ENTRY}={}", time.encode()));
        }
        url.into_bytes()
    }

    /// Reads a URL; `None` where it does not announce this version. Parameters that are not known are passed over.
    #[must_use]
    pub fn decode(url: &[u8]) -> Option<Self> {
        let parameters = core::str::from_utf8(url).ok()?.strip_prefix(PREFIX)?;
        let (mut objects, mut pin_tries) = (None, None);
        let (mut guid, mut holder, mut pin_entry) = (None, None, None);
        for parameter in parameters.split('&') {
            match parameter.split_once('=')? {
                (DIGEST, value) if objects.is_none() => objects = Some(sixteen_bytes(value)?),
                (PIN_TRIES, value) if pin_tries.is_none() => pin_tries = Some(tries(value)?),
                (GUID, value) if guid.is_none() => guid = Some(self::guid(value)?),
                (HOLDER, value) if holder.is_none() => holder = Some(self::holder(value)?),
                (PIN_ENTRY, value) if pin_entry.is_none() => {
                    pin_entry = Some(EntryTime::decode(value)?);
                }
                (DIGEST | PIN_TRIES | GUID | HOLDER | PIN_ENTRY, _) => return None,
                _ => {}
            }
        }
        let name = match (guid, holder) {
            (Some(guid), holder) => Some(CardName { guid, holder }),
            (None, None) => None,
            (None, Some(_)) => return None,
        };
        Some(Self {
            objects: Digest(objects?),
            pin_tries,
            name,
            pin_entry,
        })
    }

    /// What this answer to SELECT announces.
    #[must_use]
    pub fn of(template: &PropertyTemplate) -> Option<Self> {
        Self::decode(template.url.as_deref()?)
    }
}

/// 32 hexadecimal digits, in lower case.
fn sixteen_bytes(text: &str) -> Option<[u8; 16]> {
    HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok()
}

/// A decimal number from 0 to 15, without zeros before it.
fn tries(text: &str) -> Option<u8> {
    let tries: u8 = text.parse().ok()?;
    (tries <= 15 && tries.to_string() == text).then_some(tries)
}

/// 32 hexadecimal digits, in lower case, that are not all zero.
fn guid(text: &str) -> Option<Uuid> {
    let guid = Uuid::from_bytes(sixteen_bytes(text)?);
    (!guid.is_nil()).then_some(guid)
}

/// UTF-8 in hexadecimal digits, in lower case.
fn holder(text: &str) -> Option<Holder> {
    let name = String::from_utf8(HEXLOWER.decode(text.as_bytes()).ok()?).ok()?;
    (1..=HOLDER_MAX)
        .contains(&name.len())
        .then_some(Holder(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "tapcard:1?d=00112233445566778899aabbccddeeff&p=5";
    const NAMED: &str = "tapcard:1?d=00112233445566778899aabbccddeeff&p=5\
        &g=6f1c9b4e52d84c7f9a300b8e4d2c1f77&n=416c696365204578616d706c65";

    #[test]
    fn the_announcement_of_the_document() {
        let announcement = Announcement::decode(NAMED.as_bytes()).unwrap();
        assert_eq!(announcement.pin_tries, Some(5));
        assert_eq!(announcement.objects.0[..3], [0x00, 0x11, 0x22]);
        let name = announcement.name.as_ref().unwrap();
        assert_eq!(name.guid.as_bytes()[..2], [0x6F, 0x1C]);
        let holder = name.holder.as_ref().map(Holder::as_str);
        assert_eq!(holder, Some("Alice Example"));
        assert_eq!(announcement.encode(), NAMED.as_bytes());
        let more = format!("{NAMED}&later=x");
        assert_eq!(Announcement::decode(more.as_bytes()), Some(announcement));
    }

    #[test]
    fn a_card_need_not_tell_the_tries_or_what_it_is_called() {
        for url in [
            "tapcard:1?d=00112233445566778899aabbccddeeff",
            URL,
            "tapcard:1?d=00112233445566778899aabbccddeeff&g=6f1c9b4e52d84c7f9a300b8e4d2c1f77",
            "tapcard:1?d=00112233445566778899aabbccddeeff&p=5&v=30",
        ] {
            let announcement = Announcement::decode(url.as_bytes()).unwrap();
            assert_eq!(announcement.pin_tries.is_some(), url.contains("p="));
            assert_eq!(announcement.name.is_some(), url.contains("g="));
            assert_eq!(announcement.pin_entry.is_some(), url.contains("v="));
            assert_eq!(announcement.encode(), url.as_bytes());
        }
    }

    #[test]
    fn a_long_name_is_cut_between_characters() {
        let of = |name: &str| Holder::of(name).map(|holder| holder.0);
        assert_eq!(of(""), None);
        assert_eq!(of("Zo\u{eb}"), Some("Zo\u{eb}".to_owned()));
        assert_eq!(of(&"x".repeat(33)), Some("x".repeat(32)));
        assert_eq!(
            of(&format!("x{}", "\u{eb}".repeat(20))),
            Some(format!("x{}", "\u{eb}".repeat(15)))
        );
    }

    #[test]
    fn what_is_not_this_version_is_not_announced() {
        let with = |more: &str| format!("{URL}&{more}");
        let guid = "g=6f1c9b4e52d84c7f9a300b8e4d2c1f77";
        for url in [
            String::new(),
            "http://csrc.nist.gov/npivp".to_owned(),
            "tapcard:1?".to_owned(),
            "tapcard:1?p=5".to_owned(),
            "tapcard:2?d=00112233445566778899aabbccddeeff&p=5".to_owned(),
            "tapcard:1?d=00112233445566778899aabbccddeef&p=5".to_owned(),
            "tapcard:1?d=00112233445566778899AABBCCDDEEFF&p=5".to_owned(),
            "tapcard:1?d=00112233445566778899aabbccddeeff&p=16".to_owned(),
            "tapcard:1?d=00112233445566778899aabbccddeeff&p=05".to_owned(),
            with("p=4"),
            with(""),
            with("n=41"),
            with("v=0"),
            with("v=030"),
            with("v=601"),
            with("v=30&v=30"),
            with("g=00000000000000000000000000000000"),
            with("g=6F1C9B4E52D84C7F9A300B8E4D2C1F77"),
            with("g=6f1c9b4e52d84c7f9a300b8e4d2c1f"),
            with(&format!("{guid}&{guid}")),
            with(&format!("{guid}&n=")),
            with(&format!("{guid}&n=4")),
            with(&format!("{guid}&n=ff")),
            with(&format!("{guid}&n={}", "41".repeat(33))),
        ] {
            assert_eq!(Announcement::decode(url.as_bytes()), None, "{url}");
        }
    }
}
