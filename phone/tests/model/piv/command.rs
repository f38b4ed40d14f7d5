//! The commands of a host, and their bytes as the standard has them.

use super::air::AirPolicy;
use crate::holder::{Policy, Says};

/// Which PIN or PUK a host presents.
#[derive(Clone, Copy, Debug)]
pub enum Value {
    /// The one that is right.
    Right,
    /// One of a few, maybe the right one.
    Digits(&'static [u8]),
    /// Padding alone.
    Padding,
}

/// A point or public key of X25519 that a host wants to agree with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    P256,
    P384,
    X25519,
    /// As long as one of P-256, but not on the curve.
    OffTheCurve,
}

/// What a host presents as the pairing code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PairingValue {
    Right,
    Wrong,
    /// Eight bytes that are not digits.
    NoDigits,
    Short,
    /// Has it been given?
    Nothing,
    /// It counts as not given.
    Forgotten,
}

/// The host's half of a key establishment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Establishment {
    Good,
    OffTheCurve,
    Malformed,
}

/// What is wrong with a protected command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    WrongMac,
    NoMac,
}

/// The policies that a host names when it makes a key, as their bytes. Of the PIN: 0 is left to the card, 1 never, 2 once,
/// 3 always. Of a touch: 0 is left to the card, 1 never, 2 always, 3 for a while. The card refuses any other byte.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked {
    pub pin: Option<u8>,
    pub touch: Option<u8>,
}

/// Stands for the suite that the card has.
pub const OF_THE_CARD: u8 = 0;

/// The management keys that are used: cipher and key.
pub const MANAGEMENT_KEYS: [(u8, &[u8]); 4] = [
    (
        0x0A,
        &[
            1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8,
        ],
    ),
    (0x08, &[0x21; 16]),
    (0x0C, &[0x22; 32]),
    (
        0x03,
        &[
            2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 21, 22, 23, 24, 25, 26, 27, 28,
        ],
    ),
];

/// Stands for the algorithm of the key that is used, or P-256 where there is none.
pub const OF_THE_KEY: u8 = 0;

/// One command. References, algorithms and tags are bytes, good and bad ones.
#[derive(Clone, Debug)]
pub enum Command {
    /// With the PIV application identifier, this many bytes of it.
    Select(usize),
    SelectUnknown,
    Verify(u8, Value),
    /// The PIV PIN, typed at the phone: with a note, or with this.
    VerifyAtPhone(Option<&'static [u8]>),
    /// With data that cannot be a PIN.
    VerifyMalformed(u8, &'static [u8]),
    VerifyStatus(u8),
    LogOut(u8),
    Change(u8, Value, Value),
    Unblock(u8, Value, Value),
    Challenge(u8),
    /// Right or wrong.
    Response(u8, bool),
    Witness(u8),
    /// Right or wrong.
    Mutual(u8, bool),
    /// GENERAL AUTHENTICATE: algorithm, key, length of the hash.
    Sign(u8, u8, usize),
    Agree(u8, u8, Peer),
    /// Beyond the standard: key, scheme, length of the hash, which is said to be SHA-256's.
    SignAtOnce(u8, u8, usize),
    /// Key, algorithm.
    Generate(u8, u8, Asked),
    /// A key of P-256.
    Import(u8, Asked),
    /// From, to; FF deletes.
    Move(u8, u8),
    Metadata(u8),
    GetData(u32),
    /// Tag and length of the content.
    PutData(u32, usize),
    /// What the object of the pairing code shall hold as digits.
    PutPairingCode(&'static [u8]),
    SetRetries(u8, u8),
    Reset,
    /// By its index.
    SetManagementKey(usize),
    /// GENERAL AUTHENTICATE of the key 04: the suite.
    Establish(u8, Establishment),
    /// For this suite.
    GenerateChannelKey(u8),
    Pair(PairingValue),
    GetResponse,
    /// Three bytes.
    Malformed,
    /// Class 80.
    OtherClass,
    /// VERIFY, said to go on in a next part.
    ChainedVerify,
}

/// What a host does, or happens to the card.
#[derive(Clone, Debug)]
pub enum Step {
    /// A command, short or extended.
    Send(Command),
    /// A command in two parts, and what comes between them.
    InParts(Command, Option<Command>),
    /// A command in the channel.
    Protected(Command, Option<Flaw>),
    /// The last command in a channel once more.
    Replay,
    /// The holder decides for the contactless interface.
    Decide(AirPolicy),
    /// The link is cut, or the reader resets the card.
    Cut,
    /// The power fails and comes back: what is on disk is what the card knows. Over the other interface, maybe.
    Restart { other_interface: bool },
    /// Another process changes the card.
    Elsewhere,
    /// The holder decides whether the PIN is typed at the phone too.
    TypesAtPhone(bool),
    /// The holder decides for a key, by its name.
    Wants(&'static str, Policy),
    /// What the holder answers from now on.
    Says(Says),
}

/// Eight bytes, padded.
pub fn padded(digits: &[u8]) -> [u8; 8] {
    let mut out = [0xFF; 8];
    out[..digits.len()].copy_from_slice(digits);
    out
}
