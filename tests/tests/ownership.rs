//! What root does in a service's folder does not keep the service from it.

use rig::Result;
use rig::folder::Folder;
use rig::machine::Machine;
use rig::portal::{PASSWORD, Portal};

/// Names what is not of the folder's owner.
const OTHERS: &str = "owner=$(stat -c %u:%g \"$HOME_OF_SERVICE\")
    find \"$HOME_OF_SERVICE\" | while read -r path; do
        test \"$(stat -c %u:%g \"$path\")\" = \"$owner\" || echo \"$path\"
    done";

#[test]
fn what_root_makes_is_of_the_folders_owner() -> Result {
    let folder = Folder::for_test()?;
    let mut machine = Machine::start(&folder, "64m")?;
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
    machine
        .shell(
            "enroll-server administrator add kim@example.test --name Kim < \"$PASSWORD_FILE\"\n\
             enroll-server backup --with-secrets \"$HOME_OF_SERVICE/backups/one\"\n\
             systemctl stop enroll-server\n\
             ln -s /nowhere/root.key \"$TAPCARD_DATA/authority/offline.key\"\n\
             chown -h --reference=\"$HOME_OF_SERVICE\" \"$TAPCARD_DATA/authority/offline.key\"\n\
             enroll-server restore --force \"$HOME_OF_SERVICE/backups/one\"\n\
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
