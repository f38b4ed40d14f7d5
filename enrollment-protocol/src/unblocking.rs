//! The unblocking of an enrolled phone's PIN by its organisation: somebody there allows it and tells the holder a code; the
//! phone sends the code, gets its unblocking key, and takes a new PIN, which nobody else learns.

use std::fmt;

use data_encoding::BASE64;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

use crate::version::Version;

/// Where a phone asks for its unblocking key, by a [`Signed`](crate::check_in::Signed) message.
pub const PATH: &str = "/api/v1/check-in/unblocking";

/// What a phone needs besides what it keeps itself to take a new PIN without the present one: 32 bytes, base64 in JSON. The phone
/// gets it when it enrolls, wraps with it what decrypts its keys, and forgets it.
#[derive(Clone, PartialEq, Eq)]
pub struct UnblockingKey(Zeroizing<[u8; 32]>);

impl UnblockingKey {
    /// The key of these bytes.
    #[must_use]
    pub fn new(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }

    /// Its 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_slice()
    }
}

impl fmt::Debug for UnblockingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UnblockingKey(..)")
    }
}

impl Serialize for UnblockingKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = Zeroizing::new(BASE64.encode(self.as_bytes()));
        serializer.serialize_str(&text)
    }
}

impl<'de> Deserialize<'de> for UnblockingKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Zeroizing::<String>::deserialize(deserializer)?;
        let wrong = || D::Error::custom("not base64 of 32 bytes");
        let bytes = BASE64.decode(text.as_bytes()).map_err(|_| wrong())?;
        let bytes = Zeroizing::new(bytes);
        let bytes: [u8; 32] = bytes.as_slice().try_into().map_err(|_| wrong())?;
        Ok(Self(Zeroizing::new(bytes)))
    }
}

/// The code that somebody at the organisation told the holder, as it was typed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnblockingCode(Zeroizing<String>);

impl UnblockingCode {
    /// Its digits, whatever stands between them.
    #[must_use]
    pub fn digits(&self) -> Zeroizing<String> {
        Zeroizing::new(self.0.chars().filter(char::is_ascii_digit).collect())
    }
}

impl From<Zeroizing<String>> for UnblockingCode {
    fn from(text: Zeroizing<String>) -> Self {
        Self(text)
    }
}

impl fmt::Debug for UnblockingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UnblockingCode(..)")
    }
}

/// Asks for the unblocking key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnblockingRequest {
    /// The challenge.
    pub challenge: String,
    /// The code.
    pub code: UnblockingCode,
}

/// The unblocking key. The same code again gets the same answer, until it ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnblockingAnswer {
    /// [`Version::CURRENT`].
    pub protocol: Version,
    /// The challenge for its next message.
    pub challenge: String,
    /// The key.
    pub key: UnblockingKey,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_32_bytes_and_does_not_show_itself() {
        let key = UnblockingKey::new(Zeroizing::new([0xA5; 32]));
        let text = serde_json::to_string(&key).unwrap();
        assert_eq!(text, "\"paWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaU=\"");
        assert_eq!(serde_json::from_str::<UnblockingKey>(&text).unwrap(), key);
        assert_eq!(format!("{key:?}"), "UnblockingKey(..)");
        for wrong in ["\"paWl\"", "\"%\"", "\"\"", "7"] {
            assert!(serde_json::from_str::<UnblockingKey>(wrong).is_err());
        }
    }

    #[test]
    fn a_code_is_its_digits() {
        let code = UnblockingCode::from(Zeroizing::new(" 1234-5678 ".to_owned()));
        assert_eq!(code.digits().as_str(), "12345678");
        assert_eq!(format!("{code:?}"), "UnblockingCode(..)");
    }
}
