//! Fetching ykman, YubiKey Manager: a host of PIV cards that the phone must satisfy, once.

use std::process::Command;

use crate::error::{Error, Result};
use crate::pip;
use crate::workspace::succeed;

/// ykman and those of its libraries that Debian does not have, each pure Python; pip takes them with these hashes alone.
const REQUIREMENTS: &str = "yubikey-manager==5.9.2 \
    --hash=sha256:19a1173106b104bea37722e61ce748fb2d39c87a02880c1964461837ddaa7fba
fido2==2.2.1 \
    --hash=sha256:ed397da981b9ab133da6ead7309e41f924b566b749956129efe286fae097749f
python-pskc==1.4 \
    --hash=sha256:fb097c429d6b741cc2aac2cb7eb999315421496ea0c85beed9702820d610c664
";

/// Puts ykman into the build folder unless it is there.
pub fn ensure() -> Result {
    if rig::ykman::folder_with_it().is_ok() {
        return Ok(());
    }
    let folder = rig::ykman::folder()?;
    pip::unpack(REQUIREMENTS, &folder)?;
    // It is started for each command of a test, and would be compiled each time where Python is told to keep nothing.
    succeed(
        Command::new(rig::ykman::PYTHON)
            .args(["-m", "compileall", "-q"])
            .arg(&folder),
    )?;
    rig::ykman::folder_with_it().map(drop).map_err(Error::from)
}
