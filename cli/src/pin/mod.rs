//! `tapcard pin`: how many tries PIN and PUK have left, a new PIN by the old one, a new PIN by the PUK.
//!
//! [`card`] says what goes to the card, [`way`] how, [`torn`] what became of a PIN whose answer got lost, [`secret`] where PINs come from, [`flow`] what is asked and told in which order.

pub mod card;
pub mod choice;
pub mod error;
pub mod flow;
pub mod pins;
pub mod refusal;
pub mod secret;
pub mod terminal;
pub mod torn;
pub mod way;
pub mod words;

use std::io::{self, Write};
use std::sync::Arc;

use card_host::KnownCards;

use crate::arguments::PinCommand;
use crate::exit::Outcome;
use refusal::Refusal;
use secret::{NEW_PIN, PIN, PUK};
use terminal::SystemTerminal;

/// Runs `tapcard pin`. What is wrong goes to `complaints`.
///
/// # Errors
/// Where nothing can be written.
pub fn run(
    command: &PinCommand,
    out: &mut impl Write,
    complaints: &mut impl Write,
) -> io::Result<Outcome> {
    let cards = Arc::new(KnownCards::of_user(&|name| std::env::var_os(name)).holding());
    let done = match command {
        PinCommand::Status(options) => return flow::status(options, &cards, out),
        PinCommand::Change(options) => secret::pin(PIN, options.pin_file.as_deref())
            .and_then(|old| Ok((old, secret::pin(NEW_PIN, options.new_pin_file.as_deref())?)))
            .map_err(Refusal::from)
            .and_then(|(old, new)| {
                let reader = choice::the_card(options.card.reader.as_deref(), &cards)?;
                let mut talk = flow::Talk {
                    terminal: &mut SystemTerminal,
                    out,
                    last_try: options.card.last_try(),
                };
                flow::change(reader, &mut talk, old, new)
            }),
        PinCommand::Unblock(options) => secret::puk(PUK, options.puk_file.as_deref())
            .and_then(|puk| Ok((puk, secret::pin(NEW_PIN, options.new_pin_file.as_deref())?)))
            .map_err(Refusal::from)
            .and_then(|(puk, new)| {
                let reader = choice::the_card(options.card.reader.as_deref(), &cards)?;
                let mut talk = flow::Talk {
                    terminal: &mut SystemTerminal,
                    out,
                    last_try: options.card.last_try(),
                };
                flow::unblock(reader, &mut talk, puk, new)
            }),
    };
    match done {
        Ok(()) => Ok(Outcome::Well),
        Err(refusal) => {
            complaints.write_all(refusal.text().as_bytes())?;
            Ok(Outcome::Wrong)
        }
    }
}
