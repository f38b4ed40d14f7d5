//! GET DATA (SP 800-73-5 part 2, 3.1.2).

use card_edge::Status;
use card_edge::apdu::Response;
use card_edge::piv::data;
use card_edge::piv::object::ObjectId;
use card_edge::tlv::Tag;

use super::{Outcome, PivApplication, malformed};

impl PivApplication {
    /// The object's content, wrapped as it must be; 6A82 where the card does not have it.
    pub(super) fn get_data(&self, tag: Tag) -> Outcome {
        let object = ObjectId::from_tag(tag).ok_or(Status::NotFound)?;
        let content = self.store.state().object(object).ok_or(Status::NotFound)?;
        self.security.may_read(object)?;
        data::encode_content(tag, content)
            .map(Response::success)
            .map_err(malformed)
    }
}
