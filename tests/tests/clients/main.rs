//! Applications that load a PKCS#11 module, each at its own job, with a card that the enrollment server enrolled. What of
//! it their users set is in `docs/pkcs11-module.md`.

mod chromium;
mod curl;
mod disks;
mod eap;
mod firefox;
mod gnutls;
mod inside;
mod java;
mod kerberos;
mod nss;
mod openssh;
mod openvpn;
mod pam;
mod python;
mod strongswan;

use std::fs;
use std::path::Path;

use rig::stage::Stage;
use rig::{Result, unexpected};

/// A PIN that the card does not have.
const WRONG_PIN: &str = "555777";

/// How many tries the phone says are left for its PIN.
fn tries_left(stage: &Stage) -> Result<u64> {
    let status = stage.phone.status(&stage.folder)?;
    status
        .pointer("/pin/left")
        .and_then(serde_json::Value::as_u64)
        .ok_or_else(|| unexpected(format!("no tries in {status}")))
}

/// What is in a file.
fn read(file: &Path) -> Result<Vec<u8>> {
    fs::read(file).map_err(|error| unexpected(format!("{}: {error}", file.display())))
}
