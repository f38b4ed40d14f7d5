//! A phone takes the place of another: which of the two opens the door when, and what is left on the old one.

use rig::Result;
use rig::phone::{PIN, Phone};
use rig::portal::Profile;
use rig::sshd::Sshd;
use rig::stage::Stage;

#[test]
fn a_phone_in_use_opens_the_door_until_the_new_one_does_and_is_emptied_then() -> Result {
    let mut stage = Stage::enrolled(Profile::Compact)?;
    let portal = &stage.office.portal;
    let folder = &stage.folder;
    let sshd = Sshd::start(folder, &stage.office.server)?;
    let old = portal.phones()?.remove(0);
    let link = portal.replace(&old, "in-use")?;
    sshd.login(folder, &stage.module, PIN)?.succeed()?;
    let said = stage.phone.check_in_program(folder)?.succeed()?.text();
    assert!(said.contains("the phone is active"), "{said}");

    let mut new = Phone::at(folder.join("new phone"));
    new.enroll(folder, &link, PIN)?;
    sshd.login(folder, &stage.module, PIN)?
        .fail()?
        .saying(&["Permission denied (publickey)"])?;
    stage.phone.take_away()?;
    stage.desk.wait_for_no_card(folder)?;
    let said = stage.phone.check_in_program(folder)?.succeed()?.text();
    assert!(said.contains("was emptied"), "{said}");
    let status = stage.phone.status(folder)?.to_string();
    assert!(!status.contains("P-256"), "{status}");
    stage.desk.hold(folder, &mut new)?;
    sshd.login(folder, &stage.module, PIN)?.succeed()?;
    assert_eq!(portal.phones()?.len(), 2);
    Ok(())
}

#[test]
fn a_lost_phone_opens_nothing_from_that_moment_on() -> Result {
    let stage = Stage::enrolled(Profile::Compact)?;
    let portal = &stage.office.portal;
    let folder = &stage.folder;
    let sshd = Sshd::start(folder, &stage.office.server)?;
    let old = portal.phones()?.remove(0);
    let link = portal.replace(&old, "lost")?;
    sshd.login(folder, &stage.module, PIN)?
        .fail()?
        .saying(&["Permission denied (publickey)"])?;
    let new = Phone::at(folder.join("new phone"));
    new.enroll(folder, &link, PIN)?;
    let page = portal.get_ok(&old)?.document().text;
    assert!(page.contains("Replaced by"), "{page}");
    Ok(())
}
