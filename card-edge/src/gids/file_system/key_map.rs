//! The table of keys: `01`, then 12 bytes for each container: whether it has a key (4), its mechanism (1), what it is for
//! (1: 9A for key exchange, 9C for signatures), the identifier of its file (2), FFFF and two zeros.

use super::FileError;
use super::container_map::KeySpec;
use crate::gids::control_parameters::FileId;

const VERSION: u8 = 1;
const RECORD: usize = 12;
const EXCHANGE: u8 = 0x9A;
const SIGNATURE: u8 = 0x9C;
const NO_FILE: u16 = 0xFFFF;

/// The keys, by the number of their container.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyMap(pub Vec<Option<MappedKey>>);

/// One key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MappedKey {
    /// The byte of its mechanism without a padding.
    pub algorithm: u8,
    /// What it is for.
    pub key: KeySpec,
    /// Its file.
    pub file: FileId,
}

impl KeyMap {
    /// Reads the file; an empty one has no keys.
    ///
    /// # Errors
    /// [`FileError`] where it is of another version, or not a whole number of records.
    pub fn decode(bytes: &[u8]) -> Result<Self, FileError> {
        let records = match bytes {
            [] => return Ok(Self::default()),
            [VERSION, records @ ..] => records,
            [version, ..] => return Err(FileError::Version(*version)),
        };
        if !records.len().is_multiple_of(RECORD) {
            return Err(FileError::Length(bytes.len()));
        }
        Ok(Self(
            records.chunks_exact(RECORD).map(decode_record).collect(),
        ))
    }

    /// The bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![VERSION];
        for key in &self.0 {
            let (state, algorithm, kind, file) = match key {
                Some(key) => {
                    let kind = match key.key {
                        KeySpec::Exchange => EXCHANGE,
                        KeySpec::Signature => SIGNATURE,
                    };
                    (1u32, key.algorithm, kind, key.file.0)
                }
                None => (0, 0, 0, NO_FILE),
            };
            out.extend(state.to_le_bytes());
            out.extend([algorithm, kind]);
            out.extend(file.to_le_bytes());
            out.extend([0xFF, 0xFF, 0, 0]);
        }
        out
    }
}

fn decode_record(record: &[u8]) -> Option<MappedKey> {
    let (state, rest) = record.split_first_chunk::<4>()?;
    let [algorithm, kind, low, high, ..] = rest else {
        return None;
    };
    (u32::from_le_bytes(*state) != 0).then_some(MappedKey {
        algorithm: *algorithm,
        key: match *kind {
            SIGNATURE => KeySpec::Signature,
            _ => KeySpec::Exchange,
        },
        file: FileId(u16::from_le_bytes([*low, *high])),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_lead_back_and_stand_as_windows_writes_them() {
        let key = MappedKey {
            algorithm: 0x07,
            key: KeySpec::Exchange,
            file: FileId(0xB081),
        };
        let one = KeyMap(vec![Some(key)]);
        assert_eq!(
            one.encode(),
            [1, 1, 0, 0, 0, 0x07, 0x9A, 0x81, 0xB0, 0xFF, 0xFF, 0, 0]
        );
        let signature = MappedKey {
            key: KeySpec::Signature,
            ..key
        };
        let map = KeyMap(vec![None, Some(signature)]);
        assert_eq!(KeyMap::decode(&map.encode()).unwrap(), map);
        assert_eq!(KeyMap::decode(&[]).unwrap(), KeyMap::default());
        assert!(KeyMap::decode(&[2]).is_err() && KeyMap::decode(&[1, 0]).is_err());
    }
}
