//! Scripts: any sequence of steps, the likely ones more often.

use proptest::prelude::*;
use proptest::sample::select;

use super::air::{AirPolicy, CS2, CS7};
use super::command::{
    Asked, Command, Establishment, Flaw, MANAGEMENT_KEYS, OF_THE_CARD, OF_THE_KEY, PairingValue,
    Peer, Step, Value,
};
use super::model::GLOBAL_PIN;
use super::tables::{ED25519, OBJECTS, P256, P384, X25519};
use crate::holder::{policy, says};

/// A card and what happens to it.
#[derive(Clone, Debug)]
pub struct Script {
    pub has_global_pin: bool,
    pub steps: Vec<Step>,
}

/// As many moves as a session of a tool has, several times over.
const MOVES_MAX: usize = 120;

pub fn script() -> impl Strategy<Value = Script> {
    (
        proptest::bool::weighted(0.4),
        proptest::bool::weighted(0.3),
        proptest::option::weighted(0.7, personalise()),
        proptest::option::weighted(0.4, air().prop_map(Step::Decide)),
        proptest::option::weighted(0.5, wants()),
        proptest::option::weighted(0.5, Just(Step::TypesAtPhone(true))),
        proptest::collection::vec(a_move(), 1..MOVES_MAX),
    )
        .prop_map(
            |(contactless, has_global_pin, keys, decides, wants, types, moves)| {
                // A host selects first; what comes before SELECT is there after a cut.
                let select = || Step::Send(Command::Select(9));
                let decisions = decides.into_iter().chain(wants).chain(types);
                let mut steps: Vec<Step> = decisions.chain([select()]).collect();
                steps.extend(keys.into_iter().flatten().map(Step::Send));
                if contactless {
                    let other_interface = true;
                    steps.extend([Step::Restart { other_interface }, select()]);
                }
                steps.extend(moves.into_iter().flatten());
                Script {
                    has_global_pin,
                    steps,
                }
            },
        )
}

fn air() -> impl Strategy<Value = AirPolicy> {
    select(vec![
        AirPolicy::ContactLike,
        AirPolicy::Strict,
        AirPolicy::Strict,
        AirPolicy::StrictWithoutPairing,
    ])
}

fn wants() -> impl Strategy<Value = Step> {
    (select(vec!["9A", "9C", "9D", "9E"]), policy())
        .prop_map(|(key, policy)| Step::Wants(key, policy))
}

/// Keys in the places that are used most, some of which ask for the PIN more often than their places.
fn personalise() -> impl Strategy<Value = Vec<Command>> {
    let pin = || proptest::option::weighted(0.25, select(vec![2, 3]));
    (pin(), pin(), pin()).prop_map(|(first, second, third)| {
        let keys = [(0x9A, first), (0x9C, None), (0x9D, second), (0x9E, third)];
        let generate = |(key, pin)| Command::Generate(key, P256, Asked { pin, touch: None });
        administrator()
            .into_iter()
            .chain(keys.map(generate))
            .collect()
    })
}

/// The administrator of a new card.
fn administrator() -> [Command; 2] {
    [Command::Challenge(0x0A), Command::Response(0x0A, true)]
}

/// One step, or a few that hosts send one after the other.
fn a_move() -> BoxedStrategy<Vec<Step>> {
    prop_oneof![
        88 => step().prop_map(|step| vec![step]),
        6 => channel(),
        4 => relocation(),
        4 => repetition(),
    ]
    .boxed()
}

fn step() -> BoxedStrategy<Step> {
    prop_oneof![
        80 => command().prop_map(Step::Send),
        8 => (chained(), proptest::option::weighted(0.3, between()))
            .prop_map(|(command, between)| Step::InParts(command, between)),
        5 => protected(),
        1 => Just(Step::Replay),
        1 => Just(Step::Cut),
        2 => any::<bool>().prop_map(|other_interface| Step::Restart { other_interface }),
        1 => Just(Step::Elsewhere),
        1 => air().prop_map(Step::Decide),
        2 => wants(),
        1 => proptest::bool::weighted(0.8).prop_map(Step::TypesAtPhone),
        2 => says().prop_map(Step::Says),
    ]
    .boxed()
}

/// The administrator moves a key, sometimes to where one has just been deleted, and a host looks at it.
fn relocation() -> BoxedStrategy<Vec<Step>> {
    (key(), key(), any::<bool>())
        .prop_map(|(from, to, deletes)| {
            administrator()
                .into_iter()
                .chain(deletes.then_some(Command::Move(to, 0xFF)))
                .chain([Command::Move(from, to), Command::Metadata(to)])
                .map(Step::Send)
                .collect()
        })
        .boxed()
}

/// A key is used, and used again as before, with something in between maybe.
fn repetition() -> BoxedStrategy<Vec<Step>> {
    let between = prop_oneof![3 => command().prop_map(Step::Send), 1 => protected()];
    let typed_at_phone = Just(Command::VerifyAtPhone(None));
    let uses = prop_oneof![3 => uses(), 1 => typed_at_phone];
    (uses, proptest::option::weighted(0.6, between))
        .prop_map(|(use_it, between)| {
            let verify = Command::Verify(0x80, Value::Right);
            let use_it = Step::Send(use_it);
            let begin = [Step::Send(verify), use_it.clone()].into_iter();
            begin.chain(between).chain([use_it]).collect()
        })
        .boxed()
}

/// A channel, mostly paired, and a few commands in it.
fn channel() -> BoxedStrategy<Vec<Step>> {
    let pairs = proptest::option::weighted(0.8, Just(Command::Pair(PairingValue::Right)));
    let verifies = proptest::option::weighted(0.7, Just(Command::Verify(0x80, Value::Right)));
    (
        pairs,
        verifies,
        proptest::collection::vec(protected(), 0..6),
    )
        .prop_map(|(pairs, verifies, steps)| {
            // What was proved in the channel may serve a command in clear.
            let in_clear = Step::Send(Command::Sign(OF_THE_KEY, 0x9E, 32));
            let establish = Command::Establish(OF_THE_CARD, Establishment::Good);
            let begin = pairs.into_iter().chain(verifies);
            [Step::Send(establish)]
                .into_iter()
                .chain(begin.map(|command| Step::Protected(command, None)))
                .chain(steps)
                .chain([in_clear])
                .collect()
        })
        .boxed()
}

/// Mostly what may be protected.
fn protected() -> BoxedStrategy<Step> {
    let command = prop_oneof![
        8 => pins(),
        8 => uses(),
        5 => tag().prop_map(Command::GetData),
        4 => pair(),
        1 => establish(),
        1 => administration(),
        1 => keys(),
    ];
    let flaw = prop_oneof![
        20 => Just(None),
        1 => Just(Some(Flaw::WrongMac)),
        1 => Just(Some(Flaw::NoMac)),
    ];
    (command, flaw)
        .prop_map(|(command, flaw)| Step::Protected(command, flaw))
        .boxed()
}

fn pair() -> impl Strategy<Value = Command> {
    prop_oneof![
        5 => Just(PairingValue::Right),
        3 => select(vec![
            PairingValue::Wrong,
            PairingValue::NoDigits,
            PairingValue::Short,
            PairingValue::Nothing,
            PairingValue::Forgotten,
        ]),
    ]
    .prop_map(Command::Pair)
}

fn establish() -> impl Strategy<Value = Command> {
    let suite = select(vec![OF_THE_CARD, OF_THE_CARD, CS2, CS7, 0x11]);
    let how = prop_oneof![
        6 => Just(Establishment::Good),
        1 => Just(Establishment::OffTheCurve),
        1 => Just(Establishment::Malformed),
    ];
    (suite, how).prop_map(|(suite, how)| Command::Establish(suite, how))
}

fn command() -> BoxedStrategy<Command> {
    prop_oneof![
        10 => select(vec![5, 9, 11]).prop_map(Command::Select),
        1 => Just(Command::SelectUnknown),
        24 => pins(),
        16 => administration(),
        24 => uses(),
        14 => keys(),
        12 => objects(),
        3 => between(),
        3 => establish(),
        1 => pair(),
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
        Command::GetData(0x7E),
    ])
}

fn pin_reference() -> impl Strategy<Value = u8> {
    prop_oneof![12 => Just(0x80), 4 => Just(0x00), 1 => Just(0x81), 1 => Just(0x96), 1 => Just(0x42)]
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        12 => Just(Value::Right),
        2 => Just(Value::Digits(b"123456")),
        1 => Just(Value::Digits(b"999999")),
        1 => Just(Value::Digits(b"abcdefgh")),
        1 => Just(Value::Padding),
    ]
}

fn new_value() -> impl Strategy<Value = Value> {
    select(vec![
        Value::Digits(b"123456"),
        Value::Digits(b"65432109"),
        Value::Digits(GLOBAL_PIN),
        Value::Digits(b"12345678"),
        Value::Digits(b"12ab56"),
        Value::Padding,
    ])
}

fn pins() -> BoxedStrategy<Command> {
    prop_oneof![
        12 => (pin_reference(), value()).prop_map(|(reference, value)| verify(reference, value)),
        2 => (pin_reference(), select(vec![&b"12345"[..], b"1234567", b"12345a\xFF\xFF", b"123456789"]))
            .prop_map(|(reference, data)| Command::VerifyMalformed(reference, data)),
        4 => select(vec![None, None, Some(&b""[..]), Some(b"123456\xFF\xFF"), Some(b"\x0C\x00")])
            .prop_map(Command::VerifyAtPhone),
        2 => pin_reference().prop_map(Command::VerifyStatus),
        2 => pin_reference().prop_map(Command::LogOut),
        2 => (select(vec![0x80, 0x80, 0x00, 0x81]), value(), new_value())
            .prop_map(|(reference, old, new)| Command::Change(reference, old, new)),
        3 => (select(vec![0x80, 0x80, 0x80, 0x00]), value(), new_value())
            .prop_map(|(reference, puk, new)| Command::Unblock(reference, puk, new)),
    ]
    .boxed()
}

/// What is not digits is not taken for a PIN to compare.
fn verify(reference: u8, value: Value) -> Command {
    match value {
        Value::Digits(digits) if !digits.iter().all(u8::is_ascii_digit) => {
            Command::VerifyMalformed(reference, digits)
        }
        value => Command::Verify(reference, value),
    }
}

fn cipher() -> impl Strategy<Value = u8> {
    prop_oneof![8 => Just(0x0A), 1 => Just(0x03), 1 => Just(0x08), 1 => Just(0x0C)]
}

fn administration() -> BoxedStrategy<Command> {
    let right = || proptest::bool::weighted(0.9);
    prop_oneof![
        6 => cipher().prop_map(Command::Challenge),
        6 => (cipher(), right()).prop_map(|(cipher, right)| Command::Response(cipher, right)),
        3 => cipher().prop_map(Command::Witness),
        3 => (cipher(), right()).prop_map(|(cipher, right)| Command::Mutual(cipher, right)),
        1 => (0..MANAGEMENT_KEYS.len()).prop_map(Command::SetManagementKey),
        1 => (select(vec![0, 1, 2, 5, 15, 16]), select(vec![1, 3, 15]))
            .prop_map(|(pin, puk)| Command::SetRetries(pin, puk)),
        2 => Just(Command::Reset),
        1 => select(vec![&b"27182818"[..], b"2718", b""]).prop_map(Command::PutPairingCode),
        1 => select(vec![CS2, CS7, P256]).prop_map(Command::GenerateChannelKey),
        2 => select(vec![0x80, 0x81, 0x9B, 0x9A, 0x9C, 0x42]).prop_map(Command::Metadata),
    ]
    .boxed()
}

fn key() -> impl Strategy<Value = u8> {
    prop_oneof![
        5 => Just(0x9A),
        6 => Just(0x9C),
        4 => Just(0x9D),
        3 => Just(0x9E),
        2 => Just(0x82),
        1 => Just(0x95),
        1 => Just(0x96),
    ]
}

/// Mostly the one of the key.
fn used_algorithm() -> impl Strategy<Value = u8> {
    prop_oneof![6 => Just(OF_THE_KEY), 1 => algorithm()]
}

fn algorithm() -> impl Strategy<Value = u8> {
    prop_oneof![9 => Just(P256), 2 => Just(P384), 2 => Just(ED25519), 2 => Just(X25519), 1 => Just(0x42)]
}

fn sign() -> impl Strategy<Value = Command> {
    (
        used_algorithm(),
        key(),
        select(vec![20, 32, 32, 48, 64, 65]),
    )
        .prop_map(|(algorithm, key, length)| Command::Sign(algorithm, key, length))
}

fn uses() -> BoxedStrategy<Command> {
    let peer = select(vec![
        Peer::P256,
        Peer::P256,
        Peer::P384,
        Peer::X25519,
        Peer::OffTheCurve,
    ]);
    prop_oneof![
        5 => sign(),
        3 => (used_algorithm(), key(), peer).prop_map(|(algorithm, key, peer)| Command::Agree(algorithm, key, peer)),
        3 => (key(), select(vec![3, 3, 3, 1]), select(vec![32, 32, 32, 31]))
            .prop_map(|(key, scheme, length)| Command::SignAtOnce(key, scheme, length)),
    ]
    .boxed()
}

fn asked() -> impl Strategy<Value = Asked> {
    let pin = prop_oneof![5 => Just(None), 2 => (0..=3u8).prop_map(Some), 1 => Just(Some(3))];
    let touch = prop_oneof![8 => Just(None), 2 => (0..=3u8).prop_map(Some)];
    prop_oneof![
        20 => (pin, touch).prop_map(|(pin, touch)| Asked { pin, touch }),
        1 => (select(vec![None, Some(4)]), Just(Some(4)))
            .prop_map(|(touch, pin)| Asked { pin, touch }),
        1 => Just(Asked { pin: None, touch: Some(4) }),
    ]
}

fn keys() -> BoxedStrategy<Command> {
    prop_oneof![
        6 => (key(), algorithm(), asked())
            .prop_map(|(key, algorithm, asked)| Command::Generate(key, algorithm, asked)),
        2 => (key(), asked()).prop_map(|(key, asked)| Command::Import(key, asked)),
        2 => (key(), key()).prop_map(|(from, to)| Command::Move(from, to)),
        1 => key().prop_map(|from| Command::Move(from, 0xFF)),
        2 => key().prop_map(Command::Metadata),
    ]
    .boxed()
}

fn tag() -> impl Strategy<Value = u32> {
    let tags: Vec<u32> = OBJECTS.iter().map(|(tag, ..)| *tag).collect();
    prop_oneof![12 => select(tags), 1 => Just(0x5F_C17F)]
}

fn objects() -> BoxedStrategy<Command> {
    prop_oneof![
        tag().prop_map(Command::GetData),
        (tag(), select(vec![0, 5, 120, 300]))
            .prop_map(|(tag, length)| Command::PutData(tag, length)),
    ]
    .boxed()
}

/// What comes in parts: the last four bytes of each are of a hash or a content.
fn chained() -> BoxedStrategy<Command> {
    prop_oneof![
        sign(),
        (tag(), select(vec![5, 120])).prop_map(|(tag, length)| Command::PutData(tag, length)),
    ]
    .boxed()
}
