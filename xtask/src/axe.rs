//! Fetching axe-core, the judge of the portal's accessibility, once.

use crate::error::{Error, Result};
use crate::pip;

/// The Python package that carries axe-core's script and needs neither Node.js nor npm, which would be hundreds of
/// Debian packages; pip takes it with this hash alone.
const REQUIREMENT: &str = "axe-playwright-python==0.1.8 \
    --hash=sha256:fdd263c998388f1a8e67cad02677e612d946248bd44d163be5e8650ea31f95f8\n";

/// Puts axe-core into the build folder unless it is there.
pub fn ensure() -> Result {
    if rig::axe::script().is_ok() {
        return Ok(());
    }
    let folder = rig::axe::folder()?;
    pip::unpack(REQUIREMENT, &folder)?;
    rig::axe::script().map(drop).map_err(Error::from)
}
