//! Scripts: any sequence of steps, the likely ones more often.

use proptest::prelude::*;
use proptest::sample::select;

use super::command::{ADMINISTRATOR_KEYS, Command, Cryptogram, Message, Response, Step, Value};
use super::files::{APPLICATION, NewFile, NewKind, Rules, USES, Use, standard};
use super::setup::{Made, own_file};
use crate::holder::{policy, says};

/// A card and what happens to it.
#[derive(Clone, Debug)]
pub struct Script {
    pub made: Made,
    pub contactless: bool,
    pub is_strict: bool,
    pub steps: Vec<Step>,
}

/// As many moves as a session of a tool has, several times over.
const MOVES_MAX: usize = 110;

/// The PINs, and what cannot be one.
const PINS: [&[u8]; 8] = [
    b"123456",
    b"1234",
    b"12345612",
    b"correct horse",
    b"0123456789abcdef",
    b"123",
    b"0123456789abcdefg",
    b"12345\xFF",
];

pub fn script() -> impl Strategy<Value = Script> {
    let made = prop_oneof![
        1 => Just(Made::Blank),
        2 => Just(Made::ByThePhone),
        5 => Just(Made::WithKeys),
    ];
    (
        made,
        proptest::bool::weighted(0.3),
        proptest::bool::weighted(0.05),
        proptest::bool::weighted(0.7),
        proptest::option::weighted(0.5, wants()),
        proptest::collection::vec(a_move(), 1..MOVES_MAX),
    )
        .prop_map(
            |(made, contactless, is_strict, is_personalised, wants, moves)| {
                // A host selects first; what comes before SELECT is there after a cut.
                let mut begin = vec![Command::Select(9, 0x00)];
                if is_personalised {
                    begin.extend(personalise(made));
                }
                let begin = wants.into_iter().chain(begin.into_iter().map(Step::Send));
                Script {
                    made,
                    contactless,
                    is_strict,
                    steps: begin.chain(moves.into_iter().flatten()).collect(),
                }
            },
        )
}

fn a_file(id: u16, put: u8, get: u8) -> Command {
    let (kind, rules) = (NewKind::Data, Rules::new(0x03, &[put, get]));
    Command::Create(NewFile { id, kind, rules })
}

fn a_key_file(id: u16, uses: &[Use], conditions: [u8; 4]) -> Command {
    Command::Create(NewFile {
        id,
        kind: NewKind::KeyPair(uses.to_vec()),
        rules: Rules::new(0x8F, &conditions),
    })
}

/// What makes a card one that can be used.
fn personalise(made: Made) -> Vec<Command> {
    match made {
        Made::WithKeys | Made::ByThePhone => Vec::new(),
        Made::Blank => vec![
            a_file(0xA000, 0x30, 0x00),
            a_file(0xA012, 0x20, 0x00),
            administrator_file(Rules::new(0x87, &[0x00, 0x20, 0xFF])),
            Command::PutAdministratorKey(0x80, 1),
            Command::Create(own_file()),
            Command::PutKeyPair(0x84),
            Command::SelectFile(APPLICATION, 0x0C),
            Command::Activate,
        ],
    }
}

fn administrator_file(rules: Rules) -> Command {
    Command::Create(NewFile {
        id: 0xB080,
        kind: NewKind::AdministratorKey,
        rules,
    })
}

/// One step, or a few that hosts send one after the other.
fn a_move() -> BoxedStrategy<Vec<Step>> {
    let one = |step: BoxedStrategy<Step>| step.prop_map(|step| vec![step]);
    prop_oneof![
        60 => one(command().prop_map(Step::Send).boxed()),
        6 => one((chained(), proptest::option::weighted(0.3, between()))
            .prop_map(|(command, between)| Step::InParts(command, between)).boxed()),
        3 => (cut(), proptest::bool::weighted(0.8)).prop_map(|(cut, selects)| {
            let select = selects.then_some(Step::Send(Command::Select(9, 0x00)));
            [cut].into_iter().chain(select).collect()
        }),
        1 => (1..7usize).prop_map(|guesses| {
            vec![Step::Send(Command::Verify(Value::Other(b"999999"))); guesses]
        }),
        2 => wants().prop_map(|step| vec![step]),
        3 => says().prop_map(|says| vec![Step::Says(says)]),
        8 => all_of(authentication()),
        12 => all_of(use_of_key()),
    ]
    .boxed()
}

fn wants() -> impl Strategy<Value = Step> {
    (select(vec!["9A", "9C", "9D", "B084"]), policy())
        .prop_map(|(key, policy)| Step::Wants(key, policy))
}

fn cut() -> impl Strategy<Value = Step> {
    prop_oneof![
        Just(Step::Cut),
        any::<bool>().prop_map(|other_interface| Step::Restart { other_interface }),
        Just(Step::Elsewhere),
    ]
}

fn all_of(commands: BoxedStrategy<Vec<Command>>) -> BoxedStrategy<Vec<Step>> {
    commands
        .prop_map(|commands| commands.into_iter().map(Step::Send).collect())
        .boxed()
}

/// The administrator proves the key, mostly.
fn authentication() -> BoxedStrategy<Vec<Command>> {
    let choose = Command::ChooseAdministrator(0x81, 0x80);
    let halves = select(vec![
        (Command::Challenge, Response::External),
        (Command::MutualChallenge, Response::Mutual),
        (Command::Challenge, Response::Mutual),
    ]);
    (halves, proptest::option::weighted(0.3, command()))
        .prop_map(move |((challenge, response), between)| {
            let begin = [choose.clone(), challenge].into_iter();
            let end = between.into_iter().chain([Command::Respond(response)]);
            begin.chain(end).collect()
        })
        .boxed()
}

/// PIN, key and use, and maybe something between PIN and use.
fn use_of_key() -> BoxedStrategy<Vec<Command>> {
    let verify = proptest::option::weighted(0.7, Just(Command::Verify(Value::Right)));
    let choice_and_use = prop_oneof![
        (select(vec![0x17, 0x57]), key(), message()).prop_map(|(mechanism, key, message)| (
            Command::ChooseSignature(mechanism, key),
            Command::Sign(message)
        )),
        (select(vec![0x07, 0x47, 0x87]), key(), cryptogram()).prop_map(
            |(mechanism, key, cryptogram)| (
                Command::ChooseDecryption(mechanism, key),
                Command::Decrypt(cryptogram)
            )
        ),
    ];
    (
        verify,
        choice_and_use,
        proptest::option::weighted(0.2, command()),
        any::<bool>(),
    )
        .prop_map(|(verify, (choice, use_it), between, twice)| {
            let again = twice.then(|| use_it.clone());
            let begin = verify.into_iter().chain([choice]).chain(between);
            begin.chain([use_it]).chain(again).collect()
        })
        .boxed()
}

fn command() -> BoxedStrategy<Command> {
    let p2 = || select(vec![0x00, 0x04, 0x08, 0x0C, 0x0C, 0x02]);
    prop_oneof![
        6 => (select(vec![9, 10, 11]), p2()).prop_map(|(length, p2)| Command::Select(length, p2)),
        5 => (file(), p2()).prop_map(|(file, p2)| Command::SelectFile(file, p2)),
        24 => pins(),
        6 => choices(),
        6 => select(vec![
            Command::Challenge,
            Command::MutualChallenge,
            Command::Respond(Response::External),
            Command::Respond(Response::Mutual),
            Command::Respond(Response::Wrong),
        ]),
        24 => objects(),
        10 => files(),
        3 => keys(),
        4 => message().prop_map(Command::Sign),
        3 => cryptogram().prop_map(Command::Decrypt),
        2 => select(vec![0x22, 0x47, 0x87, 0xCB, 0xDB, 0xE0]).prop_map(Command::Garbled),
        3 => between(),
    ]
    .boxed()
}

/// What only interrupts.
fn between() -> impl Strategy<Value = Command> {
    select(vec![
        Command::GetResponse,
        Command::Malformed,
        Command::OtherClass,
        Command::ChainedVerify,
        Command::SelectUnknown,
        Command::UnknownInstruction,
        Command::Get(0xA010, 0xDF22),
    ])
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        10 => Just(Value::Right),
        3 => pin().prop_map(Value::Other),
    ]
}

fn pin() -> impl Strategy<Value = &'static [u8]> {
    select(PINS.to_vec())
}

fn pins() -> BoxedStrategy<Command> {
    prop_oneof![
        12 => value().prop_map(Command::Verify),
        3 => Just(Command::VerifyStatus),
        1 => Just(Command::VerifyOther),
        1 => Just(Command::Forget),
        2 => (value(), pin()).prop_map(|(old, new)| Command::Change(old, new)),
        1 => pin().prop_map(Command::FirstPin),
        3 => pin().prop_map(Command::Unblock),
    ]
    .boxed()
}

fn key() -> impl Strategy<Value = u8> {
    prop_oneof![
        2 => Just(0x81),
        5 => Just(0x82),
        2 => Just(0x83),
        6 => Just(0x84),
        1 => Just(0x80),
        1 => Just(0x85),
    ]
}

fn mechanism() -> impl Strategy<Value = u8> {
    select(vec![0x17, 0x57, 0x57, 0x07, 0x47, 0x87, 0x27])
}

fn choices() -> BoxedStrategy<Command> {
    prop_oneof![
        4 => (mechanism(), key()).prop_map(|(mechanism, key)| Command::ChooseSignature(mechanism, key)),
        4 => (mechanism(), key()).prop_map(|(mechanism, key)| Command::ChooseDecryption(mechanism, key)),
        3 => (select(vec![0x81, 0xC1, 0x41]), select(vec![0x80, 0x80, 0x80, 0x84]))
            .prop_map(|(p1, key)| Command::ChooseAdministrator(p1, key)),
        1 => select(vec![Command::ChooseNothing, Command::StoreChoice]),
    ]
    .boxed()
}

fn message() -> impl Strategy<Value = Message> {
    prop_oneof![
        4 => select(vec![35, 51, 245, 246]).prop_map(Message::Short),
        2 => Just(Message::Block),
    ]
}

fn cryptogram() -> impl Strategy<Value = Cryptogram> {
    select(vec![
        Cryptogram::Padded,
        Cryptogram::Padded,
        Cryptogram::AfterIndicator,
        Cryptogram::Unpadded,
        Cryptogram::Short,
    ])
}

/// Data files: the standard ones, and two of a host.
fn file() -> impl Strategy<Value = u16> {
    let standard = standard()
        .into_iter()
        .map(|file| file.made.id)
        .collect::<Vec<_>>();
    prop_oneof![
        12 => select(standard),
        5 => select(vec![0xA110, 0xA111]),
        2 => select(vec![0xB081, 0xB084, 0xB085]),
        2 => Just(0x0000),
        1 => select(vec![APPLICATION, 0x2F01, 0xA200]),
    ]
}

fn objects() -> BoxedStrategy<Command> {
    let tag = || select(vec![0xDF1F, 0xDF20, 0xDF22, 0xDF23, 0xDF40, 0x7F71]);
    prop_oneof![
        6 => (file(), tag()).prop_map(|(file, tag)| Command::Get(file, tag)),
        2 => file().prop_map(Command::GetAll),
        2 => select(vec![0x7F71, 0x7F72, 0x7F73]).prop_map(|tag| Command::Get(APPLICATION, tag)),
        1 => Just(Command::GetAll(0x2F01)),
        2 => key().prop_map(Command::GetPublicKey),
        7 => (file(), tag(), select(vec![0, 5, 120, 300])).prop_map(put),
    ]
    .boxed()
}

/// What goes to the application is a key and not an object.
fn put((file, tag, length): (u16, u16, usize)) -> Command {
    match file {
        0x0000 | APPLICATION => Command::Garbled(0xDB),
        file => Command::Put(file, tag, length),
    }
}

fn condition() -> impl Strategy<Value = u8> {
    prop_oneof![
        6 => select(vec![0x00, 0x10, 0x20, 0x30]),
        2 => select(vec![0xFF, 0x90, 0xB0, 0x40, 0x50]),
        1 => select(vec![0xD0, 0x80, 0x31]),
    ]
}

fn files() -> BoxedStrategy<Command> {
    let conditions = || [condition(), condition(), condition(), condition()];
    let uses = || {
        prop_oneof![
            6 => Just(USES.to_vec()),
            2 => Just(vec![(true, 0x57)]),
            1 => select(vec![
                vec![],
                vec![(true, 0x56)],
                vec![(true, 0x58)],
                vec![(true, 0x57), (false, 0x48)],
                vec![(true, 0x27)],
                vec![(true, 0x47), (false, 0x17)],
            ]),
        ]
    };
    prop_oneof![
        5 => (file(), condition(), condition()).prop_map(|(id, put, get)| a_file(id, put, get)),
        1 => (select(vec![0xA110, 0xB080]), 0u8..4, condition()).prop_map(|(id, modes, condition)| {
            let (kind, rules) = (NewKind::Data, Rules::new(modes, &[condition]));
            Command::Create(NewFile { id, kind, rules })
        }),
        3 => (select(vec![0xB084, 0xB084, 0xB085, 0xB080]), uses(), conditions())
            .prop_map(|(id, uses, conditions)| a_key_file(id, &uses, conditions)),
        2 => [condition(), condition(), condition()]
            .prop_map(|conditions| administrator_file(Rules::new(0x87, &conditions))),
        1 => Just(Command::Activate),
        4 => proptest::option::weighted(0.8, prop_oneof![3 => file(), 1 => Just(0xB084)])
            .prop_map(Command::Delete),
    ]
    .boxed()
}

/// What takes long, rarely.
fn keys() -> BoxedStrategy<Command> {
    prop_oneof![
        4 => (select(vec![0x80, 0x80, 0x80, 0x84]), 0..ADMINISTRATOR_KEYS.len())
            .prop_map(|(key, index)| Command::PutAdministratorKey(key, index)),
        4 => key().prop_map(Command::PutKeyPair),
        1 => (select(vec![0x07, 0x07, 0x09, 0x57]), key())
            .prop_map(|(mechanism, key)| Command::Generate(mechanism, key)),
    ]
    .boxed()
}

/// What comes in parts: the last four bytes of each are of a message or a content.
fn chained() -> BoxedStrategy<Command> {
    prop_oneof![
        message().prop_map(Command::Sign),
        cryptogram().prop_map(Command::Decrypt),
        (file(), select(vec![5, 120, 300]))
            .prop_filter("is a file", |(file, _)| ![0, APPLICATION].contains(file))
            .prop_map(|(file, length)| Command::Put(file, 0xDF40, length)),
        (condition(), condition()).prop_map(|(put, get)| a_file(0xA110, put, get)),
    ]
    .boxed()
}
