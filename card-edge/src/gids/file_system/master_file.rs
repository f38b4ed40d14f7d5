//! The table of files: `01`, then 28 bytes for each: directory (9) and name (9), both ended by zeros, two zeros, the tag of
//! its object (4) and the identifier of the file that the object is in (4). A directory is a row without a name.

use super::FileError;
use super::layout::{self, Place};
use crate::gids::control_parameters::FileId;
use crate::tlv::Tag;

const VERSION: u8 = 1;
const NAME: usize = 9;
const RECORD: usize = 28;

/// The table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MasterFile(pub Vec<Row>);

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The directory, empty for the root.
    pub directory: String,
    /// The file's name, empty for a directory.
    pub name: String,
    /// Where its content is.
    pub place: Place,
}

impl MasterFile {
    /// The table of a card without containers.
    #[must_use]
    pub fn initial() -> Self {
        let row = |directory: &str, name: &str, place| Row {
            directory: directory.to_owned(),
            name: name.to_owned(),
            place,
        };
        let directory = (layout::USER_CREATE_DELETE, Tag::new(0));
        Self(vec![
            row(layout::DIRECTORY, "", directory),
            row("", "cardid", layout::CARD_ID),
            row("", "cardapps", layout::CARD_APPLICATIONS),
            row("", "cardcf", layout::FRESHNESS),
            row(layout::DIRECTORY, "cmapfile", layout::CONTAINER_MAP),
        ])
    }

    /// Where a file's content is.
    #[must_use]
    pub fn find(&self, directory: &str, name: &str) -> Option<Place> {
        self.0
            .iter()
            .find(|row| (row.directory.as_str(), row.name.as_str()) == (directory, name))
            .map(|row| row.place)
    }

    /// Reads the table.
    ///
    /// # Errors
    /// [`FileError`] where it is not one.
    pub fn decode(bytes: &[u8]) -> Result<Self, FileError> {
        let rows = match bytes {
            [VERSION, rows @ ..] => rows,
            [version, ..] => return Err(FileError::Version(*version)),
            [] => return Err(FileError::Length(0)),
        };
        if !rows.len().is_multiple_of(RECORD) {
            return Err(FileError::Length(bytes.len()));
        }
        rows.chunks_exact(RECORD)
            .map(|row| decode_row(row).ok_or(FileError::Name))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// The bytes.
    ///
    /// # Errors
    /// [`FileError::Name`] where a name is too long.
    pub fn encode(&self) -> Result<Vec<u8>, FileError> {
        let mut out = vec![VERSION];
        for row in &self.0 {
            for name in [&row.directory, &row.name] {
                let fill = NAME.checked_sub(name.len()).filter(|fill| *fill > 0);
                out.extend_from_slice(name.as_bytes());
                out.resize(out.len() + fill.ok_or(FileError::Name)?, 0);
            }
            out.extend([0, 0]);
            out.extend(row.place.1.value().to_le_bytes());
            out.extend(u32::from(row.place.0.0).to_le_bytes());
        }
        Ok(out)
    }
}

fn decode_row(row: &[u8]) -> Option<Row> {
    let (directory, rest) = row.split_first_chunk::<NAME>()?;
    let (name, rest) = rest.split_first_chunk::<NAME>()?;
    let (tag, file) = rest.get(2..)?.split_first_chunk::<4>()?;
    let file = u32::from_le_bytes(*file.first_chunk()?);
    Some(Row {
        directory: decode_name(directory)?,
        name: decode_name(name)?,
        place: (
            FileId(u16::try_from(file).ok()?),
            Tag::new(u32::from_le_bytes(*tag)),
        ),
    })
}

/// Text up to a zero; what stands behind it is whatever was in a host's memory.
fn decode_name(bytes: &[u8; NAME]) -> Option<String> {
    let end = bytes.iter().position(|byte| *byte == 0)?;
    String::from_utf8(bytes.get(..end)?.to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_initial_table_leads_back() {
        let table = MasterFile::initial();
        let bytes = table.encode().unwrap();
        assert_eq!(bytes.len(), 1 + 5 * RECORD);
        assert_eq!(MasterFile::decode(&bytes).unwrap(), table);
        assert_eq!(table.find("mscp", "cmapfile"), Some(layout::CONTAINER_MAP));
        assert_eq!(table.find("", "cmapfile"), None);
    }

    #[test]
    fn what_is_not_a_table_is_refused() {
        let bytes = MasterFile::initial().encode().unwrap();
        assert_eq!(MasterFile::decode(&[]), Err(FileError::Length(0)));
        assert_eq!(MasterFile::decode(&[2]), Err(FileError::Version(2)));
        assert!(MasterFile::decode(&bytes[..30]).is_err());
        let mut unended = bytes;
        unended[1..10].fill(b'x');
        assert_eq!(MasterFile::decode(&unended), Err(FileError::Name));
        let long = Row {
            directory: String::new(),
            name: "ninechars".to_owned(),
            place: layout::CARD_ID,
        };
        assert_eq!(MasterFile(vec![long]).encode(), Err(FileError::Name));
    }
}
