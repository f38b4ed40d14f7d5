//! The enrollment server as it is installed: run by its unit's command line, as its user, in its folders.

use std::fs;
use std::path::Path;
use std::time::Duration;

use rig::folder::Folder;
use rig::phone::{PIN, Phone};
use rig::portal::{ADMINISTRATOR, Holder, PASSWORD, Portal, Profile};
use rig::process::Process;
use rig::server::Announcement;
use rig::stage::HOLDER;

use super::tree::Tree;
use crate::error::{Error, Result, doing};

/// The service.
const UNIT: &str = "usr/lib/systemd/system/tapcard-enroll-server.service";
/// Its settings.
const SETTINGS: &str = "etc/tapcard/enroll-server.conf";
/// What an administrator adds to them: ports that nobody else has.
const OURS: &str = "TAPCARD_LISTEN=127.0.0.1:0\nTAPCARD_LISTEN_HTTP=127.0.0.1:0\n";
/// Where its data is.
const DATA: &str = "var/lib/tapcard";
/// How long it may take to start.
const START_LIMIT: Duration = Duration::from_secs(60);

/// What a service manager would do: the settings, the user, the unit's command line.
const SERVE: &str = "set -a; . /etc/tapcard/enroll-server.conf; set +a; \
    exec setpriv --reuid=tapcard --regid=tapcard --clear-groups --no-new-privs --inh-caps=-all ";

/// A server that runs in a tree.
#[derive(Debug)]
pub struct Service {
    process: Process,
    announcement: Announcement,
}

impl Service {
    fn start(tree: &Tree, folder: &Folder, is_new: bool) -> Result<Self> {
        let command = setting(&tree.path().join(UNIT), "ExecStart")?;
        let mut process = tree
            .program(folder, "sh")
            .args(["-ec", &format!("{SERVE}{command}")])
            .env("HOME", "/")
            .start(folder, if is_new { "first" } else { "second" })?;
        let announcement = process.wait_for("says where it is", START_LIMIT, |process| {
            Announcement::read(&process.stdout_text(), is_new)
        })?;
        Ok(Self {
            process,
            announcement: announcement.seen_beneath(tree.path()),
        })
    }

    fn stop(self) -> Result {
        let status = self.process.stop()?;
        if status.success() {
            Ok(())
        } else {
            Err(Error::Machine(format!("the server ended with {status}")))
        }
    }
}

/// The server of the version before is set up, and enrolls a phone.
///
/// # Errors
/// Where it does not.
pub fn enrolls(tree: &Tree, folder: &Folder) -> Result {
    let settings = tree.path().join(SETTINGS);
    let given = fs::read_to_string(&settings).map_err(doing("read the server's settings"))?;
    fs::write(&settings, given + OURS).map_err(doing("write the server's settings"))?;
    let service = Service::start(tree, folder, true)?;
    let portal = Portal::set_up(&service.announcement)?;
    let invitation = portal.invite(
        Holder {
            name: HOLDER,
            email: "alice@example.test",
            upn: "alice@example.test",
        },
        Profile::Compact,
    )?;
    Phone::at(folder.join("enrolled")).enroll(folder, &invitation, PIN)?;
    service.stop()
}

/// After an upgrade the settings are the administrator's, and administrator, phone and audit trail are there.
///
/// # Errors
/// Where one of them is not so.
pub fn goes_on(tree: &Tree, folder: &Folder) -> Result {
    let settings = fs::read_to_string(tree.path().join(SETTINGS)).unwrap_or_default();
    if !settings.ends_with(OURS) {
        return Err(Error::Machine(
            "the upgrade has changed the server's settings".to_owned(),
        ));
    }
    let service = Service::start(tree, folder, false)?;
    let portal = Portal::sign_in(&service.announcement, ADMINISTRATOR, PASSWORD)?;
    if portal.phones()?.len() != 1 {
        return Err(Error::Machine(
            "the enrolled phone is not there after the upgrade".to_owned(),
        ));
    }
    service.stop()?;
    // As the documentation has an operator's commands.
    let operator = |command: &str| {
        tree.shell(
            folder,
            &format!("set -a; . /etc/tapcard/enroll-server.conf; exec enroll-server {command}"),
        )
    };
    operator("administrator list")?.saying(&[ADMINISTRATOR])?;
    operator("audit verify")?;
    Ok(())
}

/// The manual can be read, shells complete the command, and the unit is one.
///
/// # Errors
/// Where one of them is not so.
pub fn is_whole(tree: &Tree, folder: &Folder) -> Result {
    tree.shell(folder, "MANPAGER=cat man enroll-server-serve")?
        .saying(&["--listen-http", "EXAMPLES"])?;
    tree.shell(
        folder,
        "bash -ec '. /usr/share/bash-completion/completions/enroll-server; complete -p enroll-server'",
    )?;
    tree.shell(
        folder,
        "systemd-analyze verify /usr/lib/systemd/system/tapcard-enroll-server.service",
    )?;
    tree.shell(
        folder,
        "stat --format '%U:%G %a' /var/lib/tapcard /etc/tapcard/enroll-server.conf",
    )?
    .saying(&["tapcard:tapcard 700", "root:root 640"])?;
    Ok(())
}

/// Removed, the program is gone, and settings and data stay.
///
/// # Errors
/// Where it is not so.
pub fn is_removed(tree: &Tree) -> Result {
    let is_there = |path: &str| tree.path().join(path).exists();
    if !is_there("usr/bin/enroll-server") && !is_there(UNIT) && is_there(SETTINGS) && is_there(DATA)
    {
        Ok(())
    } else {
        Err(Error::Machine(
            "removing the server has taken too much or too little".to_owned(),
        ))
    }
}

/// Whether a purge leaves this file on purpose: the authority with its keys, its user, and a folder of systemd's.
pub fn is_meant(path: &Path) -> bool {
    path.starts_with(DATA)
        || path == Path::new("etc/credstore")
        || ["etc/passwd-", "etc/group-", "etc/shadow-", "etc/gshadow-"]
            .iter()
            .any(|copy| path == Path::new(copy))
}

/// A setting of a unit.
fn setting(unit: &Path, name: &str) -> Result<String> {
    let text = fs::read_to_string(unit).map_err(doing(format!("read {}", unit.display())))?;
    text.lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
        .map(str::to_owned)
        .ok_or_else(|| Error::Machine(format!("{} has no {name}", unit.display())))
}
