//! PUT DATA: an object of a file, or a key (see [`put_key`]).

use card_edge::Status;
use card_edge::apdu::Command;
use card_edge::gids::key_data::{self, KeyData};
use card_edge::gids::{FileId, Operation, data};
use card_edge::tlv::Tag;

use super::context::Context;
use super::{access, parameters, put_key};
use crate::piv::OBJECTS_MAX;
use crate::refusal::{Answer, malformed};
use crate::state::OBJECTS_OF_FILE_MAX;
use crate::state::encoding::Bytes;

/// Writes something.
pub(super) enum PutData {
    /// An object as a whole. An empty one stays, as an empty one.
    Object {
        /// In which file.
        file: FileId,
        /// Its tag.
        tag: Tag,
        /// What it holds.
        content: Vec<u8>,
    },
    /// A key.
    Key(KeyData),
}

impl PutData {
    pub(super) fn parse(command: &Command, current: FileId) -> Result<Self, Status> {
        let file = parameters::file(command, current);
        if file == FileId::APPLICATION {
            return key_data::decode(&command.data)
                .map(Self::Key)
                .map_err(malformed);
        }
        let (tag, content) = data::decode_put_data(&command.data).map_err(malformed)?;
        Ok(Self::Object {
            file,
            tag,
            content: content.to_vec(),
        })
    }

    pub(super) fn run(self, context: Context<'_>) -> Answer {
        match self {
            Self::Key(key) => put_key::run(context, key),
            Self::Object { file, tag, content } => put_object(context, file, tag, content),
        }
    }
}

/// 6A82 where there is no such file, 6982 where it may not be written, 6A84 where there is no room.
fn put_object(mut context: Context<'_>, id: FileId, tag: Tag, content: Vec<u8>) -> Answer {
    let file = context.gids()?.data_files.get(&id);
    let attribute = file.ok_or(Status::NotFound)?.parameters.attribute.clone();
    access::may(&context, &attribute, Operation::Put)?;
    context.change(|gids| {
        let file = gids.data_files.get_mut(&id).ok_or(Status::NotFound)?;
        file.objects.insert(tag, Bytes(content));
        let is_full = file.objects.len() > OBJECTS_OF_FILE_MAX;
        if is_full || gids.objects_size() > OBJECTS_MAX {
            return Err(Status::NotEnoughMemory.into());
        }
        Ok(())
    })?;
    context.session.current = id;
    Ok(Status::Success.into())
}
