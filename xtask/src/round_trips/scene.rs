//! One enrolled phone that goes from reader to reader, and what a process costs at the wire.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rig::folder::Folder;
use rig::foreign_card::ForeignCard;
use rig::module::Module;
use rig::phone::{PIN, Phone};
use rig::portal::Profile;
use rig::program::{Outcome, Program};
use rig::sshd::Sshd;
use rig::stage::{Desk, Office};
use rig::system::System;
use rig::wire::Exchange;

use super::contender::{Card, Contender, Memory};
use super::cost::Cost;
use super::task::Task;
use crate::error::{Result, doing};
use crate::interrupt::Interrupt;

/// What is signed.
const MESSAGE: &str = "message";

/// Fields are dropped in this order: what uses something goes before it.
pub struct Scene {
    phone: Phone,
    sshd: Sshd,
    _office: Office,
    /// Caches that a login has filled.
    warm: Vec<String>,
    folder: Folder,
}

impl Scene {
    /// A phone enrolled with `profile`, and an sshd that lets its holder in.
    pub fn set(profile: Profile) -> Result<Self> {
        let folder = Folder::silent()?;
        let office = Office::open(&folder)?;
        let invitation = office.invite(&folder, profile)?;
        let phone = Phone::at(folder.join("phone"));
        phone.enroll(&folder, &invitation, PIN)?;
        let signer = folder.binaries().built("examples/sign_many")?;
        fs::copy(signer, folder.join("sign_many")).map_err(doing("copy sign_many"))?;
        Ok(Self {
            sshd: Sshd::start(&folder, &office.server)?,
            phone,
            _office: office,
            warm: Vec::new(),
            folder,
        })
    }

    /// What each task costs; `None` for one that the contender cannot do.
    pub fn costs(&mut self, system: &System, contender: Contender) -> Result<Vec<Option<Cost>>> {
        let at = self.place(system, contender, &[])?;
        let mut costs = Vec::new();
        for (number, task) in Task::ALL.into_iter().enumerate() {
            Interrupt::check()?;
            let cache = self.folder.subfolder(&format!("caches/{number}"))?;
            fs::remove_dir_all(&cache).map_err(doing("empty a cache"))?;
            let mut outcome = self.run(&at, contender, task, &cache)?;
            if contender.memory == Memory::Warm {
                outcome = self.run(&at, contender, task, &cache)?;
            }
            let (outcome, exchanges) = outcome;
            let done = outcome.status.success() && task.is_told_by(&outcome.all_text());
            if !done && contender.is_ours() {
                return Err(outcome.error("our module did not do it").into());
            }
            costs.push(done.then(|| Cost::of(&exchanges)));
        }
        self.phone.take_away()?;
        Ok(costs)
    }

    /// The time of one login over an NFC link of this model.
    pub fn login_time(
        &mut self,
        system: &System,
        contender: Contender,
        model: &str,
    ) -> Result<Duration> {
        Interrupt::check()?;
        let at = self.place(system, contender, &["--nfc", model])?;
        let name = format!(
            "caches/{:?}-{:?}-{:?}",
            contender.software, contender.card, contender.memory
        );
        let cache = self.folder.subfolder(&name)?;
        if contender.memory == Memory::Cold {
            fs::remove_dir_all(&cache).map_err(doing("empty a cache"))?;
        } else if !self.warm.contains(&name) {
            self.run(&at, contender, Task::SshLogin, &cache)?;
            self.warm.push(name);
        }
        let start = Instant::now();
        let (outcome, _) = self.run(&at, contender, Task::SshLogin, &cache)?;
        let time = start.elapsed();
        self.phone.take_away()?;
        outcome.saying(&["hello from"])?;
        Ok(time)
    }

    fn place(
        &mut self,
        system: &System,
        contender: Contender,
        phone_arguments: &[&str],
    ) -> Result<Place> {
        self.phone.take_away()?;
        let desk = Desk::of_system(system.clone(), &self.folder, contender.reader())?;
        if contender.card == Card::AnyOther {
            desk.wire.hide_extensions();
        }
        let address = desk.wire.address();
        self.phone
            .hold_to_reader_with(&self.folder, &address, phone_arguments)?;
        desk.wait_for_card(&self.folder)?;
        Ok(Place {
            module: Module::at(&self.folder, &desk.pcsc)?,
            desk,
        })
    }

    fn run(
        &self,
        at: &Place,
        contender: Contender,
        task: Task,
        cache: &Path,
    ) -> Result<(Outcome, Vec<Exchange>)> {
        let library = contender.library(&at.module).to_owned();
        let environment = contender.environment(&self.folder, cache.to_owned())?;
        let program = self.program(at, library, task)?.envs(environment);
        let mark = at.desk.wire.mark();
        let outcome = program.run()?;
        Ok((outcome, at.desk.wire.since(mark)))
    }

    fn program(&self, at: &Place, library: PathBuf, task: Task) -> Result<Program> {
        let named = |name: &str| at.module.program(&self.folder, name);
        Ok(match task {
            Task::ListSlots => list(named("pkcs11-tool"), &library, "--list-slots"),
            Task::ListObjects => list(named("pkcs11-tool"), &library, "--list-objects"),
            Task::PublicKeys => named("ssh-keygen").arg("-D").arg(library),
            Task::SshLogin => self
                .sshd
                .login_through(named("ssh"), &self.folder, &library, PIN)?,
            Task::Signatures(times) => named(&self.folder.join("sign_many").to_string_lossy())
                .arg(library)
                .args(["01", &times.to_string()])
                .arg(self.folder.join("signature"))
                .env("SIGN_MANY_PIN", PIN)
                .input(MESSAGE),
        })
    }
}

/// What it costs to find that a card does not do PIV.
pub fn without_piv(system: &System, contender: Contender) -> Result<Cost> {
    let folder = Folder::silent()?;
    let desk = Desk::of_system(system.clone(), &folder, contender.reader())?;
    let _card = ForeignCard::insert(&desk.wire.address())?;
    desk.wait_for_card(&folder)?;
    let module = Module::at(&folder, &desk.pcsc)?;
    let library = contender.library(&module).to_owned();
    let environment = contender.environment(&folder, folder.join("cache"))?;
    let mark = desk.wire.mark();
    let tool = module.program(&folder, "pkcs11-tool").envs(environment);
    // What it ends with is its own affair: there is nothing to show.
    list(tool, &library, "--list-slots").run()?;
    Ok(Cost::of(&desk.wire.since(mark)))
}

fn list(tool: Program, library: &Path, what: &str) -> Program {
    tool.arg("--module").arg(library).arg(what)
}

/// A reader with the phone, and our module for programs there.
struct Place {
    module: Module,
    desk: Desk,
}
