//! A machine of an operator's: a server that a service manager runs, on a small disk, and a shell.
//!
//! It is a namespace of processes and mounts of its own. Whatever is started in it ends with it, and its disk is gone
//! then, however the test ends.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::Doing;
use crate::folder::Folder;
use crate::port::Ports;
use crate::postgres::is_root;
use crate::process::Process;
use crate::program::{Outcome, Program};
use crate::recipe::{Recipe, Step};
use crate::server::Announcement;
use crate::wait::{wait_for, wait_until};
use crate::{Result, unexpected};

const START_LIMIT: Duration = Duration::from_secs(60);
const LISTS_LIMIT: Duration = Duration::from_secs(20);

/// Mounts the disk and collects the children of whatever ends, as the first process of a machine does.
const INIT: &str = r#"mount -t tmpfs -o "size=$1,mode=0755" tmpfs "$2" && touch "$2/.mounted" || exit 1
while :; do sleep 0.1; done"#;

/// A service manager that knows the server, and PostgreSQL where it is on the machine.
const SYSTEMCTL: &str = r#"#!/bin/sh
# systemctl start|stop|restart|is-active enroll-server|postgresql
set -eu
if [ "$2" = postgresql ]; then exec "$MACHINE/bin/postgresql" "$1"; fi
running="$MACHINE/enroll-server.pid"
is_active() { [ -e "$running" ] && kill -0 "$(cat "$running")" 2>/dev/null; }
start() {
    if is_active; then return; fi
    # What the last one said would be taken for this one's.
    rm -f "$MACHINE/enroll-server.out.log"
    setsid enroll-server serve >"$MACHINE/enroll-server.out.log" 2>>"$MACHINE/enroll-server.log" </dev/null &
    echo $! >"$running"
    until grep -q ^Authority "$MACHINE/enroll-server.out.log" 2>/dev/null; do
        is_active || { tail -n 3 "$MACHINE/enroll-server.log" >&2; exit 1; }
        sleep 0.05
    done
}
stop() {
    is_active || return 0
    kill "$(cat "$running")"
    while is_active; do sleep 0.05; done
    rm -f "$running"
}
case "$1" in
start) start ;;
stop) stop ;;
restart) stop; start ;;
is-active) is_active && echo active ;;
*) echo "unknown: $1" >&2; exit 2 ;;
esac
"#;

/// A running machine.
#[derive(Debug)]
pub struct Machine<'f> {
    folder: &'f Folder,
    process: Process,
    /// The number of its first process, as seen from outside.
    first: u32,
    variables: Vec<(String, String)>,
    _ports: Ports,
}

impl<'f> Machine<'f> {
    /// A machine with a disk of a size as tmpfs has it (`24m`), no service running. These are set: `TAPCARD_DATA`, the
    /// folder of the server's data; `PORTAL` and `RELYING`, its addresses; `DISK`, where the disk is.
    ///
    /// # Errors
    /// When the namespace or the disk cannot be made.
    pub fn start(folder: &'f Folder, disk: &str) -> Result<Self> {
        let mount = folder.subfolder("disk")?;
        let programs = folder.subfolder("bin")?;
        folder.write_script("bin/systemctl", SYSTEMCTL)?;
        std::os::unix::fs::symlink(
            folder.binaries().enroll_server()?,
            programs.join("enroll-server"),
        )
        .doing(|| "link the server".to_owned())?;
        let user: &[&str] = if is_root() {
            &[]
        } else {
            &["--user", "--map-root-user"]
        };
        let mut process = folder
            .program("unshare")
            .args(user)
            .args(["--mount", "--pid", "--fork", "--kill-child", "--mount-proc"])
            .args(["sh", "-c", INIT, "init", disk])
            .arg(&mount)
            .start(folder, "machine")?;
        let first = process.wait_for("has its first process", START_LIMIT, |process| {
            let id = process.id();
            let path = format!("/proc/{id}/task/{id}/children");
            let children = fs::read_to_string(&path).unwrap_or_default();
            Ok(children
                .split_whitespace()
                .next()
                .and_then(|id| id.parse().ok()))
        })?;
        let ports = Ports::claim(2)?;
        let (https, http) = (ports.first(), ports.first() + 1);
        let mut machine = Self {
            folder,
            process,
            first,
            variables: Vec::new(),
            _ports: ports,
        };
        let mounted = machine.outside(&mount.join(".mounted"));
        machine.process.wait_for("has its disk", START_LIMIT, |_| {
            Ok(mounted.exists().then_some(()))
        })?;
        let data = mount.join("tapcard");
        let variables = [
            ("MACHINE", folder.path().display().to_string()),
            ("DISK", mount.display().to_string()),
            ("TAPCARD_DATA", data.display().to_string()),
            ("TAPCARD_LISTEN", format!("127.0.0.1:{https}")),
            ("TAPCARD_LISTEN_HTTP", format!("127.0.0.1:{http}")),
            ("TAPCARD_ORGANISATION", "Example Works".to_owned()),
            ("PORTAL", format!("https://localhost:{https}")),
            ("RELYING", format!("http://localhost:{http}")),
        ];
        for (name, value) in variables {
            machine.set(name, &value);
        }
        Ok(machine)
    }

    /// Sets an environment variable for whatever is started from now on, the service too.
    pub fn set(&mut self, name: &str, value: &str) {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// A variable's value.
    ///
    /// # Errors
    /// When it is not set.
    pub fn variable(&self, name: &str) -> Result<&str> {
        let found = self.variables.iter().find(|(known, _)| known == name);
        let (_, value) = found.ok_or_else(|| unexpected(format!("{name} is not set")))?;
        Ok(value)
    }

    /// Puts a script among the machine's programs; whoever runs on the machine may look into the test's folder then.
    pub(crate) fn add_program(&self, name: &str, script: &str) -> Result {
        self.folder.let_others_pass()?;
        self.folder.write_script(&format!("bin/{name}"), script)?;
        Ok(())
    }

    /// The path of a file of the machine for whoever is outside.
    #[must_use]
    pub fn outside(&self, path: &Path) -> PathBuf {
        let root = PathBuf::from(format!("/proc/{}/root", self.first));
        root.join(path.strip_prefix("/").unwrap_or(path))
    }

    /// A script that a shell on the machine runs; it ends at the first command that fails.
    #[must_use]
    pub fn shell(&self, script: &str) -> Program {
        let user: &[&str] = if is_root() {
            &[]
        } else {
            &["--user", "--preserve-credentials"]
        };
        let path = std::env::var("PATH").unwrap_or_default();
        let bin = self.folder.join("bin");
        let program = self
            .folder
            .program("nsenter")
            .args(user)
            .args(["--mount", "--pid", "--target", &self.first.to_string()])
            .arg(format!("--wd={}", self.folder.path().display()))
            .args(["sh", "-e"])
            .env("PATH", format!("{}:{path}:/usr/sbin:/sbin", bin.display()))
            .input(script);
        self.variables
            .iter()
            .fold(program, |program, (name, value)| program.env(name, value))
    }

    /// Does one step of a recipe.
    ///
    /// # Errors
    /// When a command fails, or does not show what the text shows.
    pub fn perform(&self, step: &Step) -> Result<Outcome> {
        step.check(self.shell(&step.script).succeed()?)
    }

    /// Does all steps of a recipe.
    ///
    /// # Errors
    /// As [`Machine::perform`].
    pub fn follow(&self, recipe: &Recipe) -> Result {
        for step in &recipe.steps {
            self.perform(step)?;
        }
        Ok(())
    }

    /// Waits until the server that runs on it has published a CRL of each of its two authorities.
    ///
    /// # Errors
    /// When it does not.
    pub fn wait_for_lists(&self) -> Result {
        wait_until("each authority has published a list", LISTS_LIMIT, || {
            let lists = self
                .shell("ls \"$TAPCARD_DATA\"/authority/*.crl | wc -l")
                .run()?;
            Ok(lists.text().trim() == "2")
        })
    }

    /// Starts the service, unless it runs, and reads where the server is.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start_service(&self) -> Result<Announcement> {
        // Nobody has set up a server that has no data yet: it says how.
        let is_new = !self
            .outside(Path::new(self.variable("TAPCARD_DATA")?))
            .exists();
        self.shell("systemctl start enroll-server").succeed()?;
        let printed = self.folder.join("enroll-server.out.log");
        let found = wait_for("the server says where it is", START_LIMIT, || {
            Announcement::read(&fs::read_to_string(&printed).unwrap_or_default(), is_new)
        })?;
        Ok(found.seen_beneath(&self.outside(Path::new("/"))))
    }

    /// Takes all space that is left on the disk with a file; returns its path.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn fill_disk(&self) -> Result<PathBuf> {
        let path = PathBuf::from(self.variable("DISK")?).join("filler");
        // dd ends with an error when the disk is full, which is what is wanted here.
        self.shell("dd if=/dev/zero of=\"$DISK/filler\" bs=4096 2>/dev/null || true")
            .succeed()?;
        Ok(path)
    }
}
