//! `cargo xtask demo`: the whole path of a phone, told as a story.

mod afterwards;
mod secret;
mod stage;

use std::time::Instant;

use rig::folder::Folder;

use crate::debian;
use crate::error::{Error, Result};
use crate::interrupt::Interrupt;
use crate::story::{Story, tell};
use crate::workspace::build;

use secret::Secrets;
use stage::Stage;

/// Plays the demo; with `once` it ends after the story.
pub fn run(once: bool) -> Result {
    let interrupt = Interrupt::watch()?;
    println!("\nTapcard: a phone becomes a smart card, opens doors, is revoked, and is refused.\n");
    prepare()?;
    let folder = Folder::silent()?;
    match play(&folder, once, &interrupt) {
        Err(error @ Error::Step { .. }) => {
            folder.keep();
            Err(error)
        }
        other => other,
    }
}

/// What takes minutes the first time, and moments from then on.
fn prepare() -> Result {
    let start = Instant::now();
    let installed = debian::ensure_for_demo()?;
    Interrupt::check()?;
    let outcome = match installed {
        0 => "everything needed is there".to_owned(),
        count => format!("{count} packages installed, no service started"),
    };
    tell("Debian", &outcome, start);
    let start = Instant::now();
    let built = build();
    Interrupt::check()?;
    built?;
    tell(
        "Build",
        "phone, server, PKCS#11 module and command are built",
        start,
    );
    Ok(())
}

fn play(folder: &Folder, once: bool, interrupt: &Interrupt) -> Result {
    let secrets = Secrets::choose()?;
    let story = Story::with_logs(folder.path());
    let mut stage = Stage::set(folder, &story, &secrets)?;
    stage.open_doors(&story)?;
    stage.revoke(&story)?;
    stage.find_doors_closed(&story)?;
    println!(
        "\nThat was the whole path, in {}, with a real PC/SC daemon, sshd, nginx, curl and openssl.",
        story.duration()
    );
    if once {
        return Ok(());
    }
    stage.give_new_phone(&story, &secrets)?;
    afterwards::tell(&stage, &secrets)?;
    interrupt.wait();
    println!(
        "\nEnding everything and removing {} ...",
        folder.path().display()
    );
    Ok(())
}
