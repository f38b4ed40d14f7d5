//! How values are written in the state file.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use card_edge::piv::AsymmetricKey;
use data_encoding::BASE64;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::secret::Base64;

/// Bytes that anyone may read, as base64.
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

/// A map as JSON's, its keys as text.
fn map_to<'a, K: Copy + 'a, V: Serialize + 'a, S: Serializer>(
    map: impl IntoIterator<Item = (&'a K, V)>,
    name: impl Fn(K) -> String,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(map.into_iter().map(|(key, value)| (name(*key), value)))
}

/// Reads a map; no key may come twice, in whatever spelling.
fn map_from<'de, K: Ord, V: Deserialize<'de>, D: Deserializer<'de>>(
    key: impl Fn(&str) -> Result<K, String>,
    deserializer: D,
) -> Result<BTreeMap<K, V>, D::Error> {
    struct Entries<K, V, F>(F, PhantomData<(K, V)>);

    impl<'de, K: Ord, V: Deserialize<'de>, F: Fn(&str) -> Result<K, String>> Visitor<'de>
        for Entries<K, V, F>
    {
        type Value = BTreeMap<K, V>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a map")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut out = BTreeMap::new();
            while let Some((name, value)) = map.next_entry::<String, V>()? {
                let key = (self.0)(&name).map_err(A::Error::custom)?;
                if out.insert(key, value).is_some() {
                    return Err(A::Error::custom(format_args!("{name} comes twice")));
                }
            }
            Ok(out)
        }
    }

    deserializer.deserialize_map(Entries(key, PhantomData))
}

fn key_reference(name: &str) -> Result<AsymmetricKey, String> {
    u8::from_str_radix(name, 16)
        .ok()
        .and_then(|reference| AsymmetricKey::try_from(reference).ok())
        .ok_or_else(|| format!("{name} is not a key"))
}

/// An algorithm by its name, as `P-256`.
pub(crate) mod algorithm {
    use card_edge::piv::KeyAlgorithm;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(
        algorithm: &KeyAlgorithm,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(algorithm)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<KeyAlgorithm, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(D::Error::custom)
    }
}

/// When a key asks for the PIN, where that is more often than its place says, written as `once` or `always`.
pub(crate) mod pin_policy {
    use card_edge::piv::PinPolicy;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum Named {
        Never,
        Once,
        Always,
    }

    pub(crate) fn serialize<S: Serializer>(
        policy: &Option<PinPolicy>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let named = policy.map(|policy| match policy {
            PinPolicy::Never => Named::Never,
            PinPolicy::Once => Named::Once,
            PinPolicy::Always => Named::Always,
        });
        named.serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<PinPolicy>, D::Error> {
        let named = Option::<Named>::deserialize(deserializer)?;
        Ok(named.map(|named| match named {
            Named::Never => PinPolicy::Never,
            Named::Once => PinPolicy::Once,
            Named::Always => PinPolicy::Always,
        }))
    }
}

/// A key reference, written as `9A`.
pub(crate) mod key {
    use card_edge::piv::AsymmetricKey;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::state::encoding::key_reference;

    pub(crate) fn serialize<S: Serializer>(
        key: &AsymmetricKey,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(key)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<AsymmetricKey, D::Error> {
        key_reference(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// A map whose keys are key references, written as `9A`.
pub(crate) mod by_key {
    use std::collections::BTreeMap;

    use card_edge::piv::AsymmetricKey;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::state::encoding::{key_reference, map_from, map_to};

    pub(crate) fn serialize<V: Serialize, S: Serializer>(
        map: &BTreeMap<AsymmetricKey, V>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        map_to(map, |key| key.to_string(), serializer)
    }

    pub(crate) fn deserialize<'de, V: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<AsymmetricKey, V>, D::Error> {
        map_from(key_reference, deserializer)
    }
}

/// A map from key references to algorithms.
pub(crate) mod algorithms_by_key {
    use std::collections::BTreeMap;

    use card_edge::piv::{AsymmetricKey, KeyAlgorithm};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::state::encoding::{key_reference, map_from, map_to};

    #[derive(Serialize, Deserialize)]
    #[serde(transparent)]
    struct Named(#[serde(with = "crate::state::encoding::algorithm")] KeyAlgorithm);

    pub(crate) fn serialize<S: Serializer>(
        map: &BTreeMap<AsymmetricKey, KeyAlgorithm>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let named = map.iter().map(|(key, algorithm)| (key, Named(*algorithm)));
        map_to(named, |key| key.to_string(), serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<AsymmetricKey, KeyAlgorithm>, D::Error> {
        let named: BTreeMap<_, Named> = map_from(key_reference, deserializer)?;
        Ok(named
            .into_iter()
            .map(|(key, named)| (key, named.0))
            .collect())
    }
}

/// A map whose keys are tags of data objects, written as `5FC102`.
pub(crate) mod by_tag {
    use std::collections::BTreeMap;

    use card_edge::tlv::Tag;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::state::encoding::{map_from, map_to};

    pub(crate) fn serialize<V: Serialize, S: Serializer>(
        map: &BTreeMap<Tag, V>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        map_to(map, |tag| tag.to_string(), serializer)
    }

    pub(crate) fn deserialize<'de, V: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<Tag, V>, D::Error> {
        map_from(
            |name| {
                u32::from_str_radix(name, 16)
                    .ok()
                    .and_then(|number| Tag::parse(Tag::new(number).to_bytes().as_slice()).ok())
                    .ok_or_else(|| format!("{name} is not a tag"))
            },
            deserializer,
        )
    }
}

/// A map whose keys are file identifiers, written as `A010`.
pub(crate) mod by_file {
    use std::collections::BTreeMap;

    use card_edge::gids::FileId;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::state::encoding::{map_from, map_to};

    pub(crate) fn serialize<V: Serialize, S: Serializer>(
        map: &BTreeMap<FileId, V>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        map_to(map, |file| file.to_string(), serializer)
    }

    pub(crate) fn deserialize<'de, V: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<FileId, V>, D::Error> {
        map_from(
            |name| {
                u16::from_str_radix(name, 16)
                    .map(FileId)
                    .map_err(|_| format!("{name} is not a file identifier"))
            },
            deserializer,
        )
    }
}

/// The control parameters of a file, as base64 of the template that hosts send.
pub(crate) mod control_parameters {
    use card_edge::gids::FileControlParameters;
    use data_encoding::BASE64;
    use serde::de::Error as _;
    use serde::ser::Error as _;
    use serde::{Deserializer, Serializer};

    use crate::secret::Base64;

    pub(crate) fn serialize<S: Serializer>(
        parameters: &FileControlParameters,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let bytes = parameters.encode().map_err(S::Error::custom)?;
        serializer.serialize_str(&BASE64.encode(&bytes))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<FileControlParameters, D::Error> {
        let bytes = deserializer.deserialize_str(Base64)?;
        FileControlParameters::decode(&bytes).map_err(D::Error::custom)
    }
}

/// The place of a key, written as `9A` or `B081`.
pub(crate) mod place {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::key_store::KeyPlace;

    pub(crate) fn serialize<S: Serializer>(
        place: &KeyPlace,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(place)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<KeyPlace, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(D::Error::custom)
    }
}

/// A map whose keys are places of keys.
pub(crate) mod by_place {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::key_store::KeyPlace;
    use crate::state::encoding::{map_from, map_to};

    pub(crate) fn serialize<V: Serialize, S: Serializer>(
        map: &BTreeMap<KeyPlace, V>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        map_to(map, |place| place.to_string(), serializer)
    }

    pub(crate) fn deserialize<'de, V: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<KeyPlace, V>, D::Error> {
        let place = |name: &str| name.parse().map_err(|error| format!("{error}"));
        map_from(place, deserializer)
    }
}

/// The card management key, its cipher as the algorithm identifier.
pub(crate) mod management_key {
    use card_edge::piv::{Cipher, ManagementKey};
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::secret::Secret;

    #[derive(Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Written {
        algorithm: u8,
        key: Secret,
    }

    pub(crate) fn serialize<S: Serializer>(
        key: &ManagementKey,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        Written {
            algorithm: key.cipher().identifier(),
            key: Secret::new(key.as_bytes().to_vec()),
        }
        .serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<ManagementKey, D::Error> {
        let written = Written::deserialize(deserializer)?;
        let cipher = Cipher::try_from(written.algorithm).map_err(D::Error::custom)?;
        ManagementKey::new(cipher, written.key.as_bytes()).map_err(D::Error::custom)
    }
}
