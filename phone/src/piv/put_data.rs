//! PUT DATA (SP 800-73-5 part 2, 3.3.1).

use card_edge::Status;
use card_edge::piv::object::ObjectId;
use card_edge::tlv::Tag;

use super::{Outcome, PivApplication, status_of};
use crate::state::encoding::Bytes;

/// Most bytes that all objects may take together.
pub const OBJECTS_MAX: usize = 256 * 1024;

impl PivApplication {
    /// Replaces an object as a whole; one of length zero is cleared, and then is not there.
    ///
    /// The Discovery Object says which PINs the card has, so it is the card's own and refused with 6A81.
    pub(super) fn put_data(&mut self, tag: Tag, content: Vec<u8>) -> Outcome {
        self.security.may_administer()?;
        let object = ObjectId::from_tag(tag).ok_or(Status::NotFound)?;
        if object == ObjectId::Discovery {
            return Err(Status::FunctionNotSupported);
        }
        self.store
            .update(|state| {
                state.objects.remove(&tag);
                let others: usize = state.objects.values().map(|bytes| bytes.0.len()).sum();
                if others + content.len() > OBJECTS_MAX {
                    return Err(Status::NotEnoughMemory.into());
                }
                if !content.is_empty() {
                    state.objects.insert(tag, Bytes(content));
                }
                Ok(())
            })
            .map_err(status_of)?;
        Ok(Status::Success.into())
    }
}
