//! docs/phone.md.

use std::time::Duration;

use rig::Result;
use rig::folder::Folder;
use rig::module::Module;
use rig::phone::{DEFAULT_PIN, PIN};
use rig::portal::Profile;
use rig::process::Process;
use rig::program::Program;
use rig::recipe::Recipe;
use rig::shell::typed;
use rig::stage::{Desk, Office};

const LIMIT: Duration = Duration::from_secs(20);
const GLOBAL_PIN: &str = "482913";

/// A phone that is started as it is typed, and is at the desk's reader.
fn started(desk: &Desk, folder: &Folder, run: &str) -> Result<Process> {
    let mut phone = typed(folder, &format!("exec {run}"))?
        .env("TAPCARD_PHONE_VPCD", desk.wire.address())
        .start(folder, "phone")?;
    phone.wait_for("is at the reader", LIMIT, |phone| {
        let said = phone.stdout_text();
        Ok(said.contains("connected to").then_some(()))
    })?;
    Ok(phone)
}

#[test]
fn the_quick_start_is_true() -> Result {
    let folder = &Folder::for_test()?;
    let desk = Desk::set_up(folder)?;
    let [run, look] = Recipe::of("docs/phone.md", "Quick start")?.blocks()?;
    let phone = started(&desk, folder, &run.script)?;
    let said = format!("{}{}", phone.stderr_text(), phone.stdout_text());
    assert!(run.is_shown(&said), "{said}");
    desk.wait_for_card(folder)?;
    look.check(typed(folder, &look.script)?.succeed()?)?;
    Ok(())
}

/// A line of the overview without what may be left out, and with each of it: `[A]` is an option, `a|b` a choice.
fn meant(line: &str) -> Vec<String> {
    let (command, _) = line.split_once('#').unwrap_or((line, ""));
    let without: String = command
        .split('[')
        .next()
        .unwrap_or(command)
        .trim()
        .to_owned();
    let with = command.replace(['[', ']'], "");
    let mut lines = vec![without];
    let choice = with.split_whitespace().find(|word| word.contains('|'));
    match choice {
        Some(choice) => lines.extend(choice.split('|').map(|one| with.replace(choice, one))),
        None => lines.push(with),
    }
    lines
        .into_iter()
        .filter(|line| !line.contains('|'))
        .map(|line| line.trim().to_owned())
        .collect()
}

/// A program that signs by 9C.
fn signature(folder: &Folder, desk: &Desk) -> Result<Process> {
    let message = folder.write("message", "what Alice signs")?;
    Module::at(folder, &desk.pcsc)?
        .pkcs11_tool(folder)
        .args(["--login", "--pin", PIN, "--sign", "--id", "02"])
        .args(["--mechanism", "ECDSA-SHA256", "--input-file"])
        .arg(message)
        .start(folder, "signature")
}

#[test]
fn every_command_of_the_overview_does_something() -> Result {
    let folder = &Folder::for_test()?;
    let desk = Desk::set_up(folder)?;
    let office = Office::open(folder)?;
    let invitation = office.invite(folder, Profile::Compact)?;
    let [overview] = Recipe::of("docs/phone.md", "Commands")?.blocks()?;
    let state = folder.join("phone").display().to_string();
    let overview = overview.with(&[
        ("DIR", &state),
        ("HOST:PORT", &desk.wire.address()),
        ("SLOT", "9C"),
        // In its two places: of a slot, and of the whole card.
        ("[9C [POLICY]]", "[9C confirm-on-phone]"),
        ("[POLICY]", "[strict-without-pairing]"),
    ]);
    let command = |line: &str| -> Result<Program> {
        Ok(typed(folder, line)?
            .env("TAPCARD_PIN", PIN)
            .env("TAPCARD_PRESENT_PIN", PIN)
            .env("TAPCARD_GLOBAL_PIN", GLOBAL_PIN))
    };
    let mut count = 0;
    for line in overview.script.lines().flat_map(meant) {
        count += 1;
        if line.contains(" run ") {
            started(&desk, folder, &line)?.kill()?;
            desk.wait_for_no_card(folder)?;
        } else if line.contains(" enroll ") {
            command(&line)?.input(invitation.clone()).succeed()?;
        } else if line.contains(" unblock ") {
            let code = office
                .portal
                .allow_unblocking(&office.portal.phones()?.remove(0))?;
            let unblock = command(&line)?.env("TAPCARD_UNBLOCKING_CODE", code);
            unblock.succeed()?;
        } else if line.contains(" requests ") {
            let phone = started(&desk, folder, &format!("tapcard-phone run --state {state}"))?;
            desk.wait_for_card(folder)?;
            // A signature by 9C, whose holder is asked by now.
            let asking = line.contains("--wait").then(|| signature(folder, &desk));
            let asking = asking.transpose()?;
            let said = command(&line)?.succeed()?.text();
            assert_eq!(said.contains("9C"), asking.is_some(), "{said}");
            phone.kill()?;
            desk.wait_for_no_card(folder)?;
        } else {
            command(&line)?.succeed()?;
        }
    }
    assert!(count > 20, "{count}");
    Ok(())
}

#[test]
fn a_phone_becomes_a_gids_card_and_a_piv_card_again() -> Result {
    let folder = &Folder::for_test()?;
    let state = folder.join("phone").display().to_string();
    let [change] = Recipe::of("docs/phone.md", "GIDS")?.blocks()?;
    let change = change.with(&[("DIR", &state)]);
    typed(folder, &change.script)?
        .env("TAPCARD_PRESENT_PIN", DEFAULT_PIN)
        .succeed()?;
    Ok(())
}
