//! What root does in a service's folder does not keep the service from it.

use rig::Result;
use rig::folder::Folder;
use rig::machine::Machine;
use rig::portal::{PASSWORD, Portal};
use rig::postgres::is_root;

/// Names what is not of the folder's owner.
const OTHERS: &str = "owner=$(stat -c %u:%g \"$HOME_OF_SERVICE\")
    find \"$HOME_OF_SERVICE\" | while read -r path; do
        test \"$(stat -c %u:%g \"$path\")\" = \"$owner\" || echo \"$path\"
    done";

/// Runs a command as the service's user, who cannot look into the folders around their own.
const AS_SERVICE: &str = "cd \"$HOME_OF_SERVICE\"
    as_service() { setpriv --reuid=4711 --regid=4712 --clear-groups \"$@\"; }\n";

/// A machine with a service that is set up in a folder of its user's.
fn start(folder: &Folder) -> Result<Machine<'_>> {
    let mut machine = Machine::start(folder, "64m")?;
    let password = folder.write("password.txt", format!("{PASSWORD}\n"))?;
    machine.set("PASSWORD_FILE", &password.display().to_string());
    let home = format!("{}/home", machine.variable("DISK")?);
    machine.set("TAPCARD_DATA", &format!("{home}/tapcard"));
    machine.set("HOME_OF_SERVICE", &home);
    // Without root there is one user alone, and then it is true as well.
    machine
        .shell("mkdir -m 700 \"$HOME_OF_SERVICE\"; chown 4711:4712 \"$HOME_OF_SERVICE\" || true")
        .succeed()?;
    let server = machine.start_service()?;
    Portal::set_up(&server)?;
    machine.wait_for_lists()?;
    Ok(machine)
}

#[test]
fn what_root_makes_is_of_the_folders_owner() -> Result {
    let folder = Folder::for_test()?;
    let machine = start(&folder)?;
    machine
        .shell(
            "enroll-server administrator add kim@example.test --name Kim < \"$PASSWORD_FILE\"\n\
             enroll-server backup --with-secrets \"$HOME_OF_SERVICE/backups/one\"\n\
             enroll-server backup --with-secrets \"$DISK/of-root/two\"\n\
             systemctl stop enroll-server\n\
             ln -s /nowhere/root.key \"$TAPCARD_DATA/authority/offline.key\"\n\
             chown -h --reference=\"$HOME_OF_SERVICE\" \"$TAPCARD_DATA/authority/offline.key\"\n\
             enroll-server restore --force \"$HOME_OF_SERVICE/backups/one\"\n\
             enroll-server restore --force \"$DISK/of-root/two\"\n\
             enroll-server reconcile\n\
             enroll-server administrator list\n\
             enroll-server audit verify",
        )
        .succeed()?;
    machine.start_service()?;
    machine.wait_for_lists()?;
    let others = machine.shell(OTHERS).succeed()?.text();
    assert_eq!(others, "");
    Ok(())
}

#[test]
fn a_link_gives_a_folders_owner_nothing_that_only_root_can_read() -> Result {
    let folder = Folder::for_test()?;
    if !is_root() {
        return Ok(());
    }
    let machine = start(&folder)?;
    machine
        .shell(&format!(
            "{AS_SERVICE}
             mkdir -m 700 \"$DISK/of-root\"
             (umask 077; echo secret > \"$DISK/of-root/file\")
             as_service ln -s \"$DISK/of-root/file\" tapcard/authority/file
             as_service ln -s \"$DISK/of-root\" tapcard/folder
             enroll-server backup --with-secrets backups/one
             enroll-server backup --with-secrets \"$DISK/of-root/two\"
             cp -r \"$DISK/of-root/two\" backups/three
             chown -R 4711:4712 backups/three
             as_service ln -s \"$DISK/of-root/file\" backups/three/tls/file
             systemctl stop enroll-server
             for backup in backups/one \"$DISK/of-root/two\" backups/three; do
                 enroll-server restore --force $backup
                 as_service cat tapcard/authority/root.pem
             done
             for copy in backups/one \"$DISK/of-root/two\" backups/three tapcard; do
                 test -e $copy/authority/root.pem
                 test ! -e $copy/authority/file -a ! -e $copy/folder
                 ! grep -r secret $copy/authority $copy/tls
             done"
        ))
        .succeed()?
        .saying(&[
            "not copied:",
            "authority/file is a link that leads nowhere",
            "folder is a link that leads nowhere",
            "tls/file is a link that leads nowhere",
        ])?;
    Ok(())
}

/// What a folder's owner may leave for whoever works in it next, and what root then runs. Each begins with a service that
/// is set up and stopped, and a backup in `backups/one`.
const TRAPS: [(&str, &str, &str); 9] = [
    (
        "a list of renames that leads elsewhere",
        "mkdir -p tapcard/restore.ready/new
         printf '%s\\0%s\\0' \"$DISK/of-root/file\" \"$HOME_OF_SERVICE/tapcard/taken\" > tapcard/restore.ready/renames",
        "which no restore moves: nothing was moved",
    ),
    (
        "a list of renames that leads elsewhere by turns",
        "mkdir -p tapcard/restore.ready/new; touch tapcard/restore.ready/new/put
         printf '%s\\0%s\\0' \"$HOME_OF_SERVICE/tapcard/restore.ready/new/put\" \"$HOME_OF_SERVICE/tapcard/../../of-root/put\" \\
            > tapcard/restore.ready/renames",
        "which no restore moves: nothing was moved",
    ),
    (
        "a list of renames over a link",
        "mkdir -p tapcard/restore.ready; ln -s \"$DISK/of-root\" tapcard/restore.ready/new
         printf '%s\\0%s\\0' \"$HOME_OF_SERVICE/tapcard/restore.ready/new/file\" \"$HOME_OF_SERVICE/tapcard/taken\" \\
            > tapcard/restore.ready/renames",
        "",
    ),
    (
        "the folder of a restore that leads elsewhere",
        "ln -s \"$DISK/of-root\" tapcard/restore.part; ln -s \"$DISK/of-root\" tapcard/restore.ready",
        "",
    ),
    (
        "what SQLite keeps beside a database, elsewhere",
        "rm -f tapcard/enroll-server.db-*
         ln -s \"$DISK/of-root/empty\" tapcard/enroll-server.db-wal
         ln -s \"$DISK/of-root/file\" tapcard/enroll-server.db-shm",
        "",
    ),
    (
        "a database that is elsewhere",
        "rm -f tapcard/enroll-server.db*; ln -s \"$DISK/of-root/empty\" tapcard/enroll-server.db",
        "",
    ),
    (
        "folders that are elsewhere",
        "mv tapcard/tls tls; mv tapcard/authority authority
         for name in tls tls.new authority authority.new; do ln -s \"$DISK/of-root\" tapcard/$name; done",
        "",
    ),
    (
        "a data folder that is elsewhere",
        "mv tapcard moved; ln -s \"$DISK/of-root\" tapcard",
        "belongs to root, and what user 4711 can change is worked on as user 4711",
    ),
    (
        "a backup that is elsewhere",
        "mv backups/one moved; ln -s \"$DISK/of-root\" backups/one; ln -s \"$DISK/of-root\" backups/two.part",
        "",
    ),
];

#[test]
fn nothing_in_a_services_folder_leads_root_elsewhere() -> Result {
    let folder = Folder::for_test()?;
    if !is_root() {
        return Ok(());
    }
    let machine = start(&folder)?;
    machine
        .shell(
            "enroll-server backup --with-secrets \"$HOME_OF_SERVICE/backups/one\"
             systemctl stop enroll-server
             mkdir \"$DISK/of-root\"
             echo of root > \"$DISK/of-root/file\"; : > \"$DISK/of-root/empty\"
             cp -a \"$HOME_OF_SERVICE\" \"$DISK/before\"",
        )
        .succeed()?;
    let of_root = || -> Result<String> {
        let listing = "cd \"$DISK/of-root\"; find . -exec stat -c '%n %u %a %s %Y' {} +; cat *";
        Ok(machine.shell(listing).succeed()?.text())
    };
    let before = of_root()?;
    for (trap, script, said) in TRAPS {
        let script = folder.write("trap.sh", script)?;
        let mut output = String::new();
        for command in [
            "enroll-server audit verify",
            "enroll-server administrator list",
            "enroll-server administrator unlock nobody@example.test",
            "enroll-server reconcile",
            "enroll-server restore --force \"$HOME_OF_SERVICE/backups/one\"",
            "enroll-server restore --force \"$DISK/before/backups/one\"",
            "enroll-server backup \"$HOME_OF_SERVICE/backups/two\"",
            "systemctl start enroll-server",
        ] {
            // Some of it is refused, some is not: what counts is what is root's.
            let ran = machine
                .shell(&format!(
                    "rm -rf \"$HOME_OF_SERVICE\"; cp -a \"$DISK/before\" \"$HOME_OF_SERVICE\"
                     {AS_SERVICE}
                     as_service sh -e < '{}'
                     {command} || true
                     systemctl stop enroll-server",
                    script.display()
                ))
                .succeed()?;
            output.push_str(&ran.all_text());
            assert_eq!(of_root()?, before, "{trap}: {command}: {output}");
        }
        assert!(output.contains(said), "{trap}: {output}");
        assert!(!output.contains("of root"), "{trap}: {output}");
    }
    Ok(())
}
