//! OpenSSH with a wrong PIN, its agent, and git, which signs by the agent.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rig::phone::PIN;
use rig::portal::Profile;
use rig::process::Process;
use rig::program::Program;
use rig::sshd::{Sshd, askpass};
use rig::stage::Stage;
use rig::system::System;
use rig::{Result, unexpected};

use crate::{WRONG_PIN, tries_left};

const START_LIMIT: Duration = Duration::from_secs(20);

/// An agent that may load our module and no other.
struct Agent {
    socket: PathBuf,
    _process: Process,
}

impl Agent {
    /// Starts the agent of the system that the stage's reader is for.
    fn start(stage: &Stage) -> Result<Self> {
        let socket = stage.folder.join("agent.sock");
        let mut process = stage
            .module
            .program(&stage.folder, "ssh-agent")
            .args(["-D", "-P"])
            .arg(stage.module.path())
            .arg("-a")
            .arg(&socket)
            .start(&stage.folder, "ssh-agent")?;
        process.wait_for("listens", START_LIMIT, |_| {
            Ok(socket.exists().then_some(()))
        })?;
        Ok(Self {
            socket,
            _process: process,
        })
    }

    /// A program that asks this agent, and is not told of the module.
    fn client(&self, stage: &Stage, name: &str) -> Program {
        stage
            .desk
            .client(&stage.folder, name)
            .env("SSH_AUTH_SOCK", &self.socket)
    }

    fn ssh_add(&self, stage: &Stage, option: &str, pin: &str) -> Result<Program> {
        Ok(self
            .client(stage, "ssh-add")
            .arg(option)
            .arg(stage.module.path())
            .envs(askpass(&stage.folder, pin)?))
    }

    fn login(&self, stage: &Stage, sshd: &Sshd) -> Program {
        sshd.login_by_agent(self.client(stage, "ssh"), &self.socket)
    }

    /// The public key of 9A, as the agent lists it.
    fn authentication_key(&self, stage: &Stage) -> Result<String> {
        let listed = self.client(stage, "ssh-add").arg("-L").succeed()?.text();
        let key = listed
            .lines()
            .find(|line| line.contains("PIV Authentication"));
        key.map(str::to_owned)
            .ok_or_else(|| unexpected(format!("no key of 9A in {listed}")))
    }
}

/// The agent logs in again and again without a PIN; while the phone is away it refuses and lives; and `ssh-add -e` and `-s`
/// give it the card back.
fn an_agent_outlives_the_absence_of_the_card(mut stage: Stage) -> Result {
    let sshd = Sshd::start(&stage.folder, &stage.office.server)?;
    let agent = Agent::start(&stage)?;
    let add = |stage: &Stage| agent.ssh_add(stage, "-s", PIN)?.succeed();
    let remove = |stage: &Stage| agent.ssh_add(stage, "-e", PIN)?.succeed();

    add(&stage)?.saying(&["Card added"])?;
    stage.module.was_used()?;
    for _ in 0..2 {
        agent
            .login(&stage, &sshd)
            .succeed()?
            .saying(&["hello from"])?;
    }

    stage.phone.take_away()?;
    stage.desk.wait_for_no_card(&stage.folder)?;
    agent
        .login(&stage, &sshd)
        .fail()?
        .saying(&["Permission denied (publickey)"])?;

    stage.desk.hold(&stage.folder, &mut stage.phone)?;
    // The card has forgotten the PIN, and so has the module: nobody signs unasked with a card that has just come.
    agent
        .login(&stage, &sshd)
        .fail()?
        .saying(&["Permission denied (publickey)"])?;
    remove(&stage)?.saying(&["Card removed"])?;
    add(&stage)?.saying(&["Card added"])?;
    agent
        .login(&stage, &sshd)
        .succeed()?
        .saying(&["hello from"])?;

    remove(&stage)?;
    agent
        .client(&stage, "ssh-add")
        .arg("-l")
        .fail()?
        .saying(&["The agent has no identities"])?;
    agent.login(&stage, &sshd).fail()?;
    stage.module.was_used()
}

#[test]
fn an_agent_outlives_the_absence_of_a_card_with_an_rsa_key() -> Result {
    System::each(|system| {
        an_agent_outlives_the_absence_of_the_card(Stage::of_system(system, Profile::Standard)?)
    })
}

#[test]
fn an_agent_outlives_the_absence_of_a_card_with_an_ec_key() -> Result {
    System::each(|system| {
        an_agent_outlives_the_absence_of_the_card(Stage::of_system(system, Profile::Compact)?)
    })
}

#[test]
fn a_wrong_pin_costs_one_try() -> Result {
    Stage::with_each_system(Profile::Standard, |stage| {
        let sshd = Sshd::start(&stage.folder, &stage.office.server)?;
        let all = tries_left(stage)?;
        // ssh tries the PIN for each of the four keys.
        sshd.login(&stage.folder, &stage.module, WRONG_PIN)?
            .fail()?
            .saying(&["Permission denied (publickey)"])?;
        assert_eq!(tries_left(stage)?, all - 1);
        stage.module.was_used()?;

        sshd.login(&stage.folder, &stage.module, PIN)?.succeed()?;
        assert_eq!(tries_left(stage)?, all);

        let agent = Agent::start(stage)?;
        agent.ssh_add(stage, "-s", WRONG_PIN)?.fail()?;
        assert_eq!(tries_left(stage)?, all - 1);
        agent.ssh_add(stage, "-s", PIN)?.succeed()?;
        assert_eq!(tries_left(stage)?, all);
        Ok(())
    })
}

#[test]
fn an_agent_is_given_the_pin_although_it_can_be_typed_at_the_phone() -> Result {
    let stage = Stage::enrolled(Profile::Compact)?;
    stage.phone.set_pin_entry(&stage.folder, "phone")?;
    let sshd = Sshd::start(&stage.folder, &stage.office.server)?;
    let agent = Agent::start(&stage)?;
    agent.ssh_add(&stage, "-s", PIN)?.succeed()?;
    let greeting = format!("hello from {}", sshd.user());
    agent.login(&stage, &sshd).succeed()?.saying(&[&greeting])?;
    Ok(())
}

/// A repository in which commits are signed by the agent.
struct Repository<'a> {
    stage: &'a Stage,
    agent: &'a Agent,
    folder: PathBuf,
}

impl<'a> Repository<'a> {
    fn make(stage: &'a Stage, agent: &'a Agent, signers: &Path) -> Result<Self> {
        let key = stage
            .folder
            .write("9a.pub", agent.authentication_key(stage)?)?;
        let repository = Self {
            stage,
            agent,
            folder: stage.folder.subfolder("repository")?,
        };
        repository.git().args(["init", "--quiet"]).succeed()?;
        for (name, value) in [
            ("user.name", "Alice Example".as_ref()),
            ("user.email", "alice@example.test".as_ref()),
            ("gpg.format", "ssh".as_ref()),
            ("user.signingkey", key.as_path()),
            ("gpg.ssh.allowedSignersFile", signers),
        ] {
            repository
                .git()
                .args(["config", name])
                .arg(value)
                .succeed()?;
        }
        Ok(repository)
    }

    fn git(&self) -> Program {
        self.stage
            .folder
            .program("git")
            .env("SSH_AUTH_SOCK", &self.agent.socket)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .arg("-C")
            .arg(&self.folder)
    }

    fn commit(&self, message: &str, option: &str) -> Result {
        self.git()
            .args(["commit", "--quiet", "--allow-empty", "--message", message])
            .arg(option)
            .succeed()?;
        Ok(())
    }
}

fn git_signs_commits_and_tags(profile: Profile) -> Result {
    let stage = &Stage::enrolled(profile)?;
    let agent = &Agent::start(stage)?;
    agent.ssh_add(stage, "-s", PIN)?.succeed()?;
    let signers = stage.folder.write(
        "allowed_signers",
        format!(
            "alice@example.test namespaces=\"git\" {}",
            agent.authentication_key(stage)?
        ),
    )?;
    let repository = Repository::make(stage, agent, &signers)?;
    stage.module.was_used()?;

    repository.commit("signed with the phone", "--gpg-sign")?;
    stage.module.was_used()?;
    let verify = || repository.git().args(["verify-commit", "HEAD"]);
    let good = "Good \"git\" signature for alice@example.test";
    verify().succeed()?.saying(&[good])?;
    repository
        .git()
        .args(["tag", "--sign", "--message", "first", "v1"])
        .succeed()?;
    repository
        .git()
        .args(["verify-tag", "v1"])
        .succeed()?
        .saying(&[good])?;

    stage.folder.write("allowed_signers", "")?;
    verify().fail()?.saying(&["No principal matched"])?;
    repository.commit("not signed", "--no-gpg-sign")?;
    verify().fail()?;
    Ok(())
}

#[test]
fn git_signs_commits_and_tags_with_an_rsa_key() -> Result {
    git_signs_commits_and_tags(Profile::Standard)
}

#[test]
fn git_signs_commits_and_tags_with_an_ec_key() -> Result {
    git_signs_commits_and_tags(Profile::Compact)
}
