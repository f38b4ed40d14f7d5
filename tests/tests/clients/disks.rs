//! An encrypted disk that the phone opens: systemd-cryptenroll gives a LUKS volume a key for 9D, cryptsetup opens it. With
//! an RSA key; systemd 255 and later take P-256 keys too.

use std::path::PathBuf;

use rig::Result;
use rig::folder::Folder;
use rig::phone::PIN;
use rig::portal::Profile;
use rig::program::Program;
use rig::stage::Stage;
use rig::system::System;

use crate::{WRONG_PIN, tries_left};

/// Where p11-kit looks for the files that name its modules.
const MODULES: &str = "/usr/share/p11-kit/modules";

/// What opens the volume beside the phone.
const PASSPHRASE: &str = "in the safe";

struct Volume<'a> {
    stage: &'a Stage,
    path: PathBuf,
}

impl<'a> Volume<'a> {
    fn format(stage: &'a Stage) -> Result<Self> {
        let folder = &stage.folder;
        let volume = Self {
            stage,
            path: folder.write("volume", "")?,
        };
        folder
            .program("truncate")
            .args(["--size", "20M"])
            .arg(&volume.path)
            .succeed()?;
        folder
            .program("cryptsetup")
            .args(["luksFormat", "--type", "luks2", "--batch-mode"])
            .args(["--pbkdf", "pbkdf2", "--pbkdf-force-iterations", "1000"])
            .arg(&volume.path)
            .arg(folder.write("passphrase", PASSPHRASE)?)
            .succeed()?;
        // Both find modules by p11-kit's configuration of the system.
        folder.subfolder("p11-kit")?;
        folder.write(
            "p11-kit/tapcard.module",
            format!("module: {}\n", stage.module.path().display()),
        )?;
        Ok(volume)
    }

    /// A program of the stage's system, whose p11-kit knows our module and no other.
    fn program(&self, name: &str) -> Result<Program> {
        let folder = &self.stage.folder;
        let system = self.stage.desk.pcsc.system();
        let program = system.program_with(folder, &folder.join("p11-kit"), MODULES, name)?;
        Ok(program.envs(self.stage.module.environment()))
    }

    fn enroll(&self) -> Result {
        self.program("systemd-cryptenroll")?
            .env("PASSWORD", PASSPHRASE)
            .env("PIN", PIN)
            .arg("--pkcs11-token-uri=pkcs11:id=%03")
            .arg(&self.path)
            .succeed()?;
        self.stage.module.was_used()
    }

    /// Opens it, without making a device of it.
    fn open(&self, pin: &str) -> Result<Program> {
        Ok(self
            .program("cryptsetup")?
            .args(["open", "--test-passphrase", "--token-only", "--verbose"])
            .arg(&self.path)
            .input(format!("{pin}\n")))
    }
}

fn is_opened_by_the_phone(stage: &Stage) -> Result {
    let volume = Volume::format(stage)?;
    volume.open(PIN)?.fail()?;
    volume.enroll()?;
    volume
        .open(PIN)?
        .succeed()?
        .saying(&["Key slot 1 unlocked"])?;
    stage.module.was_used()?;

    let all = tries_left(stage)?;
    volume.open(WRONG_PIN)?.fail()?;
    assert_eq!(tries_left(stage)?, all - 1);
    stage.module.was_used()
}

#[test]
fn a_volume_is_opened_with_an_rsa_key() -> Result {
    Stage::with_each_system(Profile::Standard, is_opened_by_the_phone)
}

#[test]
fn a_volume_is_opened_with_an_ec_key_by_debian_13() -> Result {
    let [_, debian_13] = System::all(&Folder::silent()?)?;
    is_opened_by_the_phone(&Stage::of_system(debian_13, Profile::Compact)?)
}
