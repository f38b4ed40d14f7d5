//! What each fuzz target does with its bytes. Two programs share it: the targets themselves, and the test of
//! `card-edge` that replays the corpus with the stable toolchain.
//!
//! Beyond "no panic" each body asserts what must hold of whatever was accepted, mostly that it survives encoding.

use card_edge::apdu::{Command, Instruction, Response};
use card_edge::atr::Atr;
use card_edge::chaining::CommandChain;
use card_edge::gids::file_system::certificate as gids_certificate;
use card_edge::gids::file_system::container_map::ContainerMap;
use card_edge::gids::file_system::freshness::Freshness;
use card_edge::gids::file_system::key_map::KeyMap;
use card_edge::gids::file_system::master_file::MasterFile;
use card_edge::gids::{
    self, Condition, FileControlParameters, GidsPin, Operation, SecurityAttribute,
};
use card_edge::historical::HistoricalBytes;
use card_edge::piv::authenticate::{self, AnswerField, Request};
use card_edge::piv::chuid::Chuid;
use card_edge::piv::client::Client;
use card_edge::piv::extensions::{
    Announcement, PublicObjects, SignatureRequest, decode_pin_entry, encode_pin_entry,
};
use card_edge::piv::generate;
use card_edge::piv::history::KeyHistory;
use card_edge::piv::property_template::PropertyTemplate;
use card_edge::piv::secure_messaging::certificate::{Body, SignatureAlgorithm, Subject};
use card_edge::piv::secure_messaging::key_establishment::{CardMessage, HostMessage};
use card_edge::piv::secure_messaging::signer::Signer;
use card_edge::piv::secure_messaging::{
    CardChannel, CardVerifiableCertificate, CipherSuite, HostChannel, PairingCode,
};
use card_edge::piv::yubico::metadata::Metadata;
use card_edge::piv::yubico::{import, management_key};
use card_edge::piv::{
    AsymmetricKey, Cipher, KeyAlgorithm, ObjectId, Pin, PinReference, PublicKey, Puk, certificate,
    data, discovery,
};
use card_edge::tlv::{self, Reader, Tag};
use card_edge::transmit::{self, RESPONSE_MAX, RESPONSE_PARTS_MAX, ResponseBytes, Transmit};

/// A target: its name, which is also its corpus' folder, and its body.
pub type Target = (&'static str, fn(&[u8]));

/// Every target that needs `card-edge` alone.
pub const TARGETS: [Target; 16] = [
    ("apdu", apdu),
    ("tlv", tlv_elements),
    ("atr", atr),
    ("property_template", property_template),
    ("chuid", chuid),
    ("discovery", discovery_object),
    ("history", history),
    ("certificate", certificate_object),
    ("data_objects", data_objects),
    ("authenticate", authenticate_template),
    ("generate", generate_template),
    ("metadata", metadata),
    ("exchange", exchange),
    ("card_verifiable_certificate", card_verifiable_certificate),
    ("secure_messaging", secure_messaging),
    ("gids", gids_card_edge),
];

/// Command and response APDUs, and a chain of whatever commands come.
pub fn apdu(data: &[u8]) {
    let mut chain = CommandChain::new(1_000);
    for part in data.split(|byte| *byte == 0xFF) {
        if let Ok(command) = Command::parse(part) {
            assert_eq!(
                command.encode().expect("what was parsed has a form")[..],
                *part
            );
            let _ = chain.push(command);
        }
    }
    if let Ok(command) = Command::parse(data) {
        assert_eq!(
            command.encode().expect("what was parsed has a form")[..],
            *data
        );
        assert_eq!(
            Instruction::from(command.instruction.to_u8()),
            command.instruction
        );
    }
    if let Ok(response) = Response::parse(data) {
        assert_eq!(response.encode()[..], *data);
    }
}

/// BER-TLV elements, at every depth.
pub fn tlv_elements(data: &[u8]) {
    let _ = Tag::parse(data);
    for element in Reader::new(data).flatten() {
        let bytes = tlv::encode(element.tag, element.value).expect("what was read can be written");
        assert_eq!(tlv::only(&bytes, element.tag), Ok(element.value));
        assert!(element.value.len() < data.len());
        tlv_elements(element.value);
    }
}

/// ATRs and their historical bytes.
pub fn atr(data: &[u8]) {
    if let Ok(atr) = Atr::parse(data) {
        assert_eq!(atr.bytes, data);
        assert!(atr.historical.len() <= 15 && !atr.protocols.is_empty());
        let _ = atr.contactless();
    }
    let _ = HistoricalBytes::parse(data).application_identifier();
}

/// The answer to SELECT, and what a card announces in it.
pub fn property_template(data: &[u8]) {
    if let Some(announcement) = Announcement::decode(data) {
        assert_eq!(
            Announcement::decode(&announcement.encode()),
            Some(announcement)
        );
    }
    if let Ok(template) = PropertyTemplate::decode(data) {
        let bytes = template.encode().expect("its fields came from one answer");
        assert_eq!(PropertyTemplate::decode(&bytes), Ok(template));
    }
}

/// The CHUID.
pub fn chuid(data: &[u8]) {
    if let Ok(chuid) = Chuid::decode(data) {
        let bytes = chuid.encode().expect("its fields came from one object");
        assert_eq!(Chuid::decode(&bytes), Ok(chuid));
    }
}

/// The Discovery Object.
pub fn discovery_object(data: &[u8]) {
    if let Ok(policy) = discovery::decode(data) {
        let bytes = discovery::encode(policy).expect("it is short");
        assert_eq!(discovery::decode(&bytes), Ok(policy));
        let _ = (policy.primary(), policy.has_global_pin());
    }
}

/// The Key History Object.
pub fn history(data: &[u8]) {
    if let Ok(history) = KeyHistory::decode(data) {
        assert!(history.on_card + history.off_card <= 20);
        let bytes = history.encode().expect("its fields came from one object");
        assert_eq!(KeyHistory::decode(&bytes), Ok(history));
    }
}

/// Certificate objects, compressed and not.
pub fn certificate_object(data: &[u8]) {
    if let Ok(der) = certificate::decode(data) {
        assert!(der.len() as u64 <= certificate::CERTIFICATE_MAX);
        // What looks like gzip is taken for it again.
        if let Ok(content) = certificate::encode(&der)
            && !der.starts_with(&[0x1F, 0x8B])
        {
            assert_eq!(certificate::decode(&content).expect("we made it"), der);
        }
    }
}

/// Command data of GET DATA and PUT DATA, and the answers to GET DATA.
pub fn data_objects(data: &[u8]) {
    if let Ok(tag) = data::decode_get_data(data) {
        assert_eq!(data::decode_get_data(&data::encode_get_data(tag)), Ok(tag));
    }
    if let Ok(put) = data::decode_put_data(data) {
        assert!(put.content.len() < data.len());
        if let Some(object) = ObjectId::from_tag(put.tag) {
            let bytes = data::encode_put_data(object, put.content).expect("it was as long");
            assert_eq!(data::decode_put_data(&bytes), Ok(put));
        }
    }
    for object in [ObjectId::Chuid, ObjectId::Discovery] {
        if let Ok(content) = data::decode_content(object, data) {
            let bytes = data::encode_content(object.tag(), content).expect("it was as long");
            assert_eq!(data::decode_content(object, &bytes), Ok(content));
        }
    }
    let _ = (Pin::from_padded(data), Puk::from_padded(data));
    if let Ok(objects) = PublicObjects::decode(data)
        && let Ok(deflated) = objects.deflate()
    {
        assert_eq!(PublicObjects::inflate(&deflated), Ok(objects));
    }
    let _ = PublicObjects::inflate(data);
}

/// Templates of GENERAL AUTHENTICATE, both ways.
pub fn authenticate_template(data: &[u8]) {
    if let Ok(request) = Request::decode(data) {
        let bytes = request.encode().expect("its fields came from one template");
        assert!(Request::decode(&bytes).expect("we made it") == request);
    }
    if let Ok(request) = SignatureRequest::decode(data) {
        let bytes = request.encode().expect("its fields came from one command");
        assert_eq!(SignatureRequest::decode(&bytes), Ok(request));
    }
    if let Ok(note) = decode_pin_entry(data) {
        let bytes = encode_pin_entry(note.as_ref()).expect("it came from one command");
        assert_eq!(decode_pin_entry(&bytes), Ok(note));
    }
    for field in [
        AnswerField::Witness,
        AnswerField::Challenge,
        AnswerField::Response,
    ] {
        if let Ok(value) = authenticate::decode_answer(data, field) {
            let bytes = authenticate::encode_answer(field, value).expect("it was as long");
            assert_eq!(authenticate::decode_answer(&bytes, field), Ok(value));
        }
    }
}

/// Templates of GENERATE ASYMMETRIC KEY PAIR, both ways, and what else brings a key.
pub fn generate_template(data: &[u8]) {
    let _ = generate::decode_control(data);
    let _ = import::decode(data);
    if let Some(key) = management_key::decode(data) {
        assert_eq!(key.as_bytes().len(), key.cipher().key_length());
    }
    if let Ok(key) = PublicKey::decode(data) {
        let bytes = key.encode().expect("its fields came from one template");
        assert_eq!(PublicKey::decode(&bytes), Ok(key));
    }
}

/// The answer to GET METADATA.
pub fn metadata(data: &[u8]) {
    if let Ok(metadata) = Metadata::decode(data) {
        let bytes = metadata.encode().expect("it is short");
        assert_eq!(Metadata::decode(&bytes), Ok(metadata));
    }
}

/// What a host sends to a GIDS card, and what hosts keep in its files.
pub fn gids_card_edge(data: &[u8]) {
    if let Ok(file) = FileControlParameters::decode(data) {
        let bytes = file.encode().expect("its fields came from one template");
        assert_eq!(FileControlParameters::decode(&bytes), Ok(file));
    }
    if let Ok(attribute) = SecurityAttribute::decode(data) {
        assert_eq!(attribute.encode(), data);
        for operation in [
            Operation::Get,
            Operation::Put,
            Operation::UseKey,
            Operation::GenerateKey,
        ] {
            let condition = attribute.condition(operation);
            // What is proved beside never takes anything away.
            let by_nobody = condition.is_fulfilled(false, false);
            assert!(!by_nobody || condition == Condition::ALWAYS);
            assert!(!condition.is_fulfilled(true, false) || condition.is_fulfilled(true, true));
        }
    }
    let _ = gids::data::decode_get_data(data);
    if let Ok((tag, content)) = gids::data::decode_put_data(data) {
        let bytes = tlv::encode(tag, content).expect("it was as long");
        assert_eq!(gids::data::decode_put_data(&bytes), Ok((tag, content)));
    }
    let _ = gids::key_data::decode(data);
    let _ = gids::generate::decode(data);
    let _ = gids::environment::decode_key_pair(data);
    let _ = gids::environment::decode_administrator_key(data);
    let _ = gids::authenticate::decode(data);
    if let Ok(pin) = GidsPin::new(data) {
        assert!(pin.padded().starts_with(data));
    }
    let _ = gids::is_selected_by(data);
    if let Ok(files) = MasterFile::decode(data) {
        let bytes = files.encode().expect("its names were as long");
        assert_eq!(MasterFile::decode(&bytes), Ok(files));
    }
    if let Ok(containers) = ContainerMap::decode(data)
        && let Ok(bytes) = containers.encode()
    {
        assert_eq!(bytes.len(), data.len());
    }
    if let Ok(keys) = KeyMap::decode(data) {
        assert_eq!(KeyMap::decode(&keys.encode()), Ok(keys));
    }
    if let Ok(freshness) = Freshness::decode(data) {
        assert_eq!(freshness.encode()[..], *data);
    }
    if let Ok(der) = gids_certificate::decode(data) {
        let bytes = gids_certificate::encode(&der).expect("it was as long");
        assert_eq!(gids_certificate::decode(&bytes), Ok(der));
    }
}

/// A hostile card behind the whole client. The first byte chooses the command, the second and third the length of its
/// data; what follows are responses, each after a byte with its length. They come round again when they are used up.
pub fn exchange(data: &[u8]) {
    let [choice, high, low, script @ ..] = data else {
        return;
    };
    let length = usize::from(u16::from_be_bytes([*high & 0x0F, *low]));
    let mut card = Hostile::new(script);
    let command = Command::new(Instruction::PutData, 0x3F, 0xFF).with_data(vec![0x5A; length]);
    if let Ok(response) = transmit::exchange(&mut card, &command) {
        assert!(response.data.len() <= RESPONSE_MAX + 255);
    }
    let most = length.div_ceil(255) + 2 + 2 * (RESPONSE_PARTS_MAX as usize + 1);
    assert!(card.commands <= most, "{} commands", card.commands);

    let mut client = Client::new(Hostile::new(script));
    match choice % 10 {
        0 => drop(client.select()),
        1 => drop(client.chuid()),
        2 => drop(client.certificate(AsymmetricKey::PivAuthentication)),
        3 => drop(client.pin_status(PinReference::PivPin)),
        4 => drop(client.apply_key(
            AsymmetricKey::DigitalSignature,
            KeyAlgorithm::P256,
            &[1; 32],
        )),
        5 => drop(client.agree(AsymmetricKey::KeyManagement, KeyAlgorithm::P256, &[4; 65])),
        6 => drop(client.management_challenge(Cipher::Aes192)),
        7 => drop(client.generate(AsymmetricKey::PivAuthentication, KeyAlgorithm::Rsa2048)),
        8 => drop(client.metadata(PinReference::PivPin)),
        _ => drop(client.get_data(ObjectId::Discovery)),
    }
}

struct Hostile<'a> {
    responses: Vec<&'a [u8]>,
    commands: usize,
}

impl<'a> Hostile<'a> {
    fn new(mut script: &'a [u8]) -> Self {
        let mut responses = Vec::new();
        while let Some((length, rest)) = script.split_first() {
            let (response, rest) = rest.split_at(usize::from(*length).min(rest.len()));
            responses.push(response);
            script = rest;
        }
        Self {
            responses,
            commands: 0,
        }
    }
}

impl Transmit for Hostile<'_> {
    type Error = &'static str;

    fn transmit(&mut self, _: &[u8]) -> Result<ResponseBytes, Self::Error> {
        if self.responses.is_empty() {
            return Err("the card left");
        }
        let response = self.responses[self.commands % self.responses.len()];
        self.commands += 1;
        Ok(response.to_vec().into())
    }
}

/// Card verifiable certificates, and the objects and messages that they come in.
pub fn card_verifiable_certificate(data: &[u8]) {
    if let Ok(certificate) = CardVerifiableCertificate::decode(data) {
        assert_eq!(certificate.as_bytes(), data);
        let bytes = certificate
            .body
            .signed(certificate.algorithm, &certificate.signature)
            .expect("its fields came from one certificate");
        let again = CardVerifiableCertificate::decode(&bytes).expect("it was made here");
        assert_eq!(again.body, certificate.body);
        assert_eq!(again.signature, certificate.signature);
    }
    let _ = Signer::decode(data);
    let _ = PairingCode::decode(data);
    for suite in CipherSuite::ALL {
        let _ = CardMessage::decode(suite, data);
        if let Ok(message) = HostMessage::decode(suite, data) {
            assert_eq!(message.encode(), data);
        }
    }
}

/// Data fields of protected commands and answers: whatever comes is refused, since nobody has the keys; and whatever goes
/// through a channel comes out of it.
pub fn secure_messaging(data: &[u8]) {
    for suite in CipherSuite::ALL {
        let command = Command::new(Instruction::GeneralAuthenticate, 0x07, 0x9A).with_data(data);
        let (mut host, mut card) = channel(suite);
        assert!(card.open(&command).is_err());
        assert!(host.open(data).is_err());

        let (mut host, mut card) = channel(suite);
        let Ok(protected) = host.protect(&command) else {
            assert!(data.len() > 60_000);
            continue;
        };
        assert_eq!(card.open(&protected).expect("the host's command"), command);
        let response = Response::success(data);
        let protected = card.protect(&response).expect("as long as the command");
        assert_eq!(
            host.open(&protected.data).expect("the card's answer"),
            response
        );
    }
}

/// Both ends of a channel whose keys are always the same.
fn channel(suite: CipherSuite) -> (HostChannel, CardChannel) {
    let mut point = vec![0x11; suite.point_length()];
    if let Some(first) = point.first_mut() {
        *first = 0x04;
    }
    let sent = HostMessage::new(suite, [1; 8], &point).expect("a point's form");
    let body = Body {
        issuer: [2; 8],
        subject: Subject::Card(Default::default()),
        curve: suite.curve(),
        point,
    };
    let certificate = body
        .signed(SignatureAlgorithm::of(suite), &[0x30, 0])
        .expect("a short certificate");
    let nonce = vec![4; suite.nonce_length()];
    let (value, card) = sent
        .answer(&[5; 32], &nonce, &certificate)
        .expect("the card's half");
    let answer = CardMessage::decode(suite, &value).expect("the card's message");
    let host = answer.confirm(&sent, &[5; 32]).expect("the same secret");
    (host, card)
}
