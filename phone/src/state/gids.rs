//! What a card has as a GIDS card: files, and who may do what with them. Its PIN and the tries are those of PIV.

use std::collections::BTreeMap;

use card_edge::gids::file_system::layout::ADMINISTRATOR_KEY;
use card_edge::gids::{FileControlParameters, FileId, FileKind};
use card_edge::piv::{AsymmetricKey, Cipher, ManagementKey};
use card_edge::tlv::{Tag, VALUE_MAX};
use serde::{Deserialize, Serialize};

use super::encoding::{Bytes, by_file, by_tag, control_parameters, key, management_key};
use super::key::KeyRecord;
use crate::key_store::KeyPlace;

/// The most data files.
pub const DATA_FILES_MAX: usize = 32;
/// The most objects of one file.
pub const OBJECTS_OF_FILE_MAX: usize = 256;

/// What a card has as a GIDS card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gids {
    /// Whether somebody may still make the card without proving anything.
    pub stage: Stage,
    /// Whether the PIN is not one of PIV: it has other characters than digits, or fewer than 6 or more than 8.
    #[serde(default)]
    pub pin_is_not_of_piv: bool,
    /// The data files.
    #[serde(with = "by_file")]
    pub data_files: BTreeMap<FileId, DataFile>,
    /// The key files.
    #[serde(with = "by_file")]
    pub key_files: BTreeMap<FileId, KeyFile>,
}

/// Where a GIDS card is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// It is being made: access rules are written down, and do not hold yet.
    Creation,
    /// It is in use.
    Operational,
}

/// A file of data objects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataFile {
    /// As it was created.
    #[serde(with = "control_parameters")]
    pub parameters: FileControlParameters,
    /// Its objects, empty ones among them.
    #[serde(with = "by_tag")]
    pub objects: BTreeMap<Tag, Bytes>,
}

/// A file of a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyFile {
    /// As it was created.
    #[serde(with = "control_parameters")]
    pub parameters: FileControlParameters,
    /// The key, once it is there.
    pub key: Option<GidsKey>,
}

/// The key of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GidsKey {
    /// Of whoever administers the card: three DES keys.
    #[serde(with = "management_key")]
    Administrator(ManagementKey),
    /// A key that PIV has, in this place.
    #[serde(with = "key")]
    Slot(AsymmetricKey),
    /// A key that GIDS alone has.
    Own(KeyRecord),
}

impl Gids {
    /// A card that somebody will make: nothing is on it.
    #[must_use]
    pub fn blank() -> Self {
        Self {
            stage: Stage::Creation,
            pin_is_not_of_piv: false,
            data_files: BTreeMap::new(),
            key_files: BTreeMap::new(),
        }
    }

    /// The keys that PIV does not have, with their names.
    pub fn own_keys(&self) -> impl Iterator<Item = (String, &KeyRecord)> {
        self.key_files
            .iter()
            .filter_map(|(file, key)| match &key.key {
                Some(GidsKey::Own(record)) => Some((file.to_string(), record)),
                _ => None,
            })
    }

    /// The key with this reference, where PIV does not have it.
    #[must_use]
    pub fn own_key(&self, reference: u8) -> Option<&KeyRecord> {
        match self.key(reference)? {
            GidsKey::Own(record) => Some(record),
            GidsKey::Slot(_) | GidsKey::Administrator(_) => None,
        }
    }

    /// Where the card has the key pair with this reference.
    #[must_use]
    pub fn place_of(&self, reference: u8) -> Option<KeyPlace> {
        match self.key(reference)? {
            GidsKey::Own(_) => Some(KeyPlace::Container(reference)),
            GidsKey::Slot(slot) => Some(KeyPlace::Slot(*slot)),
            GidsKey::Administrator(_) => None,
        }
    }

    /// The key of whoever administers the card, where there is one.
    #[must_use]
    pub fn administrator_key(&self) -> Option<&ManagementKey> {
        match self.key(ADMINISTRATOR_KEY)? {
            GidsKey::Administrator(key) => Some(key),
            GidsKey::Slot(_) | GidsKey::Own(_) => None,
        }
    }

    fn key(&self, reference: u8) -> Option<&GidsKey> {
        let file = self.key_files.get(&FileId::of_key(reference))?;
        file.key.as_ref()
    }

    /// The keys that hosts use, by their references.
    pub fn key_pairs(&self) -> impl Iterator<Item = (u8, &GidsKey)> {
        self.key_files.iter().filter_map(|(file, key)| {
            let key = key.key.as_ref()?;
            let is_pair = !matches!(key, GidsKey::Administrator(_));
            is_pair.then_some((file.key_reference()?, key))
        })
    }

    /// The bytes of all objects together.
    #[must_use]
    pub fn objects_size(&self) -> usize {
        self.data_files
            .values()
            .flat_map(|file| file.objects.values())
            .map(|content| content.0.len())
            .sum()
    }

    /// More than the bytes that it takes in the file.
    pub(super) fn written_size(&self) -> usize {
        self.objects_size() * 2 + self.key_files.len() * 8 * 1024
    }

    /// The tag's content in a file, if it is there.
    #[must_use]
    pub fn object(&self, (file, tag): (FileId, Tag)) -> Option<&[u8]> {
        let content = self.data_files.get(&file)?.objects.get(&tag)?;
        Some(content.0.as_slice())
    }

    /// What types alone do not hold of a card that was read: files where they belong, of kinds that they can be.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn check(&self) -> Result<(), String> {
        for (id, file) in &self.data_files {
            let is_data = file.parameters.kind == FileKind::Data && id.is_of_data();
            if !is_data || file.parameters.identifier != *id {
                return Err(format!("{id} is not a data file"));
            }
            if file.objects.len() > OBJECTS_OF_FILE_MAX
                || file
                    .objects
                    .values()
                    .any(|content| content.0.len() > VALUE_MAX)
            {
                return Err(format!("file {id} has too much in it"));
            }
        }
        for (id, file) in &self.key_files {
            let fits = match (&file.parameters.kind, &file.key) {
                (FileKind::AdministratorKey, Some(GidsKey::Administrator(key))) => {
                    key.cipher() == Cipher::TripleDes
                }
                (FileKind::AdministratorKey, None) => true,
                (FileKind::KeyPair(_), key) => !matches!(key, Some(GidsKey::Administrator(_))),
                _ => false,
            };
            let is_administrators = file.parameters.kind == FileKind::AdministratorKey;
            let is_in_its_place = id
                .key_reference()
                .is_some_and(|reference| (reference == ADMINISTRATOR_KEY) == is_administrators);
            if !fits || !is_in_its_place || file.parameters.identifier != *id {
                return Err(format!("{id} is not a key file"));
            }
        }
        Ok(())
    }
}
