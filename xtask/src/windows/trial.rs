//! What is tried: each step with the real programs, a real reader daemon and a phone.

use std::path::Path;
use std::time::Duration;

use rig::folder::Folder;
use rig::pcscd::READER;
use rig::phone::PIN;
use rig::portal::Profile;
use rig::program::Outcome;
use rig::stage::{HOLDER, Stage};
use rig::system::System;
use rig::unexpected;
use rig::wait::wait_until;

use super::build::{Built, CLIENT, COMMAND, MODULE};
use super::client::{AUTHENTICATION, Client, SIGNATURE};
use super::installer;
use super::wine::Wine;
use crate::error::Result;
use crate::story::Story;

/// Where the programs are that nothing has installed.
const PLACE: &str = r"C:\tapcard\";
/// Where the installer puts them.
const INSTALLED: &str = r"C:\Program Files\Tapcard\";
/// The same folder, below the disk C:.
const INSTALLED_ON_DISK: &str = "Program Files/Tapcard";
/// How soon a card is seen again.
const SOON: Duration = Duration::from_secs(30);

/// What is tried on.
struct Trial<'a> {
    stage: &'a mut Stage,
    wine: Wine,
}

/// Tries everything; where a step fails, the logs stay.
///
/// # Errors
/// The first failure.
pub fn run(tree: &Path, built: &Built, installer: &Path) -> Result {
    let folder = Folder::silent()?;
    let logs = folder.path().to_owned();
    let story = Story::with_logs(&logs);
    let mut stage = story.step("Phone", "is enrolled, at a reader of its own", || {
        let system = System::in_tree(tree.to_owned(), &folder)?;
        let stage = Stage::of_system_in(folder, system, Profile::Standard)?;
        Ok((
            stage,
            "enrolled, at the reader of a daemon of its own".to_owned(),
        ))
    })?;
    let outcome = steps(&story, &mut stage, tree, built, installer);
    if outcome.is_err() {
        let Stage { folder, .. } = stage;
        folder.keep();
    }
    outcome
}

fn steps(
    story: &Story<'_>,
    stage: &mut Stage,
    tree: &Path,
    built: &Built,
    installer: &Path,
) -> Result {
    let mut trial = story.step("Wine", "makes a disk C:", || {
        let wine = Wine::set_up(stage, tree)?;
        for name in [MODULE, COMMAND, CLIENT] {
            wine.bring(&built.folder().join(name), &format!("tapcard/{name}"))?;
        }
        wine.bring(installer, installer::NAME)?;
        Ok((
            Trial { stage, wine },
            "a disk C: with the programs".to_owned(),
        ))
    })?;
    story.step("Doctor", "looks at the card", || trial.doctor())?;
    story.step("List", "shows the card", || trial.list())?;
    let mut client = story.step("Module", "is loaded", || trial.load())?;
    story.step("Wrong PIN", "is refused", || trial.wrong_pin(&mut client))?;
    story.step("Signatures", "are made", || trial.signs(&mut client))?;
    story.step("Decryption", "is done", || trial.decrypts(&mut client))?;
    story.step("Away and back", "the phone goes and comes", || {
        trial.away_and_back(&mut client)
    })?;
    story.step("Reader daemon", "is killed and started again", || {
        trial.daemon_again(&mut client)
    })?;
    drop(client);
    story.step("Unloaded", "while the daemon says nothing", || {
        trial.unloaded()
    })?;
    story.step("No service", "is explained", || trial.no_service())?;
    story.step("Installer", "installs, and removes", || trial.installer())
}

/// What a step gives.
type Step<T = ()> = rig::Result<(T, String)>;

impl Trial<'_> {
    fn command(&self, folder: &str, arguments: &[&str]) -> rig::Result<Outcome> {
        let path = format!("{folder}{COMMAND}");
        self.wine.program(self.stage, &path).args(arguments).run()
    }

    fn client(&self, folder: &str, name: &str) -> rig::Result<Client> {
        let program = self.wine.program(self.stage, &format!("{PLACE}{CLIENT}"));
        let program = program.arg(format!("{folder}{MODULE}"));
        Client::start(self.stage, program, name)
    }

    fn doctor(&self) -> Step {
        well(self.command(PLACE, &["doctor"])?)?.saying(&[READER, HOLDER])?;
        let json = well(self.command(PLACE, &["doctor", "--json"])?)?;
        json.saying(&["\"healthy\": true", READER])?;
        Ok((
            (),
            "reader and card are well, for people and as JSON".to_owned(),
        ))
    }

    fn list(&self) -> Step {
        well(self.command(PLACE, &["list"])?)?.saying(&[HOLDER, READER])?;
        Ok(((), format!("shows the card of {HOLDER}")))
    }

    fn load(&self) -> Step<Client> {
        let mut client = self.client(PLACE, "client")?;
        sees(&mut client)?;
        Ok((client, "a client of Windows' ABI sees the card".to_owned()))
    }

    /// The tries that the PIN has left.
    fn tries(&self) -> rig::Result<u32> {
        let text = well(self.command(PLACE, &["pin", "status"])?)?.text();
        let (_, after) = text.split_once("PIN: ").unwrap_or_default();
        let number = after.split_whitespace().next();
        number
            .and_then(|number| number.parse().ok())
            .ok_or_else(|| unexpected(format!("`tapcard pin status` says {text:?}")))
    }

    fn wrong_pin(&self, client: &mut Client) -> Step {
        let before = self.tries()?;
        let reason = client.is_refused("login 135790")?;
        if !reason.to_lowercase().contains("incorrect") {
            return Err(unexpected(format!("a wrong PIN: {reason}")));
        }
        let after = self.tries()?;
        if before != after + 1 {
            return Err(unexpected(format!("tries: {before}, then {after}")));
        }
        Ok(((), "CKR_PIN_INCORRECT, and one try is gone".to_owned()))
    }

    fn signs(&self, client: &mut Client) -> Step {
        client.does(&format!("login {PIN}"))?;
        for (mechanism, id) in [
            ("SHA256-RSA-PKCS", AUTHENTICATION),
            ("SHA256-RSA-PKCS-PSS", AUTHENTICATION),
            ("ECDSA-SHA256", SIGNATURE),
        ] {
            client.signs(self.stage, mechanism, id)?;
        }
        Ok((
            (),
            "RSA PKCS#1, PSS, ECDSA: openssl verifies each".to_owned(),
        ))
    }

    fn decrypts(&self, client: &mut Client) -> Step {
        client.decrypts(self.stage, "RSA-PKCS", &[])?;
        let oaep = [
            "-pkeyopt",
            "rsa_padding_mode:oaep",
            "-pkeyopt",
            "rsa_oaep_md:sha256",
        ];
        client.decrypts(self.stage, "RSA-PKCS-OAEP", &oaep)?;
        Ok((
            (),
            "PKCS#1 and OAEP, of what openssl has encrypted".to_owned(),
        ))
    }

    fn away_and_back(&mut self, client: &mut Client) -> Step {
        self.stage.phone.take_away()?;
        self.stage.desk.wait_for_no_card(&self.stage.folder)?;
        wait_until("no card is seen", SOON, || {
            Ok(client.does("tokens")?.is_empty())
        })?;
        let Stage {
            phone,
            desk,
            folder,
            ..
        } = &mut *self.stage;
        desk.hold(folder, phone)?;
        self.goes_on(client)?;
        Ok(((), "the same client goes on".to_owned()))
    }

    fn daemon_again(&mut self, client: &mut Client) -> Step {
        self.stage.desk.pcsc.stop()?;
        // Whatever it says of it, it must say something.
        let _ = client.does("tokens");
        let Stage { desk, folder, .. } = &mut *self.stage;
        desk.pcsc.start_again(folder)?;
        desk.wait_for_card(folder)?;
        self.goes_on(client)?;
        Ok(((), "the same client goes on".to_owned()))
    }

    /// A program may unload the module while a thread of it is held up in PC/SC, and that thread comes back.
    fn unloaded(&self) -> Step {
        let mut client = self.client(PLACE, "unloads")?;
        sees(&mut client)?;
        let daemon = self.stage.desk.pcsc.process();
        let daemon = daemon.ok_or_else(|| unexpected("the daemon is gone"))?;
        daemon.suspend()?;
        // What was seen last, once the module has waited long enough: its thread still waits.
        let seen = client.does("slots");
        let unloaded = client.does("unload");
        daemon.resume()?;
        seen?;
        unloaded?;
        // The daemon answers another program, and so it has answered what was asked before.
        well(self.command(PLACE, &["list"])?)?.saying(&[HOLDER])?;
        client.is_refused("tokens")?;
        client.does("load")?;
        sees(&mut client)?;
        client.ends_well()?;
        Ok(((), "the program goes on, and loads it again".to_owned()))
    }

    /// The client sees the card, logs in and signs.
    fn goes_on(&self, client: &mut Client) -> rig::Result {
        wait_until("the card is seen again", SOON, || {
            Ok(client
                .does("tokens")
                .is_ok_and(|tokens| tokens.contains(HOLDER)))
        })?;
        client.does(&format!("login {PIN}"))?;
        client.signs(self.stage, "SHA256-RSA-PKCS", AUTHENTICATION)
    }

    fn no_service(&mut self) -> Step {
        self.stage.desk.pcsc.stop()?;
        let outcome = self.command(PLACE, &["doctor"])?;
        if outcome.status.code() != Some(1) || outcome.all_text().contains("pcscd") {
            return Err(outcome.error("did not speak of Windows' service"));
        }
        outcome.saying(&["SCardSvr", "sc start SCardSvr", "SCARD_E_NO_SERVICE"])?;
        let Stage { desk, folder, .. } = &mut *self.stage;
        desk.pcsc.start_again(folder)?;
        desk.wait_for_card(folder)?;
        Ok((
            (),
            "the doctor names SCardSvr and how to start it".to_owned(),
        ))
    }

    fn installer(&self) -> Step {
        let msi = format!(r"C:\{}", installer::NAME);
        let run = |action: &str| {
            let program = self.wine.program(self.stage, "msiexec");
            program.args([action, &msi, "/qn"]).succeed()
        };
        let is_there = |name: &str| {
            let folder = self.wine.on_disk(INSTALLED_ON_DISK);
            folder.join(name).is_file()
        };
        let outcome = run("/i")?;
        if ![COMMAND, MODULE, "LICENSE-MIT.txt"]
            .into_iter()
            .all(is_there)
        {
            return Err(outcome.error("did not install"));
        }
        well(self.command(INSTALLED, &["doctor"])?)?.saying(&[HOLDER])?;
        let mut client = self.client(INSTALLED, "installed")?;
        sees(&mut client)?;
        drop(client);
        let outcome = run("/x")?;
        if [COMMAND, MODULE].into_iter().any(is_there) {
            return Err(outcome.error("left files"));
        }
        Ok(((), "installed, used and removed".to_owned()))
    }
}

/// The client sees the card.
fn sees(client: &mut Client) -> rig::Result {
    let tokens = client.does("tokens")?;
    if tokens.contains(HOLDER) {
        Ok(())
    } else {
        Err(unexpected(format!("the tokens are {tokens:?}")))
    }
}

/// A program that has to end well.
fn well(outcome: Outcome) -> rig::Result<Outcome> {
    if outcome.status.success() {
        Ok(outcome)
    } else {
        Err(outcome.error("failed"))
    }
}
