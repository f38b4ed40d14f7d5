//! The model: what a PIV card has proved, counted and stored (SP 800-73-5 part 1, tables 2 and 4b; part 2, chapter 3).

use std::collections::BTreeMap;

use crate::command::{Command, MANAGEMENT_KEYS, OF_THE_KEY, Peer, Value, element, padded};

pub const SUCCESS: u16 = 0x9000;
const NOT_AUTHORISED: u16 = 0x6982;
const BLOCKED: u16 = 0x6983;
const CONDITIONS: u16 = 0x6985;
const BAD_DATA: u16 = 0x6A80;
const NOT_SUPPORTED: u16 = 0x6A81;
const NOT_FOUND: u16 = 0x6A82;
const BAD_PARAMETERS: u16 = 0x6A86;
const NO_REFERENCE: u16 = 0x6A88;

pub const P256: u8 = 0x11;
pub const P384: u8 = 0x14;
pub const ED25519: u8 = 0xE0;
pub const X25519: u8 = 0xE1;
const ALGORITHMS: [u8; 4] = [P256, P384, ED25519, X25519];

pub const CHUID: u32 = 0x5F_C102;
const DISCOVERY: u32 = 0x7E;
/// Objects, and whether the PIN is needed to read them.
pub const OBJECTS: [(u32, bool); 7] = [
    (CHUID, false),
    (0x5F_C105, false),
    (0x5F_C10B, false),
    (0x5F_C106, false),
    (0x5F_C109, true),
    (0x5F_C121, true),
    (DISCOVERY, false),
];

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Proof {
    #[default]
    None,
    /// Some commands ago.
    Earlier,
    /// By the command before.
    JustNow,
}

/// A PIN or PUK and its counter.
#[derive(Clone, Copy, Debug)]
struct Counted {
    value: [u8; 8],
    limit: u8,
    left: u8,
}

impl Counted {
    fn full(value: [u8; 8], limit: u8) -> Self {
        let left = limit;
        Self { value, limit, left }
    }
}

#[derive(Clone, Debug)]
pub struct Key {
    pub algorithm: u8,
    pub imported: bool,
    /// What the card has told of it: a point, or 32 bytes.
    pub public: Vec<u8>,
}

/// What must be answered directly after a challenge (or, mutual, a witness) of this cipher.
#[derive(Clone, Copy, Debug)]
struct Pending {
    cipher: u8,
    mutual: bool,
}

#[derive(Default)]
struct Session {
    pin: Proof,
    global_pin: Proof,
    administrator: bool,
    pending: Option<Pending>,
}

/// What a card answers.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nothing but this status word.
    Status(u16),
    /// These bytes.
    Data(Vec<u8>),
    /// The property template; the announced tries of the PIN.
    Selected(u8),
    /// A challenge or witness, encrypted or not.
    Challenge,
    /// The host's challenge, encrypted.
    Mutual,
    /// A signature by this key, in DER (Ed25519: bare), or as in one command: r and s.
    Signature { key: u8, bare: bool },
    /// What this key and the peer have in common.
    Agreement(u8),
    /// A public key, new in this place.
    Generated(u8),
    /// A public key, this one, came in.
    Imported(u8),
    /// Metadata of a key.
    KeyMetadata(u8),
    /// A new card: its CHUID is new.
    NewCard,
}

pub struct Model {
    pin: Counted,
    puk: Counted,
    global_pin: Option<Counted>,
    management_key: usize,
    pub keys: BTreeMap<u8, Key>,
    pub objects: BTreeMap<u32, Vec<u8>>,
    pub contactless: bool,
    selected: bool,
    session: Session,
    /// Another process has changed the card.
    changed_elsewhere: bool,
    /// The first part of a chain has come.
    begun: bool,
    /// What waits for GET RESPONSE.
    waiting: Vec<u8>,
}

pub const GLOBAL_PIN: &[u8] = b"77889900";

impl Model {
    pub fn new(contactless: bool, has_global_pin: bool) -> Self {
        Self {
            pin: Counted::full(padded(b"123456"), 5),
            puk: Counted::full(padded(b"12345678"), 3),
            global_pin: has_global_pin.then(|| Counted::full(padded(GLOBAL_PIN), 5)),
            management_key: 0,
            keys: BTreeMap::new(),
            objects: BTreeMap::new(),
            contactless,
            selected: false,
            session: Session::default(),
            changed_elsewhere: false,
            begun: false,
            waiting: Vec::new(),
        }
    }

    /// The link is cut: nothing is proved and nothing waits.
    pub fn cut(&mut self) {
        self.selected = false;
        self.session = Session::default();
        self.begun = false;
        self.waiting.clear();
    }

    pub fn restart(&mut self, other_interface: bool) {
        self.cut();
        self.changed_elsewhere = false;
        self.contactless ^= other_interface;
    }

    pub fn elsewhere(&mut self) {
        self.changed_elsewhere = true;
    }

    pub fn management_key(&self) -> (u8, &'static [u8]) {
        MANAGEMENT_KEYS[self.management_key]
    }

    /// The command with the algorithm of the key that it uses.
    pub fn resolve(&self, command: &Command) -> Command {
        let own = |key| self.keys.get(key).map_or(P256, |key| key.algorithm);
        match command {
            Command::Sign(OF_THE_KEY, key, length) => Command::Sign(own(key), *key, *length),
            Command::Agree(OF_THE_KEY, key, peer) => Command::Agree(own(key), *key, *peer),
            other => other.clone(),
        }
    }

    /// How many bytes wait for GET RESPONSE.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// The bytes that a host presents for the PIN or PUK with this reference.
    pub fn value(&self, reference: u8, value: Value) -> [u8; 8] {
        match (value, reference) {
            (Value::Digits(digits), _) => padded(digits),
            (Value::Padding, _) => [0xFF; 8],
            (Value::Right, 0x80) => self.pin.value,
            (Value::Right, 0x81) => self.puk.value,
            (Value::Right, _) => self.global_pin.map_or([0x30; 8], |pin| pin.value),
        }
    }

    /// With this many tries left or fewer nothing is compared.
    fn floor(&self) -> u8 {
        u8::from(self.contactless)
    }

    fn interrupt(&mut self) {
        for proof in [&mut self.session.pin, &mut self.session.global_pin] {
            if *proof == Proof::JustNow {
                *proof = Proof::Earlier;
            }
        }
        self.session.pending = None;
    }

    /// The first part of a chain.
    pub fn begin(&mut self) -> Answer {
        self.waiting.clear();
        self.begun = true;
        Answer::Status(SUCCESS)
    }

    /// The last part of a chain: the whole command where the chain is still there, a torn one otherwise.
    pub fn finish(&mut self, command: &Command) -> Answer {
        self.waiting.clear();
        if std::mem::take(&mut self.begun) {
            return self.execute(command);
        }
        if !self.selected {
            return Answer::Status(0x6D00);
        }
        self.start();
        Answer::Status(match command {
            Command::Sign(algorithm, key, _) if !is_use(*algorithm, *key) => BAD_PARAMETERS,
            _ => BAD_DATA,
        })
    }

    /// A command in one APDU.
    pub fn answer(&mut self, command: &Command) -> Answer {
        let begun = std::mem::take(&mut self.begun);
        let refusal = match command {
            Command::GetResponse if !self.waiting.is_empty() => {
                let next = std::mem::take(&mut self.waiting);
                return Answer::Data(next);
            }
            Command::GetResponse => Some(CONDITIONS),
            Command::Malformed => Some(0x6700),
            Command::OtherClass => Some(0x6E00),
            Command::ChainedVerify => Some(0x6884),
            _ => None,
        };
        self.waiting.clear();
        if begun || refusal.is_some() {
            self.interrupt();
        }
        match refusal {
            Some(status) => Answer::Status(status),
            None => self.execute(command),
        }
    }

    /// What another process has changed ends what was proved.
    fn refresh(&mut self) {
        if std::mem::take(&mut self.changed_elsewhere) {
            self.session = Session::default();
        }
    }

    /// A command reaches the application: what it directly follows.
    fn start(&mut self) -> (Proof, Option<Pending>) {
        self.refresh();
        let proofs = [self.session.pin, self.session.global_pin];
        let proof = [Proof::JustNow, Proof::Earlier]
            .into_iter()
            .find(|proof| proofs.contains(proof));
        let pending = self.session.pending;
        self.interrupt();
        (proof.unwrap_or_default(), pending)
    }

    fn execute(&mut self, command: &Command) -> Answer {
        match command {
            Command::SelectUnknown => {
                self.interrupt();
                return Answer::Status(NOT_FOUND);
            }
            Command::Select(_) => {
                self.interrupt();
                self.refresh();
                self.selected = true;
                return Answer::Selected(self.pin.left.saturating_sub(self.floor()));
            }
            _ if !self.selected => return Answer::Status(0x6D00),
            _ => {}
        }
        let (proof, pending) = self.start();
        self.of_application(command, proof, pending)
            .unwrap_or_else(Answer::Status)
    }

    fn of_application(
        &mut self,
        command: &Command,
        proof: Proof,
        pending: Option<Pending>,
    ) -> Result<Answer, u16> {
        match *command {
            Command::Verify(reference, value) => {
                self.pin_reference(reference)?;
                let presented = self.value(reference, value);
                self.compare(reference, presented)?;
                *self.proof(reference) = Proof::JustNow;
            }
            Command::VerifyMalformed(reference, _) => {
                self.pin_reference(reference)?;
                return Err(BAD_DATA);
            }
            Command::VerifyStatus(reference) => {
                self.pin_reference(reference)?;
                if *self.proof(reference) == Proof::None {
                    return Err(self.left(reference));
                }
            }
            Command::LogOut(reference) => {
                self.pin_reference(reference)?;
                *self.proof(reference) = Proof::None;
            }
            Command::Change(reference, old, new) => {
                let old = self.value(reference, old);
                let new_value = self.value(reference, new);
                if reference == 0x81 {
                    if matches!(new, Value::Padding) {
                        return Err(BAD_DATA);
                    }
                } else {
                    self.pin_reference(reference)?;
                    is_pin(new_value)?;
                }
                self.compare(reference, old)?;
                self.counted(reference).value = new_value;
                if reference != 0x81 {
                    *self.proof(reference) = Proof::Earlier;
                }
            }
            Command::Unblock(reference, puk, new) => {
                if reference != 0x80 {
                    return Err(NO_REFERENCE);
                }
                let puk = self.value(0x81, puk);
                let new_value = self.value(0x80, new);
                if !matches!(new, Value::Padding) {
                    is_pin(new_value)?;
                }
                if let Err(status) = self.compare(0x81, puk) {
                    self.session.pin = Proof::None;
                    return Err(status);
                }
                if matches!(new, Value::Padding) {
                    return Err(BAD_DATA);
                }
                self.pin = Counted::full(new_value, self.pin.limit);
            }
            Command::Challenge(cipher) | Command::Witness(cipher) => {
                self.cipher(cipher)?;
                let mutual = matches!(command, Command::Witness(_));
                self.session.pending = Some(Pending { cipher, mutual });
                return Ok(Answer::Challenge);
            }
            Command::Response(cipher, right) | Command::Mutual(cipher, right) => {
                self.cipher(cipher)?;
                let mutual = matches!(command, Command::Mutual(..));
                if pending
                    .is_none_or(|pending| (pending.cipher, pending.mutual) != (cipher, mutual))
                {
                    return Err(BAD_DATA);
                }
                self.session.administrator = right;
                self.administrator()?;
                if mutual {
                    return Ok(Answer::Mutual);
                }
            }
            Command::Sign(algorithm, key, length) => {
                self.may_use(algorithm, key, proof)?;
                let fits = algorithm == ED25519 || length <= 64;
                if algorithm == X25519 || !fits {
                    return Err(BAD_DATA);
                }
                return Ok(Answer::Signature { key, bare: false });
            }
            Command::Agree(algorithm, key, peer) => {
                self.may_use(algorithm, key, proof)?;
                let fits = matches!(
                    (algorithm, peer),
                    (P256, Peer::P256) | (P384, Peer::P384) | (X25519, Peer::X25519)
                );
                if !agrees(key) || !fits {
                    return Err(BAD_DATA);
                }
                return Ok(Answer::Agreement(key));
            }
            Command::SignAtOnce(key, scheme, length) => {
                if length != 32 {
                    return Err(BAD_DATA);
                }
                let record = self.keys.get(&key).filter(|_| !agrees(key));
                let algorithm = record.ok_or(NO_REFERENCE)?.algorithm;
                if scheme != 3 || algorithm == ED25519 {
                    return Err(BAD_DATA);
                }
                self.may_use(algorithm, key, proof)?;
                return Ok(Answer::Signature { key, bare: true });
            }
            Command::Generate(key, algorithm) => {
                place(key)?;
                if !ALGORITHMS.contains(&algorithm) {
                    return Err(BAD_DATA);
                }
                takes(key, algorithm)?;
                self.administrator()?;
                let imported = false;
                let public = Vec::new();
                let record = Key {
                    algorithm,
                    imported,
                    public,
                };
                self.keys.insert(key, record);
                return Ok(Answer::Generated(key));
            }
            Command::Import(key) => {
                place(key)?;
                self.administrator()?;
                return Ok(Answer::Imported(key));
            }
            Command::Move(from, to) => {
                place(from)?;
                if to != 0xFF {
                    place(to)?;
                }
                if from == to {
                    return Err(BAD_PARAMETERS);
                }
                self.administrator()?;
                let record = self.keys.get(&from).ok_or(NO_REFERENCE)?.clone();
                if to != 0xFF {
                    takes(to, record.algorithm)?;
                    if self.keys.contains_key(&to) || strictness(to) < strictness(from) {
                        return Err(CONDITIONS);
                    }
                    self.keys.insert(to, record);
                }
                self.keys.remove(&from);
            }
            Command::Metadata(reference) => return self.metadata(reference),
            Command::GetData(tag) => {
                let needs_pin = object(tag)?;
                let content = match tag {
                    DISCOVERY => &discovery(self.global_pin.is_some()),
                    _ => self.objects.get(&tag).ok_or(NOT_FOUND)?,
                };
                if needs_pin && proof == Proof::None {
                    return Err(NOT_AUTHORISED);
                }
                let wrapping = if tag == DISCOVERY { DISCOVERY } else { 0x53 };
                let mut whole = element(wrapping, content);
                self.waiting = whole.split_off(whole.len().min(256));
                return Ok(Answer::Data(whole));
            }
            Command::PutData(tag, length) => {
                self.administrator()?;
                object(tag)?;
                if tag == DISCOVERY {
                    return Err(NOT_SUPPORTED);
                }
                self.objects.remove(&tag);
                if length > 0 {
                    self.objects.insert(tag, content(length));
                }
            }
            Command::SetRetries(pin, puk) => {
                if !(1..=15).contains(&pin) || !(1..=15).contains(&puk) {
                    return Err(BAD_PARAMETERS);
                }
                self.administrator()?;
                if self.session.pin == Proof::None {
                    return Err(NOT_AUTHORISED);
                }
                self.pin = Counted::full(padded(b"123456"), pin);
                self.puk = Counted::full(padded(b"12345678"), puk);
                self.session.pin = Proof::None;
            }
            Command::Reset => {
                if self.pin.left > 0 || self.puk.left > 0 {
                    return Err(CONDITIONS);
                }
                let new = Self::new(self.contactless, false);
                let global_pin = self.global_pin;
                let selected = true;
                *self = Self {
                    global_pin,
                    selected,
                    ..new
                };
                return Ok(Answer::NewCard);
            }
            Command::SetManagementKey(index) => {
                self.administrator()?;
                self.management_key = index;
            }
            Command::Select(_)
            | Command::SelectUnknown
            | Command::GetResponse
            | Command::Malformed
            | Command::OtherClass
            | Command::ChainedVerify => unreachable!("answered before"),
        }
        Ok(Answer::Status(SUCCESS))
    }

    /// 80, and 00 where the card has a global PIN.
    fn pin_reference(&self, reference: u8) -> Result<(), u16> {
        match reference {
            0x80 => Ok(()),
            0x00 if self.global_pin.is_some() => Ok(()),
            _ => Err(NO_REFERENCE),
        }
    }

    fn proof(&mut self, reference: u8) -> &mut Proof {
        match reference {
            0x80 => &mut self.session.pin,
            _ => &mut self.session.global_pin,
        }
    }

    fn counted(&mut self, reference: u8) -> &mut Counted {
        match (reference, &mut self.global_pin) {
            (0x80, _) => &mut self.pin,
            (0x81, _) | (_, None) => &mut self.puk,
            (_, Some(pin)) => pin,
        }
    }

    fn left(&mut self, reference: u8) -> u16 {
        let floor = self.floor();
        match self.counted(reference).left.saturating_sub(floor) {
            0 => BLOCKED,
            left => 0x63C0 | u16::from(left),
        }
    }

    fn compare(&mut self, reference: u8, presented: [u8; 8]) -> Result<(), u16> {
        let floor = self.floor();
        let counted = self.counted(reference);
        if counted.left <= floor {
            return Err(BLOCKED);
        }
        if counted.value == presented {
            counted.left = counted.limit;
            return Ok(());
        }
        counted.left -= 1;
        let left = counted.left - floor;
        if reference != 0x81 {
            *self.proof(reference) = Proof::None;
        }
        Err(0x63C0 | u16::from(left))
    }

    fn administrator(&self) -> Result<(), u16> {
        if self.session.administrator {
            Ok(())
        } else {
            Err(NOT_AUTHORISED)
        }
    }

    /// The cipher of the management key; the default key is taken as one of 3DES too.
    fn cipher(&self, cipher: u8) -> Result<(), u16> {
        let fits = self.management_key().0 == cipher || (self.management_key == 0 && cipher == 3);
        fits.then_some(()).ok_or(BAD_PARAMETERS)
    }

    fn may_use(&self, algorithm: u8, key: u8, proof: Proof) -> Result<(), u16> {
        let record = self.keys.get(&key).filter(|_| is_use(algorithm, key));
        if record.is_none_or(|record| record.algorithm != algorithm) {
            return Err(BAD_PARAMETERS);
        }
        let allowed = match strictness(key) {
            0 => true,
            1 => proof != Proof::None,
            _ => proof == Proof::JustNow,
        };
        allowed.then_some(()).ok_or(NOT_AUTHORISED)
    }

    fn metadata(&self, reference: u8) -> Result<Answer, u16> {
        let of_value = |counted: &Counted, default: &[u8]| {
            let is_default = u8::from(counted.value == padded(default));
            let Counted { limit, left, .. } = *counted;
            let head = [1, 1, 0xFF, 5, 1, is_default, 6, 2, limit, left];
            Answer::Data(head.to_vec())
        };
        match reference {
            0x80 => Ok(of_value(&self.pin, b"123456")),
            0x81 => Ok(of_value(&self.puk, b"12345678")),
            0x9B => {
                let is_default = u8::from(self.management_key == 0);
                let cipher = self.management_key().0;
                let data = [1, 1, cipher, 2, 2, 0, 1, 5, 1, is_default];
                Ok(Answer::Data(data.to_vec()))
            }
            // A finger, which tools ask for.
            0x96 => Err(NO_REFERENCE),
            key => {
                place(key)?;
                self.keys.get(&key).ok_or(NO_REFERENCE)?;
                Ok(Answer::KeyMetadata(key))
            }
        }
    }
}

/// What is written to an object.
pub fn content(length: usize) -> Vec<u8> {
    vec![0x01; length]
}

fn discovery(has_global_pin: bool) -> Vec<u8> {
    let policy = if has_global_pin {
        [0x60, 0x10]
    } else {
        [0x40, 0x00]
    };
    let identifier = [0xA0, 0, 0, 3, 8, 0, 0, 0x10, 0, 1, 0];
    [element(0x4F, &identifier), element(0x5F2F, &policy)].concat()
}

/// Whether the PIN is needed to read it.
fn object(tag: u32) -> Result<bool, u16> {
    OBJECTS
        .iter()
        .find(|(known, _)| *known == tag)
        .map(|(_, needs_pin)| *needs_pin)
        .ok_or(NOT_FOUND)
}

fn is_pin(value: [u8; 8]) -> Result<(), u16> {
    let digits = value.iter().take_while(|byte| **byte != 0xFF).count();
    let is_pin = digits >= 6 && value[..digits].iter().all(u8::is_ascii_digit);
    is_pin.then_some(()).ok_or(BAD_DATA)
}

fn place(key: u8) -> Result<(), u16> {
    matches!(key, 0x9A | 0x9C | 0x9D | 0x9E | 0x82..=0x95)
        .then_some(())
        .ok_or(BAD_PARAMETERS)
}

fn is_use(algorithm: u8, key: u8) -> bool {
    ALGORITHMS.contains(&algorithm) && place(key).is_ok()
}

/// 9D and the retired keys decrypt and agree, the others sign.
fn agrees(key: u8) -> bool {
    matches!(key, 0x9D | 0x82..=0x95)
}

fn takes(key: u8, algorithm: u8) -> Result<(), u16> {
    if algorithm == X25519 && !agrees(key) {
        Err(BAD_DATA)
    } else {
        Ok(())
    }
}

/// How often a key asks for the PIN: never, once, always.
fn strictness(key: u8) -> u8 {
    match key {
        0x9E => 0,
        0x9C => 2,
        _ => 1,
    }
}
