//! How `run` reaches the holder: at its own terminal, and through a socket in the card's folder.

mod attendant;
pub mod client;
pub mod protocol;
mod socket;
pub mod words;

pub use socket::Served;

use std::path::Path;

use tapcard_phone::consent::Desk;

/// Shows the requests that come to the desk, and takes answers to them, until what this gives is dropped.
pub fn attend(desk: &Desk, folder: &Path) -> Option<Served> {
    attendant::start(desk.clone(), folder.to_owned());
    socket::serve(desk, folder)
}
