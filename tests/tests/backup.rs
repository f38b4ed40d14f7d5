//! Backup and restore where something is in the way: lost files, full disks, folders in each other, a kill.

use rig::Result;
use rig::folder::Folder;
use rig::machine::Machine;
use rig::portal::{ADMINISTRATOR, PASSWORD, Portal};
use rig::postgres::PostgresCluster;

/// The content of all files of the data folder, without locks and what SQLite makes when it opens a database.
const SUM: &str = "(cd \"$TAPCARD_DATA\" && find . -type f ! -name '*lock' ! -name '*-shm' ! -name '*-wal' \
    | sort | xargs sha256sum | sha256sum)";

/// A machine with a server that has been set up, has published its lists, and is stopped; `$BACKUP` is a backup.
fn stopped<'f>(folder: &'f Folder, disk: &str) -> Result<Machine<'f>> {
    let mut machine = Machine::start(folder, disk)?;
    let backup = folder.join("backup").display().to_string();
    machine.set("BACKUP", &backup);
    let server = machine.start_service()?;
    Portal::set_up(&server)?;
    machine.wait_for_lists()?;
    machine
        .shell("enroll-server backup \"$BACKUP\"; systemctl stop enroll-server")
        .succeed()?;
    Ok(machine)
}

fn sum(machine: &Machine<'_>) -> Result<String> {
    Ok(machine.shell(SUM).succeed()?.text())
}

#[test]
fn lost_and_damaged_keys_come_back_and_newer_lists_stay() -> Result {
    let folder = Folder::for_test()?;
    let machine = stopped(&folder, "24m")?;
    // The root's key is empty, the issuing authority's gone, its list damaged; the root's list is newer than the backup's,
    // which is of the time before there was one.
    machine
        .shell(
            "rm \"$BACKUP\"/authority/*.crl; cd \"$TAPCARD_DATA/authority\"; rm issuing.key; : > root.key; echo rubbish > chain.pem\n\
             for list in *.crl; do openssl crl -inform DER -in $list -noout -issuer | grep -q Issuing && echo x > $list; done; true",
        )
        .succeed()?;
    machine
        .shell("enroll-server restore --force \"$BACKUP\"")
        .succeed()?
        .saying(&[
            "restored authority/issuing.key, which was missing",
            "restored authority/root.key, which was damaged",
            "restored authority/chain.pem, which was damaged",
            ".crl: it is revocation list 1, the backup has none",
            // What it undoes, and what to do.
            "The backup is of 20",
            "enroll-server reconcile --crl FILE-OR-URL",
            "the server does not start before",
        ])?;
    machine
        .shell(
            "cd \"$TAPCARD_DATA/authority\"; for name in *.key *.pem; do cmp $name \"$BACKUP/authority/$name\"; done\n\
             test $(ls *.crl | wc -l) = 1; enroll-server reconcile; systemctl start enroll-server",
        )
        .succeed()?;
    Ok(())
}

#[test]
fn a_backup_and_its_data_are_apart_by_their_real_paths() -> Result {
    let folder = Folder::for_test()?;
    let machine = stopped(&folder, "24m")?;
    let before = sum(&machine)?;
    machine
        .shell("ln -s \"$TAPCARD_DATA\" \"$DISK/link\"; cp -r \"$BACKUP\" \"$DISK/outer\"")
        .succeed()?;
    for within in [
        "backup \"$TAPCARD_DATA/backups/one\"",
        "backup \"$DISK/link/one\"",
        "restore --force \"$TAPCARD_DATA\"",
        "restore --force \"$DISK/link\"",
        "restore --data \"$DISK/outer/data\" \"$DISK/outer\"",
        "restore --force --database \"sqlite:$DISK/outer/enroll-server.db\" \"$DISK/outer\"",
    ] {
        let refused = machine.shell(&format!("enroll-server {within}")).fail()?;
        refused.saying(&["lies in"])?;
    }
    machine
        .shell("cp -r \"$BACKUP\" \"$TAPCARD_DATA/inner\"")
        .succeed()?;
    machine
        .shell("enroll-server restore --force \"$TAPCARD_DATA/inner\"")
        .fail()?
        .saying(&["lies in"])?;
    machine.shell("rm -r \"$TAPCARD_DATA/inner\"").succeed()?;
    assert_eq!(sum(&machine)?, before);
    // The database by its real path, the folder by another one, with a server that keeps files beside the database.
    machine.shell("systemctl start enroll-server").succeed()?;
    machine
        .shell(
            "database=\"sqlite:$TAPCARD_DATA/enroll-server.db\"\n\
             TAPCARD_DATA=\"$DISK/link\" enroll-server backup --database \"$database\" \"$DISK/other\"\n\
             ls \"$DISK/other\"",
        )
        .succeed()?
        .saying(&["authority\nenroll-server.db\nmade.txt\ntls\n"])?;
    Ok(())
}

#[test]
fn a_disk_that_is_full_leaves_all_as_it_was() -> Result {
    let folder = Folder::for_test()?;
    let machine = stopped(&folder, "8m")?;
    let before = sum(&machine)?;
    let listing = || -> Result<String> {
        Ok(machine
            .shell("ls \"$DISK\" \"$TAPCARD_DATA\" | grep -v -e '-shm$' -e '-wal$'")
            .succeed()?
            .text())
    };
    machine.fill_disk()?;
    let there = listing()?;
    // With 408 kB the folder is copied and a part of the database.
    for kilobytes in [0, 100, 404] {
        machine
            .shell(&format!(
                "dd if=/dev/zero of=\"$DISK/filler\" bs=4096 conv=notrunc oflag=append 2>/dev/null || true\n\
                 truncate -s -{kilobytes}k \"$DISK/filler\""
            ))
            .succeed()?;
        for command in ["restore --force \"$BACKUP\"", "backup \"$DISK/backup\""] {
            machine
                .shell(&format!("enroll-server {command}"))
                .fail()?
                .saying(&["there is no space", "kB are needed", "kB are free"])?;
            assert_eq!(listing()?, there, "{command}, {kilobytes} kB");
        }
        assert_eq!(sum(&machine)?, before, "{kilobytes} kB");
    }
    // Nothing else that works on the data leaves something half.
    machine
        .shell(
            "dd if=/dev/zero of=\"$DISK/filler\" bs=4096 conv=notrunc oflag=append 2>/dev/null || true\n\
             enroll-server reconcile",
        )
        .fail()?
        .saying(&["full"])?;
    machine
        .shell("rm \"$DISK/filler\"; enroll-server audit verify; systemctl start enroll-server")
        .succeed()?;
    Ok(())
}

#[test]
fn what_comes_and_goes_while_a_backup_runs_does_not_end_it() -> Result {
    let folder = Folder::for_test()?;
    let machine = stopped(&folder, "24m")?;
    // As the server replaces its certificate and keeps its lists, and with the root's key offline.
    machine
        .shell(
            "mv \"$TAPCARD_DATA/authority/root.key\" \"$DISK/root.key\"\n\
             ln -s /mnt/usb/root.key \"$TAPCARD_DATA/authority/root.key\"\n\
             systemctl start enroll-server\n\
             cat > \"$MACHINE/replace\" <<'END'\n\
             cd \"$TAPCARD_DATA\"\n\
             list=$(ls authority/*.crl | head -n 1)\n\
             while [ ! -e \"$MACHINE/enough\" ]; do\n\
             cp -r tls tls.new; mv tls tls.old; mv tls.new tls; rm -r tls.old\n\
             cp $list $list.new; mv $list.new $list\n\
             done\n\
             END\n\
             setsid sh -e \"$MACHINE/replace\" >\"$MACHINE/replace.log\" 2>&1 </dev/null & echo $! >\"$MACHINE/replace.pid\"",
        )
        .succeed()?;
    for number in 0..8 {
        machine
            .shell(&format!(
                "enroll-server backup \"$DISK/{number}\"; ls -R \"$DISK/{number}\" | grep -E '\\.new|\\.old' && exit 1\n\
                 cd \"$DISK/{number}\"; test ! -e authority/root.key; test -s tls/server.key -a -s tls/server.pem"
            ))
            .succeed()?
            .saying(&["authority/root.key is a link that leads nowhere"])?;
    }
    machine
        .shell(
            "test ! -s \"$MACHINE/replace.log\"; touch \"$MACHINE/enough\"\n\
             while kill -0 $(cat \"$MACHINE/replace.pid\") 2>/dev/null; do sleep 0.05; done\n\
             systemctl stop enroll-server; enroll-server restore --force \"$DISK/0\"",
        )
        .succeed()?
        .saying(&["kept authority/root.key: the backup does not have it"])?;
    machine
        .shell("test -h \"$TAPCARD_DATA/authority/root.key\"")
        .succeed()?;
    // The key is somewhere else than the link says: it comes from where it is kept. The passphrase is missed at the start.
    machine
        .shell("mv \"$TAPCARD_DATA/secrets/passphrase\" \"$DISK\"")
        .succeed()?;
    for link in ["", "ln -s /nowhere \"$TAPCARD_DATA/secrets/passphrase\"\n"] {
        machine
            .shell(&format!("{link}systemctl start enroll-server"))
            .fail()?
            .saying(&["the passphrase is not there", "TAPCARD_CA_PASSPHRASE"])?;
    }
    Ok(())
}

#[test]
fn a_restore_that_is_killed_leaves_the_old_data_or_the_new() -> Result {
    let folder = Folder::for_test()?;
    let machine = stopped(&folder, "64m")?;
    machine
        .shell("touch \"$TAPCARD_DATA/tls/old\"; cp -r \"$TAPCARD_DATA\" \"$DISK/old\"")
        .succeed()?;
    let old = sum(&machine)?;
    machine
        .shell("enroll-server restore --force \"$BACKUP\"")
        .succeed()?;
    let new = sum(&machine)?;
    let mut seen = Vec::new();
    // It is killed at one rename after the other, until it comes to its end.
    for number in 1.. {
        let killed = machine
            .shell(&format!(
                "rm -rf \"$TAPCARD_DATA\"*; cp -r \"$DISK/old\" \"$TAPCARD_DATA\"\n\
                 strace -f -qq -o /dev/null -e trace=rename -e inject=rename:signal=KILL:when={number} \
                 enroll-server restore --force \"$BACKUP\""
            ))
            .run()?;
        if killed.status.success() {
            assert_eq!(sum(&machine)?, new);
            break;
        }
        let is_in_place = machine
            .shell("test ! -e \"$TAPCARD_DATA/restore.ready\"")
            .run()?;
        if !is_in_place.status.success() {
            // Whoever does not complete it does not work on it.
            for command in [
                "backup \"$DISK/another\"",
                "audit verify",
                "administrator list",
            ] {
                let refused = machine.shell(&format!("enroll-server {command}")).fail()?;
                refused.saying(&["was interrupted"])?;
            }
        }
        // Without --force: it ends what was interrupted, and then says that there is data.
        machine
            .shell("enroll-server restore \"$BACKUP\"")
            .fail()?
            .saying(&["an earlier restore was interrupted", "has data in it"])?;
        let found = sum(&machine)?;
        assert!([&old, &new].contains(&&found), "at rename {number}");
        seen.push(found == new);
    }
    assert!(seen.contains(&true) && seen.contains(&false), "{seen:?}");
    // The server completes it as well.
    machine
        .shell(&format!(
            "rm -rf \"$TAPCARD_DATA\"*; cp -r \"$DISK/old\" \"$TAPCARD_DATA\"\n\
             ! strace -f -qq -o /dev/null -e trace=rename -e inject=rename:signal=KILL:when={} \
             enroll-server restore --force \"$BACKUP\"\n\
             enroll-server reconcile; systemctl start enroll-server; test ! -e \"$TAPCARD_DATA/tls/old\"",
            seen.len()
        ))
        .succeed()?
        .saying(&["that is completed now"])?;
    Ok(())
}

#[test]
fn with_postgresql_the_folder_is_backed_up_and_the_database_left_to_its_programs() -> Result {
    let folder = Folder::for_test()?;
    let cluster = PostgresCluster::start(&folder)?;
    let mut machine = Machine::start(&folder, "24m")?;
    machine.set("TAPCARD_DATABASE", &cluster.url());
    let backup = folder.join("backup").display().to_string();
    machine.set("BACKUP", &backup);
    let server = machine.start_service()?;
    Portal::set_up(&server)?;
    machine
        .shell(
            "enroll-server backup \"$BACKUP\"\n\
             pg_dump --format=custom --file=\"$BACKUP/database.dump\" \"$TAPCARD_DATABASE\"",
        )
        .succeed()?
        .saying(&[
            "now run pg_dump --format=custom",
            "The backup is complete when pg_dump has run",
        ])?;
    // A backup of the other kind is not half restored.
    machine
        .shell(
            "systemctl stop enroll-server; touch \"$BACKUP/enroll-server.db\"\n\
             enroll-server restore --force \"$BACKUP\"",
        )
        .fail()?
        .saying(&["has a SQLite database in it"])?;
    machine
        .shell(
            "rm \"$BACKUP/enroll-server.db\" \"$TAPCARD_DATA/authority/issuing.key\"\n\
             enroll-server restore --force \"$BACKUP\"\n\
             psql \"$TAPCARD_DATABASE\" -c 'DROP SCHEMA public CASCADE; CREATE SCHEMA public'\n\
             pg_restore --exit-on-error --single-transaction --dbname=\"$TAPCARD_DATABASE\" \"$BACKUP/database.dump\"\n\
             test ! -e \"$TAPCARD_DATA/database.dump\"; enroll-server reconcile || true",
        )
        .succeed()?
        .saying(&[
            "restored authority/issuing.key, which was missing",
            "now run psql DATABASE-URL -c 'DROP SCHEMA public CASCADE; CREATE SCHEMA public' && pg_restore",
            "The backup is of 20",
        ])?;
    let server = machine.start_service()?;
    Portal::sign_in(&server, ADMINISTRATOR, PASSWORD).map(drop)
}
