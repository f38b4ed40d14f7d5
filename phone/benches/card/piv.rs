//! The commands of a PIV card of which its own cost is all there is.

use std::hint::black_box;

use card_edge::piv::{AsymmetricKey, Cipher, Client, KeyAlgorithm, ObjectId, PinReference};

use crate::card::{CERTIFICATE_LENGTH, Wire};
use crate::table::Table;

/// The rows of a PIV card.
pub fn rows(table: &Table) {
    let mut wire = Wire::piv(KeyAlgorithm::P256);
    let mut measure = |name, act: &mut dyn FnMut(&mut Client<&mut Wire>)| {
        table.beside_limit(name, &mut || act(&mut Client::new(&mut wire)));
    };
    measure("SELECT", &mut |client| {
        black_box(client.select().unwrap());
    });
    measure("GET DATA, CHUID", &mut |client| {
        black_box(client.get_data(ObjectId::Chuid).unwrap());
    });
    measure("GET DATA, certificate of 1,500 bytes", &mut |client| {
        let certificate = ObjectId::Certificate(AsymmetricKey::CardAuthentication);
        black_box(client.get_data(certificate).unwrap());
    });
    measure("GET DATA, all public objects", &mut |client| {
        black_box(client.public_objects().unwrap());
    });
    measure("VERIFY without data", &mut |client| {
        black_box(client.pin_status(PinReference::PivPin).unwrap());
    });
    measure("GENERAL AUTHENTICATE, challenge of 9B", &mut |client| {
        black_box(client.management_challenge(Cipher::Aes192).unwrap());
    });
    measure("GET METADATA", &mut |client| {
        black_box(client.metadata(AsymmetricKey::CardAuthentication).unwrap());
    });
    measure("a command that is refused", &mut |client| {
        black_box(
            client
                .put_data(ObjectId::Discovery, &[1])
                .expect_err("the card's own"),
        );
    });
    let mut number: u8 = 0;
    measure(
        "PUT DATA, certificate, and a state to sync",
        &mut |client| {
            number = number.wrapping_add(1);
            let certificate = ObjectId::Certificate(AsymmetricKey::CardAuthentication);
            let content = [number; CERTIFICATE_LENGTH];
            client.put_data(certificate, &content).unwrap();
        },
    );
}
