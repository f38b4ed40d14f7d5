//! The commands of a host.

use super::files::NewFile;
use crate::holder::{Policy, Says};

/// Which PIN a host presents.
#[derive(Clone, Copy, Debug)]
pub enum Value {
    /// The one that is right.
    Right,
    /// One of a few, maybe the right one.
    Other(&'static [u8]),
}

/// What a host wants signed.
#[derive(Clone, Copy, Debug)]
pub enum Message {
    /// Something of this length to be padded.
    Short(usize),
    /// A block as long as the modulus.
    Block,
    /// What is left of a block whose chain was torn.
    Torn,
}

/// What a host wants decrypted.
#[derive(Clone, Copy, Debug)]
pub enum Cryptogram {
    /// A message with the padding that was chosen.
    Padded,
    /// With a byte before it that says nothing of the padding.
    AfterIndicator,
    /// A block that has no padding of an encryption.
    Unpadded,
    /// A byte too short.
    Short,
    /// What is left of one whose chain was torn.
    Torn,
}

/// How a host answers the card's challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Response {
    External,
    Mutual,
    Wrong,
}

/// The administrator's keys that are used. The first is the one of new cards.
pub const ADMINISTRATOR_KEYS: [[u8; 24]; 2] = [
    [
        1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8,
    ],
    [
        2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 21, 22, 23, 24, 25, 26, 27, 28,
    ],
];

/// One command. Files, tags, references and parameters are good and bad ones.
#[derive(Clone, Debug)]
pub enum Command {
    /// With this many bytes of the application identifier, and P2.
    Select(usize, u8),
    /// PIV, which is not there.
    SelectUnknown,
    /// File, and P2.
    SelectFile(u16, u8),
    Verify(Value),
    VerifyStatus,
    /// VERIFY of another reference.
    VerifyOther,
    /// VERIFY after which nothing is proved.
    Forget,
    Change(Value, &'static [u8]),
    /// CHANGE REFERENCE DATA without the old PIN.
    FirstPin(&'static [u8]),
    /// RESET RETRY COUNTER by the administrator.
    Unblock(&'static [u8]),
    /// File, and the tag of an object.
    Get(u16, u16),
    /// All objects of a file.
    GetAll(u16),
    GetPublicKey(u8),
    /// File, tag, length of the content.
    Put(u16, u16, usize),
    /// By its index.
    PutAdministratorKey(u8, usize),
    PutKeyPair(u8),
    /// Mechanism and key.
    ChooseSignature(u8, u8),
    ChooseDecryption(u8, u8),
    /// P1 and key.
    ChooseAdministrator(u8, u8),
    ChooseNothing,
    /// MANAGE SECURITY ENVIRONMENT that stores.
    StoreChoice,
    Sign(Message),
    Decrypt(Cryptogram),
    /// Mechanism and key.
    Generate(u8, u8),
    Challenge,
    MutualChallenge,
    Respond(Response),
    Create(NewFile),
    Activate,
    /// The selected file, or a named one.
    Delete(Option<u16>),
    /// This instruction, with data that is not a template.
    Garbled(u8),
    /// An instruction that the card does not have.
    UnknownInstruction,
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
    /// The link is cut, or the reader resets the card.
    Cut,
    /// The power fails and comes back: what is on disk is what the card knows. Over the other interface, maybe.
    Restart { other_interface: bool },
    /// Another process changes the card.
    Elsewhere,
    /// The holder decides for a key, by its name.
    Wants(&'static str, Policy),
    /// What the holder answers from now on.
    Says(Says),
}
