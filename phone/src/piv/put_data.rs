//! PUT DATA (SP 800-73-5 part 2, 3.3.1).

use card_edge::Status;
use card_edge::apdu::Command;
use card_edge::piv::{ObjectId, data};
use card_edge::tlv::Tag;

use super::context::Context;
use super::parameters::parameters;
use super::policy::OBJECTS_MAX;
use super::{access, object_content};
use crate::refusal::{Answer, malformed};
use crate::state::encoding::Bytes;

/// Replaces the object with this tag as a whole; an empty content clears it.
pub(super) struct PutData {
    tag: Tag,
    content: Vec<u8>,
}

impl PutData {
    pub(super) fn parse(command: &Command) -> Result<Self, Status> {
        parameters(command, (0x3F, 0xFF))?;
        let put = data::decode_put_data(&command.data).map_err(malformed)?;
        Ok(Self {
            tag: put.tag,
            content: put.content.to_vec(),
        })
    }

    /// The Discovery Object says which PINs the card has, so it is the card's own and refused with 6A81. Of the Key
    /// History Object the URL alone is the host's.
    pub(super) fn run(self, mut context: Context<'_>) -> Answer {
        access::may_administer(&context.session.security)?;
        let object = ObjectId::from_tag(self.tag).ok_or(Status::NotFound)?;
        if object == ObjectId::Discovery {
            return Err(Status::FunctionNotSupported);
        }
        object_content::may_be_written(object, &self.content)?;
        context.change(|state| {
            state.objects.remove(&self.tag);
            let others: usize = state.objects.values().map(|bytes| bytes.0.len()).sum();
            if others + self.content.len() > OBJECTS_MAX {
                return Err(Status::NotEnoughMemory.into());
            }
            if !self.content.is_empty() {
                state.objects.insert(self.tag, Bytes(self.content));
            }
            Ok(())
        })?;
        Ok(Status::Success.into())
    }
}
