//! The tables that hosts keep in the files of a GIDS card, where the phone writes them.

use card_edge::gids::FileId;
use card_edge::gids::file_system::FileError;
use card_edge::gids::file_system::certificate::file_name;
use card_edge::gids::file_system::container_map::{Container, ContainerMap, KeySpec};
use card_edge::gids::file_system::key_map::{KeyMap, MappedKey};
use card_edge::gids::file_system::layout::{self, FIRST_KEY, Place};
use card_edge::gids::file_system::master_file::{MasterFile, Row};

use crate::state::Gids;
use crate::state::encoding::Bytes;

/// The tables of the minidriver, as they are read and written together.
pub(super) struct Tables {
    files: MasterFile,
    containers: ContainerMap,
    keys: KeyMap,
}

impl Tables {
    pub(super) fn read(gids: &Gids) -> Result<Self, FileError> {
        let content = |place| gids.object(place).unwrap_or_default();
        let files = match gids.object(layout::MASTER_FILE) {
            Some(bytes) => MasterFile::decode(bytes)?,
            None => MasterFile::initial(),
        };
        Ok(Self {
            files,
            containers: ContainerMap::decode(content(layout::CONTAINER_MAP))?,
            keys: KeyMap::decode(content(layout::KEY_MAP))?,
        })
    }

    pub(super) fn write(&self, gids: &mut Gids) -> Result<(), FileError> {
        put(gids, layout::MASTER_FILE, self.files.encode()?);
        put(gids, layout::CONTAINER_MAP, self.containers.encode()?);
        put(gids, layout::KEY_MAP, self.keys.encode());
        Ok(())
    }

    /// Forgets a container and its certificate.
    pub(super) fn clear(&mut self, gids: &mut Gids, container: u8) {
        let index = usize::from(container);
        if let Some(entry) = self.containers.0.get_mut(index) {
            *entry = None;
        }
        if let Some(entry) = self.keys.0.get_mut(index) {
            *entry = None;
        }
        let names = [KeySpec::Exchange, KeySpec::Signature].map(|spec| file_name(spec, container));
        let is_its_own =
            |row: &Row| row.directory == layout::DIRECTORY && names.contains(&row.name);
        let rows = std::mem::take(&mut self.files.0);
        let (own, others): (Vec<_>, Vec<_>) = rows.into_iter().partition(is_its_own);
        // Hosts write the table: what another row names, or what is not of certificates, is not emptied for it.
        for Row { place, .. } in own {
            if layout::is_of_certificates(place) && others.iter().all(|row| row.place != place) {
                put(gids, place, Vec::new());
            }
        }
        self.files.0 = others;
    }

    /// The first container that has no key, of the card's or of a host's.
    pub(super) fn free_container(&self, gids: &Gids) -> Option<u8> {
        (0..=u8::MAX - FIRST_KEY).find(|container| {
            let file = FileId::of_key(FIRST_KEY + container);
            !self.has(*container) && !gids.key_files.contains_key(&file)
        })
    }

    /// A place for another file of the minidriver's directory; `None` where all are taken.
    pub(super) fn new_place(&mut self, gids: &Gids, name: String) -> Option<Place> {
        let place = layout::certificate_tags()
            .map(|tag| (layout::EVERYONE_READ_USER_WRITE, tag))
            .find(|place| {
                self.files.0.iter().all(|row| row.place != *place)
                    && gids.object(*place).unwrap_or_default().is_empty()
            })?;
        self.files.0.push(Row {
            directory: layout::DIRECTORY.to_owned(),
            name,
            place,
        });
        Some(place)
    }

    /// Makes room for the rows of a container, which hosts take both tables for equally long.
    pub(super) fn set(&mut self, container: u8, row: Container, key: MappedKey) {
        let index = usize::from(container);
        let length = self.containers.0.len().max(index + 1);
        self.containers.0.resize(length, None);
        self.keys.0.resize(length, None);
        if row.is_default {
            for other in self.containers.0.iter_mut().flatten() {
                other.is_default = false;
            }
        }
        if let Some(entry) = self.containers.0.get_mut(index) {
            *entry = Some(row);
        }
        if let Some(entry) = self.keys.0.get_mut(index) {
            *entry = Some(key);
        }
    }

    /// Whether hosts are told of the container.
    pub(super) fn has(&self, container: u8) -> bool {
        matches!(self.containers.0.get(usize::from(container)), Some(Some(_)))
    }
}

/// Writes an object of a file that there is.
pub(super) fn put(gids: &mut Gids, (file, tag): Place, content: Vec<u8>) {
    if let Some(file) = gids.data_files.get_mut(&file) {
        file.objects.insert(tag, Bytes(content));
    }
}
