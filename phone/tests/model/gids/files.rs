//! Files: what they are for, who may do what with them, and how a host describes a new one (ISO/IEC 7816-4, 7.4).

use std::collections::BTreeMap;

use crate::apdu::element;
use crate::word::BAD_DATA;

/// The application itself.
pub const APPLICATION: u16 = 0x3FFF;
/// The file of the administrator's key.
pub const ADMINISTRATOR_FILE: u16 = 0xB080;

/// What is done with a file: the bit of the access mode byte.
#[derive(Clone, Copy, Debug)]
pub enum Access {
    Get = 0x01,
    Put = 0x02,
    Use = 0x04,
    Generate = 0x08,
}

/// A condition byte: 00 always, FF never; else any of the user's PIN (10), the administrator's key (20) and secure
/// messaging (40), which this card edge does not have, or all of them (80).
pub fn is_fulfilled(condition: u8, user: bool, administrator: bool) -> bool {
    let asked = condition & 0x70;
    let proved = if user { 0x10 } else { 0 } | if administrator { 0x20 } else { 0 };
    match condition {
        0x00 => true,
        0xFF => false,
        _ if condition & 0x80 != 0 => asked != 0 && proved & asked == asked,
        _ => proved & asked != 0,
    }
}

/// The security attribute: an access mode byte, and a condition for each of its bits, the highest first.
#[derive(Clone, Debug)]
pub struct Rules {
    pub modes: u8,
    pub conditions: Vec<u8>,
}

impl Rules {
    pub fn new(modes: u8, conditions: &[u8]) -> Self {
        let conditions = conditions.to_vec();
        Self { modes, conditions }
    }

    /// What is not named is never allowed.
    pub fn condition(&self, access: Access) -> u8 {
        let mut conditions = self.conditions.iter();
        for bit in (0..7).rev().map(|number| 1 << number) {
            if self.modes & bit != 0 {
                let condition = conditions.next();
                if bit == access as u8 {
                    return *condition.unwrap();
                }
            }
        }
        0xFF
    }

    fn check(&self) -> Result<(), u16> {
        let bits = (self.modes & 0x7F).count_ones() as usize;
        let known = |condition: &u8| *condition == 0xFF || condition & 0x0F == 0;
        let fits = bits == self.conditions.len() && self.conditions.iter().all(known);
        fits.then_some(()).ok_or(BAD_DATA)
    }
}

/// A use of a key pair: whether it signs, and the mechanism.
pub type Use = (bool, u8);

/// Every use of an RSA-2048 key.
pub const USES: [Use; 5] = [
    (false, 0x07),
    (false, 0x87),
    (false, 0x47),
    (true, 0x17),
    (true, 0x57),
];

/// What a host says of a new file.
#[derive(Clone, Debug)]
pub enum NewKind {
    Data,
    KeyPair(Vec<Use>),
    AdministratorKey,
}

/// A new file.
#[derive(Clone, Debug)]
pub struct NewFile {
    pub id: u16,
    pub kind: NewKind,
    pub rules: Rules,
}

impl NewFile {
    /// 6A80 for what cannot be.
    pub fn check(&self) -> Result<(), u16> {
        self.rules.check()?;
        let is_possible = match &self.kind {
            NewKind::Data => (0xA000..0xB000).contains(&self.id),
            NewKind::AdministratorKey => {
                let put = self.rules.condition(Access::Put);
                self.id == ADMINISTRATOR_FILE && !is_fulfilled(put, true, false)
            }
            NewKind::KeyPair(uses) => {
                let sizes: Vec<u8> = uses.iter().map(|(_, mechanism)| mechanism & 0x0F).collect();
                let is_known = |(_, mechanism): &Use| {
                    [0x00, 0x10, 0x40, 0x50, 0x80].contains(&(mechanism & 0xF0))
                        && (6..10).contains(&(mechanism & 0x0F))
                };
                (0xB081..=0xB0FF).contains(&self.id)
                    && !uses.is_empty()
                    && uses.iter().all(is_known)
                    && sizes.iter().all(|size| *size == sizes[0])
            }
        };
        is_possible.then_some(()).ok_or(BAD_DATA)
    }

    /// The file control parameters.
    pub fn template(&self) -> Vec<u8> {
        let [_, reference] = self.id.to_be_bytes();
        let one_use = |tag, mechanism, qualifier| {
            let fields = [
                element(0x80, &[mechanism]),
                element(0x83, &[reference]),
                element(0x95, &[qualifier]),
            ];
            element(tag, &fields.concat())
        };
        let (descriptor, uses) = match &self.kind {
            NewKind::Data => (0x39, None),
            NewKind::AdministratorKey => (0x18, Some(one_use(0xA4, 0x02, 0xC0))),
            NewKind::KeyPair(uses) => {
                let uses = uses.iter().map(|(signs, mechanism)| {
                    one_use(if *signs { 0xB6 } else { 0xB8 }, *mechanism, 0x40)
                });
                (0x18, Some(uses.collect::<Vec<_>>().concat()))
            }
        };
        let attribute = [&[self.rules.modes], self.rules.conditions.as_slice()].concat();
        let mut fields = [
            element(0x82, &[descriptor]),
            element(0x83, &self.id.to_be_bytes()),
            element(0x8C, &attribute),
        ]
        .concat();
        fields.extend(uses.map(|uses| element(0xA5, &uses)).unwrap_or_default());
        element(0x62, &fields)
    }
}

/// A key pair.
#[derive(Clone, Debug)]
pub struct Key {
    pub modulus: Vec<u8>,
    /// Whether the PIN is good for one use alone.
    pub asks_each_time: bool,
    /// By which the holder knows it: its place in PIV, or its file.
    pub name: String,
}

/// What is in a file.
#[derive(Clone, Debug)]
pub enum Content {
    Objects(BTreeMap<u16, Vec<u8>>),
    Administrator(Option<[u8; 24]>),
    Pair(Option<Key>),
}

/// A file as it was made, and what is in it.
#[derive(Clone, Debug)]
pub struct File {
    pub made: NewFile,
    pub content: Content,
}

impl File {
    pub fn new(made: NewFile) -> Self {
        let content = match made.kind {
            NewKind::Data => Content::Objects(BTreeMap::new()),
            NewKind::AdministratorKey => Content::Administrator(None),
            NewKind::KeyPair(_) => Content::Pair(None),
        };
        Self { made, content }
    }

    /// What it is for; nothing unless it is for a key pair.
    pub fn uses(&self) -> &[Use] {
        match &self.made.kind {
            NewKind::KeyPair(uses) => uses,
            NewKind::Data | NewKind::AdministratorKey => &[],
        }
    }
}

/// The files of a card that the phone made, by Microsoft's profile: who writes, who reads.
pub fn standard() -> Vec<File> {
    let mut files: Vec<File> = [
        (0xA000, 0x30, 0x00),
        (0xA010, 0x30, 0x00),
        (0xA011, 0x30, 0xFF),
        (0xA012, 0x20, 0x00),
        (0xA013, 0x30, 0x30),
        (0xA014, 0x20, 0x20),
    ]
    .into_iter()
    .map(|(id, put, get)| {
        let rules = Rules::new(0x03, &[put, get]);
        let kind = NewKind::Data;
        File::new(NewFile { id, kind, rules })
    })
    .collect();
    files.push(File::new(NewFile {
        id: ADMINISTRATOR_FILE,
        kind: NewKind::AdministratorKey,
        rules: Rules::new(0x87, &[0x00, 0x20, 0xFF]),
    }));
    files
}

/// A key that PIV has too: used with the PIN, and not made or written.
pub fn of_piv(number: u8, uses: &[Use], key: Key) -> File {
    File {
        made: NewFile {
            id: 0xB081 + u16::from(number),
            kind: NewKind::KeyPair(uses.to_vec()),
            rules: Rules::new(0x8F, &[0xFF, 0x10, 0xFF, 0x00]),
        },
        content: Content::Pair(Some(key)),
    }
}

/// The name of a key that PIV does not have.
pub fn name_of(reference: u8) -> String {
    format!("B0{reference:02X}")
}
