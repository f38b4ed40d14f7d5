//! Installing what is missing from Debian, and nothing else.

use std::fs::{self, File};
use std::io::Read as _;
use std::process::{Command, Stdio};

use crate::error::{Error, Result, doing};
use crate::pip::pip;
use crate::toolchain::runs;
use crate::workspace::root;

/// What building takes beside Rust and a C compiler.
const BUILD: &[&str] = &["libpcsclite-dev", "pkg-config"];

/// The reader, and the programs that use the card in the demo.
const DEMO: &[&str] = &[
    "ca-certificates",
    "curl",
    "libengine-pkcs11-openssl",
    "nginx-light",
    "opensc",
    "openssh-client",
    "openssh-server",
    "openssl",
    "pcscd",
    "python3",
    "vsmartcard-vpcd",
];

/// What the tests use beside that.
const TESTS: &[&str] = &[
    "age",
    "apache2-bin",
    "autoconf",
    "automake",
    "caddy",
    "chromium",
    "chromium-driver",
    "cryptsetup-bin",
    "dbus-daemon",
    "default-jdk-headless",
    "dunst",
    "eapoltest",
    "expect",
    "faketime",
    "firefox-esr",
    "git",
    "gnutls-bin",
    "hostapd",
    "iproute2",
    "jq",
    "krb5-admin-server",
    "krb5-kdc",
    "krb5-pkinit",
    "krb5-user",
    "libcharon-extra-plugins",
    "libnginx-mod-stream",
    "libnss-wrapper",
    "libnss3-tools",
    "libpam-p11",
    "libpam-pkcs11",
    "libpam-wrapper",
    "libssl-dev",
    "libstrongswan-extra-plugins",
    "libstrongswan-standard-plugins",
    "libtool",
    "make",
    "mmdebstrap",
    "openvpn",
    "p11-kit",
    "pamtester",
    "pgbouncer",
    "poppler-utils",
    "postgresql",
    "python3-aiosmtpd",
    "python3-click",
    "python3-cryptography",
    "python3-dateutil",
    "python3-keyring",
    "python3-pyscard",
    "sqlite3",
    "strace",
    "strongswan-charon",
    "strongswan-swanctl",
    "systemd",
    "xdotool",
    "xvfb",
    "ykcs11",
    "yubico-piv-tool",
    "yubikey-manager",
    "zlib1g-dev",
];

/// What benchmarks take beside the tests' programs.
const BENCHMARKS: &[&str] = &["git", "sqlite3", "wrk"];

/// What packages are made and tried with.
const PACKAGES: &[&str] = &[
    "binutils",
    "dpkg-dev",
    "git",
    "iproute2",
    "lintian",
    "mmdebstrap",
    "postgresql",
];

/// What Windows' programs are built, packaged and tried with.
const WINDOWS: &[&str] = &[
    "gcc-mingw-w64-x86-64-win32",
    "mmdebstrap",
    "msitools",
    "wixl",
];

/// What fuzzing takes.
const FUZZ: &[&str] = &["g++"];

/// Installs packages. Daemons that come with them are not started: this machine gets programs, not services.
/// A policy that somebody else has set is left alone.
const INSTALL: &str = r#"
if [ ! -e /usr/sbin/policy-rc.d ]; then
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    trap 'exit 130' INT TERM HUP
    printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
    chmod 755 /usr/sbin/policy-rc.d
fi
apt-get update -q
DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"
"#;

/// Installs what the demo needs; returns how many packages were missing.
pub fn ensure_for_demo() -> Result<usize> {
    ensure(&[BUILD, DEMO].concat())
}

/// Installs what the tests need; returns how many packages were missing.
pub fn ensure_for_tests() -> Result<usize> {
    let mut packages = [BUILD, DEMO, TESTS].concat();
    // Python comes from elsewhere on many developers' machines, and then brings its own pip.
    if !runs(pip().arg("--version")) {
        packages.push("python3-pip");
    }
    ensure(&packages)
}

/// Installs what benchmarks need; returns how many packages were missing.
pub fn ensure_for_benchmarks() -> Result<usize> {
    ensure(&[BUILD, DEMO, BENCHMARKS].concat())
}

/// Installs what making and trying packages needs; returns how many packages were missing.
pub fn ensure_for_packages() -> Result<usize> {
    ensure(&[BUILD, DEMO, PACKAGES].concat())
}

/// Installs what building and trying Windows' programs needs; returns how many packages were missing.
pub fn ensure_for_windows() -> Result<usize> {
    ensure(&[BUILD, DEMO, WINDOWS].concat())
}

/// Installs what fuzzing needs; returns how many packages were missing.
pub fn ensure_for_fuzzing() -> Result<usize> {
    if runs(Command::new("c++").arg("--version")) {
        return Ok(0);
    }
    ensure(FUZZ)
}

fn ensure(packages: &[&str]) -> Result<usize> {
    let missing = missing(packages)?;
    if missing.is_empty() {
        return Ok(0);
    }
    let mut command = as_root(&missing)?;
    println!("Installing from Debian: {}", missing.join(" "));
    // Not there yet where cargo was told to build elsewhere.
    let folder = root().join("target");
    fs::create_dir_all(&folder).map_err(doing(format!("make {}", folder.display())))?;
    let log_path = folder.join("apt.log");
    let log = File::create(&log_path).map_err(doing(format!("write {}", log_path.display())))?;
    let copy = log.try_clone().map_err(doing("share the log"))?;
    let status = command
        .args(["sh", "-ec", INSTALL, "sh"])
        .args(&missing)
        .stdout(log)
        .stderr(copy)
        .status()
        .map_err(doing("start apt-get"))?;
    if status.success() {
        Ok(missing.len())
    } else {
        Err(Error::Command {
            command: format!("apt-get install {}", missing.join(" ")),
            outcome: status.to_string(),
            hint: format!(
                "\n{}\nAll of it is in {}. Is this Debian 12 or newer, and can it reach its mirror?",
                end_of(&log_path),
                log_path.display()
            ),
        })
    }
}

fn missing<'a>(packages: &[&'a str]) -> Result<Vec<&'a str>> {
    let output = Command::new("dpkg-query")
        .args(["--show", "--showformat=${Package} ${db:Status-Status}\\n"])
        .args(packages)
        .stderr(Stdio::null())
        .output()
        .map_err(|_| {
            Error::Machine("this is not a Debian system (no dpkg-query): see README.md".to_owned())
        })?;
    let listed = String::from_utf8_lossy(&output.stdout);
    let is_installed = |package: &str| {
        listed
            .lines()
            .any(|line| line == format!("{package} installed"))
    };
    Ok(packages
        .iter()
        .copied()
        .filter(|package| !is_installed(package))
        .collect())
}

/// What a command begins with that has to run as root, for this user.
fn as_root(missing: &[&str]) -> Result<Command> {
    if runs(Command::new("sh").args(["-c", "test $(id -u) = 0"])) {
        return Ok(Command::new("env"));
    }
    if runs(Command::new("sudo").arg("--version")) {
        return Ok(Command::new("sudo"));
    }
    Err(Error::Machine(format!(
        "Debian packages are missing, and you are neither root nor is sudo there to install them. As root:\n  \
         apt-get install --no-install-recommends {}",
        missing.join(" ")
    )))
}

fn end_of(log: &std::path::Path) -> String {
    let mut bytes = Vec::new();
    let _ = File::open(log).and_then(|mut file| file.read_to_end(&mut bytes));
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let lines: Vec<_> = text.lines().collect();
    let skipped = lines.len().saturating_sub(15);
    lines
        .into_iter()
        .skip(skipped)
        .collect::<Vec<_>>()
        .join("\n")
}
