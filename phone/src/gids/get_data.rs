//! GET DATA: objects of files, public keys, the PIN's tries, and what the card can do.

use card_edge::Status;
use card_edge::apdu::{Command, Response};
use card_edge::gids::data::{self, TAGS_PIN, Wanted};
use card_edge::gids::{FileId, Operation};
use card_edge::tlv::{self, Tag, VALUE_MAX};

use super::access;
use super::context::Context;
use super::parameters;
use crate::piv::intermediate_retry_value;
use crate::refusal::{Answer, malformed, status_of_key_use, status_of_state};

/// EF.ATR (ISO/IEC 7816-4, 8.2.1.1 and 8.1.1.2.7): 43, applications are selected by their whole name or its beginning and
/// EF.ATR is read by GET DATA; 47, so are files by their identifiers, data objects are BER-TLV, commands may be chained and
/// have extended lengths.
const ATR: [u8; 8] = [0x43, 0x01, 0xD5, 0x47, 0x03, 0xD0, 0xA1, 0xC0];

/// Asks for data.
pub(super) struct GetData {
    file: FileId,
    wanted: Wanted,
}

impl GetData {
    pub(super) fn parse(command: &Command, current: FileId) -> Result<Self, Status> {
        Ok(Self {
            file: parameters::file(command, current),
            wanted: data::decode_get_data(&command.data).map_err(malformed)?,
        })
    }

    pub(super) fn run(self, context: Context<'_>) -> Answer {
        match (self.file, self.wanted) {
            (FileId::APPLICATION, Wanted::PublicKey(reference)) => public_key(context, reference),
            (FileId::APPLICATION, Wanted::Object(tag)) => tries(&context, tag),
            (FileId::ATR, Wanted::All) => Ok(Response::success(ATR)),
            (file, Wanted::Object(tag)) => object(context, file, tag),
            (file, Wanted::All) => all(context, file),
            (_, Wanted::PublicKey(_)) => Err(Status::IncorrectData),
        }
    }
}

/// The file becomes the selected one; 6A82 where there is none, 6982 where it may not be read.
fn open(context: &mut Context<'_>, file: FileId) -> Result<(), Status> {
    let file = context.gids()?.data_files.get(&file);
    let parameters = &file.ok_or(Status::NotFound)?.parameters;
    access::may(context, &parameters.attribute, Operation::Get)?;
    context.session.current = parameters.identifier;
    Ok(())
}

/// An object with its tag; 6A88 where there is none.
fn object(mut context: Context<'_>, file: FileId, tag: Tag) -> Answer {
    open(&mut context, file)?;
    let content = context.gids()?.object((file, tag));
    tlv::encode(tag, content.ok_or(Status::ReferenceNotFound)?)
        .map(Response::success)
        .map_err(|_| Status::MemoryFailure)
}

/// All objects, one after the other; 6A84 where they are more than one answer holds.
fn all(mut context: Context<'_>, file: FileId) -> Answer {
    open(&mut context, file)?;
    let mut out = Vec::new();
    let file = context.gids()?.data_files.get(&file);
    for (tag, content) in &file.ok_or(Status::NotFound)?.objects {
        tlv::write(&mut out, *tag, &content.0).map_err(|_| Status::MemoryFailure)?;
        if out.len() > VALUE_MAX {
            return Err(Status::NotEnoughMemory);
        }
    }
    Ok(Response::success(out))
}

/// The public half of a key pair.
fn public_key(context: Context<'_>, reference: u8) -> Answer {
    let attribute = context.key_file(reference)?.attribute.clone();
    access::may(&context, &attribute, Operation::Get)?;
    let place = context.place_of(reference)?;
    let key = context.resources.public_key(place);
    key.map_err(status_of_key_use)?
        .encode()
        .map(Response::success)
        .map_err(malformed)
}

/// The PIN's tries, those alone that this interface lets a host use. There is no PUK: 6A88.
fn tries(context: &Context<'_>, tag: Tag) -> Answer {
    if !TAGS_PIN.contains(&tag) {
        return Err(Status::ReferenceNotFound);
    }
    let tries = context.resources.store.tries().map_err(status_of_state)?;
    let floor = intermediate_retry_value(context.resources.interface);
    let limit = context.state().pin.limit;
    data::encode_tries(
        tag,
        tries.pin.saturating_sub(floor),
        limit.saturating_sub(floor),
    )
    .map(Response::success)
    .map_err(malformed)
}
