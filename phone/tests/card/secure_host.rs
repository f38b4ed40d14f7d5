//! A host that speaks secure messaging with a card in memory.

use card_edge::apdu::{Command, Instruction, Response};
use card_edge::piv::property_template::PropertyTemplate;
use card_edge::piv::secure_messaging::{
    CardVerifiableCertificate, CipherSuite, HostChannel, PairingCode, may_be_protected,
};
use card_edge::piv::{Client, ObjectId};
use card_edge::{Status, transmit};
use card_host::HostKey;
use tapcard_phone::interface::Interface;
use tapcard_phone::state::{ContactlessPolicy, StateError};

use crate::common::TestCard;

/// A key that is used once.
pub fn key(suite: CipherSuite) -> HostKey {
    HostKey::generate(suite).unwrap()
}

/// The suite that the card names when it is selected.
pub fn suite(template: &PropertyTemplate) -> CipherSuite {
    let mut suites = template
        .algorithms
        .iter()
        .filter_map(|identifier| CipherSuite::try_from(*identifier).ok());
    let suite = suites.next().unwrap();
    assert_eq!(suites.next(), None, "a card names one suite");
    suite
}

/// A host with a card, and its end of the channel if it has opened one.
pub struct Host {
    pub card: TestCard,
    pub channel: Option<HostChannel>,
}

impl Host {
    /// A host in clear, with this card at its interface.
    pub fn with(card: TestCard) -> Self {
        Self {
            card,
            channel: None,
        }
    }

    /// A host with the card at the contactless interface, under this policy.
    pub fn contactless(mut card: TestCard, policy: ContactlessPolicy) -> Self {
        decide(&card, policy);
        card.move_to(Interface::Contactless);
        Self::with(card)
    }

    /// Opens a channel; gives the card's certificate.
    pub fn open(&mut self) -> CardVerifiableCertificate {
        let suite = suite(&self.card.client().select().unwrap());
        let mut certificate = None;
        let mut client = self.card.client();
        client
            .open_channel(suite, key(suite), |shown| {
                certificate = Some(shown.clone());
                true
            })
            .unwrap();
        self.channel = client.take_channel();
        certificate.unwrap()
    }

    /// The card's pairing code.
    pub fn pairing_code(&self) -> PairingCode {
        let store = self.card.store();
        let content = store.state().object(ObjectId::PairingCodeReferenceData);
        PairingCode::decode(content.unwrap()).unwrap()
    }

    /// Opens a channel and gives the pairing code.
    pub fn pair(&mut self) {
        self.open();
        let code = self.pairing_code();
        assert_eq!(self.verify(0x98, code.as_bytes()), Status::Success);
    }

    /// A client that goes on with the channel.
    pub fn with_client<R>(
        &mut self,
        act: impl FnOnce(&mut Client<crate::common::Wire<'_>>) -> R,
    ) -> R {
        let mut client = self.card.client();
        if let Some(channel) = self.channel.take() {
            client.use_channel(channel);
        }
        let result = act(&mut client);
        self.channel = client.take_channel();
        result
    }

    /// Sends a command as it is.
    pub fn send_in_clear(&mut self, command: &Command) -> Response {
        transmit::exchange(self.card.client().card(), command).unwrap()
    }

    /// Sends a command, through the channel where there is one and it may go there: the answer inside.
    pub fn send(&mut self, command: &Command) -> Response {
        match &mut self.channel {
            Some(channel) if may_be_protected(command.instruction) => {
                let protected = channel.protect(command).unwrap();
                let response = transmit::exchange(self.card.client().card(), &protected).unwrap();
                if response.status != Status::Success {
                    self.channel = None;
                    return response;
                }
                self.channel.as_mut().unwrap().open(&response.data).unwrap()
            }
            _ => self.send_in_clear(command),
        }
    }

    /// VERIFY with this value, or of no value.
    pub fn verify(&mut self, reference: u8, value: &[u8]) -> Status {
        self.send(&verify(reference, value)).status
    }

    /// VERIFY of the PIN of a new card.
    pub fn verify_pin(&mut self) -> Status {
        self.verify(0x80, b"123456\xFF\xFF")
    }
}

/// VERIFY with P1 = 00.
pub fn verify(reference: u8, value: &[u8]) -> Command {
    Command::new(Instruction::Verify, 0x00, reference)
        .with_data(value)
        .expecting_nothing()
}

/// The holder decides, at the phone.
pub fn decide(card: &TestCard, policy: ContactlessPolicy) {
    card.store()
        .update(|state| {
            state.contactless = policy;
            Ok::<_, StateError>(())
        })
        .unwrap();
}
