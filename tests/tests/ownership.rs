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
    let copies = machine
        .shell(&format!(
            "{AS_SERVICE}
             mkdir -m 700 \"$DISK/of-root\"
             (umask 077; echo secret > \"$DISK/of-root/file\")
             as_service ln -s \"$DISK/of-root/file\" tapcard/authority/file
             as_service ln -s \"$DISK/of-root\" tapcard/folder
             enroll-server backup --with-secrets backups/one >&2
             as_service cat backups/one/authority/root.pem >&2
             systemctl stop enroll-server
             enroll-server restore --force backups/one >&2
             for copy in backups/one tapcard; do
                 for path in authority/file folder/file folder; do
                     stat -c '%u %a' $copy/$path
                     ! as_service ls $copy/folder || exit 1
                     ! as_service cat $copy/$path || exit 1
                 done
             done
             as_service cat tapcard/authority/root.pem >&2"
        ))
        .succeed()?
        .text();
    assert_eq!(copies, "0 600\n0 600\n0 700\n".repeat(2));
    Ok(())
}
