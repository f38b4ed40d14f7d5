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

    /// 6A81 for what is the card's own: the Discovery Object, which says what PINs it has, and the signer of the certificate
    /// of key 04, since no other signs that one; it can be cleared, and there is a new one. Of the Key History Object the URL
    /// alone is the host's.
    pub(super) fn run(self, mut context: Context<'_>) -> Answer {
        access::may_administer(&context.session.security)?;
        let object = ObjectId::from_tag(self.tag).ok_or(Status::NotFound)?;
        let is_of_card = match object {
            ObjectId::Discovery => true,
            ObjectId::SecureMessagingCertificateSigner => !self.content.is_empty(),
            _ => false,
        };
        if is_of_card {
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
