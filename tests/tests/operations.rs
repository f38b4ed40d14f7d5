//! The recipes of docs/operations.md, run from the very text on a machine with a real server.

use std::time::Duration;

use rig::database::{Database, Kind};
use rig::folder::Folder;
use rig::machine::Machine;
use rig::machine_postgres::{MachinePostgres, OnDisk};
use rig::openssl::{fetch, key_id, openssl};
use rig::phone::{PIN, Phone};
use rig::portal::Portal;
use rig::recipe::{Recipe, Step};
use rig::server::Announcement;
use rig::wait::wait_until;
use rig::{Result, on_both, unexpected};

on_both!(
    the_disk_is_full,
    the_database_was_restored,
    a_clock_was_wrong,
    a_disk_that_is_full_at_the_first_start_leaves_nothing_half,
    a_password_is_lost,
);

const LIMIT: Duration = Duration::from_secs(20);

/// A machine with a disk of this size, whose server works on a database of this kind.
fn machine<'f>(folder: &'f Folder, disk: &str, kind: Kind) -> Result<(Machine<'f>, Database)> {
    let database = Database::start(folder, kind)?;
    let mut machine = Machine::start(folder, disk)?;
    if let Some(url) = database.url() {
        machine.set("TAPCARD_DATABASE", &url);
    }
    Ok((machine, database))
}

/// Invites the person with this number; the link, or none where the server refuses with 503.
fn invite(portal: &Portal, number: usize) -> Result<Option<String>> {
    let page = portal.get("/invitations/new")?;
    // The database may have ended after the last one.
    if page.status == 503 && page.header("retry-after").is_some() {
        return Ok(None);
    }
    let form = page.form_with(&["name", "email", "upn", "profile"])?;
    let address = format!("person{number}@example.test");
    let values = [
        ("name", "A Person"),
        ("email", address.as_str()),
        ("upn", address.as_str()),
        ("profile", "compact"),
    ];
    let page = portal.submit(&page, form, &values)?;
    match page.status {
        503 if page.header("retry-after").is_some() => Ok(None),
        _ => match page.document().by_id("invitation-link") {
            Some(link) => Ok(Some(link)),
            None => Err(page.unlike("is neither an invitation nor a refusal for a while")),
        },
    }
}

fn the_disk_is_full(kind: Kind) -> Result {
    let folder = Folder::for_test()?;
    let mut machine = Machine::start(&folder, "96m")?;
    let _database = match kind {
        Kind::Sqlite => None,
        Kind::Postgres => Some(MachinePostgres::start(&mut machine, OnDisk::Data)?),
    };
    let server = machine.start_service()?;
    let portal = Portal::set_up(&server)?;
    let recipe = Recipe::of("docs/operations.md", "The disk is full")?;

    let mut links: Vec<String> = invite(&portal, 0)?.into_iter().collect();
    let filler = machine.fill_disk()?;
    machine.set("LARGE_FILE", &filler.display().to_string());
    // A part of the write-ahead log may be there to be written again: it is full when the first change is refused.
    while let Some(link) = invite(&portal, links.len())? {
        links.push(link);
        if links.len() > 2000 {
            return Err(unexpected("a full disk takes everything"));
        }
    }
    let health = Step::of("docs/operations.md", "The disk is full", "curl -sS \"")?;
    wait_until("health says that the disk is full", LIMIT, || {
        let outcome = machine.shell(&health.script).run()?;
        Ok(outcome.text().contains("database-writes: full"))
    })?;
    // Every write on the same connection is refused in the same way, and what needs no write goes on.
    for _ in 0..3 {
        assert!(invite(&portal, links.len())?.is_none());
    }
    let overview = portal.get_ok("/")?;
    let needs = overview.document().text;
    assert!(
        needs.contains("The database takes no changes") && needs.contains("Disk space is low"),
        "{needs}"
    );
    portal.get_ok("/api/v1/ssh/authorized-keys/person0")?;

    machine.follow(&recipe)?;

    let again = Portal::sign_in(&server, rig::portal::ADMINISTRATOR, rig::portal::PASSWORD)?;
    let next = invite(&again, links.len())?;
    links.push(next.ok_or_else(|| unexpected("no change after there was space"))?);
    // What was answered for is there, and there once.
    for link in &links {
        Portal::stranger(&server)?.get_ok(link)?;
    }
    Ok(())
}

#[test]
fn postgresql_has_no_space_for_its_log_of_changes() -> Result {
    let folder = Folder::for_test()?;
    let mut machine = Machine::start(&folder, "32m")?;
    let _database = MachinePostgres::start(&mut machine, OnDisk::Log)?;
    let server = machine.start_service()?;
    let portal = Portal::set_up(&server)?;
    let recipe = Recipe::of(
        "docs/operations.md",
        "PostgreSQL has no space for its log of changes",
    )?;

    let mut links: Vec<String> = invite(&portal, 0)?.into_iter().collect();
    // A standby that is gone holds the log, as it often is where a log fills a disk: nothing of it is written over.
    let psql = |statement: &str| format!("psql -qAtc \"{statement}\" \"$POSTGRES_URL/postgres\"");
    let held = psql("SELECT pg_create_physical_replication_slot('gone', true)");
    machine.shell(&held).succeed()?;
    let filler = machine.fill_disk()?;
    machine.set("LARGE_FILE", &filler.display().to_string());
    while postgresql_runs(&machine)? {
        if links.len() > 2000 {
            return Err(unexpected("PostgreSQL needs no log"));
        }
        links.extend(invite(&portal, links.len())?);
        // The rest of a file is left empty, so that the end does not take a thousand invitations.
        machine.shell(&psql("SELECT pg_switch_wal()")).run()?;
    }
    let health = Step::of(
        "docs/operations.md",
        "PostgreSQL has no space for its log of changes",
        "curl -sS \"",
    )?;
    wait_until("health says that it is not there", LIMIT, || {
        let outcome = machine.shell(&health.script).run()?;
        Ok(outcome.text().contains("database-writes: unreachable"))
    })?;
    // Whoever comes now is told so, and to come again.
    let page = portal.get("/")?;
    assert_eq!(page.status, 503);
    assert!(page.header("retry-after").is_some());

    machine.follow(&recipe)?;

    let again = Portal::sign_in(&server, rig::portal::ADMINISTRATOR, rig::portal::PASSWORD)?;
    let next = invite(&again, links.len())?;
    links.push(next.ok_or_else(|| unexpected("no change after there was space"))?);
    for link in &links {
        Portal::stranger(&server)?.get_ok(link)?;
    }
    Ok(())
}

/// Whether the machine's PostgreSQL runs; also while it recovers.
fn postgresql_runs(machine: &Machine<'_>) -> Result<bool> {
    let script = "systemctl is-active postgresql && echo active || true";
    Ok(machine.shell(script).succeed()?.text().contains("active"))
}

#[test]
fn backup_and_restore() -> Result {
    let folder = Folder::for_test()?;
    let mut machine = Machine::start(&folder, "64m")?;
    let server = machine.start_service()?;
    let portal = Portal::set_up(&server)?;
    let disk = machine.variable("DISK")?.to_owned();
    machine.set("BACKUP", &format!("{disk}/backup"));
    machine.set("VAULT", &disk);
    let [backup, passphrase, stop, restore, secrets, reconcile, start] =
        Recipe::of("docs/operations.md", "Backup and restore")?.blocks()?;
    let before = invite(&portal, 0)?.ok_or_else(|| unexpected("no invitation"))?;

    // A server that has published since does not start on the backup.
    machine.wait_for_lists()?;
    // While the server runs, and while it is written to.
    machine.perform(&backup)?;
    machine.perform(&passphrase)?;
    let after = invite(&portal, 1)?.ok_or_else(|| unexpected("no invitation"))?;
    let refused = |script: &str, words: &[&str]| machine.shell(script).fail()?.saying(words);
    refused("enroll-server backup \"$BACKUP\"", &["is not empty"])?;
    refused(
        "enroll-server restore --force \"$BACKUP\"",
        &["another enroll-server is at work"],
    )?;
    refused(
        "enroll-server restore --force \"$VAULT\"",
        &["is not a backup"],
    )?;
    machine
        .shell("test ! -e \"$BACKUP/secrets\" -a ! -e \"$BACKUP.part\"; stat -c %a \"$BACKUP\" \"$BACKUP/enroll-server.db\"")
        .succeed()?
        .saying(&["700\n600\n"])?;

    machine.perform(&stop)?;
    refused("enroll-server restore \"$BACKUP\"", &["--force"])?;
    let newest = machine
        .shell("for list in \"$TAPCARD_DATA\"/authority/*.crl; do openssl crl -inform DER -in \"$list\" -noout -issuer | grep -q Issuing && cp \"$list\" \"$DISK/newest.crl\"; done; ls \"$DISK/newest.crl\"")
        .succeed()?
        .text();
    machine.set("NEWEST_LIST", newest.trim());
    machine.perform(&restore)?;
    machine
        .shell("test ! -e \"$TAPCARD_DATA/enroll-server.db-wal\"")
        .succeed()?;
    machine.perform(&secrets)?;
    machine.perform(&start)?;
    let visitor = Portal::stranger(&server)?;
    visitor.get_ok(&before)?;
    assert_eq!(visitor.get(&after)?.status, 404);

    // On a new machine.
    machine.shell("systemctl stop enroll-server").succeed()?;
    machine.set("TAPCARD_DATA", &format!("{disk}/new"));
    machine
        .shell("enroll-server restore \"$BACKUP\"")
        .succeed()?
        .saying(&["The passphrase of the keys is not here", "--crl"])?;
    machine.perform(&secrets)?;
    machine.perform(&reconcile)?;
    let server = machine.start_service()?;
    Portal::stranger(&server)?.get_ok(&before)?;
    Portal::sign_in(&server, rig::portal::ADMINISTRATOR, rig::portal::PASSWORD)?;
    Ok(())
}

/// How many certificates are on the issuing authority's list.
fn revoked(folder: &Folder, server: &Announcement) -> Result<usize> {
    let id = key_id(folder, &server.root().with_file_name("issuing.pem"))?;
    let list = folder.join("issuing.crl");
    let address = format!("{}/crl/{id}/0.crl", server.relying_parties());
    fetch(folder, &address, &list)?;
    let text = openssl(folder)?
        .args(["crl", "-inform", "DER", "-noout", "-text", "-in"])
        .arg(&list)
        .succeed()?
        .text();
    Ok(text.matches("Serial Number: ").count())
}

#[test]
fn backup_and_restore_with_postgresql() -> Result {
    let folder = Folder::for_test()?;
    let (mut machine, _database) = machine(&folder, "64m", Kind::Postgres)?;
    let server = machine.start_service()?;
    let portal = Portal::set_up(&server)?;
    machine.set("BACKUP", &format!("{}/backup", machine.variable("DISK")?));
    let [backup, dump, stop, restore, load, reconcile, start] =
        Recipe::of("docs/operations.md", "Backup and restore with PostgreSQL")?.blocks()?;
    let link = invite(&portal, 0)?.ok_or_else(|| unexpected("no invitation"))?;
    Phone::at(folder.join("phone")).enroll(&folder, &link, PIN)?;
    let before = invite(&portal, 1)?.ok_or_else(|| unexpected("no invitation"))?;
    machine.wait_for_lists()?;

    machine.perform(&backup)?;
    machine.perform(&dump)?;
    let after = invite(&portal, 2)?.ok_or_else(|| unexpected("no invitation"))?;
    portal.revoke(&portal.phones()?.remove(0), "key-compromise")?;
    assert_eq!(revoked(&folder, &server)?, 4);

    machine.perform(&stop)?;
    machine.perform(&restore)?;
    machine.perform(&load)?;
    let refused = machine.shell("systemctl start enroll-server").fail()?;
    refused.saying(&["enroll-server reconcile"])?;
    machine.perform(&reconcile)?;
    machine.perform(&start)?;

    assert_eq!(revoked(&folder, &server)?, 4);
    let visitor = Portal::stranger(&server)?;
    visitor.get_ok(&before)?;
    assert_eq!(visitor.get(&after)?.status, 404);
    Ok(())
}

/// What the migrations after version 15 did on PostgreSQL, taken back.
const BACK_TO_15: &str = include_str!("../../enroll-server/web/tests/server/back_to_15.sql");

#[test]
fn a_backup_of_an_earlier_version_is_restored_with_postgresql() -> Result {
    let folder = Folder::for_test()?;
    let (mut machine, _database) = machine(&folder, "64m", Kind::Postgres)?;
    let server = machine.start_service()?;
    Portal::set_up(&server)?;
    machine.set("BACKUP", &format!("{}/backup", machine.variable("DISK")?));
    let [backup, dump, stop, restore, load, _, start] =
        Recipe::of("docs/operations.md", "Backup and restore with PostgreSQL")?.blocks()?;
    machine.perform(&stop)?;
    let earlier = format!("psql \"$TAPCARD_DATABASE\" -v ON_ERROR_STOP=1 -c \"{BACK_TO_15}\"");
    machine.shell(&earlier).succeed()?;
    machine.perform(&backup)?;
    machine.perform(&dump)?;
    // The tables are those of the later version from here on.
    machine.perform(&start)?;
    machine.perform(&stop)?;
    machine.perform(&restore)?;
    machine.perform(&load)?;
    machine.shell("enroll-server reconcile || true").succeed()?;
    machine.perform(&start)?;
    Portal::sign_in(&server, rig::portal::ADMINISTRATOR, rig::portal::PASSWORD).map(drop)
}

fn the_database_was_restored(kind: Kind) -> Result {
    let folder = Folder::for_test()?;
    let (mut machine, _database) = machine(&folder, "24m", kind)?;
    let recipe = Recipe::of("docs/operations.md", "The database was restored")?;
    machine.set(
        "LOG",
        &folder.join("enroll-server.log").display().to_string(),
    );
    let server = machine.start_service()?;
    let portal = Portal::set_up(&server)?;
    let link = invite(&portal, 0)?.ok_or_else(|| unexpected("no invitation"))?;
    Phone::at(folder.join("phone")).enroll(&folder, &link, PIN)?;
    let (save, put_back) = match kind {
        Kind::Sqlite => (
            "cp -r \"$TAPCARD_DATA\" \"$DISK/backup\"",
            "rm \"$TAPCARD_DATA\"/enroll-server.db*; cp \"$DISK\"/backup/enroll-server.db* \"$TAPCARD_DATA\"",
        ),
        Kind::Postgres => (
            "pg_dump --format=custom --file=\"$DISK/backup\" \"$TAPCARD_DATABASE\"",
            "pg_restore --clean --if-exists --dbname=\"$TAPCARD_DATABASE\" \"$DISK/backup\"",
        ),
    };
    // The backup; then the phone is revoked, and that is published.
    machine
        .shell(&format!(
            "systemctl stop enroll-server\n{save}\nsystemctl start enroll-server"
        ))
        .succeed()?;
    let portal = Portal::sign_in(&server, rig::portal::ADMINISTRATOR, rig::portal::PASSWORD)?;
    let phone = portal.phones()?.remove(0);
    portal.revoke(&phone, "key-compromise")?;
    assert_eq!(revoked(&folder, &server)?, 4);
    machine
        .shell(&format!("systemctl stop enroll-server\n{put_back}"))
        .succeed()?;
    machine.shell("systemctl start enroll-server").fail()?;

    machine.follow(&recipe)?;

    assert_eq!(revoked(&folder, &server)?, 4);
    Ok(())
}

fn a_clock_was_wrong(kind: Kind) -> Result {
    let folder = Folder::for_test()?;
    let (mut machine, _database) = machine(&folder, "24m", kind)?;
    let recipe = Recipe::of("docs/operations.md", "A clock was wrong")?;
    machine.start_service()?;
    machine.shell("systemctl stop enroll-server").succeed()?;
    // A start while the clock is two days ahead is on record.
    machine.set(
        "AHEAD",
        "env LD_PRELOAD=/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1 DONT_FAKE_MONOTONIC=1 FAKETIME=+2d",
    );
    let ahead = "cd \"$MACHINE\"; $AHEAD enroll-server serve > ahead.txt & server=$!\n\
        until grep -q ^Authority ahead.txt; do kill -0 $server; sleep 0.1; done\n\
        kill $server; wait $server";
    machine.shell(ahead).succeed()?;
    let server = machine.start_service()?;
    let log = folder.join("enroll-server.log");
    let said = || std::fs::read_to_string(&log).unwrap_or_default();
    assert!(said().contains("no certificate is issued"), "{}", said());
    // Of an earlier time that this was needed: who takes it for the new one ends the server before it is one.
    machine
        .shell("echo 'Authority: of an earlier start' > accepted.txt")
        .succeed()?;

    machine.follow(&recipe)?;

    // The server that the recipe ended may have said it until then.
    let since = || {
        let text = said();
        let (_, new) = text.rsplit_once("the server has ended").unwrap_or_default();
        new.to_owned()
    };
    // It is ready a moment before it has said so.
    wait_until("the new server listens", LIMIT, || {
        Ok(since().contains("the server listens"))
    })?;
    let new = since();
    assert!(!new.contains("no certificate is issued"), "{new}");
    Portal::stranger(&server)?.get_ok("/sign-in")?;
    Ok(())
}

fn a_disk_that_is_full_at_the_first_start_leaves_nothing_half(kind: Kind) -> Result {
    let folder = Folder::for_test()?;
    let (machine, database) = machine(&folder, "24m", kind)?;
    let empty = match database.url() {
        Some(_) => {
            "psql -qc 'DROP SCHEMA public CASCADE' -c 'CREATE SCHEMA public' \"$TAPCARD_DATABASE\""
        }
        None => "",
    };
    let mut failed = 0;
    // Without a database in the folder there is less to write.
    let sizes = match kind {
        Kind::Sqlite => [8, 64, 160, 256, 320, 384, 448, 512, 640, 1024],
        Kind::Postgres => [4, 8, 12, 16, 20, 24, 28, 32, 40, 64],
    };
    for kilobytes in sizes {
        machine
            .shell(&format!(
                "rm -rf \"$TAPCARD_DATA\"; {empty}\nhead -c 4096 /dev/zero > \"$DISK/filler\"; mount -o remount,size={kilobytes}k \"$DISK\""
            ))
            .succeed()?;
        let outcome = machine.shell("systemctl start enroll-server").run()?;
        failed += usize::from(!outcome.status.success());
        machine
            .shell("systemctl stop enroll-server; rm \"$DISK/filler\"; mount -o remount,size=24m \"$DISK\"")
            .succeed()?;
        // With space it goes on, whatever is there of the first time, and under a passphrase that opens the keys.
        let start = machine.shell("systemctl start enroll-server").run()?;
        if !start.status.success() {
            let log = std::fs::read_to_string(folder.join("enroll-server.log")).unwrap_or_default();
            return Err(unexpected(format!("no start after {kilobytes} kB: {log}")));
        }
        machine
            .shell(
                "systemctl stop enroll-server\n\
                 for key in root issuing; do openssl pkey -noout -in \"$TAPCARD_DATA/authority/$key.key\" \
                 -passin \"file:$TAPCARD_DATA/secrets/passphrase\"; done",
            )
            .succeed()?;
    }
    assert!(failed >= 3, "the disk was full for {failed} starts only");
    Ok(())
}

fn a_password_is_lost(kind: Kind) -> Result {
    const NEW: &str = "a horse that was correct before";
    let folder = Folder::for_test()?;
    let (mut machine, _database) = machine(&folder, "64m", kind)?;
    let server = machine.start_service()?;
    let before = Portal::set_up(&server)?;
    let file = folder.write("password.txt", format!("{NEW}\n"))?;
    machine.set("PASSWORD_FILE", &file.display().to_string());
    machine.set("EMAIL", rig::portal::ADMINISTRATOR);
    machine.set("OTHER_EMAIL", "robin@example.test");
    machine.set("FORMER_EMAIL", "former@example.test");
    machine
        .shell(
            "enroll-server administrator add \"$FORMER_EMAIL\" --name Former < \"$PASSWORD_FILE\"",
        )
        .succeed()?;
    let former = Portal::sign_in(&server, "former@example.test", NEW)?;

    machine.follow(&Recipe::of("docs/operations.md", "A password is lost")?)?;

    let path = before.get("/")?.path().to_owned();
    assert!(path.starts_with("/sign-in"), "{path}: the session goes on");
    let path = former.get("/")?.path().to_owned();
    assert!(path.starts_with("/sign-in"), "{path}: the session goes on");
    assert!(Portal::sign_in(&server, "former@example.test", NEW).is_err());
    assert!(Portal::sign_in(&server, rig::portal::ADMINISTRATOR, rig::portal::PASSWORD).is_err());
    for email in [rig::portal::ADMINISTRATOR, "robin@example.test"] {
        let audit = Portal::sign_in(&server, email, NEW)?.get_ok("/audit")?;
        let text = audit.document().text;
        assert!(text.contains("on the server’s machine"), "{text}");
    }
    Ok(())
}
