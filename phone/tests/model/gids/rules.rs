//! Files and proofs: SELECT, GET DATA, PUT DATA, CREATE, ACTIVATE and DELETE FILE; VERIFY, CHANGE REFERENCE DATA, RESET
//! RETRY COUNTER and GENERAL AUTHENTICATE.

use super::command::{ADMINISTRATOR_KEYS, Command, Response, Value};
use super::files::{ADMINISTRATOR_FILE, APPLICATION, Access, Content, File, NewFile, NewKind};
use super::model::{Answer, Choice, Model, Pending, Proof};
use crate::apdu::element;
use crate::word::*;

/// Who may make and delete files: the user or the administrator.
const FILES: u8 = 0x30;
const ADMINISTRATOR: u8 = 0x20;
const FILE_EXISTS: u16 = 0x6A89;
const EF_ATR: u16 = 0x2F01;

const OK: Result<Answer, u16> = Ok(Answer::Status(SUCCESS));

impl Model {
    /// Commands about files; `None` where it is another.
    pub fn of_files(&mut self, command: &Command) -> Option<Result<Answer, u16>> {
        Some(match command {
            Command::Select(_, p2) => about_application(*p2).inspect(|_| {
                self.session.current = APPLICATION;
            }),
            Command::SelectFile(id, p2) => self.select_file(*id, *p2),
            Command::Get(id, tag) => self.get(self.file_id(*id), *tag),
            Command::GetAll(id) => self.get_all(self.file_id(*id)),
            Command::Put(id, tag, length) => self.put(self.file_id(*id), *tag, *length),
            Command::Create(file) => self.create(file),
            Command::Activate => self.activate(),
            Command::Delete(id) => self.delete(id.unwrap_or(self.session.current)),
            Command::Garbled(_) => Err(BAD_DATA),
            Command::UnknownInstruction => Err(NO_INSTRUCTION),
            _ => return None,
        })
    }

    fn select_file(&mut self, id: u16, p2: u8) -> Result<Answer, u16> {
        let about = about_application(p2)?;
        if id == APPLICATION {
            self.session.current = id;
            return Ok(about);
        }
        let file = self.files.get(&id).ok_or(NOT_FOUND)?;
        let answer = match p2 {
            0x04 => Answer::Data(file.made.template()),
            0x0C => Answer::Status(SUCCESS),
            _ => return Err(BAD_PARAMETERS),
        };
        self.session.current = id;
        Ok(answer)
    }

    fn get(&mut self, id: u16, tag: u16) -> Result<Answer, u16> {
        if id == APPLICATION {
            return self.tries(tag);
        }
        let file = self.data_file(id)?;
        self.may(&file.made, Access::Get)?;
        let content = objects(file).get(&tag);
        let object = content.map(|content| element(tag.into(), content));
        self.session.current = id;
        Ok(self.hand_out(object.ok_or(NO_REFERENCE)?))
    }

    fn get_all(&mut self, id: u16) -> Result<Answer, u16> {
        if id == EF_ATR {
            let can = [0x43, 0x01, 0xD5, 0x47, 0x03, 0xD0, 0xA1, 0xC0];
            return Ok(Answer::Data(can.to_vec()));
        }
        let file = self.data_file(id)?;
        self.may(&file.made, Access::Get)?;
        let all = objects(file).iter();
        let all: Vec<u8> = all
            .flat_map(|(tag, content)| element((*tag).into(), content))
            .collect();
        self.session.current = id;
        Ok(self.hand_out(all))
    }

    fn put(&mut self, id: u16, tag: u16, length: usize) -> Result<Answer, u16> {
        let file = self.data_file(id)?;
        self.may(&file.made, Access::Put)?;
        if let Some(Content::Objects(objects)) = self.files.get_mut(&id).map(|f| &mut f.content) {
            objects.insert(tag, content(length));
        }
        self.session.current = id;
        OK
    }

    fn create(&mut self, file: &NewFile) -> Result<Answer, u16> {
        file.check()?;
        self.fulfils(match file.kind {
            NewKind::AdministratorKey => ADMINISTRATOR,
            NewKind::Data | NewKind::KeyPair(_) => FILES,
        })?;
        if self.files.contains_key(&file.id) {
            return Err(FILE_EXISTS);
        }
        // RSA-1024 is a mechanism and not a key of this card.
        if matches!(&file.kind, NewKind::KeyPair(uses) if uses[0].1 & 0x0F == 0x06) {
            return Err(NOT_SUPPORTED);
        }
        self.files.insert(file.id, File::new(file.clone()));
        self.session.current = file.id;
        OK
    }

    fn activate(&mut self) -> Result<Answer, u16> {
        if self.session.current == APPLICATION && self.in_making {
            self.in_making = false;
            self.session.forget_proofs();
        }
        OK
    }

    fn delete(&mut self, id: u16) -> Result<Answer, u16> {
        if id == APPLICATION {
            return Err(CONDITIONS);
        }
        let file = self.files.get(&id).ok_or(NOT_FOUND)?;
        self.fulfils(FILES)?;
        self.may(&file.made, Access::Put)?;
        self.files.remove(&id);
        self.session.choice = None;
        self.session.current = APPLICATION;
        OK
    }

    fn floor(&self) -> u8 {
        u8::from(self.contactless)
    }

    fn tries(&self, tag: u16) -> Result<Answer, u16> {
        let [left, limit] =
            [self.left, self.limit].map(|number| number.saturating_sub(self.floor()));
        match tag {
            0x7F71 | 0x7F72 => {
                let fields = [element(0x97, &[left]), element(0x93, &[limit])];
                Ok(Answer::Data(element(tag.into(), &fields.concat())))
            }
            _ => Err(NO_REFERENCE),
        }
    }

    /// Commands that prove something; `None` where it is another.
    pub fn of_proofs(
        &mut self,
        command: &Command,
        pending: Option<Pending>,
    ) -> Option<Result<Answer, u16>> {
        Some(match command {
            Command::Verify(value) => self.verify(*value),
            Command::VerifyStatus if self.session.pin != Proof::None || self.in_making => OK,
            Command::VerifyStatus => Err(match self.left.saturating_sub(self.floor()) {
                0 => BLOCKED,
                left => tries(left),
            }),
            Command::VerifyOther => Err(NO_REFERENCE),
            Command::Forget => {
                self.session.forget_proofs();
                OK
            }
            Command::Change(old, new) => self.change(*old, new),
            Command::FirstPin(new) => is_pin(new).and_then(|()| {
                if !self.in_making {
                    return Err(CONDITIONS);
                }
                self.set_pin(new);
                OK
            }),
            Command::Unblock(new) => is_pin(new).and_then(|()| {
                self.in_use()?;
                if !self.session.administrator {
                    return Err(NOT_AUTHORISED);
                }
                self.set_pin(new);
                self.session.forget_proofs();
                OK
            }),
            Command::Challenge | Command::MutualChallenge | Command::Respond(_) => {
                self.authenticate(command, pending)
            }
            Command::PutAdministratorKey(reference, index) => {
                self.put_administrator_key(*reference, *index)
            }
            _ => return None,
        })
    }

    /// What a card that is being made does not do yet.
    fn in_use(&self) -> Result<(), u16> {
        if self.in_making {
            Err(CONDITIONS)
        } else {
            Ok(())
        }
    }

    fn set_pin(&mut self, new: &[u8]) {
        self.pin = new.to_vec();
        self.left = self.limit;
    }

    fn compare(&mut self, is_right: bool) -> Result<(), u16> {
        let floor = self.floor();
        if self.left <= floor {
            return Err(BLOCKED);
        }
        if is_right {
            self.left = self.limit;
            return Ok(());
        }
        self.left -= 1;
        self.session.pin = Proof::None;
        Err(tries(self.left - floor))
    }

    fn verify(&mut self, value: Value) -> Result<Answer, u16> {
        let presented = self.value(value);
        is_pin(&presented)?;
        self.compare(presented == self.pin)?;
        self.session.pin = Proof::JustNow;
        OK
    }

    /// Nothing says where the old PIN ends: any two PINs that are these bytes may be meant.
    fn change(&mut self, old: Value, new: &[u8]) -> Result<Answer, u16> {
        let both = [self.value(old).as_slice(), new].concat();
        let cuts = (0..=both.len()).map(|length| both.split_at(length));
        let mut cuts = cuts
            .filter(|(old, new)| is_pin(old).and(is_pin(new)).is_ok())
            .peekable();
        cuts.peek().ok_or(BAD_DATA)?;
        self.in_use()?;
        let new = cuts.find(|(old, _)| *old == self.pin).map(|(_, new)| new);
        self.compare(new.is_some())?;
        self.set_pin(new.unwrap_or_default());
        self.session.pin = Proof::Earlier;
        OK
    }

    fn authenticate(&mut self, command: &Command, pending: Option<Pending>) -> Result<Answer, u16> {
        self.in_use()?;
        if self.session.choice != Some(Choice::Administrator) {
            return Err(CONDITIONS);
        }
        let response = match command {
            Command::Challenge => {
                self.session.pending = Some(Pending::External);
                return Ok(Answer::Challenge(8));
            }
            Command::MutualChallenge => {
                self.session.pending = Some(Pending::Mutual);
                return Ok(Answer::Challenge(16));
            }
            Command::Respond(response) => response,
            _ => unreachable!("is not an authentication"),
        };
        let pending = pending.ok_or(CONDITIONS)?;
        self.administrator_key().ok_or(CONDITIONS)?;
        self.session.administrator = matches!(
            (response, pending),
            (Response::External, Pending::External) | (Response::Mutual, Pending::Mutual)
        );
        match pending {
            _ if !self.session.administrator => Err(NOT_AUTHORISED),
            Pending::External => OK,
            Pending::Mutual => Ok(Answer::Mutual),
        }
    }

    fn put_administrator_key(&mut self, reference: u8, index: usize) -> Result<Answer, u16> {
        let file = self.key_file(reference)?;
        self.may(&file.made, Access::Put)?;
        if file.made.id != ADMINISTRATOR_FILE {
            return Err(BAD_DATA);
        }
        let key = Some(ADMINISTRATOR_KEYS[index]);
        if let Some(file) = self.files.get_mut(&ADMINISTRATOR_FILE) {
            file.content = Content::Administrator(key);
        }
        self.session.choice = None;
        self.session.administrator = false;
        OK
    }
}

/// What is written to an object.
pub fn content(length: usize) -> Vec<u8> {
    vec![0x01; length]
}

fn objects(file: &File) -> &std::collections::BTreeMap<u16, Vec<u8>> {
    match &file.content {
        Content::Objects(objects) => objects,
        Content::Administrator(_) | Content::Pair(_) => unreachable!("is a data file"),
    }
}

/// 4 to 16 characters.
fn is_pin(value: &[u8]) -> Result<(), u16> {
    let is_pin = (4..=16).contains(&value.len()) && !value.contains(&0xFF);
    is_pin.then_some(()).ok_or(BAD_DATA)
}

/// What SELECT gives of the application, by P2.
fn about_application(p2: u8) -> Result<Answer, u16> {
    let identifier = [0xA0, 0, 0, 3, 0x97, 0x42, 0x54, 0x46, 0x59, 2, 1];
    let (tag, fields) = match p2 {
        0x00 => {
            let mechanisms = element(0x73, &element(0x40, &[0xC0]));
            (0x61, [element(0x4F, &identifier), mechanisms].concat())
        }
        0x04 => {
            let attribute = element(0x8C, &[0x03, FILES, FILES]);
            (0x62, [element(0x82, &[0x38]), attribute].concat())
        }
        0x08 => (0x64, element(0x5F2F, &[0x60])),
        0x0C => return OK,
        _ => return Err(BAD_PARAMETERS),
    };
    Ok(Answer::Data(element(tag, &fields)))
}
