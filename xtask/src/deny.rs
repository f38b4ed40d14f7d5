//! `cargo deny`: licences, sources, bans and advisories of everything that is built, by `deny.toml`.

use std::process::Stdio;

use crate::error::{Result, doing};
use crate::plugin;
use crate::workspace::succeed;

/// Checks the dependencies; returns what was checked.
pub fn check() -> Result<&'static str> {
    succeed(
        plugin::DENY
            .cargo()?
            .args(["deny", "--locked", "check", "bans", "licenses", "sources"]),
    )?;
    let database = plugin::DENY
        .cargo()?
        .args(["deny", "fetch", "db"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map_err(doing("start cargo deny"))?;
    if !database.success() {
        println!(
            "The database of advisories cannot be reached from here: advisories were not checked."
        );
        return Ok("bans, licences and sources; advisories not: their database is out of reach");
    }
    succeed(plugin::DENY.cargo()?.args([
        "deny",
        "--locked",
        "check",
        "--disable-fetch",
        "advisories",
    ]))?;
    Ok("bans, licences, sources and advisories")
}
