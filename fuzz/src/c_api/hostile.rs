//! A hostile card: whatever it answers, and whenever it leaves, each call of the program ends, with an answer.

use card_edge::piv::ObjectId;
use card_edge::tlv::Tag;
use tapcard_pkcs11::pcsc::LinkError;

use super::card::{CERTIFICATES, Nature, PivCard, certificate_object};
use super::input::Input;
use super::library::Library;
use super::reader::{Answer, Card, Readers, Then};
use super::task::Program;

/// Most tasks of one input.
const TASKS_MAX: usize = 12;
/// The most commands that one call sends: the certificates of all keys, each in the most parts that an answer may have.
const COMMANDS_MAX: usize = 64 * 1_024;

/// The first byte says what card and reader are like and how the module is set up, the second how many tasks the program has, which
/// follow, a byte each. The rest says for each answer of the card what is wrong with it; when it is used up, nothing is.
pub fn hostile_card(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let choice = input.byte();
    let count = input.below(TASKS_MAX + 1);
    let tasks = input.bytes(count);
    let card = Hostile {
        card: PivCard::new(Nature {
            announces: choice & 0x01 != 0,
            is_on_curve25519: choice & 0x02 != 0,
            number: 0,
        }),
        script: input.rest().to_vec(),
        position: 0,
        last: vec![0x90, 0x00],
        forever: None,
    };
    let library = Library::load();
    let readers = Readers::with(Box::new(card), choice & 0x08 != 0);
    if choice & 0x40 != 0 {
        readers.give_pin_pad(0);
    }
    let folder = (choice & 0x10 != 0).then(private_folder);
    let folder = folder.as_ref().map(tempfile::TempDir::path);
    let waits = choice & 0x20 != 0;
    assert!(library.initialize_on(&readers, waits, folder));
    let mut program = Program::new(library);
    for task in tasks {
        let before = readers.commands();
        let calls = program.calls();
        if task == 0xFF {
            // Another program, which finds what this one has left.
            library.finalize();
            assert_eq!(readers.connections(), 0, "a connection stays");
            assert!(library.initialize_on(&readers, waits, folder));
            program = Program::new(library);
            continue;
        }
        program.run(task);
        let (calls, commands) = (program.calls() - calls, readers.commands() - before);
        assert!(
            commands <= COMMANDS_MAX * calls,
            "{commands} commands for {calls} calls of task {task}"
        );
    }
    library.finalize();
    assert_eq!(readers.connections(), 0, "a connection stays");
}

/// A folder in memory, where there is one.
fn private_folder() -> tempfile::TempDir {
    let shared = std::path::Path::new("/dev/shm");
    let folder = if shared.is_dir() {
        tempfile::tempdir_in(shared)
    } else {
        tempfile::tempdir()
    };
    folder.expect("a folder")
}

/// The card.
struct Hostile {
    card: PivCard,
    script: Vec<u8>,
    position: usize,
    /// Its last answer.
    last: Vec<u8>,
    /// What it answers from now on.
    forever: Option<Vec<u8>>,
}

impl Card for Hostile {
    fn answer(&mut self, command: &[u8]) -> Answer {
        if let Some(answer) = &self.forever {
            return answer.clone().into();
        }
        let honest = self.card.process(command);
        self.spoil(honest)
    }

    fn reset(&mut self) {
        self.card.reset();
    }

    fn reader_answers(&mut self, answer: Vec<u8>) -> Answer {
        self.spoil(answer)
    }
}

impl Hostile {
    /// What becomes of an answer, as the script says.
    fn spoil(&mut self, honest: Vec<u8>) -> Answer {
        let mut script = Input::new(self.script.get(self.position..).unwrap_or_default());
        let answer = spoilt(
            honest,
            &mut self.card,
            &self.last,
            &mut script,
            &mut self.forever,
        );
        self.position = self.script.len() - script.rest().len();
        if let Ok(bytes) = &answer.result {
            self.last.clone_from(bytes);
        }
        answer
    }
}

fn link_error(choice: u8) -> LinkError {
    let errors = [
        LinkError::Gone,
        LinkError::Reset,
        LinkError::Busy,
        LinkError::Silent,
        LinkError::Failed(pcsc::Error::InsufficientBuffer),
    ];
    errors[usize::from(choice) % errors.len()]
}

/// What becomes of an answer.
fn spoilt(
    honest: Vec<u8>,
    card: &mut PivCard,
    last: &[u8],
    script: &mut Input<'_>,
    forever: &mut Option<Vec<u8>>,
) -> Answer {
    let mut answer = honest;
    let place = |script: &mut Input<'_>, length: usize| {
        let place = usize::from(script.byte()) << 8 | usize::from(script.byte());
        place % length.max(1)
    };
    match script.byte() {
        0x80..0x90 => {
            let at = place(script, answer.len());
            if let Some(byte) = answer.get_mut(at) {
                *byte ^= 1 << (script.byte() & 7);
            }
        }
        0x90..0x98 => {
            let at = place(script, answer.len());
            answer.truncate(at);
        }
        0x98..0xA0 => {
            let at = place(script, answer.len());
            let part = script.part();
            answer.splice(at..at, part);
        }
        // A status word of its own.
        0xA0..0xA8 => {
            let status = script.bytes(2);
            answer.truncate(answer.len().saturating_sub(2));
            answer.extend(status);
        }
        // Bytes of its own.
        0xA8..0xB0 => {
            answer = script.part();
        }
        0xB0 => answer.clear(),
        0xB1 => answer = vec![script.byte()],
        // More to come, or another length, without end.
        0xB2..0xB6 => {
            let data = usize::from(script.byte());
            answer = vec![script.byte(); data];
            answer.extend([0x61, script.byte()]);
            *forever = Some(answer.clone());
        }
        0xB6 => {
            answer = vec![0x6C, script.byte()];
            *forever = Some(answer.clone());
        }
        0xB7 => *forever = Some(answer.clone()),
        // A length field that says what is not there, or cannot be.
        0xB8..0xC0 => {
            let lengths: [&[u8]; 5] = [
                &[0x84, 0xFF, 0xFF, 0xFF, 0xFF],
                &[0x83, 0xFF, 0xFF, 0xFF],
                &[0x82, 0xFF, 0xFF],
                &[0x88, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
                &[0x80],
            ];
            let length = script.one_of(&lengths);
            let at = (1 + place(script, answer.len())).min(answer.len());
            let end = (at + 1).min(answer.len());
            answer.splice(at..end, length.iter().copied());
        }
        // As much as PC/SC gives.
        0xC0..0xC4 => {
            let fill = script.byte();
            answer = vec![fill; 65_000];
            answer.extend([0x90, 0x00]);
        }
        0xC4..0xC8 => answer = last.to_vec(),
        // Other certificates, another identity, other objects; the answer is still the one of before.
        0xC8..0xD0 => {
            let certificates = [
                ObjectId::Certificate(card_edge::piv::AsymmetricKey::PivAuthentication),
                ObjectId::Certificate(card_edge::piv::AsymmetricKey::DigitalSignature),
                ObjectId::Certificate(card_edge::piv::AsymmetricKey::KeyManagement),
            ];
            let object = script.one_of(&certificates);
            let der = script.one_of(&CERTIFICATES);
            card.objects.insert(object.tag(), certificate_object(der));
        }
        0xD0..0xD4 => {
            let content = script.part();
            let all = [
                ObjectId::Chuid.tag(),
                ObjectId::KeyHistory.tag(),
                ObjectId::Discovery.tag(),
                Tag::new(0x5F_C105),
                Tag::new(0x5F_C10A),
            ];
            card.objects.insert(script.one_of(&all), content);
        }
        0xE0..0xE4 => {
            return Answer {
                result: Err(link_error(script.byte())),
                then: Then::Stays,
            };
        }
        choice @ 0xE4..0xF4 => {
            let then = match choice & 3 {
                0 => Then::Leaves,
                1 | 2 => Then::LeavesShortly,
                _ => Then::IsReset,
            };
            let result = match script.byte() {
                0..0x40 => Ok(answer),
                0x40..0x60 => Ok(Vec::new()),
                choice => Err(link_error(choice)),
            };
            return Answer { result, then };
        }
        _ => {}
    }
    answer.into()
}
