//! The card under test, with its state in a folder of its own.

use std::ffi::OsString;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tapcard_phone::card::Card;
use tapcard_phone::interface::Interface;
use tapcard_phone::key_store::software::SoftwareKeyStore;
use tapcard_phone::state::{CardState, StateError, Store};
use tempfile::TempDir;

/// The files of a card's folder, to begin with again.
pub struct Saved(Vec<(OsString, Vec<u8>)>);

/// A phone: its card, and the folder that holds it.
pub struct Phone {
    card: Card,
    folder: TempDir,
}

impl Phone {
    /// A new card, which its holder or somebody else has changed so, behind one of the interfaces.
    pub fn new(contactless: bool, change: impl FnOnce(&mut CardState)) -> Self {
        let folder = folder();
        drop(Store::open_or_create(folder.path()).unwrap());
        update(folder.path(), change);
        let card = open(folder.path(), contactless);
        Self { card, folder }
    }

    /// The same with a card that was saved.
    pub fn again(saved: &Saved, contactless: bool, change: impl FnOnce(&mut CardState)) -> Self {
        let folder = folder();
        for (name, content) in &saved.0 {
            let path = folder.path().join(name);
            fs::write(&path, content).unwrap();
            fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        }
        update(folder.path(), change);
        let card = open(folder.path(), contactless);
        Self { card, folder }
    }

    /// What is in the folder.
    pub fn save(&self) -> Saved {
        let files = fs::read_dir(self.folder.path()).unwrap().map(|entry| {
            let entry = entry.unwrap();
            (entry.file_name(), fs::read(entry.path()).unwrap())
        });
        Saved(files.collect())
    }

    /// The answer to a command, and its status word.
    pub fn transmit(&mut self, apdu: &[u8]) -> (Vec<u8>, u16) {
        let mut answer = self.card.process(apdu).to_vec();
        let status = answer.split_off(answer.len() - 2);
        (answer, u16::from_be_bytes([status[0], status[1]]))
    }

    /// The link is cut, or the reader resets the card.
    pub fn reset(&mut self) {
        self.card.reset();
    }

    /// The power fails and comes back.
    pub fn restart(&mut self, contactless: bool) {
        self.card = open(self.folder.path(), contactless);
    }

    /// Another process changes the card.
    pub fn change_elsewhere(&self, change: impl FnOnce(&mut CardState)) {
        update(self.folder.path(), change);
    }

    /// What is on disk.
    pub fn state(&self) -> CardState {
        let store = Store::open(self.folder.path()).unwrap();
        store.state().clone()
    }
}

fn update(folder: &Path, change: impl FnOnce(&mut CardState)) {
    let mut store = Store::open(folder).unwrap();
    store
        .update(|state| {
            change(state);
            Ok::<_, StateError>(())
        })
        .unwrap();
}

fn open(folder: &Path, contactless: bool) -> Card {
    let interface = if contactless {
        Interface::Contactless
    } else {
        Interface::Contact
    };
    let store = Store::open_or_create(folder).unwrap();
    Card::new(store, Box::new(SoftwareKeyStore), interface)
}

/// In memory where there is one: each step that changes something syncs it to its disk.
fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    let place = if memory.is_dir() {
        memory.to_owned()
    } else {
        std::env::temp_dir()
    };
    tempfile::Builder::new()
        .permissions(Permissions::from_mode(0o700))
        .tempdir_in(place)
        .unwrap()
}
