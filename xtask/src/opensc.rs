//! Building OpenSC with PIV secure messaging: it is in the sources since 0.24, and switched off in Debian's builds. The
//! source is Debian 13's, from the mirror that this machine has its packages from; apt checks it by the archive's key.

use std::fs;
use std::process::Command;

use crate::debian_13;
use crate::error::{Error, Result, doing};
use crate::workspace::succeed;

/// Fetches the source and installs the PKCS#11 module and its tool in a folder: of all else only what they are made of.
/// The packaging beside the source is not needed, and not on every mirror. $1: folder of the work, $2: where to install,
/// $3: the version, $4: the mirror.
const BUILD: &str = r#"
cd "$1"
exec > log 2>&1
mkdir -p lists/partial cache/archives/partial
echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $4 trixie main" > sources.list
apt() {
    apt-get -q -o Dir::Etc::SourceList="$PWD/sources.list" -o Dir::Etc::SourceParts=/dev/null \
        -o Dir::State::Lists="$PWD/lists" -o Dir::Cache="$PWD/cache" "$@"
}
apt update
source="opensc_$3.orig.tar.gz"
apt source --download-only opensc || test -f "$source"
mkdir source
tar -xzf "$source" -C source --strip-components 1
cd source
./bootstrap
./configure --prefix="$2" --enable-piv-sm --disable-doc --disable-man --disable-notify --disable-readline \
    --disable-tests --disable-strict CFLAGS=-O0
parts="common scconf ui pkcs15init sm libopensc pkcs11"
make -j "$(nproc)" -C src SUBDIRS="$parts"
make -j "$(nproc)" -C src/tools pkcs11-tool
make -C src SUBDIRS="$parts" install
mkdir -p "$2/bin"
./libtool --mode=install install src/tools/pkcs11-tool "$2/bin/pkcs11-tool"
"#;

/// Puts it into the build folder unless it is there.
pub fn ensure() -> Result {
    if rig::opensc::tool().is_ok() {
        return Ok(());
    }
    let folder = rig::opensc::folder()?;
    let work = folder.join("build");
    // What an interrupted build has left.
    let _ = fs::remove_dir_all(&work);
    fs::create_dir_all(&work).map_err(doing(format!("make {}", work.display())))?;
    println!(
        "Building OpenSC {} with secure messaging; the log is in {}",
        rig::opensc::VERSION,
        work.join("log").display()
    );
    let script = work.join("build.sh");
    fs::write(&script, BUILD).map_err(doing(format!("write {}", script.display())))?;
    succeed(
        Command::new("sh")
            .arg("-e")
            .arg(&script)
            .args([&work, &folder])
            .arg(rig::opensc::VERSION)
            .arg(debian_13::mirror()?),
    )?;
    fs::remove_dir_all(&work).map_err(doing(format!("remove {}", work.display())))?;
    rig::opensc::tool().map(drop).map_err(Error::from)
}
