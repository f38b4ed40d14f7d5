//! A phone or server that dies in the middle of an enrollment loses nothing: the same invitation brings it to its end.

use std::time::Duration;

use rig::folder::Folder;
use rig::phone::{PIN, Phone};
use rig::portal::Profile;
use rig::stage::Office;
use rig::stalling_link::StallingLink;
use rig::wait::wait_for;
use rig::{Result, unexpected};

const PATIENCE: Duration = Duration::from_secs(60);

/// The same invitation through another port of this machine.
fn through(invitation: &str, portal: &str, port: u16) -> String {
    invitation.replace(portal, &format!("https://localhost:{port}"))
}

fn port_of(portal: &str) -> Result<u16> {
    let port = portal.rsplit(':').next().and_then(|port| port.parse().ok());
    port.ok_or_else(|| unexpected(format!("no port in {portal}")))
}

/// Kills the phone once `limit` bytes have come from the server; false if it was done before.
fn enroll_and_kill_at(
    folder: &Folder,
    office: &Office,
    phone: &Phone,
    invitation: &str,
    limit: usize,
) -> Result<bool> {
    let portal = office.server.portal();
    let link = StallingLink::to(port_of(portal)?, limit)?;
    let mut enrolling = phone
        .enroll_program(folder, &through(invitation, portal, link.port()), PIN)?
        .start(folder, &format!("enroll-{limit}"))?;
    let ended = wait_for("the enrollment stalls or ends", PATIENCE, || {
        let ended = enrolling.exit_status()?;
        Ok((link.is_stalled() || ended.is_some()).then_some(ended))
    })?;
    match ended {
        None => enrolling.kill().map(|()| true),
        Some(status) if status.success() => Ok(false),
        Some(_) => Err(unexpected(format!(
            "after {} bytes the enrollment failed: {}",
            link.passed(),
            enrolling.stderr_text()
        ))),
    }
}

#[test]
fn a_phone_killed_at_any_point_is_enrolled_by_the_same_invitation() -> Result {
    let folder = Folder::for_test()?;
    let office = Office::open(&folder)?;
    let invitation = office.invite(&folder, Profile::Compact)?;
    let phone = Phone::at(folder.join("phone"));

    let mut kills = 0;
    for limit in (0..40_000).step_by(2_000) {
        if !enroll_and_kill_at(&folder, &office, &phone, &invitation, limit)? {
            break;
        }
        kills += 1;
    }
    assert!(kills >= 2, "the link never stalled");
    // Enrolled by now; asking once more with the same keys is not an error either, or says that it is done.
    let phones = office.portal.phones()?;
    assert_eq!(phones.len(), 1, "{phones:?}");
    for phone in &phones {
        assert_eq!(office.portal.certificates_of(phone)?.len(), 4);
    }
    let status = phone.status(&folder)?.to_string();
    for slot in ["9A", "9C", "9D", "9E"] {
        assert!(status.contains(slot), "{status}");
    }
    Ok(())
}

#[test]
fn a_server_killed_and_started_again_knows_everything() -> Result {
    let folder = Folder::for_test()?;
    let office = Office::open(&folder)?;
    let invitation = office.invite(&folder, Profile::Compact)?;
    let phone = Phone::at(folder.join("phone"));
    phone.enroll(&folder, &invitation, PIN)?;
    let Office { server, portal, .. } = office;
    let before = portal.get_ok("/audit")?.document().text;
    drop(portal);
    server.kill()?;

    let server = rig::server::Server::on_sqlite(&folder)?;
    assert_eq!(server.setup(), None, "there is an administrator already");
    let portal =
        rig::portal::Portal::sign_in(&server, rig::portal::ADMINISTRATOR, rig::portal::PASSWORD)?;
    let phones = portal.phones()?;
    assert_eq!(phones.len(), 1, "{phones:?}");
    let after = portal.get_ok("/audit")?.document().text;
    assert!(
        before.contains("Alice Example") == after.contains("Alice Example"),
        "{after}"
    );
    assert!(server.stop()?.success());
    Ok(())
}

#[test]
fn an_enrollment_that_nothing_disturbs_opens_two_connections() -> Result {
    let folder = Folder::for_test()?;
    let office = Office::open(&folder)?;
    let invitation = office.invite(&folder, Profile::Compact)?;
    let portal = office.server.portal();
    let link = StallingLink::to(port_of(portal)?, usize::MAX)?;
    Phone::at(folder.join("phone")).enroll(
        &folder,
        &through(&invitation, portal, link.port()),
        PIN,
    )?;
    // One to learn the authority, which proves nothing yet, and one to the server that has proved itself.
    assert_eq!(link.connections(), 2);
    Ok(())
}
