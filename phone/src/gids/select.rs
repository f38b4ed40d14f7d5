//! SELECT of the application and of its files.

use card_edge::Status;
use card_edge::apdu::{Command, Response};
use card_edge::gids::{AID, FileId, SecurityAttribute};
use card_edge::tlv::{self, Tag, TlvError};

use super::access;
use super::context::Context;
use crate::refusal::{Answer, malformed};

const TAG_APPLICATION: Tag = Tag::new(0x61);
const TAG_AID: Tag = Tag::new(0x4F);
const TAG_DISCRETIONARY: Tag = Tag::new(0x73);
const TAG_MECHANISMS: Tag = Tag::new(0x40);
const TAG_CONTROL_PARAMETERS: Tag = Tag::new(0x62);
const TAG_DESCRIPTOR: Tag = Tag::new(0x82);
const TAG_SECURITY_ATTRIBUTE: Tag = Tag::new(0x8C);
const TAG_MANAGEMENT_DATA: Tag = Tag::new(0x64);
const TAG_PIN_USAGE_POLICY: Tag = Tag::new(0x5F2F);

/// Bits of the cryptographic mechanisms: external and mutual authentication of whoever administers the card.
const MECHANISMS: u8 = 0xC0;
/// The application is a directory.
const DESCRIPTOR_DIRECTORY: u8 = 0x38;
/// The application has a PIN of its own, and no global one.
const PIN_USAGE_POLICY: u8 = 0x60;

/// What SELECT shall answer.
#[derive(Clone, Copy)]
enum Wanted {
    /// P2 = 00: what the application is (FCI).
    Information,
    /// P2 = 04: who may do what (FCP).
    ControlParameters,
    /// P2 = 08: how it is used (FMD).
    ManagementData,
    /// P2 = 0C: nothing.
    Nothing,
}

impl Wanted {
    fn parse(p2: u8) -> Result<Self, Status> {
        match p2 {
            0x00 => Ok(Self::Information),
            0x04 => Ok(Self::ControlParameters),
            0x08 => Ok(Self::ManagementData),
            0x0C => Ok(Self::Nothing),
            _ => Err(Status::IncorrectParameters),
        }
    }
}

/// Selects the application again. What has been proved stays, as on the PIV card edge, and so does what was chosen.
pub(super) fn application(context: Context<'_>, p2: u8) -> Answer {
    let wanted = Wanted::parse(p2)?;
    context.gids()?;
    context.session.current = FileId::APPLICATION;
    about_application(wanted)
        .map(Response::success)
        .map_err(malformed)
}

fn about_application(wanted: Wanted) -> Result<Vec<u8>, TlvError> {
    match wanted {
        Wanted::Information => {
            let mut fields = tlv::encode(TAG_AID, &AID)?;
            let mechanisms = tlv::encode(TAG_MECHANISMS, &[MECHANISMS])?;
            tlv::write(&mut fields, TAG_DISCRETIONARY, &mechanisms)?;
            tlv::encode(TAG_APPLICATION, &fields)
        }
        Wanted::ControlParameters => {
            let mut fields = tlv::encode(TAG_DESCRIPTOR, &[DESCRIPTOR_DIRECTORY])?;
            // A directory has the same bits: who may create files stands where a file has who may write it, and who may
            // delete them where it has who may read it.
            let attribute = SecurityAttribute::of_data(access::FILES, access::FILES);
            tlv::write(&mut fields, TAG_SECURITY_ATTRIBUTE, &attribute.encode())?;
            tlv::encode(TAG_CONTROL_PARAMETERS, &fields)
        }
        Wanted::ManagementData => {
            let fields = tlv::encode(TAG_PIN_USAGE_POLICY, &[PIN_USAGE_POLICY])?;
            tlv::encode(TAG_MANAGEMENT_DATA, &fields)
        }
        Wanted::Nothing => Ok(Vec::new()),
    }
}

/// Selects a file by its identifier.
pub(super) struct SelectFile {
    id: FileId,
    wanted: Wanted,
}

impl SelectFile {
    /// 6A86 for other ways to name a file than its identifier.
    pub(super) fn parse(command: &Command) -> Result<Self, Status> {
        if command.p1 != 0x00 {
            return Err(Status::IncorrectParameters);
        }
        let id = match command.data.as_slice() {
            [] => FileId::APPLICATION,
            [high, low] => FileId(u16::from_be_bytes([*high, *low])),
            _ => return Err(Status::IncorrectData),
        };
        Ok(Self {
            id,
            wanted: Wanted::parse(command.p2)?,
        })
    }

    pub(super) fn run(self, context: Context<'_>) -> Answer {
        let answer = if self.id == FileId::APPLICATION {
            about_application(self.wanted)
        } else {
            let file = context.file(self.id)?;
            match self.wanted {
                Wanted::ControlParameters => file.encode(),
                Wanted::Nothing => Ok(Vec::new()),
                Wanted::Information | Wanted::ManagementData => {
                    return Err(Status::IncorrectParameters);
                }
            }
        };
        context.session.current = self.id;
        answer.map(Response::success).map_err(malformed)
    }
}
