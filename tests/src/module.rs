//! The PKCS#11 module as applications load it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::Doing;
use crate::folder::Folder;
use crate::openssl::certificate_to_pem;
use crate::pcscd::PcscDaemon;
use crate::program::Program;
use crate::system::System;
use crate::{Result, unexpected};

/// The module, and the environment in which it finds a test's own PC/SC daemon.
#[derive(Debug)]
pub struct Module {
    path: PathBuf,
    log: PathBuf,
    pcsc_socket: PathBuf,
    system: System,
}

impl Module {
    /// The module at a daemon, for programs of that one's system.
    ///
    /// # Errors
    /// When it has not been built.
    pub fn at(folder: &Folder, daemon: &PcscDaemon) -> Result<Self> {
        let built = folder.binaries().pkcs11_module()?;
        let system = daemon.system().clone();
        let path = match system {
            System::ThisMachine => built,
            // Of all that is built its programs see the test's folder alone.
            System::Tree { .. } => {
                let copy = folder.join("libtapcard_pkcs11.so");
                fs::copy(&built, &copy).doing(|| format!("copy {}", built.display()))?;
                copy
            }
        };
        Ok(Self {
            path,
            log: folder.join("module.log"),
            pcsc_socket: daemon.socket().to_owned(),
            system,
        })
    }

    /// The shared library.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The environment of a program that loads it.
    #[must_use]
    pub fn environment(&self) -> [(&'static str, PathBuf); 2] {
        [
            ("PCSCLITE_CSOCK_NAME", self.pcsc_socket.clone()),
            ("TAPCARD_PKCS11_LOG", self.log.clone()),
        ]
    }

    /// A program that may load this module.
    #[must_use]
    pub fn program(&self, folder: &Folder, name: &str) -> Program {
        self.system.program(folder, name).envs(self.environment())
    }

    /// OpenSC's `pkcs11-tool` on this module.
    #[must_use]
    pub fn pkcs11_tool(&self, folder: &Folder) -> Program {
        self.program(folder, "pkcs11-tool")
            .arg("--module")
            .arg(&self.path)
    }

    /// Reads the certificate with this `id` (CKA_ID in hexadecimal) off the card, as PEM.
    ///
    /// # Errors
    /// When there is none.
    pub fn certificate(&self, folder: &Folder, id: &str) -> Result<PathBuf> {
        let (der, pem) = (
            folder.join(&format!("{id}.der")),
            folder.join(&format!("{id}.pem")),
        );
        self.pkcs11_tool(folder)
            .args([
                "--read-object",
                "--type",
                "cert",
                "--id",
                id,
                "--output-file",
            ])
            .arg(&der)
            .succeed()?;
        certificate_to_pem(folder, &der, &pem)?;
        Ok(pem)
    }

    /// What it has logged since [`Module::was_used`] was asked last.
    #[must_use]
    pub fn log_text(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// Makes sure that the program before used this module and not another of the system's.
    ///
    /// # Errors
    /// When the module has not been loaded since the last call.
    pub fn was_used(&self) -> Result {
        let log = fs::read(&self.log).unwrap_or_default();
        if log.is_empty() {
            return Err(unexpected(
                "our PKCS#11 module was not used: its log is empty",
            ));
        }
        // A program that still runs goes on at the new end.
        fs::File::create(&self.log).doing(|| format!("empty {}", self.log.display()))?;
        Ok(())
    }
}
