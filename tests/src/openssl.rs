//! The `openssl` command: the judge of what phone and server have made.

use std::path::Path;

use crate::Result;
use crate::folder::Folder;
use crate::program::Program;

/// `openssl` with a configuration of its own rather than the machine's.
///
/// # Errors
/// When the configuration cannot be written.
pub fn openssl(folder: &Folder) -> Result<Program> {
    let configuration = folder.write("openssl.cnf", "[req]\ndistinguished_name = dn\n[dn]\n")?;
    Ok(folder.program("openssl").env("OPENSSL_CONF", configuration))
}

/// Turns a certificate from DER into PEM beside it.
///
/// # Errors
/// When it is not a certificate.
pub fn certificate_to_pem(folder: &Folder, der: &Path, pem: &Path) -> Result {
    openssl(folder)?
        .args(["x509", "-inform", "DER", "-in"])
        .arg(der)
        .arg("-out")
        .arg(pem)
        .succeed()?;
    Ok(())
}

/// Fetches a file over plain HTTP, as a relying party does.
///
/// # Errors
/// When it cannot be fetched.
pub fn fetch(folder: &Folder, url: &str, file: &Path) -> Result {
    folder
        .program("curl")
        .args(["-fsS", "--max-time", "10", "-o"])
        .arg(file)
        .arg(url)
        .succeed()?;
    Ok(())
}
