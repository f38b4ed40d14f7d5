//! GET DATA (SP 800-73-5 part 2, 3.1.2).

use card_edge::Status;
use card_edge::apdu::{Command, Response};
use card_edge::piv::extensions::TAG_PUBLIC_OBJECTS;
use card_edge::piv::{ObjectId, data};
use card_edge::tlv::Tag;

use super::context::Context;
use super::extensions::public_objects;
use super::parameters::parameters;
use super::{access, object_content, path};
use crate::refusal::{Answer, malformed};

/// Asks for the object with this tag.
pub(super) struct GetData(Tag);

impl GetData {
    pub(super) fn parse(command: &Command) -> Result<Self, Status> {
        parameters(command, (0x3F, 0xFF))?;
        data::decode_get_data(&command.data)
            .map(Self)
            .map_err(malformed)
    }

    /// The object's content, wrapped as it must be; 6A82 where the card does not have it, 6982 where the way or the
    /// PIN is missing.
    pub(super) fn run(self, context: Context<'_>) -> Answer {
        if self.0 == TAG_PUBLIC_OBJECTS {
            return public_objects::answer(context.state(), path::is_strict(context.resources));
        }
        let object = ObjectId::from_tag(self.0).ok_or(Status::NotFound)?;
        access::may_ask_for_object(object, context.path())?;
        if is_unknown_to_tools(&context, object) {
            return Err(Status::NotFound);
        }
        let content = object_content::content(context.state(), object)?;
        let content = content.ok_or(Status::NotFound)?;
        access::may_read(&context.session.security, context.path(), object)?;
        // The host has asked rightly: it is the card that keeps what it cannot give.
        data::encode_content(self.0, &content)
            .map(Response::success)
            .map_err(|_| Status::MemoryFailure)
    }
}

/// The Key History Object that no host has written, to a host that selected by the RID alone: the library beneath
/// age-plugin-yubikey reads its tag as a certificate's, and lists no keys where it is there. The standard's hosts, which
/// give the application's identifier, get it.
fn is_unknown_to_tools(context: &Context<'_>, object: ObjectId) -> bool {
    object == ObjectId::KeyHistory
        && context.session.by_provider_alone
        && context.state().object(object).is_none()
}
