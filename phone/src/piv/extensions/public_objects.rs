//! Every public object in one answer, and what SELECT announces of them.

use card_edge::Status;
use card_edge::apdu::Response;
use card_edge::piv::extensions::{
    CardName, Digest, PublicObjects, PublicObjectsError, TAG_PUBLIC_OBJECTS,
};
use card_edge::piv::{ContactlessRule, ObjectId, ReadRule, data};

use super::name;
use crate::piv::object_content;
use crate::refusal::Answer;
use crate::state::{CardState, Store};

/// What a host is told of the public objects before it reads them.
#[derive(Clone)]
pub(crate) struct Summary {
    /// Their digest.
    pub(crate) digest: Digest,
    /// What it would call the card.
    pub(crate) name: Option<CardName>,
}

/// What was told at a revision of the state: SELECT is frequent, changes are not.
#[derive(Default)]
pub(crate) struct KnownSummary(Option<(u64, Summary)>);

/// The objects that anybody may read over this interface, in clear: whatever has been proved, it is the same set.
fn of(state: &CardState, is_strict: bool) -> Result<PublicObjects, Status> {
    let is_public = |object: &ObjectId| {
        object.read_rule() == ReadRule::Always
            && (!is_strict || object.contactless_rule() == ContactlessRule::Always)
    };
    let mut objects = Vec::new();
    for object in ObjectId::all().filter(is_public) {
        if let Some(content) = object_content::content(state, object)? {
            objects.push((object.tag(), content.into_owned()));
        }
    }
    Ok(PublicObjects::new(objects))
}

/// The answer to GET DATA of the set; 6A84 where it is too long for one.
pub(crate) fn answer(state: &CardState, is_strict: bool) -> Answer {
    let deflated = of(state, is_strict)?.deflate().map_err(status_of)?;
    data::encode_content(TAG_PUBLIC_OBJECTS, &deflated)
        .map(Response::success)
        .map_err(|_| Status::NotEnoughMemory)
}

impl KnownSummary {
    /// The summary of what is there now; an error where the set is too long for one answer.
    pub(crate) fn of(&mut self, store: &Store, is_strict: bool) -> Result<Summary, Status> {
        match &self.0 {
            Some((revision, summary)) if *revision == store.revision() => Ok(summary.clone()),
            _ => {
                let objects = of(store.state(), is_strict)?;
                // What cannot be given is not announced.
                objects.deflate().map_err(status_of)?;
                let summary = Summary {
                    digest: objects.digest().map_err(status_of)?,
                    name: name::of(&objects),
                };
                self.0 = Some((store.revision(), summary.clone()));
                Ok(summary)
            }
        }
    }
}

fn status_of(error: PublicObjectsError) -> Status {
    match error {
        PublicObjectsError::TooLong => Status::NotEnoughMemory,
        PublicObjectsError::Tlv(_)
        | PublicObjectsError::Compression
        | PublicObjectsError::Order(_) => Status::MemoryFailure,
    }
}
