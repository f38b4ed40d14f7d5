//! The server under a clock that is wrong: it issues nothing by it, and says what to do.

use rig::clock::with_clock;
use rig::database::{Database, Kind};
use rig::folder::Folder;
use rig::openssl::{crl_address, fetch};
use rig::phone::{PIN, Phone};
use rig::portal::{ADMINISTRATOR, PASSWORD, Portal, Profile};
use rig::program::Program;
use rig::server::Server;
use rig::stage::Office;
use rig::{Result, on_both, unexpected};

on_both!(
    a_server_whose_clock_went_back_issues_nothing_until_it_is_told,
    a_first_start_before_the_program_was_built_makes_nothing,
);

/// The command of the server on this database.
fn command(folder: &Folder, database: &Database) -> Result<Program> {
    Ok(database.under(Server::program(folder)?))
}

fn a_server_whose_clock_went_back_issues_nothing_until_it_is_told(kind: Kind) -> Result {
    let folder = Folder::for_test()?;
    let database = Database::start(&folder, kind)?;
    let server = Server::start(&folder, command(&folder, &database)?)?;
    drop(Portal::set_up(&server)?);
    assert!(server.stop()?.success());
    // Somebody signs in while the clock is two days ahead.
    let ahead = with_clock(command(&folder, &database)?, "+2d");
    let server = Server::start(&folder, ahead)?;
    drop(Portal::sign_in(&server, ADMINISTRATOR, PASSWORD)?);
    assert!(server.stop()?.success());

    // Now it is right again, and looks as if it had gone back.
    let server = Server::start(&folder, command(&folder, &database)?)?;
    let log = server.log();
    assert!(log.contains("--accept-clock"), "{log}");
    let portal = Portal::sign_in(&server, ADMINISTRATOR, PASSWORD)?;
    let overview = portal.get_ok("/")?.document().text;
    assert!(overview.contains("--accept-clock"), "{overview}");
    let address = crl_address(&folder, &server, &server.issuing())?;
    fetch(&folder, &address, &folder.join("issuing.crl"))?;
    let office = Office::with(server, portal);
    let invitation = office.invite(&folder, Profile::Compact)?;
    let phone = Phone::at(folder.join("phone"));
    let refused = phone.enroll_program(&folder, &invitation, PIN)?.fail()?;
    let said = refused.all_text();
    assert!(said.contains("clock is wrong"), "{said}");

    let old_address = office.server.portal().to_owned();
    let Office { server, portal, .. } = office;
    drop(portal);
    assert!(server.stop()?.success());
    let program = command(&folder, &database)?.arg("--accept-clock");
    let server = Server::start(&folder, program)?;
    let invitation = invitation.replace(&old_address, server.portal());
    phone.enroll(&folder, &invitation, PIN)?;
    let portal = Portal::sign_in(&server, ADMINISTRATOR, PASSWORD)?;
    let overview = portal.get_ok("/")?.document().text;
    assert!(!overview.contains("--accept-clock"), "{overview}");
    Ok(())
}

fn a_first_start_before_the_program_was_built_makes_nothing(kind: Kind) -> Result {
    let folder = Folder::for_test()?;
    let database = Database::start(&folder, kind)?;
    let refused = with_clock(command(&folder, &database)?, "-3650d").fail()?;
    let said = refused.all_text();
    assert!(said.contains("--accept-clock"), "{said}");
    if folder.join("server/authority").exists() {
        return Err(unexpected("an authority was made by a clock that is wrong"));
    }
    Ok(())
}

#[test]
fn a_phone_whose_clock_is_wrong_is_told_so_and_enrolls_once_it_is_right() -> Result {
    let folder = Folder::for_test()?;
    let office = Office::open(&folder)?;
    let invitation = office.invite(&folder, Profile::Compact)?;
    let phone = Phone::at(folder.join("phone"));
    for offset in ["-3650d", "+3650d"] {
        let refused = with_clock(phone.enroll_program(&folder, &invitation, PIN)?, offset);
        let said = refused.fail()?.all_text();
        assert!(said.contains("clock"), "{offset}: {said}");
        assert!(said.contains("set it right"), "{offset}: {said}");
    }
    phone.enroll(&folder, &invitation, PIN)?;
    Ok(())
}
