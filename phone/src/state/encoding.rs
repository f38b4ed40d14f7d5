//! How bytes are written in the state file: base64, and secrets so that no copy of them outlives its use.

use core::fmt;

use data_encoding::BASE64;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

/// Bytes that must not be seen: wiped when dropped, and `Debug` shows nothing of them.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes the bytes over.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&Zeroizing::new(BASE64.encode(&self.0)))
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Base64).map(Self::new)
    }
}

/// Bytes that anyone may read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Base64).map(Self)
    }
}

/// Reads base64 from a borrowed string, so that no copy of the text is made.
struct Base64;

impl Visitor<'_> for Base64 {
    type Value = Vec<u8>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("base64")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Vec<u8>, E> {
        BASE64.decode(text.as_bytes()).map_err(E::custom)
    }
}

/// A map whose keys are key references, written as `9A`.
pub mod by_slot {
    use std::collections::BTreeMap;

    use card_edge::piv::AsymmetricKey;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    /// Writes the map.
    ///
    /// # Errors
    /// As the serializer.
    pub fn serialize<V: Serialize, S: Serializer>(
        map: &BTreeMap<AsymmetricKey, V>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_map(map.iter().map(|(slot, value)| (slot.to_string(), value)))
    }

    /// Reads the map.
    ///
    /// # Errors
    /// Where a key is no key reference.
    pub fn deserialize<'de, V: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<AsymmetricKey, V>, D::Error> {
        BTreeMap::<String, V>::deserialize(deserializer)?
            .into_iter()
            .map(|(name, value)| {
                let reference = u8::from_str_radix(&name, 16).map_err(D::Error::custom)?;
                let slot = AsymmetricKey::try_from(reference).map_err(D::Error::custom)?;
                Ok((slot, value))
            })
            .collect()
    }
}

/// A map whose keys are tags of data objects, written as `5FC102`.
pub mod by_tag {
    use std::collections::BTreeMap;

    use card_edge::tlv::Tag;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    /// Writes the map.
    ///
    /// # Errors
    /// As the serializer.
    pub fn serialize<V: Serialize, S: Serializer>(
        map: &BTreeMap<Tag, V>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_map(map.iter().map(|(tag, value)| (tag.to_string(), value)))
    }

    /// Reads the map.
    ///
    /// # Errors
    /// Where a key is no tag.
    pub fn deserialize<'de, V: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<Tag, V>, D::Error> {
        BTreeMap::<String, V>::deserialize(deserializer)?
            .into_iter()
            .map(|(name, value)| {
                let number = u32::from_str_radix(&name, 16).map_err(D::Error::custom)?;
                let tag = Tag::parse(Tag::new(number).to_bytes().as_slice());
                Ok((tag.map_err(D::Error::custom)?, value))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_survive_and_show_nothing() {
        let secret = Secret::new(vec![1, 2, 250]);
        let text = serde_json::to_string(&secret).unwrap();
        assert_eq!(text, "\"AQL6\"");
        assert!(serde_json::from_str::<Secret>(&text).unwrap() == secret);
        assert_eq!(format!("{secret:?}"), "Secret(..)");
        assert!(serde_json::from_str::<Secret>("\"AQL\"").is_err());
    }
}
