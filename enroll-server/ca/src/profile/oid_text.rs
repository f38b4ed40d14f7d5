//! Object identifiers in JSON: in dotted decimal.

use const_oid::ObjectIdentifier;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub(super) fn serialize<S: Serializer>(
    oids: &[ObjectIdentifier],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let texts: Vec<String> = oids.iter().map(ToString::to_string).collect();
    texts.serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<ObjectIdentifier>, D::Error> {
    Vec::<String>::deserialize(deserializer)?
        .iter()
        .map(|text| {
            ObjectIdentifier::new(text)
                .map_err(|_| D::Error::custom(format!("{text:?} is not an object identifier")))
        })
        .collect()
}
