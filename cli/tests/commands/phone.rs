//! Our own phone in this process, and the doctor on it.

use crate::card::{codes, examine};
use card_edge::Transmit;
use card_edge::transmit::ResponseBytes;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;
use tapcard_cli::doctor::link::{CardDisposition, LinkError};
use tapcard_cli::doctor::piv::{ManagementKey, PinState};
use tapcard_phone::card::Card;
use tapcard_phone::consent::Desk;
use tapcard_phone::interface::Interface;
use tapcard_phone::key_store::software::SoftwareKeyStore;
use tapcard_phone::link::answer_to_reset;
use tapcard_phone::state::{PinEntry, StateError, Store};
use tempfile::TempDir;

/// A new phone, and every command that came to it.
pub struct Phone {
    card: Card,
    /// Every command that came.
    pub wire: Vec<Vec<u8>>,
    state: TempDir,
}

impl Phone {
    /// At a reader of this kind.
    #[allow(
        clippy::unwrap_used,
        reason = "a phone that cannot be made fails the test"
    )]
    pub fn new(interface: Interface) -> Self {
        let folder = tempfile::Builder::new()
            .permissions(std::fs::Permissions::from_mode(0o700))
            .tempdir()
            .unwrap();
        let store = Store::open_or_create(folder.path()).unwrap();
        let mut card = Card::new(store, Box::new(SoftwareKeyStore), interface);
        card.reset();
        Self {
            card,
            wire: Vec::new(),
            state: folder,
        }
    }
}

impl Phone {
    /// The same phone, with somebody to type the PIN there.
    #[allow(
        clippy::unwrap_used,
        reason = "a phone that cannot be changed fails the test"
    )]
    pub fn typing(self) -> Self {
        let mut store = Store::open(self.state.path()).unwrap();
        store
            .update(|state| {
                state.pin_entry = PinEntry::Phone;
                Ok::<_, StateError>(())
            })
            .unwrap();
        let desk = Desk::new(Duration::from_secs(30));
        Self {
            card: self.card.with_holder(Box::new(desk)),
            ..self
        }
    }

    /// Takes it off the reader and puts it there again.
    pub fn reset(&mut self) {
        self.card.reset();
    }
}

impl Transmit for Phone {
    type Error = LinkError;

    fn transmit(&mut self, command: &[u8]) -> Result<ResponseBytes, LinkError> {
        self.wire.push(command.to_vec());
        Ok(self.card.process(command))
    }
}

#[test]
fn a_new_phone_is_found_to_be_new_with_few_commands() {
    // Over the air the phone holds its last try back.
    for (interface, tries) in [(Interface::Contact, 5), (Interface::Contactless, 4)] {
        let mut phone = Phone::new(interface);
        let answer_to_reset = answer_to_reset(interface, phone.card.card_edge());
        let (report, disposition) = examine(&mut phone, answer_to_reset);
        assert_eq!(
            codes(&report),
            ["never-enrolled", "default-pins", "default-management-key"]
        );
        assert_eq!(disposition, CardDisposition::Leave);
        let piv = report.piv.unwrap();
        assert_eq!(piv.pins[0].state, PinState::TriesLeft(tries));
        assert_eq!(piv.management_key, ManagementKey::DefaultAes192);
        assert_eq!(piv.pins[0].is_default, Some(true));
        assert!(phone.wire.len() <= 14, "{} commands", phone.wire.len());
        assert!(
            phone
                .wire
                .iter()
                .all(|apdu| apdu[1] != 0x20 || apdu.len() == 4)
        );
    }
}
