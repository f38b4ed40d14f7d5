//! The files that a package installs, and where.

use std::fs;
use std::path::{Path, PathBuf};

/// The unit's name.
pub const SERVICE: &str = "tapcard-enroll-server.service";

/// Each file and where a package puts it.
const FILES: [(&str, &str); 5] = [
    (
        SERVICE,
        "usr/lib/systemd/system/tapcard-enroll-server.service",
    ),
    (
        "tapcard-enroll-server.socket",
        "usr/lib/systemd/system/tapcard-enroll-server.socket",
    ),
    (
        "tapcard-enroll-server.sysusers",
        "usr/lib/sysusers.d/tapcard-enroll-server.conf",
    ),
    (
        "tapcard-enroll-server.tmpfiles",
        "usr/lib/tmpfiles.d/tapcard-enroll-server.conf",
    ),
    ("enroll-server.conf", "etc/tapcard/enroll-server.conf"),
];

/// A file of the folder `packaging/systemd`.
pub fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../packaging/systemd")
        .join(name)
}

/// Its text.
pub fn text(name: &str) -> String {
    let path = source(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Puts all of them beneath a folder, as a package would beneath `/`. All of the folder's files are among them.
pub fn install(root: &Path) {
    for (name, place) in FILES {
        let place = root.join(place);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::copy(source(name), place).unwrap();
    }
    assert_eq!(fs::read_dir(source("")).unwrap().count(), FILES.len());
}
