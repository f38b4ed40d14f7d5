//! The containers: 86 bytes for each: its name in UTF-16 (80), flags, a zero, and the size in bits of its signature key (2)
//! and of its key exchange key (2). A container's number is its key's reference less 81.

use super::FileError;

const NAME: usize = 40;
const RECORD: usize = 86;

/// The container is in use.
const VALID: u8 = 0x01;
/// The container that is taken where none is named.
const DEFAULT: u8 = 0x02;

/// The containers, by number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContainerMap(pub Vec<Option<Container>>);

/// One container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Container {
    /// Its name.
    pub name: String,
    /// Whether it is taken where none is named.
    pub is_default: bool,
    /// What its key is for.
    pub key: KeySpec,
    /// The size of the key in bits; 0 where it has none yet.
    pub bits: u16,
}

/// What a container's key is for. A container can have one of each; those that this card makes have one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeySpec {
    /// `AT_SIGNATURE`: signatures alone.
    Signature,
    /// `AT_KEYEXCHANGE`: whatever the key can do; the kind that Windows logs in with.
    Exchange,
}

impl ContainerMap {
    /// Reads the file. A container whose name is not text has an empty one.
    ///
    /// # Errors
    /// [`FileError`] where it is not a whole number of records.
    pub fn decode(bytes: &[u8]) -> Result<Self, FileError> {
        if !bytes.len().is_multiple_of(RECORD) {
            return Err(FileError::Length(bytes.len()));
        }
        Ok(Self(
            bytes.chunks_exact(RECORD).map(decode_record).collect(),
        ))
    }

    /// The bytes.
    ///
    /// # Errors
    /// [`FileError::Name`] where a name is too long.
    pub fn encode(&self) -> Result<Vec<u8>, FileError> {
        let mut out = Vec::with_capacity(self.0.len() * RECORD);
        for container in &self.0 {
            let end = out.len() + RECORD;
            if let Some(container) = container {
                let name: Vec<u16> = container.name.encode_utf16().collect();
                let fill = NAME.checked_sub(name.len()).filter(|fill| *fill > 0);
                let fill = fill.ok_or(FileError::Name)?;
                out.extend(name.into_iter().flat_map(u16::to_le_bytes));
                out.resize(out.len() + 2 * fill, 0);
                out.push(if container.is_default {
                    VALID | DEFAULT
                } else {
                    VALID
                });
                out.push(0);
                let (signature, exchange) = match container.key {
                    KeySpec::Signature => (container.bits, 0),
                    KeySpec::Exchange => (0, container.bits),
                };
                out.extend(signature.to_le_bytes());
                out.extend(exchange.to_le_bytes());
            }
            out.resize(end, 0);
        }
        Ok(out)
    }
}

fn decode_record(record: &[u8]) -> Option<Container> {
    let (name, rest) = record.split_first_chunk::<{ 2 * NAME }>()?;
    let [
        flags,
        _,
        signature_low,
        signature_high,
        exchange_low,
        exchange_high,
    ] = rest
    else {
        return None;
    };
    if flags & VALID == 0 {
        return None;
    }
    let signature = u16::from_le_bytes([*signature_low, *signature_high]);
    let exchange = u16::from_le_bytes([*exchange_low, *exchange_high]);
    let (key, bits) = match (signature, exchange) {
        (1.., 0) => (KeySpec::Signature, signature),
        _ => (KeySpec::Exchange, exchange),
    };
    let units: Vec<u16> = name
        .chunks_exact(2)
        .filter_map(|pair| pair.try_into().ok())
        .map(u16::from_le_bytes)
        .take_while(|unit| *unit != 0)
        .collect();
    Some(Container {
        name: String::from_utf16(&units).unwrap_or_default(),
        is_default: flags & DEFAULT != 0,
        key,
        bits,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn containers_lead_back() {
        let container = |name: &str, is_default, key| {
            Some(Container {
                name: name.to_owned(),
                is_default,
                key,
                bits: 2048,
            })
        };
        let map = ContainerMap(vec![
            container(
                "257f0362-2ee7-44f5-9885-36fa490f30c1",
                true,
                KeySpec::Exchange,
            ),
            None,
            container("Schlüssel", false, KeySpec::Signature),
        ]);
        let bytes = map.encode().unwrap();
        assert_eq!(bytes.len(), 3 * RECORD);
        assert_eq!(bytes[80..86], [3, 0, 0, 0, 0, 8]);
        assert_eq!(ContainerMap::decode(&bytes).unwrap(), map);
        assert_eq!(
            ContainerMap::decode(&bytes[1..]),
            Err(FileError::Length(3 * RECORD - 1))
        );
        let long = ContainerMap(vec![container(&"x".repeat(40), true, KeySpec::Exchange)]);
        assert_eq!(long.encode(), Err(FileError::Name));
    }
}
