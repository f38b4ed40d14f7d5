//! Byte sequences that real hosts and cards exchange: what goes over the wire is exactly this.

mod card;

use card::Card;
use card_edge::apdu::Response;
use card_edge::piv::client::{Client, PinStatus};
use card_edge::piv::property_template::PropertyTemplate;
use card_edge::piv::{
    self, AsymmetricKey, KeyAlgorithm, ObjectId, Pin, PinReference, authenticate,
};
use card_edge::tlv::{self, Tag};
use card_edge::{Command, Status};

fn client(answer: Response) -> Client<Card> {
    Client::new(Card::answering(answer))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

fn wire(client: &mut Client<Card>) -> Vec<String> {
    client.card().wire.iter().map(|apdu| hex(apdu)).collect()
}

#[test]
fn select_as_windows_and_opensc_send_it() {
    let mut client = client(Response::success(
        PropertyTemplate::default().encode().unwrap(),
    ));
    client.select().unwrap();
    assert_eq!(wire(&mut client), ["00A4040009A0000003080000100000"]);
}

#[test]
fn the_forms_of_select_that_hosts_send_mean_piv() {
    // SP 800-73-5 part 2, 3.1.1; Windows sends the second without Le, macOS and pivy the third, Yubico's tools the last.
    for (apdu, is_piv) in [
        ("00A4040009A0000003080000100000", true),
        ("00A4040009A00000030800001000", true),
        ("00A404000BA000000308000010000100", true),
        ("00A404000BA00000030800001000010000", true),
        ("00A4040005A000000308", true),
        ("00A404000BA0000003974349445F0100", false),
        ("00A4040009A00000039742544659", false),
        ("00A4040008A0000006472F000100", false),
    ] {
        let command = Command::parse(&bytes(apdu)).unwrap();
        assert_eq!(piv::is_selected_by(&command.data), is_piv, "{apdu}");
    }
}

#[allow(clippy::unwrap_used, reason = "the constants of this file")]
fn bytes(hex: &str) -> Vec<u8> {
    hex.as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(core::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

#[test]
fn an_rsa_2048_signature_is_two_commands_and_a_get_response_of_8_bytes() {
    // SP 800-73-5 part 2, appendix A: 266 bytes of command data; of the 264 of the answer the last 8 are fetched.
    let answer = authenticate::encode_answer(authenticate::AnswerField::Response, &[0xA5; 256]);
    let mut client = client(Response::success(answer.unwrap().to_vec()));
    let signature = client.apply_key(
        AsymmetricKey::PivAuthentication,
        KeyAlgorithm::Rsa2048,
        &[0x01; 256],
    );
    assert_eq!(&signature.unwrap()[..], [0xA5; 256]);

    let wire = wire(&mut client);
    assert_eq!(wire.len(), 3);
    assert!(
        wire[0].starts_with("1087079AFF7C8201068200818201000101"),
        "{}",
        wire[0]
    );
    assert_eq!(wire[0].len(), 2 * (5 + 255));
    assert_eq!(wire[1], format!("0087079A0B{}00", "01".repeat(11)));
    assert_eq!(wire[2], "00C0000008");
    let answered = &client.card().answered;
    assert_eq!(hex(&answered[0]), "9000");
    assert!(
        answered[1].starts_with(&bytes("7C82010482820100")) && answered[1].ends_with(&[0x61, 8])
    );
    assert_eq!(hex(&answered[2]), format!("{}9000", "A5".repeat(8)));
}

#[test]
fn a_p256_signature_is_one_command() {
    let answer = authenticate::encode_answer(authenticate::AnswerField::Response, &[0x30; 70]);
    let mut client = client(Response::success(answer.unwrap().to_vec()));
    client
        .apply_key(
            AsymmetricKey::DigitalSignature,
            KeyAlgorithm::P256,
            &[0x02; 32],
        )
        .unwrap();
    assert_eq!(
        wire(&mut client),
        [format!("0087119C267C2482008120{}00", "02".repeat(32))]
    );
}

#[test]
fn verify_pads_the_pin_with_ff() {
    let mut client = client(Status::Success.into());
    let pin = Pin::new(b"123456").unwrap();
    client.verify(PinReference::PivPin, &pin).unwrap();
    assert_eq!(wire(&mut client), ["0020008008313233343536FFFF"]);
}

#[test]
fn asking_for_the_tries_left_sends_no_pin() {
    for (status, expected) in [
        (0x9000, PinStatus::Verified),
        (0x63C3, PinStatus::TriesLeft(3)),
        (0x6303, PinStatus::TriesLeft(3)),
        (0x6300, PinStatus::NotVerified),
        (0x6983, PinStatus::Blocked),
    ] {
        let mut client = client(Status::from(status).into());
        assert_eq!(client.pin_status(PinReference::PivPin).unwrap(), expected);
        assert_eq!(wire(&mut client), ["00200080"]);
    }
}

#[test]
fn get_data_of_a_certificate_is_fetched_to_its_end() {
    let content = vec![0x70; 900];
    let object = tlv::encode(Tag::new(0x53), &content).unwrap();
    let mut client = client(Response::success(object));
    let slot = ObjectId::Certificate(AsymmetricKey::PivAuthentication);
    assert_eq!(client.get_data(slot).unwrap().unwrap()[..], content[..]);
    assert_eq!(
        wire(&mut client),
        [
            "00CB3FFF055C035FC10500",
            "00C0000000",
            "00C0000000",
            "00C0000088"
        ]
    );
}

#[test]
fn an_object_that_is_absent_or_empty_is_none() {
    let mut absent = client(Status::NotFound.into());
    assert_eq!(absent.get_data(ObjectId::Chuid).unwrap(), None);
    let mut empty = client(Response::success([0x53, 0x00]));
    assert_eq!(empty.get_data(ObjectId::Chuid).unwrap(), None);
}
