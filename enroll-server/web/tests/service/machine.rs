//! A machine of a test's own on which the package's files are installed: a folder that the service takes for `/`, and a
//! network that nobody else is in. The service is started from its unit's own lines, as the unit's user.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::packaging::{self, SERVICE};
use crate::program::Program;
use crate::unit_file::{UnitFile, environment};

/// Makes the machine, and becomes the command that the last arguments are. Nothing but the state folder can be written.
const BEGIN: &str = r#"
root=$1 program=$2 state=$3
umask "$4"
shift 4
ip link set lo up
mount --bind "$root" "$root"
mount --rbind /usr/lib "$root/usr/lib"
test ! -d /usr/lib64 || mount --rbind /usr/lib64 "$root/usr/lib64"
mount --bind "$program" "$root/usr/bin/enroll-server"
mount --rbind /proc "$root/proc"
mount --bind /dev/null "$root/dev/null"
mount --bind "$root/$state" "$root/$state"
mount -o remount,bind,ro "$root"
exec "$@"
"#;

/// The machine.
pub struct Machine {
    root: tempfile::TempDir,
    unit: UnitFile,
}

impl Machine {
    /// A machine with the package, its user and its folders.
    pub fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let path = root.path();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        packaging::install(path);
        for folder in [
            "usr/bin",
            "usr/lib64",
            "proc",
            "dev",
            "var/lib",
            "run",
            "tmp",
        ] {
            fs::create_dir_all(path.join(folder)).unwrap();
        }
        for folder in ["lib", "lib64"] {
            symlink(format!("usr/{folder}"), path.join(folder)).unwrap();
        }
        for file in ["usr/bin/enroll-server", "dev/null"] {
            fs::write(path.join(file), "").unwrap();
        }
        let machine = Self {
            unit: UnitFile::read(&packaging::text(SERVICE)),
            root,
        };
        machine.apply(Command::new("systemd-sysusers"), "sysusers.d");
        machine.apply(
            Command::new("systemd-tmpfiles").arg("--create"),
            "tmpfiles.d",
        );
        machine
    }

    fn apply(&self, mut command: impl std::borrow::BorrowMut<Command>, folder: &str) {
        let file = self
            .path("usr/lib")
            .join(folder)
            .join("tapcard-enroll-server.conf");
        let beneath = format!("--root={}", self.root.path().display());
        // A folder cannot be given to another user without root; there is one user alone then.
        let output = command
            .borrow_mut()
            .arg(beneath)
            .arg(file)
            .output()
            .unwrap();
        assert!(output.status.success() || !is_root(), "{output:?}");
    }

    /// A path of the machine, seen from outside.
    pub fn path(&self, path: &str) -> PathBuf {
        self.root.path().join(path.trim_start_matches('/'))
    }

    /// The unit's user and group, as numbers.
    pub fn user(&self) -> String {
        let users = fs::read_to_string(self.path("etc/passwd")).unwrap();
        let begin = format!("{}:x:", self.unit.one("User"));
        let line = users.lines().find_map(|line| line.strip_prefix(&begin));
        let mut fields = line.unwrap().split(':');
        format!("{}:{}", fields.next().unwrap(), fields.next().unwrap())
    }

    /// The environment that systemd gives the service.
    fn environment(&self) -> Vec<(String, String)> {
        let unit = &self.unit;
        let state = format!("/var/lib/{}", unit.one("StateDirectory"));
        let mut all = vec![
            ("PATH".to_owned(), "/usr/local/bin:/usr/bin:/bin".to_owned()),
            ("USER".to_owned(), unit.one("User").to_owned()),
            ("HOME".to_owned(), state.clone()),
            ("STATE_DIRECTORY".to_owned(), state),
        ];
        all.extend(unit.all("Environment").into_iter().map(|line| {
            let (name, value) = line.split_once('=').unwrap();
            (name.to_owned(), value.to_owned())
        }));
        for file in unit.all("EnvironmentFile") {
            let text = fs::read_to_string(self.path(file.trim_start_matches('-'))).unwrap();
            all.extend(environment(&text));
        }
        if self.path(&credentials()).exists() {
            all.push(("CREDENTIALS_DIRECTORY".to_owned(), credentials()));
        }
        all
    }

    /// Hands a secret to the service as systemd would from `/etc/credstore/`: if the unit asks for it, in a folder that the
    /// service alone can read.
    pub fn give_credential(&self, name: &str, secret: &str) {
        assert!(self.unit.all("LoadCredential").contains(&name), "{name}");
        let folder = self.path(&credentials());
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join(name);
        fs::write(&file, secret).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o400)).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o500)).unwrap();
        if is_root() {
            let mut command = Command::new("chown");
            command.args(["--recursive", &self.user()]).arg(&folder);
            assert!(command.status().unwrap().success());
        }
    }

    /// Starts the service; `before` are words ahead of the unit's command, run outside of the machine's folder.
    pub fn start(&self, before: &[&str]) -> Program {
        let mut command = Command::new("unshare");
        command.args(["--mount", "--net"]);
        if !is_root() {
            command.args(["--user", "--map-root-user"]);
        }
        let state = format!("var/lib/{}", self.unit.one("StateDirectory"));
        command
            .args(["sh", "-euc", BEGIN, "begin"])
            .arg(self.root.path())
            .args([env!("CARGO_BIN_EXE_enroll-server"), &state])
            .arg(self.unit.one("UMask"))
            .args(["env", "--ignore-environment"]);
        for (name, value) in self.environment() {
            command.arg(format!("{name}={value}"));
        }
        command
            .args(before)
            .args(["/usr/bin/setpriv", "--no-new-privs", "/usr/sbin/chroot"]);
        if is_root() {
            command.args([&format!("--userspec={}", self.user()), "--groups="]);
        }
        command
            .arg(self.root.path())
            .args(self.unit.one("ExecStart").split_whitespace());
        Program::start(command)
    }

    /// Asks a server on the machine, whose process has this number.
    pub fn curl(&self, server: u32, arguments: &[&str]) -> Output {
        let mut command = Command::new("nsenter");
        command.arg(format!("--net=/proc/{server}/ns/net"));
        if !is_root() {
            command.arg(format!("--user=/proc/{server}/ns/user"));
        }
        let output = command
            .args(["curl", "--silent", "--show-error", "--fail"])
            .args(arguments)
            .output();
        output.unwrap()
    }
}

/// Where systemd puts the service's credentials.
fn credentials() -> String {
    format!("/run/credentials/{SERVICE}")
}

/// Whether root runs the tests.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Every file and folder beneath a folder, that one too.
pub fn all_beneath(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![folder.to_owned()];
    if folder.is_dir() && !folder.is_symlink() {
        for entry in fs::read_dir(folder).unwrap() {
            found.extend(all_beneath(&entry.unwrap().path()));
        }
    }
    found
}
