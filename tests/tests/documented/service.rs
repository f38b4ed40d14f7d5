//! docs/enroll-server.md: the server as a service, installed without a package. There is no service manager: what is
//! installed goes beneath a folder, and `systemctl` knows what is there.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use rig::folder::Folder;
use rig::portal::ADMINISTRATOR;
use rig::recipe::Step;
use rig::server::Server;
use rig::shell::typed;
use rig::stage::Office;
use rig::{Result, unexpected};

/// Root's commands, beneath the folder that is the machine.
const SUDO: &str = r#"#!/bin/bash
case $1 in
install) set -- "${@:1:$#-1}" "$ROOT${!#}" ;;
systemd-*) set -- "$1" --root="$ROOT" "${@:2}" ;;
systemctl) for unit; do
        case $unit in *tapcard*)
            file=$ROOT/usr/lib/systemd/system/$unit
            test -f "$file" || test -f "$file.service" || { echo "no unit $unit" >&2; exit 1; }
        esac
    done
    exit ;;
esac
"$@" || { test -z "$TRULY_ROOT" && test "$1" = systemd-tmpfiles; }
"#;

/// The files of the machine, their modes, and for those of one line what they say.
const FILES: [(&str, u32, Option<&str>); 8] = [
    ("usr/bin/enroll-server", 0o755, None),
    (
        "usr/lib/systemd/system/tapcard-enroll-server.service",
        0o644,
        None,
    ),
    (
        "usr/lib/systemd/system/tapcard-enroll-server.socket",
        0o644,
        None,
    ),
    ("etc/tapcard/enroll-server.conf", 0o644, None),
    ("var/lib/tapcard", 0o700, None),
    ("etc/credstore", 0o700, None),
    (
        "etc/credstore/tapcard.database",
        0o600,
        Some("postgres://tapcard:PASSWORD@db.example.org/tapcard\n"),
    ),
    ("etc/credstore/tapcard.ca-passphrase", 0o600, None),
];

fn doing(error: std::io::Error) -> rig::Error {
    unexpected(error.to_string())
}

#[test]
fn a_service_is_installed_without_a_package() -> Result {
    let folder = &Folder::for_test()?;
    let root = folder.subfolder("root")?;
    for place in ["usr/bin", "usr/lib/systemd/system", "etc", "var/lib"] {
        folder.subfolder(&format!("root/{place}"))?;
    }
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let built = folder.binaries().enroll_server()?;
    folder.subfolder("checkout/target/release")?;
    symlink(built, folder.join("checkout/target/release/enroll-server")).map_err(doing)?;
    symlink(
        checkout.join("packaging"),
        folder.join("checkout/packaging"),
    )
    .map_err(doing)?;

    let install = Step::of(
        "docs/enroll-server.md",
        "As a service (systemd)",
        "target/release/enroll-server",
    )?;
    let secrets = Step::of(
        "docs/enroll-server.md",
        "As a service (systemd)",
        "/etc/credstore/tapcard.ca-passphrase",
    )?;
    let sockets = Step::of(
        "docs/enroll-server.md",
        "As a service (systemd)",
        "tapcard-enroll-server.socket",
    )?;
    let script = [install.script, secrets.script, sockets.script].concat();
    let typed = typed(folder, &script)?;
    folder.write_script("shell/sudo", SUDO)?;
    typed
        .env("ROOT", &root)
        .current_dir(folder.join("checkout"))
        .succeed()?;

    for (file, mode, says) in FILES {
        let path = root.join(file);
        let found = fs::metadata(&path).map_err(doing)?;
        assert_eq!(found.permissions().mode() & 0o777, mode, "{file}");
        if let Some(says) = says {
            assert_eq!(fs::read_to_string(&path).map_err(doing)?, says);
        }
    }
    let passphrase = fs::read_to_string(root.join("etc/credstore/tapcard.ca-passphrase"));
    assert_eq!(passphrase.map_err(doing)?.len(), 33);
    let users = fs::read_to_string(root.join("etc/passwd")).map_err(doing)?;
    assert!(
        users.contains("\ntapcard:") || users.starts_with("tapcard:"),
        "{users}"
    );
    Ok(())
}

#[test]
fn an_operator_uses_the_settings_of_the_service() -> Result {
    let folder = &Folder::for_test()?;
    let _office = Office::open(folder)?;
    let data = Server::data(folder);
    let settings = format!("TAPCARD_DATA={}\n", data.display());
    let settings = folder.write("enroll-server.conf", settings)?;
    let database = format!("sqlite:{}\n", data.join("enroll-server.db").display());
    let database = folder.write("tapcard.database", database)?;
    let list = Step::of(
        "docs/enroll-server.md",
        "As a service (systemd)",
        "administrator list",
    )?;
    let list = list.with(&[
        (
            "/etc/tapcard/enroll-server.conf",
            &settings.display().to_string(),
        ),
        (
            "/etc/credstore/tapcard.database",
            &database.display().to_string(),
        ),
    ]);
    let said = typed(folder, &list.script)?.succeed()?.text();
    assert_eq!(said.matches(ADMINISTRATOR).count(), 2, "{said}");
    Ok(())
}
