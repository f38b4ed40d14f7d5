//! Fetching python-pkcs11, by which Python programs use a PKCS#11 module, once.

use crate::error::{Error, Result};
use crate::pip;

/// The package for Python 3.11 and 3.13, each for x86-64 and AArch64, and its one library; pip takes them with these hashes
/// alone.
const REQUIREMENTS: &str = "python-pkcs11==0.10.1 \
    --hash=sha256:9aa098df6530ab47db289e32bcc4b2d08a741ca5845e97d26e239e04f395d908 \
    --hash=sha256:3152127781fb4562cec15d5e5fd3631076bfecb4c3a764fd8f9d57bee1f1ef6d \
    --hash=sha256:7270f8844463f2ac713df63a21d4a8c7111c57ca5edfb8bf34156e45d7cb855b \
    --hash=sha256:6c05e23631b0e95585a7936392df12ac68fc5051e24f12a952bf536d5cf83baf
asn1crypto==1.5.1 \
    --hash=sha256:db4e40728b728508912cbb3d44f19ce188f218e9eba635821bb4b68564f8fd67
";

/// Puts it into the build folder unless it is there.
pub fn ensure() -> Result {
    if rig::python_pkcs11::folder_with_it().is_ok() {
        return Ok(());
    }
    pip::unpack(REQUIREMENTS, &rig::python_pkcs11::folder()?)?;
    rig::python_pkcs11::folder_with_it()
        .map(drop)
        .map_err(Error::from)
}
