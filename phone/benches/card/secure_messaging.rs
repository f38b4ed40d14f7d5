//! Secure messaging: how a channel is opened, and what goes through it.

use std::hint::black_box;

use card_edge::Transmit;
use card_edge::piv::secure_messaging::CipherSuite;
use card_edge::piv::{AsymmetricKey, Client, KeyAlgorithm, ObjectId, PinReference};
use card_edge::transmit::ResponseBytes;
use card_host::HostKey;
use p256::elliptic_curve::Generate;

use crate::card::Wire;
use crate::keys::{Maker, ecdh};
use crate::table::Table;

/// A card, and the last command that it was sent.
struct Noted<'w> {
    wire: &'w mut Wire,
    last: Vec<u8>,
}

impl Transmit for Noted<'_> {
    type Error = core::convert::Infallible;

    fn transmit(&mut self, command: &[u8]) -> Result<ResponseBytes, Self::Error> {
        self.last = command.to_vec();
        self.wire.transmit(command)
    }
}

/// The rows of secure messaging (CS2). What is read through the channel is the host's work too, which is about the same.
pub fn rows(table: &Table) {
    let mut wire = Wire::piv(KeyAlgorithm::P256);
    let mut client = Client::new(Noted {
        wire: &mut wire,
        last: Vec::new(),
    });
    let key = HostKey::generate(CipherSuite::Cs2).unwrap();
    client.select().unwrap();
    client
        .open_channel(CipherSuite::Cs2, key, |_| true)
        .unwrap();
    let establish = client.card().last.clone();

    table.beside_limit("GET DATA, CHUID, in a channel", &mut || {
        black_box(client.get_data(ObjectId::Chuid).unwrap());
    });
    table.beside_limit("GET DATA, certificate, in a channel", &mut || {
        let certificate = ObjectId::Certificate(AsymmetricKey::CardAuthentication);
        black_box(client.get_data(certificate).unwrap());
    });
    table.beside_limit("VERIFY without data, in a channel", &mut || {
        black_box(client.pin_status(PinReference::PivPin).unwrap());
    });
    let library: Maker = ecdh!(p256);
    table.beside_library(
        "P-256, a channel is opened",
        &mut || wire.succeed(&establish),
        &mut library(),
    );
}
