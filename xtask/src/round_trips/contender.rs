//! Who is measured: a PKCS#11 module, on a card, with or without what it has kept from before.

use std::path::{Path, PathBuf};

use rig::folder::Folder;
use rig::module::Module;
use rig::pcscd::{READER, YUBICO_READER};

use crate::error::Result;

/// Where Debian has the modules of others.
const OPENSC: &str = "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so";
const YKCS11: &str = "/usr/lib/x86_64-linux-gnu/libykcs11.so.2";

/// The configuration that makes OpenSC keep files of the card.
const FILE_CACHE: &str =
    "app default {\n    framework pkcs15 {\n        use_file_caching = yes;\n    }\n}\n";

/// Whose module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Software {
    /// This workspace's.
    Tapcard,
    /// OpenSC's, as Debian sets it up.
    OpenSc,
    /// OpenSC's, told to keep files of the card.
    OpenScWithFileCache,
    /// Yubico's.
    Ykcs11,
}

/// What is in the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Card {
    /// The phone.
    Phone,
    /// The phone with its extensions hidden: any other PIV card.
    AnyOther,
}

/// What the module may know from before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Memory {
    /// Nothing: its cache is empty.
    Cold,
    /// What the same task, done once before by another process, has left.
    Warm,
}

/// One line of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contender {
    /// Its name in the table.
    pub name: &'static str,
    /// Whose module.
    pub software: Software,
    /// On which card.
    pub card: Card,
    /// With which memory.
    pub memory: Memory,
}

impl Contender {
    /// All, ours first.
    pub const ALL: [Self; 7] = [
        Self {
            name: "Tapcard on its phone, warm",
            software: Software::Tapcard,
            card: Card::Phone,
            memory: Memory::Warm,
        },
        Self {
            name: "Tapcard on its phone, cold",
            software: Software::Tapcard,
            card: Card::Phone,
            memory: Memory::Cold,
        },
        Self {
            name: "Tapcard on any other card, warm",
            software: Software::Tapcard,
            card: Card::AnyOther,
            memory: Memory::Warm,
        },
        Self {
            name: "Tapcard on any other card, cold",
            software: Software::Tapcard,
            card: Card::AnyOther,
            memory: Memory::Cold,
        },
        Self {
            name: "OpenSC with its file cache, warm",
            software: Software::OpenScWithFileCache,
            card: Card::Phone,
            memory: Memory::Warm,
        },
        Self {
            name: "OpenSC",
            software: Software::OpenSc,
            card: Card::Phone,
            memory: Memory::Cold,
        },
        Self {
            name: "ykcs11",
            software: Software::Ykcs11,
            card: Card::Phone,
            memory: Memory::Cold,
        },
    ];

    /// Whether it is this workspace's module.
    pub fn is_ours(self) -> bool {
        self.software == Software::Tapcard
    }

    /// Whether our module must need no more than this one: a cold one is not held to what a warm one knows.
    pub fn is_peer_of(self, ours: Self) -> bool {
        !self.is_ours() && (ours.memory == Memory::Warm || self.memory == Memory::Cold)
    }

    /// The reader's name: ykcs11 takes Yubico's alone.
    pub fn reader(self) -> &'static str {
        match self.software {
            Software::Ykcs11 => YUBICO_READER,
            _ => READER,
        }
    }

    /// Its shared library.
    pub fn library(self, ours: &Module) -> &Path {
        match self.software {
            Software::Tapcard => ours.path(),
            Software::OpenSc | Software::OpenScWithFileCache => Path::new(OPENSC),
            Software::Ykcs11 => Path::new(YKCS11),
        }
    }

    /// Its environment, with what it keeps in `cache`.
    pub fn environment(
        self,
        folder: &Folder,
        cache: PathBuf,
    ) -> Result<Vec<(&'static str, PathBuf)>> {
        let mut environment = vec![("XDG_CACHE_HOME", cache)];
        if self.software == Software::OpenScWithFileCache {
            let configuration = folder.write("opensc.conf", FILE_CACHE)?;
            environment.push(("OPENSC_CONF", configuration));
        }
        Ok(environment)
    }
}
