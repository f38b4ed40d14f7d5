//! How `run` reaches the holder: at its own terminal, and through a socket in the card's folder.

mod attendant;
pub mod client;
pub mod protocol;
mod socket;
pub mod words;

use std::path::Path;

use attendant::Attendant;
use socket::Served;
use tapcard_phone::consent::Desk;

/// Shows the requests that come to the desk, and takes answers to them, until what this gives is dropped: by then nothing may
/// wait for an answer any more.
pub fn attend(desk: &Desk, folder: &Path) -> (Attendant, Option<Served>) {
    let attendant = attendant::start(desk.clone(), folder.to_owned());
    (attendant, socket::serve(desk, folder))
}
