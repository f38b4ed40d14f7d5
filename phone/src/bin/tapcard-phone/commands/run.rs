//! `tapcard-phone run`: the card in a virtual reader.

use std::io::Write;
use std::thread;
use std::time::Duration;

use plain_text::Plain;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use tapcard_phone::card::{Card, SECURE_MESSAGING_KEY};
use tapcard_phone::consent::Desk;
use tapcard_phone::interface::Interface;
use tapcard_phone::key_store::KeyStoreError;
use tapcard_phone::key_store::software::SoftwareKeyStore;
use tapcard_phone::link::vpcd::{self, Event, Stop};

use super::{CommandError, check_in_loop, open_or_create};
use crate::args::Run;
use crate::holder;

/// Serves the card until a signal comes.
pub fn run(arguments: &Run) -> Result<(), CommandError> {
    let interface = match arguments.nfc {
        Some(_) => Interface::Contactless,
        None => Interface::Contact,
    };
    let store = open_or_create(&arguments.state.folder)?;
    let _running = store.begin_running()?;
    let desk = Desk::new(Duration::from_secs(arguments.consent_timeout));
    let mut card =
        Card::new(store, Box::new(SoftwareKeyStore), interface).with_holder(Box::new(desk.clone()));
    for (key, error) in card.set_dead_keys_aside() {
        if key == SECURE_MESSAGING_KEY {
            replace_secure_messaging_key(&mut card, &error);
        } else {
            tracing::warn!(
                "the key {key} does not work ({error}): its uses are refused, and the rest of the card is served"
            );
        }
    }
    let _served = holder::attend(&desk, &arguments.state.folder);
    check_in_loop::begin(&arguments.state.folder, arguments.check_in_every);
    let stop = Stop::default();
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    let stopped = stop.clone();
    thread::spawn(move || {
        if signals.forever().next().is_some() {
            stopped.stop();
        }
    });
    vpcd::serve(
        &mut card,
        interface,
        arguments.nfc,
        &arguments.vpcd,
        &stop,
        |event| show(&arguments.vpcd, &event),
    );
    Ok(())
}

/// No certificate of an authority depends on it, so that the card needs nobody for another.
fn replace_secure_messaging_key(card: &mut Card, dead: &KeyStoreError) {
    match card.replace_secure_messaging_key() {
        Ok(()) => tracing::warn!(
            "the key 04 does not work ({dead}): there is a new one, and a computer that knows this card learns it by `tapcard meet`"
        ),
        Err(error) => tracing::warn!(
            "the key 04 does not work ({dead}), and there is none in its place ({error}): no host can open a protected channel"
        ),
    }
}

fn show(address: &str, event: &Event<'_>) {
    // The phone serves on where nobody listens to what it says.
    let _ = match event {
        Event::Connected => {
            let mut out = std::io::stdout();
            writeln!(out, "connected to {}", Plain(address)).and_then(|()| out.flush())
        }
        Event::Waiting(error) => writeln!(
            std::io::stderr(),
            "no virtual reader at {} ({}); looking for it: is pcscd running, with vpcd's reader? `tapcard list`, or any program that asks for readers, starts it (without systemd: `sudo pcscd`)",
            Plain(address),
            Plain(error)
        ),
    };
}
