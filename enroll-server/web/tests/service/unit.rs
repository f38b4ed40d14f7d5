//! The unit as systemd's own tools judge it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use crate::packaging::{self, SERVICE};

/// The most that `systemd-analyze security` may find open, in tenths.
const EXPOSURE: &str = "15";

fn run(program: &str, arguments: &[&str]) -> Output {
    let output = Command::new(program).args(arguments).output();
    output.unwrap_or_else(|error| panic!("{program}: {error}"))
}

fn all_text(output: &Output) -> String {
    let (out, error) = (&output.stdout, &output.stderr);
    format!(
        "{}{}",
        String::from_utf8_lossy(out),
        String::from_utf8_lossy(error)
    )
}

/// A folder with what the package installs, and the program.
fn installed() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    packaging::install(root.path());
    let bin = root.path().join("usr/bin");
    fs::create_dir_all(&bin).unwrap();
    std::os::unix::fs::symlink("usr/bin", root.path().join("bin")).unwrap();
    for name in ["enroll-server", "sh"] {
        let program = bin.join(name);
        fs::write(&program, "").unwrap();
        fs::set_permissions(program, fs::Permissions::from_mode(0o755)).unwrap();
    }
    root
}

/// What systemd has against a unit beneath a folder, with the status that says so.
fn faults(root: &Path, unit: &str) -> (bool, String) {
    let beneath = format!("--root={}", root.display());
    let path = root.join("usr/lib/systemd/system").join(unit);
    let output = run(
        "systemd-analyze",
        &[
            "verify",
            "--man=no",
            "--recursive-errors=no",
            &beneath,
            path.to_str().unwrap(),
        ],
    );
    (output.status.success(), all_text(&output))
}

#[test]
fn the_unit_leaves_little_open() {
    let unit = packaging::source(SERVICE);
    let threshold = format!("--threshold={EXPOSURE}");
    let output = run(
        "systemd-analyze",
        &[
            "security",
            "--offline=yes",
            "--no-pager",
            &threshold,
            unit.to_str().unwrap(),
        ],
    );
    let text = all_text(&output);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("Overall exposure level"), "{text}");
}

#[test]
fn systemd_has_nothing_against_the_units() {
    let root = installed();
    let units = root.path().join("usr/lib/systemd/system");
    for unit in fs::read_dir(&units).unwrap() {
        let name = unit.unwrap().file_name().into_string().unwrap();
        assert_eq!(faults(root.path(), &name), (true, String::new()), "{name}");
    }
    // It would say so.
    let wrong = packaging::text(SERVICE).replace("[Install]", "ProtectEverything=yes\n[Install]");
    fs::write(units.join(SERVICE), wrong).unwrap();
    let (is_good, text) = faults(root.path(), SERVICE);
    assert!(!is_good && text.contains("ProtectEverything"), "{text}");
}

#[test]
fn the_user_and_the_folders_are_made_as_the_unit_has_them() {
    let root = installed();
    let beneath = format!("--root={}", root.path().display());
    let file = "tapcard-enroll-server.conf";
    let output = run("systemd-sysusers", &[&beneath, file]);
    assert!(output.status.success(), "{}", all_text(&output));
    let unit = crate::unit_file::UnitFile::read(&packaging::text(SERVICE));
    let users = fs::read_to_string(root.path().join("etc/passwd")).unwrap();
    let user = format!("{}:x:", unit.one("User"));
    let line = users.lines().find(|line| line.starts_with(&user)).unwrap();
    assert!(
        line.ends_with(":/var/lib/tapcard:/usr/sbin/nologin"),
        "{line}"
    );
    let output = run("systemd-tmpfiles", &[&beneath, "--create", file]);
    let is_root = rustix::process::geteuid().is_root();
    // Only root can give a folder to another user.
    assert!(output.status.success() || !is_root, "{}", all_text(&output));
    for (folder, mode) in [
        (format!("var/lib/{}", unit.one("StateDirectory")), 0o700),
        ("etc/credstore".to_owned(), 0o700),
        ("etc/tapcard".to_owned(), 0o755),
    ] {
        let found = fs::metadata(root.path().join(&folder)).unwrap();
        assert_eq!(found.permissions().mode() & 0o7777, mode, "{folder}");
    }
}
